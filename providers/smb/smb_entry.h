/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_entry.h: servers, shares and directories as entries of a listing.
 *
 * A share whose name ends in '$' is one that servers hide: it is listed, as
 * RESOURCEDISPLAYTYPE_SHAREADMIN, and a program that shows what Windows' Explorer
 * shows leaves these out. The one for pipes, IPC$, is neither disk nor printer,
 * and no device can be connected to it.
 */
#ifndef SMB_ENTRY_H
#define SMB_ENTRY_H

#include <stdbool.h>

#include <mpr/provider.h>

/* Of each, remote is kept and not copied. */

struct mpr_resource smb_entry_of_server(const char *remote);

/** name is the share's; type RESOURCETYPE_DISK, _PRINT, or _ANY where it is not known. */
struct mpr_resource smb_entry_of_share(const char *remote, const char *name, uint32_t type);

struct mpr_resource smb_entry_of_directory(const char *remote);

/** Was it asked for? type and usage are those of list, 0: any. */
bool smb_entry_is_wanted(const struct mpr_resource *entry, uint32_t type, uint32_t usage);

#endif
