/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_enum.c: listings of what is connected and what is remembered, and
 * the users of connections.
 */
#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define UPDATE CONNECT_UPDATE_PROFILE

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"*\", \"printers\": \"laser\"");
    world_scripted("10-other", "\"provider\": \"Other Network\", \"takes\": \"//other/\"");
    world_scripted("20-moody", "\"provider\": \"Moody Network\", \"takes\": \"//moody/\", "
                               "\"user\": 1244");
    world_scripted("30-shy", "\"provider\": \"Shy Network\", \"takes\": \"//shy/\", "
                             "\"absent\": \"user\"");
    world_start();
}

TestSuite(enumerate, .timeout = 60, .init = begin, .fini = world_end);

static char room[65536] __attribute__((aligned(16)));
static const NETRESOURCEA *const entries = (void *)room;
static const NETRESOURCEW *const wide_entries = (void *)room;

static HANDLE open_list(DWORD scope, DWORD type, const char *provider) {
    NETRESOURCEA resource = {.lpProvider = (LPSTR)(uintptr_t)provider};
    HANDLE list = NULL;

    EXPECT_CODE(NO_ERROR, WNetOpenEnumA(scope, type, UINT32_MAX, &resource, &list));
    return list;
}

/* All entries at once; how many there are. */
static DWORD list_all(DWORD scope, DWORD type, const char *provider) {
    DWORD count = UINT32_MAX, size = sizeof room;
    HANDLE list = open_list(scope, type, provider);
    DWORD rc = WNetEnumResourceA(list, &count, room, &size);

    cr_expect_eq(size, sizeof room);
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
    return rc == NO_ERROR ? count : 0;
}

Test(enumerate, an_entry_has_everything) {
    const NETRESOURCEA *entry = entries;

    EXPECT_CODE(NO_ERROR, add("z:", "//Memory/Share", UPDATE));
    cr_assert_eq(list_all(RESOURCE_CONNECTED, 0, NULL), 1);
    cr_expect_eq(entry->dwScope, RESOURCE_CONNECTED);
    cr_expect_eq(entry->dwType, RESOURCETYPE_DISK);
    cr_expect_eq(entry->dwDisplayType, RESOURCEDISPLAYTYPE_SHARE);
    cr_expect_eq(entry->dwUsage, 0);
    cr_expect_str_eq(entry->lpLocalName, "Z:");
    cr_expect_str_eq(entry->lpRemoteName, "//Memory/Share", "as the caller wrote it");
    cr_expect_str_eq(entry->lpProvider, "Memory Network");
    cr_expect_null(entry->lpComment);
    cr_assert_eq(list_all(RESOURCE_REMEMBERED, 0, NULL), 1);
    cr_expect_eq(entry->dwScope, RESOURCE_REMEMBERED);
    cr_expect_eq(entry->dwType, RESOURCETYPE_DISK);
    cr_expect_str_eq(entry->lpLocalName, "Z:");
    cr_expect_str_eq(entry->lpRemoteName, "//Memory/Share");
    cr_expect_str_eq(entry->lpProvider, "Memory Network");
    EXPECT_CODE(NO_ERROR, add(NULL, "\\\\memory\\other", 0));
    cr_assert_eq(list_all(RESOURCE_CONNECTED, 0, NULL), 2);
    cr_expect_null(entries[1].lpLocalName);
}

Test(enumerate, by_type_and_provider) {
    EXPECT_CODE(NO_ERROR, add("Z:", "//memory/a", UPDATE));
    EXPECT_CODE(NO_ERROR, add("LPT1", "//memory/laser", UPDATE));
    EXPECT_CODE(NO_ERROR, add("Y:", "//other/b", UPDATE));
    for (DWORD scope = RESOURCE_CONNECTED; scope <= RESOURCE_REMEMBERED; scope += 2) {
        cr_expect_eq(list_all(scope, RESOURCETYPE_ANY, ""), 3);
        cr_expect_eq(list_all(scope, RESOURCETYPE_DISK | RESOURCETYPE_PRINT, NULL), 3);
        cr_expect_eq(list_all(scope, RESOURCETYPE_DISK, NULL), 2);
        cr_expect_eq(list_all(scope, RESOURCETYPE_PRINT, NULL), 1);
        cr_expect_str_eq(entries[0].lpLocalName, "LPT1");
        cr_expect_eq(list_all(scope, RESOURCETYPE_ANY, "other network"), 1);
        cr_expect_str_eq(entries[0].lpLocalName, "Y:");
        cr_expect_eq(list_all(scope, RESOURCETYPE_ANY, "other"), 1, "by its drop-in's name");
        cr_expect_eq(list_all(scope, RESOURCETYPE_PRINT, "Other Network"), 0);
        cr_expect_eq(list_all(scope, RESOURCETYPE_ANY, "Shy Network"), 0);
    }
}

/* Connected or not, remembered is remembered. */
Test(enumerate, remembered_ones_need_not_be_connected) {
    EXPECT_CODE(NO_ERROR, add("Z:", "//memory/a", UPDATE));
    EXPECT_CODE(NO_ERROR, add("Y:", "//memory/a", UPDATE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_eq(list_all(RESOURCE_REMEMBERED, 0, NULL), 2);
    cr_expect_eq(list_all(RESOURCE_CONNECTED, 0, NULL), 1);
    world_restart();
    cr_expect_eq(list_all(RESOURCE_REMEMBERED, 0, NULL), 2);
    cr_expect_eq(list_all(RESOURCE_CONNECTED, 0, NULL), 0);
}

static void expect_end(HANDLE list) {
    DWORD count = 1, size = sizeof room;

    EXPECT_CODE(ERROR_NO_MORE_ITEMS, WNetEnumResourceA(list, &count, room, &size));
    EXPECT_CODE(ERROR_NO_MORE_ITEMS, WNetEnumResourceW(list, &count, room, &size));
    cr_expect_eq(count, 1);
    cr_expect_eq(size, sizeof room);
}

Test(enumerate, an_empty_list_is_at_its_end) {
    HANDLE list = open_list(RESOURCE_CONNECTED, 0, NULL);

    expect_end(list);
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
    EXPECT_CODE(ERROR_INVALID_HANDLE, WNetCloseEnum(list));
}

/* A listing is of one moment. */
Test(enumerate, later_changes_do_not_show) {
    DWORD count = 1, size = sizeof room;
    HANDLE list;

    EXPECT_CODE(NO_ERROR, add("Y:", "//memory/a", 0));
    EXPECT_CODE(NO_ERROR, add("Z:", "//memory/b", 0));
    list = open_list(RESOURCE_CONNECTED, 0, NULL);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_CODE(NO_ERROR, add("X:", "//memory/c", 0));
    EXPECT_CODE(NO_ERROR, WNetEnumResourceA(list, &count, room, &size));
    cr_expect_str_eq(entries[0].lpLocalName, "Y:");
    EXPECT_CODE(NO_ERROR, WNetEnumResourceW(list, &count, room, &size));
    cr_expect_eq(memcmp(wide_entries[0].lpLocalName, u"Z:", 6), 0);
    cr_expect_eq(memcmp(wide_entries[0].lpRemoteName, u"//memory/b", 22), 0);
    expect_end(list);
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
}

#define MANY 100

static void connect_many(void) {
    char name[64];

    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "//memory/share-%d%*s", i, i % 5, "");
        for (char *at = name; *at; at++)
            *at = *at == ' ' ? 'x' : *at;
        cr_assert_eq(add(NULL, name, 0), NO_ERROR);
    }
}

/* Whatever the size of the buffer and the number wanted: every one, once, in order. */
static void read_in_pieces(bool is_wide, DWORD size, DWORD wanted) {
    HANDLE list = open_list(RESOURCE_CONNECTED, 0, NULL);
    unsigned seen = 0;

    for (;;) {
        DWORD count = wanted, given = size;
        char start[32];
        DWORD rc = is_wide ? WNetEnumResourceW(list, &count, room, &given)
                           : WNetEnumResourceA(list, &count, room, &given);

        if (rc == ERROR_NO_MORE_ITEMS)
            break;
        cr_assert_eq(rc, NO_ERROR, "size %u: %u", size, rc);
        cr_assert(count > 0 && count <= wanted);
        cr_expect_eq(given, size);
        for (DWORD i = 0; i < count; i++, seen++) {
            snprintf(start, sizeof start, "//memory/share-%u", seen);
            if (is_wide)
                cr_assert_eq(memcmp(wide_entries[i].lpRemoteName, wide(start), strlen(start) * 2),
                             0);
            else
                cr_assert_eq(strncmp(entries[i].lpRemoteName, start, strlen(start)), 0);
        }
    }
    cr_expect_eq(seen, MANY, "size %u, %u at a time: %u", size, wanted, seen);
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
}

Test(enumerate, a_hundred_in_small_pieces) {
    connect_many();
    for (DWORD size = 90; size < 400; size += 13)
        read_in_pieces(false, size, UINT32_MAX);
    for (DWORD size = 140; size < 800; size += 17)
        read_in_pieces(true, size, UINT32_MAX);
    for (DWORD wanted = 1; wanted < 120; wanted += 7)
        read_in_pieces(wanted % 2, sizeof room, wanted);
}

/* None wanted is none given, and none is lost by it. */
Test(enumerate, none_wanted) {
    DWORD count = 0, size = sizeof room;
    HANDLE list;

    EXPECT_CODE(NO_ERROR, add("Z:", "//memory/a", 0));
    list = open_list(RESOURCE_CONNECTED, 0, NULL);
    EXPECT_CODE(NO_ERROR, WNetEnumResourceA(list, &count, room, &size));
    cr_expect_eq(count, 0);
    count = 5;
    EXPECT_CODE(NO_ERROR, WNetEnumResourceA(list, &count, room, &size));
    cr_expect_eq(count, 1);
    expect_end(list);
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
}

/* More listings at a time than the table of handles begins with. */
Test(enumerate, a_thousand_handles) {
    static HANDLE lists[1000];

    for (size_t i = 0; i < 1000; i++)
        cr_assert_eq(WNetOpenEnumA(RESOURCE_CONNECTED, 0, 0, NULL, &lists[i]), NO_ERROR);
    for (size_t i = 0; i < 1000; i++)
        cr_assert_eq(WNetCloseEnum(lists[(i * 7) % 1000]), NO_ERROR);
    for (size_t i = 0; i < 1000; i++)
        cr_assert_eq(WNetCloseEnum(lists[i]), ERROR_INVALID_HANDLE);
}

/* --- users --- */

static const char *user_of(const char *name) {
    static char user[512];
    DWORD size = sizeof user;
    DWORD rc = WNetGetUserA(name, user, &size);

    if (rc != NO_ERROR)
        snprintf(user, sizeof user, "%u", rc);
    return user;
}

static void add_as(const char *device, const char *remote, const char *user) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t)device,
                             .lpRemoteName = (LPSTR)(uintptr_t)remote};

    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, "", user, 0));
}

Test(enumerate, users) {
    char me[64];
    struct passwd *entry = getpwuid(geteuid());

    snprintf(me, sizeof me, "%s", entry ? entry->pw_name : "");
    if (!entry)
        snprintf(me, sizeof me, "%u", (unsigned)geteuid());
    cr_expect_str_eq(user_of(NULL), me);
    cr_expect_str_eq(user_of(""), me);
    add_as("Z:", "//memory/a", "DOMAIN\\anna");
    cr_expect_str_eq(user_of("z:"), "DOMAIN\\anna");
    cr_expect_str_eq(user_of("\\\\MEMORY\\a"), "DOMAIN\\anna");
    add_as("Y:", "//memory/b", NULL);
    cr_expect_str_eq(user_of("Y:"), me, "the provider says who the default user is");
    add_as("X:", "//memory/c", "");
    cr_expect_str_eq(user_of("X:"), me, "\"\" is the default user");
    add_as("W:", "//other/d", NULL);
    cr_expect_str_eq(user_of("W:"), "somebody");
    add_as("V:", "//shy/e", NULL);
    cr_expect_str_eq(user_of("V:"), me, "where the provider cannot say");
    add_as("U:", "//moody/f", NULL);
    cr_expect_str_eq(user_of("U:"), "1244");
    cr_expect_str_eq(last_provider(), "Moody Network");
    cr_expect_str_eq(user_of("T:"), "2250");
    cr_expect_str_eq(user_of("//memory/d"), "2250");
}

/* Of several connections to a resource the deviceless one speaks for it, then the oldest. */
Test(enumerate, users_of_several_connections) {
    add_as("Z:", "//memory/a", "zoe");
    add_as("Y:", "//memory/a", "yves");
    cr_expect_str_eq(user_of("//memory/a"), "zoe");
    add_as(NULL, "//memory/a", "nobody");
    cr_expect_str_eq(user_of("//memory/a"), "nobody");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_str_eq(user_of("//memory/a"), "nobody");
    cr_expect_str_eq(user_of("Y:"), "yves");
}

/* What is remembered has no user: it is not connected. */
Test(enumerate, no_users_of_remembered_ones) {
    EXPECT_CODE(NO_ERROR, add("Z:", "//memory/a", UPDATE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_str_eq(user_of("Z:"), "2250");
}
