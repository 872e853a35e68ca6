/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_login.h: proves to the server who we are.
 *
 * A password that was given is what is tried, and no key instead of it, so that
 * a wrong one never connects; keys go before it only where the server asks for
 * both. Without one there are the option "identity", or else the agent's keys
 * and the default ones in ~/.ssh. Each is tried once: a password that was
 * refused is not tried again in another way.
 */
#ifndef SFTP_LOGIN_H
#define SFTP_LOGIN_H

#include "providers/sftp/sftp_line.h"

/** Runs in the line's thread. Returns true; or false with *ret_failure filled. */
bool sftp_login(struct sftp_line *line, struct sftp_failure *ret_failure);

#endif
