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

#define MPR_ROUTER_DECLARE(id, op, ARGS, RET)                                                      \
    /** Carries the operation out, as mpr_driver says. */                                          \
    DWORD mpr_router_##op(struct mpr_router *router, const struct mpr_##op##_args *args,           \
                          struct mpr_##op##_ret *ret);
MPR_OPS(MPR_ROUTER_DECLARE)
#undef MPR_ROUTER_DECLARE

/**
 * Connects, as the operation add does; *ret_asks, on failure: would another user
 * name or password help?
 */
DWORD mpr_router_connect(struct mpr_router *router, const struct mpr_add_args *args,
                         struct mpr_add_ret *ret, bool *ret_asks);

/**
 * After an add that wants it (CONNECT_CMD_SAVECRED): puts its password into the keyring. If
 * that cannot be, ret->refusal says so, and the connection stands.
 */
void mpr_router_save_password(const struct mpr_router *router, const struct mpr_add_args *args,
                              struct mpr_add_ret *ret);

/** This thread's explained failure, whose code is rc. False: no memory for it. */
bool mpr_router_refuse(DWORD rc, struct mpr_refusal *ret);

/**
 * Checks what may be a remote name at all: ERROR_INVALID_PARAMETER (NULL),
 * ERROR_BAD_NET_NAME (empty, control characters), explained.
 */
DWORD mpr_router_check_remote(const char *remote);

/** Remembers a connection; seen as mpr_profile_remember has it. */
DWORD mpr_router_remember(const struct mpr_router *router, const char *device, const char *seen,
                          const struct mpr_conn_facts *facts);

/** Do both names mean one resource, to the provider that takes the first? */
bool mpr_router_is_same_resource(const struct mpr_router *router, const char *a, const char *b);

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

/**
 * After an add: keeps it among the recent connections, if it is one to be kept. conn:
 * the connection, or NULL if an equal one without a device was there. Never fails.
 */
void mpr_router_note_recent(const struct mpr_router *router, const struct mpr_add_args *args,
                            struct mpr_conn *conn);

/**
 * The connection that a path by remote name leads to: of the longest beginning
 * of it, up to a separator, that bears one; of this provider alone, or NULL: of
 * any. With a reference, and where the rest of the path starts.
 *
 * Returns NO_ERROR, ERROR_NOT_CONNECTED without words, ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_router_find_path(const struct mpr_router *router, const struct mpr_np *only,
                           const char *path, struct mpr_conn **ret_conn, const char **ret_rest);

/**
 * The connection that a path leads to, by device or by remote name, with a reference,
 * and the rest of the path as a provider has it, to be freed. Returns 0, -EINVAL,
 * -ENOTCONN or -ENOMEM.
 */
int mpr_router_find_target(const struct mpr_router *router, const char *path,
                           struct mpr_conn **ret_conn, char **ret_inner);
/** The same for exactly a device, or the remote name of a connection. */
int mpr_router_find_resource(const struct mpr_router *router, const char *name,
                             struct mpr_conn **ret_conn);

/**
 * Those who are to be asked: the provider of this lpProvider, or *ret_only = NULL
 * for all (NULL or "").
 *
 * Returns NO_ERROR, ERROR_NO_NETWORK (none is loaded) or ERROR_BAD_PROVIDER.
 */
DWORD mpr_router_pick(const struct mpr_router *router, const char *name, struct mpr_np **ret_only);

/** Explains that a device or name is not connected, and returns the code. */
DWORD mpr_router_say_unconnected(const struct mpr_router *router, const char *name);

/** What a session is asked; session, call and np are its own. Returns a Win32 code. */
typedef uint32_t (*mpr_session_fn)(const struct mpr_np *np, void *session,
                                   const struct mpr_call *call, void *context);

/** Asks the session of a connection, within the bound, as an operation under way on it. */
DWORD mpr_router_ask_session(struct mpr_conn *conn, mpr_session_fn fn, void *context);

/**
 * Connects to a name without a device, as the default user and without a password, and
 * breaks it again. Returns a Win32 code; ret_failure: what the provider said.
 */
DWORD mpr_router_try(struct mpr_np *np, const char *remote, int64_t deadline_ns,
                     struct mpr_failure *ret_failure);

/** Ends a session for good, by force, when its connection is gone already. */
void mpr_router_end_session(struct mpr_conn *conn, void *session);

#endif
