/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_text.c: text that came from elsewhere, made fit for a terminal.
 */
#include "config.h"

#include "tools/wnet/wnet_text.h"

#include <stdlib.h>
#include <string.h>

#include "tools/wnet/wnet_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define LONGEST      10 /* "\U0001d173" */

/* The bytes that a first byte announces, and its share of the number; 0: it is none. */
static size_t begin(unsigned char byte, uint32_t *ret_character) {
    if (byte < 0x80)
        return *ret_character = byte, 1;
    if (byte >= 0xC2 && byte < 0xE0)
        return *ret_character = byte & 0x1Fu, 2;
    if (byte >= 0xE0 && byte < 0xF0)
        return *ret_character = byte & 0x0Fu, 3;
    if (byte >= 0xF0 && byte < 0xF5)
        return *ret_character = byte & 0x07u, 4;
    return 0;
}

bool wnet_text_next(const char *text, uint32_t *ret_character, size_t *ret_length) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t character = 0;
    size_t length = begin((unsigned char)*text, &character);

    *ret_character = (unsigned char)*text;
    *ret_length = 1;
    if (!length)
        return false;
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xC0u) != 0x80)
            return false;
        character = character << 6 | ((unsigned char)text[i] & 0x3Fu);
    }
    if (character < least[length] || character > 0x10FFFF
        || (character >= 0xD800 && character < 0xE000))
        return false;
    *ret_character = character;
    *ret_length = length;
    return true;
}

bool wnet_text_valid(const char *text) {
    uint32_t character;
    size_t length;

    for (; *text; text += length)
        if (!wnet_text_next(text, &character, &length))
            return false;
    return true;
}

/* Characters that are not shown but do something. */
static bool is_harmless(uint32_t character) {
    static const uint32_t harmful[][2] = {
        {0, 0x1F},          {0x7F, 0x9F},       {0x200B, 0x200F}, {0x2028, 0x202E},
        {0x2060, 0x206F},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
        {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    };

    for (size_t i = 0; i < COUNT(harmful); i++)
        if (character >= harmful[i][0] && character <= harmful[i][1])
            return false;
    return true;
}

static int spell(char *to, size_t room, bool valid, uint32_t character) {
    if (!valid || character < 0x100)
        return snprintf(to, room, "\\x%02x", (unsigned)character);
    return snprintf(to, room, character > 0xFFFF ? "\\U%08x" : "\\u%04x", (unsigned)character);
}

static char *clean_bytes(const char *text, size_t size) {
    char *clean = wnet_grow(NULL, size * LONGEST, 1), *to = clean;
    const char *end = text + size;

    while (text < end) {
        uint32_t character;
        size_t length;
        bool valid = wnet_text_next(text, &character, &length);

        if (valid && is_harmless(character))
            to = mempcpy(to, text, length);
        else
            to += spell(to, LONGEST + 1, valid, character);
        text += length;
    }
    *to = '\0';
    return clean;
}

char *wnet_text_clean(const char *text) {
    return clean_bytes(text, strlen(text));
}

void wnet_text_put(FILE *to, const char *text) {
    char *clean = wnet_text_clean(text);

    fputs(clean, to);
    free(clean);
}

void wnet_text_put_lines(FILE *to, const char *prefix, const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        char *clean = clean_bytes(text, length);

        fprintf(to, "%s%s\n", prefix, clean);
        free(clean);
        text += length + (text[length] == '\n');
    }
}

size_t wnet_text_width(const char *text) {
    size_t width = 0;

    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}
