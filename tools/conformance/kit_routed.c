/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_routed.c: see kit_routed.h.
 */
#include "config.h"

#include "tools/conformance/kit_routed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_module.h"
#include "tools/conformance/kit_report.h"
#include "tools/conformance/kit_subject.h"

#define SUBJECT_ORDER 50
#define LONG_NAME     33000

static char subject_provider[256], subject_error[1024];
static unsigned subject_can;

static void write_decoy(enum kit_beside beside, const char *options) {
    if (beside == KIT_ALONE)
        return;
    kit_write("providers.d/60-decoy.json",
              kit_text("{\"name\": \"decoy\", \"module\": \"%s\", \"order\": %d, "
                       "\"options\": {%s}}\n",
                       kit_part("conformance-decoy.so"), beside == KIT_DECOY_BEFORE ? 10 : 90,
                       options ? options : ""));
}

static int MPRCALL look_at(void *context, const struct mpr_provider_info *info) {
    bool *found = context;

    if (strcmp(info->name, kit_subject.name) == 0) {
        *found = true;
        subject_can = info->capabilities;
        snprintf(subject_provider, sizeof subject_provider, "%s", info->provider);
        snprintf(subject_error, sizeof subject_error, "%s", info->error);
    } else if (info->state == MPR_PROVIDER_FAILED) {
        kit_broken("the decoy cannot be loaded: %s", info->error);
    }
    return 0;
}

static void begin(void) {
    bool found = false;

    kit_doing("MprInitialize");
    KIT_CODES(MprInitialize(kit_manner.directory), NO_ERROR);
    KIT_CODES(MprListProviders(look_at, &found), NO_ERROR);
    if (!found || subject_error[0])
        kit_fail("a provider that the router loads", "%s",
                 found ? subject_error : "the router does not list it");
}

void kit_routed_start(enum kit_beside beside, const char *options) {
    char *drop_in = kit_subject_drop_in(SUBJECT_ORDER);

    kit_write("providers.d/50-subject.json", drop_in);
    free(drop_in);
    write_decoy(beside, options);
    begin();
}

void kit_routed_restart(const char *configuration) {
    kit_routed_end();
    kit_write("config/mpr.json", kit_text("{%s}\n", configuration ? configuration : ""));
    begin();
}

void kit_routed_end(void) {
    kit_doing("MprShutdown");
    KIT_CODES(MprShutdown(), NO_ERROR);
}

const char *kit_routed_provider(void) {
    return subject_provider;
}

unsigned kit_routed_can(void) {
    return subject_can;
}

DWORD kit_add_as(const char *device, const char *remote, const char *user, const char *password,
                 DWORD flags) {
    NETRESOURCEA resource = {
        .dwType = RESOURCETYPE_ANY,
        .lpLocalName = kit_ro(device),
        .lpRemoteName = kit_ro(remote),
    };

    if (device)
        resource.dwType = strncasecmp(device, "LPT", 3) ? RESOURCETYPE_DISK : RESOURCETYPE_PRINT;
    kit_doing("WNetAddConnection2(device %s, remote \"%s\", user %s)", device ? device : "NULL",
              remote, user ? user : "NULL");
    return WNetAddConnection2A(&resource, kit_ro(password), kit_ro(user), flags);
}

DWORD kit_add(const char *device, const char *remote) {
    return kit_add_as(device, remote, kit_lab.user, kit_lab.password, 0);
}

void kit_add_good(const char *device, const char *remote) {
    DWORD code = kit_add(device, remote);

    if (code)
        kit_fail("success", "%s: %s", kit_code_name(code), kit_words(NULL, NULL));
}

struct kit_state kit_warm_up(void) {
    kit_add_good("W:", kit_good(0));
    KIT_CODES(kit_cancel("W:", FALSE), NO_ERROR);
    return kit_state();
}

void kit_nothing_left(const char *device, const struct kit_state *before, const char *after) {
    const char *found = device ? kit_get(device, NULL) : NULL;
    unsigned listed = kit_listed(NULL);

    kit_expect(!found, kit_text("%s free %s", device, after), "it is \"%s\"", found);
    kit_expect(!listed, kit_text("nothing listed as connected %s", after), "%u entries", listed);
    kit_state_same(before, after);
}

DWORD kit_cancel(const char *name, BOOL force) {
    kit_doing("WNetCancelConnection2(\"%s\", 0, %s)", name, force ? "TRUE" : "FALSE");
    return WNetCancelConnection2A(kit_ro(name), 0, force);
}

const char *kit_get(const char *device, DWORD *ret_code) {
    DWORD size = LONG_NAME, code;
    char *room = malloc(LONG_NAME);
    const char *ret;

    if (!room)
        kit_broken("there is no memory");
    kit_doing("WNetGetConnection(\"%s\")", device);
    code = WNetGetConnectionA(kit_ro(device), room, &size);
    ret = code == NO_ERROR ? kit_text("%s", room) : NULL;
    free(room);
    if (ret_code)
        *ret_code = code;
    return ret;
}

unsigned kit_listed(const char *remote) {
    static uint64_t buffer[8192];
    HANDLE handle = NULL;
    unsigned found = 0;
    DWORD code, count, size;

    kit_doing("WNetOpenEnum(RESOURCE_CONNECTED)");
    KIT_CODES(WNetOpenEnumA(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &handle), NO_ERROR);
    for (;;) {
        const NETRESOURCEA *entries = (const NETRESOURCEA *)buffer;

        count = 0xFFFFFFFF;
        size = sizeof buffer;
        code = WNetEnumResourceA(handle, &count, buffer, &size);
        if (code == ERROR_NO_MORE_ITEMS)
            break;
        KIT_CODES(code, NO_ERROR);
        for (DWORD i = 0; i < count; i++)
            found += !remote || strcmp(entries[i].lpRemoteName, remote) == 0;
    }
    WNetCloseEnum(handle);
    return found;
}

const char *kit_words(DWORD *ret_code, const char **ret_provider) {
    char text[1024] = "", provider[256] = "";
    DWORD code = 0;

    WNetGetLastErrorA(&code, text, sizeof text, provider, sizeof provider);
    if (ret_code)
        *ret_code = code;
    if (ret_provider)
        *ret_provider = kit_text("%s", provider);
    return kit_text("%s", text);
}
