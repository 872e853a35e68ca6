/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_state.c: what happens on a connection while something else happens
 * on it: connecting, cancelling, operations under way.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mpr/file.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define CANCEL_MS 300 /* of a forced cancel */
/* What is at once is compared with the other bounds, and leaves a machine that stands still its time. */
#define BOUND_MS  20000
#define MARGIN_MS (BOUND_MS / 2)
#define UPDATE    CONNECT_UPDATE_PROFILE

/*
 * memory: hangs where it may be woken. scripted: hangs in what "stuck" names
 * until the test lets it go on, as no provider should.
 */
static void begin_with(int cancel_ms, const char *stuck, const char *more) {
    char options[512];

    world_make();
    snprintf(options, sizeof options,
             "{\"cancel_timeout_ms\": %d, \"connect_timeout_ms\": %d, \"io_timeout_ms\": %d}",
             cancel_ms, BOUND_MS, BOUND_MS);
    world_config(options);
    world_memory("\"shares\": \"fine,slow,hung,clingy\", "
                 "\"hang\": \"connect@slow,stat@hung,pread@hung,disconnect@clingy\"");
    snprintf(options, sizeof options, "\"takes\": \"//s/\", \"stuck\": \"%s\", \"until\": \"%s\"%s",
             stuck, world_path("go"), more);
    world_scripted("10-stuck", options);
    world_start();
}

static void begin(const char *stuck, const char *more) {
    begin_with(CANCEL_MS, stuck, more);
}

static void let_go(void) {
    world_write("go", "%s", "");
}

static void wait_for_log(const char *line) {
    int64_t end = world_ms() + 10000;

    while (!strstr(world_read("log"), line) && world_ms() < end)
        world_sleep(2);
    cr_assert_lt(world_ms(), end, "the provider was never in %s", line);
}

static unsigned logged(const char *line) {
    return world_count(world_read("log"), line);
}

TestSuite(state, .timeout = 90, .fini = world_end);

struct job {
    const char *name;
    DWORD flags;
    BOOL force;
};

static DWORD cancel_job(void *context) {
    const struct job *job = context;

    return WNetCancelConnection2A(job->name, job->flags, job->force);
}

static DWORD add_slow(void *context) {
    DWORD rc = add(context, "\\\\memory\\slow", 0);

    if (rc == ERROR_CANCELLED)
        EXPECT_WORDS("forced cancel");
    return rc;
}

static DWORD stat_hung(void *context) {
    struct mpr_stat facts;

    return (DWORD)MprFileStat(context, &facts);
}

/* The device of a connection on its way is taken, and nothing else. */
static struct background *start_slow_add(const char *device) {
    struct background *adding = background(add_slow, (void *)(uintptr_t)device);
    int64_t end = world_ms() + 10000;

    while (world_ms() < end) {
        if (WNetCancelConnection2A(device, 0, FALSE) == ERROR_DEVICE_IN_USE)
            return adding;
        world_sleep(2);
    }
    cr_assert_fail("it never began");
    return NULL;
}

Test(state, connecting) {
    struct background *adding;
    struct mpr_stat facts;
    int64_t start;

    begin("", "");
    adding = start_slow_add("Z:");
    EXPECT_CODE(ERROR_ALREADY_ASSIGNED, add("Z:", "\\\\memory\\slow", 0));
    EXPECT_WORDS("Z: is being connected");
    EXPECT_CODE(ERROR_DEVICE_IN_USE, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("\\\\memory\\slow", 0, TRUE));
    cr_expect_str_eq(remote_of("Z:"), "2250");
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_eq(MprFileStat("Z:\\f", &facts), -ENOTCONN);
    start = world_ms();
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
    cr_expect_lt(world_ms() - start, MARGIN_MS);
    cr_expect_eq(wait_for(adding), ERROR_CANCELLED);
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("Z:", 0, TRUE));
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\fine", 0));
}

Test(state, connecting_what_is_remembered) {
    struct background *adding;

    begin("", "");
    world_profile("{\"version\": 1, \"connections\": {}}");
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", UPDATE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", UPDATE, FALSE));
    adding = start_slow_add("Z:");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", UPDATE, TRUE));
    cr_expect_eq(wait_for(adding), ERROR_CANCELLED);
    cr_expect_str_eq(remote_of("Z:"), "2250");
}

static DWORD add_stuck(void *context) {
    return add(context, "//s/x", UPDATE);
}

/* A provider that does not listen while it connects is left behind with what it makes. */
Test(state, connecting_without_an_ear) {
    static char device[] = "Z:";
    struct background *adding;
    int64_t start;

    begin("connect", "");
    adding = background(add_stuck, device);
    wait_for_log("connect");
    start = world_ms();
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
    cr_expect_lt(world_ms() - start, MARGIN_MS);
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\fine", 0));
    let_go();
    cr_expect_eq(wait_for(adding), ERROR_CANCELLED);
    cr_expect_eq(logged("forced"), 1, "what came too late was ended");
    cr_expect_str_eq(remote_of("Z:"), "\\\\memory\\fine");
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
}

/* So is one that does not listen while it disconnects, whether it succeeds then or not. */
static void disconnecting_without_an_ear(const char *more, const char *name, DWORD outcome) {
    struct job gentle = {name, 0, FALSE};
    struct background *first;
    int64_t start;

    begin("disconnect", more);
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    first = background(cancel_job, &gentle);
    wait_for_log("disconnect");
    start = world_ms();
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(name, 0, TRUE));
    cr_expect_lt(world_ms() - start, MARGIN_MS);
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\fine", 0));
    let_go();
    cr_expect_eq(wait_for(first), outcome);
    cr_expect_eq(logged("forced"), outcome != NO_ERROR);
    cr_expect_str_eq(remote_of("Z:"), "\\\\memory\\fine");
}

Test(state, disconnecting_without_an_ear_by_device) {
    disconnecting_without_an_ear("", "Z:", NO_ERROR);
}

Test(state, disconnecting_without_an_ear_by_remote_name) {
    disconnecting_without_an_ear("", "//s/x", NO_ERROR);
}

Test(state, refusing_without_an_ear) {
    disconnecting_without_an_ear(", \"disconnect\": 5", "Z:", ERROR_ACCESS_DENIED);
}

Test(state, the_second_cancel_waits_for_the_first) {
    static struct job job = {"Z:", 0, FALSE};
    struct background *first, *second;

    begin("disconnect", "");
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    first = background(cancel_job, &job);
    wait_for_log("disconnect");
    second = background(cancel_job, &job);
    EXPECT_CODE(ERROR_ALREADY_ASSIGNED, add("Z:", "\\\\memory\\fine", 0));
    let_it_wait(second);
    let_go();
    cr_expect_eq(wait_for(first), NO_ERROR);
    cr_expect_eq(wait_for(second), ERROR_NOT_CONNECTED);
    cr_expect_eq(logged("disconnect"), 1);
}

Test(state, the_second_tries_when_the_first_was_refused) {
    static struct job job = {"Z:", 0, FALSE};
    struct background *first, *second;

    begin("disconnect", ", \"disconnect\": 5");
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    first = background(cancel_job, &job);
    wait_for_log("disconnect");
    second = background(cancel_job, &job);
    let_it_wait(second);
    let_go();
    cr_expect_eq(wait_for(first), ERROR_ACCESS_DENIED);
    cr_expect_eq(wait_for(second), ERROR_ACCESS_DENIED);
    cr_expect_eq(logged("disconnect"), 2);
    cr_expect_str_eq(remote_of("Z:"), "//s/x");
}

/* By force even over a cancel that waits for the server. */
static void take_over(const char *name) {
    struct job gentle = {name, 0, FALSE};
    struct background *first;
    int64_t start;

    begin("", "");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\clingy", 0));
    first = background(cancel_job, &gentle);
    let_it_wait(first);
    start = world_ms();
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(name, 0, TRUE));
    cr_expect_lt(world_ms() - start, MARGIN_MS);
    cr_expect_eq(wait_for(first), ERROR_CANCELLED);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
}

Test(state, force_takes_over) {
    take_over("Z:");
}

Test(state, force_takes_over_by_remote_name) {
    take_over("\\\\memory\\clingy");
}

/* An operation that is under way holds the device, though no file is open. */
Test(state, operation_under_way) {
    static char path[] = "Z:\\f";
    struct background *running;
    int64_t start;

    begin("", "");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\hung", UPDATE));
    running = background(stat_hung, path);
    let_it_wait(running);
    EXPECT_CODE(ERROR_DEVICE_IN_USE, WNetCancelConnection2A("Z:", UPDATE, FALSE));
    EXPECT_CODE(ERROR_DEVICE_IN_USE, WNetCancelConnection2A("\\\\memory\\hung", 0, FALSE));
    cr_expect_str_eq(remote_of("Z:"), "\\\\memory\\hung");
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
    cr_expect(!is_finished(running));
    start = world_ms();
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", UPDATE, TRUE));
    cr_expect_lt(world_ms() - start, MARGIN_MS);
    cr_expect_eq(wait_for(running), (DWORD)-ENOTCONN);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
}

static DWORD read_file(void *context) {
    char byte;

    return (DWORD)MprFileRead(context, &byte, 1);
}

Test(state, a_read_that_hangs) {
    struct background *running;
    HANDLE file;
    char byte;
    int64_t start;

    begin("", "");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\hung", 0));
    cr_assert_eq(MprFileOpen("Z:\\f", O_RDWR | O_CREAT, 0644, &file), 0);
    running = background(read_file, file);
    let_it_wait(running);
    EXPECT_CODE(ERROR_OPEN_FILES, WNetCancelConnection2A("Z:", 0, FALSE));
    start = world_ms();
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
    cr_expect_lt(world_ms() - start, MARGIN_MS);
    cr_expect_eq(wait_for(running), (DWORD)-ENOTCONN);
    cr_expect_eq(MprFileRead(file, &byte, 1), -ENOTCONN);
    cr_expect_eq(MprFileClose(file), 0);
}

static int read_positioned(HANDLE file) {
    char byte;

    return (int)MprFilePread(file, &byte, 1, 0);
}

static DWORD read_beside(void *context) {
    return (DWORD)read_positioned(context);
}

/* Who listens to nothing is left behind: the last of them ends the session. */
Test(state, operations_that_do_not_end) {
    struct background *running[2];
    HANDLE file;
    int64_t start, took;

    begin("pread", "");
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    cr_assert_eq(MprFileOpen("Z:\\f", O_RDWR | O_CREAT, 0644, &file), 0);
    for (size_t i = 0; i < 2; i++)
        running[i] = background(read_beside, file);
    while (logged("pread") < 2)
        world_sleep(2);
    start = world_ms();
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
    took = world_ms() - start;
    cr_expect(took >= CANCEL_MS - 10 && took < CANCEL_MS + MARGIN_MS, "%ld ms", (long)took);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_eq(logged("abort"), 1);
    cr_expect_eq(logged("forced"), 0, "the session is still in use");
    cr_expect_eq(read_positioned(file), -ENOTCONN);
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\fine", 0));
    let_go();
    for (size_t i = 0; i < 2; i++)
        cr_expect_eq(wait_for(running[i]), (DWORD)0, "what it read before it noticed");
    cr_expect_eq(logged("forced"), 1);
    cr_expect_eq(MprFileClose(file), 0);
    cr_expect_eq(logged("close"), 0, "the file went with the session");
}

/* One bound for all of them, not one for each. */
Test(state, one_bound_for_all) {
    static const char *const devices[] = {"V:", "W:", "X:", "Y:", "Z:"};
    struct background *running[5];
    HANDLE files[5];
    int64_t start;
    char path[16];

    begin_with(1500, "pread", "");
    for (size_t i = 0; i < 5; i++) {
        EXPECT_CODE(NO_ERROR, add(devices[i], "//s/x", 0));
        snprintf(path, sizeof path, "%s\\f", devices[i]);
        cr_assert_eq(MprFileOpen(path, O_RDWR | O_CREAT, 0644, &files[i]), 0);
        running[i] = background(read_beside, files[i]);
    }
    while (logged("pread") < 5)
        world_sleep(2);
    start = world_ms();
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("//s/x", 0, TRUE));
    cr_expect_lt(world_ms() - start, 5000);
    let_go();
    for (size_t i = 0; i < 5; i++) {
        wait_for(running[i]);
        cr_expect_eq(MprFileClose(files[i]), 0);
    }
    cr_expect_eq(logged("forced"), 5);
}

/* An operation that comes during an unforced cancel waits for its outcome. */
static void operate_while_cancelling(const char *more, DWORD cancelled, DWORD result) {
    static struct job job = {"Z:", 0, FALSE};
    struct background *cancelling, *running;

    begin("disconnect", more);
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    cancelling = background(cancel_job, &job);
    wait_for_log("disconnect");
    running = background(stat_hung, (char[]){"Z:\\f"});
    let_it_wait(running);
    let_go();
    cr_expect_eq(wait_for(cancelling), cancelled);
    cr_expect_eq(wait_for(running), result);
}

Test(state, an_operation_waits_for_a_cancel) {
    operate_while_cancelling("", NO_ERROR, (DWORD)-ENOTCONN);
}

Test(state, an_operation_goes_on_after_a_cancel_that_was_refused) {
    operate_while_cancelling(", \"disconnect\": 5", ERROR_ACCESS_DENIED, (DWORD)-ENOTSUP);
}

static DWORD add_deviceless(void *context) {
    return add(NULL, context, 0);
}

/* Two at once to one resource, without device: one session is too many. */
Test(state, deviceless_ones_do_not_stack_at_once) {
    static char remote[] = "//s/x";
    struct background *running[3];

    begin("connect", "");
    for (size_t i = 0; i < 3; i++)
        running[i] = background(add_deviceless, remote);
    while (logged("connect") < 3)
        world_sleep(2);
    let_go();
    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(wait_for(running[i]), NO_ERROR);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
    cr_expect_eq(logged("forced"), 2);
}

/* One connection that hangs delays no other. */
Test(state, others_are_not_delayed) {
    static char path[] = "Z:\\f";
    struct background *running;
    int64_t start;

    begin("", "");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\hung", 0));
    running = background(stat_hung, path);
    let_it_wait(running);
    start = world_ms();
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\fine", UPDATE));
    cr_expect_eq(write_file("Y:\\f", "text"), 0);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 2);
    cr_expect_str_eq(remote_of("Z:"), "\\\\memory\\hung");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Y:", UPDATE, FALSE));
    cr_expect_lt(world_ms() - start, MARGIN_MS);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
    wait_for(running);
}
