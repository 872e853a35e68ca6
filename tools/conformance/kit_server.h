/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_server.h: is there a server at all?
 */
#ifndef KIT_SERVER_H
#define KIT_SERVER_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Connects the first good name once, through the router. False: that failed, and
 * no server is there: none of the lab's ports accepts a connection, or, in a lab
 * without ports, the provider's code says so. error has a sentence then. A provider that fails,
 * crashes or hangs while its server is there is what the checks are for: true.
 */
bool kit_server_there(char *error, size_t error_size);

#endif
