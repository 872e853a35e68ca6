/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_file_ops.c: each file operation with its words, and what a result means. See kit_file.h.
 */
#include "config.h"

#include "tools/conformance/kit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/conformance/kit_file.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"

#define ERRNO_MAX 4095
#define PIECE     65536u

int kit_open(const char *name, int flags, uint32_t mode, void **ret_file) {
    static const char *const access[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};

    kit_doing("open of \"%s\" with %s%s%s%s, 0%o", name, access[flags & O_ACCMODE],
              flags & O_CREAT ? " | O_CREAT" : "", flags & O_EXCL ? " | O_EXCL" : "",
              flags & O_TRUNC ? " | O_TRUNC" : "", (unsigned)mode);
    return kit_table->open(kit_session, kit_file_call(), kit_in(name), flags, mode, ret_file);
}

int kit_close(void *file) {
    kit_doing("close");
    return kit_table->close(kit_session, kit_file_call(), file);
}

int64_t kit_pread(void *file, void *data, size_t size, uint64_t offset) {
    kit_doing("pread of %zu bytes at %llu", size, (unsigned long long)offset);
    return kit_table->pread(kit_session, kit_file_call(), file, data, size, offset);
}

int64_t kit_pwrite(void *file, const void *data, size_t size, uint64_t offset) {
    kit_doing("pwrite of %zu bytes at %llu", size, (unsigned long long)offset);
    return kit_table->pwrite(kit_session, kit_file_call(), file, data, size, offset);
}

int kit_fstat(void *file, struct mpr_stat *ret) {
    kit_doing("fstat");
    return kit_table->fstat(kit_session, kit_file_call(), file, ret);
}

int kit_fsync(void *file) {
    kit_doing("fsync");
    return kit_table->fsync(kit_session, kit_file_call(), file);
}

int kit_ftruncate(void *file, uint64_t size) {
    kit_doing("truncate of an open file to %llu", (unsigned long long)size);
    return kit_table->truncate(kit_session, kit_file_call(), NULL, file, size);
}

int kit_truncate(const char *name, uint64_t size) {
    kit_doing("truncate(\"%s\", %llu)", name, (unsigned long long)size);
    return kit_table->truncate(kit_session, kit_file_call(), kit_in(name), NULL, size);
}

int kit_stat(const char *name, struct mpr_stat *ret) {
    kit_doing("stat(\"%s\")", name);
    return kit_table->stat(kit_session, kit_file_call(), kit_in(name), ret);
}

int kit_lstat(const char *name, struct mpr_stat *ret) {
    kit_doing("lstat(\"%s\")", name);
    return kit_table->lstat(kit_session, kit_file_call(), kit_in(name), ret);
}

int kit_readdir(const char *name, mpr_dirent_fn fn, void *context) {
    kit_doing("readdir(\"%s\")", name);
    return kit_table->readdir(kit_session, kit_file_call(), kit_in(name), fn, context);
}

int kit_mkdir(const char *name) {
    kit_doing("mkdir(\"%s\")", name);
    return kit_table->mkdir(kit_session, kit_file_call(), kit_in(name), 0755);
}

int kit_rmdir(const char *name) {
    kit_doing("rmdir(\"%s\")", name);
    return kit_table->rmdir(kit_session, kit_file_call(), kit_in(name));
}

int kit_unlink(const char *name) {
    kit_doing("unlink(\"%s\")", name);
    return kit_table->unlink(kit_session, kit_file_call(), kit_in(name));
}

int kit_rename(const char *from, const char *to) {
    kit_doing("rename(\"%s\", \"%s\")", from, to);
    return kit_table->rename(kit_session, kit_file_call(), kit_in(from), kit_in(to));
}

int kit_link(const char *from, const char *to) {
    kit_doing("link(\"%s\", \"%s\")", from, to);
    return kit_table->link(kit_session, kit_file_call(), kit_in(from), kit_in(to));
}

int kit_symlink(const char *target, const char *name) {
    kit_doing("symlink(\"%s\", \"%s\")", target, name);
    return kit_table->symlink(kit_session, kit_file_call(), kit_as_is(target), kit_in(name));
}

int kit_readlink(const char *name, char *buffer, size_t size) {
    kit_doing("readlink(\"%s\") with a buffer of %zu bytes", name, size);
    return kit_table->readlink(kit_session, kit_file_call(), kit_in(name), buffer, size);
}

int kit_chmod(const char *name, uint32_t mode) {
    kit_doing("chmod(\"%s\", 0%o)", name, (unsigned)mode);
    return kit_table->chmod(kit_session, kit_file_call(), kit_in(name), mode);
}

int kit_chown(const char *name, uint32_t uid, uint32_t gid) {
    kit_doing("chown(\"%s\", %u, %u)", name, (unsigned)uid, (unsigned)gid);
    return kit_table->chown(kit_session, kit_file_call(), kit_in(name), uid, gid);
}

int kit_utimens(const char *name, int64_t atime_ns, int64_t mtime_ns) {
    kit_doing("utimens(\"%s\", %lld ns, %lld ns)", name, (long long)atime_ns, (long long)mtime_ns);
    return kit_table->utimens(kit_session, kit_file_call(), kit_in(name), atime_ns, mtime_ns);
}

int kit_statvfs(const char *name, struct mpr_statvfs *ret) {
    kit_doing("statvfs(\"%s\")", name);
    return kit_table->statvfs(kit_session, kit_file_call(), kit_in(name), ret);
}

/* ---- what must succeed */

void *kit_opened(const char *name, int flags) {
    void *file = NULL;

    kit_ok(kit_open(name, flags, 0644, &file));
    kit_expect(file != NULL, "a file", "success without one");
    return file;
}

void kit_pattern(void *data, size_t size, uint64_t offset, unsigned seed) {
    unsigned char *bytes = data;

    for (size_t i = 0; i < size; i++) {
        uint64_t at = offset + i;

        bytes[i] = (unsigned char)(at * 31 + (at >> 8) * 7 + (at >> 16) * 3 + seed * 101 + 1);
    }
}

void kit_make(const char *name, size_t size, unsigned seed) {
    void *file = kit_opened(name, O_WRONLY | O_CREAT | O_TRUNC);
    char *data = malloc(PIECE);

    if (!data)
        kit_broken("there is no memory");
    for (size_t done = 0; done < size;) {
        size_t part = size - done < PIECE ? size - done : PIECE;

        if (kit_table->max_io && part > kit_table->max_io)
            part = kit_table->max_io;
        kit_pattern(data, part, done, seed);
        kit_count_is(kit_pwrite(file, data, part, done), (int64_t)part);
        done += part;
    }
    free(data);
    kit_ok(kit_close(file));
}

static void compare(const unsigned char *got, size_t size, uint64_t offset, unsigned seed) {
    unsigned char wanted;

    for (size_t i = 0; i < size; i++) {
        kit_pattern(&wanted, 1, offset + i, seed);
        if (got[i] != wanted)
            kit_fail(kit_text("what was written: byte %llu is 0x%02x",
                              (unsigned long long)offset + i, wanted),
                     "0x%02x", got[i]);
    }
}

void kit_holds(const char *name, size_t size, unsigned seed) {
    void *file = kit_opened(name, O_RDONLY);
    unsigned char *data = malloc(PIECE);
    uint64_t offset = 0;
    int64_t got;
    size_t part = PIECE;

    if (!data)
        kit_broken("there is no memory");
    if (kit_table->max_io && part > kit_table->max_io)
        part = kit_table->max_io;
    while ((got = kit_pread(file, data, part, offset)) > 0) {
        compare(data, (size_t)got, offset, seed);
        offset += (uint64_t)got;
    }
    kit_count_is(got, 0);
    kit_expect(offset == size, kit_text("a file of %zu bytes", size), "%llu bytes",
               (unsigned long long)offset);
    free(data);
    kit_ok(kit_close(file));
}

struct mpr_stat kit_stated(const char *name) {
    struct mpr_stat ret = {0};

    kit_ok(kit_stat(name, &ret));
    return ret;
}

/* ---- results */

bool kit_is_errno(int64_t rc) {
    return rc < 0 && rc >= -ERRNO_MAX && strerrorname_np((int)-rc) != NULL;
}

const char *kit_result_name(int64_t rc) {
    if (kit_is_errno(rc))
        return kit_text("-%s (%lld)", strerrorname_np((int)-rc), (long long)rc);
    return kit_text("%lld%s", (long long)rc, rc < 0 ? " (no errno)" : "");
}

void kit_ok(int64_t rc) {
    if (rc)
        kit_fail("0", "%s", kit_result_name(rc));
}

void kit_count_is(int64_t rc, int64_t wanted) {
    if (rc != wanted)
        kit_fail(kit_text("%lld", (long long)wanted), "%s", kit_result_name(rc));
}

void kit_errnos(int64_t rc, const int *wanted, size_t count) {
    char expected[256] = "";
    size_t length = 0;

    for (size_t i = 0; i < count; i++)
        if (rc == -wanted[i])
            return;
    for (size_t i = 0; i < count && length < sizeof expected; i++)
        length += (size_t)snprintf(expected + length, sizeof expected - length, "%s%s",
                                   i ? " or " : "", wanted[i] ? kit_result_name(-wanted[i]) : "0");
    kit_fail(expected, "%s", kit_result_name(rc));
}

bool kit_is_unsupported(int64_t rc) {
    return rc == -ENOTSUP || rc == -ENOSYS;
}

void kit_gone(const char *name) {
    struct mpr_stat ignored;

    KIT_ERRNOS(kit_stat(name, &ignored), ENOENT);
}
