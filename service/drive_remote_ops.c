/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_remote_ops.c: the operations on the server, each in a session of its provider.
 */
#include "config.h"

#include "service/drive_remote.h"

#include <errno.h>
#include <stdlib.h>

#include <mpr/winerror.h>

#include "router/mpr_wire.h"
#include "router/mpr_worker_session.h"

/* A provider's paths have no '/' before them. */
static const char *inner(const char *path) {
    while (*path == '/')
        path++;
    return path;
}

/* An operation in any session that is free. */
#define IN_A_SESSION(drive, op, ...)                                                               \
    struct drive_turn turn;                                                                        \
    int rc = (drive)->np->table->op ? drive_turn_begin((drive), NULL, false, &turn) : -ENOTSUP;    \
                                                                                                   \
    if (rc == 0)                                                                                   \
        rc = (int)drive_turn_end(&turn,                                                            \
                                 (drive)->np->table->op(turn.handle, &turn.call, __VA_ARGS__));    \
    return rc

/* One on an open file, in the session that has it. */
#define ON_A_FILE(drive, type, file_, transfer, op, ...)                                           \
    struct drive_turn turn;                                                                        \
    type rc = (drive)->np->table->op                                                               \
                  ? drive_turn_begin((drive), (file_)->session, (transfer), &turn)                 \
                  : -ENOTSUP;                                                                      \
                                                                                                   \
    if (rc == 0)                                                                                   \
    rc = (type)drive_turn_end(&turn, (drive)->np->table->op(turn.handle, &turn.call, __VA_ARGS__))

/* ---- open files */

static void count_file(struct drive *drive, struct drive_session *session, int change) {
    mpr_lock(&drive->remote->lock);
    session->files += (unsigned)change;
    mpr_unlock(&drive->remote->lock);
}

static int keep_file(struct drive_turn *turn, int rc, struct drive_file *file, void *handle,
                     struct drive_file **ret_file) {
    if (rc == 0)
        count_file(turn->drive, turn->session, 1);
    rc = (int)drive_turn_end(turn, rc);
    if (rc) {
        free(file);
        return rc;
    }
    file->session = turn->session;
    file->file = handle;
    *ret_file = file;
    return 0;
}

static int begin_file(struct drive *drive, struct drive_turn *turn, struct drive_file **ret_file) {
    struct drive_file *file = malloc(sizeof *file);
    int rc = file ? drive_turn_begin(drive, NULL, false, turn) : -ENOMEM;

    if (rc)
        free(file);
    else
        *ret_file = file;
    return rc;
}

int drive_remote_open(struct drive *drive, const char *path, int flags, uint32_t mode,
                      struct drive_file **ret_file) {
    struct drive_file *file;
    struct drive_turn turn;
    void *handle = NULL;
    int rc;

    if (!drive->np->table->open)
        return -ENOTSUP;
    rc = begin_file(drive, &turn, &file);
    if (rc)
        return rc;
    rc = drive->np->table->open(turn.handle, &turn.call, inner(path), flags, mode, &handle);
    return keep_file(&turn, rc, file, handle, ret_file);
}

int drive_remote_print(struct drive *drive, const char *document, struct drive_file **ret_file) {
    struct drive_file *file;
    struct drive_turn turn;
    void *handle = NULL;
    int rc;

    if (!drive->np->table->print)
        return -ENOTSUP;
    rc = begin_file(drive, &turn, &file);
    if (rc)
        return rc;
    rc = drive->np->table->print(turn.handle, &turn.call, document, &handle);
    return keep_file(&turn, rc, file, handle, ret_file);
}

int drive_remote_close(struct drive *drive, struct drive_file *file) {
    ON_A_FILE(drive, int, file, false, close, file->file);

    if (drive->remote)
        count_file(drive, file->session, -1);
    free(file);
    return rc;
}

int64_t drive_remote_pread(struct drive *drive, struct drive_file *file, void *data, size_t size,
                           uint64_t offset) {
    ON_A_FILE(drive, int64_t, file, true, pread, file->file, data, size, offset);

    if (rc > 0)
        atomic_fetch_add(&drive->bytes_read, (uint64_t)rc);
    return rc;
}

int64_t drive_remote_pwrite(struct drive *drive, struct drive_file *file, const void *data,
                            size_t size, uint64_t offset) {
    ON_A_FILE(drive, int64_t, file, true, pwrite, file->file, data, size, offset);

    if (rc > 0)
        atomic_fetch_add(&drive->bytes_written, (uint64_t)rc);
    return rc;
}

int drive_remote_fsync(struct drive *drive, struct drive_file *file) {
    ON_A_FILE(drive, int, file, true, fsync, file->file);

    return rc;
}

int drive_remote_ftruncate(struct drive *drive, struct drive_file *file, uint64_t size) {
    ON_A_FILE(drive, int, file, false, truncate, "", file->file, size);

    return rc;
}

int drive_remote_fstat(struct drive *drive, struct drive_file *file, struct mpr_stat *ret) {
    ON_A_FILE(drive, int, file, false, fstat, file->file, ret);

    return rc;
}

/* ---- names */

int drive_remote_stat_target(struct drive *drive, const char *path, struct mpr_stat *ret) {
    IN_A_SESSION(drive, stat, inner(path), ret);
}

static int ask_lstat(struct drive *drive, const char *path, struct mpr_stat *ret) {
    IN_A_SESSION(drive, lstat, inner(path), ret);
}

/* Whether a module in a worker has it is known only when that was asked. */
int drive_remote_stat(struct drive *drive, const char *path, struct mpr_stat *ret) {
    int rc = atomic_load(&drive->remote->no_lstat) ? -ENOTSUP : ask_lstat(drive, path, ret);

    if (rc != -ENOTSUP)
        return rc;
    atomic_store(&drive->remote->no_lstat, true);
    return drive_remote_stat_target(drive, path, ret);
}

int drive_remote_truncate(struct drive *drive, const char *path, uint64_t size) {
    IN_A_SESSION(drive, truncate, inner(path), NULL, size);
}

int drive_remote_readdir(struct drive *drive, const char *path, mpr_dirent_fn fn, void *context) {
    IN_A_SESSION(drive, readdir, inner(path), fn, context);
}

int drive_remote_mkdir(struct drive *drive, const char *path, uint32_t mode) {
    IN_A_SESSION(drive, mkdir, inner(path), mode);
}

int drive_remote_rmdir(struct drive *drive, const char *path) {
    IN_A_SESSION(drive, rmdir, inner(path));
}

int drive_remote_unlink(struct drive *drive, const char *path) {
    IN_A_SESSION(drive, unlink, inner(path));
}

int drive_remote_rename(struct drive *drive, const char *from, const char *to) {
    IN_A_SESSION(drive, rename, inner(from), inner(to));
}

int drive_remote_link(struct drive *drive, const char *from, const char *to) {
    IN_A_SESSION(drive, link, inner(from), inner(to));
}

int drive_remote_symlink(struct drive *drive, const char *target, const char *path) {
    IN_A_SESSION(drive, symlink, target, inner(path));
}

int drive_remote_readlink(struct drive *drive, const char *path, char *buffer, size_t size) {
    IN_A_SESSION(drive, readlink, inner(path), buffer, size);
}

int drive_remote_chmod(struct drive *drive, const char *path, uint32_t mode) {
    IN_A_SESSION(drive, chmod, inner(path), mode);
}

int drive_remote_chown(struct drive *drive, const char *path, uint32_t uid, uint32_t gid) {
    IN_A_SESSION(drive, chown, inner(path), uid, gid);
}

int drive_remote_utimens(struct drive *drive, const char *path, int64_t atime_ns,
                         int64_t mtime_ns) {
    IN_A_SESSION(drive, utimens, inner(path), atime_ns, mtime_ns);
}

int drive_remote_statvfs(struct drive *drive, const char *path, struct mpr_statvfs *ret) {
    IN_A_SESSION(drive, statvfs, inner(path), ret);
}

/* ---- the session itself */

/* Its code is of the other world, and says nothing about the server. */
static uint32_t end_with_code(struct drive_turn *turn, uint32_t code) {
    drive_turn_end(turn, code == NO_ERROR ? 0 : -EIO);
    return code;
}

uint32_t drive_remote_user(struct drive *drive, const struct mpr_call *call, char *buffer,
                           size_t size) {
    struct drive_turn turn;
    int rc;

    if (!drive->np->table->user)
        return ERROR_NOT_SUPPORTED;
    drive_turn_for(call);
    rc = drive_turn_begin(drive, NULL, false, &turn);
    if (rc == 0)
        rc = (int)end_with_code(&turn,
                                drive->np->table->user(turn.handle, &turn.call, buffer, size));
    drive_turn_for(NULL);
    return rc < 0 ? mpr_worker_code_of(-rc) : (uint32_t)rc;
}

uint32_t drive_remote_performance(struct drive *drive, const struct mpr_call *call,
                                  struct mpr_performance *ret) {
    struct drive_turn turn;
    int rc;

    if (!drive->np->table->performance)
        return ERROR_NOT_SUPPORTED;
    drive_turn_for(call);
    rc = drive_turn_begin(drive, NULL, false, &turn);
    if (rc == 0)
        rc = (int)end_with_code(&turn, drive->np->table->performance(turn.handle, &turn.call, ret));
    drive_turn_for(NULL);
    return rc < 0 ? mpr_worker_code_of(-rc) : (uint32_t)rc;
}
