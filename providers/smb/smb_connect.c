/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_connect.c: begins and ends the session.
 *
 * A session is ended by shutting its TCP connection down: a request that was
 * answered is done, a server drops the rest of a session with its connection,
 * and a silent server cannot hold us up.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "providers/common/np_time.h"
#include "providers/smb/smb_browse.h"
#include "providers/smb/smb_ops.h"
#include "providers/smb/smb_reach.h"
#include "providers/smb/smb_url.h"

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

/* IPC$ and print queues have no directory that could be looked at. */
static bool has_no_files(const struct smb_attempt *attempt) {
    return attempt->printer || strcasecmp(attempt->name.share, "IPC$") == 0;
}

/* What the share's root was found to be. */
struct root {
    bool seen;
    mode_t mode;
};

static int look_at_root(struct smb_attempt *attempt) {
    SMBCCTX *context = attempt->state->context;
    struct root *root = attempt->found;
    struct stat found;

    root->seen = smbc_getFunctionStat(context)(context, attempt->url, &found) == 0;
    root->mode = root->seen ? found.st_mode : 0;
    if (root->seen || (attempt->state->watch.phase == SMB_PHASE_TREE && has_no_files(attempt)))
        return 0;
    return -1;
}

/* Is it of the kind that was asked for? */
static enum mpr_answer check_root(struct smb_attempt *attempt, const struct root *root) {
    if (root->seen && attempt->printer)
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_BAD_DEV_TYPE,
                                SMB_STATUS_BAD_DEVICE_TYPE,
                                "the share holds files and is not a print queue");
    if (root->seen && !S_ISDIR(root->mode))
        return smb_attempt_fail_status(attempt, SMB_STATUS_NOT_A_DIRECTORY, SMB_PHASE_TREE);
    return MPR_DONE;
}

/*
 * The server let us in, and then there was no directory. Is that a print queue? Its
 * list of shares tells. What was said of the failure is said again if it is none.
 */
static enum mpr_answer try_queue(struct smb_attempt *attempt, const struct root *root) {
    uint32_t status = attempt->status;

    if (attempt->printer || attempt->name.dir[0] || root->seen
        || attempt->state->watch.phase != SMB_PHASE_TREE)
        return MPR_MINE_FAILED;
    if (smb_browse_type(attempt) != RESOURCETYPE_PRINT)
        return smb_attempt_fail_status(attempt, status, SMB_PHASE_TREE);
    if (attempt->args->type == RESOURCETYPE_DISK || attempt->args->device)
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_BAD_DEV_TYPE,
                                SMB_STATUS_BAD_DEVICE_TYPE,
                                "the share is a print queue and holds no files");
    attempt->printer = true;
    return smb_reach(attempt);
}

static enum mpr_answer establish(struct smb_attempt *attempt, struct smb_session *session) {
    struct root root = {.seen = false};
    enum mpr_answer answer = take_name(attempt);

    if (answer != MPR_DONE)
        return answer;
    session->base_length = (size_t)smb_url_of_name(&attempt->name, session->base, SMB_URL_MAX);
    attempt->url = session->base;
    attempt->open = look_at_root;
    attempt->found = &root;
    answer = smb_reach(attempt);
    if (answer == MPR_MINE_FAILED)
        answer = try_queue(attempt, &root);
    if (answer != MPR_DONE)
        return answer;
    session->socket = attempt->socket;
    answer = check_root(attempt, &root);
    if (answer != MPR_DONE)
        smb_hang_up(attempt->state, session->socket);
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
        .state = state, .call = call, .args = args, .task = "connect to", .begun_ns = np_now_ns()};
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
    smb_hang_up(state, session->socket);
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
