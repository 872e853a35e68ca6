/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_call.h: one call into a provider, and what the host table finds in it.
 */
#ifndef MPR_CALL_H
#define MPR_CALL_H

#include <stdbool.h>

#include <mpr/provider.h>

#include "router/mpr_error.h"

/** What mpr_call.host_data points to. */
struct mpr_call_data {
    int secret_fd;              /* mpr_secret; the caller's, not closed here */
    uint32_t prompt_flags;      /* CONNECT_ flags for mpr_prompt_ask */
    const char *provider;       /* name for texts */
    struct mpr_failure failure; /* what host->set_error said */
};

/** The host table that every in-process module gets; see provider.h. */
extern const struct mpr_host mpr_host_table;

/**
 * Begins a call: fills *call and *data. The call must end by deadline_ns
 * (CLOCK_MONOTONIC) or when cancel_fd (-1 = none) becomes readable.
 */
void mpr_call_begin(struct mpr_call *call, struct mpr_call_data *data, const char *provider,
                    int64_t deadline_ns, int cancel_fd, int secret_fd);

/** Is this thread inside a provider? WNet functions answer ERROR_BUSY there. */
bool mpr_call_inside(void);

/** Marks this thread as inside a provider, and not. */
void mpr_call_enter(void);
void mpr_call_leave(void);

#endif
