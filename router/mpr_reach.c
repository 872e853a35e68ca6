/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_reach.c: names looked up and addresses tried, both within a bound.
 */
#include "config.h"

#include "router/mpr_reach.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "router/mpr_gate.h"
#include "router/mpr_time.h"

/* --- names --- */

static const struct addrinfo hints = {
    .ai_family = AF_UNSPEC,
    .ai_socktype = SOCK_STREAM,
    .ai_protocol = IPPROTO_TCP,
};

/* A look-up, which two hold: who asked, until he has the answer or has waited enough, and a thread. */
struct lookup {
    struct mpr_lock lock;
    pthread_cond_t done_changed;
    bool done; /* all below under the lock */
    unsigned holders;
    int gai;
    struct addrinfo *addresses;
    char service[8];
    char host[];
};

static void let_go(struct lookup *lookup) {
    bool last;

    mpr_lock(&lookup->lock);
    last = --lookup->holders == 0;
    mpr_unlock(&lookup->lock);
    if (!last)
        return;
    if (lookup->addresses)
        freeaddrinfo(lookup->addresses);
    pthread_cond_destroy(&lookup->done_changed);
    free(lookup);
}

static void *run_lookup(void *context) {
    struct lookup *lookup = context;
    struct addrinfo *addresses = NULL;
    int gai = getaddrinfo(lookup->host, lookup->service, &hints, &addresses);

    mpr_lock(&lookup->lock);
    lookup->gai = gai;
    lookup->addresses = gai ? NULL : addresses;
    lookup->done = true;
    pthread_cond_broadcast(&lookup->done_changed);
    mpr_unlock(&lookup->lock);
    let_go(lookup);
    return NULL;
}

/* Signals are the program's. */
static int start_thread(struct lookup *lookup) {
    sigset_t every, before;
    pthread_t thread;
    int error;

    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    error = pthread_create(&thread, NULL, run_lookup, lookup);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!error)
        pthread_detach(thread);
    return -error;
}

static void take_addresses(const struct addrinfo *found, struct mpr_reach *ret) {
    *ret = (struct mpr_reach){.count = 0};
    for (; found && ret->count < MPR_REACH_MAX; found = found->ai_next) {
        struct mpr_reach_address *address = &ret->addresses[ret->count];

        if (found->ai_addrlen > sizeof address->address
            || getnameinfo(found->ai_addr, found->ai_addrlen, address->text, sizeof address->text,
                           NULL, 0, NI_NUMERICHOST))
            continue;
        memcpy(&address->address, found->ai_addr, found->ai_addrlen);
        address->length = found->ai_addrlen;
        address->error = -1;
        ret->count++;
    }
}

static int result_of(int gai, int *ret_gai) {
    if (!gai)
        return 0;
    *ret_gai = gai;
    return gai == EAI_MEMORY ? -ENOMEM : -ENXIO;
}

static struct lookup *make_lookup(const char *host, const char *service) {
    size_t length = strlen(host) + 1;
    struct lookup *lookup = calloc(1, sizeof *lookup + length);

    if (!lookup)
        return NULL;
    lookup->lock = (struct mpr_lock)MPR_LOCK_INIT;
    mpr_cond_init(&lookup->done_changed);
    lookup->holders = 2;
    memcpy(lookup->host, host, length);
    snprintf(lookup->service, sizeof lookup->service, "%s", service);
    return lookup;
}

/* Nobody is asked for an address. False: it is a name. */
static bool read_address(const char *host, const char *service, struct mpr_reach *ret) {
    struct addrinfo numeric = hints, *address;

    numeric.ai_flags = AI_NUMERICHOST;
    if (getaddrinfo(host, service, &numeric, &address))
        return false;
    take_addresses(address, ret);
    freeaddrinfo(address);
    return ret->count != 0;
}

int mpr_reach_resolve(const char *host, uint16_t port, int64_t deadline_ns, struct mpr_reach *ret,
                      int *ret_gai) {
    struct lookup *lookup;
    char service[8];
    int rc;

    snprintf(service, sizeof service, "%u", (unsigned)port);
    if (read_address(host, service, ret))
        return 0;
    lookup = make_lookup(host, service);
    if (!lookup)
        return -ENOMEM;
    rc = start_thread(lookup);
    if (rc) {
        lookup->holders = 1;
        let_go(lookup);
        return rc;
    }
    mpr_lock(&lookup->lock);
    while (!lookup->done && mpr_cond_wait(&lookup->done_changed, &lookup->lock, deadline_ns))
        ;
    rc = lookup->done ? result_of(lookup->gai, ret_gai) : -ETIMEDOUT;
    if (!rc)
        take_addresses(lookup->addresses, ret);
    mpr_unlock(&lookup->lock);
    let_go(lookup);
    return rc || ret->count ? rc : (*ret_gai = EAI_NODATA, -ENXIO);
}

/* --- addresses --- */

static void note(struct mpr_reach_address *address, int error, int64_t begun_ns) {
    address->error = error;
    address->ms = (uint32_t)((mpr_now_ns() - begun_ns) / MPR_NS_PER_MS);
}

/* The socket, or -1 with the outcome noted. */
static int begin_connect(struct mpr_reach_address *address, int64_t begun_ns) {
    const struct sockaddr *to = (const struct sockaddr *)&address->address;
    int fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = 0;

    if (fd < 0 || connect(fd, to, address->length))
        error = errno;
    if (fd >= 0 && error == EINPROGRESS)
        return fd;
    note(address, error, begun_ns);
    if (fd >= 0)
        close(fd);
    return -1;
}

static int error_of(int fd) {
    int error = 0;
    socklen_t size = sizeof error;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) ? errno : error;
}

/* Notes those that have an outcome. How many are still open? */
static size_t look(struct mpr_reach *reach, struct pollfd *waits, int64_t begun_ns,
                   bool *ret_answered) {
    size_t open = 0;

    for (size_t i = 0; i < reach->count; i++) {
        if (waits[i].fd >= 0 && waits[i].revents) {
            note(&reach->addresses[i], error_of(waits[i].fd), begun_ns);
            close(waits[i].fd);
            waits[i].fd = -1;
        }
        open += waits[i].fd >= 0;
        *ret_answered |= reach->addresses[i].error == 0;
    }
    return open;
}

int mpr_reach_connect(struct mpr_reach *reach, int64_t deadline_ns) {
    struct pollfd waits[MPR_REACH_MAX];
    int64_t begun_ns = mpr_now_ns();
    bool answered = false, late = false;

    for (size_t i = 0; i < reach->count; i++)
        waits[i] =
            (struct pollfd){.fd = begin_connect(&reach->addresses[i], begun_ns), .events = POLLOUT};
    while (look(reach, waits, begun_ns, &answered) && !answered && !late)
        late = poll(waits, reach->count, mpr_ms_until(deadline_ns)) == 0;
    for (size_t i = 0; i < reach->count; i++) {
        if (waits[i].fd < 0)
            continue;
        if (late)
            note(&reach->addresses[i], ETIMEDOUT, begun_ns);
        close(waits[i].fd);
    }
    return answered ? 0 : -reach->addresses[0].error;
}
