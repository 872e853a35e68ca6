/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_connect.c: connections through a classic provider: ours, and those
 * that it has besides. A success is believed when the module, asked what it is
 * connected to, says the same.
 */
#include "config.h"

#include "router/classic.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/classic_call.h"
#include "router/classic_table.h"
#include "router/mpr_alloc.h"
#include "router/mpr_call.h"
#include "router/mpr_name.h"
#include "router/mpr_status.h"

/** A connection of ours. */
struct session {
    struct mpr_classic *classic;
    struct mpr_classic_job *parting; /* made in time: a forced end needs no memory */
    const char *device;              /* in the same block; or NULL */
    char remote[];
};

/* Arguments and results of the jobs here. */
struct work {
    const char *name;  /* what is connected: device or remote name */
    const char *about; /* the same for words */
    bool is_device;    /* name is one */
    LPWSTR device, remote, user, password;
    LPWSTR wide; /* name */
    uint32_t type, flags;
    void *use_options;
    DWORD use_options_size;
    bool force;
    bool connected;    /* for the undoing */
    bool disconnected; /* result: the device is not connected at present */
    char *text;        /* result */
    NETCONNECTINFOSTRUCT *performance;
};

static struct work *work_of(struct mpr_classic_job *job) {
    return job->data;
}

static struct mpr_classic_job *work_new(struct mpr_classic *classic,
                                        void (*run)(struct mpr_classic_job *), const char *name,
                                        bool is_device) {
    struct mpr_classic_job *job = mpr_classic_job_new(classic, run);
    struct work *work = job ? mpr_classic_keep(job, sizeof *work) : NULL;

    if (!work) {
        mpr_classic_job_free(job);
        return NULL;
    }
    job->data = work;
    work->wide = mpr_classic_wide(job, name);
    work->name = work->wide ? mpr_classic_text(job, work->wide) : NULL;
    work->about = work->name;
    work->is_device = is_device;
    return job;
}

/* Runs the job and gives a copy of its text. */
static DWORD run_for_text(struct mpr_classic_job *job, const struct mpr_call *call, char **ret) {
    DWORD rc = job ? mpr_classic_run(&job, call) : ERROR_NOT_ENOUGH_MEMORY;

    if (rc == NO_ERROR) {
        *ret = strdup(work_of(job)->text);
        rc = *ret ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
    }
    mpr_classic_job_free(job);
    return rc;
}

/* --- what the module says that it is connected to --- */

static DWORD fill_connection(struct mpr_classic_job *job, void *buffer, DWORD *size) {
    LPWSTR device = mpr_classic_wide(job, work_of(job)->name);

    return device ? MPR_CLASSIC_NP(job, NPGetConnection, device, buffer, size)
                  : ERROR_NOT_ENOUGH_MEMORY;
}

/* What the device of the job is connected to; NULL: the job has code and words. */
static char *ask_connection(struct mpr_classic_job *job) {
    struct mpr_classic_buffer buffer;
    char *remote;

    if (!mpr_classic_fill(job, &mpr_classic_strings, fill_connection, work_of(job)->name, &buffer))
        return NULL;
    remote = mpr_classic_string(job, &buffer);
    if (!remote || *remote)
        return remote;
    mpr_classic_blame(job, ERROR_UNEXP_NET_ERR, "says success, and gives no remote name for %s",
                      work_of(job)->name);
    return NULL;
}

static bool can_ask(struct mpr_classic_job *job) {
    return work_of(job)->is_device && job->classic->np.NPGetConnection != NULL;
}

/* Asks whether the device is connected, without leaving a trace in the job's words. */
static bool is_connected(struct mpr_classic_job *job) {
    struct mpr_failure failure = job->failure;
    DWORD code = job->code;
    bool connected = ask_connection(job) != NULL;

    job->failure = failure;
    job->code = code;
    return connected;
}

/* The state of a device that it names: one module says it, and gives it no bit. */
static bool is_disconnected(struct mpr_classic_job *job) {
    DWORD state = WNGETCON_CONNECTED, size = sizeof state;

    if (!job->classic->np.NPGetConnection3)
        return false;
    return MPR_CLASSIC_NP(job, NPGetConnection3, work_of(job)->wide, 1, &state, &size) == NO_ERROR
           && state == WNGETCON_DISCONNECTED;
}

static void run_connection(struct mpr_classic_job *job) {
    struct work *work = work_of(job);

    if (!mpr_classic_ready(job))
        return;
    work->text = ask_connection(job);
    if (work->text)
        work->disconnected = is_disconnected(job);
}

DWORD mpr_classic_connection(struct mpr_classic *classic, const struct mpr_call *call,
                             const char *device, char **ret_remote, bool *ret_disconnected) {
    struct mpr_classic_job *job;
    DWORD rc;

    if (!classic->np.NPGetConnection)
        return ERROR_NOT_CONNECTED;
    job = work_new(classic, run_connection, device, true);
    rc = job ? mpr_classic_run(&job, call) : ERROR_NOT_ENOUGH_MEMORY;
    if (rc == NO_ERROR) {
        *ret_remote = strdup(work_of(job)->text);
        *ret_disconnected = work_of(job)->disconnected;
        rc = *ret_remote ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
    }
    mpr_classic_job_free(job);
    return rc;
}

/* --- users --- */

static DWORD fill_user(struct mpr_classic_job *job, void *buffer, DWORD *size) {
    LPWSTR name = mpr_classic_wide(job, work_of(job)->name);

    return name ? MPR_CLASSIC_NP(job, NPGetUser, name, buffer, size) : ERROR_NOT_ENOUGH_MEMORY;
}

static void run_user(struct mpr_classic_job *job) {
    struct mpr_classic_buffer buffer;

    if (!mpr_classic_ready(job)
        || !mpr_classic_fill(job, &mpr_classic_strings, fill_user, work_of(job)->name, &buffer))
        return;
    work_of(job)->text = mpr_classic_string(job, &buffer);
}

DWORD mpr_classic_user_of(struct mpr_classic *classic, const struct mpr_call *call,
                          const char *name, char **ret_user) {
    if (!classic->np.NPGetUser)
        return ERROR_NOT_CONNECTED;
    return run_for_text(work_new(classic, run_user, name, false), call, ret_user);
}

static const char *name_of(const struct session *session) {
    return session->device ? session->device : session->remote;
}

uint32_t mpr_classic_user(void *session, const struct mpr_call *call, char *buffer, size_t size) {
    struct session *self = session;
    char *user = NULL;
    uint32_t rc = mpr_classic_user_of(self->classic, call, name_of(self), &user);

    if (rc == NO_ERROR)
        rc = mpr_classic_copy(user, buffer, size);
    free(user);
    return rc;
}

/* --- connecting --- */

static DWORD units_of(LPCWSTR text) {
    DWORD units = 0;

    while (text && text[units])
        units++;
    return units;
}

/* The newest form takes user and password as callers of WNetAddConnection4 give them. */
static DWORD add_with_options(struct mpr_classic_job *job, NETRESOURCEW *resource) {
    const struct work *work = work_of(job);
    SEC_WINNT_AUTH_IDENTITY_W *identity = NULL;

    if (work->user || work->password) {
        identity = mpr_classic_keep(job, sizeof *identity);
        if (!identity)
            return ERROR_NOT_ENOUGH_MEMORY;
        identity->User = work->user;
        identity->UserLength = units_of(work->user);
        identity->Password = work->password;
        identity->PasswordLength = units_of(work->password);
        identity->Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    }
    return MPR_CLASSIC_NP(job, NPAddConnection4, NULL, resource, identity,
                          identity ? sizeof *identity : 0, work->flags, work->use_options,
                          work->use_options_size);
}

static DWORD add(struct mpr_classic_job *job, NETRESOURCEW *resource) {
    const struct mpr_classic_functions *np = &job->classic->np;
    const struct work *work = work_of(job);
    bool has_older = np->NPAddConnection3 || np->NPAddConnection;

    if (np->NPAddConnection4 && (work->use_options || !has_older))
        return add_with_options(job, resource);
    if (np->NPAddConnection3)
        return MPR_CLASSIC_NP(job, NPAddConnection3, NULL, resource, work->password, work->user,
                              work->flags);
    return MPR_CLASSIC_NP(job, NPAddConnection, resource, work->password, work->user);
}

/* At most once in a job, so that it needs no copy of the name, and no memory. */
static DWORD cancel(struct mpr_classic_job *job, bool force) {
    const struct mpr_classic_functions *np = &job->classic->np;
    LPWSTR name = work_of(job)->wide;

    if (np->NPCancelConnection)
        return MPR_CLASSIC_NP(job, NPCancelConnection, name, force);
    if (np->NPCancelConnection2)
        return MPR_CLASSIC_NP(job, NPCancelConnection2, name, force, 0);
    return ERROR_NOT_SUPPORTED;
}

/*
 * Keeps account of the devices of our sessions: between the module's success and the
 * router's record of it a cancel of "somebody else's" connection must not meet them.
 */
static uint64_t own_bit(const struct work *work) {
    struct mpr_device device;

    return work->is_device && mpr_name_device(work->name, &device) ? UINT64_C(1) << device.index
                                                                   : 0;
}

static void disown(struct mpr_classic_job *job) {
    job->classic->own_devices &= ~own_bit(work_of(job));
}

/* Connected, and nobody is there to have it. */
static void undo_connect(struct mpr_classic_job *job) {
    if (!work_of(job)->connected)
        return;
    disown(job);
    cancel(job, true);
}

static void run_connect(struct mpr_classic_job *job) {
    struct work *work = work_of(job);
    const char *name = job->classic->name;
    NETRESOURCEW resource = {
        .dwScope = RESOURCE_GLOBALNET,
        .dwType = work->type,
        .dwDisplayType = RESOURCEDISPLAYTYPE_SHARE,
        .dwUsage = RESOURCEUSAGE_CONNECTABLE,
        .lpLocalName = work->device,
        .lpRemoteName = work->remote,
    };
    DWORD code;

    if (!mpr_classic_ready(job))
        return;
    code = add(job, &resource);
    work->connected = mpr_status_class(code) == MPR_CLASS_DONE;
    if (!work->connected)
        mpr_classic_answer(job, code, work->about);
    if (work->connected && can_ask(job) && !is_connected(job)) {
        work->connected = false;
        cancel(job, true);
        job->code = ERROR_NO_NET_OR_BAD_PATH;
        mpr_failure_set(&job->failure, job->code,
                        "%s says that it connected %s, but does not know the connection. That is "
                        "not believed.",
                        name, work->about);
    }
    if (work->connected)
        job->classic->own_devices |= own_bit(work);
    /* Some look at the device before they look whose name it is. */
    if (code == ERROR_ALREADY_ASSIGNED && can_ask(job) && !is_connected(job)) {
        job->code = ERROR_BAD_DEVICE;
        mpr_failure_set(&job->failure, code,
                        "%s says that %s is in use, but knows no connection of it. That is not "
                        "believed.",
                        name, work->name);
    }
}

static void run_disconnect(struct mpr_classic_job *job);

static struct mpr_classic_job *disconnect_job(const struct session *session) {
    return work_new(session->classic, run_disconnect, name_of(session), session->device != NULL);
}

static void session_free(struct session *session) {
    if (session)
        mpr_classic_job_free(session->parting);
    free(session);
}

static struct session *session_new(struct mpr_classic *classic, const char *device,
                                   const char *remote) {
    size_t remote_size = strlen(remote) + 1, device_size = device ? strlen(device) + 1 : 0;
    struct session *session = malloc(sizeof *session + remote_size + device_size);

    if (!session)
        return NULL;
    session->classic = classic;
    memcpy(session->remote, remote, remote_size);
    session->device = device ? memcpy(session->remote + remote_size, device, device_size) : NULL;
    session->parting = disconnect_job(session);
    if (session->parting && !session->parting->no_memory)
        return session;
    session_free(session);
    return NULL;
}

/* "\\\\server\\share as Z:" */
static const char *describe(struct mpr_classic_job *job, const struct mpr_connect *args) {
    static const char as[] = " as ";
    size_t device = args->device ? strlen(args->device) : 0, remote = strlen(args->remote);
    char *text = mpr_classic_keep(job, remote + sizeof as + device);

    if (!text)
        return "";
    memcpy(text, args->remote, remote);
    if (device) {
        memcpy(text + remote, as, sizeof as - 1);
        memcpy(text + remote + sizeof as - 1, args->device, device);
    }
    return text;
}

/* The password, if one was given; false: it cannot be had. */
static bool fetch_password(struct mpr_classic_job *job, const struct mpr_call *call) {
    char password[MPR_SECRET_MAX];
    int found = mpr_host_table.secret(call, password, sizeof password);

    if (found > 0)
        work_of(job)->password = mpr_classic_wide(job, password);
    explicit_bzero(password, sizeof password);
    return found >= 0;
}

static struct mpr_classic_job *connect_job(struct mpr_classic *classic, const struct mpr_call *call,
                                           const struct mpr_connect *args) {
    const char *name = args->device ? args->device : args->remote;
    struct mpr_classic_job *job = work_new(classic, run_connect, name, args->device != NULL);
    struct work *work = job ? job->data : NULL;

    if (!job)
        return NULL;
    job->undo = undo_connect;
    work->about = describe(job, args);
    work->device = mpr_classic_wide(job, args->device);
    work->remote = mpr_classic_wide(job, args->remote);
    work->user = mpr_classic_wide(job, args->user);
    work->type = args->type;
    work->flags = args->flags & classic->connection_flags;
    if (args->use_options) {
        work->use_options = mpr_classic_keep(job, args->use_options_size + 1);
        work->use_options_size = (DWORD)args->use_options_size;
        if (work->use_options)
            memcpy(work->use_options, args->use_options, args->use_options_size);
    }
    if (fetch_password(job, call))
        return job;
    mpr_classic_job_free(job);
    return NULL;
}

enum mpr_answer mpr_classic_connect(void *state, const struct mpr_call *call,
                                    const struct mpr_connect *args, void **ret_session,
                                    uint32_t *ret_code) {
    struct mpr_classic *classic = state;
    const struct mpr_classic_functions *np = &classic->np;
    struct mpr_classic_job *job;
    struct session *session;

    *ret_code = ERROR_NOT_SUPPORTED;
    if (!np->NPAddConnection && !np->NPAddConnection3 && !np->NPAddConnection4) {
        mpr_host_table.set_error(call, ERROR_NOT_SUPPORTED,
                                 "The provider has no function that connects.");
        return MPR_NOT_MINE;
    }
    session = session_new(classic, args->device, args->remote);
    job = session ? connect_job(classic, call, args) : NULL;
    *ret_code = job ? mpr_classic_run(&job, call) : ERROR_NOT_ENOUGH_MEMORY;
    mpr_classic_job_free(job);
    if (*ret_code == NO_ERROR)
        *ret_session = session;
    else
        session_free(session);
    return mpr_classic_answer_of(*ret_code);
}

/* --- disconnecting --- */

static void blame_still_connected(struct mpr_classic_job *job) {
    mpr_classic_blame(job, ERROR_UNEXP_NET_ERR,
                      "says that it disconnected %s, but still knows the connection",
                      work_of(job)->name);
}

/* That it is gone already is as good: it was to go. */
static void run_disconnect(struct mpr_classic_job *job) {
    const struct work *work = work_of(job);
    DWORD code;

    if (!mpr_classic_ready(job))
        return;
    code = cancel(job, work->force);
    if (work->force || code == NO_ERROR || code == ERROR_NOT_CONNECTED)
        disown(job);
    if (code != NO_ERROR && code != ERROR_NOT_CONNECTED)
        mpr_classic_answer(job, code, work->name);
    else if (can_ask(job) && is_connected(job))
        blame_still_connected(job);
}

uint32_t mpr_classic_disconnect(void *session, const struct mpr_call *call, int force) {
    struct session *self = session;
    struct mpr_classic_job *job = force ? MPR_TAKE(self->parting) : disconnect_job(self);
    uint32_t rc = ERROR_NOT_ENOUGH_MEMORY;

    if (job) {
        work_of(job)->force = force != 0;
        job->must_run = force != 0; /* who hangs now disconnects later */
        rc = mpr_classic_run(&job, call);
    }
    mpr_classic_job_free(job);
    if (force || rc == NO_ERROR)
        session_free(self);
    return rc;
}

static void run_cancel(struct mpr_classic_job *job) {
    const struct work *work = work_of(job);
    bool can_list = !work->is_device && (job->classic->enumeration & WNNC_ENUM_LOCAL) != 0;
    DWORD code;

    if (!mpr_classic_ready(job))
        return;
    if (job->classic->own_devices & own_bit(work)) {
        job->code = ERROR_NOT_CONNECTED; /* as far as this caller could know */
        return;
    }
    if (can_ask(job) && !ask_connection(job))
        return;
    if (can_list && !mpr_classic_lists(job, work->name)) {
        job->code = ERROR_NOT_CONNECTED;
        return;
    }
    code = cancel(job, work->force);
    mpr_classic_answer(job, code, work->name);
    if (code == NO_ERROR && can_ask(job) && is_connected(job))
        blame_still_connected(job);
}

DWORD mpr_classic_cancel(struct mpr_classic *classic, const struct mpr_call *call, const char *name,
                         bool is_device, bool force) {
    struct mpr_classic_job *job;
    DWORD rc;

    if (!classic->np.NPCancelConnection && !classic->np.NPCancelConnection2)
        return ERROR_NOT_CONNECTED;
    job = work_new(classic, run_cancel, name, is_device);
    if (!job)
        return ERROR_NOT_ENOUGH_MEMORY;
    work_of(job)->force = force;
    rc = mpr_classic_run(&job, call);
    mpr_classic_job_free(job);
    return rc;
}

/* --- performance --- */

static void run_performance(struct mpr_classic_job *job) {
    struct work *work = work_of(job);
    const struct mpr_classic_growth one = {1, sizeof(NETCONNECTINFOSTRUCT), 0};
    struct mpr_classic_buffer buffer;
    NETCONNECTINFOSTRUCT *info;
    DWORD code;

    if (!mpr_classic_ready(job) || !mpr_classic_buffer_new(job, &one, one.first, &buffer))
        return;
    info = buffer.memory;
    info->cbStructure = sizeof *info;
    code = MPR_CLASSIC_NP(job, NPGetConnectionPerformance, work->wide, info);
    if (!mpr_classic_buffer_kept(job, &buffer))
        return;
    mpr_classic_answer(job, code, work->name);
    work->performance = info;
}

uint32_t mpr_classic_performance(void *session, const struct mpr_call *call,
                                 struct mpr_performance *ret) {
    const DWORD known = WNCON_FORNETCARD | WNCON_NOTROUTED | WNCON_SLOWLINK | WNCON_DYNAMIC;
    struct session *self = session;
    struct mpr_classic_job *job = work_new(self->classic, run_performance, self->remote, false);
    uint32_t rc = job ? mpr_classic_run(&job, call) : ERROR_NOT_ENOUGH_MEMORY;

    if (rc == NO_ERROR) {
        const NETCONNECTINFOSTRUCT *info = work_of(job)->performance;

        ret->flags = info->dwFlags & known;
        ret->speed = info->dwSpeed;
        ret->delay_ms = info->dwDelay;
        ret->opt_data_size = info->dwOptDataSize;
    }
    mpr_classic_job_free(job);
    return rc;
}
