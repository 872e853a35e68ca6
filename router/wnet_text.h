/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_text.h: strings at the border of the public functions: in as UTF-8 or
 * UTF-16, out likewise, with sizes in units of either.
 */
#ifndef WNET_TEXT_H
#define WNET_TEXT_H

#include <stdbool.h>

#include <mpr/mprtypes.h>

/**
 * Takes a string in: a copy in UTF-8, NULL for NULL. Exactly one of narrow and
 * wide is looked at. *ret is to be freed.
 *
 * Returns NO_ERROR, ERROR_NO_UNICODE_TRANSLATION with words, ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD wnet_text_in(bool is_wide, const void *text, char **ret);

/** Units that a text needs with its NUL. */
DWORD wnet_text_size(bool is_wide, const char *text);

/**
 * Gives a string out. *size is in units; untouched unless ERROR_MORE_DATA is
 * returned, when it is what is needed. A NULL buffer with size 0 asks for that.
 *
 * Returns NO_ERROR, ERROR_MORE_DATA, ERROR_INVALID_ADDRESS (NULL buffer, size not 0).
 */
DWORD wnet_text_out(bool is_wide, const char *text, void *buffer, LPDWORD size);

/** Says that a buffer is NULL, and its size is not 0. Returns ERROR_INVALID_ADDRESS. */
DWORD wnet_text_say_null(DWORD size);

/** Gives as much of a string out as fits, always terminated if size is not 0. */
void wnet_text_cut(bool is_wide, const char *text, void *buffer, DWORD size);

#endif
