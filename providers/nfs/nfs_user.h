/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_user.h: whom a connection is made as.
 *
 * AUTH_UNIX believes the client: a user is a number. A user name is "uid",
 * "uid:gid", or the name of a user of this machine. Without one the URL's uid
 * and gid count, then the drop-in's, then the caller's. A uid without a gid
 * brings the groups that this machine knows for it, or nogroup; the caller
 * brings those of this process; a uid with a gid has that one group.
 */
#ifndef NFS_USER_H
#define NFS_USER_H

#include "providers/nfs/nfs_session.h"

/**
 * Finds out. user may be NULL. Returns 0; or a Win32 code, ERROR_BAD_USERNAME
 * if there is no such user.
 */
uint32_t nfs_user_identity(const struct nfs_options *options, const struct nfs_name *name,
                           const struct mpr_call *call, const char *user,
                           struct nfs_identity *ret_identity);

#endif
