/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_option.h: lists of options, as providers get them.
 *
 * A list ends with a NULL name. It and its texts are one block: free() it.
 */
#ifndef MPR_OPTION_H
#define MPR_OPTION_H

#include <mpr/provider.h>

#include "router/mpr_error.h"
#include "router/mpr_json.h"

/** The value of an option, or NULL; options may be NULL. */
const char *mpr_option_get(const struct mpr_option *options, const char *name);

/**
 * A number of the list into *ret_number, which stays as it is if the list has none of this
 * name. Returns false, explained in *failure, if it is none from least to most.
 */
bool mpr_option_number(const struct mpr_option *options, const char *name, uint32_t least,
                       uint32_t most, struct mpr_failure *failure, uint32_t *ret_number);

/**
 * Makes a list of an object's members: strings, numbers and booleans as text.
 *
 * Returns NO_ERROR, ERROR_INVALID_DATA (*ret_bad is the member of another kind)
 * or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_option_read(const struct mpr_json *object, const struct mpr_json **ret_bad,
                      struct mpr_option **ret_options);

/** A new list of both; a name in both has its value from over. Both may be NULL. */
DWORD mpr_option_merge(const struct mpr_option *base, const struct mpr_option *over,
                       struct mpr_option **ret_options);

#endif
