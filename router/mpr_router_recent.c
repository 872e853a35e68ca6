/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_recent.c: which connections are remembered as recent ones.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <mpr/winnetwk.h>

#include "router/mpr_recent.h"

/*
 * Who asks for it; and whoever gets a device, which is more than looking round, unless
 * that is only for now, or all that is remembered is being restored.
 */
static bool is_to_be_noted(const struct mpr_add_args *args, const struct mpr_conn *conn) {
    if ((args->flags & CONNECT_UPDATE_RECENT) != 0)
        return true;
    return conn && conn->device.index >= 0
           && (args->flags & (CONNECT_TEMPORARY | CONNECT_DEFERRED)) == 0;
}

static void note(const struct mpr_router *router, const struct mpr_add_args *args,
                 const struct mpr_conn *conn) {
    const struct mpr_recent_entry entry = {
        .remote = (char *)(uintptr_t)args->remote,
        .provider = (char *)(uintptr_t)conn->facts.np->name,
        .key = conn->facts.key,
        .user = (char *)(uintptr_t)(args->user ? args->user : ""),
        .device = (char *)(uintptr_t)conn->device.name,
        .type = conn->facts.type,
    };

    mpr_recent_add(router->paths, &entry);
}

void mpr_router_note_recent(const struct mpr_router *router, const struct mpr_add_args *args,
                            struct mpr_conn *conn) {
    struct mpr_conn *found = NULL;

    if (!is_to_be_noted(args, conn))
        return;
    if (!conn)
        conn = found = mpr_router_find_remote(router, args->remote);
    if (conn)
        note(router, args, conn);
    if (found)
        mpr_conntab_unref(found);
}
