/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount_rig.h: drive-posix as a process, mounted in a namespace of the test's own:
 * whatever happens to the test, no mount stays behind.
 */
#ifndef MOUNT_RIG_H
#define MOUNT_RIG_H

#include "tests/drive/posix_remote.h"

/** Enters a namespace where mounts of ours are seen by nobody else, and go with us. */
void rig_enter(void);
/** Mounts there what nobody serves yet: a descriptor of FUSE. */
int rig_mount(const char *directory);

/** Mounts a new directory. Where FUSE cannot be had the test is skipped: ends the program. */
void rig_start(const char *attribute_ms, const char *io_timeout_ms);
/** The same, whose server takes names in any case for one. */
void rig_start_any_case(const char *attribute_ms, const char *io_timeout_ms);
/** The same as rig_start, where the mount is ours, and the drive gets its descriptor. */
void rig_start_served(const char *attribute_ms, const char *io_timeout_ms);
/** Ends a drive of rig_start_served by SIGTERM: the mount stays. */
void rig_stop_served(void);
/** Ends the drive by SIGTERM, and looks that nothing is left. */
void rig_stop(void);
/** The same, but for rig_clear. */
void rig_stop_keeping(void);

/** What the server does; shared with the drive. */
struct posix_control *rig_control(void);
/** Kills the drive, which leaves its mount. */
void rig_kill(void);
/** Removes all. */
void rig_clear(void);

/** The path of a name on the mount, and at the server; "" is its root. Good until the 8th
 * call after. */
const char *rig_on(const char *name);
const char *rig_at(const char *name);

#endif
