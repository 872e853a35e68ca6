/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_mount.h: where drives are mounted, and how a mount goes away again.
 *
 * Nothing here asks a file system that is mounted: its server may be dead. What
 * is mounted is read in /proc/self/mountinfo, and a mount is taken away by its
 * name. Only mounts of our own kind are touched.
 */
#ifndef MPR_MOUNT_H
#define MPR_MOUNT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "router/mpr_config.h"
#include "router/mpr_error.h"
#include "router/mpr_paths.h"

/** What the kernel calls our mounts. */
#define MPR_MOUNT_TYPE "fuse.mpr"
/** The mode of a directory to mount on: without its drive nobody is to write there, and lose it. */
#define MPR_MOUNT_BARE 0500

/** What is mounted on a directory, topmost. */
struct mpr_mount {
    bool ours; /* of MPR_MOUNT_TYPE */
    int id;    /* mnt_id of /proc/PID/fdinfo */
    int below; /* so many more of ours are under it */
    unsigned major, minor;
};

/**
 * The directory that the user's drives are mounted below, without symbolic links;
 * made if it is not there. It must be his, and no one else may write there.
 *
 * Returns NO_ERROR with a name to be freed, ERROR_NOT_ENOUGH_MEMORY, or another code,
 * explained in failure.
 */
DWORD mpr_mount_root(const struct mpr_paths *paths, const struct mpr_config *config,
                     struct mpr_failure *failure, char **ret_directory);

/**
 * Makes a directory to mount on, or takes the empty one of ours that is there, with the mode
 * MPR_MOUNT_BARE; what a dead drive left mounted there is taken away. path has no symbolic links but the last name.
 *
 * Returns NO_ERROR or a Win32 code, explained in failure.
 */
DWORD mpr_mount_prepare(const char *path, struct mpr_failure *failure);

/** Is something mounted there? path has no symbolic links. */
bool mpr_mount_find(const char *path, struct mpr_mount *ret);

/**
 * Takes the topmost mount away, with fusermount3 where only that may, within a second.
 * lazy: at once, whoever uses it. Returns 0 or -errno: -EBUSY, it is in use.
 */
int mpr_mount_remove(const char *path, bool lazy);

/** Would taking it away fail, not lazily? Where only root may ask: is something mounted in it? */
bool mpr_mount_is_busy(const char *path);

/**
 * Beside path, which ends with a colon, a symbolic link to it without that: a colon ends names
 * in PATH, in makefiles and elsewhere. What has that name already stays, and is not taken away.
 */
void mpr_mount_link(const char *path);
void mpr_mount_unlink(const char *path);

/** Takes all mounts of ours on path away, lazily, the directory, and the link. Returns 0 or -errno. */
int mpr_mount_clear(const char *path);

/**
 * Takes the mounts of ours below directory away that a service that is no more has left,
 * and their directories. Returns how many mounts there were.
 */
unsigned mpr_mount_clear_all(const char *directory);

#endif
