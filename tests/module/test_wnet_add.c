/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_add.c: connecting: which device, which type, remembered or not.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define A "\\\\memory\\a"
#define B "\\\\memory\\b"

static void begin(void) {
    world_begin("\"shares\": \"a,b\", \"printers\": \"laser\"");
}

TestSuite(add, .timeout = 60, .init = begin, .fini = world_end);

Test(add, a_device_has_one_connection) {
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    EXPECT_CODE(ERROR_ALREADY_ASSIGNED, add("Z:", B, 0));
    EXPECT_CODE(ERROR_ALREADY_ASSIGNED, add("z:", A, CONNECT_UPDATE_PROFILE));
    EXPECT_WORDS("Z:");
    EXPECT_CODE(NO_ERROR, add("Y:", A, 0));
    cr_expect_str_eq(remote_of("z:"), A);
    cr_expect_str_eq(remote_of("Y:"), A);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 2);
    cr_expect_str_eq(world_read(WORLD_PROFILE), "");
}

Test(add, printers_have_devices_of_their_own) {
    NETRESOURCEA resource = {.dwType = RESOURCETYPE_PRINT,
                             .lpLocalName = (LPSTR)(uintptr_t) "lpt1:",
                             .lpRemoteName = (LPSTR)(uintptr_t) "\\\\memory\\laser"};

    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, NULL, NULL, 0));
    cr_expect_str_eq(remote_of("LPT1"), "\\\\memory\\laser");
    EXPECT_CODE(ERROR_ALREADY_ASSIGNED, add("LPT1", "\\\\memory\\laser", 0));
    EXPECT_CODE(ERROR_BAD_DEV_TYPE, add("LPT2", A, 0));
    EXPECT_CODE(ERROR_BAD_DEV_TYPE, add("P:", "\\\\memory\\laser", 0));
}

/* Without a device there is one connection to a resource, however often it is asked for. */
Test(add, deviceless_ones_do_not_stack) {
    EXPECT_CODE(NO_ERROR, add(NULL, A, 0));
    EXPECT_CODE(NO_ERROR, add("", "//MEMORY/A/", 0));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    EXPECT_CODE(NO_ERROR, add(NULL, A, 0));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 2);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(A, 0, FALSE));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A(A, 0, FALSE));
}

Test(add, deviceless_ones_of_two_users_are_two) {
    NETRESOURCEA resource = {.lpRemoteName = (LPSTR)(uintptr_t)A};

    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, NULL, "anna", 0));
    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, NULL, "anna", 0));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, NULL, "otto", 0));
    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, NULL, NULL, 0));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 2);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(A, 0, FALSE));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
}

Test(add, remembered_only_with_a_device_and_when_asked) {
    EXPECT_CODE(NO_ERROR, add(NULL, A, CONNECT_UPDATE_PROFILE));
    EXPECT_CODE(NO_ERROR, add("X:", A, 0));
    EXPECT_CODE(NO_ERROR, add("Y:", A, CONNECT_UPDATE_PROFILE | CONNECT_TEMPORARY));
    EXPECT_CODE(ERROR_BAD_NET_NAME, add("W:", "\\\\memory\\nosuch", CONNECT_UPDATE_PROFILE));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
    cr_expect_str_eq(world_read(WORLD_PROFILE), "");
    EXPECT_CODE(NO_ERROR, add("Z:", A, CONNECT_UPDATE_PROFILE));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
    EXPECT_CODE(NO_ERROR, WNetAddConnectionA(B, NULL, "V:"));
    EXPECT_CODE(NO_ERROR, WNetAddConnectionW(wide(B), NULL, wide("U:")));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 3);
    EXPECT_CODE(NO_ERROR, WNetAddConnectionA(B, NULL, NULL));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 3);
}

Test(add, the_profile_has_no_secret) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t) "Z:",
                             .lpRemoteName = (LPSTR)(uintptr_t)A};

    EXPECT_CODE(NO_ERROR,
                WNetAddConnection2A(&resource, "geheim-4711", "anna", CONNECT_UPDATE_PROFILE));
    cr_expect_not_null(strstr(world_read(WORLD_PROFILE), "anna"));
    cr_expect_null(strstr(world_read(WORLD_PROFILE), "4711"));
}

/* With the flag or without: a remembered device is not free for another resource. */
Test(add, a_remembered_device_is_for_its_resource) {
    EXPECT_CODE(NO_ERROR, add("Z:", A, CONNECT_UPDATE_PROFILE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_CODE(ERROR_DEVICE_ALREADY_REMEMBERED, add("Z:", B, 0));
    EXPECT_CODE(ERROR_DEVICE_ALREADY_REMEMBERED, add("z:", B, CONNECT_UPDATE_PROFILE));
    EXPECT_WORDS(A);
    EXPECT_CODE(ERROR_DEVICE_ALREADY_REMEMBERED, add("Z:", A "\\dir", 0));
    EXPECT_CODE(NO_ERROR, add("Z:", "memory://a", 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", CONNECT_UPDATE_PROFILE, FALSE));
    EXPECT_CODE(NO_ERROR, add("Z:", B, CONNECT_UPDATE_PROFILE));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
}

Test(add, a_bad_profile_stops_who_would_write_it) {
    world_profile("{ this is no profile");
    EXPECT_CODE(ERROR_BAD_PROFILE, add("Z:", A, CONNECT_UPDATE_PROFILE));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_str_eq(world_read(WORLD_PROFILE), "{ this is no profile");
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    EXPECT_CODE(NO_ERROR, add(NULL, B, CONNECT_UPDATE_PROFILE));
    cr_assert_eq(unlink(world_path(WORLD_PROFILE)), 0);
    cr_assert_eq(symlink("/proc/self/mem", world_path(WORLD_PROFILE)), 0);
    EXPECT_CODE(ERROR_CANNOT_OPEN_PROFILE, add("Y:", A, CONNECT_UPDATE_PROFILE));
    EXPECT_CODE(NO_ERROR, add("Y:", A, 0));
    cr_assert_eq(unlink(world_path(WORLD_PROFILE)), 0);
}

Test(add, types_come_from_the_device) {
    char buffer[4096] __attribute__((aligned(8)));
    const NETRESOURCEA *entries = (void *)buffer;
    DWORD count = UINT32_MAX, size = sizeof buffer;
    HANDLE list;

    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    EXPECT_CODE(NO_ERROR, add("LPT3", "\\\\memory\\laser", 0));
    EXPECT_CODE(NO_ERROR, add(NULL, B, 0));
    cr_assert_eq(WNetOpenEnumA(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &list), NO_ERROR);
    cr_assert_eq(WNetEnumResourceA(list, &count, buffer, &size), NO_ERROR);
    cr_assert_eq(count, 3);
    cr_expect_eq(entries[0].dwType, RESOURCETYPE_DISK);
    cr_expect_eq(entries[1].dwType, RESOURCETYPE_PRINT);
    cr_expect_eq(entries[2].dwType, RESOURCETYPE_ANY);
    WNetCloseEnum(list);
}

static DWORD choose(DWORD type, const char *remote, DWORD flags, char *access, DWORD *result) {
    NETRESOURCEA resource = {.dwType = type, .lpRemoteName = (LPSTR)(uintptr_t)remote};
    DWORD size = 8;

    return WNetUseConnectionA(NULL, &resource, NULL, NULL, CONNECT_REDIRECT | flags, access, &size,
                              result);
}

Test(add, chooses_from_z_down) {
    char access[8] = "";
    DWORD result = 0;

    EXPECT_CODE(NO_ERROR, add("Z:", A, CONNECT_UPDATE_PROFILE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE)); /* remembered, not connected */
    EXPECT_CODE(NO_ERROR, add("Y:", A, 0));
    EXPECT_CODE(NO_ERROR, choose(RESOURCETYPE_DISK, B, 0, access, &result));
    cr_expect_str_eq(access, "X:");
    cr_expect_eq(result, CONNECT_LOCALDRIVE);
    EXPECT_CODE(NO_ERROR, choose(RESOURCETYPE_DISK, B, CONNECT_UPDATE_PROFILE, access, NULL));
    cr_expect_str_eq(access, "W:");
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 2);
    EXPECT_CODE(NO_ERROR, choose(RESOURCETYPE_PRINT, "\\\\memory\\laser", 0, access, &result));
    cr_expect_str_eq(access, "LPT1");
    EXPECT_CODE(ERROR_INVALID_PARAMETER, choose(RESOURCETYPE_ANY, B, 0, access, &result));
    EXPECT_CODE(ERROR_BAD_DEV_TYPE, choose(RESOURCETYPE_PRINT, B, 0, access, &result));
    cr_expect_str_eq(access, "LPT1");
}

Test(add, chooses_none_when_none_is_free) {
    char device[] = "C:", access[8] = "before";
    DWORD result = 4711;

    for (; device[0] <= 'Z'; device[0]++)
        EXPECT_CODE(NO_ERROR, add(device, A, 0));
    EXPECT_CODE(ERROR_NO_MORE_ITEMS, choose(RESOURCETYPE_DISK, A, 0, access, &result));
    cr_expect_str_eq(access, "before");
    cr_expect_eq(result, 4711);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("M:", 0, FALSE));
    EXPECT_CODE(NO_ERROR, choose(RESOURCETYPE_DISK, A, 0, access, &result));
    cr_expect_str_eq(access, "M:");
    EXPECT_CODE(NO_ERROR, add("A:", A, 0));
}

/* A device that was named needs no choice; without the flag there is none. */
Test(add, redirect_with_a_device_has_no_effect) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t) "q:",
                             .lpRemoteName = (LPSTR)(uintptr_t)A};
    char access[32];
    DWORD size = sizeof access, result = 0;

    EXPECT_CODE(NO_ERROR, WNetUseConnectionA(NULL, &resource, NULL, NULL, CONNECT_REDIRECT, access,
                                             &size, &result));
    cr_expect_str_eq(access, "Q:");
    resource.lpLocalName = NULL;
    result = 4711;
    EXPECT_CODE(NO_ERROR,
                WNetUseConnectionA(NULL, &resource, NULL, NULL, 0, access, &size, &result));
    cr_expect_str_eq(access, A);
    cr_expect_eq(result, 0);
    EXPECT_CODE(ERROR_INVALID_ADDRESS,
                WNetAddConnection2A(&resource, NULL, NULL, CONNECT_REDIRECT));
    EXPECT_CODE(ERROR_INVALID_ADDRESS,
                WNetAddConnection3A(NULL, &resource, NULL, NULL, CONNECT_REDIRECT));
}

Test(add, the_provider_may_be_named) {
    static const char *const names[] = {"Memory Network", "memory network", "MEMORY", ""};
    NETRESOURCEA resource = {.lpRemoteName = (LPSTR)(uintptr_t)A};

    for (size_t i = 0; i < 4; i++) {
        resource.lpProvider = (LPSTR)(uintptr_t)names[i];
        EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, NULL, NULL, 0));
        EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(A, 0, FALSE));
    }
}

TestSuite(nobody, .timeout = 60, .fini = world_end);

Test(nobody, is_there_to_connect) {
    char user[64];
    DWORD size = sizeof user;

    world_make();
    world_write("providers.d/10-gone.json", "{\"name\": \"gone\", \"module\": \"/nowhere.so\"}");
    world_start();
    EXPECT_CODE(ERROR_NO_NETWORK, add("Z:", A, 0));
    EXPECT_CODE(ERROR_NO_NETWORK, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_CODE(ERROR_NO_NETWORK, WNetCancelConnection2A(A, 0, TRUE));
    EXPECT_CODE(ERROR_NO_NETWORK, WNetGetConnectionA("Z:", user, &size));
    EXPECT_CODE(ERROR_NO_NETWORK, WNetGetUserA("Z:", user, &size));
    EXPECT_CODE(NO_ERROR, WNetGetUserA(NULL, user, &size));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
}
