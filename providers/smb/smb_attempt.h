/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_attempt.h: one attempt to connect, and its words when it fails.
 */
#ifndef SMB_ATTEMPT_H
#define SMB_ATTEMPT_H

#include "providers/smb/smb_session.h"

struct smb_attempt {
    struct smb_state *state;
    const struct mpr_call *call;
    const struct mpr_connect *args;
    int64_t begun_ns;
    struct smb_name name;
    struct smb_logon logon;
    const char *no_ticket; /**< why there is no Kerberos ticket to use, or NULL */
    bool printer;          /**< a print queue is wanted */
    uint32_t code;         /**< Win32, of the failure */
};

/**
 * Ends the attempt with a Win32 code of its own. status goes to set_error; the
 * sentence goes on after "SMB Network could not connect to NAME as USER: ".
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
