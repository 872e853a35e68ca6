/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_notify.c: modules that are told of connections, before and after.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define DEMO  "\\\\memory\\demo"
#define NOTED "notes"

/* What a witness does. */
static void tell_witness(const char *name, const char *script) {
    char file[64];

    snprintf(file, sizeof file, "%s.so.txt", name);
    world_write(file, "log=%s\n%s\n", world_path(NOTED), script);
}

/* One with a drop-in of its own: "10-a". */
static void witness_of(const char *module, const char *name, const char *script) {
    char file[64];

    world_module(module, name);
    tell_witness(name, script);
    snprintf(file, sizeof file, "providers.d/%s.json", name);
    world_write(file, "{\"name\": \"w%s\", \"order\": %d, \"notify_module\": \"%s.so\"}\n",
                name + 3, atoi(name), world_path(name));
}

static void witness(const char *name, const char *script) {
    witness_of("witness", name, script);
}

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo,other\", \"user\": \"anna\", \"password\": \"secret\"");
}

TestSuite(notify, .timeout = 60, .init = begin, .fini = world_end);

static DWORD connect_as(const char *device, const char *user, const char *password) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t)device,
                             .lpRemoteName = (LPSTR)(uintptr_t)DEMO};

    return WNetAddConnection2A(&resource, password, user, CONNECT_TEMPORARY);
}

static DWORD connect(void) {
    return connect_as("Z:", "anna", "secret");
}

static DWORD cancel(void) {
    return WNetCancelConnection2A("Z:", 0, FALSE);
}

/* What was noted since the last look. */
static void expect_notes(const char *wanted) {
    cr_expect_str_eq(world_read(NOTED), wanted, "\"%s\", not \"%s\"", world_read(NOTED), wanted);
    unlink(world_path(NOTED));
}

/* --- the order --- */

Test(notify, before_in_the_opposite_order_and_after_the_other_way_round) {
    witness("10-a", "");
    witness("20-b", "");
    witness("30-c", "");
    world_start();
    EXPECT_CODE(NO_ERROR, connect());
    expect_notes("30-c add pre 0 Z: \\\\memory\\demo - 0x4\n"
                 "20-b add pre 0 Z: \\\\memory\\demo - 0x4\n"
                 "10-a add pre 0 Z: \\\\memory\\demo - 0x4\n"
                 "10-a add post 0 Z: \\\\memory\\demo - 0x4\n"
                 "20-b add post 0 Z: \\\\memory\\demo - 0x4\n"
                 "30-c add post 0 Z: \\\\memory\\demo - 0x4\n");
    EXPECT_CODE(NO_ERROR, cancel());
    expect_notes("30-c cancel pre 0 - Z: - 0x0\n"
                 "20-b cancel pre 0 - Z: - 0x0\n"
                 "10-a cancel pre 0 - Z: - 0x0\n"
                 "10-a cancel post 0 - Z: Memory Network 0x0\n"
                 "20-b cancel post 0 - Z: Memory Network 0x0\n"
                 "30-c cancel post 0 - Z: Memory Network 0x0\n");
}

Test(notify, by_remote_name_and_by_force) {
    witness("10-a", "");
    world_start();
    EXPECT_CODE(NO_ERROR, connect_as(NULL, "anna", "secret"));
    expect_notes("10-a add pre 0 - \\\\memory\\demo - 0x4\n"
                 "10-a add post 0 - \\\\memory\\demo - 0x4\n");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2W(wide(DEMO), CONNECT_UPDATE_PROFILE, TRUE));
    expect_notes("10-a force pre 0 - \\\\memory\\demo - 0x1\n"
                 "10-a force post 0 - \\\\memory\\demo Memory Network 0x1\n");
}

/* Every way to connect and to cancel. */
Test(notify, all_functions) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t) "Z:",
                             .lpRemoteName = (LPSTR)(uintptr_t)DEMO,
                             .lpProvider = (LPSTR)(uintptr_t) "Memory Network",
                             .dwType = RESOURCETYPE_DISK};
    DISCDLGSTRUCTA parting = {.cbStructure = sizeof parting, .lpLocalName = resource.lpLocalName};

    world_memory("");
    witness("10-a", "");
    world_start();
    EXPECT_CODE(NO_ERROR, WNetUseConnectionA(NULL, &resource, NULL, NULL, 0, NULL, NULL, NULL));
    EXPECT_CODE(NO_ERROR, WNetDisconnectDialog1A(&parting));
    expect_notes("10-a add pre 0 Z: \\\\memory\\demo Memory Network 0x0\n"
                 "10-a add post 0 Z: \\\\memory\\demo Memory Network 0x0\n"
                 "10-a cancel pre 0 - Z: - 0x0\n"
                 "10-a cancel post 0 - Z: Memory Network 0x0\n");
    EXPECT_CODE(NO_ERROR, WNetAddConnection4A(NULL, &resource, NULL, 0, 0, NULL, 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnectionA("Z:", FALSE));
    cr_expect_eq(world_count(world_read(NOTED), " post 0 "), 2);
    unlink(world_path(NOTED));
    EXPECT_CODE(NO_ERROR, WNetAddConnectionA(DEMO, NULL, "Z:"));
    EXPECT_CODE(NO_ERROR, cancel());
    cr_expect_eq(world_count(world_read(NOTED), " post 0 "), 2);
    unlink(world_path(NOTED));
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "Z:"));
    expect_notes("");
    EXPECT_CODE(NO_ERROR, WNetClearConnections(NULL));
    expect_notes("");
}

Test(notify, a_device_that_is_chosen_is_none_before) {
    NETRESOURCEA resource = {.lpRemoteName = (LPSTR)(uintptr_t)DEMO, .dwType = RESOURCETYPE_DISK};
    char access[8];
    DWORD size = sizeof access;

    world_memory("");
    witness("10-a", "");
    world_start();
    EXPECT_CODE(NO_ERROR, WNetUseConnectionA(NULL, &resource, NULL, NULL, CONNECT_REDIRECT, access,
                                             &size, NULL));
    expect_notes("10-a add pre 0 - \\\\memory\\demo - 0x80\n"
                 "10-a add post 0 - \\\\memory\\demo - 0x80\n");
}

/* --- who is told, and who not --- */

Test(notify, without_a_context_nobody_is_told_afterwards) {
    witness("10-a", "context=0");
    witness("20-b", "");
    world_start();
    EXPECT_CODE(NO_ERROR, connect());
    cr_expect_eq(world_count(world_read(NOTED), "10-a"), 1);
    cr_expect_eq(world_count(world_read(NOTED), "20-b"), 2);
}

Test(notify, a_module_with_one_function) {
    witness_of("halfwitness", "10-a", "");
    world_start();
    EXPECT_CODE(NO_ERROR, connect());
    expect_notes("");
    EXPECT_CODE(NO_ERROR, cancel());
    cr_expect_eq(world_count(world_read(NOTED), "10-a cancel"), 2);
}

Test(notify, what_the_router_refuses_nobody_hears_of) {
    NETRESOURCEA resource = {.lpRemoteName = (LPSTR)(uintptr_t)DEMO, .dwType = RESOURCETYPE_DISK};
    char access[2];
    DWORD size = sizeof access;

    witness("10-a", "");
    world_start();
    EXPECT_CODE(ERROR_BAD_DEVICE, connect_as("nosuch", NULL, NULL));
    EXPECT_CODE(ERROR_BAD_NET_NAME, add("Z:", "", 0));
    EXPECT_CODE(ERROR_INVALID_PARAMETER, add("Z:", DEMO, 0x80000000));
    EXPECT_CODE(ERROR_BAD_DEV_TYPE, (resource.lpLocalName = (LPSTR)(uintptr_t) "LPT1",
                                     WNetAddConnection2A(&resource, NULL, NULL, 0)));
    resource.lpLocalName = (LPSTR)(uintptr_t) "Z:";
    EXPECT_CODE(ERROR_MORE_DATA,
                WNetUseConnectionA(NULL, &resource, NULL, NULL, 0, access, &size, NULL));
    resource.lpProvider = (LPSTR)(uintptr_t) "Nobody";
    EXPECT_CODE(ERROR_BAD_PROVIDER, WNetAddConnection2A(&resource, NULL, NULL, 0));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("", 0, FALSE));
    EXPECT_CODE(ERROR_INVALID_PARAMETER, WNetCancelConnection2A("Z:", 2, FALSE));
    expect_notes("");
    EXPECT_CODE(ERROR_NOT_CONNECTED, cancel());
    expect_notes("10-a cancel pre 0 - Z: - 0x0\n"
                 "10-a cancel post 2250 - Z: - 0x0\n");
}

Test(notify, a_failure_is_told) {
    witness("10-a", "");
    world_start();
    EXPECT_CODE(ERROR_INVALID_PASSWORD, connect_as("Z:", "anna", "wrong-word"));
    expect_notes("10-a add pre 0 Z: \\\\memory\\demo - 0x4\n"
                 "10-a add post 86 Z: \\\\memory\\demo - 0x4\n");
    cr_expect_str_eq(last_provider(), "Memory Network", "whose failure it was");
}

/* --- vetoes --- */

Test(notify, a_veto) {
    witness("10-a", "");
    witness("20-b", "pre=5");
    witness("30-c", "");
    world_start();
    EXPECT_CODE(ERROR_ACCESS_DENIED, connect());
    expect_notes("30-c add pre 0 Z: \\\\memory\\demo - 0x4\n"
                 "20-b add pre 0 Z: \\\\memory\\demo - 0x4\n"
                 "30-c add post 5 Z: \\\\memory\\demo - 0x4\n");
    EXPECT_WORDS("notification module wb does not allow it");
    cr_expect_str_eq(last_provider(), "wb");
    cr_expect_str_eq(remote_of("Z:"), "2250");
    tell_witness("20-b", "");
    EXPECT_CODE(NO_ERROR, connect());
    tell_witness("20-b", "pre=1223");
    EXPECT_CODE(ERROR_CANCELLED, cancel());
    cr_expect_str_eq(remote_of("Z:"), DEMO, "still there");
}

Test(notify, the_words_of_a_veto_are_its_own) {
    witness("10-a", "pre=1208\nwords=Not on a Sunday.");
    witness("20-b", "words=Something else.\npost=87\nalways=1");
    world_start();
    EXPECT_CODE(ERROR_EXTENDED_ERROR, connect());
    EXPECT_WORDS("Not on a Sunday.");
    cr_expect_eq(last_native(), 4713);
    cr_expect_str_eq(last_provider(), "Witness");
}

Test(notify, what_is_said_with_success_is_not_told) {
    witness("10-a", "words=Nothing.\nalways=1\npost=5");
    world_start();
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetGetConnectionA("Y:", NULL, &(DWORD){0}));
    EXPECT_CODE(NO_ERROR, connect());
    EXPECT_WORDS("Y: is not connected");
}

/* --- after a failure --- */

Test(notify, another_failure_in_place_of_the_first) {
    witness("10-a", "post=1203");
    witness("20-b", "");
    world_start();
    EXPECT_CODE(ERROR_NO_NET_OR_BAD_PATH, connect_as("Z:", "anna", "wrong-word"));
    EXPECT_WORDS("notification module wa says 1203");
    cr_expect_not_null(strstr(world_read(NOTED), "20-b add post 1203 "));
    tell_witness("10-a", "post=1203\nwords=Nobody may say why.");
    EXPECT_CODE(ERROR_NO_NET_OR_BAD_PATH, connect_as("Z:", "anna", "wrong-word"));
    EXPECT_WORDS("Nobody may say why.");
    tell_witness("10-a", "always=1\nwords=The word is wrong.");
    EXPECT_CODE(ERROR_INVALID_PASSWORD, connect_as("Z:", "anna", "wrong-word"));
    EXPECT_WORDS("The word is wrong.");
}

Test(notify, tried_again) {
    witness("10-a", "post=1237\nonce=1");
    witness("20-b", "");
    world_start();
    EXPECT_CODE(ERROR_INVALID_PASSWORD, connect_as("Z:", "anna", "wrong-word"));
    expect_notes("20-b add pre 0 Z: \\\\memory\\demo - 0x4\n"
                 "10-a add pre 0 Z: \\\\memory\\demo - 0x4\n"
                 "10-a add post 86 Z: \\\\memory\\demo - 0x4\n"
                 "20-b add post 86 Z: \\\\memory\\demo - 0x4\n"
                 "20-b add pre 1237 Z: \\\\memory\\demo - 0x4\n"
                 "10-a add post 86 Z: \\\\memory\\demo - 0x4\n"
                 "20-b add post 86 Z: \\\\memory\\demo - 0x4\n");
}

Test(notify, not_for_ever) {
    witness("10-a", "post=1237");
    world_start();
    EXPECT_CODE(ERROR_INVALID_PASSWORD, connect_as("Z:", "anna", "wrong-word"));
    cr_expect_eq(world_count(world_read(NOTED), "10-a add pre"), 1);
    cr_expect_eq(world_count(world_read(NOTED), "10-a add post"), 4);
    EXPECT_CODE(NO_ERROR, connect());
    cr_expect_eq(world_count(world_read(NOTED), "10-a add post 0 "), 1, "success is success");
}

/* A veto of the second try is told to who asked for it, too. */
Test(notify, a_veto_of_another_try) {
    witness("10-a", "post=1237\nonce=1");
    witness("20-b", "context=0\nagain=5");
    world_start();
    EXPECT_CODE(ERROR_ACCESS_DENIED, connect_as("Z:", "anna", "wrong-word"));
    expect_notes("20-b add pre 0 Z: \\\\memory\\demo - 0x4\n"
                 "10-a add pre 0 Z: \\\\memory\\demo - 0x4\n"
                 "10-a add post 86 Z: \\\\memory\\demo - 0x4\n"
                 "20-b add pre 1237 Z: \\\\memory\\demo - 0x4\n"
                 "10-a add post 5 Z: \\\\memory\\demo - 0x4\n");
}

/* --- what modules may not do, and do --- */

Test(notify, what_they_overwrite_reaches_nobody) {
    witness("10-a", "");
    witness("20-b", "spoils=1");
    world_start();
    EXPECT_CODE(NO_ERROR, connect());
    cr_expect_eq(world_count(world_read(NOTED), "Z: \\\\memory\\demo - 0x4\n"), 4);
    unlink(world_path(NOTED));
    cr_expect_str_eq(remote_of("Z:"), DEMO);
    EXPECT_CODE(NO_ERROR, cancel());
    cr_expect_eq(world_count(world_read(NOTED), " - Z: "), 4);
}

Test(notify, calling_back_is_answered_with_busy) {
    witness("10-a", "calls=1");
    world_start();
    EXPECT_CODE(ERROR_BUSY, connect());
    EXPECT_WORDS("notification module wa does not allow it");
    cr_expect_str_eq(remote_of("Z:"), "2250");
}

Test(notify, no_secret_is_told) {
    witness("10-a", "");
    world_start();
    EXPECT_CODE(NO_ERROR, connect());
    cr_expect_null(strstr(world_read(NOTED), "secret"));
    cr_expect_null(strstr(world_read(NOTED), "anna"));
}

/* --- drop-ins --- */

static int count_one(void *context, const struct mpr_provider_info *info) {
    unsigned *count = context;

    cr_expect_eq(info->state, MPR_PROVIDER_LOADED, "%s", info->error);
    ++*count;
    return 0;
}

Test(notify, a_notification_module_is_no_provider) {
    unsigned count = 0;

    witness("10-a", "");
    world_start();
    EXPECT_CODE(NO_ERROR, MprListProviders(count_one, &count));
    cr_expect_eq(count, 1);
}

Test(notify, one_that_cannot_be_loaded_hurts_nobody) {
    witness("10-a", "");
    world_write("providers.d/05-gone.json",
                "{\"name\": \"gone\", \"notify_module\": \"/nowhere/gone.so\"}");
    world_write("providers.d/06-none.json",
                "{\"name\": \"none\", \"notify_module\": \"%s/memory.so\"}",
                secure_getenv("MPR_TEST_MODULES"));
    world_start();
    EXPECT_CODE(NO_ERROR, connect());
    cr_expect_eq(world_count(world_read(NOTED), "10-a add"), 2);
}

/* One drop-in may register both. */
Test(notify, a_provider_with_a_notification_module) {
    world_module("witness", "10-a");
    tell_witness("10-a", "");
    world_write(
        "providers.d/90-memory.json",
        "{\"name\": \"memory\", \"module\": \"%s/memory.so\", \"notify_module\": \"%s.so\"}",
        secure_getenv("MPR_TEST_MODULES"), world_path("10-a"));
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", DEMO, 0));
    cr_expect_eq(world_count(world_read(NOTED), "10-a add"), 2);
    world_config("{\"providers\": {\"memory\": {\"enabled\": false}}}");
    world_restart();
    EXPECT_CODE(ERROR_NO_NETWORK, add("Z:", DEMO, 0));
    cr_expect_eq(world_count(world_read(NOTED), "10-a add"), 2);
}
