/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_name.h: the names of directories on SSH servers. Pure syntax.
 *
 *   sftp://[user@]host[:port]        a server
 *   sftp://[user@]host[:port]/dir    a directory, from the server's root on
 *
 * %XX stands for a byte; an escaped '/' is refused, since no file can be called
 * so. '?', '#' and '\' are letters of a file's name like others. An IPv6
 * address stands in brackets. A password in a name is refused: names are shown.
 */
#ifndef SFTP_NAME_H
#define SFTP_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/provider.h>

#include "providers/common/np_unc.h"

#define SFTP_PORT 22 /**< the port that need not be said */

/** A name taken apart. */
struct sftp_name {
    char host[NP_HOST_MAX];  /**< small letters, IPv6 without brackets */
    uint16_t port;           /**< never 0 */
    char user[MPR_USER_MAX]; /**< decoded; "" if the name has none */
    char path[MPR_KEY_MAX];  /**< "/dir/dir", "/" or, for a bare server, "" */
};

/** Takes text apart. Returns false if it is no such name. */
bool sftp_name_parse(const char *text, struct sftp_name *ret_name);

/**
 * The canonical key: host[:port]/dir. The user is no part of it: different
 * users of one directory use one resource. Returns false if it does not fit.
 */
bool sftp_name_key(const struct sftp_name *name, char *buffer, size_t size);

/**
 * Writes the name of path (absolute, or "" for the server) on name's server, with
 * name's user, fit for sftp_name_parse. Returns false if it does not fit.
 */
bool sftp_name_format(const struct sftp_name *name, const char *path, char *buffer, size_t size);

/** Where in text its path goes on after the given number of components. */
size_t sftp_name_rest(const char *text, size_t components);

#endif
