/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_failures.h: the last connects that failed in this process, for whoever asks
 * why. A connect that succeeds tears up the note of its name.
 */
#ifndef MPR_FAILURES_H
#define MPR_FAILURES_H

#include <stdbool.h>
#include <stddef.h>

#include <mpr/mprtypes.h>

#include "router/mpr_lock.h"

#define MPR_FAILURES_MAX 16 /* notes that are kept */

extern struct mpr_lock mpr_failures_lock;

struct mpr_failed {
    char *remote;
    char *provider; /* as WNetGetLastError names it */
    char *words;
    DWORD code;       /* Win32 */
    uint32_t ms;      /* that it took */
    int64_t ended_ns; /* CLOCK_MONOTONIC */
};

/** Notes a failure in place of an older one of the same name. One with names that are too long is not. */
void mpr_failures_note(const struct mpr_failed *failed) EXCLUDES(mpr_failures_lock);

/** The name is connected. */
void mpr_failures_forget(const char *remote) EXCLUDES(mpr_failures_lock);

/** The router ends: forgets all. */
void mpr_failures_clear(void) EXCLUDES(mpr_failures_lock);

/** Copies of all, the newest first. NO_ERROR or ERROR_NOT_ENOUGH_MEMORY. */
DWORD mpr_failures_list(struct mpr_failed **ret_items, size_t *ret_count)
    EXCLUDES(mpr_failures_lock);

/** Takes NULL. */
void mpr_failures_free(struct mpr_failed *items, size_t count);

#endif
