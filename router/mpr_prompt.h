/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_prompt.h: asking the user: through the program's own function, or on the
 * terminal.
 */
#ifndef MPR_PROMPT_H
#define MPR_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include <mpr/mprtypes.h>

#include "router/mpr_lock.h"

/** Of the function; for mpr_fork and mpr_prompt_tty only. */
extern struct mpr_lock mpr_prompt_lock;

/** The function of MprSetPrompt; NULL: the program has none. */
void mpr_prompt_set(DWORD (*prompt)(void *context, const char *question, int echo, char *buffer,
                                    size_t size),
                    void *context);

/**
 * Asks: through the function, or if there is none and flags have
 * CONNECT_COMMANDLINE, on the terminal; only with CONNECT_INTERACTIVE. The
 * answer, with its NUL, is valid UTF-8 and the caller's to wipe. Meanwhile this
 * thread counts as being inside a provider. Nothing is explained.
 *
 * Returns NO_ERROR, ERROR_CANCELLED, or ERROR_NOT_SUPPORTED: nobody can be asked.
 */
DWORD mpr_prompt_ask(uint32_t flags, const char *question, bool echo, char *buffer, size_t size);

/**
 * Asks on the controlling terminal, if this process is in its foreground. One
 * at a time; signals and the terminal are afterwards as they were before.
 * Returns as mpr_prompt_ask.
 */
DWORD mpr_prompt_tty(const char *question, bool echo, char *buffer, size_t size);

#endif
