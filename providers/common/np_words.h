/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_words.h: options that are lists: words with commas between them.
 */
#ifndef NP_WORDS_H
#define NP_WORDS_H

#include "providers/common/np_unc.h"

#define NP_SERVERS_MAX 2048u /**< bytes of the option "servers" with its NUL */

/**
 * Takes the next word off *list; blanks around it and empty words are left out.
 * Returns 1 and the word, or 0 if there is none left.
 */
int np_words_next(const char **list, struct np_span *ret_word);

#endif
