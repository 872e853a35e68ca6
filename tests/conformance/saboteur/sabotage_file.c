/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_file.c: faults of opening files and of their bytes.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/conformance/saboteur/saboteur.h"

#define KIB 1024u

/* ---- open and close */

static int open_changed(void *session, const struct mpr_call *call, const char *path, int flags,
                        uint32_t mode, void **ret_file) {
    return honest->open(session, call, path, flags & ~O_EXCL, mode, ret_file);
}

static void ignore_excl(struct mpr_provider *table) {
    table->open = open_changed;
}

static int open_always_new(void *session, const struct mpr_call *call, const char *path, int flags,
                           uint32_t mode, void **ret_file) {
    return honest->open(session, call, path, flags & O_CREAT ? flags | O_TRUNC : flags, mode,
                        ret_file);
}

static void create_truncates(struct mpr_provider *table) {
    table->open = open_always_new;
}

static int open_as_it_is(void *session, const struct mpr_call *call, const char *path, int flags,
                         uint32_t mode, void **ret_file) {
    return honest->open(session, call, path, flags & ~O_TRUNC, mode, ret_file);
}

static void ignore_trunc(struct mpr_provider *table) {
    table->open = open_as_it_is;
}

static int open_not_found(void *session, const struct mpr_call *call, const char *path, int flags,
                          uint32_t mode, void **ret_file) {
    int rc = honest->open(session, call, path, flags, mode, ret_file);

    return rc == -EISDIR ? -ENOENT : rc;
}

static void directory_not_found(struct mpr_provider *table) {
    table->open = open_not_found;
}

static int open_also_to_read(void *session, const struct mpr_call *call, const char *path,
                             int flags, uint32_t mode, void **ret_file) {
    if ((flags & O_ACCMODE) == O_WRONLY)
        flags = (flags & ~O_ACCMODE) | O_RDWR;
    return honest->open(session, call, path, flags, mode, ret_file);
}

static void write_means_read(struct mpr_provider *table) {
    table->open = open_also_to_read;
}

static int open_for_all(void *session, const struct mpr_call *call, const char *path, int flags,
                        uint32_t mode, void **ret_file) {
    (void)mode;
    return honest->open(session, call, path, flags, 0666, ret_file);
}

static void lose_mode(struct mpr_provider *table) {
    table->open = open_for_all;
}

static int open_and_write(void *session, const struct mpr_call *call, const char *path, int flags,
                          uint32_t mode, void **ret_file) {
    *ret_file = NULL;
    return honest->open(session, call, path, flags, mode, ret_file);
}

static void write_result_first(struct mpr_provider *table) {
    table->open = open_and_write;
}

static int open_invalid(void *session, const struct mpr_call *call, const char *path, int flags,
                        uint32_t mode, void **ret_file) {
    int rc = honest->open(session, call, path, flags, mode, ret_file);

    return rc == -EROFS ? -EINVAL : rc;
}

static void read_only_is_invalid(struct mpr_provider *table) {
    table->open = open_invalid;
}

static int open_again(void *session, const struct mpr_call *call, const char *path, int flags,
                      uint32_t mode, void **ret_file) {
    static char last_path[512];
    static void *last, *of;
    int rc = 0;

    if (last && of == session && strcmp(path, last_path) == 0 && flags == O_RDWR) {
        *ret_file = last;
        return 0;
    }
    rc = honest->open(session, call, path, flags, mode, ret_file);
    if (rc == 0) {
        snprintf(last_path, sizeof last_path, "%s", path);
        last = flags == O_RDWR ? *ret_file : NULL;
        of = session;
    }
    return rc;
}

static void share_handles(struct mpr_provider *table) {
    table->open = open_again;
}

static int close_leaking(void *session, const struct mpr_call *call, void *file) {
    (void)!dup(STDERR_FILENO);
    return honest->close(session, call, file);
}

static void leak_on_close(struct mpr_provider *table) {
    table->close = close_leaking;
}

/* ---- pread */

static int64_t pread_piece(void *session, const struct mpr_call *call, void *file, void *data,
                           size_t size, uint64_t offset) {
    return honest->pread(session, call, file, data, size > 65535 ? 65535 : size, offset);
}

static void read_short(struct mpr_provider *table) {
    table->pread = pread_piece;
}

static int64_t pread_past(void *session, const struct mpr_call *call, void *file, void *data,
                          size_t size, uint64_t offset) {
    int64_t got = honest->pread(session, call, file, data, size, offset);

    if (got == (int64_t)size && size == 1000)
        ((volatile char *)data)[got] = '\0';
    return got;
}

static void read_past(struct mpr_provider *table) {
    table->pread = pread_past;
}

static volatile int unlinked;

static int unlink_noting(void *session, const struct mpr_call *call, const char *path) {
    int rc = honest->unlink(session, call, path);

    unlinked |= rc == 0;
    return rc;
}

static int open_noting(void *session, const struct mpr_call *call, const char *path, int flags,
                       uint32_t mode, void **ret_file) {
    unlinked = 0;
    return honest->open(session, call, path, flags, mode, ret_file);
}

static int64_t pread_other(void *session, const struct mpr_call *call, void *file, void *data,
                           size_t size, uint64_t offset) {
    int64_t got = honest->pread(session, call, file, data, size, offset);

    if (got > 0 && unlinked)
        memset(data, 'z', (size_t)got);
    return got;
}

static void reuse_unlinked(struct mpr_provider *table) {
    table->unlink = unlink_noting;
    table->open = open_noting;
    table->pread = pread_other;
}

static int64_t pread_shared(void *session, const struct mpr_call *call, void *file, void *data,
                            size_t size, uint64_t offset) {
    static char shared[4 * KIB * KIB];
    int64_t got = honest->pread(session, call, file, shared, size, offset);

    if (got > 0 && size < 8 * KIB)
        usleep(200);
    if (got > 0)
        memcpy(data, shared, (size_t)got);
    return got;
}

static void share_buffer(struct mpr_provider *table) {
    table->pread = pread_shared;
}

/* ---- pwrite */

static int64_t pwrite_losing(void *session, const struct mpr_call *call, void *file,
                             const void *data, size_t size, uint64_t offset) {
    if (size == 4 * KIB + 1)
        return (int64_t)size;
    return honest->pwrite(session, call, file, data, size, offset);
}

static void lose_write(struct mpr_provider *table) {
    table->pwrite = pwrite_losing;
}

static int64_t pread_32(void *session, const struct mpr_call *call, void *file, void *data,
                        size_t size, uint64_t offset) {
    return honest->pread(session, call, file, data, size, (uint32_t)offset);
}

static int64_t pwrite_32(void *session, const struct mpr_call *call, void *file, const void *data,
                         size_t size, uint64_t offset) {
    return honest->pwrite(session, call, file, data, size, (uint32_t)offset);
}

static void cut_offsets(struct mpr_provider *table) {
    table->pread = pread_32;
    table->pwrite = pwrite_32;
}

static int64_t pwrite_extending(void *session, const struct mpr_call *call, void *file,
                                const void *data, size_t size, uint64_t offset) {
    struct mpr_stat now;

    if (size == 0 && honest->fstat(session, call, file, &now) == 0 && now.size < offset)
        honest->truncate(session, call, NULL, file, offset);
    return honest->pwrite(session, call, file, data, size, offset);
}

static void extend_by_nothing(struct mpr_provider *table) {
    table->pwrite = pwrite_extending;
}

static int64_t pwrite_small(void *session, const struct mpr_call *call, void *file,
                            const void *data, size_t size, uint64_t offset) {
    if (size > 2 * KIB * KIB)
        return -EINVAL;
    return honest->pwrite(session, call, file, data, size, offset);
}

static void break_max_io(struct mpr_provider *table) {
    table->pwrite = pwrite_small;
}

static int64_t pwrite_dirty(void *session, const struct mpr_call *call, void *file,
                            const void *data, size_t size, uint64_t offset) {
    struct mpr_stat now;

    if (size && honest->fstat(session, call, file, &now) == 0 && now.size < offset)
        honest->pwrite(session, call, file, "x", 1, offset - 1);
    return honest->pwrite(session, call, file, data, size, offset);
}

static void fill_holes(struct mpr_provider *table) {
    table->pwrite = pwrite_dirty;
}

static int64_t pwrite_cutting(void *session, const struct mpr_call *call, void *file,
                              const void *data, size_t size, uint64_t offset) {
    int64_t rc = honest->pwrite(session, call, file, data, size, offset);

    if (rc > 0)
        honest->truncate(session, call, NULL, file, offset + (uint64_t)rc);
    return rc;
}

static void cut_behind(struct mpr_provider *table) {
    table->pwrite = pwrite_cutting;
}

/* ---- truncate and fsync */

static int truncate_dirty(void *session, const struct mpr_call *call, const char *path, void *file,
                          uint64_t size) {
    struct mpr_stat now = {.size = UINT64_MAX};
    void *opened = file;
    int rc;

    if (!file && honest->open(session, call, path, O_RDWR, 0, &opened))
        opened = NULL;
    if (opened && honest->fstat(session, call, opened, &now) == 0 && now.size < size)
        honest->pwrite(session, call, opened, "old", 1, now.size);
    rc = honest->truncate(session, call, path, file, size);
    if (opened && !file)
        honest->close(session, call, opened);
    return rc;
}

static void keep_old_bytes(struct mpr_provider *table) {
    table->truncate = truncate_dirty;
}

static int fsync_failing(void *session, const struct mpr_call *call, void *file) {
    int rc = honest->fsync(session, call, file);

    return rc ? rc : -EINVAL;
}

static void fail_fsync(struct mpr_provider *table) {
    table->fsync = fsync_failing;
}

/* ---- results and bounds */

static int mkdir_win32(void *session, const struct mpr_call *call, const char *path,
                       uint32_t mode) {
    int rc = honest->mkdir(session, call, path, mode);

    return rc == -EEXIST ? 183 : rc; /* ERROR_ALREADY_EXISTS */
}

static void answer_win32(struct mpr_provider *table) {
    table->mkdir = mkdir_win32;
}

static int statvfs_positive(void *session, const struct mpr_call *call, const char *path,
                            struct mpr_statvfs *ret) {
    int rc = honest->statvfs(session, call, path, ret);

    return rc == -ENOENT ? ENOENT : rc;
}

static void answer_positive(struct mpr_provider *table) {
    table->statvfs = statvfs_positive;
}

static int mkdir_late(void *session, const struct mpr_call *call, const char *path, uint32_t mode) {
    struct mpr_call patient = *call;

    patient.deadline_ns = INT64_MAX - 1;
    return honest->mkdir(session, &patient, path, mode);
}

static void ignore_deadline(struct mpr_provider *table) {
    table->mkdir = mkdir_late;
}

static int mkdir_anyway(void *session, const struct mpr_call *call, const char *path,
                        uint32_t mode) {
    struct mpr_call patient = *call;

    patient.cancel_fd = -1;
    return honest->mkdir(session, &patient, path, mode);
}

static void ignore_cancel(struct mpr_provider *table) {
    table->mkdir = mkdir_anyway;
}

/* ---- print */

static int print_anywhere(void *session, const struct mpr_call *call, const char *document,
                          void **ret_file) {
    int rc = honest->print(session, call, document, ret_file);

    return rc == -ENOTSUP ? honest->open(session, call, "job", O_WRONLY | O_CREAT, 0600, ret_file)
                          : rc;
}

static void print_on_disks(struct mpr_provider *table) {
    table->print = print_anywhere;
}

static int print_plain(void *session, const struct mpr_call *call, const char *document,
                       void **ret_file) {
    return strchr(document, '/') ? -EINVAL : honest->print(session, call, document, ret_file);
}

static void refuse_documents(struct mpr_provider *table) {
    table->print = print_plain;
}

const struct sabotage sabotage_file[] = {
    {"file-excl", "O_EXCL is forgotten: two programs have the lock", ignore_excl},
    {"file-create-truncates", "CREATE_ALWAYS for O_CREAT: a log is emptied", create_truncates},
    {"file-trunc", "O_TRUNC is forgotten: the longer document's end stays", ignore_trunc},
    {"file-directory", "a directory that is opened as a file is \"not found\"",
     directory_not_found},
    {"file-access", "who may write may also read", write_means_read},
    {"file-mode", "the mode of a new file is lost", lose_mode},
    {"file-result", "*ret_file is written though the open fails", write_result_first},
    {"file-read-only", "EINVAL where nothing can be written", read_only_is_invalid},
    {"file-one-handle", "two opens share a handle, and the first close ends both", share_handles},
    {"file-leak", "a descriptor stays with each close", leak_on_close},
    {"file-read-short", "a read ends where a packet did", read_short},
    {"file-read-past", "OpenAFS da89855b4: a NUL behind the buffer", read_past},
    {"file-unlinked", "a handle of a removed file reads another's bytes", reuse_unlinked},
    {"file-shared-buffer", "two threads read through one buffer", share_buffer},
    {"file-lost-write", "a write that crosses a page by one byte is lost", lose_write},
    {"file-offset-32", "offsets are cut to 32 bits", cut_offsets},
    {"file-zero-write", "writing nothing makes a file longer", extend_by_nothing},
    {"file-max-io", "less can be written than max_io says", break_max_io},
    {"file-hole", "a hole shows what was there before", fill_holes},
    {"file-cut-behind", "writing in the middle cuts off the rest", cut_behind},
    {"file-old-bytes", "a file that grows again has its old bytes", keep_old_bytes},
    {"file-fsync", "fsync always fails", fail_fsync},
    {"file-win32", "a Win32 code where an errno belongs", answer_win32},
    {"file-positive", "an errno without its sign", answer_positive},
    {"file-late", "a call whose deadline has passed is carried out", ignore_deadline},
    {"file-cancelled", "a call that is cancelled is carried out", ignore_cancel},
    {"print-disk", "a print job on a disk becomes a file", print_on_disks},
    {"print-names", "documents with a slash in their name are not printed", refuse_documents},
    {NULL, NULL, NULL},
};
