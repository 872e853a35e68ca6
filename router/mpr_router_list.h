/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_list.h: a list of resources that grows, and who adds to it.
 *
 * Who lists returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY, and other codes as its
 * comment says; what was added by then stays in the listing, whose owner clears it.
 */
#ifndef MPR_ROUTER_LIST_H
#define MPR_ROUTER_LIST_H

#include "router/mpr_router.h"

/** The comment of the entry that stands for the whole network. */
#define MPR_ENTIRE_NETWORK "Entire Network"

/** An enumeration under way. */
struct mpr_listing {
    struct mpr_router *router;
    const struct mpr_enumerate_args *args;
    struct mpr_np *only; /* whose entries alone are wanted, or NULL */
    struct mpr_item_list list;
    size_t room; /* of list.items */
};

/**
 * Adds a copy of an entry, unless it is of another type than is wanted, or, with
 * RESOURCE_GLOBALNET, of another usage. An entry whose name is not valid Unicode
 * is left out, and so is such a comment.
 */
DWORD mpr_listing_add(struct mpr_listing *listing, const char *local, const char *provider,
                      const struct mpr_resource *entry);

/** Takes an entry out again. */
void mpr_listing_drop(struct mpr_listing *listing, size_t index);

/** A provider's entry, of whatever size he knows, with the scope of the enumeration. */
struct mpr_resource mpr_listing_entry(const struct mpr_listing *listing,
                                      const struct mpr_resource *given);

/** Do two names mean one resource to the provider? Not to be called from inside it. */
bool mpr_listing_is_same(const struct mpr_np *np, const char *a, const char *b);

/** Is it a provider whose entries are wanted? */
static inline bool mpr_listing_wants(const struct mpr_listing *listing, const struct mpr_np *np) {
    return np->table && (!listing->only || listing->only == np);
}

/**
 * RESOURCE_GLOBALNET: the providers, a provider's servers, or what is below
 * args->container. Also what the providers say, ERROR_NOT_SUPPORTED (the provider
 * that was named does not list) and ERROR_BAD_NET_NAME (nobody's name).
 */
DWORD mpr_router_browse(struct mpr_listing *listing);

/** RESOURCE_CONTEXT: the whole network as one entry, then the servers of each provider. */
DWORD mpr_router_context(struct mpr_listing *listing);

/**
 * The servers of a provider's connections that there are, that are remembered, or that
 * were made lately, but those that stand among the entries from first on.
 */
DWORD mpr_router_known_servers(struct mpr_listing *listing, struct mpr_np *np, size_t first);

/**
 * A connection that was made as somebody, by which a server may be asked about
 * remote: one to something below that, to itself, or to what it lies in; with a
 * reference, or NULL.
 */
DWORD mpr_router_lender(const struct mpr_np *np, const char *remote, struct mpr_conn **ret_conn);

#endif
