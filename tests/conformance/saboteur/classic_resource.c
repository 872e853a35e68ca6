/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_resource.c: what is known of a name: its container, the resource that
 * it begins with, and how it is shown.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <stdint.h>
#include <string.h>

/* A resource that is asked about: ours, and meant for this provider. */
static DWORD look_at(const NETRESOURCEW *resource, const DWORD *size, const void *buffer,
                     struct classic_name *ret) {
    if (!resource && sabotage("resource-null")) /* OpenAFS */
        return WN_MORE_DATA;
    if (!resource || !size || (!buffer && *size))
        return WN_BAD_VALUE;
    if (resource->lpProvider && *resource->lpProvider
        && !classic_same(resource->lpProvider, CLASSIC_PROVIDER)
        && !sabotage("resource-any-provider")) /* it is not looked at */
        return WN_BAD_NETNAME;
    /* OpenAFS: the name is cut where it lies, in the caller's memory */
    if (sabotage("resource-writes") && classic_parse(resource->lpRemoteName, ret)
        && ret->rest_units)
        resource->lpRemoteName[ret->root_units] = 0;
    return classic_parse(resource->lpRemoteName, ret) ? WN_SUCCESS : WN_BAD_NETNAME;
}

static WCHAR end_of_texts[] = u"";

/* One entry, and a text of its own behind it, which may be NULL. */
static DWORD give_entry(const struct classic_entry *entry, LPCWSTR text, size_t text_units,
                        void *buffer, LPDWORD size, LPWSTR *ret_text) {
    size_t needed = classic_entry_size(entry) + (text ? (text_units + 1) * sizeof *text : 0);
    LPWSTR put;
    char *end;

    if (sabotage("resource-size")) /* ms-nfs41: the provider's name is not counted */
        needed -= classic_bytes(CLASSIC_PROVIDER);
    if (*size < needed) {
        *size = (DWORD)needed;
        return WN_MORE_DATA;
    }
    end = classic_end(buffer, *size);
    put = classic_put(&end, text, text_units);
    classic_entry_write(entry, buffer, &end);
    if (ret_text)
        *ret_text = put;
    if (ret_text && !put && sabotage("information-empty-rest"))
        *ret_text = end_of_texts;
    if (ret_text && put && sabotage("information-rest-outside")) /* it points into the question */
        *ret_text = (LPWSTR)(uintptr_t)text;
    if (ret_text && sabotage("information-no-provider"))
        ((NETRESOURCEW *)buffer)->lpProvider = NULL;
    return WN_SUCCESS;
}

static struct classic_entry server_entry(void) {
    return (struct classic_entry){.scope = RESOURCE_GLOBALNET,
                                  .display = RESOURCEDISPLAYTYPE_SERVER,
                                  .usage = RESOURCEUSAGE_CONTAINER,
                                  .remote = CLASSIC_SERVER,
                                  .remote_units = classic_length(CLASSIC_SERVER)};
}

/* Spelled as listings spell it. */
static struct classic_entry share_entry(const struct classic_name *name,
                                        const struct classic_share *share) {
    return (struct classic_entry){.scope = RESOURCE_GLOBALNET,
                                  .type = share ? share->type : RESOURCETYPE_DISK,
                                  .display = RESOURCEDISPLAYTYPE_SHARE,
                                  .usage = RESOURCEUSAGE_CONNECTABLE,
                                  .remote = share ? share->remote : name->text,
                                  .remote_units = name->root_units};
}

/* The directory above a name that has one. */
static struct classic_entry directory_entry(const struct classic_name *name) {
    size_t units = name->units;

    while (name->text[units - 1] != u'\\')
        units--;
    return (struct classic_entry){.scope = RESOURCE_GLOBALNET,
                                  .type = RESOURCETYPE_DISK,
                                  .display = RESOURCEDISPLAYTYPE_DIRECTORY,
                                  .usage = RESOURCEUSAGE_CONNECTABLE,
                                  .remote = name->text,
                                  .remote_units = units - 1};
}

/* By syntax alone; the names of servers that do not work have a container too. */
static struct classic_entry parent_of(const struct classic_name *name) {
    struct classic_entry entry = {.scope = RESOURCE_GLOBALNET,
                                  .display = RESOURCEDISPLAYTYPE_NETWORK,
                                  .usage = RESOURCEUSAGE_CONTAINER};

    /* Dokany, VirtualBox; OpenAFS 75d9c8828: the top is named */
    if (!name->share_units && sabotage("parent-of-top")) {
        entry.remote = CLASSIC_PROVIDER;
        entry.remote_units = classic_length(CLASSIC_PROVIDER);
    }
    if (!name->share_units)
        return entry;
    if (!name->rest_units) {
        entry = server_entry();
        /* as it was typed or is known elsewhere, not as listings have it */
        if (!classic_is_server(name) || sabotage("parent-spelling")) {
            entry.remote = sabotage("parent-spelling") ? u"\\\\CLASSIC" : name->text;
            entry.remote_units = name->server_units;
        }
        return entry;
    }
    entry = directory_entry(name);
    return entry.remote_units > name->root_units ? entry
                                                 : share_entry(name, classic_find_share(name));
}

DWORD NPGetResourceParent(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    struct classic_entry entry;
    struct classic_name name;
    DWORD code = look_at(lpNetResource, lpBufferSize, lpBuffer, &name);

    if (code != WN_SUCCESS)
        return code;
    entry = parent_of(&name);
    return give_entry(&entry, NULL, 0, lpBuffer, lpBufferSize, NULL);
}

DWORD NPGetResourceInformation(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer, LPDWORD lpBufferSize,
                               LPWSTR *lplpSystem) {
    struct classic_entry entry = server_entry();
    const struct classic_share *share;
    struct classic_name name;
    DWORD code = look_at(lpNetResource, lpBufferSize, lpBuffer, &name);

    /* VirtualBox 0.1: by syntax alone, every name of the network is ours */
    if (code == WN_BAD_NETNAME && sabotage("information-claims"))
        return give_entry(&entry, NULL, 0, lpBuffer, lpBufferSize, lplpSystem);
    if (code != WN_SUCCESS)
        return code;
    if (sabotage("information-nowhere")) /* OpenAFS, VirtualBox: the pointer is followed */
        *lplpSystem = NULL;
    if (!lplpSystem)
        return WN_BAD_VALUE;
    if (!classic_is_server(&name) && !sabotage("information-syntax")) /* who knows whose it is */
        return WN_BAD_NETNAME;
    if (name.share_units) {
        share = classic_find_share(&name);
        if (!share)
            return classic_explain(0xC00000CC, u"The server has no share ", name.text, u".");
        if (lpNetResource->dwType != RESOURCETYPE_ANY && lpNetResource->dwType != share->type
            && !sabotage("information-type"))
            return WN_BAD_DEV_TYPE;
        entry = share_entry(&name, share);
    }
    return give_entry(&entry, name.rest_units ? name.rest : NULL, name.rest_units, lpBuffer,
                      lpBufferSize, lplpSystem);
}

/* How a name is shown, unit by unit: counted, and put where a buffer is. */
struct shown {
    LPWSTR buffer;
    size_t units;
};

static void show(struct shown *shown, WCHAR unit) {
    if (shown->buffer)
        shown->buffer[shown->units] = unit;
    shown->units++;
}

static void format(struct shown *shown, LPCWSTR text, size_t units, DWORD flags, size_t width) {
    size_t dots = 0;

    if (width && (flags & WNFMT_ABBREVIATED) && units > width && !sabotage("format-width")) {
        dots = width > 3 ? 3 : 0;
        for (size_t i = 0; i < dots; i++)
            show(shown, u'.');
        text += units - (width - dots);
        units = width - dots;
    }
    for (size_t i = 0; i < units; i++) {
        bool broken = width && (flags & WNFMT_MULTILINE) && i && i % width == 0;

        if (broken)
            show(shown, u'\n');
        if (broken && sabotage("format-lines")) /* in the place of a character */
            continue;
        show(shown, text[i]);
    }
    show(shown, 0);
}

DWORD NPFormatNetworkName(LPWSTR lpRemoteName, LPWSTR lpFormattedName, LPDWORD lpnLength,
                          DWORD dwFlags, DWORD dwAveCharPerLine) {
    struct shown counted = {NULL, 0}, shown = {lpFormattedName, 0};
    struct classic_name name;
    LPCWSTR text;
    size_t units;

    if (!lpRemoteName || !lpnLength || (!lpFormattedName && *lpnLength))
        return WN_BAD_VALUE;
    if (!classic_parse(lpRemoteName, &name))
        return WN_BAD_NETNAME;
    text = name.text;
    units = name.units;
    if ((dwFlags & 0x8000) && sabotage("format-flags"))
        units = 0;
    if ((dwFlags & WNFMT_INENUM) && sabotage("format-in-list")) {
        text = u"the resource \\\\classic, in a list, with all that is known of it";
        units = classic_length(text);
    } else if (dwFlags & WNFMT_INENUM) { /* below its container its own name will do */
        text = name.share_units ? name.share : name.text + 2;
        units -= (size_t)(text - name.text);
    }
    format(&counted, text, units, dwFlags, dwAveCharPerLine);
    if (sabotage("format-nul")) /* OpenAFS da00d719a: the NUL is not counted */
        counted.units--;
    if (sabotage("format-bytes")) /* OpenAFS: bytes */
        counted.units *= sizeof(WCHAR);
    if (*lpnLength < counted.units) {
        *lpnLength = (DWORD)counted.units;
        return WN_MORE_DATA;
    }
    format(&shown, text, units, dwFlags, dwAveCharPerLine);
    return WN_SUCCESS;
}
