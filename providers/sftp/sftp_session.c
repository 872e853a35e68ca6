/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_session.c: from connect to disconnect.
 */
#include "config.h"

#include "providers/sftp/sftp_session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "providers/common/np_route.h"
#include "providers/common/np_time.h"
#include "providers/sftp/sftp_attr.h"
#include "providers/sftp/sftp_file.h"

#define LEAST_SIZE    32768u  /* of a read or write: what every server takes */
#define MOST_SIZE     261120u /* 255 KiB, OpenSSH's limit */
#define FIRST_PAUSE   (1000 * NP_MS)
#define LONGEST_PAUSE (30000 * NP_MS)
#define ROUND_TRIPS   4

/* ---- paths */

size_t sftp_path_size(const struct sftp_session *session, const char *path) {
    return 4 + session->root_length + 1 + strlen(path);
}

void sftp_out_path(struct sftp_out *out, const struct sftp_session *session, const char *path) {
    size_t root = session->root_length, length = strlen(path);
    /* The root is "/": all others end without a slash. */
    bool slash = *path || !root;

    sftp_out_u32(out, (uint32_t)(root + slash + length));
    sftp_out_raw(out, session->name.path, root);
    sftp_out_raw(out, "/", slash);
    sftp_out_raw(out, path, length);
}

/* ---- life */

static void free_session(struct sftp_session *session) {
    sftp_file_free_all(session);
    sftp_line_close(session->line);
    if (session->gate_fd >= 0)
        close(session->gate_fd);
    if (session->abort_fd >= 0)
        close(session->abort_fd);
    pthread_mutex_destroy(&session->lock);
    free(session);
}

static struct sftp_session *make_session(const struct sftp_state *state, void *host_connection) {
    struct sftp_session *session = calloc(1, sizeof *session);

    if (!session)
        return NULL;
    session->state = state;
    session->host_connection = host_connection;
    session->read_size = session->write_size = LEAST_SIZE;
    atomic_init(&session->references, 1);
    pthread_mutex_init(&session->lock, NULL);
    session->gate_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    session->abort_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (session->gate_fd < 0 || session->abort_fd < 0) {
        free_session(session);
        return NULL;
    }
    return session;
}

static uint32_t clamp(uint64_t value) {
    if (value < LEAST_SIZE)
        return value ? (uint32_t)value : MOST_SIZE; /* 0: no limit of its own */
    return value > MOST_SIZE ? MOST_SIZE : (uint32_t)value;
}

/* How much the server takes at a time. One that does not say gets what all take. */
static int ask_limits(struct sftp_session *session, const struct mpr_call *call) {
    struct sftp_line *line = session->line;
    struct sftp_request request;
    struct sftp_out packet;
    struct sftp_in reply;
    uint64_t reads, writes;
    int rc;

    if (!(line->extensions & SFTP_CAN_LIMITS))
        return 0;
    sftp_call_begin(line, &request, &packet, SFTP_EXTENDED, 64);
    sftp_out_string(&packet, "limits@openssh.com");
    rc = sftp_call(line, call, &request, &packet);
    reply = sftp_reply(&request, SFTP_EXTENDED_REPLY);
    sftp_in_u64(&reply); /* of a packet */
    reads = sftp_in_u64(&reply);
    writes = sftp_in_u64(&reply);
    if (!rc && !reply.bad) {
        session->read_size = clamp(reads);
        session->write_size = clamp(writes);
    }
    free(request.reply);
    return rc < 0 ? rc : 0;
}

/* Entering a directory takes another right than seeing it. A server that knows no "." in a
 * path says something else than that it is not permitted. */
static int ask_entry(const struct sftp_op *op) {
    struct sftp_attrs attrs;
    int rc = sftp_attr_get(op, SFTP_STAT, ".", &attrs);

    return rc < 0 || rc == SFTP_PERMISSION_DENIED ? rc : 0;
}

/* Is the path there, and a directory that the user may enter? */
static bool prove_root(struct sftp_session *session, const struct mpr_call *call,
                       const char *remote, struct sftp_failure *failure) {
    struct sftp_op op = {.session = session, .line = session->line, .call = call};
    const char *path = session->name.path;
    struct sftp_attrs attrs;
    char buffer[32];
    int rc = sftp_attr_get(&op, SFTP_STAT, "", &attrs);
    bool seen = !rc, is_dir = seen && (!(attrs.flags & SFTP_ATTR_MODE) || S_ISDIR(attrs.mode));

    if (is_dir)
        rc = ask_entry(&op);
    if (rc == -ECANCELED || rc == -ETIMEDOUT)
        return sftp_fail(failure, MPR_MINE_FAILED,
                         rc == -ECANCELED ? ERROR_CANCELLED : ERROR_EXTENDED_ERROR, (uint32_t)-rc,
                         "Connecting to %s as %s: %s while the server was asked for %s.", remote,
                         session->user, rc == -ECANCELED ? "cancelled" : "the time was over", path);
    if (rc < 0)
        return sftp_fail(failure, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, (uint32_t)-rc,
                         "Connecting to %s as %s: the connection ended while the server was asked "
                         "for %s: %s.",
                         remote, session->user, path, strerror(-rc));
    if (rc)
        return sftp_fail(failure, MPR_MINE_FAILED, sftp_status_code((uint32_t)rc), (uint32_t)rc,
                         "Connecting to %s as %s: the server answered %s (%d) to STAT of %s%s.",
                         remote, session->user,
                         sftp_status_name((uint32_t)rc, buffer, sizeof buffer), rc, path,
                         seen ? "/.: the directory is there, but may not be entered" : "");
    if (!is_dir)
        return sftp_fail(failure, MPR_MINE_FAILED, ERROR_BAD_NET_NAME, ENOTDIR,
                         "Connecting to %s as %s: %s is there, but is no directory.", remote,
                         session->user, path);
    return true;
}

static struct sftp_line_setup setup_of(const struct sftp_session *session, const char *remote) {
    return (struct sftp_line_setup){.host = session->state->host,
                                    .options = &session->state->options,
                                    .name = &session->name,
                                    .remote = remote,
                                    .host_connection = session->host_connection};
}

static void take_line(struct sftp_session *session, struct sftp_line *line) {
    session->line = line;
    /* Whom the thread found out that we are: the same again after a loss. */
    memcpy(session->user, line->user, sizeof session->user);
    memcpy(session->name.user, line->user, sizeof session->name.user);
}

static struct sftp_session *establish(const struct sftp_state *state, const struct mpr_call *call,
                                      const struct sftp_name *name, const char *user,
                                      struct sftp_line_setup *setup, struct sftp_failure *failure) {
    struct sftp_session *session = make_session(state, setup->host_connection);
    struct mpr_call bounded = *call;
    int64_t end = np_now_ns() + (int64_t)state->options.connect_timeout_ms * NP_MS;
    struct sftp_line *line;

    if (!session) {
        sftp_fail(failure, MPR_MINE_FAILED, ERROR_NOT_ENOUGH_MEMORY, ENOMEM,
                  "Connecting to %s: memory or file descriptors ran out.", setup->remote);
        return NULL;
    }
    session->name = *name;
    session->root_length = strlen(name->path) > 1 ? strlen(name->path) : 0;
    if (user && *user)
        snprintf(session->name.user, sizeof session->name.user, "%s", user);
    setup->host = state->host;
    setup->options = &state->options;
    setup->name = &session->name;
    line = sftp_line_open(setup, call, failure);
    if (line) {
        take_line(session, line);
        /* A user who was asked for the host key has used the time up. */
        if (setup->interactive && end < np_now_ns() + 1000 * NP_MS)
            bounded.deadline_ns = np_now_ns() + 1000 * NP_MS;
        else if (bounded.deadline_ns > end)
            bounded.deadline_ns = end;
        ask_limits(session, &bounded);
        if (prove_root(session, &bounded, setup->remote, failure))
            return session;
    }
    free_session(session);
    return NULL;
}

/* What can be said without asking anybody. */
static bool check_name(const struct mpr_connect *args, struct sftp_name *name,
                       struct sftp_failure *failure) {
    if (!sftp_name_parse(args->remote, name))
        return sftp_fail_foreign(failure);
    if (!name->path[0])
        return sftp_fail(failure, MPR_NOT_MINE, ERROR_BAD_NET_NAME, EINVAL,
                         "%s names an SSH server; to connect, a directory is needed: %s/ is its "
                         "root.",
                         args->remote, args->remote);
    if (args->type == RESOURCETYPE_PRINT)
        return sftp_fail(failure, MPR_NOT_MINE, ERROR_BAD_DEV_TYPE, EINVAL,
                         "%s: a directory is no printer.", args->remote);
    if (args->user && strlen(args->user) >= MPR_USER_MAX)
        return sftp_fail(failure, MPR_MINE_FAILED, ERROR_BAD_USERNAME, ENAMETOOLONG,
                         "%s: the user name is too long.", args->remote);
    return true;
}

struct sftp_session *sftp_session_connect(const struct sftp_state *state,
                                          const struct mpr_call *call,
                                          const struct mpr_connect *args,
                                          struct sftp_failure *ret_failure) {
    struct sftp_line_setup setup = {.remote = args->remote,
                                    .host_connection = args->host_connection,
                                    .interactive = args->flags & CONNECT_INTERACTIVE};
    struct sftp_name name;

    if (!check_name(args, &name, ret_failure))
        return NULL;
    return establish(state, call, &name, args->user, &setup, ret_failure);
}

struct sftp_session *sftp_session_visit(const struct sftp_state *state, const struct mpr_call *call,
                                        const struct sftp_name *name, const char *remote,
                                        struct sftp_failure *ret_failure) {
    struct sftp_line_setup setup = {.remote = remote};
    struct sftp_name whole = *name;

    whole.path[1] = '\0';
    whole.path[0] = '/';
    return establish(state, call, &whole, name->user[0] ? NULL : call->user, &setup, ret_failure);
}

void sftp_session_abort(struct sftp_session *session) {
    uint64_t one = 1;
    ssize_t written = write(session->abort_fd, &one, sizeof one);

    (void)written;
    pthread_mutex_lock(&session->lock);
    session->aborted = true;
    if (session->line)
        sftp_line_abort(session->line);
    pthread_mutex_unlock(&session->lock);
}

bool sftp_session_is_over(struct sftp_session *session) {
    bool over;

    pthread_mutex_lock(&session->lock);
    over = session->aborted;
    pthread_mutex_unlock(&session->lock);
    return over;
}

static void leave(struct sftp_session *session) {
    if (atomic_fetch_sub(&session->references, 1) == 1)
        free_session(session);
}

void sftp_session_end(struct sftp_session *session) {
    struct sftp_line *line;

    sftp_session_abort(session);
    pthread_mutex_lock(&session->lock);
    line = session->line;
    session->line = NULL;
    pthread_mutex_unlock(&session->lock);
    sftp_line_close(line);
    leave(session);
}

/* ---- after a loss */

/* Readable when either the call is cancelled or the session aborted. */
static int merge_cancel(const struct sftp_session *session, int cancel_fd) {
    struct epoll_event event = {.events = EPOLLIN};
    int fd = epoll_create1(EPOLL_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (epoll_ctl(fd, EPOLL_CTL_ADD, session->abort_fd, &event)
        || (cancel_fd >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, cancel_fd, &event))) {
        int error = errno;

        close(fd);
        return -error;
    }
    return fd;
}

/* One more failure: nothing is tried again for a while, or for ever. */
static void put_off(struct sftp_session *session, const struct sftp_failure *failure) {
    pthread_mutex_lock(&session->lock);
    if (failure->code == ERROR_LOGON_FAILURE || failure->native == EKEYREJECTED
        || failure->native == ENOKEY || failure->native == EKEYREVOKED)
        session->barred = true;
    session->pause_ns = session->pause_ns ? 2 * session->pause_ns : FIRST_PAUSE;
    if (session->pause_ns > LONGEST_PAUSE)
        session->pause_ns = LONGEST_PAUSE;
    session->next_try_ns = np_now_ns() + session->pause_ns;
    pthread_mutex_unlock(&session->lock);
    session->state->host->log(MPR_LOG_WARNING, "sftp: again: %s", failure->text);
}

static void replace_line(struct sftp_session *session, struct sftp_line *line) {
    struct sftp_line *old;
    bool aborted;

    pthread_mutex_lock(&session->lock);
    aborted = session->aborted;
    old = aborted ? line : session->line;
    if (!aborted) {
        session->line = line;
        session->pause_ns = 0;
    }
    pthread_mutex_unlock(&session->lock);
    sftp_line_close(old);
}

/* The gate is ours. */
static void reconnect(struct sftp_session *session, const struct mpr_call *call) {
    char remote[4 * MPR_KEY_MAX];
    struct sftp_line_setup setup = setup_of(session, remote);
    struct mpr_call attempt = *call;
    struct sftp_failure failure;
    struct sftp_line *line;

    if (!sftp_name_format(&session->name, session->name.path, remote, sizeof remote))
        return;
    attempt.cancel_fd = merge_cancel(session, call->cancel_fd);
    if (attempt.cancel_fd < 0)
        return;
    line = sftp_line_open(&setup, &attempt, &failure);
    close(attempt.cancel_fd);
    if (line)
        replace_line(session, line);
    else if (failure.code != ERROR_CANCELLED)
        put_off(session, &failure);
}

/* Waits for the gate. Returns 0 or -errno. */
static int enter_gate(const struct sftp_session *session, const struct mpr_call *call) {
    uint64_t count;

    while (read(session->gate_fd, &count, sizeof count) != sizeof count) {
        struct pollfd fds[3] = {{.fd = session->gate_fd, .events = POLLIN},
                                {.fd = call->cancel_fd, .events = POLLIN},
                                {.fd = session->abort_fd, .events = POLLIN}};

        poll(fds, 3, np_poll_ms(call->deadline_ns));
        if (fds[1].revents || fds[2].revents)
            return fds[2].revents ? -ENOTCONN : -ECANCELED;
        if (np_now_ns() >= call->deadline_ns)
            return -ETIMEDOUT;
    }
    return 0;
}

static void leave_gate(const struct sftp_session *session) {
    uint64_t one = 1;
    ssize_t written = write(session->gate_fd, &one, sizeof one);

    (void)written;
}

/* Takes the line if it is good. Returns 1, 0 if it should be made again, or -ENOTCONN. */
static int take_good_line(struct sftp_session *session, struct sftp_line **ret_line) {
    int rc = 0;

    pthread_mutex_lock(&session->lock);
    if (session->aborted || !session->line) {
        rc = -ENOTCONN;
    } else if (!sftp_line_is_lost(session->line)) {
        *ret_line = sftp_line_keep(session->line);
        rc = 1;
    } else if (session->barred || np_now_ns() < session->next_try_ns) {
        rc = -ENOTCONN;
    }
    pthread_mutex_unlock(&session->lock);
    return rc;
}

/* ---- operations */

int sftp_op_begin(void *session, const struct mpr_call *call, struct sftp_op *op) {
    int rc;

    *op = (struct sftp_op){.session = session, .call = call};
    atomic_fetch_add(&op->session->references, 1);
    rc = take_good_line(op->session, &op->line);
    if (rc == 0) {
        rc = enter_gate(op->session, call);
        if (rc)
            return rc;
        rc = take_good_line(op->session, &op->line);
        if (rc == 0) {
            reconnect(op->session, call);
            rc = take_good_line(op->session, &op->line);
        }
        leave_gate(op->session);
    }
    return rc > 0 ? 0 : rc ? rc : -ENOTCONN;
}

void sftp_op_begin_on(void *session, struct sftp_line *line, const struct mpr_call *call,
                      struct sftp_op *op) {
    *op = (struct sftp_op){.session = session, .line = sftp_line_keep(line), .call = call};
    atomic_fetch_add(&op->session->references, 1);
}

int64_t sftp_op_end(struct sftp_op *op, int64_t rc) {
    if (op->line)
        sftp_line_drop(op->line);
    leave(op->session);
    return rc;
}

/* ---- performance */

/* Hundreds of bits a second; 1 says "faster than can be said". */
static uint32_t speed_of(uint64_t bytes_per_second) {
    uint64_t speed = bytes_per_second * 8 / 100;

    if (speed > UINT32_MAX)
        return 1;
    return speed == 1 ? 2 : (uint32_t)speed;
}

static uint32_t fail_measuring(const struct sftp_op *op, int rc) {
    char text[NP_HOST_MAX + 128];

    snprintf(text, sizeof text, "The SFTP server of %s did not answer to be measured: %s.",
             op->session->name.host, strerror(-rc));
    op->session->state->host->set_error(op->call, (uint32_t)-rc, text);
    if (rc == -ECANCELED)
        return ERROR_CANCELLED;
    return rc == -ETIMEDOUT ? ERROR_SEM_TIMEOUT : ERROR_NETNAME_DELETED;
}

uint32_t sftp_session_performance(const struct sftp_op *op, struct mpr_performance *ret) {
    const struct sftp_session *session = op->session;
    int64_t shortest_ns = INT64_MAX;

    for (int i = 0; i < ROUND_TRIPS; i++) {
        struct sftp_attrs attrs;
        int64_t began = np_now_ns(), took;
        int rc = sftp_attr_get(op, SFTP_STAT, "", &attrs);

        /* An answer that says no has come as far as any other. */
        if (rc < 0)
            return fail_measuring(op, rc);
        took = np_now_ns() - began;
        if (took < shortest_ns)
            shortest_ns = took;
    }
    ret->flags = WNCON_DYNAMIC | (np_route_is_direct(op->line->fd) ? WNCON_NOTROUTED : 0);
    ret->speed = speed_of(atomic_load(&session->speed));
    ret->delay_ms = (uint32_t)((shortest_ns + NP_MS - 1) / NP_MS);
    ret->opt_data_size = session->read_size;
    return NO_ERROR;
}
