/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_inside.h: what happens in the namespaces of "wnet run".
 */
#ifndef WNET_INSIDE_H
#define WNET_INSIDE_H

#include <signal.h>
#include <sys/types.h>

struct wnet_inside {
    const char *directory; /**< where the drive is mounted */
    char **program;        /**< the command with its arguments, NULL-ended */
    uid_t uid;             /**< who it is, there as here */
    gid_t gid;
    int line; /**< of packets: reports out, bytes in */
};

/** What comes out: a sentence, or "" and with it the descriptor of a mount to be served. */
struct wnet_report {
    char problem[512];
};

/**
 * For a child with one thread, that has its signals blocked; does not return. Reports a mount,
 * and waits for a byte, after which it becomes the command with the signals given. Then each
 * byte has the mount looked at; one whose drive has ended is made anew, and reported. The end
 * of the line ends that.
 */
void wnet_inside_become(const struct wnet_inside *inside, const sigset_t *signals)
    __attribute__((noreturn));

#endif
