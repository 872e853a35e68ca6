/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_file_enter.h: how a function of file.h begins and ends: the router is
 * held, the path resolved, the operation counted.
 */
#ifndef MPR_FILE_ENTER_H
#define MPR_FILE_ENTER_H

#include "router/mpr_files.h"

struct mpr_file_entry {
    struct mpr_router *router;
    struct mpr_target target;
};

/** Holds the router. Returns 0 or -errno; mpr_file_leave_router must follow. */
int mpr_file_enter_router(struct mpr_router **ret_router);
void mpr_file_leave_router(void);

/** Resolves path and begins an operation. Returns 0 or -errno. */
int mpr_file_enter(const char *path, struct mpr_file_entry *entry, struct mpr_operation *operation);

/** After mpr_operation_end. */
void mpr_file_leave(struct mpr_file_entry *entry);

#endif
