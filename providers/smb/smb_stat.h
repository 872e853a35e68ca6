/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_stat.h: the library's attributes as ours.
 */
#ifndef SMB_STAT_H
#define SMB_STAT_H

#include <sys/stat.h>

#include "providers/smb/smb_session.h"

/**
 * Owner and permissions are not the server's: SMB has access lists instead.
 * Everything belongs to who connected; what the server marks as read-only has
 * no write permission.
 */
struct mpr_stat smb_stat_convert(const struct smb_session *session, const struct stat *from);

#endif
