/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_text.c: text that is no UTF-8 and no UTF-16, in every place where a
 * function takes text.
 */
#include "config.h"

#include <string.h>

#include <mpr/npapi.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define UNFIT        ERROR_NO_UNICODE_TRANSLATION

static void begin(void) {
    world_begin("\"shares\": \"*\"");
}

static void end(void) {
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0, "something was connected");
    world_end();
}

TestSuite(text, .timeout = 60, .init = begin, .fini = end);

/* A byte alone, an overlong form, a surrogate, too high, cut, and a tail without a head. */
static char bad_bytes[][24] = {
    "\xff",
    "\\\\memory\\\xc0\xaf",
    "Z:\x80",
    "\\\\memory\\\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\\\\memory\\a\xe2\x82",
    "\xe0\x80\xaf",
    "\xf8\x88\x80\x80\x80",
};

/* High alone, low alone, the wrong way round, high before text, two high. */
static WCHAR bad_units[][16] = {
    {0xD800, 0},
    {0xDC00, 0},
    {'\\', '\\', 'm', 'e', 'm', 'o', 'r', 'y', '\\', 0xDC00, 0xD800, 0},
    {'Z', ':', 0xDBFF, 'x', 0},
    {0xD83D, 0xD83D, 0xDE00, 0},
};

static void add_a(LPSTR local, LPSTR remote, LPSTR provider, LPSTR user, LPSTR password) {
    NETRESOURCEA row = {.lpLocalName = local, .lpRemoteName = remote, .lpProvider = provider};

    EXPECT_CODE(UNFIT, WNetAddConnection2A(&row, password, user, 0));
    EXPECT_CODE(UNFIT, WNetAddConnection3A(NULL, &row, password, user, 0));
    EXPECT_CODE(UNFIT, WNetUseConnectionA(NULL, &row, password, user, 0, NULL, NULL, NULL));
}

static void add_w(LPWSTR local, LPWSTR remote, LPWSTR provider, LPWSTR user, LPWSTR password) {
    NETRESOURCEW row = {.lpLocalName = local, .lpRemoteName = remote, .lpProvider = provider};

    EXPECT_CODE(UNFIT, WNetAddConnection2W(&row, password, user, 0));
    EXPECT_CODE(UNFIT, WNetAddConnection3W(NULL, &row, password, user, 0));
    EXPECT_CODE(UNFIT, WNetUseConnectionW(NULL, &row, password, user, 0, NULL, NULL, NULL));
}

Test(text, bytes_that_are_no_utf8) {
    char remote[] = "\\\\memory\\demo", text[64];
    DWORD size = sizeof text;
    HANDLE list;

    for (size_t i = 0; i < COUNT(bad_bytes); i++) {
        LPSTR bad = bad_bytes[i];
        NETRESOURCEA of = {.lpProvider = bad};

        add_a(bad, remote, NULL, NULL, NULL);
        add_a(NULL, bad, NULL, NULL, NULL);
        add_a(NULL, remote, bad, NULL, NULL);
        add_a(NULL, remote, NULL, bad, NULL);
        add_a(NULL, remote, NULL, NULL, bad);
        EXPECT_CODE(UNFIT, WNetAddConnectionA(bad, NULL, NULL));
        EXPECT_CODE(UNFIT, WNetAddConnectionA(remote, bad, NULL));
        EXPECT_CODE(UNFIT, WNetAddConnection(remote, NULL, bad));
        EXPECT_CODE(UNFIT, WNetCancelConnection2A(bad, 0, FALSE));
        EXPECT_CODE(UNFIT, WNetCancelConnectionA(bad, TRUE));
        EXPECT_CODE(UNFIT, WNetGetConnectionA(bad, text, &size));
        EXPECT_CODE(UNFIT, WNetGetUserA(bad, text, &size));
        EXPECT_CODE(UNFIT, WNetOpenEnumA(RESOURCE_CONNECTED, 0, 0, &of, &list));
    }
}

Test(text, units_that_are_no_utf16) {
    WCHAR remote[] = u"\\\\memory\\demo", text[64];
    DWORD size = COUNT(text);
    HANDLE list;

    for (size_t i = 0; i < COUNT(bad_units); i++) {
        LPWSTR bad = bad_units[i];
        NETRESOURCEW of = {.lpProvider = bad};

        add_w(bad, remote, NULL, NULL, NULL);
        add_w(NULL, bad, NULL, NULL, NULL);
        add_w(NULL, remote, bad, NULL, NULL);
        add_w(NULL, remote, NULL, bad, NULL);
        add_w(NULL, remote, NULL, NULL, bad);
        EXPECT_CODE(UNFIT, WNetAddConnectionW(bad, NULL, NULL));
        EXPECT_CODE(UNFIT, WNetAddConnectionW(remote, bad, NULL));
        EXPECT_CODE(UNFIT, WNetAddConnectionW(remote, NULL, bad));
        EXPECT_CODE(UNFIT, WNetCancelConnection2W(bad, 0, FALSE));
        EXPECT_CODE(UNFIT, WNetCancelConnectionW(bad, TRUE));
        EXPECT_CODE(UNFIT, WNetGetConnectionW(bad, text, &size));
        EXPECT_CODE(UNFIT, WNetGetUserW(bad, text, &size));
        EXPECT_CODE(UNFIT, WNetOpenEnumW(RESOURCE_CONNECTED, 0, 0, &of, &list));
    }
}

/* Fields of NETRESOURCE that do not count are not even looked at. */
Test(text, what_does_not_count_may_be_anything) {
    NETRESOURCEA row = {
        .dwScope = UINT32_MAX,
        .dwDisplayType = UINT32_MAX,
        .dwUsage = UINT32_MAX,
        .lpLocalName = (LPSTR)(uintptr_t) "",
        .lpRemoteName = (LPSTR)(uintptr_t) "\\\\memory\\demo",
        .lpComment = bad_bytes[0],
        .lpProvider = (LPSTR)(uintptr_t) "",
    };

    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&row, "", "", 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(row.lpRemoteName, 0, FALSE));
}

/* The last error's own functions have nobody to complain to: what does not fit is replaced. */
Test(text, last_error_takes_anything) {
    char text[64], name[64];
    DWORD code;

    WNetSetLastErrorA(1, "a\xff\xc3\xa9", "\xc3");
    EXPECT_CODE(NO_ERROR, WNetGetLastErrorA(&code, text, sizeof text, name, sizeof name));
    cr_expect_eq(code, 1);
    cr_expect_str_eq(text, "a?\xc3\xa9");
    cr_expect_str_eq(name, "?");
    WNetSetLastErrorW(2, bad_units[0], u"n");
    EXPECT_CODE(NO_ERROR, WNetGetLastErrorA(&code, text, sizeof text, name, sizeof name));
    cr_expect_eq(code, 2);
    cr_expect_str_eq(text, "");
    cr_expect_str_eq(name, "n");
}

/* What is beyond ASCII goes in and out of both forms unchanged. */
Test(text, both_forms_are_one) {
    NETRESOURCEW row = {.lpLocalName = wide("z:"),
                        .lpRemoteName = wide("\\\\memory\\Stra\xc3\x9f"
                                             "e\xf0\x9f\x98\x80")};
    WCHAR units[64];
    char text[64];
    DWORD size = sizeof text;

    EXPECT_CODE(NO_ERROR, WNetAddConnection2W(&row, NULL, NULL, 0));
    EXPECT_CODE(NO_ERROR, WNetGetConnectionA("Z:", text, &size));
    cr_expect_str_eq(text, "\\\\memory\\Stra\xc3\x9f"
                           "e\xf0\x9f\x98\x80");
    size = COUNT(units);
    EXPECT_CODE(NO_ERROR, WNetGetConnectionW(u"Z:", units, &size));
    cr_expect_eq(memcmp(units, row.lpRemoteName, 18 * sizeof *units), 0);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2W(u"z:", 0, FALSE));
}
