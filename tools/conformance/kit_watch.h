/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_watch.h: sees which functions of the C library this process calls:
 * the program's own come before the library's.
 */
#ifndef KIT_WATCH_H
#define KIT_WATCH_H

#include <stdbool.h>

/** Calls of connect, sendto, getaddrinfo and gethostbyname so far, any thread. */
unsigned kit_network_calls(void);
/** The last of them: "getaddrinfo(\"server\")". */
const char *kit_network_call(void);

#endif
