/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_recent.c: RESOURCE_RECENT: what was connected lately.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define RECENT CONNECT_UPDATE_RECENT
#define SAVED  "state/recent.json"

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"*\", \"printers\": \"laser\"");
    world_scripted("10-other", "\"provider\": \"Other Network\", \"takes\": \"//other\", "
                               "\"lists\": \"//other\"");
    world_start();
}

TestSuite(recent, .timeout = 60, .init = begin, .fini = world_end);

static char room[65536] __attribute__((aligned(16)));
static const NETRESOURCEA *const entries = (void *)room;

/* "device=remote " of each. */
static const char *recent(DWORD type, const char *provider) {
    static char shown[4096];
    NETRESOURCEA resource = {.lpProvider = (LPSTR)(uintptr_t)provider};
    DWORD count = UINT32_MAX, size = sizeof room, rc;
    size_t length = 0;
    HANDLE list;

    shown[0] = '\0';
    cr_assert_eq(WNetOpenEnumA(RESOURCE_RECENT, type, UINT32_MAX, &resource, &list), NO_ERROR);
    rc = WNetEnumResourceA(list, &count, room, &size);
    for (DWORD i = 0; rc == NO_ERROR && i < count; i++)
        length += (size_t)snprintf(shown + length, sizeof shown - length, "%s=%s ",
                                   entries[i].lpLocalName ? entries[i].lpLocalName : "",
                                   entries[i].lpRemoteName);
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
    return shown;
}

Test(recent, an_entry_has_everything) {
    cr_expect_str_eq(recent(0, NULL), "");
    EXPECT_CODE(NO_ERROR, add("z:", "//Memory/Share", RECENT));
    cr_expect_str_eq(recent(0, NULL), "Z:=//Memory/Share ");
    cr_expect_eq(entries->dwScope, RESOURCE_RECENT);
    cr_expect_eq(entries->dwType, RESOURCETYPE_DISK);
    cr_expect_eq(entries->dwDisplayType, RESOURCEDISPLAYTYPE_SHARE);
    cr_expect_eq(entries->dwUsage, RESOURCEUSAGE_CONNECTABLE);
    cr_expect_str_eq(entries->lpProvider, "Memory Network");
    cr_expect_null(entries->lpComment);
}

/* With the flag always; without it those that have a device, unless they are temporary. */
Test(recent, which_are_kept) {
    EXPECT_CODE(NO_ERROR, add(NULL, "//memory/a", 0));
    EXPECT_CODE(NO_ERROR, add("Z:", "//memory/b", CONNECT_TEMPORARY));
    cr_expect_str_eq(recent(0, NULL), "");
    EXPECT_CODE(NO_ERROR, add("Y:", "//memory/c", 0));
    EXPECT_CODE(NO_ERROR, add(NULL, "//memory/d", RECENT));
    EXPECT_CODE(NO_ERROR, add("X:", "//memory/e", CONNECT_TEMPORARY | RECENT));
    cr_expect_str_eq(recent(0, NULL), "X:=//memory/e =//memory/d Y:=//memory/c ");
    EXPECT_CODE(NO_ERROR, add(NULL, "\\\\MEMORY\\d", RECENT));
    cr_expect_str_eq(recent(0, NULL), "=\\\\MEMORY\\d X:=//memory/e Y:=//memory/c ",
                     "connected already, and used again");
}

Test(recent, what_failed_is_not_kept) {
    EXPECT_CODE(ERROR_BAD_NET_NAME, add("Z:", "//memory/share/nosuch", RECENT));
    EXPECT_CODE(ERROR_BAD_NET_NAME, add("Z:", "no name", RECENT));
    cr_expect_str_eq(recent(0, NULL), "");
    cr_expect_eq(access(world_path(SAVED), F_OK), -1);
}

Test(recent, they_outlive_the_connection_and_the_program) {
    EXPECT_CODE(NO_ERROR, add("Z:", "//memory/a", 0));
    EXPECT_CODE(NO_ERROR, add("Y:", "//other/b", 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    world_restart();
    cr_expect_str_eq(recent(0, NULL), "Y:=//other/b Z:=//memory/a ");
}

Test(recent, by_type_and_provider) {
    EXPECT_CODE(NO_ERROR, add("Z:", "//memory/a", 0));
    EXPECT_CODE(NO_ERROR, add("LPT1", "//memory/laser", 0));
    EXPECT_CODE(NO_ERROR, add("Y:", "//other/b", 0));
    cr_expect_str_eq(recent(RESOURCETYPE_PRINT, NULL), "LPT1=//memory/laser ");
    cr_expect_str_eq(recent(RESOURCETYPE_DISK, NULL), "Y:=//other/b Z:=//memory/a ");
    cr_expect_str_eq(recent(0, "other"), "Y:=//other/b ");
    cr_expect_str_eq(recent(RESOURCETYPE_PRINT, "Other Network"), "");
}

static void connect_as(const char *user, const char *password) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t) "Z:",
                             .lpRemoteName = (LPSTR)(uintptr_t) "//memory/a"};

    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, password, user, 0));
}

Test(recent, no_secret_is_kept) {
    connect_as("anna", "open-sesame");
    cr_expect_not_null(strstr(world_read(SAVED), "anna"));
    cr_expect_null(strstr(world_read(SAVED), "sesame"));
}

/* What cannot be kept is connected all the same, and nothing is said of it. */
Test(recent, that_they_cannot_be_kept_fails_nothing) {
    world_write("state", "in the way");
    WNetGetUserA("T:", NULL, &(DWORD){0});
    EXPECT_WORDS("T: is not connected");
    EXPECT_CODE(NO_ERROR, add("Z:", "//memory/a", RECENT));
    EXPECT_WORDS("T: is not connected");
    cr_expect_str_eq(recent(0, NULL), "");
    cr_expect_str_eq(remote_of("Z:"), "//memory/a");
}

Test(recent, a_damaged_list_is_empty_and_kept) {
    EXPECT_CODE(NO_ERROR, add("Z:", "//memory/a", 0));
    world_write(SAVED, "{ damaged");
    cr_expect_str_eq(recent(0, NULL), "");
    EXPECT_CODE(NO_ERROR, add("Y:", "//memory/b", 0));
    cr_expect_str_eq(recent(0, NULL), "Y:=//memory/b ");
    cr_expect_str_eq(world_read(SAVED ".bad"), "{ damaged");
}

/* Their servers are shown where the network shows none. */
Test(recent, their_servers_are_in_the_network) {
    NETRESOURCEA other = {.lpProvider = (LPSTR)(uintptr_t) "Other Network"};
    DWORD count = UINT32_MAX, size = sizeof room;
    HANDLE list;

    EXPECT_CODE(NO_ERROR, add(NULL, "//other2/share", RECENT));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("//other2/share", 0, FALSE));
    EXPECT_CODE(NO_ERROR, WNetOpenEnumA(RESOURCE_GLOBALNET, 0, 0, &other, &list));
    EXPECT_CODE(NO_ERROR, WNetEnumResourceA(list, &count, room, &size));
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
    cr_assert_eq(count, 2);
    cr_expect_str_eq(entries[0].lpRemoteName, "//other");
    cr_expect_str_eq(entries[1].lpRemoteName, "//other2");
}

/* One of them connects as it was. */
Test(recent, an_entry_can_be_connected) {
    NETRESOURCEA copy;

    EXPECT_CODE(NO_ERROR, add("Z:", "//memory/a", 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_assert_str_eq(recent(0, NULL), "Z:=//memory/a ");
    copy = entries[0];
    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&copy, NULL, NULL, 0));
    cr_expect_str_eq(remote_of("Z:"), "//memory/a");
}
