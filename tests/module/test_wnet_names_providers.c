/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_names_providers.c: what is told about providers.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

static void begin(void) {
    world_make();
    world_memory("");
    world_asked("10-asked", "\"one_thread\": false");
    world_scripted("20-scripted", "\"provider\": \"Scr\xc3\xafpted Network\"");
    world_write("providers.d/30-gone.json",
                "{\"name\": \"gone\", \"module\": \"/nowhere/gone.so\", \"order\": 30}\n");
    world_start();
}

TestSuite(about_providers, .timeout = 60, .init = begin, .fini = world_end);

#define ASKED_TYPE  0x00A50000u
#define MEMORY_NAME "Memory Network"

static DWORD memory_type(void) {
    DWORD type = 0;

    cr_assert_eq(WNetGetProviderTypeA(MEMORY_NAME, &type), NO_ERROR);
    return type;
}

static void expect_name(DWORD type, const char *wanted) {
    char name[64];
    WCHAR units[64];
    LPWSTR wide_wanted = wide(wanted);
    DWORD size = sizeof name;

    EXPECT_CODE(NO_ERROR, WNetGetProviderNameA(type, name, &size));
    cr_expect_str_eq(name, wanted);
    EXPECT_CODE(NO_ERROR, WNetGetProviderName(type, name, &size));
    cr_expect_str_eq(name, wanted);
    cr_expect_eq(size, sizeof name);
    size = 64;
    EXPECT_CODE(NO_ERROR, WNetGetProviderNameW(type, units, &size));
    cr_expect_eq(memcmp(units, wide_wanted, (strlen(wanted) + 1) * sizeof *units), 0);
}

/* Only the high word counts. */
Test(about_providers, names) {
    expect_name(ASKED_TYPE, "Asked Network");
    expect_name(ASKED_TYPE | 0xFFFF, "Asked Network");
    expect_name(memory_type(), MEMORY_NAME);
}

/* None is of kind 0, though a provider may say so. */
Test(about_providers, names_of_nobody) {
    static const DWORD types[] = {0, 1, 0xFFFF, 0x00010000, 0xFFFF0000, UINT32_MAX};
    char name[64] = "before";
    WCHAR units[64] = u"before";
    DWORD size = 64;

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        EXPECT_CODE(ERROR_NO_NETWORK, WNetGetProviderNameA(types[i], name, &size));
        EXPECT_CODE(ERROR_NO_NETWORK, WNetGetProviderNameW(types[i], units, &size));
        EXPECT_CODE(ERROR_NO_NETWORK, WNetGetProviderName(types[i], name, &size));
    }
    cr_expect_str_eq(name, "before");
    cr_expect_eq(units[0], u'b');
    cr_expect_eq(size, 64);
}

static void expect_type(const char *name, DWORD wanted) {
    DWORD type = 4711;

    EXPECT_CODE(NO_ERROR, WNetGetProviderTypeA(name, &type));
    cr_expect_eq(type, wanted);
    type = 4711;
    EXPECT_CODE(NO_ERROR, WNetGetProviderTypeW(wide(name), &type));
    cr_expect_eq(type, wanted);
    type = 4711;
    EXPECT_CODE(NO_ERROR, WNetGetProviderType(name, &type));
    cr_expect_eq(type, wanted);
}

Test(about_providers, types) {
    expect_type("Asked Network", ASKED_TYPE);
    expect_type("asked NETWORK", ASKED_TYPE);
    expect_type("asked", ASKED_TYPE);
    expect_type("memory", memory_type());
    expect_type("Scr\xc3\xafpted Network", 0);
}

static void expect_information(const char *name, const NETINFOSTRUCT *wanted) {
    NETINFOSTRUCT info = {.cbStructure = sizeof info, .dwHandle = 77, .dwCharacteristics = 77};
    NETINFOSTRUCT again[2] = {{.cbStructure = sizeof again}, {.cbStructure = 4711}};

    EXPECT_CODE(NO_ERROR, WNetGetNetworkInformationA(name, &info));
    cr_expect_eq(info.cbStructure, sizeof info);
    cr_expect_eq(info.dwProviderVersion, wanted->dwProviderVersion);
    cr_expect_eq(info.dwStatus, wanted->dwStatus);
    cr_expect_eq(info.dwCharacteristics, 0);
    cr_expect_eq(info.dwHandle, 0);
    cr_expect_eq(info.wNetType, wanted->wNetType);
    cr_expect_eq(info.dwDrives, wanted->dwDrives, "%s: 0x%x", name, info.dwDrives);
    cr_expect_eq(info.dwPrinters, wanted->dwPrinters, "%s: 0x%x", name, info.dwPrinters);
    EXPECT_CODE(NO_ERROR, WNetGetNetworkInformationW(wide(name), again));
    cr_expect_eq(again[0].cbStructure, sizeof info, "what was filled");
    cr_expect_eq(again[0].dwDrives, wanted->dwDrives);
    cr_expect_eq(again[1].cbStructure, 4711, "what lies behind it");
    info.dwDrives = 4711;
    EXPECT_CODE(NO_ERROR, WNetGetNetworkInformation(name, &info));
    cr_expect_eq(info.dwDrives, wanted->dwDrives);
}

Test(about_providers, facts) {
    const NETINFOSTRUCT asked = {.dwProviderVersion = 0x10203,
                                 .wNetType = ASKED_TYPE >> 16,
                                 .dwDrives = 0x3FFFFFF,
                                 .dwPrinters = 0x1FF};
    const NETINFOSTRUCT scripted = {.dwDrives = 0x3FFFFFF};
    const NETINFOSTRUCT gone = {.dwStatus = ERROR_NO_NETWORK};

    expect_information("Asked Network", &asked);
    expect_information("ASKED", &asked);
    world_scripted("20-scripted", "\"absent\": \"print\"");
    world_restart();
    expect_information("scripted", &scripted);
    expect_information("gone", &gone);
    cr_expect_null(strstr(last_words(), "gone"), "success leaves no words");
}

/* What serves files and what prints is seen from its table. */
Test(about_providers, facts_of_one_that_does_both) {
    NETINFOSTRUCT info = {.cbStructure = sizeof info};

    EXPECT_CODE(NO_ERROR, WNetGetNetworkInformationA("memory", &info));
    cr_expect_eq(info.dwStatus, NO_ERROR);
    cr_expect_eq(info.dwDrives, 0x3FFFFFF);
    cr_expect_eq(info.dwPrinters, 0x1FF);
    cr_expect_eq((DWORD)info.wNetType << 16, memory_type());
}

Test(about_providers, who_lists_the_network) {
    EXPECT_CODE(NO_ERROR, WNetSupportGlobalEnum("Asked Network"));
    MprSetLastError(4711);
    cr_expect_eq(WNetSupportGlobalEnum("MEMORY network"), TRUE);
    cr_expect_eq(MprGetLastError(), NO_ERROR);
    cr_expect_eq(WNetSupportGlobalEnum("memory"), TRUE);
}

static void expect_nobody(const char *name, DWORD code) {
    NETINFOSTRUCT info = {.cbStructure = sizeof info, .dwDrives = 4711};
    DWORD type = 4711;

    EXPECT_CODE(code, WNetGetProviderTypeA(name, &type));
    EXPECT_CODE(code, WNetGetProviderTypeW(wide(name), &type));
    EXPECT_CODE(code, WNetGetProviderType(name, &type));
    cr_expect_eq(type, 4711);
    cr_expect_eq(WNetSupportGlobalEnum(name), FALSE);
    cr_expect_eq(MprGetLastError(), code);
    if (strcmp(name, "gone") == 0 && code == ERROR_BAD_PROVIDER)
        return;
    EXPECT_CODE(code, WNetGetNetworkInformationA(name, &info));
    EXPECT_CODE(code, WNetGetNetworkInformationW(wide(name), &info));
    EXPECT_CODE(code, WNetGetNetworkInformation(name, &info));
    cr_expect_eq(info.cbStructure, sizeof info);
    cr_expect_eq(info.dwDrives, 4711);
}

Test(about_providers, of_nobody) {
    expect_nobody("", ERROR_BAD_PROVIDER);
    expect_nobody("x", ERROR_BAD_PROVIDER);
    expect_nobody(" asked", ERROR_BAD_PROVIDER);
    expect_nobody("10-asked", ERROR_BAD_PROVIDER);
    expect_nobody("gone", ERROR_BAD_PROVIDER);
    EXPECT_WORDS("MprListProviders");
}

/* None is loaded: that is told before who is looked for. */
Test(about_providers, without_any) {
    char name[64];
    DWORD size = sizeof name;

    MprShutdown();
    cr_assert_eq(remove(world_path("providers.d/10-asked.json")), 0);
    cr_assert_eq(remove(world_path("providers.d/20-scripted.json")), 0);
    cr_assert_eq(remove(world_path("providers.d/90-memory.json")), 0);
    world_start();
    expect_nobody("memory", ERROR_NO_NETWORK);
    expect_nobody("gone", ERROR_NO_NETWORK);
    EXPECT_CODE(ERROR_NO_NETWORK, WNetGetProviderNameA(ASKED_TYPE, name, &size));
}
