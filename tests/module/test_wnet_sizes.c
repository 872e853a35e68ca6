/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_sizes.c: every size of a buffer from nothing to one more than is
 * needed, with memory that cannot be touched right behind it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mpr/npapi.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define REMOTE       "\\\\memory\\d\xc3\xa9mo"
#define UNTOUCHED    0x5A

static char *guard_end; /* what is from here on kills who touches it */
static size_t room;

static void begin(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(pages, MAP_FAILED);
    cr_assert_eq(mprotect(pages + page, page, PROT_NONE), 0);
    guard_end = pages + page;
    room = page;
    world_begin("\"shares\": \"*\"");
}

static void end(void) {
    munmap(guard_end - room, 2 * room);
    world_end();
}

TestSuite(sizes, .timeout = 60, .init = begin, .fini = end);

/* A buffer of so many bytes before the guard, filled. */
static void *guarded(size_t size) {
    memset(guard_end - room, UNTOUCHED, room);
    return guard_end - size;
}

static bool is_untouched(const void *buffer, size_t from, size_t size) {
    const char *bytes = buffer;

    for (size_t i = from; i < size; i++)
        if (bytes[i] != UNTOUCHED)
            return false;
    return true;
}

/* One of the functions that give a string, in both forms. */
struct getter {
    DWORD (*narrow)(LPCSTR, LPSTR, LPDWORD);
    DWORD (*wide)(LPCWSTR, LPWSTR, LPDWORD);
    DWORD code; /* with room enough */
};

static void every_narrow_size(const struct getter *getter, const char *name, const char *wanted) {
    DWORD needs = (DWORD)strlen(wanted) + 1;

    for (DWORD size = 0; size <= needs + 1; size++) {
        char *buffer = guarded(size);
        DWORD given = size;

        EXPECT_CODE(size < needs ? ERROR_MORE_DATA : getter->code,
                    getter->narrow(name, size ? buffer : NULL, &given));
        cr_expect_eq(given, size < needs ? needs : size, "size %u became %u", size, given);
        if (size < needs)
            cr_expect(is_untouched(buffer, 0, size), "size %u: written to", size);
        else
            cr_expect_str_eq(buffer, wanted);
    }
}

static void every_wide_size(const struct getter *getter, const char *name, const char *wanted) {
    LPWSTR units = wide(wanted), wide_name = wide(name);
    DWORD needs = 1;

    while (units[needs - 1])
        needs++;
    for (DWORD size = 0; size <= needs + 1; size++) {
        WCHAR *buffer = guarded(size * sizeof *buffer);
        DWORD given = size;

        EXPECT_CODE(size < needs ? ERROR_MORE_DATA : getter->code,
                    getter->wide(wide_name, size ? buffer : NULL, &given));
        cr_expect_eq(given, size < needs ? needs : size, "size %u became %u", size, given);
        if (size < needs)
            cr_expect(is_untouched(buffer, 0, size * sizeof *buffer), "size %u: written to", size);
        else
            cr_expect_eq(memcmp(buffer, units, needs * sizeof *buffer), 0);
    }
}

static void every_size(const struct getter *getter, const char *name, const char *wanted) {
    every_narrow_size(getter, name, wanted);
    every_wide_size(getter, name, wanted);
}

Test(sizes, names_of_connections) {
    static const struct getter connected = {WNetGetConnectionA, WNetGetConnectionW, NO_ERROR};
    static const struct getter bare = {WNetGetConnection, WNetGetConnectionW, NO_ERROR};
    static const struct getter remembered = {WNetGetConnectionA, WNetGetConnectionW,
                                             ERROR_CONNECTION_UNAVAIL};

    cr_assert_eq(add("Z:", REMOTE, CONNECT_UPDATE_PROFILE), NO_ERROR);
    every_size(&connected, "z:", REMOTE);
    every_size(&bare, "Z:", REMOTE);
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    every_size(&remembered, "Z:", REMOTE);
}

Test(sizes, users) {
    static const struct getter users = {WNetGetUserA, WNetGetUserW, NO_ERROR};
    static const struct getter bare = {WNetGetUser, WNetGetUserW, NO_ERROR};
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t) "Z:",
                             .lpRemoteName = (LPSTR)(uintptr_t)REMOTE};

    cr_assert_eq(WNetAddConnection2A(&resource, "", "M\xc3\xbcller", 0), NO_ERROR);
    every_size(&users, "Z:", "M\xc3\xbcller");
    every_size(&bare, REMOTE, "M\xc3\xbcller");
}

/* Nothing is connected unless the name of it can be told. */
static void use_with_size(const char *local, DWORD flags, DWORD needs, const char *access) {
    NETRESOURCEA a = {.dwType = RESOURCETYPE_DISK,
                      .lpLocalName = (LPSTR)(uintptr_t)local,
                      .lpRemoteName = (LPSTR)(uintptr_t)REMOTE};
    NETRESOURCEW w = {
        .dwType = RESOURCETYPE_DISK, .lpLocalName = wide(local), .lpRemoteName = wide(REMOTE)};
    WCHAR *wide_access = wide(access);

    for (DWORD size = 1; size <= needs + 1; size++) {
        bool fits = size >= needs;
        DWORD given = size, result = 4711;
        char *buffer = guarded(size);

        EXPECT_CODE(fits ? NO_ERROR : ERROR_MORE_DATA,
                    WNetUseConnectionA(NULL, &a, NULL, NULL, flags, buffer, &given, &result));
        cr_expect_eq(given, fits ? size : needs);
        cr_expect_eq(listed(RESOURCE_CONNECTED), fits);
        if (fits) {
            cr_expect_str_eq(buffer, access);
            cr_expect_eq(result, access[1] == ':' ? CONNECT_LOCALDRIVE : 0);
            cr_expect_eq(WNetCancelConnection2A(buffer, 0, FALSE), NO_ERROR);
        } else {
            cr_expect(is_untouched(buffer, 0, size));
            cr_expect_eq(result, 4711);
        }
    }
    for (DWORD size = 1; size <= needs + 1; size++) {
        DWORD given = size;
        WCHAR *buffer = guarded(size * sizeof *buffer);
        DWORD rc = WNetUseConnectionW(NULL, &w, NULL, NULL, flags, buffer, &given, NULL);

        if (rc == NO_ERROR) {
            cr_expect_eq(memcmp(buffer, wide_access, (strlen(access) + 1) / 2), 0);
            cr_expect_eq(WNetCancelConnection2W(buffer, 0, FALSE), NO_ERROR);
        } else {
            cr_expect_eq(rc, ERROR_MORE_DATA);
            cr_expect_lt(size, given);
        }
    }
}

Test(sizes, access_names) {
    use_with_size("z:", 0, sizeof "Z:", "Z:");
    use_with_size(NULL, CONNECT_REDIRECT, sizeof "Z:", "Z:");
    use_with_size(NULL, 0, sizeof REMOTE, REMOTE);
}

/* Cut where it must be, between characters, and always ended. */
Test(sizes, last_error) {
    static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
    static const char *const cuts[] = {"",
                                       "",
                                       "a",
                                       "a",
                                       "a\xc3\xa9",
                                       "a\xc3\xa9",
                                       "a\xc3\xa9",
                                       "a\xc3\xa9\xe2\x82\xac",
                                       "a\xc3\xa9\xe2\x82\xac",
                                       "a\xc3\xa9\xe2\x82\xac",
                                       "a\xc3\xa9\xe2\x82\xac",
                                       "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
                                       text,
                                       text};
    static const DWORD wide_lengths[] = {0, 0, 1, 2, 3, 3, 5, 6, 6};
    LPWSTR units = wide(text);

    for (DWORD size = 0; size < COUNT(cuts); size++) {
        char *buffer = guarded(size);
        DWORD code = 0;

        WNetSetLastErrorA(4711, text, text);
        EXPECT_CODE(NO_ERROR, WNetGetLastErrorA(&code, size ? buffer : NULL, size, NULL, 0));
        cr_expect_eq(code, 4711);
        if (size)
            cr_expect_str_eq(buffer, cuts[size], "size %u: \"%s\"", size, buffer);
        buffer = guarded(size);
        EXPECT_CODE(NO_ERROR, WNetGetLastError(&code, NULL, 0, size ? buffer : NULL, size));
        if (size)
            cr_expect_str_eq(buffer, cuts[size]);
    }
    for (DWORD size = 0; size < COUNT(wide_lengths); size++) {
        WCHAR *buffer = guarded(size * sizeof *buffer);
        DWORD code, length = wide_lengths[size];

        EXPECT_CODE(NO_ERROR, WNetGetLastErrorW(&code, buffer, size, NULL, 0));
        if (!size)
            continue;
        cr_expect_eq(buffer[length], 0, "size %u", size);
        cr_expect_eq(memcmp(buffer, units, length * sizeof *buffer), 0);
        buffer = guarded(size * sizeof *buffer);
        EXPECT_CODE(NO_ERROR, WNetGetLastErrorW(&code, NULL, 0, buffer, size));
        cr_expect_eq(buffer[length], 0, "size %u", size);
    }
}

static DWORD enum_resource(bool is_wide, HANDLE list, DWORD *count, void *buffer, DWORD *size) {
    return is_wide ? WNetEnumResourceW(list, count, buffer, size)
                   : WNetEnumResourceA(list, count, buffer, size);
}

static HANDLE open_list(void) {
    HANDLE list;

    cr_assert_eq(WNetOpenEnumA(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &list), NO_ERROR);
    return list;
}

/*
 * What one entry needs is told, and is enough, and one byte less is not; however
 * odd the number is. The buffer is before the guard where its alignment allows.
 */
static void every_enum_size(bool is_wide) {
    HANDLE list = open_list();
    DWORD needs = 0, count = 1;

    cr_assert_eq(enum_resource(is_wide, list, &count, guarded(8), &needs), ERROR_MORE_DATA);
    cr_expect_gt(needs, sizeof(NETRESOURCEA));
    for (DWORD size = 0; size <= needs + 1; size++) {
        size_t aligned = (size + 7u) & ~7u;
        char *buffer = guarded(aligned);
        DWORD given = size;
        bool fits = size >= needs;

        count = UINT32_MAX;
        EXPECT_CODE(fits ? NO_ERROR : ERROR_MORE_DATA,
                    enum_resource(is_wide, list, &count, buffer, &given));
        cr_expect_eq(given, fits ? size : needs);
        cr_expect_eq(count, fits ? 1 : UINT32_MAX);
        cr_expect(is_untouched(buffer, fits ? size : 0, aligned), "size %u", size);
        if (fits) {
            cr_assert_eq(WNetCloseEnum(list), NO_ERROR);
            list = open_list();
        }
    }
    WNetCloseEnum(list);
}

Test(sizes, entries) {
    static const char *const names[] = {"\\\\memory\\a", "\\\\memory\\ab", "\\\\memory\\\xc3\xa9"};

    for (size_t i = 0; i < 2 * COUNT(names); i++) {
        const char *name = names[i / 2];

        cr_assert_eq(add(i % 2 ? "Z:" : NULL, name, 0), NO_ERROR);
        every_enum_size(false);
        every_enum_size(true);
        cr_assert_eq(WNetCancelConnection2A(name, 0, FALSE), NO_ERROR);
    }
}
