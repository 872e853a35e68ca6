/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_dir.h: directories and names. All return 0 or -errno.
 */
#ifndef SFTP_DIR_H
#define SFTP_DIR_H

#include "providers/sftp/sftp_session.h"

/** Attributes are those of the entries themselves: a symbolic link is shown as one. */
int sftp_dir_readdir(const struct sftp_op *op, const char *path, mpr_dirent_fn fn, void *context);
int sftp_dir_mkdir(const struct sftp_op *op, const char *path, uint32_t mode);
int sftp_dir_rmdir(const struct sftp_op *op, const char *path);
int sftp_dir_unlink(const struct sftp_op *op, const char *path);
/** Without posix-rename@openssh.com a server does not replace: -EEXIST then. */
int sftp_dir_rename(const struct sftp_op *op, const char *from, const char *to);
/** -ENOTSUP without hardlink@openssh.com. */
int sftp_dir_link(const struct sftp_op *op, const char *from, const char *to);
int sftp_dir_symlink(const struct sftp_op *op, const char *target, const char *path);
int sftp_dir_readlink(const struct sftp_op *op, const char *path, char *buffer, size_t size);

#endif
