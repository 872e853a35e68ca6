/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_store.h: a small file of the user's: found, locked, loaded, replaced. The
 * profile is one.
 *
 * All of it works on one directory, that of the real file: if the name is a
 * symbolic link, what it leads to is read, locked and replaced, and the link
 * stays. Reading takes no lock, since the file is only ever replaced as a whole.
 * What other users have put on the way there is not trusted: see mpr_store_open.c.
 *
 * Failures are explained in the thread; the codes are those of the profile, see
 * mpr_profile.h.
 */
#ifndef MPR_STORE_H
#define MPR_STORE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <mpr/mprtypes.h>

struct mpr_store {
    const char *what; /* for words: "profile" */
    char *path;       /* of the real file, for words */
    const char *name; /* its last component, in path */
    bool linked;      /* the name that was asked for is a link */
    int directory;    /* descriptor; -1: there is no directory, so no file */
    int lock;         /* descriptor; -1: not locked */
    mode_t mode;      /* of the file that was loaded; of a new one 0600 */
};

/**
 * Finds the directory of a file, which is called what ("profile"). With create it
 * is made, unless a link leads there or another user's directory is above it. One that
 * is not trusted is ERROR_CANNOT_OPEN_PROFILE.
 */
DWORD mpr_store_open(const char *directory, const char *name, const char *what, bool create,
                     struct mpr_store *ret_store);

/** Unlocks and closes. */
void mpr_store_close(struct mpr_store *store);

/** Waits for the lock, but not for ever. */
DWORD mpr_store_lock(struct mpr_store *store);

/** The text, to be freed; NULL if there is no file. */
DWORD mpr_store_load(struct mpr_store *store, char **ret_text, size_t *ret_size);

/**
 * Says that it cannot be what ("opened", "locked", "saved"); error is a positive
 * errno value. Returns ERROR_CANNOT_OPEN_PROFILE, or ERROR_NOT_ENOUGH_MEMORY if
 * that is what the system lacked.
 */
DWORD mpr_store_cannot(const struct mpr_store *store, const char *done, int error);

/** Replaces the file. Only while locked. */
DWORD mpr_store_save(struct mpr_store *store, const char *text, size_t size);

/**
 * Renames the file to NAME.bad, whatever is there of that name; refuses what is not the
 * user's own file, or was reached through a link. Only while locked.
 */
DWORD mpr_store_set_aside(struct mpr_store *store);

/** Writes a temporary file and removes it. Only while locked. */
DWORD mpr_store_probe(struct mpr_store *store, const char *text, size_t size);

#endif
