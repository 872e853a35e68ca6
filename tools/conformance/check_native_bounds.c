/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_bounds.c: what is true of every file operation: calls that are
 * over before they begin, results, threads.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_file.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"

#define THREADS 8
#define PIECES  40

static int refuse_entry(void *context, const char *name, const struct mpr_stat *attributes) {
    (void)context;
    (void)attributes;
    kit_fail("no entry for a call that is over", "\"%s\"", name);
}

/* What every call of this check is made with. */
static struct mpr_call over;
static void *open_file;

static int64_t try_open(void) {
    void *file = NULL;

    return kit_table->open(kit_session, &over, kit_in("made"), O_WRONLY | O_CREAT, 0644, &file);
}

static int64_t try_pread(void) {
    return kit_table->pread(kit_session, &over, open_file, kit_room(10), 10, 0);
}

static int64_t try_pwrite(void) {
    return kit_table->pwrite(kit_session, &over, open_file, kit_read_only("xxxx", 4), 4, 0);
}

static int64_t try_truncate(void) {
    return kit_table->truncate(kit_session, &over, kit_in("file"), NULL, 0);
}

static int64_t try_ftruncate(void) {
    return kit_table->truncate(kit_session, &over, NULL, open_file, 0);
}

static int64_t try_stat(void) {
    struct mpr_stat found;

    return kit_table->stat(kit_session, &over, kit_in("file"), &found);
}

static int64_t try_readdir(void) {
    return kit_table->readdir(kit_session, &over, kit_in(""), refuse_entry, NULL);
}

static int64_t try_mkdir(void) {
    return kit_table->mkdir(kit_session, &over, kit_in("made"), 0755);
}

static int64_t try_rmdir(void) {
    return kit_table->rmdir(kit_session, &over, kit_in("dir"));
}

static int64_t try_unlink(void) {
    return kit_table->unlink(kit_session, &over, kit_in("file"));
}

static int64_t try_rename(void) {
    return kit_table->rename(kit_session, &over, kit_in("file"), kit_in("made"));
}

static int64_t try_chmod(void) {
    return kit_table->chmod(kit_session, &over, kit_in("file"), 0444);
}

static int64_t try_statvfs(void) {
    struct mpr_statvfs found;

    return kit_table->statvfs(kit_session, &over, kit_in(""), &found);
}

/* The operations, and whether the provider has them. */
static const struct {
    const char *name;
    int64_t (*run)(void);
    size_t slot;
} operations[] = {
#define OPERATION(name, slot)                                                                      \
    { #name, try_##name, offsetof(struct mpr_provider, slot) }
    OPERATION(open, open),         OPERATION(pread, pread),        OPERATION(pwrite, pwrite),
    OPERATION(truncate, truncate), OPERATION(ftruncate, truncate), OPERATION(stat, stat),
    OPERATION(readdir, readdir),   OPERATION(mkdir, mkdir),        OPERATION(rmdir, rmdir),
    OPERATION(unlink, unlink),     OPERATION(rename, rename),      OPERATION(chmod, chmod),
    OPERATION(statvfs, statvfs),
#undef OPERATION
};

static bool has_slot(size_t slot) {
    void *address;

    memcpy(&address, (const char *)kit_table + slot, sizeof address);
    return address != NULL;
}

/*
 * Each in a session of its own: a provider may take what is late for a connection
 * that is lost.
 */
static void every_operation(int wanted, const char *how) {
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (!has_slot(operations[i].slot))
            continue;
        open_file = kit_opened("file", O_RDWR);
        kit_doing("%s, with a call %s", operations[i].name, how);
        KIT_ERRNOS(operations[i].run(), wanted);
        kit_close(open_file);
        kit_disconnect(kit_session);
        kit_session = kit_connect_good(kit_good(0));
    }
    kit_holds("file", 100, 1);
    kit_gone("made");
    kit_stated("dir");
}

static void late(void) {
    kit_files_begin();
    kit_make("file", 100, 1);
    kit_ok(kit_mkdir("dir"));
    over = kit_call(-1000);
    every_operation(ETIMEDOUT, "whose deadline has passed");
    kit_files_end();
}

static void cancelled(void) {
    kit_files_begin();
    kit_make("file", 100, 1);
    kit_ok(kit_mkdir("dir"));
    over = kit_call(10000);
    kit_call_cancel(&over);
    every_operation(ECANCELED, "that is cancelled already");
    kit_files_end();
}

/* A session that has seen failures of every kind works as before. */
static void failures_are_errnos(void) {
    struct mpr_stat found;
    struct mpr_statvfs facts;
    void *file;
    int64_t results[16];
    size_t count = 0;

    kit_files_begin();
    kit_make("file", 100, 1);
    kit_ok(kit_mkdir("full"));
    kit_make("full/file", 1, 1);
    results[count++] = kit_open("missing", O_RDONLY, 0, &file);
    results[count++] = kit_open("full", O_RDWR, 0, &file);
    results[count++] = kit_stat("missing", &found);
    results[count++] = kit_mkdir("file");
    results[count++] = kit_mkdir("missing/below");
    results[count++] = kit_rmdir("full");
    results[count++] = kit_rmdir("missing");
    results[count++] = kit_unlink("missing");
    results[count++] = kit_table->rename ? kit_rename("missing", "new") : -ENOENT;
    results[count++] = kit_table->truncate ? kit_truncate("missing", 1) : -ENOENT;
    results[count++] = kit_table->statvfs ? kit_statvfs("missing", &facts) : -ENOENT;
    for (size_t i = 0; i < count; i++) {
        kit_doing("failure %zu of those of open, open, stat, mkdir, mkdir, rmdir, rmdir, unlink, "
                  "rename, truncate, statvfs",
                  i + 1);
        kit_expect(kit_is_errno(results[i]) && results[i] > -134, "the negative of a Linux errno",
                   "%s", kit_result_name(results[i]));
    }
    kit_holds("file", 100, 1);
    kit_files_end();
}

/* ---- threads */

static void work_alone(void *context, unsigned number) {
    const char *name = kit_text("file-%u", number);
    unsigned char data[5000], wanted[sizeof data];
    void *file = kit_opened(name, O_RDWR | O_CREAT | O_EXCL);

    (void)context;
    for (unsigned i = 0; i < PIECES; i++) {
        uint64_t offset = (uint64_t)i * sizeof data;

        kit_pattern(wanted, sizeof wanted, offset, number);
        kit_count_is(kit_pwrite(file, wanted, sizeof wanted, offset), sizeof wanted);
        kit_count_is(kit_pread(file, data, sizeof data, offset), sizeof data);
        kit_expect(memcmp(data, wanted, sizeof data) == 0, "what this thread wrote", "other bytes");
        kit_expect(kit_stated(name).size == offset + sizeof data, "the size of this thread's file",
                   "another");
    }
    kit_ok(kit_close(file));
    kit_holds(name, PIECES * sizeof data, number);
}

static void many_threads(void) {
    kit_files_begin();
    if (!(kit_table->flags & MPR_PROVIDER_THREADSAFE))
        kit_skip("the provider takes one call at a time");
    kit_threads(THREADS, work_alone, NULL);
    for (unsigned i = 0; i < THREADS; i++)
        kit_holds(kit_text("file-%u", i), PIECES * 5000, i);
    kit_files_end();
}

static void share_file(void *file, unsigned number) {
    unsigned char data[4000], wanted[sizeof data];

    for (unsigned i = 0; i < PIECES; i++) {
        uint64_t offset = ((uint64_t)i * THREADS + number) * sizeof data;

        kit_pattern(wanted, sizeof wanted, offset, 7);
        kit_count_is(kit_pwrite(file, wanted, sizeof wanted, offset), sizeof wanted);
        kit_count_is(kit_pread(file, data, sizeof data, offset), sizeof data);
        kit_expect(memcmp(data, wanted, sizeof data) == 0, "what this thread wrote", "other bytes");
    }
}

static void one_file_many_threads(void) {
    void *file;

    kit_files_begin();
    if (!(kit_table->flags & MPR_PROVIDER_THREADSAFE))
        kit_skip("the provider takes one call at a time");
    file = kit_opened("file", O_RDWR | O_CREAT);
    kit_threads(THREADS, share_file, file);
    kit_ok(kit_close(file));
    kit_holds("file", (size_t)PIECES * THREADS * 4000, 7);
    kit_files_end();
}

const struct kit_check kit_checks_native_bounds[] = {
    {"FIL-80", KIT_SHOULD, late,
     "A file operation whose deadline has passed does nothing and answers -ETIMEDOUT",
     "Its caller has gone; what is done after that is a surprise.",
     "mpr/provider.h, rule 1: it ends by call->deadline_ns"},
    {"FIL-81", KIT_SHOULD, cancelled,
     "A file operation that is cancelled already does nothing and answers -ECANCELED",
     "Whoever cancelled it believes that it was not done.",
     "mpr/provider.h, rule 1: at once when call->cancel_fd becomes readable"},
    {"FIL-82", KIT_MUST, failures_are_errnos,
     "File operations fail with -errno: never with a Win32 code, a count or a positive number",
     "The router hands the number to programs as it is.",
     "mpr/provider.h, rule 4: neither ever gives a code of the other world"},
    {"FIL-83", KIT_CAPABILITY, many_threads,
     "Eight threads write and read files of their own in one session, and none sees another's "
     "bytes",
     "A drive serves as many programs as the user starts.",
     "mpr/provider.h, threads: MPR_PROVIDER_THREADSAFE, for one session too"},
    {"FIL-84", KIT_CAPABILITY, one_file_many_threads,
     "Eight threads write and read their own parts of one open file",
     "The router has reads and writes of one file under way in parallel.",
     "mpr/provider.h, threads; mpr/file.h: MprFilePread may run in parallel"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
