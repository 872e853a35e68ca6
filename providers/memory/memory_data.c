/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_data.c: the bytes of files, in blocks that exist once they are
 * written. What was never written is a hole: it reads as zeros and takes no
 * space. The caller holds the share's lock.
 */
#include "config.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t memory_data_read(const struct memory_node *node, void *data, size_t size, uint64_t offset) {
    uint8_t *to = data;
    size_t done = 0;

    if (offset >= node->u.file.size)
        return 0;
    if (size > node->u.file.size - offset)
        size = (size_t)(node->u.file.size - offset);
    while (done < size) {
        uint64_t index = (offset + done) / MEMORY_BLOCK;
        size_t at = (size_t)((offset + done) % MEMORY_BLOCK);
        size_t part = MEMORY_BLOCK - at < size - done ? MEMORY_BLOCK - at : size - done;
        const uint8_t *block = index < node->u.file.count ? node->u.file.blocks[index] : NULL;

        if (block)
            memcpy(to + done, block + at, part);
        else
            memset(to + done, 0, part);
        done += part;
    }
    return size;
}

/* Makes room for the address of a block, twice as much as before if need be. */
static int grow_table(struct memory_node *node, uint64_t index) {
    size_t count = node->u.file.count ? node->u.file.count : 4;
    uint8_t **blocks;

    if (index < node->u.file.count)
        return 0;
    while (count <= index)
        count *= 2;
    blocks = reallocarray(node->u.file.blocks, count, sizeof(*blocks));
    if (!blocks)
        return -ENOMEM;
    memset(blocks + node->u.file.count, 0, (count - node->u.file.count) * sizeof(*blocks));
    node->u.file.blocks = blocks;
    node->u.file.count = count;
    return 0;
}

/* The block to write to, made if it is not there. Returns 0 or -errno. */
static int need_block(struct memory_share *share, struct memory_node *node, uint64_t index,
                      uint8_t **ret_block) {
    int rc = grow_table(node, index);

    if (rc)
        return rc;
    if (!node->u.file.blocks[index]) {
        if (share->blocks_used >= share->block_limit)
            return -ENOSPC;
        node->u.file.blocks[index] = calloc(1, MEMORY_BLOCK);
        if (!node->u.file.blocks[index])
            return -ENOMEM;
        node->u.file.used++;
        share->blocks_used++;
    }
    *ret_block = node->u.file.blocks[index];
    return 0;
}

int64_t memory_data_write(struct memory_share *share, struct memory_node *node, const void *data,
                          size_t size, uint64_t offset) {
    const uint8_t *from = data;
    size_t done = 0;
    int rc = 0;

    if (offset > MEMORY_FILE_MAX || size > MEMORY_FILE_MAX - offset)
        return -EFBIG;
    while (done < size) {
        size_t at = (size_t)((offset + done) % MEMORY_BLOCK);
        size_t part = MEMORY_BLOCK - at < size - done ? MEMORY_BLOCK - at : size - done;
        uint8_t *block;

        rc = need_block(share, node, (offset + done) / MEMORY_BLOCK, &block);
        if (rc)
            break;
        memcpy(block + at, from + done, part);
        done += part;
    }
    if (done && offset + done > node->u.file.size)
        node->u.file.size = offset + done;
    return done ? (int64_t)done : rc;
}

int memory_data_resize(struct memory_share *share, struct memory_node *node, uint64_t size) {
    uint64_t keep = (size + MEMORY_BLOCK - 1) / MEMORY_BLOCK;

    if (size > MEMORY_FILE_MAX)
        return -EFBIG;
    for (size_t i = (size_t)keep; i < node->u.file.count; i++)
        if (node->u.file.blocks[i]) {
            free(node->u.file.blocks[i]);
            node->u.file.blocks[i] = NULL;
            node->u.file.used--;
            share->blocks_used--;
        }
    /* What lies behind the end must be zeros when the file grows again. */
    if (size % MEMORY_BLOCK && keep - 1 < node->u.file.count && node->u.file.blocks[keep - 1])
        memset(node->u.file.blocks[keep - 1] + size % MEMORY_BLOCK, 0,
               MEMORY_BLOCK - (size_t)(size % MEMORY_BLOCK));
    node->u.file.size = size;
    return 0;
}
