/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_line.c: the line's thread, and those who queue packets for it.
 */
#include "config.h"

#include "providers/sftp/sftp_line.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh/callbacks.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "providers/common/np_time.h"
#include "providers/sftp/sftp_feed.h"
#include "providers/sftp/sftp_shake.h"

#define IDLE_NS    (60000 * NP_MS) /* the thread looks around, whatever happens */
#define FAREWELL_S 2               /* that a thread has to end before it is left to itself */
#define AT_A_TIME  16              /* readings before the thread looks for what to send */

static void ring(int event_fd) {
    uint64_t one = 1;
    ssize_t written = write(event_fd, &one, sizeof one);

    (void)written; /* full is as good as rung */
}

static void drain(int event_fd) {
    uint64_t count;
    ssize_t got = read(event_fd, &count, sizeof count);

    (void)got;
}

/* ---- requests */

uint32_t sftp_line_id(struct sftp_line *line) {
    return atomic_fetch_add(&line->next_id, 1);
}

static void add_parcel_locked(struct sftp_line *line, struct sftp_parcel *parcel) {
    parcel->next = NULL;
    *line->parcels_end = parcel;
    line->parcels_end = &parcel->next;
}

int sftp_line_send_locked(struct sftp_line *line, struct sftp_request *request,
                          struct sftp_out *packet) {
    struct sftp_parcel *parcel = calloc(1, sizeof *parcel);

    if (!sftp_out_end(packet) || !parcel || line->lost) {
        free(packet->data);
        free(parcel);
        return line->lost ? -ENOTCONN : -ENOMEM;
    }
    parcel->data = packet->data;
    parcel->size = packet->used;
    add_parcel_locked(line, parcel);
    if (request) {
        request->wait->outstanding++;
        request->next = NULL;
        request->link = line->requests_end;
        *line->requests_end = request;
        line->requests_end = &request->next;
    }
    return 0;
}

void sftp_line_wake(struct sftp_line *line) {
    ring(line->wake_fd);
}

void sftp_line_forget_locked(struct sftp_line *line, struct sftp_request *request) {
    if (!request->link)
        return;
    *request->link = request->next;
    if (request->next)
        request->next->link = request->link;
    else
        line->requests_end = request->link;
    request->link = NULL;
    request->wait->outstanding--;
}

void sftp_line_finish_locked(struct sftp_line *line, struct sftp_request *request, int result) {
    sftp_line_forget_locked(line, request);
    request->result = result;
    request->done = true;
    ring(request->wait->event_fd);
}

/* ---- the thread */

static int take_data(ssh_session ssh, ssh_channel channel, void *data, uint32_t size, int is_stderr,
                     void *context) {
    struct sftp_line *line = context;

    (void)ssh;
    (void)channel;
    if (!is_stderr) {
        atomic_fetch_add(&line->moved, size);
        sftp_feed(line, data, size);
    }
    return (int)size;
}

bool sftp_line_wait(struct sftp_line *line) {
    short events = ssh_get_poll_flags(line->ssh) & SSH_WRITE_PENDING ? POLLIN | POLLOUT : POLLIN;
    struct pollfd fds[2] = {{.fd = line->fd, .events = events},
                            {.fd = line->wake_fd, .events = POLLIN}};

    if (atomic_load(&line->aborted) || np_now_ns() >= line->deadline_ns)
        return false;
    poll(fds, 2, np_poll_ms(line->deadline_ns));
    if (fds[1].revents)
        drain(line->wake_fd);
    return !atomic_load(&line->aborted);
}

/* Sends as much as the server's window takes. False: the line is dead. */
static bool send_parcels(struct sftp_line *line) {
    for (;;) {
        struct sftp_parcel *parcel;
        int sent;

        pthread_mutex_lock(&line->lock);
        parcel = line->parcels;
        pthread_mutex_unlock(&line->lock);
        if (!parcel)
            return true;
        sent = ssh_channel_write(line->channel, parcel->data + parcel->sent,
                                 (uint32_t)(parcel->size - parcel->sent));
        if (sent < 0)
            return false;
        parcel->sent += (size_t)sent;
        if (parcel->sent < parcel->size)
            return true;
        pthread_mutex_lock(&line->lock);
        line->parcels = parcel->next;
        if (!line->parcels)
            line->parcels_end = &line->parcels;
        pthread_mutex_unlock(&line->lock);
        free(parcel->data);
        free(parcel);
    }
}

/* Reads until nothing more comes at once, or it is time to look for what to send. */
static bool receive(struct sftp_line *line) {
    for (int i = 0; i < AT_A_TIME; i++) {
        uint64_t before = atomic_load(&line->moved);

        if (ssh_channel_poll(line->channel, 0) < 0 || line->broken)
            return false;
        if (atomic_load(&line->moved) == before)
            break;
    }
    return ssh_channel_is_open(line->channel) && ssh_is_connected(line->ssh);
}

bool sftp_line_pump(struct sftp_line *line, int64_t until_ns) {
    struct pollfd fds[2] = {{.fd = line->fd}, {.fd = line->wake_fd, .events = POLLIN}};

    if (!send_parcels(line))
        return false;
    fds[0].events = ssh_get_poll_flags(line->ssh) & SSH_WRITE_PENDING ? POLLIN | POLLOUT : POLLIN;
    poll(fds, 2, np_poll_ms(until_ns));
    if (fds[1].revents)
        drain(line->wake_fd);
    return !fds[0].revents || receive(line);
}

uint32_t sftp_line_ask(struct sftp_line *line, const char *question, char *answer, size_t size) {
    int64_t began = np_now_ns();
    uint32_t code;

    pthread_mutex_lock(&line->lock);
    line->question = question;
    line->asking = true;
    ring(line->ready_fd);
    while (line->asking && !atomic_load(&line->aborted))
        pthread_cond_wait(&line->change, &line->lock);
    line->question = NULL;
    code = line->asking ? ERROR_CANCELLED : line->answer_code;
    line->asking = false;
    snprintf(answer, size, "%s", line->answer);
    pthread_mutex_unlock(&line->lock);
    line->deadline_ns += np_now_ns() - began;
    return code;
}

/* No request is taken from now on, and those under way are over. */
static void fail_requests(struct sftp_line *line, int result) {
    pthread_mutex_lock(&line->lock);
    line->lost = true;
    while (line->requests)
        sftp_line_finish_locked(line, line->requests, result);
    pthread_cond_broadcast(&line->change);
    pthread_mutex_unlock(&line->lock);
}

/* libssh closes the socket that it was given after errors, and only then. A descriptor of that number which is the same socket is nobody else's. */
static void close_forgotten(const struct sftp_line *line) {
    struct stat ours, its;

    if (line->ssh_fd >= 0 && fstat(line->fd, &ours) == 0 && fstat(line->ssh_fd, &its) == 0
        && ours.st_dev == its.st_dev && ours.st_ino == its.st_ino)
        close(line->ssh_fd);
}

/* Nothing more will come. Whether requests under way were carried out nobody knows. */
static void end_line(struct sftp_line *line, bool working) {
    fail_requests(line, atomic_load(&line->aborted) ? -ENOTCONN : -EIO);
    while (line->parcels) {
        struct sftp_parcel *parcel = line->parcels;

        line->parcels = parcel->next;
        free(parcel->data);
        free(parcel);
    }
    free(line->arrival.body);
    /* ssh_free alone forgets some memory, and ssh_disconnect the socket. */
    if (line->ssh)
        ssh_disconnect(line->ssh);
    ssh_free(line->ssh);
    close_forgotten(line);
    if (working && line->host_connection && !atomic_load(&line->aborted))
        line->host->connection_lost(line->host_connection, ERROR_NETNAME_DELETED);
}

void sftp_line_drop(struct sftp_line *line) {
    if (atomic_fetch_sub(&line->references, 1) != 1)
        return;
    explicit_bzero(line->password, sizeof line->password);
    close(line->fd);
    if (line->wake_fd >= 0)
        close(line->wake_fd);
    if (line->ready_fd >= 0)
        close(line->ready_fd);
    if (line->agent_fd >= 0)
        close(line->agent_fd);
    while (line->spares)
        close(line->spare[--line->spares]);
    pthread_cond_destroy(&line->change);
    pthread_mutex_destroy(&line->lock);
    free(line);
}

static void *run_line(void *argument) {
    struct sftp_line *line = argument;
    struct ssh_channel_callbacks_struct callbacks = {.userdata = line,
                                                     .channel_data_function = take_data};
    struct sftp_failure failure = {.text = ""};
    bool working;

    ssh_callbacks_init(&callbacks);
    line->callbacks = &callbacks;
    working = sftp_shake_hands(line, &failure);
    explicit_bzero(line->password, sizeof line->password);
    pthread_mutex_lock(&line->lock);
    line->done = true;
    line->working = working;
    line->failure = failure;
    pthread_mutex_unlock(&line->lock);
    ring(line->ready_fd);
    while (working && !atomic_load(&line->aborted) && sftp_line_pump(line, np_now_ns() + IDLE_NS))
        ;
    end_line(line, working);
    sftp_line_drop(line);
    return NULL;
}

/* ---- whoever opens and closes it */

static int start_thread(struct sftp_line *line) {
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&line->thread, NULL, run_line, line);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}

/* Takes fd, whatever comes. */
static struct sftp_line *make_line(const struct sftp_line_setup *setup, int fd) {
    struct sftp_line *line = calloc(1, sizeof *line);
    const int on = 1;

    if (!line) {
        close(fd);
        return NULL;
    }
    atomic_init(&line->references, 1);
    line->host = setup->host;
    line->host_connection = setup->host_connection;
    line->options = *setup->options;
    line->name = *setup->name;
    line->interactive = setup->interactive;
    snprintf(line->task, sizeof line->task, "Connecting to %.300s", setup->remote);
    snprintf(line->user, sizeof line->user, "%s", setup->name->user);
    line->requests_end = &line->requests;
    line->parcels_end = &line->parcels;
    pthread_mutex_init(&line->lock, NULL);
    pthread_cond_init(&line->change, NULL);
    line->fd = fd;
    line->agent_fd = line->ssh_fd = -1;
    line->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    line->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (line->wake_fd < 0 || line->ready_fd < 0) {
        sftp_line_drop(line);
        return NULL;
    }
    return line;
}

struct sftp_line *sftp_line_keep(struct sftp_line *line) {
    atomic_fetch_add(&line->references, 1);
    return line;
}

bool sftp_line_is_lost(struct sftp_line *line) {
    bool lost;

    pthread_mutex_lock(&line->lock);
    lost = line->lost;
    pthread_mutex_unlock(&line->lock);
    return lost;
}

static void hang_up_agent(struct sftp_line *line) {
    pthread_mutex_lock(&line->lock);
    if (line->agent_fd >= 0)
        shutdown(line->agent_fd, SHUT_RDWR);
    pthread_mutex_unlock(&line->lock);
}

void sftp_line_set_agent(struct sftp_line *line, int fd) {
    pthread_mutex_lock(&line->lock);
    if (line->agent_fd < 0)
        line->agent_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    pthread_mutex_unlock(&line->lock);
    if (atomic_load(&line->aborted))
        hang_up_agent(line);
}

void sftp_line_abort(struct sftp_line *line) {
    atomic_store(&line->aborted, true);
    fail_requests(line, -ENOTCONN);
    shutdown(line->fd, SHUT_RDWR);
    hang_up_agent(line);
    ring(line->wake_fd);
}

/* A server has no part in how long this takes; a key's file on a dead disk may have one. */
void sftp_line_close(struct sftp_line *line) {
    struct timespec end;

    if (!line)
        return;
    sftp_line_abort(line);
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += FAREWELL_S;
    if (pthread_clockjoin_np(line->thread, NULL, CLOCK_MONOTONIC, &end))
        pthread_detach(line->thread);
    sftp_line_drop(line);
}

/* Puts the thread's question to the user. */
static void ask_user(struct sftp_line *line, const struct mpr_call *call) {
    char answer[sizeof line->answer] = "";
    const char *question;
    uint32_t code;

    pthread_mutex_lock(&line->lock);
    question = line->asking ? line->question : NULL;
    pthread_mutex_unlock(&line->lock);
    if (!question)
        return;
    code = line->host->prompt(call, question, 1, answer, sizeof answer);
    pthread_mutex_lock(&line->lock);
    memcpy(line->answer, answer, sizeof answer);
    line->answer[sizeof answer - 1] = '\0';
    line->answer_code = code;
    line->asking = false;
    pthread_cond_broadcast(&line->change);
    pthread_mutex_unlock(&line->lock);
}

static bool is_done(struct sftp_line *line) {
    bool done;

    pthread_mutex_lock(&line->lock);
    done = line->done;
    pthread_mutex_unlock(&line->lock);
    return done;
}

/* Waits for the end of the handshake. Returns 0 or -errno. */
static int wait_for_hands(struct sftp_line *line, const struct mpr_call *call,
                          int64_t deadline_ns) {
    while (!is_done(line)) {
        struct pollfd fds[2] = {{.fd = line->ready_fd, .events = POLLIN},
                                {.fd = call->cancel_fd, .events = POLLIN}};
        int64_t began;

        if (np_now_ns() >= deadline_ns)
            return -ETIMEDOUT;
        poll(fds, 2, np_poll_ms(deadline_ns));
        if (fds[1].revents)
            return -ECANCELED;
        if (!fds[0].revents)
            continue;
        drain(line->ready_fd);
        began = np_now_ns();
        ask_user(line, call);
        deadline_ns += np_now_ns() - began; /* a user who thinks is no silent server */
    }
    return 0;
}

static bool take_secret(struct sftp_line *line, const struct mpr_call *call,
                        struct sftp_failure *failure) {
    int rc = line->host->secret(call, line->password, sizeof line->password);

    line->has_password = rc > 0;
    return rc >= 0
           || sftp_fail(failure, MPR_MINE_FAILED, ERROR_NOT_ENOUGH_MEMORY, ENOMEM,
                        "%s: the password could not be read.", line->task);
}

/* No connection at all: nothing says that the name is ours. */
static void fail_to_connect(const struct sftp_line_setup *setup, const struct np_failure *failure,
                            int64_t began_ns, struct sftp_failure *ret) {
    char words[160];

    if (failure->error == ECANCELED) {
        sftp_fail(ret, MPR_MINE_FAILED, ERROR_CANCELLED, ECANCELED,
                  "Connecting to %s was cancelled.", setup->remote);
        return;
    }
    if (failure->error == ETIMEDOUT)
        snprintf(words, sizeof words, "no answer within %lld ms (ETIMEDOUT %d)",
                 (long long)((np_now_ns() - began_ns) / NP_MS), ETIMEDOUT);
    else
        sftp_words_of_failure(failure, words, sizeof words);
    sftp_fail(ret, MPR_NOT_MINE, ERROR_BAD_NETPATH, (uint32_t)failure->error,
              "Connecting to %s: no connection to TCP port %u of %s: %s.", setup->remote,
              (unsigned)setup->name->port, setup->name->host, words);
}

/* Starts the thread, which has the line too from then on. */
static bool start(struct sftp_line *line, const struct mpr_call *call,
                  struct sftp_failure *failure) {
    int rc;

    if (!take_secret(line, call, failure))
        return false;
    atomic_fetch_add(&line->references, 1);
    rc = start_thread(line);
    if (!rc)
        return true;
    atomic_fetch_sub(&line->references, 1);
    return sftp_fail(failure, MPR_MINE_FAILED, ERROR_NOT_ENOUGH_MEMORY, (uint32_t)-rc,
                     "%s: no thread could be started: %s.", line->task, strerror(-rc));
}

/* The thread has its own words for what went wrong, unless it is not heard in time. */
static bool is_up(struct sftp_line *line, const struct mpr_call *call, int64_t deadline_ns,
                  struct sftp_failure *failure) {
    int rc = wait_for_hands(line, call, deadline_ns);

    if (rc)
        return sftp_shake_stopped(line, rc, failure);
    if (!line->working)
        *failure = line->failure;
    return line->working;
}

struct sftp_line *sftp_line_open(const struct sftp_line_setup *setup, const struct mpr_call *call,
                                 struct sftp_failure *ret_failure) {
    struct mpr_call bounded = *call;
    struct np_failure failure;
    struct sftp_line *line;
    int64_t now = np_now_ns();
    int fd;

    if (bounded.deadline_ns > now + (int64_t)setup->options->connect_timeout_ms * NP_MS)
        bounded.deadline_ns = now + (int64_t)setup->options->connect_timeout_ms * NP_MS;
    fd = np_connect_tcp(setup->name->host, setup->name->port, &bounded, NULL, &failure);
    if (fd < 0) {
        fail_to_connect(setup, &failure, now, ret_failure);
        return NULL;
    }
    line = make_line(setup, fd);
    if (!line) {
        sftp_fail(ret_failure, MPR_MINE_FAILED, ERROR_NOT_ENOUGH_MEMORY, ENOMEM,
                  "Connecting to %s: memory or file descriptors ran out.", setup->remote);
        return NULL;
    }
    line->uid = call->uid;
    line->began_ns = now;
    line->deadline_ns = bounded.deadline_ns;
    if (!start(line, call, ret_failure)) {
        sftp_line_drop(line);
        return NULL;
    }
    if (is_up(line, &bounded, bounded.deadline_ns, ret_failure))
        return line;
    sftp_line_close(line);
    return NULL;
}
