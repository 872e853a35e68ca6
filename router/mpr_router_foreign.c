/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_foreign.c: asks classic providers about what the router has no
 * record of.
 */
#include "config.h"

#include "router/mpr_router_foreign.h"

#include <stdlib.h>

#include <mpr/npapi.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_error.h"
#include "router/mpr_route.h"
#include "router/mpr_secret.h"
#include "router/mpr_status.h"
#include "router/mpr_time.h"

/* A question to one provider after the other. */
struct question {
    const char *tried, *name; /* "disconnect", "Z:" */
    bool device, force;
    struct mpr_cancel_ret *cancelled;
    struct mpr_connection_ret *connection;
    char **user;
};

typedef DWORD (*ask_fn)(struct mpr_np *np, const struct mpr_call *call,
                        const struct question *question);

static DWORD ask(struct mpr_np *np, ask_fn fn, const struct question *question,
                 struct mpr_call_data *data) {
    struct mpr_call call;
    DWORD rc;

    mpr_call_begin(&call, data, np->name, mpr_deadline_in_ms(np->connect_timeout_ms), -1,
                   MPR_SECRET_NONE);
    mpr_np_enter(np, &call); /* which a classic provider's table never makes wait */
    rc = fn(np, &call, question);
    mpr_np_leave(np);
    return rc;
}

/*
 * Asks until one answers for its own. What counts of those that do not: first
 * who has it and failed, then who cannot say.
 */
static DWORD ask_all(const struct mpr_router *router, ask_fn fn, const struct question *question) {
    const struct mpr_providers *providers = router->providers;
    struct mpr_route route = {0};
    struct mpr_call_data data;

    for (size_t i = 0; i < providers->count; i++) {
        struct mpr_np *np = &providers->items[i];
        enum mpr_class class;
        DWORD rc;

        if (!np->table || !np->classic)
            continue;
        rc = ask(np, fn, question, &data);
        class = mpr_status_class(rc);
        if (class == MPR_CLASS_DONE || rc == ERROR_NOT_ENOUGH_MEMORY)
            return rc;
        if (mpr_route_note(&route, np, class == MPR_CLASS_MINE ? MPR_MINE_FAILED : MPR_NOT_MINE, rc,
                           &data.failure))
            return mpr_route_result(&route, rc, question->tried, question->name);
    }
    if (!route.asked || mpr_status_class(route.code) == MPR_CLASS_NOT_MINE)
        return ERROR_NOT_CONNECTED;
    return mpr_route_result(&route, ERROR_NOT_CONNECTED, question->tried, question->name);
}

static DWORD ask_cancel(struct mpr_np *np, const struct mpr_call *call,
                        const struct question *question) {
    DWORD rc =
        mpr_classic_cancel(np->classic, call, question->name, question->device, question->force);

    if (rc == NO_ERROR)
        question->cancelled->provider = strdup(np->name); /* it is broken, whoever is told */
    return rc;
}

/* Who is not started has no connection. */
DWORD mpr_router_foreign_cancel(const struct mpr_router *router, const char *name, bool device,
                                bool force, struct mpr_cancel_ret *ret) {
    const struct question question = {
        .tried = "disconnect", .name = name, .device = device, .force = force, .cancelled = ret};
    DWORD rc = ask_all(router, ask_cancel, &question);

    return mpr_status_class(rc) == MPR_CLASS_CANNOT_SAY && rc != ERROR_BUSY ? ERROR_NOT_CONNECTED
                                                                            : rc;
}

static DWORD ask_connection(struct mpr_np *np, const struct mpr_call *call,
                            const struct question *question) {
    char *remote, *provider;
    bool disconnected;
    DWORD rc = mpr_classic_connection(np->classic, call, question->name, &remote, &disconnected);

    if (rc != NO_ERROR)
        return rc;
    provider = strdup(np->name);
    if (!provider) {
        free(remote);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    question->connection->remote = remote;
    question->connection->provider = provider;
    question->connection->remembered = disconnected;
    return NO_ERROR;
}

DWORD mpr_router_foreign_connection(const struct mpr_router *router, const char *device,
                                    struct mpr_connection_ret *ret) {
    const struct question question = {
        .tried = "tell the connection of", .name = device, .connection = ret};
    DWORD rc = ask_all(router, ask_connection, &question);

    return rc == ERROR_NO_NETWORK || rc == ERROR_NOT_LOGGED_ON ? ERROR_NO_NET_OR_BAD_PATH : rc;
}

static DWORD ask_user(struct mpr_np *np, const struct mpr_call *call,
                      const struct question *question) {
    return mpr_classic_user_of(np->classic, call, question->name, question->user);
}

DWORD mpr_router_foreign_user(const struct mpr_router *router, const char *name, char **ret_user) {
    const struct question question = {.tried = "tell the user of", .name = name, .user = ret_user};
    DWORD rc = ask_all(router, ask_user, &question);

    return rc == ERROR_NO_NETWORK || rc == ERROR_NOT_LOGGED_ON ? ERROR_NO_NET_OR_BAD_PATH : rc;
}

/* --- lists --- */

static bool is_in_table(const struct mpr_np *np, const struct mpr_item *item) {
    struct mpr_recognised recognised;
    struct mpr_device device;
    struct mpr_conn *conn = NULL;

    if (item->local && mpr_name_device(item->local, &device))
        conn = mpr_conntab_find_device(device.index);
    else if (mpr_np_recognise(np, item->remote, &recognised))
        conn = mpr_conntab_find_remote(np, recognised.key);
    if (conn)
        mpr_conntab_unref(conn);
    return conn != NULL;
}

static DWORD add_item(struct mpr_listing *listing, const struct mpr_np *np,
                      const struct mpr_item *item) {
    bool connected = listing->args->scope == RESOURCE_CONNECTED;
    const struct mpr_resource entry = {
        .size = sizeof entry,
        .scope = listing->args->scope,
        .type = item->type,
        .display_type = item->display_type,
        .usage = connected ? 0 : item->usage,
        .remote = item->remote,
        .comment = item->comment,
    };

    if (connected && is_in_table(np, item))
        return NO_ERROR;
    return mpr_listing_add(listing, item->local && *item->local ? item->local : NULL, np->name,
                           &entry);
}

/* One that fails lists nothing, and hurts no other, but for want of memory. */
bool mpr_router_foreign_list(struct mpr_listing *listing, struct mpr_np *np, DWORD *ret_rc) {
    uint32_t scope = listing->args->scope;
    uint32_t bit = scope == RESOURCE_CONNECTED ? WNNC_ENUM_LOCAL : WNNC_ENUM_CONTEXT;
    struct mpr_item_list found = {0};
    struct mpr_call_data data;
    struct mpr_call call;

    *ret_rc = NO_ERROR;
    if (!np->classic || (mpr_classic_scopes(np->classic) & bit) == 0)
        return false;
    mpr_call_begin(&call, &data, np->name, mpr_deadline_in_ms(np->connect_timeout_ms), -1,
                   MPR_SECRET_NONE);
    mpr_np_enter(np, &call);
    if (mpr_classic_enumerate(np->classic, &call, scope, listing->args->type, 0, NULL, &found)
        == ERROR_NOT_ENOUGH_MEMORY)
        *ret_rc = ERROR_NOT_ENOUGH_MEMORY;
    mpr_np_leave(np);
    for (size_t i = 0; i < found.count && *ret_rc == NO_ERROR; i++)
        *ret_rc = add_item(listing, np, &found.items[i]);
    mpr_item_list_clear(&found);
    return true;
}
