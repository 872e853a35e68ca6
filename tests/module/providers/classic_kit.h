/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_kit.h: what the classic providers of the tests have in common: texts
 * in UTF-16, a table of connections, and answers packed as npapi.h wants them.
 * A test changes the table from outside, as another program would.
 */
#ifndef CLASSIC_KIT_H
#define CLASSIC_KIT_H

#include <stdbool.h>
#include <string.h>

#include <mpr/npapi.h>
#include <mpr/winerror.h>

#define KIT_UNUSED __attribute__((unused))
#define KIT_EXPORT __attribute__((visibility("default")))
#define KIT_MOST   32

struct kit_connection {
    bool used;
    DWORD type;
    WCHAR local[8], remote[300], user[64];
};

static struct kit_connection kit_table[KIT_MOST];

static inline size_t kit_length(LPCWSTR text) {
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

static inline void kit_copy(LPWSTR to, size_t size, LPCWSTR from) {
    size_t i = 0;

    for (; from && from[i] && i + 1 < size; i++)
        to[i] = from[i];
    to[i] = 0;
}

/* ASCII to UTF-16, in one of four buffers that are used in turn. */
static inline LPWSTR kit_wide(const char *text) {
    static WCHAR buffers[4][400];
    static unsigned turn;
    LPWSTR wide = buffers[turn++ % 4];
    size_t i = 0;

    for (; text[i] && i < 399; i++)
        wide[i] = (WCHAR)(unsigned char)text[i];
    wide[i] = 0;
    return wide;
}

static inline WCHAR kit_small(WCHAR c) {
    return c >= 'A' && c <= 'Z' ? (WCHAR)(c + 32) : c;
}

static inline bool kit_same(LPCWSTR a, LPCWSTR b) {
    while (*a && kit_small(*a) == kit_small(*b)) {
        a++;
        b++;
    }
    return kit_small(*a) == kit_small(*b);
}

static inline bool kit_is(LPCWSTR a, const char *b) {
    return a && kit_same(a, kit_wide(b));
}

static inline bool kit_begins(LPCWSTR a, const char *b) {
    for (; *b; a++, b++)
        if (kit_small(*a) != kit_small((WCHAR)(unsigned char)*b))
            return false;
    return true;
}

/* The connection of a device, or the deviceless one of a remote name. */
static inline struct kit_connection *kit_find(LPCWSTR name) {
    for (size_t i = 0; i < KIT_MOST; i++)
        if (kit_table[i].used
            && kit_same(kit_table[i].local[0] ? kit_table[i].local : kit_table[i].remote, name))
            return &kit_table[i];
    return NULL;
}

/* Any connection to a remote name, or of a device. */
static inline KIT_UNUSED struct kit_connection *kit_find_any(LPCWSTR name) {
    for (size_t i = 0; i < KIT_MOST; i++)
        if (kit_table[i].used
            && (kit_same(kit_table[i].local, name) || kit_same(kit_table[i].remote, name)))
            return &kit_table[i];
    return NULL;
}

static inline void kit_add(LPCWSTR local, LPCWSTR remote, LPCWSTR user, DWORD type) {
    for (size_t i = 0; i < KIT_MOST; i++) {
        struct kit_connection *conn = &kit_table[i];

        if (conn->used)
            continue;
        conn->used = true;
        conn->type = type;
        kit_copy(conn->local, 8, local);
        kit_copy(conn->remote, 300, remote);
        kit_copy(conn->user, 64, user);
        return;
    }
}

/* What another program would do: a redirection of the provider's own. */
KIT_EXPORT void classic_redirect(const char *local, const char *remote, const char *user);
KIT_EXPORT int classic_count(void);

void classic_redirect(const char *local, const char *remote, const char *user) {
    kit_add(kit_wide(local), kit_wide(remote), kit_wide(user), RESOURCETYPE_DISK);
}

int classic_count(void) {
    int count = 0;

    for (size_t i = 0; i < KIT_MOST; i++)
        count += kit_table[i].used;
    return count;
}

/* One text, its size in units. */
static inline KIT_UNUSED DWORD kit_give(LPCWSTR text, LPWSTR buffer, LPDWORD size) {
    DWORD needed = (DWORD)kit_length(text) + 1;

    if (*size < needed) {
        *size = needed;
        return WN_MORE_DATA;
    }
    kit_copy(buffer, needed, text);
    return WN_SUCCESS;
}

/* Puts a text before *end. */
static inline KIT_UNUSED LPWSTR kit_put(char **end, LPCWSTR text) {
    size_t size;

    if (!text)
        return NULL;
    size = (kit_length(text) + 1) * sizeof *text;
    *end -= size;
    return memcpy(*end, text, size);
}

static inline size_t kit_bytes(LPCWSTR text) {
    return text ? (kit_length(text) + 1) * sizeof *text : 0;
}

/* One entry at the head, its texts before *end; false: it does not fit. */
static inline KIT_UNUSED bool kit_entry(NETRESOURCEW *entry, char **end, DWORD scope, DWORD type,
                                        DWORD usage, LPCWSTR local, LPCWSTR remote,
                                        LPCWSTR comment) {
    size_t size = sizeof *entry + kit_bytes(local) + kit_bytes(remote) + kit_bytes(comment);

    if ((size_t)(*end - (char *)entry) < size)
        return false;
    *entry = (NETRESOURCEW){.dwScope = scope,
                            .dwType = type,
                            .dwDisplayType = RESOURCEDISPLAYTYPE_SHARE,
                            .dwUsage = usage};
    entry->lpLocalName = kit_put(end, local);
    entry->lpRemoteName = kit_put(end, remote);
    entry->lpComment = kit_put(end, comment);
    return true;
}

/* The caps that all have; own is for the index of connections. */
static inline KIT_UNUSED DWORD kit_caps(DWORD index, DWORD connection) {
    switch (index) {
    case WNNC_SPEC_VERSION:
        return WNNC_SPEC_VERSION51;
    case WNNC_NET_TYPE:
        return 0x00250000;
    case WNNC_DRIVER_VERSION:
        return 0x0102;
    case WNNC_CONNECTION:
        return connection;
    case WNNC_START:
        return WNNC_WAIT_FOR_START;
    default:
        return 0;
    }
}

#endif
