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
#include "router/mpr_runtime.h"
#include "router/mpr_session.h"
#include "router/mpr_time.h"

static bool is_in_session(const struct mpr_instance *instance) {
    return instance->driver == &mpr_session_driver;
}

int mpr_target_find(const struct mpr_instance *instance, const char *path,
                    struct mpr_target *ret_target) {
    if (is_in_session(instance))
        return mpr_session_find(instance->state, path, &ret_target->conn, &ret_target->path);
    return mpr_router_find_target(instance->state, path, &ret_target->conn, &ret_target->path);
}

int mpr_target_find_resource(const struct mpr_instance *instance, const char *name,
                             struct mpr_target *ret_target) {
    ret_target->path = NULL;
    if (is_in_session(instance))
        return mpr_session_find_resource(instance->state, name, &ret_target->conn);
    return mpr_router_find_resource(instance->state, name, &ret_target->conn);
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
