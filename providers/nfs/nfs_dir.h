/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_dir.h: what is in directories. Signatures and results as in
 * mpr/provider.h.
 */
#ifndef NFS_DIR_H
#define NFS_DIR_H

#include "providers/nfs/nfs_session.h"

int nfs_dir_read(struct nfs_session *session, const struct mpr_call *call, const char *path,
                 mpr_dirent_fn fn, void *context);
int nfs_dir_mkdir(struct nfs_session *session, const struct mpr_call *call, const char *path,
                  uint32_t mode);
int nfs_dir_rmdir(struct nfs_session *session, const struct mpr_call *call, const char *path);
int nfs_dir_unlink(struct nfs_session *session, const struct mpr_call *call, const char *path);
int nfs_dir_rename(struct nfs_session *session, const struct mpr_call *call, const char *from,
                   const char *to);
int nfs_dir_link(struct nfs_session *session, const struct mpr_call *call, const char *from,
                 const char *to);
int nfs_dir_symlink(struct nfs_session *session, const struct mpr_call *call, const char *target,
                    const char *path);
int nfs_dir_readlink(struct nfs_session *session, const struct mpr_call *call, const char *path,
                     char *buffer, size_t size);

#endif
