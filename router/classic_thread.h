/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_thread.h: the one thread on which a classic module is called.
 *
 * A classic module knows no deadline, and nobody can make it return. So it is
 * called on a thread of its own, one job after the other, and who waits for a
 * job may give it up: then the job belongs to the thread, which takes back what
 * it did, and frees it, when the module returns. Until then who asks is told at
 * once that the module is busy. The thread is the module's, whichever router of
 * this process asks: one that was ended may have left a job in it.
 */
#ifndef MPR_CLASSIC_THREAD_H
#define MPR_CLASSIC_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "router/mpr_error.h"
#include "router/mpr_lock.h"

struct mpr_classic;

/** One call, with all that the module is shown: it is nobody else's memory. */
struct mpr_classic_job {
    struct mpr_classic *classic;
    void (*run)(struct mpr_classic_job *job); /* in the thread */
    void (*undo)(
        struct mpr_classic_job *job); /* in the thread, if nobody waits any more; or NULL */
    void (*clear)(struct mpr_classic_job *job); /* frees what lies outside of it; or NULL */
    void *data;                                 /* the operation's, from mpr_classic_keep */
    bool must_run;                              /* giving up does not take it off the queue */
    DWORD code;                                 /* what comes of it, for the router */
    struct mpr_failure failure;                 /* and why */
    struct mpr_failure said;                    /* what the module told WNetSetLastError */
    bool called_back;                           /* the module called another WNet function */
    _Atomic(const char *) function;             /* that the module is in, or was in last */
    bool no_memory;                             /* there was none for a part of it */
    /* The rest is the thread's. */
    struct mpr_classic_job *next;
    struct mpr_classic_chunk *chunks;
    bool done;             /* under the thread's lock */
    atomic_bool abandoned; /* written under the thread's lock */
    int done_fd;
};

struct mpr_classic_thread {
    struct mpr_classic_thread *next; /* of another module; they are never freed */
    const void *module;
    pid_t pid;  /* of the process that made it; a child that it forks has no such thread */
    void *caps; /* what the module said of itself when it was loaded; of classic.c */
    struct mpr_lock lock;
    pthread_cond_t changed;
    /* under lock: */
    struct mpr_classic_job *first;   /* waiting to be run */
    struct mpr_classic_job *running; /* or NULL */
    bool has_thread;
    unsigned users;
};

/** What has become of a job. */
enum mpr_classic_end {
    MPR_CLASSIC_DONE,      /* it was run; it is the caller's */
    MPR_CLASSIC_LATE,      /* the deadline came first; it is no longer the caller's */
    MPR_CLASSIC_CANCELLED, /* likewise, the descriptor became readable */
    MPR_CLASSIC_HUNG,      /* likewise, at once: a job that was given up is still in the module */
    MPR_CLASSIC_NO_MEMORY, /* likewise, it was not run */
};

/** Of the list of threads; for mpr_fork only. */
extern struct mpr_lock mpr_classic_lock;

/**
 * The thread of a module, told from others by the address of something in it, for
 * another user. NULL: there is no memory.
 */
struct mpr_classic_thread *mpr_classic_thread_begin(const void *module);

/**
 * A user less. After the last one the thread ends, which is waited for a moment;
 * one that is in the module ends when that returns.
 */
void mpr_classic_thread_end(struct mpr_classic_thread *thread);

/** Is a job that was given up still in the module? */
bool mpr_classic_thread_is_hung(struct mpr_classic_thread *thread);

/** Runs a job in the thread, which is started if need be. cancel_fd -1: none. */
enum mpr_classic_end mpr_classic_thread_run(struct mpr_classic_thread *thread,
                                            struct mpr_classic_job *job, int64_t deadline_ns,
                                            int cancel_fd);

/** Whom jobs are for lives as long as they (classic.c). */
struct mpr_classic *mpr_classic_ref(struct mpr_classic *classic);
void mpr_classic_unref(struct mpr_classic *classic);

/** A job with nothing in it, or NULL. */
struct mpr_classic_job *mpr_classic_job_new(struct mpr_classic *classic,
                                            void (*run)(struct mpr_classic_job *job));

/** Wipes and frees it with all that it keeps. Takes NULL. */
void mpr_classic_job_free(struct mpr_classic_job *job);

/** Zeroed memory that lives as long as the job; NULL: there is none, and the job will not be run. */
void *mpr_classic_keep(struct mpr_classic_job *job, size_t size);

#endif
