/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_classic_bad.c: classic providers that misbehave as real ones do, alone
 * and beside a good one: nobody else is hurt by it, and it is said.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

static void begin(const char *file) {
    world_make();
    world_classic(file, "");
    world_memory("\"shares\": \"demo\"");
    world_start();
}

static void begin_bytes(void) {
    begin("10-bytes");
}

static void begin_yes(void) {
    begin("10-yes");
}

static void begin_yes_last(void) {
    begin("95-yes");
}

static void begin_hasty(void) {
    begin("10-hasty");
}

static void begin_hasty_last(void) {
    begin("95-hasty");
}

static void begin_lists(void) {
    begin("10-lists");
}

static void begin_raw(void) {
    begin("10-raw");
}

static void begin_partial(void) {
    begin("10-partial");
}

TestSuite(classic_bytes, .timeout = 60, .init = begin_bytes, .fini = world_end);
TestSuite(classic_yes, .timeout = 60, .init = begin_yes, .fini = world_end);
TestSuite(classic_yes_last, .timeout = 60, .init = begin_yes_last, .fini = world_end);
TestSuite(classic_hasty, .timeout = 60, .init = begin_hasty, .fini = world_end);
TestSuite(classic_hasty_last, .timeout = 60, .init = begin_hasty_last, .fini = world_end);
TestSuite(classic_lists, .timeout = 60, .init = begin_lists, .fini = world_end);
TestSuite(classic_raw, .timeout = 60, .init = begin_raw, .fini = world_end);
TestSuite(classic_partial, .timeout = 60, .init = begin_partial, .fini = world_end);

static int call_int(const char *file, const char *symbol) {
    int (*fn)(void);
    void *found = world_classic_symbol(file, symbol);

    memcpy(&fn, &found, sizeof fn);
    return fn();
}

static void redirect(const char *file, const char *local, const char *remote, const char *user) {
    void (*fn)(const char *, const char *, const char *);
    void *found = world_classic_symbol(file, "classic_redirect");

    memcpy(&fn, &found, sizeof fn);
    fn(local, remote, user);
}

static int *number(const char *file, const char *symbol) {
    return world_classic_symbol(file, symbol);
}

static DWORD user_of(const char *name, char *user, DWORD size) {
    return WNetGetUserA(name, user, &size);
}

/* --- bytes where characters are meant --- */

Test(classic_bytes, connections) {
    static const unsigned lengths[] = {1, 20, 50, 200, 250};
    char remote[300], user[300];

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        snprintf(remote, sizeof remote, "\\\\BYTES\\%0*d", (int)lengths[i], 7);
        EXPECT_CODE(NO_ERROR, add("Z:", remote, 0));
        cr_expect_str_eq(remote_of("Z:"), remote);
        redirect("10-bytes", "K:", remote, "else");
        cr_expect_str_eq(remote_of("K:"), remote);
        EXPECT_CODE(NO_ERROR, user_of("K:", user, sizeof user));
        cr_expect_str_eq(user, "else");
        EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
        EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("K:", 0, FALSE));
    }
    cr_expect_gt(*number("10-bytes", "classic_asked"), 0);
    cr_expect_eq(call_int("10-bytes", "classic_count"), 0);
}

Test(classic_bytes, wants_ever_more) {
    char user[300];

    redirect("10-bytes", "K:", "\\\\BYTES\\x", "greedy");
    EXPECT_CODE(ERROR_UNEXP_NET_ERR, user_of("K:", user, sizeof user));
    EXPECT_WORDS("NPGetUser");
}

/* --- success for everything --- */

static void yes(const char *file) {
    int *keeps = number(file, "classic_keeps"), *cancels = number(file, "classic_cancels");

    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\demo", 0));
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\YES\\pub", 0));
    cr_expect_eq(call_int(file, "classic_count"), 1);
    *cancels = 0;
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("Q:", 0, FALSE));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("\\\\memory\\private", 0, FALSE));
    cr_expect_eq(*cancels, 0, "it was asked about what it does not have");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Y:", 0, FALSE));
    cr_expect_str_eq(remote_of("Y:"), "2250");
    cr_expect_eq(*cancels, 0, "it was asked about what another has");
    *keeps = 1;
    EXPECT_CODE(ERROR_UNEXP_NET_ERR, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_WORDS("still knows");
    cr_expect_str_eq(remote_of("Z:"), "\\\\YES\\pub");
    redirect(file, "K:", "\\\\YES\\own", "");
    EXPECT_CODE(ERROR_UNEXP_NET_ERR, WNetCancelConnection2A("K:", 0, FALSE));
    EXPECT_WORDS("still knows");
    *keeps = 0;
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("K:", 0, FALSE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_eq(call_int(file, "classic_count"), 0);
}

Test(classic_yes, before_others) {
    yes("10-yes");
    EXPECT_CODE(ERROR_NO_NET_OR_BAD_PATH, add("Z:", "\\\\nobody\\pub", 0));
    EXPECT_WORDS("not believed");
    cr_expect_str_eq(last_provider(), "yes");
    cr_expect_str_eq(remote_of("Z:"), "2250");
}

Test(classic_yes_last, behind_others) {
    yes("95-yes");
}

Test(classic_yes, success_with_nothing_in_it) {
    cr_expect_str_eq(remote_of("E:"), "59");
    cr_expect_str_eq(remote_of("F:"), "2250");
}

/* --- the device first --- */

Test(classic_hasty, before_others) {
    EXPECT_CODE(NO_ERROR, add("U:", "\\\\memory\\demo", 0));
    EXPECT_CODE(NO_ERROR, add("V:", "\\\\memory\\demo", 0));
    EXPECT_CODE(NO_ERROR, add("W:", "\\\\memory\\demo", 0));
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\HASTY\\pub", 0));
    cr_expect_str_eq(remote_of("U:"), "\\\\memory\\demo");
    cr_expect_str_eq(remote_of("V:"), "\\\\memory\\demo");
    cr_expect_str_eq(remote_of("Z:"), "\\\\HASTY\\pub");
    /* "No network" on cancelling is not for the caller: there is no connection. */
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("Q:", 0, FALSE));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("\\\\HASTY\\other", 0, FALSE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
}

Test(classic_hasty, says_what_it_thinks) {
    EXPECT_CODE(ERROR_BAD_DEVICE, add("U:", "\\\\HASTY\\pub", 0));
    EXPECT_WORDS("not believed");
    EXPECT_CODE(ERROR_BAD_DEVICE, add("V:", "\\\\HASTY\\pub", 0));
    EXPECT_CODE(ERROR_NO_NETWORK, add("W:", "\\\\nobody\\pub", 0));
    redirect("10-hasty", "T:", "\\\\HASTY\\own", "");
    EXPECT_CODE(ERROR_ALREADY_ASSIGNED, add("T:", "\\\\HASTY\\pub", 0));
    cr_expect_str_eq(remote_of("T:"), "\\\\HASTY\\own");
}

Test(classic_hasty_last, behind_others) {
    EXPECT_CODE(NO_ERROR, add("U:", "\\\\memory\\demo", 0));
    EXPECT_CODE(ERROR_BAD_NET_NAME, add("W:", "\\\\memory\\nothing", 0));
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\HASTY\\pub", 0));
}

/* --- memory --- */

/* The names that are listed below \\LISTS\kind, or the code. */
static const char *list(const char *kind) {
    static char shown[4096], room[65536] __attribute__((aligned(16)));
    const NETRESOURCEA *entries = (void *)room;
    DWORD count = UINT32_MAX, size = sizeof room, rc;
    NETRESOURCEA container = {.dwUsage = RESOURCEUSAGE_CONTAINER};
    char remote[64];
    size_t length = 0;
    HANDLE handle;

    snprintf(remote, sizeof remote, "\\\\LISTS\\%s", kind);
    container.lpRemoteName = remote;
    shown[0] = '\0';
    rc = WNetOpenEnumA(RESOURCE_GLOBALNET, 0, 0, &container, &handle);
    if (rc == NO_ERROR) {
        rc = WNetEnumResourceA(handle, &count, room, &size);
        WNetCloseEnum(handle);
    }
    for (DWORD i = 0; rc == NO_ERROR && i < count; i++)
        length += (size_t)snprintf(shown + length, sizeof shown - length, "%s ",
                                   entries[i].lpRemoteName + 8);
    if (rc != NO_ERROR)
        snprintf(shown, sizeof shown, "%u", rc);
    return shown;
}

Test(classic_lists, entries) {
    static const struct {
        const char *kind, *shown;
    } rows[] = {
        {"more", "page0-0 page0-1 page1-0 page1-1 "}, /* WN_MORE_DATA with entries */
        {"repeat", "page0-0 page0-1 "},               /* ... and always the same ones */
        {"outside", "page0-1 "},
        {"unended", "page0-1 "},
        {"half", "page0-1 "},
        {"zero", "259"},
        {"last", "page0-0 page0-1 "}, /* WN_NO_MORE_ENTRIES with entries */
        {"count", "59"},
        {"never", "59"},
        {"behind", "59"},
        {"code", "1208"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        *number("10-lists", "classic_closed") = 0;
        cr_expect_str_eq(list(rows[i].kind), rows[i].shown, "%s: %s", rows[i].kind,
                         list(rows[i].kind));
        cr_expect_eq(*number("10-lists", "classic_closed"), 1, "%s", rows[i].kind);
        if (strlen(rows[i].shown) < 5 && strcmp(rows[i].kind, "zero") != 0)
            EXPECT_WORDS("NPEnumResource");
    }
}

Test(classic_lists, without_end) {
    EXPECT_CODE(NO_ERROR, MprShutdown());
    world_config("{\"connect_timeout_ms\": 50000}");
    world_start();
    cr_expect_str_eq(list("endless"), "59");
    EXPECT_WORDS("without end");
    cr_expect_str_eq(list("last"), "page0-0 page0-1 ");
}

Test(classic_lists, texts) {
    char user[300];

    cr_expect_str_eq(remote_of("M:"), "59");
    EXPECT_WORDS("does not end");
    cr_expect_str_eq(remote_of("N:"), "59");
    EXPECT_WORDS("behind a buffer");
    cr_expect_str_eq(remote_of("O:"), "59");
    EXPECT_WORDS("UTF-16");
    cr_expect_str_eq(remote_of("P:"), "2250");
    redirect("10-lists", "K:", "\\\\LISTS\\x", "");
    EXPECT_CODE(ERROR_UNEXP_NET_ERR, user_of("K:", user, sizeof user));
    EXPECT_WORDS("NPGetUser");
}

/* --- codes of other worlds --- */

Test(classic_raw, codes) {
    static const struct {
        const char *share;
        DWORD code, native;
        const char *words;
    } rows[] = {
        {"negative", ERROR_EXTENDED_ERROR, (DWORD)-5, "-5"},
        {"nt", ERROR_EXTENDED_ERROR, 0xC000006D, "0xC000006D"},
        {"hr", ERROR_EXTENDED_ERROR, 0x80070035, "0x80070035"},
        {"errno", ERROR_EXTENDED_ERROR, 13, "13"},
        {"1450", ERROR_EXTENDED_ERROR, 1450, "1450"},
        {"said", ERROR_EXTENDED_ERROR, 0xC0000001, "The driver has no paper."},
        {"denied", ERROR_ACCESS_DENIED, 5, "NPAddConnection"},
        {"silent", ERROR_EXTENDED_ERROR, ERROR_EXTENDED_ERROR, "NPAddConnection"},
    };
    char remote[64];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(remote, sizeof remote, "\\\\RAW\\%s", rows[i].share);
        EXPECT_CODE(rows[i].code, add("Z:", remote, 0));
        cr_expect_eq(last_native(), rows[i].native, "%s: %u", rows[i].share, last_native());
        EXPECT_WORDS(rows[i].words);
        cr_expect_str_eq(last_provider(), "raw");
        cr_expect_str_eq(remote_of("Z:"), "2250");
    }
}

Test(classic_raw, codes_of_cancel) {
    DWORD *code = world_classic_symbol("10-raw", "classic_cancel_code");

    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\RAW\\pub", 0));
    redirect("10-raw", "K:", "\\\\RAW\\own", "");
    *code = 0xC0000098;
    EXPECT_CODE(ERROR_EXTENDED_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_eq(last_native(), 0xC0000098);
    EXPECT_CODE(ERROR_EXTENDED_ERROR, WNetCancelConnection2A("K:", 0, FALSE));
    *code = ERROR_DEVICE_IN_USE;
    EXPECT_CODE(ERROR_DEVICE_IN_USE, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_CODE(ERROR_DEVICE_IN_USE, WNetCancelConnection2A("K:", 0, FALSE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("K:", 0, TRUE));
}

Test(classic_raw, success_without_a_connection) {
    EXPECT_CODE(ERROR_NO_NET_OR_BAD_PATH, add("Z:", "\\\\RAW\\nothing", 0));
    EXPECT_WORDS("does not know the connection");
    cr_expect_eq(*number("10-raw", "classic_cancels"), 1);
    cr_expect_str_eq(remote_of("Z:"), "2250");
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
}

/* What it writes on is its own copy. */
Test(classic_raw, writes_on_its_arguments) {
    WCHAR remote[32], local[4], user[8], password[8];
    NETRESOURCEW resource = {
        .dwType = RESOURCETYPE_DISK, .lpLocalName = local, .lpRemoteName = remote};

    memcpy(remote, wide("\\\\RAW\\writes"), 13 * sizeof *remote);
    memcpy(local, wide("W:"), 3 * sizeof *local);
    memcpy(user, wide("user"), 5 * sizeof *user);
    memcpy(password, wide("word"), 5 * sizeof *password);
    EXPECT_CODE(NO_ERROR, WNetAddConnection2W(&resource, password, user, 0));
    cr_expect_eq(*number("10-raw", "classic_right"), 1);
    cr_expect_eq(memcmp(remote, wide("\\\\RAW\\writes"), 13 * sizeof *remote), 0);
    cr_expect_eq(memcmp(local, wide("W:"), 3 * sizeof *local), 0);
    cr_expect_eq(memcmp(user, wide("user"), 5 * sizeof *user), 0);
    cr_expect_eq(memcmp(password, wide("word"), 5 * sizeof *password), 0);
    cr_expect_str_eq(remote_of("W:"), "\\\\RAW\\writes");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("W:", 0, FALSE));
}

/* --- announcements that are not true --- */

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

Test(classic_partial, is_used_as_far_as_it_goes) {
    NETRESOURCEA server = {.lpRemoteName = (char *)(uintptr_t) "\\\\PARTIAL",
                           .lpProvider = (char *)(uintptr_t) "partial",
                           .dwUsage = RESOURCEUSAGE_CONTAINER};
    HANDLE handle;

    cr_expect_str_eq(first_provider(), "loaded partial=partial 0x250000 0x0 here");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\PARTIAL\\pub", 0));
    cr_expect_str_eq(remote_of("Z:"), "\\\\PARTIAL\\pub");
    cr_expect_str_eq(remote_of("Q:"), "2250");
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetOpenEnumA(RESOURCE_GLOBALNET, 0, 0, &server, &handle));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_eq(*number("10-partial", "classic_wrong"), 0);
}
