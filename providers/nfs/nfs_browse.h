/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_browse.h: what a server exports, and what contains what.
 */
#ifndef NFS_BROWSE_H
#define NFS_BROWSE_H

#include "providers/nfs/nfs_session.h"

/** What the operations of the same names in mpr/provider.h do; failure says the rest. */
bool nfs_browse_list(const struct nfs_state *state, const struct mpr_call *call,
                     const char *container, uint32_t type, uint32_t usage, mpr_resource_fn fn,
                     void *context, struct nfs_failure *failure);
bool nfs_browse_parent(const char *remote, mpr_resource_fn fn, void *context,
                       struct nfs_failure *failure);
bool nfs_browse_information(const struct nfs_state *state, const struct mpr_call *call,
                            const char *remote, uint32_t type, mpr_resource_fn fn, void *context,
                            size_t *ret_rest, struct nfs_failure *failure);
bool nfs_browse_universal(const char *remote, const char *path, char *buffer, size_t size,
                          struct nfs_failure *failure);

#endif
