/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_classic.c: see kit_classic.h.
 */
#include "config.h"

#include "tools/conformance/kit_classic.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "router/mpr_loader.h"
#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_subject.h"

#define LONG_NAME 33000
#define MARK_CODE 0xC0DE
#define MARK_TEXT "nothing was said"
#define ROOM      16384

struct kit_np kit_np;

static void look_up(void) {
    static const char *const names[] = {
#define NAME(name) "NP" #name,
        KIT_NP_FUNCTIONS(NAME)
#undef NAME
    };
    void *symbols[sizeof names / sizeof names[0]];
    size_t i = 0;

    kit_doing("loading %s", kit_subject.module);
    if (!mpr_loader_symbols(kit_subject.module, names, sizeof names / sizeof names[0], symbols))
        kit_fail("a module that the router loads", "it cannot be loaded");
#define TAKE(name) memcpy(&kit_np.name, &symbols[i++], sizeof kit_np.name);
    KIT_NP_FUNCTIONS(TAKE)
#undef TAKE
}

void kit_classic_open(void) {
    look_up();
    if (!kit_np.GetCaps)
        kit_fail("the function NPGetCaps", "the module has none");
    kit_doing("NPGetCaps(WNNC_START)");
    kit_np.GetCaps(WNNC_START);
}

bool kit_np_can(DWORD index, DWORD bit) {
    kit_doing("NPGetCaps(%u)", (unsigned)index);
    return (kit_np.GetCaps(index) & bit) == bit;
}

LPNETRESOURCEW kit_resource(const char *local, const char *remote, DWORD type) {
    NETRESOURCEW resource = {
        .dwType = type,
        .lpLocalName = kit_wide(local),
        .lpRemoteName = kit_wide(remote),
    };

    return (LPNETRESOURCEW)(uintptr_t)kit_read_only(&resource, sizeof resource);
}

DWORD kit_np_add_as(const char *local, const char *remote, const char *user, const char *password) {
    LPNETRESOURCEW resource = kit_resource(local, remote, RESOURCETYPE_DISK);
    DWORD code;

    kit_doing("NP%s(local %s, remote \"%s\", user %s)",
              kit_np.AddConnection3 ? "AddConnection3" : "AddConnection", local ? local : "NULL",
              remote, user ? user : "NULL");
    if (kit_np.AddConnection3)
        code = kit_np.AddConnection3(NULL, resource, kit_wide(password), kit_wide(user), 0);
    else if (kit_np.AddConnection)
        code = kit_np.AddConnection(resource, kit_wide(password), kit_wide(user));
    else
        kit_skip("the module connects nothing: it has neither NPAddConnection nor "
                 "NPAddConnection3");
    return code;
}

DWORD kit_np_add(const char *local, const char *remote) {
    return kit_np_add_as(local, remote, kit_lab.user, kit_lab.password);
}

void kit_np_add_good(const char *local, const char *remote) {
    DWORD code = kit_np_add(local, remote);

    KIT_CODES(code, WN_SUCCESS);
}

DWORD kit_np_cancel(const char *name, BOOL force) {
    KIT_NP_NEEDS(CancelConnection);
    kit_doing("NPCancelConnection(\"%s\", %s)", name, force ? "TRUE" : "FALSE");
    return kit_np.CancelConnection(kit_wide(name), force);
}

const char *kit_np_get(const char *local, DWORD *ret_code) {
    DWORD size = LONG_NAME, code;
    WCHAR *room;
    const char *ret;

    KIT_NP_NEEDS(GetConnection);
    room = calloc(LONG_NAME, sizeof *room);
    if (!room)
        kit_broken("there is no memory");
    kit_doing("NPGetConnection(\"%s\")", local);
    code = kit_np.GetConnection(kit_wide(local), room, &size);
    ret = code == WN_SUCCESS ? kit_narrow(room, LONG_NAME) : NULL;
    free(room);
    if (ret_code)
        *ret_code = code;
    return ret;
}

static unsigned count_entries(HANDLE handle, const char *remote) {
    static uint64_t buffer[ROOM / sizeof(uint64_t)];
    unsigned found = 0;

    for (int calls = 0; calls < 1000; calls++) {
        const NETRESOURCEW *entries = (const NETRESOURCEW *)buffer;
        DWORD count = 0xFFFFFFFF, size = sizeof buffer, code;

        kit_doing("NPEnumResource");
        code = kit_np.EnumResource(handle, &count, buffer, &size);
        if (code == WN_NO_MORE_ENTRIES)
            return found;
        KIT_CODES(code, WN_SUCCESS);
        for (DWORD i = 0; i < count; i++)
            found += !remote
                     || (entries[i].lpRemoteName
                         && strcmp(kit_narrow(entries[i].lpRemoteName, LONG_NAME), remote) == 0);
    }
    kit_fail("an enumeration that ends", "1000 calls of NPEnumResource did not end it");
}

unsigned kit_np_listed(const char *remote) {
    HANDLE handle = NULL;
    unsigned found;

    if (!kit_np.OpenEnum || !kit_np.EnumResource || !kit_np.CloseEnum)
        return 0;
    kit_doing("NPOpenEnum(RESOURCE_CONNECTED)");
    KIT_CODES(kit_np.OpenEnum(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &handle), WN_SUCCESS);
    found = count_entries(handle, remote);
    kit_np.CloseEnum(handle);
    return found;
}

void kit_np_nothing_left(const char *local, const char *remote) {
    const char *found;
    DWORD code;

    if (local && *local && kit_np.GetConnection) {
        found = kit_np_get(local, &code);
        if (found)
            kit_fail(kit_text("%s connected to nothing", local), "it is \"%s\"", found);
    }
    if (remote && kit_np_listed(remote))
        kit_fail(kit_text("no connection to \"%s\" listed", remote), "it is listed");
}

void kit_np_mark(void) {
    WNetSetLastErrorA(MARK_CODE, MARK_TEXT, MARK_TEXT);
    MprSetLastError(MARK_CODE);
}

bool kit_np_touched_last_error(void) {
    return MprGetLastError() != MARK_CODE;
}

bool kit_np_explained(DWORD *ret_code, const char **ret_text) {
    char text[1024] = "", provider[256] = "";
    DWORD code = 0;

    WNetGetLastErrorA(&code, text, sizeof text, provider, sizeof provider);
    if (code == MARK_CODE && strcmp(text, MARK_TEXT) == 0)
        return false;
    if (ret_code)
        *ret_code = code;
    if (ret_text)
        *ret_text = kit_text("%s", text);
    return true;
}
