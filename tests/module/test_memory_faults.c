/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_memory_faults.c: the memory provider: the switches that make it slow, hang or fail.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "memory_rig.h"

TestSuite(memory_faults, .timeout = 90);

static int take_none(void *context, const struct mpr_resource *entry) {
    (void)context;
    (void)entry;
    return 1;
}

/* ---- switches */

Test(memory_faults, fails_as_told) {
    static const struct mpr_option options[] = {
        {"shares", "demo,locked,gone"},
        {"fail", "connect@locked=5,connect@gone=53,pread=-5,list=59"},
        {NULL, NULL}};
    struct mpr_call call = call_for(20000);
    uint32_t code = NO_ERROR;
    void *session, *file;
    char byte;

    must_start(options);
    must_fail("\\\\memory\\locked", 0, ERROR_ACCESS_DENIED);
    cr_expect_eq(error_code, (uint32_t)ERROR_ACCESS_DENIED);
    cr_expect(strstr(error_text, "\\\\memory\\locked"), "%s", error_text);
    cr_expect_eq(try_connect("\\\\memory\\gone", NULL, 0, &session, &code), MPR_NOT_MINE);
    cr_expect_eq(code, (uint32_t)ERROR_BAD_NETPATH);
    cr_expect_eq(provider->list(state, &call, "\\\\memory", 0, 0, take_none, NULL, &code),
                 MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_UNEXP_NET_ERR);
    session = must_connect("\\\\memory\\demo");
    cr_assert_eq(open_file(session, "a", O_RDWR | O_CREAT, &file), 0);
    cr_expect_eq(write_at(session, file, "x", 0), 1);
    cr_expect_eq(read_at(session, file, &byte, 1, 0), -EIO);
    close_file(session, file);
    leave(session);
    stop();
}

Test(memory_faults, keeps_the_session_when_disconnect_fails) {
    static const struct mpr_option options[] = {{"fail", "disconnect=1208"}, {NULL, NULL}};
    struct mpr_call call = call_for(20000);
    void *session;

    must_start(options);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(provider->disconnect(session, &call, 0), (uint32_t)ERROR_EXTENDED_ERROR);
    cr_expect_eq(write_file(session, "a", "still there"), 0);
    cr_expect_eq(provider->disconnect(session, &call, 1), (uint32_t)ERROR_EXTENDED_ERROR);
    stop();
}

static void expect_between(int64_t begun, int64_t least_ms, int64_t most_ms) {
    int64_t ms = (now_ns() - begun) / 1000000;

    cr_expect(ms >= least_ms && ms <= most_ms, "took %lld ms", (long long)ms);
}

Test(memory_faults, hangs_until_the_deadline) {
    static const struct mpr_option options[] = {
        {"shares", "demo,silent"}, {"hang", "stat,connect@silent,disconnect"}, {NULL, NULL}};
    struct mpr_connect args = {.size = sizeof(args), .remote = "\\\\memory\\silent"};
    struct mpr_stat attributes;
    int64_t begun = now_ns();
    struct mpr_call call = call_for(100);
    void *session;
    uint32_t code;

    must_start(options);
    cr_expect_eq(provider->connect(state, &call, &args, &session, &code), MPR_NOT_MINE,
                 "as silent as a server that is not there");
    cr_expect_eq(code, (uint32_t)ERROR_BAD_NETPATH);
    expect_between(begun, 90, 10000);
    session = must_connect("\\\\memory\\demo");
    begun = now_ns();
    call = call_for(100);
    cr_expect_eq(provider->stat(session, &call, "", &attributes), -ETIMEDOUT);
    expect_between(begun, 90, 10000);
    begun = now_ns();
    call = call_for(100);
    cr_expect_eq(provider->disconnect(session, &call, 0), NO_ERROR, "silent is no reason to fail");
    expect_between(begun, 90, 10000);
    session = must_connect("\\\\memory\\demo");
    begun = now_ns();
    call = call_for(20000);
    cr_expect_eq(provider->disconnect(session, &call, 1), NO_ERROR);
    expect_between(begun, 0, 10000);
    stop();
}

Test(memory_faults, hangs_until_it_is_cancelled) {
    static const struct mpr_option options[] = {{"hang", "stat,connect,disconnect"}, {NULL, NULL}};
    struct mpr_call call = call_for(20000);
    struct mpr_connect args = {.size = sizeof(args), .remote = "\\\\memory\\demo"};
    int64_t begun = now_ns();
    void *session;
    uint32_t code;

    must_start(options);
    call.cancel_fd = eventfd(1, EFD_CLOEXEC);
    cr_expect_eq(provider->connect(state, &call, &args, &session, &code), MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_CANCELLED);
    expect_between(begun, 0, 10000);
    stop();
}

/* A thread that stats, and one that aborts: both ways of waiting are ended. */
static void *stat_thread(void *session) {
    struct mpr_call call = call_for(20000);
    struct mpr_stat attributes;

    return (void *)(intptr_t)provider->stat(session, &call, "", &attributes);
}

Test(memory_faults, abort_ends_what_is_under_way) {
    static const struct mpr_option options[] = {{"hang", "stat"}, {NULL, NULL}};
    int64_t begun = now_ns();
    void *session, *result, *file;
    pthread_t threads[2];

    must_start(options);
    session = must_connect("\\\\memory\\demo");
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, stat_thread, session), 0);
    usleep(50000);
    provider->abort(session);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &result);
        cr_expect_eq((intptr_t)result, -ENOTCONN);
    }
    expect_between(begun, 50, 10000);
    cr_expect_eq(open_file(session, "a", O_RDWR | O_CREAT, &file), -ENOTCONN, "and later ones");
    leave(session);
    stop();
}

Test(memory_faults, is_as_slow_as_told) {
    static const struct mpr_option options[] = {{"latency_ms", "30"}, {NULL, NULL}};
    struct mpr_call call = call_for(20000);
    struct mpr_performance got = {.size = sizeof(got)};
    int64_t begun = now_ns();
    void *session;

    must_start(options);
    session = must_connect("\\\\memory\\demo");
    expect_between(begun, 30, 10000);
    cr_expect_eq(provider->performance(session, &call, &got), NO_ERROR);
    cr_expect(got.delay_ms >= 30 && got.delay_ms < 10000, "%u", got.delay_ms);
    cr_expect_eq(got.opt_data_size, provider->max_io);
    leave(session);
    stop();
}

/*
 * Stats in a child, whose end is looked at: it should come within so many ms.
 * Returns its wait status, or -1 if it had to be killed.
 */
static int stat_in_child(const char *option, int ms) {
    const struct mpr_option options[] = {{option, "stat"}, {NULL, NULL}};
    int status = -1, waited = 0;
    pid_t child = fork();

    if (child == 0) {
        struct mpr_call call = call_for(50);
        struct mpr_stat attributes;

        must_start(options);
        signal(SIGSEGV, SIG_DFL);
        provider->stat(must_connect("\\\\memory\\demo"), &call, "", &attributes);
        _exit(9);
    }
    cr_assert_gt(child, 0);
    for (int i = 0; i < ms / 10 && !waited; i++) {
        usleep(10000);
        waited = waitpid(child, &status, WNOHANG) == child;
    }
    if (waited)
        return status;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -1;
}

Test(memory_faults, crashes_exits_and_hangs_hard) {
    int status = stat_in_child("crash", 20000);

    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "%x", (unsigned)status);
    status = stat_in_child("exit", 20000);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", (unsigned)status);
    cr_expect_eq(stat_in_child("hang_hard", 1000), -1, "neither deadline nor cancel ends it");
}
