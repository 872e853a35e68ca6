/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_files.c: paths, and operations on connections.
 */
#include "config.h"

#include "router/mpr_files.h"

#include <errno.h>
#include <stdlib.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_time.h"
#include "router/mpr_utf.h"

/* The longest beginning of the path that is the remote name of a connection. */
static int find_longest(const struct mpr_router *router, const char *path,
                        struct mpr_conn **ret_conn, const char **ret_rest) {
    DWORD rc = mpr_router_find_path(router, NULL, path, ret_conn, ret_rest);

    if (rc == NO_ERROR)
        return 0;
    return rc == ERROR_NOT_ENOUGH_MEMORY ? -ENOMEM : -ENOTCONN;
}

int mpr_target_find(struct mpr_router *router, const char *path, struct mpr_target *ret_target) {
    struct mpr_device device;
    struct mpr_conn *conn = NULL;
    const char *rest;
    int rc;

    if (!path || !*path || !mpr_utf_valid(path))
        return -EINVAL;
    if (mpr_name_device_path(path, &device, &rest)) {
        conn = mpr_conntab_find_device(device.index);
        rc = conn ? 0 : -ENOTCONN;
    } else {
        rc = find_longest(router, path, &conn, &rest);
    }
    if (rc)
        return rc;
    rc = mpr_name_inner_path(rest, &ret_target->path);
    if (rc) {
        mpr_conntab_unref(conn);
        return rc;
    }
    ret_target->conn = conn;
    return 0;
}

int mpr_target_find_resource(struct mpr_router *router, const char *name,
                             struct mpr_target *ret_target) {
    struct mpr_device device;

    if (!name || !*name || !mpr_utf_valid(name))
        return -EINVAL;
    ret_target->path = NULL;
    ret_target->conn = mpr_name_device(name, &device) ? mpr_conntab_find_device(device.index)
                                                      : mpr_router_find_remote(router, name);
    return ret_target->conn ? 0 : -ENOTCONN;
}

void mpr_target_clear(struct mpr_target *target) {
    free(MPR_TAKE(target->path));
    if (target->conn)
        mpr_conntab_unref(MPR_TAKE(target->conn));
}

/* Ends what mpr_conntab_begin began. */
static void leave_connection(struct mpr_conn *conn, int files) {
    void *session = mpr_conntab_end(conn, files);

    if (session) {
        mpr_router_end_session(conn, session);
        mpr_conntab_unref(conn);
    }
}

int mpr_operation_begin(struct mpr_conn *conn, struct mpr_operation *operation) {
    int64_t now = mpr_now_ns();
    int64_t deadline;
    int rc;

    if (!mpr_conntab_is_connected(conn))
        return -ENOTCONN;
    deadline = now + (int64_t)conn->facts.np->io_timeout_ms * MPR_NS_PER_MS;
    rc = mpr_conntab_begin(conn, deadline, &operation->session);
    if (rc)
        return rc;
    operation->conn = conn;
    operation->np = conn->facts.np;
    mpr_call_begin(&operation->call, &operation->data, operation->np->name, deadline,
                   mpr_conn_cancel_fd(conn), conn->facts.secret_fd);
    if (!mpr_np_enter(operation->np, &operation->call)) {
        leave_connection(conn, 0);
        return -EBUSY;
    }
    return 0;
}

int64_t mpr_operation_end(struct mpr_operation *operation, int files, int64_t result) {
    struct mpr_conn *conn = operation->conn;

    mpr_np_leave(operation->np);
    if (result == -ECANCELED || (result < 0 && !mpr_conntab_is_connected(conn)))
        result = -ENOTCONN;
    leave_connection(conn, files);
    return result;
}
