/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_proc.h: the remote procedures that this provider uses, as data.
 */
#ifndef NFS_PROC_H
#define NFS_PROC_H

#include <nfsc/libnfs.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>

/** Arguments of nfs_proc_getport. */
struct nfs_getport {
    uint32_t program;
    uint32_t version;
};

/** A remote procedure. */
struct nfs_procedure {
    const char *name; /**< as the RFC spells it */
    /** Queues a call in libnfs; args are encoded before it returns. Returns 0 or not. */
    int (*send)(struct rpc_context *rpc, rpc_cb callback, void *args, void *data);
    bool replay; /**< may be sent again when nobody knows whether it was carried out */
    bool status; /**< the reply begins with a status, and 0 is good */
};

/* Arguments: struct nfs_getport. */
extern const struct nfs_procedure nfs_proc_getport;
/* Arguments: the path, char *; none for EXPORT. */
extern const struct nfs_procedure nfs_proc_mnt, nfs_proc_umnt, nfs_proc_export;
/* Arguments: struct GETATTR3args and so on. */
extern const struct nfs_procedure nfs_proc_getattr, nfs_proc_setattr, nfs_proc_lookup,
    nfs_proc_access, nfs_proc_readlink, nfs_proc_read, nfs_proc_write, nfs_proc_commit,
    nfs_proc_mkdir, nfs_proc_symlink, nfs_proc_remove, nfs_proc_rmdir, nfs_proc_rename,
    nfs_proc_link, nfs_proc_readdirplus, nfs_proc_readdir, nfs_proc_fsstat, nfs_proc_fsinfo,
    nfs_proc_pathconf;
/* CREATE twice: where an existing file is as good as a new one it may be replayed. */
extern const struct nfs_procedure nfs_proc_create, nfs_proc_create_exclusive;

#endif
