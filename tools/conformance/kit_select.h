/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_select.h: which checks run.
 */
#ifndef KIT_SELECT_H
#define KIT_SELECT_H

#include <stdbool.h>

#include "tools/conformance/kit_output.h"

/** Lists with commas, as the user gave them, or NULL: all, none, all. */
struct kit_selection {
    const char *only, *skip, *level;
};

/**
 * Those for a module of this kind. *ret is to be freed. False: error has a
 * sentence: something selects nothing.
 */
bool kit_select(const struct kit_selection *selection, bool classic, struct kit_result **ret,
                size_t *ret_count, char *error, size_t error_size);

#endif
