/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_known.c: the servers of connections that there are, that are
 * remembered, or that were made lately; and as whom a server knows us.
 */
#include "config.h"

#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_recent.h"
#include "router/mpr_router_list.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"
#include "router/mpr_utf.h"

/* Containers above a name, up to the server's. */
#define MOST_LEVELS 8
#define COMMENT_MAX 256

/* A provider's servers are being added. */
struct finder {
    struct mpr_listing *listing;
    struct mpr_np *np;
    size_t first; /* of the listing's entries: his begin here */
    int64_t deadline_ns;
};

/* The container of a name. */
struct above {
    const struct mpr_listing *listing;
    struct mpr_resource entry; /* its strings are the two below */
    char *remote;              /* NULL: there is none */
    char comment[COMMENT_MAX];
    bool failed; /* for want of memory */
};

static int take_above(void *context, const struct mpr_resource *given) {
    struct above *above = context;
    struct mpr_resource entry = mpr_listing_entry(above->listing, given);

    if (!entry.remote || above->remote || above->failed)
        return 1;
    above->entry = entry;
    above->remote = strdup(above->entry.remote);
    above->failed = !above->remote;
    mpr_utf_copy(above->comment, sizeof above->comment,
                 above->entry.comment ? above->entry.comment : "");
    return 1;
}

/* No answer is no container. ERROR_NOT_ENOUGH_MEMORY is ours. */
static DWORD ask_parent(const struct finder *finder, const char *remote, struct above *above) {
    struct mpr_np *np = finder->np;
    struct mpr_call_data data;
    struct mpr_call call;
    uint32_t code;

    *above = (struct above){.listing = finder->listing};
    mpr_call_begin(&call, &data, np->name, finder->deadline_ns, -1, MPR_SECRET_NONE);
    if (!mpr_np_enter(np, &call))
        return NO_ERROR;
    if (np->table->parent(np->state, &call, remote, take_above, above, &code) != MPR_DONE)
        free(MPR_TAKE(above->remote));
    mpr_np_leave(np);
    above->entry.remote = above->remote;
    above->entry.comment = above->comment[0] ? above->comment : NULL;
    return above->failed ? ERROR_NOT_ENOUGH_MEMORY : NO_ERROR;
}

static bool is_listed(const struct finder *finder, const char *server) {
    const struct mpr_item_list *list = &finder->listing->list;

    for (size_t i = finder->first; i < list->count; i++)
        if (mpr_listing_is_same(finder->np, list->items[i].remote, server))
            return true;
    return false;
}

/* Adds the server that a name is on: the first container above it that is one, or the last. */
static DWORD add_server_of(const struct finder *finder, const char *remote) {
    struct above at = {0}, next;
    DWORD rc = NO_ERROR;

    for (int level = 0; level < MOST_LEVELS; level++) {
        rc = ask_parent(finder, at.remote ? at.remote : remote, &next);
        if (rc != NO_ERROR || !next.remote)
            break;
        free(at.remote);
        at = next;
        at.entry.comment = at.entry.comment ? at.comment : NULL;
        if (at.entry.display_type == RESOURCEDISPLAYTYPE_SERVER)
            break;
    }
    if (rc == NO_ERROR && at.remote && (at.entry.usage & RESOURCEUSAGE_CONTAINER) != 0
        && !is_listed(finder, at.remote))
        rc = mpr_listing_add(finder->listing, NULL, finder->np->name, &at.entry);
    free(at.remote);
    return rc;
}

static DWORD add_of(const struct finder *finder, const char *remote, const char *provider) {
    if (!mpr_utf_same(provider, finder->np->name) || mpr_now_ns() >= finder->deadline_ns)
        return NO_ERROR;
    return add_server_of(finder, remote);
}

static DWORD add_connected(const struct finder *finder) {
    struct mpr_conn **conns;
    size_t count;
    DWORD rc = mpr_conntab_list(false, NULL, &conns, &count);

    if (rc != NO_ERROR)
        return rc;
    for (size_t i = 0; i < count && rc == NO_ERROR; i++)
        rc = add_of(finder, conns[i]->facts.remote, conns[i]->facts.np->name);
    mpr_conntab_list_free(conns, count);
    return rc;
}

/* A profile that cannot be read remembers nothing here. */
static DWORD add_remembered(const struct finder *finder) {
    struct mpr_profile_list profile;
    struct mpr_error_state error;
    DWORD rc;

    mpr_error_keep(&error);
    rc = mpr_profile_read(finder->listing->router->paths, &profile);
    mpr_error_put_back(&error);
    if (rc != NO_ERROR)
        return rc == ERROR_NOT_ENOUGH_MEMORY ? rc : NO_ERROR;
    for (size_t i = 0; i < profile.count && rc == NO_ERROR; i++)
        rc = add_of(finder, profile.entries[i].remote, profile.entries[i].provider);
    mpr_profile_list_clear(&profile);
    return rc;
}

static DWORD add_recent(const struct finder *finder) {
    struct mpr_recent_list recent;
    DWORD rc = mpr_recent_read(finder->listing->router->paths, &recent);

    if (rc != NO_ERROR)
        return rc;
    for (size_t i = 0; i < recent.count && rc == NO_ERROR; i++)
        rc = add_of(finder, recent.entries[i].remote, recent.entries[i].provider);
    mpr_recent_list_clear(&recent);
    return rc;
}

DWORD mpr_router_known_servers(struct mpr_listing *listing, struct mpr_np *np, size_t first) {
    const struct finder finder = {
        .listing = listing,
        .np = np,
        .first = first,
        .deadline_ns = mpr_deadline_in_ms(np->connect_timeout_ms),
    };
    DWORD rc;

    if (!np->table->parent)
        return NO_ERROR;
    rc = add_connected(&finder);
    if (rc == NO_ERROR)
        rc = add_remembered(&finder);
    if (rc == NO_ERROR)
        rc = add_recent(&finder);
    return rc;
}

/* --- whom a server knows already --- */

/* The key of a name with one more component is the key, '/', that component. */
static bool is_on(const char *key, const char *server) {
    size_t length = strlen(server);

    return strncmp(key, server, length) == 0 && (!key[length] || key[length] == '/');
}

static bool may_lend(struct mpr_conn *conn, const struct mpr_np *np, const char *key) {
    const struct mpr_conn_facts *facts = &conn->facts;

    return mpr_conntab_is_connected(conn) && facts->np == np
           && (facts->user || facts->secret_fd != MPR_SECRET_NONE)
           && (is_on(facts->key, key) || is_on(key, facts->key));
}

DWORD mpr_router_lender(const struct mpr_np *np, const char *remote, struct mpr_conn **ret_conn) {
    struct mpr_recognised recognised;
    struct mpr_conn **conns, *found = NULL;
    size_t count;
    DWORD rc;

    *ret_conn = NULL;
    if (!mpr_np_recognise(np, remote, &recognised))
        return NO_ERROR;
    rc = mpr_conntab_list(false, NULL, &conns, &count);
    if (rc != NO_ERROR)
        return rc;
    for (size_t i = 0; i < count; i++) {
        if (!found && may_lend(conns[i], np, recognised.key)) {
            found = conns[i];
            conns[i] = conns[--count];
            i--;
        }
    }
    mpr_conntab_list_free(conns, count);
    *ret_conn = found;
    return NO_ERROR;
}
