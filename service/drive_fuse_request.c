/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_fuse_request.c: the life of a request: who answers it, and when; and of what
 * is open.
 *
 * A process that waits for an answer and is killed gets one at once; its request
 * then comes to an end that nobody waits for.
 */
#include "config.h"

#define FUSE_USE_VERSION 314

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "router/mpr_time.h"
#include "router/mpr_trace.h"
#include "service/drive_fuse.h"

#define WATCH_MS      100
#define READ_AHEAD_KB 4096u

/*
 * Only root may, and only where there is sysfs; without it the kernel reads ahead 128 KiB.
 * It takes that once it has agreed with us about everything: it has when files are opened.
 */
static void raise_read_ahead(struct drive_session *session) {
    char path[64], text[16];
    int fd, length;

    snprintf(path, sizeof path, "/sys/class/bdi/%u:%u/read_ahead_kb", session->major,
             session->minor);
    if (!session->minor || atomic_exchange(&session->raised, true))
        return;
    fd = geteuid() == 0 ? open(path, O_WRONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    length = snprintf(text, sizeof text, "%u", READ_AHEAD_KB);
    if (write(fd, text, (size_t)length) < 0)
        mpr_trace("drive", "%s: %m", path);
    close(fd);
}

struct drive_open *drive_open_new(struct drive_session *session, struct drive_handle *handle,
                                  struct drive_dir *dir) {
    struct drive_open *open = calloc(1, sizeof *open);

    if (!open)
        return NULL;
    raise_read_ahead(session);
    open->handle = handle;
    open->dir = dir;
    pthread_mutex_lock(&session->lock);
    open->next = session->opens;
    open->where = &session->opens;
    if (open->next)
        open->next->where = &open->next;
    session->opens = open;
    pthread_mutex_unlock(&session->lock);
    return open;
}

void drive_open_end(struct drive_session *session, struct drive_open *open) {
    pthread_mutex_lock(&session->lock);
    *open->where = open->next;
    if (open->next)
        open->next->where = open->where;
    pthread_mutex_unlock(&session->lock);
    if (open->handle)
        drive_release(open->handle);
    if (open->dir)
        drive_releasedir(session->drive, open->dir);
    free(open);
}

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

/* ---- who got a signal once: the kernel says nothing of a second one */

static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;
static struct drive_request *watched; /* under watch_lock */
static bool watching;                 /* there is a thread for them; likewise */

static void *watch(void *context) {
    const struct timespec pause = mpr_timespec(WATCH_MS * MPR_NS_PER_MS);
    bool more = true;

    (void)context;
    while (more) {
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&watch_lock);
        for (struct drive_request *request = watched; request; request = request->next) {
            if (is_killed(request->thread))
                answer_killed(request);
        }
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
