/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_pool.c: the slab and its blocks.
 */
#include "config.h"

#include "providers/nfs/nfs_pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_PAGE 2097152u
#define WINDOW    8388608u
#define SLAB      ((size_t)NFS_SLAB_BLOCKS * NFS_BLOCK)

void nfs_pool_init(struct nfs_pool *pool) {
    pthread_mutex_init(&pool->lock, NULL);
    pool->slab = NULL;
    pool->spares = 0;
}

void nfs_pool_trim(struct nfs_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    if (pool->spares == NFS_SLAB_BLOCKS)
        madvise(pool->slab, SLAB, MADV_FREE);
    pthread_mutex_unlock(&pool->lock);
}

void nfs_pool_clear(struct nfs_pool *pool) {
    free(pool->slab);
    pthread_mutex_destroy(&pool->lock);
}

/* libnfs allocates and frees the whole window with every long write. To free a
 * large block once is how one tells glibc not to return such memory to the
 * system each time, only to fault it in again: two thirds of the time that a
 * write costs here. */
static void teach_malloc(void) {
    void *volatile block = malloc(WINDOW);

    free(block);
}

static void make_slab_locked(struct nfs_pool *pool) {
    teach_malloc();
    pool->slab = aligned_alloc(HUGE_PAGE, SLAB);
    if (!pool->slab)
        return;
    madvise(pool->slab, SLAB, MADV_HUGEPAGE); /* where there are none it does without */
    for (unsigned i = NFS_SLAB_BLOCKS; i > 0; i--)
        pool->spare[pool->spares++] = pool->slab + (size_t)(i - 1) * NFS_BLOCK;
}

void *nfs_pool_take(struct nfs_pool *pool) {
    void *block = NULL;

    pthread_mutex_lock(&pool->lock);
    if (!pool->slab)
        make_slab_locked(pool);
    if (pool->spares)
        block = pool->spare[--pool->spares];
    pthread_mutex_unlock(&pool->lock);
    return block ? block : malloc(NFS_BLOCK);
}

static int is_of_slab(const struct nfs_pool *pool, const void *block) {
    uintptr_t at = (uintptr_t)block, slab = (uintptr_t)pool->slab;

    return pool->slab && at >= slab && at - slab < SLAB;
}

void nfs_pool_give(struct nfs_pool *pool, void *block) {
    int ours;

    pthread_mutex_lock(&pool->lock);
    ours = is_of_slab(pool, block);
    if (ours)
        pool->spare[pool->spares++] = block;
    pthread_mutex_unlock(&pool->lock);
    if (!ours)
        free(block);
}
