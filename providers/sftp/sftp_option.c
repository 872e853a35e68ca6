/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_option.c: reads the drop-in's options.
 */
#include "config.h"

#include "providers/sftp/sftp_option.h"

#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>

static bool read_number(const char *text, uint32_t most, uint32_t *ret_value) {
    size_t length = strspn(text, "0123456789");
    uint64_t value = 0;

    if (!length || length > 10 || text[length])
        return false;
    for (size_t i = 0; i < length; i++)
        value = value * 10 + (uint64_t)(text[i] - '0');
    if (!value || value > most)
        return false;
    *ret_value = (uint32_t)value;
    return true;
}

/* Returns NULL, or what the value should have been. */
static const char *read_timeout(const char *value, uint32_t *ret_ms) {
    return read_number(value, 3600000, ret_ms) ? NULL : "a number from 1 to 3600000";
}

static bool read_bool(const char *text, bool *ret_value) {
    bool yes = strcmp(text, "true") == 0;

    if (!yes && strcmp(text, "false") != 0)
        return false;
    *ret_value = yes;
    return true;
}

/* libssh expands '%' in names of files: what was written is what is to be read. */
static bool read_file_name(const char *text, char *buffer, size_t size) {
    size_t length = strlen(text);

    if (text[0] != '/' || length >= size || strchr(text, '%'))
        return false;
    memcpy(buffer, text, length + 1);
    return true;
}

/* Takes a word as a server's name: host or host:port. */
static bool read_server(struct np_span word, struct sftp_name *ret_name) {
    char text[NP_HOST_MAX + 32];
    int length = snprintf(text, sizeof text, "sftp://%.*s", (int)word.length, word.text);

    return length > 0 && (size_t)length < sizeof text && sftp_name_parse(text, ret_name)
           && !ret_name->path[0];
}

static bool read_servers(const char *value, char *buffer, size_t size) {
    const char *list = value;
    struct sftp_name name;
    struct np_span word;
    bool good = strlen(value) < size;

    while (good && np_words_next(&list, &word))
        good = read_server(word, &name);
    if (good)
        memcpy(buffer, value, strlen(value) + 1);
    return good;
}

bool sftp_option_next_server(const char **servers, struct sftp_name *ret_name) {
    struct np_span word;

    return np_words_next(servers, &word) && read_server(word, ret_name);
}

/* Returns NULL, or what the value should have been. */
static const char *set_option(const struct mpr_option *option, struct sftp_options *options) {
    const char *name = option->name, *value = option->value;

    if (strcmp(name, "connect_timeout_ms") == 0)
        return read_timeout(value, &options->connect_timeout_ms);
    if (strcmp(name, "io_timeout_ms") == 0)
        return read_timeout(value, &options->io_timeout_ms);
    if (strcmp(name, "agent") == 0)
        return read_bool(value, &options->agent) ? NULL : "true or false";
    if (strcmp(name, "known_hosts") == 0)
        return read_file_name(value, options->known_hosts, sizeof options->known_hosts)
                   ? NULL
                   : "the absolute name of a file, without %";
    if (strcmp(name, "identity") == 0)
        return read_file_name(value, options->identity, sizeof options->identity)
                   ? NULL
                   : "the absolute name of a file, without %";
    if (strcmp(name, "servers") == 0)
        return read_servers(value, options->servers, sizeof options->servers)
                   ? NULL
                   : "names of servers with commas between them";
    return NULL;
}

uint32_t sftp_option_read(const struct mpr_option *options, struct sftp_options *ret_options,
                          char *error, size_t error_size) {
    *ret_options =
        (struct sftp_options){.connect_timeout_ms = 5000, .io_timeout_ms = 30000, .agent = true};
    for (; options && options->name; options++) {
        const char *wanted = set_option(options, ret_options);

        if (wanted) {
            snprintf(error, error_size, "%s: \"%.80s\" must be %s", options->name, options->value,
                     wanted);
            return ERROR_INVALID_PARAMETER;
        }
    }
    return NO_ERROR;
}
