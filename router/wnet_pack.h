/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_pack.h: NETRESOURCE arrays in a caller's buffer: structures from its
 * head, their strings from its end.
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

#endif
