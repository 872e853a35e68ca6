/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_enum.c: listings. What is to be listed is copied when one is opened,
 * so that nothing that happens meanwhile shows anything twice. A handle is a
 * number that was never given before, and is never followed as a pointer.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_HANDLE 0x4D50520000000001u

struct listing {
    struct listing *next;
    uint64_t number;
    size_t count, at;
    struct classic_entry *entries; /* their texts are the listing's own, but comments */
};
static struct listing *listings;

static void drop(struct listing *listing) {
    for (size_t i = 0; i < listing->count; i++) {
        free((void *)(uintptr_t)listing->entries[i].local);
        free((void *)(uintptr_t)listing->entries[i].remote);
    }
    free(listing->entries);
    free(listing);
}

/* What is asked for; counts from 0. */
struct question {
    DWORD scope, type, usage;
};

static bool passes(const struct question *question, const struct classic_entry *entry) {
    DWORD types = question->type & (RESOURCETYPE_DISK | RESOURCETYPE_PRINT);
    DWORD usages = question->usage & (RESOURCEUSAGE_CONNECTABLE | RESOURCEUSAGE_CONTAINER);

    if (types && entry->type && !(entry->type & types))
        return false;
    return question->scope != RESOURCE_GLOBALNET || !usages || (entry->usage & usages);
}

/* Adds a copy; false: no memory. */
static bool put(struct listing *listing, const struct question *question,
                struct classic_entry entry) {
    struct classic_entry *entries;
    bool has_device;

    if (!passes(question, &entry))
        return true;
    entries = realloc(listing->entries, (listing->count + 1) * sizeof *entries);
    if (!entries)
        return false;
    listing->entries = entries;
    entry.scope = question->scope;
    entry.remote_units = classic_length(entry.remote);
    entry.remote = classic_copy(entry.remote, entry.remote_units);
    has_device = entry.local && *entry.local;
    entry.local = has_device ? classic_copy(entry.local, classic_length(entry.local)) : NULL;
    entries[listing->count++] = entry;
    return entry.remote && (entry.local || !has_device);
}

/* With the lock held. */
static bool put_connections(struct listing *listing, const struct question *question) {
    for (const struct classic_connection *it = classic_connections; it; it = it->next)
        if (!put(listing, question,
                 (struct classic_entry){.type = it->type,
                                        .display = RESOURCEDISPLAYTYPE_SHARE,
                                        .usage = RESOURCEUSAGE_CONNECTABLE,
                                        .local = it->local,
                                        .remote = it->remote}))
            return false;
    return true;
}

static bool put_server(struct listing *listing, const struct question *question) {
    return put(listing, question,
               (struct classic_entry){.display = RESOURCEDISPLAYTYPE_SERVER,
                                      .usage = RESOURCEUSAGE_CONTAINER,
                                      .remote = CLASSIC_SERVER,
                                      .comment = u"the classic server"});
}

static bool put_shares(struct listing *listing, const struct question *question) {
    for (size_t i = 0; i < classic_share_count; i++)
        if (!put(listing, question,
                 (struct classic_entry){.type = classic_shares[i].type,
                                        .display = RESOURCEDISPLAYTYPE_SHARE,
                                        .usage = RESOURCEUSAGE_CONNECTABLE,
                                        .remote = classic_shares[i].remote,
                                        .comment = classic_shares[i].comment}))
            return false;
    return true;
}

/* Is there anything below? Only the server has something. */
static DWORD check_container(LPCWSTR remote) {
    struct classic_name name;

    if (!remote)
        return WN_SUCCESS;
    return classic_parse(remote, &name) && !name.share_units && classic_is_server(&name)
               ? WN_SUCCESS
               : WN_NOT_CONTAINER;
}

static DWORD fill(struct listing *listing, const struct question *question, LPCWSTR container) {
    static uint64_t last = FIRST_HANDLE;
    bool filled;

    classic_lock();
    if (question->scope == RESOURCE_CONNECTED)
        filled = put_connections(listing, question);
    else if (question->scope == RESOURCE_GLOBALNET && container)
        filled = put_shares(listing, question);
    else
        filled = put_server(listing, question);
    if (filled) {
        listing->number = last++;
        listing->next = listings;
        listings = listing;
    }
    classic_unlock();
    return filled ? WN_SUCCESS : WN_OUT_OF_MEMORY;
}

DWORD NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage, LPNETRESOURCEW lpNetResource,
                 HANDLE *lphEnum) {
    const struct question question = {.scope = dwScope, .type = dwType, .usage = dwUsage};
    LPCWSTR container =
        lpNetResource && dwScope == RESOURCE_GLOBALNET ? lpNetResource->lpRemoteName : NULL;
    struct listing *listing;
    DWORD code;

    if (dwScope != RESOURCE_CONNECTED && dwScope != RESOURCE_GLOBALNET
        && dwScope != RESOURCE_CONTEXT)
        return WN_NOT_SUPPORTED;
    if (!lphEnum)
        return WN_BAD_VALUE;
    code = check_container(container);
    if (code != WN_SUCCESS)
        return code;
    listing = calloc(1, sizeof *listing);
    if (!listing)
        return WN_OUT_OF_MEMORY;
    code = fill(listing, &question, container);
    if (code == WN_SUCCESS)
        *lphEnum = (HANDLE)(uintptr_t)listing->number;
    else
        drop(listing);
    return code;
}

/* With the lock held. */
static struct listing **find(HANDLE handle) {
    struct listing **at = &listings;

    while (*at && (*at)->number != (uintptr_t)handle)
        at = &(*at)->next;
    return at;
}

/* As many whole entries as are wanted and fit. */
static DWORD give(struct listing *listing, LPDWORD count, void *buffer, LPDWORD size) {
    char *end = classic_end(buffer, *size), *at = buffer;
    DWORD given = 0;

    if (listing->at == listing->count)
        return WN_NO_MORE_ENTRIES;
    while (given < *count && listing->at < listing->count) {
        const struct classic_entry *entry = &listing->entries[listing->at];
        size_t needed = classic_entry_size(entry);

        if ((size_t)(end - at) < needed) {
            if (given)
                break;
            *size = (DWORD)needed;
            return WN_MORE_DATA;
        }
        classic_entry_write(entry, at, &end);
        at += sizeof(NETRESOURCEW);
        listing->at++;
        given++;
    }
    *count = given;
    return WN_SUCCESS;
}

DWORD NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    struct listing *listing;
    DWORD code = WN_BAD_HANDLE;

    if (!lpcCount || !lpBufferSize || (!lpBuffer && *lpBufferSize))
        return WN_BAD_VALUE;
    classic_lock();
    listing = *find(hEnum);
    if (listing)
        code = give(listing, lpcCount, lpBuffer, lpBufferSize);
    classic_unlock();
    return code;
}

DWORD NPCloseEnum(HANDLE hEnum) {
    struct listing **at, *listing;

    classic_lock();
    at = find(hEnum);
    listing = *at;
    if (listing)
        *at = listing->next;
    classic_unlock();
    if (!listing)
        return WN_BAD_HANDLE;
    drop(listing);
    return WN_SUCCESS;
}
