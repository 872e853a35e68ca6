/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_paths.h: every directory that the product uses, computed in one place.
 */
#ifndef MPR_PATHS_H
#define MPR_PATHS_H

#include <stdbool.h>

#include <mpr/mprtypes.h>

struct mpr_paths {
    char *user_config;   /* the user's mpr.json and profile.json; may not exist yet */
    char *system_config; /* the administrator's mpr.json */
    char *state;         /* what may be lost without harm */
    char *runtime;       /* sockets; 0700, ours */
    char **drop_ins;     /* directories of drop-ins, in order of precedence, NULL-ended */
    char *modules;       /* where a relative module name of a drop-in lies */
    char *worker;        /* the mpr-worker program, absolute */
    char *drive;         /* the mpr-drive program, absolute */
    char *password;      /* the mpr-password program, absolute */
    char *root;          /* that all but code was moved under, or NULL */
};

/**
 * Computes the directories. root moves all but code under one directory; NULL:
 * MPR_ROOT, unless the program is set-user-id, else the defaults.
 *
 * Returns NO_ERROR, ERROR_NOT_ENOUGH_MEMORY, or ERROR_INVALID_PARAMETER with
 * words (root is not absolute). Nothing is created.
 */
DWORD mpr_paths_new(const char *root, struct mpr_paths **ret_paths);

/** Takes NULL. */
void mpr_paths_free(struct mpr_paths *paths);

/** "directory/name", to be freed, or NULL for want of memory. */
char *mpr_paths_join(const char *directory, const char *name);

#endif
