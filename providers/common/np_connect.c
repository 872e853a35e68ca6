/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_connect.c: the race for a TCP connection.
 */
#include "config.h"

#include "providers/common/np_connect.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "providers/common/np_resolve.h"
#include "providers/common/np_time.h"

#define MAX_RUNNERS   16            /* addresses of one name that are tried at most */
#define HEAD_START_NS (250 * NP_MS) /* before the next address is tried beside the last */
#define RESERVED_LOW  512
#define RESERVED_HIGH 1023

struct race {
    const struct mpr_call *call;
    bool reserved;                             /* from a reserved port, if one is to be had */
    const struct addrinfo *order[MAX_RUNNERS]; /* as they are to be tried */
    int fd[MAX_RUNNERS];                       /* -1: not started, failed, or taken */
    size_t count, started;
    size_t winner; /* index, when run_race returned a socket */
    int error;     /* of the first address that failed */
};

/* The resolver's order, but with the two families taking turns: one family
 * that leads nowhere then costs one head start, not one for each address. */
static void order_addresses(struct race *race, const struct addrinfo *list) {
    const struct addrinfo *same = list, *other = list;

    while (race->count < MAX_RUNNERS && (same || other)) {
        while (same && same->ai_family != list->ai_family)
            same = same->ai_next;
        if (same) {
            race->order[race->count++] = same;
            same = same->ai_next;
        }
        while (other && other->ai_family == list->ai_family)
            other = other->ai_next;
        if (other && race->count < MAX_RUNNERS) {
            race->order[race->count++] = other;
            other = other->ai_next;
        }
    }
    for (size_t i = 0; i < MAX_RUNNERS; i++)
        race->fd[i] = -1;
}

/* Binds to some free reserved port. false: none to be had, which is no failure. */
static bool bind_reserved(int fd, int family) {
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const unsigned span = RESERVED_HIGH - RESERVED_LOW + 1;
    unsigned start = 0;
    ssize_t got = getrandom(&start, sizeof start, GRND_NONBLOCK);

    (void)got; /* any start will do */
    for (unsigned i = 0; i < span; i++) {
        in_port_t port = htons((uint16_t)(RESERVED_LOW + (start % span + i) % span));
        int rc;

        v4.sin_port = v6.sin6_port = port;
        rc = family == AF_INET6 ? bind(fd, (const struct sockaddr *)&v6, sizeof v6)
                                : bind(fd, (const struct sockaddr *)&v4, sizeof v4);
        if (rc == 0)
            return true;
        if (errno != EADDRINUSE)
            return false;
    }
    return false;
}

/* Starts a connect; returns the socket, or -errno. */
static int start_connect(const struct addrinfo *address, bool reserved) {
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    int error;

    if (fd < 0)
        return -errno;
    if (reserved)
        bind_reserved(fd, address->ai_family);
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS)
        return fd;
    error = errno;
    close(fd);
    return -error;
}

static void note_failure(struct race *race, size_t i, int error) {
    if (race->fd[i] >= 0)
        close(race->fd[i]);
    race->fd[i] = -1;
    if (!race->error)
        race->error = error;
}

static void start_next(struct race *race) {
    size_t i = race->started++;
    int fd = start_connect(race->order[i], race->reserved);

    if (fd < 0)
        note_failure(race, i, -fd);
    else
        race->fd[i] = fd;
}

static bool anybody_running(const struct race *race) {
    for (size_t i = 0; i < race->started; i++)
        if (race->fd[i] >= 0)
            return true;
    return false;
}

/* Looks at those who have something to say. Returns true if one of them won. */
static bool judge(struct race *race, const struct pollfd *fds) {
    for (size_t i = 0; i < race->started; i++) {
        int error = 0;
        socklen_t length = sizeof error;

        if (race->fd[i] < 0 || !fds[i].revents)
            continue;
        if (getsockopt(race->fd[i], SOL_SOCKET, SO_ERROR, &error, &length))
            error = errno;
        if (!error) {
            race->winner = i;
            return true;
        }
        note_failure(race, i, error);
    }
    return false;
}

/* Waits for those who run, at most until the given time: 1 if one of them won, 0, or -errno. */
static int wait_for_runners(struct race *race, int64_t until) {
    struct pollfd fds[MAX_RUNNERS + 1];
    int ready;

    for (size_t i = 0; i < race->started; i++)
        fds[i] = (struct pollfd){.fd = race->fd[i], .events = POLLOUT};
    fds[race->started] = (struct pollfd){.fd = race->call->cancel_fd, .events = POLLIN};
    ready = poll(fds, race->started + 1, np_poll_ms(until));
    if (ready < 0)
        return errno == EINTR ? 0 : -errno;
    if (ready > 0 && fds[race->started].revents)
        return -ECANCELED;
    return ready > 0 && judge(race, fds);
}

/* Returns the winner's socket or -errno. */
static int run_race(struct race *race) {
    int64_t next_at = np_now_ns();

    for (;;) {
        int64_t until = race->call->deadline_ns;
        int rc;

        while (race->started < race->count && (!anybody_running(race) || np_now_ns() >= next_at)) {
            start_next(race);
            next_at = np_now_ns() + HEAD_START_NS;
        }
        if (!anybody_running(race))
            return -race->error;
        if (race->started < race->count && next_at < until)
            until = next_at;
        rc = wait_for_runners(race, until);
        if (rc)
            return rc < 0 ? rc : race->fd[race->winner];
        if (np_now_ns() >= race->call->deadline_ns)
            return -ETIMEDOUT;
    }
}

static int connect_any(const struct addrinfo *list, const struct mpr_call *call, bool reserved,
                       struct np_address *ret_address) {
    struct race race = {.call = call, .reserved = reserved};
    int fd;

    order_addresses(&race, list);
    fd = run_race(&race);
    if (fd >= 0) {
        const struct addrinfo *won = race.order[race.winner];

        race.fd[race.winner] = -1;
        if (ret_address) {
            memset(ret_address, 0, sizeof *ret_address);
            memcpy(&ret_address->address, won->ai_addr, won->ai_addrlen);
            ret_address->length = won->ai_addrlen;
        }
    }
    for (size_t i = 0; i < race.started; i++)
        if (race.fd[i] >= 0)
            close(race.fd[i]);
    return fd;
}

static int connect_host(const char *host, uint16_t port, const struct mpr_call *call, bool reserved,
                        struct np_address *ret_address, struct np_failure *ret_failure) {
    struct addrinfo *list;
    int gai = 0, rc;

    rc = np_resolve(host, port, call, &list, &gai);
    if (rc == 0) {
        rc = connect_any(list, call, reserved, ret_address);
        freeaddrinfo(list);
    }
    if (rc < 0 && ret_failure)
        *ret_failure = (struct np_failure){.error = -rc, .gai = gai};
    return rc;
}

int np_connect_tcp(const char *host, uint16_t port, const struct mpr_call *call,
                   struct np_address *ret_address, struct np_failure *ret_failure) {
    return connect_host(host, port, call, false, ret_address, ret_failure);
}

int np_connect_tcp_reserved(const char *host, uint16_t port, const struct mpr_call *call,
                            struct np_address *ret_address, struct np_failure *ret_failure) {
    return connect_host(host, port, call, true, ret_address, ret_failure);
}
