/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_status.c: what the connections are doing.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <mpr/winerror.h>

#include "router/mpr_error.h"

#define NOT_YET(op)                                                                                \
    DWORD mpr_router_##op(struct mpr_router *router, const struct mpr_##op##_args *args,           \
                          struct mpr_##op##_ret *ret) {                                            \
        (void)router;                                                                              \
        (void)args;                                                                                \
        (void)ret;                                                                                 \
        return mpr_error_say(ERROR_NOT_SUPPORTED, "There is no service here.");                    \
    }
NOT_YET(status)
NOT_YET(holders)
NOT_YET(explain)
NOT_YET(credentials)
NOT_YET(locate)
NOT_YET(channel)
NOT_YET(serve)
