/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scratch.h: a directory of the test's own. All names are relative to it.
 * Failures are Criterion's.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdbool.h>
#include <sys/types.h>

/** Makes it; for .init of a suite. Everybody may go through it, its owner may write. */
void scratch_new(void);

/** Removes it with all that is in it; for .fini of a suite. */
void scratch_free(void);

/** The absolute path of a name; "" is the directory itself. Good until the 8th call after. */
const char *scratch_path(const char *name);

/** Makes a directory, and those above it. */
void scratch_mkdir(const char *name);

/** Writes a file of mode 0644, and makes the directories above it. */
void scratch_write(const char *name, const char *text);

/** The contents of a file, to be freed; NULL if it is not there. */
char *scratch_read(const char *name);

/** Entries of a directory. */
unsigned scratch_count(const char *name);

/** Runs a function in a child process as another user; the status is waitpid's. */
int scratch_fork(uid_t uid, int (*function)(void *context), void *context);

#endif
