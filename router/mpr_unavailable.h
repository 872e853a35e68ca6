/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_unavailable.h: remembered connections that could not be restored, and why.
 *
 * One note a device. The router writes one when a restore fails, and tears it up when the
 * device is connected; the service says when it tries again.
 */
#ifndef MPR_UNAVAILABLE_H
#define MPR_UNAVAILABLE_H

#include <stdbool.h>
#include <stddef.h>

#include <mpr/mprtypes.h>

#include "router/mpr_lock.h"
#include "router/mpr_ops.h"

extern struct mpr_lock mpr_unavailable_lock;

struct mpr_unavailable {
    char *device, *remote;
    char *provider; /* "" = unknown */
    char *user;     /* "" = the default user */
    bool asks;      /* another user name or password may help */
    struct mpr_refusal refusal;
    int64_t retry_at_ns; /* CLOCK_MONOTONIC; 0: it is not tried again by itself */
};

/**
 * Notes that a device could not be restored, in place of an older note; when it is tried again
 * is kept from that. What the item holds is copied. For want of memory nothing is noted.
 */
void mpr_unavailable_note(const struct mpr_unavailable *item) EXCLUDES(mpr_unavailable_lock);

/** Says when a device that has a note is tried again. */
void mpr_unavailable_retry(const char *device, int64_t retry_at_ns) EXCLUDES(mpr_unavailable_lock);

/** The device is connected, or remembered no more. */
void mpr_unavailable_forget(const char *device) EXCLUDES(mpr_unavailable_lock);

/** The router ends: forgets all. */
void mpr_unavailable_clear(void) EXCLUDES(mpr_unavailable_lock);

/** A copy of all notes, by device. NO_ERROR or ERROR_NOT_ENOUGH_MEMORY. */
DWORD mpr_unavailable_list(struct mpr_unavailable **ret_items, size_t *ret_count)
    EXCLUDES(mpr_unavailable_lock);

/** Takes NULL. */
void mpr_unavailable_free(struct mpr_unavailable *items, size_t count);

#endif
