/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_utf.h: the one place that converts between UTF-16 and UTF-8. Strict: an
 * unpaired surrogate, an overlong form or a truncated sequence is refused.
 */
#ifndef MPR_UTF_H
#define MPR_UTF_H

#include <stdbool.h>

#include <mpr/mprtypes.h>

/**
 * UTF-16 to UTF-8. NULL gives NULL. *ret is to be freed.
 * Returns NO_ERROR, ERROR_NO_UNICODE_TRANSLATION, ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_utf_from_wide(LPCWSTR wide, char **ret);

/**
 * The same into size bytes, without allocating; wide is not NULL. False: it does
 * not fit or is no UTF-16, and what is in ret counts for nothing.
 */
bool mpr_utf_put_wide(LPCWSTR wide, char *ret, size_t size);

/** Bytes of the text before the first that is no UTF-8: all of them in valid UTF-8. */
size_t mpr_utf_valid_prefix(const char *text);

/** Is this valid UTF-8? */
bool mpr_utf_valid(const char *text);

/** Units of UTF-16 that valid UTF-8 needs, with the NUL. */
size_t mpr_utf_wide_size(const char *text);

/** Writes as much of UTF-8 as fits in size units, whole characters, always terminated. */
void mpr_utf_to_wide(const char *text, LPWSTR ret, size_t size);

/**
 * Copies UTF-8, cut at a character's border to size bytes with the NUL; bytes
 * that are no UTF-8 become '?'.
 */
void mpr_utf_copy(char *ret, size_t size, const char *text);

/** The character at *at, which is moved behind it; -1 and one byte on if there is none there. */
int32_t mpr_utf_next(const char **at);

/** Compares two UTF-8 texts ignoring the case of ASCII letters. */
bool mpr_utf_same(const char *a, const char *b);

#endif
