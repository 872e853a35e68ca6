/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_client.c: one client: what it sends, and what it is sent.
 *
 * It may send garbage, half a message, nothing, or take nothing: then it is left, and
 * nobody else has noticed.
 */
#include "config.h"

#include "service/mprd.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_time.h"

#define PATIENCE_NS (5 * MPR_NS_PER_S) /* for half a message, and for who does not read */
#define READ_SIZE   65536u
#define OUT_MAX     (MPR_SESSION_REPLY_MAX + 1 + 0x100000u) /* a reply, and events */

struct mprd_client *mprd_client_new(int fd) {
    struct mprd_client *client = calloc(1, sizeof *client);

    if (!client)
        return NULL;
    client->fd = fd;
    client->used_ns = mpr_now_ns();
    return client;
}

static void close_fds(struct mprd_client *client) {
    for (size_t i = 0; i < client->fd_count; i++)
        close(client->fds[i]);
    client->fd_count = 0;
}

void mprd_client_free(struct mprd_client *client) {
    close_fds(client);
    mprd_buffer_clear(&client->in);
    mprd_buffer_clear(&client->out);
    mprd_buffer_clear(&client->later);
    close(client->fd);
    free(client);
}

/* --- calls --- */

/* What is wrong with a call is said, if it wants a reply; who sends no call at all is hung up on. */
static void refuse(struct mprd_client *client, DWORD rc, const struct mpr_session_fault *fault) {
    if (rc == ERROR_INVALID_PARAMETER && !fault->oneway)
        mprd_answer_fault(fault, &client->out);
    client->ending = rc != ERROR_INVALID_PARAMETER;
}

static bool is_subscription(const struct mpr_session_call *call) {
    return !call->op && call->more && !call->oneway
           && strcmp(call->method, MPR_SESSION_SUBSCRIBE) == 0;
}

/* A call that was read: it is carried out elsewhere, or answered here. */
static void begin(struct mprd_client *client, struct mprd_call *call) {
    call->client = client;
    call->subscribes = is_subscription(call->call);
    if (call->call->op || call->subscribes) {
        client->call = call;
        client->subscribed |= call->subscribes;
        mprd_calls_submit(call);
        return;
    }
    mprd_answer_plain(call);
    if (call->reply.size
        && !mprd_buffer_add(&client->out, call->reply.bytes, call->reply.size, OUT_MAX))
        client->ending = true;
    mprd_call_free(call);
}

/* The message at the start of the buffer, of size bytes with its NUL. */
static void take_message(struct mprd_client *client, size_t size) {
    struct mprd_call *call = calloc(1, sizeof *call);
    struct mpr_session_fault fault;
    DWORD rc = ERROR_NOT_ENOUGH_MEMORY;

    if (call) {
        memcpy(call->fds, client->fds, sizeof call->fds);
        call->fd_count = client->fd_count;
        client->fd_count = 0;
        rc = mpr_session_wire_read(client->in.bytes + client->in.at, size - 1, call->fds,
                                   call->fd_count, &call->call, &fault);
    }
    explicit_bzero(client->in.bytes + client->in.at, size);
    client->in.at += size;
    if (rc == NO_ERROR) {
        begin(client, call);
        return;
    }
    refuse(client, rc, &fault);
    if (call)
        mprd_call_free(call);
}

/* Begins calls as long as there is a whole one and none under way. */
static void take_messages(struct mprd_client *client) {
    client->used_ns = mpr_now_ns();
    while (!client->call && !client->subscribed && !client->ending
           && client->in.at < client->in.size) {
        const char *start = client->in.bytes + client->in.at;
        size_t held = client->in.size - client->in.at;
        const char *end = memchr(start, '\0', held);

        if (!end && held > MPR_SESSION_CALL_MAX) {
            client->ending = true;
            return;
        }
        if (!end)
            break;
        take_message(client, (size_t)(end - start) + 1);
        client->half_since_ns = 0;
    }
    if (client->in.at == client->in.size) {
        close_fds(client); /* those that no call wanted */
        client->half_since_ns = 0;
        if (!client->call)
            mprd_buffer_clear(&client->in);
    } else if (!client->call && !client->half_since_ns) {
        client->half_since_ns = client->used_ns;
    }
}

/* --- reading --- */

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(MPR_SESSION_FDS * sizeof(int))];
};

/* Keeps the descriptors that came. False: there are more than belong to a message. */
static bool keep_fds(struct mprd_client *client, struct msghdr *message) {
    bool good = (message->msg_flags & MSG_CTRUNC) == 0;

    for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
        size_t count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < count; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(at) + i * sizeof fd, sizeof fd);
            if (client->fd_count < MPR_SESSION_FDS) {
                client->fds[client->fd_count++] = fd;
            } else {
                close(fd);
                good = false;
            }
        }
    }
    return good;
}

static ssize_t receive(struct mprd_client *client) {
    union control control;
    struct iovec room = {client->in.bytes + client->in.size, READ_SIZE};
    struct msghdr message = {.msg_iov = &room,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t got = recvmsg(client->fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

    if (got >= 0 && !keep_fds(client, &message)) {
        errno = EPROTO;
        return -1;
    }
    return got;
}

void mprd_client_read(struct mprd_client *client) {
    ssize_t got = -1;

    if (client->ending)
        return;
    errno = ENOMEM;
    if (mprd_buffer_grow(&client->in, READ_SIZE, MPR_SESSION_CALL_MAX + 2 * READ_SIZE))
        got = receive(client);
    if (got > 0) {
        client->in.size += (size_t)got;
        take_messages(client);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        client->gone = true;
    }
}

/* --- writing --- */

void mprd_client_write(struct mprd_client *client) {
    struct mprd_buffer *out = &client->out;

    while (out->at < out->size) {
        ssize_t sent = send(client->fd, out->bytes + out->at, out->size - out->at,
                            MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0) {
            if (errno == EINTR)
                continue;
            client->gone |= errno != EAGAIN;
            if (!client->stuck_since_ns)
                client->stuck_since_ns = mpr_now_ns();
            return;
        }
        out->at += (size_t)sent;
        client->stuck_since_ns = 0;
    }
    client->stuck_since_ns = 0;
    mprd_buffer_clear(out);
    client->gone |= client->ending && !client->call;
}

void mprd_client_answered(struct mprd_client *client) {
    struct mprd_call *call = client->call;

    client->call = NULL;
    client->used_ns = mpr_now_ns();
    if (call->call->oneway || call->subscribes ? false : call->reply.size == 0)
        client->ending = true; /* no memory for a reply: to hang up is one, too */
    if (call->reply.size
        && !mprd_buffer_add(&client->out, call->reply.bytes, call->reply.size, OUT_MAX))
        client->gone = true;
    if (client->later.size
        && !mprd_buffer_add(&client->out, client->later.bytes, client->later.size, OUT_MAX))
        client->gone = true;
    mprd_buffer_clear(&client->later);
    mprd_call_free(call);
    if (!client->gone)
        take_messages(client);
}

void mprd_client_tell(struct mprd_client *client, const char *message, size_t size) {
    if (!mprd_buffer_add(client->call ? &client->later : &client->out, message, size, OUT_MAX))
        client->gone = true;
}

/* --- time --- */

int64_t mprd_client_deadline(const struct mprd_client *client) {
    int64_t since = INT64_MAX;

    if (client->half_since_ns && !client->call)
        since = client->half_since_ns;
    if (client->stuck_since_ns && client->stuck_since_ns < since)
        since = client->stuck_since_ns;
    return since == INT64_MAX ? since : since + PATIENCE_NS;
}

void mprd_client_check(struct mprd_client *client, int64_t now) {
    client->gone |= mprd_client_deadline(client) <= now;
}

/* Not for input while a call is under way: that it has hung up is told anyhow. */
short mprd_client_events(const struct mprd_client *client) {
    if (client->out.at < client->out.size)
        return POLLOUT;
    return client->call || client->subscribed || client->ending ? 0 : POLLIN;
}
