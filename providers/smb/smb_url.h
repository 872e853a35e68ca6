/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_url.h: names and paths in the form that the SMB library takes.
 */
#ifndef SMB_URL_H
#define SMB_URL_H

#include <stdbool.h>

#include "providers/smb/smb_name.h"

/**
 * smb://host:port/share/dir of a name. An IPv6 address is not put in brackets,
 * which the library does not know, but its colons are escaped.
 *
 * Returns the length, or -1 if it does not fit.
 */
int smb_url_of_name(const struct smb_name *name, char *buffer, size_t size);

/** Adds "/path", escaped; an empty path adds nothing. Returns 0, or -1 if it does not fit. */
int smb_url_append(char *url, size_t size, const char *path);

/**
 * Can SMB have this path? Returns 0, -EINVAL for characters that it does not
 * have in names (a '\' would even be a separator), or -ENAMETOOLONG: a name of
 * more than 255 UTF-16 units, or a path of more than 4095 bytes.
 */
int smb_url_check_path(const char *path);

/**
 * Can something new be made under this path? -EINVAL for a name that ends with a
 * dot or a blank, or is that of a DOS device: Windows would make it under another
 * name, without a word, and Samba would list it under another.
 */
int smb_url_check_new(const char *path);

/** Has the path a name of more than 255 bytes, which many servers' file systems refuse? */
bool smb_url_has_long_name(const char *path);

#endif
