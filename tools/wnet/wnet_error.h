/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_error.h: what went wrong, as "net use" says it, or as an object of JSON.
 */
#ifndef WNET_ERROR_H
#define WNET_ERROR_H

#include <stdbool.h>

#include <mpr/mprtypes.h>

/** From now on: an object on standard output, and nothing else. */
void wnet_error_in_json(bool json);
bool wnet_error_is_in_json(void);

/** The command line makes no sense. Returns the exit status. */
int wnet_error_syntax(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** A WNet function of this thread failed. Returns the exit status. */
int wnet_error_system(DWORD code);

/** The same, with words of our own. */
int wnet_error_explained(DWORD code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Something that is nobody's code. Returns the exit status. */
int wnet_error_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** What the user is to know, though nothing failed. */
void wnet_error_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** "The command completed successfully." Returns the exit status. */
int wnet_error_none(void);

#endif
