/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_fold.h: names without the case of their letters. Servers have their own idea of that:
 * names that are the same here may be one file, and need not.
 */
#ifndef DRIVE_FOLD_H
#define DRIVE_FOLD_H

#include <stdbool.h>
#include <stdint.h>

/** Values of names; of those that are the same, the same one. */
uint64_t drive_fold_hash(uint64_t seed, const char *name);
bool drive_fold_same(const char *a, const char *b);

#endif
