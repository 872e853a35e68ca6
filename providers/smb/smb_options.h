/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_options.h: the "options" of the SMB provider's drop-in.
 *
 *   signing             default | required | off
 *   encryption          default | required | off
 *   kerberos            auto | required | off
 *   min_protocol        SMB2_02 (default) SMB2_10 SMB3_00 SMB3_02 SMB3_11
 *   max_protocol        the same; default SMB3_11
 *   connect_timeout_ms  for the name and the TCP connection, 5000
 *   io_timeout_ms       for one request to the server, 30000
 *   workgroup           domain of users that are given without one, WORKGROUP
 *   servers             names with commas between them: what the network lists
 *
 * "default" signing and encryption is what client and server agree on; a share
 * that demands encryption gets it. SMB1 is not to be had.
 */
#ifndef SMB_OPTIONS_H
#define SMB_OPTIONS_H

#include <mpr/provider.h>

#include "providers/common/np_words.h"
#include "providers/smb/smb_name.h"

#define SMB_TIMEOUT_MIN_MS 1u
#define SMB_TIMEOUT_MAX_MS 3600000u
#define SMB_DOMAIN_MAX     64u /**< bytes of a domain or workgroup with its NUL */

enum smb_demand {
    SMB_DEFAULT = 0, /**< as both sides agree; for Kerberos: if there is no password */
    SMB_REQUIRED = 1,
    SMB_OFF = 2,
};

struct smb_options {
    enum smb_demand signing;
    enum smb_demand encryption;
    enum smb_demand kerberos;
    const char *min_protocol; /**< static */
    const char *max_protocol; /**< static */
    uint32_t connect_timeout_ms;
    uint32_t io_timeout_ms;
    char workgroup[SMB_DOMAIN_MAX];
    char servers[NP_SERVERS_MAX]; /**< for smb_options_next_server */
};

/**
 * Reads the options; unknown ones are left to others. Returns NO_ERROR, or
 * ERROR_INVALID_PARAMETER and a sentence in error.
 */
uint32_t smb_options_read(const struct mpr_option *options, char *error, size_t error_size,
                          struct smb_options *ret_options);

/**
 * The whole configuration that the SMB library is to have, as the text of its
 * configuration file. Returns its length, or -1 if it does not fit.
 */
int smb_options_config(const struct smb_options *options, char *buffer, size_t size);

/**
 * The next of the servers: *servers begins as options->servers. Returns 1 and
 * the name, or 0 if there is none left.
 */
int smb_options_next_server(const char **servers, struct smb_name *ret_name);

#endif
