/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_absent.c: a drive without what other files give it: nothing is mounted, and
 * nothing is cached. Each definition gives way to the real one.
 */
#include "config.h"

#include "service/drive.h"

#include <mpr/winerror.h>

#define WEAK __attribute__((weak))

WEAK uint32_t drive_mount(struct drive *drive, const struct mpr_call *call, const char *directory) {
    (void)drive;
    drive_explain(call, ERROR_NOT_SUPPORTED, "%s was not mounted: this drive serves channels only.",
                  directory);
    return ERROR_NOT_SUPPORTED;
}

WEAK uint32_t drive_unmount(struct drive *drive, const struct mpr_call *call, bool force) {
    (void)drive;
    (void)call;
    (void)force;
    return NO_ERROR;
}

WEAK uint32_t drive_hold(struct drive *drive, const struct mpr_call *call) {
    unsigned open_files;

    atomic_store(&drive->held, true);
    open_files = atomic_load(&drive->open_files);
    if (!open_files)
        return NO_ERROR;
    atomic_store(&drive->held, false);
    drive_explain(call, ERROR_OPEN_FILES, "%u files are open on %s.", open_files, drive->name);
    return ERROR_OPEN_FILES;
}

WEAK void drive_hold_release(struct drive *drive) {
    atomic_store(&drive->held, false);
}

WEAK size_t drive_holders_find(const struct drive *drive, struct drive_holder *ret, size_t max) {
    (void)drive;
    (void)ret;
    (void)max;
    return 0;
}
