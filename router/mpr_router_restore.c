/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_restore.c: connecting what is remembered, and remembering what is connected.
 *
 * All of them are restored at the same time, a thread each: there are no more
 * than devices, and so a server that is silent keeps nobody else waiting.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_unavailable.h"
#include "router/mpr_vault.h"

/* Of the flags that were remembered, what is not about the call that it was. */
#define RESTORED_FLAGS                                                                             \
    (CONNECT_REQUIRE_INTEGRITY | CONNECT_REQUIRE_PRIVACY | CONNECT_WRITE_THROUGH_SEMANTICS)

/* Of the flags of a restore, what its provider may be told. */
#define ASKING_FLAGS                                                                               \
    (CONNECT_INTERACTIVE | CONNECT_PROMPT | CONNECT_COMMANDLINE | CONNECT_CMD_SAVECRED             \
     | CONNECT_CRED_RESET)

/* One remembered connection on its way back. */
struct restoring {
    struct mpr_router *router;
    const struct mpr_restore_args *args;
    const struct mpr_profile_entry *entry;
    struct mpr_restored *result;
    pthread_t thread;
    bool has_thread;
};

/* --- one --- */

/* Is the device connected? Then that is the outcome. */
static bool is_settled(const struct restoring *restoring, DWORD *ret_rc) {
    const struct mpr_profile_entry *entry = restoring->entry;
    struct mpr_device device;
    struct mpr_conn *conn = NULL;
    bool connected;

    if (mpr_name_device(entry->device, &device))
        conn = mpr_conntab_find_device(device.index);
    connected = conn && mpr_conntab_is_connected(conn);
    if (connected)
        *ret_rc = mpr_router_is_same_resource(restoring->router, conn->facts.remote, entry->remote)
                      ? NO_ERROR
                      : mpr_error_say(ERROR_ALREADY_ASSIGNED,
                                      "%s is remembered for %s, but connected to %s.",
                                      entry->device, entry->remote, conn->facts.remote);
    if (conn)
        mpr_conntab_unref(conn);
    return connected;
}

static DWORD check_provider(const struct restoring *restoring) {
    const struct mpr_profile_entry *entry = restoring->entry;
    const struct mpr_providers *providers = restoring->router->providers;

    if (!*entry->provider || !providers->loaded || mpr_providers_find(providers, entry->provider))
        return NO_ERROR;
    return mpr_error_say(ERROR_BAD_PROVIDER,
                         "%s is remembered for %s, which the provider %s connected: it is not "
                         "loaded. Install it, or forget the device and connect it anew.",
                         entry->device, entry->remote, entry->provider);
}

static DWORD connect_as(const struct restoring *restoring, const char *user, const char *password,
                        bool *ret_asks) {
    const struct mpr_profile_entry *entry = restoring->entry;
    const struct mpr_restore_args *args = restoring->args;
    const struct mpr_add_args add = {
        .local = entry->device,
        .remote = entry->remote,
        .provider = entry->provider,
        .user = user,
        .password = password,
        .use_options = entry->use_options,
        .use_options_size = entry->use_options_size,
        .type = entry->type,
        .flags = (entry->connect_flags & RESTORED_FLAGS) | (args->flags & ASKING_FLAGS)
                 | (args->local ? 0 : CONNECT_DEFERRED),
        .asked = args->asked,
    };
    struct mpr_add_ret got = {0};
    DWORD rc = mpr_router_connect(restoring->router, &add, &got, ret_asks);

    mpr_add_ret_clear(&got);
    return rc;
}

/* Adds a sentence to the failure's words. */
static DWORD add_words(DWORD rc, const char *sentence) {
    struct mpr_error_state state;

    mpr_error_keep(&state);
    return mpr_error_explain(rc, state.code, state.provider, "%s %s", state.text, sentence);
}

/* With a password that was found, which is wiped. Whose fault it is if it is refused is said. */
static DWORD connect_found(const struct restoring *restoring, struct mpr_vault_found *found,
                           bool *ret_asks) {
    const char *remembered = restoring->entry->user;
    DWORD rc = connect_as(restoring, !*remembered && found->user ? found->user : remembered,
                          found->password, ret_asks);
    char sentence[128];

    snprintf(sentence, sizeof sentence, "The password was that of %s.", found->from);
    mpr_vault_found_clear(found);
    return rc != NO_ERROR && *ret_asks ? add_words(rc, sentence) : rc;
}

/*
 * Where the profile says where the password is, that comes first: a try without one would
 * be a failed login. Else it is tried without, by a ticket or as a guest, and then with
 * what may be there without being named.
 */
static DWORD connect_alone(const struct restoring *restoring, bool *ret_asks) {
    const struct mpr_profile_entry *entry = restoring->entry;
    const struct mpr_vault vault = {restoring->router->paths, restoring->router->config};
    struct mpr_error_state reason = {.explained = false};
    struct mpr_vault_found found = {0};
    DWORD rc = mpr_vault_find(&vault, entry, &found);

    if (rc == NO_ERROR)
        return connect_found(restoring, &found, ret_asks);
    if (entry->credentials)
        mpr_error_keep(&reason);
    rc = connect_as(restoring, entry->user, NULL, ret_asks);
    if (rc == NO_ERROR || !*ret_asks)
        return rc;
    if (!entry->credentials) {
        struct mpr_error_state state;
        DWORD guessed;

        mpr_error_keep(&state);
        guessed = mpr_vault_guess(&vault, entry, &found);
        if (guessed == NO_ERROR)
            return connect_found(restoring, &found, ret_asks);
        if (guessed != ERROR_NOT_FOUND)
            mpr_error_keep(&reason);
        mpr_error_put_back(&state);
    }
    return reason.explained ? add_words(rc, reason.text) : rc;
}

static DWORD connect(const struct restoring *restoring, bool *ret_asks) {
    const struct mpr_restore_args *args = restoring->args;
    const uint32_t prompting = CONNECT_INTERACTIVE | CONNECT_PROMPT;
    DWORD rc;

    *ret_asks = false;
    if (is_settled(restoring, &rc))
        return rc;
    rc = check_provider(restoring);
    if (rc != NO_ERROR)
        return rc;
    if (args->asked || args->password || (args->flags & prompting) == prompting)
        return connect_as(restoring, args->asked ? args->user : restoring->entry->user,
                          args->password, ret_asks);
    return connect_alone(restoring, ret_asks);
}

static bool copy_names(const struct mpr_profile_entry *entry, struct mpr_restored *result) {
    result->local = strdup(entry->device);
    result->remote = strdup(entry->remote);
    result->user = *entry->user ? strdup(entry->user) : NULL;
    return result->local && result->remote && (result->user || !*entry->user);
}

/* For whoever asks why the device is not there. */
static void note(const struct restoring *restoring) {
    const struct mpr_profile_entry *entry = restoring->entry;
    const struct mpr_restored *result = restoring->result;
    const struct mpr_unavailable item = {
        .device = entry->device,
        .remote = entry->remote,
        .provider = entry->provider,
        .user = entry->user,
        .asks = result->asks,
        .refusal = result->refusal,
    };

    /* Connected to something else: it is there. Without memory nothing has been tried. */
    if (result->refusal.code != NO_ERROR && result->refusal.code != ERROR_ALREADY_ASSIGNED
        && result->refusal.code != ERROR_NOT_ENOUGH_MEMORY)
        mpr_unavailable_note(&item);
}

/* Its words are this thread's, until they are taken from there. */
static void restore(const struct restoring *restoring) {
    struct mpr_restored *result = restoring->result;
    DWORD rc = ERROR_NOT_ENOUGH_MEMORY;

    mpr_error_enter();
    if (copy_names(restoring->entry, result))
        rc = connect(restoring, &result->asks);
    mpr_error_leave(rc);
    if (rc != NO_ERROR && !mpr_router_refuse(rc, &result->refusal))
        result->refusal.code = rc;
    note(restoring);
}

/* --- several --- */

static void *run(void *restoring) {
    restore(restoring);
    return NULL;
}

/* A thread that cannot be made is done without. Signals are the program's. */
static void restore_each(struct restoring *all, size_t count) {
    sigset_t every, before;

    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    for (size_t i = 0; i < count; i++)
        all[i].has_thread = pthread_create(&all[i].thread, NULL, run, &all[i]) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    for (size_t i = 0; i < count; i++)
        if (!all[i].has_thread)
            restore(&all[i]);
    for (size_t i = 0; i < count; i++)
        if (all[i].has_thread)
            pthread_join(all[i].thread, NULL);
}

static DWORD restore_list(struct mpr_router *router, const struct mpr_restore_args *args,
                          const struct mpr_profile_entry *entries, size_t count,
                          struct mpr_restored_list *ret) {
    MPR_AUTOFREE struct restoring *all = calloc(count + 1, sizeof *all);
    struct mpr_restored *results = calloc(count + 1, sizeof *results);

    if (!all || !results) {
        free(results);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    for (size_t i = 0; i < count; i++)
        all[i] = (struct restoring){
            .router = router, .args = args, .entry = &entries[i], .result = &results[i]};
    if (args->local && count)
        restore(&all[0]);
    else
        restore_each(all, count);
    ret->items = results;
    ret->count = count;
    return NO_ERROR;
}

static DWORD restore_device(struct mpr_router *router, const struct mpr_restore_args *args,
                            struct mpr_restore_ret *ret) {
    struct mpr_profile_entry entry;
    struct mpr_device device;
    bool found;
    DWORD rc;

    if (!mpr_name_device(args->local, &device))
        return mpr_error_say(ERROR_BAD_DEVICE,
                             "\"%s\" is no device name: A: to Z: and LPT1 to LPT9 are.",
                             args->local);
    rc = mpr_profile_find(router->paths, device.name, &found, &entry);
    if (rc != NO_ERROR)
        return rc;
    if (!found)
        return mpr_error_say(ERROR_NOT_CONNECTED,
                             "%s is not remembered: there is nothing to "
                             "restore.",
                             device.name);
    rc = restore_list(router, args, &entry, 1, &ret->list);
    mpr_profile_entry_clear(&entry);
    return rc;
}

DWORD mpr_router_restore(struct mpr_router *router, const struct mpr_restore_args *args,
                         struct mpr_restore_ret *ret) {
    struct mpr_profile_list list;
    DWORD rc;

    if (args->local)
        return restore_device(router, args, ret);
    rc = mpr_profile_read(router->paths, &list);
    if (rc != NO_ERROR)
        return rc;
    rc = restore_list(router, args, list.entries, list.count, &ret->list);
    mpr_profile_list_clear(&list);
    return rc;
}

/* --- remembering --- */

static DWORD say_unknown(const char *name) {
    return mpr_error_say(ERROR_NOT_CONNECTED, "%s is neither connected nor remembered.", name);
}

static DWORD remember_conn(const struct mpr_router *router, const struct mpr_conn *conn) {
    const struct mpr_conn_facts *facts = &conn->facts;
    const char *device = conn->device.name;
    struct mpr_profile_entry old;
    bool found;
    DWORD rc = mpr_profile_find(router->paths, device, &found, &old);

    if (rc != NO_ERROR)
        return rc;
    if (found && !mpr_router_is_same_resource(router, old.remote, facts->remote))
        rc = mpr_error_say(ERROR_DEVICE_ALREADY_REMEMBERED,
                           "%s is connected to %s, but remembered for %s. Forget that first.",
                           device, facts->remote, old.remote);
    else if (!found)
        rc = mpr_router_remember(router, device, NULL, facts);
    if (found)
        mpr_profile_entry_clear(&old);
    return rc;
}

/* Not connected: then it is remembered already, or unknown. */
static DWORD remember_nothing(const struct mpr_router *router, const char *device) {
    struct mpr_profile_entry entry;
    bool found;
    DWORD rc = mpr_profile_find(router->paths, device, &found, &entry);

    if (rc != NO_ERROR)
        return rc;
    mpr_profile_entry_clear(&entry);
    return found ? NO_ERROR : say_unknown(device);
}

static DWORD set_device(const struct mpr_router *router, const struct mpr_device *device,
                        bool persistent) {
    struct mpr_conn *conn = mpr_conntab_find_device(device->index);
    bool connected = conn && mpr_conntab_is_connected(conn);
    bool was_there;
    DWORD rc;

    if (!persistent) {
        rc = mpr_profile_forget(router->paths, device->name, &was_there);
        if (rc == NO_ERROR && !was_there && !connected)
            rc = say_unknown(device->name);
    } else {
        rc = connected ? remember_conn(router, conn) : remember_nothing(router, device->name);
    }
    if (conn)
        mpr_conntab_unref(conn);
    return rc;
}

DWORD mpr_router_set_persistent(struct mpr_router *router,
                                const struct mpr_set_persistent_args *args,
                                struct mpr_set_persistent_ret *ret) {
    struct mpr_device device;
    struct mpr_conn *conn;

    (void)ret;
    if (mpr_name_device(args->name, &device))
        return set_device(router, &device, args->persistent);
    conn = mpr_router_find_remote(router, args->name);
    if (!conn)
        return say_unknown(args->name);
    mpr_conntab_unref(conn);
    if (!args->persistent)
        return NO_ERROR;
    return mpr_error_say(ERROR_INVALID_PARAMETER,
                         "%s cannot be remembered by its remote name: only connections with a "
                         "device are. Name the device.",
                         args->name);
}
