/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_turn.c: what the one thread does that has a session's gate:
 * commands, and a new worker for one that is gone.
 */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_call.h"
#include "router/mpr_shortage.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"
#include "router/mpr_worker_session.h"

#define COUNT(array)     (sizeof(array) / sizeof *(array))

/*
 * A worker that dies again at once is not made again at once: the pause doubles, up to
 * what whoever comes in it can wait for. An error at once would be worse than that: a
 * session that fails before the others have answered gets all that there is to do.
 */
#define BACKOFF_FIRST_NS (100 * MPR_NS_PER_MS)
#define BACKOFF_MAX_NS   MPR_NS_PER_S
#define BACKOFF_PART     4                     /* of the bound */
#define BACKOFF_WAIT_NS  (500 * MPR_NS_PER_MS) /* by who would only hear again who he is not */
#define LATE_NS          (100 * MPR_NS_PER_MS)

/* The two worlds, where an operation of one is carried out by means of the other. */
static const struct {
    int error;
    uint32_t code;
} codes[] = {
    {ECANCELED, ERROR_CANCELLED},           {ENOTCONN, ERROR_NOT_CONNECTED},
    {ETIMEDOUT, ERROR_BAD_NETPATH},         {EHOSTUNREACH, ERROR_BAD_NETPATH},
    {ENOTSUP, ERROR_NOT_SUPPORTED},         {ENOMEM, ERROR_NOT_ENOUGH_MEMORY},
    {EMFILE, ERROR_TOO_MANY_OPEN_FILES},    {EACCES, ERROR_LOGON_FAILURE},
    {EACCES, ERROR_ACCESS_DENIED},          {EACCES, ERROR_INVALID_PASSWORD},
    {EACCES, ERROR_BAD_USERNAME},           {EACCES, ERROR_ACCOUNT_DISABLED},
    {EACCES, ERROR_ACCOUNT_RESTRICTION},    {EACCES, ERROR_ACCOUNT_EXPIRED},
    {EACCES, ERROR_ACCOUNT_LOCKED_OUT},     {EACCES, ERROR_PASSWORD_EXPIRED},
    {EACCES, ERROR_PASSWORD_MUST_CHANGE},   {EACCES, ERROR_LOGON_NOT_GRANTED},
    {EACCES, ERROR_LOGON_TYPE_NOT_GRANTED},
};

uint32_t mpr_worker_code_of(int error) {
    for (size_t i = 0; i < COUNT(codes); i++)
        if (codes[i].error == error)
            return codes[i].code;
    return ERROR_EXTENDED_ERROR;
}

static int error_of(uint32_t code) {
    for (size_t i = COUNT(codes); i > 0; i--)
        if (codes[i - 1].code == code)
            return -codes[i - 1].error;
    return -EIO;
}

static struct mpr_worker_wait wait_of(const struct mpr_worker_session *session,
                                      const struct mpr_call *call) {
    return (struct mpr_worker_wait){call->deadline_ns, call->cancel_fd, session->abort_fd};
}

static void explain(const struct mpr_call *call, const struct mpr_failure *failure) {
    if (failure->set)
        mpr_host_table.set_error(call, failure->code, failure->text);
}

/* ---- the gate */

void mpr_worker_turn_let_go(struct mpr_worker_session *session) {
    bool last;

    mpr_lock(&session->lock);
    last = --session->users == 0 && session->ended;
    mpr_unlock(&session->lock);
    if (last)
        mpr_worker_session_free(session);
}

int mpr_worker_turn_enter(struct mpr_worker_session *session, const struct mpr_call *call) {
    struct mpr_worker_wait wait = wait_of(session, call);
    int rc = 0;

    /* Sockets and gate are the parent's; even its locks may be in any state. */
    if (session->pid != getpid())
        return -ENOTCONN;
    mpr_lock(&session->lock);
    if (session->aborted)
        rc = -ENOTCONN;
    else
        session->users++;
    mpr_unlock(&session->lock);
    if (rc)
        return rc;
    rc = mpr_worker_gate_enter(&session->gate, &wait);
    if (rc == 0 && mpr_now_ns() < call->deadline_ns)
        return 0;
    if (rc == 0)
        mpr_worker_gate_leave(&session->gate);
    mpr_worker_turn_let_go(session);
    return rc ? rc : -ETIMEDOUT;
}

void mpr_worker_turn_leave(struct mpr_worker_session *session) {
    mpr_worker_gate_leave(&session->gate);
    mpr_worker_turn_let_go(session);
}

/* ---- the worker */

void mpr_worker_turn_retire(struct mpr_worker_session *session, bool kill) {
    struct mpr_worker_process *process;

    mpr_lock(&session->lock);
    process = session->process;
    session->process = NULL;
    mpr_unlock(&session->lock);
    if (process)
        mpr_worker_process_free(process, kill);
}

void mpr_worker_turn_note_end(struct mpr_worker_session *session) {
    struct mpr_worker_source *source = session->provider->source;

    if (source->note_end)
        source->note_end(source, session->remote);
}

/* It was not sent, and a worker has nothing to do with that. */
static bool is_fault_of_message(int rc) {
    return rc == -EBADF || rc == -ETOOMANYREFS;
}

static int64_t fail_command(struct mpr_worker_session *session, struct mpr_worker_run *run,
                            int rc) {
    struct mpr_failure failure = {.set = false};

    if (rc == -EMSGSIZE)
        return -ENAMETOOLONG;
    if (rc != -ENOTCONN) {
        mpr_worker_process_explain(session->process, run->op, rc, &failure);
        mpr_trace("worker", "%s", failure.text);
        explain(run->call, &failure);
    }
    if (is_fault_of_message(rc))
        return rc;
    mpr_worker_turn_retire(session, true);
    session->died |= rc == -EPIPE || (rc == -EBADMSG && !run->begun);
    if (rc == -EPIPE)
        mpr_worker_turn_note_end(session);
    return rc == -EPIPE || rc == -EBADMSG ? -EIO : rc;
}

/*
 * A command that was stopped has failed in whatever way its module saw that.
 * If it was not we who stopped it, its deadline did.
 */
static void call_it_what_it_is(struct mpr_worker_run *run) {
    struct mpr_wire_reply *reply = &run->reply;

    if (reply->result < 0 && run->stopping) {
        reply->result = -ECANCELED;
    } else if (reply->result < 0 && (reply->broken || reply->result == -ECANCELED)) {
        reply->result = -ETIMEDOUT;
    } else if (reply->answer != MPR_DONE && run->stopping) {
        reply->answer = MPR_MINE_FAILED;
        reply->result = ERROR_CANCELLED;
    } else if (reply->answer != MPR_DONE && reply->result == ERROR_CANCELLED) {
        reply->answer = MPR_NOT_MINE;
        reply->result = mpr_worker_code_of(ETIMEDOUT);
    }
}

int64_t mpr_worker_turn_run(struct mpr_worker_session *session, struct mpr_worker_run *run) {
    int rc;

    run->wait = wait_of(session, run->call);
    run->stopping = false;
    run->error = 0;
    rc = mpr_worker_process_run(session->process, run);
    if (rc)
        return fail_command(session, run, rc);
    call_it_what_it_is(run);
    if (run->reply.lost)
        mpr_host_table.connection_lost(session->host_connection, run->reply.lost_code);
    /* A session that was lost does not come back by itself: the next operation builds another. */
    if (run->reply.broken || run->reply.lost)
        mpr_worker_turn_retire(session, true);
    return run->error ? run->error : run->reply.result;
}

/* Puts a new worker into the session, unless that was aborted meanwhile. */
static bool adopt(struct mpr_worker_session *session, struct mpr_worker_process *process) {
    bool aborted;

    mpr_lock(&session->lock);
    aborted = session->aborted;
    if (!aborted)
        session->process = process;
    mpr_unlock(&session->lock);
    if (aborted)
        mpr_worker_process_free(process, true);
    return !aborted;
}

static enum mpr_answer send_connect(struct mpr_worker_session *session, const struct mpr_call *call,
                                    uint32_t *ret_code) {
    struct mpr_wire_connect_args args = {
        .remote = session->remote,
        .device = session->device,
        .user = session->user,
        .type = session->type,
        .flags = session->flags,
        .use_options = {session->use_options, session->use_options_size},
    };
    struct mpr_wire_connect_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(connect, &args, &ret), .call = call};
    int64_t rc;

    run.secret_fd = session->secret_fd;
    rc = mpr_worker_turn_run(session, &run);
    if (rc >= 0) {
        *ret_code = (uint32_t)rc;
        return (enum mpr_answer)run.reply.answer;
    }
    *ret_code = mpr_worker_code_of((int)-rc);
    return rc == -ETIMEDOUT ? MPR_NOT_MINE : MPR_MINE_FAILED;
}

uint32_t mpr_worker_turn_start(struct mpr_worker_session *session, const struct mpr_call *call) {
    struct mpr_worker_provider *provider = session->provider;
    struct mpr_worker_wait wait = wait_of(session, call);
    struct mpr_worker_process *process;
    struct mpr_failure failure = {.set = false};
    uint32_t code;

    session->started_ns = mpr_now_ns();
    code = mpr_worker_process_start(provider->source, session->remote, &wait, provider->data_size,
                                    &failure, &process);
    session->died |= code == ERROR_EXTENDED_ERROR || code == ERROR_DLL_INIT_FAILED;
    if (code != NO_ERROR)
        explain(call, &failure);
    else if (!adopt(session, process))
        code = ERROR_NOT_CONNECTED;
    return code;
}

/*
 * A provider that cannot be run is no reason not to ask another one; what this machine
 * lacks for it is: by and by the name would be another's, and then this one's again.
 */
enum mpr_answer mpr_worker_turn_answer(uint32_t code) {
    return code == ERROR_CANCELLED || code == ERROR_NOT_CONNECTED || mpr_shortage_is(code)
               ? MPR_MINE_FAILED
               : MPR_NOT_MINE;
}

enum mpr_answer mpr_worker_turn_connect(struct mpr_worker_session *session,
                                        const struct mpr_call *call, uint32_t *ret_code) {
    enum mpr_answer answer;

    *ret_code = mpr_worker_turn_start(session, call);
    if (*ret_code != NO_ERROR)
        return mpr_worker_turn_answer(*ret_code);
    answer = send_connect(session, call, ret_code);
    if (answer == MPR_DONE && !session->process) {
        answer = MPR_MINE_FAILED;
        *ret_code = ERROR_NETNAME_DELETED;
    }
    if (answer != MPR_DONE)
        mpr_worker_turn_retire(session, true);
    session->generation++;
    return answer;
}

/* ---- a new one for a lost one */

static int wait_for_backoff(struct mpr_worker_session *session, const struct mpr_call *call) {
    struct mpr_worker_wait pause = wait_of(session, call);
    int64_t left_ns = session->not_before_ns - mpr_now_ns();
    int rc;

    if (left_ns <= 0)
        return 0;
    if (session->refused && left_ns > BACKOFF_WAIT_NS)
        return -EACCES;
    if (session->not_before_ns < call->deadline_ns)
        pause.deadline_ns = session->not_before_ns;
    rc = mpr_worker_wait_for(&pause, -1);
    return rc == -ETIMEDOUT && mpr_now_ns() < call->deadline_ns ? 0 : rc;
}

static void set_backoff(struct mpr_worker_session *session) {
    int64_t part_ns = session->provider->io_timeout_ms * MPR_NS_PER_MS / BACKOFF_PART;
    int64_t most_ns = part_ns < BACKOFF_MAX_NS ? part_ns : BACKOFF_MAX_NS;
    int64_t now_ns = mpr_now_ns();

    if (now_ns - session->started_ns > session->provider->well_ns || !session->backoff_ns)
        session->backoff_ns = BACKOFF_FIRST_NS;
    else
        session->backoff_ns *= 2;
    if (session->backoff_ns > most_ns)
        session->backoff_ns = most_ns;
    session->not_before_ns = now_ns + session->backoff_ns;
}

/* A share that is closed to the user for a while is asked for again: that locks no account. */
static bool is_refusal(uint32_t code) {
    return error_of(code) == -EACCES && code != ERROR_ACCESS_DENIED;
}

/* What is wrong if there is no session: nothing was done. */
static int error_of_connect(const struct mpr_worker_session *session, const struct mpr_call *call,
                            uint32_t code) {
    int error = error_of(code);

    /* The module speaks up a little before its caller's deadline. */
    if (mpr_now_ns() + LATE_NS >= call->deadline_ns)
        return -ETIMEDOUT;
    return error == -EIO && !session->died ? -EHOSTUNREACH : error;
}

int mpr_worker_turn_prepare(struct mpr_worker_session *session, const struct mpr_call *call) {
    uint32_t code;
    int rc;

    if (session->process && mpr_worker_process_alive(session->process))
        return 0;
    mpr_worker_turn_retire(session, true);
    /* Once more with the same password could lock the account; a ticket may be new. */
    if (session->refused && session->secret_fd >= 0)
        return -EACCES;
    rc = wait_for_backoff(session, call);
    if (rc)
        return rc;
    set_backoff(session);
    if (mpr_worker_turn_connect(session, call, &code) != MPR_DONE) {
        session->refused = is_refusal(code);
        /* It is the server that is not there, and no worker that dies: it may be back soon. */
        if (code == ERROR_BAD_NETPATH)
            session->backoff_ns = 0;
        return error_of_connect(session, call, code);
    }
    session->refused = false;
    mpr_trace("worker", "%s: a new worker for %s", session->provider->source->name,
              session->remote);
    if (session->process->max_io < session->max_io) {
        mpr_worker_turn_retire(session, true);
        return -EIO;
    }
    return 0;
}
