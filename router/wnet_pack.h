/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_pack.h: structures with strings in a caller's buffer: NETRESOURCE arrays
 * from its head with their strings from its end, and one structure of any kind
 * with its strings right behind it.
 */
#ifndef WNET_PACK_H
#define WNET_PACK_H

#include <stdbool.h>

#include "router/mpr_ops.h"

/** Bytes that one entry needs in a buffer of its own. */
size_t wnet_pack_size(bool is_wide, const struct mpr_item *item);

/**
 * Packs as many whole entries as fit, at most count. buffer must be aligned for
 * pointers; for UTF-16 an odd size is rounded down. Returns how many.
 */
size_t wnet_pack(bool is_wide, const struct mpr_item *items, size_t count, void *buffer,
                 size_t size);

/** A string of one structure. */
struct wnet_pack_text {
    const char *text; /* or NULL */
    void *pointer; /* the LPSTR or LPWSTR that is to point to it: in the structure, or elsewhere */
};

/**
 * Packs one structure of head_size bytes, which is filled but for its pointers,
 * and its strings. *size is in bytes; untouched unless ERROR_MORE_DATA is
 * returned, when it is what is needed. The pointers are set only on success.
 *
 * Returns NO_ERROR, ERROR_MORE_DATA, ERROR_INVALID_ADDRESS (NULL buffer, size not 0).
 */
DWORD wnet_pack_one(bool is_wide, void *head, size_t head_size, const struct wnet_pack_text *texts,
                    size_t count, void *buffer, LPDWORD size);

#endif
