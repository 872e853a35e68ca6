/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_unc.h: SMB names as this provider spells them: \\server\share\dir, with
 * :port behind the server where it is not 445. Listings, parents and
 * information all spell so, whatever the form of the name that they were given.
 */
#ifndef SMB_UNC_H
#define SMB_UNC_H

#include <stdbool.h>

#include "providers/smb/smb_name.h"

/** Bytes of any name spelt so, with its NUL. */
#define SMB_UNC_MAX (NP_HOST_MAX + SMB_NAME_MAX + MPR_KEY_MAX + 16u)

/** Spells a name. Returns its length, or -1 if it does not fit. */
int smb_unc_format(const struct smb_name *name, char *buffer, size_t size);

/** Takes the last component off. Returns false if there is none: a server is in nothing. */
bool smb_unc_rise(struct smb_name *name);

/**
 * Where remote, a name in any form, goes on after its share or its server: the
 * bytes before that. All of them where nothing follows.
 */
size_t smb_unc_rest(const char *remote);

/**
 * The name that path, "" or "\dir\file", has on remote; of a remote that is spelt
 * with separators, what its letters are is left as it is. Returns NO_ERROR,
 * ERROR_BAD_NET_NAME (remote is no SMB name) or ERROR_MORE_DATA.
 */
uint32_t smb_unc_of_file(const char *remote, const char *path, char *buffer, size_t size);

#endif
