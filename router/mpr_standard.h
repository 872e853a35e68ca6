/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_standard.h: the standard descriptors, for every program of ours, first of all.
 *
 * Whoever starts a program may have closed them. The next file, socket or lock that is opened
 * would get such a number, and be written to, or given up for /dev/null.
 */
#ifndef MPR_STANDARD_H
#define MPR_STANDARD_H

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/**
 * Opens those that are closed, so that reading and writing fail as before: with EBADF. Whoever
 * is started by this program finds them closed, too.
 */
static inline bool mpr_standard_open(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0
            && open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC) != fd)
            return false;
    return true;
}

#endif
