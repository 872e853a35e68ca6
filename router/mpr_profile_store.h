/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_profile_store.h: where the profile lies, and how it is locked and
 * replaced. For mpr_profile.c and tests.
 *
 * All of it works on one directory, that of the real file: if profile.json is
 * a symbolic link, what it leads to is read, locked and replaced, and the link
 * stays. Reading takes no lock, since the file is only ever replaced as a whole.
 *
 * Failures are explained in the thread; codes as in mpr_profile.h.
 */
#ifndef MPR_PROFILE_STORE_H
#define MPR_PROFILE_STORE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "router/mpr_paths.h"

struct mpr_profile_store {
    char *path;       /* of the real file, for words */
    const char *name; /* its last component, in path */
    int directory;    /* descriptor; -1: there is no directory, so no profile */
    int lock;         /* descriptor; -1: not locked */
    mode_t mode;      /* of the file that was loaded; of a new one 0600 */
};

/**
 * Says that the profile cannot be what ("opened", "locked", "saved"); error is
 * a positive errno value. Returns ERROR_CANNOT_OPEN_PROFILE, or
 * ERROR_NOT_ENOUGH_MEMORY if that is what the system lacked.
 */
DWORD mpr_profile_store_cannot(const char *path, const char *what, int error);

/** Finds the directory. With create it is made, unless a link leads there. */
DWORD mpr_profile_store_open(const struct mpr_paths *paths, bool create,
                             struct mpr_profile_store *ret_store);

/** Unlocks and closes. */
void mpr_profile_store_close(struct mpr_profile_store *store);

/** Waits for the lock, but not for ever. */
DWORD mpr_profile_store_lock(struct mpr_profile_store *store);

/** The text, to be freed; NULL if there is no file. */
DWORD mpr_profile_store_load(struct mpr_profile_store *store, char **ret_text, size_t *ret_size);

/** Replaces the file. Only while locked. */
DWORD mpr_profile_store_save(struct mpr_profile_store *store, const char *text, size_t size);

/** Writes a temporary file and removes it. Only while locked. */
DWORD mpr_profile_store_probe(struct mpr_profile_store *store, const char *text, size_t size);

#endif
