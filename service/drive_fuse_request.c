/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_fuse_request.c: the life of a request: who answers it, and when.
 *
 * A process that waits for an answer and is killed gets one at once; its request
 * then comes to an end that nobody waits for. One that is at its end already, and closes
 * what it has open, can get no signal any more. Nor does it look at what its closing
 * returns, so that it need not wait for that longer than for others' sake.
 */
#include "config.h"

#define FUSE_USE_VERSION 314

#include <errno.h>
#include <fuse_lowlevel.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "router/mpr_time.h"
#include "service/drive_fuse.h"

#define WATCH_MS    100
#define SILENT_NS   (3 * MPR_NS_PER_S) /* then who ends by itself waits for no more */
#define LEAVING_MAX 64u                /* threads that write what nobody waits for */

/* Of /proc/PID/stat: the kernel's PF_EXITING and PF_SIGNALED. */
#define FLAG_ENDS   0x4u
#define FLAG_KILLED 0x400u

/* Has a thread been killed? Any signal that ends a process shows in its threads as SIGKILL. */
static bool is_killed(pid_t thread) {
    char path[64], line[128];
    uint64_t pending = 0;
    FILE *status;

    snprintf(path, sizeof path, "/proc/%d/status", (int)thread);
    status = thread > 0 ? fopen(path, "re") : NULL;
    if (!status)
        return false;
    while (fgets(line, sizeof line, status)) {
        if (sscanf(line, "SigPnd: %" SCNx64, &pending) == 1)
            break;
    }
    fclose(status);
    return (pending >> (SIGKILL - 1) & 1) != 0;
}

/* Of a thread that is at its end: FLAG_ENDS, and FLAG_KILLED if a signal did that. */
static unsigned find_end(pid_t thread) {
    char path[64], line[1024] = "";
    const char *behind; /* the name, in which there may be anything */
    unsigned flags = 0;
    FILE *stat;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)thread);
    stat = thread > 0 ? fopen(path, "re") : NULL;
    if (!stat)
        return 0;
    behind = fgets(line, sizeof line, stat) ? strrchr(line, ')') : NULL;
    fclose(stat);
    if (!behind || sscanf(behind, ") %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
        return 0;
    return flags & FLAG_ENDS ? flags & (FLAG_ENDS | FLAG_KILLED) : 0;
}

/* Who asks is no more: it gets its answer now, so that it can go. */
static void answer_killed(struct drive_request *request) {
    bool mine = false;

    pthread_mutex_lock(&request->lock);
    if (request->begun) {
        mine = !request->answered;
        request->answered = true;
    } else {
        request->killed = true;
    }
    if (mine)
        fuse_reply_err(request->fuse, EINTR);
    pthread_mutex_unlock(&request->lock);
}

/* ---- who got a signal once: the kernel says nothing of a second one; and who closes */

static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;
static struct drive_request *watched; /* under watch_lock */
static bool watching;                 /* there is a thread for them; likewise */
static uint64_t moved;                /* bytes, when they were looked at last; likewise */
static int64_t moved_ns;              /* when they last were others; likewise */

static void look_at_bytes_locked(const struct drive *drive, bool begin) {
    uint64_t bytes = atomic_load(&drive->bytes_written) + atomic_load(&drive->bytes_read);

    if (begin || bytes != moved)
        moved_ns = mpr_now_ns();
    moved = bytes;
}

/* Of one thread, if it is not 0; which was answered while its bytes are still on their way. */
static unsigned count_leaving_locked(pid_t thread) {
    unsigned count = 0;

    for (struct drive_request *request = watched; request; request = request->next)
        count += request->left && (!thread || request->thread == thread);
    return count;
}

static bool may_leave_locked(const struct drive_request *request) {
    unsigned end = find_end(request->thread);

    if (count_leaving_locked(0) >= LEAVING_MAX)
        return false;
    return end & FLAG_KILLED || (end && mpr_now_ns() - moved_ns >= SILENT_NS);
}

static void look_locked(struct drive_request *request) {
    if (request->closes && !request->left)
        request->left = may_leave_locked(request);
    if (request->left || is_killed(request->thread))
        answer_killed(request);
}

static void *watch(void *context) {
    const struct timespec pause = mpr_timespec(WATCH_MS * MPR_NS_PER_MS);
    bool more = true;

    (void)context;
    while (more) {
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&watch_lock);
        if (watched)
            look_at_bytes_locked(watched->drive, false);
        for (struct drive_request *request = watched; request; request = request->next)
            look_locked(request);
        more = watching = watched != NULL;
        pthread_mutex_unlock(&watch_lock);
    }
    return NULL;
}

static void start_watching(struct drive_request *request) {
    sigset_t all, before;
    pthread_t thread;

    pthread_mutex_lock(&watch_lock);
    if (!request->watched) {
        request->watched = true;
        if (!watched)
            look_at_bytes_locked(request->drive, true);
        request->next = watched;
        watched = request;
    }
    if (!watching) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        watching = pthread_create(&thread, NULL, watch, NULL) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (watching)
            pthread_detach(thread);
    }
    pthread_mutex_unlock(&watch_lock);
}

static void stop_watching(struct drive_request *request) {
    struct drive_request **where = &watched;

    pthread_mutex_lock(&watch_lock);
    if (request->watched) {
        while (*where != request)
            where = &(*where)->next;
        *where = request->next;
    }
    pthread_mutex_unlock(&watch_lock);
}

void drive_request_closes(struct drive_request *request) {
    bool leaving;

    pthread_mutex_lock(&watch_lock);
    leaving = count_leaving_locked(request->thread) > 0 /* with another file, just now */
              && count_leaving_locked(0) < LEAVING_MAX && find_end(request->thread);
    pthread_mutex_unlock(&watch_lock);
    request->closes = true;
    request->left = leaving;
    if (leaving)
        answer_killed(request);
    start_watching(request);
}

/* Libfuse calls this when the one who asked gets a signal. */
static void see_signal(fuse_req_t fuse, void *context) {
    struct drive_request *request = context;

    (void)fuse;
    if (is_killed(request->thread))
        answer_killed(request);
    else
        start_watching(request);
}

bool drive_request_claim(struct drive_request *request) {
    bool mine;

    pthread_mutex_lock(&request->lock);
    mine = !request->answered;
    request->answered = true;
    pthread_mutex_unlock(&request->lock);
    if (mine) /* waits for see_signal, if it is at work */
        fuse_req_interrupt_func(request->fuse, NULL, NULL);
    stop_watching(request);
    pthread_mutex_destroy(&request->lock);
    return mine;
}

void drive_request_answer(struct drive_request *request, int rc) {
    if (drive_request_claim(request))
        fuse_reply_err(request->fuse, -rc);
}

bool drive_request_begin(struct drive_request *request, fuse_req_t fuse) {
    struct drive_session *session = fuse_req_userdata(fuse);
    bool killed;

    *request = (struct drive_request){.fuse = fuse,
                                      .session = session,
                                      .drive = session->drive,
                                      .thread = fuse_req_ctx(fuse)->pid};
    pthread_mutex_init(&request->lock, NULL);
    fuse_req_interrupt_func(fuse, see_signal, request);
    pthread_mutex_lock(&request->lock);
    request->begun = true;
    killed = request->killed;
    pthread_mutex_unlock(&request->lock);
    if (!killed && !session->ending && !session->drive->ended)
        return true;
    drive_request_answer(request, killed ? -EINTR : -ENOTCONN);
    return false;
}
