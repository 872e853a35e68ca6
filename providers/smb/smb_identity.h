/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_identity.h: who connects: the forms of a user's name, and the owner of
 * the Kerberos ticket.
 *
 * Guest is a user like another: whoever wants it says "guest" (or DOMAIN\guest)
 * and needs no password. Nobody else ever becomes a guest.
 */
#ifndef SMB_IDENTITY_H
#define SMB_IDENTITY_H

#include <stdbool.h>

#include <mpr/provider.h>

#define SMB_FIELD_MAX 256u /**< bytes of what the SMB library takes in one field, with the NUL */

struct smb_identity {
    char user[SMB_FIELD_MAX];   /**< user, or user@realm */
    char domain[SMB_FIELD_MAX]; /**< "" if none was given */
    bool guest;
};

/** Takes user, DOMAIN\user or user@realm apart. Returns 1, or 0 if it is none of these. */
int smb_identity_parse(const char *text, struct smb_identity *ret_identity);

/** Is principal (user@REALM) that user's? A realm that was not given is not compared. */
bool smb_identity_is(const struct smb_identity *identity, const char *principal);

/** Name of the user with this uid. Returns 1, or 0 if there is none. */
int smb_identity_of_uid(uint32_t uid, char *buffer, size_t size);

/**
 * The principal whose tickets the environment's credential cache holds.
 *
 * Returns 1 and the principal, 0 if there is no cache, or -1 if it is of a
 * kind that cannot be looked into.
 */
int smb_identity_of_ticket(char *buffer, size_t size);

#endif
