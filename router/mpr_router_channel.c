/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_channel.c: connections that other processes of the user reach: which one a
 * path leads to, and the ends of channels, and of mounts, that its drive is to serve.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <mpr/winerror.h>

#include "router/mpr_drive.h"
#include "router/mpr_error.h"
#include "router/mpr_utf.h"

/* ---- numbers: those of another service, before this one, are none of ours */

#define AGE_BITS 40

static pthread_once_t base_once = PTHREAD_ONCE_INIT;
static uint64_t base;

static void choose_base(void) {
    if (getrandom(&base, sizeof base, 0) != (ssize_t)sizeof base)
        base = (uint64_t)(uintptr_t)&base;
    base = base >> AGE_BITS << AGE_BITS;
}

static uint64_t number_of(const struct mpr_conn *conn) {
    pthread_once(&base_once, choose_base);
    return base | conn->age;
}

/* The connection of a number, with a reference, unless it is on its way out by force. */
static DWORD find_number(const struct mpr_router *router, uint64_t number,
                         struct mpr_conn **ret_conn) {
    struct mpr_conn **conns, *found = NULL;
    size_t count;
    DWORD rc = mpr_conntab_list(false, router->providers, &conns, &count);

    if (rc != NO_ERROR)
        return rc;
    for (size_t i = 0; i < count; i++) {
        if (number_of(conns[i]) == number && !mpr_conntab_was_forced(conns[i]))
            found = conns[i];
        else
            mpr_conntab_unref(conns[i]);
    }
    free(conns);
    if (!found)
        return mpr_error_say(ERROR_NOT_CONNECTED, "The connection has been broken.");
    *ret_conn = found;
    return NO_ERROR;
}

/* ---- paths */

static int find_by_path(const struct mpr_router *router, const char *path,
                        struct mpr_conn **ret_conn, const char **ret_rest) {
    struct mpr_device device;
    DWORD rc;

    if (mpr_name_device_path(path, &device, ret_rest)) {
        *ret_conn = mpr_conntab_find_device(device.index);
        return *ret_conn ? 0 : -ENOTCONN;
    }
    /* The longest beginning of the path that is the remote name of a connection. */
    rc = mpr_router_find_path(router, NULL, path, ret_conn, ret_rest);
    if (rc == NO_ERROR)
        return 0;
    return rc == ERROR_NOT_ENOUGH_MEMORY ? -ENOMEM : -ENOTCONN;
}

int mpr_router_find_target(const struct mpr_router *router, const char *path,
                           struct mpr_conn **ret_conn, char **ret_inner) {
    struct mpr_conn *conn = NULL;
    const char *rest;
    int rc;

    if (!path || !*path || !mpr_utf_valid(path))
        return -EINVAL;
    rc = find_by_path(router, path, &conn, &rest);
    if (rc)
        return rc;
    rc = mpr_name_inner_path(rest, ret_inner);
    if (rc)
        mpr_conntab_unref(conn);
    else
        *ret_conn = conn;
    return rc;
}

int mpr_router_find_resource(const struct mpr_router *router, const char *name,
                             struct mpr_conn **ret_conn) {
    struct mpr_device device;

    if (!name || !*name || !mpr_utf_valid(name))
        return -EINVAL;
    *ret_conn = mpr_name_device(name, &device) ? mpr_conntab_find_device(device.index)
                                               : mpr_router_find_remote(router, name);
    return *ret_conn ? 0 : -ENOTCONN;
}

/* ---- operations */

static DWORD say_not_found(int error, const char *path) {
    switch (-error) {
    case EINVAL:
        return mpr_error_say(ERROR_INVALID_PARAMETER, "\"%s\" is no path.", path ? path : "");
    case ENOTCONN:
        return mpr_error_say(ERROR_NOT_CONNECTED, "No connection leads to \"%s\".", path);
    default:
        return ERROR_NOT_ENOUGH_MEMORY;
    }
}

static DWORD describe(struct mpr_conn *conn, struct mpr_locate_ret *ret) {
    const struct mpr_np *np;

    if (!mpr_conntab_is_connected(conn))
        return mpr_error_say(ERROR_NOT_CONNECTED, "The connection is on its way in or out.");
    np = conn->facts.np;
    if (!np->in_drives)
        return mpr_error_say(ERROR_NOT_SUPPORTED,
                             "%s has no files that other processes could reach.", np->name);
    ret->provider = strdup(np->name);
    if (!ret->provider)
        return ERROR_NOT_ENOUGH_MEMORY;
    ret->number = number_of(conn);
    ret->io_timeout_ms = np->io_timeout_ms;
    ret->max_io = (uint32_t)np->table->max_io;
    ret->slots = mpr_drive_slots(np->table, np->state);
    return NO_ERROR;
}

DWORD mpr_router_locate(struct mpr_router *router, const struct mpr_locate_args *args,
                        struct mpr_locate_ret *ret) {
    struct mpr_locate_ret got = {0};
    struct mpr_conn *conn = NULL;
    DWORD rc;
    int error = args->exact ? mpr_router_find_resource(router, args->path, &conn)
                            : mpr_router_find_target(router, args->path, &conn, &got.rest);

    if (error)
        return say_not_found(error, args->path);
    rc = describe(conn, &got);
    mpr_conntab_unref(conn);
    if (rc == NO_ERROR)
        *ret = got;
    else
        mpr_locate_ret_clear(&got);
    return rc;
}

DWORD mpr_router_channel(struct mpr_router *router, const struct mpr_channel_args *args,
                         struct mpr_channel_ret *ret) {
    struct mpr_conn *conn = NULL;
    size_t given = 0;
    DWORD rc;

    (void)ret;
    for (size_t i = 0; i < MPR_OPS_FDS; i++)
        given += args->fds[i] >= 0;
    if (given && given != MPR_OPS_FDS)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "A channel takes %d descriptors, or none; not %zu.", MPR_OPS_FDS,
                             given);
    rc = find_number(router, args->number, &conn);
    if (rc != NO_ERROR)
        return rc;
    if (given)
        rc = mpr_drive_attach(conn, args->fds, args->shared_size);
    mpr_conntab_unref(conn);
    return rc;
}

DWORD mpr_router_serve(struct mpr_router *router, const struct mpr_serve_args *args,
                       struct mpr_serve_ret *ret) {
    struct mpr_conn *conn = NULL;
    DWORD rc;
    int error = mpr_router_find_resource(router, args->name, &conn);

    (void)ret;
    if (error)
        return say_not_found(error, args->name);
    if (!mpr_conntab_is_connected(conn) || !conn->facts.np->in_drives)
        rc = mpr_error_say(ERROR_NOT_SUPPORTED, "The connection %s has no drive in this process.",
                           args->name);
    else
        rc = mpr_drive_serve(conn, args->fds[0]);
    mpr_conntab_unref(conn);
    return rc;
}
