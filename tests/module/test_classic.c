/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_classic.c: a classic provider that does all well, alone and beside a
 * native one in both orders: what the router asks of it, and makes of that.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/npapi.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define GOOD "10-good"

static void begin(void) {
    world_make();
    world_classic(GOOD, "\"provider_name\": \"Good Network\"");
    world_start();
}

/* The memory provider has order 90. */
static void begin_first(void) {
    world_make();
    world_classic(GOOD, "");
    world_memory("\"shares\": \"demo\"");
    world_start();
}

static void begin_last(void) {
    world_make();
    world_classic("95-good", "");
    world_memory("\"shares\": \"demo\"");
    world_start();
}

TestSuite(classic, .timeout = 60, .init = begin, .fini = world_end);
TestSuite(classic_first, .timeout = 60, .init = begin_first, .fini = world_end);
TestSuite(classic_last, .timeout = 60, .init = begin_last, .fini = world_end);

static DWORD value(const char *symbol) {
    return *(DWORD *)world_classic_symbol(GOOD, symbol);
}

static void set(const char *symbol, DWORD number) {
    *(DWORD *)world_classic_symbol(GOOD, symbol) = number;
}

static int count(void) {
    int (*fn)(void);
    void *symbol = world_classic_symbol(GOOD, "classic_count");

    memcpy(&fn, &symbol, sizeof fn);
    return fn();
}

static void redirect(const char *local, const char *remote, const char *user) {
    void (*fn)(const char *, const char *, const char *);
    void *symbol = world_classic_symbol(GOOD, "classic_redirect");

    memcpy(&fn, &symbol, sizeof fn);
    fn(local, remote, user);
}

static DWORD connect_as(const char *device, const char *remote, const char *user,
                        const char *password, DWORD flags) {
    char local[16], name[300];
    NETRESOURCEA resource = {.dwType = RESOURCETYPE_ANY, .lpRemoteName = name};

    snprintf(name, sizeof name, "%s", remote);
    snprintf(local, sizeof local, "%s", device ? device : "");
    resource.lpLocalName = device ? local : NULL;
    return WNetAddConnection2A(&resource, password, user, flags);
}

static const char *user_of(const char *name) {
    static char user[300];
    DWORD size = sizeof user, rc = WNetGetUserA(name, user, &size);

    if (rc != NO_ERROR)
        snprintf(user, sizeof user, "%u", rc);
    return user;
}

/* The remote names of a scope, with "=" and the device before each. */
static const char *list_of(DWORD scope, const NETRESOURCEA *container) {
    static char shown[4096], room[65536] __attribute__((aligned(16)));
    const NETRESOURCEA *entries = (void *)room;
    DWORD found = UINT32_MAX, size = sizeof room;
    NETRESOURCEA copy;
    size_t length = 0;
    HANDLE list;
    DWORD rc;

    shown[0] = '\0';
    if (container)
        copy = *container;
    rc = WNetOpenEnumA(scope, 0, 0, container ? &copy : NULL, &list);
    if (rc == NO_ERROR) {
        rc = WNetEnumResourceA(list, &found, room, &size);
        WNetCloseEnum(list);
    }
    for (DWORD i = 0; rc == NO_ERROR && i < found; i++)
        length += (size_t)snprintf(shown + length, sizeof shown - length, "%s=%s ",
                                   entries[i].lpLocalName ? entries[i].lpLocalName : "",
                                   entries[i].lpRemoteName ? entries[i].lpRemoteName : "NULL");
    if (rc != NO_ERROR && rc != ERROR_NO_MORE_ITEMS)
        snprintf(shown, sizeof shown, "%u", rc);
    return shown;
}

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

Test(classic, facts) {
    cr_expect_str_eq(first_provider(), "loaded good=Good Network 0x250000 0x1f here");
}

Test(classic, connects) {
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\pub", 0));
    cr_expect_str_eq(remote_of("Z:"), "\\\\CLASSIC1\\pub");
    EXPECT_CODE(ERROR_BAD_NET_NAME, add(NULL, "//classic1/DOCS/", 0)); /* it knows no such */
    cr_expect_eq(count(), 1);
    EXPECT_CODE(NO_ERROR, add(NULL, "\\\\CLASSIC1\\docs", 0));
    cr_expect_eq(count(), 2);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("z:", 0, FALSE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("//CLASSIC1/Docs/", 0, FALSE));
    cr_expect_eq(count(), 0);
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("Z:", 0, FALSE));
}

Test(classic, prints) {
    EXPECT_CODE(NO_ERROR, add("LPT1", "\\\\CLASSIC1\\laser", 0));
    cr_expect_eq(value("classic_type"), RESOURCETYPE_PRINT);
    cr_expect_str_eq(list_of(RESOURCE_CONNECTED, NULL), "LPT1=\\\\CLASSIC1\\laser ");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("LPT1:", 0, FALSE));
}

/* Signals are the embedding program's affair, and its threads are not the module's. */
Test(classic, runs_on_a_thread_of_its_own) {
    pthread_t *self;
    unsigned threads;

    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\pub", 0));
    threads = world_threads();
    self = world_classic_symbol(GOOD, "classic_self");
    cr_expect(!pthread_equal(*self, pthread_self()));
    cr_expect_eq(*(int *)world_classic_symbol(GOOD, "classic_signals"), 0);
    EXPECT_CODE(NO_ERROR, MprShutdown());
    for (int i = 0; i < 2000 && world_threads() >= threads; i++)
        world_sleep(5);
    cr_expect_eq(world_threads(), threads - 1);
}

Test(classic, flags) {
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\pub",
                              CONNECT_TEMPORARY | CONNECT_CMD_SAVECRED | CONNECT_REQUIRE_PRIVACY
                                  | CONNECT_UPDATE_RECENT));
    cr_expect_eq(value("classic_flags"), CONNECT_TEMPORARY | CONNECT_CMD_SAVECRED,
                 "it was given 0x%x", value("classic_flags"));
    cr_expect_eq(*(int *)world_classic_symbol(GOOD, "classic_options"), -1);
}

Test(classic, passwords_and_users) {
    EXPECT_CODE(ERROR_INVALID_PASSWORD, connect_as("Z:", "\\\\CLASSIC1\\secret", NULL, NULL, 0));
    EXPECT_WORDS("NPAddConnection3");
    EXPECT_CODE(ERROR_INVALID_PASSWORD, connect_as("Z:", "\\\\CLASSIC1\\secret", "me", "wrong", 0));
    cr_expect(strstr(last_words(), "wrong") == NULL, "%s", last_words());
    EXPECT_CODE(NO_ERROR, connect_as("Z:", "\\\\CLASSIC1\\secret", "me", "right", 0));
    cr_expect_str_eq(user_of("Z:"), "me");
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\CLASSIC1\\pub", 0));
    cr_expect_str_eq(user_of("Y:"), "somebody");
    cr_expect_str_eq(user_of("\\\\classic1\\pub"), "somebody");
}

/* What it told WNetSetLastError is what the caller reads. */
Test(classic, words_of_its_own) {
    EXPECT_CODE(ERROR_EXTENDED_ERROR, add("Z:", "\\\\CLASSIC1\\extended", 0));
    cr_expect_eq(last_native(), 0xC0000123);
    cr_expect_str_eq(last_words(), "The server of extended is painting.");
    cr_expect_str_eq(last_provider(), "Good Network");
    EXPECT_CODE(ERROR_BAD_NETPATH, add("Z:", "\\\\CLASSIC1\\nowhere", 0));
    cr_expect_eq(last_native(), 0xC00000CC);
    /* And it does not stick to the next failure. */
    EXPECT_CODE(ERROR_INVALID_PASSWORD, add("Z:", "\\\\CLASSIC1\\secret", 0));
    cr_expect_eq(last_native(), ERROR_INVALID_PASSWORD);
    EXPECT_WORDS("NPAddConnection3");
    EXPECT_CODE(ERROR_BAD_NET_NAME, add("Z:", "\\\\OTHER\\pub", 0));
    EXPECT_WORDS("Good Network");
}

Test(classic, success_with_information) {
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\informed", 0));
    cr_expect_str_eq(remote_of("Z:"), "\\\\CLASSIC1\\informed");
}

Test(classic, refuses_to_cancel) {
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\files", 0));
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\CLASSIC1\\inuse", 0));
    EXPECT_CODE(ERROR_OPEN_FILES, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_WORDS("NPCancelConnection");
    EXPECT_CODE(ERROR_DEVICE_IN_USE, WNetCancelConnection2A("Y:", 0, FALSE));
    cr_expect_str_eq(remote_of("Z:"), "\\\\CLASSIC1\\files");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Y:", 0, TRUE));
    cr_expect_eq(count(), 0);
}

/* A connection that it lost by itself is gone, and no failure. */
Test(classic, cancel_of_what_is_gone_already) {
    DWORD (*cancel)(LPWSTR, BOOL);
    void *symbol;

    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\pub", 0));
    symbol = world_classic_symbol(GOOD, "NPCancelConnection");
    memcpy(&cancel, &symbol, sizeof cancel);
    cr_expect_eq(cancel(wide("Z:"), TRUE), NO_ERROR);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
}

Test(classic, not_started) {
    set("classic_start", 0);
    EXPECT_CODE(ERROR_NO_NETWORK, add("Z:", "\\\\CLASSIC1\\pub", 0));
    EXPECT_WORDS("not started");
    set("classic_start", 4000);
    EXPECT_CODE(ERROR_BUSY, add("Z:", "\\\\CLASSIC1\\pub", 0));
    EXPECT_WORDS("4000 ms");
    set("classic_start", 0xFFFFFFFF);
    EXPECT_CODE(ERROR_BUSY, add("Z:", "\\\\CLASSIC1\\pub", 0));
    EXPECT_WORDS("starting");
    set("classic_start", 1);
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\pub", 0));
    set("classic_start", 0);
    EXPECT_CODE(ERROR_NO_NETWORK, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_str_eq(remote_of("Z:"), "\\\\CLASSIC1\\pub");
    cr_expect_str_eq(remote_of("Q:"), "1203");
    set("classic_start", 1);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
}

/* --- what another program has connected --- */

Test(classic, connections_of_its_own) {
    cr_expect_str_eq(remote_of("K:"), "2250");
    redirect("K:", "\\\\CLASSIC1\\docs", "else");
    cr_expect_str_eq(remote_of("k:"), "\\\\CLASSIC1\\docs");
    cr_expect_str_eq(user_of("K:"), "else");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\pub", 0));
    cr_expect_str_eq(list_of(RESOURCE_CONNECTED, NULL),
                     "Z:=\\\\CLASSIC1\\pub K:=\\\\CLASSIC1\\docs ");
    EXPECT_CODE(ERROR_ALREADY_ASSIGNED, add("K:", "\\\\CLASSIC1\\pub", 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("K:", 0, FALSE));
    cr_expect_str_eq(remote_of("K:"), "2250");
    cr_expect_str_eq(user_of("K:"), "2250");
    cr_expect_eq(count(), 1);
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("K:", 0, FALSE));
}

Test(classic, deviceless_connection_of_its_own) {
    redirect("", "\\\\CLASSIC1\\docs", "else");
    cr_expect_str_eq(user_of("\\\\CLASSIC1\\docs"), "else");
    cr_expect_str_eq(list_of(RESOURCE_CONNECTED, NULL), "=\\\\CLASSIC1\\docs ");
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("\\\\CLASSIC1\\pub", 0, FALSE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("\\\\CLASSIC1\\docs", 0, FALSE));
    cr_expect_eq(count(), 0);
}

Test(classic, own_connection_that_is_not_to_be_broken) {
    redirect("K:", "\\\\CLASSIC1\\files", "else");
    EXPECT_CODE(ERROR_OPEN_FILES, WNetCancelConnection2A("K:", 0, FALSE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("K:", 0, TRUE));
}

/* A device that is asleep is there, and not connected. */
Test(classic, own_connection_asleep) {
    char remote[100];
    DWORD size = sizeof remote;

    redirect("K:", "\\\\CLASSIC1\\asleep", "else");
    EXPECT_CODE(ERROR_CONNECTION_UNAVAIL, WNetGetConnectionA("K:", remote, &size));
    cr_expect_str_eq(remote, "\\\\CLASSIC1\\asleep");
}

/* Forgetting what is remembered comes with it. */
Test(classic, own_connection_that_is_remembered) {
    EXPECT_CODE(NO_ERROR, add("K:", "\\\\CLASSIC1\\pub", CONNECT_UPDATE_PROFILE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("K:", 0, FALSE));
    redirect("K:", "\\\\CLASSIC1\\docs", "else");
    cr_expect_str_eq(remote_of("K:"), "\\\\CLASSIC1\\docs");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("K:", CONNECT_UPDATE_PROFILE, FALSE));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("K:", CONNECT_UPDATE_PROFILE, FALSE));
}

/* --- lists --- */

Test(classic, lists) {
    NETRESOURCEA network = {.lpProvider = (char *)(uintptr_t) "Good Network",
                            .dwUsage = RESOURCEUSAGE_CONTAINER};
    NETRESOURCEA server = {.lpRemoteName = (char *)(uintptr_t) "\\\\CLASSIC1",
                           .dwUsage = RESOURCEUSAGE_CONTAINER};
    int (*open_listings)(void);
    void *symbol;

    cr_expect_str_eq(list_of(RESOURCE_GLOBALNET, NULL), "=Good Network ");
    cr_expect_str_eq(list_of(RESOURCE_GLOBALNET, &network), "=\\\\CLASSIC1 ");
    cr_expect_str_eq(list_of(RESOURCE_GLOBALNET, &server),
                     "=\\\\CLASSIC1\\pub =\\\\CLASSIC1\\docs =\\\\CLASSIC1\\laser "
                     "=\\\\CLASSIC1\\secret =\\\\CLASSIC1\\extended =\\\\CLASSIC1\\files "
                     "=\\\\CLASSIC1\\inuse =\\\\CLASSIC1\\informed ");
    cr_expect_str_eq(list_of(RESOURCE_CONTEXT, NULL), "=NULL =\\\\CLASSIC1 ");
    server.lpRemoteName = (char *)(uintptr_t) "\\\\OTHER";
    cr_expect_str_eq(list_of(RESOURCE_GLOBALNET, &server), "1207");
    symbol = world_classic_symbol(GOOD, "classic_open_listings");
    memcpy(&open_listings, &symbol, sizeof open_listings);
    cr_expect_eq(open_listings(), 0);
}

/* --- beside a native provider --- */

static void beside(const char *classic) {
    NETRESOURCEA only = {.dwType = RESOURCETYPE_DISK,
                         .lpLocalName = (char *)(uintptr_t) "V:",
                         .lpRemoteName = (char *)(uintptr_t) "\\\\memory\\demo",
                         .lpProvider = (char *)(uintptr_t)classic};

    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\pub", 0));
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\demo", 0));
    EXPECT_CODE(NO_ERROR, add(NULL, "\\\\memory\\demo", 0));
    cr_expect_str_eq(remote_of("Z:"), "\\\\CLASSIC1\\pub");
    cr_expect_str_eq(remote_of("Y:"), "\\\\memory\\demo");
    cr_expect_eq(listed(RESOURCE_CONNECTED), 3);
    EXPECT_CODE(ERROR_INVALID_PASSWORD, add("X:", "\\\\CLASSIC1\\secret", 0));
    EXPECT_CODE(ERROR_BAD_NET_NAME, add("X:", "\\\\neither\\of", 0));
    EXPECT_WORDS("\\\\neither\\of as X:");
    EXPECT_CODE(ERROR_BAD_NET_NAME, WNetAddConnection2A(&only, NULL, NULL, 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("//MEMORY/demo", 0, FALSE));
    cr_expect_str_eq(remote_of("Y:"), "2250");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("//CLASSIC1/PUB", 0, FALSE));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("\\\\CLASSIC1\\pub", 0, FALSE));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("\\\\memory\\demo", 0, FALSE));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
}

Test(classic_first, native_provider_behind) {
    beside("good");
}

Test(classic_last, native_provider_before) {
    beside("good");
}

/* Who owns files serves them; a classic provider has none. */
Test(classic_first, files) {
    cr_expect_eq(write_file("\\\\memory\\demo\\a", "text"), -ENOTCONN);
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\demo", 0));
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\pub", 0));
    cr_expect_eq(write_file("\\\\memory\\demo\\a", "text"), 0);
    cr_expect_lt(write_file("Z:\\a", "text"), 0);
}

/* --- how it is installed --- */

static void expect_refused(const char *members, const char *why) {
    world_classic(GOOD, members);
    world_restart();
    cr_expect(strstr(first_provider(), "failed ") && strstr(first_provider(), why), "%s",
              first_provider());
}

Test(classic, drop_ins) {
    expect_refused("\"isolate\": true", "classic provider, which cannot be run in worker");
    expect_refused("\"worker_module\": \"x.so\"",
                   "classic provider, which cannot be run in worker");
    expect_refused("\"provider_name\": \"\"", "provider_name");
    expect_refused("\"provider_name\": 5", "provider_name");
    world_classic(GOOD, "");
    world_restart();
    cr_expect_str_eq(first_provider(), "loaded good=good 0x250000 0x1f here");
}
