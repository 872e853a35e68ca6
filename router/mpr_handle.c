/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_handle.c: a table of slots with generations.
 */
#include "config.h"

#include "router/mpr_handle.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include <mpr/winerror.h>

#include "router/mpr_gate.h"

/* The low bits of a handle are the slot plus one, so none is NULL; the generation, which
 * starts at 1, keeps the rest from 0 and from the all-ones that Windows calls invalid. */
#define SLOT_BITS       24
#define SLOT_MASK       ((1u << SLOT_BITS) - 1)
#define GENERATION_MASK 0x7FFFFFFFFFu

struct slot {
    uint64_t generation;
    void *object;
    void (*destroy)(void *object);
    enum mpr_handle_kind kind; /* MPR_HANDLE_NONE: free */
    unsigned users;
    bool closing;
    bool abandoned;     /* by its closer: the last user destroys */
    uint32_t next_free; /* slot plus one */
};

struct mpr_lock mpr_handle_lock = MPR_LOCK_INIT;
static pthread_cond_t released;
static pthread_once_t released_once = PTHREAD_ONCE_INIT;
static struct slot *slots GUARDED_BY(mpr_handle_lock);
static uint32_t slot_count GUARDED_BY(mpr_handle_lock);
static uint32_t free_head GUARDED_BY(mpr_handle_lock); /* slot plus one */

static bool grow_locked(void) REQUIRES(mpr_handle_lock) {
    uint32_t count = slot_count ? slot_count * 2 : 64;
    struct slot *more;

    if (count > SLOT_MASK)
        return false;
    more = reallocarray(slots, count, sizeof *slots);
    if (!more)
        return false;
    slots = more;
    for (uint32_t i = slot_count; i < count; i++) {
        slots[i] = (struct slot){.generation = 1, .next_free = i + 2 <= count ? i + 2 : 0};
    }
    free_head = slot_count + 1;
    slot_count = count;
    return true;
}

static void init_released(void) {
    mpr_cond_init(&released);
}

DWORD mpr_handle_new(enum mpr_handle_kind kind, void *object, void (*destroy)(void *object),
                     HANDLE *ret_handle) {
    DWORD rc = ERROR_NOT_ENOUGH_MEMORY;

    pthread_once(&released_once, init_released);
    mpr_lock(&mpr_handle_lock);
    if (free_head || grow_locked()) {
        uint32_t at = free_head;
        struct slot *slot = &slots[at - 1];

        free_head = slot->next_free;
        slot->kind = kind;
        slot->object = object;
        slot->destroy = destroy;
        slot->users = 0;
        slot->closing = slot->abandoned = false;
        *ret_handle = (HANDLE)(uintptr_t)(slot->generation << SLOT_BITS | at);
        rc = NO_ERROR;
    }
    mpr_unlock(&mpr_handle_lock);
    return rc;
}

void mpr_handle_become(HANDLE handle, enum mpr_handle_kind kind) {
    mpr_lock(&mpr_handle_lock);
    slots[((uintptr_t)handle & SLOT_MASK) - 1].kind = kind;
    mpr_unlock(&mpr_handle_lock);
}

static struct slot *find_locked(HANDLE handle, enum mpr_handle_kind kind)
    REQUIRES(mpr_handle_lock) {
    uint64_t value = (uintptr_t)handle;
    uint32_t at = (uint32_t)(value & SLOT_MASK);
    struct slot *slot;

    if (!at || at > slot_count)
        return NULL;
    slot = &slots[at - 1];
    return slot->kind == kind && slot->generation == value >> SLOT_BITS && !slot->closing ? slot
                                                                                          : NULL;
}

void *mpr_handle_acquire(HANDLE handle, enum mpr_handle_kind kind) {
    struct slot *slot;
    void *object = NULL;

    mpr_lock(&mpr_handle_lock);
    slot = find_locked(handle, kind);
    if (slot) {
        slot->users++;
        object = slot->object;
    }
    mpr_unlock(&mpr_handle_lock);
    return object;
}

/* Takes the object out of its slot, which is free then. */
static void *vacate_locked(uint32_t at) REQUIRES(mpr_handle_lock) {
    struct slot *slot = &slots[at - 1];
    void *object = slot->object;

    slot->kind = MPR_HANDLE_NONE;
    slot->object = NULL;
    slot->generation = (slot->generation + 1) & GENERATION_MASK;
    if (!slot->generation)
        slot->generation = 1;
    slot->next_free = free_head;
    free_head = at;
    return object;
}

void mpr_handle_release(HANDLE handle) {
    uint32_t at = (uint32_t)((uintptr_t)handle & SLOT_MASK);
    void (*destroy)(void *) = NULL;
    void *object = NULL;
    struct slot *slot;

    mpr_lock(&mpr_handle_lock);
    slot = &slots[at - 1];
    if (--slot->users == 0 && slot->abandoned) {
        destroy = slot->destroy;
        object = vacate_locked(at);
    } else if (!slot->users && slot->closing) {
        pthread_cond_broadcast(&released);
    }
    mpr_unlock(&mpr_handle_lock);
    if (object)
        destroy(object);
}

DWORD mpr_handle_close(HANDLE handle, enum mpr_handle_kind kind, int64_t deadline_ns,
                       void **ret_object) {
    uint32_t at = (uint32_t)((uintptr_t)handle & SLOT_MASK);
    DWORD rc = ERROR_INVALID_HANDLE;

    mpr_lock(&mpr_handle_lock);
    if (find_locked(handle, kind)) {
        slots[at - 1].closing = true;
        /* The table may move meanwhile, so the slot is looked up anew each time. */
        while (slots[at - 1].users && mpr_cond_wait(&released, &mpr_handle_lock, deadline_ns))
            ;
        rc = slots[at - 1].users ? ERROR_BUSY : NO_ERROR;
        if (rc == NO_ERROR)
            *ret_object = vacate_locked(at);
        else
            slots[at - 1].abandoned = true;
    }
    mpr_unlock(&mpr_handle_lock);
    return rc;
}

void mpr_handle_forget_users(void) {
    mpr_lock(&mpr_handle_lock);
    mpr_cond_init(&released);
    for (uint32_t i = 0; i < slot_count; i++)
        slots[i].users = 0;
    mpr_unlock(&mpr_handle_lock);
}
