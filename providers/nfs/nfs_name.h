/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_name.h: the names of NFS exports. Pure syntax.
 *
 *   server:/export/dir     server:       [::1]:/export
 *   nfs://server[:port]/export/dir[?version=3&uid=&gid=&mountport=&nfsport=]
 *   \\server\export\dir    \\server
 *
 * Which components name the export and which a directory in it cannot be told
 * by syntax: the server is asked when it matters. One letter before the colon
 * is a device, never a host.
 */
#ifndef NFS_NAME_H
#define NFS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/provider.h>

#include "providers/common/np_unc.h"

#define NFS_PORT        2049 /**< a port that need not be said */
#define NFS_PORT_MAPPER 111  /**< who is asked for ports that are not said */

/** How a name was written, so that names made from it look the same. */
enum nfs_form {
    NFS_FORM_COLON,
    NFS_FORM_URL,
    NFS_FORM_UNC,
};

/** A name taken apart. */
struct nfs_name {
    enum nfs_form form;
    char host[NP_HOST_MAX]; /**< small letters, IPv6 without brackets */
    uint16_t nfs_port;      /**< 0: the port mapper knows */
    uint16_t mount_port;    /**< 0: the port mapper knows */
    uint32_t version;       /**< 0: not said */
    uint32_t uid, gid;      /**< valid with the flags below */
    bool has_uid, has_gid;  /**< said in the name */
    char problem[64];       /**< an argument that is not understood, or "" */
    char path[MPR_KEY_MAX]; /**< "/export/dir", "/" or, for a bare server, "" */
};

/** Takes text apart. Returns false if it is no name of an NFS server or export. */
bool nfs_name_parse(const char *text, struct nfs_name *ret_name);

/**
 * The canonical key: host[:port]/export/dir. Returns false if it does not fit.
 */
bool nfs_name_key(const struct nfs_name *name, char *buffer, size_t size);

/**
 * Writes the name of path (absolute, or "" for the server) on name's server in
 * name's form, fit for nfs_name_parse. Returns false if it does not fit or
 * cannot be said in that form.
 */
bool nfs_name_format(const struct nfs_name *name, const char *path, char *buffer, size_t size);

#endif
