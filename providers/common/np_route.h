/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_route.h: what lies between this machine and a server.
 */
#ifndef NP_ROUTE_H
#define NP_ROUTE_H

#include <stdbool.h>

/**
 * Is the peer of a connected socket on a network of this machine's own, so that
 * no router is on the way? Asks the kernel's routing table only: no packet is
 * sent. False also where nobody knows.
 */
bool np_route_is_direct(int fd);

#endif
