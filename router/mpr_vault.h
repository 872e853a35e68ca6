/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_vault.h: passwords of remembered connections, from where the user keeps
 * them: a file, a command, the service manager's credentials, the desktop's keyring.
 *
 * Commands and the keyring's library run in a process of their own, mpr-password,
 * which is no child of this one, and is waited for no longer than password_timeout_ms
 * of mpr.json says. A password is wiped by whoever holds it, and is in no words.
 */
#ifndef MPR_VAULT_H
#define MPR_VAULT_H

#include "router/mpr_config.h"
#include "router/mpr_profile.h"
#include "router/mpr_vault_file.h"

/** Where to look. */
struct mpr_vault {
    const struct mpr_paths *paths;
    const struct mpr_config *config;
};

/**
 * The password of a remembered connection from where its profile says: a file, a command
 * or the keyring. Returns NO_ERROR, ERROR_NOT_FOUND without words (the profile says
 * nothing), or another code with words.
 */
DWORD mpr_vault_find(const struct mpr_vault *vault, const struct mpr_profile_entry *entry,
                     struct mpr_vault_found *ret);

/**
 * The password from where it may be without the profile's saying so: in a credentials file
 * "mpr-Z" ("mpr-LPT1") of $CREDENTIALS_DIRECTORY, else in the keyring. Returns as above.
 */
DWORD mpr_vault_guess(const struct mpr_vault *vault, const struct mpr_profile_entry *entry,
                      struct mpr_vault_found *ret);

/** Puts a password into the keyring. ERROR_NOT_SUPPORTED, with words: there is none. */
DWORD mpr_vault_keep(const struct mpr_vault *vault, const char *remote, const char *user,
                     const char *password);

#endif
