/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_restore.c: connecting what is remembered, and remembering what is connected.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <mpr/winerror.h>

DWORD mpr_router_restore(struct mpr_router *router, const struct mpr_restore_args *args,
                         struct mpr_restore_ret *ret) {
    (void)router;
    (void)args;
    (void)ret;
    return ERROR_NOT_SUPPORTED;
}

DWORD mpr_router_set_persistent(struct mpr_router *router,
                                const struct mpr_set_persistent_args *args,
                                struct mpr_set_persistent_ret *ret) {
    (void)router;
    (void)args;
    (void)ret;
    return ERROR_NOT_SUPPORTED;
}
