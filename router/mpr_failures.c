/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_failures.c: notes of failed connects, the newest first.
 */
#include "config.h"

#include "router/mpr_failures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_error.h"

#define REMOTE_MAX   1024
#define PROVIDER_MAX 256

/* No memory of its own is asked for: a failed connect may be for want of that. */
struct note {
    char remote[REMOTE_MAX];
    char provider[PROVIDER_MAX];
    char words[MPR_ERROR_TEXT_MAX];
    DWORD code;
    uint32_t ms;
    int64_t ended_ns;
};

struct mpr_lock mpr_failures_lock = MPR_LOCK_INIT;
static struct note notes[MPR_FAILURES_MAX] GUARDED_BY(mpr_failures_lock);
static size_t count GUARDED_BY(mpr_failures_lock);

static void remove_locked(const char *remote) REQUIRES(mpr_failures_lock) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(notes[i].remote, remote) != 0)
            continue;
        count--;
        memmove(&notes[i], &notes[i + 1], (count - i) * sizeof *notes);
        return;
    }
}

void mpr_failures_note(const struct mpr_failed *failed) {
    if (strlen(failed->remote) >= REMOTE_MAX || strlen(failed->provider) >= PROVIDER_MAX)
        return;
    mpr_lock(&mpr_failures_lock);
    remove_locked(failed->remote);
    if (count == MPR_FAILURES_MAX)
        count--;
    memmove(&notes[1], &notes[0], count * sizeof *notes);
    count++;
    snprintf(notes[0].remote, sizeof notes[0].remote, "%s", failed->remote);
    snprintf(notes[0].provider, sizeof notes[0].provider, "%s", failed->provider);
    snprintf(notes[0].words, sizeof notes[0].words, "%s", failed->words);
    notes[0].code = failed->code;
    notes[0].ms = failed->ms;
    notes[0].ended_ns = failed->ended_ns;
    mpr_unlock(&mpr_failures_lock);
}

void mpr_failures_forget(const char *remote) {
    mpr_lock(&mpr_failures_lock);
    remove_locked(remote);
    mpr_unlock(&mpr_failures_lock);
}

void mpr_failures_clear(void) {
    mpr_lock(&mpr_failures_lock);
    count = 0;
    mpr_unlock(&mpr_failures_lock);
}

static void clear_item(struct mpr_failed *item) {
    free(item->remote);
    free(item->provider);
    free(item->words);
    *item = (struct mpr_failed){0};
}

/* False for want of memory: then *ret is empty. */
static bool copy_note(const struct note *note, struct mpr_failed *ret) {
    *ret = (struct mpr_failed){
        .remote = strdup(note->remote),
        .provider = strdup(note->provider),
        .words = strdup(note->words),
        .code = note->code,
        .ms = note->ms,
        .ended_ns = note->ended_ns,
    };
    if (ret->remote && ret->provider && ret->words)
        return true;
    clear_item(ret);
    return false;
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
        clear_item(&items[i]);
    free(items);
}
