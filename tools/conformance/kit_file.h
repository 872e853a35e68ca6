/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_file.h: files of a native module, called directly: one session at the
 * first good name, and in it a directory that belongs to the check alone.
 *
 * A name is that of something in this directory: "a/b", "" being itself. Each
 * call says what it does (kit_doing), and has a deadline; paths are read-only
 * memory before a guard page. Results are the provider's, as they are.
 */
#ifndef KIT_FILE_H
#define KIT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/provider.h>

/** The session. */
extern void *kit_session;

/**
 * Opens the module and connects, without a directory; skips where the provider
 * has no files. With kit_files_begin there is the directory as well, empty: it
 * is removed when the check ends, also when the process dies; where the provider
 * cannot write the check does not apply.
 */
void kit_files_connect(void);
void kit_files_begin(void);
/** Removes everything in the directory and the directory itself, and disconnects. */
void kit_files_end(void);

/** Is there a directory left by a check whose process is gone? Then kit_files_sweep removes it. */
bool kit_files_left(void);
void kit_files_sweep(void);

/** The path of a name, from the root of the connection on; valid for 8 more calls by the thread. */
const char *kit_in(const char *name);
/** A path in the same kind of memory, as it is. */
const char *kit_as_is(const char *path);

/** The thread's call with a fresh deadline. */
const struct mpr_call *kit_file_call(void);

/* ---- operations: 0, a count or -errno */

int kit_open(const char *name, int flags, uint32_t mode, void **ret_file);
int kit_close(void *file);
int64_t kit_pread(void *file, void *data, size_t size, uint64_t offset);
int64_t kit_pwrite(void *file, const void *data, size_t size, uint64_t offset);
int kit_fstat(void *file, struct mpr_stat *ret);
int kit_fsync(void *file);
int kit_ftruncate(void *file, uint64_t size);
int kit_truncate(const char *name, uint64_t size);
int kit_stat(const char *name, struct mpr_stat *ret);
int kit_lstat(const char *name, struct mpr_stat *ret);
int kit_readdir(const char *name, mpr_dirent_fn fn, void *context);
int kit_mkdir(const char *name);
int kit_rmdir(const char *name);
int kit_unlink(const char *name);
int kit_rename(const char *from, const char *to);
int kit_link(const char *from, const char *to);
int kit_symlink(const char *target, const char *name);
int kit_readlink(const char *name, char *buffer, size_t size);
int kit_chmod(const char *name, uint32_t mode);
int kit_chown(const char *name, uint32_t uid, uint32_t gid);
int kit_utimens(const char *name, int64_t atime_ns, int64_t mtime_ns);
int kit_statvfs(const char *name, struct mpr_statvfs *ret);

/* ---- what must succeed: else a finding */

/** Opens it. */
void *kit_opened(const char *name, int flags);
/** Makes a file of so many bytes of a pattern that depends on seed; or replaces its contents. */
void kit_make(const char *name, size_t size, unsigned seed);
/** Fills data with what kit_make puts at offset. */
void kit_pattern(void *data, size_t size, uint64_t offset, unsigned seed);
/** Unless the file holds exactly what kit_make put there: a finding. */
void kit_holds(const char *name, size_t size, unsigned seed);
/** The attributes of what is there. */
struct mpr_stat kit_stated(const char *name);

/* ---- findings */

/** "-ENOENT (-2)", "0", "17 (no errno: it is positive)". */
const char *kit_result_name(int64_t rc);
/** Unless rc is 0: a finding. */
void kit_ok(int64_t rc);
/** Unless rc is that count: a finding. */
void kit_count_is(int64_t rc, int64_t wanted);
/** Unless rc is the negative of one of the errnos that follow: a finding. */
#define KIT_ERRNOS(rc, ...)                                                                        \
    kit_errnos((rc), (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))
void kit_errnos(int64_t rc, const int *wanted, size_t count);
/** Is rc what says that the server or the provider has no such operation? */
bool kit_is_unsupported(int64_t rc);
/** Is rc a failure in the words of this world: the negative of an errno of Linux? */
bool kit_is_errno(int64_t rc);
/** Unless there is nothing of that name: a finding. */
void kit_gone(const char *name);

#endif
