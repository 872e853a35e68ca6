/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_profile.c: profiles that cannot be read, and such as cannot be
 * written at the worst moment.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define A      "\\\\memory\\a"
#define UPDATE CONNECT_UPDATE_PROFILE

/* The scripted provider waits in the operation that "stuck" names until the file "go" is there. */
static void begin_stuck(const char *operations) {
    char options[512];

    world_make();
    world_memory("\"shares\": \"a\"");
    snprintf(options, sizeof options,
             "\"takes\": \"//slow/\", \"stuck\": \"%s\", \"until\": \"%s\"", operations,
             world_path("go"));
    world_scripted("10-slow", options);
    world_start();
}

TestSuite(profile, .timeout = 60, .fini = world_end);

/* Waits until the provider is in an operation. */
static void wait_for_log(const char *line) {
    int64_t end = world_ms() + 10000;

    while (!strstr(world_read("log"), line) && world_ms() < end)
        world_sleep(5);
    cr_assert_lt(world_ms(), end, "the provider was never in %s", line);
}

/* Until it is given back nothing can be read or written there, by whomever. */
static void take_config_away(void) {
    cr_assert_eq(rename(world_path("config"), world_path("away")), 0);
    world_write("config", "%s", "no directory");
}

static void give_config_back(void) {
    cr_assert_eq(unlink(world_path("config")), 0);
    cr_assert_eq(rename(world_path("away"), world_path("config")), 0);
}

Test(profile, bad_ones_stop_a_cancel_before_anything_is_broken) {
    static const char *const bad[] = {"", "{", "[]", "\xff",
                                      "{\"version\": 1, \"connections\": 7}"};

    begin_stuck("");
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        world_profile(bad[i]);
        EXPECT_CODE(ERROR_BAD_PROFILE, WNetCancelConnection2A("Z:", UPDATE, i % 2));
        EXPECT_CODE(ERROR_BAD_PROFILE, WNetCancelConnection2A("Y:", UPDATE, FALSE));
        EXPECT_CODE(ERROR_BAD_PROFILE, WNetCancelConnectionA("Z:", FALSE));
        EXPECT_WORDS("profile.json");
        cr_expect_str_eq(world_read(WORLD_PROFILE), bad[i]);
        cr_expect_str_eq(remote_of("Z:"), A);
        cr_expect_str_eq(remote_of("Y:"), "2250", "one that is not understood remembers nothing");
    }
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
}

Test(profile, one_that_cannot_be_opened_stops_it_too) {
    HANDLE list;

    begin_stuck("");
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    cr_assert_eq(symlink("/proc/self/mem", world_path(WORLD_PROFILE)), 0);
    EXPECT_CODE(ERROR_CANNOT_OPEN_PROFILE, WNetCancelConnection2A("Z:", UPDATE, TRUE));
    cr_expect_str_eq(remote_of("Z:"), A);
    EXPECT_CODE(ERROR_CANNOT_OPEN_PROFILE, WNetOpenEnumA(RESOURCE_REMEMBERED, 0, 0, NULL, &list));
    cr_assert_eq(unlink(world_path(WORLD_PROFILE)), 0);
    world_profile("{");
    EXPECT_CODE(ERROR_BAD_PROFILE, WNetOpenEnumA(RESOURCE_REMEMBERED, 0, 0, NULL, &list));
}

static DWORD add_slow(void *context) {
    (void)context;
    EXPECT_CODE(ERROR_CANNOT_OPEN_PROFILE, add("Z:", "//slow/x", UPDATE));
    EXPECT_WORDS("config");
    return MprGetLastError();
}

/* What cannot be remembered, though it was asked for, is not connected either. */
Test(profile, an_add_that_cannot_be_remembered_is_undone) {
    struct background *adding;

    begin_stuck("connect");
    adding = background(add_slow, NULL);
    wait_for_log("connect //slow/x");
    take_config_away();
    world_write("go", "%s", "");
    cr_expect_eq(wait_for(adding), ERROR_CANNOT_OPEN_PROFILE);
    give_config_back();
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
    cr_expect_eq(world_count(world_read("log"), "forced //slow/x"), 1, "the session was ended");
    EXPECT_CODE(NO_ERROR, add("Z:", A, UPDATE));
}

static DWORD cancel_slow(void *context) {
    EXPECT_CODE(ERROR_CANNOT_OPEN_PROFILE, WNetCancelConnection2A("Z:", UPDATE, context != NULL));
    EXPECT_WORDS("is disconnected, but still remembered");
    return MprGetLastError();
}

/* Broken, and the profile fails then: that cannot be undone, and is said. */
static void cancel_without_profile(const char *operation, void *force) {
    char line[64];
    struct background *cancelling;

    begin_stuck(operation);
    EXPECT_CODE(NO_ERROR, add("Z:", "//slow/x", UPDATE));
    cancelling = background(cancel_slow, force);
    snprintf(line, sizeof line, "%s //slow/x", operation);
    wait_for_log(line);
    take_config_away();
    world_write("go", "%s", "");
    cr_expect_eq(wait_for(cancelling), ERROR_CANNOT_OPEN_PROFILE);
    give_config_back();
    cr_expect_str_eq(remote_of("Z:"), "1201");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", UPDATE, FALSE));
    cr_expect_str_eq(remote_of("Z:"), "2250");
}

Test(profile, a_cancel_that_cannot_forget_says_so) {
    cancel_without_profile("disconnect", NULL);
}

Test(profile, a_forced_one_too) {
    cancel_without_profile("forced", (void *)1);
}

static DWORD cancel_and_forget(void *device) {
    return WNetCancelConnection2A(device, UPDATE, FALSE);
}

/* Another program may have changed the profile meanwhile: it is read anew for the change. */
Test(profile, what_others_wrote_meanwhile_stays) {
    struct background *cancelling;
    static char other[8192];

    begin_stuck("disconnect");
    EXPECT_CODE(NO_ERROR, add("Y:", A, UPDATE));
    snprintf(other, sizeof other, "%s", world_read(WORLD_PROFILE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Y:", UPDATE, FALSE));
    EXPECT_CODE(NO_ERROR, add("Z:", "//slow/x", 0));
    cancelling = background(cancel_and_forget, (char[]){"Z:"});
    wait_for_log("disconnect //slow/x");
    world_profile(other);
    world_write("go", "%s", "");
    cr_expect_eq(wait_for(cancelling), NO_ERROR);
    cr_expect_str_eq(remote_of("Y:"), "1201");
    cr_expect_str_eq(world_read(WORLD_PROFILE), other, "an entry that is not there needs no write");
}
