/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_option.h: the options of the drop-in.
 *
 *   connect_timeout_ms  5000     for one connect, all its steps together
 *   io_timeout_ms       30000    without a byte moving, for long reads and writes
 *   version             3        any other is refused
 *   uid, gid                     the caller's
 *   read_size           1048576  bytes of one request at most
 *   write_size          1048576
 *   in_flight           8        requests of one read or write at a time
 *   attribute_timeout_ms 1000    directories on the way are believed for so long
 *   servers                      names with commas between them: what the network lists
 */
#ifndef NFS_OPTION_H
#define NFS_OPTION_H

#include "providers/nfs/nfs_session.h"

/** Reads options. Returns 0; or a Win32 code, with text in error. */
uint32_t nfs_option_read(const struct mpr_option *options, struct nfs_options *ret_options,
                         char *error, size_t error_size);

/**
 * The next of the servers: *servers begins as options->servers. False if there
 * is none left.
 */
bool nfs_option_next_server(const char **servers, struct nfs_name *ret_name);

#endif
