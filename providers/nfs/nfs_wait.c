/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_wait.c: the threads that wait on a line.
 */
#include "config.h"

#include "providers/nfs/nfs_wait.h"

#include <errno.h>
#include <nfsc/libnfs-raw-nfs.h>
#include <nfsc/libnfs-raw.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "providers/common/np_time.h"

void nfs_wait_init(struct nfs_wait *wait, struct nfs_line *line, const struct mpr_call *call,
                   size_t bytes) {
    *wait = (struct nfs_wait){.line = line, .call = call, .event_fd = -1};
    np_progress_begin(&wait->progress, call->deadline_ns, line->setup.io_ns, bytes);
}

void nfs_wait_add_locked(struct nfs_wait *wait, struct nfs_request *request) {
    request->line = wait->line;
    request->wait = wait;
    wait->outstanding++;
    nfs_line_send_locked(wait->line, request);
}

/* An eventfd of value 1 is readable until it is drained. */
static void ring(int event_fd) {
    uint64_t one = 1;
    ssize_t written = write(event_fd, &one, sizeof one);

    (void)written;
}

static void drain(int event_fd) {
    uint64_t count;
    ssize_t got = read(event_fd, &count, sizeof count);

    (void)got;
}

void nfs_wait_answered_locked(struct nfs_wait *wait) {
    wait->outstanding--;
    np_progress_answered(&wait->progress);
    if (!wait->outstanding && !wait->leads && wait->event_fd >= 0)
        ring(wait->event_fd);
}

/* Looks at all that can end a wait. Returns 0 to go on, or -errno. */
static int check_locked(struct nfs_wait *wait) {
    if (atomic_load(&wait->line->aborted))
        return -ENOTCONN;
    if (np_progress_is_due(&wait->progress))
        nfs_line_look_locked(wait->line, wait);
    return np_now_ns() >= np_progress_end_ns(&wait->progress) ? -ETIMEDOUT : 0;
}

/* Readable when either the call is cancelled or the line aborted. */
static int merge_cancel(const struct nfs_line *line, int cancel_fd) {
    struct epoll_event event = {.events = EPOLLIN};
    int fd = epoll_create1(EPOLL_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (epoll_ctl(fd, EPOLL_CTL_ADD, line->abort_fd, &event)
        || (cancel_fd >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, cancel_fd, &event))) {
        int error = errno;

        close(fd);
        return -error;
    }
    return fd;
}

static int try_reconnect_locked(struct nfs_wait *wait) {
    struct nfs_line *line = wait->line;
    struct mpr_call attempt = *wait->call;
    int64_t now = np_now_ns();
    int fd;

    attempt.deadline_ns = now + line->setup.connect_ns;
    if (attempt.deadline_ns > np_progress_end_ns(&wait->progress))
        attempt.deadline_ns = np_progress_end_ns(&wait->progress);
    attempt.cancel_fd = merge_cancel(line, wait->call->cancel_fd);
    if (attempt.cancel_fd < 0)
        return attempt.cancel_fd;
    pthread_mutex_unlock(&line->lock);
    fd = line->setup.reserved
             ? np_connect_tcp_reserved(line->host, line->port, &attempt, NULL, NULL)
             : np_connect_tcp(line->host, line->port, &attempt, NULL, NULL);
    close(attempt.cancel_fd);
    pthread_mutex_lock(&line->lock);
    if (fd >= 0)
        return nfs_line_attach_locked(line, fd);
    if (fd == -ECANCELED)
        return atomic_load(&line->aborted) ? -ENOTCONN : -ECANCELED;
    nfs_line_pause_locked(line);
    return 0;
}

/* Polls fds, the last two of which are for abort and cancel, without the lock. */
static int poll_unlocked(struct nfs_wait *wait, struct pollfd *fds, nfds_t count, int64_t until) {
    int ready;

    fds[count - 2] = (struct pollfd){.fd = wait->line->abort_fd, .events = POLLIN};
    fds[count - 1] = (struct pollfd){.fd = wait->call->cancel_fd, .events = POLLIN};
    pthread_mutex_unlock(&wait->line->lock);
    ready = poll(fds, count, np_poll_ms(until));
    if (ready < 0)
        ready = errno == EINTR ? 0 : -errno;
    pthread_mutex_lock(&wait->line->lock);
    if (ready > 0 && fds[count - 1].revents)
        return -ECANCELED;
    if (ready == 0)
        for (nfds_t i = 0; i < count; i++)
            fds[i].revents = 0;
    return ready < 0 ? ready : 0;
}

static int reconnect_locked(struct nfs_wait *wait) {
    struct pollfd fds[2];
    int64_t until = np_progress_wake_ns(&wait->progress);

    if (np_now_ns() >= wait->line->next_try_ns)
        return try_reconnect_locked(wait);
    if (wait->line->next_try_ns < until)
        until = wait->line->next_try_ns;
    return poll_unlocked(wait, fds, 2, until);
}

/* One turn of the thread that polls for all. */
static int lead_locked(struct nfs_wait *wait) {
    struct nfs_line *line = wait->line;
    struct pollfd fds[4];
    int rc;

    if (line->broken)
        nfs_line_drop_locked(line);
    if (!wait->outstanding)
        return 0;
    if (!line->rpc)
        return reconnect_locked(wait);
    fds[0] = (struct pollfd){.fd = line->fd, .events = (short)rpc_which_events(line->rpc)};
    fds[1] = (struct pollfd){.fd = line->kick_fd, .events = POLLIN};
    rc = poll_unlocked(wait, fds, 4, np_progress_wake_ns(&wait->progress));
    if (rc)
        return rc;
    if (fds[1].revents)
        drain(line->kick_fd);
    if (fds[0].revents && line->rpc && !line->broken)
        nfs_line_serve_locked(line, fds[0].revents);
    return 0;
}

static int take_event(struct nfs_wait *wait) {
    struct nfs_line *line = wait->line;

    if (wait->event_fd >= 0)
        return 0;
    wait->event_fd =
        line->spares ? line->spare[--line->spares] : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return wait->event_fd < 0 ? -errno : 0;
}

static void give_event_back(struct nfs_wait *wait) {
    struct nfs_line *line = wait->line;

    if (wait->event_fd < 0)
        return;
    drain(wait->event_fd);
    if (line->spares < NFS_SPARE_EVENTS)
        line->spare[line->spares++] = wait->event_fd;
    else
        close(wait->event_fd);
    wait->event_fd = -1;
}

/* Sleeps until the leader has all replies, or leaves. */
static int follow_locked(struct nfs_wait *wait) {
    struct nfs_line *line = wait->line;
    struct pollfd fds[3];
    int rc = take_event(wait);

    if (rc)
        return rc;
    wait->next = line->followers;
    wait->link = &line->followers;
    if (wait->next)
        wait->next->link = &wait->next;
    line->followers = wait;
    fds[0] = (struct pollfd){.fd = wait->event_fd, .events = POLLIN};
    rc = poll_unlocked(wait, fds, 3, np_progress_wake_ns(&wait->progress));
    *wait->link = wait->next;
    if (wait->next)
        wait->next->link = wait->link;
    drain(wait->event_fd);
    return rc;
}

int nfs_wait_run_locked(struct nfs_wait *wait) {
    struct nfs_line *line = wait->line;
    int rc = 0;

    nfs_line_flush_locked(line);
    while (wait->outstanding && !(rc = check_locked(wait))) {
        if (line->leading && !wait->leads) {
            rc = follow_locked(wait);
        } else {
            wait->leads = line->leading = true;
            rc = lead_locked(wait);
        }
        if (rc)
            break;
    }
    if (wait->leads)
        wait->leads = line->leading = false;
    if (wait->outstanding)
        nfs_line_abandon_locked(line, wait);
    else
        rc = 0;
    give_event_back(wait);
    if (!line->leading && line->followers)
        ring(line->followers->event_fd);
    if (line->report && line->setup.lost && !atomic_load(&line->aborted)) {
        line->report = false;
        pthread_mutex_unlock(&line->lock);
        line->setup.lost(line->setup.context);
        pthread_mutex_lock(&line->lock);
    }
    return rc;
}

int nfs_wait_may_start(const struct nfs_line *line, const struct mpr_call *call) {
    struct pollfd cancel = {.fd = call->cancel_fd, .events = POLLIN};

    if (atomic_load(&line->aborted))
        return -ENOTCONN;
    if (np_now_ns() >= call->deadline_ns)
        return -ETIMEDOUT;
    return call->cancel_fd >= 0 && poll(&cancel, 1, 0) > 0 ? -ECANCELED : 0;
}

static bool take_result(struct nfs_request *request, int result, const void *data) {
    struct nfs_call *one = request->context;

    one->result = result;
    if (result == 0 && one->take)
        one->take(one->context, data);
    return false;
}

static struct nfs_request *make_request(struct nfs_call *one) {
    struct nfs_request *request = calloc(1, sizeof *request);

    if (!request)
        return NULL;
    request->procedure = one->procedure;
    request->args = one->args;
    request->reply = take_result;
    request->context = one;
    return request;
}

int nfs_call_all(struct nfs_line *line, const struct mpr_call *call, struct nfs_call *calls,
                 size_t count) {
    struct nfs_wait wait;
    int rc = nfs_wait_may_start(line, call);

    if (rc)
        return rc;
    nfs_wait_init(&wait, line, call, 0);
    pthread_mutex_lock(&line->lock);
    for (size_t i = 0; i < count; i++) {
        struct nfs_request *request = make_request(&calls[i]);

        calls[i].result = -ENOMEM;
        if (request)
            nfs_wait_add_locked(&wait, request);
    }
    rc = nfs_wait_run_locked(&wait);
    pthread_mutex_unlock(&line->lock);
    return rc;
}

int nfs_wait_pause(const struct nfs_line *line, const struct mpr_call *call, int64_t pause_ns) {
    int64_t end = np_now_ns() + pause_ns;

    while (np_now_ns() < end) {
        struct pollfd fds[2] = {{.fd = line->abort_fd, .events = POLLIN},
                                {.fd = call->cancel_fd, .events = POLLIN}};
        int64_t until = end < call->deadline_ns ? end : call->deadline_ns;
        int rc, ready = poll(fds, 2, np_poll_ms(until));

        if (ready > 0 && fds[1].revents)
            return -ECANCELED;
        if ((rc = nfs_wait_may_start(line, call)))
            return rc;
    }
    return 0;
}

int nfs_call(struct nfs_line *line, const struct mpr_call *call,
             const struct nfs_procedure *procedure, void *args, nfs_take_fn take, void *context) {
    struct nfs_call one = {.procedure = procedure, .args = args, .take = take, .context = context};

    for (;;) {
        int rc = nfs_call_all(line, call, &one, 1);

        if (rc)
            return rc;
        if (!procedure->status || one.result != NFS3ERR_JUKEBOX)
            return one.result;
        if (nfs_wait_pause(line, call, NFS_JUKEBOX_NS))
            return one.result;
    }
}
