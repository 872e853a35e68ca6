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
#include "tools/conformance/kit_relay.h"
#include "tools/conformance/kit_subject.h"

#define LONG_NAME 33000
#define MARK_CODE 0xC0DE
#define MARK_TEXT "nothing was said"
#define ROOM      16384

struct kit_np kit_np;

void kit_classic_load(void) {
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
    kit_classic_load();
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

static const char *describe(const NETRESOURCEW *resource) {
    const char *local;

    if (!resource)
        return "NULL";
    local = kit_narrow(resource->lpLocalName, LONG_NAME);
    return kit_text("{local %s, remote \"%s\", type 0x%X}",
                    !local   ? "NULL"
                    : *local ? local
                             : "\"\"",
                    resource->lpRemoteName ? kit_narrow(resource->lpRemoteName, LONG_NAME) : "NULL",
                    (unsigned)resource->dwType);
}

DWORD kit_np_connect(LPNETRESOURCEW resource, const char *user, const char *password) {
    LPWSTR wide_user = kit_wide(user), wide_password = kit_wide(password);

    kit_doing("%s(%s, user %s%s%s)", kit_np.AddConnection3 ? "NPAddConnection3" : "NPAddConnection",
              describe(resource), user ? "\"" : "", user ? user : "NULL", user ? "\"" : "");
    if (kit_np.AddConnection3)
        return kit_np.AddConnection3(NULL, resource, wide_password, wide_user, 0);
    if (kit_np.AddConnection)
        return kit_np.AddConnection(resource, wide_password, wide_user);
    kit_skip("the module connects nothing: it has neither NPAddConnection nor NPAddConnection3");
}

DWORD kit_np_connect3(LPNETRESOURCEW resource, const char *user, const char *password,
                      DWORD flags) {
    LPWSTR wide_user = kit_wide(user), wide_password = kit_wide(password);

    KIT_NP_NEEDS(AddConnection3);
    kit_doing("NPAddConnection3(%s, user %s%s%s, flags 0x%X)", describe(resource), user ? "\"" : "",
              user ? user : "NULL", user ? "\"" : "", (unsigned)flags);
    return kit_np.AddConnection3(NULL, resource, wide_password, wide_user, flags);
}

DWORD kit_np_add_as(const char *local, const char *remote, const char *user, const char *password) {
    return kit_np_connect(kit_resource(local, remote, RESOURCETYPE_DISK), user, password);
}

DWORD kit_np_add(const char *local, const char *remote) {
    return kit_np_add_as(local, remote, kit_lab.user, kit_lab.password);
}

void kit_np_add_good(const char *local, const char *remote) {
    DWORD code = kit_np_add(local, remote);

    KIT_CODES(code, WN_SUCCESS);
}

const char *kit_np_add_silenced(const char *local) {
    const char *remote = kit_lab.relay_name ? kit_relay_name() : kit_lab.stalls;

    if (!remote)
        kit_skip("the lab file has neither \"relay\" nor \"stalls\"");
    kit_np_add_good(local, remote);
    if (kit_lab.relay_name)
        kit_relay_silence();
    return remote;
}

DWORD kit_np_cancel(const char *name, BOOL force) {
    KIT_NP_NEEDS(CancelConnection);
    kit_doing("NPCancelConnection(\"%s\", %s)", name, force ? "TRUE" : "FALSE");
    return kit_np.CancelConnection(kit_wide(name), force);
}

/* Into a room of LONG_NAME units. */
static DWORD get_wide(const char *local, WCHAR **ret_room) {
    DWORD size = LONG_NAME;
    LPWSTR wide = kit_wide(local);

    KIT_NP_NEEDS(GetConnection);
    *ret_room = calloc(LONG_NAME, sizeof **ret_room);
    if (!*ret_room)
        kit_broken("there is no memory");
    kit_doing("NPGetConnection(\"%s\")", local);
    return kit_np.GetConnection(wide, *ret_room, &size);
}

const char *kit_np_get(const char *local, DWORD *ret_code) {
    WCHAR *room;
    DWORD code = get_wide(local, &room);
    const char *ret = code == WN_SUCCESS ? kit_narrow(room, LONG_NAME) : NULL;

    free(room);
    if (ret_code)
        *ret_code = code;
    return ret;
}

/* Which entries of a listing count. */
struct wanted {
    LPCWSTR local; /* NULL: any; "": none */
    LPCWSTR remote;
};

static WCHAR small(WCHAR unit) {
    return unit >= 'A' && unit <= 'Z' ? (WCHAR)(unit - 'A' + 'a') : unit;
}

/* Is it this text, both ended by NUL? fold: whatever the case of its letters. */
static bool is_text(LPCWSTR found, LPCWSTR text, bool fold) {
    if (!found)
        return *text == 0;
    for (; *found && (*found == *text || (fold && small(*found) == small(*text))); found++)
        text++;
    return *found == *text;
}

static bool is_wanted(const NETRESOURCEW *entry, const struct wanted *wanted) {
    return (!wanted->local || is_text(entry->lpLocalName, wanted->local, true))
           && (!wanted->remote || is_text(entry->lpRemoteName, wanted->remote, false));
}

void kit_np_expect_at(const char *local, const char *remote) {
    WCHAR *room;
    DWORD code = get_wide(local, &room);

    KIT_CODES(code, WN_SUCCESS);
    room[LONG_NAME - 1] = 0;
    if (!is_text(room, kit_wide(remote), false))
        kit_fail(remote, "\"%s\"", kit_narrow(room, LONG_NAME));
    free(room);
}

static unsigned count_entries(HANDLE handle, const struct wanted *wanted) {
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
            found += is_wanted(&entries[i], wanted);
    }
    kit_fail("an enumeration that ends", "1000 calls of NPEnumResource did not end it");
}

static bool lists(void) {
    return kit_np.OpenEnum && kit_np.EnumResource && kit_np.CloseEnum;
}

static unsigned listed_at(const char *local, const char *remote) {
    struct wanted wanted = {kit_wide(local), kit_wide(remote)};
    HANDLE handle = NULL;
    unsigned found;

    if (!lists())
        return 0;
    kit_doing("NPOpenEnum(RESOURCE_CONNECTED)");
    KIT_CODES(kit_np.OpenEnum(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &handle), WN_SUCCESS);
    found = count_entries(handle, &wanted);
    kit_np.CloseEnum(handle);
    return found;
}

unsigned kit_np_listed(const char *remote) {
    return listed_at(NULL, remote);
}

void kit_np_expect_listed(const char *local, const char *remote, unsigned count) {
    unsigned found = listed_at(local, remote);

    if (lists() && found != count)
        kit_fail(kit_text("%u entr%s connected%s%s with %s%s", count,
                          count == 1 ? "y that is" : "ies that are", remote ? " to " : "",
                          remote ? remote : "",
                          !local   ? "whatever device"
                          : *local ? "device "
                                   : "no device",
                          local ? local : ""),
                 "%u", found);
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
