/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_line.c: libnfs on a socket of ours, and the fate of each request.
 */
#include "config.h"

#include "providers/nfs/nfs_line.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nfsc/libnfs-raw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "providers/common/np_route.h"
#include "providers/common/np_time.h"
#include "providers/nfs/nfs_wait.h"

#define PAUSE_FIRST_NS (100 * NP_MS)  /* after an attempt to reconnect failed */
#define PAUSE_MOST_NS  (5000 * NP_MS) /* a waiting user should not wait longer than need be */

/* What libnfs says of a request that is longer than its 4 KiB; only names make one so long. */
#define NO_ROOM        (-2)

/* rpc_init_context draws from a counter that all contexts share. */
static pthread_mutex_t init_lock = PTHREAD_MUTEX_INITIALIZER;

static void clear_list(struct nfs_requests *list) {
    list->first = NULL;
    list->end = &list->first;
}

static void append(struct nfs_requests *list, struct nfs_request *request) {
    request->next = NULL;
    request->link = list->end;
    *list->end = request;
    list->end = &request->next;
}

static void take_out(struct nfs_requests *list, struct nfs_request *request) {
    *request->link = request->next;
    if (request->next)
        request->next->link = request->link;
    else
        list->end = request->link;
}

/* Tells the one who waits. May send the request again. */
static void finish_locked(struct nfs_request *request, int result, const void *data) {
    struct nfs_wait *wait = request->wait;

    if (wait && request->reply(request, result, data)) {
        nfs_line_send_locked(request->line, request);
        return;
    }
    free(request);
    if (wait)
        nfs_wait_answered_locked(wait);
}

/* libnfs calls this once for each request, with the lock held. */
static void take_reply(struct rpc_context *rpc, int status, void *data, void *private_data) {
    struct nfs_request *request = private_data;
    struct nfs_line *line = request->line;
    uint32_t answer = 0;

    (void)rpc;
    take_out(&line->in_flight, request);
    if (status != RPC_STATUS_SUCCESS) {
        if (status == RPC_STATUS_ERROR && data)
            snprintf(line->text, sizeof line->text, "%s", (const char *)data);
        append(&line->failed, request);
        return;
    }
    line->answered = true;
    if (request->procedure->status)
        memcpy(&answer, data, sizeof answer);
    finish_locked(request, answer <= INT32_MAX ? (int)answer : INT32_MAX, data);
}

/* Why a working connection brought no result. What libnfs says of MSG_DENIED:
 * the server knows the call, and does not want it from us. */
static int refusal_of(const struct nfs_line *line) {
    return strstr(line->text, "not accepted") ? -EACCES : -EPROTO;
}

/* Decides on those that libnfs called back without a reply. */
static void sort_out_failed_locked(struct nfs_line *line, bool lost) {
    struct nfs_request *request = line->failed.first;

    clear_list(&line->failed);
    while (request) {
        struct nfs_request *next = request->next;

        if (!request->wait)
            free(request);
        else if (lost && line->setup.reconnect && request->procedure->replay)
            append(&line->queued, request);
        else if (lost)
            finish_locked(request, line->setup.reconnect ? -EIO : -ECONNRESET, NULL);
        else
            finish_locked(request, refusal_of(line), NULL);
        request = next;
    }
}

/* An idle connection may have been closed since; better to know before a
 * request that cannot be replayed is sent into it. */
static bool is_dead_locked(const struct nfs_line *line) {
    char byte;
    ssize_t got;

    if (line->leading || line->serving)
        return false;
    if (line->broken)
        return true;
    if (line->in_flight.first)
        return false;
    got = recv(line->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

static void drop_dead_locked(struct nfs_line *line) {
    if (!line->rpc || !is_dead_locked(line))
        return;
    line->report = true;
    nfs_line_drop_locked(line);
}

uint32_t nfs_line_generation(struct nfs_line *line) {
    uint32_t generation;

    pthread_mutex_lock(&line->lock);
    drop_dead_locked(line);
    generation = line->generation;
    pthread_mutex_unlock(&line->lock);
    return generation;
}

bool nfs_line_is_direct(struct nfs_line *line) {
    bool direct;

    pthread_mutex_lock(&line->lock);
    direct = np_route_is_direct(line->fd);
    pthread_mutex_unlock(&line->lock);
    return direct;
}

void nfs_line_send_locked(struct nfs_line *line, struct nfs_request *request) {
    int rc;

    drop_dead_locked(line);
    if (!line->rpc) {
        if (line->setup.reconnect)
            append(&line->queued, request);
        else
            finish_locked(request, -ECONNRESET, NULL);
        return;
    }
    append(&line->in_flight, request);
    rc = request->procedure->send(line->rpc, take_reply, request->args, request);
    if (rc == 0)
        return;
    take_out(&line->in_flight, request);
    finish_locked(request, rc == NO_ROOM ? -ENAMETOOLONG : -ENOMEM, NULL);
}

static void service_locked(struct nfs_line *line, int events) {
    int rc;

    line->serving = true;
    rc = rpc_service(line->rpc, events);
    line->serving = false;
    if (rc)
        line->broken = line->report = true;
    sort_out_failed_locked(line, rc != 0);
}

void nfs_line_flush_locked(struct nfs_line *line) {
    uint64_t one = 1;

    if (!line->rpc || line->broken || line->serving)
        return;
    if (rpc_which_events(line->rpc) & POLLOUT)
        service_locked(line, POLLOUT);
    /* The leader polls for what it knew of. */
    if (line->leading && (line->broken || (rpc_which_events(line->rpc) & POLLOUT))
        && write(line->kick_fd, &one, sizeof one) < 0)
        line->broken = true; /* cannot be: the counter is far from full */
}

void nfs_line_serve_locked(struct nfs_line *line, short revents) {
    /* libnfs reads once per call: the record's length, then what follows it. A
     * hang-up is looked at after what came before it was read. */
    if (revents & POLLIN) {
        service_locked(line, POLLIN);
        if (!line->broken)
            service_locked(line, POLLIN);
    } else if (revents & (POLLERR | POLLHUP | POLLNVAL)) {
        line->broken = line->report = true;
    }
    if (!line->broken && (rpc_which_events(line->rpc) & POLLOUT))
        service_locked(line, POLLOUT);
}

void nfs_line_pause_locked(struct nfs_line *line) {
    line->pause_ns = line->pause_ns ? 2 * line->pause_ns : PAUSE_FIRST_NS;
    if (line->pause_ns > PAUSE_MOST_NS)
        line->pause_ns = PAUSE_MOST_NS;
    line->next_try_ns = np_now_ns() + line->pause_ns;
}

void nfs_line_drop_locked(struct nfs_line *line) {
    struct rpc_context *rpc = line->rpc;

    line->broken = false;
    if (!rpc)
        return;
    line->rpc = NULL;
    line->fd = -1;
    line->generation++;
    line->serving = true;
    rpc_destroy_context(rpc); /* closes the socket and calls back for all in flight */
    line->serving = false;
    sort_out_failed_locked(line, true);
    line->next_try_ns = 0;
    if (line->answered)
        line->pause_ns = 0;
    else
        nfs_line_pause_locked(line);
}

static struct rpc_context *make_context(const struct nfs_identity *identity, int fd) {
    struct rpc_context *rpc;
    struct AUTH *auth;
    char machine[64];
    uint32_t groups[NFS_GROUPS_MAX], xid;

    memcpy(groups, identity->groups, sizeof groups);
    if (gethostname(machine, sizeof machine))
        memcpy(machine, "localhost", sizeof "localhost");
    machine[sizeof machine - 1] = '\0';
    pthread_mutex_lock(&init_lock);
    rpc = rpc_init_context();
    auth = libnfs_authunix_create(machine, identity->uid, identity->gid, identity->group_count,
                                  groups);
    pthread_mutex_unlock(&init_lock);
    if (!rpc || !auth) {
        if (rpc)
            rpc_destroy_context(rpc);
        if (auth)
            libnfs_auth_destroy(auth);
        return NULL;
    }
    rpc_set_auth(rpc, auth);
    /* A server remembers replies by these numbers: those of an earlier
     * connection must not come again. */
    if (getrandom(&xid, sizeof xid, GRND_NONBLOCK) == sizeof xid)
        rpc_set_next_xid(rpc, xid);
    rpc_set_fd(rpc, fd);
    return rpc;
}

int nfs_line_attach_locked(struct nfs_line *line, int fd) {
    struct rpc_context *rpc = make_context(&line->setup.identity, fd);
    struct nfs_request *request = line->queued.first;
    int on = 1;

    if (!rpc) {
        close(fd);
        return -ENOMEM;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    line->rpc = rpc;
    line->fd = fd;
    line->answered = false;
    service_locked(line, POLLOUT); /* tells libnfs that the socket is connected */
    clear_list(&line->queued);
    while (request) {
        struct nfs_request *next = request->next;

        nfs_line_send_locked(line, request);
        request = next;
    }
    nfs_line_flush_locked(line);
    return 0;
}

void nfs_line_abandon_locked(struct nfs_line *line, const struct nfs_wait *wait) {
    struct nfs_request *request, *next;
    bool anybody = false;

    for (request = line->queued.first; request; request = next) {
        next = request->next;
        if (request->wait == wait) {
            take_out(&line->queued, request);
            free(request);
        }
    }
    for (request = line->in_flight.first; request; request = request->next) {
        if (request->wait == wait)
            request->wait = NULL;
        anybody = anybody || request->wait;
    }
    /* Replies that nobody waits for, and requests that pile up in front of a
     * silent server, are not worth keeping the connection for. */
    if (!anybody && line->in_flight.first && line->setup.reconnect)
        nfs_line_drop_locked(line);
}

static bool is_shared_locked(const struct nfs_line *line, const struct nfs_wait *wait) {
    for (const struct nfs_request *at = line->in_flight.first; at; at = at->next)
        if (at->wait != wait)
            return true;
    return false;
}

void nfs_line_look_locked(const struct nfs_line *line, struct nfs_wait *wait) {
    bool sending = line->rpc && (rpc_which_events(line->rpc) & POLLOUT);

    np_progress_look(&wait->progress, line->fd, is_shared_locked(line, wait), sending);
}

void nfs_line_abort(struct nfs_line *line) {
    uint64_t one = 1;
    ssize_t written;

    atomic_store(&line->aborted, true);
    written = write(line->abort_fd, &one, sizeof one);
    (void)written; /* fails only when the counter is full, and readable anyway */
}

void nfs_line_free(struct nfs_line *line) {
    if (!line)
        return;
    pthread_mutex_lock(&line->lock);
    nfs_line_drop_locked(line);
    pthread_mutex_unlock(&line->lock);
    while (line->spares)
        close(line->spare[--line->spares]);
    if (line->kick_fd >= 0)
        close(line->kick_fd);
    if (line->abort_fd >= 0)
        close(line->abort_fd);
    pthread_mutex_destroy(&line->lock);
    free(line);
}

static struct nfs_line *make_line(const struct nfs_line_setup *setup, uint16_t port) {
    struct nfs_line *line = calloc(1, sizeof *line);

    if (!line)
        return NULL;
    line->setup = *setup;
    line->port = port;
    line->fd = -1;
    pthread_mutex_init(&line->lock, NULL);
    clear_list(&line->in_flight);
    clear_list(&line->queued);
    clear_list(&line->failed);
    line->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    line->abort_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (line->kick_fd >= 0 && line->abort_fd >= 0)
        return line;
    nfs_line_free(line);
    return NULL;
}

static int connect_line(struct nfs_line *line, const char *host, const struct mpr_call *call,
                        struct np_failure *ret_failure) {
    struct np_address address;
    int fd, rc;

    fd = line->setup.reserved
             ? np_connect_tcp_reserved(host, line->port, call, &address, ret_failure)
             : np_connect_tcp(host, line->port, call, &address, ret_failure);
    if (fd < 0)
        return fd;
    if (getnameinfo((const struct sockaddr *)&address.address, address.length, line->host,
                    sizeof line->host, NULL, 0, NI_NUMERICHOST)) {
        close(fd);
        return -ENOMEM;
    }
    pthread_mutex_lock(&line->lock);
    rc = nfs_line_attach_locked(line, fd);
    pthread_mutex_unlock(&line->lock);
    return rc;
}

int nfs_line_open(const char *host, uint16_t port, const struct nfs_line_setup *setup,
                  const struct mpr_call *call, struct nfs_line **ret_line,
                  struct np_failure *ret_failure) {
    struct nfs_line *line = make_line(setup, port);
    int rc;

    *ret_failure = (struct np_failure){.error = ENOMEM};
    if (!line)
        return -ENOMEM;
    rc = connect_line(line, host, call, ret_failure);
    if (rc) {
        nfs_line_free(line);
        return rc;
    }
    *ret_line = line;
    return 0;
}
