/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_resolve.c: a resolver that can be left behind.
 *
 * getaddrinfo blocks for as long as the name servers please. It therefore runs
 * in a thread of its own, and the caller waits for that thread, for the cancel
 * descriptor and for the deadline at the same time. A caller that stops
 * waiting leaves the request to the thread, which frees it when it ends.
 */
#include "config.h"

#include "providers/common/np_resolve.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "providers/common/np_time.h"

/* Shared by the caller and the thread; the one that drops it last frees it. */
struct request {
    atomic_int references;
    int done_fd; /* eventfd, readable when addresses and gai are set */
    int gai;
    struct addrinfo *addresses;
    char port[6];
    char host[];
};

static const struct addrinfo hints = {
    .ai_family = AF_UNSPEC,
    .ai_socktype = SOCK_STREAM,
    .ai_protocol = IPPROTO_TCP,
};

static void drop_request(struct request *request) {
    if (atomic_fetch_sub(&request->references, 1) != 1)
        return;
    if (request->addresses)
        freeaddrinfo(request->addresses);
    if (request->done_fd >= 0)
        close(request->done_fd);
    free(request);
}

static void *run_request(void *argument) {
    struct request *request = argument;
    uint64_t one = 1;
    ssize_t written;

    request->gai = getaddrinfo(request->host, request->port, &hints, &request->addresses);
    if (request->gai)
        request->addresses = NULL;
    written = write(request->done_fd, &one, sizeof one);
    (void)written; /* an eventfd that was never written takes a 1 */
    drop_request(request);
    return NULL;
}

static struct request *make_request(const char *host, const char *port) {
    size_t length = strlen(host) + 1;
    struct request *request = calloc(1, sizeof *request + length);

    if (!request)
        return NULL;
    atomic_init(&request->references, 2);
    memcpy(request->host, host, length);
    memcpy(request->port, port, sizeof request->port);
    request->done_fd = eventfd(0, EFD_CLOEXEC);
    if (request->done_fd >= 0)
        return request;
    free(request); /* leaves errno alone, since glibc 2.33 */
    return NULL;
}

/* A detached thread that no signal of the host program reaches. */
static int start_thread(struct request *request) {
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    int error;

    if ((error = pthread_attr_init(&attributes)))
        return -error;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &attributes, run_request, request);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -error;
}

static int wait_request(const struct request *request, const struct mpr_call *call) {
    for (;;) {
        struct pollfd fds[2] = {{.fd = request->done_fd, .events = POLLIN},
                                {.fd = call->cancel_fd, .events = POLLIN}};
        int ready = poll(fds, 2, np_poll_ms(call->deadline_ns));

        if (ready < 0 && errno != EINTR)
            return -errno;
        if (ready > 0 && fds[0].revents)
            return 0;
        if (ready > 0 && fds[1].revents)
            return -ECANCELED;
        if (ready == 0 && np_now_ns() >= call->deadline_ns)
            return -ETIMEDOUT;
    }
}

/* EAI_MEMORY and EAI_SYSTEM are this machine's failures, not the name's. */
static int result_of(int gai, int *ret_gai) {
    if (!gai)
        return 0;
    if (gai == EAI_MEMORY)
        return -ENOMEM;
    *ret_gai = gai;
    return -ENXIO;
}

int np_resolve(const char *host, uint16_t port, const struct mpr_call *call,
               struct addrinfo **ret_addresses, int *ret_gai) {
    struct addrinfo numeric = hints;
    struct request *request;
    char service[6];
    int gai, rc;

    snprintf(service, sizeof service, "%u", (unsigned)port);
    numeric.ai_flags = AI_NUMERICHOST;
    gai = getaddrinfo(host, service, &numeric, ret_addresses);
    if (gai != EAI_NONAME)
        return result_of(gai, ret_gai);
    if (!(request = make_request(host, service)))
        return -errno;
    if ((rc = start_thread(request))) {
        atomic_store(&request->references, 1);
        drop_request(request);
        return rc;
    }
    rc = wait_request(request, call);
    if (rc == 0 && (rc = result_of(request->gai, ret_gai)) == 0) {
        *ret_addresses = request->addresses;
        request->addresses = NULL;
    }
    drop_request(request);
    return rc;
}
