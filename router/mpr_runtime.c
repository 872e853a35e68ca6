/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_runtime.c: the life of the router in this process.
 */
#include "config.h"

#include "router/mpr_runtime.h"

#include <stdatomic.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_call.h"
#include "router/mpr_error.h"
#include "router/mpr_fork.h"
#include "router/mpr_gate.h"
#include "router/mpr_session.h"
#include "router/mpr_time.h"

/* How long MprShutdown waits for calls of other threads, once they were told to end. */
#define STOP_WAIT_MS  5000

/* How long a call waits for another thread that loads the providers. */
#define START_WAIT_MS 30000

enum phase {
    PHASE_NONE,
    PHASE_STARTING, /* a thread is loading providers, without the lock */
    PHASE_READY,
    PHASE_ENDING,
};

static struct mpr_lock lock = MPR_LOCK_INIT;
static pthread_cond_t changed;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static enum phase phase GUARDED_BY(lock);
/* When ready or ending: then it can be read, as a fork may come at any moment. */
static struct mpr_instance *current GUARDED_BY(lock);
static atomic_bool forked; /* in a child that has not called MprInitialize */

static void before_fork(void) MPR_TSA(no_thread_safety_analysis);
static void after_fork_in_parent(void) MPR_TSA(no_thread_safety_analysis);
static void after_fork_in_child(void) MPR_TSA(no_thread_safety_analysis);

/* All locks are taken round a fork, so that the child finds none held by a thread it lacks. */
static void before_fork(void) {
    mpr_lock(&lock);
    mpr_fork_lock_all();
}

static void after_fork_in_parent(void) {
    mpr_fork_unlock_all();
    mpr_unlock(&lock);
}

static void after_fork_in_child(void) {
    mpr_fork_unlock_all();
    if (phase != PHASE_NONE)
        atomic_store(&forked, true);
    mpr_unlock(&lock);
}

static void init_once(void) {
    mpr_cond_init(&changed);
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

static DWORD say_busy(void) {
    return mpr_error_say(ERROR_BUSY, "A provider or a prompt called the router back; that is not "
                                     "possible.");
}

/* In the service of the user, or in this process. */
static DWORD open_instance(const char *root, struct mpr_instance *instance) {
    DWORD rc = mpr_session_start(root, &instance->state);

    instance->driver = &mpr_session_driver;
    if (rc != NO_ERROR || instance->state)
        return rc;
    instance->driver = &mpr_local_driver;
    return instance->driver->open(root, &instance->state);
}

/* Starts the router in this thread; others wait. Called and left with the lock held. */
static DWORD start_locked(const char *root) REQUIRES(lock) {
    struct mpr_instance *instance;
    DWORD rc = ERROR_NOT_ENOUGH_MEMORY;

    phase = PHASE_STARTING;
    mpr_unlock(&lock);
    instance = calloc(1, sizeof *instance);
    if (instance)
        rc = open_instance(root, instance);
    if (rc != NO_ERROR)
        free(MPR_TAKE(instance));
    mpr_lock(&lock);
    phase = instance ? PHASE_READY : PHASE_NONE;
    current = instance;
    pthread_cond_broadcast(&changed);
    return rc;
}

/* Until another thread has started the router, or ended it. False: it takes too long. */
static bool wait_while_locked(enum phase passing) REQUIRES(lock) {
    int64_t deadline = mpr_deadline_in_ms(START_WAIT_MS);

    while (phase == passing)
        if (!mpr_cond_wait(&changed, &lock, deadline))
            break;
    return phase != passing;
}

static DWORD say_starting(void) {
    return mpr_error_say(ERROR_BUSY, "Another thread has been loading the providers for %d s.",
                         START_WAIT_MS / 1000);
}

DWORD mpr_runtime_enter(struct mpr_instance **ret_instance) {
    DWORD rc = NO_ERROR;

    if (mpr_call_inside())
        return say_busy();
    pthread_once(&once, init_once);
    if (atomic_load(&forked))
        return mpr_error_say(ERROR_NO_NETWORK, "This process was forked from one that uses the "
                                               "router; it has to call MprInitialize first.");
    mpr_lock(&lock);
    if (!wait_while_locked(PHASE_STARTING))
        rc = say_starting();
    else if (phase == PHASE_NONE)
        rc = start_locked(NULL);
    else if (phase == PHASE_ENDING)
        rc = mpr_error_say(ERROR_NO_NETWORK, "The router of this process is ending.");
    if (rc == NO_ERROR) {
        current->users++;
        *ret_instance = current;
    }
    mpr_unlock(&lock);
    return rc;
}

/* What its last calls have connected is broken with it. The instance itself is left. */
static void close_instance(struct mpr_instance *instance) {
    instance->driver->clear(instance->state, false);
    instance->driver->close(instance->state);
}

void mpr_runtime_leave(struct mpr_instance *instance) {
    bool last;

    mpr_lock(&lock);
    last = --instance->users == 0 && instance->abandoned;
    if (!instance->users)
        pthread_cond_broadcast(&changed);
    mpr_unlock(&lock);
    if (last) {
        close_instance(instance);
        free(instance);
    }
}

/* In a child nothing of the parent's is touched, freed or closed. */
static void forget_parent_locked(void) REQUIRES(lock) {
    if (!atomic_exchange(&forked, false))
        return;
    if (phase == PHASE_READY || phase == PHASE_ENDING)
        current->driver->forget(current->state);
    mpr_cond_init(&changed);
    phase = PHASE_NONE;
    current = NULL;
}

DWORD mpr_runtime_start(const char *root) {
    DWORD rc;

    if (mpr_call_inside())
        return say_busy();
    pthread_once(&once, init_once);
    mpr_lock(&lock);
    forget_parent_locked();
    wait_while_locked(PHASE_ENDING);
    if (!wait_while_locked(PHASE_STARTING))
        rc = say_starting();
    else if (phase == PHASE_NONE)
        rc = start_locked(root);
    else
        rc = mpr_error_say(ERROR_ALREADY_INITIALIZED, "The router of this process runs already.");
    mpr_unlock(&lock);
    return rc;
}

/* Is there a router to end? Another thread's end of it is waited for. */
static DWORD wait_for_ready_locked(bool *ret_ready) REQUIRES(lock) {
    *ret_ready = false;
    if (atomic_load(&forked)) /* the parent's is not ours to end */
        return NO_ERROR;
    wait_while_locked(PHASE_ENDING);
    if (!wait_while_locked(PHASE_STARTING))
        return say_starting();
    *ret_ready = phase == PHASE_READY;
    return NO_ERROR;
}

/*
 * Breaking the connections is what makes calls under way in other threads end,
 * so that comes first, and then they are waited for. What they connected
 * meanwhile is broken when the last of them is gone.
 */
static void end_locked(void) REQUIRES(lock) {
    struct mpr_instance *ending = current;
    int64_t deadline = mpr_deadline_in_ms(STOP_WAIT_MS);

    phase = PHASE_ENDING;
    mpr_unlock(&lock);
    ending->driver->clear(ending->state, true);
    mpr_lock(&lock);
    while (ending->users && mpr_cond_wait(&changed, &lock, deadline))
        ;
    /* Who is still in a call keeps using it; the last of them closes it. */
    ending->abandoned = ending->users != 0;
    if (!ending->abandoned) {
        mpr_unlock(&lock);
        close_instance(ending);
        mpr_lock(&lock);
    }
    if (!ending->abandoned)
        free(ending);
    phase = PHASE_NONE;
    current = NULL;
    pthread_cond_broadcast(&changed);
}

DWORD mpr_runtime_stop(void) {
    bool ready;
    DWORD rc;

    if (mpr_call_inside())
        return say_busy();
    pthread_once(&once, init_once);
    mpr_lock(&lock);
    rc = wait_for_ready_locked(&ready);
    if (ready)
        end_locked();
    mpr_unlock(&lock);
    return rc;
}

#define RUN(id, op, ARGS, RET)                                                                     \
    DWORD mpr_runtime_##op(const struct mpr_##op##_args *args, struct mpr_##op##_ret *ret) {       \
        struct mpr_instance *instance;                                                             \
        DWORD rc = mpr_runtime_enter(&instance);                                                   \
                                                                                                   \
        if (rc != NO_ERROR)                                                                        \
            return rc;                                                                             \
        rc = instance->driver->op(instance->state, args, ret);                                     \
        mpr_runtime_leave(instance);                                                               \
        return rc;                                                                                 \
    }
MPR_FIRST_OPS(RUN)
MPR_LATER_OPS(RUN)

DWORD mpr_runtime_subscribe(mpr_event_fn fn, int cancel_fd, void *context) {
    struct mpr_instance *instance;
    DWORD rc = mpr_runtime_enter(&instance);

    if (rc != NO_ERROR)
        return rc;
    if (instance->driver->subscribe)
        rc = instance->driver->subscribe(instance->state, fn, cancel_fd, context);
    else
        rc = mpr_error_say(ERROR_NOT_SUPPORTED,
                           "This process has its connections for itself: there are events only "
                           "with the service of the user (`wnet status` starts it).");
    mpr_runtime_leave(instance);
    return rc;
}
