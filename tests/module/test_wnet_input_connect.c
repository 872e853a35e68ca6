/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_input_connect.c: bad input to what connects with buffers, restores,
 * remembers and asks: the documented code, and nothing changed.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define OVERLONG     32767
#define DEMO         ((LPSTR)(uintptr_t) "\\\\memory\\demo")

#define COUNT(array) (sizeof(array) / sizeof *(array))

static char overlong[OVERLONG + 2];

static void begin(void) {
    memset(overlong, 'x', OVERLONG + 1);
    world_begin("\"shares\": \"demo,held\"");
    cr_assert_eq(add("H:", "\\\\memory\\held", CONNECT_UPDATE_PROFILE), NO_ERROR);
}

static void end(void) {
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1, "connections were changed");
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1, "the profile was changed");
    cr_expect_str_eq(remote_of("H:"), "\\\\memory\\held");
    world_end();
}

TestSuite(input_connect, .timeout = 60, .init = begin, .fini = end);

/* The last size bytes of a page, behind which nothing can be read. */
static void *at_guard(const void *bytes, size_t size) {
    static unsigned char *pages;
    long page = sysconf(_SC_PAGESIZE);
    unsigned char *at;

    if (!pages) {
        pages = mmap(NULL, (size_t)page * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                     -1, 0);
        cr_assert_neq(pages, MAP_FAILED);
        cr_assert_eq(mprotect(pages + page, (size_t)page, PROT_NONE), 0);
    }
    at = pages + page - size;
    memcpy(at, bytes, size);
    return at;
}

/* --- WNetAddConnection4, WNetUseConnection4 --- */

/* What both, in their three forms, are to say to this. */
static void expect_add4(const void *auth, DWORD auth_size, const void *options, DWORD options_size,
                        DWORD flags, DWORD code) {
    NETRESOURCEA a = {.lpLocalName = (LPSTR)(uintptr_t) "Z:", .lpRemoteName = DEMO};
    NETRESOURCEW w = {.lpLocalName = wide("Z:"), .lpRemoteName = wide(DEMO)};
    LPVOID buffer = (LPVOID)(uintptr_t)auth;
    LPBYTE bytes = (LPBYTE)(uintptr_t)options;
    char access[8] = "before";
    DWORD size = sizeof access, result = 4711;

    EXPECT_CODE(code, WNetAddConnection4A(NULL, &a, buffer, auth_size, flags, bytes, options_size));
    EXPECT_CODE(code, WNetAddConnection4W(NULL, &w, buffer, auth_size, flags, bytes, options_size));
    EXPECT_CODE(code, WNetAddConnection4(NULL, &a, buffer, auth_size, flags, bytes, options_size));
    EXPECT_CODE(code, WNetUseConnection4A(NULL, &a, buffer, auth_size, flags, bytes, options_size,
                                          access, &size, &result));
    EXPECT_CODE(code, WNetUseConnection4W(NULL, &w, buffer, auth_size, flags, bytes, options_size,
                                          NULL, NULL, &result));
    EXPECT_CODE(code, WNetUseConnection4(NULL, &a, buffer, auth_size, flags, bytes, options_size,
                                         access, &size, &result));
    cr_expect_str_eq(access, "before");
    cr_expect_eq(size, sizeof access);
    cr_expect_eq(result, 4711);
}

Test(input_connect, credentials_of_every_size) {
    const SEC_WINNT_AUTH_IDENTITY_A bad = {.Flags = 7}; /* else the whole one would connect */

    for (DWORD size = 0; size < sizeof bad; size++)
        expect_add4(at_guard(&bad, size), size, NULL, 0, 0, ERROR_INVALID_PARAMETER);
    EXPECT_WORDS("cbAuthBuffer");
    expect_add4(at_guard(&bad, sizeof bad), sizeof bad, NULL, 0, 0, ERROR_INVALID_PARAMETER);
    EXPECT_WORDS("flags are 0x7");
    expect_add4(at_guard("", 1), 1, NULL, 0, 0, ERROR_INVALID_PARAMETER);
    expect_add4(NULL, 1, NULL, 0, 0, ERROR_INVALID_PARAMETER);
    expect_add4(NULL, sizeof bad, NULL, 0, 0, ERROR_INVALID_PARAMETER);
}

static void expect_identity(const SEC_WINNT_AUTH_IDENTITY_A *identity, DWORD code) {
    expect_add4(at_guard(identity, sizeof *identity), sizeof *identity, NULL, 0, 0, code);
}

Test(input_connect, credentials_that_cannot_be) {
    static unsigned char x[] = "x", bad[] = "\xff", zero[] = "a\0b", lone[] = "\x00\xd8";
    static unsigned char *big;
    const struct {
        SEC_WINNT_AUTH_IDENTITY_A identity;
        DWORD code;
    } rows[] = {
        {{.Flags = 0}, ERROR_INVALID_PARAMETER},
        {{.Flags = 3}, ERROR_INVALID_PARAMETER},
        {{.Flags = 0xffffffff}, ERROR_INVALID_PARAMETER},
        {{.User = NULL, .UserLength = 1, .Flags = 1}, ERROR_INVALID_PARAMETER},
        {{.Domain = NULL, .DomainLength = 1, .Flags = 1}, ERROR_INVALID_PARAMETER},
        {{.Password = NULL, .PasswordLength = 1, .Flags = 2}, ERROR_INVALID_PARAMETER},
        {{.User = x, .UserLength = 32768, .Flags = 1}, ERROR_INVALID_PARAMETER},
        {{.User = x, .UserLength = 0xffffffff, .Flags = 2}, ERROR_INVALID_PARAMETER},
        {{.Domain = x, .DomainLength = 0x80000000, .Flags = 2}, ERROR_INVALID_PARAMETER},
        {{.Password = x, .PasswordLength = 0x7fffffff, .Flags = 1}, ERROR_INVALID_PARAMETER},
        {{.User = zero, .UserLength = 3, .Flags = 1}, ERROR_INVALID_PARAMETER},
        {{.Password = zero, .PasswordLength = 2, .Flags = 1}, ERROR_INVALID_PARAMETER},
        {{.User = bad, .UserLength = 1, .Flags = 1}, ERROR_NO_UNICODE_TRANSLATION},
        {{.Password = bad, .PasswordLength = 1, .Flags = 1}, ERROR_NO_UNICODE_TRANSLATION},
        {{.User = x, .UserLength = 1, .Domain = bad, .DomainLength = 1, .Flags = 1},
         ERROR_NO_UNICODE_TRANSLATION},
        {{.User = lone, .UserLength = 1, .Flags = 2}, ERROR_NO_UNICODE_TRANSLATION},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        expect_identity(&rows[i].identity, rows[i].code);
    big = (unsigned char *)overlong;
    expect_identity(&(SEC_WINNT_AUTH_IDENTITY_A){.User = big, .UserLength = OVERLONG, .Flags = 1},
                    ERROR_BAD_USERNAME);
    expect_identity(
        &(SEC_WINNT_AUTH_IDENTITY_A){
            .User = big, .UserLength = 300, .Domain = big, .DomainLength = 19, .Flags = 1},
        ERROR_BAD_USERNAME);
    expect_identity(
        &(SEC_WINNT_AUTH_IDENTITY_A){.Password = big, .PasswordLength = 1024, .Flags = 1},
        ERROR_INVALID_PASSWORD);
}

/* What is no Unicode is named, and not shown. */
Test(input_connect, the_text_that_is_no_unicode_is_named) {
    const struct {
        const char *local, *remote, *provider, *user, *password, *what;
    } rows[] = {
        {"\xff", "//s/x", NULL, NULL, NULL, "The name of the device is not valid UTF-8."},
        {NULL, "//s/\xff", NULL, NULL, NULL, "The remote name is not valid UTF-8."},
        {NULL, "//s/x", "\xff", NULL, NULL, "The name of the provider is not valid UTF-8."},
        {NULL, "//s/x", NULL, "\xff", NULL, "The user name is not valid UTF-8."},
        {NULL, "//s/x", NULL, NULL, "geh\xe4im", "The password is not valid UTF-8."},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t)rows[i].local,
                                 .lpRemoteName = (LPSTR)(uintptr_t)rows[i].remote,
                                 .lpProvider = (LPSTR)(uintptr_t)rows[i].provider};

        EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION,
                    WNetAddConnection2A(&resource, rows[i].password, rows[i].user, 0));
        cr_expect_str_eq(last_words(), rows[i].what);
    }
}

/* The characters end where their length says, and nothing behind is looked at. */
Test(input_connect, credentials_at_the_end_of_memory) {
    SEC_WINNT_AUTH_IDENTITY_A narrow = {.UserLength = 4, .Flags = 1};
    NETRESOURCEA a = {.lpLocalName = (LPSTR)(uintptr_t) "Z:", .lpRemoteName = DEMO};

    narrow.User = at_guard("anna", 4);
    EXPECT_CODE(NO_ERROR, WNetAddConnection4A(NULL, &a, &narrow, sizeof narrow, 0, NULL, 0));
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    narrow.Flags = 2;
    narrow.User = at_guard(u"anna", 8);
    EXPECT_CODE(NO_ERROR, WNetAddConnection4A(NULL, &a, &narrow, sizeof narrow, 0, NULL, 0));
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
}

Test(input_connect, options_and_flags) {
    expect_add4(NULL, 0, NULL, 1, 0, ERROR_INVALID_PARAMETER);
    EXPECT_WORDS("lpUseOptions");
    expect_add4(NULL, 0, overlong, 65537, 0, ERROR_INVALID_PARAMETER);
    expect_add4(NULL, 0, overlong, 0xffffffff, 0, ERROR_INVALID_PARAMETER);
    expect_add4(NULL, 0, overlong, 1, 0x80000, ERROR_INVALID_PARAMETER);
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetAddConnection4A(NULL, NULL, NULL, 0, 0, NULL, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetAddConnection4W(NULL, NULL, NULL, 0, 0, NULL, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS,
                WNetUseConnection4A(NULL, NULL, NULL, 0, 0, NULL, 0, NULL, NULL, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS,
                WNetUseConnection4W(NULL, NULL, NULL, 0, 0, NULL, 0, NULL, NULL, NULL));
}

/* --- devices --- */

static const char *const no_devices[] = {
    "",
    "Z",
    "Z:\\",
    "ZZ:",
    "@:",
    "1:",
    ":",
    " Z:",
    "Z: ",
    "LPT",
    "LPT0",
    "LPT10",
    "COM1",
    "\\",
    "*",
    "\xd0\x97:",
    "\\\\memory\\held",
    overlong,
};

Test(input_connect, restoring_what_is_no_device) {
    for (size_t i = 0; i < COUNT(no_devices); i++) {
        LPWSTR name = wide(no_devices[i]);

        EXPECT_CODE(ERROR_BAD_DEVICE, WNetRestoreConnectionA(NULL, no_devices[i]));
        EXPECT_CODE(ERROR_BAD_DEVICE, WNetRestoreConnectionW(NULL, name));
        EXPECT_CODE(ERROR_BAD_DEVICE, WNetRestoreConnection(NULL, no_devices[i]));
        EXPECT_CODE(ERROR_BAD_DEVICE, WNetRestoreSingleConnectionW(NULL, name, FALSE));
    }
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, WNetRestoreConnectionA(NULL, "\xff:"));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION,
                WNetRestoreConnectionW(NULL, (WCHAR[]){0xD800, ':', 0}));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION,
                WNetRestoreSingleConnectionW(NULL, (WCHAR[]){0xDC00, 0}, TRUE));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetRestoreSingleConnectionW(NULL, NULL, TRUE));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetRestoreConnectionA(NULL, "Z:"));
}

Test(input_connect, setting_what_cannot_be_set) {
    DWORD yes = TRUE, no = FALSE;
    static const DWORD properties[] = {0, 2, 3, 0x80000000, 0xffffffff};

    for (size_t i = 0; i < COUNT(properties); i++) {
        EXPECT_CODE(ERROR_INVALID_PARAMETER, WNetSetConnectionA("H:", properties[i], &no));
        EXPECT_CODE(ERROR_INVALID_PARAMETER, WNetSetConnectionW(u"H:", properties[i], &no));
        EXPECT_CODE(ERROR_INVALID_PARAMETER, WNetSetConnection("H:", properties[i], &no));
    }
    for (size_t i = 0; i < COUNT(no_devices); i++) {
        DWORD code = strcmp(no_devices[i], "\\\\memory\\held") == 0 ? ERROR_INVALID_PARAMETER
                                                                    : ERROR_NOT_CONNECTED;

        EXPECT_CODE(code, WNetSetConnectionA(no_devices[i], NETPROPERTY_PERSISTENT, &yes));
        EXPECT_CODE(code, WNetSetConnectionW(wide(no_devices[i]), NETPROPERTY_PERSISTENT, &yes));
    }
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetSetConnectionA(NULL, NETPROPERTY_PERSISTENT, &no));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetSetConnectionW(NULL, NETPROPERTY_PERSISTENT, &no));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetSetConnectionA("H:", NETPROPERTY_PERSISTENT, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetSetConnectionW(u"H:", NETPROPERTY_PERSISTENT, NULL));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION,
                WNetSetConnectionA("\xff", NETPROPERTY_PERSISTENT, &no));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION,
                WNetSetConnectionW((WCHAR[]){0xD800, 0}, NETPROPERTY_PERSISTENT, &no));
    EXPECT_CODE(NO_ERROR, WNetSetConnectionA("H:", NETPROPERTY_PERSISTENT, at_guard(&yes, 4)));
}

/* --- WNetDisconnectDialog1 and what is not supported --- */

/* What does not fit is not read: only cbStructure is there. */
Test(input_connect, a_dialog_of_every_size) {
    DISCDLGSTRUCTA a = {.lpLocalName = (LPSTR)(uintptr_t) "Q:"};
    DISCDLGSTRUCTW w = {.lpLocalName = wide("Q:")};

    for (DWORD size = 0; size < sizeof a; size++) {
        size_t there = size < 8 ? 8 : size & ~(size_t)7; /* at a place for such a structure */

        a.cbStructure = w.cbStructure = size;
        EXPECT_CODE(ERROR_INVALID_PARAMETER, WNetDisconnectDialog1A(at_guard(&a, there)));
        EXPECT_CODE(ERROR_INVALID_PARAMETER, WNetDisconnectDialog1W(at_guard(&w, there)));
        EXPECT_CODE(ERROR_INVALID_PARAMETER, WNetDisconnectDialog1(at_guard(&a, there)));
        EXPECT_WORDS("cbStructure");
    }
    for (DWORD size = sizeof a; size <= sizeof a + 1; size++) {
        a.cbStructure = w.cbStructure = size;
        EXPECT_CODE(ERROR_NOT_CONNECTED, WNetDisconnectDialog1A(at_guard(&a, sizeof a)));
        EXPECT_CODE(ERROR_NOT_CONNECTED, WNetDisconnectDialog1W(at_guard(&w, sizeof w)));
    }
}

Test(input_connect, a_dialog_about_nothing) {
    static const struct {
        const char *local, *remote;
        DWORD flags, code;
    } rows[] = {
        {NULL, NULL, 0, ERROR_INVALID_PARAMETER},
        {"", "", 0, ERROR_INVALID_PARAMETER},
        {"H:", NULL, 2, ERROR_INVALID_PARAMETER},
        {"H:", NULL, 0x80, ERROR_INVALID_PARAMETER},
        {"H:", NULL, 0xffffffff, ERROR_INVALID_PARAMETER},
        {NULL, "\\\\memory\\held", DISC_UPDATE_PROFILE, ERROR_INVALID_PARAMETER},
        {"", "\\\\memory\\held", DISC_UPDATE_PROFILE | DISC_NO_FORCE, ERROR_INVALID_PARAMETER},
        {"Z:", NULL, 0, ERROR_NOT_CONNECTED},
        {"H", NULL, 0, ERROR_NOT_CONNECTED},
        {NULL, overlong, 0, ERROR_NOT_CONNECTED},
        {overlong, NULL, DISC_NO_FORCE, ERROR_NOT_CONNECTED},
        {"\xff", NULL, 0, ERROR_NO_UNICODE_TRANSLATION},
        {"H:", "\xff", 0, ERROR_NO_UNICODE_TRANSLATION},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        DISCDLGSTRUCTA a = {.cbStructure = sizeof a,
                            .lpLocalName = (LPSTR)(uintptr_t)rows[i].local,
                            .lpRemoteName = (LPSTR)(uintptr_t)rows[i].remote,
                            .dwFlags = rows[i].flags};

        EXPECT_CODE(rows[i].code, WNetDisconnectDialog1A(&a));
        EXPECT_CODE(rows[i].code, WNetDisconnectDialog1(&a));
        if (rows[i].code != ERROR_NO_UNICODE_TRANSLATION) {
            DISCDLGSTRUCTW w = {.cbStructure = sizeof w,
                                .lpLocalName = wide(rows[i].local),
                                .lpRemoteName = wide(rows[i].remote),
                                .dwFlags = rows[i].flags};

            EXPECT_CODE(rows[i].code, WNetDisconnectDialog1W(&w));
        }
    }
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetDisconnectDialog1A(NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetDisconnectDialog1W(NULL));
}

Test(input_connect, null_to_what_is_not_supported) {
    DWORD size = 0;
    int type = 0;

    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetConnectionDialog1A(NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetConnectionDialog1W(NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetDirectoryNotifyA(NULL, NULL, 1));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetDirectoryNotifyW(NULL, NULL, 1));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetDirectoryTypeA(NULL, &type, FALSE));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetDirectoryTypeW(NULL, &type, FALSE));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetDirectoryTypeA("x", NULL, FALSE));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetDirectoryTypeW(u"x", NULL, FALSE));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MultinetGetErrorTextA(NULL, NULL, NULL, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MultinetGetErrorTextW(NULL, &size, NULL, NULL));
}
