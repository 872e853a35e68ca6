/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_recent.h: the connections that were made lately, for RESOURCE_RECENT: a file
 * of the user's that may be lost without harm.
 *
 * It never makes anything else fail, and says nothing to the thread; what goes
 * wrong is traced. A file that is not understood is an empty one; before it is
 * replaced it is renamed to recent.json.bad. There is no secret in it.
 */
#ifndef MPR_RECENT_H
#define MPR_RECENT_H

#include <stddef.h>

#include <mpr/mprtypes.h>

#include "router/mpr_paths.h"

/** How many are kept. */
#define MPR_RECENT_MOST 26

struct mpr_recent_entry {
    char *remote;   /* as the caller wrote it */
    char *provider; /* lpProvider */
    char *key;      /* the provider's, by which two names are one resource */
    char *user;     /* "" = default user */
    char *device;   /* "" = without */
    uint32_t type;  /* RESOURCETYPE_ */
};

struct mpr_recent_list {
    struct mpr_recent_entry *entries; /* newest first */
    size_t count;
};

/** Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY. What cannot be read is empty. */
DWORD mpr_recent_read(const struct mpr_paths *paths, struct mpr_recent_list *ret_list);
void mpr_recent_list_clear(struct mpr_recent_list *list);

/**
 * Puts an entry before all others, instead of an older one of the same resource.
 * Returns NO_ERROR, or why it was not saved: the codes of mpr_profile.h, or
 * ERROR_NO_UNICODE_TRANSLATION.
 */
DWORD mpr_recent_add(const struct mpr_paths *paths, const struct mpr_recent_entry *entry);

#endif
