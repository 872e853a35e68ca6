/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_attr.h: attributes of files, and of the file system.
 *
 * All of these but lstat follow a symbolic link in the last place, as their POSIX
 * namesakes do.
 */
#ifndef SFTP_ATTR_H
#define SFTP_ATTR_H

#include "providers/sftp/sftp_session.h"

/** Asks with SFTP_STAT or SFTP_LSTAT. Returns 0, a status, or -errno. */
int sftp_attr_get(const struct sftp_op *op, enum sftp_type type, const char *path,
                  struct sftp_attrs *ret);
/** Of an open file. Returns 0, a status, or -errno. */
int sftp_attr_get_open(const struct sftp_op *op, const struct sftp_handle *handle,
                       struct sftp_attrs *ret);
/** What statvfs@openssh.com says of path. */
struct sftp_space {
    struct mpr_statvfs facts;
    uint64_t id; /**< of the file system */
};

/** Returns 0, a status (SFTP_UNSUPPORTED if the server cannot say it), or -errno. */
int sftp_attr_space(const struct sftp_op *op, const char *path, struct sftp_space *ret);

/* The operations of the table: 0 or -errno. */

int sftp_attr_stat(const struct sftp_op *op, const char *path, struct mpr_stat *ret);
int sftp_attr_lstat(const struct sftp_op *op, const char *path, struct mpr_stat *ret);
int sftp_attr_truncate(const struct sftp_op *op, const char *path, uint64_t size);
int sftp_attr_chmod(const struct sftp_op *op, const char *path, uint32_t mode);
int sftp_attr_chown(const struct sftp_op *op, const char *path, uint32_t uid, uint32_t gid);
int sftp_attr_utimens(const struct sftp_op *op, const char *path, int64_t atime_ns,
                      int64_t mtime_ns);
int sftp_attr_statvfs(const struct sftp_op *op, const char *path, struct mpr_statvfs *ret);

#endif
