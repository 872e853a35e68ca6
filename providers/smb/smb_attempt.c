/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_attempt.c: who connects, and the sentences of a connect that failed.
 */
#include "config.h"

#include "providers/smb/smb_attempt.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "providers/common/np_time.h"

#define TEXT_MAX 2048

static void explain(const struct smb_attempt *attempt, uint32_t status, const char *sentence) {
    const struct smb_identity *who = &attempt->logon.identity;
    char text[TEXT_MAX];

    snprintf(text, sizeof text, "%s could not %s %s%s%s%s%s: %s.", SMB_PROVIDER_NAME, attempt->task,
             attempt->args->remote, who->user[0] || attempt->nobody ? " as " : "", who->domain,
             who->domain[0] ? "\\" : "", attempt->nobody ? "nobody" : who->user, sentence);
    attempt->state->host->set_error(attempt->call, status, text);
}

enum mpr_answer smb_attempt_fail(struct smb_attempt *attempt, enum mpr_answer answer, uint32_t code,
                                 uint32_t status, const char *format, ...) {
    char sentence[TEXT_MAX / 2];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    explain(attempt, status, sentence);
    attempt->code = code;
    attempt->status = status;
    return answer;
}

enum mpr_answer smb_attempt_fail_status(struct smb_attempt *attempt, uint32_t status,
                                        enum smb_phase phase) {
    const struct smb_status *row = smb_status_find(status);
    enum mpr_answer answer = smb_status_answer(status, phase, &attempt->code);
    const struct smb_options *options = &attempt->state->options;
    const char *host = attempt->name.host;
    unsigned port = attempt->name.port;

    if (status == SMB_STATUS_CANCELLED)
        return smb_attempt_fail(attempt, answer, attempt->code, status, "it was cancelled");
    if (phase == SMB_PHASE_NONE && status == SMB_STATUS_IO_TIMEOUT)
        return smb_attempt_fail(attempt, answer, attempt->code, status,
                                "%s took the connection to port %u, but did not answer in SMB "
                                "within %lld ms",
                                host, port, (long long)((np_now_ns() - attempt->begun_ns) / NP_MS));
    if (phase == SMB_PHASE_NONE)
        return smb_attempt_fail(attempt, answer, attempt->code, status,
                                "%s answers on port %u, but not in SMB (%s to %s were offered)",
                                host, port, options->min_protocol, options->max_protocol);
    if (!row)
        return smb_attempt_fail(attempt, answer, attempt->code, status,
                                "the server answered 0x%08X", (unsigned)status);
    return smb_attempt_fail(attempt, answer, attempt->code, status,
                            "the server answered STATUS_%s (0x%08X): %s", row->name,
                            (unsigned)status, row->sentence);
}

/* The name of who asks, if none was given: the ticket's owner, else this user's own. */
static bool name_default_user(const struct smb_attempt *attempt, char *buffer, size_t size) {
    bool may_use_ticket =
        !attempt->logon.has_password && attempt->state->options.kerberos != SMB_OFF;

    return (may_use_ticket && smb_identity_of_ticket(buffer, size) == 1)
           || smb_identity_of_uid(attempt->call->uid, buffer, size);
}

/* Why the tickets of this process are of no use for that user, or NULL. */
static const char *reject_ticket(const struct smb_attempt *attempt) {
    char owner[SMB_FIELD_MAX];

    if (attempt->state->options.kerberos == SMB_OFF)
        return "Kerberos is switched off";
    switch (smb_identity_of_ticket(owner, sizeof owner)) {
    case 1:
        return smb_identity_is(&attempt->logon.identity, owner)
                   ? NULL
                   : "the Kerberos ticket is another user's";
    case 0:
        return "there is no Kerberos ticket";
    default:
        /* It can be used, but only as what it is. */
        return attempt->args->user && attempt->args->user[0]
                   ? "whose the Kerberos ticket is cannot be seen (leave the user name out to use "
                     "it)"
                   : NULL;
    }
}

static enum mpr_answer read_secret(struct smb_attempt *attempt) {
    struct smb_logon *logon = &attempt->logon;
    int rc = attempt->state->host->secret(attempt->call, logon->password, sizeof logon->password);

    if (rc < 0)
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_GEN_FAILURE,
                                SMB_STATUS_LOGON_FAILURE, "the password could not be read");
    logon->has_password = rc > 0;
    if (!logon->has_password)
        logon->password[0] = '\0';
    if (strlen(logon->password) >= SMB_FIELD_MAX)
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_INVALID_PASSWORD,
                                SMB_STATUS_INVALID_PARAMETER,
                                "the password is longer than %u bytes", SMB_FIELD_MAX - 1);
    return MPR_DONE;
}

/* A logon without name and password, which servers that are not shy list their shares to. */
static bool asks_as_nobody(const struct smb_attempt *attempt) {
    enum smb_demand kerberos = attempt->state->options.kerberos;
    char owner[SMB_FIELD_MAX];

    if (!attempt->anyone || attempt->logon.has_password || kerberos == SMB_REQUIRED)
        return false;
    return attempt->nobody || kerberos == SMB_OFF
           || smb_identity_of_ticket(owner, sizeof owner) == 0;
}

enum mpr_answer smb_attempt_identify(struct smb_attempt *attempt) {
    struct smb_logon *logon = &attempt->logon;
    enum smb_demand kerberos = attempt->state->options.kerberos;
    const char *user = attempt->args->user;
    char own[SMB_FIELD_MAX];
    enum mpr_answer answer = read_secret(attempt);

    if (answer != MPR_DONE)
        return answer;
    attempt->nobody = asks_as_nobody(attempt);
    if (attempt->nobody) {
        logon->identity = (struct smb_identity){.guest = true};
        logon->kerberos = false;
        return MPR_DONE;
    }
    if (!user || !user[0]) {
        if (!name_default_user(attempt, own, sizeof own))
            return smb_attempt_fail(
                attempt, MPR_MINE_FAILED, ERROR_BAD_USERNAME, SMB_STATUS_INVALID_PARAMETER,
                "no user was named, and uid %u has no name", (unsigned)attempt->call->uid);
        user = own;
    }
    if (!smb_identity_parse(user, &logon->identity))
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_BAD_USERNAME,
                                SMB_STATUS_INVALID_PARAMETER,
                                "the user's name must be user, DOMAIN\\user or user@realm");
    if (logon->identity.guest)
        return MPR_DONE;
    logon->kerberos = !logon->has_password || kerberos == SMB_REQUIRED;
    if (!logon->has_password)
        attempt->no_ticket = reject_ticket(attempt);
    return MPR_DONE;
}
