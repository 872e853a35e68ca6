/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_calls.c: threads on demand, up to a limit, so that no call waits for the server
 * of another one. One that has had nothing to do for a while ends.
 */
#include "config.h"

#include "service/mprd.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "router/mpr_gate.h"
#include "router/mpr_time.h"

#define THREADS 64u
#define IDLE_MS 10000u

static struct mpr_lock lock = MPR_LOCK_INIT;
static pthread_cond_t work;
static struct mprd_call *first GUARDED_BY(lock), *last GUARDED_BY(lock); /* waiting */
static unsigned waiting GUARDED_BY(lock);
static unsigned pending GUARDED_BY(lock); /* waiting, under way, or done and not fetched */
static unsigned threads GUARDED_BY(lock), idle GUARDED_BY(lock);
static struct mprd_call *done GUARDED_BY(lock);
/* Constant once calls are submitted. */
static const struct mpr_driver *driver;
static void *driver_state;
static int wake_fd;

void mprd_calls_start(const struct mpr_driver *with, void *state, int wake) {
    mpr_cond_init(&work);
    driver = with;
    driver_state = state;
    wake_fd = wake;
}

static void finish(struct mprd_call *call) {
    mpr_lock(&lock);
    call->next = done;
    done = call;
    mpr_unlock(&lock);
    eventfd_write(wake_fd, 1);
}

/* The next call, or NULL if there is none for a while; then the thread is no longer counted. */
static struct mprd_call *take(void) {
    int64_t deadline = mpr_deadline_in_ms(IDLE_MS);
    struct mprd_call *call;

    mpr_lock(&lock);
    idle++;
    while (!first && mpr_cond_wait(&work, &lock, deadline))
        ;
    idle--;
    call = first;
    if (call) {
        first = call->next;
        last = first ? last : NULL;
        waiting--;
    } else {
        threads--;
    }
    mpr_unlock(&lock);
    return call;
}

static void *serve(void *nothing) {
    struct mprd_call *call;

    while ((call = take())) {
        mprd_answer_call(call, driver, driver_state);
        finish(call);
    }
    return nothing;
}

static bool start_thread(void) {
    pthread_attr_t attributes;
    pthread_t thread;
    bool started;

    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    started = pthread_create(&thread, &attributes, serve, NULL) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

/* The waiting ones, to whoever cannot have them carried out. */
static struct mprd_call *take_all_locked(void) REQUIRES(lock) {
    struct mprd_call *all = first;

    first = last = NULL;
    waiting = 0;
    return all;
}

/* No thread at all: those who wait are not kept waiting. */
static void refuse_waiting(void) {
    struct mprd_call *call, *next;

    mpr_lock(&lock);
    call = threads ? NULL : take_all_locked();
    mpr_unlock(&lock);
    for (; call; call = next) {
        next = call->next;
        mprd_answer_busy(call);
        finish(call);
    }
}

void mprd_calls_submit(struct mprd_call *call) {
    bool needs_thread;

    call->next = NULL;
    mpr_lock(&lock);
    if (last)
        last->next = call;
    else
        first = call;
    last = call;
    waiting++;
    pending++;
    needs_thread = idle < waiting && threads < THREADS;
    threads += needs_thread;
    pthread_cond_signal(&work);
    mpr_unlock(&lock);
    if (!needs_thread || start_thread())
        return;
    mpr_lock(&lock);
    threads--;
    mpr_unlock(&lock);
    refuse_waiting();
}

struct mprd_call *mprd_calls_done(void) {
    struct mprd_call *all;

    mpr_lock(&lock);
    all = done;
    done = NULL;
    for (struct mprd_call *at = all; at; at = at->next)
        pending--;
    mpr_unlock(&lock);
    return all;
}

unsigned mprd_calls_pending(void) {
    unsigned count;

    mpr_lock(&lock);
    count = pending;
    mpr_unlock(&lock);
    return count;
}

void mprd_call_free(struct mprd_call *call) {
    mpr_session_call_free(call->call);
    for (size_t i = 0; i < call->fd_count; i++)
        close(call->fds[i]);
    mprd_buffer_clear(&call->reply);
    free(call);
}
