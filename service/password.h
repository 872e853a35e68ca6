/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * password.h: mpr-password, a process that finds one password and ends.
 *
 * It is started by the library with a socket as its descriptor 3; see
 * router/mpr_vault_wire.h. When that socket is closed nobody wants the password any
 * more: it ends, and with it whatever it has started.
 */
#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdint.h>

#include "router/mpr_vault_wire.h"

#define PASSWORD_SOCKET 3

/** Room for a password and its NUL, or for words. */
#define PASSWORD_MAX    1024u

/** Runs a command with /bin/sh; text is the first line that it prints, or words. */
enum mpr_vault_outcome password_command(const char *command, uint32_t timeout_ms,
                                        char text[PASSWORD_MAX]);

/** Asks the desktop's keyring, by libsecret; no longer than the process lives. */
enum mpr_vault_outcome password_lookup(const char *remote, const char *user,
                                       char text[PASSWORD_MAX]);
enum mpr_vault_outcome password_store(const char *remote, const char *user, const char *password,
                                      char text[PASSWORD_MAX]);

#endif
