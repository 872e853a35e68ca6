/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic.h: classic providers (npapi.h) as ordinary ones.
 *
 * A module that exports NPGetCaps, and no mpr_provider_query, gets a table from
 * here. It keeps connections of its own, which other programs may have made:
 * what the router has no record of is asked for with the functions below.
 */
#ifndef MPR_CLASSIC_H
#define MPR_CLASSIC_H

#include <stdbool.h>

#include <mpr/provider.h>

#include "router/mpr_error.h"
#include "router/mpr_ops.h"

struct mpr_classic;

/**
 * Makes a provider of a classic module.
 *
 * path, name   of the module, and lpProvider.
 * timeout_ms   how long the module may take to say what it can.
 * failure      on failure says why.
 * ret_table    lives as long as *ret_classic, which is its state.
 *
 * Returns NO_ERROR; ERROR_PROC_NOT_FOUND and no words if the module is none;
 * ERROR_BAD_PROVIDER; ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_classic_new(const char *path, const char *name, uint32_t timeout_ms,
                      struct mpr_failure *failure, const struct mpr_provider **ret_table,
                      struct mpr_classic **ret_classic);

/** The scopes that it enumerates, as WNNC_ENUM_ bits. */
uint32_t mpr_classic_scopes(const struct mpr_classic *classic);

/**
 * What a device is connected to, by the module's own account; disconnected: it
 * is not at present. *ret_remote is to be freed.
 */
DWORD mpr_classic_connection(struct mpr_classic *classic, const struct mpr_call *call,
                             const char *device, char **ret_remote, bool *ret_disconnected);

/** The user of a device or of a remote name. *ret_user is to be freed. */
DWORD mpr_classic_user_of(struct mpr_classic *classic, const struct mpr_call *call,
                          const char *name, char **ret_user);

/**
 * Breaks a connection that is the module's own: only one that it names before,
 * and not afterwards, where it can be asked.
 */
DWORD mpr_classic_cancel(struct mpr_classic *classic, const struct mpr_call *call, const char *name,
                         bool is_device, bool force);

/** Adds what the module lists to list. container NULL: the top. */
DWORD mpr_classic_enumerate(struct mpr_classic *classic, const struct mpr_call *call,
                            uint32_t scope, uint32_t type, uint32_t usage, const char *container,
                            struct mpr_item_list *list);

#endif
