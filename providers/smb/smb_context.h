/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_context.h: the SMB library, set up as this provider wants it.
 */
#ifndef SMB_CONTEXT_H
#define SMB_CONTEXT_H

#include "providers/smb/smb_session.h"

/**
 * Makes state->context with the configuration of state->options alone: neither
 * the user's nor the system's configuration file is read, nor any cache.
 *
 * Returns NO_ERROR, or a Win32 code and a sentence in error.
 */
uint32_t smb_context_open(struct smb_state *state, char *error, size_t error_size);

/** Ends it; takes a state without one. */
void smb_context_close(struct smb_state *state);

/** The library's log goes to state->watch from now on, or nowhere. */
void smb_context_watch(struct smb_state *state, bool on);

#endif
