/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * proxy.c: see proxy.h. One thread, one pair of sockets per connection.
 */
#include "config.h"

#include "tests/integration/proxy.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lab/stage.h"

#define PAIRS_MAX 64
#define CHUNK     65536

/* One direction of a connection. */
struct lane {
    int from, to;
    char data[CHUNK];
    size_t have, sent;
    double credit; /* bytes that may be read now */
    double due_ms; /* when what was read is to be there */
};

struct pair {
    struct lane lanes[2]; /* to the server, to the client */
    long answered;
};

struct world {
    struct proxy *proxy;
    int listener;
    struct pair *pairs[PAIRS_MAX];
    size_t count;
};

static pthread_t thread;

static struct sockaddr_in loopback(uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void reset(int fd) {
    struct linger hard = {.l_onoff = 1};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(fd);
}

static void end_pair(struct world *world, size_t i) {
    reset(world->pairs[i]->lanes[0].from);
    reset(world->pairs[i]->lanes[0].to);
    free(world->pairs[i]);
    world->pairs[i] = world->pairs[--world->count];
}

static void accept_one(struct world *world) {
    struct sockaddr_in target = loopback(world->proxy->target);
    int client = accept4(world->listener, NULL, NULL, SOCK_CLOEXEC);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pair *pair;

    if (client < 0 || server < 0 || world->count == PAIRS_MAX
        || atomic_load(&world->proxy->refusing)
        || connect(server, (const struct sockaddr *)&target, sizeof target)) {
        atomic_fetch_add(&world->proxy->refused, 1);
        if (client >= 0)
            reset(client);
        if (server >= 0)
            close(server);
        return;
    }
    pair = calloc(1, sizeof *pair);
    if (!pair)
        exit(99);
    pair->lanes[0].from = pair->lanes[1].to = client;
    pair->lanes[0].to = pair->lanes[1].from = server;
    world->pairs[world->count++] = pair;
    atomic_fetch_add(&world->proxy->connections, 1);
}

static bool is_error(ssize_t n) {
    return n < 0 && errno != EAGAIN && errno != EINTR;
}

/* Takes from the sender what the rate allows. Returns false when it has hung up. */
static bool fill(struct lane *lane, long *answered) {
    size_t room = lane->credit < CHUNK ? (size_t)lane->credit : CHUNK;
    ssize_t n = recv(lane->from, lane->data, room, MSG_DONTWAIT);

    if (n == 0 || is_error(n))
        return false;
    lane->have = n > 0 ? (size_t)n : 0;
    lane->sent = 0;
    lane->credit -= (double)lane->have;
    *answered += (long)lane->have;
    return true;
}

/* Gives it to the other one. Returns false when that one is gone. */
static bool drain(struct lane *lane) {
    ssize_t n = send(lane->to, lane->data + lane->sent, lane->have - lane->sent,
                     MSG_DONTWAIT | MSG_NOSIGNAL);

    lane->sent += n > 0 ? (size_t)n : 0;
    return !is_error(n);
}

static void earn(const struct proxy *proxy, struct lane *lane) {
    int rate = atomic_load(&proxy->bytes_per_ms);

    lane->credit = rate && lane->credit + rate < CHUNK ? lane->credit + rate : CHUNK;
}

/* One turn of a connection. Returns false when it is over. */
static bool move(struct proxy *proxy, struct pair *pair) {
    int cut = atomic_load(&proxy->cut_after);

    for (int k = 0; k < 2; k++) {
        struct lane *lane = &pair->lanes[k];
        long asked = 0;

        earn(proxy, lane);
        if (lane->have == lane->sent && lane->credit >= 1) {
            if (!fill(lane, k ? &pair->answered : &asked))
                return false;
            lane->due_ms = stage_ms() + atomic_load(&proxy->pause_ms);
        }
        if (cut && pair->answered > cut)
            return false;
        if (lane->sent < lane->have && stage_ms() >= lane->due_ms && !drain(lane))
            return false;
    }
    return true;
}

/* What to wait for: the sockets that can move on. */
static nfds_t watch(const struct world *world, struct pollfd *fds) {
    nfds_t n = 0;

    for (size_t i = 0; i < world->count; i++)
        for (int k = 0; k < 2; k++) {
            const struct lane *lane = &world->pairs[i]->lanes[k];
            bool full = lane->sent < lane->have;

            fds[n++] = (struct pollfd){.fd = full ? lane->to : lane->from,
                                       .events = full ? POLLOUT : POLLIN};
        }
    return n;
}

static void *run(void *argument) {
    struct world world = {.proxy = argument};
    struct pollfd fds[2 * PAIRS_MAX + 2];

    world.listener = world.proxy->listen_fd;
    for (;;) {
        bool stalled = atomic_load(&world.proxy->stalled);
        bool slow = stalled || atomic_load(&world.proxy->bytes_per_ms)
                    || atomic_load(&world.proxy->pause_ms);
        nfds_t n = 2;

        fds[0] = (struct pollfd){.fd = world.proxy->stop_fd, .events = POLLIN};
        fds[1] = (struct pollfd){.fd = world.listener, .events = POLLIN};
        if (!slow)
            n += watch(&world, fds + 2);
        poll(fds, n, slow ? 1 : 50);
        if (fds[0].revents)
            break;
        if (fds[1].revents)
            accept_one(&world);
        for (size_t i = world.count; i-- > 0 && !stalled;)
            if (!move(world.proxy, world.pairs[i]))
                end_pair(&world, i);
    }
    while (world.count)
        end_pair(&world, 0);
    close(world.listener);
    return NULL;
}

struct proxy *proxy_start(uint16_t target) {
    struct proxy *proxy = calloc(1, sizeof *proxy);
    struct sockaddr_in name = loopback(0);
    socklen_t length = sizeof name;

    if (!proxy)
        exit(99);
    proxy->target = target;
    proxy->stop_fd = eventfd(0, EFD_CLOEXEC);
    proxy->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (proxy->stop_fd < 0 || bind(proxy->listen_fd, (const struct sockaddr *)&name, sizeof name)
        || listen(proxy->listen_fd, 16)
        || getsockname(proxy->listen_fd, (struct sockaddr *)&name, &length)
        || pthread_create(&thread, NULL, run, proxy)) {
        printf("Bail out! proxy: %s\n", strerror(errno));
        exit(99);
    }
    proxy->port = ntohs(name.sin_port);
    return proxy;
}

void proxy_stop(struct proxy *proxy) {
    uint64_t one = 1;

    if (write(proxy->stop_fd, &one, sizeof one) < 0)
        exit(99);
    pthread_join(thread, NULL);
    close(proxy->stop_fd);
    free(proxy);
}
