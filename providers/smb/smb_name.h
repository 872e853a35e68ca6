/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_name.h: the remote names of the SMB provider and their canonical key.
 *
 *   \\server\share[\dir...]   //server/share[/dir...]
 *   smb://server[:port]/share[/dir...]
 *
 * A URL may hold %XX; an IPv6 address stands in brackets, or in a UNC name as
 * fe80--1s4.ipv6-literal.net. A name without a share names the server. URLs
 * with a user, a query or a fragment are not names: who connects is not a part
 * of the resource's name.
 */
#ifndef SMB_NAME_H
#define SMB_NAME_H

#include <mpr/provider.h>

#include "providers/common/np_unc.h"
#include "providers/smb/smb_fold.h"

#define SMB_PORT     445u
#define SMB_NAME_MAX 260u /**< bytes of server and share together */

/** A remote name taken apart, the letters as they were given. */
struct smb_name {
    char host[NP_HOST_MAX];   /**< fit for a resolver */
    uint16_t port;            /**< never 0 */
    char share[SMB_NAME_MAX]; /**< "" for a bare server */
    char dir[MPR_KEY_MAX];    /**< '/' between components; "" for the share itself */
};

/** Takes remote apart. Returns 1 and fills *ret_name, or 0 if it is no SMB name. */
int smb_name_parse(const char *remote, struct smb_name *ret_name);

/**
 * recognise of the SPI. The key is server[:port]/share/dir in small letters,
 * port 445 left out. Returns 1 and fills *ret, or 0.
 */
int smb_name_recognise(const struct smb_fold *fold, const char *remote, struct mpr_recognised *ret);

/** Returns 1 if text may be the name of a share, a directory or a file. */
int smb_name_is_component(const char *text, size_t length);

#endif
