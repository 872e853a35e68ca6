/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_vault.h: passwords of remembered connections, from where the user keeps
 * them: a file, a command, the desktop's keyring.
 *
 * Nothing here waits without a bound. A password is
 * wiped by whoever holds it, and is in no words.
 */
#ifndef MPR_VAULT_H
#define MPR_VAULT_H

#include <mpr/mprtypes.h>

#include "router/mpr_paths.h"

/** Puts a password into the keyring. ERROR_NOT_SUPPORTED, with words: there is none. */
DWORD mpr_vault_keep(const struct mpr_paths *paths, const char *remote, const char *user,
                     const char *password);

#endif
