/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_watch.c: reads the SMB library's log (as of version 4.17).
 */
#include "config.h"

#include "providers/smb/smb_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum event {
    EVENT_STATUS,
    EVENT_CONNECTED,
    EVENT_NEGOTIATED,
    EVENT_LOGON,
    EVENT_AUTHENTIC,
    EVENT_NO_TICKET,
    EVENT_SESSION,
    EVENT_TREE,
    EVENT_ENCRYPTED,
    EVENT_SIGNED,
};

/* The first row whose texts are both in the line counts. */
static const struct {
    const char *text, *also;
    enum event event;
} lines[] = {
    {"map_errno_from_nt_status:", "code=", EVENT_STATUS},
    {"socket options: SO_KEEPALIVE", "", EVENT_CONNECTED},
    {"cli_session_setup_spnego_send:", "", EVENT_NEGOTIATED},
    {"Kerberos auth with ", "not possible", EVENT_NO_TICKET},
    {"SPNEGO login failed", "", EVENT_NEGOTIATED},
    {"gensec_update_done: spnego", "NT_STATUS_OK", EVENT_AUTHENTIC},
    {"gensec_update_done: spnego", "", EVENT_LOGON},
    {" session setup ok", "", EVENT_SESSION},
    {" tconx ok", "", EVENT_TREE},
    {"Encrypted SMB2 message", "", EVENT_ENCRYPTED},
    {"signed SMB2 message", "sign_algo_id=", EVENT_SIGNED},
};

/* HMAC-SHA256 is what SMB 2 signs with, AES-CMAC is new with 3.0, AES-GMAC with 3.1.1. */
static void take_signature(struct smb_watch *watch, const char *line) {
    unsigned long algorithm = strtoul(strstr(line, "sign_algo_id=") + 13, NULL, 10);

    if (algorithm <= SMB_DIALECT_3_11 - SMB_DIALECT_2)
        watch->dialect = (enum smb_dialect)(SMB_DIALECT_2 + algorithm);
    if (watch->phase >= SMB_PHASE_TREE)
        watch->is_signed = true;
}

static void reach(struct smb_watch *watch, enum smb_phase phase) {
    if (watch->phase < phase)
        watch->phase = phase;
}

static void take(struct smb_watch *watch, enum event event, const char *line) {
    switch (event) {
    case EVENT_STATUS:
        watch->status = (uint32_t)strtoul(strstr(line, "code=") + 5, NULL, 16);
        break;
    case EVENT_CONNECTED:
        watch->connected = true;
        break;
    case EVENT_NO_TICKET:
        watch->no_ticket = true;
        reach(watch, SMB_PHASE_NEGOTIATED);
        break;
    case EVENT_NEGOTIATED:
        reach(watch, SMB_PHASE_NEGOTIATED);
        break;
    case EVENT_AUTHENTIC:
        watch->authentic = true;
        /* fall through */
    case EVENT_LOGON:
        watch->logon = true;
        reach(watch, SMB_PHASE_NEGOTIATED);
        break;
    case EVENT_SESSION:
        reach(watch, SMB_PHASE_SESSION);
        break;
    case EVENT_TREE:
        reach(watch, SMB_PHASE_TREE);
        break;
    case EVENT_ENCRYPTED:
        watch->encrypted = true;
        break;
    case EVENT_SIGNED:
        take_signature(watch, line);
        break;
    default:
        break;
    }
}

void smb_watch_line(struct smb_watch *watch, const char *line) {
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (strstr(line, lines[i].text) && strstr(line, lines[i].also)) {
            take(watch, lines[i].event, line);
            return;
        }
    }
}

bool smb_watch_became_guest(const struct smb_watch *watch) {
    return watch->phase >= SMB_PHASE_SESSION && watch->logon && !watch->authentic;
}

void smb_watch_describe(const struct smb_watch *watch, char *buffer, size_t size) {
    static const char *const dialects[] = {[SMB_DIALECT_ANY] = "SMB",
                                           [SMB_DIALECT_2] = "SMB 2",
                                           [SMB_DIALECT_3] = "SMB 3",
                                           [SMB_DIALECT_3_11] = "SMB 3.1.1"};

    snprintf(buffer, size, "%s, %s", dialects[watch->dialect],
             watch->encrypted   ? "encrypted"
             : watch->is_signed ? "signed"
                                : "neither signed nor encrypted");
}
