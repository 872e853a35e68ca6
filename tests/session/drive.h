/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive.h: a drive of the service, for tests: its directory and its processes.
 */
#ifndef SESSION_DRIVE_H
#define SESSION_DRIVE_H

#include <stdbool.h>
#include <sys/types.h>

/** Where the device's drive is mounted, good until the next call; "" = nowhere. */
const char *drive_directory(const char *device);

/**
 * The processes of this name ("mpr-drive", "mpr-worker") in the laboratory, whose processes
 * are its own. Returns how many; at most max are given. Those that wait to be wanted, and
 * those that fork them, have other names.
 */
size_t drive_processes(const char *name, pid_t *ret, size_t max);

/** Can a file below directory be made, written, read and removed within so many ms? */
bool drive_works(const char *directory, double within_ms);

/** Can FUSE be had here? Otherwise the test is skipped: ends the program with that. */
void drive_need_fuse(void);

#endif
