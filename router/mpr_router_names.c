/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_names.c: what is asked about names: universal, parent, information, format, performance.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <mpr/winerror.h>

DWORD mpr_router_universal(struct mpr_router *router, const struct mpr_universal_args *args,
                           struct mpr_universal_ret *ret) {
    (void)router;
    (void)args;
    (void)ret;
    return ERROR_NOT_SUPPORTED;
}

DWORD mpr_router_information(struct mpr_router *router, const struct mpr_information_args *args,
                             struct mpr_information_ret *ret) {
    (void)router;
    (void)args;
    (void)ret;
    return ERROR_NOT_SUPPORTED;
}

DWORD mpr_router_parent(struct mpr_router *router, const struct mpr_parent_args *args,
                        struct mpr_parent_ret *ret) {
    (void)router;
    (void)args;
    (void)ret;
    return ERROR_NOT_SUPPORTED;
}

DWORD mpr_router_performance(struct mpr_router *router, const struct mpr_performance_args *args,
                             struct mpr_performance_ret *ret) {
    (void)router;
    (void)args;
    (void)ret;
    return ERROR_NOT_SUPPORTED;
}

DWORD mpr_router_format(struct mpr_router *router, const struct mpr_format_args *args,
                        struct mpr_format_ret *ret) {
    (void)router;
    (void)args;
    (void)ret;
    return ERROR_NOT_SUPPORTED;
}
