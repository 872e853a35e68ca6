/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_list.c: what enumerations list, and the lists that the router keeps
 * itself: what is connected, what is remembered, what was connected lately.
 */
#include "config.h"

#include "router/mpr_router_list.h"

#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_recent.h"
#include "router/mpr_router_foreign.h"
#include "router/mpr_utf.h"

#define USAGE_KINDS (RESOURCEUSAGE_CONNECTABLE | RESOURCEUSAGE_CONTAINER)

/* What is of no type in particular, as servers are, is of every type. */
static bool is_type_wanted(const struct mpr_listing *listing, uint32_t type) {
    uint32_t wanted = listing->args->type;

    return wanted == RESOURCETYPE_ANY || type == RESOURCETYPE_ANY || (wanted & type) != 0;
}

static bool is_usage_wanted(const struct mpr_listing *listing, uint32_t usage) {
    uint32_t wanted = listing->args->usage & USAGE_KINDS;

    return listing->args->scope != RESOURCE_GLOBALNET || !wanted || (wanted & usage) != 0;
}

static bool make_room(struct mpr_listing *listing) {
    size_t room = listing->room ? listing->room * 2 : 16;
    struct mpr_item *items;

    if (listing->list.count < listing->room)
        return true;
    items = reallocarray(listing->list.items, room, sizeof *items);
    if (!items)
        return false;
    listing->list.items = items;
    listing->room = room;
    return true;
}

/* A copy, NULL of NULL. False: there is no memory for it. */
static bool copy_text(const char *text, char **ret) {
    *ret = text ? strdup(text) : NULL;
    return !text || *ret;
}

DWORD mpr_listing_add(struct mpr_listing *listing, const char *local, const char *provider,
                      const struct mpr_resource *entry) {
    const char *comment = entry->comment && mpr_utf_valid(entry->comment) ? entry->comment : NULL;
    struct mpr_item *item;
    bool copied;

    if (!is_type_wanted(listing, entry->type) || !is_usage_wanted(listing, entry->usage)
        || (entry->remote && !mpr_utf_valid(entry->remote)))
        return NO_ERROR;
    if (!make_room(listing))
        return ERROR_NOT_ENOUGH_MEMORY;
    item = &listing->list.items[listing->list.count++];
    *item = (struct mpr_item){
        .scope = entry->scope,
        .type = entry->type,
        .display_type = entry->display_type,
        .usage = entry->usage,
    };
    copied = copy_text(local, &item->local) && copy_text(entry->remote, &item->remote)
             && copy_text(comment, &item->comment) && copy_text(provider, &item->provider);
    return copied ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

void mpr_listing_drop(struct mpr_listing *listing, size_t index) {
    struct mpr_item *item = &listing->list.items[index];

    free(item->local);
    free(item->remote);
    free(item->comment);
    free(item->provider);
    listing->list.count--;
    memmove(item, item + 1, (listing->list.count - index) * sizeof *item);
}

struct mpr_resource mpr_listing_entry(const struct mpr_listing *listing,
                                      const struct mpr_resource *given) {
    struct mpr_resource entry = {.size = 0};

    memcpy(&entry, given, given->size < sizeof entry ? given->size : sizeof entry);
    entry.scope = listing->args->scope;
    return entry;
}

bool mpr_listing_is_same(const struct mpr_np *np, const char *a, const char *b) {
    struct mpr_recognised key_a, key_b;

    if (strcmp(a, b) == 0)
        return true;
    return mpr_np_recognise(np, a, &key_a) && mpr_np_recognise(np, b, &key_b)
           && strcmp(key_a.key, key_b.key) == 0;
}

/* An entry of a connection, which there is or was. */
static DWORD add_connection(struct mpr_listing *listing, uint32_t type, const char *local,
                            const char *remote, const char *provider) {
    uint32_t scope = listing->args->scope;
    const struct mpr_resource entry = {
        .size = sizeof entry,
        .scope = scope,
        .type = type,
        .display_type = RESOURCEDISPLAYTYPE_SHARE,
        .usage = scope == RESOURCE_CONNECTED ? 0 : RESOURCEUSAGE_CONNECTABLE,
        .remote = remote,
    };

    if (listing->only && !mpr_utf_same(provider, listing->only->name))
        return NO_ERROR;
    return mpr_listing_add(listing, local && *local ? local : NULL, provider, &entry);
}

/* The router's connections, and what classic providers have besides. */
static DWORD list_connected(struct mpr_listing *listing) {
    const struct mpr_providers *providers = listing->router->providers;
    struct mpr_conn **conns;
    size_t count;
    DWORD rc = mpr_conntab_list(false, NULL, &conns, &count);

    if (rc != NO_ERROR)
        return rc;
    for (size_t i = 0; i < count && rc == NO_ERROR; i++)
        rc = add_connection(listing, conns[i]->facts.type, conns[i]->device.name,
                            conns[i]->facts.remote, conns[i]->facts.np->name);
    mpr_conntab_list_free(conns, count);
    for (size_t i = 0; i < providers->count && rc == NO_ERROR; i++)
        if (mpr_listing_wants(listing, &providers->items[i]))
            mpr_router_foreign_list(listing, &providers->items[i], &rc);
    return rc;
}

static DWORD list_remembered(struct mpr_listing *listing) {
    struct mpr_profile_list profile;
    DWORD rc = mpr_profile_read(listing->router->paths, &profile);

    if (rc != NO_ERROR)
        return rc;
    for (size_t i = 0; i < profile.count && rc == NO_ERROR; i++) {
        const struct mpr_profile_entry *entry = &profile.entries[i];

        rc = add_connection(listing, entry->type, entry->device, entry->remote, entry->provider);
    }
    mpr_profile_list_clear(&profile);
    return rc;
}

static DWORD list_recent(struct mpr_listing *listing) {
    struct mpr_recent_list recent;
    DWORD rc = mpr_recent_read(listing->router->paths, &recent);

    if (rc != NO_ERROR)
        return rc;
    for (size_t i = 0; i < recent.count && rc == NO_ERROR; i++) {
        const struct mpr_recent_entry *entry = &recent.entries[i];

        rc = add_connection(listing, entry->type, entry->device, entry->remote, entry->provider);
    }
    mpr_recent_list_clear(&recent);
    return rc;
}

static bool needs_network(uint32_t scope) {
    return scope == RESOURCE_GLOBALNET || scope == RESOURCE_CONTEXT;
}

static DWORD list_scope(struct mpr_listing *listing) {
    switch (listing->args->scope) {
    case RESOURCE_CONNECTED:
        return list_connected(listing);
    case RESOURCE_REMEMBERED:
        return list_remembered(listing);
    case RESOURCE_RECENT:
        return list_recent(listing);
    case RESOURCE_CONTEXT:
        return mpr_router_context(listing);
    default:
        return mpr_router_browse(listing);
    }
}

DWORD mpr_router_enumerate(struct mpr_router *router, const struct mpr_enumerate_args *args,
                           struct mpr_enumerate_ret *ret) {
    struct mpr_listing listing = {.router = router, .args = args};
    DWORD rc;

    if (needs_network(args->scope) && router->providers->loaded == 0)
        return mpr_error_say(ERROR_NO_NETWORK, "No network provider is loaded.");
    if (args->provider && *args->provider) {
        listing.only = mpr_providers_find(router->providers, args->provider);
        if (!listing.only)
            return mpr_error_say(ERROR_BAD_PROVIDER, "There is no provider named %s.",
                                 args->provider);
    }
    rc = list_scope(&listing);
    if (rc != NO_ERROR) {
        mpr_item_list_clear(&listing.list);
        return rc;
    }
    ret->list = listing.list;
    return NO_ERROR;
}
