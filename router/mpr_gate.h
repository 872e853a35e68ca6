/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_gate.h: one at a time, with a bound on the waiting.
 *
 * What a mutex would do for calls that may take long. It is no lock: nothing
 * but the gate itself waits for it, and the wait ends at a deadline.
 */
#ifndef MPR_GATE_H
#define MPR_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "router/mpr_lock.h"

struct mpr_gate {
    struct mpr_lock lock;
    pthread_cond_t opened; /* CLOCK_MONOTONIC */
    bool busy;             /* under lock */
};

void mpr_gate_init(struct mpr_gate *gate);
void mpr_gate_clear(struct mpr_gate *gate);

/** Goes in when it is free. False: the deadline came first. */
bool mpr_gate_enter(struct mpr_gate *gate, int64_t deadline_ns);
void mpr_gate_leave(struct mpr_gate *gate);

/** A condition variable whose waits are by CLOCK_MONOTONIC. */
void mpr_cond_init(pthread_cond_t *cond);

/** Waits until woken or the deadline. False: it has passed. Spurious wakes occur. */
bool mpr_cond_wait(pthread_cond_t *cond, struct mpr_lock *lock, int64_t deadline_ns)
    REQUIRES(*lock);

#endif
