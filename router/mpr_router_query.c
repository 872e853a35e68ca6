/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_query.c: what is connected, as whom, what is remembered, and by
 * which providers.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_time.h"
#include "router/mpr_utf.h"

struct mpr_conn *mpr_router_find_remote(const struct mpr_router *router, const char *remote) {
    const struct mpr_providers *providers = router->providers;
    struct mpr_recognised recognised;

    for (size_t i = 0; i < providers->count; i++) {
        const struct mpr_np *np = &providers->items[i];

        if (np->table && mpr_np_recognise(np, remote, &recognised)) {
            struct mpr_conn *conn = mpr_conntab_find_remote(np, recognised.key);

            if (conn)
                return conn;
        }
    }
    return NULL;
}

/* --- one connection --- */

static DWORD explain_unconnected(const struct mpr_router *router, const char *device) {
    if (router->providers->loaded == 0)
        return mpr_error_say(ERROR_NO_NETWORK,
                             "%s is not connected: no network provider is loaded.", device);
    return mpr_error_say(ERROR_NOT_CONNECTED, "%s is not connected.", device);
}

static DWORD find_remembered(const struct mpr_router *router, const char *device,
                             struct mpr_connection_ret *ret) {
    struct mpr_profile_entry entry;
    bool found = false;
    DWORD rc = mpr_profile_find(router->paths, device, &found, &entry);

    /* A bad profile remembers nothing; only the device was asked about. */
    if (rc == ERROR_NOT_ENOUGH_MEMORY)
        return rc;
    if (rc != NO_ERROR || !found)
        return explain_unconnected(router, device);
    ret->remote = MPR_TAKE(entry.remote);
    ret->remembered = true;
    mpr_profile_entry_clear(&entry);
    return NO_ERROR;
}

DWORD mpr_router_connection(struct mpr_router *router, const struct mpr_connection_args *args,
                            struct mpr_connection_ret *ret) {
    struct mpr_device device;
    struct mpr_conn *conn;
    char *remote = NULL;
    bool connected;

    if (!mpr_name_device(args->local, &device))
        return mpr_error_say(ERROR_BAD_DEVICE,
                             "\"%s\" is no device name: A: to Z: and LPT1 to LPT9 are.",
                             args->local);
    conn = mpr_conntab_find_device(device.index);
    connected = conn && mpr_conntab_is_connected(conn);
    if (connected)
        remote = strdup(conn->facts.remote);
    if (conn)
        mpr_conntab_unref(conn);
    if (!connected)
        return find_remembered(router, device.name, ret);
    if (!remote)
        return ERROR_NOT_ENOUGH_MEMORY;
    ret->remote = remote;
    ret->remembered = false;
    return NO_ERROR;
}

/* --- users --- */

static DWORD user_of_process(char *buffer, size_t size) {
    struct passwd entry, *found = NULL;
    char room[4096];

    if (getpwuid_r(geteuid(), &entry, room, sizeof room, &found) == 0 && found)
        mpr_utf_copy(buffer, size, found->pw_name);
    else
        snprintf(buffer, size, "%u", (unsigned)geteuid());
    return NO_ERROR;
}

static DWORD user_of_session(struct mpr_conn *conn, char *buffer, size_t size) {
    struct mpr_np *np = conn->facts.np;
    int64_t deadline = mpr_deadline_in_ms(np->io_timeout_ms);
    struct mpr_call_data data;
    struct mpr_call call;
    void *session;
    DWORD rc = ERROR_BUSY;

    if (mpr_conntab_begin(conn, deadline, &session))
        return mpr_error_say(ERROR_NOT_CONNECTED, "%s is being disconnected.", conn->facts.remote);
    mpr_call_begin(&call, &data, np->name, deadline, mpr_conn_cancel_fd(conn),
                   conn->facts.secret_fd);
    if (mpr_np_enter(np, &call)) {
        rc = np->table->user(session, &call, buffer, size);
        mpr_np_leave(np);
    }
    session = mpr_conntab_end(conn, 0);
    if (session) {
        mpr_router_end_session(conn, session);
        mpr_conntab_unref(conn);
    }
    return rc == NO_ERROR ? rc : mpr_error_carry(rc, &data.failure, np->name);
}

/* As the caller named him; who named nobody is whom the provider took. */
static DWORD user_of(struct mpr_conn *conn, char *buffer, size_t size) {
    if (conn->facts.user) {
        mpr_utf_copy(buffer, size, conn->facts.user);
        return NO_ERROR;
    }
    if (!(conn->facts.np->capabilities & MPR_CAN_USER))
        return user_of_process(buffer, size);
    return user_of_session(conn, buffer, size);
}

DWORD mpr_router_user(struct mpr_router *router, const struct mpr_user_args *args,
                      struct mpr_user_ret *ret) {
    char buffer[MPR_USER_MAX] = "";
    struct mpr_device device;
    DWORD rc = NO_ERROR;

    if (!args->name || !*args->name) {
        rc = user_of_process(buffer, sizeof buffer);
    } else {
        struct mpr_conn *conn = mpr_name_device(args->name, &device)
                                    ? mpr_conntab_find_device(device.index)
                                    : mpr_router_find_remote(router, args->name);

        if (!conn || !mpr_conntab_is_connected(conn))
            rc = explain_unconnected(router, args->name);
        else
            rc = user_of(conn, buffer, sizeof buffer);
        if (conn)
            mpr_conntab_unref(conn);
    }
    if (rc != NO_ERROR)
        return rc;
    ret->user = strdup(buffer);
    return ret->user ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

/* --- lists --- */

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

static bool fill_provider(const struct mpr_np *np, struct mpr_provider_item *item) {
    const struct mpr_drop_in *drop_in = np->drop_in;

    item->state = np->table ? MPR_PROVIDER_LOADED : MPR_PROVIDER_FAILED;
    item->order = (uint32_t)drop_in->order;
    item->net_type = np->table ? np->table->net_type : 0;
    item->capabilities = np->capabilities;
    item->isolated = np->isolated;
    item->name = strdup(drop_in->name ? drop_in->name : "");
    item->provider = strdup(np->table ? np->name : "");
    item->drop_in = strdup(drop_in->file ? drop_in->file : "");
    item->module = strdup(drop_in->module ? drop_in->module : "");
    item->error = strdup(np->table ? "" : np->failure.text);
    return item->name && item->provider && item->drop_in && item->module && item->error;
}

DWORD mpr_router_list_providers(struct mpr_router *router, struct mpr_providers_ret *ret) {
    const struct mpr_providers *providers = router->providers;
    struct mpr_providers_ret got = {0};

    got.list.items = calloc(providers->count + 1, sizeof *got.list.items);
    if (!got.list.items)
        return ERROR_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < providers->count; i++)
        if (!fill_provider(&providers->items[i], &got.list.items[got.list.count++])) {
            mpr_providers_ret_clear(&got);
            return ERROR_NOT_ENOUGH_MEMORY;
        }
    *ret = got;
    return NO_ERROR;
}
