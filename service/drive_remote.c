/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_remote.c: the sessions of a drive. A provider that takes one call at a time in a
 * session gets more of them when that one is busy, up to options.sessions, with the same
 * arguments and secret.
 */
#include "config.h"

#include "service/drive_remote.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_secret.h"
#include "router/mpr_shortage.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"
#include "service/worker.h"

#define FORCED_MS 30   /* for operations that are being aborted */
#define POLITE_MS 1000 /* to say goodbye to a server that may not be there */

/* ---- the arguments of connect, kept */

static bool copy_text(char **ret, const char *text) {
    *ret = text ? strdup(text) : NULL;
    return *ret || !text;
}

static void free_remote(struct drive_remote *remote) {
    if (remote->abort_fd >= 0)
        close(remote->abort_fd);
    mpr_secret_close(remote->secret_fd);
    free(remote->name);
    free(remote->device);
    free(remote->user);
    free(remote->use_options);
    pthread_cond_destroy(&remote->changed);
    pthread_mutex_destroy(&remote->lock.mutex);
    free(remote);
}

static bool copy_arguments(struct drive_remote *remote, const struct mpr_connect *args) {
    remote->type = args->type;
    remote->flags = args->flags;
    if (args->use_options_size) {
        remote->use_options = malloc(args->use_options_size);
        if (!remote->use_options)
            return false;
        memcpy(remote->use_options, args->use_options, args->use_options_size);
        remote->use_options_size = args->use_options_size;
    }
    return copy_text(&remote->name, args->remote) && copy_text(&remote->device, args->device)
           && copy_text(&remote->user, args->user);
}

/* Returns 0 or -errno. */
static int make_remote(const struct mpr_connect *args, int secret_fd,
                       struct drive_remote **ret_remote) {
    struct drive_remote *remote = calloc(1, sizeof *remote);
    int rc = 0;

    if (!remote)
        return -ENOMEM;
    pthread_mutex_init(&remote->lock.mutex, NULL);
    mpr_cond_init(&remote->changed);
    remote->abort_fd = -1;
    remote->secret_fd = mpr_secret_duplicate(secret_fd);
    if (remote->secret_fd >= MPR_SECRET_NONE)
        remote->abort_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (remote->abort_fd < 0)
        rc = -errno;
    else if (!copy_arguments(remote, args))
        rc = -ENOMEM;
    if (rc)
        free_remote(remote);
    else
        *ret_remote = remote;
    return rc;
}

/* This machine lacks what a session needs. */
static enum mpr_answer fail_here(const struct drive *drive, const struct mpr_call *call, int error,
                                 uint32_t *ret_code) {
    char words[MPR_SHORTAGE_MAX];

    drive_explain(call, (uint32_t)error, "No drive for %s could be had: %s.", drive->np->name,
                  mpr_shortage_words(error, words));
    *ret_code = mpr_shortage_code(error, ERROR_NOT_ENOUGH_MEMORY);
    return MPR_MINE_FAILED;
}

/* ---- connecting */

static enum mpr_answer connect_session(struct drive *drive, struct mpr_call *call,
                                       void **ret_session, uint32_t *ret_code) {
    const struct drive_remote *remote = drive->remote;
    struct mpr_connect args = {
        .size = sizeof args,
        .type = remote->type,
        .flags = remote->flags,
        .remote = remote->name,
        .device = remote->device,
        .user = remote->user,
        .host_connection = drive,
        .use_options = remote->use_options,
        .use_options_size = remote->use_options_size,
    };
    enum mpr_answer answer;

    *ret_code = ERROR_BUSY;
    if (!mpr_np_enter(drive->np, call))
        return MPR_MINE_FAILED;
    answer = drive->np->table->connect(drive->np->state, call, &args, ret_session, ret_code);
    mpr_np_leave(drive->np);
    return answer;
}

/* The outer call is who is told in words; force: whatever comes of it. */
static uint32_t end_session(struct drive *drive, void *session, const struct mpr_call *call,
                            bool force) {
    struct mpr_call_data data;
    struct mpr_call own;
    uint32_t code;

    mpr_call_begin(&own, &data, drive->np->name, call->deadline_ns, call->cancel_fd,
                   MPR_SECRET_NONE);
    if (!mpr_np_enter(drive->np, &own))
        return ERROR_BUSY;
    code = drive->np->table->disconnect(session, &own, force);
    mpr_np_leave(drive->np);
    if (force)
        return NO_ERROR;
    if (code != NO_ERROR && data.failure.set)
        drive_explain(call, data.failure.code, "%s", data.failure.text);
    return code;
}

/* False: the drive has ended meanwhile. */
static bool add_session(struct drive *drive, void *session) {
    struct drive_remote *remote = drive->remote;
    bool added;

    mpr_lock(&remote->lock);
    added = !atomic_load(&drive->ended);
    if (added)
        remote->sessions[remote->count++] = (struct drive_session){.session = session};
    mpr_unlock(&remote->lock);
    return added;
}

enum mpr_answer drive_remote_connect(struct drive *drive, const struct mpr_call *call,
                                     const struct mpr_connect *args, uint32_t *ret_code) {
    const struct worker *worker = call->host_data;
    struct drive_remote *remote = NULL;
    struct mpr_call_data data;
    struct mpr_call own;
    enum mpr_answer answer;
    void *session;
    int rc = make_remote(args, worker ? worker->secret_fd : MPR_SECRET_NONE, &remote);

    if (rc)
        return fail_here(drive, call, -rc, ret_code);
    drive->remote = remote;
    mpr_call_begin(&own, &data, drive->np->name, call->deadline_ns, call->cancel_fd,
                   remote->secret_fd);
    answer = connect_session(drive, &own, &session, ret_code);
    if (answer == MPR_DONE && !add_session(drive, session)) {
        end_session(drive, session, &own, true);
        *ret_code = ERROR_CANCELLED;
        answer = MPR_MINE_FAILED;
    }
    if (answer != MPR_DONE) {
        if (data.failure.set)
            drive_explain(call, data.failure.code, "%s", data.failure.text);
        drive->remote = NULL;
        free_remote(remote);
    }
    return answer;
}

enum mpr_answer drive_remote_connect_again(struct drive *drive, struct mpr_call *call,
                                           uint32_t *ret_code) {
    enum mpr_answer answer;
    void *session;

    answer = connect_session(drive, call, &session, ret_code);
    if (answer == MPR_DONE && !add_session(drive, session))
        end_session(drive, session, call, true);
    return answer;
}

/* ---- the end */

void drive_remote_abort(struct drive *drive) {
    struct drive_remote *remote = drive->remote;

    atomic_store(&drive->ended, true);
    if (!remote)
        return;
    eventfd_write(remote->abort_fd, 1);
    mpr_lock(&remote->lock);
    /* Which waits for nothing, by its contract. */
    for (unsigned i = 0; i < remote->count; i++)
        if (remote->sessions[i].session && drive->np->table->abort)
            drive->np->table->abort(remote->sessions[i].session);
    pthread_cond_broadcast(&remote->changed);
    mpr_unlock(&remote->lock);
}

/* Takes a session that nobody uses any more. NULL: somebody still does. */
static void *take_session(struct drive_remote *remote, struct drive_session *session,
                          int64_t deadline_ns) {
    void *taken = NULL;

    mpr_lock(&remote->lock);
    while (session->busy && mpr_cond_wait(&remote->changed, &remote->lock, deadline_ns))
        ;
    if (!session->busy) {
        taken = session->session;
        session->session = NULL;
    }
    mpr_unlock(&remote->lock);
    return taken;
}

/* Whoever wants the session meanwhile waits. False: it is in use too long, or gone. */
static bool occupy_session(struct drive_remote *remote, struct drive_session *session,
                           int64_t deadline_ns) {
    bool occupied;

    mpr_lock(&remote->lock);
    while (session->busy && mpr_cond_wait(&remote->changed, &remote->lock, deadline_ns))
        ;
    occupied = !session->busy && session->session;
    if (occupied)
        session->busy = 1;
    mpr_unlock(&remote->lock);
    return occupied;
}

static void vacate_session(struct drive_remote *remote, struct drive_session *session, bool gone) {
    mpr_lock(&remote->lock);
    session->busy = 0;
    if (gone)
        session->session = NULL;
    pthread_cond_broadcast(&remote->changed);
    mpr_unlock(&remote->lock);
}

/* With the first session, which is the one that there has always been. */
static uint32_t ask_to_end(struct drive *drive, const struct mpr_call *call) {
    struct drive_remote *remote = drive->remote;
    struct drive_session *session = &remote->sessions[0];
    uint32_t code;

    if (!occupy_session(remote, session, call->deadline_ns))
        return NO_ERROR;
    code = end_session(drive, session->session, call, false);
    /* One that was not done in time refuses nothing. */
    if (code != NO_ERROR && mpr_now_ns() >= call->deadline_ns)
        code = end_session(drive, session->session, call, true);
    vacate_session(remote, session, code == NO_ERROR);
    return code;
}

uint32_t drive_remote_disconnect(struct drive *drive, const struct mpr_call *call, bool force) {
    struct drive_remote *remote = drive->remote;
    struct mpr_call soon = *call;
    uint32_t code;

    if (!remote)
        return NO_ERROR;
    force |= atomic_load(&drive->lost) || atomic_load(&drive->ended);
    soon.deadline_ns = mpr_deadline_in_ms(force ? FORCED_MS : POLITE_MS);
    code = force ? NO_ERROR : ask_to_end(drive, &soon);
    if (code != NO_ERROR)
        return code;
    if (force)
        drive_remote_abort(drive);
    atomic_store(&drive->ended, true);
    eventfd_write(remote->abort_fd, 1);
    drive_remote_end_helpers(remote, soon.deadline_ns);
    for (unsigned i = 0; i < DRIVE_SESSIONS_MAX; i++) {
        void *session = take_session(remote, &remote->sessions[i], soon.deadline_ns);

        /* One that is still in use, though aborted, ends with the process. */
        if (session && end_session(drive, session, &soon, force) != NO_ERROR)
            end_session(drive, session, &soon, true);
    }
    return NO_ERROR;
}

bool drive_remote_free(struct drive *drive) {
    struct drive_remote *remote = drive->remote;
    bool used = false;

    if (!remote)
        return true;
    mpr_lock(&remote->lock);
    for (unsigned i = 0; i < remote->count; i++)
        used |= remote->sessions[i].session || remote->sessions[i].busy;
    used |= remote->maker.there || remote->prober.there;
    mpr_unlock(&remote->lock);
    if (used)
        return false;
    drive->remote = NULL;
    free_remote(remote);
    return true;
}
