/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_hash.c: see drive_hash.h.
 */
#include "config.h"

#include "service/drive_hash.h"

#include <errno.h>
#include <stdlib.h>

static struct drive_link **find_slot(const struct drive_hash *hash, uint64_t value) {
    return &hash->slots[value & (hash->size - 1)];
}

/* Without memory for a larger table, longer chains will do. */
static void grow(struct drive_hash *hash) {
    struct drive_hash larger = {.size = hash->size ? hash->size * 2 : 64, .count = hash->count};

    larger.slots = calloc(larger.size, sizeof *larger.slots);
    if (!larger.slots)
        return;
    for (size_t i = 0; i < hash->size; i++) {
        struct drive_link *next;

        for (struct drive_link *link = hash->slots[i]; link; link = next) {
            struct drive_link **slot = find_slot(&larger, link->hash);

            next = link->next;
            link->next = *slot;
            *slot = link;
        }
    }
    free(hash->slots);
    *hash = larger;
}

int drive_hash_add(struct drive_hash *hash, struct drive_link *link, uint64_t value) {
    struct drive_link **slot;

    if (hash->count >= hash->size)
        grow(hash);
    if (!hash->size)
        return -ENOMEM;
    slot = find_slot(hash, value);
    *link = (struct drive_link){.next = *slot, .hash = value};
    *slot = link;
    hash->count++;
    return 0;
}

void drive_hash_remove(struct drive_hash *hash, struct drive_link *link) {
    struct drive_link **where = find_slot(hash, link->hash);

    while (*where != link)
        where = &(*where)->next;
    *where = link->next;
    hash->count--;
}

static struct drive_link *skip_others(struct drive_link *link, uint64_t value) {
    while (link && link->hash != value)
        link = link->next;
    return link;
}

struct drive_link *drive_hash_first(const struct drive_hash *hash, uint64_t value) {
    return hash->size ? skip_others(*find_slot(hash, value), value) : NULL;
}

struct drive_link *drive_hash_next(const struct drive_link *link) {
    return skip_others(link->next, link->hash);
}

void drive_hash_free(struct drive_hash *hash) {
    free(hash->slots);
    *hash = (struct drive_hash){0};
}

/* The finalizer of splitmix64: every bit of number decides about every bit. */
uint64_t drive_hash_of_number(uint64_t number) {
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9u;
    number = (number ^ number >> 27) * 0x94D049BB133111EBu;
    return number ^ number >> 31;
}

/* FNV-1a, and the above for its weak lower bits. */
uint64_t drive_hash_of_name(uint64_t seed, const char *name) {
    uint64_t value = 0xCBF29CE484222325u ^ seed;

    for (; *name; name++)
        value = (value ^ (unsigned char)*name) * 0x100000001B3u;
    return drive_hash_of_number(value);
}
