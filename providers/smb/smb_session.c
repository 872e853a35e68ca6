/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_session.c: what all operations of a session have in common: may it still
 * run, what went wrong, and how a path is written for the library.
 */
#include "config.h"

#include "providers/smb/smb_session.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <mpr/winerror.h>

#include "providers/common/np_time.h"
#include "providers/smb/smb_url.h"

static bool is_cancelled(const struct mpr_call *call) {
    struct pollfd cancel = {.fd = call->cancel_fd, .events = POLLIN};

    return call->cancel_fd >= 0 && poll(&cancel, 1, 0) > 0;
}

static bool is_disconnected(const struct smb_session *session) {
    struct pollfd peer = {.fd = session->socket, .events = POLLRDHUP};

    return session->state->dropped
           || (session->socket >= 0 && poll(&peer, 1, 0) > 0
               && (peer.revents & (POLLRDHUP | POLLHUP | POLLERR)));
}

static void tell_lost(struct smb_session *session) {
    const struct mpr_host *host = session->state->host;

    if (session->lost)
        return;
    session->lost = true;
    if (host->connection_lost)
        host->connection_lost(session->host_connection, ERROR_NETNAME_DELETED);
}

int smb_session_begin(struct smb_session *session, const struct mpr_call *call) {
    /* A host stops what is late by the same descriptor: late is what it was. */
    if (np_now_ns() >= call->deadline_ns)
        return -ETIMEDOUT;
    if (is_cancelled(call))
        return -ECANCELED;
    if (is_disconnected(session))
        tell_lost(session);
    return session->lost ? -ENOTCONN : 0;
}

static bool is_connection_error(int error) {
    return error == ECONNABORTED || error == ENETRESET || error == ECONNRESET || error == EPIPE
           || error == ENOTCONN;
}

/*
 * A server may end a session and keep its TCP connection: the Kerberos ticket has expired,
 * or somebody has closed it. The library has no errno for that but EINVAL, which the
 * connection's root gives for no other reason.
 */
static bool is_ended_by_server(const struct smb_session *session) {
    SMBCCTX *context = session->state->context;
    struct stat root;

    return !session->printer && smbc_getFunctionStat(context)(context, session->base, &root) < 0
           && errno == EINVAL;
}

int smb_session_error(struct smb_session *session, const struct mpr_call *call, int error) {
    bool late = error == ETIMEDOUT;
    bool gone = is_connection_error(error) || is_disconnected(session)
                || (error == EINVAL && is_ended_by_server(session));

    if (!late && !gone)
        return error > 0 ? -error : -EIO;
    /* An answer that comes after all makes the library break with the server. */
    if (late)
        smb_session_shutdown(session);
    tell_lost(session);
    /* Who gave up first shut the connection down: say why. */
    if (late || np_now_ns() >= call->deadline_ns)
        return -ETIMEDOUT;
    return is_cancelled(call) ? -ECANCELED : -ENOTCONN;
}

int smb_session_url(struct smb_session *session, const char *path, int which,
                    const char **ret_url) {
    char *url = session->urls[which];
    int rc = smb_url_check_path(path);

    if (rc)
        return rc;
    memcpy(url, session->base, session->base_length + 1);
    if (smb_url_append(url, SMB_URL_MAX, path))
        return -ENAMETOOLONG;
    *ret_url = url;
    return 0;
}

int smb_session_close_file(struct smb_session *session, struct smb_file *file) {
    SMBCCTX *context = session->state->context;
    struct smb_file **at = &session->files;
    int rc;

    while (*at && *at != file)
        at = &(*at)->next;
    if (!*at)
        return EBADF;
    *at = file->next;
    rc = smbc_getFunctionClose(context)(context, file->handle) < 0 ? errno : 0;
    free(file);
    return rc;
}

void smb_session_shutdown(struct smb_session *session) {
    if (session->socket >= 0)
        shutdown(session->socket, SHUT_RDWR);
}
