/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_worker_time.c: nothing waits without a bound: deadlines, cancelling and
 * aborting what is under way in a worker process.
 */
#include "config.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_worker_process.h"
#include "tests/lab/asleep.h"
#include "tests/module/worker_lab.h"

/* What has to succeed, or would hang without what is tested, has so long; the machine may stand still. */
#define PATIENCE_MS 20000
/* What does not wait for that long is done by then. */
#define SOON_MS     (PATIENCE_MS / 2)

static struct lab lab;
static struct lab_call call;
static void *session;

static void set_up(void) {
    lab_deadly = true;
    cr_assert_eq(lab_start(&lab, "rogue", NULL), NO_ERROR);
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\share", NULL, &session), NO_ERROR, "%s",
                 call.data.failure.text);
}

static void tear_down(void) {
    if (session)
        cr_expect_eq(lab.table->disconnect(session, lab_call(&call, PATIENCE_MS), 0), NO_ERROR);
    if (lab.state)
        lab_stop(&lab);
}

TestSuite(worker_time, .init = set_up, .fini = tear_down, .timeout = 120);
static void be_deadly(void) {
    lab_deadly = true;
}

TestSuite(worker_server, .init = be_deadly, .fini = tear_down, .timeout = 120);

static bool said(const char *words) {
    return call.data.failure.set && strstr(call.data.failure.text, words);
}

static int stat_within(const char *path, int ms) {
    struct mpr_stat facts;

    return lab.table->stat(session, lab_call(&call, ms), path, &facts);
}

/* ---- time */

Test(worker_time, hang_is_ended_a_little_after_the_deadline) {
    int64_t begun = lab_ms(), took;
    int pid = lab_worker_pid(session);

    cr_expect_eq(stat_within("hang", 200), -ETIMEDOUT);
    took = lab_ms() - begun;
    cr_expect(took >= 200 && took < SOON_MS, "%d ms", (int)took);
    cr_expect(said("did not finish stat in time"), "%s", call.data.failure.text);
    cr_expect(lab_gone(pid, SOON_MS));
    cr_expect_eq(stat_within("steady", PATIENCE_MS), 0);
}

struct later {
    pthread_t thread;
    int ms, event_fd;
    void *aborted;
};

static void *do_later(void *context) {
    struct later *later = context;
    struct timespec pause = {later->ms / 1000, later->ms % 1000 * 1000000l};

    nanosleep(&pause, NULL);
    if (later->event_fd >= 0)
        eventfd_write(later->event_fd, 1);
    if (later->aborted)
        lab.table->abort(later->aborted);
    return NULL;
}

static void start_later(struct later *later) {
    cr_assert_eq(pthread_create(&later->thread, NULL, do_later, later), 0);
}

Test(worker_time, cancelling_ends_a_hang_within_the_grace) {
    struct later later = {.ms = 100, .event_fd = eventfd(0, EFD_CLOEXEC)};
    struct mpr_stat facts;
    int64_t begun = lab_ms(), took;

    start_later(&later);
    lab_call(&call, PATIENCE_MS)->cancel_fd = later.event_fd;
    cr_expect_eq(lab.table->stat(session, &call.call, "hang", &facts), -ECANCELED);
    took = lab_ms() - begun;
    cr_expect(took >= 100 && took < SOON_MS, "%d ms", (int)took);
    pthread_join(later.thread, NULL);
    cr_expect_eq(lab.table->stat(session, lab_call(&call, PATIENCE_MS), "steady", &facts), 0);
    close(later.event_fd);
}

Test(worker_time, abort_ends_what_is_under_way_and_all_that_follows) {
    struct later later = {.ms = 100, .event_fd = -1, .aborted = session};
    int64_t begun = lab_ms(), took;

    start_later(&later);
    cr_expect_eq(stat_within("hang", PATIENCE_MS), -ENOTCONN);
    took = lab_ms() - begun;
    cr_expect(took >= 100 && took < SOON_MS, "%d ms", (int)took);
    pthread_join(later.thread, NULL);
    begun = lab_ms();
    cr_expect_eq(stat_within("steady", PATIENCE_MS), -ENOTCONN);
    cr_expect_eq(stat_within("steady", PATIENCE_MS), -ENOTCONN);
    cr_expect(lab_ms() - begun < SOON_MS);
}

Test(worker_time, forced_disconnect_does_not_wait) {
    int64_t begun;
    void *slow;
    int pid;

    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\slow-end", NULL, &slow), NO_ERROR);
    pid = lab_worker_pid(slow);
    begun = lab_ms();
    cr_expect_eq(lab.table->disconnect(slow, lab_call(&call, PATIENCE_MS), 1), NO_ERROR);
    cr_expect(lab_ms() - begun < SOON_MS);
    cr_expect(lab_gone(pid, SOON_MS));
}

Test(worker_time, unforced_disconnect_waits_until_its_deadline_at_most) {
    int64_t begun;
    void *slow;

    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\slow-end", NULL, &slow), NO_ERROR);
    begun = lab_ms();
    cr_expect_eq(lab.table->disconnect(slow, lab_call(&call, 300), 0), NO_ERROR);
    cr_expect(lab_ms() - begun < SOON_MS);
}

Test(worker_time, unforced_disconnect_can_be_cancelled) {
    struct later later = {.ms = 100, .event_fd = eventfd(0, EFD_CLOEXEC)};
    void *slow;

    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\slow-end", NULL, &slow), NO_ERROR);
    start_later(&later);
    lab_call(&call, PATIENCE_MS)->cancel_fd = later.event_fd;
    cr_expect_eq(lab.table->disconnect(slow, &call.call, 0), ERROR_CANCELLED);
    pthread_join(later.thread, NULL);
    cr_expect_eq(
        lab.table->statvfs(slow, lab_call(&call, PATIENCE_MS), "", &(struct mpr_statvfs){0}), 0,
        "the session is as before");
    cr_expect_eq(lab.table->disconnect(slow, lab_call(&call, PATIENCE_MS), 1), NO_ERROR);
    close(later.event_fd);
}

/* Another thread in the worker; it gives up when its descriptor says so. */
struct other {
    pthread_t thread;
    const char *path;
    int event_fd, result;
    atomic_int id;
};

static void *stat_beside(void *context) {
    struct other *other = context;
    struct lab_call mine;
    struct mpr_stat facts;

    atomic_store(&other->id, gettid());
    lab_call(&mine, PATIENCE_MS)->cancel_fd = other->event_fd;
    other->result = lab.table->stat(session, &mine.call, other->path, &facts);
    return NULL;
}

static void start_other(struct other *other) {
    cr_assert_eq(pthread_create(&other->thread, NULL, stat_beside, other), 0);
    cr_assert(asleep_wait(&other->id));
}

Test(worker_time, who_waits_for_another_keeps_his_own_deadline) {
    struct later later = {.ms = 200, .event_fd = eventfd(0, EFD_CLOEXEC)};
    struct other other = {.path = "hang", .event_fd = eventfd(0, EFD_CLOEXEC)};
    struct mpr_stat facts;
    int64_t begun;

    start_other(&other);
    begun = lab_ms();
    cr_expect_eq(stat_within("steady", 100), -ETIMEDOUT);
    cr_expect(lab_ms() - begun < SOON_MS);
    start_later(&later);
    lab_call(&call, PATIENCE_MS)->cancel_fd = later.event_fd;
    cr_expect_eq(lab.table->stat(session, &call.call, "steady", &facts), -ECANCELED);
    cr_expect(lab_ms() - begun < SOON_MS);
    eventfd_write(other.event_fd, 1);
    cr_expect_eq(stat_within("steady", PATIENCE_MS), 0);
    pthread_join(later.thread, NULL);
    pthread_join(other.thread, NULL);
    cr_expect_eq(other.result, -ECANCELED);
    close(later.event_fd);
    close(other.event_fd);
}

Test(worker_time, abort_ends_the_wait_for_a_new_worker) {
    struct later later = {.ms = 100, .event_fd = -1, .aborted = session};
    int zygote = lab_zygote_pid(&lab);
    int64_t begun = lab_ms();

    kill(zygote, SIGSTOP);
    kill(lab_spare_pid(&lab), SIGKILL);
    lab_kill_worker(session);
    start_later(&later);
    cr_expect_eq(stat_within("steady", PATIENCE_MS), -ENOTCONN);
    cr_expect(lab_ms() - begun < SOON_MS);
    pthread_join(later.thread, NULL);
    kill(zygote, SIGCONT);
}

Test(worker_time, file_is_closed_in_the_end_though_close_was_given_up) {
    struct other other = {.path = "nap", .event_fd = -1};
    struct mpr_statvfs facts;
    void *file;

    cr_assert_eq(
        lab.table->open(session, lab_call(&call, PATIENCE_MS), "steady", O_RDONLY, 0, &file), 0);
    start_other(&other);
    cr_expect_eq(lab.table->close(session, lab_call(&call, 50), file), -ETIMEDOUT);
    cr_expect_eq(lab.table->statvfs(session, lab_call(&call, PATIENCE_MS), "", &facts), 0);
    cr_expect_eq(facts.files, 0);
    pthread_join(other.thread, NULL);
}

/* ---- a server that is slow, and one that is silent */

struct server {
    pthread_t thread;
    int listener, port, count, pause_ms; /* so many bytes with such a pause, then silence */
    _Atomic bool hung_up;
};

static void *serve(void *context) {
    struct server *server = context;
    int peer = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    char byte = 'x';

    for (int i = 0; i < server->count; i++) {
        usleep((useconds_t)server->pause_ms * 1000);
        if (send(peer, &byte, 1, MSG_NOSIGNAL) != 1)
            break;
    }
    server->hung_up = recv(peer, &byte, 1, 0) <= 0;
    close(peer);
    return NULL;
}

static void start_server(struct server *server, const char *io_timeout_ms, void **ret_session) {
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    char port[16];
    const struct mpr_option options[] = {
        {"port", port}, {"io_timeout_ms", io_timeout_ms}, {NULL, NULL}};

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(server->listener, (struct sockaddr *)&at, size), 0);
    cr_assert_eq(listen(server->listener, 1), 0);
    cr_assert_eq(getsockname(server->listener, (struct sockaddr *)&at, &size), 0);
    snprintf(port, sizeof port, "%d", ntohs(at.sin_port));
    cr_assert_eq(pthread_create(&server->thread, NULL, serve, server), 0);
    cr_assert_eq(lab_start(&lab, "rogue", options), NO_ERROR);
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\share", NULL, ret_session), NO_ERROR);
}

/* Says whether the worker's call returned by itself, before the grace after which it is killed. */
static bool cut_off_a_silent_server(void) {
    struct server server = {.count = 0};
    char data[10];
    int64_t begun, took;
    void *file;

    start_server(&server, "400", &session);
    cr_assert_eq(
        lab.table->open(session, lab_call(&call, PATIENCE_MS), "socket", O_RDONLY, 0, &file), 0);
    begun = lab_ms();
    cr_expect_eq(lab.table->pread(session, lab_call(&call, 300), file, data, 10, 0), -ETIMEDOUT);
    took = lab_ms() - begun;
    cr_expect(took >= 300 && took < SOON_MS, "%d ms", (int)took);
    pthread_join(server.thread, NULL);
    cr_expect(server.hung_up);
    lab.table->close(session, lab_call(&call, PATIENCE_MS), file);
    close(server.listener);
    return took < 300 + MPR_WORKER_GRACE_MS;
}

/* A worker that stands still just then is killed; not each of five. */
Test(worker_server, silent_server_is_cut_off_at_the_deadline) {
    for (int i = 0; i < 5 && !cut_off_a_silent_server(); i++) {
        cr_assert_lt(i, 4, "no call returned by itself");
        tear_down();
    }
}

Test(worker_server, slow_server_is_waited_for_as_long_as_bytes_come) {
    struct server server = {.count = 15, .pause_ms = 250};
    char data[15];
    int64_t begun, took, rc;
    void *file;

    start_server(&server, "2500", &session);
    cr_assert_eq(
        lab.table->open(session, lab_call(&call, PATIENCE_MS), "socket", O_RDONLY, 0, &file), 0);
    begun = lab_ms();
    cr_expect_eq(lab.table->pread(session, lab_call(&call, 2500), file, data, 15, 0), 15);
    took = lab_ms() - begun;
    cr_expect(took >= 3500, "%d ms", (int)took);
    rc = lab.table->pread(session, lab_call(&call, 300), file, data, 1, 0);
    cr_expect_eq(rc, -ETIMEDOUT, "no more bytes come: %d", (int)rc);
    pthread_join(server.thread, NULL);
    lab.table->close(session, lab_call(&call, PATIENCE_MS), file);
    close(server.listener);
}
