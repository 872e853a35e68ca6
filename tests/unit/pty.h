/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pty.h: a process of its own on a terminal of its own, and whoever sits at it.
 */
#ifndef PTY_H
#define PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pty {
    int master;
    pid_t child;
    size_t length;
    char shown[8192]; /* all that the terminal showed so far, with a NUL */
};

/** Runs fn in a child that leads a session of which the terminal is. */
void pty_start(struct pty *pty, int (*fn)(void *context), void *context);

/** Waits until the terminal shows a text that it did not show before. False: 5 s have passed. */
bool pty_expect(struct pty *pty, const char *text);

void pty_type(struct pty *pty, const char *text);

/** The line is cut. */
void pty_hang_up(struct pty *pty);

/** Waits for the child, and ends what belongs to it. Returns what fn returned, or -1. */
int pty_end(struct pty *pty);

#endif
