/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session.h: the driver "session": the router runs in the service of the user,
 * and every operation is a call to it.
 *
 *   mpr_session_wire.c    calls and replies as messages
 *   mpr_session_socket.c  the socket they travel by
 *   mpr_session.c         the driver
 *   mpr_session_files.c   connections of the service in this process's table, for file.h
 */
#ifndef MPR_SESSION_DRIVER_H
#define MPR_SESSION_DRIVER_H

#include "router/mpr_conntab.h"
#include "router/mpr_ops.h"

extern const struct mpr_driver mpr_session_driver;

/**
 * Decides where the router runs: MPR_SESSION, which a set-user-id program's
 * environment has not, else the key "session" of mpr.json; "auto" is the service if it
 * answers, else this process.
 *
 * Returns NO_ERROR and the state for mpr_session_driver, or NULL: in this process;
 * ERROR_NO_NETWORK, explained: it is to be the service, and that cannot be;
 * ERROR_NOT_ENOUGH_MEMORY; the failures of a root that cannot be used.
 */
DWORD mpr_session_start(const char *root, void **ret_state);

/**
 * The connection that stands in this process's table for the one that a path leads to in
 * the service, with a reference, and the rest of the path, to be freed. It has a channel
 * to the connection's drive.
 *
 * Returns 0, -EINVAL, -ENOTCONN, -ENOMEM, or what making a channel came to.
 */
int mpr_session_find(void *state, const char *path, struct mpr_conn **ret_conn, char **ret_inner);
/** The same for exactly a device, or the remote name of a connection. */
int mpr_session_find_resource(void *state, const char *name, struct mpr_conn **ret_conn);

#endif
