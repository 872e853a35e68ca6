/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_hash.h: a hash table of things that have their link in themselves. Who
 * uses it locks it.
 */
#ifndef DRIVE_HASH_H
#define DRIVE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct drive_link {
    struct drive_link *next;
    uint64_t hash;
};

/** All zero: empty. */
struct drive_hash {
    struct drive_link **slots;
    size_t size; /* a power of two, or 0 */
    size_t count;
};

/** Adds a link. 0, or -ENOMEM. */
int drive_hash_add(struct drive_hash *hash, struct drive_link *link, uint64_t value);
/** Takes it out again. */
void drive_hash_remove(struct drive_hash *hash, struct drive_link *link);
/** The first link with this value, or NULL. */
struct drive_link *drive_hash_first(const struct drive_hash *hash, uint64_t value);
/** The next one with the same value, or NULL. */
struct drive_link *drive_hash_next(const struct drive_link *link);
/** Frees the table, not what was in it. */
void drive_hash_free(struct drive_hash *hash);

/** Values of numbers and of names. */
uint64_t drive_hash_of_number(uint64_t number);
uint64_t drive_hash_of_name(uint64_t seed, const char *name);

/** What a link is in. */
#define DRIVE_HASH_ENTRY(link, type, member)                                                       \
    ((link) ? (type *)(void *)((char *)(link)-offsetof(type, member)) : NULL)

#endif
