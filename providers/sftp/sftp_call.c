/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_call.c: the threads that wait on a line.
 */
#include "config.h"

#include "providers/sftp/sftp_call.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "providers/common/np_time.h"

void sftp_call_begin(struct sftp_line *line, struct sftp_request *request, struct sftp_out *packet,
                     enum sftp_type type, size_t size) {
    *request = (struct sftp_request){.id = sftp_line_id(line)};
    sftp_out_begin(packet, type, request->id, size);
}

/* A call that is over before it begins must change nothing. */
static int may_start(const struct mpr_call *call) {
    struct pollfd fd = {.fd = call->cancel_fd, .events = POLLIN};

    if (call->cancel_fd >= 0 && poll(&fd, 1, 0) > 0)
        return -ECANCELED;
    return np_now_ns() >= call->deadline_ns ? -ETIMEDOUT : 0;
}

int sftp_wait_begin(struct sftp_line *line, const struct mpr_call *call, size_t bytes,
                    struct sftp_wait *wait) {
    int rc = may_start(call);

    if (rc)
        return rc;
    *wait = (struct sftp_wait){.event_fd = -1};
    np_progress_begin(&wait->progress, call->deadline_ns,
                      (int64_t)line->options.io_timeout_ms * NP_MS, bytes);
    pthread_mutex_lock(&line->lock);
    if (line->spares)
        wait->event_fd = line->spare[--line->spares];
    pthread_mutex_unlock(&line->lock);
    if (wait->event_fd < 0)
        wait->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return wait->event_fd < 0 ? -errno : 0;
}

int sftp_wait_send(struct sftp_line *line, struct sftp_wait *wait, struct sftp_request *request,
                   struct sftp_out *packet) {
    int rc;

    request->wait = wait;
    pthread_mutex_lock(&line->lock);
    rc = sftp_line_send_locked(line, request, packet);
    pthread_mutex_unlock(&line->lock);
    sftp_line_wake(line);
    return rc;
}

/* Reading, more than polling, leaves the descriptor silent for its next user. */
static void drain(int event_fd) {
    uint64_t count;
    ssize_t got = read(event_fd, &count, sizeof count);

    (void)got;
}

static bool is_shared_locked(const struct sftp_line *line, const struct sftp_wait *wait) {
    for (const struct sftp_request *at = line->requests; at; at = at->next)
        if (at->wait != wait)
            return true;
    return false;
}

/* Looks at what moves, and whether the time is over. */
static bool is_over(struct sftp_line *line, struct sftp_wait *wait) {
    if (np_progress_is_due(&wait->progress)) {
        pthread_mutex_lock(&line->lock);
        np_progress_look(&wait->progress, line->fd, is_shared_locked(line, wait), line->parcels);
        pthread_mutex_unlock(&line->lock);
    }
    return np_now_ns() >= np_progress_end_ns(&wait->progress);
}

int sftp_wait_more(struct sftp_line *line, const struct mpr_call *call, struct sftp_wait *wait) {
    unsigned outstanding;

    pthread_mutex_lock(&line->lock);
    outstanding = wait->outstanding;
    pthread_mutex_unlock(&line->lock);
    while (outstanding) {
        struct pollfd fds[2] = {{.fd = wait->event_fd, .events = POLLIN},
                                {.fd = call->cancel_fd, .events = POLLIN}};
        int ready = poll(fds, 2, np_poll_ms(np_progress_wake_ns(&wait->progress)));

        if (ready < 0 && errno != EINTR)
            return -errno;
        if (ready > 0 && fds[0].revents) {
            drain(wait->event_fd);
            np_progress_answered(&wait->progress);
            return 0;
        }
        if (ready > 0 && fds[1].revents)
            return -ECANCELED;
        if (is_over(line, wait))
            return -ETIMEDOUT;
    }
    return 0;
}

void sftp_wait_end(struct sftp_line *line, struct sftp_wait *wait, struct sftp_request *requests,
                   size_t count) {
    pthread_mutex_lock(&line->lock);
    for (size_t i = 0; i < count; i++)
        sftp_line_forget_locked(line, &requests[i]);
    drain(wait->event_fd);
    if (line->spares < SFTP_SPARES) {
        line->spare[line->spares++] = wait->event_fd;
        wait->event_fd = -1;
    }
    pthread_mutex_unlock(&line->lock);
    if (wait->event_fd >= 0)
        close(wait->event_fd);
}

static bool all_done(struct sftp_line *line, const struct sftp_wait *wait) {
    bool done;

    pthread_mutex_lock(&line->lock);
    done = !wait->outstanding;
    pthread_mutex_unlock(&line->lock);
    return done;
}

static void discard(struct sftp_out *packets, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(packets[i].data);
}

int sftp_call_all(struct sftp_line *line, const struct mpr_call *call,
                  struct sftp_request *requests, struct sftp_out *packets, size_t count) {
    struct sftp_wait wait;
    size_t sent = 0;
    int rc = sftp_wait_begin(line, call, 0, &wait);

    if (rc) {
        discard(packets, count);
        return rc;
    }
    while (!rc && sent < count) {
        rc = sftp_wait_send(line, &wait, &requests[sent], &packets[sent]);
        sent++;
    }
    discard(packets + sent, count - sent);
    while (!rc && !all_done(line, &wait))
        rc = sftp_wait_more(line, call, &wait);
    sftp_wait_end(line, &wait, requests, count);
    return rc;
}

int sftp_call(struct sftp_line *line, const struct mpr_call *call, struct sftp_request *request,
              struct sftp_out *packet) {
    int rc = sftp_call_all(line, call, request, packet, 1);

    return rc ? rc : request->result;
}

struct sftp_in sftp_reply(const struct sftp_request *request, enum sftp_type type) {
    bool good = request->done && request->type == (uint8_t)type;

    return (struct sftp_in){.at = request->reply, .left = good ? request->length : 0, .bad = !good};
}
