/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_thread.c: jobs in a row, on a thread that nobody has to wait for.
 */
#include "config.h"

#include "router/classic_thread.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "router/mpr_call.h"
#include "router/mpr_gate.h"
#include "router/mpr_time.h"

/* A thread that had nothing to do for so long ends; the next job starts another. */
#define IDLE_MS 10000

/* How long the end waits for a module that is about to return. */
#define STOP_MS 500

struct mpr_classic_chunk {
    struct mpr_classic_chunk *next;
    size_t size;
    _Alignas(max_align_t) char memory[];
};

struct mpr_classic_job *mpr_classic_job_new(struct mpr_classic *classic,
                                            void (*run)(struct mpr_classic_job *job)) {
    struct mpr_classic_job *job = calloc(1, sizeof *job);

    if (!job)
        return NULL;
    job->classic = mpr_classic_ref(classic);
    job->run = run;
    job->done_fd = -1;
    atomic_init(&job->function, "");
    return job;
}

void *mpr_classic_keep(struct mpr_classic_job *job, size_t size) {
    struct mpr_classic_chunk *chunk = calloc(1, sizeof *chunk + size);

    if (!chunk) {
        job->no_memory = true;
        return NULL;
    }
    chunk->size = size;
    chunk->next = job->chunks;
    job->chunks = chunk;
    return chunk->memory;
}

void mpr_classic_job_free(struct mpr_classic_job *job) {
    if (!job)
        return;
    if (job->clear)
        job->clear(job);
    while (job->chunks) {
        struct mpr_classic_chunk *chunk = job->chunks;

        job->chunks = chunk->next;
        explicit_bzero(chunk->memory, chunk->size); /* one of them may hold a password */
        free(chunk);
    }
    if (job->done_fd >= 0)
        close(job->done_fd);
    mpr_classic_unref(job->classic);
    free(job);
}

struct mpr_lock mpr_classic_lock = MPR_LOCK_INIT;
static struct mpr_classic_thread *threads GUARDED_BY(mpr_classic_lock);

static struct mpr_classic_thread *find_locked(const void *module) REQUIRES(mpr_classic_lock) {
    struct mpr_classic_thread *thread = threads;

    while (thread && (thread->module != module || thread->pid != getpid()))
        thread = thread->next;
    if (thread)
        return thread;
    thread = calloc(1, sizeof *thread);
    if (!thread)
        return NULL;
    thread->module = module;
    thread->pid = getpid();
    pthread_mutex_init(&thread->lock.mutex, NULL);
    mpr_cond_init(&thread->changed);
    thread->next = threads;
    threads = thread;
    return thread;
}

struct mpr_classic_thread *mpr_classic_thread_begin(const void *module) {
    struct mpr_classic_thread *thread;

    mpr_lock(&mpr_classic_lock);
    thread = find_locked(module);
    mpr_unlock(&mpr_classic_lock);
    if (!thread)
        return NULL;
    mpr_lock(&thread->lock);
    thread->users++;
    mpr_unlock(&thread->lock);
    return thread;
}

/* Takes the next job off the queue; NULL: there is none, and the thread is to end. */
static struct mpr_classic_job *next_locked(struct mpr_classic_thread *thread)
    REQUIRES(thread->lock) {
    int64_t idle = mpr_deadline_in_ms(IDLE_MS);
    struct mpr_classic_job *job;

    while (!thread->first && thread->users && mpr_cond_wait(&thread->changed, &thread->lock, idle))
        ;
    job = thread->first;
    if (job)
        thread->first = job->next;
    thread->running = job;
    return job;
}

/* Hands the job to who waits for it, or to nobody. */
static void finish_locked(struct mpr_classic_thread *thread, struct mpr_classic_job *job)
    REQUIRES(thread->lock) {
    const uint64_t one = 1;

    if (!atomic_load(&job->abandoned)) {
        job->done = true;
        thread->running = NULL;
        while (write(job->done_fd, &one, sizeof one) < 0 && errno == EINTR)
            ;
        return;
    }
    mpr_unlock(&thread->lock);
    if (job->undo)
        job->undo(job);
    mpr_classic_job_free(job);
    mpr_lock(&thread->lock);
    thread->running = NULL;
}

static void *serve(void *context) MPR_TSA(no_thread_safety_analysis);
static void *serve(void *context) {
    struct mpr_classic_thread *thread = context;
    struct mpr_classic_job *job;

    mpr_call_enter(); /* what the module calls of WNet from here is refused */
    mpr_lock(&thread->lock);
    while ((job = next_locked(thread))) {
        mpr_unlock(&thread->lock);
        job->run(job);
        mpr_lock(&thread->lock);
        finish_locked(thread, job);
    }
    thread->has_thread = false;
    pthread_cond_broadcast(&thread->changed);
    mpr_unlock(&thread->lock);
    return NULL;
}

/* The embedding program's signals are not for this thread. */
static bool start_locked(struct mpr_classic_thread *thread) REQUIRES(thread->lock) {
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t id;
    int rc;

    if (thread->has_thread)
        return true;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&id, &attributes, serve, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (rc)
        return false;
    thread->has_thread = true;
    return true;
}

static bool is_hung_locked(const struct mpr_classic_thread *thread) REQUIRES(thread->lock) {
    return thread->running && atomic_load(&thread->running->abandoned);
}

bool mpr_classic_thread_is_hung(struct mpr_classic_thread *thread) {
    bool hung;

    mpr_lock(&thread->lock);
    hung = is_hung_locked(thread);
    mpr_unlock(&thread->lock);
    return hung;
}

void mpr_classic_thread_end(struct mpr_classic_thread *thread) {
    int64_t deadline = mpr_deadline_in_ms(STOP_MS);

    mpr_lock(&thread->lock);
    thread->users--;
    pthread_cond_broadcast(&thread->changed);
    while (!thread->users && thread->has_thread && !is_hung_locked(thread)
           && mpr_cond_wait(&thread->changed, &thread->lock, deadline))
        ;
    mpr_unlock(&thread->lock);
}

/* False: it cannot be run, and the caller still has it. */
static bool enqueue_locked(struct mpr_classic_thread *thread, struct mpr_classic_job *job)
    REQUIRES(thread->lock) {
    struct mpr_classic_job **at = &thread->first;

    if (!start_locked(thread))
        return false;
    while (*at)
        at = &(*at)->next;
    *at = job;
    pthread_cond_broadcast(&thread->changed);
    return true;
}

/* Gives a job up that is not done: off the queue with it, or to the thread. */
static void give_up_locked(struct mpr_classic_thread *thread, struct mpr_classic_job *job)
    REQUIRES(thread->lock) {
    struct mpr_classic_job **at = &thread->first;

    atomic_store(&job->abandoned, true);
    if (job->must_run)
        return;
    while (*at && *at != job)
        at = &(*at)->next;
    if (*at) {
        *at = job->next;
        mpr_classic_job_free(job);
    }
}

static enum mpr_classic_end wait_for(const struct mpr_classic_job *job, int64_t deadline_ns,
                                     int cancel_fd) {
    struct pollfd fds[] = {{.fd = job->done_fd, .events = POLLIN},
                           {.fd = cancel_fd, .events = POLLIN}};

    while (poll(fds, 2, mpr_ms_until(deadline_ns)) < 0 && errno == EINTR)
        ;
    return fds[1].revents && !fds[0].revents ? MPR_CLASSIC_CANCELLED : MPR_CLASSIC_LATE;
}

/* The module does not come back: only what must happen is left for it to do. */
static enum mpr_classic_end leave_behind_locked(struct mpr_classic_thread *thread,
                                                struct mpr_classic_job *job)
    REQUIRES(thread->lock) {
    if (job->must_run && enqueue_locked(thread, job))
        atomic_store(&job->abandoned, true);
    else
        mpr_classic_job_free(job);
    return MPR_CLASSIC_HUNG;
}

enum mpr_classic_end mpr_classic_thread_run(struct mpr_classic_thread *thread,
                                            struct mpr_classic_job *job, int64_t deadline_ns,
                                            int cancel_fd) {
    enum mpr_classic_end end;
    bool queued;

    job->done_fd = job->no_memory ? -1 : eventfd(0, EFD_CLOEXEC);
    mpr_lock(&thread->lock);
    if (job->done_fd >= 0 && is_hung_locked(thread)) {
        end = leave_behind_locked(thread, job);
        mpr_unlock(&thread->lock);
        return end;
    }
    queued = job->done_fd >= 0 && enqueue_locked(thread, job);
    mpr_unlock(&thread->lock);
    if (!queued) {
        mpr_classic_job_free(job);
        return MPR_CLASSIC_NO_MEMORY;
    }
    end = wait_for(job, deadline_ns, cancel_fd);
    mpr_lock(&thread->lock);
    if (job->done)
        end = MPR_CLASSIC_DONE;
    else
        give_up_locked(thread, job);
    mpr_unlock(&thread->lock);
    return end;
}
