/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_watch.c: reads the SMB library's log (as of version 4.17).
 */
#include "config.h"

#include "providers/smb/smb_watch.h"

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
};

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
