/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_watch.h: what the SMB library's log tells about a connection under way.
 *
 * The library reports a failed connect as an errno that many causes share: a
 * wrong password and a forbidden share are both EACCES. Its log at level 10
 * names the NTSTATUS, the steps that were reached, and whether messages were
 * encrypted. These texts are the library's own and may change; whoever reads
 * the result falls back to errno where nothing was seen.
 */
#ifndef SMB_WATCH_H
#define SMB_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/smb/smb_status.h"

/** As much of the dialect as the way of signing shows: the library does not name it. */
enum smb_dialect {
    SMB_DIALECT_ANY = 0,
    SMB_DIALECT_2,    /**< 2.0.2 or 2.1 */
    SMB_DIALECT_3,    /**< 3.0 or above */
    SMB_DIALECT_3_11, /**< 3.1.1 */
};

/** The log level that all these lines appear at. */
#define SMB_WATCH_LEVEL 10

/** Zero it before use. */
struct smb_watch {
    enum smb_phase phase;
    uint32_t status; /**< the last NTSTATUS that was turned into an errno, or 0 */
    bool connected;  /**< somebody accepted the TCP connection */
    bool logon;      /**< the logon's messages were seen at all */
    bool authentic;  /**< the server proved that it knows the user */
    bool no_ticket;  /**< Kerberos was not possible, for want of a ticket or of a name */
    bool encrypted;  /**< a message was sent encrypted */
    bool is_signed;  /**< a message beyond the logon, which always is, was sent signed */
    enum smb_dialect dialect;
};

/** Takes a line of the log. */
void smb_watch_line(struct smb_watch *watch, const char *line);

/**
 * The server let somebody in, but not the user who was named: it took the
 * logon for a guest's.
 */
bool smb_watch_became_guest(const struct smb_watch *watch);

/** Says how it was agreed to talk: "SMB 3.1.1, signed". */
void smb_watch_describe(const struct smb_watch *watch, char *buffer, size_t size);

#endif
