/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_provider.h: the one provider of a drive.
 */
#ifndef DRIVE_PROVIDER_H
#define DRIVE_PROVIDER_H

#include "service/drive.h"
#include "service/worker.h"

/**
 * Finds a drop-in by its file among those that there are, and loads its module, of which
 * nothing is called yet. options are the service's: "root" moves the directories.
 * Returns NO_ERROR or a Win32 code, explained in *failure.
 */
uint32_t drive_provider_load(const char *drop_in, const struct mpr_option *options,
                             struct mpr_failure *failure, uint64_t *ret_ops, uint32_t *ret_max_io);

/**
 * Starts it in this process, isolated in workers unless its sessions find their servers
 * again by themselves. Fills what drive has of it. NO_ERROR, or a Win32 code and words.
 */
uint32_t drive_provider_start(struct drive *drive, char *error, size_t error_size);
void drive_provider_stop(void);

/** A bit for each operation that it has. */
uint64_t drive_provider_ops(void);

#endif
