/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_silly.h: files that lose their last name while they are open.
 *
 * POSIX keeps such a file until it is closed; an NFS server, which knows of no
 * open files, would not. So it gets another name first, ".nfs" and a number in
 * the same directory, which goes with the last close. After a cancel by force
 * that name stays behind.
 */
#ifndef NFS_SILLY_H
#define NFS_SILLY_H

#include "providers/nfs/nfs_inode.h"
#include "providers/nfs/nfs_walk.h"

/**
 * What lies at place is going to be removed or replaced. If it is open in this
 * session, and this is its only name, it gets another one.
 *
 * Returns the inode, for nfs_silly_done; NULL if there is nothing to keep, or
 * the server makes no second names.
 */
struct nfs_inode *nfs_silly_keep(struct nfs_session *session, const struct mpr_call *call,
                                 struct nfs_place *place);

/** It was removed or replaced, or (removed is false) it was not. inode may be NULL. */
void nfs_silly_done(struct nfs_inode *inode, const struct mpr_call *call, bool removed);

/** The file is closed for the last time. */
void nfs_silly_close(struct nfs_inode *inode, const struct mpr_call *call);

#endif
