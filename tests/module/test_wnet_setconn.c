/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_setconn.c: remembering and forgetting without connecting or breaking,
 * and breaking everything.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <mpr/file.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define DEMO  "\\\\memory\\demo"
#define OTHER "\\\\memory\\other"

static DWORD yes = TRUE, no = FALSE;

static void begin(void) {
    world_begin("\"shares\": \"demo,other\"");
}

TestSuite(setconn, .timeout = 60, .init = begin, .fini = world_end);

static DWORD set(const char *name, DWORD *value) {
    return WNetSetConnectionA(name, NETPROPERTY_PERSISTENT, value);
}

Test(setconn, a_connection_is_remembered_and_forgotten_in_every_form) {
    DWORD many = 4711;

    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    EXPECT_CODE(NO_ERROR, WNetSetConnectionA("z:", NETPROPERTY_PERSISTENT, &yes));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
    EXPECT_CODE(NO_ERROR, WNetSetConnectionW(u"Z:", NETPROPERTY_PERSISTENT, &no));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
    EXPECT_CODE(NO_ERROR, WNetSetConnection("Z:", NETPROPERTY_PERSISTENT, &many));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
    cr_expect_str_eq(remote_of("Z:"), DEMO, "it was not broken");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "Z:"));
}

/* What the connection is made of is what is remembered. */
Test(setconn, as_if_it_had_been_remembered_at_once) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t) "Z:",
                             .lpRemoteName = (LPSTR)(uintptr_t)DEMO};
    char at_once[4096];

    cr_assert_eq(WNetAddConnection2A(&resource, "x", "anna",
                                     CONNECT_UPDATE_PROFILE | CONNECT_REQUIRE_PRIVACY),
                 NO_ERROR);
    strncat(memset(at_once, 0, sizeof at_once), strstr(world_read(WORLD_PROFILE), "\"Z:\""),
            sizeof at_once - 1);
    cr_assert_eq(WNetCancelConnection2A("Z:", CONNECT_UPDATE_PROFILE, FALSE), NO_ERROR);
    cr_assert_eq(WNetAddConnection2A(&resource, "x", "anna", CONNECT_REQUIRE_PRIVACY), NO_ERROR);
    EXPECT_CODE(NO_ERROR, set("Z:", &yes));
    cr_expect_str_eq(strstr(world_read(WORLD_PROFILE), "\"Z:\""), at_once);
}

Test(setconn, what_is_so_already_needs_no_write) {
    const char *profile = "{\"connections\": {\"Z:\":{\"remote_path\": \"//memory/demo\"}}}";

    world_profile(profile);
    EXPECT_CODE(NO_ERROR, set("Z:", &yes));
    EXPECT_CODE(NO_ERROR, add("Z:", DEMO, 0));
    EXPECT_CODE(NO_ERROR, set("Z:", &yes));
    cr_expect_str_eq(world_read(WORLD_PROFILE), profile);
    EXPECT_CODE(NO_ERROR, add("Y:", DEMO, 0));
    EXPECT_CODE(NO_ERROR, set("Y:", &no));
    cr_expect_str_eq(world_read(WORLD_PROFILE), profile);
}

Test(setconn, remembered_only_is_forgotten) {
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//memory/demo\"}}}");
    EXPECT_CODE(NO_ERROR, set("Z:", &no));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
    EXPECT_CODE(ERROR_NOT_CONNECTED, set("Z:", &no));
    EXPECT_CODE(ERROR_NOT_CONNECTED, set("Z:", &yes));
    EXPECT_CODE(ERROR_NOT_CONNECTED, set(DEMO, &yes));
    EXPECT_CODE(ERROR_NOT_CONNECTED, set(DEMO, &no));
}

Test(setconn, remembered_for_another_resource) {
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//memory/demo\"}}}");
    cr_assert_eq(add("Y:", OTHER, 0), NO_ERROR);
    world_profile("{\"connections\": {\"Y:\": {\"remote_path\": \"//memory/demo\"}}}");
    EXPECT_CODE(ERROR_DEVICE_ALREADY_REMEMBERED, set("Y:", &yes));
    EXPECT_WORDS(OTHER);
    EXPECT_CODE(NO_ERROR, set("Y:", &no));
    EXPECT_CODE(NO_ERROR, set("Y:", &yes));
    cr_expect_not_null(strstr(world_read(WORLD_PROFILE), "other"));
}

Test(setconn, without_a_device_nothing_is_remembered) {
    cr_assert_eq(add(NULL, DEMO, 0), NO_ERROR);
    EXPECT_CODE(ERROR_INVALID_PARAMETER, set(DEMO, &yes));
    EXPECT_CODE(NO_ERROR, set("//memory/demo", &no));
    cr_assert_eq(add("Z:", OTHER, 0), NO_ERROR);
    EXPECT_CODE(ERROR_INVALID_PARAMETER, set(OTHER, &yes));
    cr_expect_str_eq(world_read(WORLD_PROFILE), "");
}

Test(setconn, a_bad_profile_is_left_alone) {
    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    world_profile("{");
    EXPECT_CODE(ERROR_BAD_PROFILE, set("Z:", &yes));
    EXPECT_CODE(ERROR_BAD_PROFILE, set("Z:", &no));
    cr_expect_str_eq(world_read(WORLD_PROFILE), "{");
}

/* --- WNetClearConnections --- */

Test(setconn, clearing_breaks_everything_and_forgets_nothing) {
    char byte = 'x';
    HANDLE file;

    EXPECT_CODE(NO_ERROR, WNetClearConnections(NULL));
    cr_assert_eq(add("Z:", DEMO, CONNECT_UPDATE_PROFILE), NO_ERROR);
    cr_assert_eq(add(NULL, DEMO, 0), NO_ERROR);
    cr_assert_eq(add("Y:", OTHER, 0), NO_ERROR);
    cr_assert_eq(MprFileOpen("Z:\\file", O_RDWR | O_CREAT, 0644, &file), 0);
    EXPECT_CODE(NO_ERROR, WNetClearConnections((MPR_HWND)&byte));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
    cr_expect_eq(MprFileWrite(file, &byte, 1), -ENOTCONN);
    MprFileClose(file);
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, NULL));
}
