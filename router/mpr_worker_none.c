/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_none.c: answers for the worker processes until they land; whoever
 * adds mpr_worker.c removes this file.
 */
#include "config.h"

#include "router/mpr_worker.h"

#include <mpr/winerror.h>

DWORD mpr_worker_new(const struct mpr_worker_setup *setup, const struct mpr_provider **ret_table,
                     void **ret_state) {
    (void)setup;
    (void)ret_table;
    (void)ret_state;
    return ERROR_NOT_SUPPORTED;
}
