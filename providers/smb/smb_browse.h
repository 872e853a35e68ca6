/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_browse.h: what the list of shares tells about one of them.
 */
#ifndef SMB_BROWSE_H
#define SMB_BROWSE_H

#include "providers/smb/smb_attempt.h"

/**
 * What the share of an attempt is, by the list that its server gives the same
 * user: RESOURCETYPE_DISK or _PRINT, or _ANY where that is not to be had. Over a
 * connection of its own; the attempt must have none. May call set_error.
 */
uint32_t smb_browse_type(const struct smb_attempt *attempt);

#endif
