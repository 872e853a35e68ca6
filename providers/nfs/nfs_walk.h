/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_walk.h: from paths to file handles.
 *
 * NFS servers look up one name in one directory. Symbolic links are text to
 * them, so they are followed here: relative ones from where they lie, absolute
 * ones if they begin with the path that this session is connected to. A link
 * that leads out of the connection gives -EXDEV: there is no local file system
 * around it that it could mean. After 40 links -ELOOP.
 *
 * The last name is asked for each time, so that what others do on the server is
 * seen at once; directories before it are remembered for a moment (nfs_known.h).
 * A directory that is gone meanwhile makes a walk ask for all of it again; who
 * finds it gone only when he makes or removes a name there begins anew himself.
 */
#ifndef NFS_WALK_H
#define NFS_WALK_H

#include "providers/nfs/nfs_session.h"

/**
 * Finds path. follow: also a link in the last place.
 *
 * Returns 0 and the node with attributes; or a result of the server or -errno.
 */
int nfs_walk(struct nfs_session *session, const struct mpr_call *call, const char *path,
             bool follow, struct nfs_node *ret_node);

/** Where something is to be made or removed: a directory and a name in it. */
struct nfs_place {
    struct nfs_handle directory;
    char *name; /**< free with nfs_place_clear */
};

/**
 * Finds the directory of path's last component, which need not exist. follow:
 * a link in the last place stands for the place of its target.
 *
 * root  the -errno for a path that is the root of the session.
 */
int nfs_walk_place(struct nfs_session *session, const struct mpr_call *call, const char *path,
                   bool follow, int root, struct nfs_place *ret_place);

void nfs_place_clear(struct nfs_place *place);

/** One LOOKUP, with GETATTR if the server sends no attributes along. */
int nfs_lookup(struct nfs_session *session, const struct mpr_call *call,
               struct nfs_handle *directory, char *name, struct nfs_node *ret_node);

int nfs_getattr(struct nfs_session *session, const struct mpr_call *call, struct nfs_handle *handle,
                struct mpr_stat *ret_stat);

/** The text of a link, to be freed. */
int nfs_get_link(struct nfs_session *session, const struct mpr_call *call,
                 struct nfs_handle *handle, char **ret_target);

#endif
