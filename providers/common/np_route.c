/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_route.c: asks for a route without routers to the same address. To connect
 * a datagram socket sends nothing, but looks the route up.
 */
#include "config.h"

#include "providers/common/np_route.h"

#include <sys/socket.h>
#include <unistd.h>

bool np_route_is_direct(int fd) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    const int on = 1;
    bool direct;
    int probe;

    if (getpeername(fd, (struct sockaddr *)&peer, &length))
        return false;
    probe = socket(peer.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (probe < 0)
        return false;
    direct = setsockopt(probe, SOL_SOCKET, SO_DONTROUTE, &on, sizeof on) == 0
             && connect(probe, (struct sockaddr *)&peer, length) == 0;
    close(probe);
    return direct;
}
