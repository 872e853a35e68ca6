/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_text.h: text that came from elsewhere, made fit for a terminal.
 *
 * Names and words come from servers. What would move the cursor, change colours or
 * turn the direction of writing is shown by its number, as \x1b or \u202e, and so is
 * what is not UTF-8.
 */
#ifndef WNET_TEXT_H
#define WNET_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Takes one character of UTF-8; false if there is none: then one byte is its length. */
bool wnet_text_next(const char *text, uint32_t *ret_character, size_t *ret_length);

/** Is all of it UTF-8? */
bool wnet_text_valid(const char *text);

/** In one line, to be freed. */
char *wnet_text_clean(const char *text);

/** Writes it in one line. */
void wnet_text_put(FILE *to, const char *text);

/** Writes sentences: each line of them behind a prefix. */
void wnet_text_put_lines(FILE *to, const char *prefix, const char *text);

/** Characters of a clean text. */
size_t wnet_text_width(const char *text);

#endif
