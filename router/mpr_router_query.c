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
#include "router/mpr_router_foreign.h"
#include "router/mpr_time.h"
#include "router/mpr_utf.h"

/* only NULL: of any provider. */
static struct mpr_conn *find_remote(const struct mpr_router *router, const struct mpr_np *only,
                                    const char *remote) {
    const struct mpr_providers *providers = router->providers;
    struct mpr_recognised recognised;

    for (size_t i = 0; i < providers->count; i++) {
        const struct mpr_np *np = &providers->items[i];

        if ((!only || np == only) && np->table && mpr_np_recognise(np, remote, &recognised)) {
            struct mpr_conn *conn = mpr_conntab_find_remote(np, recognised.key);

            if (conn)
                return conn;
        }
    }
    return NULL;
}

struct mpr_conn *mpr_router_find_remote(const struct mpr_router *router, const char *remote) {
    return find_remote(router, NULL, remote);
}

/* Bytes of the first characters of a text, as many as a remote name can have. */
static size_t longest_name(const char *text) {
    size_t bytes = 0, characters = 0;

    while (text[bytes] && (characters < MPR_REMOTE_MAX || (text[bytes] & 0xC0) == 0x80))
        characters += (text[bytes++] & 0xC0) != 0x80;
    return bytes;
}

DWORD mpr_router_find_path(const struct mpr_router *router, const struct mpr_np *only,
                           const char *path, struct mpr_conn **ret_conn, const char **ret_rest) {
    size_t length = longest_name(path);
    MPR_AUTOFREE char *prefix = strndup(path, length);
    struct mpr_conn *conn;

    if (!prefix)
        return ERROR_NOT_ENOUGH_MEMORY;
    for (; length > 0; length--) {
        if (path[length] && path[length] != '/' && path[length] != '\\')
            continue;
        prefix[length] = '\0';
        conn = find_remote(router, only, prefix);
        if (conn) {
            *ret_conn = conn;
            *ret_rest = path + length;
            return NO_ERROR;
        }
    }
    return ERROR_NOT_CONNECTED;
}

/* --- one connection --- */

DWORD mpr_router_say_unconnected(const struct mpr_router *router, const char *name) {
    if (router->providers->loaded == 0)
        return mpr_error_say(ERROR_NO_NETWORK,
                             "%s is not connected: no network provider is loaded.", name);
    return mpr_error_say(ERROR_NOT_CONNECTED, "%s is not connected.", name);
}

/* A bad profile remembers nothing; only the device was asked about. */
static DWORD find_remembered(const struct mpr_router *router, const char *device, bool *ret_found,
                             struct mpr_connection_ret *ret) {
    struct mpr_profile_entry entry;
    DWORD rc;

    *ret_found = false;
    rc = mpr_profile_find(router->paths, device, ret_found, &entry);
    if (rc == ERROR_NOT_ENOUGH_MEMORY)
        return rc;
    *ret_found = rc == NO_ERROR && *ret_found;
    if (!*ret_found)
        return NO_ERROR;
    ret->remote = MPR_TAKE(entry.remote);
    ret->provider = MPR_TAKE(entry.provider);
    ret->remembered = true;
    mpr_profile_entry_clear(&entry);
    return NO_ERROR;
}

/*
 * The router has no connection of the device, or it is on its way. A classic
 * provider may have one of its own; else the device may be remembered.
 */
static DWORD find_elsewhere(const struct mpr_router *router, const char *device, bool on_its_way,
                            struct mpr_connection_ret *ret) {
    struct mpr_connection_ret remembered = {0};
    bool found;
    DWORD rc = find_remembered(router, device, &found, &remembered);

    if (rc == NO_ERROR)
        rc = on_its_way ? ERROR_NOT_CONNECTED : mpr_router_foreign_connection(router, device, ret);
    if (rc == NO_ERROR || !found || rc == ERROR_NOT_ENOUGH_MEMORY) {
        mpr_connection_ret_clear(&remembered);
        return rc == ERROR_NOT_CONNECTED ? mpr_router_say_unconnected(router, device) : rc;
    }
    *ret = remembered;
    return NO_ERROR;
}

DWORD mpr_router_connection(struct mpr_router *router, const struct mpr_connection_args *args,
                            struct mpr_connection_ret *ret) {
    struct mpr_device device;
    struct mpr_conn *conn;
    char *remote = NULL, *provider = NULL;
    bool connected, on_its_way;

    if (!mpr_name_device(args->local, &device))
        return mpr_error_say(ERROR_BAD_DEVICE,
                             "\"%s\" is no device name: A: to Z: and LPT1 to LPT9 are.",
                             args->local);
    conn = mpr_conntab_find_device(device.index);
    connected = conn && mpr_conntab_is_connected(conn);
    on_its_way = conn && !connected;
    if (connected) {
        remote = strdup(conn->facts.remote);
        provider = strdup(conn->facts.np->name);
    }
    if (conn)
        mpr_conntab_unref(conn);
    if (!connected)
        return find_elsewhere(router, device.name, on_its_way, ret);
    if (!remote || !provider) {
        free(remote);
        free(provider);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    ret->remote = remote;
    ret->provider = provider;
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

DWORD mpr_router_ask_session(struct mpr_conn *conn, mpr_session_fn fn, void *context) {
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
        rc = fn(np, session, &call, context);
        mpr_np_leave(np);
    }
    session = mpr_conntab_end(conn, 0);
    if (session) {
        mpr_router_end_session(conn, session);
        mpr_conntab_unref(conn);
    }
    return rc == NO_ERROR ? rc : mpr_error_carry(rc, &data.failure, np->name);
}

static uint32_t ask_user(const struct mpr_np *np, void *session, const struct mpr_call *call,
                         void *context) {
    return np->table->user(session, call, context, MPR_USER_MAX);
}

/* As the caller named him; who named nobody is whom the provider took. */
static DWORD user_of(struct mpr_conn *conn, char buffer[MPR_USER_MAX]) {
    if (conn->facts.user) {
        mpr_utf_copy(buffer, MPR_USER_MAX, conn->facts.user);
        return NO_ERROR;
    }
    if (!(conn->facts.np->capabilities & MPR_CAN_USER))
        return user_of_process(buffer, MPR_USER_MAX);
    return mpr_router_ask_session(conn, ask_user, buffer);
}

/* Of a connection that a classic provider has of its own. */
static DWORD user_elsewhere(const struct mpr_router *router, const char *name,
                            struct mpr_user_ret *ret) {
    DWORD rc = mpr_router_foreign_user(router, name, &ret->user);

    return rc == ERROR_NOT_CONNECTED ? mpr_router_say_unconnected(router, name) : rc;
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

        if (!conn)
            return user_elsewhere(router, args->name, ret);
        if (!mpr_conntab_is_connected(conn))
            rc = mpr_router_say_unconnected(router, args->name);
        else
            rc = user_of(conn, buffer);
        mpr_conntab_unref(conn);
    }
    if (rc != NO_ERROR)
        return rc;
    ret->user = strdup(buffer);
    return ret->user ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

/* --- providers --- */

static bool fill_provider(const struct mpr_np *np, struct mpr_provider_item *item) {
    const struct mpr_drop_in *drop_in = np->drop_in;

    item->state = np->table ? MPR_PROVIDER_LOADED : MPR_PROVIDER_FAILED;
    item->order = (uint32_t)drop_in->order;
    item->net_type = np->table ? np->table->net_type : 0;
    item->capabilities = np->capabilities;
    item->version = np->table ? np->table->driver_version : 0;
    item->isolated = np->isolated;
    item->name = strdup(drop_in->name ? drop_in->name : "");
    item->provider = strdup(np->table ? np->name : "");
    item->drop_in = strdup(drop_in->file ? drop_in->file : "");
    item->module = strdup(drop_in->module ? drop_in->module : "");
    item->error = strdup(np->table ? "" : np->failure.text);
    return item->name && item->provider && item->drop_in && item->module && item->error;
}

static bool fill_notifyee(const struct mpr_drop_in *drop_in, struct mpr_provider_item *item) {
    item->order = (uint32_t)drop_in->order;
    item->name = strdup(drop_in->name);
    item->provider = strdup("");
    item->drop_in = strdup(drop_in->file);
    item->module = strdup(drop_in->notify_module);
    item->error = strdup("");
    return item->name && item->provider && item->drop_in && item->module && item->error;
}

DWORD mpr_router_notifyees(struct mpr_router *router, const struct mpr_notifyees_args *args,
                           struct mpr_notifyees_ret *ret) {
    const struct mpr_registry *registry = router->registry;
    struct mpr_notifyees_ret got = {0};

    (void)args;
    got.list.items = calloc(registry->count + 1, sizeof *got.list.items);
    if (!got.list.items)
        return ERROR_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < registry->count; i++) {
        const struct mpr_drop_in *drop_in = &registry->drop_ins[i];

        if (drop_in->broken || !drop_in->notify_module)
            continue;
        if (!fill_notifyee(drop_in, &got.list.items[got.list.count++])) {
            mpr_notifyees_ret_clear(&got);
            return ERROR_NOT_ENOUGH_MEMORY;
        }
    }
    *ret = got;
    return NO_ERROR;
}

DWORD mpr_router_providers(struct mpr_router *router, const struct mpr_providers_args *args,
                           struct mpr_providers_ret *ret) {
    const struct mpr_providers *providers = router->providers;
    struct mpr_providers_ret got = {0};

    (void)args;
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
