/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_ops.h: the file operations of a provider that runs in workers.
 */
#ifndef MPR_WORKER_OPS_H
#define MPR_WORKER_OPS_H

#include <mpr/provider.h>

/** Fills the table's slots of file operations. */
void mpr_worker_ops_fill(struct mpr_provider *table);

#endif
