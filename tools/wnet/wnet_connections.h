/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_connections.h: the connections and who uses them, as a list of one's own: while
 * the library tells them, nothing else can be asked.
 */
#ifndef WNET_CONNECTIONS_H
#define WNET_CONNECTIONS_H

#include <stddef.h>

#include <mpr/session.h>

#include "tools/wnet/wnet_json.h"

struct wnet_holders {
    struct mpr_holder *items; /**< their strings are the list's */
    size_t count;
};

struct wnet_connections {
    struct mpr_connection_status *items; /**< their strings are the list's */
    size_t count;
};

/** name NULL: all. Returns what MprStatus does; an empty list is good. */
DWORD wnet_connections_read(const char *name, struct wnet_connections *ret);
void wnet_connections_clear(struct wnet_connections *connections);

/** What is remembered is not in the list if the profile cannot be read: says so, but not in JSON. */
void wnet_connections_warn(void);

DWORD wnet_holders_read(const char *name, struct wnet_holders *ret);
void wnet_holders_clear(struct wnet_holders *holders);

/** "OK". */
const char *wnet_connection_state(const struct mpr_connection_status *status);
/** "Disk". */
const char *wnet_connection_type(const struct mpr_connection_status *status);
/** The device, or without one the remote name. */
const char *wnet_connection_name(const struct mpr_connection_status *status);

/** Lines for those who use a connection, indented; nothing if there are none. */
void wnet_holders_put(const struct wnet_holders *holders);

/** A member "connections". holders: one for each, or NULL: they were not asked for. */
void wnet_connections_json(struct wnet_json *json, const struct wnet_connections *connections,
                           const struct wnet_holders *holders);

#endif
