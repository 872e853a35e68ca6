/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_option.c: reads the drop-in's options.
 */
#include "config.h"

#include "providers/nfs/nfs_option.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>

#define SIZE_MOST 1048576u

struct known {
    const char *name;
    size_t offset; /* in struct nfs_options */
    uint32_t least, most;
};

static const struct known known_options[] = {
    {"connect_timeout_ms", offsetof(struct nfs_options, connect_timeout_ms), 1, 3600000},
    {"io_timeout_ms", offsetof(struct nfs_options, io_timeout_ms), 1, 3600000},
    {"uid", offsetof(struct nfs_options, uid), 0, UINT32_MAX - 1},
    {"gid", offsetof(struct nfs_options, gid), 0, UINT32_MAX - 1},
    {"read_size", offsetof(struct nfs_options, read_size), 4096, SIZE_MOST},
    {"write_size", offsetof(struct nfs_options, write_size), 4096, SIZE_MOST},
    {"in_flight", offsetof(struct nfs_options, in_flight), 1, 64},
    {"attribute_timeout_ms", offsetof(struct nfs_options, attribute_ms), 0, 3600000},
};

static bool read_number(const char *text, uint32_t least, uint32_t most, uint32_t *ret_value) {
    size_t length = strspn(text, "0123456789");
    uint64_t value = 0;

    if (!length || length > 10 || text[length])
        return false;
    for (size_t i = 0; i < length; i++)
        value = value * 10 + (uint64_t)(text[i] - '0');
    if (value < least || value > most)
        return false;
    *ret_value = (uint32_t)value;
    return true;
}

/* Takes a word as a server's name: host or [address]. */
static bool read_server(struct np_span word, struct nfs_name *ret_name) {
    char text[NP_HOST_MAX + 16];
    int length = snprintf(text, sizeof text, "%.*s:", (int)word.length, word.text);

    return length > 0 && (size_t)length < sizeof text && nfs_name_parse(text, ret_name)
           && ret_name->form == NFS_FORM_COLON && !ret_name->path[0];
}

static uint32_t set_servers(const char *value, struct nfs_options *options, char *error,
                            size_t error_size) {
    const char *list = value;
    struct nfs_name name;
    struct np_span word;
    bool good = strlen(value) < sizeof options->servers;

    while (good && np_words_next(&list, &word))
        good = read_server(word, &name);
    if (!good) {
        snprintf(error, error_size,
                 "servers: \"%.80s\" must be names of servers with commas between them", value);
        return ERROR_INVALID_PARAMETER;
    }
    memcpy(options->servers, value, strlen(value) + 1);
    return NO_ERROR;
}

bool nfs_option_next_server(const char **servers, struct nfs_name *ret_name) {
    struct np_span word;

    return np_words_next(servers, &word) && read_server(word, ret_name);
}

static uint32_t set_option(const struct mpr_option *option, struct nfs_options *options,
                           char *error, size_t error_size) {
    for (size_t i = 0; i < sizeof known_options / sizeof known_options[0]; i++) {
        const struct known *known = &known_options[i];

        if (strcmp(option->name, known->name))
            continue;
        if (read_number(option->value, known->least, known->most,
                        (uint32_t *)(void *)((char *)options + known->offset)))
            return NO_ERROR;
        snprintf(error, error_size, "%s: \"%.40s\" is no number from %u to %u", option->name,
                 option->value, (unsigned)known->least, (unsigned)known->most);
        return ERROR_INVALID_PARAMETER;
    }
    if (strcmp(option->name, "servers") == 0)
        return set_servers(option->value, options, error, error_size);
    if (strcmp(option->name, "version") == 0 && strcmp(option->value, "3")) {
        snprintf(error, error_size, "version: \"%.40s\" was asked for. %s", option->value,
                 NFS_WHY_VERSION_3);
        return ERROR_NOT_SUPPORTED;
    }
    return NO_ERROR;
}

uint32_t nfs_option_read(const struct mpr_option *options, struct nfs_options *ret_options,
                         char *error, size_t error_size) {
    struct nfs_options result = {
        .connect_timeout_ms = 5000,
        .io_timeout_ms = 30000,
        .uid = UINT32_MAX,
        .gid = UINT32_MAX,
        .read_size = SIZE_MOST,
        .write_size = SIZE_MOST,
        .in_flight = 8,
        .attribute_ms = 1000,
    };

    for (; options && options->name; options++) {
        uint32_t code = set_option(options, &result, error, error_size);

        if (code != NO_ERROR)
            return code;
    }
    *ret_options = result;
    return NO_ERROR;
}
