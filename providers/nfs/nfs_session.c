/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_session.c: from connect to disconnect.
 */
#include "config.h"

#include "providers/nfs/nfs_session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "providers/common/np_time.h"
#include "providers/nfs/nfs_attr.h"
#include "providers/nfs/nfs_file.h"
#include "providers/nfs/nfs_mount.h"
#include "providers/nfs/nfs_user.h"
#include "providers/nfs/nfs_walk.h"

#define LEAST_SIZE   4096u    /* of a request, whatever a server says */
#define LIBRARY_SIZE 1048576u /* more in one reply and libnfs gives the connection up */
#define FIRST_BUDGET 2097152u /* bytes in flight before anything was learnt */
#define UNMOUNT_NS   (500 * NP_MS)
#define ROUND_TRIPS  4 /* measured for performance */

static void report_loss(void *context) {
    struct nfs_session *session = context;

    if (session->host_connection)
        session->state->host->connection_lost(session->host_connection, ERROR_NETNAME_DELETED);
}

static void free_session(struct nfs_session *session) {
    nfs_file_free_all(session);
    nfs_line_free(session->line);
    nfs_pool_clear(&session->pool);
    nfs_known_clear(&session->known);
    pthread_mutex_destroy(&session->lock);
    free(session);
}

struct nfs_session *nfs_session_enter(void *session) {
    struct nfs_session *entered = session;

    atomic_fetch_add(&entered->references, 1);
    return entered;
}

int nfs_session_leave(struct nfs_session *session, int rc) {
    if (atomic_fetch_sub(&session->references, 1) == 1)
        free_session(session);
    return rc;
}

void nfs_session_changed(struct nfs_session *session) {
    atomic_fetch_add(&session->changes, 1);
}

static uint32_t clamp(uint32_t value, uint32_t least, uint32_t most) {
    if (value < least)
        return least;
    return value > most ? most : value;
}

static void take_limits(void *context, const void *reply) {
    const FSINFO3resok *ok = &((const FSINFO3res *)reply)->FSINFO3res_u.resok;
    struct nfs_session *session = context;
    const struct nfs_options *options = &session->state->options;

    session->read_size = clamp(ok->rtmax < options->read_size ? ok->rtmax : options->read_size,
                               LEAST_SIZE, LIBRARY_SIZE);
    session->write_size = clamp(ok->wtmax < options->write_size ? ok->wtmax : options->write_size,
                                LEAST_SIZE, LIBRARY_SIZE);
    /* rtmax is the best guess at the longest reply: dtpref is 8 KiB or so everywhere. */
    session->list_size = clamp(ok->rtmax, 8192, LIBRARY_SIZE);
}

static void take_root(void *context, const void *reply) {
    nfs_stat_set(context, &((const GETATTR3res *)reply)->GETATTR3res_u.resok.obj_attributes);
}

static bool fail_status(struct nfs_attempt *attempt, const char *procedure, const char *what,
                        int result, const char *detail) {
    char buffer[32];

    if (result < 0)
        return nfs_attempt_no_answer(attempt, "the NFS service", attempt->name->nfs_port, result,
                                     detail);
    return nfs_fail(attempt->failure, MPR_MINE_FAILED, nfs_stat_code((uint32_t)result),
                    (uint32_t)result, "%s: the NFS service answered %s (%d) to %s of %s.",
                    attempt->task, nfs_stat_name((uint32_t)result, buffer, sizeof buffer), result,
                    procedure, what);
}

static bool fail_directory(struct nfs_attempt *attempt, const char *path) {
    return nfs_fail(attempt->failure, MPR_MINE_FAILED, ERROR_BAD_NET_NAME, NFS3ERR_NOTDIR,
                    "%s: %s is not a directory.", attempt->task, path);
}

/* A mount service may hand out what this user cannot even look into. */
static bool judge_access(struct nfs_attempt *attempt, const char *path, uint32_t granted) {
    if (granted & (ACCESS3_READ | ACCESS3_LOOKUP | ACCESS3_MODIFY | ACCESS3_EXTEND))
        return true;
    return nfs_fail(attempt->failure, MPR_MINE_FAILED, ERROR_ACCESS_DENIED, NFS3ERR_ACCES,
                    "%s: the NFS service grants this user neither reading nor writing of %s.",
                    attempt->task, path);
}

/* Proves that the handle is good, for this user, and asks what the server can. */
static bool prove_root(struct nfs_session *session, struct nfs_attempt *attempt,
                       const struct nfs_mounted *mounted) {
    GETATTR3args getattr = {.object = nfs_handle_fh3(&session->root)};
    FSINFO3args fsinfo = {.fsroot = nfs_handle_fh3(&session->root)};
    ACCESS3args access = {.object = nfs_handle_fh3(&session->root), .access = NFS_ACCESS_ALL};
    uint32_t granted = NFS_ACCESS_ALL;
    struct mpr_stat stat = {0};
    struct nfs_call calls[] = {{&nfs_proc_fsinfo, &fsinfo, take_limits, session, 0},
                               {&nfs_proc_getattr, &getattr, take_root, &stat, 0},
                               {&nfs_proc_access, &access, nfs_attr_take_access, &granted, 0}};
    int rc = nfs_call_all(session->line, attempt->call, calls, sizeof calls / sizeof calls[0]);

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (rc || calls[i].result)
            return fail_status(attempt, calls[i].procedure->name, mounted->path,
                               rc ? rc : calls[i].result, session->line->text);
    if (!S_ISDIR(stat.mode))
        return fail_directory(attempt, mounted->path);
    return *mounted->rest || judge_access(attempt, mounted->path, granted);
}

/* From the export to the directory in it that was asked for. */
static bool enter_rest(struct nfs_session *session, struct nfs_attempt *attempt,
                       const struct nfs_mounted *mounted) {
    struct nfs_node node;
    uint32_t granted;
    int rc;

    if (!*mounted->rest)
        return true;
    rc = nfs_walk(session, attempt->call, mounted->rest, true, &node);
    if (rc)
        return fail_status(attempt, "LOOKUP", mounted->rest, rc, session->line->text);
    if (!S_ISDIR(node.stat.mode))
        return fail_directory(attempt, mounted->rest);
    session->root = node.handle;
    rc = nfs_attr_access(session, attempt->call, &node.handle, NFS_ACCESS_ALL, &granted);
    if (rc)
        return fail_status(attempt, "ACCESS", mounted->rest, rc, session->line->text);
    return judge_access(attempt, mounted->rest, granted);
}

static bool open_line(struct nfs_session *session, struct nfs_attempt *attempt,
                      const struct nfs_mounted *mounted) {
    struct nfs_line_setup setup = {
        .identity = session->identity,
        .reserved = true,
        .reconnect = true,
        .connect_ns = (int64_t)session->state->options.connect_timeout_ms * NP_MS,
        .io_ns = (int64_t)session->state->options.io_timeout_ms * NP_MS,
        .lost = report_loss,
        .context = session,
    };
    struct np_failure failure;

    if (nfs_line_open(mounted->address, mounted->nfs_port, &setup, attempt->call, &session->line,
                      &failure)
        == 0)
        return true;
    return nfs_attempt_no_line(attempt, "the NFS service", mounted->nfs_port, &failure);
}

static bool establish(struct nfs_session *session, struct nfs_attempt *attempt) {
    struct nfs_mounted mounted;

    if (!nfs_mount_name(attempt, &mounted))
        return false;
    session->name.nfs_port = mounted.nfs_port; /* for texts */
    session->mount_port = mounted.mount_port;
    memcpy(session->mounted, mounted.path, sizeof session->mounted);
    session->root = mounted.handle;
    return open_line(session, attempt, &mounted) && prove_root(session, attempt, &mounted)
           && enter_rest(session, attempt, &mounted);
}

static struct nfs_session *make_session(const struct nfs_state *state,
                                        const struct mpr_connect *args) {
    struct nfs_session *session = calloc(1, sizeof *session);

    if (!session)
        return NULL;
    session->state = state;
    session->host_connection = args->host_connection;
    atomic_init(&session->references, 1);
    atomic_init(&session->budget, FIRST_BUDGET);
    pthread_mutex_init(&session->lock, NULL);
    nfs_pool_init(&session->pool);
    nfs_known_init(&session->known);
    return session;
}

/* What can be said without asking anybody. */
static bool check_name(const struct nfs_name *name, const struct mpr_connect *args,
                       struct nfs_failure *failure) {
    if (name->version && name->version != 3)
        return nfs_fail(failure, MPR_MINE_FAILED, ERROR_NOT_SUPPORTED, EPROTONOSUPPORT,
                        "%s: NFS version %u was asked for. %s", args->remote,
                        (unsigned)name->version, NFS_WHY_VERSION_3);
    if (name->problem[0])
        return nfs_fail(failure, MPR_MINE_FAILED, ERROR_BAD_NET_NAME, EINVAL,
                        "%s: \"%s\" is not understood; a name may say version=3, uid=, gid=, "
                        "mountport= and nfsport=.",
                        args->remote, name->problem);
    if (!name->path[0])
        return nfs_fail(failure, MPR_NOT_MINE, ERROR_BAD_NET_NAME, EINVAL,
                        "%s names an NFS server; to connect, an export is needed.", args->remote);
    if (args->type == RESOURCETYPE_PRINT)
        return nfs_fail(failure, MPR_NOT_MINE, ERROR_BAD_DEV_TYPE, EINVAL,
                        "%s: an NFS export is no printer.", args->remote);
    return true;
}

static bool check_user(struct nfs_session *session, const struct mpr_call *call,
                       const struct mpr_connect *args, struct nfs_failure *failure) {
    uint32_t code = nfs_user_identity(&session->state->options, &session->name, call, args->user,
                                      &session->identity);

    const char *user = args->user ? args->user : "";

    switch (code) {
    case NO_ERROR:
        return true;
    case ERROR_CANCELLED:
        return nfs_fail(failure, MPR_MINE_FAILED, code, ECANCELED,
                        "Connecting to %s was given up while its user was looked for.",
                        args->remote);
    case ERROR_SEM_TIMEOUT:
        return nfs_fail(failure, MPR_NOT_MINE, ERROR_BAD_NETPATH, ETIMEDOUT,
                        "Connecting to %s: the users of this machine were not known in time.",
                        args->remote);
    case ERROR_BAD_USERNAME:
        /* Nothing has said yet that the name is NFS's at all. */
        return nfs_fail(failure, MPR_NOT_MINE, code, ENOENT,
                        "Connecting to %s: \"%s\" is neither uid, nor uid:gid, nor a user of this "
                        "machine.",
                        args->remote, user);
    default:
        return nfs_fail(failure, MPR_MINE_FAILED, code, ENOMEM, "Connecting to %s: memory ran out.",
                        args->remote);
    }
}

struct nfs_session *nfs_session_connect(const struct nfs_state *state, const struct mpr_call *call,
                                        const struct mpr_connect *args,
                                        struct nfs_failure *ret_failure) {
    struct nfs_session *session = make_session(state, args);
    struct mpr_call bounded = *call;
    struct nfs_attempt attempt = {.call = &bounded, .failure = ret_failure};
    int64_t now = np_now_ns();
    char task[400];

    if (!session) {
        nfs_fail(ret_failure, MPR_MINE_FAILED, ERROR_NOT_ENOUGH_MEMORY, ENOMEM, "out of memory");
        return NULL;
    }
    if (bounded.deadline_ns > now + (int64_t)state->options.connect_timeout_ms * NP_MS)
        bounded.deadline_ns = now + (int64_t)state->options.connect_timeout_ms * NP_MS;
    attempt.began_ns = now;
    attempt.name = &session->name;
    attempt.identity = &session->identity;
    attempt.task = task;
    if (!nfs_name_parse(args->remote, &session->name)) {
        nfs_fail(ret_failure, MPR_NOT_MINE, ERROR_BAD_NET_NAME, EINVAL, "%s is no NFS name.",
                 args->remote);
    } else if (check_name(&session->name, args, ret_failure)
               && check_user(session, &bounded, args, ret_failure)) {
        snprintf(task, sizeof task, "Connecting to %.300s as uid %u, gid %u", args->remote,
                 (unsigned)session->identity.uid, (unsigned)session->identity.gid);
        if (establish(session, &attempt))
            return session;
    }
    free_session(session);
    return NULL;
}

void nfs_session_unmount(struct nfs_session *session, const struct mpr_call *call) {
    struct mpr_call bounded = *call;
    int64_t end = np_now_ns() + UNMOUNT_NS;

    if (bounded.deadline_ns > end)
        bounded.deadline_ns = end;
    nfs_mount_undo(session->line->host, session->mount_port, &session->identity, session->mounted,
                   &bounded);
}

uint32_t nfs_session_user(const struct nfs_session *session, char *buffer, size_t size) {
    int used = snprintf(buffer, size, "%u:%u", (unsigned)session->identity.uid,
                        (unsigned)session->identity.gid);

    return used > 0 && (size_t)used < size ? NO_ERROR : ERROR_MORE_DATA;
}

/* Hundreds of bits a second; 1 says "faster than can be said". */
static uint32_t speed_of(uint64_t bytes_per_second) {
    uint64_t speed = bytes_per_second * 8 / 100;

    if (speed > UINT32_MAX)
        return 1;
    return speed == 1 ? 2 : (uint32_t)speed;
}

static uint32_t fail_measuring(const struct nfs_session *session, const struct mpr_call *call,
                               int rc) {
    char text[128];

    snprintf(text, sizeof text, "The NFS service of %s did not answer to be measured: %s.",
             session->line->host, strerror(-rc));
    session->state->host->set_error(call, (uint32_t)-rc, text);
    if (rc == -ECANCELED)
        return ERROR_CANCELLED;
    return rc == -ETIMEDOUT ? ERROR_SEM_TIMEOUT : ERROR_NETNAME_DELETED;
}

uint32_t nfs_session_performance(struct nfs_session *session, const struct mpr_call *call,
                                 struct mpr_performance *ret) {
    size_t best = atomic_load(&session->budget);
    int64_t shortest_ns = INT64_MAX;

    for (int i = 0; i < ROUND_TRIPS; i++) {
        struct mpr_stat stat;
        int64_t began = np_now_ns(), took;
        int rc = nfs_getattr(session, call, &session->root, &stat);

        /* An answer that says no has come as far as any other. */
        if (rc < 0)
            return fail_measuring(session, call, rc);
        took = np_now_ns() - began;
        if (took < shortest_ns)
            shortest_ns = took;
    }
    ret->flags = WNCON_DYNAMIC | (nfs_line_is_direct(session->line) ? WNCON_NOTROUTED : 0);
    ret->speed = speed_of(atomic_load(&session->speed));
    ret->delay_ms = (uint32_t)((shortest_ns + NP_MS - 1) / NP_MS);
    ret->opt_data_size = (uint32_t)(best > session->read_size ? best : session->read_size);
    return NO_ERROR;
}
