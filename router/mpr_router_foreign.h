/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_foreign.h: connections that the router has no record of: classic
 * providers have such, made by their own programs. They are asked in order.
 */
#ifndef MPR_ROUTER_FOREIGN_H
#define MPR_ROUTER_FOREIGN_H

#include "router/mpr_router_list.h"

/**
 * Breaks a connection that is a classic provider's own. device: name is one.
 *
 * Returns NO_ERROR; ERROR_NOT_CONNECTED without words, if nobody has it;
 * ERROR_BUSY, if one cannot say; or the first failure of one that has it.
 */
DWORD mpr_router_foreign_cancel(const struct mpr_router *router, const char *name, bool device,
                                bool force, struct mpr_cancel_ret *ret);

/**
 * What a device is connected to. Returns NO_ERROR, ERROR_NOT_CONNECTED without words,
 * ERROR_BUSY, ERROR_NO_NET_OR_BAD_PATH (one that may have it is not started), or a failure.
 */
DWORD mpr_router_foreign_connection(const struct mpr_router *router, const char *device,
                                    struct mpr_connection_ret *ret);

/** The user of a device or of a remote name; codes as above. */
DWORD mpr_router_foreign_user(const struct mpr_router *router, const char *name, char **ret_user);

/**
 * Adds what a classic provider lists for the scope of the listing, which is
 * RESOURCE_CONNECTED (without what is in the table of connections) or
 * RESOURCE_CONTEXT. True: it lists that scope, whatever came of it.
 */
bool mpr_router_foreign_list(struct mpr_listing *listing, struct mpr_np *np, DWORD *ret_rc);

#endif
