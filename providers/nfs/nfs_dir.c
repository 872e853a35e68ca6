/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_dir.c: names that come, go and change.
 *
 * None of these is replayed after a lost connection: the second attempt would
 * fail because the first was carried out. -EIO then means that nobody knows.
 */
#include "config.h"

#include "providers/nfs/nfs_dir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "providers/nfs/nfs_attr.h"
#include "providers/nfs/nfs_silly.h"
#include "providers/nfs/nfs_walk.h"

static diropargs3 arguments_of(struct nfs_place *place) {
    return (diropargs3){.dir = nfs_handle_fh3(&place->directory), .name = place->name};
}

int nfs_dir_mkdir(struct nfs_session *session, const struct mpr_call *call, const char *path,
                  uint32_t mode) {
    struct nfs_place place;
    MKDIR3args args;
    int rc = nfs_walk_place(session, call, path, false, -EEXIST, &place);

    if (rc)
        return nfs_errno(rc);
    args = (MKDIR3args){.where = arguments_of(&place), .attributes = nfs_attr_mode(mode)};
    rc = nfs_call(session->line, call, &nfs_proc_mkdir, &args, NULL, NULL);
    nfs_place_clear(&place);
    return nfs_errno(rc);
}

int nfs_dir_rmdir(struct nfs_session *session, const struct mpr_call *call, const char *path) {
    struct nfs_place place;
    RMDIR3args args;
    int rc = nfs_walk_place(session, call, path, false, -EBUSY, &place);

    if (rc)
        return nfs_errno(rc);
    args = (RMDIR3args){.object = arguments_of(&place)};
    rc = nfs_call(session->line, call, &nfs_proc_rmdir, &args, NULL, NULL);
    nfs_known_forget(&session->known, &place.directory, place.name);
    nfs_place_clear(&place);
    return nfs_errno(rc);
}

int nfs_dir_unlink(struct nfs_session *session, const struct mpr_call *call, const char *path) {
    struct nfs_inode *kept;
    struct nfs_place place;
    REMOVE3args args;
    int rc = nfs_walk_place(session, call, path, false, -EISDIR, &place);

    if (rc)
        return nfs_errno(rc);
    kept = nfs_silly_keep(session, call, &place);
    args = (REMOVE3args){.object = arguments_of(&place)};
    rc = nfs_call(session->line, call, &nfs_proc_remove, &args, NULL, NULL);
    nfs_session_changed(session);
    nfs_silly_done(kept, call, !rc);
    nfs_place_clear(&place);
    return nfs_errno(rc);
}

int nfs_dir_rename(struct nfs_session *session, const struct mpr_call *call, const char *from,
                   const char *to) {
    struct nfs_place source, target;
    RENAME3args args;
    int rc = nfs_walk_place(session, call, from, false, -EBUSY, &source);

    if (rc)
        return nfs_errno(rc);
    rc = nfs_walk_place(session, call, to, false, -EBUSY, &target);
    if (!rc) {
        struct nfs_inode *kept = nfs_silly_keep(session, call, &target);

        args = (RENAME3args){.from = arguments_of(&source), .to = arguments_of(&target)};
        rc = nfs_call(session->line, call, &nfs_proc_rename, &args, NULL, NULL);
        nfs_known_forget(&session->known, &source.directory, source.name);
        nfs_known_forget(&session->known, &target.directory, target.name);
        nfs_session_changed(session);
        nfs_silly_done(kept, call, !rc);
        nfs_place_clear(&target);
    }
    nfs_place_clear(&source);
    return nfs_errno(rc);
}

int nfs_dir_link(struct nfs_session *session, const struct mpr_call *call, const char *from,
                 const char *to) {
    struct nfs_place target;
    struct nfs_node source;
    LINK3args args;
    int rc = nfs_walk(session, call, from, false, &source);

    if (rc)
        return nfs_errno(rc);
    rc = nfs_walk_place(session, call, to, false, -EEXIST, &target);
    if (rc)
        return nfs_errno(rc);
    args = (LINK3args){.file = nfs_handle_fh3(&source.handle), .link = arguments_of(&target)};
    rc = nfs_call(session->line, call, &nfs_proc_link, &args, NULL, NULL);
    nfs_session_changed(session);
    nfs_place_clear(&target);
    return nfs_errno(rc);
}

int nfs_dir_symlink(struct nfs_session *session, const struct mpr_call *call, const char *target,
                    const char *path) {
    SYMLINK3args args = {0};
    struct nfs_place place;
    int rc = nfs_walk_place(session, call, path, false, -EEXIST, &place);

    if (rc)
        return nfs_errno(rc);
    args.where = arguments_of(&place);
    args.symlink.symlink_attributes = nfs_attr_mode(0777);
    args.symlink.symlink_data = strdup(target);
    rc = args.symlink.symlink_data
             ? nfs_call(session->line, call, &nfs_proc_symlink, &args, NULL, NULL)
             : -ENOMEM;
    free(args.symlink.symlink_data);
    nfs_place_clear(&place);
    return nfs_errno(rc);
}

int nfs_dir_readlink(struct nfs_session *session, const struct mpr_call *call, const char *path,
                     char *buffer, size_t size) {
    struct nfs_node node;
    char *target;
    int rc = nfs_walk(session, call, path, false, &node);

    if (!rc && !S_ISLNK(node.stat.mode))
        rc = -EINVAL;
    if (!rc)
        rc = nfs_get_link(session, call, &node.handle, &target);
    if (rc)
        return nfs_errno(rc);
    if (strlen(target) < size)
        memcpy(buffer, target, strlen(target) + 1);
    else
        rc = -ERANGE;
    free(target);
    return rc;
}
