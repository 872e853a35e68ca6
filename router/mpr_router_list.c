/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_list.c: what enumerations list.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_utf.h"

static bool is_wanted(uint32_t wanted, uint32_t type) {
    return wanted == RESOURCETYPE_ANY || type == RESOURCETYPE_ANY || (wanted & type) != 0;
}

static bool is_of(const char *provider, const char *wanted) {
    return !wanted || !*wanted || mpr_utf_same(provider, wanted);
}

static bool fill_item(struct mpr_item *item, uint32_t scope, uint32_t type, const char *local,
                      const char *remote, const char *provider) {
    item->scope = scope;
    item->type = type;
    item->display_type = RESOURCEDISPLAYTYPE_SHARE;
    item->usage = scope == RESOURCE_CONNECTED ? 0 : RESOURCEUSAGE_CONNECTABLE;
    item->local = local ? strdup(local) : NULL;
    item->remote = strdup(remote);
    item->provider = strdup(provider);
    return (!local || item->local) && item->remote && item->provider;
}

static DWORD list_connected(const struct mpr_enumerate_args *args, struct mpr_item_list *list) {
    struct mpr_conn **conns;
    size_t count;
    DWORD rc = mpr_conntab_list(false, NULL, &conns, &count);

    if (rc != NO_ERROR)
        return rc;
    list->items = calloc(count + 1, sizeof *list->items);
    if (!list->items)
        rc = ERROR_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < count && rc == NO_ERROR; i++) {
        const struct mpr_conn *conn = conns[i];

        if (!is_wanted(args->type, conn->facts.type)
            || !is_of(conn->facts.np->name, args->provider))
            continue;
        if (!fill_item(&list->items[list->count++], RESOURCE_CONNECTED, conn->facts.type,
                       conn->device.index >= 0 ? conn->device.name : NULL, conn->facts.remote,
                       conn->facts.np->name))
            rc = ERROR_NOT_ENOUGH_MEMORY;
    }
    mpr_conntab_list_free(conns, count);
    return rc;
}

static DWORD list_remembered(const struct mpr_router *router, const struct mpr_enumerate_args *args,
                             struct mpr_item_list *list) {
    struct mpr_profile_list profile;
    DWORD rc = mpr_profile_read(router->paths, &profile);

    if (rc != NO_ERROR)
        return rc;
    list->items = calloc(profile.count + 1, sizeof *list->items);
    if (!list->items)
        rc = ERROR_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < profile.count && rc == NO_ERROR; i++) {
        const struct mpr_profile_entry *entry = &profile.entries[i];

        if (!is_wanted(args->type, entry->type) || !is_of(entry->provider, args->provider))
            continue;
        if (!fill_item(&list->items[list->count++], RESOURCE_REMEMBERED, entry->type, entry->device,
                       entry->remote, entry->provider))
            rc = ERROR_NOT_ENOUGH_MEMORY;
    }
    mpr_profile_list_clear(&profile);
    return rc;
}

DWORD mpr_router_enumerate(struct mpr_router *router, const struct mpr_enumerate_args *args,
                           struct mpr_enumerate_ret *ret) {
    struct mpr_enumerate_ret got = {0};
    struct mpr_enumerate_args wanted = *args;
    DWORD rc;

    if (args->provider && *args->provider) {
        const struct mpr_np *np = mpr_providers_find(router->providers, args->provider);

        if (!np)
            return mpr_error_say(ERROR_BAD_PROVIDER, "There is no provider named %s.",
                                 args->provider);
        wanted.provider = np->name; /* it may have been named as its drop-in names it */
    }
    rc = args->scope == RESOURCE_CONNECTED ? list_connected(&wanted, &got.list)
                                           : list_remembered(router, &wanted, &got.list);
    if (rc != NO_ERROR) {
        mpr_enumerate_ret_clear(&got);
        return rc;
    }
    *ret = got;
    return NO_ERROR;
}
