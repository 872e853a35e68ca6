/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_reach.c: finds the server, logs on, and has the library open what is wanted.
 *
 * The name is resolved here first, in time and with exact words. The library
 * then connects by name, which Kerberos and the share's UNC name need, to the
 * first address that answers; the host ends that in time by cutting it off.
 * Only when no server answered in SMB is the port tried here too, to say what
 * there is instead: a trial that succeeds would cost the server as much as the
 * real connection does.
 */
#include "config.h"

#include "providers/smb/smb_reach.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "providers/common/np_connect.h"
#include "providers/common/np_resolve.h"
#include "providers/common/np_time.h"
#include "providers/smb/smb_context.h"
#include "providers/smb/smb_socket.h"

/* A credential cache that is never there. */
#define NO_TICKETS "FILE:/proc/self/none"

static bool is_ended(const struct smb_attempt *attempt, uint32_t *ret_status) {
    struct pollfd cancel = {.fd = attempt->call->cancel_fd, .events = POLLIN};

    /* The host stops what is late by the same descriptor: late is what it was. */
    if (np_now_ns() >= attempt->call->deadline_ns)
        *ret_status = SMB_STATUS_IO_TIMEOUT;
    else if (cancel.fd >= 0 && poll(&cancel, 1, 0) > 0)
        *ret_status = SMB_STATUS_CANCELLED;
    else
        return false;
    return true;
}

static long long elapsed_ms(const struct smb_attempt *attempt) {
    return (np_now_ns() - attempt->begun_ns) / NP_MS;
}

/* The part of the call's time that finding the server may take. */
static struct mpr_call bounded_call(const struct smb_attempt *attempt) {
    struct mpr_call call = *attempt->call;
    int64_t end_ns = attempt->begun_ns + attempt->state->options.connect_timeout_ms * NP_MS;

    if (call.deadline_ns > end_ns)
        call.deadline_ns = end_ns;
    return call;
}

/* Words for the name or the port that leads nowhere: error is an errno, gai an EAI_ code. */
static enum mpr_answer explain_network(struct smb_attempt *attempt, int error, int gai) {
    const struct smb_name *name = &attempt->name;
    uint32_t status = smb_status_from_errno(error, SMB_PHASE_NONE);

    if (error == ECANCELED && is_ended(attempt, &status) && status == SMB_STATUS_CANCELLED)
        return smb_attempt_fail_status(attempt, status, SMB_PHASE_NONE);
    if (error == ENXIO)
        return smb_attempt_fail(attempt, MPR_NOT_MINE, ERROR_BAD_NETPATH, status,
                                "the name %s was not found (%s)", name->host, gai_strerror(gai));
    if (error == ETIMEDOUT || error == ECANCELED)
        return smb_attempt_fail(attempt, MPR_NOT_MINE, ERROR_BAD_NETPATH, SMB_STATUS_IO_TIMEOUT,
                                "%s did not answer on port %u within %lld ms", name->host,
                                (unsigned)name->port, elapsed_ms(attempt));
    return smb_attempt_fail(attempt, MPR_NOT_MINE, ERROR_BAD_NETPATH, status,
                            "no connection to %s port %u: %s", name->host, (unsigned)name->port,
                            strerror(error));
}

static enum mpr_answer resolve_server(struct smb_attempt *attempt) {
    struct mpr_call call = bounded_call(attempt);
    struct addrinfo *addresses;
    int gai = 0;
    int rc = np_resolve(attempt->name.host, attempt->name.port, &call, &addresses, &gai);

    if (rc == 0)
        freeaddrinfo(addresses);
    else if (rc == -ETIMEDOUT)
        return smb_attempt_fail(attempt, MPR_NOT_MINE, ERROR_BAD_NETPATH, SMB_STATUS_IO_TIMEOUT,
                                "nobody said within %lld ms where %s is", elapsed_ms(attempt),
                                attempt->name.host);
    return rc ? explain_network(attempt, -rc, gai) : MPR_DONE;
}

/* No server answered in SMB: what is there instead? */
static enum mpr_answer explain_silence(struct smb_attempt *attempt, uint32_t status) {
    struct mpr_call call = bounded_call(attempt);
    struct np_failure failure = {0};
    int fd;

    if (is_ended(attempt, &status)) {
        if (status == SMB_STATUS_IO_TIMEOUT && !attempt->state->watch.connected)
            return explain_network(attempt, ETIMEDOUT, 0);
        return smb_attempt_fail_status(attempt, status, SMB_PHASE_NONE);
    }
    fd = np_connect_tcp(attempt->name.host, attempt->name.port, &call, NULL, &failure);
    if (fd < 0)
        return explain_network(attempt, -fd, failure.gai);
    close(fd);
    return smb_attempt_fail_status(attempt, status, SMB_PHASE_NONE);
}

/* Says why the library could not open it. */
static enum mpr_answer explain_failure(struct smb_attempt *attempt, int error) {
    const struct smb_watch *watch = &attempt->state->watch;
    enum smb_phase phase = watch->phase;
    uint32_t status = watch->status;

    if (phase == SMB_PHASE_NONE)
        phase = smb_status_least_phase(error);
    if (!status)
        status = smb_status_from_errno(error, phase);
    if (phase == SMB_PHASE_NONE)
        return explain_silence(attempt, status);
    if (is_ended(attempt, &status) || phase != SMB_PHASE_NEGOTIATED)
        return smb_attempt_fail_status(attempt, status, phase);
    if (attempt->no_ticket)
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
                                SMB_STATUS_LOGON_FAILURE,
                                "a password is needed: none was given, and %s", attempt->no_ticket);
    if (watch->no_ticket)
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
                                SMB_STATUS_LOGON_FAILURE,
                                "Kerberos has no ticket for this user and server; %s",
                                attempt->logon.has_password ? "a logon by password is not allowed"
                                                            : "a password is needed");
    /* The library's own words for a ticket that it cannot use are the latter. */
    if (attempt->logon.kerberos && !attempt->logon.has_password
        && (status == SMB_STATUS_LOGON_FAILURE || status == SMB_STATUS_INVALID_PARAMETER))
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
                                SMB_STATUS_LOGON_FAILURE,
                                "the Kerberos ticket did not do: it may have expired (klist shows "
                                "it, kinit gets a new one)");
    return smb_attempt_fail_status(attempt, status, phase);
}

/* The server let us in: but as whom, and how safely? */
static enum mpr_answer check_session(struct smb_attempt *attempt) {
    const struct smb_watch *watch = &attempt->state->watch;

    if (!attempt->logon.identity.guest && smb_watch_became_guest(watch))
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
                                SMB_STATUS_LOGON_FAILURE,
                                "the server does not know this user and offered to go on as guest, "
                                "which nobody asked for");
    if (attempt->state->options.encryption == SMB_REQUIRED && !watch->encrypted)
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_NOT_SUPPORTED,
                                SMB_STATUS_NOT_SUPPORTED,
                                "encryption is required, and the server does not encrypt");
    return MPR_DONE;
}

static enum mpr_answer log_on(struct smb_attempt *attempt) {
    struct smb_state *state = attempt->state;
    SMBCCTX *context = state->context;
    int rc, error;

    state->watch = (struct smb_watch){0};
    state->dropped = false;
    state->logon = &attempt->logon;
    smbc_setOptionUseKerberos(context, attempt->logon.kerberos);
    smbc_setOptionFallbackAfterKerberos(context, 0);
    smb_context_watch(state, true);
    errno = 0;
    rc = attempt->open(attempt);
    error = errno;
    smb_context_watch(state, false);
    return rc < 0 ? explain_failure(attempt, error) : check_session(attempt);
}

/* Tickets that are not this user's are out of the library's sight meanwhile. */
static enum mpr_answer log_on_as(struct smb_attempt *attempt) {
    const char *before = secure_getenv("KRB5CCNAME");
    char *saved = before ? strdup(before) : NULL;
    enum mpr_answer answer;

    if ((before && !saved) || (attempt->no_ticket && setenv("KRB5CCNAME", NO_TICKETS, 1))) {
        free(saved);
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_NOT_ENOUGH_MEMORY, 0xc0000017u,
                                "memory ran out");
    }
    answer = log_on(attempt);
    if (attempt->no_ticket && saved)
        setenv("KRB5CCNAME", saved, 1);
    else if (attempt->no_ticket)
        unsetenv("KRB5CCNAME");
    free(saved);
    return answer;
}

/* What was agreed on with the server, as far as the library tells. */
static void trace(const struct smb_attempt *attempt) {
    char facts[64];

    smb_watch_describe(&attempt->state->watch, facts, sizeof facts);
    attempt->state->host->log(MPR_LOG_INFO, "%s: %s", attempt->args->remote, facts);
}

enum mpr_answer smb_reach(struct smb_attempt *attempt) {
    struct smb_state *state = attempt->state;
    char error[256] = "";
    enum mpr_answer answer = resolve_server(attempt);
    uint32_t rc;

    attempt->socket = -1;
    if (answer == MPR_DONE)
        answer = smb_attempt_identify(attempt);
    if (answer != MPR_DONE)
        return answer;
    if (!state->context && (rc = smb_context_open(state, error, sizeof error)))
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, rc, 0xc0000017u, "%s", error);
    answer = log_on_as(attempt);
    attempt->socket = smb_socket_find(attempt->name.port);
    if (answer == MPR_DONE)
        trace(attempt);
    else
        smb_hang_up(attempt->state, attempt->socket);
    return answer;
}

void smb_hang_up(struct smb_state *state, int socket) {
    if (socket >= 0) {
        shutdown(socket, SHUT_RDWR);
        close(socket);
    }
    state->logon = NULL;
    if (smbc_getFunctionPurgeCachedServers(state->context)(state->context))
        smb_context_close(state);
    state->dropped = false;
}
