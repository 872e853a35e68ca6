/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_attr.h: changing attributes, and facts about the file system. Results as
 * in nfs_error.h.
 */
#ifndef NFS_ATTR_H
#define NFS_ATTR_H

#include "providers/nfs/nfs_session.h"

/** New attributes: permissions, and nothing else. */
sattr3 nfs_attr_mode(uint32_t mode);

/** What is written so far is committed first. */
int nfs_attr_set_size(struct nfs_session *session, const struct mpr_call *call,
                      struct nfs_handle *handle, uint64_t size);

/** Of path, of a link itself unless follow. Results as in mpr/provider.h. */
int nfs_attr_stat(struct nfs_session *session, const struct mpr_call *call, const char *path,
                  bool follow, struct mpr_stat *ret_stat);
/* The others follow links. */
int nfs_attr_chmod(struct nfs_session *session, const struct mpr_call *call, const char *path,
                   uint32_t mode);
int nfs_attr_chown(struct nfs_session *session, const struct mpr_call *call, const char *path,
                   uint32_t uid, uint32_t gid);
int nfs_attr_utimens(struct nfs_session *session, const struct mpr_call *call, const char *path,
                     int64_t atime_ns, int64_t mtime_ns);
int nfs_attr_truncate(struct nfs_session *session, const struct mpr_call *call, const char *path,
                      uint64_t size);
int nfs_attr_statvfs(struct nfs_session *session, const struct mpr_call *call, const char *path,
                     struct mpr_statvfs *ret_facts);

#define NFS_ACCESS_ALL                                                                             \
    (ACCESS3_READ | ACCESS3_LOOKUP | ACCESS3_MODIFY | ACCESS3_EXTEND | ACCESS3_DELETE              \
     | ACCESS3_EXECUTE)

/** For an ACCESS in struct nfs_call: context is a uint32_t. */
void nfs_attr_take_access(void *context, const void *reply);

/** Which of ACCESS3_ bits the server grants. */
int nfs_attr_access(struct nfs_session *session, const struct mpr_call *call,
                    struct nfs_handle *handle, uint32_t wanted, uint32_t *ret_granted);

/** Whether the server takes no changes of the file system of handle. */
bool nfs_attr_is_read_only(struct nfs_session *session, const struct mpr_call *call,
                           struct nfs_handle *handle);

#endif
