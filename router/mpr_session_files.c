/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session_files.c: channels to the drives of the service.
 */
#include "config.h"

#include "router/mpr_session_files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_option.h"
#include "router/mpr_router.h"
#include "router/mpr_secret.h"
#include "router/mpr_session.h"
#include "router/mpr_shortage.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"
#include "router/mpr_utf.h"
#include "router/mpr_worker.h"
#include "router/mpr_worker_session.h"

#define PROVIDERS_MAX 32   /* of the service, with connections that this process used */
#define KEY_MAX       24   /* bytes of a number as text with its NUL */
#define KNOWN_MS      1000 /* how long it is believed what a device leads to */

/* A provider of the service, as this process needs to know it. Never changed. */
struct channel_provider {
    struct mpr_worker_source source; /* first */
    struct mpr_provider front;
    struct mpr_session_files *files;
    struct mpr_np *np;
    uint64_t slots;
    char *name;
};

/* What a device led to when the service was asked last. */
struct known_device {
    const struct mpr_np *np; /* and key: of the connection */
    char key[KEY_MAX];
    int64_t until_ns; /* 0: nothing is known */
};

struct mpr_session_files {
    void *session;
    struct mpr_lock lock;
    /* Of it only these two are there: what mpr_router_clear needs. */
    struct mpr_router router;
    struct mpr_config config;
    struct mpr_providers providers; /* items: room for PROVIDERS_MAX; count under lock */
    /* under lock: */
    struct channel_provider *channels[PROVIDERS_MAX];
    struct known_device known[MPR_DEVICE_COUNT];
};

/* ---- the source of a channel's other end */

static void drop(struct mpr_conn *conn) {
    void *session;

    if (mpr_conntab_hold(conn, true, 0) != MPR_HOLD_HELD)
        return;
    session = mpr_conntab_detach(conn);
    if (session)
        mpr_router_end_session(conn, session);
}

/* The service has no such connection any more. */
static void drop_by_key(const struct channel_provider *channel, const char *key) {
    struct mpr_conn *conn = mpr_conntab_find_remote(channel->np, key);

    if (!conn)
        return;
    drop(conn);
    mpr_conntab_unref(conn);
}

/* What the service says of a connection; its words are this thread's. */
static DWORD ask_service(const struct channel_provider *channel, const char *key, const int *fds,
                         size_t shared_size) {
    struct mpr_channel_args args = {
        .number = strtoull(key, NULL, 10), .shared_size = shared_size, .fds = {-1, -1, -1}};
    struct mpr_channel_ret ret;
    DWORD rc;

    for (size_t i = 0; fds && i < MPR_OPS_FDS; i++)
        args.fds[i] = fds[i];
    rc = mpr_session_driver.channel(channel->files->session, &args, &ret);
    if (rc == ERROR_NOT_CONNECTED)
        drop_by_key(channel, key);
    return rc;
}

static DWORD spawn_channel(struct mpr_worker_source *source, const char *remote,
                           const struct mpr_worker_wait *wait, const int fds[MPR_WIRE_FDS],
                           size_t shared_size, struct mpr_failure *failure,
                           struct mpr_zygote_child *ret_child) {
    const struct channel_provider *channel = (const struct channel_provider *)source;
    struct mpr_error_state before;
    const char *text, *provider;
    DWORD rc, code;

    (void)wait; /* the service has bounds of its own */
    if (!remote)
        return ERROR_NOT_SUPPORTED;
    mpr_error_keep(&before);
    rc = ask_service(channel, remote, fds, shared_size);
    if (rc != NO_ERROR) {
        mpr_error_get(&code, &text, &provider);
        mpr_failure_set_text(failure, code, text);
        mpr_error_put_back(&before);
        return rc;
    }
    *ret_child = (struct mpr_zygote_child){
        .pidfd = -1, .slots = channel->slots, .max_io = (uint32_t)channel->front.max_io};
    return NO_ERROR;
}

static void describe_end(struct mpr_worker_source *source, uint32_t worker, char *text,
                         size_t size) {
    (void)source;
    (void)worker;
    snprintf(text, size, "ended");
}

/* If that was the end of its connection, files answer ENOTCONN from now on. */
static void note_end(struct mpr_worker_source *source, const char *remote) {
    struct mpr_error_state before;

    mpr_error_keep(&before);
    ask_service((const struct channel_provider *)source, remote, NULL, 0);
    mpr_error_put_back(&before);
}

/* ---- providers */

static void free_channel(struct channel_provider *channel) {
    if (!channel)
        return;
    free(channel->name);
    free(channel);
}

static struct channel_provider *make_channel(struct mpr_session_files *files,
                                             const struct mpr_locate_ret *facts) {
    struct channel_provider *channel = calloc(1, sizeof *channel);

    if (!channel)
        return NULL;
    channel->name = strdup(facts->provider ? facts->provider : "");
    if (!channel->name) {
        free(channel);
        return NULL;
    }
    channel->files = files;
    channel->slots = facts->slots;
    channel->source = (struct mpr_worker_source){.name = channel->name,
                                                 .what = "drive",
                                                 .spawn = spawn_channel,
                                                 .describe_end = describe_end,
                                                 .note_end = note_end};
    channel->front = (struct mpr_provider){.magic = MPR_PROVIDER_MAGIC,
                                           .abi_major = MPR_PROVIDER_ABI_MAJOR,
                                           .abi_minor = MPR_PROVIDER_ABI_MINOR,
                                           .size = sizeof channel->front,
                                           .name = channel->name,
                                           .max_io = facts->max_io};
    return channel;
}

static DWORD fill_np(struct channel_provider *channel, uint32_t io_timeout_ms, struct mpr_np *np) {
    char timeout[16];
    const struct mpr_option options[] = {{"io_timeout_ms", timeout}, {NULL, NULL}};
    const struct mpr_worker_setup setup = {.name = channel->name,
                                           .options = options,
                                           .front = &channel->front,
                                           .source = &channel->source};
    DWORD rc;

    snprintf(timeout, sizeof timeout, "%" PRIu32, io_timeout_ms);
    rc = mpr_worker_new(&setup, &np->table, &np->state);
    if (rc != NO_ERROR)
        return rc;
    np->name = channel->name;
    np->io_timeout_ms = np->connect_timeout_ms = io_timeout_ms;
    mpr_gate_init(&np->gate);
    pthread_mutex_init(&np->lock.mutex, NULL);
    channel->np = np;
    return NO_ERROR;
}

static struct mpr_np *find_np_locked(const struct mpr_session_files *files,
                                     const struct mpr_locate_ret *facts) REQUIRES(files->lock) {
    for (size_t i = 0; i < files->providers.count; i++) {
        const struct channel_provider *channel = files->channels[i];

        if (strcmp(channel->name, facts->provider ? facts->provider : "") == 0
            && channel->slots == facts->slots && channel->front.max_io == facts->max_io
            && channel->np->io_timeout_ms == facts->io_timeout_ms)
            return channel->np;
    }
    return NULL;
}

static int add_np_locked(struct mpr_session_files *files, const struct mpr_locate_ret *facts,
                         struct mpr_np **ret_np) REQUIRES(files->lock) {
    struct channel_provider *channel;
    struct mpr_np *np;

    if (files->providers.count == PROVIDERS_MAX)
        return -ENFILE;
    channel = make_channel(files, facts);
    if (!channel)
        return -ENOMEM;
    np = &files->providers.items[files->providers.count];
    if (fill_np(channel, facts->io_timeout_ms, np) != NO_ERROR) {
        free_channel(channel);
        return -ENOMEM;
    }
    files->channels[files->providers.count++] = channel;
    *ret_np = np;
    return 0;
}

static int get_np(struct mpr_session_files *files, const struct mpr_locate_ret *facts,
                  struct mpr_np **ret_np) {
    struct mpr_np *np;
    int rc = 0;

    mpr_lock(&files->lock);
    np = find_np_locked(files, facts);
    if (!np)
        rc = add_np_locked(files, facts, &np);
    mpr_unlock(&files->lock);
    if (!rc)
        *ret_np = np;
    return rc;
}

/* ---- connections */

/* Channels that nobody uses and whose drive is gone, perhaps with the connection. */
static void sweep(struct mpr_session_files *files) {
    struct mpr_conn **conns;
    size_t count;

    if (mpr_conntab_list(false, &files->providers, &conns, &count) != NO_ERROR)
        return;
    for (size_t i = 0; i < count; i++) {
        void *session;

        if (mpr_conntab_hold(conns[i], false, 0) != MPR_HOLD_HELD)
            continue;
        session = mpr_worker_session_is_alive(conns[i]->session) ? mpr_conntab_release(conns[i])
                                                                 : mpr_conntab_detach(conns[i]);
        if (session)
            mpr_router_end_session(conns[i], session);
    }
    mpr_conntab_list_free(conns, count);
}

static int open_session(struct mpr_np *np, struct mpr_conn *conn, const char *key,
                        void **ret_session) {
    const struct mpr_connect args = {
        .size = sizeof args, .type = RESOURCETYPE_ANY, .remote = key, .host_connection = conn};
    struct mpr_call_data data;
    struct mpr_call call;
    enum mpr_answer answer;
    uint32_t code = NO_ERROR;

    mpr_call_begin(&call, &data, np->name, mpr_deadline_in_ms(np->connect_timeout_ms),
                   mpr_conn_cancel_fd(conn), MPR_SECRET_NONE);
    if (!mpr_np_enter(np, &call))
        return -EBUSY;
    answer = np->table->connect(np->state, &call, &args, ret_session, &code);
    mpr_np_leave(np);
    if (answer == MPR_DONE)
        return 0;
    mpr_trace("session", "no channel to %s: %u, %s", key, code, data.failure.text);
    if (mpr_shortage_is(code))
        return code == ERROR_NOT_ENOUGH_MEMORY ? -ENOMEM : -EMFILE;
    return code == ERROR_NOT_CONNECTED || code == ERROR_CANCELLED ? -ENOTCONN : -EIO;
}

/* Into the table, unless another thread was faster: then that one's is found there. */
static int commit(struct mpr_np *np, const char *key, struct mpr_conn *conn, void *session) {
    struct mpr_conn_facts facts = {
        .np = np, .key = strdup(key), .type = RESOURCETYPE_DISK, .secret_fd = MPR_SECRET_NONE};
    bool exists = false;

    facts.remote = facts.key;
    if (facts.key && mpr_conntab_commit(conn, &facts, session, &exists))
        return 0;
    free(facts.key);
    conn->facts.np = np;
    mpr_router_end_session(conn, session);
    return exists ? -EEXIST : -ENOMEM;
}

static int connect_channel(struct mpr_session_files *files, struct mpr_np *np, const char *key,
                           struct mpr_conn **ret_conn) {
    const struct mpr_device none = {.index = -1};
    struct mpr_conn *conn;
    void *session;
    int rc;

    sweep(files);
    if (mpr_conntab_reserve(&none, &conn) != NO_ERROR)
        return -ENOMEM;
    rc = open_session(np, conn, key, &session);
    if (!rc)
        rc = commit(np, key, conn, session);
    if (!rc) {
        *ret_conn = conn;
        return 0;
    }
    mpr_conntab_remove(conn);
    mpr_conntab_unref(conn);
    return rc;
}

static int find_conn(struct mpr_session_files *files, const struct mpr_locate_ret *facts,
                     struct mpr_conn **ret_conn) {
    char key[KEY_MAX];
    struct mpr_np *np;
    int rc = get_np(files, facts, &np);

    if (rc)
        return rc;
    snprintf(key, sizeof key, "%" PRIu64, facts->number);
    do {
        *ret_conn = mpr_conntab_find_remote(np, key);
        rc = *ret_conn ? 0 : connect_channel(files, np, key, ret_conn);
    } while (rc == -EEXIST);
    return rc;
}

/* ---- names */

static int error_of(DWORD rc) {
    switch (rc) {
    case ERROR_INVALID_PARAMETER:
        return -EINVAL;
    case ERROR_NOT_ENOUGH_MEMORY:
        return -ENOMEM;
    case ERROR_TOO_MANY_OPEN_FILES:
        return -EMFILE;
    case ERROR_NOT_SUPPORTED:
        return -ENOTSUP;
    default:
        return -ENOTCONN;
    }
}

/* Has it a drive at the other end? If not, the connection may be another one by now. */
static bool is_usable(struct mpr_conn *conn) {
    void *session;
    bool alive;

    if (mpr_conntab_begin(conn, 0, &session))
        return false;
    alive = mpr_worker_session_is_alive(session);
    session = mpr_conntab_end(conn, 0);
    if (session) {
        mpr_router_end_session(conn, session);
        mpr_conntab_unref(conn);
    }
    return alive;
}

static struct mpr_conn *recall(struct mpr_session_files *files, int index) {
    struct known_device known;
    struct mpr_conn *conn;

    mpr_lock(&files->lock);
    known = files->known[index];
    mpr_unlock(&files->lock);
    if (mpr_now_ns() >= known.until_ns)
        return NULL;
    conn = mpr_conntab_find_remote(known.np, known.key);
    if (conn && !is_usable(conn))
        mpr_conntab_unref(MPR_TAKE(conn));
    return conn;
}

/* conn NULL: nothing is known any more. */
static void learn(struct mpr_session_files *files, int index, const struct mpr_conn *conn) {
    struct known_device known = {0};

    if (conn) {
        known.np = conn->facts.np;
        snprintf(known.key, sizeof known.key, "%s", conn->facts.key);
        known.until_ns = mpr_deadline_in_ms(KNOWN_MS);
    }
    mpr_lock(&files->lock);
    files->known[index] = known;
    mpr_unlock(&files->lock);
}

void mpr_session_files_forget_names(struct mpr_session_files *files) {
    for (int i = 0; i < MPR_DEVICE_COUNT; i++)
        learn(files, i, NULL);
}

/* By what the service says. ret_inner NULL: path is the name of a resource itself. */
static int look_up(struct mpr_session_files *files, const char *path, struct mpr_conn **ret_conn,
                   char **ret_inner) {
    const struct mpr_locate_args args = {.path = path, .exact = !ret_inner};
    struct mpr_locate_ret facts = {0};
    struct mpr_error_state before;
    DWORD code;
    int rc;

    mpr_error_keep(&before);
    code = mpr_session_driver.locate(files->session, &args, &facts);
    rc = code == NO_ERROR ? find_conn(files, &facts, ret_conn) : error_of(code);
    mpr_error_put_back(&before);
    if (!rc && ret_inner) {
        *ret_inner = facts.rest ? MPR_TAKE(facts.rest) : strdup("");
        rc = *ret_inner ? 0 : -ENOMEM;
        if (rc)
            mpr_conntab_unref(*ret_conn);
    }
    mpr_locate_ret_clear(&facts);
    return rc;
}

int mpr_session_files_find(struct mpr_session_files *files, const char *path,
                           struct mpr_conn **ret_conn, char **ret_inner) {
    struct mpr_device device;
    const char *rest;
    int rc;

    if (!path || !*path || !mpr_utf_valid(path))
        return -EINVAL;
    if (!ret_inner || !mpr_name_device_path(path, &device, &rest))
        return look_up(files, path, ret_conn, ret_inner);
    *ret_conn = recall(files, device.index);
    if (*ret_conn) {
        rc = mpr_name_inner_path(rest, ret_inner);
        if (rc)
            mpr_conntab_unref(*ret_conn);
        return rc;
    }
    rc = look_up(files, path, ret_conn, ret_inner);
    if (!rc)
        learn(files, device.index, *ret_conn);
    return rc;
}

/* ---- life */

DWORD mpr_session_files_new(void *session, const struct mpr_config *config,
                            struct mpr_session_files **ret_files) {
    struct mpr_session_files *files = calloc(1, sizeof *files);

    if (!files)
        return ERROR_NOT_ENOUGH_MEMORY;
    files->providers.items = calloc(PROVIDERS_MAX, sizeof *files->providers.items);
    if (!files->providers.items) {
        free(files);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    files->session = session;
    files->config.cancel_timeout_ms = config->cancel_timeout_ms;
    files->router.config = &files->config;
    files->router.providers = &files->providers;
    pthread_mutex_init(&files->lock.mutex, NULL);
    *ret_files = files;
    return NO_ERROR;
}

void mpr_session_files_clear(struct mpr_session_files *files, bool connecting) {
    mpr_router_clear(&files->router, connecting);
}

void mpr_session_files_free(struct mpr_session_files *files) {
    if (!files)
        return;
    for (size_t i = 0; i < files->providers.count; i++) {
        struct mpr_np *np = &files->providers.items[i];

        np->table->fini(np->state);
        pthread_mutex_destroy(&np->lock.mutex);
        mpr_gate_clear(&np->gate);
        free_channel(files->channels[i]);
    }
    free(files->providers.items);
    pthread_mutex_destroy(&files->lock.mutex);
    free(files);
}
