/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_failures.c: notes of failed connects, the newest first.
 */
#include "config.h"

#include "router/mpr_failures.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

struct mpr_lock mpr_failures_lock = MPR_LOCK_INIT;
static struct mpr_failed notes[MPR_FAILURES_MAX] GUARDED_BY(mpr_failures_lock);
static size_t count GUARDED_BY(mpr_failures_lock);

static void clear_note(struct mpr_failed *note) {
    free(note->remote);
    free(note->provider);
    free(note->words);
    *note = (struct mpr_failed){0};
}

/* False for want of memory: then *ret is empty. */
static bool copy_note(const struct mpr_failed *note, struct mpr_failed *ret) {
    *ret = *note;
    ret->remote = strdup(note->remote);
    ret->provider = strdup(note->provider);
    ret->words = strdup(note->words);
    if (ret->remote && ret->provider && ret->words)
        return true;
    clear_note(ret);
    return false;
}

static void remove_locked(size_t index, struct mpr_failed *ret) REQUIRES(mpr_failures_lock) {
    *ret = notes[index];
    count--;
    memmove(&notes[index], &notes[index + 1], (count - index) * sizeof *notes);
    notes[count] = (struct mpr_failed){0};
}

/* The note of a name, or with last the oldest if there is no room; else empty. */
static void make_room_locked(const char *remote, bool last, struct mpr_failed *ret)
    REQUIRES(mpr_failures_lock) {
    *ret = (struct mpr_failed){0};
    for (size_t i = 0; i < count; i++) {
        if (strcmp(notes[i].remote, remote) != 0)
            continue;
        remove_locked(i, ret);
        return;
    }
    if (last && count == MPR_FAILURES_MAX)
        remove_locked(count - 1, ret);
}

void mpr_failures_note(const struct mpr_failed *failed) {
    struct mpr_failed copy, old;

    if (!copy_note(failed, &copy))
        return;
    mpr_lock(&mpr_failures_lock);
    make_room_locked(failed->remote, true, &old);
    memmove(&notes[1], &notes[0], count * sizeof *notes);
    notes[0] = copy;
    count++;
    mpr_unlock(&mpr_failures_lock);
    clear_note(&old);
}

void mpr_failures_forget(const char *remote) {
    struct mpr_failed old;

    mpr_lock(&mpr_failures_lock);
    make_room_locked(remote, false, &old);
    mpr_unlock(&mpr_failures_lock);
    clear_note(&old);
}

void mpr_failures_clear(void) {
    mpr_lock(&mpr_failures_lock);
    while (count)
        clear_note(&notes[--count]);
    mpr_unlock(&mpr_failures_lock);
}

DWORD mpr_failures_list(struct mpr_failed **ret_items, size_t *ret_count) {
    struct mpr_failed *items = calloc(MPR_FAILURES_MAX, sizeof *items);
    size_t copied = 0, wanted;

    if (!items)
        return ERROR_NOT_ENOUGH_MEMORY;
    mpr_lock(&mpr_failures_lock);
    wanted = count;
    while (copied < wanted && copy_note(&notes[copied], &items[copied]))
        copied++;
    mpr_unlock(&mpr_failures_lock);
    if (copied < wanted) {
        mpr_failures_free(items, copied);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *ret_items = items;
    *ret_count = copied;
    return NO_ERROR;
}

void mpr_failures_free(struct mpr_failed *items, size_t item_count) {
    for (size_t i = 0; items && i < item_count; i++)
        clear_note(&items[i]);
    free(items);
}
