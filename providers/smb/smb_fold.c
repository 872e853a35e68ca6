/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_fold.c: small letters of UTF-8 text, in a locale of our own.
 */
#include "config.h"

#include "providers/smb/smb_fold.h"

#include <stdint.h>
#include <string.h>
#include <wctype.h>

void smb_fold_open(struct smb_fold *fold) {
    fold->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

void smb_fold_close(struct smb_fold *fold) {
    if (fold->locale)
        freelocale(fold->locale);
    fold->locale = (locale_t)0;
}

/* Decodes one character of valid UTF-8 and returns how long it was. */
static size_t decode(const unsigned char *text, uint32_t *ret_character) {
    size_t length = text[0] < 0x80 ? 1 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
    uint32_t value = length == 1 ? text[0] : text[0] & (0x7fu >> length);

    for (size_t i = 1; i < length; i++)
        value = value << 6 | (text[i] & 0x3fu);
    *ret_character = value;
    return length;
}

static size_t encode(uint32_t character, char *buffer) {
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

    for (size_t i = length - 1; i > 0; i--) {
        buffer[i] = (char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    buffer[0] = (char)(leads[length] | character);
    return length;
}

static uint32_t to_small(const struct smb_fold *fold, uint32_t character) {
    if (character < 0x80)
        return character >= 'A' && character <= 'Z' ? character - 'A' + 'a' : character;
    return fold->locale ? (uint32_t)towlower_l((wint_t)character, fold->locale) : character;
}

int smb_fold_copy(const struct smb_fold *fold, const char *text, char *buffer, size_t size) {
    const unsigned char *at = (const unsigned char *)text;
    size_t used = 0;

    while (*at) {
        char encoded[4];
        uint32_t character;
        size_t length;

        at += decode(at, &character);
        length = encode(to_small(fold, character), encoded);
        if (used + length >= size)
            return -1;
        memcpy(buffer + used, encoded, length);
        used += length;
    }
    if (used >= size)
        return -1;
    buffer[used] = '\0';
    return (int)used;
}
