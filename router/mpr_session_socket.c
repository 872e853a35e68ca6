/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session_socket.c: connections to the service of the user.
 */
#include "config.h"

#include "router/mpr_session_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_time.h"

#define FIRST_ROOM 0x4000u /* bytes; most replies are shorter */
#define PAUSE_MS   10      /* between attempts at a socket whose queue is full */

/* ---- trust */

static DWORD refuse_directory(const char *runtime, const char *why) {
    return mpr_error_say(ERROR_NO_NETWORK,
                         "The service of this user is not used: its directory %s %s. It has to be "
                         "a directory of this user's that nobody else may enter (0700).",
                         runtime, why);
}

/* The directory by a descriptor, so that what is looked at is what is used. */
static DWORD open_directory(const char *runtime, int *ret_fd, bool *ret_absent) {
    struct stat facts;
    const char *why = NULL;
    int fd = open(runtime, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && (errno == ENOENT || errno == EACCES)) {
        *ret_absent = true;
        return mpr_error_say(ERROR_NO_NETWORK,
                             "There is no service of this user: %s is not there. `wnet status` "
                             "starts it.",
                             runtime);
    }
    if (fd < 0)
        return refuse_directory(runtime, errno == ENOTDIR || errno == ELOOP
                                             ? "is a link, or no directory"
                                             : strerror(errno));
    if (fstat(fd, &facts))
        why = strerror(errno);
    else if (facts.st_uid != geteuid())
        why = "belongs to another user";
    else if (facts.st_mode & 077)
        why = "may be entered by others";
    if (why) {
        close(fd);
        return refuse_directory(runtime, why);
    }
    *ret_fd = fd;
    return NO_ERROR;
}

static DWORD check_peer(struct mpr_session_line *line) {
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockopt(line->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
        return mpr_error_say(ERROR_NO_NETWORK,
                             "The service of this user is not used: whose it is cannot be told: "
                             "%s.",
                             strerror(errno));
    if (peer.uid != geteuid() && peer.uid != 0)
        return mpr_error_say(ERROR_NO_NETWORK,
                             "The service of this user is not used: process %d, which has its "
                             "socket, belongs to user %u.",
                             (int)peer.pid, (unsigned)peer.uid);
    line->pid = (int)peer.pid;
    return NO_ERROR;
}

/* ---- connecting */

/* By way of the descriptor, as the directory's own path may be too long for an address. */
static int connect_in(int directory, int fd, int64_t deadline_ns) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" MPR_SESSION_SOCKET,
             directory);
    while (connect(fd, (const struct sockaddr *)&address, sizeof address)) {
        if (errno == EINTR)
            continue;
        /* EAGAIN: its queue is full. */
        if (errno != EAGAIN || mpr_now_ns() >= deadline_ns)
            return -errno;
        poll(NULL, 0, PAUSE_MS);
    }
    return 0;
}

static DWORD say_unreached(const char *runtime, int rc, bool *ret_absent) {
    *ret_absent = rc == -ENOENT || rc == -ECONNREFUSED;
    if (rc == -EAGAIN)
        return mpr_error_say(ERROR_NO_NETWORK,
                             "The service of this user has accepted nobody for %d s. End it; "
                             "`wnet status` starts another.",
                             MPR_SESSION_PING_MS / 1000);
    return mpr_error_say(ERROR_NO_NETWORK,
                         *ret_absent ? "There is no service of this user behind %s/%s. `wnet "
                                       "status` starts it."
                                     : "The service of this user cannot be reached at %s/%s: %s.",
                         runtime, MPR_SESSION_SOCKET, strerror(-rc));
}

DWORD mpr_session_connect(const char *runtime, struct mpr_session_line *ret_line,
                          bool *ret_absent) {
    int64_t deadline_ns = mpr_deadline_in_ms(MPR_SESSION_PING_MS);
    struct mpr_session_line line = {.fd = -1};
    int directory = -1;
    DWORD rc;

    *ret_absent = false;
    rc = open_directory(runtime, &directory, ret_absent);
    if (rc != NO_ERROR)
        return rc;
    line.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (line.fd < 0) {
        rc = mpr_error_say(ERROR_NO_NETWORK, "No socket could be had for the service: %s.",
                           strerror(errno));
    } else {
        int error = connect_in(directory, line.fd, deadline_ns);

        rc = error ? say_unreached(runtime, error, ret_absent) : check_peer(&line);
    }
    close(directory);
    if (rc != NO_ERROR) {
        mpr_session_hang_up(&line);
        return rc;
    }
    *ret_line = line;
    return NO_ERROR;
}

void mpr_session_hang_up(struct mpr_session_line *line) {
    if (line->fd >= 0)
        close(line->fd);
    free(line->data);
    *line = (struct mpr_session_line){.fd = -1};
}

bool mpr_session_is_idle(const struct mpr_session_line *line) {
    char byte;

    return line->length == line->taken
           && recv(line->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* ---- messages */

static ssize_t send_some(int fd, const char *data, size_t size, const int *fds, size_t fd_count) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(MPR_SESSION_FDS * sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec part = {.iov_len = size};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

    memcpy(&part.iov_base, &data, sizeof data);
    if (fd_count) {
        struct cmsghdr *rights;

        header.msg_control = &control;
        header.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(rights), fds, fd_count * sizeof(int));
    }
    return sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Until there is room. The descriptors that end a wait are for reading, unlike this one. */
static int wait_for_room(int fd, const struct mpr_worker_wait *wait) {
    struct pollfd fds[] = {
        {.fd = fd, .events = POLLOUT},
        {.fd = wait->cancel_fd, .events = POLLIN},
        {.fd = wait->abort_fd, .events = POLLIN},
    };
    int ready = poll(fds, 3, mpr_ms_until(wait->deadline_ns));

    if (ready < 0)
        return errno == EINTR ? 0 : -errno;
    if (ready == 0)
        return mpr_now_ns() >= wait->deadline_ns ? -ETIMEDOUT : 0;
    if (fds[2].revents)
        return -ENOTCONN;
    return fds[1].revents ? -ECANCELED : 0;
}

int mpr_session_send(const struct mpr_session_line *line, const struct mpr_session_message *message,
                     const struct mpr_worker_wait *wait) {
    size_t fd_count = message->fd_count;
    size_t done = 0;

    while (done <= message->size) {
        ssize_t n = send_some(line->fd, message->text + done, message->size + 1 - done,
                              message->fds, fd_count);
        int rc = 0;

        if (n >= 0) {
            done += (size_t)n;
            fd_count = 0; /* they went with the first byte */
        } else if (errno == EAGAIN) {
            rc = wait_for_room(line->fd, wait);
        } else if (errno != EINTR) {
            rc = errno == ECONNRESET ? -EPIPE : -errno;
        }
        if (rc)
            return rc;
    }
    return 0;
}

/* Room for what comes next; what was given to the caller goes. */
static int make_room(struct mpr_session_line *line) {
    size_t more = line->room ? line->room * 2 : FIRST_ROOM;
    char *grown;

    if (line->taken) {
        memmove(line->data, line->data + line->taken, line->length - line->taken);
        line->length -= line->taken;
        line->taken = 0;
    }
    if (line->length > MPR_SESSION_REPLY_MAX)
        return -EMSGSIZE;
    if (line->length < line->room)
        return 0;
    grown = realloc(line->data, more);
    if (!grown)
        return -ENOMEM;
    line->data = grown;
    line->room = more;
    return 0;
}

static int receive_some(struct mpr_session_line *line, const struct mpr_worker_wait *wait) {
    ssize_t n;
    int rc = make_room(line);

    if (rc)
        return rc;
    n = recv(line->fd, line->data + line->length, line->room - line->length, MSG_DONTWAIT);
    if (n > 0) {
        line->length += (size_t)n;
        return 0;
    }
    if (n == 0 || errno == ECONNRESET)
        return -EPIPE;
    if (errno != EAGAIN && errno != EINTR)
        return -errno;
    return mpr_worker_wait_for(wait, line->fd);
}

int mpr_session_receive(struct mpr_session_line *line, const struct mpr_worker_wait *wait,
                        const char **ret_text, size_t *ret_size) {
    size_t scanned = line->taken;

    for (;;) {
        const char *end = NULL;
        int rc;

        if (line->length > scanned)
            end = memchr(line->data + scanned, '\0', line->length - scanned);
        if (end) {
            *ret_text = line->data + line->taken;
            *ret_size = (size_t)(end - *ret_text);
            line->taken += *ret_size + 1;
            return 0;
        }
        scanned = line->length - line->taken; /* as receive_some moves what is there */
        rc = receive_some(line, wait);
        if (rc)
            return rc;
    }
}

bool mpr_session_answers(const char *runtime, int abort_fd) {
    struct mpr_worker_wait wait = {mpr_deadline_in_ms(MPR_SESSION_PING_MS), -1, abort_fd};
    struct mpr_session_message message = {0};
    struct mpr_session_line line;
    const char *text;
    size_t size;
    bool absent;
    int rc;

    if (mpr_session_connect(runtime, &line, &absent) != NO_ERROR)
        return false;
    if (mpr_session_wire_call_plain(MPR_VARLINK_INTERFACE ".GetInfo", false, &message) != NO_ERROR)
        rc = -ENOMEM;
    else
        rc = mpr_session_send(&line, &message, &wait);
    if (rc == 0)
        rc = mpr_session_receive(&line, &wait, &text, &size);
    mpr_session_message_clear(&message);
    mpr_session_hang_up(&line);
    return rc == 0;
}
