/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_inode.c: unstable writes, COMMIT, and what to do when a server forgot.
 */
#include "config.h"

#include "providers/nfs/nfs_inode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "providers/common/np_time.h"
#include "providers/nfs/nfs_silly.h"

#define KEPT_MOST (32u << 20)  /* bytes kept of one file before COMMIT is asked for */
#define SMALL     65536u       /* a first write up to this is asked to be stable */
#define ATTEMPTS  5            /* a server that restarts more often has lost */
#define STEP_NS   (10 * NP_MS) /* how often to look whether a recovery is over */

static struct nfs_inode *find_locked(struct nfs_session *session, const struct nfs_handle *handle) {
    struct nfs_inode *inode = session->inodes;

    while (inode && !nfs_handle_equal(&inode->handle, handle))
        inode = inode->next;
    return inode;
}

struct nfs_inode *nfs_inode_open(struct nfs_session *session, const struct nfs_handle *handle) {
    struct nfs_inode *inode;

    pthread_mutex_lock(&session->lock);
    inode = find_locked(session, handle);
    if (!inode && (inode = calloc(1, sizeof *inode))) {
        inode->session = session;
        inode->handle = *handle;
        pthread_mutex_init(&inode->lock, NULL);
        nfs_kept_clear(&inode->kept);
        inode->next = session->inodes;
        session->inodes = inode;
    }
    if (inode)
        inode->opens++;
    pthread_mutex_unlock(&session->lock);
    return inode;
}

struct nfs_inode *nfs_inode_find(struct nfs_session *session, const struct nfs_handle *handle) {
    struct nfs_inode *inode;

    pthread_mutex_lock(&session->lock);
    inode = find_locked(session, handle);
    if (inode)
        inode->opens++;
    pthread_mutex_unlock(&session->lock);
    return inode;
}

bool nfs_inode_any(struct nfs_session *session) {
    bool any;

    pthread_mutex_lock(&session->lock);
    any = session->inodes != NULL;
    pthread_mutex_unlock(&session->lock);
    return any;
}

void nfs_inode_close(struct nfs_inode *inode, const struct mpr_call *call) {
    struct nfs_session *session = inode->session;
    struct nfs_inode **link = &session->inodes;
    bool last, none;

    pthread_mutex_lock(&session->lock);
    last = --inode->opens == 0;
    if (last) {
        while (*link != inode)
            link = &(*link)->next;
        *link = inode->next;
    }
    none = !session->inodes;
    pthread_mutex_unlock(&session->lock);
    if (!last)
        return;
    nfs_silly_close(inode, call);
    nfs_kept_clear(&inode->kept);
    pthread_mutex_destroy(&inode->lock);
    free(inode);
    if (none)
        nfs_pool_trim(&session->pool);
}

void nfs_inode_made(struct nfs_inode *inode, const struct mpr_stat *stat, uint64_t changes) {
    int64_t believed_ns = (int64_t)inode->session->state->options.attribute_ms * NP_MS;

    pthread_mutex_lock(&inode->lock);
    inode->made = *stat;
    inode->made_changes = changes;
    inode->made_until_ns = believed_ns ? np_now_ns() + believed_ns : 0;
    pthread_mutex_unlock(&inode->lock);
}

bool nfs_inode_take_made(struct nfs_inode *inode, struct mpr_stat *ret_stat) {
    bool good;

    pthread_mutex_lock(&inode->lock);
    good = np_now_ns() < inode->made_until_ns
           && inode->made_changes == atomic_load(&inode->session->changes);
    if (good)
        *ret_stat = inode->made;
    inode->made_until_ns = 0;
    pthread_mutex_unlock(&inode->lock);
    return good;
}

/* Takes over what was written just now. */
static void append_locked(struct nfs_inode *inode, struct nfs_kept_list *fresh,
                          uint32_t generation) {
    if (!fresh->first)
        return;
    for (struct nfs_kept *kept = fresh->first; kept; kept = kept->next)
        kept->order = ++inode->order;
    if (!inode->kept.first)
        inode->generation = generation;
    *inode->kept.end = fresh->first;
    inode->kept.end = fresh->end;
    inode->kept.bytes += fresh->bytes;
    fresh->first = NULL;
    nfs_kept_clear(fresh);
}

/* Waits until nobody recovers, and locks. */
static int lock_settled(struct nfs_inode *inode, const struct mpr_call *call) {
    for (;;) {
        int rc;

        pthread_mutex_lock(&inode->lock);
        if (!inode->recovering)
            return 0;
        pthread_mutex_unlock(&inode->lock);
        rc = nfs_wait_pause(inode->session->line, call, STEP_NS);
        if (rc)
            return rc;
    }
}

int64_t nfs_inode_write(struct nfs_inode *inode, const struct mpr_call *call, const void *data,
                        size_t size, uint64_t offset) {
    struct nfs_session *session = inode->session;
    uint32_t generation = nfs_line_generation(session->line);
    struct nfs_kept_list kept = {0};
    bool small, full;
    int64_t written;
    int rc = lock_settled(inode, call);

    if (rc)
        return rc;
    inode->writers++;
    inode->made_until_ns = 0;
    /* One small file is one write: with the server's promise it needs no COMMIT. */
    small = !inode->kept.first && size <= SMALL;
    pthread_mutex_unlock(&inode->lock);
    nfs_kept_clear(&kept);
    written =
        nfs_transfer_write(session, call, &inode->handle, data, size, offset, small ? NULL : &kept);
    pthread_mutex_lock(&inode->lock);
    inode->writers--;
    append_locked(inode, &kept, generation);
    full = inode->kept.bytes >= KEPT_MOST;
    pthread_mutex_unlock(&inode->lock);
    if (full && written > 0 && (rc = nfs_inode_commit(inode, call)))
        return rc;
    return written;
}

static void take_commit(void *context, const void *reply) {
    memcpy(context, ((const COMMIT3res *)reply)->COMMIT3res_u.resok.verf, NFS_VERIFIER);
}

static int send_commit(struct nfs_inode *inode, const struct mpr_call *call, char *ret_verifier) {
    COMMIT3args args = {.file = nfs_handle_fh3(&inode->handle)};

    return nfs_errno(
        nfs_call(inode->session->line, call, &nfs_proc_commit, &args, take_commit, ret_verifier));
}

/* Whether the server of verifier still has everything up to order. */
static bool has_all_locked(const struct nfs_inode *inode, uint64_t order, const char *verifier) {
    for (const struct nfs_kept *kept = inode->kept.first; kept; kept = kept->next)
        if (kept->order <= order && (kept->torn || memcmp(kept->verifier, verifier, NFS_VERIFIER)))
            return false;
    return true;
}

/* The list is in the order of order. */
static void forget_locked(struct nfs_inode *inode, uint64_t order) {
    while (inode->kept.first && inode->kept.first->order <= order) {
        struct nfs_kept *kept = inode->kept.first;

        inode->kept.first = kept->next;
        inode->kept.bytes -= kept->length;
        nfs_kept_free(kept);
    }
    if (!inode->kept.first)
        nfs_kept_clear(&inode->kept);
}

/* Sends everything kept again, in order, to a server that forgot some of it.
 * Meanwhile nobody writes, and nobody else touches the list. */
static int send_again(struct nfs_inode *inode, const struct mpr_call *call) {
    uint32_t generation = nfs_line_generation(inode->session->line);
    struct nfs_kept_list fresh = {0};

    nfs_kept_clear(&fresh);
    for (struct nfs_kept *kept = inode->kept.first; kept; kept = kept->next) {
        int64_t written = nfs_transfer_write(inode->session, call, &inode->handle, kept->data,
                                             kept->length, kept->offset, &fresh);

        if (written < 0 || (size_t)written < kept->length) {
            nfs_kept_clear(&fresh);
            return written < 0 ? (int)written : -EIO;
        }
    }
    pthread_mutex_lock(&inode->lock);
    nfs_kept_clear(&inode->kept);
    append_locked(inode, &fresh, generation);
    pthread_mutex_unlock(&inode->lock);
    return 0;
}

static int recover(struct nfs_inode *inode, const struct mpr_call *call) {
    int rc = lock_settled(inode, call);

    if (rc)
        return rc;
    inode->recovering = true;
    inode->recoveries++;
    while (inode->writers && !rc) {
        pthread_mutex_unlock(&inode->lock);
        rc = nfs_wait_pause(inode->session->line, call, STEP_NS);
        pthread_mutex_lock(&inode->lock);
    }
    pthread_mutex_unlock(&inode->lock);
    if (!rc)
        rc = send_again(inode, call);
    pthread_mutex_lock(&inode->lock);
    inode->recovering = false;
    pthread_mutex_unlock(&inode->lock);
    return rc;
}

enum outcome { STABLE, FORGOTTEN, RECOVERED };

/* One COMMIT. FORGOTTEN: the server has restarted since. RECOVERED: another
 * call found that out meanwhile. */
static int commit_once(struct nfs_inode *inode, const struct mpr_call *call,
                       enum outcome *ret_outcome) {
    char verifier[NFS_VERIFIER];
    unsigned recoveries;
    uint64_t order;
    int rc = lock_settled(inode, call);

    if (rc)
        return rc;
    order = inode->order;
    recoveries = inode->recoveries;
    *ret_outcome = STABLE;
    if (!inode->kept.first) {
        pthread_mutex_unlock(&inode->lock);
        return 0;
    }
    pthread_mutex_unlock(&inode->lock);
    if ((rc = send_commit(inode, call, verifier)) || (rc = lock_settled(inode, call)))
        return rc;
    if (recoveries != inode->recoveries)
        *ret_outcome = RECOVERED;
    else if (has_all_locked(inode, order, verifier))
        forget_locked(inode, order);
    else
        *ret_outcome = FORGOTTEN;
    pthread_mutex_unlock(&inode->lock);
    return 0;
}

int nfs_inode_commit(struct nfs_inode *inode, const struct mpr_call *call) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        enum outcome outcome;
        int rc = commit_once(inode, call, &outcome);

        if (rc || outcome == STABLE)
            return rc;
        if (outcome == FORGOTTEN && (rc = recover(inode, call)))
            return rc;
    }
    return -EIO;
}

bool nfs_inode_is_stale(struct nfs_inode *inode) {
    uint32_t generation;
    bool dirty;

    pthread_mutex_lock(&inode->lock);
    dirty = inode->kept.first != NULL;
    generation = inode->generation;
    pthread_mutex_unlock(&inode->lock);
    return dirty && generation != nfs_line_generation(inode->session->line);
}

int nfs_inode_commit_handle(struct nfs_session *session, const struct mpr_call *call,
                            const struct nfs_handle *handle) {
    struct nfs_inode *inode = nfs_inode_find(session, handle);
    int rc;

    if (!inode)
        return 0;
    rc = nfs_inode_commit(inode, call);
    nfs_inode_close(inode, call);
    return rc;
}
