/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_file_enter.c: the frame of the functions of file.h.
 */
#include "config.h"

#include "router/mpr_file_enter.h"

#include <errno.h>

#include <mpr/winerror.h>

int mpr_file_enter_router(struct mpr_instance **ret_instance) {
    switch (mpr_runtime_enter(ret_instance)) {
    case NO_ERROR:
        return 0;
    case ERROR_BUSY:
        return -EBUSY;
    case ERROR_NOT_ENOUGH_MEMORY:
        return -ENOMEM;
    default:
        return -ENOTCONN;
    }
}

static int enter(const char *name,
                 int (*find)(const struct mpr_instance *instance, const char *name,
                             struct mpr_target *ret_target),
                 struct mpr_file_entry *entry, struct mpr_operation *operation) {
    int rc = mpr_file_enter_router(&entry->instance);

    if (rc)
        return rc;
    rc = find(entry->instance, name, &entry->target);
    if (!rc) {
        rc = mpr_operation_begin(entry->target.conn, operation);
        if (rc)
            mpr_target_clear(&entry->target);
    }
    if (rc)
        mpr_runtime_leave(entry->instance);
    return rc;
}

int mpr_file_enter(const char *path, struct mpr_file_entry *entry,
                   struct mpr_operation *operation) {
    return enter(path, mpr_target_find, entry, operation);
}

int mpr_file_enter_resource(const char *name, struct mpr_file_entry *entry,
                            struct mpr_operation *operation) {
    return enter(name, mpr_target_find_resource, entry, operation);
}

void mpr_file_leave(struct mpr_file_entry *entry) {
    mpr_target_clear(&entry->target);
    mpr_runtime_leave(entry->instance);
}
