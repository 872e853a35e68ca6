/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_enum.c: listings. What is to be listed is copied when one is opened,
 * so that nothing that happens meanwhile shows anything twice. A handle is a
 * number that was never given before, and is never followed as a pointer.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_HANDLE 0x4D50520000000001u
#define ENDLESS_SIZE 100

struct listing {
    struct listing *next;
    uint64_t number;
    pthread_t opener;
    bool ended;
    size_t count, at;
    struct classic_entry *entries; /* their texts are the listing's own, but comments */
};
static struct listing *listings;
static struct listing *nothing; /* always NULL */
static size_t only_cursor;      /* of a provider that has one for all */

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

    /* OpenAFS 7ba912914: a filter by usage that lets nothing through */
    if (sabotage("enum-usage") && question->usage && question->scope == RESOURCE_CONNECTED)
        return false;
    if (sabotage("enum-printers")) /* ... and none by type */
        return true;
    if (types && entry->type && !(entry->type & types))
        return false;
    return question->scope != RESOURCE_GLOBALNET || !usages || (entry->usage & usages);
}

static void spoil(const struct question *question, struct classic_entry *entry) {
    if (sabotage("enum-scope") && entry->scope == RESOURCE_CONNECTED) /* ms-nfs41: dwScope 0 */
        entry->scope = 0;
    if (sabotage("enum-context") && entry->scope == RESOURCE_CONTEXT)
        entry->scope = RESOURCE_GLOBALNET;
    /* the name as it is shown to people, without its server */
    if (sabotage("enum-short-names") && question->scope == RESOURCE_CONNECTED)
        entry->remote += classic_length(CLASSIC_SERVER) + 1;
    if (sabotage("enum-pseudo-device") && entry->local && !*entry->local) /* ms-nfs41 */
        entry->local = u"_:";
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
    spoil(question, &entry);
    if (sabotage("enum-32") && listing->count == 32) /* dokany #737: a table of 32 */
        return true;
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
    /* the server contains itself */
    if (sabotage("enum-cycle") && !put_server(listing, question))
        return false;
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

    if (!remote || sabotage("enum-any-container")) /* dokany #952 */
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
        listing->opener = pthread_self();
        only_cursor = 0;
        listing->next = listings;
        listings = listing;
    }
    classic_unlock();
    return filled ? WN_SUCCESS : WN_OUT_OF_MEMORY;
}

static DWORD check_question(const struct question *question) {
    if (question->scope != RESOURCE_CONNECTED && question->scope != RESOURCE_GLOBALNET
        && question->scope != RESOURCE_CONTEXT
        && !sabotage("enum-any-scope")) /* remembered ones, too */
        return WN_NOT_SUPPORTED;
    if (sabotage("enum-print-mask") && (question->type & RESOURCETYPE_PRINT)) /* WinFsp */
        return WN_BAD_VALUE;
    return WN_SUCCESS;
}

DWORD NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage, LPNETRESOURCEW lpNetResource,
                 HANDLE *lphEnum) {
    const struct question question = {.scope = dwScope, .type = dwType, .usage = dwUsage};
    LPCWSTR container =
        lpNetResource && dwScope == RESOURCE_GLOBALNET ? lpNetResource->lpRemoteName : NULL;
    struct listing *listing;
    DWORD code;

    code = check_question(&question);
    if (code != WN_SUCCESS)
        return code;
    if (!lphEnum && !sabotage("enum-handle-nowhere")) /* VirtualBox: the pointer is followed */
        return WN_BAD_VALUE;
    code = check_container(container);
    if (code != WN_SUCCESS)
        return code;
    classic_stress_list();
    listing = calloc(1, sizeof *listing);
    if (!listing && !sabotage("enum-memory")) /* what calloc gives is used as it is */
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

    /* VirtualBox, Dokany: any pointer is trusted */
    if (sabotage("enum-pointer") && handle && (uintptr_t)handle < FIRST_HANDLE)
        return *(uint64_t *)handle == FIRST_HANDLE ? at : &(*at)->next;
    while (*at && (*at)->number != (uintptr_t)handle)
        at = &(*at)->next;
    if (*at && sabotage("enum-thread") && !pthread_equal((*at)->opener, pthread_self()))
        return &nothing;
    return at;
}

/* How far a listing is. */
static size_t *cursor_of(struct listing *listing) {
    return sabotage("enum-one-cursor") ? &only_cursor : &listing->at;
}

static size_t needed_for(const struct classic_entry *entry) {
    /* Dokany: the NUL is not counted */
    return classic_entry_size(entry) - (sabotage("enum-nul") ? sizeof(WCHAR) : 0);
}

static struct classic_entry entry_at(const struct listing *listing, size_t at, DWORD given) {
    struct classic_entry entry = listing->entries[at];

    /* dokany #653: driver and module disagree on a size, so only the first entry is right */
    if (sabotage("enum-first-only") && given) {
        entry.display = entry.usage;
        entry.remote = listing->entries[0].remote;
        entry.remote_units = listing->entries[0].remote_units;
    }
    return entry;
}

/* VirtualBox: it is looked for again, and the call ends there. */
static bool is_gone(const struct classic_entry *entry) {
    return sabotage("enum-259-with-count") && entry->local && !classic_of_device(entry->local);
}

/* No further entry fits. */
static DWORD end_at(DWORD given, size_t needed, LPDWORD count, LPDWORD size) {
    *count = given;
    if (given && !sabotage("enum-more-after-copy")) /* ms-nfs41: with entries in the buffer */
        return WN_SUCCESS;
    *size = (DWORD)needed;
    return WN_MORE_DATA;
}

static DWORD nothing_left(struct listing *listing, LPDWORD size) {
    if (listing->ended && sabotage("enum-end-once")) /* it was closed with the last answer */
        return WN_BAD_HANDLE;
    listing->ended = true;
    /* ms-nfs41 faec978: the end never comes */
    if (!sabotage("enum-endless") || listing->count < 3)
        return WN_NO_MORE_ENTRIES;
    *size = ENDLESS_SIZE;
    return WN_MORE_DATA;
}

/* As many whole entries as are wanted and fit. */
static DWORD give(struct listing *listing, LPDWORD count, void *buffer, LPDWORD size) {
    char *end = sabotage("enum-odd") ? (char *)buffer + *size : classic_end(buffer, *size);
    char *at = buffer;
    DWORD given = 0, wanted = sabotage("enum-one-each") && *count ? 1 : *count;
    size_t *cursor = cursor_of(listing);

    if (*cursor >= listing->count)
        return nothing_left(listing, size);
    while (given < wanted && *cursor < listing->count) {
        const struct classic_entry entry = entry_at(listing, *cursor, given);
        size_t needed = needed_for(&entry);

        *cursor += sabotage("enum-cursor"); /* WinFsp: before it is known to fit */
        if ((size_t)(end - at) < needed)
            return end_at(given, needed, count, size);
        if (is_gone(&entry)) {
            *count = given;
            return WN_NO_MORE_ENTRIES;
        }
        classic_entry_write(&entry, at, &end);
        at += sizeof(NETRESOURCEW);
        *cursor += !sabotage("enum-cursor");
        given++;
    }
    *count = given;
    if (sabotage("enum-size")) /* what was used, as some documents have it */
        *size -= (DWORD)(end - at);
    return WN_SUCCESS;
}

DWORD NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    struct listing *listing;
    DWORD code = WN_BAD_HANDLE;

    if ((!lpcCount && !sabotage("enum-null")) || !lpBufferSize || (!lpBuffer && *lpBufferSize))
        return WN_BAD_VALUE;
    classic_lock();
    listing = *find(hEnum);
    if (listing)
        code = give(listing, lpcCount, lpBuffer, lpBufferSize);
    else if (sabotage("enum-after-close") && (uintptr_t)hEnum >= FIRST_HANDLE
             && (uintptr_t)hEnum != UINTPTR_MAX)
        code = WN_NO_MORE_ENTRIES;
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
    /* WinFsp: the signature of what was freed is as good as ever */
    if (!listing && sabotage("enum-close-twice") && (uintptr_t)hEnum >= FIRST_HANDLE
        && (uintptr_t)hEnum != UINTPTR_MAX)
        return WN_SUCCESS;
    if (!listing)
        return WN_BAD_HANDLE;
    if (!sabotage("enum-leak"))
        drop(listing);
    return WN_SUCCESS;
}
