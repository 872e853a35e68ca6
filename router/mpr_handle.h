/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_handle.h: HANDLEs that can be told from garbage.
 *
 * A handle is a number: a slot, and that slot's generation. It is never
 * dereferenced; a closed or invented one is refused.
 */
#ifndef MPR_HANDLE_H
#define MPR_HANDLE_H

#include <mpr/mprtypes.h>

#include "router/mpr_lock.h"

/** Of the table of handles; for mpr_fork only. */
extern struct mpr_lock mpr_handle_lock;

enum mpr_handle_kind {
    MPR_HANDLE_NONE,
    MPR_HANDLE_RESERVED, /* on its way: for nobody yet */
    MPR_HANDLE_ENUM,
    MPR_HANDLE_FILE,
    MPR_HANDLE_DIR,
};

/**
 * A handle for object; destroy is for an object that its closer could not wait
 * for. Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_handle_new(enum mpr_handle_kind kind, void *object, void (*destroy)(void *object),
                     HANDLE *ret_handle);

/** Makes a reserved handle one of kind. */
void mpr_handle_become(HANDLE handle, enum mpr_handle_kind kind);

/** The object, which stays until mpr_handle_release; NULL: no such handle of this kind. */
void *mpr_handle_acquire(HANDLE handle, enum mpr_handle_kind kind);
void mpr_handle_release(HANDLE handle);

/**
 * Takes the handle out of use, waits until those who acquired it have released
 * it, and gives the object back.
 *
 * Returns ERROR_INVALID_HANDLE: no such handle, or closed by another; or
 * ERROR_BUSY: somebody kept it in use beyond the deadline; it is no handle any
 * more, and whoever releases it last destroys the object.
 */
DWORD mpr_handle_close(HANDLE handle, enum mpr_handle_kind kind, int64_t deadline_ns,
                       void **ret_object);

/** The child of a fork: whoever used a handle is not here. */
void mpr_handle_forget_users(void);

#endif
