/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_gate.h: waits that end: by a deadline, a cancel descriptor, or the
 * session's end; and a gate, through which threads go one at a time so.
 */
#ifndef MPR_WORKER_GATE_H
#define MPR_WORKER_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "router/mpr_lock.h"

/** What ends a wait. */
struct mpr_worker_wait {
    int64_t deadline_ns; /* CLOCK_MONOTONIC */
    int cancel_fd;       /* readable = cancelled; -1 = none */
    int abort_fd;        /* readable = the session is no more; -1 = none */
};

/**
 * Waits until fd is readable or hung up. Returns 0, -ETIMEDOUT, -ECANCELED or
 * -ENOTCONN (aborted), the last two also if fd is readable. fd -1 waits for the
 * end only.
 */
int mpr_worker_wait_for(const struct mpr_worker_wait *wait, int fd);

/**
 * No lock: a thread in the gate may take its time. Those who wait outside get
 * it handed over, one by one.
 */
struct mpr_worker_gate {
    struct mpr_lock lock;
    int token_fd; /* an eventfd: holds one when the gate is handed to somebody waiting */
    /* under lock: */
    bool busy;
    unsigned waiting;
};

/** Returns 0 or -errno. */
int mpr_worker_gate_init(struct mpr_worker_gate *gate);
void mpr_worker_gate_clear(struct mpr_worker_gate *gate);

/** Returns 0, and the thread is in, or as mpr_worker_wait_for. */
int mpr_worker_gate_enter(struct mpr_worker_gate *gate, const struct mpr_worker_wait *wait)
    EXCLUDES(gate->lock);
void mpr_worker_gate_leave(struct mpr_worker_gate *gate) EXCLUDES(gate->lock);

#endif
