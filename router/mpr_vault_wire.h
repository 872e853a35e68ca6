/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_vault_wire.h: what is said to mpr-password, on a SEQPACKET socket: one
 * message there, one back. Both are of one package and on one machine.
 */
#ifndef MPR_VAULT_WIRE_H
#define MPR_VAULT_WIRE_H

#include <stdint.h>

#define MPR_VAULT_VERSION  1u
#define MPR_VAULT_TEXT_MAX 16384u /* bytes of all texts of a message */

enum mpr_vault_what {
    MPR_VAULT_COMMAND = 1, /* runs texts[0]; its first line of output */
    MPR_VAULT_LOOKUP,      /* in the keyring, for the remote name texts[0] and the user texts[1] */
    MPR_VAULT_STORE,       /* likewise, the password texts[2] */
};

/** The texts follow it, each with its NUL. */
struct mpr_vault_request {
    uint32_t version;
    uint32_t what;
    uint32_t timeout_ms;
};

enum mpr_vault_outcome {
    MPR_VAULT_FOUND = 1,  /* or stored; the password follows, with its NUL */
    MPR_VAULT_NONE,       /* the keyring has none */
    MPR_VAULT_NO_KEYRING, /* words follow: why there is none */
    MPR_VAULT_FAILED,     /* words follow: "exited with status 1" */
    MPR_VAULT_LATE,       /* it was ended */
};

struct mpr_vault_reply {
    uint32_t version;
    uint32_t outcome;
};

#endif
