/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_table.h: a drive as a provider's table, for its service.
 */
#ifndef DRIVE_TABLE_H
#define DRIVE_TABLE_H

#include "service/worker.h"

/** Its state and its session are the one struct drive of the process. */
extern const struct mpr_provider drive_table;
extern const struct worker_kind drive_worker_kind;

/** The operations of drive_table, and those of drives. */
uint64_t drive_table_ops(void);

#endif
