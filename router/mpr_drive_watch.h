/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_drive_watch.h: a drive as the service has it, and the thread that watches over it.
 * For mpr_drive*.c.
 */
#ifndef MPR_DRIVE_WATCH_H
#define MPR_DRIVE_WATCH_H

#include <stdatomic.h>

#include "router/mpr_drive.h"
#include "router/mpr_lock.h"
#include "router/mpr_worker_drive.h"

/** Of all drives and what is said to be under it; held for moments only. */
extern struct mpr_lock mpr_drive_lock;

/** Every process is asked so often, and one that does not answer for as long again is replaced. */
extern atomic_int mpr_drive_patience_ms;

struct mpr_drive {
    const void *owner;
    struct mpr_worker_session *session; /* pinned */
    const char *provider;               /* its name */
    uint32_t connect_timeout_ms;
    char *device;    /* or NULL */
    char *remote;    /* for texts */
    char *directory; /* where it is to be mounted, or NULL */
    char *unplaced;  /* why it has no directory, in sentences, or NULL */
    int stop_fd;     /* an eventfd: readable = it ends, whoever waits for the process stops */
    int wake_fd;     /* an eventfd: the watching thread is to look */

    /* under mpr_drive_lock: */
    struct mpr_drive *next; /* of all, until nothing of it is left */
    unsigned references;
    bool ending;               /* on its way out: its process is not replaced */
    bool ended;                /* and gone */
    bool busy;                 /* its process is being replaced at the moment */
    bool alive, mounted;       /* as the watching thread knows */
    bool unmounted;            /* by somebody else: it is to be mounted again */
    int64_t asked_ns, told_ns; /* facts: when they were wanted, and when they were asked for */
    struct mpr_wire_facts_ret facts;
    int64_t facts_ns;                /* when it was asked for those */
    char reason[MPR_ERROR_TEXT_MAX]; /* why it is not alive, or not mounted */
};

/** Makes a drive of a connected session, with one reference, in the list. 0 or -errno. */
int mpr_drive_make(const struct mpr_connect *args, const char *provider,
                   uint32_t connect_timeout_ms, struct mpr_drive **ret_drive)
    EXCLUDES(mpr_drive_lock);

/** Takes the session, mounts it if it has a directory, and starts the watching. False: no thread. */
bool mpr_drive_start(struct mpr_drive *drive, void *session, const struct mpr_call *call)
    EXCLUDES(mpr_drive_lock);

/** The drive of an owner, with a reference, or NULL. */
struct mpr_drive *mpr_drive_find(const void *owner) EXCLUDES(mpr_drive_lock);
void mpr_drive_unref(struct mpr_drive *drive) EXCLUDES(mpr_drive_lock);

/**
 * It is on its way out: its process is not replaced any more. Waits for a replacement that
 * is under way, until deadline_ns. Or not after all: it is replaced again.
 */
void mpr_drive_begin_end(struct mpr_drive *drive, int64_t deadline_ns) EXCLUDES(mpr_drive_lock);
void mpr_drive_undo_end(struct mpr_drive *drive) EXCLUDES(mpr_drive_lock);
/** Publishes an event of it. */
void mpr_drive_tell(const struct mpr_drive *drive, uint32_t kind, DWORD code, const char *text)
    EXCLUDES(mpr_drive_lock);

/** Nothing of it is left: takes it out of the list, ends the watching. */
void mpr_drive_stop(struct mpr_drive *drive) EXCLUDES(mpr_drive_lock);

/** It is to be mounted there, a name that it takes: waits until another drive there has ended. */
void mpr_drive_take_place(struct mpr_drive *drive, char *directory, int64_t deadline_ns)
    EXCLUDES(mpr_drive_lock);

/** Waits until no watching thread of this provider is left. */
void mpr_drive_await_threads(int64_t deadline_ns) EXCLUDES(mpr_drive_lock);

#endif
