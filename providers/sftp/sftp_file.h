/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_file.h: open files.
 */
#ifndef SFTP_FILE_H
#define SFTP_FILE_H

#include "providers/sftp/sftp_explain.h"

struct sftp_file {
    struct sftp_file *next, **link; /* among the session's, under its lock */
    struct sftp_line *line;         /**< where the handle is good */
    struct sftp_handle handle;
    atomic_bool dirty; /**< written since the last fsync */
    char path[];
};

/* All but the two transfers return 0 or -errno. */

int sftp_file_open(const struct sftp_op *op, const char *path, int flags, uint32_t mode,
                   void **ret_file);
/** The file is gone whatever is returned. */
int sftp_file_close(const struct sftp_op *op, struct sftp_file *file);
int sftp_file_sync(const struct sftp_op *op, struct sftp_file *file);
int sftp_file_truncate(const struct sftp_op *op, struct sftp_file *file, uint64_t size);
int sftp_file_stat(const struct sftp_op *op, struct sftp_file *file, struct mpr_stat *ret);

/**
 * Several requests are under way at a time. Each answer moves the end of the call
 * on: a slow link is not a dead one.
 */
int64_t sftp_file_read(const struct sftp_op *op, struct sftp_file *file, void *data, size_t size,
                       uint64_t offset);
int64_t sftp_file_write(const struct sftp_op *op, struct sftp_file *file, const void *data,
                        size_t size, uint64_t offset);

/** Frees the files of a session that is over. */
void sftp_file_free_all(struct sftp_session *session);

/** What a file operation returns for a result of a request: -errno. */
int sftp_file_errno(const struct sftp_op *op, enum sftp_did did, const struct sftp_file *file,
                    int result);

#endif
