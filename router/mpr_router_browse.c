/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_browse.c: what providers list: RESOURCE_GLOBALNET and RESOURCE_CONTEXT.
 *
 * At the top of the network stand the providers, below each its servers, below a
 * server what it offers. Few networks can tell their servers any more, so those of
 * connections that the router knows of stand beside them.
 */
#include "config.h"

#include "router/mpr_route.h"

#include <string.h>

#include <mpr/mpr.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_error.h"
#include "router/mpr_name.h"
#include "router/mpr_router_foreign.h"
#include "router/mpr_router_list.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"
#include "router/mpr_utf.h"

/* Nobody has so many resources; a provider that lists more would never end. */
#define MOST_ENTRIES 0x10000u

/* --- one provider is asked --- */

struct taker {
    struct mpr_listing *listing;
    const char *provider;
    size_t taken;
    DWORD rc;
};

/* An entry without a name leads nowhere. Who was told to stop may go on all the same. */
static int take_entry(void *context, const struct mpr_resource *given) {
    struct taker *taker = context;
    struct mpr_resource entry = mpr_listing_entry(taker->listing, given);

    if (taker->rc != NO_ERROR)
        return 1;
    if (++taker->taken > MOST_ENTRIES) {
        taker->rc =
            mpr_error_say(ERROR_UNEXP_NET_ERR, "%s lists over %u resources below one container.",
                          taker->provider, MOST_ENTRIES);
        return 1;
    }
    if (entry.remote && *entry.remote)
        taker->rc = mpr_listing_add(taker->listing, NULL, taker->provider, &entry);
    return taker->rc != NO_ERROR;
}

/* "Attached" is no kind of resource: by itself it is no wish for none of them. */
static uint32_t usage_for_provider(const struct mpr_enumerate_args *args) {
    uint32_t usage = args->scope == RESOURCE_GLOBALNET ? args->usage & RESOURCEUSAGE_ALL : 0;

    return usage == RESOURCEUSAGE_ATTACHED ? RESOURCEUSAGE_ALL : usage;
}

/* Calls the provider, as whoever is connected to the server. */
static enum mpr_answer call_list(struct taker *taker, struct mpr_np *np, const char *container,
                                 struct mpr_failure *ret_failure, uint32_t *ret_code) {
    const struct mpr_enumerate_args *args = taker->listing->args;
    enum mpr_answer answer = MPR_NOT_MINE;
    struct mpr_conn *lender = NULL;
    struct mpr_call_data data;
    struct mpr_call call;

    *ret_code = ERROR_BUSY;
    if (container)
        taker->rc = mpr_router_lender(np, container, &lender);
    if (taker->rc != NO_ERROR)
        return answer;
    mpr_call_begin(&call, &data, np->name, mpr_deadline_in_ms(np->connect_timeout_ms), -1,
                   lender ? lender->facts.secret_fd : MPR_SECRET_NONE);
    call.user = lender ? lender->facts.user : NULL;
    if (mpr_np_enter(np, &call)) {
        answer = np->table->list(np->state, &call, container, args->type, usage_for_provider(args),
                                 take_entry, taker, ret_code);
        mpr_np_leave(np);
    }
    if (lender)
        mpr_conntab_unref(lender);
    *ret_failure = data.failure;
    return answer;
}

/*
 * Lists what a provider has below a container (NULL: its servers). A failure is noted
 * in route, and what was given before it is taken out again; after success there is none
 * in it. *ret_final: ask nobody else.
 */
static DWORD ask(struct mpr_listing *listing, struct mpr_np *np, const char *container,
                 struct mpr_route *route, bool *ret_final) {
    struct taker taker = {.listing = listing, .provider = np->name};
    size_t before = listing->list.count;
    struct mpr_failure failure = {.set = false};
    uint32_t code;
    enum mpr_answer answer = call_list(&taker, np, container, &failure, &code);

    *ret_final = true;
    if (answer == MPR_DONE || taker.rc != NO_ERROR) {
        route->asked = false;
        return taker.rc;
    }
    while (listing->list.count > before)
        mpr_listing_drop(listing, listing->list.count - 1);
    *ret_final = mpr_route_note(route, np, answer, code, &failure);
    return NO_ERROR;
}

/* --- below a server --- */

/* What contains itself would be walked through for ever. */
static void drop_itself(struct mpr_listing *listing, const struct mpr_np *np,
                        const char *container) {
    for (size_t i = listing->list.count; i > 0; i--)
        if (mpr_listing_is_same(np, listing->list.items[i - 1].remote, container))
            mpr_listing_drop(listing, i - 1);
}

static DWORD ask_one(struct mpr_listing *listing, struct mpr_np *np, const char *container,
                     struct mpr_route *route, bool *ret_final) {
    struct mpr_failure failure;
    DWORD rc;

    if ((np->capabilities & MPR_CAN_LIST) == 0) {
        mpr_failure_set(&failure, ERROR_NOT_SUPPORTED, "%s cannot list what is below %s.", np->name,
                        container);
        *ret_final = mpr_route_note(route, np, MPR_NOT_MINE, ERROR_NOT_SUPPORTED, &failure);
        return NO_ERROR;
    }
    rc = ask(listing, np, container, route, ret_final);
    if (rc == NO_ERROR)
        drop_itself(listing, np, container);
    return rc;
}

static DWORD list_below(struct mpr_listing *listing, const char *container) {
    struct mpr_providers *providers = listing->router->providers;
    struct mpr_route route = {0};
    struct mpr_recognised recognised;

    if (mpr_name_has_control(container) || mpr_name_length(container) > MPR_REMOTE_MAX)
        return mpr_error_say(ERROR_BAD_NET_NAME,
                             "The name of the container has a control character in it, or over %d "
                             "characters.",
                             MPR_REMOTE_MAX);
    for (size_t i = 0; i < providers->count; i++) {
        struct mpr_np *np = &providers->items[i];
        bool final;
        DWORD rc;

        /* Who was named may list what he would not connect to. */
        if (!mpr_listing_wants(listing, np)
            || (!listing->only && !mpr_np_recognise(np, container, &recognised)))
            continue;
        rc = ask_one(listing, np, container, &route, &final);
        if (rc != NO_ERROR)
            return rc;
        if (final)
            return mpr_route_result(&route, NO_ERROR, "list", container);
    }
    if (!route.asked)
        return mpr_route_nobodys(container);
    return mpr_route_result(&route, ERROR_BAD_NET_NAME, "list", container);
}

/* --- the top --- */

static DWORD list_networks(struct mpr_listing *listing) {
    const struct mpr_providers *providers = listing->router->providers;
    DWORD rc = NO_ERROR;

    for (size_t i = 0; i < providers->count && rc == NO_ERROR; i++) {
        const struct mpr_np *np = &providers->items[i];
        const struct mpr_resource entry = {
            .size = sizeof entry,
            .scope = RESOURCE_GLOBALNET,
            .type = RESOURCETYPE_ANY,
            .display_type = RESOURCEDISPLAYTYPE_NETWORK,
            .usage = RESOURCEUSAGE_CONTAINER | RESOURCEUSAGE_RESERVED,
            .remote = np->name,
        };

        if (np->table && (np->capabilities & MPR_CAN_LIST) != 0)
            rc = mpr_listing_add(listing, NULL, np->name, &entry);
    }
    return rc;
}

/*
 * The servers of a provider: those it lists (a classic one has a list of what is near
 * besides), then those that are known. Its failure to
 * list is noted in route, and counts only if nothing is listed.
 */
static DWORD list_servers(struct mpr_listing *listing, struct mpr_np *np, struct mpr_route *route) {
    size_t first = listing->list.count;
    bool final;
    DWORD rc = NO_ERROR;
    bool listed =
        listing->args->scope == RESOURCE_CONTEXT && mpr_router_foreign_list(listing, np, &rc);

    if (!listed && (np->capabilities & MPR_CAN_LIST) != 0)
        rc = ask(listing, np, NULL, route, &final);
    if (rc == NO_ERROR)
        rc = mpr_router_known_servers(listing, np, first);
    return rc;
}

static DWORD list_top(struct mpr_listing *listing) {
    struct mpr_route route = {0};
    DWORD rc = list_servers(listing, listing->only, &route);

    return rc == NO_ERROR && !listing->list.count
               ? mpr_route_result(&route, NO_ERROR, "list", "its servers")
               : rc;
}

DWORD mpr_router_browse(struct mpr_listing *listing) {
    const char *container = listing->args->container;
    struct mpr_np *np = listing->only;

    if (container && !*container)
        container = NULL;
    if (!np && !container)
        return list_networks(listing);
    if (np && (np->capabilities & MPR_CAN_LIST) == 0)
        return mpr_error_say(ERROR_NOT_SUPPORTED, "%s cannot list its network.", np->name);
    if (np && (!container || mpr_utf_same(container, np->name)))
        return list_top(listing);
    return list_below(listing, container);
}

/* --- what is near --- */

static DWORD add_root(struct mpr_listing *listing) {
    const struct mpr_resource entry = {
        .size = sizeof entry,
        .scope = RESOURCE_GLOBALNET,
        .type = RESOURCETYPE_ANY,
        .display_type = RESOURCEDISPLAYTYPE_ROOT,
        .usage = RESOURCEUSAGE_CONTAINER,
        .comment = MPR_ENTIRE_NETWORK,
    };

    return mpr_listing_add(listing, NULL, NULL, &entry);
}

/* All of a provider's but the first say that they are beside the one before. */
static void mark_siblings(struct mpr_listing *listing, size_t first) {
    for (size_t i = first + 1; i < listing->list.count; i++)
        listing->list.items[i].usage |= RESOURCEUSAGE_SIBLING;
}

DWORD mpr_router_context(struct mpr_listing *listing) {
    struct mpr_providers *providers = listing->router->providers;
    struct mpr_route route = {0};
    DWORD rc = add_root(listing);
    size_t root = listing->list.count;

    for (size_t i = 0; i < providers->count && rc == NO_ERROR; i++) {
        size_t first = listing->list.count;
        struct mpr_route one = {0};

        if (!mpr_listing_wants(listing, &providers->items[i]))
            continue;
        rc = list_servers(listing, &providers->items[i], &one);
        mark_siblings(listing, first);
        /* Who does not browse has not failed to. */
        if (one.asked && one.code != ERROR_NOT_SUPPORTED && !route.asked)
            route = one;
    }
    if (rc != NO_ERROR || listing->list.count > root)
        return rc;
    return mpr_route_result(&route, NO_ERROR, "list", "its servers");
}
