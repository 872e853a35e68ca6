/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attempt.h: what programs do with files, each done once in a process of its own, and
 * how long that took.
 */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>

/** What became of one operation. */
struct attempt {
    const char *name; /* "rename" */
    double ms;
    int error;   /* errno; 0: it went well */
    bool hung;   /* it had not ended by the limit */
    bool wedged; /* and SIGKILL did not end it either */
};

/** How many operations there are. */
size_t attempt_count(void);

/** Makes the files that the operations need, below directory. Returns errno. */
int attempt_prepare(const char *directory);

/**
 * Does every operation at once, each in a process of its own on files of its own,
 * within limit_ms. ret has room for attempt_count().
 */
void attempt_all(const char *directory, double limit_ms, struct attempt *ret);

#endif
