/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_time.h: deadlines, in nanoseconds of CLOCK_MONOTONIC, and times.
 */
#ifndef MPR_TIME_H
#define MPR_TIME_H

#include <stdint.h>
#include <time.h>

#define MPR_NS_PER_MS 1000000LL
#define MPR_NS_PER_S  1000000000LL

static inline int64_t mpr_now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MPR_NS_PER_S + now.tv_nsec;
}

static inline int64_t mpr_deadline_in_ms(uint32_t ms) {
    return mpr_now_ns() + (int64_t)ms * MPR_NS_PER_MS;
}

/** In nanoseconds, of which there are enough for the years from 1677 to 2262. */
static inline int64_t mpr_ns_of(struct timespec time) {
    const int64_t most = INT64_MAX / MPR_NS_PER_S - 1;
    int64_t seconds = time.tv_sec > most ? most : time.tv_sec < -most ? -most : time.tv_sec;

    return seconds * MPR_NS_PER_S + time.tv_nsec;
}

static inline struct timespec mpr_timespec(int64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / MPR_NS_PER_S),
                             .tv_nsec = (long)(ns % MPR_NS_PER_S)};
}

/** Milliseconds until the deadline for poll(), rounded up; 0 when it has passed. */
static inline int mpr_ms_until(int64_t deadline_ns) {
    int64_t left = deadline_ns - mpr_now_ns();

    if (left <= 0)
        return 0;
    left = (left + MPR_NS_PER_MS - 1) / MPR_NS_PER_MS;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

#endif
