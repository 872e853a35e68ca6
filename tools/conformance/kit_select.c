/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_select.c: see kit_select.h.
 */
#include "config.h"

#include "tools/conformance/kit_select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Takes the next item of a list with commas: its length, or 0 at the end. */
static size_t next_item(const char **at, const char **ret_item) {
    while (**at == ',')
        (*at)++;
    *ret_item = *at;
    *at += strcspn(*at, ",");
    return (size_t)(*at - *ret_item);
}

/* Is a check meant: by its id, or by how that begins? */
static bool is_meant(const char *list, const char *id) {
    const char *item;
    size_t length;

    while ((length = next_item(&list, &item)))
        if (strncasecmp(id, item, length) == 0)
            return true;
    return false;
}

static bool is_level(const char *list, enum kit_level level) {
    const char *item, *name = kit_level_name(level);
    size_t length;

    while ((length = next_item(&list, &item)))
        if (strlen(name) == length && strncmp(name, item, length) == 0)
            return true;
    return false;
}

static bool is_selected(const struct kit_selection *selection, const struct kit_check *check) {
    return (!selection->only || is_meant(selection->only, check->id))
           && (!selection->skip || !is_meant(selection->skip, check->id))
           && (!selection->level || is_level(selection->level, check->level));
}

/* The first item of a list that means no check at all. */
static bool find_stranger(const char *list, const char **ret_item, size_t *ret_length) {
    while (list && (*ret_length = next_item(&list, ret_item))) {
        bool found = false;

        for (const struct kit_family *family = kit_families; family->title; family++)
            for (const struct kit_check *check = family->checks; check->id; check++)
                found |= strncasecmp(check->id, *ret_item, *ret_length) == 0;
        if (!found)
            return true;
    }
    return false;
}

static bool is_sound(const struct kit_selection *selection, char *error, size_t error_size) {
    const char *level = selection->level, *item;
    size_t length;

    if (find_stranger(selection->only, &item, &length)
        || find_stranger(selection->skip, &item, &length)) {
        snprintf(error, error_size, "No check is called \"%.*s\", or begins so; --list has all.",
                 (int)length, item);
        return false;
    }
    while (level && (length = next_item(&level, &item)))
        if ((length != 4 || strncmp(item, "must", 4)) && (length != 6 || strncmp(item, "should", 6))
            && (length != 10 || strncmp(item, "capability", 10))) {
            snprintf(error, error_size, "There is no level \"%.*s\": must, should, capability.",
                     (int)length, item);
            return false;
        }
    return true;
}

static void add(struct kit_result **results, size_t *count, const struct kit_family *family,
                const struct kit_check *check) {
    *results = realloc(*results, (*count + 1) * sizeof **results);
    if (!*results)
        abort();
    memset(&(*results)[*count], 0, sizeof **results);
    (*results)[*count].family = family;
    (*results)[(*count)++].check = check;
}

bool kit_select(const struct kit_selection *selection, bool classic, struct kit_result **ret,
                size_t *ret_count, char *error, size_t error_size) {
    enum kit_kind direct = classic ? KIT_CLASSIC : KIT_NATIVE;

    *ret = NULL;
    *ret_count = 0;
    if (!is_sound(selection, error, error_size))
        return false;
    for (const struct kit_family *family = kit_families; family->title; family++)
        for (const struct kit_check *check = family->checks; check->id; check++)
            if ((family->kind == direct || family->kind == KIT_ROUTED)
                && is_selected(selection, check))
                add(ret, ret_count, family, check);
    if (!*ret_count) {
        snprintf(error, error_size, "No check is left that applies to a %s module.",
                 kit_kind_name(direct));
        return false;
    }
    return true;
}
