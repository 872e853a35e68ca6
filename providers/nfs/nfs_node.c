/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_node.c: file handles and attributes.
 */
#include "config.h"

#include "providers/nfs/nfs_node.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

nfs_fh3 nfs_handle_fh3(struct nfs_handle *handle) {
    nfs_fh3 fh = {0};

    fh.data.data_len = handle->length;
    fh.data.data_val = handle->data;
    return fh;
}

void nfs_handle_set(struct nfs_handle *handle, uint32_t length, const char *data) {
    if (length > NFS_HANDLE_MAX)
        length = 0;
    memset(handle, 0, sizeof *handle);
    handle->length = length;
    if (length)
        memcpy(handle->data, data, length);
}

bool nfs_handle_equal(const struct nfs_handle *a, const struct nfs_handle *b) {
    return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

static uint32_t type_bits(ftype3 type) {
    switch (type) {
    case NF3REG:
        return S_IFREG;
    case NF3DIR:
        return S_IFDIR;
    case NF3BLK:
        return S_IFBLK;
    case NF3CHR:
        return S_IFCHR;
    case NF3LNK:
        return S_IFLNK;
    case NF3SOCK:
        return S_IFSOCK;
    case NF3FIFO:
        return S_IFIFO;
    default:
        return 0;
    }
}

static int64_t time_ns(const nfstime3 *time) {
    return (int64_t)time->seconds * 1000000000 + time->nseconds;
}

void nfs_stat_set(struct mpr_stat *ret, const fattr3 *attributes) {
    memset(ret, 0, sizeof *ret);
    ret->ino = attributes->fileid;
    ret->size = attributes->size;
    ret->space = attributes->used;
    ret->atime_ns = time_ns(&attributes->atime);
    ret->mtime_ns = time_ns(&attributes->mtime);
    ret->ctime_ns = time_ns(&attributes->ctime);
    ret->mode = type_bits(attributes->type) | (attributes->mode & 07777);
    ret->nlink = attributes->nlink ? attributes->nlink : 1;
    ret->uid = attributes->uid;
    ret->gid = attributes->gid;
    ret->valid = MPR_STAT_INO | MPR_STAT_MODE | MPR_STAT_OWNER;
    ret->rdev = (uint32_t)makedev(attributes->rdev.specdata1, attributes->rdev.specdata2);
}

void nfs_node_set_stat(struct nfs_node *node, const post_op_attr *attributes) {
    node->has_stat = attributes->attributes_follow != 0;
    if (node->has_stat)
        nfs_stat_set(&node->stat, &attributes->post_op_attr_u.attributes);
}
