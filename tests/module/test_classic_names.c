/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_classic_names.c: what classic providers say of names and connections:
 * one that says it well, and one whose answers are not what they should be.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

static void begin_good(void) {
    world_make();
    world_classic("10-good", "\"provider_name\": \"Good Network\"");
    world_memory("\"shares\": \"demo\"");
    world_start();
}

static void begin_bad(void) {
    world_make();
    world_classic("10-lists", "");
    world_start();
}

TestSuite(classic_names, .timeout = 60, .init = begin_good, .fini = world_end);
TestSuite(classic_names_bad, .timeout = 60, .init = begin_bad, .fini = world_end);

static char room[8192] __attribute__((aligned(16)));

static void redirect(const char *file, const char *local, const char *remote) {
    void (*fn)(const char *, const char *, const char *);
    void *found = world_classic_symbol(file, "classic_redirect");

    memcpy(&fn, &found, sizeof fn);
    fn(local, remote, "else");
}

static const char *universal(const char *path) {
    DWORD size = sizeof room;
    DWORD rc = WNetGetUniversalNameA(path, UNIVERSAL_NAME_INFO_LEVEL, room, &size);

    if (rc == NO_ERROR)
        return ((const UNIVERSAL_NAME_INFOA *)(void *)room)->lpUniversalName;
    snprintf(room, sizeof room, "%u", rc);
    return room;
}

Test(classic_names, universal) {
    const REMOTE_NAME_INFOA *info = (void *)room;
    DWORD size = sizeof room;

    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\pub", 0));
    cr_expect_str_eq(universal("Z:"), "\\\\CLASSIC1\\pub");
    cr_expect_str_eq(universal("z:\\dir\\a b"), "\\\\CLASSIC1\\pub\\dir\\a b");
    EXPECT_CODE(NO_ERROR, WNetGetUniversalNameA("Z:\\dir", REMOTE_NAME_INFO_LEVEL, room, &size));
    cr_expect_str_eq(info->lpConnectionName, "\\\\CLASSIC1\\pub");
    cr_expect_str_eq(info->lpRemainingPath, "\\dir");
    cr_expect_str_eq(universal("Z:\\bad"), "1200");
    EXPECT_WORDS("NPGetUniversalName");
}

/* Of a drive that another program connected, too. */
Test(classic_names, universal_of_its_own_connections) {
    redirect("10-good", "K:", "\\\\CLASSIC1\\docs");
    cr_expect_str_eq(universal("K:\\dir"), "\\\\CLASSIC1\\docs\\dir");
    redirect("10-good", "L:", "\\\\CLASSIC1\\asleep");
    cr_expect_str_eq(universal("L:\\dir"), "1201");
    cr_expect_str_eq(universal("M:\\dir"), "2250");
}

static const char *format(const char *remote, DWORD flags) {
    DWORD size = sizeof room;
    DWORD rc = WNetFormatNetworkNameA(NULL, remote, room, &size, flags, 0);

    if (rc != NO_ERROR)
        snprintf(room, sizeof room, "%u", rc);
    return room;
}

Test(classic_names, format) {
    cr_expect_str_eq(format("\\\\CLASSIC1\\pub", WNFMT_ABBREVIATED), "pub");
    cr_expect_str_eq(format("\\\\CLASSIC1\\pub", 0), "\\\\CLASSIC1\\pub");
    cr_expect_str_eq(format("\\\\OTHER\\pub", 0), "\\\\OTHER\\pub");
}

static DWORD parent(const char *remote, const char *provider) {
    NETRESOURCEA resource = {.lpRemoteName = (char *)(uintptr_t)remote,
                             .lpProvider = (char *)(uintptr_t)provider};
    DWORD size = sizeof room;

    return WNetGetResourceParentA(&resource, room, &size);
}

static DWORD information(const char *remote, DWORD type, char **rest) {
    NETRESOURCEA resource = {.lpRemoteName = (char *)(uintptr_t)remote, .dwType = type};
    DWORD size = sizeof room;

    return WNetGetResourceInformationA(&resource, room, &size, rest);
}

Test(classic_names, parents) {
    const NETRESOURCEA *entry = (void *)room;

    EXPECT_CODE(NO_ERROR, parent("\\\\CLASSIC1\\pub", "Good Network"));
    cr_expect_str_eq(entry->lpRemoteName, "\\\\CLASSIC1");
    cr_expect_str_eq(entry->lpProvider, "Good Network");
    EXPECT_CODE(NO_ERROR, parent("\\\\CLASSIC1", "Good Network"));
    cr_expect_null(entry->lpRemoteName);
    EXPECT_CODE(ERROR_BAD_NET_NAME, parent("\\\\OTHER\\pub", "Good Network"));
    EXPECT_WORDS("NPGetResourceParent");
}

Test(classic_names, information) {
    const NETRESOURCEA *entry = (void *)room;
    char *rest;

    EXPECT_CODE(NO_ERROR, information("\\\\CLASSIC1\\pub\\dir\\file", 0, &rest));
    cr_expect_str_eq(entry->lpRemoteName, "\\\\CLASSIC1\\pub");
    cr_expect_str_eq(rest, "\\dir\\file");
    EXPECT_CODE(NO_ERROR, information("\\\\CLASSIC1\\pub", 0, &rest));
    cr_expect_null(rest);
    EXPECT_CODE(ERROR_BAD_DEV_TYPE, information("\\\\CLASSIC1\\pub", RESOURCETYPE_PRINT, &rest));
    /* "Not mine" goes on to the next. */
    EXPECT_CODE(NO_ERROR, information("\\\\memory\\demo", 0, &rest));
    cr_expect_neq(strcmp(entry->lpProvider, "Good Network"), 0);
}

static DWORD measure(const char *local, const char *remote, NETCONNECTINFOSTRUCT *info) {
    NETRESOURCEA resource = {.lpLocalName = (char *)(uintptr_t)local,
                             .lpRemoteName = (char *)(uintptr_t)remote};

    *info = (NETCONNECTINFOSTRUCT){.cbStructure = sizeof *info};
    return MultinetGetConnectionPerformanceA(&resource, info);
}

Test(classic_names, performance) {
    NETCONNECTINFOSTRUCT info;

    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\CLASSIC1\\pub", 0));
    EXPECT_CODE(NO_ERROR, measure("Z:", NULL, &info));
    cr_expect_eq(info.dwFlags, WNCON_NOTROUTED, "0x%x", info.dwFlags);
    cr_expect_eq(info.dwSpeed, 10000);
    cr_expect_eq(info.dwDelay, 3);
    cr_expect_eq(info.dwOptDataSize, 65536);
    EXPECT_CODE(NO_ERROR, measure(NULL, "\\\\classic1\\PUB\\dir", &info));
}

/* Options go to the newest form only, and who he is with them. */
Test(classic_names, options) {
    int *options = world_classic_symbol("10-good", "classic_options");
    NETRESOURCEA resource = {.lpLocalName = (char *)(uintptr_t) "Z:",
                             .lpRemoteName = (char *)(uintptr_t) "\\\\CLASSIC1\\secret"};
    unsigned char user[] = "me", password[] = "right";
    SEC_WINNT_AUTH_IDENTITY_A identity = {.User = user,
                                          .UserLength = 2,
                                          .Password = password,
                                          .PasswordLength = 5,
                                          .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    BYTE bytes[] = {1, 2, 3};
    char name[64];
    DWORD size = sizeof name;

    EXPECT_CODE(NO_ERROR, WNetAddConnection4A(NULL, &resource, &identity, sizeof identity, 0, bytes,
                                              sizeof bytes));
    cr_expect_eq(*options, 3);
    EXPECT_CODE(NO_ERROR, WNetGetUserA("Z:", name, &size));
    cr_expect_str_eq(name, "me");
    resource.lpLocalName = (char *)(uintptr_t) "Y:";
    resource.lpRemoteName = (char *)(uintptr_t) "\\\\CLASSIC1\\pub";
    EXPECT_CODE(NO_ERROR, WNetAddConnection4A(NULL, &resource, NULL, 0, 0, bytes, sizeof bytes));
    cr_expect_eq(*options, 3);
    resource.lpLocalName = (char *)(uintptr_t) "X:";
    EXPECT_CODE(NO_ERROR, WNetAddConnection4A(NULL, &resource, NULL, 0, 0, NULL, 0));
    cr_expect_eq(*options, -1);
}

Test(classic_names_bad, answers) {
    NETCONNECTINFOSTRUCT info;
    char *rest;

    EXPECT_CODE(NO_ERROR, add(NULL, "\\\\LISTS\\x", 0));
    EXPECT_CODE(ERROR_UNEXP_NET_ERR, measure(NULL, "\\\\LISTS\\x", &info));
    EXPECT_WORDS("behind a buffer");
    redirect("10-lists", "K:", "\\\\LISTS\\x");
    cr_expect_str_eq(universal("K:\\dir"), "59");
    EXPECT_WORDS("NPGetUniversalName");
    EXPECT_CODE(ERROR_UNEXP_NET_ERR, parent("\\\\LISTS\\x", "lists"));
    EXPECT_WORDS("pointer");
    EXPECT_CODE(ERROR_UNEXP_NET_ERR, information("\\\\LISTS\\outside\\dir", 0, &rest));
    EXPECT_WORDS("rest");
    EXPECT_CODE(ERROR_UNEXP_NET_ERR, information("\\\\LISTS\\x\\dir", 0, &rest));
    EXPECT_WORDS("rest");
    cr_expect_str_eq(format("\\\\LISTS\\x", 0), "\\\\LISTS\\x");
}
