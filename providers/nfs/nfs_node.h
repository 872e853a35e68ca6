/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_node.h: file handles and attributes, copied out of libnfs's replies.
 */
#ifndef NFS_NODE_H
#define NFS_NODE_H

#include <nfsc/libnfs-raw-nfs.h>
#include <nfsc/libnfs.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>

#include <mpr/file.h>

#define NFS_HANDLE_MAX 64

/** The server's name of a file; good over reconnects and restarts. */
struct nfs_handle {
    uint32_t length;
    char data[NFS_HANDLE_MAX];
};

/** A file as far as it is known. */
struct nfs_node {
    struct nfs_handle handle;
    bool has_stat; /**< the server sent attributes too */
    struct mpr_stat stat;
};

/** The handle as an argument of libnfs; valid as long as handle. */
nfs_fh3 nfs_handle_fh3(struct nfs_handle *handle);

/** Copies; an impossible length becomes no handle (length 0). */
void nfs_handle_set(struct nfs_handle *handle, uint32_t length, const char *data);

bool nfs_handle_equal(const struct nfs_handle *a, const struct nfs_handle *b);

/** Attributes in the SPI's form. */
void nfs_stat_set(struct mpr_stat *ret, const fattr3 *attributes);

/** Attributes that a reply may have or not. */
void nfs_node_set_stat(struct nfs_node *node, const post_op_attr *attributes);

#endif
