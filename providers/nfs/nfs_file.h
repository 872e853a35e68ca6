/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_file.h: open files. Signatures and results as in mpr/provider.h.
 */
#ifndef NFS_FILE_H
#define NFS_FILE_H

#include "providers/nfs/nfs_inode.h"

struct nfs_file {
    struct nfs_file *next, **link; /* in the session's list */
    struct nfs_session *session;
    struct nfs_inode *inode;
    bool reads, writes;
};

int nfs_file_open(struct nfs_session *session, const struct mpr_call *call, const char *path,
                  int flags, uint32_t mode, void **ret_file);
int nfs_file_close(struct nfs_file *file, const struct mpr_call *call);
int64_t nfs_file_read(struct nfs_file *file, const struct mpr_call *call, void *data, size_t size,
                      uint64_t offset);
int64_t nfs_file_write(struct nfs_file *file, const struct mpr_call *call, const void *data,
                       size_t size, uint64_t offset);
int nfs_file_stat(struct nfs_file *file, const struct mpr_call *call, struct mpr_stat *ret_stat);
int nfs_file_truncate(struct nfs_file *file, const struct mpr_call *call, uint64_t size);

/** Frees what is still open when the session ends; nothing is sent. */
void nfs_file_free_all(struct nfs_session *session);

#endif
