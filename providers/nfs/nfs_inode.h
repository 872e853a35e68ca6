/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_inode.h: what is known about a file that is open in a session, once per
 * file and not per handle: the data that the server has not promised to keep.
 *
 * A server that restarts forgets such data and says so by another verifier.
 * Then everything kept is sent again in the order of writing, while nobody else
 * writes: an old block must not come to lie on a new one.
 */
#ifndef NFS_INODE_H
#define NFS_INODE_H

#include "providers/nfs/nfs_transfer.h"

struct nfs_inode {
    struct nfs_inode *next;
    struct nfs_session *session;
    struct nfs_handle handle;
    unsigned opens; /* under the session's lock */

    atomic_bool silly; /* see nfs_silly.h; while set, and by who set it: */
    struct nfs_handle silly_directory;
    char silly_name[24];

    pthread_mutex_t lock; /* for what follows; never held during a call */
    struct nfs_kept_list kept;
    uint32_t generation;   /* of the connection that the oldest kept data went over */
    uint64_t order;        /* of the data kept last */
    unsigned writers;      /* nfs_transfer_write under way */
    bool recovering;       /* one call sends again; writers wait */
    unsigned recoveries;   /* how often that was */
    struct mpr_stat made;  /* what the server said when it made the file */
    uint64_t made_changes; /* the session's, before that */
    int64_t made_until_ns; /* it counts till then, for who asks first; 0: it does not */
};

/** The inode of a handle that is being opened, or NULL without memory. */
struct nfs_inode *nfs_inode_open(struct nfs_session *session, const struct nfs_handle *handle);
/** The inode of handle if it is open, with one more open; or NULL. */
struct nfs_inode *nfs_inode_find(struct nfs_session *session, const struct nfs_handle *handle);
/** Whether any file is open. */
bool nfs_inode_any(struct nfs_session *session);
/**
 * One open less; with the last, kept data is forgotten, and a file that has lost
 * its name is removed. call: NULL when nothing is to be sent any more.
 */
void nfs_inode_close(struct nfs_inode *inode, const struct mpr_call *call);

/** Writes through the inode. Returns as nfs_transfer_write. */
int64_t nfs_inode_write(struct nfs_inode *inode, const struct mpr_call *call, const void *data,
                        size_t size, uint64_t offset);

/**
 * The file has been made this moment, and stat is what the server said of it then; the
 * session had seen so many changes before. nfs_inode_take_made gives that to the first who
 * wants to know, unless it is too old, or something was changed since.
 */
void nfs_inode_made(struct nfs_inode *inode, const struct mpr_stat *stat, uint64_t changes);
bool nfs_inode_take_made(struct nfs_inode *inode, struct mpr_stat *ret_stat);

/** Everything written so far is stable, or -errno. */
int nfs_inode_commit(struct nfs_inode *inode, const struct mpr_call *call);

/**
 * Whether the connection was lost since something kept was written: then the
 * server may have restarted, and what it says of the file may be from before
 * the writing.
 */
bool nfs_inode_is_stale(struct nfs_inode *inode);

/** Commits the file of handle if it is open in session: before its size is set. */
int nfs_inode_commit_handle(struct nfs_session *session, const struct mpr_call *call,
                            const struct nfs_handle *handle);

#endif
