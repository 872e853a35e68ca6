/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_file_enter.h: how a function of file.h begins and ends: the router is
 * held, the path resolved, the operation counted.
 */
#ifndef MPR_FILE_ENTER_H
#define MPR_FILE_ENTER_H

#include "router/mpr_files.h"
#include "router/mpr_runtime.h"

struct mpr_file_entry {
    struct mpr_instance *instance;
    struct mpr_target target;
};

/** Holds the router. Returns 0 or -errno; mpr_runtime_leave must follow. */
int mpr_file_enter_router(struct mpr_instance **ret_instance);

/** Resolves path and begins an operation. Returns 0 or -errno. */
int mpr_file_enter(const char *path, struct mpr_file_entry *entry, struct mpr_operation *operation);

/** The same on the connection that is called so, a device or a remote name. */
int mpr_file_enter_resource(const char *name, struct mpr_file_entry *entry,
                            struct mpr_operation *operation);

/** After mpr_operation_end. */
void mpr_file_leave(struct mpr_file_entry *entry);

#endif
