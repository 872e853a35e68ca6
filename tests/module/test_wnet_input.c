/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_input.c: bad input to every WNet function: the documented code, the
 * same from the A, the W and the bare form, and nothing changed.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/npapi.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define OVERLONG 32767

static char overlong[OVERLONG + 1], overlong_name[OVERLONG + 1];

static void begin(void) {
    memset(overlong, 'x', OVERLONG);
    memset(overlong_name, 'x', OVERLONG);
    memcpy(overlong_name, "\\\\memory\\demo\\", strlen("\\\\memory\\demo\\"));
    world_begin("\"shares\": \"demo,held\", \"printers\": \"laser\"");
    cr_assert_eq(add("H:", "\\\\memory\\held", CONNECT_UPDATE_PROFILE), NO_ERROR);
}

/* Whatever was asked, only what was there before is there. */
static void end(void) {
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1, "connections were changed");
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1, "the profile was changed");
    cr_expect_str_eq(remote_of("H:"), "\\\\memory\\held");
    world_end();
}

TestSuite(input, .timeout = 60, .init = begin, .fini = end);

struct row {
    const char *text;
    DWORD code;
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What is no device, though much of it looks like one. */
static const char *const no_devices[] = {
    "Z",     "Z:\\",   "Z:/",    "ZZ:",         "@:",   "[:",    "`:",        "{:",
    "1:",    ":",      " Z:",    "Z: ",         "Z:\n", "LPT",   "LPT0",      "LPT10",
    "LPT1x", "LPT:",   "LPT1::", "COM1",        "\x01", "\x7f:", "\xc3\xa9:", "\xef\xbc\xba:",
    "\\",    "\\\\",   "*",      "Z::",         "-",    "LPT 1", "\xd0\x97:", "LPT\xd9\xa1",
    "Z\x01", "LPT1:x", overlong, overlong_name,
};

/* The four ways to add, in the three forms; nothing of the row may connect. */
static void expect_add(const NETRESOURCEA *row, const char *user, const char *password, DWORD flags,
                       DWORD code) {
    NETRESOURCEA a = *row;
    NETRESOURCEW w = {
        .dwType = row->dwType,
        .lpLocalName = wide(row->lpLocalName),
        .lpRemoteName = wide(row->lpRemoteName),
        .lpProvider = wide(row->lpProvider),
    };
    LPWSTR wide_user = wide(user), wide_password = wide(password);
    static char access[OVERLONG + 1] = "before";
    static WCHAR wide_access[OVERLONG + 1] = u"before";
    DWORD size = sizeof access, result = 4711;

    EXPECT_CODE(code, WNetAddConnection2A(&a, password, user, flags));
    EXPECT_CODE(code, WNetAddConnection2W(&w, wide_password, wide_user, flags));
    EXPECT_CODE(code, WNetAddConnection2(&a, password, user, flags));
    EXPECT_CODE(code, WNetAddConnection3A(NULL, &a, password, user, flags));
    EXPECT_CODE(code, WNetAddConnection3W(NULL, &w, wide_password, wide_user, flags));
    EXPECT_CODE(code, WNetAddConnection3(NULL, &a, password, user, flags));
    EXPECT_CODE(code, WNetUseConnectionA(NULL, &a, password, user, flags, access, &size, &result));
    EXPECT_CODE(code, WNetUseConnectionW(NULL, &w, wide_password, wide_user, flags, wide_access,
                                         &size, &result));
    EXPECT_CODE(code, WNetUseConnection(NULL, &a, password, user, flags, access, &size, &result));
    cr_expect_str_eq(access, "before");
    cr_expect_eq(wide_access[0], u'b');
    cr_expect_eq(size, sizeof access);
    cr_expect_eq(result, 4711);
}

static void expect_simple_add(const char *remote, const char *local, DWORD code) {
    EXPECT_CODE(code, WNetAddConnectionA(remote, NULL, local));
    EXPECT_CODE(code, WNetAddConnectionW(wide(remote), NULL, wide(local)));
    EXPECT_CODE(code, WNetAddConnection(remote, NULL, local));
}

#define DEMO ((LPSTR)(uintptr_t) "\\\\memory\\demo")

static LPSTR mutable(const char *text) {
    return (LPSTR)(uintptr_t)text;
}

Test(input, add_with_what_is_no_device) {
    for (size_t i = 0; i < COUNT(no_devices); i++) {
        const NETRESOURCEA row = {.lpLocalName = mutable(no_devices[i]), .lpRemoteName = DEMO};

        expect_add(&row, NULL, NULL, 0, ERROR_BAD_DEVICE);
        expect_simple_add(row.lpRemoteName, no_devices[i], ERROR_BAD_DEVICE);
    }
}

Test(input, add_with_what_is_no_remote_name) {
    static const struct row rows[] = {
        {NULL, ERROR_INVALID_PARAMETER},
        {"", ERROR_BAD_NET_NAME},
        {"x", ERROR_BAD_NET_NAME},
        {"Z:", ERROR_BAD_NET_NAME},
        {"\\", ERROR_BAD_NET_NAME},
        {"\\\\", ERROR_BAD_NET_NAME},
        {"\\\\memory", ERROR_BAD_NET_NAME},
        {"\\\\memory\\", ERROR_BAD_NET_NAME},
        {"\\\\memory\\nosuch", ERROR_BAD_NET_NAME},
        {"\\\\memory\\demo\\nosuch", ERROR_BAD_NET_NAME},
        {"\\\\memory\\demo\\..", ERROR_BAD_NET_NAME},
        {"\\\\memory\\de\nmo", ERROR_BAD_NET_NAME},
        {"\\\\memory\\demo\x7f", ERROR_BAD_NET_NAME},
        {"\x01\\\\memory\\demo", ERROR_BAD_NET_NAME},
        {overlong, ERROR_BAD_NET_NAME},
        {overlong_name, ERROR_BAD_NET_NAME},
    };
    static const char *const devices[] = {NULL, "Z:"};

    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t d = 0; d < COUNT(devices); d++) {
            const NETRESOURCEA row = {.lpLocalName = mutable(devices[d]),
                                      .lpRemoteName = mutable(rows[i].text)};

            expect_add(&row, NULL, NULL, CONNECT_UPDATE_PROFILE, rows[i].code);
            expect_simple_add(rows[i].text, devices[d], rows[i].code);
        }
}

/* As long as a name may be is long enough for the provider to say no; one more is not asked. */
Test(input, remote_names_have_at_most_260_characters) {
    char name[1200] = "\\\\memory\\";
    size_t at = strlen(name);

    for (size_t i = at; i < 260; i++)
        at += (size_t)snprintf(name + at, 3, i % 100 ? "\xc3\xa9" : "\\"); /* two bytes, or one */
    EXPECT_CODE(ERROR_BAD_NET_NAME, add("Z:", name, 0));
    EXPECT_WORDS("there is no share");
    snprintf(name + at, 2, "x");
    EXPECT_CODE(ERROR_BAD_NET_NAME, add("Z:", name, 0));
    EXPECT_WORDS("261 characters");
}

Test(input, add_with_other_parameters) {
    static const DWORD types[] = {3, 4, RESOURCETYPE_RESERVED, RESOURCETYPE_UNKNOWN, 0x80000000};
    NETRESOURCEA row = {.lpRemoteName = DEMO, .dwType = 0};

    for (size_t i = 0; i < COUNT(types); i++) {
        row.dwType = types[i];
        expect_add(&row, NULL, NULL, 0, ERROR_INVALID_PARAMETER);
    }
    row.dwType = RESOURCETYPE_DISK;
    for (unsigned bit = 19; bit < 32; bit++)
        expect_add(&row, NULL, NULL, 1u << bit, ERROR_INVALID_PARAMETER);
    row.lpLocalName = mutable("LPT1");
    expect_add(&row, NULL, NULL, 0, ERROR_BAD_DEV_TYPE);
    row.lpLocalName = mutable("Z:");
    row.dwType = RESOURCETYPE_PRINT;
    expect_add(&row, NULL, NULL, 0, ERROR_BAD_DEV_TYPE);
    row.dwType = RESOURCETYPE_ANY;
    row.lpRemoteName = mutable("\\\\memory\\laser");
    expect_add(&row, NULL, NULL, 0, ERROR_BAD_DEV_TYPE);
}

Test(input, add_with_a_provider_that_is_none) {
    static const char *const providers[] = {
        "x", " Memory Network", "Memory Network ", "memory.so", "\x01", overlong};
    NETRESOURCEA row = {.lpRemoteName = DEMO};

    for (size_t i = 0; i < COUNT(providers); i++) {
        row.lpProvider = mutable(providers[i]);
        expect_add(&row, NULL, NULL, 0, ERROR_BAD_PROVIDER);
    }
}

Test(input, add_with_users_and_passwords_that_cannot_be) {
    static char user[400], password[1100];
    NETRESOURCEA row = {.lpRemoteName = DEMO};

    memset(user, 'u', 320);
    memset(password, 'p', 1024);
    expect_add(&row, user, NULL, 0, ERROR_BAD_USERNAME);
    expect_add(&row, overlong, NULL, 0, ERROR_BAD_USERNAME);
    expect_add(&row, "al\nice", NULL, 0, ERROR_BAD_USERNAME);
    expect_add(&row, "\x7f", NULL, 0, ERROR_BAD_USERNAME);
    expect_add(&row, NULL, password, 0, ERROR_INVALID_PASSWORD);
    expect_add(&row, NULL, overlong, 0, ERROR_INVALID_PASSWORD);
    cr_expect_null(strstr(last_words(), "ppp"), "no secret in words");
    user[319] = password[1023] = '\0';
    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&row, password, user, 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(DEMO, 0, FALSE));
}

Test(input, pointers_that_must_be_there) {
    char text[16];
    WCHAR units[16];
    DWORD size = sizeof text, count = 1, code;
    HANDLE list;
    char buffer[256] __attribute__((aligned(8)));

    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetAddConnection2A(NULL, NULL, NULL, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetAddConnection2W(NULL, NULL, NULL, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetAddConnection2(NULL, NULL, NULL, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetAddConnection3A(NULL, NULL, NULL, NULL, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetAddConnection3W(NULL, NULL, NULL, NULL, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetAddConnection3(NULL, NULL, NULL, NULL, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS,
                WNetUseConnectionA(NULL, NULL, NULL, NULL, 0, text, &size, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS,
                WNetUseConnectionW(NULL, NULL, NULL, NULL, 0, units, &size, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS,
                WNetUseConnection(NULL, NULL, NULL, NULL, 0, text, &size, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetConnectionA(NULL, text, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetConnectionW(NULL, units, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetConnection("H:", text, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetConnectionW(u"H:", units, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetConnectionA("H:", NULL, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetConnectionW(u"H:", NULL, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetUserA(NULL, text, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetUserW(NULL, units, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetUserA(NULL, NULL, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetUserW(NULL, NULL, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetUser(NULL, text, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetOpenEnumA(RESOURCE_CONNECTED, 0, 0, NULL, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetOpenEnumW(RESOURCE_CONNECTED, 0, 0, NULL, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetOpenEnum(RESOURCE_CONNECTED, 0, 0, NULL, NULL));
    cr_assert_eq(WNetOpenEnumA(RESOURCE_CONNECTED, 0, 0, NULL, &list), NO_ERROR);
    size = sizeof buffer;
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetEnumResourceA(list, NULL, buffer, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetEnumResourceW(list, &count, NULL, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetEnumResource(list, &count, buffer, NULL));
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetLastErrorA(NULL, text, sizeof text, NULL, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetLastErrorW(&code, NULL, 1, NULL, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetLastError(&code, NULL, 0, NULL, 1));
    cr_expect_eq(size, sizeof buffer);
    cr_expect_eq(count, 1);
}

/* What a provider says of its failure is cut, and NULL is "": it cannot fail itself. */
Test(input, last_error_of_any_length) {
    static const struct { size_t text, name; } lengths[] = {{1023, 127}, {0, 0}};
    char text[4096], name[4096];
    DWORD code;
    size_t i;

    for (i = 0; i < COUNT(lengths); i++) {
        MprSetLastError(42);
        WNetSetLastErrorA(7, i ? NULL : overlong, i ? NULL : overlong_name);
        cr_expect_eq(MprGetLastError(), 42);
        EXPECT_CODE(NO_ERROR, WNetGetLastErrorA(&code, text, sizeof text, name, sizeof name));
        cr_expect_eq(code, 7);
        cr_expect_eq(strlen(text), lengths[i].text);
        cr_expect_eq(strlen(name), lengths[i].name);
        MprSetLastError(42);
        WNetSetLastErrorW(8, i ? NULL : wide(overlong), i ? NULL : wide(overlong_name));
        cr_expect_eq(MprGetLastError(), 42);
        EXPECT_CODE(NO_ERROR, WNetGetLastErrorA(&code, text, sizeof text, name, sizeof name));
        cr_expect_eq(code, 8);
        cr_expect_eq(strlen(text), lengths[i].text);
        cr_expect_eq(strlen(name), lengths[i].name);
    }
}

/* Windows and types of dialogs are not looked at. */
Test(input, windows_that_are_none) {
    MPR_HWND nowhere = (void *)(uintptr_t)4711;

    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetConnectionDialog(nowhere, UINT32_MAX));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetDisconnectDialog(nowhere, UINT32_MAX));
    EXPECT_CODE(NO_ERROR, WNetRestoreAllConnectionsW(nowhere));
    EXPECT_CODE(NO_ERROR, WNetClearConnections(nowhere));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    EXPECT_CODE(NO_ERROR, WNetRestoreAllConnectionsW(nowhere));
}

/* lpAccessName and its size belong together, and that is told before anything else is done. */
Test(input, access_name_without_a_size) {
    NETRESOURCEA row = {.lpLocalName = mutable("Z:"), .lpRemoteName = DEMO};
    NETRESOURCEW wide_row = {.lpLocalName = wide("Z:"), .lpRemoteName = wide(DEMO)};
    DWORD size = 0;
    WCHAR units[8];
    char text[8];

    EXPECT_CODE(ERROR_INVALID_PARAMETER,
                WNetUseConnectionA(NULL, &row, NULL, NULL, 0, text, &size, NULL));
    EXPECT_CODE(ERROR_INVALID_PARAMETER,
                WNetUseConnectionA(NULL, &row, NULL, NULL, 0, text, NULL, NULL));
    EXPECT_CODE(ERROR_INVALID_PARAMETER,
                WNetUseConnectionW(NULL, &wide_row, NULL, NULL, 0, units, &size, NULL));
    EXPECT_CODE(ERROR_INVALID_PARAMETER,
                WNetUseConnection(NULL, &row, NULL, NULL, 0, text, NULL, NULL));
    cr_expect_eq(size, 0);
}

static void expect_cancel(const char *name, DWORD flags, DWORD code) {
    EXPECT_CODE(code, WNetCancelConnection2A(name, flags, FALSE));
    EXPECT_CODE(code, WNetCancelConnection2W(wide(name), flags, TRUE));
    EXPECT_CODE(code, WNetCancelConnection2(name, flags, TRUE));
}

Test(input, cancel_of_what_is_none) {
    static const char *const more[] = {NULL, "", "\\\\memory\\demo", "\\\\memory\\held\\x", "X:"};
    size_t all = COUNT(no_devices) + COUNT(more);

    for (size_t i = 0; i < all; i++) {
        const char *name = i < COUNT(more) ? more[i] : no_devices[i - COUNT(more)];

        expect_cancel(name, 0, ERROR_NOT_CONNECTED);
        expect_cancel(name, CONNECT_UPDATE_PROFILE, ERROR_NOT_CONNECTED);
        EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnectionA(name, FALSE));
        EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnectionW(wide(name), TRUE));
        EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection(name, TRUE));
    }
    for (unsigned bit = 1; bit < 32; bit++) {
        expect_cancel("H:", 1u << bit, ERROR_INVALID_PARAMETER);
        expect_cancel("\\\\memory\\held", 1u << bit | CONNECT_UPDATE_PROFILE,
                      ERROR_INVALID_PARAMETER);
        expect_cancel(NULL, 1u << bit, ERROR_NOT_CONNECTED);
    }
}

Test(input, queries_of_what_is_none) {
    static char text[64] = "before";
    static WCHAR units[64] = u"before";
    DWORD size = COUNT(units);

    for (size_t i = 0; i < COUNT(no_devices); i++) {
        const char *name = no_devices[i];

        EXPECT_CODE(ERROR_BAD_DEVICE, WNetGetConnectionA(name, text, &size));
        EXPECT_CODE(ERROR_BAD_DEVICE, WNetGetConnectionW(wide(name), units, &size));
        EXPECT_CODE(ERROR_BAD_DEVICE, WNetGetConnection(name, text, &size));
        EXPECT_CODE(ERROR_NOT_CONNECTED, WNetGetUserA(name, text, &size));
        EXPECT_CODE(ERROR_NOT_CONNECTED, WNetGetUserW(wide(name), units, &size));
        EXPECT_CODE(ERROR_NOT_CONNECTED, WNetGetUser(name, text, &size));
    }
    EXPECT_CODE(ERROR_BAD_DEVICE, WNetGetConnectionA("", text, &size));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetGetConnectionA("X:", text, &size));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetGetConnectionA("lpt9:", text, &size));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetGetUserA("X:", text, &size));
    cr_expect_str_eq(text, "before");
    cr_expect_eq(units[0], u'b');
    cr_expect_eq(size, COUNT(units));
}

Test(input, scopes_and_types_that_are_none) {
    static const struct {
        DWORD scope, type, code;
    } rows[] = {
        {0, 0, ERROR_INVALID_PARAMETER},
        {6, 0, ERROR_INVALID_PARAMETER},
        {UINT32_MAX, 0, ERROR_INVALID_PARAMETER},
        {RESOURCE_CONNECTED, 4, ERROR_INVALID_PARAMETER},
        {RESOURCE_CONNECTED, RESOURCETYPE_RESERVED, ERROR_INVALID_PARAMETER},
        {RESOURCE_REMEMBERED, RESOURCETYPE_UNKNOWN, ERROR_INVALID_PARAMETER},
    };
    NETRESOURCEA nobody = {.lpProvider = mutable("nobody")};
    NETRESOURCEW nobody_wide = {.lpProvider = wide("nobody")};
    HANDLE list = (HANDLE)4711;

    for (size_t i = 0; i < COUNT(rows); i++) {
        EXPECT_CODE(rows[i].code, WNetOpenEnumA(rows[i].scope, rows[i].type, 0, NULL, &list));
        EXPECT_CODE(rows[i].code, WNetOpenEnumW(rows[i].scope, rows[i].type, 0, NULL, &list));
        EXPECT_CODE(rows[i].code, WNetOpenEnum(rows[i].scope, rows[i].type, 0, NULL, &list));
    }
    for (DWORD scope = RESOURCE_CONNECTED; scope <= RESOURCE_REMEMBERED; scope += 2) {
        EXPECT_CODE(ERROR_BAD_PROVIDER, WNetOpenEnumA(scope, 0, 0, &nobody, &list));
        EXPECT_CODE(ERROR_BAD_PROVIDER, WNetOpenEnumW(scope, 0, 0, &nobody_wide, &list));
    }
    cr_expect_eq(list, (HANDLE)4711);
}

Test(input, handles_that_are_none) {
    uintptr_t values[] = {
        0, 1, 0x1000001, (uintptr_t)-1, (uintptr_t)-2, 0x8000000000000000u, (uintptr_t)values, 0};
    char buffer[512] __attribute__((aligned(8)));
    DWORD size = sizeof buffer, count = 1;
    HANDLE closed;

    cr_assert_eq(WNetOpenEnumA(RESOURCE_CONNECTED, 0, 0, NULL, &closed), NO_ERROR);
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(closed));
    values[COUNT(values) - 1] = (uintptr_t)closed;
    for (size_t i = 0; i < COUNT(values); i++) {
        HANDLE handle = (HANDLE)values[i];

        EXPECT_CODE(ERROR_INVALID_HANDLE, WNetEnumResourceA(handle, &count, buffer, &size));
        EXPECT_CODE(ERROR_INVALID_HANDLE, WNetEnumResourceW(handle, &count, buffer, &size));
        EXPECT_CODE(ERROR_INVALID_HANDLE, WNetEnumResource(handle, &count, buffer, &size));
        EXPECT_CODE(ERROR_INVALID_HANDLE, WNetCloseEnum(handle));
    }
}
