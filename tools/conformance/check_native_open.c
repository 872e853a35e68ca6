/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_open.c: open and close, and what a file that is open may do.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_file.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_state.h"

#define ROUNDS 100

static const int accesses[] = {O_RDONLY, O_WRONLY, O_RDWR};

/* An open that must fail: *ret_file stays as it is. */
static int try_open(const char *name, int flags) {
    void *file = kit_poison();
    int rc = kit_open(name, flags, 0644, &file);

    kit_expect(rc != 0, "a failure", "0");
    kit_expect(file == kit_poison(), "nothing written on failure", "*ret_file was changed");
    return rc;
}

static void missing_file(void) {
    kit_files_begin();
    kit_make("file", 10, 1);
    for (size_t i = 0; i < 3; i++) {
        KIT_ERRNOS(try_open("missing", accesses[i]), ENOENT);
        KIT_ERRNOS(try_open("missing/below", accesses[i]), ENOENT);
        /* Not every protocol says which part of a path was wrong. */
        KIT_ERRNOS(try_open("file/below", accesses[i]), ENOTDIR, ENOENT);
    }
    KIT_ERRNOS(try_open("missing/below", O_WRONLY | O_CREAT), ENOENT);
    KIT_ERRNOS(try_open("file/below", O_WRONLY | O_CREAT), ENOTDIR, ENOENT);
    kit_gone("missing");
    kit_holds("file", 10, 1);
    kit_files_end();
}

static void creates(void) {
    kit_files_begin();
    for (size_t i = 0; i < 3; i++) {
        const char *name = kit_text("file%zu", i);

        kit_ok(kit_close(kit_opened(name, accesses[i] | O_CREAT)));
        kit_expect(S_ISREG(kit_stated(name).mode), "a regular file", "mode 0%o",
                   (unsigned)kit_stated(name).mode);
        kit_holds(name, 0, 0);
    }
    kit_make("full", 5000, 2);
    for (size_t i = 0; i < 3; i++) {
        kit_ok(kit_close(kit_opened("full", accesses[i] | O_CREAT)));
        kit_holds("full", 5000, 2);
    }
    kit_files_end();
}

static void exclusive(void) {
    kit_files_begin();
    kit_make("full", 5000, 3);
    for (size_t i = 0; i < 3; i++)
        KIT_ERRNOS(try_open("full", accesses[i] | O_CREAT | O_EXCL), EEXIST);
    kit_holds("full", 5000, 3);
    kit_ok(kit_mkdir("dir"));
    KIT_ERRNOS(try_open("dir", O_WRONLY | O_CREAT | O_EXCL), EEXIST, EISDIR);
    kit_ok(kit_close(kit_opened("new", O_WRONLY | O_CREAT | O_EXCL)));
    kit_holds("new", 0, 0);
    kit_files_end();
}

static void truncates(void) {
    void *file;

    kit_files_begin();
    kit_make("full", 70000, 4);
    kit_ok(kit_close(kit_opened("full", O_WRONLY | O_TRUNC)));
    kit_holds("full", 0, 0);
    kit_make("full", 70000, 4);
    file = kit_opened("full", O_RDWR | O_CREAT | O_TRUNC);
    kit_count_is(kit_pwrite(file, kit_read_only("x", 1), 1, 0), 1);
    kit_ok(kit_close(file));
    kit_expect(kit_stated("full").size == 1, "1 byte", "%llu bytes",
               (unsigned long long)kit_stated("full").size);
    KIT_ERRNOS(try_open("missing", O_WRONLY | O_TRUNC), ENOENT);
    kit_files_end();
}

static void no_directory(void) {
    kit_files_begin();
    kit_ok(kit_mkdir("dir"));
    for (size_t i = 0; i < 3; i++)
        KIT_ERRNOS(try_open("dir", accesses[i]), EISDIR);
    KIT_ERRNOS(try_open("dir", O_WRONLY | O_CREAT), EISDIR);
    kit_expect(S_ISDIR(kit_stated("dir").mode), "a directory as before", "mode 0%o",
               (unsigned)kit_stated("dir").mode);
    kit_files_end();
}

/* What a file that is open for reading alone, or writing alone, must not do. */
static void access_mode(void) {
    char data[16] = "";
    void *file;

    kit_files_begin();
    kit_make("full", 5000, 5);
    file = kit_opened("full", O_RDONLY);
    KIT_ERRNOS(kit_pwrite(file, kit_read_only("x", 1), 1, 0), EBADF);
    if (kit_table->truncate)
        KIT_ERRNOS(kit_ftruncate(file, 0), EBADF, EINVAL);
    kit_count_is(kit_pread(file, data, sizeof data, 0), sizeof data);
    kit_ok(kit_close(file));
    file = kit_opened("full", O_WRONLY);
    KIT_ERRNOS(kit_pread(file, data, sizeof data, 0), EBADF);
    kit_ok(kit_close(file));
    kit_holds("full", 5000, 5);
    kit_files_end();
}

static void permissions(void) {
    static const uint32_t modes[] = {0600, 0640, 0444, 0755};
    struct mpr_stat found;
    void *file;

    kit_files_begin();
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        const char *name = kit_text("file%zu", i);

        kit_ok(kit_open(name, O_RDWR | O_CREAT, modes[i], &file));
        /* Also where the file may only be read later: this one is open for writing. */
        kit_count_is(kit_pwrite(file, kit_read_only("x", 1), 1, 0), 1);
        kit_ok(kit_close(file));
        found = kit_stated(name);
        if (!(found.valid & MPR_STAT_MODE))
            kit_skip("the server has no permissions of its own");
        kit_expect((found.mode & 07777) == modes[i], kit_text("mode 0%o", (unsigned)modes[i]),
                   "mode 0%o", (unsigned)(found.mode & 07777));
    }
    kit_files_end();
}

static void two_handles(void) {
    unsigned char data[100], wanted[100];
    void *one, *two;

    kit_files_begin();
    kit_make("file", 1000, 6);
    one = kit_opened("file", O_RDWR);
    two = kit_opened("file", O_RDWR);
    kit_expect(one != two, "two files", "the same one twice");
    kit_pattern(wanted, sizeof wanted, 0, 7);
    kit_count_is(kit_pwrite(one, wanted, sizeof wanted, 400), sizeof wanted);
    kit_count_is(kit_pread(two, data, sizeof data, 400), sizeof data);
    kit_expect(memcmp(data, wanted, sizeof data) == 0, "what the other one wrote",
               "something else");
    kit_ok(kit_close(one));
    kit_count_is(kit_pread(two, data, sizeof data, 400), sizeof data);
    kit_expect(memcmp(data, wanted, sizeof data) == 0, "the same after the other one was closed",
               "something else");
    kit_count_is(kit_pwrite(two, wanted, sizeof wanted, 0), sizeof wanted);
    kit_ok(kit_close(two));
    kit_files_end();
}

/* May fail, as on SMB, where others' open files cannot be removed: then nothing is gone. */
static void unlinked_open(void) {
    unsigned char data[100], wanted[100];
    void *file;
    int rc;
    int64_t got;

    kit_files_begin();
    kit_make("file", 100, 8);
    kit_pattern(wanted, sizeof wanted, 0, 8);
    file = kit_opened("file", O_RDWR);
    rc = kit_unlink("file");
    if (rc) {
        KIT_ERRNOS(rc, EBUSY, EACCES, EPERM, ETXTBSY);
        kit_ok(kit_close(file));
        kit_holds("file", 100, 8);
        kit_files_end();
        return;
    }
    got = kit_pread(file, data, sizeof data, 0);
    if (got < 0)
        KIT_ERRNOS(got, ESTALE, ENOENT, EIO, EBADF);
    else
        kit_expect(got == sizeof data && memcmp(data, wanted, sizeof data) == 0,
                   "what the file held, or an error", "%s, and something else",
                   kit_result_name(got));
    kit_close(file);
    kit_gone("file");
    kit_make("file", 10, 9);
    kit_holds("file", 10, 9);
    kit_files_end();
}

static void open_and_close(void *context) {
    void *file = NULL;

    (void)context;
    kit_ok(kit_open("file", O_RDWR, 0, &file));
    kit_ok(kit_close(file));
    KIT_ERRNOS(kit_open("missing", O_RDWR, 0, &file), ENOENT);
    KIT_ERRNOS(kit_open("file", O_RDWR | O_CREAT | O_EXCL, 0644, &file), EEXIST);
}

static void leaves_nothing(void) {
    struct kit_state before;
    size_t leak;

    kit_files_begin();
    kit_make("file", 10, 1);
    open_and_close(NULL);
    before = kit_state();
    leak = kit_leak(open_and_close, NULL, kit_rounds(ROUNDS));
    kit_state_same(&before, "after files were opened and closed");
    kit_expect(leak < 64, "no memory left behind by an open, a close and two opens that fail",
               "%zu bytes each time", leak);
    kit_files_end();
}

/* Nothing can be written there; whatever is tried. */
static void refused(int64_t rc) {
    KIT_ERRNOS(rc, EROFS, EACCES, EPERM);
}

/* Finds the first file of the root; a read-only resource may be empty. */
static int take_file(void *context, const char *name, const struct mpr_stat *attributes) {
    char *found = context;

    if (found[0] || !S_ISREG(attributes->mode) || strlen(name) > 200)
        return 0;
    memcpy(found, name, strlen(name) + 1);
    return 0;
}

static void read_only(void) {
    const char *remote = kit_need(kit_lab.read_only, "read_only");
    static const char *const name = "mpr-conformance-none";
    char there[256] = "";
    void *file;

    kit_native_open();
    KIT_NEEDS(open);
    KIT_NEEDS(readdir);
    kit_session = kit_connect_good(remote);
    refused(kit_open(name, O_WRONLY | O_CREAT, 0644, &file));
    refused(kit_open(name, O_RDWR | O_CREAT | O_EXCL, 0644, &file));
    if (kit_table->mkdir)
        refused(kit_mkdir(name));
    kit_ok(kit_readdir("", take_file, there));
    if (there[0]) {
        uint64_t size = kit_stated(there).size;

        refused(kit_open(there, O_WRONLY, 0, &file));
        refused(kit_open(there, O_WRONLY | O_TRUNC, 0, &file));
        if (kit_table->truncate)
            refused(kit_truncate(there, 0));
        if (kit_table->unlink)
            refused(kit_unlink(there));
        if (kit_table->rename)
            refused(kit_rename(there, name));
        kit_expect(kit_stated(there).size == size, "a file as before", "another size");
        kit_ok(kit_close(kit_opened(there, O_RDONLY)));
    }
    kit_disconnect(kit_session);
}

const struct kit_check kit_checks_native_open[] = {
    {"FIL-01", KIT_MUST, missing_file,
     "A file that is not there is ENOENT, also where a directory above it is missing",
     "Programs look for files in many places, and go on only for this one error.",
     "POSIX open; mpr/provider.h, open"},
    {"FIL-02", KIT_MUST, creates,
     "O_CREAT makes an empty file, and leaves one that is there as it is",
     "Who opens a log to add to it must not lose it.", "POSIX open, O_CREAT"},
    {"FIL-03", KIT_MUST, exclusive, "O_CREAT with O_EXCL fails with EEXIST where something is",
     "Lock files are made this way: two programs must not both believe they have the lock.",
     "POSIX open, O_EXCL"},
    {"FIL-04", KIT_MUST, truncates, "O_TRUNC empties a file, and makes none",
     "A shorter document saved over a longer one must not keep the longer one's end.",
     "POSIX open, O_TRUNC"},
    {"FIL-05", KIT_MUST, no_directory, "A directory opened as a file is EISDIR",
     "A program tells files and directories apart by this.", "mpr/file.h, MprFileOpen"},
    {"FIL-06", KIT_MUST, access_mode,
     "A file that is open for reading alone cannot be written (EBADF), and the other way round",
     "The server checked the access that was asked for, not more.", "pread(2), pwrite(2), EBADF"},
    {"FIL-07", KIT_CAPABILITY, permissions,
     "A new file has the permissions that were asked for, where the server has them",
     "Who makes a file that only he may read relies on it from the first byte on.",
     "POSIX open, mode; mpr/file.h, MPR_STAT_MODE"},
    {"FIL-08", KIT_MUST, two_handles,
     "Two open files of one name see what the other writes, and one stays when the other is closed",
     "Databases and editors open a file more than once.", "pread(2); mpr/provider.h, close"},
    {"FIL-09", KIT_MUST, unlinked_open,
     "A file removed while it is open keeps its bytes or answers an error, and never others'; a "
     "server may also refuse to remove it",
     "POSIX keeps it; protocols without such a notion must at least not mix up files.",
     "unlink(2); own decision for SMB, where removing may be refused"},
    {"FIL-10", KIT_MUST, leaves_nothing,
     "Opening and closing leaves neither memory nor a descriptor behind, nor does an open that "
     "fails",
     "A drive opens millions of files in its life.", "mpr/provider.h, close"},
    {"FIL-11", KIT_MUST, read_only,
     "A resource that cannot be written refuses with EROFS, EACCES or EPERM, and stays as it was",
     "A program has to know that it is not its path that is wrong.", "POSIX open, EROFS"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
