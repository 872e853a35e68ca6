/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_recognise.h: recognise, asked so that it can neither read nor write too far.
 */
#ifndef KIT_RECOGNISE_H
#define KIT_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>

#include <mpr/provider.h>

/** What recognise made of a name. */
struct kit_seen {
    int taken; /* 1 or 0 */
    struct mpr_recognised as;
};

/**
 * Asks the front, with the name in read-only memory before a page that cannot be
 * touched, and the answer's place before another. A key that breaks the rules is a
 * finding, as is anything written where the name is not taken.
 */
struct kit_seen kit_recognise(const char *remote);
/** The same of any table. */
struct kit_seen kit_recognise_by(const struct mpr_provider *table, void *state, const char *remote);

/** The name with one more component, as its own separators are; NULL if it may not have one. */
const char *kit_below(const char *remote, const char *component);

/** Is it UTF-8, as short as can be, without surrogates? */
bool kit_is_utf8(const char *text);

#endif
