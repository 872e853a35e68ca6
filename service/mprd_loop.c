/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_loop.c: the one thread that owns the socket and all clients. It never waits but
 * in poll.
 */
#include "config.h"

#include "service/mprd.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "router/mpr_drive.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"

#define CLIENTS 256u
#define DEAF_MS 100  /* after there was no descriptor for somebody */
#define LOOK_MS 3000 /* between looks whether anybody can find us */

enum { LISTENER, WAKE, SIGNAL, FIRST_CLIENT };

static struct mprd_client *clients;
static unsigned client_count;
static int64_t deaf_until_ns;

/* --- who comes and goes --- */

/* Only this user: looked at before a byte is read. */
static bool is_ours(int fd) {
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid())
        return true;
    mpr_trace("service", "another user's process was turned away");
    return false;
}

/* Who has been silent for longest goes, if he waits for nothing. False: there is none. */
static bool leave_oldest(void) {
    struct mprd_client *oldest = NULL;

    for (struct mprd_client *at = clients; at; at = at->next)
        if (!at->gone && !at->call && !at->subscribed && (!oldest || at->used_ns < oldest->used_ns))
            oldest = at;
    if (oldest)
        oldest->gone = true;
    return oldest != NULL;
}

static bool make_room(void) {
    return client_count < CLIENTS || leave_oldest();
}

/* Who cannot be accepted for want of descriptors stays in the queue, and somebody idle goes. */
static void accept_one(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct mprd_client *client = NULL;

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            leave_oldest();
            deaf_until_ns = mpr_deadline_in_ms(DEAF_MS);
        }
        return;
    }
    if (is_ours(fd) && make_room())
        client = mprd_client_new(fd);
    if (!client) {
        close(fd);
        return;
    }
    client->next = clients;
    clients = client;
    client_count++;
}

static void remove_gone(void) {
    for (struct mprd_client **at = &clients; *at;) {
        struct mprd_client *client = *at;

        /* A call under way still needs it. */
        if (!client->gone || client->call) {
            at = &client->next;
            continue;
        }
        *at = client->next;
        client_count--;
        mprd_client_free(client);
    }
}

/* --- what has happened --- */

static void take_done(void) {
    struct mprd_call *next;

    for (struct mprd_call *call = mprd_calls_done(); call; call = next) {
        next = call->next;
        mprd_client_answered(call->client);
    }
}

static void tell_events(void) {
    bool lost;
    struct mprd_buffer messages = mprd_watch_take(&lost);

    for (struct mprd_client *at = clients; at; at = at->next) {
        if (!at->subscribed)
            continue;
        if (messages.size)
            mprd_client_tell(at, messages.bytes, messages.size);
        at->gone |= lost; /* he would believe that he knows all */
    }
    mprd_buffer_clear(&messages);
}

static void wake_up(int wake_fd) {
    eventfd_t count;

    eventfd_read(wake_fd, &count);
    take_done();
    tell_events();
}

static void serve_client(struct mprd_client *client, short events) {
    /* Half a connection is none for us; what was sent before is still read. */
    if ((events & (POLLERR | POLLHUP)) && (client->call || client->subscribed || client->ending))
        client->gone = true;
    else if (events & (POLLIN | POLLHUP | POLLERR))
        mprd_client_read(client);
}

/* --- poll --- */

static int fill(const struct mprd_service *service, struct pollfd *polled) {
    bool deaf = mpr_now_ns() < deaf_until_ns;
    int count = FIRST_CLIENT;

    polled[LISTENER] = (struct pollfd){.fd = deaf ? -1 : service->place.listener, .events = POLLIN};
    polled[WAKE] = (struct pollfd){.fd = service->wake_fd, .events = POLLIN};
    polled[SIGNAL] = (struct pollfd){.fd = service->signal_fd, .events = POLLIN};
    for (struct mprd_client *at = clients; at; at = at->next)
        polled[count++] =
            (struct pollfd){.fd = at->gone ? -1 : at->fd, .events = mprd_client_events(at)};
    return count;
}

static int64_t next_deadline(int64_t until) {
    int64_t next = until;

    if (mpr_now_ns() < deaf_until_ns && deaf_until_ns < next)
        next = deaf_until_ns;
    for (const struct mprd_client *at = clients; at; at = at->next) {
        int64_t deadline = at->gone ? INT64_MAX : mprd_client_deadline(at);

        next = deadline < next ? deadline : next;
    }
    return next;
}

/* Sends what has come up, and leaves who has kept us waiting. */
static void look_after_clients(void) {
    int64_t now = mpr_now_ns();
    bool subscribed = false;

    for (struct mprd_client *at = clients; at; at = at->next) {
        subscribed |= at->subscribed && !at->gone;
        if (at->gone)
            continue;
        mprd_client_write(at);
        mprd_client_check(at, now);
    }
    mpr_drive_listen(subscribed);
    remove_gone();
}

static bool is_needed(const struct mprd_service *service) {
    return clients || mprd_calls_pending() || mprd_restore_is_busy()
           || mprd_end_is_used(service->driver, service->state);
}

/* One turn. False: a signal to end. */
static bool turn(const struct mprd_service *service, int64_t until) {
    struct pollfd polled[FIRST_CLIENT + CLIENTS + 1];
    int64_t next = next_deadline(until);
    int count = fill(service, polled), at = FIRST_CLIENT;

    if (poll(polled, (nfds_t)count, next == INT64_MAX ? -1 : mpr_ms_until(next)) < 0)
        return true;
    for (struct mprd_client *client = clients; client; client = client->next, at++)
        if (polled[at].revents)
            serve_client(client, polled[at].revents);
    if (polled[WAKE].revents)
        wake_up(service->wake_fd);
    if (polled[LISTENER].revents)
        accept_one(service->place.listener);
    look_after_clients();
    return polled[SIGNAL].revents == 0;
}

/* Who cannot be found serves nobody, and would keep drives that nobody knows of. */
static bool is_lost(const struct mprd_service *service, int64_t *look_at) {
    bool lost;

    if (mpr_now_ns() < *look_at)
        return false;
    *look_at = mpr_deadline_in_ms(LOOK_MS);
    lost = !mprd_place_is_found(&service->place);
    if (lost)
        mprd_log("The service ends: its directory %s, or its socket, is gone.",
                 service->place.runtime);
    return lost;
}

static void say_signal(int signal_fd) {
    struct signalfd_siginfo signal;

    if (read(signal_fd, &signal, sizeof signal) == sizeof signal)
        mprd_log("The service ends: process %u sent SIG%s.", signal.ssi_pid,
                 sigabbrev_np((int)signal.ssi_signo));
}

void mprd_loop_run(struct mprd_service *service) {
    const int64_t idle_ns = service->idle_s * MPR_NS_PER_S;
    int64_t idle_until = idle_ns ? mpr_now_ns() + idle_ns : INT64_MAX;
    int64_t look_at = mpr_deadline_in_ms(LOOK_MS);

    while (turn(service, look_at < idle_until ? look_at : idle_until)
           && !is_lost(service, &look_at)) {
        if (!idle_ns)
            continue;
        if (mpr_now_ns() >= idle_until && !is_needed(service)) {
            mprd_log("The service ends: nobody has needed it for %u s.", service->idle_s);
            break;
        }
        if (clients || mpr_now_ns() >= idle_until)
            idle_until = mpr_now_ns() + idle_ns;
    }
    say_signal(service->signal_fd);
    mprd_place_close(&service->place);
}

void mprd_loop_end(void) {
    take_done();
    tell_events();
    for (struct mprd_client *at = clients; at; at = at->next) {
        if (!at->gone)
            mprd_client_write(at);
        at->gone = true;
    }
    remove_gone();
}
