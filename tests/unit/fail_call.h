/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fail_call.h: makes the nth call of the system fail, or the process die there.
 *
 * A program that uses it is linked with fail_call.c and $(fail_call_ldflags):
 * then the router's calls that touch files come by here, and the test's own.
 */
#ifndef FAIL_CALL_H
#define FAIL_CALL_H

#include <stdbool.h>

enum fail_call_way {
    FAIL_CALL_ERROR,     /* it returns -1 with error, and does nothing */
    FAIL_CALL_LIE,       /* it is done, and returns -1 with error all the same */
    FAIL_CALL_DIE,       /* SIGKILL before it */
    FAIL_CALL_DIE_TORN,  /* SIGKILL after half of a write; before any other call */
    FAIL_CALL_INTERRUPT, /* EINTR, and it does nothing; only those calls that may */
    FAIL_CALL_SHORT,     /* a read or write does one byte; other calls are unchanged */
    FAIL_CALL_FORK,      /* it is done, but a child is forked before, which stays */
};

/** From now on the nth call, counted from 1, fails in that way; with name only calls of it count. */
void fail_call_arm(unsigned nth, const char *name, enum fail_call_way way, int error);

/** Nothing fails any more, and a child is ended. The name of the call that did, or NULL. */
const char *fail_call_disarm(void);

#endif
