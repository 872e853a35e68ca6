/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_transfer.h: reads and writes of any size, several requests in flight.
 */
#ifndef NFS_TRANSFER_H
#define NFS_TRANSFER_H

#include "providers/nfs/nfs_session.h"

#define NFS_VERIFIER NFS3_WRITEVERFSIZE

/**
 * Data that the server has acknowledged without promising to keep it: it is
 * sent again if the server turns out to have restarted before COMMIT.
 */
struct nfs_kept {
    struct nfs_kept *next;
    uint64_t order; /**< later data has a higher one; for nfs_inode.c */
    uint64_t offset;
    size_t length;
    size_t answered; /**< bytes of it that the server took */
    bool stable;     /**< it took them for good */
    bool torn;       /**< taken by two incarnations of the server */
    char verifier[NFS_VERIFIER];
    struct nfs_pool *pool; /**< where data is from; NULL: it lies behind this */
    char *data;
};

/** Kept data in the order of writing. */
struct nfs_kept_list {
    struct nfs_kept *first, **end;
    size_t bytes;
};

void nfs_kept_free(struct nfs_kept *kept);
/** Empties and frees. */
void nfs_kept_clear(struct nfs_kept_list *list);

/** Returns the bytes read, less than size only at the end of the file; or -errno. */
int64_t nfs_transfer_read(struct nfs_session *session, const struct mpr_call *call,
                          struct nfs_handle *handle, void *data, size_t size, uint64_t offset);

/**
 * Writes. With keep, what the server took without promise is appended to it;
 * without, the server is asked to make it stable at once.
 *
 * Returns the bytes written, less than size if an error came after them; or -errno.
 */
int64_t nfs_transfer_write(struct nfs_session *session, const struct mpr_call *call,
                           struct nfs_handle *handle, const void *data, size_t size,
                           uint64_t offset, struct nfs_kept_list *keep);

#endif
