/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_connections.c: the connections and who uses them, as a list of one's own.
 */
#include "config.h"

#include "tools/wnet/wnet_connections.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "tools/wnet/wnet_alloc.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_text.h"

static const struct {
    uint32_t state;
    const char *words, *key;
} states[] = {
    {MPR_STATE_CONNECTED, "OK", "connected"},
    {MPR_STATE_CONNECTING, "Connecting", "connecting"},
    {MPR_STATE_CANCELLING, "Disconnecting", "cancelling"},
    {MPR_STATE_RECONNECTING, "Reconnecting", "reconnecting"},
    {MPR_STATE_UNAVAILABLE, "Unavailable", "unavailable"},
    {MPR_STATE_REMEMBERED, "Disconnected", "remembered"},
};

static const struct {
    uint32_t kind;
    const char *words, *key;
} kinds[] = {
    {MPR_HOLDER_FILE, "open file", "file"},
    {MPR_HOLDER_DIRECTORY, "working directory", "directory"},
    {MPR_HOLDER_MAPPING, "mapped file", "mapping"},
};

#define WORDS_MAX    2048
#define PROVIDER_MAX 256
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- collecting --- */

static void take_text(LPCSTR *text) {
    *text = wnet_copy(*text ? *text : "");
}

static int take_status(void *context, const struct mpr_connection_status *status) {
    struct wnet_connections *list = context;
    struct mpr_connection_status *item;

    list->items = wnet_grow(list->items, list->count, sizeof *list->items);
    item = &list->items[list->count++];
    memcpy(item, status, status->size < sizeof *item ? status->size : sizeof *item);
    take_text(&item->device);
    take_text(&item->remote);
    take_text(&item->provider);
    take_text(&item->user);
    take_text(&item->directory);
    take_text(&item->reason);
    return 0;
}

DWORD wnet_connections_read(const char *name, struct wnet_connections *ret) {
    struct wnet_connections list = {0};
    DWORD rc = MprStatus(name, take_status, &list);

    if (rc == NO_ERROR)
        *ret = list;
    else
        wnet_connections_clear(&list);
    return rc;
}

void wnet_connections_warn(void) {
    char words[WORDS_MAX] = "", provider[PROVIDER_MAX];
    HANDLE list;
    DWORD code, rc = WNetOpenEnumA(RESOURCE_REMEMBERED, RESOURCETYPE_ANY, 0, NULL, &list);

    if (rc == NO_ERROR)
        WNetCloseEnum(list);
    if ((rc != ERROR_BAD_PROFILE && rc != ERROR_CANNOT_OPEN_PROFILE) || wnet_error_is_in_json()
        || WNetGetLastErrorA(&code, words, sizeof words, provider, sizeof provider) != NO_ERROR)
        return;
    wnet_error_warn("What is remembered cannot be told: %s", words);
}

static void free_text(LPCSTR text) {
    free((char *)(uintptr_t)text);
}

void wnet_connections_clear(struct wnet_connections *connections) {
    for (size_t i = 0; i < connections->count; i++) {
        const struct mpr_connection_status *item = &connections->items[i];

        free_text(item->device);
        free_text(item->remote);
        free_text(item->provider);
        free_text(item->user);
        free_text(item->directory);
        free_text(item->reason);
    }
    free(connections->items);
    *connections = (struct wnet_connections){0};
}

static int take_holder(void *context, const struct mpr_holder *holder) {
    struct wnet_holders *list = context;
    struct mpr_holder *item;

    list->items = wnet_grow(list->items, list->count, sizeof *list->items);
    item = &list->items[list->count++];
    memcpy(item, holder, holder->size < sizeof *item ? holder->size : sizeof *item);
    take_text(&item->command);
    take_text(&item->path);
    return 0;
}

DWORD wnet_holders_read(const char *name, struct wnet_holders *ret) {
    struct wnet_holders list = {0};
    DWORD rc = MprHolders(name, take_holder, &list);

    if (rc == NO_ERROR)
        *ret = list;
    else
        wnet_holders_clear(&list);
    return rc;
}

void wnet_holders_clear(struct wnet_holders *holders) {
    for (size_t i = 0; i < holders->count; i++) {
        free_text(holders->items[i].command);
        free_text(holders->items[i].path);
    }
    free(holders->items);
    *holders = (struct wnet_holders){0};
}

/* --- words --- */

const char *wnet_connection_state(const struct mpr_connection_status *status) {
    if (status->state == MPR_STATE_CONNECTED && *status->reason)
        return "Not mounted";
    for (size_t i = 0; i < COUNT(states); i++)
        if (states[i].state == status->state)
            return states[i].words;
    return "Error";
}

static const char *state_key(const struct mpr_connection_status *status) {
    for (size_t i = 0; i < COUNT(states); i++)
        if (states[i].state == status->state)
            return states[i].key;
    return "unknown";
}

const char *wnet_connection_type(const struct mpr_connection_status *status) {
    return status->type == RESOURCETYPE_PRINT  ? "Print"
           : status->type == RESOURCETYPE_DISK ? "Disk"
                                               : "Any";
}

const char *wnet_connection_name(const struct mpr_connection_status *status) {
    return *status->device ? status->device : status->remote;
}

static const char *describe_kind(const struct mpr_holder *holder) {
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kinds[i].kind == holder->kind)
            return kinds[i].words;
    return "in use";
}

void wnet_holders_put(const struct wnet_holders *holders) {
    for (size_t i = 0; i < holders->count; i++) {
        const struct mpr_holder *holder = &holders->items[i];

        printf("    %7d  ", (int)holder->pid);
        wnet_text_put(stdout, holder->command);
        printf("  %s", describe_kind(holder));
        if (*holder->path) {
            fputs("  ", stdout);
            wnet_text_put(stdout, holder->path);
        }
        if (holder->more)
            printf("  and %u more", holder->more);
        putchar('\n');
    }
}

/* --- JSON --- */

static const char *kind_key(const struct mpr_holder *holder) {
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kinds[i].kind == holder->kind)
            return kinds[i].key;
    return "unknown";
}

static void put_holders(struct wnet_json *json, const struct wnet_holders *holders) {
    wnet_json_open(json, "holders", '[');
    for (size_t i = 0; i < holders->count; i++) {
        const struct mpr_holder *holder = &holders->items[i];

        wnet_json_open(json, NULL, '{');
        wnet_json_number(json, "pid", (uint64_t)holder->pid);
        wnet_json_text(json, "command", holder->command);
        wnet_json_text(json, "kind", kind_key(holder));
        wnet_json_name(json, "path", holder->path);
        wnet_json_number(json, "more", holder->more);
        wnet_json_close(json, '}');
    }
    wnet_json_close(json, ']');
}

static const char *type_key(const struct mpr_connection_status *status) {
    return status->type == RESOURCETYPE_PRINT  ? "print"
           : status->type == RESOURCETYPE_DISK ? "disk"
                                               : "any";
}

static void put_connection(struct wnet_json *json, const struct mpr_connection_status *status,
                           const struct wnet_holders *holders) {
    wnet_json_open(json, NULL, '{');
    wnet_json_name(json, "device", status->device);
    wnet_json_text(json, "remote", status->remote);
    wnet_json_text(json, "state", state_key(status));
    wnet_json_text(json, "type", type_key(status));
    wnet_json_name(json, "provider", status->provider);
    wnet_json_name(json, "user", status->user);
    wnet_json_name(json, "directory", status->directory);
    wnet_json_flag(json, "persistent", status->persistent != 0);
    wnet_json_number(json, "open_files", status->open_files);
    wnet_json_number(json, "bytes_read", status->bytes_read);
    wnet_json_number(json, "bytes_written", status->bytes_written);
    wnet_json_number(json, "operations", status->operations);
    wnet_json_number(json, "latency_us", status->latency_us);
    wnet_json_number(json, "age_ms", status->age_ms);
    wnet_json_number(json, "code", status->code);
    wnet_json_name(json, "reason", status->reason);
    wnet_json_number(json, "retry_s", status->retry_s);
    if (holders)
        put_holders(json, holders);
    wnet_json_close(json, '}');
}

void wnet_connections_json(struct wnet_json *json, const struct wnet_connections *connections,
                           const struct wnet_holders *holders) {
    wnet_json_open(json, "connections", '[');
    for (size_t i = 0; i < connections->count; i++)
        put_connection(json, &connections->items[i], holders ? &holders[i] : NULL);
    wnet_json_close(json, ']');
}
