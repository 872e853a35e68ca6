/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_ops.h: the operations of the worker's table; provider.h says what they do.
 */
#ifndef SMB_OPS_H
#define SMB_OPS_H

#include <mpr/provider.h>

/* smb_connect.c */
enum mpr_answer smb_connect(void *state, const struct mpr_call *call,
                            const struct mpr_connect *args, void **ret_session, uint32_t *ret_code);
uint32_t smb_disconnect(void *session, const struct mpr_call *call, int force);
void smb_abort(void *session);
uint32_t smb_user(void *session, const struct mpr_call *call, char *buffer, size_t size);

/* smb_browse.c */
enum mpr_answer smb_list(void *state, const struct mpr_call *call, const char *container,
                         uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                         uint32_t *ret_code);
enum mpr_answer smb_information(void *state, const struct mpr_call *call, const char *remote,
                                uint32_t type, mpr_resource_fn fn, void *context, size_t *ret_rest,
                                uint32_t *ret_code);

/* smb_measure.c */
uint32_t smb_performance(void *session, const struct mpr_call *call, struct mpr_performance *ret);

/* smb_file.c */
int smb_open(void *session, const struct mpr_call *call, const char *path, int flags, uint32_t mode,
             void **ret_file);
int smb_close(void *session, const struct mpr_call *call, void *file);
int64_t smb_pread(void *session, const struct mpr_call *call, void *file, void *data, size_t size,
                  uint64_t offset);
int64_t smb_pwrite(void *session, const struct mpr_call *call, void *file, const void *data,
                   size_t size, uint64_t offset);
int smb_fsync(void *session, const struct mpr_call *call, void *file);
int smb_truncate(void *session, const struct mpr_call *call, const char *path, void *file,
                 uint64_t size);
int smb_fstat(void *session, const struct mpr_call *call, void *file, struct mpr_stat *ret);
int smb_print(void *session, const struct mpr_call *call, const char *document, void **ret_file);

/* smb_path.c */
int smb_stat(void *session, const struct mpr_call *call, const char *path, struct mpr_stat *ret);
int smb_readdir(void *session, const struct mpr_call *call, const char *path, mpr_dirent_fn fn,
                void *context);
int smb_mkdir(void *session, const struct mpr_call *call, const char *path, uint32_t mode);
int smb_rmdir(void *session, const struct mpr_call *call, const char *path);
int smb_unlink(void *session, const struct mpr_call *call, const char *path);
int smb_rename(void *session, const struct mpr_call *call, const char *from, const char *to);
int smb_chmod(void *session, const struct mpr_call *call, const char *path, uint32_t mode);
int smb_utimens(void *session, const struct mpr_call *call, const char *path, int64_t atime_ns,
                int64_t mtime_ns);
int smb_statvfs(void *session, const struct mpr_call *call, const char *path,
                struct mpr_statvfs *ret);

#endif
