/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_gate.c: one at a time, with a bound on the waiting.
 */
#include "config.h"

#include "router/mpr_gate.h"

#include "router/mpr_time.h"

void mpr_cond_init(pthread_cond_t *cond) {
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool mpr_cond_wait(pthread_cond_t *cond, struct mpr_lock *lock, int64_t deadline_ns) {
    struct timespec until = mpr_timespec(deadline_ns);

    return pthread_cond_timedwait(cond, &lock->mutex, &until) == 0;
}

void mpr_gate_init(struct mpr_gate *gate) {
    pthread_mutex_init(&gate->lock.mutex, NULL);
    mpr_cond_init(&gate->opened);
    mpr_lock(&gate->lock);
    gate->busy = false;
    mpr_unlock(&gate->lock);
}

void mpr_gate_clear(struct mpr_gate *gate) {
    pthread_cond_destroy(&gate->opened);
    pthread_mutex_destroy(&gate->lock.mutex);
}

bool mpr_gate_enter(struct mpr_gate *gate, int64_t deadline_ns) {
    bool in;

    mpr_lock(&gate->lock);
    while (gate->busy && mpr_cond_wait(&gate->opened, &gate->lock, deadline_ns))
        ;
    in = !gate->busy;
    if (in)
        gate->busy = true;
    mpr_unlock(&gate->lock);
    return in;
}

void mpr_gate_leave(struct mpr_gate *gate) {
    mpr_lock(&gate->lock);
    gate->busy = false;
    pthread_cond_signal(&gate->opened);
    mpr_unlock(&gate->lock);
}
