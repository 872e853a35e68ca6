/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_vault_file.h: a file with a user name and a password in it.
 *
 * Lines of "username=", "password=" and "domain=", or "user=", "pass=" and "dom=", as
 * mount.cifs(8) and smbclient(1) have them. A byte order mark, CR before the end of a
 * line, empty lines and those that begin with # or ; do not count, nor do other keys.
 * A password is all that follows the "=", blanks at its end included; those before it
 * are none of it only if there is a blank before the "=", too.
 */
#ifndef MPR_VAULT_FILE_H
#define MPR_VAULT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <mpr/mprtypes.h>

/** What was found; mpr_vault_found_clear wipes it. */
struct mpr_vault_found {
    char *user; /* or NULL; with the domain: DOMAIN\user */
    char *password;
    const char *from; /* for words: "the keyring" */
};

void mpr_vault_found_clear(struct mpr_vault_found *found);

/**
 * Reads a text, of which path is for words. Returns NO_ERROR, ERROR_INVALID_DATA with
 * words, or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_vault_file_parse(const char *text, size_t size, const char *path,
                           struct mpr_vault_found *ret);

/**
 * Reads a file that is this user's own, or root's, and that nobody else may read or write;
 * guarded: its directory sees to that.
 * Also ERROR_ACCESS_DENIED, ERROR_FILE_NOT_FOUND, with words.
 */
DWORD mpr_vault_file_read(const char *path, bool guarded, struct mpr_vault_found *ret);

#endif
