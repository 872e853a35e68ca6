/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_option.c: lists of options.
 */
#include "config.h"

#include "router/mpr_option.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

/* A list under construction: first measured, then filled. */
struct builder {
    struct mpr_option *options; /* NULL while it is measured */
    char *room;                 /* for the next text */
    size_t count;
    size_t bytes;
};

static const char *add_text(struct builder *builder, const char *text) {
    size_t size = strlen(text) + 1;
    char *at = builder->room;

    builder->bytes += size;
    if (!at)
        return NULL;
    memcpy(at, text, size);
    builder->room += size;
    return at;
}

static void add(struct builder *builder, const char *name, const char *value) {
    name = add_text(builder, name);
    value = add_text(builder, value);
    if (builder->options)
        builder->options[builder->count] = (struct mpr_option){.name = name, .value = value};
    builder->count++;
}

/* Gives a builder that has measured the room to be filled. */
static DWORD allocate(struct builder *builder) {
    size_t list = (builder->count + 1) * sizeof *builder->options;
    char *block = malloc(list + builder->bytes);

    if (!block)
        return ERROR_NOT_ENOUGH_MEMORY;
    builder->options = (struct mpr_option *)(void *)block;
    builder->options[builder->count] = (struct mpr_option){0};
    builder->room = block + list;
    builder->count = 0;
    return NO_ERROR;
}

const char *mpr_option_get(const struct mpr_option *options, const char *name) {
    for (; options && options->name; options++)
        if (strcmp(options->name, name) == 0)
            return options->value;
    return NULL;
}

bool mpr_option_number(const struct mpr_option *options, const char *name, uint32_t least,
                       uint32_t most, struct mpr_failure *failure, uint32_t *ret_number) {
    const char *value = mpr_option_get(options, name);
    size_t digits = value ? strspn(value, "0123456789") : 0;
    unsigned long long number = digits ? strtoull(value, NULL, 10) : 0;

    if (!value)
        return true;
    if (!digits || value[digits] || number < least || number > most) {
        mpr_failure_set(failure, ERROR_INVALID_PARAMETER,
                        "The option %s is \"%.40s\", but must be a number from %u to %u.", name,
                        value, least, most);
        return false;
    }
    *ret_number = (uint32_t)number;
    return true;
}

static const struct mpr_json *add_members(struct builder *builder, const struct mpr_json *object) {
    for (const struct mpr_json *at = mpr_json_first(object); at; at = mpr_json_next(at)) {
        char buffer[MPR_JSON_NUMBER_MAX];
        const char *value = mpr_json_as_text(at, buffer);

        if (!value)
            return at;
        add(builder, mpr_json_key(at), value);
    }
    return NULL;
}

DWORD mpr_option_read(const struct mpr_json *object, const struct mpr_json **ret_bad,
                      struct mpr_option **ret_options) {
    struct builder builder = {0};
    const struct mpr_json *bad = add_members(&builder, object);
    DWORD rc;

    if (bad) {
        *ret_bad = bad;
        return ERROR_INVALID_DATA;
    }
    rc = allocate(&builder);
    if (rc != NO_ERROR)
        return rc;
    add_members(&builder, object);
    *ret_options = builder.options;
    return NO_ERROR;
}

static void add_both(struct builder *builder, const struct mpr_option *base,
                     const struct mpr_option *over) {
    for (const struct mpr_option *at = base; at && at->name; at++)
        if (!mpr_option_get(over, at->name))
            add(builder, at->name, at->value);
    for (const struct mpr_option *at = over; at && at->name; at++)
        add(builder, at->name, at->value);
}

DWORD mpr_option_merge(const struct mpr_option *base, const struct mpr_option *over,
                       struct mpr_option **ret_options) {
    struct builder builder = {0};
    DWORD rc;

    add_both(&builder, base, over);
    rc = allocate(&builder);
    if (rc != NO_ERROR)
        return rc;
    add_both(&builder, base, over);
    *ret_options = builder.options;
    return NO_ERROR;
}
