/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_session.c: where the router runs, and services that are late, silent, talk
 * nonsense, hang up, or are somebody else's.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/session.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define NOBODY 65534
#define REPLY                                                                                      \
    "{\"parameters\":{\"remote\":\"\\\\\\\\fake\\\\share\",\"provider\":\"Fake\",\"remembered\":"  \
    "false}}"
#define BOUND_MS  3000 /* a second of patience, two for a ping */
#define MARGIN_MS 4000 /* for a machine that has other things to do */

/* ---- a service: one thread for each connection */

/* What it does with a call that is not GetInfo. */
enum manner {
    ANSWER,
    ANSWER_LATE, /* after a while in which it answers pings */
    BE_SILENT,   /* from the second connection on it does not even answer GetInfo */
    HANG_UP,
    HANG_UP_ONCE,
    ANSWER_HALF, /* and hang up */
    TALK_NONSENSE,
    REFUSE,
    FAIL,
    NEVER_END, /* a reply that is longer than any */
    TELL_EVENTS,
};

static struct {
    enum manner manner;
    int listener;
    atomic_uint calls;
    atomic_bool silent;
} service;

static void say(int fd, const char *text) {
    size_t size = strlen(text) + 1, done = 0;

    while (done < size) {
        ssize_t n = send(fd, text + done, size - done, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        done += (size_t)n;
    }
}

static void say_much(int fd) {
    static const char piece[65536] = {[0 ... 65535] = 'x'};

    for (int i = 0; i < 300; i++)
        if (send(fd, piece, sizeof piece, MSG_NOSIGNAL) <= 0)
            return;
}

static void tell_events(int fd) {
    static const char event[] =
        "{\"parameters\":{\"kind\":%d,\"code\":0,\"initial\":%d,\"time_ns\":\"17\",\"device\":"
        "\"Z:\",\"remote\":\"//s/p\"},\"continues\":true}";
    char text[sizeof event + 16];

    for (int i = 1; i <= 3; i++) {
        snprintf(text, sizeof text, event, i, i == 1);
        say(fd, text);
    }
}

/* False: hang up. */
static bool serve_call(int fd) {
    unsigned calls = atomic_fetch_add(&service.calls, 1);

    switch (service.manner) {
    case ANSWER_LATE:
        world_sleep(1600);
        break;
    case BE_SILENT:
        atomic_store(&service.silent, true);
        return true;
    case HANG_UP:
        return false;
    case HANG_UP_ONCE:
        if (calls == 0)
            return false;
        break;
    case ANSWER_HALF:
        send(fd, REPLY, 10, MSG_NOSIGNAL);
        return false;
    case TALK_NONSENSE:
        say(fd, "nonsense");
        return true;
    case REFUSE:
        say(fd,
            "{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{\"method\":\"x\"}}");
        return true;
    case FAIL:
        say(fd, "{\"error\":\"org.libmpr.Session.Failed\",\"parameters\":{\"code\":1208,\"native\":"
                "77,\"provider\":\"Fake\",\"text\":\"It was too late.\"}}");
        return true;
    case NEVER_END:
        say_much(fd);
        return false;
    case TELL_EVENTS:
        tell_events(fd);
        return true;
    case ANSWER:
        break;
    }
    say(fd, REPLY);
    return true;
}

static bool serve_message(int fd, const char *text) {
    if (strstr(text, "org.varlink.service.GetInfo")) {
        if (!atomic_load(&service.silent))
            say(fd, "{\"parameters\":{}}");
        return true;
    }
    return serve_call(fd);
}

static void *serve(void *context) {
    int fd = (int)(intptr_t)context;
    char text[4096];
    size_t length = 0;
    ssize_t n;

    while ((n = recv(fd, text + length, sizeof text - length, 0)) > 0) {
        length += (size_t)n;
        if (length == sizeof text || text[length - 1] != '\0')
            continue;
        if (!serve_message(fd, text))
            break;
        length = 0;
    }
    close(fd);
    return NULL;
}

static void *accept_all(void *context) {
    int fd;

    (void)context;
    while ((fd = accept(service.listener, NULL, NULL)) >= 0) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0)
            pthread_detach(thread);
    }
    return NULL;
}

static int make_socket(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert(mkdir(world_path("run"), 0700) == 0 || errno == EEXIST);
    cr_assert_lt(
        snprintf(address.sun_path, sizeof address.sun_path, "%s", world_path("run/session")),
        (int)sizeof address.sun_path);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void start_service(enum manner manner) {
    pthread_t thread;

    service.manner = manner;
    service.listener = make_socket();
    cr_assert_eq(listen(service.listener, 16), 0);
    cr_assert_eq(pthread_create(&thread, NULL, accept_all, NULL), 0);
    pthread_detach(thread);
}

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"fine\"");
}

/* The world ends what it has started; the service ends with the process. */
TestSuite(session, .timeout = 90, .init = begin, .fini = world_end);

static DWORD ask(void) {
    char remote[64] = "";
    DWORD size = sizeof remote;
    DWORD rc = WNetGetConnectionA("Z:", remote, &size);

    if (rc == NO_ERROR)
        cr_expect_str_eq(remote, "\\\\fake\\share");
    return rc;
}

static void expect_service(void) {
    EXPECT_CODE(NO_ERROR, ask());
    cr_expect(atomic_load(&service.calls) != 0);
}

static void expect_none(void) {
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\fine", 0));
    cr_expect_str_eq(remote_of("Z:"), "\\\\memory\\fine");
    cr_expect_eq(atomic_load(&service.calls), 0);
}

/* ---- where the router runs */

Test(session, the_service_is_used_if_it_answers) {
    start_service(ANSWER);
    expect_service();
}

Test(session, without_a_service_the_router_is_here) {
    expect_none();
}

Test(session, a_service_that_is_dead_is_none) {
    close(make_socket());
    expect_none();
}

Test(session, zero_is_here) {
    start_service(ANSWER);
    setenv("MPR_SESSION", "0", 1);
    expect_none();
}

Test(session, one_is_the_service_or_nothing) {
    setenv("MPR_SESSION", "1", 1);
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("`wnet status` starts it");
    cr_assert_eq(mkdir(world_path("run"), 0700), 0);
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("`wnet status` starts it");
    start_service(ANSWER);
    expect_service();
}

Test(session, the_configuration_chooses) {
    world_config("{\"session\": \"off\"}");
    start_service(ANSWER);
    expect_none();
    EXPECT_CODE(NO_ERROR, MprShutdown());
    setenv("MPR_SESSION", "1", 1);
    expect_service();
}

Test(session, the_configuration_may_want_it) {
    world_config("{\"session\": \"on\"}");
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    setenv("MPR_SESSION", "0", 1);
    expect_none();
}

Test(session, no_failure_is_left_behind_where_there_is_none) {
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MprStatus("Z:", NULL, NULL));
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\fine", 0));
    EXPECT_WORDS("fn is NULL");
}

/* ---- whom it trusts */

Test(session, a_directory_that_others_may_enter_is_not_trusted) {
    start_service(ANSWER);
    cr_assert_eq(chmod(world_path("run"), 0750), 0);
    setenv("MPR_SESSION", "1", 1);
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("may be entered by others");
    unsetenv("MPR_SESSION");
    expect_none();
}

Test(session, a_directory_that_is_a_link_is_not_trusted) {
    start_service(ANSWER);
    cr_assert_eq(rename(world_path("run"), world_path("elsewhere")), 0);
    cr_assert_eq(symlink(world_path("elsewhere"), world_path("run")), 0);
    setenv("MPR_SESSION", "1", 1);
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("is a link");
}

/* Whose a socket is, is whose process has called listen. */
static void listen_as_nobody(int fd, int ready, int end) {
    char byte;

    if (setgid(NOBODY) || setuid(NOBODY) || listen(fd, 16))
        _exit(1);
    close(ready);
    (void)!read(end, &byte, 1);
    _exit(0);
}

Test(session, a_service_of_another_user_is_not_trusted) {
    int ready[2], end[2], fd;
    char byte;
    pid_t child;

    if (geteuid() != 0)
        cr_skip_test("only root can be somebody else");
    fd = make_socket();
    cr_assert(pipe(ready) == 0 && pipe(end) == 0);
    child = fork();
    if (child == 0) {
        close(ready[0]);
        close(end[1]);
        listen_as_nobody(fd, ready[1], end[0]);
    }
    close(ready[1]);
    close(end[0]);
    cr_assert_eq(read(ready[0], &byte, 1), 0);
    setenv("MPR_SESSION", "1", 1);
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("belongs to user 65534");
    close(end[1]);
    waitpid(child, NULL, 0);
}

/* ---- services that are not well */

Test(session, a_late_one_is_waited_for) {
    start_service(ANSWER_LATE);
    expect_service();
}

Test(session, a_silent_one_is_not_waited_for) {
    int64_t began;

    start_service(BE_SILENT);
    began = world_ms();
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("does not answer");
    cr_expect_lt(world_ms() - began, BOUND_MS + MARGIN_MS);
    cr_expect_geq(world_ms() - began, BOUND_MS - 500);
}

Test(session, one_that_is_silent_from_the_start_is_none) {
    atomic_store(&service.silent, true);
    start_service(ANSWER);
    expect_none();
}

Test(session, one_that_hangs_up_is_asked_once_more) {
    start_service(HANG_UP_ONCE);
    expect_service();
    cr_expect_eq(atomic_load(&service.calls), 2);
}

Test(session, and_not_for_ever) {
    start_service(HANG_UP);
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("hung up during the call");
    cr_expect_leq(atomic_load(&service.calls), 2);
}

Test(session, half_an_answer_is_none) {
    start_service(ANSWER_HALF);
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("hung up during the call");
}

Test(session, nonsense_is_no_answer) {
    start_service(TALK_NONSENSE);
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("does not understand");
}

Test(session, an_older_service_is_told_apart) {
    start_service(REFUSE);
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("it has no method");
    EXPECT_WORDS("different versions");
}

Test(session, an_answer_without_end_is_none) {
    start_service(NEVER_END);
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("Message too long");
}

Test(session, a_failure_arrives_with_its_words) {
    start_service(FAIL);
    EXPECT_CODE(ERROR_EXTENDED_ERROR, ask());
    EXPECT_WORDS("It was too late.");
    cr_expect_eq(last_native(), 77);
    cr_expect_str_eq(last_provider(), "Fake");
}

Test(session, one_that_has_ended_is_said_to_have) {
    start_service(ANSWER);
    expect_service();
    service.manner = HANG_UP;
    shutdown(service.listener, SHUT_RDWR);
    close(service.listener);
    unlink(world_path("run/session"));
    EXPECT_CODE(ERROR_NO_NETWORK, ask());
    EXPECT_WORDS("`wnet status` starts it");
    cr_assert_eq(unlink(world_path("run/session")), -1);
}

static DWORD ask_once(void *context) {
    (void)context;
    return ask();
}

Test(session, the_end_of_the_router_ends_a_call) {
    struct background *asking;
    int64_t began;

    start_service(ANSWER);
    expect_service();
    service.manner = ANSWER_LATE;
    asking = background(ask_once, NULL);
    let_it_wait(asking);
    began = world_ms();
    EXPECT_CODE(NO_ERROR, MprShutdown());
    cr_expect_eq(wait_for(asking), ERROR_CANCELLED);
    cr_expect_lt(world_ms() - began, MARGIN_MS);
}

/* ---- events */

static unsigned told;

static int MPRCALL note_event(void *context, const struct mpr_event *event) {
    told++;
    cr_expect_eq(event->kind, told);
    cr_expect_eq(event->initial, told == 1);
    cr_expect_str_eq(event->device, "Z:");
    cr_expect_str_eq(event->remote, "//s/p");
    cr_expect_str_eq(event->text, "");
    return told == *(unsigned *)context;
}

Test(session, events_are_told_until_it_is_enough) {
    unsigned enough = 2;

    start_service(TELL_EVENTS);
    EXPECT_CODE(NO_ERROR, MprSubscribe(note_event, -1, &enough));
    cr_expect_eq(told, 2);
}

static void *end_soon(void *context) {
    world_sleep(300);
    (void)!write(*(int *)context, "", 1);
    return NULL;
}

Test(session, events_end_when_a_descriptor_says_so) {
    unsigned enough = 4;
    pthread_t thread;
    int ends[2];

    start_service(TELL_EVENTS);
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(pthread_create(&thread, NULL, end_soon, &ends[1]), 0);
    EXPECT_CODE(NO_ERROR, MprSubscribe(note_event, ends[0], &enough));
    cr_expect_eq(told, 3);
    pthread_join(thread, NULL);
    close(ends[0]);
    close(ends[1]);
}

Test(session, events_end_with_the_service) {
    unsigned enough = 4;

    start_service(HANG_UP);
    EXPECT_CODE(ERROR_NO_NETWORK, MprSubscribe(note_event, -1, &enough));
}
