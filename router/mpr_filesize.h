/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_filesize.h: how large a file may be, and memory that is had as one.
 *
 * The limit (RLIMIT_FSIZE, ulimit -f) is for memfd_create's files too, and whoever exceeds it is
 * killed by SIGXFSZ, unless the program has seen to that. So it is asked before a file grows.
 */
#ifndef MPR_FILESIZE_H
#define MPR_FILESIZE_H

#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>

/** In bytes. */
static inline uint64_t mpr_filesize_most(void) {
    struct rlimit limit;

    return getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX
                                                                              : limit.rlim_cur;
}

/** In a program of our own: as much as there is, and whoever exceeds it gets EFBIG. */
static inline void mpr_filesize_prepare(void) {
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct rlimit limit;

    sigaction(SIGXFSZ, &ignore, NULL);
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_FSIZE, &limit);
    }
}

#endif
