/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_pool.h: blocks for the data of long writes.
 *
 * Fresh memory costs more than copying into it, and huge pages make the
 * copying itself cheaper. So a session that writes has one slab and uses its
 * blocks again and again; when all are taken, blocks are ordinary memory.
 */
#ifndef NFS_POOL_H
#define NFS_POOL_H

#include <pthread.h>
#include <stddef.h>

#define NFS_BLOCK       1048576u /**< bytes of a block */
#define NFS_SLAB_BLOCKS 32u

struct nfs_pool {
    pthread_mutex_t lock;
    char *slab;
    void *spare[NFS_SLAB_BLOCKS]; /* blocks of the slab that are free; used last, first */
    unsigned spares;
};

void nfs_pool_init(struct nfs_pool *pool);
/** Frees all of it; every block was given back. */
void nfs_pool_clear(struct nfs_pool *pool);
/** A block, or NULL without memory. */
void *nfs_pool_take(struct nfs_pool *pool);
void nfs_pool_give(struct nfs_pool *pool, void *block);
/** If no block is in use, the system may take the memory back when it needs it; until
 * then the next long write finds it as it was. */
void nfs_pool_trim(struct nfs_pool *pool);

#endif
