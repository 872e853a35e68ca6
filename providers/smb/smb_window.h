/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_window.h: how much to ask a server for in one request.
 *
 * A small request leaves a long link empty most of the time; a large one on a
 * slow link looks like a dead server. So the size begins small, doubles while
 * a whole request takes less than a tenth of the time that one may take, and
 * is halved when one takes more than half of it. Where even large requests are
 * answered at once, larger ones gain nothing.
 */
#ifndef SMB_WINDOW_H
#define SMB_WINDOW_H

#include <stdint.h>

#define SMB_WINDOW_MIN    65536u
#define SMB_WINDOW_START  262144u
#define SMB_WINDOW_NEAR   4194304u /**< enough for a near server */
#define SMB_WINDOW_FAR    33554432u
#define SMB_WINDOW_FAR_NS 10000000 /**< what a request to a far one takes at least */

struct smb_window {
    uint32_t size;
    uint64_t rate; /**< bytes a second of the fastest request that was a whole one; 0 = none yet */
};

/** Tells that a request of bytes took that long, of bound_ns at most. */
static inline void smb_window_took(struct smb_window *window, uint64_t bytes, int64_t elapsed_ns,
                                   int64_t bound_ns) {
    uint32_t limit = elapsed_ns < SMB_WINDOW_FAR_NS ? SMB_WINDOW_NEAR : SMB_WINDOW_FAR;
    uint64_t rate = elapsed_ns > 0 ? bytes * 1000000000u / (uint64_t)elapsed_ns : 0;

    if (bytes == window->size && rate > window->rate)
        window->rate = rate;
    if (elapsed_ns > bound_ns / 2 && window->size > SMB_WINDOW_MIN)
        window->size /= 2;
    else if (bytes == window->size && elapsed_ns < bound_ns / 10 && window->size < limit)
        window->size *= 2;
}

#endif
