/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_words.c: takes lists of words apart.
 */
#include "config.h"

#include "providers/common/np_words.h"

#include <string.h>

int np_words_next(const char **list, struct np_span *ret_word) {
    const char *at = *list + strspn(*list, ", \t");
    size_t length = strcspn(at, ",");

    *list = at + length;
    while (length && strchr(" \t", at[length - 1]))
        length--;
    *ret_word = (struct np_span){at, length};
    return length > 0;
}
