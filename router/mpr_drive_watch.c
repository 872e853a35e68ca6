/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_drive_watch.c: a thread for each drive, which sleeps until its process ends, or until
 * somebody wants to know what it is doing.
 *
 * Now and then it asks the process, too: one that does not answer hangs, and is ended.
 *
 * A process that has ended is replaced by the first command to the session that follows.
 * With a directory that is mount, since it must be mounted again. What the dead one has left
 * mounted stays until then: whoever works there gets ENOTCONN, and not an empty directory.
 */
#include "config.h"

#include "router/mpr_drive_watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_call.h"
#include "router/mpr_events.h"
#include "router/mpr_gate.h"
#include "router/mpr_secret.h"
#include "router/mpr_status.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"

#define STACK_BYTES   0x40000
#define MOUNT_MS      5000
#define LISTEN_MS     1000
#define RETRY_MS      100 /* and twice as long each time */
#define RETRY_MOST_MS 30000

struct mpr_lock mpr_drive_lock = MPR_LOCK_INIT;
atomic_int mpr_drive_patience_ms = 10000;

static pthread_cond_t changed;
static pthread_once_t changed_once = PTHREAD_ONCE_INIT;
static struct mpr_drive *drives GUARDED_BY(mpr_drive_lock);
static unsigned threads GUARDED_BY(mpr_drive_lock);
static _Atomic bool listening;

static void init_changed(void) {
    mpr_cond_init(&changed);
}

/* ---- life */

static void free_drive(struct mpr_drive *drive) {
    if (drive->session)
        mpr_worker_drive_unpin(drive->session);
    if (drive->stop_fd >= 0)
        close(drive->stop_fd);
    if (drive->wake_fd >= 0)
        close(drive->wake_fd);
    free(drive->device);
    free(drive->remote);
    free(drive->directory);
    free(drive->unplaced);
    free(drive);
}

void mpr_drive_unref(struct mpr_drive *drive) {
    bool last;

    mpr_lock(&mpr_drive_lock);
    last = --drive->references == 0;
    mpr_unlock(&mpr_drive_lock);
    if (last)
        free_drive(drive);
}

/* Returns 0 or -errno. */
static int fill_drive(struct mpr_drive *drive, const struct mpr_connect *args) {
    drive->device = args->device ? strdup(args->device) : NULL;
    drive->remote = strdup(args->remote);
    if ((args->device && !drive->device) || !drive->remote)
        return -ENOMEM;
    drive->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (drive->stop_fd < 0)
        return -errno;
    drive->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return drive->wake_fd < 0 ? -errno : 0;
}

int mpr_drive_make(const struct mpr_connect *args, const char *provider,
                   uint32_t connect_timeout_ms, struct mpr_drive **ret_drive) {
    struct mpr_drive *drive = calloc(1, sizeof *drive);
    int rc;

    if (!drive)
        return -ENOMEM;
    pthread_once(&changed_once, init_changed);
    drive->owner = args->host_connection;
    drive->provider = provider;
    drive->connect_timeout_ms = connect_timeout_ms;
    drive->references = 1;
    drive->stop_fd = drive->wake_fd = -1;
    rc = fill_drive(drive, args);
    if (rc) {
        free_drive(drive);
        return rc;
    }
    mpr_lock(&mpr_drive_lock);
    drive->next = drives;
    drives = drive;
    mpr_unlock(&mpr_drive_lock);
    *ret_drive = drive;
    return 0;
}

struct mpr_drive *mpr_drive_find(const void *owner) {
    struct mpr_drive *drive;

    mpr_lock(&mpr_drive_lock);
    for (drive = drives; drive && (drive->owner != owner || drive->ended || !drive->session);
         drive = drive->next)
        ;
    if (drive)
        drive->references++;
    mpr_unlock(&mpr_drive_lock);
    return drive;
}

void mpr_drive_begin_end(struct mpr_drive *drive, int64_t deadline_ns) {
    mpr_lock(&mpr_drive_lock);
    drive->ending = true;
    while (drive->busy && mpr_cond_wait(&changed, &mpr_drive_lock, deadline_ns))
        ;
    mpr_unlock(&mpr_drive_lock);
}

void mpr_drive_undo_end(struct mpr_drive *drive) {
    mpr_lock(&mpr_drive_lock);
    drive->ending = false;
    mpr_unlock(&mpr_drive_lock);
    eventfd_write(drive->wake_fd, 1);
}
void mpr_drive_stop(struct mpr_drive *drive) {
    mpr_lock(&mpr_drive_lock);
    for (struct mpr_drive **at = &drives; *at; at = &(*at)->next)
        if (*at == drive) {
            *at = drive->next;
            break;
        }
    drive->ended = true;
    pthread_cond_broadcast(&changed);
    mpr_unlock(&mpr_drive_lock);
    eventfd_write(drive->stop_fd, 1);
}

static bool is_place_taken_locked(const struct mpr_drive *drive) REQUIRES(mpr_drive_lock) {
    for (const struct mpr_drive *at = drives; at; at = at->next)
        if (at != drive && at->directory && strcmp(at->directory, drive->directory) == 0)
            return true;
    return false;
}

void mpr_drive_take_place(struct mpr_drive *drive, char *directory, int64_t deadline_ns) {
    mpr_lock(&mpr_drive_lock);
    drive->directory = directory;
    while (is_place_taken_locked(drive) && mpr_cond_wait(&changed, &mpr_drive_lock, deadline_ns))
        ;
    mpr_unlock(&mpr_drive_lock);
}

void mpr_drive_await_threads(int64_t deadline_ns) {
    pthread_once(&changed_once, init_changed);
    mpr_lock(&mpr_drive_lock);
    while (threads && mpr_cond_wait(&changed, &mpr_drive_lock, deadline_ns))
        ;
    mpr_unlock(&mpr_drive_lock);
}

/* ---- what is done for a drive */

struct errand {
    struct mpr_call call;
    struct mpr_call_data data;
};

static struct mpr_call *begin(struct errand *errand, const struct mpr_drive *drive, uint32_t ms) {
    mpr_call_begin(&errand->call, &errand->data, drive->provider, mpr_deadline_in_ms(ms),
                   drive->stop_fd, MPR_SECRET_NONE);
    return &errand->call;
}

/* Why it is not there, or not mounted, in sentences; "" if it is. */
static void set_reason_locked(struct mpr_drive *drive, const char *text) REQUIRES(mpr_drive_lock) {
    struct mpr_failure failure = {.text = ""};

    if (!drive->alive)
        mpr_failure_set(&failure, 0, "The drive's process has ended, and a new one fails: %s",
                        text);
    else if (*text)
        mpr_failure_set(&failure, 0,
                        "The drive is not mounted: %s A command can have it all the same: \"wnet "
                        "run %s -- COMMAND\".",
                        text, drive->device);
    memcpy(drive->reason, failure.text, sizeof drive->reason);
}

void mpr_drive_tell(const struct mpr_drive *drive, uint32_t kind, DWORD code, const char *text) {
    mpr_events_publish(kind, code, drive->device, drive->remote, drive->provider, text);
}

/* Takes that in. Returns whether it is news. */
static bool note_locked(struct mpr_drive *drive, bool alive, bool good, const char *text)
    REQUIRES(mpr_drive_lock) {
    char before[sizeof drive->reason];

    memcpy(before, drive->reason, sizeof before);
    drive->alive = alive;
    drive->mounted = alive && drive->directory && good;
    drive->unmounted = drive->unmounted && !drive->mounted;
    set_reason_locked(drive, text);
    return drive->mounted || strcmp(before, drive->reason) != 0;
}

/* Its process lives, as far as one can tell; if not, code and errand say why. */
static void note(struct mpr_drive *drive, const struct errand *errand, uint32_t code) {
    int process = mpr_worker_drive_process(drive->session);
    const char *text = drive->unplaced ? drive->unplaced : "";
    bool news;

    if (process >= 0)
        close(process);
    if (code != NO_ERROR)
        text = errand->data.failure.set ? errand->data.failure.text : mpr_status_text(code);
    mpr_lock(&mpr_drive_lock);
    news = note_locked(drive, process >= 0, code == NO_ERROR, text);
    pthread_cond_broadcast(&changed);
    mpr_unlock(&mpr_drive_lock);
    mpr_trace("drive", "%s: %s%s", drive->device ? drive->device : drive->remote,
              drive->mounted ? "mounted on " : drive->reason,
              drive->mounted ? drive->directory : "");
    if (drive->directory && process >= 0 && news)
        mpr_drive_tell(drive, code == NO_ERROR ? MPR_EVENT_MOUNTED : MPR_EVENT_UNMOUNTED, code,
                       code == NO_ERROR ? drive->directory : drive->reason);
}

/* Mounts it, with a new process if need be; without a directory only that. */
static void revive(struct mpr_drive *drive, uint32_t ms) {
    struct mpr_wire_facts_ret facts;
    struct errand errand;
    uint32_t code;

    begin(&errand, drive, ms);
    if (drive->directory)
        code =
            mpr_worker_drive_mount(drive->session, &errand.call, drive->directory, drive->device);
    else
        code = mpr_worker_drive_facts(drive->session, &errand.call, true, &facts);
    note(drive, &errand, code);
}

/* Somebody has unmounted it by hand, though it is not cancelled. */
static bool begin_remount(struct mpr_drive *drive) {
    static const char words[] = "Somebody has unmounted it. It is being mounted again.";
    bool begun, first;

    mpr_lock(&mpr_drive_lock);
    first = drive->mounted;
    begun = (first || drive->unmounted) && !drive->facts.mounted && !drive->ending && !drive->ended;
    if (begun) {
        drive->busy = drive->unmounted = true;
        drive->mounted = false;
    }
    if (begun && first)
        set_reason_locked(drive, words);
    mpr_unlock(&mpr_drive_lock);
    if (begun && first)
        mpr_drive_tell(drive, MPR_EVENT_UNMOUNTED, ERROR_NOT_CONNECTED, words);
    return begun;
}

static void remount(struct mpr_drive *drive) {
    if (!begin_remount(drive))
        return;
    revive(drive, MOUNT_MS);
    mpr_lock(&mpr_drive_lock);
    drive->busy = false;
    pthread_cond_broadcast(&changed);
    mpr_unlock(&mpr_drive_lock);
}

static void ask_facts(struct mpr_drive *drive) {
    struct mpr_wire_facts_ret facts;
    struct errand errand;
    int64_t now_ns = mpr_now_ns();
    bool turned = false;
    uint32_t code;

    begin(&errand, drive, (uint32_t)mpr_drive_patience_ms);
    code = mpr_worker_drive_facts(drive->session, &errand.call, false, &facts);
    mpr_lock(&mpr_drive_lock);
    if (code == NO_ERROR) {
        turned = drive->facts.lost != facts.lost;
        drive->facts = facts;
        drive->facts_ns = now_ns;
    }
    mpr_unlock(&mpr_drive_lock);
    if (code == NO_ERROR)
        remount(drive);
    mpr_lock(&mpr_drive_lock);
    drive->told_ns = now_ns;
    pthread_cond_broadcast(&changed);
    mpr_unlock(&mpr_drive_lock);
    if (turned && facts.lost)
        mpr_drive_tell(drive, MPR_EVENT_LOST, ERROR_NETNAME_DELETED, "The server does not answer.");
    else if (turned)
        mpr_drive_tell(drive, MPR_EVENT_BACK, NO_ERROR, NULL);
}

/* ---- the thread */

/* Its process is to be replaced, unless it is on its way out. */
static bool begin_replacement(struct mpr_drive *drive) {
    bool begun, was_alive;

    mpr_lock(&mpr_drive_lock);
    begun = !drive->ending && !drive->ended;
    was_alive = drive->alive;
    if (begun) {
        drive->busy = true;
        drive->alive = drive->mounted = false;
        drive->facts.lost = 0;
        snprintf(drive->reason, sizeof drive->reason,
                 "The drive's process has ended, and is being replaced.");
        pthread_cond_broadcast(&changed);
    }
    mpr_unlock(&mpr_drive_lock);
    if (begun && was_alive)
        mpr_drive_tell(drive, MPR_EVENT_LOST, ERROR_UNEXP_NET_ERR,
                       "The drive's process has ended, and is being replaced.");
    return begun;
}

/* Why there is no new process is told once. */
static void end_replacement(struct mpr_drive *drive, bool first) {
    bool alive;

    mpr_lock(&mpr_drive_lock);
    drive->busy = false;
    alive = drive->alive;
    pthread_cond_broadcast(&changed);
    mpr_unlock(&mpr_drive_lock);
    if (alive)
        mpr_drive_tell(drive, MPR_EVENT_BACK, NO_ERROR, NULL);
    else if (first)
        mpr_drive_tell(drive, MPR_EVENT_LOST, ERROR_UNEXP_NET_ERR, drive->reason);
}

static bool is_asked(struct mpr_drive *drive) {
    bool asked;

    mpr_lock(&mpr_drive_lock);
    asked = drive->asked_ns > drive->told_ns;
    mpr_unlock(&mpr_drive_lock);
    return asked;
}

/* It has said nothing for so long that it may hang. */
static bool is_silent(struct mpr_drive *drive) {
    int64_t told_ns;

    mpr_lock(&mpr_drive_lock);
    told_ns = drive->told_ns;
    mpr_unlock(&mpr_drive_lock);
    return mpr_now_ns() - told_ns >= mpr_drive_patience_ms * MPR_NS_PER_MS;
}

/* Sleeps until there is something to do. False: the drive has ended. */
static bool sleep_for(struct mpr_drive *drive, int process, int ms) {
    struct pollfd fds[] = {
        {.fd = drive->stop_fd, .events = POLLIN},
        {.fd = drive->wake_fd, .events = POLLIN},
        {.fd = process, .events = POLLIN},
    };
    eventfd_t value;

    while (poll(fds, 3, ms) < 0 && errno == EINTR)
        ;
    if (fds[1].revents)
        eventfd_read(drive->wake_fd, &value);
    return !fds[0].revents;
}

static bool has_ended(int process) {
    struct pollfd end = {.fd = process, .events = POLLIN};

    return process < 0 || poll(&end, 1, 0) > 0;
}

static void watch(struct mpr_drive *drive) {
    int pause_ms = RETRY_MS, wait_ms = mpr_drive_patience_ms;
    int process = mpr_worker_drive_process(drive->session);
    bool listened;

    while (sleep_for(drive, process, wait_ms)) {
        listened = atomic_load(&listening);
        wait_ms = listened ? LISTEN_MS : mpr_drive_patience_ms;
        if (listened || is_asked(drive) || is_silent(drive))
            ask_facts(drive);
        if (!has_ended(process) || !begin_replacement(drive))
            continue;
        revive(drive, drive->connect_timeout_ms);
        end_replacement(drive, pause_ms == RETRY_MS);
        if (process >= 0)
            close(process);
        process = mpr_worker_drive_process(drive->session);
        if (process >= 0) {
            pause_ms = RETRY_MS;
        } else {
            wait_ms = pause_ms;
            pause_ms = pause_ms * 2 < RETRY_MOST_MS ? pause_ms * 2 : RETRY_MOST_MS;
        }
    }
    if (process >= 0)
        close(process);
}

static void *run(void *context) {
    struct mpr_drive *drive = context;

    watch(drive);
    mpr_drive_unref(drive);
    mpr_lock(&mpr_drive_lock);
    threads--;
    pthread_cond_broadcast(&changed);
    mpr_unlock(&mpr_drive_lock);
    return NULL;
}

/* Detached, and without signals, which belong to the service's main thread. */
static bool start_thread(struct mpr_drive *drive) {
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int rc;

    if (pthread_attr_init(&attributes))
        return false;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&thread, &attributes, run, drive);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return rc == 0;
}

bool mpr_drive_start(struct mpr_drive *drive, void *session, const struct mpr_call *call) {
    struct errand errand;
    bool started;

    mpr_worker_drive_pin(session);
    mpr_lock(&mpr_drive_lock);
    drive->session = session;
    drive->facts_ns = mpr_now_ns(); /* nothing was done yet */
    drive->references++;
    threads++;
    mpr_unlock(&mpr_drive_lock);
    begin(&errand, drive, MOUNT_MS);
    errand.call.cancel_fd = call->cancel_fd;
    if (drive->directory)
        note(drive, &errand,
             mpr_worker_drive_mount(session, &errand.call, drive->directory, drive->device));
    else
        note(drive, &errand, NO_ERROR);
    started = start_thread(drive);
    if (started)
        return true;
    mpr_lock(&mpr_drive_lock);
    drive->references--;
    threads--;
    mpr_unlock(&mpr_drive_lock);
    return false;
}

/* ---- facts */

void mpr_drive_listen(bool on) {
    if (atomic_exchange(&listening, on) == on || !on)
        return;
    mpr_lock(&mpr_drive_lock);
    for (struct mpr_drive *drive = drives; drive; drive = drive->next)
        eventfd_write(drive->wake_fd, 1);
    mpr_unlock(&mpr_drive_lock);
}

void mpr_drive_ask_all(void) {
    int64_t now_ns = mpr_now_ns();

    mpr_lock(&mpr_drive_lock);
    for (struct mpr_drive *drive = drives; drive; drive = drive->next) {
        drive->asked_ns = now_ns;
        eventfd_write(drive->wake_fd, 1);
    }
    mpr_unlock(&mpr_drive_lock);
}

/* Of what was to be asked for at since_ns. */
static uint32_t age_locked(const struct mpr_drive *drive, int64_t since_ns)
    REQUIRES(mpr_drive_lock) {
    int64_t age_ms = (mpr_now_ns() - drive->facts_ns) / MPR_NS_PER_MS;

    if (drive->facts_ns >= since_ns)
        return 0;
    return age_ms < 1 ? 1 : age_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)age_ms;
}

static bool fill_facts_locked(const struct mpr_drive *drive, int64_t since_ns,
                              struct mpr_drive_facts *ret) REQUIRES(mpr_drive_lock) {
    *ret = (struct mpr_drive_facts){
        .alive = drive->alive,
        .lost = !drive->alive || drive->facts.lost,
        .mounted = drive->mounted,
        .open_files = drive->facts.open_files,
        .latency_us = drive->facts.latency_us,
        .age_ms = age_locked(drive, since_ns),
        .bytes_read = drive->facts.bytes_read,
        .bytes_written = drive->facts.bytes_written,
        .operations = drive->facts.operations,
        .directory = strdup(drive->directory ? drive->directory : ""),
        .reason = strdup(drive->reason),
    };
    return ret->directory && ret->reason;
}

void mpr_drive_facts_clear(struct mpr_drive_facts *facts) {
    free(facts->directory);
    free(facts->reason);
}

bool mpr_drive_get_facts(const void *owner, int64_t since_ns, int64_t deadline_ns,
                         struct mpr_drive_facts *ret) {
    struct mpr_drive *drive = mpr_drive_find(owner);
    struct mpr_drive_facts facts;
    bool filled;

    if (!drive)
        return false;
    mpr_lock(&mpr_drive_lock);
    if (drive->told_ns < since_ns && drive->asked_ns < since_ns) {
        drive->asked_ns = mpr_now_ns();
        eventfd_write(drive->wake_fd, 1);
    }
    while (drive->told_ns < since_ns && drive->alive && !drive->ended
           && mpr_cond_wait(&changed, &mpr_drive_lock, deadline_ns))
        ;
    filled = fill_facts_locked(drive, since_ns, &facts);
    mpr_unlock(&mpr_drive_lock);
    mpr_drive_unref(drive);
    if (filled)
        *ret = facts;
    else
        mpr_drive_facts_clear(&facts);
    return filled;
}
