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
#include <fuse_lowlevel.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "service/drive_fuse.h"

struct drive_open *drive_open_new(struct drive_session *session, struct drive_handle *handle,
                                  struct drive_dir *dir) {
    struct drive_open *open = calloc(1, sizeof *open);

    if (!open)
        return NULL;
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

/* Libfuse calls this when the one who asked gets a signal. */
static void see_signal(fuse_req_t fuse, void *context) {
    struct drive_request *request = context;
    bool mine = false;

    if (!is_killed(fuse_req_ctx(fuse)->pid))
        return;
    pthread_mutex_lock(&request->lock);
    if (request->begun) {
        mine = !request->answered;
        request->answered = true;
    } else {
        request->killed = true;
    }
    if (mine)
        fuse_reply_err(fuse, EINTR);
    pthread_mutex_unlock(&request->lock);
}

bool drive_request_claim(struct drive_request *request) {
    bool mine;

    pthread_mutex_lock(&request->lock);
    mine = !request->answered;
    request->answered = true;
    pthread_mutex_unlock(&request->lock);
    if (mine) /* waits for see_signal, if it is at work */
        fuse_req_interrupt_func(request->fuse, NULL, NULL);
    pthread_mutex_destroy(&request->lock);
    return mine;
}

void drive_request_answer(struct drive_request *request, int rc) {
    if (drive_request_claim(request))
        fuse_reply_err(request->fuse, -rc);
}

bool drive_request_begin(struct drive_request *request, fuse_req_t fuse) {
    const struct drive_session *session = fuse_req_userdata(fuse);
    bool killed;

    *request = (struct drive_request){.fuse = fuse, .drive = session->drive};
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
