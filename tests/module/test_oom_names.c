/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_oom_names.c: every allocation of the router fails once in each function
 * that asks about names, connections and providers: the code says so, nothing is
 * written, and nothing is lost. As test_oom.c, with which see.
 */
#include "config.h"

#include <string.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"
#include "tests/unit/fail_alloc.h"

#define TEXT(text) ((LPSTR)(uintptr_t)(text))
#define WIDE(text) ((WCHAR[]){u##text})

static char room[1024] __attribute__((aligned(16)));

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"held\"");
    world_asked("10-asked", "\"takes\": \"//a/\", \"wants\": 5000, \"delay\": 7");
    world_asked("20-bare", "\"provider\": \"Bare Network\", \"takes\": \"bare:\", "
                           "\"absent\": \"universal,format\"");
    world_start();
    cr_assert_eq(add("H:", "//memory/held", CONNECT_UPDATE_PROFILE), NO_ERROR);
    cr_assert_eq(add("A:", "//a/b", 0), NO_ERROR);
    cr_assert_eq(add("B:", "bare:/x", 0), NO_ERROR);
    cr_assert_eq(add("R:", "//memory/held", CONNECT_UPDATE_PROFILE), NO_ERROR);
    cr_assert_eq(WNetCancelConnection2A("R:", 0, FALSE), NO_ERROR);
}

TestSuite(oom_names, .timeout = 120, .init = begin, .fini = world_end);

/* What was there before is there, and the buffer is as it was. */
static void expect_unchanged(void *context) {
    (void)context;
    cr_expect_eq(listed(RESOURCE_CONNECTED), 3);
    cr_expect_str_eq(remote_of("H:"), "//memory/held");
    cr_expect(room[0] == 'x' && memcmp(room, room + 1, sizeof room - 1) == 0);
}

static void fill(void *context) {
    (void)context;
    memset(room, 'x', sizeof room);
}

/* The code of an answer that is no success, and is none of these functions' failure. */
static DWORD wanted;

static DWORD judge(DWORD rc) {
    return rc == wanted ? NO_ERROR : rc;
}

static void fail_each(DWORD (*run)(void *), void *context, DWORD code) {
    const struct fail_alloc_case all = {run, fill, expect_unchanged, context};

    wanted = code;
    fill(NULL);
    cr_assert_eq(run(context), NO_ERROR, "it is to succeed when nothing fails");
    fill(NULL);
    cr_expect_gt(fail_alloc_each(&all), 0);
    fill(NULL);
    expect_unchanged(NULL);
}

static DWORD universal(void *context) {
    return judge(
        WNetGetUniversalNameA(context, UNIVERSAL_NAME_INFO_LEVEL, room, &(DWORD){sizeof room}));
}

static DWORD remote_name(void *context) {
    return judge(
        WNetGetUniversalNameW(context, REMOTE_NAME_INFO_LEVEL, room, &(DWORD){sizeof room}));
}

Test(oom_names, universal_names) {
    fail_each(universal, TEXT("H:\\d\xc3\xa9j\xc3\xa0\\vu"), NO_ERROR);
    fail_each(remote_name, WIDE("H:\\d\u00e9j\u00e0\\vu"), NO_ERROR);
    fail_each(universal, TEXT("A:/b"), NO_ERROR);
    fail_each(remote_name, WIDE("A:"), NO_ERROR);
    fail_each(universal, TEXT("B:\\x"), ERROR_NOT_SUPPORTED);
    fail_each(remote_name, WIDE("B:\\x"), NO_ERROR);
    fail_each(universal, TEXT("R:\\x"), ERROR_CONNECTION_UNAVAIL);
}

static DWORD connection2(void *context) {
    return judge(WNetGetConnection2W(context, room, &(DWORD){sizeof room}));
}

static DWORD connection3(void *context) {
    return judge(WNetGetConnection3W(context, 1, room, &(DWORD){sizeof room}));
}

Test(oom_names, connections) {
    fail_each(connection2, WIDE("H:"), NO_ERROR);
    fail_each(connection2, WIDE("R:"), ERROR_CONNECTION_UNAVAIL);
    fail_each(connection3, WIDE("A:"), NO_ERROR);
    fail_each(connection3, WIDE("R:"), NO_ERROR);
}

static DWORD information(void *context) {
    NETRESOURCEW ask = {.lpRemoteName = context, .lpProvider = WIDE("")};
    LPWSTR rest;

    return judge(WNetGetResourceInformationW(&ask, room, &(DWORD){sizeof room}, &rest));
}

static DWORD parent(void *context) {
    NETRESOURCEA ask = {.lpRemoteName = context, .lpProvider = TEXT("Memory Network")};

    return judge(WNetGetResourceParentA(&ask, room, &(DWORD){sizeof room}));
}

Test(oom_names, resources) {
    fail_each(information, WIDE("//a/b/c/d"), NO_ERROR);
    fail_each(information, WIDE("//memory/held"), NO_ERROR);
    fail_each(information, WIDE("//memory/nosuch"), ERROR_BAD_NET_NAME);
    fail_each(parent, TEXT("//memory/held/x"), NO_ERROR);
    fail_each(parent, TEXT("//memory"), NO_ERROR);
    fail_each(parent, TEXT("Memory Network"), NO_ERROR);
}

static DWORD performance(void *context) {
    NETRESOURCEW ask = {.lpRemoteName = context, .lpProvider = WIDE("asked")};
    NETCONNECTINFOSTRUCT info = {.cbStructure = sizeof info};
    DWORD rc = MultinetGetConnectionPerformanceW(&ask, &info);

    cr_expect_eq(info.dwDelay, rc == NO_ERROR ? 7 : 0);
    return judge(rc);
}

Test(oom_names, performance) {
    fail_each(performance, WIDE("//a/b/c"), NO_ERROR);
    fail_each(performance, WIDE("//a/c"), ERROR_NOT_CONNECTED);
}

static DWORD format_abbreviated(void *context) {
    return WNetFormatNetworkNameA(NULL, context, room, &(DWORD){sizeof room},
                                  WNFMT_INENUM | WNFMT_ABBREVIATED, 5);
}

static DWORD format_lines(void *context) {
    return WNetFormatNetworkNameW(u"", context, (WCHAR *)(void *)room,
                                  &(DWORD){sizeof room / sizeof(WCHAR)}, WNFMT_MULTILINE, 5);
}

Test(oom_names, formats) {
    fail_each(format_abbreviated, TEXT("//memory/a-long-name"), NO_ERROR);
    fail_each(format_lines, WIDE("//memory/a-long-name"), NO_ERROR);
    fail_each(format_lines, WIDE("//a/b"), NO_ERROR);
}

static DWORD provider_name(void *context) {
    (void)context;
    return WNetGetProviderNameA(0x00A50000, room, &(DWORD){sizeof room});
}

static DWORD provider_type(void *context) {
    DWORD type;

    return WNetGetProviderTypeW(context, &type);
}

static DWORD network_information(void *context) {
    NETINFOSTRUCT info = {.cbStructure = sizeof info};

    return WNetGetNetworkInformationA(context, &info);
}

static DWORD support_global_enum(void *context) {
    DWORD supports = WNetSupportGlobalEnum(context);
    DWORD rc = MprGetLastError();

    cr_expect_eq(supports, rc == NO_ERROR);
    return rc;
}

Test(oom_names, providers) {
    fail_each(provider_name, NULL, NO_ERROR);
    fail_each(provider_type, WIDE("memory"), NO_ERROR);
    fail_each(network_information, TEXT("memory"), NO_ERROR);
    fail_each(support_global_enum, TEXT("memory"), NO_ERROR);
}
