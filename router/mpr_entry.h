/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_entry.h: the frame of every public function.
 *
 * It begins with MPR_ENTER and ends with mpr_leave. The argument checks are the
 * only macros with a hidden return, and only wnet_*.c and mpr_api.c use them.
 */
#ifndef MPR_ENTRY_H
#define MPR_ENTRY_H

#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_trace.h"

/** Touches the thread's error storage, and traces the call. Never pass a secret. */
#define MPR_ENTER(format, ...)                                                                     \
    (mpr_error_enter(), mpr_trace("api", "%s(" format ")", __func__, ##__VA_ARGS__))

/** Sets the thread's last error to rc, and returns it. */
#define mpr_leave(rc) mpr_error_leave(rc)

/** A pointer that must be there. */
#define MPR_NEED(pointer)                                                                          \
    do {                                                                                           \
        if (!(pointer))                                                                            \
            return mpr_leave(mpr_error_say(ERROR_INVALID_ADDRESS, "%s is NULL.", #pointer));       \
    } while (0)

#endif
