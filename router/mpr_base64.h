/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_base64.h: bytes as text (RFC 4648 with its padding, no line breaks), read
 * strictly: one text for any bytes, and no other means the same.
 */
#ifndef MPR_BASE64_H
#define MPR_BASE64_H

#include <stddef.h>

#include <mpr/mprtypes.h>

/** The text of size bytes, to be freed; NULL for want of memory. */
char *mpr_base64_encode(const void *bytes, size_t size);

/**
 * The bytes of a text, to be freed; no bytes are NULL.
 *
 * Returns NO_ERROR, ERROR_INVALID_DATA (it is no base64, or of more than max
 * bytes), ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_base64_decode(const char *text, size_t max, void **ret_bytes, size_t *ret_size);

#endif
