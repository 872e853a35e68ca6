/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_input_enum.c: bad input to the functions that list, in every scope: the
 * documented code from the A, the W and the bare form, and nothing changed; and
 * every size of buffer, whose end is the end of memory.
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
#define SCOPES       5
#define CONTAINER    RESOURCEUSAGE_CONTAINER
#define COUNT(array) (sizeof(array) / sizeof *(array))

static char overlong[OVERLONG + 1], long_name[OVERLONG + 1];

static void begin(void) {
    memset(overlong, 'x', OVERLONG);
    memset(long_name, 'x', OVERLONG);
    memcpy(long_name, "\\\\memory\\", strlen("\\\\memory\\"));
    world_begin("\"shares\": \"demo,held\", \"printers\": \"laser\"");
    cr_assert_eq(add("H:", "\\\\memory\\held", CONNECT_UPDATE_PROFILE), NO_ERROR);
    cr_assert_eq(add(NULL, "//memory/demo", CONNECT_UPDATE_RECENT), NO_ERROR);
}

/* Whatever was asked, what was there before is there. */
static void end(void) {
    cr_expect_eq(listed(RESOURCE_CONNECTED), 2);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
    cr_expect_eq(listed(RESOURCE_RECENT), 2);
    world_end();
}

TestSuite(input_enum, .timeout = 60, .init = begin, .fini = end);

static LPSTR mutable(const char *text) {
    return (LPSTR)(uintptr_t)text;
}

/* All three forms refuse it with one code, and give no handle. */
static void expect_open(DWORD code, DWORD scope, DWORD type, const NETRESOURCEA *row) {
    NETRESOURCEA a = row ? *row : (NETRESOURCEA){0};
    NETRESOURCEW w = {
        .dwUsage = a.dwUsage,
        .dwDisplayType = a.dwDisplayType,
        .lpLocalName = wide(a.lpLocalName),
        .lpRemoteName = wide(a.lpRemoteName),
        .lpComment = wide(a.lpComment),
        .lpProvider = wide(a.lpProvider),
    };
    HANDLE list = (HANDLE)4711;

    EXPECT_CODE(code, WNetOpenEnumA(scope, type, 0, row ? &a : NULL, &list));
    cr_expect_eq(list, (HANDLE)4711);
    EXPECT_CODE(code, WNetOpenEnumW(scope, type, 0, row ? &w : NULL, &list));
    cr_expect_eq(list, (HANDLE)4711);
    EXPECT_CODE(code, WNetOpenEnum(scope, type, 0, row ? &a : NULL, &list));
    cr_expect_eq(list, (HANDLE)4711);
}

Test(input_enum, scopes_and_types_that_are_none) {
    static const DWORD types[] = {4, 8, 0x10, 7, 0x80000000, RESOURCETYPE_UNKNOWN};

    expect_open(ERROR_INVALID_PARAMETER, 0, 0, NULL);
    expect_open(ERROR_INVALID_PARAMETER, SCOPES + 1, 0, NULL);
    expect_open(ERROR_INVALID_PARAMETER, UINT32_MAX, 0, NULL);
    for (DWORD scope = 1; scope <= SCOPES; scope++)
        for (size_t i = 0; i < COUNT(types); i++)
            expect_open(ERROR_INVALID_PARAMETER, scope, types[i], NULL);
}

Test(input_enum, nowhere_to_put_the_handle) {
    for (DWORD scope = 0; scope <= SCOPES + 1; scope++) {
        EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetOpenEnumA(scope, 0, 0, NULL, NULL));
        EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetOpenEnumW(scope, 0, 0, NULL, NULL));
        EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetOpenEnum(scope, 0, 0, NULL, NULL));
    }
}

Test(input_enum, providers_that_are_none) {
    static const char *const names[] = {"x",    " Memory Network", "Memory Network ", "memory.so",
                                        "\x01", "\\\\memory",      overlong};

    for (DWORD scope = 1; scope <= SCOPES; scope++)
        for (size_t i = 0; i < COUNT(names); i++) {
            const NETRESOURCEA row = {.lpProvider = mutable(names[i])};

            expect_open(ERROR_BAD_PROVIDER, scope, 0, &row);
        }
}

Test(input_enum, containers_that_are_none) {
    static const struct {
        const char *remote;
        DWORD usage, code;
    } rows[] = {
        {"x", CONTAINER, ERROR_BAD_NET_NAME},
        {"Z:", CONTAINER, ERROR_BAD_NET_NAME},
        {"H:", CONTAINER, ERROR_BAD_NET_NAME},
        {"\\", CONTAINER, ERROR_BAD_NET_NAME},
        {"\\\\", CONTAINER, ERROR_BAD_NET_NAME},
        {"\\\\nobody", CONTAINER, ERROR_BAD_NET_NAME},
        {"\\\\mem\nory", CONTAINER, ERROR_BAD_NET_NAME},
        {"\\\\memory\x7f", CONTAINER, ERROR_BAD_NET_NAME},
        {"Memory Network", CONTAINER, ERROR_BAD_NET_NAME},
        {overlong, CONTAINER, ERROR_BAD_NET_NAME},
        {long_name, CONTAINER, ERROR_BAD_NET_NAME},
        {"\\\\memory\\demo", CONTAINER, ERROR_NOT_CONTAINER},
        {"\\\\memory\\demo", 0, ERROR_NOT_CONTAINER},
        {"\\\\memory\\nosuch", CONTAINER, ERROR_NOT_CONTAINER},
        {"\\\\memory\\demo\\dir", CONTAINER, ERROR_NOT_CONTAINER},
        {"\\\\memory", RESOURCEUSAGE_CONNECTABLE, ERROR_NOT_CONTAINER},
        {"\\\\memory", ~(DWORD)CONTAINER, ERROR_NOT_CONTAINER},
        {overlong, RESOURCEUSAGE_CONNECTABLE, ERROR_NOT_CONTAINER},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        NETRESOURCEA row = {.dwUsage = rows[i].usage, .lpRemoteName = mutable(rows[i].remote)};

        expect_open(rows[i].code, RESOURCE_GLOBALNET, 0, &row);
        row.lpProvider = mutable("Memory Network");
        if (strcmp(rows[i].remote, "Memory Network") != 0)
            expect_open(rows[i].code, RESOURCE_GLOBALNET, 0, &row);
    }
}

Test(input_enum, what_is_no_unicode) {
    static const WCHAR half[] = {0xD800, 'x', 0};
    NETRESOURCEA a = {.lpRemoteName = mutable("\\\\memory\xff")};
    NETRESOURCEW w = {.lpRemoteName = (LPWSTR)(uintptr_t)half};
    HANDLE list = (HANDLE)4711;

    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, WNetOpenEnumA(RESOURCE_GLOBALNET, 0, 0, &a, &list));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, WNetOpenEnumW(RESOURCE_GLOBALNET, 0, 0, &w, &list));
    for (DWORD scope = 1; scope <= SCOPES; scope++) {
        a = (NETRESOURCEA){.lpProvider = mutable("\xc3")};
        w = (NETRESOURCEW){.lpProvider = (LPWSTR)(uintptr_t)half};
        EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, WNetOpenEnumA(scope, 0, 0, &a, &list));
        EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, WNetOpenEnumW(scope, 0, 0, &w, &list));
    }
    cr_expect_eq(list, (HANDLE)4711);
}

/* Where only lpProvider counts the rest may be anything, and dwUsage, too. */
Test(input_enum, what_does_not_count) {
    NETRESOURCEA row = {
        .dwScope = 4711,
        .dwType = 4711,
        .dwDisplayType = 4711,
        .dwUsage = RESOURCEUSAGE_CONNECTABLE,
        .lpLocalName = overlong,
        .lpRemoteName = mutable("\xff\xff"),
        .lpComment = overlong,
        .lpProvider = mutable("memory"),
    };
    HANDLE list;

    for (DWORD scope = 1; scope <= SCOPES; scope++) {
        if (scope == RESOURCE_GLOBALNET)
            continue;
        EXPECT_CODE(NO_ERROR, WNetOpenEnumA(scope, 3, 0x12345678, &row, &list));
        EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
    }
    row.lpRemoteName = mutable("");
    EXPECT_CODE(NO_ERROR, WNetOpenEnumA(RESOURCE_GLOBALNET, 0, 0x12345678, &row, &list));
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
}

/* --- every size of buffer --- */

static char *page_end(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(pages, MAP_FAILED);
    cr_assert_eq(mprotect(pages + page, page, PROT_NONE), 0);
    return pages + page;
}

static HANDLE open_scope(DWORD scope, const char *remote) {
    NETRESOURCEA row = {.dwUsage = CONTAINER, .lpRemoteName = mutable(remote)};
    HANDLE list = NULL;

    EXPECT_CODE(NO_ERROR, WNetOpenEnumA(scope, 0, 0, &row, &list));
    return list;
}

static DWORD read_one(bool is_wide, HANDLE list, void *buffer, DWORD *size) {
    DWORD count = 1;
    DWORD rc = is_wide ? WNetEnumResourceW(list, &count, buffer, size)
                       : WNetEnumResourceA(list, &count, buffer, size);

    cr_expect_eq(count, 1);
    return rc;
}

/* What the first entry needs: one byte less, and it is told; as much, and it fits. */
static void try_sizes(bool is_wide, DWORD scope, const char *remote, char *end) {
    HANDLE list = open_scope(scope, remote);
    DWORD needed = 0, size;

    EXPECT_CODE(ERROR_MORE_DATA, read_one(is_wide, list, end, &needed));
    cr_expect_geq(needed, sizeof(NETRESOURCEA));
    for (size = 0; size < needed; size += 1) {
        DWORD given = size;
        uintptr_t start = ((uintptr_t)end - size) & ~(uintptr_t)7;

        /* Alignment is the caller's duty: there may be up to seven bytes more of room. */
        EXPECT_CODE(ERROR_MORE_DATA, read_one(is_wide, list, (void *)start, &given));
        cr_expect_eq(given, needed, "scope %u, size %u", scope, size);
    }
    size = (needed + 7) & ~7u;
    EXPECT_CODE(NO_ERROR, read_one(is_wide, list, end - size, &size));
    cr_expect_eq(size, (needed + 7) & ~7u);
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
    list = open_scope(scope, remote);
    size = needed;
    EXPECT_CODE(NO_ERROR, read_one(is_wide, list, end - ((needed + 7) & ~7u), &size));
    cr_expect_eq(size, needed, "unchanged by success");
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
}

Test(input_enum, every_size) {
    char *end = page_end();

    for (int is_wide = 0; is_wide < 2; is_wide++) {
        for (DWORD scope = 1; scope <= SCOPES; scope++)
            try_sizes(is_wide, scope, NULL, end);
        try_sizes(is_wide, RESOURCE_GLOBALNET, "\\\\memory", end);
    }
}

/* In every scope: all entries once, whatever the size of the buffer. */
Test(input_enum, all_entries_with_every_size) {
    static const unsigned wanted[SCOPES + 1] = {0, 2, 3, 1, 2, 2};
    char *end = page_end();

    for (DWORD scope = 1; scope <= SCOPES; scope++)
        for (DWORD size = 192; size < 900; size += 8) {
            HANDLE list = open_scope(scope, scope == RESOURCE_GLOBALNET ? "\\\\memory" : NULL);
            DWORD count = UINT32_MAX, given = size, seen = 0, rc;

            while ((rc = WNetEnumResourceW(list, &count, end - size, &given)) == NO_ERROR) {
                cr_assert_gt(count, 0);
                cr_expect_eq(given, size);
                seen += count;
                count = UINT32_MAX;
            }
            cr_expect_eq(rc, ERROR_NO_MORE_ITEMS);
            cr_expect_eq(seen, wanted[scope], "scope %u, size %u: %u", scope, size, seen);
            EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
        }
}
