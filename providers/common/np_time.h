/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_time.h: the monotonic clock and what is left until a deadline.
 */
#ifndef NP_TIME_H
#define NP_TIME_H

#include <stdint.h>
#include <time.h>

#define NP_MS 1000000ll /**< nanoseconds of a millisecond */

/** CLOCK_MONOTONIC in nanoseconds, the clock of mpr_call.deadline_ns. */
static inline int64_t np_now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/**
 * Milliseconds from now until at_ns for poll: 0 if it has passed, never
 * negative, rounded up, at most an hour.
 */
static inline int np_poll_ms(int64_t at_ns) {
    int64_t left = at_ns - np_now_ns();

    if (left <= 0)
        return 0;
    if (left > 3600000 * NP_MS)
        return 3600000;
    return (int)((left + NP_MS - 1) / NP_MS);
}

#endif
