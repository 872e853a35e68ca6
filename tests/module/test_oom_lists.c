/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_oom_lists.c: every allocation of the router fails once while the network is
 * listed, recent connections are kept, and notification modules are told.
 *
 * Linked with the router's objects, so that its own allocations fail and those
 * of the providers do not.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/npapi.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"
#include "tests/unit/fail_alloc.h"

#define DEMO "\\\\memory\\demo"

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo,held,more\"");
    world_scripted("10-other", "\"provider\": \"Other Network\", \"takes\": \"//other\", "
                               "\"lists\": \"//other,//other/a,//other2\"");
    world_module("witness", "50-w");
    world_write("50-w.so.txt", "log=%s\n", world_path("notes"));
    world_write("providers.d/50-w.json", "{\"name\": \"w\", \"notify_module\": \"%s.so\"}",
                world_path("50-w"));
    world_start();
    cr_assert_eq(add("H:", "\\\\memory\\held", CONNECT_UPDATE_PROFILE), NO_ERROR);
    cr_assert_eq(add(NULL, "//other3/b", CONNECT_UPDATE_RECENT), NO_ERROR);
}

TestSuite(oom_lists, .timeout = 120, .init = begin, .fini = world_end);

static void expect_unchanged(void *context) {
    (void)context;
    cr_expect_eq(listed(RESOURCE_CONNECTED), 2);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
    cr_expect_str_eq(remote_of("H:"), "\\\\memory\\held");
    cr_expect_str_eq(remote_of("Z:"), "2250");
}

static void fail_each(DWORD (*run)(void *), void (*clean)(void *), void *context) {
    const struct fail_alloc_case all = {run, clean, expect_unchanged, context};
    unsigned count = fail_alloc_each(&all);

    cr_expect_gt(count, 2);
    expect_unchanged(context);
}

/* What is to be listed, and how many entries there are when nothing fails. */
struct listing {
    DWORD scope;
    NETRESOURCEW from;
    unsigned entries;
};

static DWORD list_all(void *context) {
    char room[4096] __attribute__((aligned(8)));
    struct listing *listing = context;
    DWORD count = UINT32_MAX, size = sizeof room, rc;
    HANDLE list;

    rc = WNetOpenEnumW(listing->scope, RESOURCETYPE_ANY, 0, &listing->from, &list);
    if (rc != NO_ERROR)
        return rc;
    rc = WNetEnumResourceA(list, &count, room, &size);
    cr_expect_eq(count, listing->entries, "all or nothing: %u", count);
    cr_expect_eq(WNetCloseEnum(list), NO_ERROR);
    return rc;
}

Test(oom_lists, listing_the_network) {
    WCHAR provider[] = u"Other Network", server[] = u"//other", memory[] = u"\\\\memory";
    struct listing rows[] = {
        {RESOURCE_GLOBALNET, {.dwUsage = 0}, 2},
        {RESOURCE_GLOBALNET, {.lpProvider = provider}, 3},
        {RESOURCE_GLOBALNET, {.lpRemoteName = server}, 1},
        {RESOURCE_GLOBALNET, {.lpProvider = provider, .lpRemoteName = server}, 1},
        {RESOURCE_GLOBALNET, {.lpRemoteName = memory}, 3},
        {RESOURCE_CONTEXT, {.dwUsage = 0}, 5},
        {RESOURCE_RECENT, {.dwUsage = 0}, 2},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fail_each(list_all, NULL, &rows[i]);
}

static DWORD connect(void *context) {
    return add(context, DEMO, CONNECT_UPDATE_RECENT);
}

static void cancel(void *context) {
    (void)context;
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
}

static DWORD cancel_it(void *context) {
    return WNetCancelConnection2A(context, 0, FALSE);
}

static void connect_again(void *context) {
    EXPECT_CODE(NO_ERROR, add(context, DEMO, CONNECT_TEMPORARY));
}

static void expect_connected(void *context) {
    cr_expect_str_eq(remote_of(context), DEMO, "a failure changes nothing");
}

static void expect_all_told(void) {
    cr_expect_eq(world_count(world_read("notes"), " pre "),
                 world_count(world_read("notes"), " post "));
}

/* Who was told before is told afterwards, whatever came between. */
Test(oom_lists, telling_of_connections) {
    fail_each(connect, cancel, (char[]){"Z:"});
    expect_all_told();
}

Test(oom_lists, telling_of_cancels) {
    const struct fail_alloc_case all = {cancel_it, connect_again, expect_connected, (char[]){"Z:"}};

    connect_again(all.context);
    cr_expect_gt(fail_alloc_each(&all), 5);
    expect_all_told();
}
