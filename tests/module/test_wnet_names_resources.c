/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_names_resources.c: which resource a name begins with, what contains
 * it, and how fast its connection is.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

TestSuite(resources, .timeout = 60, .init = world_make, .fini = world_end);

#define TEXT(text)  ((LPSTR)(uintptr_t)(text))
#define SHARE       RESOURCEDISPLAYTYPE_SHARE
#define CONNECTABLE RESOURCEUSAGE_CONNECTABLE

static char room[4096] __attribute__((aligned(16)));
static const NETRESOURCEA *const a = (void *)room;
static const NETRESOURCEW *const w = (void *)room;

static bool is_inside(const void *text) {
    return (const char *)text >= room + sizeof *a && (const char *)text < room + sizeof room;
}

static bool is_text(const char *text, const char *wanted) {
    return wanted ? text && is_inside(text) && strcmp(text, wanted) == 0 : !text;
}

static bool is_wide_text(const WCHAR *text, const char *wanted) {
    const WCHAR *units = wide(wanted);
    size_t n = 0;

    if (!wanted || !text)
        return !wanted && !text;
    while (units[n])
        n++;
    return is_inside(text) && memcmp(text, units, (n + 1) * sizeof *units) == 0;
}

/* What is asked, and what is to come of it. */
struct row {
    const char *remote, *provider;
    DWORD type;
    const char *got_remote, *got_provider;
    DWORD got_type, got_display, got_usage;
    const char *rest;
};

static void expect_entry(const struct row *row, bool is_wide) {
    cr_expect_eq(a->dwScope, 0);
    cr_expect_eq(a->dwType, row->got_type);
    cr_expect_eq(a->dwDisplayType, row->got_display);
    cr_expect_eq(a->dwUsage, row->got_usage);
    cr_expect_null(a->lpLocalName);
    cr_expect_null(a->lpComment);
    if (is_wide) {
        cr_expect(is_wide_text(w->lpRemoteName, row->got_remote), "%s", row->remote);
        cr_expect(is_wide_text(w->lpProvider, row->got_provider), "%s", row->remote);
    } else {
        cr_expect(is_text(a->lpRemoteName, row->got_remote), "%s: %s", row->remote,
                  a->lpRemoteName);
        cr_expect(is_text(a->lpProvider, row->got_provider), "%s: %s", row->remote, a->lpProvider);
    }
}

/* Everything in them that is not to count is garbage. */
static NETRESOURCEA ask_of(const struct row *row) {
    return (NETRESOURCEA){77,           row->type,         77,           77,
                          TEXT("\xff"), TEXT(row->remote), TEXT("\xff"), TEXT(row->provider)};
}

static NETRESOURCEW ask_wide_of(const struct row *row) {
    static WCHAR lone[] = {0xD800, 0};

    return (NETRESOURCEW){77,   row->type,         77,   77,
                          lone, wide(row->remote), lone, wide(row->provider)};
}

static void expect_information(struct row row) {
    NETRESOURCEA ask = ask_of(&row);
    NETRESOURCEW ask_wide = ask_wide_of(&row);
    LPSTR rest = TEXT("before");
    LPWSTR wide_rest = wide("before");
    DWORD size = sizeof room;

    EXPECT_CODE(NO_ERROR, WNetGetResourceInformationA(&ask, room, &size, &rest));
    expect_entry(&row, false);
    cr_expect(is_text(rest, row.rest), "%s: %s", row.remote, rest);
    EXPECT_CODE(NO_ERROR, WNetGetResourceInformationW(&ask_wide, room, &size, &wide_rest));
    expect_entry(&row, true);
    cr_expect(is_wide_text(wide_rest, row.rest), "%s", row.remote);
    EXPECT_CODE(NO_ERROR, WNetGetResourceInformation(&ask, room, &size, &rest));
    expect_entry(&row, false);
    cr_expect_eq(size, sizeof room);
}

static void expect_parent(struct row row) {
    NETRESOURCEA ask = ask_of(&row);
    NETRESOURCEW ask_wide = ask_wide_of(&row);
    DWORD size = sizeof room;

    EXPECT_CODE(NO_ERROR, WNetGetResourceParentA(&ask, room, &size));
    expect_entry(&row, false);
    EXPECT_CODE(NO_ERROR, WNetGetResourceParentW(&ask_wide, room, &size));
    expect_entry(&row, true);
    EXPECT_CODE(NO_ERROR, WNetGetResourceParent(&ask, room, &size));
    expect_entry(&row, false);
    cr_expect_eq(size, sizeof room);
}

/* Nothing is written, whatever is wrong. */
static void expect_failures(const char *remote, const char *provider, DWORD type, DWORD code) {
    const struct row row = {.remote = remote, .provider = provider, .type = type};
    NETRESOURCEA ask = ask_of(&row);
    NETRESOURCEW ask_wide = ask_wide_of(&row);
    LPSTR rest = NULL;
    LPWSTR wide_rest = NULL;
    DWORD size = sizeof room;

    memset(room, 'x', sizeof room);
    EXPECT_CODE(code, WNetGetResourceInformationA(&ask, room, &size, &rest));
    EXPECT_CODE(code, WNetGetResourceInformationW(&ask_wide, room, &size, &wide_rest));
    EXPECT_CODE(code, WNetGetResourceInformation(&ask, room, &size, &rest));
    if (code != ERROR_BAD_DEV_TYPE) {
        EXPECT_CODE(code, WNetGetResourceParentA(&ask, room, &size));
        EXPECT_CODE(code, WNetGetResourceParentW(&ask_wide, room, &size));
        EXPECT_CODE(code, WNetGetResourceParent(&ask, room, &size));
    }
    cr_expect_eq(size, sizeof room);
    cr_expect(!rest && !wide_rest);
    cr_expect(room[0] == 'x' && memcmp(room, room + 1, sizeof room - 1) == 0);
}

/* --- with a provider that knows what it says --- */

static void begin_memory(void) {
    world_memory("\"shares\": \"demo,h\\u00e9\", \"printers\": \"laser\"");
    world_start();
}

#define MEMORY "Memory Network"

Test(resources, what_a_name_begins_with) {
    static const struct row rows[] = {
        {"\\\\memory\\demo\\a\\b", NULL, 0, "\\\\memory\\demo", MEMORY, 1, SHARE, CONNECTABLE,
         "\\a\\b"},
        {"\\\\memory\\h\xc3\xa9\\\xf0\x9f\x98\x80", "", 1, "\\\\memory\\h\xc3\xa9", MEMORY, 1,
         SHARE, CONNECTABLE, "\\\xf0\x9f\x98\x80"},
        {"\\\\memory\\demo", "memory", 3, "\\\\memory\\demo", MEMORY, 1, SHARE, CONNECTABLE, NULL},
        {"\\\\memory\\laser", "MEMORY network", 2, "\\\\memory\\laser", MEMORY, 2, SHARE,
         CONNECTABLE, NULL},
        {"\\\\memory", NULL, 0, "\\\\memory", MEMORY, 0, RESOURCEDISPLAYTYPE_SERVER,
         RESOURCEUSAGE_CONTAINER, NULL},
    };

    begin_memory();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_information(rows[i]);
}

Test(resources, what_contains_a_name) {
    static const struct row rows[] = {
        {"\\\\memory\\demo\\a\\b", NULL, 0, "\\\\memory\\demo\\a", MEMORY, 1, SHARE, CONNECTABLE,
         NULL},
        {"\\\\memory\\nosuch", "memory", 77, "\\\\memory", MEMORY, 0, RESOURCEDISPLAYTYPE_SERVER,
         RESOURCEUSAGE_CONTAINER, NULL},
        {"\\\\memory", "", 0, NULL, MEMORY, 0, RESOURCEDISPLAYTYPE_SERVER, RESOURCEUSAGE_CONTAINER,
         NULL},
    };

    begin_memory();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_parent(rows[i]);
}

/* A path on a share is longer than what can be connected, now and then. */
Test(resources, a_name_longer_than_can_be_connected) {
    static const char share[] = "\\\\memory\\demo", directory[] = "\\directory";
    char remote[sizeof share + 64 * (sizeof directory - 1)], parent[sizeof remote];
    NETRESOURCEA resource = {.lpRemoteName = remote};
    size_t length = sizeof share - 1;

    memcpy(remote, share, sizeof share);
    while (length + sizeof directory <= sizeof remote) {
        memcpy(parent, remote, length + 1);
        memcpy(remote + length, directory, sizeof directory);
        length += sizeof directory - 1;
    }
    begin_memory();
    EXPECT_CODE(ERROR_BAD_NET_NAME, WNetAddConnection2A(&resource, NULL, NULL, 0));
    expect_information((struct row){remote, NULL, 0, share, MEMORY, 1, SHARE, CONNECTABLE,
                                    remote + sizeof share - 1});
    expect_parent((struct row){remote, NULL, 0, parent, MEMORY, 1, SHARE, CONNECTABLE, NULL});
}

/* What WNetOpenEnum lists first of all: the whole network of a provider. */
Test(resources, a_whole_network) {
    struct row row = {"Memory Network",
                      "memory network",
                      0,
                      MEMORY,
                      MEMORY,
                      0,
                      RESOURCEDISPLAYTYPE_NETWORK,
                      RESOURCEUSAGE_CONTAINER | RESOURCEUSAGE_RESERVED,
                      NULL};

    begin_memory();
    expect_information(row);
    row.got_remote = NULL;
    row.got_display = RESOURCEDISPLAYTYPE_ROOT;
    row.got_usage = RESOURCEUSAGE_CONTAINER;
    expect_parent(row);
    expect_failures("Memory Network", NULL, 0, ERROR_BAD_NET_NAME);
}

Test(resources, that_are_not_there_or_something_else) {
    LPSTR rest;
    DWORD size = sizeof room;
    NETRESOURCEA ask = {.lpRemoteName = TEXT("\\\\memory\\nosuch")};

    begin_memory();
    EXPECT_CODE(ERROR_BAD_NET_NAME, WNetGetResourceInformationA(&ask, room, &size, &rest));
    expect_failures("\\\\memory\\demo", NULL, RESOURCETYPE_PRINT, ERROR_BAD_DEV_TYPE);
    EXPECT_WORDS("printer");
    expect_failures("\\\\memory\\laser\\x", NULL, RESOURCETYPE_DISK, ERROR_BAD_DEV_TYPE);
}

Test(resources, of_an_isolated_provider) {
    const struct row row = {"\\\\memory\\demo\\a", NULL, 0, "\\\\memory\\demo", MEMORY, 1, SHARE,
                            CONNECTABLE,           "\\a"};
    const struct row parent = {"\\\\memory\\demo\\a", NULL, 0, "\\\\memory\\demo", MEMORY, 1, SHARE,
                               CONNECTABLE,           NULL};

    world_isolated_memory("\"shares\": \"demo\"");
    world_start();
    expect_information(row);
    expect_parent(parent);
}

/* --- who is asked --- */

static void provide(const char *file, const char *name, const char *options) {
    char all[1024];

    snprintf(all, sizeof all, "\"provider\": \"%s\", %s", name, options);
    world_asked(file, all);
}

static unsigned asked(const char *provider) {
    char line[64];
    unsigned count;

    snprintf(line, sizeof line, "%s information", provider);
    count = world_count(world_read("log"), line);
    snprintf(line, sizeof line, "%s parent", provider);
    return count + world_count(world_read("log"), line);
}

#define NOT_MINE(code, words)                                                                      \
    "\"answer\": \"not_mine\", \"code\": " #code ", \"text\": \"" words "\""
#define FAILED(code, words) "\"answer\": \"failed\", \"code\": " #code ", \"text\": \"" words "\""

Test(resources, are_asked_of_who_knows_such_names) {
    struct row row = {"//s/p/q", NULL, 0, "//s/p", "Third", 1, SHARE, CONNECTABLE, "/q"};

    provide("10-first", "First", "\"takes\": \"//other/\"");
    provide("20-second", "Second", NOT_MINE(53, "second: nobody there"));
    provide("30-third", "Third", "\"takes\": \"//s/\"");
    provide("40-fourth", "Fourth", "\"takes\": \"\"");
    world_start();
    expect_information(row);
    expect_parent((struct row){"//s/p/q", NULL, 0, "//s/p", "Third", 1, SHARE, CONNECTABLE, NULL});
    cr_expect_eq(asked("First") + asked("Fourth"), 0);
    cr_expect_eq(asked("Second"), 6);
    cr_expect_eq(asked("Third"), 6);
    row.provider = "fourth";
    row.got_provider = "Fourth";
    expect_information(row);
    cr_expect_eq(asked("Third"), 6);
    expect_failures("//s/p", "20-second", 0, ERROR_BAD_PROVIDER);
    expect_failures("//s/p\n", "fourth", 0, ERROR_BAD_NET_NAME);
    expect_failures("//s/p", "first", 0, ERROR_BAD_NET_NAME);
    EXPECT_WORDS("No provider takes //s/p");
}

Test(resources, of_which_the_first_failure_counts) {
    provide("10-first", "First", NOT_MINE(67, "first: no such share"));
    provide("20-second", "Second", NOT_MINE(53, "second: nobody there"));
    provide("30-third", "Third", FAILED(5, "third: not for you"));
    provide("40-fourth", "Fourth", FAILED(1208, "fourth: odd"));
    world_start();
    expect_failures("//s/p", NULL, 0, ERROR_ACCESS_DENIED);
    EXPECT_WORDS("third: not for you");
    cr_expect_str_eq(last_provider(), "Third");
    cr_expect_eq(asked("Fourth"), 0);
    expect_failures("//s/p", "fourth", 0, ERROR_EXTENDED_ERROR);
    EXPECT_WORDS("fourth: odd");
}

Test(resources, that_nobody_has) {
    provide("10-first", "First", NOT_MINE(67, "first: no such share"));
    provide("20-second", "Second", NOT_MINE(53, "second: nobody there"));
    provide("30-third", "Third", "\"absent\": \"information,parent\"");
    world_start();
    expect_failures("//s/p", NULL, 0, ERROR_BAD_NETPATH);
    EXPECT_WORDS("second: nobody there");
    expect_failures("//s/p", "third", 0, ERROR_NOT_SUPPORTED);
    EXPECT_WORDS("Third");
}

Test(resources, without_any_provider) {
    world_start();
    expect_failures("//s/p", NULL, 0, ERROR_NO_NETWORK);
    expect_failures("//s/p", "x", 0, ERROR_NO_NETWORK);
}

/* An answer that is none. */
static void expect_spoiled(const char *options) {
    LPSTR rest;
    NETRESOURCEA ask = {.lpRemoteName = TEXT("//s/p\xc3\xa9/q")};
    DWORD size = sizeof room;

    provide("10-first", "First", options);
    world_start();
    EXPECT_CODE(ERROR_UNEXP_NET_ERR, WNetGetResourceInformationA(&ask, room, &size, &rest));
    EXPECT_WORDS("no answer that can be used");
    cr_expect_str_eq(last_provider(), "First");
    MprShutdown();
}

Test(resources, that_the_provider_spoils) {
    expect_spoiled("\"entries\": 0");
    expect_spoiled("\"bad\": \"entry\"");
    expect_spoiled("\"remote\": \"\"");
    expect_spoiled("\"rest\": 100000");
    expect_spoiled("\"rest\": 6");
    provide("10-first", "First", "\"entries\": 0");
    world_start();
    expect_failures("//s/p", NULL, 0, ERROR_UNEXP_NET_ERR);
    MprShutdown();
    provide("10-first", "First", FAILED(0, "first: it says both"));
    world_start();
    expect_failures("//s/p", NULL, 0, ERROR_UNEXP_NET_ERR);
}

/* More than one answer: the first. */
Test(resources, of_a_provider_with_too_much_to_say) {
    struct row row = {"//s/p", NULL, 0, "//s/p", "First", 1, SHARE, CONNECTABLE, NULL};

    provide("10-first", "First", "\"entries\": 3");
    world_start();
    expect_information(row);
}

Test(resources, within_the_bound) {
    int64_t before = world_ms();
    NETRESOURCEA ask = {.lpRemoteName = TEXT("//s/p")};
    DWORD size = sizeof room;
    LPSTR rest;

    provide("10-first", "First",
            "\"hang\": \"information\", \"connect_timeout_ms\": 200, " FAILED(53, "it is silent"));
    world_start();
    EXPECT_CODE(ERROR_BAD_NETPATH, WNetGetResourceInformationA(&ask, room, &size, &rest));
    cr_expect_lt(world_ms() - before, 10000);
}

static DWORD ask_slowly(void *context) {
    static char slow_room[256] __attribute__((aligned(16)));
    NETRESOURCEA ask = {.lpRemoteName = context};
    LPSTR rest;

    return WNetGetResourceInformationA(&ask, slow_room, &(DWORD){sizeof slow_room}, &rest);
}

Test(resources, of_a_busy_provider) {
    NETCONNECTINFOSTRUCT info = {.cbStructure = sizeof info};
    struct background *slow;
    char options[512];

    snprintf(options, sizeof options,
             "\"one_thread\": true, \"connect_timeout_ms\": 100, \"io_timeout_ms\": 100, "
             "\"hang\": \"information\", \"until\": \"%s\"",
             world_path("go"));
    provide("10-first", "First", options);
    world_start();
    cr_assert_eq(add("Z:", "//s/z", 0), NO_ERROR);
    slow = background(ask_slowly, (char[]){"//s/p"});
    while (!strstr(world_read("log"), "information"))
        world_sleep(5);
    expect_failures("//s/p", NULL, 0, ERROR_BUSY);
    EXPECT_WORDS("one call at a time");
    EXPECT_CODE(ERROR_BUSY, MultinetGetConnectionPerformanceA(
                                &(NETRESOURCEA){.lpLocalName = (char[]){"Z:"}}, &info));
    EXPECT_WORDS("one call at a time");
    world_write("go", "%s", "");
    cr_expect_eq(wait_for(slow), NO_ERROR);
}

/* --- performance --- */

static void expect_measured(const char *local, const char *remote, const char *provider,
                            DWORD code) {
    const NETCONNECTINFOSTRUCT before = {sizeof before, 1, 2, 3, 4};
    const NETCONNECTINFOSTRUCT wanted = {sizeof wanted, WNCON_DYNAMIC, 10000000, 7, 65536};
    NETRESOURCEA ask = {77, 77, 77, 77, TEXT(local), TEXT(remote), TEXT("\xff"), TEXT(provider)};
    NETRESOURCEW ask_wide = {
        .lpLocalName = wide(local), .lpRemoteName = wide(remote), .lpProvider = wide(provider)};
    const NETCONNECTINFOSTRUCT *then = code ? &before : &wanted;
    NETCONNECTINFOSTRUCT info = before;

    EXPECT_CODE(code, MultinetGetConnectionPerformanceA(&ask, &info));
    cr_expect_eq(memcmp(&info, then, sizeof info), 0);
    info = before;
    EXPECT_CODE(code, MultinetGetConnectionPerformanceW(&ask_wide, &info));
    cr_expect_eq(memcmp(&info, then, sizeof info), 0);
    info = before;
    EXPECT_CODE(code, MultinetGetConnectionPerformance(&ask, &info));
    cr_expect_eq(memcmp(&info, then, sizeof info), 0);
}

#define FAST "\"flags\": 8, \"speed\": 10000000, \"delay\": 7, \"best\": 65536"

Test(resources, how_fast_a_connection_is) {
    provide("10-first", "First", "\"takes\": \"//s/\", " FAST);
    provide("20-slow", "Slow", "\"takes\": \"//slow/\", \"absent\": \"performance\"");
    provide("30-moody", "Moody",
            "\"takes\": \"//moody/\", \"performance\": 54, \"text\": \"Not now.\"");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/p", CONNECT_UPDATE_PROFILE));
    EXPECT_CODE(NO_ERROR, add(NULL, "//s/q", 0));
    EXPECT_CODE(NO_ERROR, add("Y:", "//slow/p", 0));
    EXPECT_CODE(NO_ERROR, add("X:", "//moody/p", 0));
    expect_measured("z:", NULL, NULL, NO_ERROR);
    expect_measured("Z:", "//nobody/here", "", NO_ERROR);
    expect_measured(NULL, "\\\\S\\P", "first", NO_ERROR);
    expect_measured("", "//s/q/dir/file", NULL, NO_ERROR);
    expect_measured("Y:", NULL, NULL, ERROR_NOT_SUPPORTED);
    EXPECT_WORDS("Slow");
    expect_measured("X:", NULL, NULL, ERROR_NETWORK_BUSY);
    EXPECT_WORDS("Not now.");
    expect_measured("Z:", NULL, "slow", ERROR_NOT_CONNECTED);
    EXPECT_WORDS("of First, not of Slow");
    expect_measured(NULL, "//s/q", "slow", ERROR_BAD_NET_NAME);
    expect_measured(NULL, "//s/none", NULL, ERROR_NOT_CONNECTED);
    expect_measured(NULL, "nobody's", NULL, ERROR_BAD_NET_NAME);
    expect_measured("C:", "//s/q", NULL, ERROR_NOT_CONNECTED);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    expect_measured("Z:", NULL, NULL, ERROR_NOT_CONNECTED);
}

/* What is on its way is not there yet. */
static DWORD add_slowly(void *context) {
    return add(context, "//slow/x", 0);
}

Test(resources, performance_while_connecting) {
    struct background *slow;

    world_scripted("10-slow", "\"hang\": \"connect\", \"takes\": \"//slow/\"");
    provide("20-first", "First", FAST);
    world_start();
    slow = background(add_slowly, (char[]){"Z:"});
    while (!*world_read("log"))
        world_sleep(5);
    expect_measured("Z:", NULL, NULL, ERROR_NOT_CONNECTED);
    expect_measured("Z:", NULL, "first", ERROR_NOT_CONNECTED);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
    cr_expect_eq(wait_for(slow), ERROR_CANCELLED);
}

/* A structure of a later version: only what this one knows is written. */
Test(resources, performance_in_a_larger_structure) {
    struct {
        NETCONNECTINFOSTRUCT info;
        DWORD more;
    } larger = {.info = {.cbStructure = sizeof larger}, .more = 4711};
    NETRESOURCEA ask = {.lpLocalName = TEXT("Z:")};

    provide("10-first", "First", FAST);
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/p", 0));
    EXPECT_CODE(NO_ERROR, MultinetGetConnectionPerformanceA(&ask, &larger.info));
    cr_expect_eq(larger.info.cbStructure, sizeof larger);
    cr_expect_eq(larger.info.dwSpeed, 10000000);
    cr_expect_eq(larger.more, 4711);
}

Test(resources, performance_from_a_worker_process) {
    NETCONNECTINFOSTRUCT info = {.cbStructure = sizeof info};
    NETRESOURCEA ask = {.lpLocalName = TEXT("Z:")};

    world_isolated_memory("\"shares\": \"demo\"");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\demo", 0));
    EXPECT_CODE(NO_ERROR, MultinetGetConnectionPerformanceA(&ask, &info));
    cr_expect_neq(info.dwOptDataSize, 0);
}
