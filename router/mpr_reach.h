/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_reach.h: is a server to be reached? For explanations alone: providers find
 * their servers by themselves.
 */
#ifndef MPR_REACH_H
#define MPR_REACH_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#define MPR_REACH_MAX 8 /* addresses of a name that are looked at */

/** An address, and what came of connecting to it. */
struct mpr_reach_address {
    struct sockaddr_storage address;
    uint32_t length;
    char text[INET6_ADDRSTRLEN + 16]; /* "10.1.2.3" */
    int error;                        /* 0: it answered; positive errno; -1: not tried to the end */
    uint32_t ms;                      /* that it took */
};

struct mpr_reach {
    struct mpr_reach_address addresses[MPR_REACH_MAX];
    size_t count;
};

/**
 * Looks a name, or an address, up. 0, or -errno: -ETIMEDOUT (the look-up goes on in a
 * thread that ends by itself), -ENXIO (*ret_gai says why), -ENOMEM, -EAGAIN.
 */
int mpr_reach_resolve(const char *host, uint16_t port, int64_t deadline_ns, struct mpr_reach *ret,
                      int *ret_gai);

/**
 * Connects to all addresses at a time, until one answers, all have failed, or the deadline
 * comes: -1 stays of those that had not answered yet, ETIMEDOUT of those that did not. Returns 0
 * if one did, else -errno of the first.
 */
int mpr_reach_connect(struct mpr_reach *reach, int64_t deadline_ns);

#endif
