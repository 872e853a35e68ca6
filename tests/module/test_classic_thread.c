/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_classic_thread.c: classic providers that do not come back, or call back.
 */
#include "config.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define STUCK   "10-stuck"

/*
 * Bounds. A call that shall be given up has a short one; where others have to
 * succeed beside it, even on a machine that stands still for a second, the
 * short one is this long. What is asserted to be at once is compared with ENDLESS.
 */
#define SHORT   "300"
#define ENOUGH  "2500"
#define ENDLESS "20000"

static void set_bounds(const char *connect_ms, const char *cancel_ms) {
    char text[128];

    snprintf(text, sizeof text, "{\"connect_timeout_ms\": %s, \"cancel_timeout_ms\": %s}",
             connect_ms, cancel_ms);
    world_config(text);
}

static void begin(void) {
    world_make();
    set_bounds(ENDLESS, ENDLESS);
    world_classic(STUCK, "");
    world_memory("\"shares\": \"demo\"");
    world_start();
}

static atomic_int *number(const char *symbol) {
    return world_classic_symbol(STUCK, symbol);
}

/* Whoever is still in the module comes out; nothing of the test may be gone before. */
static void release(void) {
    atomic_store(number("classic_released"), 1);
}

static void end(void) {
    release();
    world_end();
}

TestSuite(classic_thread, .timeout = 90, .init = begin, .fini = end);

static int count(void) {
    int (*fn)(void);
    void *symbol = world_classic_symbol(STUCK, "classic_count");

    memcpy(&fn, &symbol, sizeof fn);
    return fn();
}

static bool soon(int (*what)(void), int wanted) {
    for (int i = 0; i < 4000 && what() != wanted; i++)
        world_sleep(5);
    return what() == wanted;
}

static int inside(void) {
    return atomic_load(number("classic_inside"));
}

static int cancels(void) {
    return atomic_load(number("classic_cancels"));
}

/* Takes milliseconds between least and most. */
#define EXPECT_TIME(least, most, statement)                                                        \
    do {                                                                                           \
        int64_t began = world_ms();                                                                \
        statement;                                                                                 \
        cr_expect(world_ms() - began >= (least) && world_ms() - began <= (most),                   \
                  "%s took %lld ms", #statement, (long long)(world_ms() - began));                 \
    } while (0)

Test(classic_thread, is_given_up) {
    set_bounds(ENOUGH, ENDLESS);
    world_restart();
    EXPECT_TIME(2400, 20000, EXPECT_CODE(ERROR_BUSY, add("Z:", "\\\\STUCK\\late", 0)));
    EXPECT_WORDS("has not answered");
    /* While it is in there everybody is told at once. */
    EXPECT_TIME(0, 2300, EXPECT_CODE(ERROR_BUSY, add("Y:", "\\\\STUCK\\more", 0)));
    EXPECT_WORDS("earlier call");
    release();
    /* What it connected when nobody waited any more is taken back. */
    cr_expect(soon(cancels, 1));
    cr_expect(soon(inside, 0));
    cr_expect_eq(count(), 0);
    cr_expect_str_eq(remote_of("Z:"), "2250");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\STUCK\\late", 0));
    cr_expect_eq(count(), 1);
}

static DWORD add_late(void *context) {
    return add(context, "\\\\STUCK\\late", 0);
}

static DWORD add_more(void *context) {
    return add(context, "\\\\STUCK\\more", 0);
}

Test(classic_thread, is_aborted_by_a_forced_cancel) {
    char device[] = "Z:";
    struct background *adding;

    set_bounds(ENDLESS, SHORT);
    world_restart();
    adding = background(add_late, device);
    cr_assert(soon(inside, 1));
    EXPECT_TIME(0, 10000, EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE)));
    cr_expect_eq(wait_for(adding), ERROR_CANCELLED);
    /* While it is in there everybody is told at once. */
    EXPECT_TIME(0, 10000, cr_expect_str_eq(remote_of("Z:"), "170"));
    EXPECT_TIME(0, 10000, EXPECT_CODE(ERROR_BUSY, add("Y:", "\\\\STUCK\\more", 0)));
    EXPECT_WORDS("earlier call");
    /* And others are not delayed, though they come behind it. */
    EXPECT_TIME(0, 10000, EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\demo", 0)));
    EXPECT_TIME(0, 10000, EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE)));
    release();
    cr_expect(soon(inside, 0));
    cr_expect(soon(count, 0));
}

/* One call at a time: who comes second waits for the first, and gets its turn. */
Test(classic_thread, calls_are_one_after_the_other) {
    static char devices[][3] = {"C:", "D:", "E:", "F:", "G:", "H:"};
    struct background *adding[6];

    for (int i = 0; i < 6; i++)
        adding[i] = background(i % 2 ? add_late : add_more, devices[i]);
    world_sleep(50);
    release();
    for (int i = 0; i < 6; i++)
        cr_expect_eq(wait_for(adding[i]), NO_ERROR);
    cr_expect_eq(atomic_load(number("classic_most")), 1);
    cr_expect_eq(count(), 6);
}

/* A job whose turn never came was never run. */
Test(classic_thread, who_waits_in_vain_is_not_connected) {
    char first[] = "C:", second[] = "D:";
    struct background *one, *two;

    set_bounds(SHORT, ENDLESS);
    world_restart();
    one = background(add_late, first);
    cr_assert(soon(inside, 1));
    two = background(add_more, second);
    cr_expect_eq(wait_for(two), ERROR_BUSY);
    cr_expect_eq(wait_for(one), ERROR_BUSY);
    release();
    cr_expect(soon(cancels, 1));
    cr_expect(soon(inside, 0));
    world_sleep(50);
    cr_expect_eq(count(), 0);
    cr_expect_eq(cancels(), 1);
}

/* A forced cancel ends in time; the module hears of it when it comes back. */
Test(classic_thread, forced_cancel) {
    set_bounds(ENOUGH, SHORT);
    world_restart();
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\STUCK\\more", 0));
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\STUCK\\other", 0));
    atomic_store(number("classic_cancel_hangs"), 1);
    EXPECT_TIME(2400, 20000, EXPECT_CODE(ERROR_BUSY, WNetCancelConnection2A("Z:", 0, FALSE)));
    EXPECT_TIME(0, 10000, EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Y:", 0, TRUE)));
    EXPECT_TIME(0, 10000, EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE)));
    cr_expect_eq(count(), 2);
    release();
    cr_expect(soon(cancels, 3));
    cr_expect_eq(count(), 0);
}

Test(classic_thread, shutdown_while_it_hangs) {
    set_bounds(ENOUGH, SHORT);
    world_restart();
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\STUCK\\more", 0));
    EXPECT_CODE(ERROR_BUSY, add("Z:", "\\\\STUCK\\late", 0));
    EXPECT_TIME(0, 10000, EXPECT_CODE(NO_ERROR, MprShutdown()));
    cr_expect_eq(count(), 1);
    world_start();
    /* A new router knows the module, and leaves it alone until it is back. */
    EXPECT_CODE(ERROR_BUSY, add("Z:", "\\\\STUCK\\new", 0));
    EXPECT_WORDS("left alone");
    cr_expect_eq(inside(), 1);
    release();
    cr_expect(soon(cancels, 2)); /* Z: by itself, Y: as it was told */
    cr_expect(soon(inside, 0));
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\STUCK\\new", 0));
    cr_expect_str_eq(remote_of("Z:"), "\\\\STUCK\\new");
    cr_expect_eq(count(), 1);
}

Test(classic_thread, calling_back) {
    EXPECT_CODE(ERROR_BUSY, add("Z:", "\\\\STUCK\\back", 0));
    EXPECT_WORDS("called the router back");
    EXPECT_CODE(ERROR_BUSY, add("Z:", "\\\\STUCK\\end", 0));
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\STUCK\\more", 0));
}

/* The child of a fork has no thread of its parent's, and can start anew. */
Test(classic_thread, fork) {
    int status;
    pid_t child;

    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\STUCK\\more", 0));
    child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        DWORD rc = WNetCancelConnection2A("Z:", 0, TRUE);

        if (rc != ERROR_NO_NETWORK)
            _exit(1);
        if (MprInitialize(world_path("")) != NO_ERROR)
            _exit(2);
        if (add("Y:", "\\\\STUCK\\child", 0) != NO_ERROR)
            _exit(3);
        if (MprShutdown() != NO_ERROR)
            _exit(4);
        _exit(0);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status 0x%x", (unsigned)status);
    cr_expect_str_eq(remote_of("Z:"), "\\\\STUCK\\more");
}

Test(classic_thread, nothing_is_left) {
    unsigned descriptors, threads;

    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\STUCK\\more", 0));
    descriptors = world_descriptors();
    for (int i = 0; i < 50; i++) {
        EXPECT_CODE(NO_ERROR, add("Y:", "\\\\STUCK\\again", 0));
        EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Y:", 0, FALSE));
    }
    cr_expect_leq(world_descriptors(), descriptors + 1);
    threads = world_threads();
    EXPECT_CODE(NO_ERROR, MprShutdown());
    for (int i = 0; i < 2000 && world_threads() >= threads; i++)
        world_sleep(5);
    cr_expect_lt(world_threads(), threads);
    world_start();
}

/* One that cannot even say what it can is left out, and hurts no other. */
/* What MprListProviders says of the first one, in words. */
static int describe(void *context, const struct mpr_provider_info *info) {
    snprintf(context, 1024, "%s %s=%s 0x%x 0x%x %s%s",
             info->state == MPR_PROVIDER_LOADED ? "loaded" : "failed", info->name, info->provider,
             info->net_type, info->capabilities, info->isolated ? "isolated" : "here", info->error);
    return 1;
}

static const char *first_provider(void) {
    static char text[1024];

    text[0] = '\0';
    EXPECT_CODE(NO_ERROR, MprListProviders(describe, text));
    return text;
}

Test(classic_thread, hangs_when_it_is_loaded) {
    EXPECT_CODE(NO_ERROR, MprShutdown());
    cr_assert_eq(setenv("MPR_TEST_STUCK", "1", 1), 0);
    set_bounds(SHORT, ENDLESS);
    EXPECT_TIME(250, 20000, world_start());
    cr_expect(strstr(first_provider(), "failed stuck") && strstr(first_provider(), "NPGetCaps"),
              "%s", first_provider());
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\demo", 0));
    unsetenv("MPR_TEST_STUCK");
}
