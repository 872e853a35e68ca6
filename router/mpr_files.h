/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_files.h: from a path to a connection and a path on it, and operations
 * that are counted while they are under way.
 */
#ifndef MPR_FILES_H
#define MPR_FILES_H

#include "router/mpr_router.h"

/** A path, resolved. */
struct mpr_target {
    struct mpr_conn *conn; /* with a reference */
    char *path;            /* for the provider; to be freed; NULL: none was asked for */
};

struct mpr_instance;

/** An operation under way. */
struct mpr_operation {
    struct mpr_conn *conn;
    struct mpr_np *np;
    void *session;
    struct mpr_call call;
    struct mpr_call_data data;
    struct mpr_instance *instance; /* of who began it by a handle */
};

/** Returns 0, -EINVAL, -ENOTCONN or -ENOMEM. */
int mpr_target_find(const struct mpr_instance *instance, const char *path,
                    struct mpr_target *ret_target);
/**
 * The same for the name of a resource itself: exactly a device, or the remote name of
 * a connection. *ret_target has no path.
 */
int mpr_target_find_resource(const struct mpr_instance *instance, const char *name,
                             struct mpr_target *ret_target);
void mpr_target_clear(struct mpr_target *target);

/** Begins an operation in the provider. 0, -ENOTCONN, -ETIMEDOUT (a cancel is under way),
 * or -EBUSY (one call at a time). */
int mpr_operation_begin(struct mpr_conn *conn, struct mpr_operation *operation);

/**
 * Ends it. files: how many more files are open now. A failure on a connection that
 * is gone meanwhile becomes -ENOTCONN.
 */
int64_t mpr_operation_end(struct mpr_operation *operation, int files, int64_t result);

#endif
