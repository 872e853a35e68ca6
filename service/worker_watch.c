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
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "router/mpr_time.h"

#define CUT_AGAIN_NS (20 * MPR_NS_PER_MS)  /* the module may have opened another connection */
#define MODULE_NS    (25 * MPR_NS_PER_MS)  /* for a module that keeps to its deadline itself */
#define LOOK_NS      (250 * MPR_NS_PER_MS) /* how often the bytes are counted, at most */
#define GONE_MS      500                   /* what the module gets when the host is gone */
#define TRIM_NS      (5 * MPR_NS_PER_S)    /* so long idle, memory of big transfers goes back */
#define KEEP_BYTES   0x100000              /* but not this much of it */

/* Written before the thread starts. */
static int control = -1, command = -1, timer = -1, cancel = -1, memory = -1;
static size_t memory_size;
static struct mpr_wire_shared *shared;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Under lock: */
static struct {
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
} now;

static void arm_locked(int64_t when_ns) {
    struct itimerspec when = {.it_value = mpr_timespec(when_ns > 0 ? when_ns : 1)};

    if (now.armed_ns && now.armed_ns <= when_ns)
        return;
    now.armed_ns = when_ns;
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void stop_locked(void) {
    now.stopping = true;
    if (!now.cancelled)
        eventfd_write(cancel, 1);
    now.cancelled = true;
    if (worker_sockets_shutdown())
        now.cut = true;
    arm_locked(mpr_now_ns() + CUT_AGAIN_NS);
}

/* ---- the deadline of the command under way */

static void tell_host(void) {
    unsigned char message[64];
    struct mpr_wire wire = mpr_wire_into(message, sizeof message);

    MPR_WIRE_SAY(&wire, progress, .serial = now.serial);
    mpr_wire_send(command, &wire, NULL, 0);
}

static void look_locked(int64_t time_ns) {
    uint64_t bytes = worker_sockets_bytes();

    if (now.counted && bytes != now.bytes) {
        now.alive_ns = time_ns + now.io_timeout_ns;
        /* In time, but not each time. */
        if (now.alive_ns > now.told_ns + now.io_timeout_ns / 4
            || (now.alive_ns > now.told_ns && time_ns + 2 * now.look_ns > now.told_ns)) {
            now.told_ns = now.alive_ns;
            tell_host();
        }
    }
    now.bytes = bytes;
    now.counted = true;
}

static void judge_locked(int64_t time_ns) {
    int64_t end_ns;

    if (now.stopping) {
        stop_locked();
        return;
    }
    if (now.paused) {
        arm_locked(time_ns + LOOK_NS);
        return;
    }
    if (now.io_timeout_ns)
        look_locked(time_ns);
    end_ns = now.alive_ns > now.deadline_ns ? now.alive_ns : now.deadline_ns;
    if (time_ns >= end_ns)
        stop_locked();
    else if (now.io_timeout_ns && time_ns + now.look_ns < end_ns)
        arm_locked(time_ns + now.look_ns);
    else
        arm_locked(end_ns);
}

/* ---- between commands */

/* See struct mpr_wire_shared. */
static void trim_locked(int64_t time_ns) {
    if (!now.bulk_ns)
        return;
    if (time_ns < now.bulk_ns + TRIM_NS) {
        arm_locked(now.bulk_ns + TRIM_NS);
        return;
    }
    now.bulk_ns = 0;
    atomic_store(&shared->trimming, 1);
    if (!atomic_load(&shared->host_busy))
        fallocate(memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, KEEP_BYTES,
                  (off_t)(memory_size - KEEP_BYTES));
    atomic_store(&shared->trimming, 0);
}

/* ---- the thread */

static void take_time(void) {
    uint64_t times;
    int64_t time_ns = mpr_now_ns();

    if (read(timer, &times, sizeof times) < 0)
        return;
    pthread_mutex_lock(&lock);
    now.armed_ns = 0;
    if (now.serial)
        judge_locked(time_ns);
    else
        trim_locked(time_ns);
    pthread_mutex_unlock(&lock);
}

/* The host has closed its end, or is dead. Who is not gone by then goes now. */
static void end_with_host(void) {
    struct timespec moment = mpr_timespec(CUT_AGAIN_NS);
    int64_t end_ns = mpr_deadline_in_ms(GONE_MS);

    while (mpr_now_ns() < end_ns) {
        pthread_mutex_lock(&lock);
        stop_locked();
        pthread_mutex_unlock(&lock);
        nanosleep(&moment, NULL);
    }
    _exit(1);
}

static void take_message(void) {
    struct mpr_wire_abort wanted = {0};
    unsigned char message[64];
    ssize_t size = mpr_wire_receive(control, message, sizeof message, NULL, false);
    struct mpr_wire wire;

    if (size == -EAGAIN)
        return;
    if (size < 0)
        end_with_host();
    wire = mpr_wire_from(message, (size_t)size, 0);
    if (mpr_wire_get_kind(&wire) != MPR_WIRE_abort)
        return;
    MPR_WIRE_CODE(&wire, abort, &wanted);
    pthread_mutex_lock(&lock);
    now.aborted = wanted.serial;
    if (now.serial && now.serial == wanted.serial)
        stop_locked();
    pthread_mutex_unlock(&lock);
}

static void *watch(void *nothing) {
    struct pollfd fds[] = {
        {.fd = control, .events = POLLIN},
        {.fd = timer, .events = POLLIN},
    };

    for (;;) {
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents)
            take_message();
        if (fds[1].revents)
            take_time();
    }
    return nothing;
}

int worker_watch_start(const struct worker_channel *channel, struct mpr_wire_shared *memory_head) {
    sigset_t all, before;
    pthread_t thread;
    int rc;

    command = channel->fds[0];
    control = channel->fds[1];
    memory = channel->fds[2];
    memory_size = channel->shared_size;
    shared = memory_head;
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    cancel = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (timer < 0 || cancel < 0)
        return -errno;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&thread, NULL, watch, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -rc;
}

/* ---- for the first thread */

int worker_watch_cancel_fd(void) {
    return cancel;
}

void worker_watch_begin(uint32_t serial, int64_t deadline_ns, uint32_t io_timeout_ms) {
    eventfd_t value;

    pthread_mutex_lock(&lock);
    now.serial = serial;
    now.told_ns = deadline_ns;
    deadline_ns += MODULE_NS;
    now.deadline_ns = deadline_ns;
    now.io_timeout_ns = io_timeout_ms * MPR_NS_PER_MS;
    now.look_ns = now.io_timeout_ns / 8 < LOOK_NS ? now.io_timeout_ns / 8 + 1 : LOOK_NS;
    now.alive_ns = 0;
    now.counted = now.paused = now.stopping = now.cut = false;
    if (now.cancelled)
        eventfd_read(cancel, &value);
    now.cancelled = false;
    if (now.aborted == serial)
        stop_locked();
    else if (io_timeout_ms && mpr_now_ns() + now.look_ns < deadline_ns)
        arm_locked(mpr_now_ns() + now.look_ns);
    else
        arm_locked(deadline_ns);
    pthread_mutex_unlock(&lock);
}

void worker_watch_pause(bool pause) {
    pthread_mutex_lock(&lock);
    now.paused = pause;
    /* What the host has taken its time for is not the server's fault. */
    if (!pause)
        now.alive_ns = mpr_now_ns() + now.io_timeout_ns;
    pthread_mutex_unlock(&lock);
}

bool worker_watch_end(size_t bulk) {
    bool cut;

    pthread_mutex_lock(&lock);
    now.serial = 0;
    cut = now.cut;
    if (bulk > KEEP_BYTES && memory_size > KEEP_BYTES) {
        now.bulk_ns = mpr_now_ns();
        arm_locked(now.bulk_ns + TRIM_NS);
    }
    pthread_mutex_unlock(&lock);
    return cut;
}
