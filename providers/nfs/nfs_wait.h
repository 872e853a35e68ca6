/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_wait.h: waiting for replies, as leader or follower, within the bound.
 */
#ifndef NFS_WAIT_H
#define NFS_WAIT_H

#include "providers/nfs/nfs_line.h"

#define NFS_JUKEBOX_NS 200000000ll /**< between two questions to a server that says "not now" */

/** Prepares wait for requests of call on line that move so many bytes. */
void nfs_wait_init(struct nfs_wait *wait, struct nfs_line *line, const struct mpr_call *call,
                   size_t bytes);

/**
 * Sends a request that wait is to wait for; the line frees it. The line's lock
 * is held. Nothing is written yet: nfs_wait_run_locked does that.
 */
void nfs_wait_add_locked(struct nfs_wait *wait, struct nfs_request *request);

/**
 * Waits until every request was answered, called back, or given up. The line's
 * lock is held, and is free while this waits.
 *
 * Returns 0; -ETIMEDOUT, -ECANCELED, -ENOTCONN (aborted) or another -errno, and
 * then no reply function of wait's requests is called any more.
 */
int nfs_wait_run_locked(struct nfs_wait *wait);

/** For nfs_line.c: one of wait's requests has its answer. */
void nfs_wait_answered_locked(struct nfs_wait *wait);

/** 0, or the -errno for which nothing should be sent any more. */
int nfs_wait_may_start(const struct nfs_line *line, const struct mpr_call *call);

/** Takes what is needed out of a reply of status 0. */
typedef void (*nfs_take_fn)(void *context, const void *reply);

/** A call of a procedure. */
struct nfs_call {
    const struct nfs_procedure *procedure;
    void *args;
    nfs_take_fn take; /**< may be NULL; called with a good reply only, under a lock */
    void *context;    /**< for take */
    int result;       /**< 0, a positive nfsstat, or -errno */
};

/**
 * Calls several procedures at once and waits for all of them.
 *
 * Returns 0 when each has a result, or -errno.
 */
int nfs_call_all(struct nfs_line *line, const struct mpr_call *call, struct nfs_call *calls,
                 size_t count);

/**
 * Does nothing for a while. Returns 0, or -errno when the call ends meanwhile.
 */
int nfs_wait_pause(const struct nfs_line *line, const struct mpr_call *call, int64_t pause_ns);

/**
 * Calls one procedure. A server that answers NFS3ERR_JUKEBOX (not now) is asked
 * again as long as the call lasts. Returns 0, a positive nfsstat, or -errno.
 */
int nfs_call(struct nfs_line *line, const struct mpr_call *call,
             const struct nfs_procedure *procedure, void *args, nfs_take_fn take, void *context);

#endif
