/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_browse.c: the network from its top down: RESOURCE_GLOBALNET and
 * RESOURCE_CONTEXT.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define ANY RESOURCETYPE_ANY

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo,private\", \"printers\": \"laser\"");
    world_scripted("10-other", "\"provider\": \"Other Network\", \"takes\": \"//o\", "
                               "\"lists\": \"//one,//one/x,//one/y,//two,//oh/z\"");
    world_scripted("20-mute", "\"provider\": \"Mute Network\", \"takes\": \"//mute\"");
}

static void begin_and_start(void) {
    begin();
    world_start();
}

TestSuite(browse, .timeout = 60, .init = begin_and_start, .fini = world_end);
TestSuite(browse_worlds, .timeout = 60, .init = begin, .fini = world_end);

static char room[65536] __attribute__((aligned(16)));
static const NETRESOURCEA *const entries = (void *)room;
static char shown[4096];

/* Fills entries and shown: "name name ", "!" before those that are containers. */
static DWORD read_all(HANDLE list) {
    DWORD count = UINT32_MAX, size = sizeof room;
    DWORD rc = WNetEnumResourceA(list, &count, room, &size);
    size_t length = 0;

    shown[0] = '\0';
    for (DWORD i = 0; rc == NO_ERROR && i < count; i++)
        length += (size_t)snprintf(shown + length, sizeof shown - length, "%s%s ",
                                   entries[i].dwUsage & RESOURCEUSAGE_CONTAINER ? "!" : "",
                                   entries[i].lpRemoteName ? entries[i].lpRemoteName : "NULL");
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
    return rc == NO_ERROR ? count : 0;
}

static DWORD try_list(DWORD scope, DWORD type, DWORD usage, const NETRESOURCEA *container) {
    NETRESOURCEA copy;
    HANDLE list;
    DWORD rc;

    if (container)
        copy = *container;
    rc = WNetOpenEnumA(scope, type, usage, container ? &copy : NULL, &list);
    if (rc == NO_ERROR)
        read_all(list);
    return rc;
}

static const char *browse(const char *provider, const char *remote) {
    const NETRESOURCEA container = {
        .dwUsage = RESOURCEUSAGE_CONTAINER,
        .lpRemoteName = (LPSTR)(uintptr_t)remote,
        .lpProvider = (LPSTR)(uintptr_t)provider,
    };

    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_GLOBALNET, ANY, 0, &container));
    return shown;
}

/* --- the top --- */

Test(browse, at_the_top_are_the_providers_that_list) {
    const NETRESOURCEA *entry = entries;
    const NETRESOURCEA nothing = {.lpComment = (LPSTR)(uintptr_t) "whatever"};

    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_GLOBALNET, ANY, 0, NULL));
    cr_expect_str_eq(shown, "!Other Network !Memory Network ");
    cr_expect_eq(entry->dwScope, RESOURCE_GLOBALNET);
    cr_expect_eq(entry->dwType, RESOURCETYPE_ANY);
    cr_expect_eq(entry->dwDisplayType, RESOURCEDISPLAYTYPE_NETWORK);
    cr_expect_eq(entry->dwUsage, RESOURCEUSAGE_CONTAINER | RESOURCEUSAGE_RESERVED);
    cr_expect_str_eq(entry->lpProvider, "Other Network");
    cr_expect_null(entry->lpLocalName);
    cr_expect_null(entry->lpComment);
    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_GLOBALNET, ANY, 0, &nothing));
    cr_expect_str_eq(shown, "!Other Network !Memory Network ");
    cr_expect_str_eq(browse("", ""), "!Other Network !Memory Network ");
}

Test(browse, below_a_provider_are_its_servers) {
    cr_expect_str_eq(browse("Memory Network", NULL), "!\\\\memory ");
    cr_expect_eq(entries->dwScope, RESOURCE_GLOBALNET);
    cr_expect_eq(entries->dwDisplayType, RESOURCEDISPLAYTYPE_SERVER);
    cr_expect_str_eq(entries->lpProvider, "Memory Network");
    cr_expect_str_eq(entries->lpComment, "Shares in the memory of this process");
    cr_expect_str_eq(browse("Memory Network", "Memory Network"), "!\\\\memory ");
    cr_expect_str_eq(browse("memory", "memory NETWORK"), "!\\\\memory ");
    cr_expect_str_eq(browse("Other Network", ""), "!//one !//two ");
    cr_expect_eq(entries->dwScope, RESOURCE_GLOBALNET, "whatever the provider says");
}

Test(browse, below_a_server_are_its_shares) {
    cr_expect_str_eq(browse(NULL, "//Memory"),
                     "\\\\memory\\demo \\\\memory\\private \\\\memory\\laser ");
    cr_expect_eq(entries[2].dwType, RESOURCETYPE_PRINT);
    cr_expect_str_eq(entries[2].lpProvider, "Memory Network");
    cr_expect_eq(entries[2].dwUsage, RESOURCEUSAGE_CONNECTABLE);
    cr_expect_str_eq(browse("Memory Network", "\\\\MEMORY"), shown);
    cr_expect_str_eq(browse(NULL, "//one"), "//one/x //one/y ");
    cr_expect_str_eq(browse(NULL, "//other"), "");
}

/* --- what is not to be listed --- */

static void expect_refusal(DWORD code, const char *provider, const char *remote, DWORD usage) {
    NETRESOURCEA container = {
        .dwUsage = usage,
        .lpRemoteName = (LPSTR)(uintptr_t)remote,
        .lpProvider = (LPSTR)(uintptr_t)provider,
    };

    EXPECT_CODE(code, try_list(RESOURCE_GLOBALNET, ANY, 0, &container));
}

Test(browse, refusals) {
    expect_refusal(ERROR_BAD_PROVIDER, "No Network", NULL, RESOURCEUSAGE_CONTAINER);
    expect_refusal(ERROR_NOT_SUPPORTED, "Mute Network", NULL, RESOURCEUSAGE_CONTAINER);
    expect_refusal(ERROR_NOT_SUPPORTED, "Mute Network", "//mute", RESOURCEUSAGE_CONTAINER);
    expect_refusal(ERROR_NOT_SUPPORTED, NULL, "//mute", RESOURCEUSAGE_CONTAINER);
    EXPECT_WORDS("Mute Network cannot list");
    expect_refusal(ERROR_BAD_NET_NAME, NULL, "//nobodys", RESOURCEUSAGE_CONTAINER);
    EXPECT_WORDS("//nobodys");
    expect_refusal(ERROR_BAD_NET_NAME, "Memory Network", "//one", RESOURCEUSAGE_CONTAINER);
    expect_refusal(ERROR_NOT_CONTAINER, NULL, "//memory/demo", RESOURCEUSAGE_CONTAINER);
    expect_refusal(ERROR_NOT_CONTAINER, NULL, "//memory", RESOURCEUSAGE_CONNECTABLE);
    EXPECT_WORDS("RESOURCEUSAGE_CONTAINER");
    expect_refusal(NO_ERROR, NULL, "//memory", 0);
    cr_expect_eq(world_count(shown, "memory"), 3, "who gave names only has not denied it");
    expect_refusal(ERROR_NOT_CONTAINER, NULL, "//memory/demo", 0);
}

/* --- filters --- */

static const char *filtered(DWORD type, DWORD usage, const char *remote) {
    const NETRESOURCEA container = {.lpRemoteName = (LPSTR)(uintptr_t)remote,
                                    .lpProvider = (LPSTR)(uintptr_t) "Memory Network"};

    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_GLOBALNET, type, usage, &container));
    return shown;
}

Test(browse, by_type) {
    cr_expect_str_eq(filtered(RESOURCETYPE_DISK, 0, "//memory"),
                     "\\\\memory\\demo \\\\memory\\private ");
    cr_expect_str_eq(filtered(RESOURCETYPE_PRINT, 0, "//memory"), "\\\\memory\\laser ");
    cr_expect_eq(world_count(filtered(RESOURCETYPE_PRINT | RESOURCETYPE_DISK, 0, "//memory"), " "),
                 3);
    cr_expect_str_eq(filtered(RESOURCETYPE_PRINT, 0, NULL), "!\\\\memory ",
                     "a server is of every type");
}

Test(browse, by_usage) {
    const DWORD connectable = RESOURCEUSAGE_CONNECTABLE, container = RESOURCEUSAGE_CONTAINER;
    const DWORD attached = RESOURCEUSAGE_ATTACHED;

    cr_expect_str_eq(filtered(ANY, container, NULL), "!\\\\memory ");
    cr_expect_str_eq(filtered(ANY, connectable, NULL), "");
    cr_expect_str_eq(filtered(ANY, container, "//memory"), "");
    cr_expect_eq(world_count(filtered(ANY, connectable, "//memory"), " "), 3);
    cr_expect_eq(world_count(filtered(ANY, attached, "//memory"), " "), 3);
    cr_expect_eq(world_count(filtered(ANY, RESOURCEUSAGE_ALL, "//memory"), " "), 3);
    cr_expect_str_eq(filtered(ANY, connectable | attached, NULL), "");
    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_GLOBALNET, ANY, connectable, NULL));
    cr_expect_str_eq(shown, "");
}

/* What is asked reaches the provider, but for what is none of its business. */
Test(browse, the_provider_is_told_what_is_wanted) {
    const NETRESOURCEA other = {.lpProvider = (LPSTR)(uintptr_t) "Other Network"};

    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_GLOBALNET, RESOURCETYPE_PRINT, 0x8000001f, &other));
    cr_expect_not_null(strstr(world_read("log"), "list top 2 0x13\n"));
    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_GLOBALNET, 0, RESOURCEUSAGE_ATTACHED, &other));
    cr_expect_not_null(strstr(world_read("log"), "list top 0 0x13\n"));
    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_CONTEXT, RESOURCETYPE_DISK, 1, &other));
    cr_expect_not_null(strstr(world_read("log"), "list top 1 0x0\n"));
}

/* --- as whom --- */

static void add_as(const char *remote, const char *user, const char *password) {
    NETRESOURCEA resource = {.lpRemoteName = (LPSTR)(uintptr_t)remote};

    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, password, user, 0));
}

/* A server is asked as whoever is connected to it, and no other server hears of that. */
Test(browse, as_who_is_connected) {
    EXPECT_CODE(NO_ERROR, add(NULL, "//one/y", 0));
    add_as("//one2/x", "bert", "two");
    browse(NULL, "//one");
    cr_expect_eq(world_count(world_read("log"), " lister "), 0);
    add_as("//ONE/x", "anna", "words");
    browse(NULL, "//one");
    cr_expect_not_null(strstr(world_read("log"), " lister anna words\n"));
    browse("Other Network", NULL);
    browse(NULL, "//oh");
    cr_expect_eq(world_count(world_read("log"), " lister "), 1);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("//one/x", 0, FALSE));
    browse(NULL, "//one");
    cr_expect_eq(world_count(world_read("log"), " lister "), 1);
}

/* --- servers that are known --- */

Test(browse, servers_of_connections_are_listed) {
    cr_expect_str_eq(browse("Other Network", NULL), "!//one !//two ");
    EXPECT_CODE(NO_ERROR, add(NULL, "//old/share/deep/down", 0));
    EXPECT_CODE(NO_ERROR, add("Z:", "//ONE/x", 0));
    EXPECT_CODE(NO_ERROR, add("Y:", "//OLD/share", 0));
    cr_expect_str_eq(browse("Other Network", NULL), "!//one !//two !//old ");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Y:", 0, FALSE));
    cr_assert_eq(unlink(world_path("state/recent.json")), 0, "it would list them, too");
    cr_expect_str_eq(entries[2].lpComment, "a server");
    cr_expect_eq(entries[2].dwDisplayType, RESOURCEDISPLAYTYPE_SERVER);
    cr_expect_str_eq(browse("Memory Network", NULL), "!\\\\memory ", "each its own");
    cr_expect_str_eq(browse("Other Network", "//old"), "");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("//old/share/deep/down", 0, FALSE));
    cr_expect_str_eq(browse("Other Network", NULL), "!//one !//two ");
}

Test(browse, servers_of_remembered_connections_are_listed) {
    EXPECT_CODE(NO_ERROR, add("Z:", "//outside/x", CONNECT_UPDATE_PROFILE | CONNECT_UPDATE_RECENT));
    world_restart();
    cr_assert_eq(unlink(world_path("state/recent.json")), 0, "it would list it, too");
    cr_expect_str_eq(browse("Other Network", NULL), "!//one !//two !//outside ");
    world_profile("no profile");
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("", 0, FALSE));
    cr_expect_str_eq(browse("Other Network", NULL), "!//one !//two ", "a bad one remembers none");
    EXPECT_WORDS("there is nothing to cancel");
}

Test(browse_worlds, a_provider_that_names_no_containers_has_no_known_servers) {
    world_scripted("10-other", "\"provider\": \"Other Network\", \"takes\": \"//o\", "
                               "\"lists\": \"//one\", \"absent\": \"parent\"");
    world_start();
    EXPECT_CODE(NO_ERROR, add(NULL, "//old/share", CONNECT_UPDATE_RECENT));
    cr_expect_str_eq(browse("Other Network", NULL), "!//one ");
}

/* --- what is near --- */

static const char *context(const char *provider) {
    const NETRESOURCEA resource = {.lpProvider = (LPSTR)(uintptr_t)provider,
                                   .lpRemoteName = (LPSTR)(uintptr_t) "//ignored"};

    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_CONTEXT, ANY, UINT32_MAX, &resource));
    return shown;
}

Test(browse, near_are_the_whole_network_and_the_servers) {
    NETRESOURCEA root;

    cr_assert_str_eq(context(NULL), "!NULL !//one !//two !\\\\memory ");
    root = entries[0];
    cr_expect_eq(root.dwScope, RESOURCE_GLOBALNET);
    cr_expect_eq(root.dwType, RESOURCETYPE_ANY);
    cr_expect_eq(root.dwDisplayType, RESOURCEDISPLAYTYPE_ROOT);
    cr_expect_eq(root.dwUsage, RESOURCEUSAGE_CONTAINER);
    cr_expect_str_eq(root.lpComment, "Entire Network");
    cr_expect_null(root.lpLocalName);
    cr_expect_null(root.lpProvider);
    cr_expect_eq(entries[1].dwScope, RESOURCE_CONTEXT);
    cr_expect_eq(entries[1].dwUsage, RESOURCEUSAGE_CONTAINER);
    cr_expect_eq(entries[2].dwUsage, RESOURCEUSAGE_CONTAINER | RESOURCEUSAGE_SIBLING);
    cr_expect_eq(entries[3].dwUsage, RESOURCEUSAGE_CONTAINER, "the first of another provider");
    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_GLOBALNET, ANY, 0, &root));
    cr_expect_str_eq(shown, "!Other Network !Memory Network ");
    cr_expect_str_eq(context("Memory Network"), "!NULL !\\\\memory ");
    cr_expect_str_eq(context("Mute Network"), "!NULL ");
}

/* --- providers that fail, or do what they must not --- */

static void begin_failing(const char *how) {
    char options[512];

    snprintf(
        options, sizeof options,
        "\"provider\": \"Other Network\", \"takes\": \"//o\", \"lists\": \"//one,//one/x\", %s",
        how);
    world_scripted("10-other", options);
    world_start();
}

Test(browse_worlds, who_fails_hides_no_other) {
    begin_failing("\"list_code\": 59");
    cr_expect_str_eq(context(NULL), "!NULL !\\\\memory ");
    expect_refusal(ERROR_UNEXP_NET_ERR, "Other Network", NULL, 0);
    EXPECT_WORDS("It does not want to list.");
    cr_expect_str_eq(last_provider(), "Other Network");
    cr_expect_eq(last_native(), 4712);
    expect_refusal(ERROR_UNEXP_NET_ERR, NULL, "//one", 0);
    EXPECT_CODE(NO_ERROR, add(NULL, "//one/x", 0));
    cr_expect_str_eq(browse("Other Network", NULL), "!//one ", "it is known");
    cr_expect_str_eq(context("Other Network"), "!NULL !//one ");
}

Test(browse_worlds, where_nothing_can_be_listed_the_failure_is_told) {
    const NETRESOURCEA other = {.lpProvider = (LPSTR)(uintptr_t) "Other Network"};

    begin_failing("\"list_code\": 5");
    EXPECT_CODE(ERROR_ACCESS_DENIED, try_list(RESOURCE_CONTEXT, ANY, 0, &other));
    EXPECT_WORDS("It does not want to list.");
}

Test(browse_worlds, who_does_not_browse_has_not_failed) {
    const NETRESOURCEA other = {.lpProvider = (LPSTR)(uintptr_t) "Other Network"};

    begin_failing("\"list_code\": 50");
    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_CONTEXT, ANY, 0, &other));
    cr_expect_str_eq(shown, "!NULL ");
    expect_refusal(ERROR_NOT_SUPPORTED, "Other Network", NULL, 0);
}

/* A server that is not this provider's may be the next one's. */
Test(browse_worlds, who_declines_is_followed_by_the_next) {
    world_scripted("05-first", "\"provider\": \"First Network\", \"takes\": \"\", \"lists\": "
                               "\"//first\", \"list_answer\": \"not_mine\", \"list_code\": 53");
    world_start();
    cr_expect_str_eq(browse(NULL, "//one"), "//one/x //one/y ");
    expect_refusal(ERROR_BAD_NETPATH, NULL, "//nobody", 0);
    expect_refusal(ERROR_BAD_NETPATH, "First Network", "//one", 0);
}

Test(browse_worlds, entries_that_lead_nowhere_are_left_out) {
    begin_failing("\"odd\": true");
    cr_expect_str_eq(browse("Other Network", NULL), "!//one !//odd ");
    cr_expect_null(entries[1].lpComment, "what the entry's size does not have");
    cr_expect_str_eq(browse("Other Network", "//one"), "//one/x ", "itself neither");
}

Test(browse_worlds, a_list_without_end_ends) {
    begin_failing("\"odd\": 2");
    expect_refusal(ERROR_UNEXP_NET_ERR, "Other Network", NULL, 0);
    EXPECT_WORDS("lists over 65536 resources");
}

Test(browse_worlds, who_hangs_is_waited_for_no_longer_than_it_may_take) {
    int64_t before;

    begin_failing("\"hang\": \"list,parent\", \"connect_timeout_ms\": 300, \"list_code\": 121");
    EXPECT_CODE(NO_ERROR, add(NULL, "//one/x", 0));
    before = world_ms();
    context(NULL);
    cr_expect_lt(world_ms() - before, 10000);
    cr_expect_str_eq(shown, "!NULL !//one !\\\\memory ");
}

Test(browse_worlds, a_provider_that_calls_back_is_told_so) {
    begin_failing("\"calls_back\": \"list\"");
    expect_refusal(ERROR_BUSY, "Other Network", "//one", 0);
}

/* One call at a time, also into a listing. */
Test(browse_worlds, one_at_a_time) {
    begin_failing("\"one_thread\": true");
    cr_expect_str_eq(context("Other Network"), "!NULL !//one ");
    cr_expect_eq(world_count(world_read("log"), "overlap"), 0);
}

Test(browse_worlds, without_providers_there_is_no_network) {
    cr_assert_eq(unlink(world_path("providers.d/10-other.json")), 0);
    cr_assert_eq(unlink(world_path("providers.d/20-mute.json")), 0);
    cr_assert_eq(unlink(world_path("providers.d/90-memory.json")), 0);
    world_start();
    EXPECT_CODE(ERROR_NO_NETWORK, try_list(RESOURCE_GLOBALNET, ANY, 0, NULL));
    EXPECT_CODE(ERROR_NO_NETWORK, try_list(RESOURCE_CONTEXT, ANY, 0, NULL));
    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_CONNECTED, ANY, 0, NULL));
    EXPECT_CODE(NO_ERROR, try_list(RESOURCE_RECENT, ANY, 0, NULL));
}

/* --- from the root down, as programs walk --- */

struct walk {
    unsigned containers, shares, depth;
};

static void walk_down(NETRESOURCEA *from, struct walk *walk, unsigned depth) {
    char *buffer = calloc(1, 16384);
    const NETRESOURCEA *found = (void *)buffer;
    DWORD count = UINT32_MAX, size = 16384;
    HANDLE list;

    cr_assert_lt(depth, 8);
    walk->depth = depth > walk->depth ? depth : walk->depth;
    EXPECT_CODE(NO_ERROR, WNetOpenEnumA(RESOURCE_GLOBALNET, ANY, 0, from, &list));
    while (WNetEnumResourceA(list, &count, buffer, &size) == NO_ERROR) {
        for (DWORD i = 0; i < count; i++) {
            NETRESOURCEA entry = found[i];

            if (entry.dwUsage & RESOURCEUSAGE_CONTAINER) {
                walk->containers++;
                walk_down(&entry, walk, depth + 1);
            } else {
                walk->shares++;
                EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&entry, NULL, NULL, 0));
            }
        }
        count = UINT32_MAX;
    }
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
    free(buffer);
}

Test(browse_worlds, a_walk_from_the_root_ends) {
    struct walk walk = {0};

    world_scripted("10-other", "\"provider\": \"Other Network\", \"takes\": \"//o\", "
                               "\"lists\": \"//one,//one/x,//one/y,//oh,//oh/z\"");
    world_start();
    walk_down(NULL, &walk, 0);
    cr_expect_eq(walk.containers, 5, "two providers, three servers: %u", walk.containers);
    cr_expect_eq(walk.shares, 6, "%u", walk.shares);
    cr_expect_eq(walk.depth, 2);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 6);
}
