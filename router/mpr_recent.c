/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_recent.c: the connections that were made lately: recent.json.
 *
 * {"version": 1, "connections": [{"remote_path": "//server/share", "key": "//server/share",
 *  "provider_name": "SMB Network", "connection_type": 1, "user_name": "", "device": "Z:"}]}
 */
#include "config.h"

#include "router/mpr_recent.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_json.h"
#include "router/mpr_store.h"
#include "router/mpr_trace.h"
#include "router/mpr_utf.h"

#define FORMAT_VERSION 1u

static void clear_entry(struct mpr_recent_entry *entry) {
    free(entry->remote);
    free(entry->provider);
    free(entry->key);
    free(entry->user);
    free(entry->device);
}

void mpr_recent_list_clear(struct mpr_recent_list *list) {
    for (size_t i = 0; i < list->count; i++)
        clear_entry(&list->entries[i]);
    free(list->entries);
    *list = (struct mpr_recent_list){0};
}

/* --- reading --- */

/* ERROR_INVALID_DATA: of another kind. What is missing is "". */
static DWORD read_text(const struct mpr_json *object, const char *key, char **ret) {
    const char *text = "";

    if (mpr_json_get_string(object, key, &text) == MPR_JSON_WRONG)
        return ERROR_INVALID_DATA;
    *ret = strdup(text);
    return *ret ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

/* On failure too the entry is to be cleared. */
static DWORD read_entry(const struct mpr_json *object, struct mpr_recent_entry *entry) {
    DWORD rc;

    if (!mpr_json_is_object(object)
        || mpr_json_get_u32(object, "connection_type", &entry->type) == MPR_JSON_WRONG)
        return ERROR_INVALID_DATA;
    rc = read_text(object, "remote_path", &entry->remote);
    if (rc == NO_ERROR && !*entry->remote)
        rc = ERROR_INVALID_DATA;
    if (rc == NO_ERROR)
        rc = read_text(object, "provider_name", &entry->provider);
    if (rc == NO_ERROR)
        rc = read_text(object, "key", &entry->key);
    if (rc == NO_ERROR)
        rc = read_text(object, "user_name", &entry->user);
    if (rc == NO_ERROR)
        rc = read_text(object, "device", &entry->device);
    return rc;
}

static DWORD read_document(const struct mpr_json *document, struct mpr_recent_list *list) {
    const struct mpr_json *connections, *at;
    enum mpr_json_found found = mpr_json_get_array(document, "connections", &connections);
    DWORD rc = NO_ERROR;

    if (found != MPR_JSON_FOUND)
        return found == MPR_JSON_WRONG ? ERROR_INVALID_DATA : NO_ERROR;
    list->entries = calloc(MPR_RECENT_MOST, sizeof *list->entries);
    if (!list->entries)
        return ERROR_NOT_ENOUGH_MEMORY;
    for (at = mpr_json_first(connections); at && list->count < MPR_RECENT_MOST && rc == NO_ERROR;
         at = mpr_json_next(at))
        rc = read_entry(at, &list->entries[list->count++]);
    return rc;
}

static DWORD read_list(const char *text, size_t size, struct mpr_recent_list *ret_list) {
    struct mpr_recent_list list = {0};
    struct mpr_json_fault fault;
    struct mpr_json *document;
    DWORD rc = mpr_json_parse(text, size, &fault, &document);

    if (rc != NO_ERROR)
        return rc;
    rc = read_document(document, &list);
    mpr_json_free(document);
    if (rc != NO_ERROR) {
        mpr_recent_list_clear(&list);
        return rc;
    }
    *ret_list = list;
    return NO_ERROR;
}

/* ERROR_INVALID_DATA: it is not understood. No file is an empty list. */
static DWORD load(struct mpr_store *store, struct mpr_recent_list *ret_list) {
    MPR_AUTOFREE char *text = NULL;
    size_t size;
    DWORD rc = mpr_store_load(store, &text, &size);

    if (rc == ERROR_BAD_PROFILE)
        return ERROR_INVALID_DATA;
    if (rc != NO_ERROR || !text)
        return rc;
    return read_list(text, size, ret_list);
}

static DWORD open_store(const struct mpr_paths *paths, bool create, struct mpr_store *ret_store) {
    return mpr_store_open(paths->state, "recent.json", "list of recent connections", create,
                          ret_store);
}

DWORD mpr_recent_read(const struct mpr_paths *paths, struct mpr_recent_list *ret_list) {
    struct mpr_recent_list list = {0};
    struct mpr_error_state error;
    struct mpr_store store;
    DWORD rc;

    mpr_error_keep(&error);
    rc = open_store(paths, false, &store);
    if (rc == NO_ERROR) {
        rc = load(&store, &list);
        mpr_store_close(&store);
    }
    mpr_error_put_back(&error);
    mpr_trace("recent", "read %s/recent.json: %u", paths->state, rc);
    if (rc == ERROR_NOT_ENOUGH_MEMORY)
        return rc;
    *ret_list = list;
    return NO_ERROR;
}

/* --- changing --- */

static DWORD put_entry(struct mpr_json *array, const struct mpr_recent_entry *entry) {
    struct mpr_json *object;
    DWORD rc = mpr_json_add_object(array, &object);

    if (rc == NO_ERROR)
        rc = mpr_json_put_string(object, "remote_path", entry->remote);
    if (rc == NO_ERROR)
        rc = mpr_json_put_string(object, "provider_name", entry->provider);
    if (rc == NO_ERROR)
        rc = mpr_json_put_string(object, "key", entry->key);
    if (rc == NO_ERROR)
        rc = mpr_json_put_u32(object, "connection_type", entry->type);
    if (rc == NO_ERROR)
        rc = mpr_json_put_string(object, "user_name", entry->user);
    if (rc == NO_ERROR)
        rc = mpr_json_put_string(object, "device", entry->device);
    return rc;
}

static bool is_same(const struct mpr_recent_entry *a, const struct mpr_recent_entry *b) {
    return mpr_utf_same(a->provider, b->provider) && strcmp(a->key, b->key) == 0;
}

/* The new one, then the others as far as there is room. */
static DWORD fill(struct mpr_json *document, const struct mpr_recent_entry *entry,
                  const struct mpr_recent_list *others) {
    struct mpr_json *array;
    size_t count = 1;
    DWORD rc = mpr_json_put_u32(document, "version", FORMAT_VERSION);

    if (rc == NO_ERROR)
        rc = mpr_json_put_array(document, "connections", &array);
    if (rc == NO_ERROR)
        rc = put_entry(array, entry);
    for (size_t i = 0; i < others->count && count < MPR_RECENT_MOST && rc == NO_ERROR; i++) {
        if (is_same(&others->entries[i], entry))
            continue;
        rc = put_entry(array, &others->entries[i]);
        count++;
    }
    return rc;
}

static DWORD save(struct mpr_store *store, const struct mpr_recent_entry *entry,
                  const struct mpr_recent_list *others) {
    struct mpr_json *document = mpr_json_new();
    MPR_AUTOFREE char *text = NULL;
    size_t size;
    DWORD rc = document ? fill(document, entry, others) : ERROR_NOT_ENOUGH_MEMORY;

    if (rc == NO_ERROR)
        rc = mpr_json_print(document, &text, &size);
    mpr_json_free(document);
    return rc == NO_ERROR ? mpr_store_save(store, text, size) : rc;
}

static DWORD change(struct mpr_store *store, const struct mpr_recent_entry *entry) {
    struct mpr_recent_list list = {0};
    DWORD rc = mpr_store_lock(store);

    if (rc == NO_ERROR)
        rc = load(store, &list);
    if (rc == ERROR_INVALID_DATA)
        rc = mpr_store_set_aside(store);
    if (rc == NO_ERROR)
        rc = save(store, entry, &list);
    mpr_recent_list_clear(&list);
    return rc;
}

DWORD mpr_recent_add(const struct mpr_paths *paths, const struct mpr_recent_entry *entry) {
    struct mpr_error_state error;
    struct mpr_store store;
    DWORD rc;

    mpr_error_keep(&error);
    rc = open_store(paths, true, &store);
    if (rc == NO_ERROR) {
        rc = change(&store, entry);
        mpr_store_close(&store);
    }
    mpr_error_put_back(&error);
    mpr_trace("recent", "add %s to %s/recent.json: %u", entry->remote, paths->state, rc);
    return rc;
}
