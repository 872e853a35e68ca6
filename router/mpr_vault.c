/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_vault.c: where passwords are looked for.
 */
#include "config.h"

#include "router/mpr_vault.h"

#include <mpr/winerror.h>

#include "router/mpr_error.h"

DWORD mpr_vault_keep(const struct mpr_paths *paths, const char *remote, const char *user,
                     const char *password) {
    (void)paths;
    (void)remote;
    (void)user;
    (void)password;
    return mpr_error_say(ERROR_NOT_SUPPORTED, "There is no keyring here.");
}
