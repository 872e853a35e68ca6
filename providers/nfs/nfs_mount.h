/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_mount.h: port mapper and mount service: from a name to a file handle.
 */
#ifndef NFS_MOUNT_H
#define NFS_MOUNT_H

#include "providers/nfs/nfs_session.h"

/** One attempt to reach a server: for whom, until when, and the words for it. */
struct nfs_attempt {
    const struct mpr_call *call;
    const struct nfs_name *name;
    const struct nfs_identity *identity;
    const char *task; /**< "Connecting to srv:/export as uid 0, gid 0" */
    bool answered;    /**< a session of this protocol came up: failures are ours now */
    int64_t began_ns;
    struct nfs_failure *failure; /**< filled when a function below returns false */
};

/** What the mount service gave. */
struct nfs_mounted {
    uint16_t nfs_port, mount_port;
    char address[64];         /**< numeric: of the server that gave the handle */
    struct nfs_handle handle; /**< of path */
    char path[MPR_KEY_MAX];   /**< what was mounted: name's path or an export above it */
    const char *rest;         /**< what of name's path is left below, without '/' before it */
};

/** An export that a server lists. */
struct nfs_export {
    struct nfs_export *next;
    char *groups; /**< for whom, or "everyone"; behind path */
    char path[];
};

/** Asks for the handle of the name's path, or of the export that it lies in. */
bool nfs_mount_name(struct nfs_attempt *attempt, struct nfs_mounted *ret_mounted);

/** The exports of the name's server; free with nfs_exports_free. May be none. */
bool nfs_mount_exports(struct nfs_attempt *attempt, struct nfs_export **ret_exports);
void nfs_exports_free(struct nfs_export *exports);

/** The export with the longest path that path lies in, or NULL. */
const struct nfs_export *nfs_exports_find(const struct nfs_export *exports, const char *path);

/** Tells the mount service, as a courtesy. */
void nfs_mount_undo(const char *address, uint16_t port, const struct nfs_identity *identity,
                    char *path, const struct mpr_call *call);

/**
 * Words for a call that got no answer: rc as of nfs_call, what as "the mount
 * service". Always returns false.
 */
bool nfs_attempt_no_answer(struct nfs_attempt *attempt, const char *what, uint16_t port, int rc,
                           const char *detail);

/** Words for a connection that did not come up. Always returns false. */
bool nfs_attempt_no_line(struct nfs_attempt *attempt, const char *what, uint16_t port,
                         const struct np_failure *failure);

#endif
