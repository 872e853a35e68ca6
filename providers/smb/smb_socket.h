/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_socket.h: the TCP connection that the SMB library made for itself.
 */
#ifndef SMB_SOCKET_H
#define SMB_SOCKET_H

#include <stdint.h>

/**
 * The library does not tell its descriptor, but it is the process's one TCP
 * connection to that port. Returns a descriptor of our own of it, or -1.
 */
int smb_socket_find(uint16_t port);

/** How many segments with data it has sent: a short request is one. Wraps; 0 = unknown. */
uint32_t smb_socket_requests(int fd);

#endif
