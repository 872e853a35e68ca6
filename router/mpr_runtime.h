/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_runtime.h: where the router of this process runs, decided in one place:
 * started at the first call, refused in the child of a fork.
 */
#ifndef MPR_RUNTIME_H
#define MPR_RUNTIME_H

#include "router/mpr_ops.h"

/** A router that was started. Whoever begins a call holds it until he ends it. */
struct mpr_instance {
    const struct mpr_driver *driver;
    void *state;
    unsigned users; /* under the lock of mpr_runtime.c, as is the next */
    bool abandoned; /* by MprShutdown: the last user closes it */
};

/**
 * Begins a call: starts the router if need be. mpr_runtime_leave must follow,
 * if it succeeded.
 *
 * Returns NO_ERROR; ERROR_BUSY inside a provider; ERROR_NO_NETWORK in the child
 * of a fork, or while the router ends; what starting gave.
 */
DWORD mpr_runtime_enter(struct mpr_instance **ret_instance);
void mpr_runtime_leave(struct mpr_instance *instance);

/** MprInitialize and MprShutdown. */
DWORD mpr_runtime_start(const char *root);
DWORD mpr_runtime_stop(void);

/** MprSubscribe, whose fn it is. */
DWORD mpr_runtime_subscribe(mpr_event_fn fn, int cancel_fd, void *context);

#define MPR_RUNTIME_DECLARE(id, op, ARGS, RET)                                                     \
    /** Carries the operation out, wherever the router runs. */                                    \
    DWORD mpr_runtime_##op(const struct mpr_##op##_args *args, struct mpr_##op##_ret *ret);
MPR_FIRST_OPS(MPR_RUNTIME_DECLARE)
MPR_LATER_OPS(MPR_RUNTIME_DECLARE)
#undef MPR_RUNTIME_DECLARE

#endif
