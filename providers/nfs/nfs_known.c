/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_known.c: a small table; a new name takes the place of an old one.
 */
#include "config.h"

#include "providers/nfs/nfs_known.h"

#include <stdlib.h>
#include <string.h>

#include "providers/common/np_time.h"

#define PLACES 64u

void nfs_known_init(struct nfs_known *known) {
    pthread_mutex_init(&known->lock, NULL);
    known->clock = 0;
    known->names = NULL;
}

void nfs_known_clear(struct nfs_known *known) {
    free(known->names);
    pthread_mutex_destroy(&known->lock);
}

static uint32_t hash_bytes(uint32_t hash, const char *data, size_t size) {
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)data[i]) * 16777619u; /* FNV-1a */
    return hash;
}

static struct nfs_known_name *place_of(const struct nfs_known *known,
                                       const struct nfs_handle *parent, const char *name) {
    uint32_t hash = hash_bytes(2166136261u, parent->data, parent->length);

    return &known->names[hash_bytes(hash, name, strlen(name)) % PLACES];
}

static bool is_at(const struct nfs_known_name *place, const struct nfs_handle *parent,
                  const char *name) {
    return place->until_ns && nfs_handle_equal(&place->parent, parent)
           && strcmp(place->name, name) == 0;
}

uint64_t nfs_known_clock(struct nfs_known *known) {
    uint64_t clock;

    pthread_mutex_lock(&known->lock);
    clock = known->clock;
    pthread_mutex_unlock(&known->lock);
    return clock;
}

void nfs_known_add(struct nfs_known *known, const struct nfs_handle *parent, const char *name,
                   const struct nfs_handle *handle, uint64_t clock, uint32_t ms) {
    struct nfs_known_name *place;

    if (!ms || strlen(name) >= NFS_KNOWN_NAME)
        return;
    pthread_mutex_lock(&known->lock);
    if (!known->names)
        known->names = calloc(PLACES, sizeof *known->names);
    if (known->names && known->clock == clock) {
        place = place_of(known, parent, name);
        place->parent = *parent;
        place->handle = *handle;
        place->until_ns = np_now_ns() + (int64_t)ms * NP_MS;
        memcpy(place->name, name, strlen(name) + 1);
    }
    pthread_mutex_unlock(&known->lock);
}

bool nfs_known_find(struct nfs_known *known, const struct nfs_handle *parent, const char *name,
                    struct nfs_handle *ret_handle) {
    const struct nfs_known_name *place;
    bool found = false;

    pthread_mutex_lock(&known->lock);
    if (known->names) {
        place = place_of(known, parent, name);
        found = is_at(place, parent, name) && np_now_ns() < place->until_ns;
        if (found)
            *ret_handle = place->handle;
    }
    pthread_mutex_unlock(&known->lock);
    return found;
}

void nfs_known_forget(struct nfs_known *known, const struct nfs_handle *parent, const char *name) {
    struct nfs_known_name *place;

    pthread_mutex_lock(&known->lock);
    known->clock++;
    if (known->names) {
        place = place_of(known, parent, name);
        if (is_at(place, parent, name))
            place->until_ns = 0;
    }
    pthread_mutex_unlock(&known->lock);
}

bool nfs_known_forget_all(struct nfs_known *known) {
    bool any = false;

    pthread_mutex_lock(&known->lock);
    known->clock++;
    for (unsigned i = 0; known->names && i < PLACES; i++) {
        any |= known->names[i].until_ns != 0;
        known->names[i].until_ns = 0;
    }
    pthread_mutex_unlock(&known->lock);
    return any;
}
