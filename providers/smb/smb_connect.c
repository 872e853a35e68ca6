/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_connect.c: begins and ends the session.
 *
 * The name is resolved here first, in time and with exact words. The library
 * then connects by name, which Kerberos and the share's UNC name need, to the
 * first address that answers; the host ends that in time by cutting it off.
 * Only when no server answered in SMB is the port tried here too, to say what
 * there is instead: a trial that succeeds would cost the server as much as the
 * real connection does.
 *
 * A session is ended by shutting its TCP connection down: a request that was
 * answered is done, a server drops the rest of a session with its connection,
 * and a silent server cannot hold us up.
 */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "providers/common/np_connect.h"
#include "providers/common/np_resolve.h"
#include "providers/common/np_time.h"
#include "providers/smb/smb_attempt.h"
#include "providers/smb/smb_context.h"
#include "providers/smb/smb_ops.h"
#include "providers/smb/smb_socket.h"
#include "providers/smb/smb_url.h"

/* A credential cache that is never there. */
#define NO_TICKETS "FILE:/proc/self/none"

static enum mpr_answer take_name(struct smb_attempt *attempt) {
    if (!smb_name_parse(attempt->args->remote, &attempt->name))
        return smb_attempt_fail(attempt, MPR_NOT_MINE, ERROR_BAD_NET_NAME,
                                SMB_STATUS_BAD_NETWORK_NAME, "that is not the name of a share");
    if (!attempt->name.share[0])
        return smb_attempt_fail(attempt, MPR_NOT_MINE, ERROR_BAD_NET_NAME,
                                SMB_STATUS_BAD_NETWORK_NAME,
                                "that names a server, but no share on it");
    return MPR_DONE;
}

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

/* Cuts what connection there is and lets the library forget it. */
static void hang_up(struct smb_state *state, int socket) {
    if (socket >= 0) {
        shutdown(socket, SHUT_RDWR);
        close(socket);
    }
    state->logon = NULL;
    if (smbc_getFunctionPurgeCachedServers(state->context)(state->context))
        smb_context_close(state);
    state->dropped = false;
}

/* Says why the library could not open the share. */
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
    return smb_attempt_fail_status(attempt, status, phase);
}

/* The server let us in: but is it what was asked for? */
static enum mpr_answer check_result(struct smb_attempt *attempt, const struct stat *root) {
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
    if (root && attempt->printer)
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_BAD_DEV_TYPE,
                                SMB_STATUS_BAD_DEVICE_TYPE,
                                "the share holds files and is not a print queue");
    if (root && !S_ISDIR(root->st_mode))
        return smb_attempt_fail_status(attempt, SMB_STATUS_NOT_A_DIRECTORY, SMB_PHASE_TREE);
    return MPR_DONE;
}

/* IPC$ and print queues have no directory that could be looked at. */
static bool has_no_files(const struct smb_attempt *attempt) {
    return attempt->printer || strcasecmp(attempt->name.share, "IPC$") == 0;
}

static enum mpr_answer open_share(struct smb_attempt *attempt, struct smb_session *session) {
    struct smb_state *state = attempt->state;
    SMBCCTX *context = state->context;
    struct stat root;
    int rc, error;

    state->watch = (struct smb_watch){0};
    state->dropped = false;
    state->logon = &attempt->logon;
    smbc_setOptionUseKerberos(context, attempt->logon.kerberos);
    smbc_setOptionFallbackAfterKerberos(context, 0);
    smb_context_watch(state, true);
    errno = 0;
    rc = smbc_getFunctionStat(context)(context, session->base, &root);
    error = errno;
    smb_context_watch(state, false);
    if (rc < 0 && !(state->watch.phase == SMB_PHASE_TREE && has_no_files(attempt)))
        return explain_failure(attempt, error);
    return check_result(attempt, rc < 0 ? NULL : &root);
}

/* Tickets that are not this user's are out of the library's sight meanwhile. */
static enum mpr_answer open_share_as(struct smb_attempt *attempt, struct smb_session *session) {
    const char *before = secure_getenv("KRB5CCNAME");
    char *saved = before ? strdup(before) : NULL;
    enum mpr_answer answer;

    if ((before && !saved) || (attempt->no_ticket && setenv("KRB5CCNAME", NO_TICKETS, 1))) {
        free(saved);
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_NOT_ENOUGH_MEMORY, 0xc0000017u,
                                "memory ran out");
    }
    answer = open_share(attempt, session);
    if (attempt->no_ticket && saved)
        setenv("KRB5CCNAME", saved, 1);
    else if (attempt->no_ticket)
        unsetenv("KRB5CCNAME");
    free(saved);
    return answer;
}

static enum mpr_answer establish(struct smb_attempt *attempt, struct smb_session *session) {
    struct smb_state *state = attempt->state;
    char error[256] = "";
    enum mpr_answer answer = take_name(attempt);
    uint32_t rc;

    if (answer == MPR_DONE)
        answer = resolve_server(attempt);
    if (answer == MPR_DONE)
        answer = smb_attempt_identify(attempt);
    if (answer != MPR_DONE)
        return answer;
    if (!state->context && (rc = smb_context_open(state, error, sizeof error)))
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, rc, 0xc0000017u, "%s", error);
    session->base_length = (size_t)smb_url_of_name(&attempt->name, session->base, SMB_URL_MAX);
    answer = open_share_as(attempt, session);
    session->socket = smb_socket_find(attempt->name.port);
    if (answer != MPR_DONE)
        hang_up(state, session->socket);
    return answer;
}

static void finish_session(struct smb_session *session, const struct smb_attempt *attempt) {
    const struct smb_identity *who = &attempt->logon.identity;

    session->host_connection = attempt->args->host_connection;
    session->uid = attempt->call->uid;
    session->gid = attempt->call->gid;
    session->printer = attempt->printer;
    session->reading.size = session->writing.size = SMB_WINDOW_START;
    session->logon.identity = *who;
    snprintf(session->user, sizeof session->user, "%s%s%s", who->domain, who->domain[0] ? "\\" : "",
             who->user);
    session->state->logon = &session->logon;
    session->state->session = session;
}

enum mpr_answer smb_connect(void *opaque, const struct mpr_call *call,
                            const struct mpr_connect *args, void **ret_session,
                            uint32_t *ret_code) {
    struct smb_state *state = opaque;
    struct smb_attempt attempt = {
        .state = state, .call = call, .args = args, .begun_ns = np_now_ns()};
    struct smb_session *session = NULL;
    enum mpr_answer answer;

    attempt.printer = args->type == RESOURCETYPE_PRINT
                      || (args->device && strncasecmp(args->device, "LPT", 3) == 0);
    if (state->session)
        answer = smb_attempt_fail(&attempt, MPR_MINE_FAILED, ERROR_BUSY, 0xc0000001u,
                                  "this process has its session already");
    else if (!(session = calloc(1, sizeof *session)))
        answer = smb_attempt_fail(&attempt, MPR_MINE_FAILED, ERROR_NOT_ENOUGH_MEMORY, 0xc0000017u,
                                  "memory ran out");
    else {
        session->state = state;
        session->socket = -1;
        answer = establish(&attempt, session);
    }
    if (answer == MPR_DONE) {
        finish_session(session, &attempt);
        *ret_session = session;
    } else {
        free(session);
        *ret_code = attempt.code;
    }
    explicit_bzero(&attempt.logon, sizeof attempt.logon);
    return answer;
}

uint32_t smb_disconnect(void *opaque, const struct mpr_call *call, int force) {
    struct smb_session *session = opaque;
    struct smb_state *state = session->state;

    (void)call;
    (void)force;
    smb_session_shutdown(session);
    while (session->files)
        smb_session_close_file(session, session->files);
    hang_up(state, session->socket);
    state->session = NULL;
    free(session);
    return NO_ERROR;
}

void smb_abort(void *opaque) {
    smb_session_shutdown(opaque);
}

uint32_t smb_user(void *opaque, const struct mpr_call *call, char *buffer, size_t size) {
    const struct smb_session *session = opaque;
    size_t length = strlen(session->user);

    (void)call;
    if (length >= size)
        return ERROR_MORE_DATA;
    memcpy(buffer, session->user, length + 1);
    return NO_ERROR;
}

/* Hundreds of bits a second; 1 says "faster than can be said". */
static uint32_t speed_of(uint64_t bytes_per_second) {
    uint64_t speed = bytes_per_second * 8 / 100;

    if (speed > UINT32_MAX)
        return 1;
    return speed == 1 ? 2 : (uint32_t)speed;
}

uint32_t smb_performance(void *opaque, const struct mpr_call *call, struct mpr_performance *ret) {
    const struct smb_session *session = opaque;
    uint64_t rate = session->reading.rate > session->writing.rate ? session->reading.rate
                                                                  : session->writing.rate;
    uint32_t rtt_us = smb_socket_rtt_us(session->socket);

    (void)call;
    if (session->lost)
        return ERROR_NETNAME_DELETED;
    ret->flags = WNCON_DYNAMIC;
    ret->speed = speed_of(rate);
    ret->delay_ms = (rtt_us + 999) / 1000;
    ret->opt_data_size = session->reading.size;
    return NO_ERROR;
}
