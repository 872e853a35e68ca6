/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_format.c: breaks and shortens names.
 */
#include "config.h"

#include "router/mpr_format.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_name.h"

#define DOTS "..."

static bool is_separator(char c) {
    return c == '/' || c == '\\';
}

/* Bytes of the first characters of a text, or of all of it. */
static size_t bytes_of(const char *text, size_t characters) {
    size_t bytes = 0;

    while (text[bytes] && characters--)
        for (bytes++; (text[bytes] & 0xC0) == 0x80;)
            bytes++;
    return bytes;
}

static char *last_part(const char *name) {
    size_t start, end = strlen(name);

    if (!is_separator(name[0]) || !is_separator(name[1]))
        return strdup(name);
    while (end > 2 && is_separator(name[end - 1]))
        end--;
    for (start = end; start > 2 && !is_separator(name[start - 1]);)
        start--;
    return start < end ? strndup(name + start, end - start) : strdup(name);
}

/* The end tells one name from its neighbours, so it gets the larger half. */
static char *abbreviate(const char *name, size_t width) {
    size_t dots = width < strlen(DOTS) ? width : strlen(DOTS);
    size_t left = (width - dots) / 2, right = width - dots - left;
    size_t head = bytes_of(name, left);
    size_t tail = bytes_of(name, mpr_name_length(name) - right);
    char *text = malloc(head + dots + strlen(name + tail) + 1);

    if (!text)
        return NULL;
    memcpy(text, name, head);
    memcpy(text + head, DOTS, dots);
    memcpy(text + head + dots, name + tail, strlen(name + tail) + 1);
    return text;
}

/* Bytes of one line: to the last separator that something stands before, or as many as fit. */
static size_t line_of(const char *text, size_t width) {
    size_t limit = bytes_of(text, width), best = 0;
    bool something = false;

    for (size_t i = 0; i < limit; i++) {
        if (!is_separator(text[i]))
            something = true;
        else if (something)
            best = i + 1;
    }
    return best ? best : limit;
}

static char *break_lines(const char *name, size_t width) {
    char *text = malloc(2 * strlen(name) + 1), *end = text; /* at worst a line for each character */

    if (!text)
        return NULL;
    while (name[bytes_of(name, width)]) {
        size_t bytes = line_of(name, width);

        memcpy(end, name, bytes);
        end += bytes;
        *end++ = '\n';
        name += bytes;
    }
    memcpy(end, name, strlen(name) + 1);
    return text;
}

DWORD mpr_format_name(const char *remote, uint32_t flags, uint32_t width, char **ret_text) {
    char *name = (flags & WNFMT_INENUM) != 0 ? last_part(remote) : strdup(remote);
    char *text = name;

    if (!name)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (width && mpr_name_length(name) > width) {
        if ((flags & WNFMT_MULTILINE) != 0)
            text = break_lines(name, width);
        else if ((flags & WNFMT_ABBREVIATED) != 0)
            text = abbreviate(name, width);
        if (text != name)
            free(name);
    }
    if (!text)
        return ERROR_NOT_ENOUGH_MEMORY;
    *ret_text = text;
    return NO_ERROR;
}
