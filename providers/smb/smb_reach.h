/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_reach.h: the way to a server, for whatever is wanted there.
 */
#ifndef SMB_REACH_H
#define SMB_REACH_H

#include "providers/smb/smb_attempt.h"

/**
 * Finds attempt->name's server, logs on, and has attempt->open ask for what is
 * wanted. MPR_DONE with attempt->socket: the caller hangs up in the end. Or the
 * answer of a failure that has been explained, with attempt->code; nothing is
 * left of the connection then.
 */
enum mpr_answer smb_reach(struct smb_attempt *attempt);

/** Cuts the connection with that socket, -1 for none, and lets the library forget it. */
void smb_hang_up(struct smb_state *state, int socket);

#endif
