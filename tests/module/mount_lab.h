/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount_lab.h: what the tests of mounted drives share: a router as the service has it, in
 * a mount namespace of the test's own, and processes that use what is mounted.
 */
#ifndef MOUNT_LAB_H
#define MOUNT_LAB_H

#include <stdbool.h>
#include <sys/types.h>

#include "router/mpr_drive.h"

/**
 * A world with the memory provider and these options, whose connections are drives; not
 * started. The test is skipped where nothing can be mounted.
 */
void mount_lab_make(const char *memory_options);
/** Ends the router and the processes below, and removes all. Nothing stays mounted. */
void mount_lab_end(void);

/** A path on a drive: "Z:" and "dir/file"; "" is its root. Good until the 4th call after. */
const char *mounted(const char *device, const char *name);

/** Is anything mounted there, as the kernel sees it? */
bool is_mounted(const char *device);

/** The process of a drive; 0: there is none. */
pid_t drive_process(const char *device);

/** What the drive says of itself. */
struct mpr_drive_facts drive_facts(const char *device);

/** Writes a file through the mount; 0 or errno. */
int put_file(const char *path, const char *text);

/** A process that has a file open, works in a directory, or runs a program from the drive. */
pid_t hold_file(const char *path);
pid_t hold_directory(const char *path);
pid_t hold_program(const char *device);
/** Ends it. */
void let_go(pid_t pid);

#endif
