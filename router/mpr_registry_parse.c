/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_registry_parse.c: the text of one drop-in.
 *
 * {"name": "smb", "module": "smb.so", "worker_module": "smb-worker.so",
 *  "notify_module": "witness.so", "order": 10, "isolate": false, "options": {"connect_timeout_ms": 5000}}
 */
#include "config.h"

#include "router/mpr_registry.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_json.h"
#include "router/mpr_name.h"

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
#define NAME_MAX_BYTES  63u

/* Says what is wrong with a member. */
static DWORD refuse(struct mpr_drop_in *drop_in, const char *key, const char *why) {
    mpr_failure_set(&drop_in->failure, ERROR_INVALID_DATA, "The drop-in %s is skipped: \"%s\" %s.",
                    drop_in->file, key, why);
    return ERROR_INVALID_DATA;
}

static DWORD read_name(const struct mpr_json *document, struct mpr_drop_in *drop_in) {
    const char *name = "";
    size_t length;

    if (mpr_json_get_string(document, "name", &name) == MPR_JSON_WRONG)
        return refuse(drop_in, "name", "is no string");
    length = strlen(name);
    if (!length)
        return refuse(drop_in, "name", "is missing");
    if (length > NAME_MAX_BYTES || strspn(name, NAME_CHARACTERS) < length)
        return refuse(drop_in, "name",
                      "has other than letters, digits, '_', '.' and '-', or over 63 of them");
    drop_in->name = strdup(name);
    return drop_in->name ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD read_module(const struct mpr_json *document, const char *key, bool required,
                         const char *modules, struct mpr_drop_in *drop_in, char **ret_path) {
    const char *name = "";
    enum mpr_json_found found = mpr_json_get_string(document, key, &name);

    if (found == MPR_JSON_ABSENT && !required)
        return NO_ERROR;
    if (found == MPR_JSON_WRONG)
        return refuse(drop_in, key, "is no string");
    if (!*name)
        return refuse(drop_in, key, "is missing or empty");
    *ret_path = *name == '/' ? strdup(name) : mpr_paths_join(modules, name);
    return *ret_path ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

/* A classic module has no name of its own. */
static DWORD read_provider_name(const struct mpr_json *document, struct mpr_drop_in *drop_in) {
    const char *name = NULL;
    enum mpr_json_found found = mpr_json_get_string(document, "provider_name", &name);

    if (found == MPR_JSON_ABSENT)
        return NO_ERROR;
    if (found == MPR_JSON_WRONG)
        return refuse(drop_in, "provider_name", "is no string");
    if (!*name || strlen(name) >= MPR_ERROR_NAME_MAX || mpr_name_has_control(name))
        return refuse(drop_in, "provider_name",
                      "is empty, has a control character, or over 127 bytes");
    drop_in->provider_name = strdup(name);
    return drop_in->provider_name ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD read_options(const struct mpr_json *document, struct mpr_drop_in *drop_in) {
    const struct mpr_json *given, *bad;
    enum mpr_json_found found = mpr_json_get_object(document, "options", &given);
    DWORD rc;

    if (found == MPR_JSON_ABSENT)
        return mpr_option_merge(NULL, NULL, &drop_in->options);
    if (found == MPR_JSON_WRONG)
        return refuse(drop_in, "options", "is no object");
    rc = mpr_option_read(given, &bad, &drop_in->options);
    if (rc == ERROR_INVALID_DATA)
        return refuse(drop_in, mpr_json_key(bad), "of \"options\" is no string, number or boolean");
    return rc;
}

static DWORD read_members(const struct mpr_json *document, const char *modules,
                          struct mpr_drop_in *drop_in) {
    DWORD rc = read_name(document, drop_in);

    if (rc == NO_ERROR)
        rc = read_module(document, "notify_module", false, modules, drop_in,
                         &drop_in->notify_module);
    if (rc == NO_ERROR)
        rc = read_module(document, "module", !drop_in->notify_module, modules, drop_in,
                         &drop_in->module);
    if (rc == NO_ERROR)
        rc = read_module(document, "worker_module", false, modules, drop_in,
                         &drop_in->worker_module);
    if (rc == NO_ERROR && drop_in->worker_module && !drop_in->module)
        rc = refuse(drop_in, "worker_module", "is there without a \"module\"");
    if (rc == NO_ERROR)
        rc = read_provider_name(document, drop_in);
    if (rc == NO_ERROR && mpr_json_get_int(document, "order", &drop_in->order) == MPR_JSON_WRONG)
        rc = refuse(drop_in, "order", "is no whole number");
    if (rc == NO_ERROR
        && mpr_json_get_bool(document, "isolate", &drop_in->isolate) == MPR_JSON_WRONG)
        rc = refuse(drop_in, "isolate", "is neither true nor false");
    if (rc == NO_ERROR)
        rc = read_options(document, drop_in);
    return rc;
}

static DWORD read_text(const char *text, size_t size, const char *modules,
                       struct mpr_drop_in *drop_in) {
    struct mpr_json_fault fault;
    struct mpr_json *document;
    DWORD rc = mpr_json_parse(text, size, &fault, &document);

    if (rc == ERROR_INVALID_DATA)
        mpr_failure_set(&drop_in->failure, ERROR_INVALID_DATA,
                        "The drop-in %s is skipped: line %zu, column %zu: %s.", drop_in->file,
                        fault.line, fault.column, fault.what);
    if (rc != NO_ERROR)
        return rc;
    rc = read_members(document, modules, drop_in);
    mpr_json_free(document);
    return rc;
}

DWORD mpr_registry_parse(const char *text, size_t size, const char *modules,
                         struct mpr_drop_in *drop_in) {
    DWORD rc;

    drop_in->order = MPR_REGISTRY_ORDER;
    rc = read_text(text, size, modules, drop_in);
    return rc == ERROR_INVALID_DATA ? mpr_registry_break(drop_in) : rc;
}
