/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_base64.c: bytes as text.
 */
#include "config.h"

#include "router/mpr_base64.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *mpr_base64_encode(const void *bytes, size_t size) {
    const unsigned char *from = bytes;
    char *text = malloc((size + 2) / 3 * 4 + 1), *at = text;

    if (!text)
        return NULL;
    for (; size; from += 3, at += 4) {
        size_t part = size < 3 ? size : 3;
        unsigned long group = (unsigned long)from[0] << 16
                              | (part > 1 ? (unsigned long)from[1] << 8 : 0)
                              | (part > 2 ? from[2] : 0);

        for (size_t i = 0; i < 4; i++)
            at[i] = i <= part ? digits[group >> (18 - 6 * i) & 63] : '=';
        size -= part;
    }
    *at = '\0';
    return text;
}

/* Four characters to three bytes, fewer with padding. Returns how many, 0 if they are none. */
static size_t decode_group(const char *text, bool last, unsigned char *ret) {
    unsigned long group = 0;
    size_t length = 4, size;

    if (last && text[3] == '=')
        length = text[2] == '=' ? 2 : 3;
    for (size_t i = 0; i < length; i++) {
        const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

        if (!digit)
            return 0;
        group |= (unsigned long)(digit - digits) << (18 - 6 * i);
    }
    size = length - 1;
    if (group & ((1ul << (24 - 8 * size)) - 1)) /* bits that stand for nothing */
        return 0;
    for (size_t i = 0; i < size; i++)
        ret[i] = (unsigned char)(group >> (16 - 8 * i));
    return size;
}

DWORD mpr_base64_decode(const char *text, size_t max, void **ret_bytes, size_t *ret_size) {
    size_t length = strlen(text), size = 0;
    unsigned char *bytes;

    if (length % 4 || length / 4 > max / 3 + 1)
        return ERROR_INVALID_DATA;
    if (!length) {
        *ret_bytes = NULL;
        *ret_size = 0;
        return NO_ERROR;
    }
    bytes = malloc(length / 4 * 3);
    if (!bytes)
        return ERROR_NOT_ENOUGH_MEMORY;
    for (size_t at = 0; at < length; at += 4) {
        size_t part = decode_group(text + at, at + 4 == length, bytes + size);

        if (!part) {
            free(bytes);
            return ERROR_INVALID_DATA;
        }
        size += part;
    }
    if (size > max) {
        free(bytes);
        return ERROR_INVALID_DATA;
    }
    *ret_bytes = bytes;
    *ret_size = size;
    return NO_ERROR;
}
