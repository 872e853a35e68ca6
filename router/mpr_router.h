/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router.h: what the router does with names, providers, connections and
 * the profile. One router a process; its connections are in mpr_conntab.
 */
#ifndef MPR_ROUTER_H
#define MPR_ROUTER_H

#include "router/mpr_conntab.h"
#include "router/mpr_ops.h"
#include "router/mpr_profile.h"
#include "router/mpr_providers.h"

/** Nothing in it changes while it is open. */
struct mpr_router {
    struct mpr_paths *paths;
    struct mpr_config *config;
    struct mpr_registry *registry;
    struct mpr_providers *providers;
};

DWORD mpr_router_add(struct mpr_router *router, const struct mpr_add_args *args,
                     struct mpr_add_ret *ret);
DWORD mpr_router_cancel(struct mpr_router *router, const struct mpr_cancel_args *args);
DWORD mpr_router_connection(struct mpr_router *router, const struct mpr_connection_args *args,
                            struct mpr_connection_ret *ret);
DWORD mpr_router_user(struct mpr_router *router, const struct mpr_user_args *args,
                      struct mpr_user_ret *ret);
DWORD mpr_router_enumerate(struct mpr_router *router, const struct mpr_enumerate_args *args,
                           struct mpr_enumerate_ret *ret);
DWORD mpr_router_list_providers(struct mpr_router *router, struct mpr_providers_ret *ret);

/**
 * Breaks the connections of this router by force, all at once bounded by the
 * cancel time. connecting: also those on their way, which all are its own then.
 */
void mpr_router_clear(struct mpr_router *router, bool connecting);

/**
 * The connection that bears a remote name, of the first provider in order that
 * has one, with a reference; or NULL.
 */
struct mpr_conn *mpr_router_find_remote(const struct mpr_router *router, const char *remote);

/** Ends a session for good, by force, when its connection is gone already. */
void mpr_router_end_session(struct mpr_conn *conn, void *session);

#endif
