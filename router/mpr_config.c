/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_config.c: reads mpr.json, first the administrator's, then the user's over it.
 */
#include "config.h"

#include "router/mpr_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_config_parse.h"
#include "router/mpr_json.h"
#include "router/mpr_option.h"
#include "router/mpr_smallfile.h"
#include "router/mpr_utf.h"

#define FILE_NAME       "mpr.json"
#define MOST_TIMEOUT_MS 3600000u

static void complain(struct mpr_config_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One sentence more, as long as there is room. */
static void complain(struct mpr_config_reader *reader, const char *format, ...) {
    size_t length = strlen(reader->complaint);
    char sentence[sizeof reader->complaint + 4]; /* what is cut there is cut again */
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (length && length + 1 < sizeof reader->complaint)
        reader->complaint[length++] = ' ';
    mpr_utf_copy(reader->complaint + length, sizeof reader->complaint - length, sentence);
}

static void read_timeout(struct mpr_config_reader *reader, const struct mpr_json *object,
                         const char *key, uint32_t *ret) {
    uint32_t ms = *ret;
    enum mpr_json_found found = mpr_json_get_u32(object, key, &ms);

    if (found == MPR_JSON_WRONG || ms == 0 || ms > MOST_TIMEOUT_MS)
        complain(reader, "%s: \"%s\" is left out: it is no number from 1 to %u.", reader->path, key,
                 MOST_TIMEOUT_MS);
    else
        *ret = ms;
}

static void read_cancel_remote(struct mpr_config_reader *reader, const struct mpr_json *object) {
    const char *text = NULL;
    enum mpr_json_found found = mpr_json_get_string(object, "cancel_remote", &text);

    if (found == MPR_JSON_ABSENT)
        return;
    if (found == MPR_JSON_FOUND && strcmp(text, "all") == 0)
        reader->config->cancel_remote_deviceless = false;
    else if (found == MPR_JSON_FOUND && strcmp(text, "deviceless") == 0)
        reader->config->cancel_remote_deviceless = true;
    else
        complain(reader,
                 "%s: \"cancel_remote\" is left out: it is neither \"all\" nor \"deviceless\".",
                 reader->path);
}

static void read_session(struct mpr_config_reader *reader, const struct mpr_json *object) {
    static const char *const words[] = {
        [MPR_SESSION_AUTO] = "auto", [MPR_SESSION_ON] = "on", [MPR_SESSION_OFF] = "off"};
    const char *text = NULL;
    enum mpr_json_found found = mpr_json_get_string(object, "session", &text);

    if (found == MPR_JSON_ABSENT)
        return;
    for (size_t i = 0; found == MPR_JSON_FOUND && i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0) {
            reader->config->session = (enum mpr_config_session)i;
            return;
        }
    complain(reader, "%s: \"session\" is left out: it is neither \"auto\", \"on\" nor \"off\".",
             reader->path);
}

static DWORD read_directory(struct mpr_config_reader *reader, const struct mpr_json *object) {
    const char *text = NULL;
    enum mpr_json_found found = mpr_json_get_string(object, "drives_directory", &text);
    char *copy;

    if (found == MPR_JSON_ABSENT)
        return NO_ERROR;
    if (found == MPR_JSON_WRONG || *text != '/') {
        complain(reader, "%s: \"drives_directory\" is left out: it is no absolute path.",
                 reader->path);
        return NO_ERROR;
    }
    copy = strdup(text);
    if (!copy)
        return ERROR_NOT_ENOUGH_MEMORY;
    free(reader->config->drives_directory);
    reader->config->drives_directory = copy;
    return NO_ERROR;
}

/* What is known about a provider, or a new one without anything; NULL for want of memory. */
static struct mpr_config_provider *open_provider(struct mpr_config *config, const char *name) {
    struct mpr_config_provider *grown;
    char *copy;

    for (size_t i = 0; i < config->provider_count; i++)
        if (strcmp(config->providers[i].name, name) == 0)
            return &config->providers[i];
    grown = reallocarray(config->providers, config->provider_count + 1, sizeof *grown);
    if (!grown)
        return NULL;
    config->providers = grown;
    copy = strdup(name);
    if (!copy)
        return NULL;
    grown += config->provider_count++;
    *grown = (struct mpr_config_provider){.name = copy};
    return grown;
}

static DWORD read_options(struct mpr_config_reader *reader, const struct mpr_json *object,
                          struct mpr_config_provider *provider) {
    MPR_AUTOFREE struct mpr_option *options = NULL;
    struct mpr_option *merged;
    const struct mpr_json *given, *bad;
    enum mpr_json_found found = mpr_json_get_object(object, "options", &given);
    DWORD rc;

    if (found == MPR_JSON_ABSENT)
        return NO_ERROR;
    if (found == MPR_JSON_WRONG) {
        complain(reader, "%s: \"options\" of \"%s\" is left out: it is no object.", reader->path,
                 provider->name);
        return NO_ERROR;
    }
    rc = mpr_option_read(given, &bad, &options);
    if (rc == ERROR_INVALID_DATA) {
        complain(reader,
                 "%s: \"options\" of \"%s\" is left out: \"%s\" is no string, number or boolean.",
                 reader->path, provider->name, mpr_json_key(bad));
        return NO_ERROR;
    }
    if (rc == NO_ERROR)
        rc = mpr_option_merge(provider->options, options, &merged);
    if (rc != NO_ERROR)
        return rc;
    free(provider->options);
    provider->options = merged;
    return NO_ERROR;
}

static DWORD read_provider(struct mpr_config_reader *reader, const struct mpr_json *object) {
    const char *name = mpr_json_key(object);
    struct mpr_config_provider *provider;
    bool enabled;
    int order;

    if (!mpr_json_is_object(object)) {
        complain(reader, "%s: \"%s\" of \"providers\" is left out: it is no object.", reader->path,
                 name);
        return NO_ERROR;
    }
    provider = open_provider(reader->config, name);
    if (!provider)
        return ERROR_NOT_ENOUGH_MEMORY;
    enabled = !provider->disabled;
    if (mpr_json_get_bool(object, "enabled", &enabled) == MPR_JSON_WRONG)
        complain(reader, "%s: \"enabled\" of \"%s\" is left out: it is neither true nor false.",
                 reader->path, name);
    provider->disabled = !enabled;
    switch (mpr_json_get_int(object, "order", &order)) {
    case MPR_JSON_FOUND:
        provider->has_order = true;
        provider->order = order;
        break;
    case MPR_JSON_WRONG:
        complain(reader, "%s: \"order\" of \"%s\" is left out: it is no whole number.",
                 reader->path, name);
        break;
    case MPR_JSON_ABSENT:
        break;
    }
    return read_options(reader, object, provider);
}

static DWORD read_document(struct mpr_config_reader *reader, const struct mpr_json *document) {
    const struct mpr_json *providers;
    enum mpr_json_found found = mpr_json_get_object(document, "providers", &providers);
    DWORD rc = read_directory(reader, document);

    if (rc != NO_ERROR)
        return rc;
    read_cancel_remote(reader, document);
    read_session(reader, document);
    read_timeout(reader, document, "connect_timeout_ms", &reader->config->connect_timeout_ms);
    read_timeout(reader, document, "cancel_timeout_ms", &reader->config->cancel_timeout_ms);
    read_timeout(reader, document, "io_timeout_ms", &reader->config->io_timeout_ms);
    read_timeout(reader, document, "password_timeout_ms", &reader->config->password_timeout_ms);
    if (found == MPR_JSON_WRONG)
        complain(reader, "%s: \"providers\" is left out: it is no object.", reader->path);
    if (found != MPR_JSON_FOUND)
        return NO_ERROR;
    for (const struct mpr_json *at = mpr_json_first(providers); at && rc == NO_ERROR;
         at = mpr_json_next(at))
        rc = read_provider(reader, at);
    return rc;
}

DWORD mpr_config_parse(struct mpr_config_reader *reader, const char *text, size_t size) {
    struct mpr_json_fault fault;
    struct mpr_json *document;
    DWORD rc = mpr_json_parse(text, size, &fault, &document);

    if (rc == ERROR_INVALID_DATA) {
        complain(reader, "%s is left out: line %zu, column %zu: %s.", reader->path, fault.line,
                 fault.column, fault.what);
        return NO_ERROR;
    }
    if (rc != NO_ERROR)
        return rc;
    rc = read_document(reader, document);
    mpr_json_free(document);
    return rc;
}

static DWORD read_file(struct mpr_config_reader *reader, const char *directory) {
    MPR_AUTOFREE char *path = mpr_paths_join(directory, FILE_NAME);
    MPR_AUTOFREE char *text = NULL;
    char words[MPR_SMALLFILE_WORDS_MAX];
    struct stat facts;
    size_t size;
    int error;

    if (!path)
        return ERROR_NOT_ENOUGH_MEMORY;
    error = -mpr_smallfile_read(AT_FDCWD, path, MPR_JSON_MAX_SIZE, &facts, &text, &size);
    if (error == ENOENT)
        return NO_ERROR;
    if (error == ENOMEM)
        return ERROR_NOT_ENOUGH_MEMORY;
    reader->path = path;
    if (error)
        complain(reader, "%s is left out: %s.", path, mpr_smallfile_reason(error));
    else if (!mpr_smallfile_trusted(&facts, words))
        complain(reader, "%s is left out: %s.", path, words);
    else
        return mpr_config_parse(reader, text, size);
    return NO_ERROR;
}

struct mpr_config *mpr_config_defaults(void) {
    struct mpr_config *config = calloc(1, sizeof *config);

    if (config) {
        config->connect_timeout_ms = 5000;
        config->cancel_timeout_ms = 2000;
        config->io_timeout_ms = 30000;
        config->password_timeout_ms = 20000;
    }
    return config;
}

DWORD mpr_config_new(const struct mpr_paths *paths, struct mpr_config **ret_config,
                     char **ret_complaint) {
    struct mpr_config_reader reader = {.config = mpr_config_defaults()};
    char *complaint = NULL;
    DWORD rc;

    if (!reader.config)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = read_file(&reader, paths->system_config);
    if (rc == NO_ERROR)
        rc = read_file(&reader, paths->user_config);
    if (rc == NO_ERROR && *reader.complaint) {
        complaint = strdup(reader.complaint);
        if (!complaint)
            rc = ERROR_NOT_ENOUGH_MEMORY;
    }
    if (rc != NO_ERROR) {
        mpr_config_free(reader.config);
        return rc;
    }
    *ret_config = reader.config;
    *ret_complaint = complaint;
    return NO_ERROR;
}

const struct mpr_config_provider *mpr_config_find(const struct mpr_config *config,
                                                  const char *name) {
    for (size_t i = 0; i < config->provider_count; i++)
        if (strcmp(config->providers[i].name, name) == 0)
            return &config->providers[i];
    return NULL;
}

void mpr_config_free(struct mpr_config *config) {
    if (!config)
        return;
    for (size_t i = 0; i < config->provider_count; i++) {
        free(config->providers[i].name);
        free(config->providers[i].options);
    }
    free(config->providers);
    free(config->drives_directory);
    free(config);
}
