/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_worker_memory.c: the memory provider, isolated in worker processes, with
 * its switches for latency, hanging and dying.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "tests/module/worker_lab.h"

static struct lab lab;
static struct lab_call call;
static void *session;

static void start(const char *option, const char *value) {
    const struct mpr_option options[] = {{option, value}, {NULL, NULL}};

    lab_deadly = true;
    cr_assert_eq(lab_start(&lab, "memory", options), NO_ERROR);
    cr_assert_eq(lab_connect(&lab, &call, "\\\\memory\\demo", NULL, &session), NO_ERROR, "%s",
                 call.data.failure.text);
}

static void stop(void) {
    if (session)
        cr_expect_eq(lab.table->disconnect(session, lab_call(&call, 20000), 0), NO_ERROR);
    lab_stop(&lab);
}

TestSuite(worker_memory, .fini = stop, .timeout = 120);

static int stat_within(int ms) {
    struct mpr_stat facts;

    return lab.table->stat(session, lab_call(&call, ms), "", &facts);
}

static void write_and_read(void) {
    const size_t size = 9 << 20;
    unsigned char *data = malloc(size), *back = malloc(size);
    struct mpr_stat facts;
    void *file;

    cr_assert(data && back);
    lab_pattern(data, size, 5);
    cr_assert_eq(lab.table->open(session, lab_call(&call, 20000), "file", O_RDWR | O_CREAT | O_EXCL,
                                 0600, &file),
                 0);
    for (size_t at = 0; at < size; at += 3 << 20)
        cr_expect_eq(
            lab.table->pwrite(session, lab_call(&call, 20000), file, data + at, 3 << 20, at),
            3 << 20);
    cr_expect_eq(lab.table->fsync(session, lab_call(&call, 20000), file), 0);
    for (size_t at = 0; at < size; at += 1 << 20)
        cr_expect_eq(
            lab.table->pread(session, lab_call(&call, 20000), file, back + at, 1 << 20, at),
            1 << 20);
    cr_expect_eq(memcmp(data, back, size), 0);
    cr_expect_eq(lab.table->fstat(session, lab_call(&call, 20000), file, &facts), 0);
    cr_expect_eq(facts.size, size);
    cr_expect_eq(lab.table->close(session, lab_call(&call, 20000), file), 0);
    free(data);
    free(back);
}

Test(worker_memory, keeps_what_is_written) {
    start("shares", "demo");
    write_and_read();
}

/* Whoever exceeds it is killed by SIGXFSZ. */
static void limit_files(rlim_t size) {
    const struct rlimit limit = {size, size};

    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(worker_memory, shares_as_much_memory_as_the_limit_of_files_leaves) {
    limit_files(200000);
    start("shares", "demo");
    write_and_read();
}

Test(worker_memory, says_when_the_limit_of_files_leaves_none) {
    const struct mpr_option options[] = {{"shares", "demo"}, {NULL, NULL}};

    limit_files(60000);
    cr_assert_eq(lab_start(&lab, "memory", options), NO_ERROR);
    cr_expect_eq(lab_connect(&lab, &call, "\\\\memory\\demo", NULL, &session),
                 ERROR_NOT_ENOUGH_MEMORY);
    cr_expect(strstr(call.data.failure.text, "ulimit -f), which counts for memory shared with it "
                                             "too, is 60000 bytes"),
              "%s", call.data.failure.text);
    session = NULL;
}

static int count(void *context, const char *name, const struct mpr_stat *attributes) {
    (void)name;
    *(int *)context += S_ISDIR(attributes->mode) ? 1000 : 1;
    return 0;
}

Test(worker_memory, has_all_the_operations_of_a_tree) {
    char target[64];
    struct mpr_stat facts;
    struct mpr_statvfs system;
    int seen = 0;

    start("shares", "demo");
    cr_expect_eq(lab.table->mkdir(session, lab_call(&call, 20000), "dir", 0755), 0);
    cr_expect_eq(lab.table->mkdir(session, lab_call(&call, 20000), "dir", 0755), -EEXIST);
    cr_expect_eq(lab.table->symlink(session, lab_call(&call, 20000), "to/there", "dir/link"), 0);
    cr_expect_eq(lab.table->readlink(session, lab_call(&call, 20000), "dir/link", target, 64), 0);
    cr_expect_str_eq(target, "to/there");
    cr_expect_eq(lab.table->chmod(session, lab_call(&call, 20000), "dir", 0700), 0);
    cr_expect_eq(lab.table->chown(session, lab_call(&call, 20000), "dir", 12, 34), 0);
    cr_expect_eq(lab.table->utimens(session, lab_call(&call, 20000), "dir", 1, 2), 0);
    cr_expect_eq(lab.table->stat(session, lab_call(&call, 20000), "dir", &facts), 0);
    cr_expect(facts.mode == (S_IFDIR | 0700) && facts.uid == 12 && facts.gid == 34);
    cr_expect(facts.atime_ns == 1 && facts.mtime_ns == 2);
    cr_expect_eq(lab.table->readdir(session, lab_call(&call, 20000), "", count, &seen), 0);
    cr_expect_eq(seen, 1000);
    cr_expect_eq(lab.table->rename(session, lab_call(&call, 20000), "dir/link", "link"), 0);
    cr_expect_eq(lab.table->rmdir(session, lab_call(&call, 20000), "dir"), 0);
    cr_expect_eq(lab.table->unlink(session, lab_call(&call, 20000), "link"), 0);
    cr_expect_eq(lab.table->unlink(session, lab_call(&call, 20000), "link"), -ENOENT);
    cr_expect_eq(lab.table->statvfs(session, lab_call(&call, 20000), "", &system), 0);
    cr_expect(system.block_size > 0);
}

struct names {
    int count;
    char last[128];
};

static int note(void *context, const struct mpr_resource *entry) {
    struct names *names = context;

    names->count++;
    snprintf(names->last, sizeof names->last, "%s", entry->remote ? entry->remote : "(none)");
    return 0;
}

Test(worker_memory, answers_about_the_network_in_a_worker) {
    struct mpr_performance speed = {.size = sizeof speed};
    struct names names = {0};
    uint32_t code = 0;
    size_t rest = 0;

    start("shares", "demo,other");
    cr_expect_eq(lab.table->list(lab.state, lab_call(&call, 20000), "\\\\memory", RESOURCETYPE_ANY,
                                 0, note, &names, &code),
                 MPR_DONE);
    cr_expect_eq(names.count, 2);
    cr_expect_eq(lab.table->parent(lab.state, lab_call(&call, 20000), "\\\\memory\\demo", note,
                                   &names, &code),
                 MPR_DONE);
    cr_expect_str_eq(names.last, "\\\\memory");
    cr_expect_eq(lab.table->information(lab.state, lab_call(&call, 20000), "\\\\memory\\demo\\rest",
                                        RESOURCETYPE_ANY, note, &names, &rest, &code),
                 MPR_DONE);
    cr_expect_str_eq(&"\\\\memory\\demo\\rest"[rest], "\\rest");
    cr_expect_eq(lab.table->performance(session, lab_call(&call, 20000), &speed), NO_ERROR);
}

Test(worker_memory, crash_and_exit_are_failed_operations) {
    start("crash", "statvfs");
    cr_expect_eq(lab.table->statvfs(session, lab_call(&call, 20000), "", &(struct mpr_statvfs){0}),
                 -EIO);
    cr_expect(strstr(call.data.failure.text, "SIGSEGV"), "%s", call.data.failure.text);
    cr_expect_eq(stat_within(20000), 0);
    cr_expect_eq(lab.table->disconnect(session, lab_call(&call, 20000), 0), NO_ERROR);
    session = NULL;
    lab_stop(&lab);
    start("exit", "statvfs");
    cr_expect_eq(lab.table->statvfs(session, lab_call(&call, 20000), "", &(struct mpr_statvfs){0}),
                 -EIO);
    cr_expect(strstr(call.data.failure.text, "status 0"), "%s", call.data.failure.text);
}

/* A worker that stands still just then is killed; not each of five. */
Test(worker_memory, hang_ends_by_its_deadline_and_keeps_the_worker) {
    int event = eventfd(1, EFD_CLOEXEC);
    struct mpr_stat facts;
    bool kept = false;

    start("hang", "stat");
    for (int i = 0; i < 5 && !kept; i++) {
        int64_t begun = lab_ms(), took;
        int pid = lab_worker_pid(session);

        cr_expect_eq(stat_within(200), -ETIMEDOUT);
        took = lab_ms() - begun;
        cr_expect(took >= 200 && took < 10000, "%d ms", (int)took);
        begun = lab_ms();
        lab_call(&call, 20000)->cancel_fd = event;
        cr_expect_eq(lab.table->stat(session, &call.call, "", &facts), -ECANCELED);
        cr_expect(lab_ms() - begun < 10000);
        kept = lab_worker_pid(session) == pid;
        /* The session of one that was killed has a worker again. */
        cr_expect_eq(
            lab.table->statvfs(session, lab_call(&call, 20000), "", &(struct mpr_statvfs){0}), 0);
    }
    cr_expect(kept, "it stopped when it was told to");
    close(event);
}

Test(worker_memory, hard_hang_is_killed) {
    int64_t begun, took;
    int pid;

    start("hang_hard", "stat");
    pid = lab_worker_pid(session);
    begun = lab_ms();
    cr_expect_eq(stat_within(200), -ETIMEDOUT);
    took = lab_ms() - begun;
    cr_expect(took >= 200 && took < 10000, "%d ms", (int)took);
    cr_expect(lab_gone(pid, 10000));
    cr_expect_eq(lab.table->statvfs(session, lab_call(&call, 20000), "", &(struct mpr_statvfs){0}),
                 0);
}

Test(worker_memory, slow_operations_are_waited_for) {
    int64_t begun = lab_ms();

    start("latency_ms", "100");
    cr_expect_eq(stat_within(20000), 0);
    cr_expect(lab_ms() - begun >= 200);
    cr_expect_eq(stat_within(50), -ETIMEDOUT);
    cr_expect_eq(stat_within(20000), 0);
}
