/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_loader.h: loads provider modules. The one place that knows libltdl.
 */
#ifndef MPR_LOADER_H
#define MPR_LOADER_H

#include <stdbool.h>

#include <mpr/npapi.h>
#include <mpr/provider.h>

#include "router/mpr_error.h"
#include "router/mpr_lock.h"

/** Of libltdl; for mpr_fork only. */
extern struct mpr_lock mpr_loader_lock;

/**
 * Loads a native provider module, for good: it is never unloaded.
 *
 * path       absolute.
 * failure    on failure says which file, and why in the dynamic linker's words.
 * ret_table  its table; what an older, shorter one lacks is NULL.
 *
 * Returns NO_ERROR, ERROR_MOD_NOT_FOUND (cannot be loaded), ERROR_PROC_NOT_FOUND
 * (no provider: the symbol is missing or another file's) ERROR_BAD_FORMAT
 * (made for another ABI, or the table is malformed) or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_loader_open(const char *path, struct mpr_failure *failure,
                      const struct mpr_provider **ret_table);

/** What a notification module exports; either may be NULL. */
struct mpr_notify_functions {
    PF_AddConnectNotify add;
    PF_CancelConnectNotify cancel;
};

/**
 * Loads a notification module, for good; one that is loaded is not loaded again.
 *
 * Returns NO_ERROR, ERROR_MOD_NOT_FOUND, ERROR_PROC_NOT_FOUND (it exports neither of
 * the two functions) or ERROR_NOT_ENOUGH_MEMORY; failure says why.
 */
DWORD mpr_loader_open_notifyee(const char *path, struct mpr_failure *failure,
                               struct mpr_notify_functions *ret_functions);

/**
 * Looks functions of a module up by their names, for those that are no native
 * providers. What the file itself does not define is NULL.
 *
 * False: the module cannot be loaded.
 */
bool mpr_loader_symbols(const char *path, const char *const *names, size_t count,
                        void **ret_symbols);

#endif
