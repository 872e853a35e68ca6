/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_attempt.h: one attempt to reach a server, and its words when it fails.
 */
#ifndef SMB_ATTEMPT_H
#define SMB_ATTEMPT_H

#include "providers/smb/smb_session.h"

struct smb_attempt {
    struct smb_state *state;
    const struct mpr_call *call;
    const struct mpr_connect *args;
    const char *task; /**< "connect to": what could not be done with args->remote */
    int64_t begun_ns;
    struct smb_name name;
    struct smb_logon logon;
    const char *no_ticket; /**< why there is no Kerberos ticket to use, or NULL */
    bool printer;          /**< a print queue is wanted */
    bool anyone;           /**< who has neither password nor ticket asks as nobody */
    bool nobody;           /**< that is so; a caller may set it to have it so */
    const char *url;       /**< of what is wanted, for open */
    /** Asks the library for it, once it knows who logs on. Returns 0, or -1 and errno. */
    int (*open)(struct smb_attempt *attempt);
    void *found;     /**< open's own */
    int socket;      /**< of smb_reach: the connection, or -1 */
    uint32_t code;   /**< Win32, of the failure */
    uint32_t status; /**< its NTSTATUS */
};

/**
 * Ends the attempt with a Win32 code of its own. status goes to set_error; the
 * sentence goes on after "SMB Network could not TASK NAME as USER: ".
 * Returns answer.
 */
enum mpr_answer smb_attempt_fail(struct smb_attempt *attempt, enum mpr_answer answer, uint32_t code,
                                 uint32_t status, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/** Ends the attempt by what the server or the library said. */
enum mpr_answer smb_attempt_fail_status(struct smb_attempt *attempt, uint32_t status,
                                        enum smb_phase phase);

/** Finds out who logs on, and with what. MPR_DONE, or the answer of a failure. */
enum mpr_answer smb_attempt_identify(struct smb_attempt *attempt);

#endif
