/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_browse.c: what there is: the shares of a server, and whether a name is one.
 *
 * Who asks is whoever is connected to the server. Without a connection there is
 * no password: then a Kerberos ticket is used if there is one; else, and where the server does not take it, it is asked without a
 * name, as nobody. Many servers tell nobody their shares, and some shares are in
 * no list; so a name that is not listed is also tried by itself, and a server
 * that answers in SMB counts as there whatever it tells.
 */
#include "config.h"

#include "providers/smb/smb_browse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "providers/common/np_time.h"
#include "providers/smb/smb_entry.h"
#include "providers/smb/smb_ops.h"
#include "providers/smb/smb_reach.h"
#include "providers/smb/smb_unc.h"
#include "providers/smb/smb_url.h"

/** The URL of a share, where every byte may need three. */
#define SHARE_URL_MAX (3 * (NP_HOST_MAX + SMB_NAME_MAX) + 32)

/* One question about a name. */
struct question {
    struct smb_attempt attempt;
    struct mpr_connect args;
    char url[SHARE_URL_MAX];
    SMBCFILE *directory; /* of a server: its shares */
};

static void begin(struct question *question, struct smb_state *state, const struct mpr_call *call,
                  const char *remote, const char *task) {
    *question = (struct question){
        .attempt = {.state = state,
                    .call = call,
                    .args = &question->args,
                    .task = task,
                    .begun_ns = np_now_ns(),
                    .url = question->url,
                    .socket = -1,
                    .anyone = true},
        .args = {.size = sizeof question->args, .remote = remote, .user = call->user},
    };
}

static enum mpr_answer take_name(struct question *question) {
    struct smb_attempt *attempt = &question->attempt;

    if (attempt->state->session)
        return smb_attempt_fail(attempt, MPR_MINE_FAILED, ERROR_BUSY, 0xc0000001u,
                                "this process has a session already");
    if (smb_name_parse(question->args.remote, &attempt->name))
        return MPR_DONE;
    attempt->code = ERROR_BAD_NET_NAME; /* what its owner says of it counts */
    return MPR_NOT_MINE;
}

static void end(struct question *question) {
    explicit_bzero(&question->attempt.logon, sizeof question->attempt.logon);
}

/* Only a ticket was refused: whoever gave a password is not logged on with it a second time. */
static bool may_ask_again(const struct smb_attempt *attempt) {
    enum smb_phase phase = attempt->state->watch.phase;

    if (!attempt->anyone || attempt->nobody || attempt->logon.has_password
        || attempt->state->options.kerberos == SMB_REQUIRED || attempt->code == ERROR_CANCELLED)
        return false;
    return phase == SMB_PHASE_NEGOTIATED || attempt->code == ERROR_ACCESS_DENIED;
}

/* Reaches what url names: with a ticket, or as nobody; then, if that is refused, as nobody. */
static enum mpr_answer reach(struct smb_attempt *attempt) {
    enum mpr_answer answer = smb_reach(attempt);

    if (answer != MPR_MINE_FAILED || !may_ask_again(attempt))
        return answer;
    attempt->nobody = true;
    attempt->no_ticket = NULL;
    return smb_reach(attempt);
}

/* ---- the shares of a server */

static int open_list(struct smb_attempt *attempt) {
    SMBCCTX *context = attempt->state->context;
    struct question *question = attempt->found;

    /* The whole list comes with this call. */
    question->directory = smbc_getFunctionOpendir(context)(context, attempt->url);
    return question->directory ? 0 : -1;
}

/* The answer of a failure; or MPR_DONE, and close_list must follow. */
static enum mpr_answer fetch_list(struct question *question) {
    struct smb_attempt *attempt = &question->attempt;
    struct smb_name server = attempt->name;
    enum mpr_answer answer;

    server.share[0] = server.dir[0] = '\0';
    smb_url_of_name(&server, question->url, sizeof question->url);
    attempt->open = open_list;
    attempt->found = question;
    answer = reach(attempt);
    if (answer != MPR_DONE && question->directory)
        question->directory = NULL; /* it went with the connection */
    return answer;
}

static void close_list(struct question *question) {
    struct smb_state *state = question->attempt.state;

    smbc_getFunctionClosedir(state->context)(state->context, question->directory);
    smb_hang_up(state, question->attempt.socket);
}

/* The next share, that is a disk, a printer or the one for pipes. */
static const struct smbc_dirent *next_share(struct question *question, uint32_t *ret_type) {
    SMBCCTX *context = question->attempt.state->context;
    const struct smbc_dirent *found;

    while ((found = smbc_getFunctionReaddir(context)(context, question->directory))) {
        if (found->smbc_type == SMBC_FILE_SHARE)
            *ret_type = RESOURCETYPE_DISK;
        else if (found->smbc_type == SMBC_PRINTER_SHARE)
            *ret_type = RESOURCETYPE_PRINT;
        else if (found->smbc_type == SMBC_IPC_SHARE)
            *ret_type = RESOURCETYPE_ANY;
        else
            continue;
        if (smb_name_is_component(found->name, strlen(found->name)))
            return found;
    }
    return NULL;
}

/* Spells the name with that share; false for one that no name can have. */
static bool spell_share(struct smb_name *name, const char *share, char *buffer, size_t size) {
    if (strlen(share) >= sizeof name->share)
        return false;
    memcpy(name->share, share, strlen(share) + 1);
    return smb_unc_format(name, buffer, size) > 0;
}

static void give_shares(struct question *question, uint32_t type, uint32_t usage,
                        mpr_resource_fn fn, void *context) {
    struct smb_name name = question->attempt.name;
    const struct smbc_dirent *share;
    char remote[SMB_UNC_MAX];
    uint32_t kind;

    while ((share = next_share(question, &kind))) {
        struct mpr_resource entry;

        if (!spell_share(&name, share->name, remote, sizeof remote))
            continue;
        entry = smb_entry_of_share(remote, share->name, kind);
        entry.comment = share->comment;
        if (smb_entry_is_wanted(&entry, type, usage) && fn(context, &entry))
            break;
    }
}

/* SMB has no list of servers any more: those that the options name are given. */
static void give_servers(const struct smb_state *state, uint32_t type, uint32_t usage,
                         mpr_resource_fn fn, void *context) {
    const char *servers = state->options.servers;
    char remote[SMB_UNC_MAX];
    struct smb_name name;

    while (smb_options_next_server(&servers, &name)) {
        struct mpr_resource entry = smb_entry_of_server(remote);

        if (smb_unc_format(&name, remote, sizeof remote) > 0
            && smb_entry_is_wanted(&entry, type, usage) && fn(context, &entry))
            break;
    }
}

enum mpr_answer smb_list(void *opaque, const struct mpr_call *call, const char *container,
                         uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                         uint32_t *ret_code) {
    struct question question;
    enum mpr_answer answer;

    if (!container || !container[0]) {
        give_servers(opaque, type, usage, fn, context);
        return MPR_DONE;
    }
    begin(&question, opaque, call, container, "list");
    answer = take_name(&question);
    if (answer == MPR_DONE && question.attempt.name.share[0])
        answer = smb_attempt_fail(&question.attempt, MPR_NOT_MINE, ERROR_NOT_CONTAINER,
                                  SMB_STATUS_NOT_A_DIRECTORY,
                                  "it is a share, and no server that has some");
    if (answer == MPR_DONE)
        answer = fetch_list(&question);
    if (answer == MPR_DONE) {
        give_shares(&question, type, usage, fn, context);
        close_list(&question);
    } else {
        *ret_code = question.attempt.code;
    }
    end(&question);
    return answer;
}

/* ---- one name */

/* What is known of the share that a name begins with. */
struct finding {
    bool listed;
    uint32_t type;
    char name[SMB_NAME_MAX];
    char comment[256];
};

static bool is_same(const struct smb_fold *fold, const char *a, const char *b) {
    char one[MPR_KEY_MAX], two[MPR_KEY_MAX];

    return smb_fold_copy(fold, a, one, sizeof one) >= 0
           && smb_fold_copy(fold, b, two, sizeof two) >= 0 && strcmp(one, two) == 0;
}

static void find_share(struct question *question, struct finding *finding) {
    const struct smb_fold *fold = &question->attempt.state->fold;
    const struct smbc_dirent *share;
    uint32_t type;

    while (!finding->listed && (share = next_share(question, &type))) {
        if (strlen(share->name) >= sizeof finding->name
            || !is_same(fold, share->name, question->attempt.name.share))
            continue;
        finding->listed = true;
        finding->type = type;
        snprintf(finding->name, sizeof finding->name, "%s", share->name);
        snprintf(finding->comment, sizeof finding->comment, "%s",
                 share->comment ? share->comment : "");
    }
}

uint32_t smb_browse_type(const struct smb_attempt *attempt) {
    struct finding finding = {.listed = false, .type = RESOURCETYPE_ANY};
    struct question question;

    begin(&question, attempt->state, attempt->call, attempt->args->remote, "find");
    question.args.user = attempt->args->user;
    question.attempt.anyone = false;
    if (take_name(&question) == MPR_DONE && fetch_list(&question) == MPR_DONE) {
        find_share(&question, &finding);
        close_list(&question);
    }
    end(&question);
    return finding.type;
}

static int open_share(struct smb_attempt *attempt) {
    SMBCCTX *context = attempt->state->context;
    struct stat ignored;

    return smbc_getFunctionStat(context)(context, attempt->url, &ignored);
}

/* By itself: is there such a share, though it is in no list? */
static enum mpr_answer try_share(struct question *question) {
    struct smb_attempt *attempt = &question->attempt;
    struct smb_name share = attempt->name;
    enum mpr_answer answer;

    share.dir[0] = '\0';
    smb_url_of_name(&share, question->url, sizeof question->url);
    attempt->open = open_share;
    answer = reach(attempt);
    if (answer == MPR_DONE)
        smb_hang_up(attempt->state, attempt->socket);
    /* Who is refused, or finds no directory, has found the share. */
    if (answer == MPR_MINE_FAILED
        && (attempt->state->watch.phase == SMB_PHASE_TREE || attempt->code != ERROR_BAD_NET_NAME))
        answer = attempt->code == ERROR_CANCELLED ? answer : MPR_DONE;
    return answer;
}

static enum mpr_answer examine(struct question *question, struct finding *finding) {
    enum mpr_answer answer = fetch_list(question);

    if (answer == MPR_DONE) {
        find_share(question, finding);
        close_list(question);
    } else if (answer != MPR_MINE_FAILED || question->attempt.code == ERROR_CANCELLED) {
        return answer;
    }
    if (!question->attempt.name.share[0] || finding->listed)
        return MPR_DONE;
    return try_share(question);
}

static enum mpr_answer check_type(struct question *question, const struct finding *finding,
                                  uint32_t type) {
    uint32_t types = type & (RESOURCETYPE_DISK | RESOURCETYPE_PRINT);

    if (!types || !finding->listed || (finding->type & types))
        return MPR_DONE;
    return smb_attempt_fail(
        &question->attempt, MPR_MINE_FAILED, ERROR_BAD_DEV_TYPE, SMB_STATUS_BAD_DEVICE_TYPE,
        "the share %s",
        finding->type == RESOURCETYPE_PRINT  ? "is a print queue and holds no files"
        : finding->type == RESOURCETYPE_DISK ? "holds files and is not a print queue"
                                             : "is for neither files nor printing");
}

static void give_finding(const struct question *question, const struct finding *finding,
                         uint32_t type, mpr_resource_fn fn, void *context) {
    struct smb_name name = question->attempt.name;
    char remote[SMB_UNC_MAX] = ""; /* filled below: the entry has its address */
    struct mpr_resource entry = smb_entry_of_server(remote);
    uint32_t known = finding->listed ? finding->type : type;

    name.dir[0] = '\0';
    if (finding->listed)
        spell_share(&name, finding->name, remote, sizeof remote);
    else
        smb_unc_format(&name, remote, sizeof remote);
    if (name.share[0])
        entry = smb_entry_of_share(
            remote, name.share,
            known == RESOURCETYPE_DISK || known == RESOURCETYPE_PRINT ? known : RESOURCETYPE_ANY);
    entry.comment = finding->comment;
    fn(context, &entry);
}

enum mpr_answer smb_information(void *opaque, const struct mpr_call *call, const char *remote,
                                uint32_t type, mpr_resource_fn fn, void *context, size_t *ret_rest,
                                uint32_t *ret_code) {
    struct finding finding = {.listed = false};
    struct question question;
    enum mpr_answer answer;

    begin(&question, opaque, call, remote, "find");
    answer = take_name(&question);
    if (answer == MPR_DONE)
        answer = examine(&question, &finding);
    if (answer == MPR_DONE)
        answer = check_type(&question, &finding, type);
    if (answer == MPR_DONE) {
        *ret_rest = smb_unc_rest(remote);
        give_finding(&question, &finding, type, fn, context);
    } else {
        *ret_code = question.attempt.code;
    }
    end(&question);
    return answer;
}
