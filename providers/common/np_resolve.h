/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_resolve.h: names to addresses, with a bound and a way to stop.
 */
#ifndef NP_RESOLVE_H
#define NP_RESOLVE_H

#include <netdb.h>
#include <stdint.h>

#include <mpr/provider.h>

/**
 * Resolves host for TCP to port. A numeric address is answered at once.
 *
 * ret_addresses  to be freed with freeaddrinfo.
 * ret_gai        EAI_ code, with -ENXIO only.
 *
 * Returns 0, -ENXIO (not resolved), -ECANCELED, -ETIMEDOUT, -ENOMEM or -EAGAIN.
 */
int np_resolve(const char *host, uint16_t port, const struct mpr_call *call,
               struct addrinfo **ret_addresses, int *ret_gai);

#endif
