/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_cancel.c: breaking connections.
 *
 * First everything that can refuse is asked, then the connections are held,
 * then they are broken, then the profile forgets. What fails before the first
 * is broken has changed nothing.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_drive.h"
#include "router/mpr_error.h"
#include "router/mpr_events.h"
#include "router/mpr_router_foreign.h"
#include "router/mpr_secret.h"
#include "router/mpr_status.h"
#include "router/mpr_time.h"

static const char *name_of(const struct mpr_conn *conn) {
    return conn->device.index >= 0 ? conn->device.name : conn->facts.remote;
}

/* The words for a connection that cannot be held. */
static DWORD explain_hold(struct mpr_conn *conn, const char *name, enum mpr_hold hold) {
    switch (hold) {
    case MPR_HOLD_OPEN_FILES:
        return mpr_error_say(ERROR_OPEN_FILES,
                             "%s (%s) has %u open file(s). Close them, or cancel with force.", name,
                             conn->facts.remote, mpr_conntab_open_files(conn));
    case MPR_HOLD_IN_USE:
        return mpr_error_say(ERROR_DEVICE_IN_USE,
                             "%s is in use: an operation on it is under way. Wait for it, or "
                             "cancel with force.",
                             name);
    case MPR_HOLD_TIMEOUT:
        return mpr_error_say(ERROR_BUSY,
                             "Another cancel of %s is under way and has not ended in "
                             "time.",
                             name);
    case MPR_HOLD_GONE:
    case MPR_HOLD_HELD:
        break;
    }
    return mpr_error_say(ERROR_NOT_CONNECTED, "%s is not connected.", name);
}

static DWORD disconnect(struct mpr_conn *conn, void *session, bool force, int64_t deadline,
                        struct mpr_call_data *data) {
    struct mpr_np *np = conn->facts.np;
    struct mpr_call call;
    DWORD rc;

    mpr_call_begin(&call, data, np->name, deadline, force ? -1 : mpr_conn_cancel_fd(conn),
                   conn->facts.secret_fd);
    if (!mpr_np_enter(np, &call)) {
        if (force)
            mpr_np_adopt(np, session);
        return ERROR_BUSY;
    }
    rc = np->table->disconnect(session, &call, force);
    mpr_np_leave(np);
    return rc;
}

void mpr_router_end_session(struct mpr_conn *conn, void *session) {
    struct mpr_call_data data;

    disconnect(conn, session, true, mpr_deadline_in_ms(conn->facts.np->connect_timeout_ms), &data);
}

/* Lets go of what is not broken; what was taken out by force meanwhile is ended. */
static void release(struct mpr_conn *conn) {
    void *session = mpr_conntab_release(conn);

    if (session)
        mpr_router_end_session(conn, session);
}

/* The same for one whose drive is held, too. */
static void release_held(struct mpr_conn *conn) {
    if (conn->facts.np->in_drives)
        mpr_drive_release(conn->session, mpr_conn_cancel_fd(conn));
    release(conn);
}

/* Of a held connection: does another process use its drive? Else that is held, too. */
static DWORD hold_drive(struct mpr_conn *conn, int64_t deadline) {
    const struct mpr_np *np = conn->facts.np;
    struct mpr_call_data data;
    struct mpr_call call;
    DWORD rc;

    if (!np->in_drives)
        return NO_ERROR;
    mpr_call_begin(&call, &data, np->name, deadline, mpr_conn_cancel_fd(conn), MPR_SECRET_NONE);
    rc = mpr_drive_hold(conn->session, &call);
    if (rc == NO_ERROR || !data.failure.set)
        return rc;
    return mpr_error_say(rc, "%s", data.failure.text);
}

static void tell_disconnected(const struct mpr_conn *conn) {
    mpr_events_publish(MPR_EVENT_DISCONNECTED, NO_ERROR, conn->device.name, conn->facts.remote,
                       conn->facts.np->name, NULL);
}

/* Unforced: the provider may refuse, and then the connection is as before. */
static DWORD break_gently(struct mpr_conn *conn) {
    struct mpr_np *np = conn->facts.np;
    int64_t deadline = mpr_deadline_in_ms(np->connect_timeout_ms);
    struct mpr_call_data data;
    DWORD rc = disconnect(conn, conn->session, false, deadline, &data);

    if (rc == NO_ERROR) {
        mpr_conntab_detach(conn);
        tell_disconnected(conn);
        return NO_ERROR;
    }
    release_held(conn);
    return mpr_error_carry_or(rc, &data.failure, np->name,
                              "%s cannot disconnect %s. %s A cancel with force breaks it all the "
                              "same.",
                              np->name, name_of(conn), mpr_status_text(rc));
}

/* Tells what is under way on a held connection to end at once. */
static void abort_operations(struct mpr_conn *conn) {
    const struct mpr_np *np = conn->facts.np;

    mpr_conn_signal_cancel(conn);
    if (np->table->abort) {
        mpr_call_enter();
        np->table->abort(conn->session);
        mpr_call_leave();
    }
}

/* Breaks a connection whose operations were told to end; who does not in time ends alone. */
static void break_aborted(struct mpr_conn *conn, int64_t deadline) {
    struct mpr_call_data data;
    void *session;

    mpr_conntab_drain(conn, deadline);
    session = mpr_conntab_detach(conn);
    if (!session)
        return;
    disconnect(conn, session, true, deadline, &data);
    tell_disconnected(conn);
}

static DWORD break_held(struct mpr_conn *conn, bool force, int64_t deadline) {
    if (!force)
        return break_gently(conn);
    abort_operations(conn);
    break_aborted(conn, deadline);
    return NO_ERROR;
}

static int64_t cancel_deadline(const struct mpr_router *router, bool force) {
    return mpr_deadline_in_ms(force ? router->config->cancel_timeout_ms
                                    : router->config->connect_timeout_ms
                                          + router->config->cancel_timeout_ms);
}

/* Whose connection is about to be broken: to be known before, as nothing may fail after. */
static DWORD note_provider(struct mpr_conn *conn, struct mpr_cancel_ret *ret) {
    if (!mpr_conntab_is_connected(conn))
        return NO_ERROR;
    ret->provider = strdup(conn->facts.np->name);
    return ret->provider ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

/* --- a device --- */

/* Removes the entry after the connection is broken; says so if it cannot. */
static DWORD forget_broken(const struct mpr_router *router, const char *device) {
    const char *why, *provider;
    char text[MPR_ERROR_TEXT_MAX];
    bool was_there;
    DWORD code, rc = mpr_profile_forget(router->paths, device, &was_there);

    if (rc == NO_ERROR)
        return rc;
    mpr_error_get(&code, &why, &provider);
    if (rc == ERROR_NOT_ENOUGH_MEMORY) /* nobody explains that */
        why = mpr_status_text(rc);
    snprintf(text, sizeof text, "%s", why);
    return mpr_error_say(rc, "%s is disconnected, but still remembered: %s", device, text);
}

/* The router does not know of a connection; a classic provider may have one of its own. */
static DWORD cancel_unconnected(const struct mpr_router *router, const char *device,
                                bool update_profile, bool force, struct mpr_cancel_ret *ret) {
    DWORD foreign = mpr_router_foreign_cancel(router, device, true, force, ret);
    bool was_there = false;

    if (foreign == NO_ERROR)
        return update_profile ? forget_broken(router, device) : NO_ERROR;
    if (foreign != ERROR_NOT_CONNECTED && foreign != ERROR_BUSY)
        return foreign;
    if (update_profile) {
        DWORD rc = mpr_profile_forget(router->paths, device, &was_there);

        if (rc != NO_ERROR || was_there)
            return rc;
    }
    if (foreign == ERROR_BUSY)
        return foreign;
    if (router->providers->loaded == 0)
        return mpr_error_say(ERROR_NO_NETWORK,
                             "%s is not connected: no network provider is loaded.", device);
    return mpr_error_say(ERROR_NOT_CONNECTED, "%s is not connected%s.", device,
                         update_profile ? " and not remembered" : "");
}

static DWORD cancel_connected(const struct mpr_router *router, struct mpr_conn *conn,
                              bool update_profile, bool force) {
    int64_t deadline = cancel_deadline(router, force);
    const char *device = conn->device.name;
    enum mpr_hold hold = mpr_conntab_hold(conn, force, deadline);
    DWORD rc;

    /* What somebody else was doing with it came to its end, or is left behind. */
    if (hold == MPR_HOLD_GONE && force)
        return update_profile ? forget_broken(router, device) : NO_ERROR;
    if (hold != MPR_HOLD_HELD)
        return explain_hold(conn, device, hold);
    rc = force ? NO_ERROR : hold_drive(conn, deadline);
    if (rc == NO_ERROR)
        rc = break_held(conn, force, deadline);
    else
        release(conn);
    if (rc == NO_ERROR && update_profile)
        rc = forget_broken(router, device);
    return rc;
}

static DWORD cancel_device(const struct mpr_router *router, const struct mpr_device *device,
                           bool update_profile, bool force, struct mpr_cancel_ret *ret) {
    struct mpr_conn *conn;
    DWORD rc;

    if (update_profile) {
        rc = mpr_profile_check(router->paths, false);
        if (rc != NO_ERROR)
            return rc;
    }
    conn = mpr_conntab_find_device(device->index);
    if (!conn)
        return cancel_unconnected(router, device->name, update_profile, force, ret);
    rc = note_provider(conn, ret);
    if (rc == NO_ERROR)
        rc = cancel_connected(router, conn, update_profile, force);
    mpr_conntab_unref(conn);
    return rc;
}

/* --- a remote name --- */

static void release_all(struct mpr_conn **conns, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (conns[i])
            release(conns[i]);
}

/*
 * Holds every one of them before the first is broken: all or nothing. Those
 * that were gone meanwhile become NULL.
 */
static DWORD hold_all(struct mpr_conn **conns, size_t count, bool force, int64_t deadline,
                      size_t *ret_held) {
    size_t held = 0;

    for (size_t i = 0; i < count; i++) {
        enum mpr_hold hold = mpr_conntab_hold(conns[i], force, deadline);

        if (hold == MPR_HOLD_HELD) {
            held++;
            continue;
        }
        if (hold == MPR_HOLD_GONE)
            held += force; /* broken, if by nobody else then by this force */
        if (hold != MPR_HOLD_GONE) {
            explain_hold(conns[i], name_of(conns[i]), hold);
            release_all(conns, i);
            return hold == MPR_HOLD_OPEN_FILES ? ERROR_OPEN_FILES
                   : hold == MPR_HOLD_IN_USE   ? ERROR_DEVICE_IN_USE
                                               : ERROR_BUSY;
        }
        mpr_conntab_unref(MPR_TAKE(conns[i]));
    }
    *ret_held = held;
    return NO_ERROR;
}

static void release_all_held(struct mpr_conn **conns, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (conns[i])
            release_held(conns[i]);
}

/* Likewise their drives, whose users are in other processes. */
static DWORD hold_all_drives(struct mpr_conn **conns, size_t count, int64_t deadline) {
    DWORD rc = NO_ERROR;

    for (size_t i = 0; i < count && rc == NO_ERROR; i++) {
        if (conns[i])
            rc = hold_drive(conns[i], deadline);
        if (rc != NO_ERROR) {
            release_all_held(conns, i);
            release_all(conns + i, count - i);
        }
    }
    return rc;
}

/* The first that refuses stops it; what is broken by then cannot be made whole, and is said. */
static DWORD break_all(struct mpr_conn **conns, size_t count, bool force, int64_t deadline) {
    size_t broken = 0;

    for (size_t i = 0; i < count; i++) {
        DWORD rc;

        if (!conns[i])
            continue;
        rc = break_held(conns[i], force, deadline);
        if (rc != NO_ERROR) {
            const char *why, *provider;
            char text[MPR_ERROR_TEXT_MAX];
            DWORD code;

            release_all_held(conns + i + 1, count - i - 1);
            if (!broken)
                return rc;
            mpr_error_get(&code, &why, &provider);
            snprintf(text, sizeof text, "%s", why);
            return mpr_error_explain(rc, code, conns[i]->facts.np->name,
                                     "%zu connection(s) to the resource were broken, then this "
                                     "one failed: %s",
                                     broken, text);
        }
        broken++;
    }
    return NO_ERROR;
}

/* The connections that bear the name: of the first provider in order that has one. */
static DWORD list_owned(const struct mpr_router *router, const char *remote,
                        struct mpr_conn ***ret_conns, size_t *ret_count) {
    const struct mpr_providers *providers = router->providers;
    struct mpr_recognised recognised;

    for (size_t i = 0; i < providers->count; i++) {
        const struct mpr_np *np = &providers->items[i];
        DWORD rc;

        if (!np->table || !mpr_np_recognise(np, remote, &recognised))
            continue;
        rc = mpr_conntab_list_remote(np, recognised.key, router->config->cancel_remote_deviceless,
                                     ret_conns, ret_count);
        if (rc != NO_ERROR || *ret_count)
            return rc;
        free(MPR_TAKE(*ret_conns));
    }
    return NO_ERROR;
}

static DWORD cancel_unknown(const struct mpr_router *router, const char *remote, bool force,
                            struct mpr_cancel_ret *ret) {
    DWORD rc = mpr_router_foreign_cancel(router, remote, false, force, ret);

    if (rc != ERROR_NOT_CONNECTED)
        return rc;
    return mpr_error_say(rc, "There is no connection to %s%s.", remote,
                         router->config->cancel_remote_deviceless ? " without a device" : "");
}

static DWORD cancel_remote(const struct mpr_router *router, const char *remote, bool force,
                           struct mpr_cancel_ret *ret) {
    int64_t deadline = cancel_deadline(router, force);
    struct mpr_conn **conns = NULL;
    size_t count = 0, held = 0;
    DWORD rc = list_owned(router, remote, &conns, &count);

    if (rc == NO_ERROR && count)
        rc = note_provider(conns[0], ret);
    if (rc == NO_ERROR && count)
        rc = hold_all(conns, count, force, deadline, &held);
    if (rc == NO_ERROR && held && !force)
        rc = hold_all_drives(conns, count, deadline);
    if (rc == NO_ERROR && held)
        rc = break_all(conns, count, force, deadline);
    else if (rc == NO_ERROR && router->providers->loaded == 0)
        rc = mpr_error_say(ERROR_NO_NETWORK, "No network provider is loaded.");
    else if (rc == NO_ERROR)
        rc = cancel_unknown(router, remote, force, ret);
    for (size_t i = 0; i < count; i++)
        if (conns[i])
            mpr_conntab_unref(conns[i]);
    free(conns);
    return rc;
}

static DWORD check(const struct mpr_cancel_args *args) {
    if (!args->name || !*args->name)
        return mpr_error_say(ERROR_NOT_CONNECTED, "No name was given: there is nothing to cancel.");
    if ((args->flags & ~(uint32_t)CONNECT_UPDATE_PROFILE) != 0)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "The flags 0x%x have bits that a cancel does not know; 0 and "
                             "CONNECT_UPDATE_PROFILE are possible.",
                             args->flags);
    return NO_ERROR;
}

DWORD mpr_router_cancel(struct mpr_router *router, const struct mpr_cancel_args *args,
                        struct mpr_cancel_ret *ret) {
    struct mpr_cancel_ret got = {0};
    struct mpr_device device;
    DWORD rc = check(args);

    if (rc != NO_ERROR || args->check_only)
        return rc;
    if (mpr_name_device(args->name, &device))
        rc = cancel_device(router, &device, (args->flags & CONNECT_UPDATE_PROFILE) != 0,
                           args->force, &got);
    else
        rc = cancel_remote(router, args->name, args->force, &got);
    if (rc == NO_ERROR)
        *ret = got;
    else
        mpr_cancel_ret_clear(&got);
    return rc;
}

/* Holds a connection and aborts what is under way on it. False: not in time, or gone. */
static bool begin_clearing(struct mpr_conn *conn, int64_t deadline) {
    if (mpr_conntab_hold(conn, true, deadline) != MPR_HOLD_HELD)
        return false;
    abort_operations(conn);
    return true;
}

/*
 * Everybody is told to end before the first is waited for, so that one bound
 * serves them all: in the first round nobody is waited for.
 */
void mpr_router_clear(struct mpr_router *router, bool connecting) {
    int64_t deadline = mpr_deadline_in_ms(router->config->cancel_timeout_ms);
    struct mpr_conn **conns;
    bool *begun;
    size_t count;

    if (mpr_conntab_list(connecting, router->providers, &conns, &count) != NO_ERROR)
        return;
    begun = calloc(count + 1, sizeof *begun);
    for (size_t i = 0; i < count && begun; i++)
        begun[i] = begin_clearing(conns[i], 0);
    for (size_t i = 0; i < count && begun; i++)
        if (begun[i] || begin_clearing(conns[i], deadline))
            break_aborted(conns[i], deadline);
    free(begun);
    mpr_conntab_list_free(conns, count);
}

DWORD mpr_router_break_all(struct mpr_router *router, const struct mpr_break_all_args *args,
                           struct mpr_break_all_ret *ret) {
    (void)args;
    (void)ret;
    mpr_router_clear(router, false);
    return NO_ERROR;
}
