/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_profile.c: the remembered connections: read, asked for, changed.
 */
#include "config.h"

#include "router/mpr_profile.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_json.h"
#include "router/mpr_name.h"
#include "router/mpr_profile_parse.h"
#include "router/mpr_store.h"
#include "router/mpr_trace.h"
#include "router/mpr_utf.h"

static DWORD open_store(const struct mpr_paths *paths, bool create, struct mpr_store *ret_store) {
    return mpr_store_open(paths->user_config, "profile.json", "profile", create, ret_store);
}

void mpr_profile_entry_clear(struct mpr_profile_entry *entry) {
    free(entry->device);
    free(entry->remote);
    free(entry->user);
    free(entry->provider);
    free(entry->use_options);
    free(entry->credentials_value);
    *entry = (struct mpr_profile_entry){0};
}

void mpr_profile_list_clear(struct mpr_profile_list *list) {
    for (size_t i = 0; i < list->count; i++)
        mpr_profile_entry_clear(&list->entries[i]);
    free(list->entries);
    *list = (struct mpr_profile_list){0};
}

/* Either result may be unwanted. No file gives an empty list and an empty document. */
static DWORD load(struct mpr_store *store, struct mpr_json **ret_document,
                  struct mpr_profile_list *ret_list) {
    MPR_AUTOFREE char *text = NULL;
    size_t size;
    DWORD rc = mpr_store_load(store, &text, &size);

    if (rc != NO_ERROR)
        return rc;
    if (text)
        return mpr_profile_parse(text, size, store->path, ret_document, ret_list);
    if (ret_list)
        *ret_list = (struct mpr_profile_list){0};
    if (!ret_document)
        return NO_ERROR;
    *ret_document = mpr_profile_parse_nothing();
    return *ret_document ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

/* Saves what this version could read again, and nothing else. */
static DWORD save(struct mpr_store *store, struct mpr_json *document) {
    MPR_AUTOFREE char *text = NULL;
    size_t size;
    DWORD rc = mpr_json_print(document, &text, &size);

    if (rc == ERROR_INVALID_DATA)
        return mpr_error_say(ERROR_CANNOT_OPEN_PROFILE,
                             "The profile %s cannot be saved: it would have over %u bytes, or over "
                             "%u values. Nothing was changed. Remove what you do not need.",
                             store->path, MPR_JSON_MAX_SIZE, MPR_JSON_MAX_VALUES);
    return rc == NO_ERROR ? mpr_store_save(store, text, size) : rc;
}

DWORD mpr_profile_read(const struct mpr_paths *paths, struct mpr_profile_list *ret_list) {
    struct mpr_store store;
    DWORD rc = open_store(paths, false, &store);

    if (rc != NO_ERROR)
        return rc;
    rc = load(&store, NULL, ret_list);
    mpr_trace("profile", "read %s: %u", store.path, rc);
    mpr_store_close(&store);
    return rc;
}

DWORD mpr_profile_find(const struct mpr_paths *paths, const char *device, bool *ret_found,
                       struct mpr_profile_entry *ret_entry) {
    struct mpr_profile_entry found = {0};
    struct mpr_profile_list list;
    struct mpr_device wanted;
    DWORD rc;

    rc = mpr_profile_read(paths, &list);
    if (rc != NO_ERROR)
        return rc;
    for (size_t i = 0; mpr_name_device(device, &wanted) && i < list.count; i++) {
        if (strcmp(list.entries[i].device, wanted.name) == 0) {
            found = list.entries[i];
            list.entries[i] = (struct mpr_profile_entry){0};
            break;
        }
    }
    mpr_profile_list_clear(&list);
    *ret_found = found.device != NULL;
    *ret_entry = found;
    return NO_ERROR;
}

static DWORD check_open(struct mpr_store *store, bool create) {
    static const char sample[] = "{}\n";
    MPR_AUTOFREE char *text = NULL;
    size_t size;
    DWORD rc = mpr_store_load(store, &text, &size);

    if (rc == NO_ERROR && !text && !create)
        return NO_ERROR;
    if (rc == NO_ERROR)
        rc = mpr_store_lock(store);
    if (rc != NO_ERROR)
        return rc;
    free(MPR_TAKE(text));
    rc = mpr_store_load(store, &text, &size);
    if (rc == NO_ERROR && text)
        rc = mpr_profile_parse(text, size, store->path, NULL, NULL);
    if (rc != NO_ERROR)
        return rc;
    return text ? mpr_store_probe(store, text, size)
                : mpr_store_probe(store, sample, sizeof sample - 1);
}

DWORD mpr_profile_check(const struct mpr_paths *paths, bool create) {
    struct mpr_store store;
    DWORD rc = open_store(paths, create, &store);

    if (rc != NO_ERROR)
        return rc;
    rc = check_open(&store, create);
    mpr_trace("profile", "check %s: %u", store.path, rc);
    mpr_store_close(&store);
    return rc;
}

/* Is the device remembered for what the caller saw, or wants, or for nothing? */
static DWORD check_unchanged(const struct mpr_profile_list *list, const char *seen,
                             const struct mpr_profile_entry *entry) {
    for (size_t i = 0; i < list->count; i++) {
        const char *remote = list->entries[i].remote;

        if (strcmp(list->entries[i].device, entry->device) != 0
            || strcmp(remote, entry->remote) == 0 || (seen && strcmp(remote, seen) == 0))
            continue;
        return mpr_error_say(ERROR_DEVICE_ALREADY_REMEMBERED,
                             "%s was remembered for %s by another program meanwhile.",
                             entry->device, remote);
    }
    return NO_ERROR;
}

/* What is to become of a device's entry. */
struct change {
    const char *device;
    const struct mpr_profile_entry *entry; /* to be put there, or NULL */
    const char *seen;                      /* see mpr_profile_remember */
    bool credentials;                      /* else, where its password comes from: */
    uint32_t source;
    const char *value;
};

static DWORD change_document(struct mpr_json *document, const struct change *change,
                             bool *ret_was_there) {
    *ret_was_there = true;
    if (change->entry)
        return mpr_profile_put_entry(document, change->entry);
    if (change->credentials)
        return mpr_profile_put_credentials(document, change->device, change->source, change->value,
                                           ret_was_there);
    return mpr_profile_drop_entry(document, change->device, ret_was_there);
}

/* Locks, reads, changes, saves. */
static DWORD carry_out(struct mpr_store *store, const struct change *change, bool *ret_was_there) {
    struct mpr_profile_list list = {0};
    struct mpr_json *document = NULL;
    DWORD rc = mpr_store_lock(store);

    if (rc == NO_ERROR)
        rc = load(store, &document, &list);
    if (rc == NO_ERROR && change->entry)
        rc = check_unchanged(&list, change->seen, change->entry);
    mpr_profile_list_clear(&list);
    if (rc == NO_ERROR)
        rc = change_document(document, change, ret_was_there);
    if (rc == NO_ERROR && *ret_was_there)
        rc = save(store, document);
    mpr_json_free(document);
    return rc;
}

DWORD mpr_profile_remember(const struct mpr_paths *paths, const char *seen,
                           const struct mpr_profile_entry *entry) {
    struct mpr_profile_entry canonical = *entry;
    struct mpr_store store;
    struct mpr_device device;
    bool was_there;
    DWORD rc;

    if (!mpr_name_device(entry->device, &device) || !*entry->remote || !mpr_utf_valid(entry->remote)
        || !mpr_utf_valid(entry->user) || !mpr_utf_valid(entry->provider))
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "A connection can only be remembered with a device and a remote "
                             "name, all in valid Unicode.");
    canonical.device = device.name;
    rc = open_store(paths, true, &store);
    if (rc != NO_ERROR)
        return rc;
    rc = carry_out(&store, &(struct change){.entry = &canonical, .seen = seen}, &was_there);
    mpr_trace("profile", "remember %s in %s: %u", device.name, store.path, rc);
    mpr_store_close(&store);
    return rc;
}

/* One that is not remembered needs no write; the device is one. */
static DWORD change_remembered(const struct mpr_paths *paths, const char *device,
                               struct change *change, bool *ret_was_there) {
    struct mpr_profile_entry entry = {0};
    struct mpr_store store;
    struct mpr_device wanted;
    bool was_there;
    DWORD rc = mpr_profile_find(paths, device, &was_there, &entry);

    mpr_profile_entry_clear(&entry);
    if (rc != NO_ERROR)
        return rc;
    if (was_there) {
        mpr_name_device(device, &wanted);
        change->device = wanted.name;
        rc = open_store(paths, false, &store);
        if (rc != NO_ERROR)
            return rc;
        rc = carry_out(&store, change, &was_there);
        mpr_trace("profile", "%s %s in %s: %u", change->credentials ? "credentials of" : "forget",
                  wanted.name, store.path, rc);
        mpr_store_close(&store);
    }
    if (rc == NO_ERROR)
        *ret_was_there = was_there;
    return rc;
}

DWORD mpr_profile_set_credentials(const struct mpr_paths *paths, const char *device,
                                  uint32_t source, const char *value, bool *ret_was_there) {
    struct change change = {.credentials = true, .source = source, .value = value};

    return change_remembered(paths, device, &change, ret_was_there);
}

DWORD mpr_profile_forget(const struct mpr_paths *paths, const char *device, bool *ret_was_there) {
    return change_remembered(paths, device, &(struct change){.seen = NULL}, ret_was_there);
}
