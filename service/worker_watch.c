/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_watch.c: the second thread of a worker. It never calls the module. It
 * watches the control socket and the deadline of the command under way; when
 * the host wants it ended, or it is too late, or the host is gone, it cuts the
 * module's TCP connections, so that the call that waits for one returns.
 *
 * A slow server is not a dead one: for transfers, bytes that arrive or are
 * acknowledged extend the deadline, and the host is told.
 */
#include "config.h"

#include "service/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "router/mpr_time.h"

#define CUT_AGAIN_NS (20 * MPR_NS_PER_MS)  /* the module may have opened another connection */
#define MODULE_NS    (25 * MPR_NS_PER_MS)  /* for a module that keeps to its deadline itself */
#define LOOK_NS      (250 * MPR_NS_PER_MS) /* how often the bytes are counted, at most */
#define GONE_MS      500                   /* what the module gets when the host is gone */
#define TRIM_NS      (5 * MPR_NS_PER_S)    /* so long idle, memory of big transfers goes back */
#define KEEP_BYTES   0x100000              /* but not this much of it */

struct worker_watch {
    struct worker *worker;
    pthread_t thread;
    /* written before the thread starts: */
    int control, timer, cancel, memory;
    int stop; /* an eventfd, readable when the thread is to end */
    size_t memory_size;

    pthread_mutex_t lock;
    /* under lock: */
    int64_t armed_ns;      /* when the timer fires; 0 = never */
    uint32_t aborted;      /* newest serial that the host wants ended */
    uint32_t serial;       /* of the command under way; 0 = none */
    int64_t deadline_ns;   /* its own */
    int64_t io_timeout_ns; /* 0: nothing extends that */
    int64_t look_ns;       /* how often the bytes are counted */
    int64_t alive_ns;      /* until when the last bytes keep it alive; 0 = none came */
    int64_t told_ns;       /* until when the host knows to wait */
    uint64_t bytes;        /* counted last */
    bool counted;          /* at all, for this command */
    bool paused;
    bool stopping;
    bool cancelled;  /* the cancel descriptor is readable */
    bool cut;        /* connections were, during this command */
    int64_t bulk_ns; /* when the last big transfer ended; 0 = the memory is trimmed */
};

static void arm_locked(struct worker_watch *watch, int64_t when_ns) {
    struct itimerspec when = {.it_value = mpr_timespec(when_ns > 0 ? when_ns : 1)};

    if (watch->armed_ns && watch->armed_ns <= when_ns)
        return;
    watch->armed_ns = when_ns;
    timerfd_settime(watch->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void stop_locked(struct worker_watch *watch) {
    watch->stopping = true;
    if (!watch->cancelled)
        eventfd_write(watch->cancel, 1);
    watch->cancelled = true;
    if (watch->worker->kind->alone && worker_sockets_shutdown())
        watch->cut = true;
    if (watch->worker->kind->alone)
        arm_locked(watch, mpr_now_ns() + CUT_AGAIN_NS);
}

/* ---- the deadline of the command under way */

static void tell_host(struct worker_watch *watch) {
    unsigned char message[64];
    struct mpr_wire wire = mpr_wire_into(message, sizeof message);

    MPR_WIRE_SAY(&wire, progress, .serial = watch->serial);
    mpr_wire_send(watch->worker->command, &wire, NULL, 0);
}

static uint64_t count_bytes(struct worker *worker) {
    return worker->kind->alive ? worker->kind->alive(worker) : worker_sockets_bytes();
}

static void look_locked(struct worker_watch *watch, int64_t time_ns) {
    uint64_t bytes = count_bytes(watch->worker);

    if (watch->counted && bytes != watch->bytes) {
        watch->alive_ns = time_ns + watch->io_timeout_ns;
        /* In time, but not each time. */
        if (watch->alive_ns > watch->told_ns + watch->io_timeout_ns / 4
            || (watch->alive_ns > watch->told_ns
                && time_ns + 2 * watch->look_ns > watch->told_ns)) {
            watch->told_ns = watch->alive_ns;
            tell_host(watch);
        }
    }
    watch->bytes = bytes;
    watch->counted = true;
}

static void judge_locked(struct worker_watch *watch, int64_t time_ns) {
    int64_t end_ns;

    if (watch->stopping) {
        stop_locked(watch);
        return;
    }
    if (watch->paused) {
        arm_locked(watch, time_ns + LOOK_NS);
        return;
    }
    if (watch->io_timeout_ns)
        look_locked(watch, time_ns);
    end_ns = watch->alive_ns > watch->deadline_ns ? watch->alive_ns : watch->deadline_ns;
    if (time_ns >= end_ns)
        stop_locked(watch);
    else if (watch->io_timeout_ns && time_ns + watch->look_ns < end_ns)
        arm_locked(watch, time_ns + watch->look_ns);
    else
        arm_locked(watch, end_ns);
}

/* ---- between commands */

/* See struct mpr_wire_shared. */
static void trim_locked(struct worker_watch *watch, int64_t time_ns) {
    if (!watch->bulk_ns)
        return;
    if (time_ns < watch->bulk_ns + TRIM_NS) {
        arm_locked(watch, watch->bulk_ns + TRIM_NS);
        return;
    }
    watch->bulk_ns = 0;
    atomic_store(&watch->worker->shared->trimming, 1);
    if (!atomic_load(&watch->worker->shared->host_busy))
        fallocate(watch->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, KEEP_BYTES,
                  (off_t)(watch->memory_size - KEEP_BYTES));
    atomic_store(&watch->worker->shared->trimming, 0);
}

/* ---- the thread */

static void take_time(struct worker_watch *watch) {
    uint64_t times;
    int64_t time_ns = mpr_now_ns();

    if (read(watch->timer, &times, sizeof times) < 0)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->armed_ns = 0;
    if (watch->serial)
        judge_locked(watch, time_ns);
    else
        trim_locked(watch, time_ns);
    pthread_mutex_unlock(&watch->lock);
}

/* The host has closed its end, or is dead. Who is not gone by then goes now. */
static void end_with_host(struct worker_watch *watch) {
    struct timespec moment = mpr_timespec(CUT_AGAIN_NS);
    int64_t end_ns = mpr_deadline_in_ms(GONE_MS);

    while (mpr_now_ns() < end_ns) {
        pthread_mutex_lock(&watch->lock);
        stop_locked(watch);
        pthread_mutex_unlock(&watch->lock);
        nanosleep(&moment, NULL);
    }
    _exit(1);
}

/* False: the host is gone. */
static bool take_message(struct worker_watch *watch) {
    struct mpr_wire_abort wanted = {0};
    unsigned char message[64];
    ssize_t size = mpr_wire_receive(watch->control, message, sizeof message, NULL, false);
    struct mpr_wire wire;

    if (size < 0)
        return size == -EAGAIN;
    wire = mpr_wire_from(message, (size_t)size, 0);
    if (mpr_wire_get_kind(&wire) != MPR_WIRE_abort)
        return true;
    MPR_WIRE_CODE(&wire, abort, &wanted);
    pthread_mutex_lock(&watch->lock);
    watch->aborted = wanted.serial;
    if (watch->serial && watch->serial == wanted.serial)
        stop_locked(watch);
    pthread_mutex_unlock(&watch->lock);
    return true;
}

static void lose_host(struct worker_watch *watch) {
    const struct worker_kind *kind = watch->worker->kind;

    if (kind->alone)
        end_with_host(watch);
    pthread_mutex_lock(&watch->lock);
    stop_locked(watch);
    pthread_mutex_unlock(&watch->lock);
    if (kind->gone)
        kind->gone(watch->worker);
    shutdown(watch->worker->command, SHUT_RDWR);
}

static void *run_watch(void *context) {
    struct worker_watch *watch = context;
    struct pollfd fds[] = {
        {.fd = watch->control, .events = POLLIN},
        {.fd = watch->timer, .events = POLLIN},
        {.fd = watch->stop, .events = POLLIN},
    };

    while (!fds[2].revents) {
        if (poll(fds, 3, -1) < 0)
            continue;
        if (fds[0].revents && !take_message(watch)) {
            lose_host(watch);
            fds[0].fd = -1;
        }
        if (fds[1].revents)
            take_time(watch);
    }
    return NULL;
}

static int start_thread(struct worker_watch *watch) {
    sigset_t all, before;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&watch->thread, NULL, run_watch, watch);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -rc;
}

static void free_watch(struct worker_watch *watch) {
    int fds[] = {watch->control, watch->timer, watch->cancel, watch->memory, watch->stop};

    mpr_wire_close(fds, sizeof fds / sizeof *fds);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

int worker_watch_start(struct worker *worker, const struct worker_channel *channel) {
    struct worker_watch *watch = calloc(1, sizeof *watch);
    int rc = -ENOMEM;

    if (!watch) {
        close(channel->fds[1]);
        close(channel->fds[2]);
        return rc;
    }
    watch->worker = worker;
    watch->control = channel->fds[1];
    watch->memory = channel->fds[2];
    watch->memory_size = channel->shared_size;
    watch->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    watch->cancel = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&watch->lock, NULL);
    if (watch->timer < 0 || watch->cancel < 0 || watch->stop < 0)
        rc = -errno;
    else
        rc = start_thread(watch);
    if (rc)
        free_watch(watch);
    else
        worker->watch = watch;
    return rc;
}

void worker_watch_stop(struct worker_watch *watch) {
    /* One that has the process for itself ends with that, and need not be awaited. */
    if (!watch || watch->worker->kind->alone)
        return;
    eventfd_write(watch->stop, 1);
    pthread_join(watch->thread, NULL);
    free_watch(watch);
}

/* ---- for the first thread */

int worker_watch_cancel_fd(const struct worker_watch *watch) {
    return watch->cancel;
}

void worker_watch_begin(struct worker_watch *watch, uint32_t serial, int64_t deadline_ns,
                        uint32_t io_timeout_ms) {
    eventfd_t value;

    pthread_mutex_lock(&watch->lock);
    watch->serial = serial;
    watch->told_ns = deadline_ns;
    deadline_ns += MODULE_NS;
    watch->deadline_ns = deadline_ns;
    watch->io_timeout_ns = io_timeout_ms * MPR_NS_PER_MS;
    watch->look_ns = watch->io_timeout_ns / 8 < LOOK_NS ? watch->io_timeout_ns / 8 + 1 : LOOK_NS;
    watch->alive_ns = 0;
    watch->counted = watch->paused = watch->stopping = watch->cut = false;
    if (watch->cancelled)
        eventfd_read(watch->cancel, &value);
    watch->cancelled = false;
    if (watch->aborted == serial)
        stop_locked(watch);
    else if (io_timeout_ms && mpr_now_ns() + watch->look_ns < deadline_ns)
        arm_locked(watch, mpr_now_ns() + watch->look_ns);
    else
        arm_locked(watch, deadline_ns);
    pthread_mutex_unlock(&watch->lock);
}

void worker_watch_pause(struct worker_watch *watch, bool pause) {
    pthread_mutex_lock(&watch->lock);
    watch->paused = pause;
    /* What the host has taken its time for is not the server's fault. */
    if (!pause)
        watch->alive_ns = mpr_now_ns() + watch->io_timeout_ns;
    pthread_mutex_unlock(&watch->lock);
}

bool worker_watch_end(struct worker_watch *watch, size_t bulk) {
    bool cut;

    pthread_mutex_lock(&watch->lock);
    watch->serial = 0;
    cut = watch->cut;
    if (bulk > KEEP_BYTES && watch->memory_size > KEEP_BYTES) {
        watch->bulk_ns = mpr_now_ns();
        arm_locked(watch, watch->bulk_ns + TRIM_NS);
    }
    pthread_mutex_unlock(&watch->lock);
    return cut;
}
