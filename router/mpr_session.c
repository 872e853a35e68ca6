/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session.c: the driver "session".
 *
 * A call has a socket for itself, so that calls of different threads do not wait for
 * each other; a few are kept for the next calls. A call may last as long as the
 * service works on it. Whether it still lives is asked on another connection.
 */
#include "config.h"

#include "router/mpr_session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_config.h"
#include "router/mpr_conntab.h"
#include "router/mpr_error.h"
#include "router/mpr_handle.h"
#include "router/mpr_lock.h"
#include "router/mpr_session_files.h"
#include "router/mpr_session_socket.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"

#define IDLE_MAX    4    /* connections that are kept */
#define PATIENCE_MS 1000 /* then a service that has not replied is pinged, again and again */

struct mpr_session {
    struct mpr_paths *paths;
    struct mpr_config *config;
    struct mpr_session_files *files;
    int stop_fd; /* an eventfd, readable once the router of this process ends */
    struct mpr_lock lock;
    /* under lock: */
    struct mpr_session_line idle[IDLE_MAX];
    size_t idle_count;
};

/* ---- connections */

static bool pop_idle(struct mpr_session *session, struct mpr_session_line *ret_line) {
    bool got;

    mpr_lock(&session->lock);
    got = session->idle_count != 0;
    if (got)
        *ret_line = session->idle[--session->idle_count];
    mpr_unlock(&session->lock);
    return got;
}

static DWORD take_line(struct mpr_session *session, struct mpr_session_line *ret_line) {
    bool absent;

    while (pop_idle(session, ret_line)) {
        if (mpr_session_is_idle(ret_line))
            return NO_ERROR;
        mpr_session_hang_up(ret_line);
    }
    return mpr_session_connect(session->paths->runtime, ret_line, &absent);
}

static void give_back(struct mpr_session *session, struct mpr_session_line *line) {
    bool kept = false;

    line->pooled = true;
    mpr_lock(&session->lock);
    if (session->idle_count < IDLE_MAX) {
        session->idle[session->idle_count++] = *line;
        kept = true;
    }
    mpr_unlock(&session->lock);
    if (!kept)
        mpr_session_hang_up(line);
}

static void hang_up_idle(struct mpr_session *session) {
    struct mpr_session_line line;

    while (pop_idle(session, &line))
        mpr_session_hang_up(&line);
}

/* ---- calls */

static DWORD say_failed(int error, const struct mpr_session_line *line) {
    switch (-error) {
    case ENOTCONN:
        return mpr_error_say(ERROR_CANCELLED, "The router of this process was ended.");
    case ETIMEDOUT:
        return mpr_error_say(ERROR_NO_NETWORK,
                             "The service of this user (process %d) does not answer. End it "
                             "('kill -9 %d'); `wnet status` starts another, which restores what is "
                             "remembered.",
                             line->pid, line->pid);
    case EPIPE:
        return mpr_error_say(ERROR_NO_NETWORK,
                             "The service of this user (process %d) has hung up during the call. "
                             "`wnet status` starts it anew if it has ended.",
                             line->pid);
    case ENOMEM:
        return ERROR_NOT_ENOUGH_MEMORY;
    default:
        return mpr_error_say(ERROR_NO_NETWORK,
                             "The call to the service of this user (process %d) failed: %s.",
                             line->pid, strerror(-error));
    }
}

/* A reply may take its time as long as the service lives. */
static int await_reply(struct mpr_session *session, struct mpr_session_line *line,
                       const char **ret_text, size_t *ret_size) {
    for (;;) {
        struct mpr_worker_wait wait = {mpr_deadline_in_ms(PATIENCE_MS), -1, session->stop_fd};
        int rc = mpr_session_receive(line, &wait, ret_text, ret_size);

        if (rc != -ETIMEDOUT || !mpr_session_answers(session->paths->runtime, session->stop_fd))
            return rc;
    }
}

static int exchange(struct mpr_session *session, struct mpr_session_line *line,
                    const struct mpr_session_message *message, const char **ret_text,
                    size_t *ret_size) {
    struct mpr_worker_wait wait = {mpr_deadline_in_ms(MPR_SESSION_PING_MS), -1, session->stop_fd};
    int rc = mpr_session_send(line, message, &wait);

    return rc ? rc : await_reply(session, line, ret_text, ret_size);
}

/*
 * A service that has hung up may have been replaced; and who has closed a connection
 * that was idle has not read the call. Then, and once, it is made again: what the old
 * one has done for it is gone with it.
 */
static DWORD talk(struct mpr_session *session, const struct mpr_session_message *message,
                  struct mpr_session_line *line, const char **ret_text, size_t *ret_size) {
    struct mpr_session_line lost = {.fd = -1};

    for (;;) {
        DWORD rc = take_line(session, line);
        int error;

        if (rc != NO_ERROR)
            return rc;
        if (lost.pid && lost.pid == line->pid && !lost.pooled)
            error = -EPIPE;
        else
            error = exchange(session, line, message, ret_text, ret_size);
        if (!error)
            return NO_ERROR;
        if (error != -EPIPE || lost.pid) {
            rc = say_failed(error, line);
            mpr_session_hang_up(line);
            return rc;
        }
        lost = (struct mpr_session_line){.fd = -1, .pid = line->pid, .pooled = line->pooled};
        mpr_session_hang_up(line);
        hang_up_idle(session);
    }
}

static bool changes_names(enum mpr_op op) {
    return op == MPR_OP_add || op == MPR_OP_cancel || op == MPR_OP_restore
           || op == MPR_OP_break_all;
}

/* ret is zeroed; what it has after a failure is to be cleared. */
static DWORD call(struct mpr_session *session, enum mpr_op op, const void *args, void *ret) {
    struct mpr_session_message message = {0};
    struct mpr_session_line line;
    const char *text;
    size_t size;
    DWORD rc = mpr_session_wire_call(op, args, &message);

    if (rc != NO_ERROR)
        return rc;
    rc = talk(session, &message, &line, &text, &size);
    mpr_session_message_clear(&message);
    if (rc != NO_ERROR)
        return rc;
    rc = mpr_session_wire_result(op, text, size, ret);
    give_back(session, &line);
    if (changes_names(op))
        mpr_session_files_forget_names(session->files);
    return rc;
}

#define CALL(id, op, ARGS, RET)                                                                    \
    static DWORD session_##op(void *state, const struct mpr_##op##_args *args,                     \
                              struct mpr_##op##_ret *ret) {                                        \
        struct mpr_##op##_ret got = {0};                                                           \
        DWORD rc = call(state, MPR_OP_##op, args, &got);                                           \
                                                                                                   \
        if (rc == NO_ERROR)                                                                        \
            *ret = got;                                                                            \
        else                                                                                       \
            mpr_##op##_ret_clear(&got);                                                            \
        return rc;                                                                                 \
    }
MPR_OPS(CALL)

/* ---- events */

static int tell_event(const struct mpr_session_event *event, mpr_event_fn fn, void *context) {
    const struct mpr_event told = {
        .size = sizeof told,
        .kind = event->kind,
        .code = event->code,
        .initial = event->initial,
        .time_ns = (int64_t)event->time_ns,
        .device = event->device ? event->device : "",
        .remote = event->remote ? event->remote : "",
        .provider = event->provider ? event->provider : "",
        .text = event->text ? event->text : "",
    };

    return fn(context, &told);
}

/* One event, or the end: *ret_end, with NO_ERROR or what is to be returned. */
static DWORD next_event(struct mpr_session *session, struct mpr_session_line *line, int cancel_fd,
                        struct mpr_session_event *ret, bool *ret_end) {
    const struct mpr_worker_wait wait = {INT64_MAX, cancel_fd, session->stop_fd};
    const char *text;
    size_t size;
    DWORD rc;
    int error = mpr_session_receive(line, &wait, &text, &size);

    *ret_end = true;
    if (error == -ECANCELED)
        return NO_ERROR;
    if (error)
        return say_failed(error, line);
    rc = mpr_session_wire_event(text, size, ret, ret_end);
    if (rc != NO_ERROR)
        *ret_end = true;
    return rc;
}

static DWORD session_subscribe(void *state, mpr_event_fn fn, int cancel_fd, void *context) {
    struct mpr_session *session = state;
    struct mpr_worker_wait wait = {mpr_deadline_in_ms(MPR_SESSION_PING_MS), cancel_fd,
                                   session->stop_fd};
    struct mpr_session_message message = {0};
    struct mpr_session_line line;
    bool end = false;
    DWORD rc = mpr_session_wire_call_plain(MPR_SESSION_SUBSCRIBE, true, &message);
    int error;

    if (rc != NO_ERROR)
        return rc;
    rc = take_line(session, &line);
    if (rc == NO_ERROR) {
        error = mpr_session_send(&line, &message, &wait);
        end = error != 0;
        if (error && error != -ECANCELED)
            rc = say_failed(error, &line);
    }
    mpr_session_message_clear(&message);
    if (rc != NO_ERROR)
        return rc;
    while (!end) {
        struct mpr_session_event event = {0};

        rc = next_event(session, &line, cancel_fd, &event, &end);
        if (rc == NO_ERROR && event.kind && tell_event(&event, fn, context))
            end = true;
        mpr_session_event_clear(&event);
    }
    mpr_session_hang_up(&line);
    return rc;
}

/* ---- life */

static void free_session(struct mpr_session *session) {
    mpr_session_files_free(session->files);
    hang_up_idle(session);
    if (session->stop_fd >= 0)
        close(session->stop_fd);
    mpr_config_free(session->config);
    mpr_paths_free(session->paths);
    pthread_mutex_destroy(&session->lock.mutex);
    free(session);
}

static DWORD make_session(const char *root, struct mpr_session **ret_session) {
    MPR_AUTOFREE char *complaint = NULL;
    struct mpr_session *session = calloc(1, sizeof *session);
    DWORD rc;

    if (!session)
        return ERROR_NOT_ENOUGH_MEMORY;
    pthread_mutex_init(&session->lock.mutex, NULL);
    session->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    rc = session->stop_fd < 0 ? ERROR_NOT_ENOUGH_MEMORY : mpr_paths_new(root, &session->paths);
    if (rc == NO_ERROR)
        rc = mpr_config_new(session->paths, &session->config, &complaint);
    if (rc == NO_ERROR)
        rc = mpr_session_files_new(session, session->config, &session->files);
    if (rc != NO_ERROR) {
        free_session(session);
        return rc;
    }
    *ret_session = session;
    return NO_ERROR;
}

/* What the environment says wins; anything but 0 and 1 says nothing. */
static enum mpr_config_session choose(const struct mpr_session *session) {
    const char *variable = secure_getenv("MPR_SESSION");

    if (variable && strcmp(variable, "0") == 0)
        return MPR_SESSION_OFF;
    if (variable && strcmp(variable, "1") == 0)
        return MPR_SESSION_ON;
    return session->config->session;
}

/* Is there a service, and does it live? The connection is kept for the first call. */
static DWORD try_service(struct mpr_session *session) {
    struct mpr_session_line line;
    bool absent;
    DWORD rc = mpr_session_connect(session->paths->runtime, &line, &absent);

    if (rc != NO_ERROR)
        return rc;
    if (!mpr_session_answers(session->paths->runtime, -1)) {
        rc = say_failed(-ETIMEDOUT, &line);
        mpr_session_hang_up(&line);
        return rc;
    }
    give_back(session, &line);
    return NO_ERROR;
}

DWORD mpr_session_start(const char *root, void **ret_state) {
    struct mpr_error_state before;
    struct mpr_session *session;
    enum mpr_config_session where;
    DWORD rc = make_session(root, &session);

    if (rc != NO_ERROR)
        return rc;
    where = choose(session);
    mpr_error_keep(&before);
    if (where != MPR_SESSION_OFF)
        rc = try_service(session);
    if (where != MPR_SESSION_OFF && rc == NO_ERROR) {
        *ret_state = session;
        return NO_ERROR;
    }
    free_session(session);
    if (where == MPR_SESSION_AUTO && rc == ERROR_NO_NETWORK) {
        mpr_error_put_back(&before); /* that is no failure */
        rc = NO_ERROR;
    }
    *ret_state = NULL;
    return rc;
}

/* Calls under way end; the connections are the user's, and stay. */
static void session_clear(void *state, bool connecting) {
    struct mpr_session *session = state;

    eventfd_write(session->stop_fd, 1);
    mpr_session_files_clear(session->files, connecting);
}

int mpr_session_find(void *state, const char *path, struct mpr_conn **ret_conn, char **ret_inner) {
    struct mpr_session *session = state;

    return mpr_session_files_find(session->files, path, ret_conn, ret_inner);
}

int mpr_session_find_resource(void *state, const char *name, struct mpr_conn **ret_conn) {
    struct mpr_session *session = state;

    return mpr_session_files_find(session->files, name, ret_conn, NULL);
}

static void session_close(void *state) {
    free_session(state);
}

static void session_forget(void *state) {
    (void)state;
    mpr_conntab_forget_all();
    mpr_handle_forget_users();
}

const struct mpr_driver mpr_session_driver = {.name = "session",
                                              .clear = session_clear,
                                              .close = session_close,
                                              .forget = session_forget,
                                              .subscribe = session_subscribe,
#define SLOT(id, op, ARGS, RET) .op = session_##op,
                                              MPR_OPS(SLOT)
#undef SLOT
};
