/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_progress.c: a thread that says how long one has been waiting.
 */
#include "config.h"

#include "tools/wnet/wnet_progress.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tools/wnet/wnet_text.h"

#define CLEAR_LINE "\r\033[K"

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool runs; /* the thread is there; the main thread's */
    bool ends; /* the rest is guarded by lock */
    bool paused;
    bool shown;
    char what[512];
} progress = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void hide_locked(void) {
    if (progress.shown)
        fputs(CLEAR_LINE, stderr);
    progress.shown = false;
}

static void show_locked(unsigned seconds) {
    if (progress.paused)
        return;
    fputs(progress.shown ? CLEAR_LINE : "", stderr);
    wnet_text_put(stderr, progress.what);
    fprintf(stderr, " ... (%u s)", seconds);
    fflush(stderr);
    progress.shown = true;
}

static void *tell(void *context) {
    struct timespec next;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &next);
    pthread_mutex_lock(&progress.lock);
    for (unsigned seconds = 1; !progress.ends; seconds++) {
        next.tv_sec++;
        while (!progress.ends
               && pthread_cond_timedwait(&progress.changed, &progress.lock, &next) == 0)
            ;
        if (!progress.ends)
            show_locked(seconds);
    }
    hide_locked();
    pthread_mutex_unlock(&progress.lock);
    return NULL;
}

/* Signals are the main thread's. */
static bool start_thread(void) {
    sigset_t all, before;
    bool good;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    good = pthread_create(&progress.thread, NULL, tell, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return good;
}

void wnet_progress_begin(const char *format, ...) {
    pthread_condattr_t monotonic;
    va_list arguments;

    if (progress.runs || !isatty(STDERR_FILENO))
        return;
    va_start(arguments, format);
    vsnprintf(progress.what, sizeof progress.what, format, arguments);
    va_end(arguments);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&progress.changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    progress.ends = progress.paused = progress.shown = false;
    progress.runs = start_thread();
}

void wnet_progress_end(void) {
    if (!progress.runs)
        return;
    pthread_mutex_lock(&progress.lock);
    progress.ends = true;
    pthread_cond_signal(&progress.changed);
    pthread_mutex_unlock(&progress.lock);
    pthread_join(progress.thread, NULL);
    pthread_cond_destroy(&progress.changed);
    progress.runs = false;
}

static void set_paused(bool paused) {
    pthread_mutex_lock(&progress.lock);
    progress.paused = paused;
    hide_locked();
    pthread_mutex_unlock(&progress.lock);
}

void wnet_progress_pause(void) {
    set_paused(true);
}

void wnet_progress_resume(void) {
    set_paused(false);
}
