/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_abort.c: faults of aborts, deadlines and calls that are given up.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include <mpr/winnetwk.h>

#include "tests/conformance/saboteur/saboteur.h"

#define NS_PER_S     1000000000ll
#define LATE_S       12 /* later than any patience of the kit's own tests */
#define SESSIONS_MAX 64

/* ---- abort */

static void abort_nothing(void *session) {
    (void)session;
}

static void ignore(struct mpr_provider *table) {
    table->abort = abort_nothing;
}

static void abort_slowly(void *session) {
    struct timespec time = {.tv_sec = 3};

    nanosleep(&time, NULL);
    honest->abort(session);
}

static void be_slow(struct mpr_provider *table) {
    table->abort = abort_slowly;
}

static int64_t pread_eio(void *session, const struct mpr_call *call, void *file, void *data,
                         size_t size, uint64_t offset) {
    int64_t rc = honest->pread(session, call, file, data, size, offset);

    return rc == -ENOTCONN ? -EIO : rc;
}

static void give_eio(struct mpr_provider *table) {
    table->pread = pread_eio;
}

static int statvfs_anyway(void *session, const struct mpr_call *call, const char *path,
                          struct mpr_statvfs *ret) {
    int rc = honest->statvfs(session, call, path, ret);

    return rc == -ENOTCONN ? 0 : rc;
}

static void answer_anyway(struct mpr_provider *table) {
    table->statvfs = statvfs_anyway;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *sessions[SESSIONS_MAX];

static void replace(void *from, void *to) {
    pthread_mutex_lock(&lock);
    for (int i = 0; i < SESSIONS_MAX; i++)
        if (sessions[i] == from) {
            sessions[i] = to;
            break;
        }
    pthread_mutex_unlock(&lock);
}

static enum mpr_answer connect_noted(void *state, const struct mpr_call *call,
                                     const struct mpr_connect *args, void **ret_session,
                                     uint32_t *ret_code) {
    enum mpr_answer answer = honest->connect(state, call, args, ret_session, ret_code);

    if (answer == MPR_DONE)
        replace(NULL, *ret_session);
    return answer;
}

static uint32_t disconnect_noted(void *session, const struct mpr_call *call, int force) {
    uint32_t code;

    replace(session, NULL);
    code = honest->disconnect(session, call, force);
    if (code != NO_ERROR && !force)
        replace(NULL, session);
    return code;
}

static void abort_all(void *session) {
    (void)session;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < SESSIONS_MAX; i++)
        if (sessions[i])
            honest->abort(sessions[i]);
    pthread_mutex_unlock(&lock);
}

static void end_all(struct mpr_provider *table) {
    table->connect = connect_noted;
    table->disconnect = disconnect_noted;
    table->abort = abort_all;
}

static uint32_t disconnect_aborted(void *session, const struct mpr_call *call, int force) {
    struct mpr_stat found;

    if (!force && honest->stat(session, call, "", &found) == -ENOTCONN)
        return ERROR_NOT_CONNECTED;
    return honest->disconnect(session, call, force);
}

static void keep_aborted(struct mpr_provider *table) {
    table->disconnect = disconnect_aborted;
}

/* ---- deadlines, and calls that are given up */

static struct mpr_call later(const struct mpr_call *call) {
    struct mpr_call ret = *call;

    ret.deadline_ns += LATE_S * NS_PER_S;
    return ret;
}

static struct mpr_call deaf(const struct mpr_call *call) {
    struct mpr_call ret = *call;

    ret.cancel_fd = -1;
    return ret;
}

#define CHANGED_CALL(how)                                                                          \
    static int readdir_##how(void *session, const struct mpr_call *call, const char *path,         \
                             mpr_dirent_fn fn, void *context) {                                    \
        struct mpr_call changed = how(call);                                                       \
                                                                                                   \
        return honest->readdir(session, &changed, path, fn, context);                              \
    }                                                                                              \
    static enum mpr_answer list_##how(void *state, const struct mpr_call *call,                    \
                                      const char *container, uint32_t type, uint32_t usage,        \
                                      mpr_resource_fn fn, void *context, uint32_t *ret_code) {     \
        struct mpr_call changed = how(call);                                                       \
                                                                                                   \
        return honest->list(state, &changed, container, type, usage, fn, context, ret_code);       \
    }                                                                                              \
    static void files_##how(struct mpr_provider *table) {                                          \
        table->readdir = readdir_##how;                                                            \
    }                                                                                              \
    static void lists_##how(struct mpr_provider *table) {                                          \
        table->list = list_##how;                                                                  \
    }

CHANGED_CALL(later)
CHANGED_CALL(deaf)

static int stat_eio(void *session, const struct mpr_call *call, const char *path,
                    struct mpr_stat *ret) {
    int rc = honest->stat(session, call, path, ret);

    return rc == -ETIMEDOUT || rc == -ECANCELED ? -EIO : rc;
}

static void give_any_errno(struct mpr_provider *table) {
    table->stat = stat_eio;
}

/* clang-format off */
const struct sabotage sabotage_abort[] = {
    {"abort-nothing", "libsmbclient: nothing ends a call that waits", ignore},
    {"abort-waits", "ms-nfs: abort waits for a lock that the server's call holds", be_slow},
    {"abort-eio", "who is aborted gets EIO", give_eio},
    {"abort-answers", "an operation succeeds after abort", answer_anyway},
    {"abort-all", "abort ends the operations of every session", end_all},
    {"abort-keeps", "a session that was aborted cannot be disconnected", keep_aborted},
    {"late-files", "libnfs: an operation waits for ever", files_later},
    {"late-lists", "winfsp #87: a list waits for a server that is silent", lists_later},
    {"deaf-files", "libsmbclient: an operation cannot be interrupted", files_deaf},
    {"deaf-lists", "a list cannot be interrupted", lists_deaf},
    {"late-errno", "time is over, and the words are of an input/output error", give_any_errno},
    {NULL, NULL, NULL},
};
