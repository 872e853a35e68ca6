/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_secret.h: a password in a sealed memory file.
 *
 * There it is in no core dump and no heap, it can be handed to a worker
 * process as a descriptor, and it is gone when the last descriptor is closed.
 */
#ifndef MPR_SECRET_H
#define MPR_SECRET_H

#include <stddef.h>

#include <mpr/mprtypes.h>

/** No secret was given, as distinct from an empty one. */
#define MPR_SECRET_NONE (-1)

/**
 * Puts a password into a sealed memory file. NULL gives MPR_SECRET_NONE.
 * Returns NO_ERROR, ERROR_INVALID_PARAMETER (too long), ERROR_TOO_MANY_OPEN_FILES or
 * ERROR_NOT_ENOUGH_MEMORY. Close the descriptor with mpr_secret_close.
 */
DWORD mpr_secret_seal(const char *password, int *ret_fd);

/** Reads it, NUL-terminated. Returns 1, 0 for MPR_SECRET_NONE, or -1. The caller wipes. */
int mpr_secret_read(int fd, char *buffer, size_t size);

/** Another descriptor of the same secret, MPR_SECRET_NONE for none; -2 on failure, errno says why. */
int mpr_secret_duplicate(int fd);

/** Takes MPR_SECRET_NONE. */
void mpr_secret_close(int fd);

#endif
