/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_session.c: sessions and open files, over the workers that they are in.
 */
#include "config.h"

#include "router/mpr_worker_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_call.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"

/* A healthy worker says goodbye to its server in a fraction of this. */
#define FORCED_END_MS 50
/* Workers may die of the operation itself: it is not given to one after the other for ever. */
#define TRIES         3u

/* ---- life */

static bool copy_text(char **ret, const char *text) {
    *ret = text ? strdup(text) : NULL;
    return *ret || !text;
}

static bool copy_options(struct mpr_worker_session *session, const struct mpr_connect *args) {
    if (!args->use_options_size)
        return true;
    session->use_options = malloc(args->use_options_size);
    if (!session->use_options)
        return false;
    memcpy(session->use_options, args->use_options, args->use_options_size);
    session->use_options_size = args->use_options_size;
    return true;
}

static int fill_session(struct mpr_worker_session *session, const struct mpr_call_data *data,
                        const struct mpr_connect *args) {
    session->secret_fd = mpr_secret_duplicate(data->secret_fd);
    if (session->secret_fd < MPR_SECRET_NONE)
        return -errno;
    session->abort_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (session->abort_fd < 0)
        return -errno;
    return copy_text(&session->remote, args->remote) && copy_text(&session->device, args->device)
                   && copy_text(&session->user, args->user) && copy_options(session, args)
               ? 0
               : -ENOMEM;
}

/* Returns 0 or -errno, explained to call. */
static int make_session(struct mpr_worker_provider *provider, const struct mpr_call *call,
                        const struct mpr_connect *args, struct mpr_worker_session **ret_session) {
    struct mpr_worker_session *session = calloc(1, sizeof *session);
    struct mpr_failure failure;
    int rc = session ? mpr_worker_gate_init(&session->gate) : -ENOMEM;

    if (rc == 0) {
        pthread_mutex_init(&session->lock.mutex, NULL);
        session->provider = provider;
        session->pid = getpid();
        session->type = args->type;
        session->flags = args->flags;
        session->host_connection = args->host_connection;
        session->abort_fd = -1;
        rc = fill_session(session, call->host_data, args);
        if (rc)
            mpr_worker_session_free(session);
    } else {
        free(session);
    }
    if (rc == 0) {
        *ret_session = session;
        return 0;
    }
    mpr_worker_process_say_none(provider->source, -rc, &failure);
    mpr_host_table.set_error(call, failure.code, failure.text);
    return rc;
}

static void free_files(struct mpr_worker_file *files) {
    while (files) {
        struct mpr_worker_file *file = files;

        files = file->next;
        free(file);
    }
}

void mpr_worker_session_free(struct mpr_worker_session *session) {
    free_files(session->files);
    free_files(session->abandoned);
    if (session->process)
        mpr_worker_process_free(session->process, false);
    if (session->abort_fd >= 0)
        close(session->abort_fd);
    mpr_secret_close(session->secret_fd);
    free(session->remote);
    free(session->device);
    free(session->user);
    free(session->use_options);
    pthread_mutex_destroy(&session->lock.mutex);
    mpr_worker_gate_clear(&session->gate);
    free(session);
}

enum mpr_answer mpr_worker_session_new(struct mpr_worker_provider *provider,
                                       const struct mpr_call *call, const struct mpr_connect *args,
                                       struct mpr_worker_session **ret_session,
                                       uint32_t *ret_code) {
    struct mpr_worker_session *session;
    enum mpr_answer answer;
    int rc = make_session(provider, call, args, &session);

    if (rc) {
        *ret_code = mpr_worker_code_of(-rc);
        return MPR_MINE_FAILED;
    }
    answer = mpr_worker_turn_connect(session, call, ret_code);
    if (answer != MPR_DONE) {
        mpr_worker_session_free(session);
        return answer;
    }
    session->slots = session->process->slots;
    session->max_io = session->process->max_io;
    *ret_session = session;
    return MPR_DONE;
}

static bool is_aborted(struct mpr_worker_session *session) {
    bool aborted;

    mpr_lock(&session->lock);
    aborted = session->aborted;
    mpr_unlock(&session->lock);
    return aborted;
}

static bool has_op(const struct mpr_worker_session *session, enum mpr_wire_op op) {
    return (session->slots >> op & 1) != 0;
}

int64_t mpr_worker_session_ask(struct mpr_worker_provider *provider, struct mpr_worker_run *run) {
    const struct mpr_connect nothing = {.size = sizeof nothing};
    struct mpr_worker_session *session;
    uint32_t code;
    int64_t rc = make_session(provider, run->call, &nothing, &session);

    if (rc)
        return rc;
    rc = -ENOTSUP;
    code = mpr_worker_turn_start(session, run->call);
    if (code != NO_ERROR) {
        run->reply.answer = mpr_worker_turn_answer(code);
        rc = code;
    } else if (session->process->slots >> run->op & 1) {
        rc = mpr_worker_turn_run(session, run);
    }
    mpr_worker_session_free(session);
    return rc;
}

/* ---- open files */

static int64_t run_fstat(struct mpr_worker_session *session, const struct mpr_call *call,
                         uint64_t number, struct mpr_stat *ret) {
    struct mpr_wire_fstat_args args = {.file = number};
    struct mpr_wire_fstat_ret got;
    struct mpr_worker_run run = {MPR_WORKER_RUN(fstat, &args, &got), .call = call};
    int64_t rc = mpr_worker_turn_run(session, &run);

    if (rc == 0)
        *ret = got.facts;
    return rc;
}

static int64_t run_close(struct mpr_worker_session *session, const struct mpr_call *call,
                         uint64_t number) {
    struct mpr_wire_close_args args = {.file = number};
    struct mpr_wire_close_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(close, &args, &ret), .call = call};

    return mpr_worker_turn_run(session, &run);
}

static bool is_same(const struct mpr_stat *a, const struct mpr_stat *b) {
    return a->size == b->size && a->mtime_ns == b->mtime_ns
           && (!(a->valid & b->valid & MPR_STAT_INO) || a->ino == b->ino);
}

/* What that file is now cannot be said while there is nobody to ask. */
static int64_t say_lost(const struct mpr_worker_session *session, int64_t rc) {
    bool unknown = session->died || rc == -ENOTCONN || rc == -ETIMEDOUT || rc == -ECANCELED;

    return unknown ? rc : -EIO;
}

/*
 * Opens a file again that was open in a worker that is gone. Only if nobody can
 * tell: it is only read, and the same as when it was read before.
 */
static int64_t revive(struct mpr_worker_session *session, const struct mpr_call *call,
                      struct mpr_worker_file *file) {
    struct mpr_wire_open_args args = {.path = file->path, .flags = O_RDONLY};
    struct mpr_wire_open_ret opened;
    struct mpr_worker_run run = {MPR_WORKER_RUN(open, &args, &opened), .call = call};
    struct mpr_stat now;
    int64_t rc;

    if (!file->read_only || (file->used && !file->has_facts))
        return -EIO;
    rc = mpr_worker_turn_run(session, &run);
    if (rc == 0 && file->has_facts)
        rc = run_fstat(session, call, opened.file, &now);
    if (rc || !session->process)
        return say_lost(session, rc);
    if (file->has_facts && !is_same(&file->facts, &now)) {
        run_close(session, call, opened.file);
        return -EIO;
    }
    file->number = opened.file;
    file->generation = session->generation;
    return 0;
}

/* What was said of an attempt does not belong to what comes of the next one. */
static void forget_failure(const struct mpr_call *call) {
    struct mpr_call_data *data = call->host_data;

    data->failure.set = false;
}

static bool is_new(const struct mpr_worker_run *run) {
    return run->op == MPR_WIRE_OP_open || run->op == MPR_WIRE_OP_print;
}

static void add_file(struct mpr_worker_session *session, struct mpr_worker_file *file,
                     uint64_t number) {
    file->number = number;
    file->generation = session->generation;
    mpr_lock(&session->lock);
    file->next = session->files;
    session->files = file;
    mpr_unlock(&session->lock);
}

/*
 * What is known of a file when its worker is lost decides whether it can be
 * opened again. Asking costs a round trip to the server, so that is done once,
 * only for a file that one read has not finished, and not when time is short: a
 * question that comes too late would cost the worker.
 */
static bool is_time_to_ask(const struct mpr_worker_session *session,
                           const struct mpr_worker_run *run) {
    int64_t left_ns = run->call->deadline_ns - mpr_now_ns();

    return run->in_size && (size_t)run->reply.result == run->in_size
           && has_op(session, MPR_WIRE_OP_fstat) && session->process && left_ns > MPR_NS_PER_S;
}

static void learn(struct mpr_worker_session *session, const struct mpr_worker_run *run,
                  struct mpr_worker_file *file) {
    const struct mpr_wire_fstat_ret *got = run->ret;

    if (run->op != MPR_WIRE_OP_pread && run->op != MPR_WIRE_OP_fstat)
        return;
    file->used = true;
    if (!file->read_only || file->has_facts)
        return;
    if (run->op == MPR_WIRE_OP_fstat) {
        file->facts = got->facts;
        file->has_facts = true;
    } else if (is_time_to_ask(session, run)) {
        file->has_facts = run_fstat(session, run->call, file->number, &file->facts) == 0;
    }
}

static void close_abandoned(struct mpr_worker_session *session, const struct mpr_call *call) {
    struct mpr_worker_file *files;

    mpr_lock(&session->lock);
    files = session->abandoned;
    session->abandoned = NULL;
    mpr_unlock(&session->lock);
    for (const struct mpr_worker_file *file = files; file; file = file->next)
        if (session->process && file->generation == session->generation)
            run_close(session, call, file->number);
    free_files(files);
}

/* With a worker that lives, and a file that is open there. */
static int64_t attempt(struct mpr_worker_session *session, struct mpr_worker_run *run,
                       struct mpr_worker_file *file, uint64_t *file_number) {
    int64_t rc;

    session->died = run->begun = false;
    close_abandoned(session, run->call);
    rc = mpr_worker_turn_prepare(session, run->call);
    if (rc == 0 && file && !is_new(run)) {
        if (file->generation != session->generation)
            rc = revive(session, run->call, file);
        *file_number = file->number;
    }
    if (rc)
        return rc;
    rc = mpr_worker_turn_run(session, run);
    if (rc >= 0 && file && is_new(run))
        add_file(session, file, *file_number);
    else if (rc >= 0 && file)
        learn(session, run, file);
    return rc;
}

/* Can it be done twice, if it is unknown whether it was done once? */
static bool is_repeatable(const struct mpr_worker_run *run) {
    const struct mpr_wire_open_args *opened = run->args;

    switch ((int)run->op) {
    case MPR_WIRE_OP_open:
        return !(opened->flags & O_EXCL);
    case MPR_WIRE_OP_readdir:
        return !run->given;
    case MPR_WIRE_OP_pread:
    case MPR_WIRE_OP_stat:
    case MPR_WIRE_OP_lstat:
    case MPR_WIRE_OP_fstat:
    case MPR_WIRE_OP_readlink:
    case MPR_WIRE_OP_statvfs:
    case MPR_WIRE_OP_truncate:
    case MPR_WIRE_OP_chmod:
    case MPR_WIRE_OP_chown:
    case MPR_WIRE_OP_utimens:
    case MPR_WIRE_OP_user:
    case MPR_WIRE_OP_performance:
        return true;
    default:
        return false;
    }
}

/* There was nobody to do it: the worker has died, or its module has lost its server. */
static bool is_to_repeat(struct mpr_worker_session *session, const struct mpr_worker_run *run,
                         int64_t rc) {
    if ((!session->died && rc != -ENOTCONN) || is_aborted(session))
        return false;
    return (!run->begun || is_repeatable(run)) && mpr_now_ns() < run->call->deadline_ns;
}

int64_t mpr_worker_session_run(struct mpr_worker_session *session, struct mpr_worker_run *run,
                               struct mpr_worker_file *file, uint64_t *file_number) {
    int64_t rc;

    if (!has_op(session, run->op))
        return -ENOTSUP;
    rc = mpr_worker_turn_enter(session, run->call);
    if (rc)
        return rc;
    for (unsigned tries = 1;; tries++) {
        rc = attempt(session, run, file, file_number);
        /* A server that was lost, perhaps long ago, needs a new session. */
        if (rc == -ENOTCONN)
            mpr_worker_turn_retire(session, true);
        if (tries == TRIES || !is_to_repeat(session, run, rc))
            break;
        forget_failure(run->call);
    }
    if (rc == -ENOTCONN)
        rc = is_repeatable(run) ? -EHOSTUNREACH : -EIO;
    /* Whatever it was that failed: it failed because of that. */
    if (rc < 0 && is_aborted(session))
        rc = -ENOTCONN;
    mpr_worker_turn_leave(session);
    return rc;
}

static void unlink_file(struct mpr_worker_session *session, struct mpr_worker_file *file,
                        bool abandon) {
    struct mpr_worker_file **at;

    mpr_lock(&session->lock);
    for (at = &session->files; *at && *at != file; at = &(*at)->next)
        ;
    if (*at)
        *at = file->next;
    if (abandon) {
        file->next = session->abandoned;
        session->abandoned = file;
    }
    mpr_unlock(&session->lock);
    if (!abandon)
        free(file);
}

int mpr_worker_session_close(struct mpr_worker_session *session, const struct mpr_call *call,
                             struct mpr_worker_file *file) {
    const int lost = file->read_only ? 0 : -EIO;
    int64_t rc;

    if (session->pid != getpid())
        return -ENOTCONN;
    rc = mpr_worker_turn_enter(session, call);
    if (rc == 0) {
        session->died = false;
        /* A new worker would know nothing of it. */
        if (!session->process || file->generation != session->generation
            || !mpr_worker_process_alive(session->process)) {
            mpr_worker_turn_note_end(session);
            rc = lost;
        } else {
            rc = run_close(session, call, file->number);
        }
        if (rc == -ENOTCONN || session->died) {
            mpr_worker_turn_retire(session, true);
            rc = is_aborted(session) ? -ENOTCONN : lost;
        }
        unlink_file(session, file, false);
        mpr_worker_turn_leave(session);
    } else {
        unlink_file(session, file, true);
    }
    return (int)rc;
}

bool mpr_worker_session_is_alive(struct mpr_worker_session *session) {
    bool alive;

    mpr_lock(&session->lock);
    alive = session->process && mpr_worker_process_alive(session->process);
    mpr_unlock(&session->lock);
    return alive;
}

/* ---- the end */

void mpr_worker_session_abort(struct mpr_worker_session *session) {
    if (session->pid != getpid())
        return;
    mpr_lock(&session->lock);
    session->aborted = true;
    if (session->process)
        mpr_worker_process_kill(session->process);
    mpr_unlock(&session->lock);
    eventfd_write(session->abort_fd, 1);
}

static uint32_t end_worker(struct mpr_worker_session *session, const struct mpr_call *call,
                           bool force) {
    struct mpr_wire_disconnect_args args = {.force = force};
    struct mpr_wire_disconnect_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(disconnect, &args, &ret), .call = call};
    int64_t rc;

    if (!session->process || !mpr_worker_process_alive(session->process))
        return NO_ERROR;
    if (force)
        run.grace_ms = 0;
    rc = mpr_worker_turn_run(session, &run);
    if (rc == -ECANCELED)
        return ERROR_CANCELLED;
    /* A server that is silent, or a worker that is dead, is no reason to fail. */
    if (rc < 0 || run.reply.answer == MPR_NOT_MINE)
        return NO_ERROR;
    if (run.reply.answer == MPR_DONE)
        mpr_worker_turn_retire(session, false);
    return (uint32_t)rc;
}

uint32_t mpr_worker_session_end(struct mpr_worker_session *session, const struct mpr_call *call,
                                bool force) {
    struct mpr_call soon = *call;
    uint32_t code = NO_ERROR;
    bool last;
    int rc;

    if (session->pid != getpid()) {
        mpr_worker_session_free(session);
        return NO_ERROR;
    }
    if (force) {
        soon.deadline_ns = mpr_deadline_in_ms(FORCED_END_MS);
        soon.cancel_fd = -1;
    }
    rc = mpr_worker_turn_enter(session, &soon);
    if (rc == 0) {
        code = end_worker(session, &soon, force);
        mpr_worker_turn_leave(session);
    } else if (rc == -ECANCELED) {
        code = ERROR_CANCELLED;
    }
    if (code != NO_ERROR && !force)
        return code;
    mpr_worker_session_abort(session);
    mpr_lock(&session->lock);
    session->ended = true;
    last = session->users == 0;
    mpr_unlock(&session->lock);
    if (last)
        mpr_worker_session_free(session);
    return NO_ERROR;
}
