/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_proc.c: one row per remote procedure.
 */
#include "config.h"

#include "providers/nfs/nfs_proc.h"

#include <netinet/in.h>
#include <nfsc/libnfs-raw-mount.h>
#include <nfsc/libnfs-raw-nfs.h>
#include <nfsc/libnfs-raw-portmap.h>
#include <nfsc/libnfs-raw.h>

static int send_getport(struct rpc_context *rpc, rpc_cb callback, void *args, void *data) {
    const struct nfs_getport *wanted = args;

    return rpc_pmap2_getport_async(rpc, (int)wanted->program, (int)wanted->version, IPPROTO_TCP,
                                   callback, data);
}

static int send_mnt(struct rpc_context *rpc, rpc_cb callback, void *args, void *data) {
    return rpc_mount3_mnt_async(rpc, callback, args, data);
}

static int send_umnt(struct rpc_context *rpc, rpc_cb callback, void *args, void *data) {
    return rpc_mount3_umnt_async(rpc, callback, args, data);
}

static int send_export(struct rpc_context *rpc, rpc_cb callback, void *args, void *data) {
    (void)args;
    return rpc_mount3_export_async(rpc, callback, data);
}

const struct nfs_procedure nfs_proc_getport = {"PMAPPROC_GETPORT", send_getport, true, false};
const struct nfs_procedure nfs_proc_mnt = {"MNT", send_mnt, true, true};
const struct nfs_procedure nfs_proc_umnt = {"UMNT", send_umnt, false, false};
const struct nfs_procedure nfs_proc_export = {"EXPORT", send_export, true, false};

/* libnfs has a function of its own type for each procedure of NFS. */
#define PROCEDURE(object, name, function, replay)                                                  \
    static int send_##object(struct rpc_context *rpc, rpc_cb callback, void *args, void *data) {   \
        return function(rpc, callback, args, data);                                                \
    }                                                                                              \
    const struct nfs_procedure nfs_proc_##object = {name, send_##object, replay, true};

PROCEDURE(getattr, "GETATTR", rpc_nfs3_getattr_async, true)
PROCEDURE(setattr, "SETATTR", rpc_nfs3_setattr_async, true)
PROCEDURE(lookup, "LOOKUP", rpc_nfs3_lookup_async, true)
PROCEDURE(access, "ACCESS", rpc_nfs3_access_async, true)
PROCEDURE(readlink, "READLINK", rpc_nfs3_readlink_async, true)
PROCEDURE(read, "READ", rpc_nfs3_read_async, true)
PROCEDURE(write, "WRITE", rpc_nfs3_write_async, true)
PROCEDURE(commit, "COMMIT", rpc_nfs3_commit_async, true)
PROCEDURE(create, "CREATE", rpc_nfs3_create_async, true)
PROCEDURE(create_exclusive, "CREATE", rpc_nfs3_create_async, false)
PROCEDURE(mkdir, "MKDIR", rpc_nfs3_mkdir_async, false)
PROCEDURE(symlink, "SYMLINK", rpc_nfs3_symlink_async, false)
PROCEDURE(remove, "REMOVE", rpc_nfs3_remove_async, false)
PROCEDURE(rmdir, "RMDIR", rpc_nfs3_rmdir_async, false)
PROCEDURE(rename, "RENAME", rpc_nfs3_rename_async, false)
PROCEDURE(link, "LINK", rpc_nfs3_link_async, false)
PROCEDURE(readdirplus, "READDIRPLUS", rpc_nfs3_readdirplus_async, true)
PROCEDURE(readdir, "READDIR", rpc_nfs3_readdir_async, true)
PROCEDURE(fsstat, "FSSTAT", rpc_nfs3_fsstat_async, true)
PROCEDURE(fsinfo, "FSINFO", rpc_nfs3_fsinfo_async, true)
PROCEDURE(pathconf, "PATHCONF", rpc_nfs3_pathconf_async, true)
