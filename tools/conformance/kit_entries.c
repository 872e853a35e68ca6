/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_entries.c: see kit_entries.h.
 */
#include "config.h"

#include "tools/conformance/kit_entries.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "router/mpr_utf.h"
#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_subject.h"

#define ROOM      65536
#define CALLS_MAX 1000
#define TEXT_MAX  40000

void kit_text_inside(const void *room, size_t bytes, size_t head, const char *what, LPCWSTR text) {
    uintptr_t start = (uintptr_t)room, at = (uintptr_t)text, end = start + bytes;
    size_t most;

    if (!text)
        return;
    if (at < start || at >= end)
        kit_fail(kit_text("%s inside the buffer", what), "it points elsewhere");
    if (at < start + head)
        kit_fail(kit_text("%s behind the structures", what),
                 "it begins at byte %zu of %zu that they take", (size_t)(at - start), head);
    if (at % sizeof(WCHAR))
        kit_fail(kit_text("%s at an even address", what), "it is at byte %zu of the buffer",
                 (size_t)(at - start));
    most = (end - at) / sizeof(WCHAR);
    for (size_t i = 0; i < most; i++)
        if (!text[i])
            return;
    kit_fail(kit_text("%s with its NUL inside the buffer", what), "there is none");
}

void kit_entries_inside(const void *room, size_t bytes, DWORD count) {
    const NETRESOURCEW *entries = room;
    size_t head = count * sizeof *entries;

    if (count > bytes / sizeof *entries)
        kit_fail(kit_text("as many entries as a buffer of %zu bytes holds", bytes), "%u",
                 (unsigned)count);
    for (DWORD i = 0; i < count; i++) {
        kit_text_inside(room, bytes, head, "lpLocalName", entries[i].lpLocalName);
        kit_text_inside(room, bytes, head, "lpRemoteName", entries[i].lpRemoteName);
        kit_text_inside(room, bytes, head, "lpComment", entries[i].lpComment);
        kit_text_inside(room, bytes, head, "lpProvider", entries[i].lpProvider);
    }
}

static char *keep(LPCWSTR text, const char *what) {
    char *ret;

    if (!text)
        return NULL;
    if (mpr_utf_from_wide(text, &ret))
        kit_fail(kit_text("%s in valid UTF-16", what), "it is not");
    return ret;
}

void kit_entry_take(const NETRESOURCEW *entry, struct kit_entry *ret) {
    *ret = (struct kit_entry){
        .scope = entry->dwScope,
        .type = entry->dwType,
        .display = entry->dwDisplayType,
        .usage = entry->dwUsage,
        .local = keep(entry->lpLocalName, "lpLocalName"),
        .remote = keep(entry->lpRemoteName, "lpRemoteName"),
        .comment = keep(entry->lpComment, "lpComment"),
        .provider = keep(entry->lpProvider, "lpProvider"),
    };
}

static void same_text(const char *what, const char *wanted, const char *got, const char *when) {
    if (wanted ? !got || strcmp(wanted, got) != 0 : got != NULL)
        kit_fail(kit_text("%s %s as with a large buffer: %s", what, when, wanted ? wanted : "NULL"),
                 "%s", got ? got : "NULL");
}

void kit_entry_same(const struct kit_entry *wanted, const struct kit_entry *got, const char *when) {
    same_text("lpRemoteName", wanted->remote, got->remote, when);
    same_text("lpLocalName", wanted->local, got->local, when);
    same_text("lpComment", wanted->comment, got->comment, when);
    same_text("lpProvider", wanted->provider, got->provider, when);
    if (wanted->scope != got->scope || wanted->type != got->type || wanted->display != got->display
        || wanted->usage != got->usage)
        kit_fail(kit_text("scope, type, display type and usage %s as with a large buffer: "
                          "%u, %u, %u, 0x%X",
                          when, wanted->scope, wanted->type, wanted->display, wanted->usage),
                 "%u, %u, %u, 0x%X", got->scope, got->type, got->display, got->usage);
}

bool kit_entry_is(const struct kit_entry *entry, const char *local, const char *remote) {
    int (*compare)(const char *, const char *) = kit_lab.case_sensitive ? strcmp : strcasecmp;

    if (!entry->remote || (remote && compare(entry->remote, remote) != 0))
        return false;
    if (!local)
        return true;
    return *local ? entry->local && strcasecmp(entry->local, local) == 0 : !entry->local;
}

size_t kit_entries_find(const struct kit_entries *entries, const char *local, const char *remote) {
    size_t found = 0;

    for (size_t i = 0; i < entries->count; i++)
        found += kit_entry_is(&entries->items[i], local, remote);
    return found;
}

DWORD kit_enum_try(DWORD scope, DWORD type, DWORD usage, LPNETRESOURCEW container, HANDLE *ret) {
    kit_doing("NPOpenEnum(scope %u, type 0x%X, usage 0x%X, %s)", (unsigned)scope, (unsigned)type,
              (unsigned)usage,
              container ? kit_text("\"%s\"", kit_narrow(container->lpRemoteName, TEXT_MAX))
                        : "NULL");
    return kit_np.OpenEnum(scope, type, usage, container, ret);
}

HANDLE kit_enum_open(DWORD scope, DWORD type, DWORD usage, LPNETRESOURCEW container) {
    HANDLE handle = NULL;

    KIT_CODES(kit_enum_try(scope, type, usage, container, &handle), WN_SUCCESS);
    return handle;
}

DWORD kit_enum_next(HANDLE handle, DWORD *count, void *buffer, DWORD *size) {
    kit_doing("NPEnumResource(count %s, size %s)",
              count ? kit_text(*count == 0xFFFFFFFF ? "all" : "%u", (unsigned)*count) : "NULL",
              size ? kit_text("%u", (unsigned)*size) : "NULL");
    return kit_np.EnumResource(handle, count, buffer, size);
}

DWORD kit_enum_close(HANDLE handle) {
    kit_doing("NPCloseEnum");
    return kit_np.CloseEnum(handle);
}

static void append(struct kit_entries *entries, const NETRESOURCEW *entry) {
    entries->items = realloc(entries->items, (entries->count + 1) * sizeof *entries->items);
    if (!entries->items)
        kit_broken("there is no memory");
    kit_entry_take(entry, &entries->items[entries->count++]);
}

bool kit_enum_read(HANDLE handle, DWORD wanted, struct kit_entries *entries) {
    static uint64_t room[ROOM / sizeof(uint64_t)];

    for (int calls = 0; calls < CALLS_MAX; calls++) {
        DWORD count = wanted, size = sizeof room, code;

        code = kit_enum_next(handle, &count, room, &size);
        if (code == WN_NO_MORE_ENTRIES && (count == 0 || count == wanted))
            return true;
        KIT_CODES(code, WN_SUCCESS);
        if (count == 0 || count > wanted)
            kit_fail(kit_text("from 1 to %u entries", (unsigned)wanted), "%u", (unsigned)count);
        kit_entries_inside(room, sizeof room, count);
        for (DWORD i = 0; i < count; i++)
            append(entries, &((const NETRESOURCEW *)(const void *)room)[i]);
        if (wanted != 0xFFFFFFFF)
            wanted -= count;
        if (!wanted)
            return false;
    }
    kit_fail("an enumeration that ends", "%d calls of NPEnumResource did not end it", CALLS_MAX);
}

void kit_enum_connected(struct kit_entries *ret) {
    HANDLE handle = kit_enum_open(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL);

    *ret = (struct kit_entries){NULL, 0};
    kit_enum_read(handle, 0xFFFFFFFF, ret);
    KIT_CODES(kit_enum_close(handle), WN_SUCCESS);
}

bool kit_enum_global(LPNETRESOURCEW container, struct kit_entries *ret) {
    HANDLE handle = NULL;
    DWORD code = kit_enum_try(RESOURCE_GLOBALNET, RESOURCETYPE_ANY, 0, container, &handle);

    *ret = (struct kit_entries){NULL, 0};
    if (code != WN_SUCCESS)
        return false;
    kit_enum_read(handle, 0xFFFFFFFF, ret);
    KIT_CODES(kit_enum_close(handle), WN_SUCCESS);
    return true;
}

LPNETRESOURCEW kit_entry_give(const struct kit_entry *entry) {
    NETRESOURCEW resource = {
        .dwScope = entry->scope,
        .dwType = entry->type,
        .dwDisplayType = entry->display,
        .dwUsage = entry->usage,
        .lpLocalName = kit_wide(entry->local),
        .lpRemoteName = kit_wide(entry->remote),
        .lpComment = kit_wide(entry->comment),
        .lpProvider = kit_wide(entry->provider),
    };

    return (LPNETRESOURCEW)(uintptr_t)kit_read_only(&resource, sizeof resource);
}

const char *kit_np_name(void) {
    return kit_lab.provider ? kit_lab.provider : kit_subject.provider_name;
}

void kit_enum_needs(DWORD bit, const char *what) {
    kit_classic_open();
    KIT_NP_NEEDS(OpenEnum);
    KIT_NP_NEEDS(EnumResource);
    KIT_NP_NEEDS(CloseEnum);
    if (!kit_np_can(WNNC_ENUMERATION, bit))
        kit_skip("the module does not announce that it enumerates %s", what);
}

const char *kit_device(unsigned i) {
    return kit_text("%c:", 'Z' - i % 26);
}

void kit_np_connect_some(unsigned wanted) {
    for (unsigned i = 0; i < wanted; i++) {
        const char *remote = kit_good(i % kit_lab.good.count);
        DWORD code = kit_np_add(kit_device(i), remote);

        if (code != WN_SUCCESS && i >= kit_lab.good.count)
            kit_skip("the lab file has %zu good names, and %s cannot be connected twice",
                     kit_lab.good.count, remote);
        KIT_CODES(code, WN_SUCCESS);
    }
}
