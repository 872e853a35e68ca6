/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_options.c: the "options" of the drop-in.
 *
 *   shares       names, by comma; "*" = any name is a share (default: demo)
 *   printers     names of printers, by comma (default: none)
 *   read_only    names of shares that cannot be written, by comma, or true;
 *                such a share has a file "readme"
 *   size_limit   bytes that a share holds: 1048576, or share=1048576,...
 *   user         the only user who may connect (default: anybody may)
 *   password     and what that user has to say
 *   latency_ms   time that every operation takes
 *   hang         operations that wait until they are cancelled or too late
 *   hang_hard    operations that never return: only where the router can kill
 *   fail         operations that fail: connect=1326,pread=-5
 *   crash, exit  operations that end the process: only where it is not yours
 *
 * An operation may be limited to one share: pread@demo, connect@locked=5.
 */
#include "config.h"

#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a reader of an option gets: where to put it, and where to complain. */
struct reader {
    struct memory_options *options;
    const struct mpr_option *option;
    char *error;
    size_t error_size;
};

/* One piece of a list: word, word=value, word@share or word@share=value. */
struct piece {
    char word[MEMORY_NAME_MAX + 1];
    char share[MEMORY_NAME_MAX + 1];
    const char *value; /* what follows '=', or NULL; ends at a comma or NUL */
};

static uint32_t complain(const struct reader *reader, const char *what) {
    snprintf(reader->error, reader->error_size, "option \"%s\": \"%s\" %s", reader->option->name,
             reader->option->value, what);
    return ERROR_INVALID_DATA;
}

static uint32_t out_of_memory(const struct reader *reader) {
    snprintf(reader->error, reader->error_size, "out of memory");
    return ERROR_NOT_ENOUGH_MEMORY;
}

static bool copy_name(const char *text, size_t length, char *buffer) {
    if (length == 0 || length > MEMORY_NAME_MAX)
        return false;
    memcpy(buffer, text, length);
    buffer[length] = '\0';
    memory_lower_text(buffer);
    return true;
}

/* Takes the next piece off *at. Returns 1, 0 at the end, or -1. */
static int next_piece(const char **at, struct piece *ret) {
    size_t word, rest;

    *at += strspn(*at, ", ");
    if (!**at)
        return 0;
    word = strcspn(*at, "@=, ");
    if (!copy_name(*at, word, ret->word))
        return -1;
    *at += word;
    ret->share[0] = '\0';
    if (**at == '@') {
        word = strcspn(++*at, "=, ");
        if (!copy_name(*at, word, ret->share))
            return -1;
        *at += word;
    }
    ret->value = **at == '=' ? *at + 1 : NULL;
    rest = strcspn(*at, ", ");
    *at += rest;
    return 1;
}

/* A whole number that a comma, a space or the text's end follows. */
static bool read_number(const char *text, int64_t min, int64_t max, int64_t *ret) {
    char *end;
    long long value;

    if (!text || !*text)
        return false;
    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno || end == text || !strchr(", ", *end) || value < min || value > max)
        return false;
    *ret = value;
    return true;
}

static uint32_t add_setting(const struct reader *reader, struct memory_setting **list,
                            const char *share, uint64_t value) {
    size_t length = strlen(share) + 1;
    struct memory_setting *setting = malloc(sizeof(*setting) + length);

    if (!setting)
        return out_of_memory(reader);
    memcpy(setting->share, share, length);
    setting->value = value;
    while (*list) /* in the order of the option: listings show it */
        list = &(*list)->next;
    setting->next = NULL;
    *list = setting;
    return NO_ERROR;
}

static uint32_t read_names(const struct reader *reader, struct memory_setting **list) {
    const char *at = reader->option->value;
    struct piece piece;
    uint32_t code = NO_ERROR;
    int got;

    while (!code && (got = next_piece(&at, &piece)) != 0) {
        if (got < 0 || piece.value || piece.share[0])
            return complain(reader, "is no list of names");
        code = add_setting(reader, list, piece.word, 1);
    }
    return code;
}

static uint32_t read_shares(const struct reader *reader) {
    return read_names(reader, &reader->options->shares);
}

static uint32_t read_printers(const struct reader *reader) {
    return read_names(reader, &reader->options->printers);
}

static uint32_t read_read_only(const struct reader *reader) {
    const char *value = reader->option->value;

    if (strcmp(value, "false") == 0)
        return NO_ERROR;
    if (strcmp(value, "true") == 0)
        return add_setting(reader, &reader->options->read_only, "*", 1);
    return read_names(reader, &reader->options->read_only);
}

static uint32_t read_size_limit(const struct reader *reader) {
    const char *at = reader->option->value;
    struct piece piece;
    uint32_t code = NO_ERROR;
    int64_t bytes;
    int got;

    if (read_number(at, 0, INT64_MAX, &bytes))
        return add_setting(reader, &reader->options->size_limit, "*", (uint64_t)bytes);
    while (!code && (got = next_piece(&at, &piece)) != 0) {
        if (got < 0 || piece.share[0] || !read_number(piece.value, 0, INT64_MAX, &bytes))
            return complain(reader, "is neither a number of bytes nor a list of share=bytes");
        code = add_setting(reader, &reader->options->size_limit, piece.word, (uint64_t)bytes);
    }
    return code;
}

static uint32_t read_latency(const struct reader *reader) {
    int64_t value;

    if (!read_number(reader->option->value, 0, 3600000, &value))
        return complain(reader, "is no number of milliseconds up to 3600000");
    reader->options->latency_ms = (uint32_t)value;
    return NO_ERROR;
}

static uint32_t read_user(const struct reader *reader) {
    reader->options->user = strdup(reader->option->value);
    return reader->options->user ? NO_ERROR : out_of_memory(reader);
}

static uint32_t read_password(const struct reader *reader) {
    reader->options->password = strdup(reader->option->value);
    return reader->options->password ? NO_ERROR : out_of_memory(reader);
}

static uint32_t add_fault(const struct reader *reader, const struct piece *piece, enum memory_op op,
                          enum memory_effect effect, int64_t value) {
    size_t length = strlen(piece->share) + 1;
    struct memory_fault *fault = malloc(sizeof(*fault) + length);

    if (!fault)
        return out_of_memory(reader);
    memcpy(fault->share, piece->share, length);
    fault->op = op;
    fault->effect = effect;
    fault->value = value;
    fault->next = reader->options->faults;
    reader->options->faults = fault;
    return NO_ERROR;
}

static uint32_t read_faults(const struct reader *reader, enum memory_effect effect) {
    const char *at = reader->option->value;
    struct piece piece;
    uint32_t code = NO_ERROR;
    int got;

    while (!code && (got = next_piece(&at, &piece)) != 0) {
        enum memory_op op = got > 0 ? memory_op_find(piece.word, strlen(piece.word)) : MEMORY_OPS;
        int64_t value = 0;

        if (op == MEMORY_OPS)
            return complain(reader, "names something that is no operation");
        if (effect != MEMORY_EFFECT_FAIL && piece.value)
            return complain(reader, "has a value where none belongs");
        /* Two worlds of codes: Win32 for the network, -errno for files. */
        if (effect == MEMORY_EFFECT_FAIL && op < MEMORY_OPEN
            && !read_number(piece.value, 1, UINT32_MAX, &value))
            return complain(reader, "lacks a Win32 code, as in connect=1326");
        if (effect == MEMORY_EFFECT_FAIL && op >= MEMORY_OPEN
            && !read_number(piece.value, -4095, -1, &value))
            return complain(reader, "lacks a negative errno, as in pread=-5");
        code = add_fault(reader, &piece, op, effect, value);
    }
    return code;
}

static uint32_t read_fail(const struct reader *reader) {
    return read_faults(reader, MEMORY_EFFECT_FAIL);
}

static uint32_t read_hang(const struct reader *reader) {
    return read_faults(reader, MEMORY_EFFECT_HANG);
}

static uint32_t read_hang_hard(const struct reader *reader) {
    return read_faults(reader, MEMORY_EFFECT_HANG_HARD);
}

static uint32_t read_crash(const struct reader *reader) {
    return read_faults(reader, MEMORY_EFFECT_CRASH);
}

static uint32_t read_exit(const struct reader *reader) {
    return read_faults(reader, MEMORY_EFFECT_EXIT);
}

static const struct {
    const char *name;
    uint32_t (*read)(const struct reader *reader);
} known[] = {
    {"shares", read_shares},         {"printers", read_printers}, {"read_only", read_read_only},
    {"size_limit", read_size_limit}, {"user", read_user},         {"password", read_password},
    {"latency_ms", read_latency},    {"fail", read_fail},         {"hang", read_hang},
    {"hang_hard", read_hang_hard},   {"crash", read_crash},       {"exit", read_exit},
};

uint32_t memory_options_read(const struct mpr_option *options, char *error, size_t error_size,
                             struct memory_options *ret) {
    struct reader reader = {.options = ret, .error = error, .error_size = error_size};
    static const struct mpr_option standard = {"shares", "demo"};
    uint32_t code = NO_ERROR;

    for (; !code && options && options->name; options++) {
        reader.option = options;
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            if (strcmp(options->name, known[i].name) == 0) {
                code = known[i].read(&reader);
                break;
            }
    }
    if (!code && !ret->shares) {
        reader.option = &standard;
        code = read_shares(&reader);
    }
    return code;
}

static void clear_settings(struct memory_setting **list) {
    while (*list) {
        struct memory_setting *next = (*list)->next;

        free(*list);
        *list = next;
    }
}

void memory_options_clear(struct memory_options *options) {
    while (options->faults) {
        struct memory_fault *next = options->faults->next;

        free(options->faults);
        options->faults = next;
    }
    clear_settings(&options->shares);
    clear_settings(&options->printers);
    clear_settings(&options->read_only);
    clear_settings(&options->size_limit);
    free(options->user);
    if (options->password) {
        explicit_bzero(options->password, strlen(options->password));
        free(options->password);
    }
    *options = (struct memory_options){0};
}

const struct memory_setting *memory_setting_find(const struct memory_setting *list,
                                                 const char *share) {
    for (; list; list = list->next)
        if (strcmp(list->share, share) == 0 || strcmp(list->share, "*") == 0)
            return list;
    return NULL;
}
