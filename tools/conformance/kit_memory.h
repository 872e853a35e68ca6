/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_memory.h: memory that tells who goes too far. All of it stays until the
 * check's process ends.
 */
#ifndef KIT_MEMORY_H
#define KIT_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <mpr/mprtypes.h>

/** A copy that can be read only and ends directly before a page that cannot be touched. */
const void *kit_read_only(const void *data, size_t size);
/** The same of a text, with its NUL. NULL for NULL. */
char *kit_ro(const char *text);
/** The same in UTF-16: what a classic module gets. */
LPWSTR kit_wide(const char *text);

/** Back to UTF-8, as kit_text; "(not terminated)" where max units have no NUL. */
const char *kit_narrow(LPCWSTR text, size_t max);

/**
 * Room of exactly size bytes, filled with 0xA5, that ends directly before a
 * page that cannot be touched and has 64 bytes of a pattern before it.
 */
void *kit_room(size_t size);
/** Is the pattern before a room as it was? */
int kit_room_intact(const void *room);
/** A pointer to memory that can be neither read nor written. */
void *kit_poison(void);

/**
 * A call that fills a buffer of *size units, or says ERROR_MORE_DATA and how many it
 * needs in *size. buffer is NULL for a size of 0 in one of two rounds.
 */
typedef uint32_t (*kit_sized_fn)(void *context, void *buffer, DWORD *size);
/** Looks at a filled buffer of so many bytes; calls kit_fail if it is wrong. */
typedef void (*kit_filled_fn)(void *context, const void *buffer, size_t bytes);

/**
 * Calls fn with every size from 0 to n + 1, n being what it says it needs, in
 * units of so many bytes (1 or 2), and finds what breaks the contract of such a
 * buffer: another n, a byte written outside, success below n, failure from n on,
 * or bytes written though it was too small (where strict). Returns n.
 */
DWORD kit_sweep(kit_sized_fn fn, kit_filled_fn check, void *context, size_t unit);

#endif
