/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * proxy.h: a bad network on loopback: a thread between a client and a server
 * that is slow, stalls, or cuts connections after so many bytes.
 */
#ifndef PROXY_H
#define PROXY_H

#include <stdatomic.h>
#include <stdint.h>

struct proxy {
    uint16_t port;           /**< where it listens, on 127.0.0.1 */
    uint16_t target;         /**< where it connects to, on 127.0.0.1 */
    atomic_int bytes_per_ms; /**< towards the client and the server each; 0: no limit */
    atomic_int pause_ms;     /**< before anything is passed on, each way */
    atomic_int stalled;      /**< nothing moves while this is set */
    atomic_int cut_after;    /**< bytes of answers after which a connection is reset; 0: never */
    atomic_int refusing;     /**< new connections are reset at once */
    atomic_int refused;      /**< how many that were */
    atomic_int connections;  /**< how many there were */
    int listen_fd, stop_fd;
};

/** Starts it between a port of its own choice and target. Ends the program if it fails. */
struct proxy *proxy_start(uint16_t target);
/** Ends it and its connections. */
void proxy_stop(struct proxy *proxy);

#endif
