/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_data_threads.c: threads that read ahead and write behind. They are made when there
 * is something to do, and end when there was nothing for a while.
 */
#include "config.h"

#include "service/drive_data.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>

#define THREADS 8u

int drive_cond_init(pthread_cond_t *cond) {
    pthread_condattr_t attributes;
    int rc = pthread_condattr_init(&attributes);

    if (rc)
        return -rc;
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    rc = pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
    return -rc;
}

static bool has_any_due(struct drive_data *data) REQUIRES(data->lock) {
    for (struct drive_content *content = data->contents; content; content = content->next)
        if (atomic_load(&content->due_ns))
            return true;
    return false;
}

static int look_at(struct drive_content *content, void *context) {
    int64_t now = *(int64_t *)context, due = atomic_load(&content->due_ns);

    if (due && due <= now && atomic_compare_exchange_strong(&content->due_ns, &due, 0))
        drive_flush_due(content, now);
    return 0;
}

static void run(struct drive_job *job) {
    struct drive_content *content = job->content;

    job->run(job);
    free(job);
    drive_content_unref(content);
}

/* The next job, after waiting for it for a moment; or NULL. */
static struct drive_job *take(struct drive_data *data) REQUIRES(data->lock) {
    struct drive_job *job;

    if (!data->first && !data->over) {
        struct timespec until = mpr_timespec(mpr_deadline_in_ms(DRIVE_UNWRITTEN_MS));

        data->idle++;
        pthread_cond_timedwait(&data->work, &data->lock.mutex, &until);
        data->idle--;
    }
    job = data->first;
    if (!job)
        return NULL;
    data->first = job->next;
    if (!data->first)
        data->last = NULL;
    data->queued--;
    return job;
}

/* Nobody needs this thread any more. */
static bool may_go(struct drive_data *data, int64_t idle_since_ns) REQUIRES(data->lock) {
    if (data->first)
        return false;
    if (data->over)
        return true;
    return mpr_now_ns() - idle_since_ns > DRIVE_IDLE_MS * MPR_NS_PER_MS
           && (data->threads > 1 || !has_any_due(data));
}

static void *work(void *context) {
    struct drive_data *data = context;
    int64_t looked_ns = mpr_now_ns(), idle_since_ns = looked_ns;

    mpr_lock(&data->lock);
    while (!may_go(data, idle_since_ns)) {
        struct drive_job *job = take(data);
        int64_t now = mpr_now_ns();

        mpr_unlock(&data->lock);
        if (job) {
            run(job);
            idle_since_ns = mpr_now_ns();
        }
        if (now - looked_ns > DRIVE_UNWRITTEN_MS / 2 * MPR_NS_PER_MS) {
            drive_content_each(data, look_at, &now);
            looked_ns = now;
        }
        mpr_lock(&data->lock);
    }
    if (data->threads == 1) { /* the last one */
        mpr_unlock(&data->lock);
        drive_spare_free(data);
        malloc_trim(0); /* what large transfers took in passing */
        mpr_lock(&data->lock);
    }
    data->threads--;
    pthread_cond_broadcast(&data->work);
    mpr_unlock(&data->lock);
    return NULL;
}

/* One more, if all are at work or have work waiting. */
static bool have_thread(struct drive_data *data) REQUIRES(data->lock) {
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int rc;

    if (data->idle > data->queued || data->threads >= THREADS)
        return true;
    if (pthread_attr_init(&attributes))
        return data->threads > 0;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, KIB(256));
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&thread, &attributes, work, data);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (!rc)
        data->threads++;
    return data->threads > 0;
}

bool drive_job_add(struct drive_content *content, struct drive_piece *piece,
                   void (*fn)(struct drive_job *job)) {
    struct drive_data *data = content->data;
    struct drive_job *job = calloc(1, sizeof *job);
    bool taken;

    if (!job)
        return false;
    *job = (struct drive_job){.run = fn, .content = content, .piece = piece};
    mpr_lock(&data->lock);
    taken = !data->over && have_thread(data);
    if (taken) {
        content->references++;
        data->queued++;
        if (data->last)
            data->last->next = job;
        else
            data->first = job;
        data->last = job;
        pthread_cond_signal(&data->work);
    }
    mpr_unlock(&data->lock);
    if (!taken)
        free(job);
    return taken;
}

bool drive_job_is_waiting(struct drive_data *data) {
    bool waiting;

    mpr_lock(&data->lock);
    waiting = data->queued > data->idle;
    mpr_unlock(&data->lock);
    return waiting;
}

void drive_content_due(struct drive_content *content, int64_t when_ns) {
    struct drive_data *data = content->data;
    int64_t before = atomic_load(&content->due_ns);

    if (before && before <= when_ns)
        return;
    atomic_store(&content->due_ns, when_ns);
    mpr_lock(&data->lock);
    have_thread(data);
    mpr_unlock(&data->lock);
}
