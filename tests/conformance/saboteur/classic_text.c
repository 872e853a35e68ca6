/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_text.c: texts in UTF-16, and answers packed as npapi.h wants them. The
 * buffers of a caller may lie anywhere, so everything in them goes by memcpy.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t classic_length(LPCWSTR text) {
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

size_t classic_bytes(LPCWSTR text) {
    return text ? (classic_length(text) + 1) * sizeof *text : 0;
}

WCHAR classic_fold(WCHAR unit) {
    return unit >= u'A' && unit <= u'Z' ? (WCHAR)(unit - u'A' + u'a') : unit;
}

bool classic_same_part(LPCWSTR part, size_t units, LPCWSTR whole) {
    size_t i = 0;

    while (i < units && whole[i] && classic_fold(part[i]) == classic_fold(whole[i]))
        i++;
    return i == units && !whole[i];
}

bool classic_same(LPCWSTR a, LPCWSTR b) {
    return classic_same_part(a, classic_length(a), b);
}

LPWSTR classic_copy(LPCWSTR text, size_t units) {
    LPWSTR copy = malloc((units + 1) * sizeof *copy);

    if (copy) {
        memcpy(copy, text, units * sizeof *copy);
        copy[units] = 0;
    }
    return copy;
}

DWORD classic_give(LPCWSTR text, LPWSTR buffer, LPDWORD size) {
    DWORD needed = (DWORD)classic_length(text) + 1;

    if (*size < needed) {
        *size = needed;
        return WN_MORE_DATA;
    }
    if (!buffer)
        return WN_BAD_VALUE;
    memcpy(buffer, text, needed * sizeof *text);
    return WN_SUCCESS;
}

char *classic_end(void *buffer, DWORD size) {
    char *end = (char *)buffer + size;

    return end - (size & (uintptr_t)end & 1);
}

LPWSTR classic_put(char **end, LPCWSTR text, size_t units) {
    static const WCHAR nul = 0;

    if (!text)
        return NULL;
    *end -= sizeof nul;
    memcpy(*end, &nul, sizeof nul);
    *end -= units * sizeof nul;
    return memcpy(*end, text, units * sizeof nul);
}

size_t classic_entry_size(const struct classic_entry *entry) {
    return sizeof(NETRESOURCEW) + classic_bytes(CLASSIC_PROVIDER) + classic_bytes(entry->local)
           + classic_bytes(entry->comment)
           + (entry->remote ? (entry->remote_units + 1) * sizeof(WCHAR) : 0);
}

static LPWSTR put_whole(char **end, LPCWSTR text) {
    return text ? classic_put(end, text, classic_length(text)) : NULL;
}

void classic_entry_write(const struct classic_entry *entry, void *at, char **end) {
    NETRESOURCEW resource = {
        .dwScope = entry->scope,
        .dwType = entry->type,
        .dwDisplayType = entry->display,
        .dwUsage = entry->usage,
    };

    resource.lpProvider = put_whole(end, CLASSIC_PROVIDER);
    resource.lpComment = put_whole(end, entry->comment);
    resource.lpRemoteName = classic_put(end, entry->remote, entry->remote_units);
    resource.lpLocalName = put_whole(end, entry->local);
    memcpy(at, &resource, sizeof resource);
}

/* Appends what there is room for. */
static void append(WCHAR *text, size_t size, LPCWSTR more) {
    size_t at = classic_length(text);

    while (*more && at + 1 < size)
        text[at++] = *more++;
    text[at] = 0;
}

DWORD classic_explain(DWORD native, LPCWSTR before, LPCWSTR name, LPCWSTR after) {
    WCHAR text[512] = {0};

    append(text, 100, before);
    append(text, 300, name);
    append(text, sizeof text / sizeof *text, after);
    WNetSetLastErrorW(native, text, CLASSIC_PROVIDER);
    return WN_EXTENDED_ERROR;
}
