/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_shortage.h: what this machine could not give: descriptors, memory, processes.
 * No server has to do with that, and another provider would lack it as well.
 */
#ifndef MPR_SHORTAGE_H
#define MPR_SHORTAGE_H

#include <stdbool.h>
#include <stddef.h>

#include <mpr/mprtypes.h>

/** Room for the words. */
#define MPR_SHORTAGE_MAX 128

/**
 * The Win32 code of an errno value: ERROR_TOO_MANY_OPEN_FILES, ERROR_NOT_ENOUGH_MEMORY, or
 * otherwise, if it tells of no shortage.
 */
DWORD mpr_shortage_code(int error, DWORD otherwise);

/** Is it one of these codes? */
bool mpr_shortage_is(DWORD code);

/** The errno value in words, with the limit that was reached: "Too many open files (limit 64)". */
const char *mpr_shortage_words(int error, char words[MPR_SHORTAGE_MAX]);

#endif
