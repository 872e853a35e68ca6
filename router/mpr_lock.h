/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_lock.h: a mutex whose protocol clang checks (-Wthread-safety).
 */
#ifndef MPR_LOCK_H
#define MPR_LOCK_H

#include <pthread.h>

#ifdef __clang__
#define MPR_TSA(x) __attribute__((x))
#else
#define MPR_TSA(x)
#endif

#define GUARDED_BY(l) MPR_TSA(guarded_by(l))
#define REQUIRES(l)   MPR_TSA(requires_capability(l))
#define EXCLUDES(l)   MPR_TSA(locks_excluded(l))

struct MPR_TSA(capability("mutex")) mpr_lock {
    pthread_mutex_t mutex;
};

#define MPR_LOCK_INIT                                                                              \
    { PTHREAD_MUTEX_INITIALIZER }

static inline void mpr_lock(struct mpr_lock *l) MPR_TSA(acquire_capability(*l))
    MPR_TSA(no_thread_safety_analysis);
static inline void mpr_lock(struct mpr_lock *l) {
    pthread_mutex_lock(&l->mutex);
}

static inline void mpr_unlock(struct mpr_lock *l) MPR_TSA(release_capability(*l))
    MPR_TSA(no_thread_safety_analysis);
static inline void mpr_unlock(struct mpr_lock *l) {
    pthread_mutex_unlock(&l->mutex);
}

#endif
