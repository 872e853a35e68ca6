/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_fold.c: see drive_fold.h. Letters of any alphabet count as their capitals, in
 * a locale of our own.
 */
#include "config.h"

#include "service/drive_fold.h"

#include <locale.h>
#include <pthread.h>
#include <wctype.h>

#include "router/mpr_utf.h"
#include "service/drive_hash.h"

static pthread_once_t opened = PTHREAD_ONCE_INIT;
static locale_t locale; /* (locale_t)0: only ASCII has capitals */

static void open_locale(void) {
    locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* The next character, as a capital; a byte that is none counts as itself. */
static uint32_t next_folded(const char **at) {
    unsigned char byte = (unsigned char)**at;
    int32_t character = mpr_utf_next(at);

    if (character < 0)
        return UINT32_MAX - byte;
    if (character < 0x80)
        return (uint32_t)(character >= 'a' && character <= 'z' ? character - 'a' + 'A' : character);
    pthread_once(&opened, open_locale);
    return locale ? (uint32_t)towupper_l((wint_t)character, locale) : (uint32_t)character;
}

/* As drive_hash_of_name, by characters. */
uint64_t drive_fold_hash(uint64_t seed, const char *name) {
    uint64_t value = 0xCBF29CE484222325u ^ seed;

    while (*name)
        value = (value ^ next_folded(&name)) * 0x100000001B3u;
    return drive_hash_of_number(value);
}

bool drive_fold_same(const char *a, const char *b) {
    while (*a && *b) {
        if (next_folded(&a) != next_folded(&b))
            return false;
    }
    return !*a && !*b;
}
