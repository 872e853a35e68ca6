/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_add.c: connecting: reserve the device, check the profile, ask the
 * providers, remember; and all of it back when a step fails.
 */
#include "config.h"

#include "router/mpr_route.h"

#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_events.h"
#include "router/mpr_failures.h"
#include "router/mpr_router.h"
#include "router/mpr_secret.h"
#include "router/mpr_status.h"
#include "router/mpr_time.h"
#include "router/mpr_unavailable.h"
#include "router/mpr_utf.h"

/* What a provider may be told; the other flags are the router's own business. */
#define PROVIDER_FLAGS                                                                             \
    (CONNECT_TEMPORARY | CONNECT_INTERACTIVE | CONNECT_PROMPT | CONNECT_COMMANDLINE                \
     | CONNECT_CMD_SAVECRED | CONNECT_CRED_RESET | CONNECT_REQUIRE_INTEGRITY                       \
     | CONNECT_REQUIRE_PRIVACY | CONNECT_WRITE_THROUGH_SEMANTICS)

/* Failures that another user name or password may mend. */
static const DWORD credential_failures[] = {
    ERROR_INVALID_PASSWORD,
    ERROR_LOGON_FAILURE,
    ERROR_NOT_AUTHENTICATED,
    ERROR_BAD_USERNAME,
};

/* An add on its way. */
struct adding {
    struct mpr_router *router;
    const struct mpr_add_args *args;
    struct mpr_np *only;      /* lpProvider, or NULL: any */
    struct mpr_device device; /* index -1: deviceless */
    bool choose;              /* CONNECT_REDIRECT without a device */
    uint32_t type;
    int secret_fd;
    char *remembered; /* the remote name that the profile has for the device, or NULL */
    struct mpr_conn *conn;
    int64_t begun_ns;
    bool asks; /* it failed, and another user name or password may help */
};

static DWORD check_type(struct adding *adding) {
    const struct mpr_add_args *args = adding->args;

    if (args->type != RESOURCETYPE_ANY && args->type != RESOURCETYPE_DISK
        && args->type != RESOURCETYPE_PRINT)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "The resource type %u is none of RESOURCETYPE_ANY, _DISK and _PRINT.",
                             args->type);
    adding->type = args->type;
    if (adding->device.index >= 0) {
        uint32_t device_type = mpr_name_device_type(&adding->device);

        if (args->type == RESOURCETYPE_ANY)
            adding->type = device_type;
        else if (args->type != device_type)
            return mpr_error_say(ERROR_BAD_DEV_TYPE, "%s is no device for a %s.",
                                 adding->device.name,
                                 args->type == RESOURCETYPE_DISK ? "disk" : "printer");
    }
    if (adding->choose && args->type == RESOURCETYPE_ANY)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "To choose a device (CONNECT_REDIRECT) the resource type must be "
                             "RESOURCETYPE_DISK or RESOURCETYPE_PRINT.");
    return NO_ERROR;
}

/* What no provider could take: too long for any, or not to be typed. */
static DWORD check_credentials(const struct mpr_add_args *args) {
    if (args->user && (strlen(args->user) >= MPR_USER_MAX || mpr_name_has_control(args->user)))
        return mpr_error_say(ERROR_BAD_USERNAME,
                             "The user name has a control character in it, or more than %u bytes.",
                             MPR_USER_MAX - 1);
    if (args->password && strlen(args->password) >= MPR_SECRET_MAX)
        return mpr_error_say(ERROR_INVALID_PASSWORD,
                             "The password has %zu bytes; at most %u are possible.",
                             strlen(args->password), MPR_SECRET_MAX - 1);
    return NO_ERROR;
}

/* A name that can be connected is no longer than that; one that is asked about may be. */
static DWORD check_remote(const char *remote) {
    DWORD rc = mpr_router_check_remote(remote);

    if (rc == NO_ERROR && mpr_name_length(remote) > MPR_REMOTE_MAX)
        return mpr_error_say(ERROR_BAD_NET_NAME,
                             "The remote name has %zu characters; at most %d are possible.",
                             mpr_name_length(remote), MPR_REMOTE_MAX);
    return rc;
}

/* Arguments, in the order that Windows' documents imply. */
static DWORD check(struct adding *adding) {
    const struct mpr_add_args *args = adding->args;
    bool has_local = args->local && *args->local;
    DWORD rc = check_remote(args->remote);

    if (rc != NO_ERROR)
        return rc;
    adding->device.index = -1;
    if (has_local && !mpr_name_device(args->local, &adding->device))
        return mpr_error_say(ERROR_BAD_DEVICE,
                             "%s is no device name: A: to Z: and LPT1 to LPT9 are.", args->local);
    adding->choose = !has_local && (args->flags & CONNECT_REDIRECT) != 0;
    rc = check_type(adding);
    if (rc == NO_ERROR)
        rc = check_credentials(args);
    if (rc != NO_ERROR)
        return rc;
    if (adding->router->providers->loaded == 0)
        return mpr_error_say(ERROR_NO_NETWORK, "No network provider is loaded. Is one installed, "
                                               "and does its drop-in name a module that exists?");
    if (args->provider && *args->provider) {
        adding->only = mpr_providers_find(adding->router->providers, args->provider);
        if (!adding->only)
            return mpr_error_say(ERROR_BAD_PROVIDER, "There is no provider named %s.",
                                 args->provider);
    }
    return NO_ERROR;
}

/* Devices that the profile remembers, a bit each. A profile that cannot be read hides none. */
static uint64_t remembered_devices(const struct mpr_router *router) {
    struct mpr_profile_list list;
    struct mpr_device device;
    uint64_t devices = 0;

    if (mpr_profile_read(router->paths, &list) != NO_ERROR)
        return 0;
    for (size_t i = 0; i < list.count; i++)
        if (mpr_name_device(list.entries[i].device, &device))
            devices |= UINT64_C(1) << device.index;
    mpr_profile_list_clear(&list);
    return devices;
}

static DWORD say_taken(const struct mpr_device *device) {
    struct mpr_conn *conn = mpr_conntab_find_device(device->index);
    bool connecting = conn && mpr_conntab_state(conn) == MPR_CONN_CONNECTING;

    if (conn)
        mpr_conntab_unref(conn);
    return mpr_error_say(ERROR_ALREADY_ASSIGNED,
                         connecting ? "%s is being connected at this moment."
                                    : "%s is connected already.",
                         device->name);
}

static DWORD reserve(struct adding *adding) {
    bool print = adding->type == RESOURCETYPE_PRINT;
    DWORD rc;

    if (!adding->choose) {
        rc = mpr_conntab_reserve(&adding->device, &adding->conn);
        if (rc == ERROR_ALREADY_ASSIGNED)
            return say_taken(&adding->device);
        return rc;
    }
    rc = mpr_conntab_reserve_free(print ? 26 : 25, print ? 34 : 2,
                                  remembered_devices(adding->router), &adding->conn);
    if (rc == ERROR_NO_MORE_ITEMS)
        return mpr_error_say(rc, "No device is free: each of %s is connected or remembered.",
                             print ? "LPT1 to LPT9" : "C: to Z:");
    if (rc == NO_ERROR)
        adding->device = adding->conn->device;
    return rc;
}

static bool is_to_be_remembered(const struct adding *adding) {
    return adding->device.index >= 0 && (adding->args->flags & CONNECT_UPDATE_PROFILE) != 0
           && (adding->args->flags & CONNECT_TEMPORARY) == 0;
}

/* A device that is remembered for another resource is not free. */
static DWORD check_profile(struct adding *adding) {
    struct mpr_profile_entry entry;
    bool found = false;
    DWORD rc = NO_ERROR;

    if (adding->device.index < 0)
        return NO_ERROR;
    if (is_to_be_remembered(adding)) {
        rc = mpr_profile_check(adding->router->paths, true);
        if (rc != NO_ERROR)
            return rc;
    }
    rc = mpr_profile_find(adding->router->paths, adding->device.name, &found, &entry);
    /* Whoever does not want to be remembered need not suffer from a bad profile. */
    if (rc != NO_ERROR)
        return is_to_be_remembered(adding) || rc == ERROR_NOT_ENOUGH_MEMORY ? rc : NO_ERROR;
    if (!found)
        return NO_ERROR;
    if (!mpr_router_is_same_resource(adding->router, entry.remote, adding->args->remote))
        rc = mpr_error_say(ERROR_DEVICE_ALREADY_REMEMBERED,
                           "%s is remembered for %s. To use it for another resource, forget that "
                           "first (WNetCancelConnection2 with CONNECT_UPDATE_PROFILE).",
                           adding->device.name, entry.remote);
    adding->remembered = MPR_TAKE(entry.remote);
    mpr_profile_entry_clear(&entry);
    return rc;
}

static const char *user_of(const struct mpr_add_args *args) {
    return args->user && *args->user ? args->user : NULL;
}

static DWORD fill_facts(const struct adding *adding, struct mpr_np *np, const char *key,
                        struct mpr_conn_facts *ret) {
    const char *user = user_of(adding->args), *remote = adding->args->remote;
    size_t key_size = strlen(key) + 1, user_size = user ? strlen(user) + 1 : 0;
    size_t remote_size = strlen(remote) + 1, names_size = key_size + user_size + remote_size;
    size_t options_size = adding->args->use_options_size;
    char *block = malloc(names_size + options_size);

    if (!block)
        return ERROR_NOT_ENOUGH_MEMORY;
    memcpy(block, key, key_size);
    if (user)
        memcpy(block + key_size, user, user_size);
    memcpy(block + key_size + user_size, remote, remote_size);
    if (options_size)
        memcpy(block + names_size, adding->args->use_options, options_size);
    *ret = (struct mpr_conn_facts){
        .np = np,
        .key = block,
        .user = user ? block + key_size : NULL,
        .remote = block + key_size + user_size,
        .type = adding->type,
        .secret_fd = adding->secret_fd,
        .flags = adding->args->flags & PROVIDER_FLAGS,
        .use_options = options_size ? block + names_size : NULL,
        .use_options_size = (uint32_t)options_size,
    };
    return NO_ERROR;
}

static DWORD say_cancelled(const struct adding *adding) {
    return mpr_error_say(ERROR_CANCELLED, "Connecting %s to %s was aborted by a forced cancel.",
                         adding->device.name, adding->args->remote);
}

DWORD mpr_router_remember(const struct mpr_router *router, const char *device, const char *seen,
                          const struct mpr_conn_facts *facts) {
    const struct mpr_profile_entry entry = {
        .device = (char *)(uintptr_t)device,
        .remote = (char *)(uintptr_t)facts->remote,
        .user = (char *)(uintptr_t)(facts->user ? facts->user : ""),
        .provider = (char *)(uintptr_t)facts->np->name,
        .provider_type = facts->np->table->net_type,
        .type = facts->type,
        .connect_flags = facts->flags,
        .use_options = (void *)(uintptr_t)facts->use_options,
        .use_options_size = facts->use_options_size,
    };

    return mpr_profile_remember(router->paths, seen, &entry);
}

/* Remembers what is about to be connected, so that no cancel can come in between. */
static DWORD remember(const struct adding *adding, const struct mpr_conn_facts *facts) {
    if (!is_to_be_remembered(adding))
        return NO_ERROR;
    return mpr_router_remember(adding->router, adding->device.name, adding->remembered, facts);
}

/* Takes back what remember did, unless it was remembered before. */
static void forget(const struct adding *adding) {
    bool was_there;

    if (is_to_be_remembered(adding) && !adding->remembered)
        mpr_profile_forget(adding->router->paths, adding->device.name, &was_there);
}

/* A session that finds no place in the table ends again. */
static void end_unused(struct adding *adding, struct mpr_conn_facts *facts, void *session) {
    adding->conn->facts.np = facts->np;
    mpr_router_end_session(adding->conn, session);
    free(facts->key);
}

/* The session is there: into the profile and into the table with it. */
static DWORD commit(struct adding *adding, struct mpr_conn_facts *facts, void *session) {
    bool exists;
    DWORD rc = remember(adding, facts);

    if (rc != NO_ERROR) {
        end_unused(adding, facts, session);
        return rc;
    }
    if (mpr_conntab_commit(adding->conn, facts, session, &exists)) {
        adding->secret_fd = MPR_SECRET_NONE; /* the connection's now */
        return NO_ERROR;
    }
    if (!exists)
        forget(adding);
    end_unused(adding, facts, session);
    if (!exists)
        return mpr_conntab_was_forced(adding->conn) ? say_cancelled(adding)
                                                    : ERROR_NOT_ENOUGH_MEMORY;
    mpr_conntab_remove(adding->conn);
    mpr_conntab_unref(MPR_TAKE(adding->conn));
    return NO_ERROR;
}

/* A restore may be put off until the first use, by who says that he can. */
static uint32_t flags_for(const struct adding *adding, const struct mpr_np *np) {
    uint32_t flags = adding->args->flags & PROVIDER_FLAGS;

    if (np->table->flags & MPR_PROVIDER_DEFERS)
        flags |= adding->args->flags & CONNECT_DEFERRED;
    return flags;
}

/* Asks one provider. */
static enum mpr_answer ask(struct adding *adding, struct mpr_np *np, uint32_t type,
                           struct mpr_call_data *data, void **ret_session, uint32_t *ret_code) {
    const struct mpr_connect connect = {
        .size = sizeof connect,
        .type = type,
        .flags = flags_for(adding, np),
        .remote = adding->args->remote,
        .device = adding->device.index >= 0 ? adding->device.name : NULL,
        .user = user_of(adding->args),
        .host_connection = adding->conn,
        .use_options = adding->args->use_options_size ? adding->args->use_options : NULL,
        .use_options_size = adding->args->use_options_size,
    };
    struct mpr_call call;
    enum mpr_answer answer;

    mpr_call_begin(&call, data, np->name, mpr_deadline_in_ms(np->connect_timeout_ms),
                   mpr_conn_cancel_fd(adding->conn), adding->secret_fd);
    data->prompt_flags = adding->args->flags;
    if (!mpr_np_enter(np, &call)) {
        *ret_code = ERROR_BUSY;
        return MPR_NOT_MINE;
    }
    answer = np->table->connect(np->state, &call, &connect, ret_session, ret_code);
    mpr_np_leave(np);
    if (answer != MPR_DONE || *ret_session)
        return answer;
    mpr_failure_set(&data->failure, ERROR_UNEXP_NET_ERR,
                    "%s says that it is connected, but gave no session.", np->name);
    *ret_code = ERROR_UNEXP_NET_ERR;
    return MPR_MINE_FAILED;
}

/* A deviceless connection that is there already serves; they do not stack. */
static bool is_connected_already(const struct adding *adding, const struct mpr_np *np,
                                 const char *key) {
    return adding->device.index < 0 && !adding->choose
           && mpr_conntab_has_deviceless(np, key, user_of(adding->args));
}

static bool is_type_wrong(const struct adding *adding, const struct mpr_recognised *recognised) {
    return adding->type != RESOURCETYPE_ANY && recognised->type != RESOURCETYPE_ANY
           && adding->type != recognised->type;
}

static bool takes_credentials(const struct mpr_np *np) {
    return (np->table->flags & MPR_PROVIDER_CREDENTIALS) != 0;
}

/* CONNECT_PROMPT: the user is asked though it might work without. */
static bool is_to_be_asked_first(const struct adding *adding, const struct mpr_np *np) {
    const uint32_t both = CONNECT_INTERACTIVE | CONNECT_PROMPT;

    return !adding->args->asked && (adding->args->flags & both) == both && takes_credentials(np);
}

static bool would_credentials_help(const struct adding *adding, DWORD rc) {
    for (size_t i = 0; i < sizeof credential_failures / sizeof *credential_failures; i++)
        if (rc == credential_failures[i])
            return true;
    /* The default user may be another than the one who may. */
    return rc == ERROR_ACCESS_DENIED && !user_of(adding->args);
}

/* For whoever asks why. */
static void note_failure(const struct adding *adding, const struct mpr_route *result, DWORD rc) {
    const struct mpr_failed failed = {
        .remote = (char *)(uintptr_t)adding->args->remote,
        .provider = (char *)(uintptr_t)result->np->name,
        .words =
            (char *)(uintptr_t)(result->failure.set ? result->failure.text : mpr_status_text(rc)),
        .code = rc,
        .ms = (uint32_t)((mpr_now_ns() - adding->begun_ns) / MPR_NS_PER_MS),
        .ended_ns = mpr_now_ns(),
    };

    mpr_failures_note(&failed);
}

/* It is connected: whatever has failed before, under any of its names, is over. */
static void forget_failures(const struct adding *adding) {
    struct mpr_failed *notes;
    size_t count;

    mpr_failures_forget(adding->args->remote);
    if (mpr_failures_list(&notes, &count) != NO_ERROR)
        return;
    for (size_t i = 0; i < count; i++)
        if (mpr_router_is_same_resource(adding->router, notes[i].remote, adding->args->remote))
            mpr_failures_forget(notes[i].remote);
    mpr_failures_free(notes, count);
}

/* Nobody has taken the name. */
static DWORD explain_route(struct adding *adding, const struct mpr_route *result) {
    DWORD rc;

    if (!result->asked)
        return mpr_route_nobodys(adding->args->remote);
    rc = mpr_route_result(result, ERROR_BAD_NET_NAME, "connect to", adding->args->remote);
    adding->asks = takes_credentials(result->np) && would_credentials_help(adding, rc);
    note_failure(adding, result, rc);
    return rc;
}

static DWORD ask_first(struct adding *adding) {
    adding->asks = true;
    return mpr_error_say(ERROR_NOT_AUTHENTICATED,
                         "User name and password for %s are to be asked for (CONNECT_PROMPT).",
                         adding->args->remote);
}

/* Asks the providers in order until one takes the name. */
static DWORD route(struct adding *adding) {
    const struct mpr_providers *providers = adding->router->providers;
    struct mpr_recognised recognised;
    struct mpr_call_data data;
    struct mpr_route result = {0};
    struct mpr_conn_facts facts;

    for (size_t i = 0; i < providers->count; i++) {
        struct mpr_np *np = &providers->items[i];
        void *session = NULL;
        uint32_t code = NO_ERROR;
        enum mpr_answer answer;

        if (!np->table || (adding->only && np != adding->only)
            || !mpr_np_recognise(np, adding->args->remote, &recognised))
            continue;
        if (is_connected_already(adding, np, recognised.key)) {
            mpr_conntab_remove(adding->conn);
            mpr_conntab_unref(MPR_TAKE(adding->conn));
            return NO_ERROR;
        }
        /* By syntax alone: somebody else may have such a resource of this name. */
        if (is_type_wrong(adding, &recognised)) {
            mpr_route_note_type(&result, np, adding->args->remote,
                                recognised.type == RESOURCETYPE_PRINT);
            continue;
        }
        if (is_to_be_asked_first(adding, np))
            return ask_first(adding);
        answer = ask(adding, np, adding->type, &data, &session, &code);
        if (answer == MPR_DONE) {
            DWORD rc = fill_facts(adding, np, recognised.key, &facts);

            if (rc == NO_ERROR)
                return commit(adding, &facts, session);
            adding->conn->facts.np = np;
            mpr_router_end_session(adding->conn, session);
            return rc;
        }
        if (mpr_conntab_was_forced(adding->conn))
            return say_cancelled(adding);
        if (mpr_route_note(&result, np, answer, code, &data.failure))
            break;
    }
    return explain_route(adding, &result);
}

static DWORD fill_ret(const struct adding *adding, struct mpr_add_ret *ret) {
    bool redirected = adding->device.index >= 0;
    char *name = strdup(redirected ? adding->device.name : adding->args->remote);

    if (!name)
        return ERROR_NOT_ENOUGH_MEMORY;
    ret->access_name = name;
    ret->redirected = redirected;
    return NO_ERROR;
}

static DWORD add(struct adding *adding, struct mpr_add_ret *ret) {
    struct mpr_add_ret got = {0};
    DWORD rc = reserve(adding);

    if (rc != NO_ERROR)
        return rc;
    rc = adding->args->no_room ? ERROR_MORE_DATA : check_profile(adding);
    if (rc == NO_ERROR)
        rc = mpr_secret_seal(adding->args->password, &adding->secret_fd);
    if (rc == NO_ERROR)
        rc = fill_ret(adding, &got);
    if (rc == NO_ERROR)
        rc = route(adding);
    if (rc != NO_ERROR) {
        if (adding->conn)
            mpr_conntab_remove(adding->conn);
        mpr_add_ret_clear(&got);
        return rc;
    }
    *ret = got;
    return NO_ERROR;
}

/* Tells who listens, and whoever asks why the device is not there. */
static void tell(const struct adding *adding, DWORD rc) {
    const char *device = adding->device.index >= 0 ? adding->device.name : NULL;
    struct mpr_error_state state;

    if (rc == NO_ERROR) {
        forget_failures(adding);
        if (device)
            mpr_unavailable_forget(device);
        if (adding->conn)
            mpr_events_publish(MPR_EVENT_CONNECTED, rc, device, adding->args->remote,
                               adding->conn->facts.np->name, NULL);
        return;
    }
    mpr_error_keep(&state);
    mpr_events_publish(MPR_EVENT_FAILED, rc, device, adding->args->remote,
                       state.explained ? state.provider : NULL,
                       state.explained ? state.text : mpr_status_text(rc));
}

DWORD mpr_router_connect(struct mpr_router *router, const struct mpr_add_args *args,
                         struct mpr_add_ret *ret, bool *ret_asks) {
    struct adding adding = {
        .router = router, .args = args, .secret_fd = MPR_SECRET_NONE, .begun_ns = mpr_now_ns()};
    DWORD rc = check(&adding);

    if (rc != NO_ERROR || args->check_only) {
        *ret_asks = false;
        return rc;
    }
    rc = add(&adding, ret);
    tell(&adding, rc);
    if (rc == NO_ERROR)
        mpr_router_note_recent(router, args, adding.conn);
    if (adding.conn)
        mpr_conntab_unref(adding.conn);
    mpr_secret_close(adding.secret_fd);
    free(adding.remembered);
    *ret_asks = adding.asks;
    return rc;
}

bool mpr_router_refuse(DWORD rc, struct mpr_refusal *ret) {
    const char *words, *provider;
    struct mpr_refusal refusal = {.code = rc};

    mpr_error_get(&refusal.native, &words, &provider);
    refusal.words = strdup(words);
    refusal.provider = strdup(provider);
    if (!refusal.words || !refusal.provider) {
        mpr_refusal_clear(&refusal);
        return false;
    }
    *ret = refusal;
    return true;
}

DWORD mpr_router_add(struct mpr_router *router, const struct mpr_add_args *args,
                     struct mpr_add_ret *ret) {
    struct mpr_refusal refusal;
    bool asks;
    DWORD rc = mpr_router_connect(router, args, ret, &asks);

    if (rc == NO_ERROR)
        mpr_router_save_password(router, args, ret);
    if (rc == NO_ERROR || !asks || (args->flags & CONNECT_INTERACTIVE) == 0
        || !mpr_router_refuse(rc, &refusal))
        return rc;
    *ret = (struct mpr_add_ret){.asks = true, .refusal = refusal};
    return NO_ERROR;
}
