/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_utf.c: UTF-16 and UTF-8, strictly.
 */
#include "config.h"

#include "router/mpr_utf.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#define IS_HIGH(u) ((u) >= 0xD800 && (u) <= 0xDBFF)
#define IS_LOW(u)  ((u) >= 0xDC00 && (u) <= 0xDFFF)

/* The character at *at, which is moved behind it; -1 if there is none there. */
static int32_t next_from_wide(LPCWSTR *at) {
    uint32_t unit = *(*at)++;

    if (IS_LOW(unit))
        return -1;
    if (!IS_HIGH(unit))
        return (int32_t)unit;
    if (!IS_LOW(**at))
        return -1;
    return (int32_t)(0x10000 + ((unit - 0xD800) << 10) + (uint32_t)(*(*at)++ - 0xDC00));
}

/* Bytes of the character in UTF-8, which are written to ret. */
static size_t put_utf8(uint32_t c, char *ret) {
    if (c < 0x80) {
        ret[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        ret[0] = (char)(0xC0 | c >> 6);
        ret[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        ret[0] = (char)(0xE0 | c >> 12);
        ret[1] = (char)(0x80 | (c >> 6 & 0x3F));
        ret[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    ret[0] = (char)(0xF0 | c >> 18);
    ret[1] = (char)(0x80 | (c >> 12 & 0x3F));
    ret[2] = (char)(0x80 | (c >> 6 & 0x3F));
    ret[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* How many bytes follow a lead byte; -1 for a byte that leads nothing. */
static int bytes_after(unsigned char lead) {
    if (lead < 0x80)
        return 0;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 1;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 2;
    return lead >= 0xF0 && lead <= 0xF4 ? 3 : -1;
}

int32_t mpr_utf_next(const char **at) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *in = (const unsigned char *)*at;
    int more = bytes_after(in[0]);
    uint32_t c;

    ++*at;
    if (more <= 0)
        return more < 0 ? -1 : in[0];
    c = in[0] & (0x3Fu >> more);
    for (int i = 1; i <= more; i++) {
        if ((in[i] & 0xC0) != 0x80)
            return -1;
        c = c << 6 | (in[i] & 0x3F);
    }
    if (c < least[more] || c > 0x10FFFF || IS_HIGH(c) || IS_LOW(c))
        return -1;
    *at += more;
    return (int32_t)c;
}

bool mpr_utf_put_wide(LPCWSTR wide, char *ret, size_t size) {
    size_t at = 0;

    while (*wide) {
        int32_t c = next_from_wide(&wide);
        char bytes[4];
        size_t n;

        if (c < 0)
            return false;
        n = put_utf8((uint32_t)c, bytes);
        if (at + n >= size)
            return false;
        memcpy(ret + at, bytes, n);
        at += n;
    }
    if (at >= size)
        return false;
    ret[at] = '\0';
    return true;
}

DWORD mpr_utf_from_wide(LPCWSTR wide, char **ret) {
    size_t units = 0;
    char *text;

    if (!wide) {
        *ret = NULL;
        return NO_ERROR;
    }
    while (wide[units])
        units++;
    text = malloc(units * 3 + 1);
    if (!text)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (!mpr_utf_put_wide(wide, text, units * 3 + 1)) {
        explicit_bzero(text, units * 3 + 1);
        free(text);
        return ERROR_NO_UNICODE_TRANSLATION;
    }
    *ret = text;
    return NO_ERROR;
}

size_t mpr_utf_valid_prefix(const char *text) {
    const char *at = text;

    while (*at)
        if (mpr_utf_next(&at) < 0)
            return (size_t)(at - text) - 1;
    return (size_t)(at - text);
}

bool mpr_utf_valid(const char *text) {
    return !text[mpr_utf_valid_prefix(text)];
}

size_t mpr_utf_wide_size(const char *text) {
    size_t units = 1;

    while (*text)
        units += mpr_utf_next(&text) >= 0x10000 ? 2 : 1;
    return units;
}

void mpr_utf_to_wide(const char *text, LPWSTR ret, size_t size) {
    size_t at = 0;

    while (*text) {
        int32_t c = mpr_utf_next(&text);

        if (at + (c >= 0x10000 ? 2 : 1) >= size)
            break;
        if (c >= 0x10000) {
            ret[at++] = (WCHAR)(0xD800 + ((c - 0x10000) >> 10));
            ret[at++] = (WCHAR)(0xDC00 + ((c - 0x10000) & 0x3FF));
        } else {
            ret[at++] = (WCHAR)(c < 0 ? '?' : c);
        }
    }
    if (size)
        ret[at] = 0;
}

void mpr_utf_copy(char *ret, size_t size, const char *text) {
    size_t at = 0;

    while (*text) {
        const char *begin = text;
        int32_t c = mpr_utf_next(&text);
        size_t n = c < 0 ? 1 : (size_t)(text - begin);

        if (at + n >= size)
            break;
        if (c < 0)
            ret[at] = '?';
        else
            memcpy(ret + at, begin, n);
        at += n;
    }
    if (size)
        ret[at] = '\0';
}

/* Not strcasecmp, whose answer depends on the embedding program's locale. */
static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool mpr_utf_same(const char *a, const char *b) {
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}
