/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_profile_parse.c: the profile as a document.
 *
 * {"version": 1, "generation": "7", "connections": {"Z:": {"remote_path": ...}}}
 *
 * The keys of an entry are the values that Windows keeps under
 * HKCU\Network\<letter>. A member of "connections" whose key is no device is left
 * alone, as are unknown keys: a newer version may have put them there.
 */
#include "config.h"

#include "router/mpr_profile_parse.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/session.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_base64.h"
#include "router/mpr_error.h"
#include "router/mpr_name.h"

#define FORMAT_VERSION     1u
/* DeferFlags as Windows writes them: the user who is logged on, or another one. */
#define DEFER_DEFAULT_USER 4u
#define DEFER_OTHER_USER   1u

/* Where a password comes from, by its word in "credentials". */
static const char *const sources[] = {
    [MPR_CREDENTIALS_FILE] = "file",
    [MPR_CREDENTIALS_COMMAND] = "command",
    [MPR_CREDENTIALS_KEYRING] = "keyring",
};
#define SOURCE_COUNT (sizeof sources / sizeof *sources)

static DWORD refuse(const char *path, const char *key, const char *why) {
    return mpr_error_say(ERROR_BAD_PROFILE,
                         "The profile %s is malformed: \"%s\" %s. Nothing was changed. Mend the "
                         "file, or move it away to start with an empty profile.",
                         path, key, why);
}

static DWORD refuse_member(const char *path, const char *device, const char *key, const char *why) {
    return mpr_error_say(ERROR_BAD_PROFILE,
                         "The profile %s is malformed: \"%s\" of \"%s\" %s. Nothing was changed. "
                         "Mend the file, or move it away to start with an empty profile.",
                         path, key, device, why);
}

static DWORD copy_string(const struct mpr_json *object, const char *key, const char *device,
                         const char *path, char **ret) {
    const char *text = "";
    char *copy;

    if (mpr_json_get_string(object, key, &text) == MPR_JSON_WRONG)
        return refuse_member(path, device, key, "is no string");
    copy = strdup(text);
    if (!copy)
        return ERROR_NOT_ENOUGH_MEMORY;
    *ret = copy;
    return NO_ERROR;
}

static DWORD copy_number(const struct mpr_json *object, const char *key, const char *device,
                         const char *path, uint32_t *ret) {
    if (mpr_json_get_u32(object, key, ret) == MPR_JSON_WRONG)
        return refuse_member(path, device, key, "is no whole number of 32 bits");
    return NO_ERROR;
}

static DWORD read_numbers(const struct mpr_json *object, const struct mpr_device *device,
                          const char *path, struct mpr_profile_entry *entry) {
    DWORD rc;

    entry->type = mpr_name_device_type(device);
    rc = copy_number(object, "connection_type", device->name, path, &entry->type);
    if (rc == NO_ERROR && entry->type != RESOURCETYPE_DISK && entry->type != RESOURCETYPE_PRINT)
        rc = refuse_member(path, device->name, "connection_type", "is neither 1 nor 2");
    if (rc == NO_ERROR)
        rc = copy_number(object, "provider_type", device->name, path, &entry->provider_type);
    if (rc == NO_ERROR)
        rc = copy_number(object, "connect_flags", device->name, path, &entry->connect_flags);
    return rc;
}

static DWORD read_use_options(const struct mpr_json *object, const char *device, const char *path,
                              struct mpr_profile_entry *entry) {
    static const char key[] = "use_options";
    const char *text = "";
    DWORD rc;

    if (mpr_json_get_string(object, key, &text) == MPR_JSON_WRONG)
        return refuse_member(path, device, key, "is no string");
    if (!*text)
        return NO_ERROR;
    rc =
        mpr_base64_decode(text, MPR_USE_OPTIONS_MAX, &entry->use_options, &entry->use_options_size);
    return rc == ERROR_INVALID_DATA
               ? refuse_member(path, device, key, "is no base64 text of at most 65536 bytes")
               : rc;
}

/* One that this version does not know is none. */
static uint32_t source_of(const char *word) {
    for (uint32_t i = 0; i < SOURCE_COUNT; i++)
        if (sources[i] && strcmp(sources[i], word) == 0)
            return i;
    return MPR_CREDENTIALS_NONE;
}

static DWORD read_credentials(const struct mpr_json *object, const char *device, const char *path,
                              struct mpr_profile_entry *entry) {
    const struct mpr_json *credentials = NULL;
    const char *word = "";

    switch (mpr_json_get_object(object, "credentials", &credentials)) {
    case MPR_JSON_WRONG:
        return refuse_member(path, device, "credentials", "is no object");
    case MPR_JSON_ABSENT:
        entry->credentials_value = strdup("");
        return entry->credentials_value ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
    default:
        break;
    }
    if (mpr_json_get_string(credentials, "source", &word) == MPR_JSON_WRONG)
        return refuse_member(path, device, "source", "is no string");
    entry->credentials = source_of(word);
    return copy_string(credentials, "value", device, path, &entry->credentials_value);
}

/* On failure too the entry is to be cleared. */
static DWORD read_entry(const struct mpr_json *object, const struct mpr_device *device,
                        const char *path, struct mpr_profile_entry *entry) {
    DWORD rc;

    if (!mpr_json_is_object(object))
        return refuse(path, device->name, "is no object");
    entry->device = strdup(device->name);
    if (!entry->device)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = copy_string(object, "remote_path", device->name, path, &entry->remote);
    if (rc == NO_ERROR && !*entry->remote)
        rc = refuse_member(path, device->name, "remote_path", "is missing or empty");
    if (rc == NO_ERROR)
        rc = copy_string(object, "user_name", device->name, path, &entry->user);
    if (rc == NO_ERROR)
        rc = copy_string(object, "provider_name", device->name, path, &entry->provider);
    if (rc == NO_ERROR)
        rc = read_use_options(object, device->name, path, entry);
    if (rc == NO_ERROR)
        rc = read_credentials(object, device->name, path, entry);
    if (rc == NO_ERROR)
        rc = read_numbers(object, device, path, entry);
    return rc;
}

static int compare_entries(const void *left, const void *right) {
    const struct mpr_profile_entry *a = left, *b = right;

    return strcmp(a->device, b->device);
}

static size_t count_members(const struct mpr_json *object) {
    size_t count = 0;

    for (object = mpr_json_first(object); object; object = mpr_json_next(object))
        count++;
    return count;
}

/* "z:" and "Z:", or "LPT1" and "LPT1:", are one device: which of them is meant? */
static DWORD refuse_twins(const struct mpr_profile_list *list, const char *path) {
    for (size_t i = 1; i < list->count; i++)
        if (strcmp(list->entries[i].device, list->entries[i - 1].device) == 0)
            return refuse(path, list->entries[i].device, "is there twice");
    return NO_ERROR;
}

static DWORD read_connections(const struct mpr_json *connections, const char *path,
                              struct mpr_profile_list *list) {
    size_t members = count_members(connections);
    DWORD rc = NO_ERROR;

    if (!members)
        return NO_ERROR;
    list->entries = calloc(members, sizeof *list->entries);
    if (!list->entries)
        return ERROR_NOT_ENOUGH_MEMORY;
    for (const struct mpr_json *at = mpr_json_first(connections); at && rc == NO_ERROR;
         at = mpr_json_next(at)) {
        struct mpr_device device;

        if (mpr_name_device(mpr_json_key(at), &device))
            rc = read_entry(at, &device, path, &list->entries[list->count++]);
    }
    if (rc != NO_ERROR)
        return rc;
    qsort(list->entries, list->count, sizeof *list->entries, compare_entries);
    return refuse_twins(list, path);
}

static DWORD read_document(const struct mpr_json *document, const char *path,
                           struct mpr_profile_list *list) {
    const struct mpr_json *connections = NULL;
    uint32_t version = FORMAT_VERSION;
    uint64_t generation = 0;

    if (mpr_json_get_u32(document, "version", &version) == MPR_JSON_WRONG || version == 0)
        return refuse(path, "version", "is no number from 1 on");
    if (mpr_json_get_u64(document, "generation", &generation) == MPR_JSON_WRONG)
        return refuse(path, "generation", "is no number");
    switch (mpr_json_get_object(document, "connections", &connections)) {
    case MPR_JSON_FOUND:
        return read_connections(connections, path, list);
    case MPR_JSON_ABSENT:
        return NO_ERROR;
    default:
        return refuse(path, "connections", "is no object");
    }
}

static DWORD parse_text(const char *text, size_t size, const char *path,
                        struct mpr_json **ret_document) {
    struct mpr_json_fault fault;
    DWORD rc = mpr_json_parse(text, size, &fault, ret_document);

    if (rc != ERROR_INVALID_DATA)
        return rc;
    return mpr_error_say(ERROR_BAD_PROFILE,
                         "The profile %s is malformed: line %zu, column %zu: %s. Nothing was "
                         "changed. Mend the file, or move it away to start with an empty profile.",
                         path, fault.line, fault.column, fault.what);
}

DWORD mpr_profile_parse(const char *text, size_t size, const char *path,
                        struct mpr_json **ret_document, struct mpr_profile_list *ret_list) {
    struct mpr_profile_list list = {0};
    struct mpr_json *document;
    DWORD rc = parse_text(text, size, path, &document);

    if (rc != NO_ERROR)
        return rc;
    rc = read_document(document, path, &list);
    if (rc == NO_ERROR && ret_list)
        *ret_list = list;
    else
        mpr_profile_list_clear(&list);
    if (rc == NO_ERROR && ret_document)
        *ret_document = document;
    else
        mpr_json_free(document);
    return rc;
}

struct mpr_json *mpr_profile_parse_nothing(void) {
    struct mpr_json *document = mpr_json_new();

    if (document && mpr_json_put_u32(document, "version", FORMAT_VERSION) != NO_ERROR) {
        mpr_json_free(document);
        document = NULL;
    }
    return document;
}

static DWORD count_generation(struct mpr_json *document) {
    uint64_t generation = 0;

    mpr_json_get_u64(document, "generation", &generation);
    return mpr_json_put_u64(document, "generation", generation + 1);
}

/* The member of a device, however its key is spelled; NULL if there is none. */
static const struct mpr_json *find_member(const struct mpr_json *connections, const char *name) {
    struct mpr_device device;

    for (const struct mpr_json *at = mpr_json_first(connections); at; at = mpr_json_next(at))
        if (mpr_name_device(mpr_json_key(at), &device) && strcmp(device.name, name) == 0)
            return at;
    return NULL;
}

static bool has_text(const struct mpr_json *object, const char *key, const char *wanted) {
    const char *text = "";

    mpr_json_get_string(object, key, &text);
    return strcmp(text, wanted) == 0;
}

static bool is_same_connection(const struct mpr_json *member,
                               const struct mpr_profile_entry *entry) {
    return has_text(member, "remote_path", entry->remote)
           && has_text(member, "user_name", entry->user)
           && has_text(member, "provider_name", entry->provider);
}

/* What this version knows of an entry and its caller does not say. */
static DWORD fill_defaults(struct mpr_json *member, const struct mpr_profile_entry *entry) {
    uint32_t number;
    DWORD rc = NO_ERROR;

    if (mpr_json_get_u32(member, "defer_flags", &number) != MPR_JSON_FOUND)
        rc = mpr_json_put_u32(member, "defer_flags",
                              *entry->user ? DEFER_OTHER_USER : DEFER_DEFAULT_USER);
    if (rc == NO_ERROR && mpr_json_get_u32(member, "provider_flags", &number) != MPR_JSON_FOUND)
        rc = mpr_json_put_u32(member, "provider_flags", 0);
    return rc;
}

static DWORD put_use_options(struct mpr_json *member, const struct mpr_profile_entry *entry) {
    MPR_AUTOFREE char *text = mpr_base64_encode(entry->use_options, entry->use_options_size);

    return text ? mpr_json_put_string(member, "use_options", text) : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD fill_member(struct mpr_json *member, const struct mpr_profile_entry *entry) {
    DWORD rc = mpr_json_put_string(member, "remote_path", entry->remote);

    if (rc == NO_ERROR)
        rc = mpr_json_put_string(member, "user_name", entry->user);
    if (rc == NO_ERROR)
        rc = mpr_json_put_string(member, "provider_name", entry->provider);
    if (rc == NO_ERROR)
        rc = mpr_json_put_u32(member, "provider_type", entry->provider_type);
    if (rc == NO_ERROR)
        rc = mpr_json_put_u32(member, "connection_type", entry->type);
    if (rc == NO_ERROR)
        rc = mpr_json_put_u32(member, "connect_flags", entry->connect_flags);
    if (rc == NO_ERROR)
        rc = fill_defaults(member, entry);
    if (rc == NO_ERROR)
        rc = put_use_options(member, entry);
    return rc;
}

DWORD mpr_profile_put_entry(struct mpr_json *document, const struct mpr_profile_entry *entry) {
    struct mpr_json *connections, *member;
    const struct mpr_json *old;
    const char *key = entry->device;
    DWORD rc = count_generation(document);

    if (rc == NO_ERROR)
        rc = mpr_json_open_object(document, "connections", &connections);
    if (rc != NO_ERROR)
        return rc;
    old = find_member(connections, entry->device);
    if (old)
        key = mpr_json_key(old);
    if (old && is_same_connection(old, entry))
        rc = mpr_json_open_object(connections, key, &member);
    else
        rc = mpr_json_put_object(connections, key, &member);
    return rc == NO_ERROR ? fill_member(member, entry) : rc;
}

/* The members of the document and of a device there; *ret_key NULL: it is not remembered. */
static DWORD open_connections(struct mpr_json *document, const char *device,
                              struct mpr_json **ret_connections, const char **ret_key) {
    const struct mpr_json *member, *there;
    DWORD rc;

    *ret_key = NULL;
    if (mpr_json_get_object(document, "connections", &there) != MPR_JSON_FOUND)
        return NO_ERROR;
    rc = mpr_json_open_object(document, "connections", ret_connections);
    if (rc != NO_ERROR)
        return rc;
    member = find_member(*ret_connections, device);
    if (member)
        *ret_key = mpr_json_key(member);
    return NO_ERROR;
}

static DWORD put_source(struct mpr_json *member, uint32_t source, const char *value) {
    struct mpr_json *credentials;
    DWORD rc;

    mpr_json_remove(member, "credentials");
    if (source >= SOURCE_COUNT || !sources[source])
        return NO_ERROR;
    rc = mpr_json_put_object(member, "credentials", &credentials);
    if (rc == NO_ERROR)
        rc = mpr_json_put_string(credentials, "source", sources[source]);
    if (rc == NO_ERROR && *value)
        rc = mpr_json_put_string(credentials, "value", value);
    return rc;
}

DWORD mpr_profile_put_credentials(struct mpr_json *document, const char *device, uint32_t source,
                                  const char *value, bool *ret_was_there) {
    struct mpr_json *connections, *member;
    const char *key;
    DWORD rc = open_connections(document, device, &connections, &key);

    *ret_was_there = key != NULL;
    if (rc != NO_ERROR || !key)
        return rc;
    rc = mpr_json_open_object(connections, key, &member);
    if (rc == NO_ERROR)
        rc = put_source(member, source, value);
    return rc == NO_ERROR ? count_generation(document) : rc;
}

DWORD mpr_profile_drop_entry(struct mpr_json *document, const char *device, bool *ret_was_there) {
    struct mpr_json *connections;
    const char *key;
    DWORD rc = open_connections(document, device, &connections, &key);

    *ret_was_there = key != NULL;
    if (rc != NO_ERROR || !key)
        return rc;
    mpr_json_remove(connections, key);
    return count_generation(document);
}
