/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_auth.h: the credentials of WNetAddConnection4.
 */
#ifndef WNET_AUTH_H
#define WNET_AUTH_H

#include <mpr/mprtypes.h>

/**
 * Takes a SEC_WINNT_AUTH_IDENTITY of size bytes in: the user, with "DOMAIN\"
 * before him if there is a domain, and the password; NULL where there is none.
 * Both are to be freed, the password wiped. NULL buffer: neither.
 *
 * Returns NO_ERROR, ERROR_INVALID_PARAMETER, ERROR_NO_UNICODE_TRANSLATION, each
 * explained, or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD wnet_auth_in(const void *buffer, DWORD size, char **ret_user, char **ret_password);

#endif
