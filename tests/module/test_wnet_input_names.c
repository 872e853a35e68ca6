/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_input_names.c: bad input to the functions that ask about names,
 * connections and providers: the documented code, and nothing changed; and every
 * size of a buffer, with memory that cannot be touched right behind it.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define TEXT(text)   ((LPSTR)(uintptr_t)(text))
#define OVERLONG     32767
#define UNTOUCHED    0x5A
#define FORMS        3 /* A, W, bare */
#define HELD         "\\\\memory\\h\xc3\xa9ld"

static char overlong[OVERLONG + 1], overlong_name[OVERLONG + 1];
static WCHAR lone[] = {'Z', ':', '\\', 0xD800, 'x', 0};
static char *guard_end; /* what is from here on kills who touches it */
static size_t room;

static void begin(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(pages, MAP_FAILED);
    cr_assert_eq(mprotect(pages + page, page, PROT_NONE), 0);
    guard_end = pages + page;
    room = page;
    memset(overlong, 'x', OVERLONG);
    memset(overlong_name, 'x', OVERLONG);
    memcpy(overlong_name, "\\\\memory\\demo\\", strlen("\\\\memory\\demo\\"));
    world_begin("\"shares\": \"demo,h\\u00e9ld\"");
    cr_assert_eq(add("H:", HELD, CONNECT_UPDATE_PROFILE), NO_ERROR);
}

/* Whatever was asked, only what was there before is there. */
static void end(void) {
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1, "connections were changed");
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1, "the profile was changed");
    cr_expect_str_eq(remote_of("H:"), HELD);
    munmap(guard_end - room, 2 * room);
    world_end();
}

TestSuite(input_names, .timeout = 60, .init = begin, .fini = end);

/* A buffer of so many bytes before the guard, filled. */
static void *guarded(size_t size) {
    memset(guard_end - room, UNTOUCHED, room);
    return guard_end - size;
}

static bool is_untouched(const void *buffer, size_t size) {
    const char *bytes = buffer;

    for (size_t i = 0; i < size; i++)
        if (bytes[i] != UNTOUCHED)
            return false;
    return true;
}

/* --- one shape for all that fill a buffer --- */

/* Everything that a function may be given. A function takes what it has arguments for. */
struct given {
    const char *name, *provider; /* of device, path or resource */
    LPCWSTR wide_name, wide_provider;
    DWORD number; /* level, kind of network, flags */
    void *buffer;
    LPDWORD size;
};

struct function {
    const char *name;
    size_t unit; /* of the size */
    DWORD (*call)(const struct given *given);
};

#define RESOURCE_A                                                                                 \
    &(NETRESOURCEA) {                                                                              \
        .dwType = given->number, .lpRemoteName = TEXT(given->name),                                \
        .lpProvider = TEXT(given->provider)                                                        \
    }
#define RESOURCE_W                                                                                 \
    &(NETRESOURCEW) {                                                                              \
        .dwType = given->number, .lpRemoteName = (LPWSTR)(uintptr_t)given->wide_name,              \
        .lpProvider = (LPWSTR)(uintptr_t)given->wide_provider                                      \
    }
#define BUFFER given->buffer, given->size

static LPSTR rest;
static LPWSTR wide_rest;

#define CALL(function, ...)                                                                        \
    static DWORD call_##function(const struct given *given) {                                      \
        return function(__VA_ARGS__);                                                              \
    }

CALL(WNetGetUniversalNameA, given->name, given->number, BUFFER)
CALL(WNetGetUniversalNameW, given->wide_name, given->number, BUFFER)
CALL(WNetGetUniversalName, given->name, given->number, BUFFER)
CALL(WNetGetConnection2A, given->name, BUFFER)
CALL(WNetGetConnection2W, given->wide_name, BUFFER)
CALL(WNetGetConnection2, given->name, BUFFER)
CALL(WNetGetConnection3A, given->name, given->number, BUFFER)
CALL(WNetGetConnection3W, given->wide_name, given->number, BUFFER)
CALL(WNetGetConnection3, given->name, given->number, BUFFER)
CALL(WNetGetResourceInformationA, RESOURCE_A, BUFFER, &rest)
CALL(WNetGetResourceInformationW, RESOURCE_W, BUFFER, &wide_rest)
CALL(WNetGetResourceInformation, RESOURCE_A, BUFFER, &rest)
CALL(WNetGetResourceParentA, RESOURCE_A, BUFFER)
CALL(WNetGetResourceParentW, RESOURCE_W, BUFFER)
CALL(WNetGetResourceParent, RESOURCE_A, BUFFER)
CALL(WNetGetProviderNameA, given->number, BUFFER)
CALL(WNetGetProviderNameW, given->number, BUFFER)
CALL(WNetGetProviderName, given->number, BUFFER)
CALL(WNetFormatNetworkNameA, given->provider, given->name, BUFFER, given->number, 5)
CALL(WNetFormatNetworkNameW, given->wide_provider, given->wide_name, BUFFER, given->number, 5)
CALL(WNetFormatNetworkName, given->provider, given->name, BUFFER, given->number, 5)

#define ROW(function, unit)                                                                        \
    { #function, unit, call_##function }
#define THREE(function, unit, wide_unit)                                                           \
    { ROW(function##A, unit), ROW(function##W, wide_unit), ROW(function, unit) }

static const struct function universal[FORMS] = THREE(WNetGetUniversalName, 1, 1);
static const struct function connection2[FORMS] = THREE(WNetGetConnection2, 1, 1);
static const struct function connection3[FORMS] = THREE(WNetGetConnection3, 1, 1);
static const struct function information[FORMS] = THREE(WNetGetResourceInformation, 1, 1);
static const struct function parent[FORMS] = THREE(WNetGetResourceParent, 1, 1);
static const struct function provider_name[FORMS] = THREE(WNetGetProviderName, 1, sizeof(WCHAR));
static const struct function format[FORMS] = THREE(WNetFormatNetworkName, 1, sizeof(WCHAR));

static void expect(const struct function *function, const struct given *given, DWORD code) {
    DWORD got = function->call(given);

    expect_code(got, code, function->name, given->name ? given->name : "NULL", (int)given->number);
}

/* The three forms fail in the same way, and write nothing. */
static void expect_all(const struct function *functions, const char *name, const char *provider,
                       DWORD number, DWORD code) {
    for (size_t i = 0; i < FORMS; i++) {
        DWORD size = (DWORD)room;
        struct given given = {name, provider, wide(name), wide(provider), number, NULL, &size};

        given.buffer = guarded(room);
        given.size = &size;
        rest = TEXT("before");
        wide_rest = wide("before");
        expect(&functions[i], &given, code);
        cr_expect_eq(size, room);
        cr_expect(is_untouched(given.buffer, room), "%s wrote", functions[i].name);
        cr_expect_str_eq(rest, "before");
        cr_expect_eq(wide_rest[0], u'b');
    }
}

/* Text that is none, of the functions that take some. */
static void expect_no_text(const struct function *functions, DWORD number) {
    DWORD size = (DWORD)room;

    for (size_t i = 0; i < FORMS; i++) {
        struct given given = {"Z:\\\xff", NULL, lone, NULL, number, guarded(room), &size};

        expect(&functions[i], &given, ERROR_NO_UNICODE_TRANSLATION);
        cr_expect(is_untouched(given.buffer, room));
    }
    cr_expect_eq(size, room);
}

/* --- every size --- */

/* Pointers in the result point into it. */
static void check_pointers(const char *buffer, size_t size, size_t pointers, size_t at) {
    for (size_t i = 0; i < pointers; i++) {
        const char *text;

        memcpy(&text, buffer + at + i * sizeof text, sizeof text);
        cr_expect(!text || (text >= buffer && text < buffer + size));
    }
}

struct shape {
    size_t pointers, at; /* in the structure, and where the first is */
    DWORD code;          /* with room enough */
    bool null_asks;      /* NULL with size 0 asks for the size */
};

/* A structure's buffer begins where a pointer may stand, so it ends before the guard by less. */
static void every_size_of(const struct function *function, struct given given,
                          const struct shape *shape) {
    DWORD needs = 0, size;
    size_t slack = shape->pointers ? sizeof(void *) - 1 : 0;

    given.buffer = shape->null_asks ? NULL : guarded(8);
    given.size = &needs;
    expect(function, &given, ERROR_MORE_DATA);
    cr_assert_gt(needs, 0);
    for (DWORD n = 0; n <= needs + 1; n++) {
        size_t bytes = (n * function->unit + slack) & ~slack;
        bool fits = n >= needs;
        char *buffer = guarded(bytes);

        size = n;
        given.size = &size;
        given.buffer = buffer;
        expect(function, &given, fits ? shape->code : ERROR_MORE_DATA);
        cr_expect_eq(size, fits ? n : needs, "%s: size %u became %u", function->name, n, size);
        if (fits)
            check_pointers(buffer, n * function->unit, shape->pointers, shape->at);
        cr_expect(is_untouched(fits ? buffer + needs * function->unit : buffer,
                               bytes - (fits ? needs * function->unit : 0)),
                  "%s: size %u", function->name, n);
    }
}

static void every_size(const struct function *functions, const char *name, DWORD number,
                       const struct shape *shape) {
    for (size_t i = 0; i < FORMS; i++)
        every_size_of(&functions[i],
                      (struct given){.name = name, .wide_name = wide(name), .number = number},
                      shape);
}

Test(input_names, every_size_of_a_buffer) {
    static const struct shape one = {1, 0, NO_ERROR, false}, more = {3, 0, NO_ERROR, false};
    static const struct shape info = {2, 0, NO_ERROR, true}, state = {0, 0, NO_ERROR, true};
    static const struct shape entry = {4, 16, NO_ERROR, false};
    DWORD type;

    every_size(universal, "H:\\\xf0\x9f\x98\x80\\a", UNIVERSAL_NAME_INFO_LEVEL, &one);
    every_size(universal, "H:\\\xf0\x9f\x98\x80\\ab", REMOTE_NAME_INFO_LEVEL, &more);
    every_size(universal, "H:", REMOTE_NAME_INFO_LEVEL, &more);
    every_size(connection2, "H:", 0, &info);
    every_size(connection3, "H:", 1, &state);
    every_size(information, "\\\\memory\\demo\\\xc3\xa9t", 0, &entry);
    every_size(information, HELD, 0, &entry);
    every_size(parent, HELD, 0, &entry);
    every_size(parent, "\\\\memory", 0, &entry);
    cr_assert_eq(WNetGetProviderTypeA("memory", &type), NO_ERROR);
    every_size(provider_name, NULL, type, &state);
    every_size(format, HELD, WNFMT_MULTILINE, &state);
    every_size(format, HELD, WNFMT_ABBREVIATED, &state);
}

Test(input_names, every_size_for_a_remembered_connection) {
    static const struct shape info = {2, 0, ERROR_CONNECTION_UNAVAIL, true};

    cr_assert_eq(WNetCancelConnection2A("H:", 0, FALSE), NO_ERROR);
    every_size(connection2, "H:", 0, &info);
    cr_assert_eq(add("H:", HELD, 0), NO_ERROR);
}

/* --- names that are none --- */

static const char *const no_devices[] = {
    "",       "Z",        "ZZ:",  "@:",    "[:",    "1:",   ":",    " Z:",    "Z: ",
    "Z:\n",   "LPT",      "LPT0", "LPT10", "LPT1x", "LPT:", "COM1", "\x01",   "\xc3\xa9:",
    "LPT1\\", "LPT1:\\x", "\\",   "*",     "-",     "Z::",  HELD,   overlong, overlong_name,
};

Test(input_names, what_is_no_device) {
    for (size_t i = 0; i < COUNT(no_devices); i++) {
        const char *name = no_devices[i];

        expect_all(universal, name, NULL, UNIVERSAL_NAME_INFO_LEVEL, ERROR_BAD_DEVICE);
        expect_all(universal, name, NULL, REMOTE_NAME_INFO_LEVEL, ERROR_BAD_DEVICE);
        expect_all(connection2, name, NULL, 0, ERROR_BAD_DEVICE);
        expect_all(connection3, name, NULL, 1, ERROR_BAD_DEVICE);
    }
    expect_all(universal, "H:x", NULL, 1, ERROR_BAD_DEVICE);
    expect_all(connection2, "H:\\", NULL, 0, ERROR_BAD_DEVICE);
    expect_all(connection3, "H:\\x", NULL, 1, ERROR_BAD_DEVICE);
    expect_all(universal, "X:\\x", NULL, 1, ERROR_NOT_CONNECTED);
    expect_all(connection2, "X:", NULL, 0, ERROR_NOT_CONNECTED);
    expect_all(connection3, "lpt1:", NULL, 1, ERROR_NOT_CONNECTED);
}

Test(input_names, what_is_no_level) {
    static const DWORD levels[] = {0, 3, 4, 0x80000001, UINT32_MAX};

    for (size_t i = 0; i < COUNT(levels); i++) {
        expect_all(universal, "H:\\x", NULL, levels[i], ERROR_INVALID_PARAMETER);
        expect_all(universal, "nothing", NULL, levels[i], ERROR_INVALID_PARAMETER);
        expect_all(connection3, "H:", NULL, levels[i], ERROR_INVALID_LEVEL);
    }
    expect_all(connection3, "H:", NULL, 2, ERROR_INVALID_LEVEL);
}

static const struct {
    const char *remote, *provider;
    DWORD code;
} no_resources[] = {
    {NULL, NULL, ERROR_INVALID_PARAMETER},
    {"", NULL, ERROR_BAD_NET_NAME},
    {"x", NULL, ERROR_BAD_NET_NAME},
    {"Z:", NULL, ERROR_BAD_NET_NAME},
    {"\\", NULL, ERROR_BAD_NET_NAME},
    {"\\\\", "", ERROR_BAD_NET_NAME},
    {"\\\\memory\\de\nmo", NULL, ERROR_BAD_NET_NAME},
    {"\\\\memory\\demo\x7f", "memory", ERROR_BAD_NET_NAME},
    {overlong, NULL, ERROR_BAD_NET_NAME},
    {overlong_name, NULL, ERROR_BAD_NET_NAME},
    {HELD, "x", ERROR_BAD_PROVIDER},
    {HELD, " memory", ERROR_BAD_PROVIDER},
    {HELD, overlong, ERROR_BAD_PROVIDER},
};

Test(input_names, what_is_no_resource) {
    static const DWORD types[] = {4, 5, RESOURCETYPE_RESERVED, RESOURCETYPE_UNKNOWN};

    for (size_t i = 0; i < COUNT(no_resources); i++) {
        expect_all(information, no_resources[i].remote, no_resources[i].provider, 0,
                   no_resources[i].code);
        expect_all(parent, no_resources[i].remote, no_resources[i].provider, UINT32_MAX,
                   no_resources[i].code);
    }
    for (size_t i = 0; i < COUNT(types); i++)
        expect_all(information, HELD, NULL, types[i], ERROR_BAD_DEV_TYPE);
    expect_all(information, HELD, NULL, RESOURCETYPE_PRINT, ERROR_BAD_DEV_TYPE);
    expect_all(information, "\\\\memory\\nosuch", NULL, 0, ERROR_BAD_NET_NAME);
}

Test(input_names, formats_that_are_none) {
    for (unsigned bit = 0; bit < 32; bit++)
        if (((1u << bit) & (WNFMT_MULTILINE | WNFMT_ABBREVIATED | WNFMT_INENUM | WNFMT_CONNECTION))
            == 0)
            expect_all(format, HELD, NULL, 1u << bit, ERROR_INVALID_PARAMETER);
    expect_all(format, HELD, NULL, WNFMT_MULTILINE | WNFMT_ABBREVIATED, ERROR_INVALID_PARAMETER);
    expect_all(format, HELD, "x", 0, ERROR_BAD_PROVIDER);
    expect_all(format, "", overlong, 0, ERROR_BAD_PROVIDER);
}

/* No name is wrong to look at. */
Test(input_names, formats_of_what_is_no_name) {
    static char text[OVERLONG + 1];
    DWORD size = sizeof text;

    EXPECT_CODE(NO_ERROR, WNetFormatNetworkNameA(NULL, "", text, &size, WNFMT_INENUM, 1));
    cr_expect_str_eq(text, "");
    EXPECT_CODE(NO_ERROR, WNetFormatNetworkNameA(NULL, overlong, text, &size, 0, 1));
    cr_expect_str_eq(text, overlong);
    size = 0;
    EXPECT_CODE(ERROR_MORE_DATA,
                WNetFormatNetworkNameA(NULL, overlong, NULL, &size, WNFMT_MULTILINE, 1));
    cr_expect_eq(size, 2 * OVERLONG);
}

Test(input_names, text_that_is_none) {
    NETCONNECTINFOSTRUCT speed = {.cbStructure = sizeof speed, .dwSpeed = 4711};
    NETINFOSTRUCT info = {.cbStructure = sizeof info, .dwDrives = 4711};
    DWORD type = 4711;

    expect_no_text(universal, UNIVERSAL_NAME_INFO_LEVEL);
    expect_no_text(connection2, 0);
    expect_no_text(connection3, 1);
    expect_no_text(information, 0);
    expect_no_text(parent, 0);
    expect_no_text(format, 0);
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, WNetGetProviderTypeA("\xc0\x80", &type));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, WNetGetProviderTypeW(lone, &type));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, WNetGetNetworkInformationA("\xff", &info));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, WNetGetNetworkInformationW(lone, &info));
    cr_expect_eq(WNetSupportGlobalEnum("\xff"), FALSE);
    cr_expect_eq(MprGetLastError(), ERROR_NO_UNICODE_TRANSLATION);
    EXPECT_CODE(
        ERROR_NO_UNICODE_TRANSLATION,
        MultinetGetConnectionPerformanceA(&(NETRESOURCEA){.lpLocalName = TEXT("\xff")}, &speed));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION,
                MultinetGetConnectionPerformanceW(&(NETRESOURCEW){.lpLocalName = lone}, &speed));
    cr_expect_eq(type, 4711);
    cr_expect_eq(info.dwDrives, 4711);
    cr_expect_eq(speed.dwSpeed, 4711);
}

/* --- pointers --- */

/* The size is looked at first of all, the buffer once it is known to whom it would go. */
Test(input_names, buffers_that_are_null) {
    static const struct {
        const struct function *functions;
        const char *name, *unknown;
        DWORD number, code;
        bool asks;
    } rows[] = {
        {universal, "H:", "X:", 1, ERROR_NOT_CONNECTED, false},
        {universal, "H:\\x", "x", 2, ERROR_BAD_DEVICE, false},
        {connection2, "H:", "X:", 0, ERROR_NOT_CONNECTED, true},
        {connection3, "H:", "X:", 1, ERROR_NOT_CONNECTED, true},
        {information, HELD, "x", 0, ERROR_INVALID_ADDRESS, false},
        {parent, HELD, "x", 0, ERROR_INVALID_ADDRESS, false},
        {format, HELD, HELD, 0, ERROR_INVALID_ADDRESS, true},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t f = 0; f < FORMS; f++) {
            const struct function *function = &rows[i].functions[f];
            DWORD size = 1000, none = 0;
            struct given given = {.name = rows[i].name, .wide_name = wide(rows[i].name)};

            given.number = rows[i].number;
            given.buffer = guarded(room);
            expect(function, &given, ERROR_INVALID_ADDRESS);
            given.name = rows[i].unknown;
            given.wide_name = wide(rows[i].unknown);
            expect(function, &given, ERROR_INVALID_ADDRESS);
            given.size = &size;
            given.buffer = NULL;
            expect(function, &given, rows[i].code);
            given.name = rows[i].name;
            given.wide_name = wide(rows[i].name);
            expect(function, &given, ERROR_INVALID_ADDRESS);
            given.size = &none;
            expect(function, &given, rows[i].asks ? ERROR_MORE_DATA : ERROR_INVALID_ADDRESS);
            cr_expect_eq(size, 1000);
            cr_expect_eq(none != 0, rows[i].asks);
        }
}

Test(input_names, other_pointers_that_must_be_there) {
    NETCONNECTINFOSTRUCT speed = {.cbStructure = sizeof speed};
    NETINFOSTRUCT info = {.cbStructure = sizeof info};
    NETRESOURCEA a = {.lpLocalName = TEXT("H:"), .lpRemoteName = TEXT(HELD)};
    NETRESOURCEW w = {.lpLocalName = wide("H:"), .lpRemoteName = wide(HELD)};
    DWORD size = (DWORD)room, type;
    void *buffer = guarded(room);

    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetUniversalNameA(NULL, 1, buffer, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetUniversalNameW(NULL, 1, buffer, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetConnection2A(NULL, buffer, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetConnection2W(NULL, buffer, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetConnection3A(NULL, 1, buffer, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetConnection3W(NULL, 1, buffer, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetFormatNetworkNameA("memory", NULL, buffer, &size, 0, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetFormatNetworkNameW(NULL, NULL, buffer, &size, 0, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetResourceInformationA(NULL, buffer, &size, &rest));
    EXPECT_CODE(ERROR_INVALID_ADDRESS,
                WNetGetResourceInformationW(NULL, buffer, &size, &wide_rest));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetResourceInformationA(&a, buffer, &size, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetResourceInformationW(&w, buffer, &size, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetResourceParentA(NULL, buffer, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetResourceParentW(NULL, buffer, &size));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetProviderNameA(0x20000, buffer, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetProviderNameW(0x20000, buffer, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetProviderTypeA(NULL, &type));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetProviderTypeW(u"memory", NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetNetworkInformationA(NULL, &info));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, WNetGetNetworkInformationW(u"memory", NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MultinetGetConnectionPerformanceA(NULL, &speed));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MultinetGetConnectionPerformanceW(NULL, &speed));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MultinetGetConnectionPerformanceA(&a, NULL));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MultinetGetConnectionPerformanceW(&w, NULL));
    cr_expect_eq(WNetSupportGlobalEnum(NULL), FALSE);
    cr_expect_eq(MprGetLastError(), ERROR_INVALID_ADDRESS);
    cr_expect(is_untouched(buffer, room));
    cr_expect_eq(size, room);
}

/* --- structures with a size of their own, the guard right behind what it says --- */

Test(input_names, every_size_of_a_structure) {
    NETRESOURCEA a = {.lpLocalName = TEXT("H:")};
    NETRESOURCEW w = {.lpLocalName = wide("H:")};

    for (DWORD size = 4; size <= 64; size += 4) {
        NETCONNECTINFOSTRUCT *speed = guarded(size);
        DWORD code = size < sizeof *speed ? ERROR_INVALID_PARAMETER : NO_ERROR;

        speed->cbStructure = size;
        EXPECT_CODE(code, MultinetGetConnectionPerformanceA(&a, speed));
        EXPECT_CODE(code, MultinetGetConnectionPerformanceW(&w, speed));
        EXPECT_CODE(code, MultinetGetConnectionPerformance(&a, speed));
        cr_expect_eq(speed->cbStructure, size);
        cr_expect(is_untouched(&speed->dwFlags, code ? size - 4 : 0));
    }
    for (DWORD size = 8; size <= 80; size += 8) {
        NETINFOSTRUCT *info = guarded(size);
        DWORD code = size < sizeof *info ? ERROR_INVALID_PARAMETER : NO_ERROR;

        info->cbStructure = size;
        EXPECT_CODE(code, WNetGetNetworkInformationA("memory", info));
        cr_expect_eq(info->cbStructure, code ? size : sizeof *info);
        cr_expect(is_untouched(&info->dwProviderVersion, code ? size - 4 : 0));
        info->cbStructure = size;
        EXPECT_CODE(code, WNetGetNetworkInformationW(u"memory", info));
        info->cbStructure = size;
        EXPECT_CODE(code, WNetGetNetworkInformation("memory", info));
    }
    for (DWORD size = 0; size < sizeof(NETINFOSTRUCT); size++) {
        NETINFOSTRUCT info = {.cbStructure = size};
        NETCONNECTINFOSTRUCT speed = {.cbStructure = size};

        EXPECT_CODE(ERROR_INVALID_PARAMETER, WNetGetNetworkInformationA("memory", &info));
        if (size < sizeof speed)
            EXPECT_CODE(ERROR_INVALID_PARAMETER, MultinetGetConnectionPerformanceA(&a, &speed));
    }
}

Test(input_names, what_is_not_measured) {
    static const struct {
        const char *local, *remote, *provider;
        DWORD code;
    } rows[] = {
        {NULL, NULL, NULL, ERROR_BAD_NET_NAME},
        {"", "", "x", ERROR_BAD_NET_NAME},
        {"Z", NULL, NULL, ERROR_BAD_DEVICE},
        {"H:\\", HELD, NULL, ERROR_BAD_DEVICE},
        {overlong, NULL, NULL, ERROR_BAD_DEVICE},
        {"X:", HELD, NULL, ERROR_NOT_CONNECTED},
        {NULL, "\\\\memory\\demo", NULL, ERROR_NOT_CONNECTED},
        {NULL, "x", NULL, ERROR_BAD_NET_NAME},
        {NULL, "\x01", NULL, ERROR_BAD_NET_NAME},
        {NULL, overlong, NULL, ERROR_BAD_NET_NAME},
        {NULL, overlong_name, NULL, ERROR_BAD_NET_NAME},
        {"H:", NULL, "x", ERROR_BAD_PROVIDER},
        {NULL, HELD, overlong, ERROR_BAD_PROVIDER},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        NETCONNECTINFOSTRUCT speed = {.cbStructure = sizeof speed, .dwSpeed = 4711};
        NETRESOURCEA a = {.lpLocalName = TEXT(rows[i].local),
                          .lpRemoteName = TEXT(rows[i].remote),
                          .lpProvider = TEXT(rows[i].provider)};
        NETRESOURCEW w = {.lpLocalName = wide(rows[i].local),
                          .lpRemoteName = wide(rows[i].remote),
                          .lpProvider = wide(rows[i].provider)};

        EXPECT_CODE(rows[i].code, MultinetGetConnectionPerformanceA(&a, &speed));
        EXPECT_CODE(rows[i].code, MultinetGetConnectionPerformanceW(&w, &speed));
        EXPECT_CODE(rows[i].code, MultinetGetConnectionPerformance(&a, &speed));
        cr_expect_eq(speed.dwSpeed, 4711);
    }
}
