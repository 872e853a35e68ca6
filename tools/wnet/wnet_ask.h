/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_ask.h: asking whoever sits at the terminal.
 */
#ifndef WNET_ASK_H
#define WNET_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include <mpr/mprtypes.h>

#include "tools/wnet/wnet_options.h"

/** Is there a terminal, with this process in its foreground? */
bool wnet_ask_possible(void);

/**
 * Asks one question there; a password is not shown. The terminal is as before
 * afterwards, whatever ended the question.
 *
 * Returns NO_ERROR, or ERROR_CANCELLED: ^C, ^D, too long, or no terminal.
 */
DWORD wnet_ask_line(const char *question, bool echo, char *buffer, size_t size);

/**
 * "... (Y/N) [N]: ", answered by /y or /n, else by a line of standard input. With --json,
 * at the end of the input, and to an answer that is neither: no.
 *
 * question  without "(Y/N)"
 * standard  what an empty line means
 */
bool wnet_ask_whether(const struct wnet_options *options, bool standard, const char *question);

#endif
