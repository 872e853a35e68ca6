/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_worker_again.c: what becomes of operations whose worker process dies, or of which
 * none can be had at once: what can be done once more is done by the next one, and
 * nothing that was of the dead one stays.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "tests/module/worker_lab.h"

/* What has to succeed, or would hang without what is tested, has so long. */
#define PATIENCE_MS 20000

static struct lab lab;
static struct lab_call call;
static void *session;
static char log_path[] = "/tmp/mpr-test-XXXXXX"; /* a byte for each connect */

static void set_up(void) {
    const struct mpr_option options[] = {
        {"log", log_path}, {"io_timeout_ms", "1000"}, {NULL, NULL}};

    lab_deadly = true;
    close(mkostemp(log_path, O_CLOEXEC));
    cr_assert_eq(lab_start(&lab, "rogue", options), NO_ERROR);
}

static void tear_down(void) {
    if (session)
        cr_expect_eq(lab.table->disconnect(session, lab_call(&call, PATIENCE_MS), 0), NO_ERROR);
    if (lab.state)
        lab_stop(&lab);
    unlink(log_path);
}

TestSuite(worker_again, .init = set_up, .fini = tear_down, .timeout = 120);

static void begin(const char *remote) {
    cr_assert_eq(lab_connect(&lab, &call, remote, NULL, &session), NO_ERROR, "%s",
                 call.data.failure.text);
}

static int connects(void) {
    struct stat facts;

    cr_assert_eq(stat(log_path, &facts), 0);
    return (int)facts.st_size;
}

static int stat_of(const char *path) {
    struct mpr_stat facts;

    return lab.table->stat(session, lab_call(&call, PATIENCE_MS), path, &facts);
}

/* ---- a worker that dies of an operation, or during it */

Test(worker_again, question_is_asked_once_more) {
    begin("\\\\rogue\\share");
    cr_expect_eq(stat_of("frail-2"), 0, "%s", call.data.failure.text);
    cr_expect_eq(connects(), 2);
    cr_expect(!call.data.failure.set, "%s", call.data.failure.text);
    cr_expect_eq(stat_of("frail-4"), 0, "of two one after the other");
    cr_expect_eq(connects(), 4);
}

Test(worker_again, question_that_they_all_die_of_is_not_asked_for_ever) {
    begin("\\\\rogue\\share");
    cr_expect_eq(stat_of("frail-100"), -EIO);
    cr_expect_eq(connects(), 3);
    cr_expect(call.data.failure.set && connects() == 3, "the end of the last is explained");
    cr_expect_eq(stat_of("steady"), 0);
}

Test(worker_again, file_is_read_on) {
    unsigned char data[100], wanted[100];
    void *file;

    begin("\\\\rogue\\share");
    cr_assert_eq(
        lab.table->open(session, lab_call(&call, PATIENCE_MS), "frail-3", O_RDONLY, 0, &file), 0);
    cr_expect_eq(lab.table->pread(session, lab_call(&call, PATIENCE_MS), file, data, 100, 7), 100);
    lab_pattern(wanted, 100, 7);
    cr_expect_arr_eq(data, wanted, 100);
    cr_expect_eq(lab.table->close(session, lab_call(&call, PATIENCE_MS), file), 0);
}

Test(worker_again, change_that_was_perhaps_made_is_not_made_twice) {
    begin("\\\\rogue\\share");
    cr_expect_eq(lab.table->rename(session, lab_call(&call, PATIENCE_MS), "frail-2", "to"), -EIO);
    cr_expect_eq(connects(), 1);
}

/* ---- a worker that dies before it has begun */

struct later {
    pthread_t thread;
    int (*run)(void);
    int rc;
};

static void *do_later(void *context) {
    struct later *later = context;

    later->rc = later->run();
    return NULL;
}

/* Has something asked of a worker that is stopped, and then killed. */
static int ask_the_dead(int (*run)(void)) {
    struct later later = {.run = run};
    int pid = lab_worker_pid(session);

    kill(pid, SIGSTOP);
    cr_assert_eq(pthread_create(&later.thread, NULL, do_later, &later), 0);
    usleep(100000); /* or else it is dead before it is asked, which is nothing worse */
    kill(pid, SIGKILL);
    pthread_join(later.thread, NULL);
    return later.rc;
}

static int do_rename(void) {
    return lab.table->rename(session, lab_call(&call, PATIENCE_MS), "from", "to");
}

Test(worker_again, change_that_was_not_begun_is_made) {
    begin("\\\\rogue\\share");
    cr_expect_eq(ask_the_dead(do_rename), 0, "%s", call.data.failure.text);
    cr_expect_eq(connects(), 2);
}

static void *open_one;

static int do_close(void) {
    return lab.table->close(session, lab_call(&call, PATIENCE_MS), open_one);
}

Test(worker_again, close_of_what_was_only_read_is_done) {
    begin("\\\\rogue\\share");
    cr_assert_eq(
        lab.table->open(session, lab_call(&call, PATIENCE_MS), "steady", O_RDONLY, 0, &open_one),
        0);
    cr_expect_eq(ask_the_dead(do_close), 0);
    cr_assert_eq(
        lab.table->open(session, lab_call(&call, PATIENCE_MS), "steady", O_RDWR, 0, &open_one), 0);
    cr_expect_eq(ask_the_dead(do_close), -EIO);
}

/* ---- many deaths */

Test(worker_again, workers_that_are_killed_one_after_the_other_leave_nothing) {
    begin("\\\\rogue\\share");
    for (int i = 0; i < 6; i++) {
        lab_kill_worker(session);
        cr_expect_eq(stat_of("steady"), 0, "after %d deaths: %s", i + 1, call.data.failure.text);
    }
    cr_expect_eq(connects(), 7);
}

Test(worker_again, zygote_that_is_stopped_is_replaced_for_who_waits) {
    int64_t begun = lab_ms();
    int zygote;

    begin("\\\\rogue\\share");
    zygote = lab_zygote_pid(&lab);
    lab_kill_worker(session);
    kill(zygote, SIGSTOP);
    cr_expect_eq(stat_of("steady"), 0, "%s", call.data.failure.text);
    cr_expect_lt(lab_ms() - begun, PATIENCE_MS / 2);
    cr_expect(lab_gone(zygote, PATIENCE_MS));
}

/* ---- a server that does not want the new one at once */

Test(worker_again, access_that_is_denied_once_is_not_denied_for_good) {
    begin("\\\\rogue\\barred");
    lab_kill_worker(session);
    cr_expect_eq(stat_of("steady"), -EACCES);
    cr_expect_eq(stat_of("steady"), 0);
}

Test(worker_again, server_that_hangs_up_on_the_new_one_is_out_of_reach) {
    begin("\\\\rogue\\shut");
    lab_kill_worker(session);
    cr_expect_eq(stat_of("steady"), -EHOSTUNREACH);
    cr_expect_eq(stat_of("steady"), 0);
}
