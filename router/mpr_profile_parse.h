/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_profile_parse.h: what the text of a profile means. For mpr_profile.c and
 * tests.
 */
#ifndef MPR_PROFILE_PARSE_H
#define MPR_PROFILE_PARSE_H

#include "router/mpr_json.h"
#include "router/mpr_profile.h"

/**
 * Reads a profile's text; text[size] is NUL; path is for words. Either result
 * may be unwanted (NULL). Of a newer version is taken what is understood.
 *
 * Returns NO_ERROR, ERROR_BAD_PROFILE with words, or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_profile_parse(const char *text, size_t size, const char *path,
                        struct mpr_json **ret_document, struct mpr_profile_list *ret_list);

/** The document of a user who has no profile yet; NULL for want of memory. */
struct mpr_json *mpr_profile_parse_nothing(void);

/**
 * Puts an entry into a document, and counts its generation. Keys of an entry
 * for the same remote name, user and provider survive; those of an entry for
 * another one belonged to that, and go with it.
 *
 * Returns NO_ERROR, ERROR_NOT_ENOUGH_MEMORY or ERROR_NO_UNICODE_TRANSLATION.
 */
DWORD mpr_profile_put_entry(struct mpr_json *document, const struct mpr_profile_entry *entry);

/** Sets where a device's password comes from, as mpr_profile_set_credentials. */
DWORD mpr_profile_put_credentials(struct mpr_json *document, const char *device, uint32_t source,
                                  const char *value, bool *ret_was_there);

/** Takes a device's entry out of a document, and counts its generation. */
DWORD mpr_profile_drop_entry(struct mpr_json *document, const char *device, bool *ret_was_there);

#endif
