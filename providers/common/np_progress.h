/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_progress.h: how long to wait for answers on a TCP connection that others
 * use, too.
 *
 * A slow line is not a dead one: while bytes move, what waits behind them waits
 * on. Bytes that were sent count only as long as some are on their way, since
 * the machine of a stopped server takes others' small requests for ever. And
 * others' traffic must not keep alive who is never answered: there is a limit.
 */
#ifndef NP_PROGRESS_H
#define NP_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What moves no more bytes must be done in time where it has the line for itself. */
#define NP_PROGRESS_SHORT 65536u

struct np_progress {
    int64_t deadline_ns; /**< the end is never before */
    int64_t bound_ns;    /**< without progress; 0: the deadline is hard */
    bool large;          /**< bytes that move may be its own for longer than the bound */
    int64_t moved_ns;    /**< when bytes last moved, or an answer came; 0: never */
    int64_t answered_ns; /**< when an answer came, or the wait began */
    int64_t look_ns;     /**< when to look at the connection next */
    uint64_t received, acknowledged;
    bool looked; /**< the two above are of the last look */
    bool sent;   /**< there was nothing left to be sent or acknowledged */
};

/**
 * Begins a wait. bytes: how many are to be moved. What is not large never waits longer without
 * progress than it would until the deadline.
 */
void np_progress_begin(struct np_progress *progress, int64_t deadline_ns, int64_t bound_ns,
                       size_t bytes);

/** One of the requests that are waited for has its answer; another may have been sent. */
void np_progress_answered(struct np_progress *progress);

/** Is it time for np_progress_look? */
bool np_progress_is_due(const struct np_progress *progress);

/**
 * Looks at the connection. shared: do others wait for answers on it?
 * sending: are there bytes that the socket does not have yet?
 */
void np_progress_look(struct np_progress *progress, int fd, bool shared, bool sending);

/** When the wait ends if nothing more happens. */
int64_t np_progress_end_ns(const struct np_progress *progress);

/** The same, or the time of the next look. */
int64_t np_progress_wake_ns(const struct np_progress *progress);

#endif
