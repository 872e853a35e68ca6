/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_unavailable.c: the notes, one a device.
 */
#include "config.h"

#include "router/mpr_unavailable.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_name.h"

struct mpr_lock mpr_unavailable_lock = MPR_LOCK_INIT;
static struct mpr_unavailable notes[MPR_DEVICE_COUNT] GUARDED_BY(mpr_unavailable_lock);

static void clear_item(struct mpr_unavailable *item) {
    free(item->device);
    free(item->remote);
    free(item->provider);
    free(item->user);
    mpr_refusal_clear(&item->refusal);
    *item = (struct mpr_unavailable){0};
}

/* "" for NULL. */
static bool copy_text(const char *text, char **ret) {
    *ret = strdup(text ? text : "");
    return *ret != NULL;
}

/* False for want of memory: then *ret is to be cleared. */
static bool copy_item(const struct mpr_unavailable *item, struct mpr_unavailable *ret) {
    *ret = (struct mpr_unavailable){
        .asks = item->asks,
        .refusal = {.code = item->refusal.code, .native = item->refusal.native},
        .retry_at_ns = item->retry_at_ns,
    };
    return copy_text(item->device, &ret->device) && copy_text(item->remote, &ret->remote)
           && copy_text(item->provider, &ret->provider) && copy_text(item->user, &ret->user)
           && copy_text(item->refusal.provider, &ret->refusal.provider)
           && copy_text(item->refusal.words, &ret->refusal.words);
}

void mpr_unavailable_note(const struct mpr_unavailable *item) {
    struct mpr_unavailable old, copy;
    struct mpr_device device;

    if (!mpr_name_device(item->device, &device))
        return;
    if (!copy_item(item, &copy)) {
        clear_item(&copy);
        return;
    }
    mpr_lock(&mpr_unavailable_lock);
    old = notes[device.index];
    copy.retry_at_ns = old.device ? old.retry_at_ns : item->retry_at_ns;
    notes[device.index] = copy;
    mpr_unlock(&mpr_unavailable_lock);
    clear_item(&old);
}

void mpr_unavailable_retry(const char *name, int64_t retry_at_ns) {
    struct mpr_device device;

    if (!mpr_name_device(name, &device))
        return;
    mpr_lock(&mpr_unavailable_lock);
    if (notes[device.index].device)
        notes[device.index].retry_at_ns = retry_at_ns;
    mpr_unlock(&mpr_unavailable_lock);
}

static void forget_at(int index) EXCLUDES(mpr_unavailable_lock) {
    struct mpr_unavailable old;

    mpr_lock(&mpr_unavailable_lock);
    old = notes[index];
    notes[index] = (struct mpr_unavailable){0};
    mpr_unlock(&mpr_unavailable_lock);
    clear_item(&old);
}

void mpr_unavailable_forget(const char *name) {
    struct mpr_device device;

    if (mpr_name_device(name, &device))
        forget_at(device.index);
}

void mpr_unavailable_clear(void) {
    for (int i = 0; i < MPR_DEVICE_COUNT; i++)
        forget_at(i);
}

/* Copies of all notes to items, which has room. False for want of memory; *ret_count is right. */
static bool copy_all(struct mpr_unavailable *items, size_t *ret_count) {
    size_t count = 0;
    bool good = true;

    mpr_lock(&mpr_unavailable_lock);
    for (size_t i = 0; good && i < MPR_DEVICE_COUNT; i++)
        if (notes[i].device)
            good = copy_item(&notes[i], &items[count++]);
    mpr_unlock(&mpr_unavailable_lock);
    *ret_count = count;
    return good;
}

DWORD mpr_unavailable_list(struct mpr_unavailable **ret_items, size_t *ret_count) {
    struct mpr_unavailable *items = calloc(MPR_DEVICE_COUNT, sizeof *items);
    size_t count;

    if (!items)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (!copy_all(items, &count)) {
        mpr_unavailable_free(items, count);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *ret_items = items;
    *ret_count = count;
    return NO_ERROR;
}

void mpr_unavailable_free(struct mpr_unavailable *items, size_t count) {
    for (size_t i = 0; items && i < count; i++)
        clear_item(&items[i]);
    free(items);
}
