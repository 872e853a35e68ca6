/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_name.c: devices and paths, by syntax alone.
 */
#include "config.h"

#include "router/mpr_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "router/mpr_utf.h"

#define FIRST_PRINTER 26

static bool is_separator(char c) {
    return c == '/' || c == '\\';
}

struct mpr_device mpr_name_device_at(int index) {
    struct mpr_device device = {.index = index};

    if (index < FIRST_PRINTER)
        snprintf(device.name, sizeof device.name, "%c:", 'A' + index);
    else
        snprintf(device.name, sizeof device.name, "LPT%c", '1' + (index - FIRST_PRINTER));
    return device;
}

/* The number of the letter c, or -1. */
static int letter_index(char c) {
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    return c >= 'A' && c <= 'Z' ? c - 'A' : -1;
}

bool mpr_name_device(const char *text, struct mpr_device *ret_device) {
    char head[4] = "";
    int index;

    if (text[0] && text[1] == ':' && !text[2]) {
        index = letter_index(text[0]);
        if (index >= 0)
            *ret_device = mpr_name_device_at(index);
        return index >= 0;
    }
    snprintf(head, sizeof head, "%.3s", text);
    if (!mpr_utf_same(head, "LPT") || text[3] < '1' || text[3] > '9')
        return false;
    if (text[4] && (text[4] != ':' || text[5]))
        return false;
    *ret_device = mpr_name_device_at(FIRST_PRINTER + (text[3] - '1'));
    return true;
}

DWORD mpr_name_device_type(const struct mpr_device *device) {
    return device->index < FIRST_PRINTER ? RESOURCETYPE_DISK : RESOURCETYPE_PRINT;
}

bool mpr_name_device_path(const char *text, struct mpr_device *ret_device, const char **ret_rest) {
    int index = letter_index(text[0]);

    if (index < 0 || text[1] != ':' || (text[2] && !is_separator(text[2])))
        return false;
    *ret_device = mpr_name_device_at(index);
    *ret_rest = text + 2;
    return true;
}

int mpr_name_inner_path(const char *rest, char **ret_path) {
    char *path, *end;

    if (!mpr_utf_valid(rest))
        return -EINVAL;
    path = end = malloc(strlen(rest) + 1);
    if (!path)
        return -ENOMEM;
    while (*rest) {
        size_t n = strcspn(rest, "/\\");

        if ((n == 1 && rest[0] == '.') || (n == 2 && rest[0] == '.' && rest[1] == '.')) {
            free(path);
            return -EINVAL;
        }
        if (n && end != path)
            *end++ = '/';
        memcpy(end, rest, n);
        end += n;
        rest += n;
        rest += strspn(rest, "/\\");
    }
    *end = '\0';
    *ret_path = path;
    return 0;
}

size_t mpr_name_length(const char *text) {
    size_t length = 0;

    for (; *text; text++)
        length += (*text & 0xC0) != 0x80;
    return length;
}

bool mpr_name_has_control(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    return false;
}
