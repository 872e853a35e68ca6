/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_connect.h: TCP connections that end in time.
 *
 * getaddrinfo and connect have no bound of their own and cannot be cancelled.
 * These functions can: they end by the call's deadline, or at once when its
 * cancel descriptor becomes readable.
 */
#ifndef NP_CONNECT_H
#define NP_CONNECT_H

#include <stdint.h>
#include <sys/socket.h>

#include <mpr/provider.h>

/** The address that a connection was made to. */
struct np_address {
    struct sockaddr_storage address;
    socklen_t length;
};

/** Why there is no connection. */
struct np_failure {
    int error; /**< errno, positive: of the first address that failed, or of the whole */
    int gai;   /**< EAI_ code if the name could not be resolved, else 0 */
};

/**
 * Resolves host and connects to port.
 *
 * host         a name, an IPv4 address, or an IPv6 address without brackets.
 * call         deadline and cancel descriptor.
 * ret_address  may be NULL; the address that answered.
 * ret_failure  may be NULL; filled on failure only.
 *
 * Several addresses are raced: the next one starts when the one before failed,
 * or 250 ms after it.
 *
 * Returns the connected socket, non-blocking and close-on-exec; or -errno:
 * -ENXIO the name could not be resolved (gai says why), -ECANCELED, -ETIMEDOUT,
 * -ECONNREFUSED, -EHOSTUNREACH, -ENOMEM, ...
 */
int np_connect_tcp(const char *host, uint16_t port, const struct mpr_call *call,
                   struct np_address *ret_address, struct np_failure *ret_failure);

/**
 * As np_connect_tcp, but from a reserved port (512 to 1023) if this process may
 * have one: NFS servers ask for it unless the export is "insecure". Without
 * the right, or when none is free, an ordinary port is taken.
 */
int np_connect_tcp_reserved(const char *host, uint16_t port, const struct mpr_call *call,
                            struct np_address *ret_address, struct np_failure *ret_failure);

#endif
