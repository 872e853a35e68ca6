/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_names.c: names for other machines and for people, and what devices
 * are connected to.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define UPDATE CONNECT_UPDATE_PROFILE

TestSuite(names, .timeout = 60, .init = world_make, .fini = world_end);

static char room[140000] __attribute__((aligned(16)));

static bool is_inside(const void *text) {
    return (const char *)text >= room && (const char *)text < room + sizeof room;
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

/* What a path is at both levels, from the three forms; universal NULL: it has no such name. */
static void expect_name(const char *path, const char *universal, const char *connection,
                        const char *remaining) {
    const REMOTE_NAME_INFOA *a = (void *)room;
    const REMOTE_NAME_INFOW *w = (void *)room;
    DWORD code = universal ? NO_ERROR : ERROR_NOT_SUPPORTED, size = sizeof room;

    EXPECT_CODE(code, WNetGetUniversalNameA(path, UNIVERSAL_NAME_INFO_LEVEL, room, &size));
    cr_expect(code || is_text(a->lpUniversalName, universal), "%.99s: %.99s", path,
              a->lpUniversalName);
    EXPECT_CODE(code, WNetGetUniversalNameW(wide(path), UNIVERSAL_NAME_INFO_LEVEL, room, &size));
    cr_expect(code || is_wide_text(w->lpUniversalName, universal), "%.99s", path);
    EXPECT_CODE(NO_ERROR, WNetGetUniversalName(path, REMOTE_NAME_INFO_LEVEL, room, &size));
    cr_expect(is_text(a->lpUniversalName, universal), "%.99s: %.99s", path, a->lpUniversalName);
    cr_expect(is_text(a->lpConnectionName, connection), "%.99s: %.99s", path, a->lpConnectionName);
    cr_expect(is_text(a->lpRemainingPath, remaining), "%.99s: %.99s", path, a->lpRemainingPath);
    EXPECT_CODE(NO_ERROR, WNetGetUniversalNameW(wide(path), REMOTE_NAME_INFO_LEVEL, room, &size));
    cr_expect(is_wide_text(w->lpUniversalName, universal), "%.99s", path);
    cr_expect(is_wide_text(w->lpConnectionName, connection), "%.99s", path);
    cr_expect(is_wide_text(w->lpRemainingPath, remaining), "%.99s", path);
    cr_expect_eq(size, sizeof room, "left alone on success");
}

static void begin(const char *options) {
    world_memory("\"shares\": \"*\", \"printers\": \"laser\"");
    world_asked("10-asked", options);
    world_start();
}

/* --- universal names --- */

Test(names, of_files_without_the_provider) {
    begin("\"takes\": \"//a/\"");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\Hot\xc3\xa9", 0));
#define HOT "\\\\memory\\Hot\xc3\xa9"
    expect_name("Z:\\Win32\\S.doc", HOT "\\Win32\\S.doc", HOT, "\\Win32\\S.doc");
    expect_name("z:/Win32/\xf0\x9f\x98\x80", HOT "\\Win32\\\xf0\x9f\x98\x80", HOT,
                "\\Win32\\\xf0\x9f\x98\x80");
    expect_name("Z:\\", HOT "\\", HOT, "\\");
    expect_name("Z:", HOT, HOT, "");
    EXPECT_CODE(NO_ERROR, add("LPT1", "\\\\memory\\laser", 0));
    expect_name("lpt1:", "\\\\memory\\laser", "\\\\memory\\laser", "");
}

/* One separator at the end, or a directory: the name goes on from there. */
Test(names, of_connections_that_end_otherwise) {
    begin("\"takes\": \"//a/\"");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\hot\\", 0));
    expect_name("Z:\\a", "\\\\memory\\hot\\a", "\\\\memory\\hot", "\\a");
    expect_name("Z:", "\\\\memory\\hot", "\\\\memory\\hot", "");
}

/* Two slashes, if they mean the same to the provider; no other form. */
Test(names, of_other_forms) {
    begin("\"takes\": \"//a/\", \"absent\": \"universal\"");
    EXPECT_CODE(NO_ERROR, add("Y:", "//memory/Hot", 0));
    expect_name("Y:\\a", "\\\\memory\\Hot\\a", "\\\\memory\\Hot", "\\a");
    EXPECT_CODE(NO_ERROR, add("X:", "//a/b", 0));
    expect_name("X:\\a", "\\\\a\\b\\a", "\\\\a\\b", "\\a");
    EXPECT_CODE(NO_ERROR, add("W:", "memory://hot", 0));
    expect_name("W:/a", NULL, "memory://hot", "\\a");
    EXPECT_CODE(NO_ERROR, add("V:", "memory://hot/", 0));
    expect_name("V:", NULL, "memory://hot", "");
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetGetUniversalNameA("W:", UNIVERSAL_NAME_INFO_LEVEL, room,
                                                           &(DWORD){sizeof room}));
    EXPECT_WORDS("memory://hot");
}

Test(names, of_slashes_that_are_no_backslashes) {
    begin("\"takes\": \"//a/\", \"absent\": \"universal\", \"slashes\": true");
    EXPECT_CODE(NO_ERROR, add("Z:", "//a/b", 0));
    expect_name("Z:/c", NULL, "//a/b", "\\c");
}

Test(names, by_the_provider) {
    begin("\"takes\": \"a:/\", \"prefix\": \"\\\\\\\\a\\\\b\"");
    EXPECT_CODE(NO_ERROR, add("Z:", "a:/b", 0));
    expect_name("Z:/c/d", "\\\\a\\b\\c\\d", "\\\\a\\b", "\\c\\d");
    expect_name("Z:", "\\\\a\\b", "\\\\a\\b", "");
    cr_expect(strstr(world_read("log"), "Asked Network universal Z: a:/b \\c\\d\n") != NULL);
    cr_expect(strstr(world_read("log"), "Asked Network universal Z: a:/b \n") != NULL);
}

Test(names, that_the_provider_has_not) {
    begin("\"takes\": \"a:/\", \"universal\": 50, \"text\": \"It has no such names.\"");
    EXPECT_CODE(NO_ERROR, add("Z:", "a:/b", 0));
    expect_name("Z:\\c", NULL, "a:/b", "\\c");
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetGetUniversalNameA("Z:", 1, room, &(DWORD){sizeof room}));
    EXPECT_WORDS("It has no such names.");
    cr_expect_str_eq(last_provider(), "Asked Network");
}

/* A larger buffer, as often as it takes. */
Test(names, that_want_room) {
    begin("\"takes\": \"a:/\", \"prefix\": \"\\\\\\\\a\\\\b\", \"wants\": 100000");
    EXPECT_CODE(NO_ERROR, add("Z:", "a:/b", 0));
    expect_name("Z:\\c", "\\\\a\\b\\c", "\\\\a\\b", "\\c");
}

static void expect_failure(const char *options, DWORD code, const char *words) {
    DWORD size = sizeof room;

    begin(options);
    EXPECT_CODE(NO_ERROR, add("Z:", "a:/b", 0));
    for (DWORD level = 1; level <= 2; level++) {
        memset(room, 'x', sizeof room);
        EXPECT_CODE(code, WNetGetUniversalNameA("Z:\\c", level, room, &size));
        EXPECT_WORDS(words);
        cr_expect_str_eq(last_provider(), "Asked Network");
        cr_expect_eq(size, sizeof room);
        cr_expect(room[0] == 'x' && memcmp(room, room + 1, sizeof room - 1) == 0);
    }
    MprShutdown();
}

Test(names, that_the_provider_spoils) {
#define A "\"takes\": \"a:/\", "
    expect_failure(A "\"universal\": 5, \"text\": \"Not for you.\"", ERROR_ACCESS_DENIED,
                   "Not for you.");
    expect_failure(A "\"universal\": 1208, \"text\": \"Odd.\"", ERROR_EXTENDED_ERROR, "Odd.");
    expect_failure(A "\"wants\": 4000000000", ERROR_UNEXP_NET_ERR, "cannot be used");
    expect_failure(A "\"bad\": \"text\"", ERROR_UNEXP_NET_ERR, "cannot be used");
    expect_failure(A "\"bad\": \"endless\"", ERROR_UNEXP_NET_ERR, "cannot be used");
    expect_failure(A "\"bad\": \"empty\"", ERROR_UNEXP_NET_ERR, "cannot be used");
}

/* As long as a path on Windows can be: nothing is cut. */
Test(names, of_a_very_long_path) {
    static char path[32767], universal[32800];
    size_t length = sizeof path - 1;

    memset(path, 'p', length);
    memcpy(path, "Z:\\", 3);
    snprintf(universal, sizeof universal, "\\\\memory\\hot%s", path + 2);
    begin("");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\hot", 0));
    expect_name(path, universal, "\\\\memory\\hot", path + 2);
}

Test(names, of_devices_without_a_connection) {
    DWORD size = sizeof room;

    begin("");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\hot", UPDATE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_CODE(ERROR_CONNECTION_UNAVAIL, WNetGetUniversalNameA("Z:\\a", 1, room, &size));
    EXPECT_WORDS("\\\\memory\\hot");
    EXPECT_CODE(ERROR_CONNECTION_UNAVAIL, WNetGetUniversalNameW(u"Z:\\a", 2, NULL, &size));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetGetUniversalNameA("C:\\a", 1, room, &size));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetGetUniversalNameW(u"C:", 2, NULL, &size));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetGetUniversalNameW(u"LPT9", 2, room, &size));
    world_profile("{ this is none");
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetGetUniversalNameA("Z:\\a", 1, room, &size));
}

Test(names, without_any_provider) {
    DWORD size = sizeof room;

    world_start();
    EXPECT_CODE(ERROR_NO_NETWORK, WNetGetUniversalNameA("Z:\\a", 1, room, &size));
    EXPECT_CODE(ERROR_NO_NETWORK, WNetGetConnection2A("Z:", room, &size));
    EXPECT_CODE(ERROR_NO_NETWORK, WNetGetConnection3A("Z:", 1, room, &size));
    EXPECT_CODE(ERROR_NO_NETWORK, WNetFormatNetworkNameA("x", "y", room, &size, 0, 0));
    EXPECT_CODE(NO_ERROR, WNetFormatNetworkNameA("", "y", room, &size, 0, 0));
    cr_expect_str_eq(room, "y");
}

/* A module in a worker process: names are syntax, and no worker is needed for them. */
Test(names, of_an_isolated_provider) {
    world_isolated_memory("\"shares\": \"*\"");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\hot", 0));
    expect_name("Z:\\a", "\\\\memory\\hot\\a", "\\\\memory\\hot", "\\a");
}

/* A server that says nothing is not asked. */
Test(names, without_the_server) {
    world_memory("\"shares\": \"*\", \"hang\": \"stat,pread,information,parent,list\"");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\hot", 0));
    expect_name("Z:\\a", "\\\\memory\\hot\\a", "\\\\memory\\hot", "\\a");
}

/* One call at a time: who does not get in within the bound is told. */
static DWORD get_slowly(void *context) {
    static char slow_room[256] __attribute__((aligned(16)));

    return WNetGetUniversalNameA(context, 1, slow_room, &(DWORD){sizeof slow_room});
}

Test(names, of_a_busy_provider) {
    struct background *slow;
    DWORD size = sizeof room;
    char options[512];

    snprintf(options, sizeof options,
             "\"takes\": \"a:/\", \"one_thread\": true, \"connect_timeout_ms\": 100, "
             "\"hang\": \"universal\", \"until\": \"%s\"",
             world_path("go"));
    begin(options);
    EXPECT_CODE(NO_ERROR, add("Z:", "a:/b", 0));
    slow = background(get_slowly, (char[]){"Z:"});
    while (!strstr(world_read("log"), "universal"))
        world_sleep(5);
    EXPECT_CODE(ERROR_BUSY, WNetGetUniversalNameA("Z:", 1, room, &size));
    cr_expect_eq(world_count(world_read("log"), "universal"), 1);
    EXPECT_CODE(NO_ERROR, WNetFormatNetworkNameA(NULL, "a:/b", room, &size, 0, 0));
    cr_expect_str_eq(room, "a:/b");
    world_write("go", "%s", "");
    cr_expect_eq(wait_for(slow), NO_ERROR);
}

/* --- what a device is connected to --- */

static void expect_connection(const char *device, DWORD code, const char *remote,
                              const char *provider, DWORD state) {
    const WNET_CONNECTIONINFOA *a = (void *)room;
    const WNET_CONNECTIONINFOW *w = (void *)room;
    DWORD size = sizeof room, got = 4711;

    EXPECT_CODE(code, WNetGetConnection2A(device, room, &size));
    cr_expect(is_text(a->lpRemoteName, remote) && is_text(a->lpProvider, provider));
    EXPECT_CODE(code, WNetGetConnection2W(wide(device), room, &size));
    cr_expect(is_wide_text(w->lpRemoteName, remote) && is_wide_text(w->lpProvider, provider));
    EXPECT_CODE(code, WNetGetConnection2(device, room, &size));
    cr_expect(is_text(a->lpRemoteName, remote) && is_text(a->lpProvider, provider));
    cr_expect_eq(size, sizeof room);
    size = sizeof got;
    EXPECT_CODE(NO_ERROR, WNetGetConnection3A(device, 1, &got, &size));
    cr_expect_eq(got, state);
    got = 4711;
    EXPECT_CODE(NO_ERROR, WNetGetConnection3W(wide(device), 1, &got, &size));
    cr_expect_eq(got, state);
    got = 4711;
    EXPECT_CODE(NO_ERROR, WNetGetConnection3(device, 1, &got, &size));
    cr_expect_eq(got, state);
    cr_expect_eq(size, sizeof got);
}

Test(names, of_connections) {
    begin("\"takes\": \"//a/\"");
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\Memory\\Hot\xc3\xa9\\", UPDATE));
    EXPECT_CODE(NO_ERROR, add("LPT2:", "//a/b", 0));
    expect_connection("z:", NO_ERROR, "\\\\Memory\\Hot\xc3\xa9\\", "Memory Network",
                      WNGETCON_CONNECTED);
    expect_connection("LPT2", NO_ERROR, "//a/b", "Asked Network", WNGETCON_CONNECTED);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    expect_connection("Z:", ERROR_CONNECTION_UNAVAIL, "\\\\Memory\\Hot\xc3\xa9\\", "Memory Network",
                      WNGETCON_DISCONNECTED);
}

/* --- names as they are shown --- */

static void expect_shown(const char *provider, const char *remote, DWORD flags, DWORD width,
                         const char *wanted) {
    DWORD size = sizeof room;

    EXPECT_CODE(NO_ERROR, WNetFormatNetworkNameA(provider, remote, room, &size, flags, width));
    cr_expect_str_eq(room, wanted, "%s, not %s", room, wanted);
    size = sizeof room / sizeof(WCHAR);
    EXPECT_CODE(NO_ERROR, WNetFormatNetworkNameW(wide(provider), wide(remote),
                                                 (WCHAR *)(void *)room, &size, flags, width));
    cr_expect(is_wide_text((WCHAR *)(void *)room, wanted));
    cr_expect_eq(size, sizeof room / sizeof(WCHAR));
    size = sizeof room;
    EXPECT_CODE(NO_ERROR, WNetFormatNetworkName(provider, remote, room, &size, flags, width));
    cr_expect_str_eq(room, wanted);
    cr_expect_eq(size, sizeof room);
}

Test(names, as_the_router_shows_them) {
    static const char *const providers[] = {NULL, "", "memory network", "memory"};

    begin("\"takes\": \"//a/\", \"absent\": \"format\"");
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        expect_shown(providers[i], "\\\\memory\\hot\\d\xc3\xa9j\xc3\xa0\\vu", 0, 5,
                     "\\\\memory\\hot\\d\xc3\xa9j\xc3\xa0\\vu");
        expect_shown(providers[i], "\\\\memory\\hot\\d\xc3\xa9j\xc3\xa0\\vu", WNFMT_ABBREVIATED, 12,
                     "\\\\me...j\xc3\xa0\\vu");
        expect_shown(providers[i], "\\\\memory\\hot\\d\xc3\xa9j\xc3\xa0", WNFMT_MULTILINE, 12,
                     "\\\\memory\\\nhot\\d\xc3\xa9j\xc3\xa0");
        expect_shown(providers[i], "\\\\memory\\hot", WNFMT_INENUM | WNFMT_CONNECTION, 0, "hot");
    }
    expect_shown("Asked Network", "\\\\memory\\hot", WNFMT_INENUM, 0, "hot");
    expect_shown(NULL, "nobody's", WNFMT_ABBREVIATED, 5, "n...s");
}

Test(names, as_the_provider_shows_them) {
    begin("\"takes\": \"//a/\", \"wants\": 5000");
    expect_shown("asked", "//a/b", WNFMT_MULTILINE | WNFMT_INENUM, 20, "//a/b 0x11 20");
    expect_shown(NULL, "//a/b", WNFMT_CONNECTION, 0, "//a/b 0x20 0");
    expect_shown("Memory Network", "//a/b", 0, 0, "//a/b");
    expect_shown(NULL, "\\\\memory\\hot", 0, 0, "\\\\memory\\hot");
}

/* It is only shown: a provider that fails is as one that cannot. */
Test(names, as_shown_for_a_provider_that_fails) {
    static const char *const options[] = {
        "\"format\": 5, \"text\": \"no\"",
        "\"bad\": \"text\"",
        "\"bad\": \"endless\"",
        "\"bad\": \"empty\"",
        "\"wants\": 4000000000",
    };

    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        begin(options[i]);
        expect_shown("asked", "\\\\a\\b", WNFMT_INENUM, 0, "b");
        MprShutdown();
    }
}
