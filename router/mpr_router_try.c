/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_try.c: a connect that is broken again at once, to see what comes of it.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_secret.h"

/* conn is in the table for its cancel: who ends the router ends the trial, too. */
static DWORD ask(struct mpr_conn *conn, struct mpr_np *np, const char *remote, int64_t deadline_ns,
                 struct mpr_call_data *data) {
    const struct mpr_connect connect = {
        .size = sizeof connect,
        .type = RESOURCETYPE_ANY,
        .flags = CONNECT_TEMPORARY,
        .remote = remote,
        .host_connection = conn,
    };
    uint32_t code = ERROR_UNEXP_NET_ERR;
    void *session = NULL;
    enum mpr_answer answer;
    struct mpr_call call;

    mpr_call_begin(&call, data, np->name, deadline_ns, mpr_conn_cancel_fd(conn), MPR_SECRET_NONE);
    if (!mpr_np_enter(np, &call))
        return ERROR_BUSY;
    answer = np->table->connect(np->state, &call, &connect, &session, &code);
    mpr_np_leave(np);
    if (answer != MPR_DONE)
        return code == NO_ERROR ? ERROR_UNEXP_NET_ERR : code;
    if (session) {
        conn->facts.np = np;
        mpr_router_end_session(conn, session);
    }
    return NO_ERROR;
}

DWORD mpr_router_try(struct mpr_np *np, const char *remote, int64_t deadline_ns,
                     struct mpr_failure *ret_failure) {
    const struct mpr_device none = {.index = -1};
    struct mpr_call_data data;
    struct mpr_conn *conn;
    DWORD rc = mpr_conntab_reserve(&none, &conn);

    if (rc != NO_ERROR)
        return rc;
    data.failure.set = false;
    rc = ask(conn, np, remote, deadline_ns, &data);
    mpr_conntab_remove(conn);
    mpr_conntab_unref(conn);
    *ret_failure = data.failure;
    return rc;
}
