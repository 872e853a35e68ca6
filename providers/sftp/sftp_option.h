/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_option.h: the options of the drop-in.
 *
 *   connect_timeout_ms  5000   for one connect, all its steps together
 *   io_timeout_ms       30000  without a byte that moves
 *   known_hosts                a file; default ~/.ssh/known_hosts. The machine's own,
 *                              /etc/ssh/ssh_known_hosts, counts beside it.
 *   identity                   a file with a private key: then no other key is used
 *   agent               true   keys of the agent at SSH_AUTH_SOCK are used
 *   servers                    names with commas between them: what the network lists
 */
#ifndef SFTP_OPTION_H
#define SFTP_OPTION_H

#include <limits.h>

#include "providers/common/np_words.h"
#include "providers/sftp/sftp_name.h"

/** What the drop-in says. */
struct sftp_options {
    uint32_t connect_timeout_ms;
    uint32_t io_timeout_ms;
    bool agent;
    char known_hosts[PATH_MAX];   /**< "": the default */
    char identity[PATH_MAX];      /**< "": the agent's keys and the default ones */
    char servers[NP_SERVERS_MAX]; /**< for sftp_option_next_server */
};

/** Reads options. Returns 0; or a Win32 code, with text in error. */
uint32_t sftp_option_read(const struct mpr_option *options, struct sftp_options *ret_options,
                          char *error, size_t error_size);

/**
 * The next of the servers: *servers begins as options->servers. False if there
 * is none left.
 */
bool sftp_option_next_server(const char **servers, struct sftp_name *ret_name);

#endif
