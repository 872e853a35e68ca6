/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_relay.c: see kit_relay.h. The relay is a process, so that its sockets and
 * its thread are not counted as the provider's.
 */
#include "config.h"

#include "tools/conformance/kit_relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"

#define PAIRS_MAX 64
#define CHUNK     65536

/* What both processes see. */
struct control {
    atomic_int silent, refusing;
    atomic_int cuts;      /* asked for */
    atomic_int cuts_done; /* by all relays */
    atomic_int connections;
    atomic_int ready;
};

/* One direction of a connection. */
struct lane {
    int from, to;
    char data[CHUNK];
    size_t have, sent;
    bool over; /* the sender has no more */
};

struct pair {
    struct lane lanes[2];
};

/* One port. */
struct relay {
    int listener;
    struct sockaddr_in target;
    struct pair *pairs[PAIRS_MAX];
    size_t count;
};

static struct control *control;

static void reset(int fd) {
    struct linger hard = {.l_onoff = 1};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(fd);
}

static void end_pair(struct relay *relay, size_t i) {
    reset(relay->pairs[i]->lanes[0].from);
    reset(relay->pairs[i]->lanes[0].to);
    free(relay->pairs[i]);
    relay->pairs[i] = relay->pairs[--relay->count];
}

static void accept_one(struct relay *relay) {
    int client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
    int server = client < 0 ? -1 : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pair *pair = NULL;

    if (client >= 0 && !atomic_load(&control->refusing) && relay->count < PAIRS_MAX
        && connect(server, (const struct sockaddr *)&relay->target, sizeof relay->target) == 0)
        pair = calloc(1, sizeof *pair);
    if (!pair) {
        if (client >= 0)
            reset(client);
        if (server >= 0)
            close(server);
        return;
    }
    pair->lanes[0].from = pair->lanes[1].to = client;
    pair->lanes[0].to = pair->lanes[1].from = server;
    relay->pairs[relay->count++] = pair;
    atomic_fetch_add(&control->connections, 1);
}

/* Takes from the sender, gives to the receiver. False: a connection is gone. */
static bool move(struct lane *lane) {
    ssize_t n;

    if (lane->have == lane->sent && !lane->over) {
        n = recv(lane->from, lane->data, CHUNK, MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        lane->over = n == 0;
        lane->have = n > 0 ? (size_t)n : 0;
        lane->sent = 0;
        if (lane->over)
            shutdown(lane->to, SHUT_WR);
    }
    if (lane->sent < lane->have) {
        n = send(lane->to, lane->data + lane->sent, lane->have - lane->sent,
                 MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        lane->sent += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static nfds_t watch(const struct relay *relay, struct pollfd *fds) {
    nfds_t n = 0;

    for (size_t i = 0; i < relay->count; i++)
        for (int k = 0; k < 2; k++) {
            const struct lane *lane = &relay->pairs[i]->lanes[k];

            if (lane->sent < lane->have)
                fds[n++] = (struct pollfd){.fd = lane->to, .events = POLLOUT};
            else if (!lane->over)
                fds[n++] = (struct pollfd){.fd = lane->from, .events = POLLIN};
        }
    return n;
}

/* One turn of one port. */
static void serve(struct relay *relay, bool accepting, bool silent, bool cutting) {
    if (accepting)
        accept_one(relay);
    for (size_t i = relay->count; i-- > 0;) {
        struct pair *pair = relay->pairs[i];

        if (cutting
            || (!silent
                && (!move(&pair->lanes[0]) || !move(&pair->lanes[1])
                    || (pair->lanes[0].over && pair->lanes[1].over))))
            end_pair(relay, i);
    }
}

_Noreturn static void run(struct relay *relays, size_t count) {
    static struct pollfd fds[KIT_RELAYS_MAX * (2 * PAIRS_MAX + 1)];
    int cuts = 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    atomic_store(&control->ready, 1);
    for (;;) {
        bool silent = atomic_load(&control->silent);
        int wanted = atomic_load(&control->cuts);
        nfds_t n = count;

        for (size_t i = 0; i < count; i++) {
            fds[i] = (struct pollfd){.fd = relays[i].listener, .events = POLLIN};
            if (!silent)
                n += watch(&relays[i], fds + n);
        }
        poll(fds, n, 2); /* what is wanted changes without a word */
        for (size_t i = 0; i < count; i++)
            serve(&relays[i], fds[i].revents != 0, silent, wanted != cuts);
        cuts = wanted;
        atomic_store(&control->cuts_done, cuts);
    }
}

/* Listens on a port of the kernel's choice, which it returns. */
static unsigned open_relay(struct relay *relay, const char *to) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof name;
    char host[64] = "";
    unsigned port = 0;

    if (sscanf(to, "%63[0-9.]:%u", host, &port) != 2 || port == 0 || port > 65535
        || inet_pton(AF_INET, host, &relay->target.sin_addr) != 1)
        kit_broken("the lab file's relay leads to \"%s\", which is no address and port", to);
    relay->target.sin_family = AF_INET;
    relay->target.sin_port = htons((uint16_t)port);
    relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (relay->listener < 0 || bind(relay->listener, (const struct sockaddr *)&name, sizeof name)
        || listen(relay->listener, 64)
        || getsockname(relay->listener, (struct sockaddr *)&name, &length))
        kit_broken("the relay cannot listen: %s", strerror(errno));
    return ntohs(name.sin_port);
}

/* The name with {0}, {1} replaced by the ports. */
static const char *fill_in(const unsigned *ports) {
    static char name[1024];
    size_t n = 0;

    for (const char *at = kit_lab.relay_name; *at && n < sizeof name - 8; at++)
        if (at[0] == '{' && at[1] >= '0' && at[1] < '0' + (int)kit_lab.relay_to.count
            && at[2] == '}') {
            n += (size_t)snprintf(name + n, sizeof name - n, "%u", ports[at[1] - '0']);
            at += 2;
        } else {
            name[n++] = *at;
        }
    name[n] = '\0';
    return name;
}

static const char *start(void) {
    static struct relay relays[KIT_RELAYS_MAX];
    unsigned ports[KIT_RELAYS_MAX];
    size_t count = kit_lab.relay_to.count;
    pid_t child;

    control =
        mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (control == MAP_FAILED)
        kit_broken("there is no memory");
    for (size_t i = 0; i < count; i++)
        ports[i] = open_relay(&relays[i], kit_lab.relay_to.items[i]);
    child = fork();
    if (child < 0)
        kit_broken("no process can be started: %s", strerror(errno));
    if (child == 0)
        run(relays, count);
    for (size_t i = 0; i < count; i++)
        close(relays[i].listener);
    while (!atomic_load(&control->ready))
        kit_sleep(1);
    return fill_in(ports);
}

const char *kit_relay_name(void) {
    static const char *name;

    kit_need(kit_lab.relay_name, "relay");
    if (!name)
        name = start();
    return name;
}

/* Until the relay has seen what it is to do. */
static void take_effect(void) {
    int wanted = atomic_fetch_add(&control->cuts, 0);

    while (atomic_load(&control->cuts_done) != wanted)
        kit_sleep(1);
    kit_sleep(6);
}

void kit_relay_silence(void) {
    atomic_store(&control->silent, 1);
    take_effect();
}

void kit_relay_resume(void) {
    atomic_store(&control->silent, 0);
}

void kit_relay_cut(void) {
    atomic_fetch_add(&control->cuts, 1);
    take_effect();
}

void kit_relay_refuse(void) {
    atomic_store(&control->refusing, 1);
    kit_relay_cut();
}

int kit_relay_connections(void) {
    return atomic_load(&control->connections);
}
