/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tap.h: results of a plain test program, one line each.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>

#include <mpr/mprtypes.h>

/** Begins a group: what follows bears its name. */
void tap_group(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** One result. Returns good. */
bool tap_ok(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * A code of a WNet function against the one that belongs there; if it is another
 * one, the words for it are shown.
 */
bool tap_code(DWORD got, DWORD wanted, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** A result of a file function: 0, a count or -errno. */
bool tap_file(int64_t got, int64_t wanted, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Two texts, of which each may be NULL. */
bool tap_text(const char *got, const char *wanted, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Prints the plan. Returns what main returns. */
int tap_done(void);

#endif
