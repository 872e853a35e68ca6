/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_session.c: from connect to disconnect.
 */
#include "config.h"

#include "memory.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/common/np_time.h"

/*
 * Fetches the password, from the caller or else from the user. The buffer is
 * the caller's to wipe; without one it is "". Returns a Win32 code: the user
 * may want to give up.
 */
static uint32_t get_password(const struct memory_state *state, const struct mpr_call *call,
                             const struct mpr_connect *args, char *buffer, size_t size) {
    char question[MPR_KEY_MAX];
    int got = state->host->secret(call, buffer, size);
    uint32_t code = got < 0 ? ERROR_NOT_ENOUGH_MEMORY : NO_ERROR;

    if (got == 0 && (args->flags & CONNECT_INTERACTIVE)) {
        snprintf(question, sizeof(question),
                 "Password for %s on %s: ", args->user ? args->user : "the default user",
                 args->remote);
        code = state->host->prompt(call, question, 0, buffer, size);
    }
    if (code == NO_ERROR && got >= 0)
        return NO_ERROR;
    buffer[0] = '\0';
    if (code != ERROR_CANCELLED)
        return code == ERROR_NOT_SUPPORTED ? NO_ERROR : code; /* nobody can be asked */
    memory_explain(state, call, ECANCELED, "Connecting to %s as %s was given up at the prompt.",
                   args->remote, args->user ? args->user : "the default user");
    return ERROR_CANCELLED;
}

/* Is this the user that the options name, with the right password? */
static uint32_t log_on(const struct memory_state *state, const struct mpr_call *call,
                       const struct mpr_connect *args) {
    const struct memory_options *options = &state->options;
    char password[MPR_SECRET_MAX] = "";
    uint32_t code;
    bool good;

    if (!options->user && !options->password)
        return NO_ERROR;
    if (options->user && (!args->user || strcmp(args->user, options->user) != 0)) {
        memory_explain(state, call, EACCES, "Cannot connect to %s as %s: no such user.",
                       args->remote, args->user ? args->user : "the default user");
        return ERROR_LOGON_FAILURE;
    }
    if (!options->password)
        return NO_ERROR;
    code = get_password(state, call, args, password, sizeof(password));
    good = strcmp(password, options->password) == 0;
    explicit_bzero(password, sizeof(password));
    if (good || code != NO_ERROR)
        return code;
    memory_explain(state, call, EACCES, "Cannot connect to %s as %s: the password is wrong.",
                   args->remote, args->user ? args->user : "the default user");
    return ERROR_INVALID_PASSWORD;
}

/* Finds the share and checks that it is of the kind that is wanted. */
static uint32_t find_share(struct memory_state *state, const struct mpr_call *call,
                           const struct mpr_connect *args, const char *name,
                           struct memory_share **ret_share) {
    struct memory_share *share;

    if (!*name) {
        memory_explain(state, call, EINVAL, "Cannot connect to %s: it is a server, not a share.",
                       args->remote);
        return ERROR_BAD_NET_NAME;
    }
    share = memory_share_get(state, name);
    if (!share) {
        memory_explain(state, call, ENOENT, "Cannot connect to %s: there is no share \"%s\".",
                       args->remote, name);
        return ERROR_BAD_NET_NAME;
    }
    if (args->type != RESOURCETYPE_ANY
        && args->type != (share->printer ? RESOURCETYPE_PRINT : RESOURCETYPE_DISK)) {
        memory_explain(state, call, EINVAL, "Cannot connect to %s: it is a %s.", args->remote,
                       share->printer ? "printer" : "disk");
        return ERROR_BAD_DEV_TYPE;
    }
    *ret_share = share;
    return NO_ERROR;
}

/* Makes the session of a share, at a directory in it. */
static uint32_t make_session(struct memory_share *share, const struct mpr_call *call,
                             const struct mpr_connect *args, const char *path,
                             struct memory_session **ret_session) {
    struct memory_session *session = calloc(1, sizeof(*session));
    struct memory_place place;
    int rc;

    if (session && args->user)
        session->user = strdup(args->user);
    if (!session || (args->user && !session->user)) {
        free(session);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    session->share = share;
    session->uid = call->uid;
    atomic_init(&session->wake_fd, -1);
    pthread_mutex_lock(&share->lock);
    rc = memory_walk(share->root, path, true, &place);
    if (!rc && place.node && S_ISDIR(place.node->mode))
        session->root = memory_node_ref(place.node);
    pthread_mutex_unlock(&share->lock);
    if (!session->root) {
        free(session->user);
        free(session);
        memory_explain(share->state, call, ENOENT, "Cannot connect to %s: no such directory.",
                       args->remote);
        return ERROR_BAD_NET_NAME;
    }
    *ret_session = session;
    return NO_ERROR;
}

static uint32_t connect_share(struct memory_state *state, const struct mpr_call *call,
                              const struct mpr_connect *args, const struct memory_name *name,
                              struct memory_session **ret_session) {
    struct memory_share *share;
    uint32_t code = memory_enter_network(state, NULL, call, MEMORY_CONNECT, name->share);

    if (!code)
        code = log_on(state, call, args);
    if (!code)
        code = find_share(state, call, args, name->share, &share);
    if (!code)
        code = make_session(share, call, args, name->path, ret_session);
    return code;
}

enum mpr_answer memory_connect(void *data, const struct mpr_call *call,
                               const struct mpr_connect *args, void **ret_session,
                               uint32_t *ret_code) {
    struct memory_session *session;
    struct memory_name name;
    uint32_t code;

    if (!memory_name_parse(args->remote, &name)) {
        *ret_code = ERROR_BAD_NET_NAME;
        return MPR_NOT_MINE;
    }
    code = connect_share(data, call, args, &name, &session);
    if (code) {
        *ret_code = code;
        /* As from a server that is not there: another provider may be asked. */
        return code == ERROR_BAD_NETPATH ? MPR_NOT_MINE : MPR_MINE_FAILED;
    }
    *ret_session = session;
    return MPR_DONE;
}

void memory_abort(void *data) {
    struct memory_session *session = data;

    atomic_store(&session->aborted, true);
    if (atomic_load(&session->wake_fd) >= 0)
        eventfd_write(atomic_load(&session->wake_fd), 1);
}

uint32_t memory_disconnect(void *data, const struct mpr_call *call, int force) {
    struct memory_session *session = data;
    struct memory_share *share = session->share;
    uint32_t code;

    if (force)
        memory_abort(session); /* so that nothing below waits */
    code = memory_enter_network(share->state, session, call, MEMORY_DISCONNECT, share->name);
    if (code && !force)
        return code; /* the session is as before */
    pthread_mutex_lock(&share->lock);
    while (session->files)
        memory_file_drop(session, session->files);
    memory_node_unref(share, session->root);
    pthread_mutex_unlock(&share->lock);
    if (atomic_load(&session->wake_fd) >= 0)
        close(atomic_load(&session->wake_fd));
    free(session->user);
    free(session);
    return code;
}

uint32_t memory_user(void *data, const struct mpr_call *call, char *buffer, size_t size) {
    struct memory_session *session = data;
    struct memory_share *share = session->share;
    struct passwd entry, *found = NULL;
    char space[4096], number[16];
    const char *user = session->user;
    uint32_t code = memory_enter_network(share->state, session, call, MEMORY_USER, share->name);

    if (code)
        return code;
    if (!user) { /* the default user is the caller, as the system knows him */
        snprintf(number, sizeof(number), "%u", session->uid);
        user = number;
        if (getpwuid_r(session->uid, &entry, space, sizeof(space), &found) == 0 && found)
            user = found->pw_name;
    }
    if (strlen(user) >= size)
        return ERROR_MORE_DATA;
    memcpy(buffer, user, strlen(user) + 1);
    return NO_ERROR;
}

/* Measured: how long does a round trip take, as slow as the options make it? */
uint32_t memory_performance(void *data, const struct mpr_call *call, struct mpr_performance *ret) {
    struct memory_session *session = data;
    struct memory_share *share = session->share;
    int64_t start = np_now_ns();
    struct memory_place place;
    uint32_t code =
        memory_enter_network(share->state, session, call, MEMORY_PERFORMANCE, share->name);

    if (code)
        return code;
    pthread_mutex_lock(&share->lock);
    memory_walk(session->root, "", true, &place);
    pthread_mutex_unlock(&share->lock);
    ret->flags = 0;
    ret->speed = 1;
    ret->delay_ms = (uint32_t)((np_now_ns() - start + NP_MS - 1) / NP_MS);
    ret->opt_data_size = MEMORY_MAX_IO;
    return NO_ERROR;
}
