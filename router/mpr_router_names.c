/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_names.c: what providers are asked about remote names: which
 * resource one begins with, what contains it, and how fast its connection is.
 */
#include "config.h"

#include "router/mpr_route.h"

#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_router.h"
#include "router/mpr_router_list.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"
#include "router/mpr_utf.h"

DWORD mpr_router_pick(const struct mpr_router *router, const char *name, struct mpr_np **ret_only) {
    struct mpr_np *only = NULL;

    if (router->providers->loaded == 0)
        return mpr_error_say(ERROR_NO_NETWORK, "No network provider is loaded.");
    if (name && *name) {
        only = mpr_providers_find(router->providers, name);
        if (!only)
            return mpr_error_say(ERROR_BAD_PROVIDER, "There is no provider named %s.", name);
    }
    *ret_only = only;
    return NO_ERROR;
}

/* A question about a name, and what the provider that is being asked has answered. */
struct question {
    const char *remote;
    uint32_t type;
    bool is_parent; /* else information */
    bool answered;
    DWORD rc; /* of taking the answer */
    struct mpr_item item;
    size_t rest; /* where it starts in remote */
};

static void clear_item(struct mpr_item *item) {
    free(MPR_TAKE(item->remote));
    free(MPR_TAKE(item->provider));
}

/* The first entry is the answer; of it only what Windows gives. */
static int take_answer(void *context, const struct mpr_resource *entry) {
    struct question *question = context;

    if (question->answered)
        return 1;
    question->answered = true;
    question->item.type = entry->type;
    question->item.display_type = entry->display_type;
    question->item.usage = entry->usage;
    if (entry->remote) {
        question->item.remote = strdup(entry->remote);
        if (!question->item.remote)
            question->rc = ERROR_NOT_ENOUGH_MEMORY;
    }
    return 1;
}

static bool is_valid(const struct question *question) {
    const char *remote = question->item.remote;

    if (!question->answered || (remote && !mpr_utf_valid(remote)))
        return false;
    return question->is_parent
           || (remote && question->rest <= strlen(question->remote)
               && mpr_utf_valid(question->remote + question->rest));
}

static bool is_of_other_type(const struct question *question) {
    return !question->is_parent && question->type != RESOURCETYPE_ANY
           && question->item.type != RESOURCETYPE_ANY
           && (question->type & question->item.type) == 0;
}

/* What a provider says is done may not be an answer all the same. */
static enum mpr_answer judge(const struct question *question, const struct mpr_np *np,
                             struct mpr_failure *failure, uint32_t *ret_code) {
    if (!is_valid(question)) {
        mpr_failure_set(failure, ERROR_UNEXP_NET_ERR,
                        "%s says that it knows %s, but gave no answer that can be used.", np->name,
                        question->remote);
        *ret_code = ERROR_UNEXP_NET_ERR;
        return MPR_MINE_FAILED;
    }
    if (is_of_other_type(question)) {
        mpr_failure_set(failure, ERROR_BAD_DEV_TYPE, "%s is no %s.", question->item.remote,
                        question->type == RESOURCETYPE_PRINT ? "printer" : "disk");
        *ret_code = ERROR_BAD_DEV_TYPE;
        return MPR_MINE_FAILED;
    }
    return MPR_DONE;
}

static enum mpr_answer ask_slot(struct question *question, const struct mpr_np *np,
                                const struct mpr_call *call, uint32_t *ret_code) {
    if (question->is_parent)
        return np->table->parent(np->state, call, question->remote, take_answer, question,
                                 ret_code);
    return np->table->information(np->state, call, question->remote, question->type, take_answer,
                                  question, &question->rest, ret_code);
}

static enum mpr_answer ask(struct question *question, struct mpr_np *np,
                           struct mpr_failure *ret_failure, uint32_t *ret_code) {
    struct mpr_conn *lender = NULL;
    struct mpr_call_data data;
    struct mpr_call call;
    enum mpr_answer answer;

    ret_failure->set = false;
    if (question->is_parent ? !np->table->parent : !np->table->information) {
        mpr_failure_set(ret_failure, ERROR_NOT_SUPPORTED, "%s tells nothing about names like %s.",
                        np->name, question->remote);
        *ret_code = ERROR_NOT_SUPPORTED;
        return MPR_NOT_MINE;
    }
    if (!question->is_parent)
        question->rc = mpr_router_lender(np, question->remote, &lender);
    mpr_call_begin(&call, &data, np->name, mpr_deadline_in_ms(np->connect_timeout_ms), -1,
                   lender ? lender->facts.secret_fd : MPR_SECRET_NONE);
    call.user = lender ? lender->facts.user : NULL;
    if (mpr_np_enter(np, &call)) {
        *ret_code = NO_ERROR;
        answer = ask_slot(question, np, &call, ret_code);
        mpr_np_leave(np);
    } else {
        *ret_code = ERROR_BUSY;
        answer = MPR_NOT_MINE;
    }
    if (lender)
        mpr_conntab_unref(lender);
    *ret_failure = data.failure;
    return answer == MPR_DONE ? judge(question, np, ret_failure, ret_code) : answer;
}

/* Asks the providers that know such names, in order, until one has the answer. */
static DWORD route(const struct mpr_router *router, const struct mpr_np *only,
                   struct question *question) {
    const struct mpr_providers *providers = router->providers;
    struct mpr_recognised recognised;
    struct mpr_route result = {0};
    struct mpr_failure failure;

    for (size_t i = 0; i < providers->count; i++) {
        struct mpr_np *np = &providers->items[i];
        enum mpr_answer answer;
        uint32_t code;

        if (!np->table || (only && np != only)
            || !mpr_np_recognise(np, question->remote, &recognised))
            continue;
        answer = ask(question, np, &failure, &code);
        if (question->rc == NO_ERROR && answer == MPR_DONE) {
            question->item.provider = strdup(np->name);
            return question->item.provider ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
        }
        clear_item(&question->item);
        question->answered = false;
        if (question->rc != NO_ERROR)
            return question->rc;
        if (mpr_route_note(&result, np, answer, code, &failure))
            break;
    }
    if (!result.asked)
        return mpr_route_nobodys(question->remote);
    return mpr_route_result(&result, ERROR_BAD_NET_NAME, "tell about", question->remote);
}

/* The entry that stands for a whole provider has its name: the top of a listing of the network. */
static DWORD answer_network(struct question *question, const struct mpr_np *np) {
    question->item.provider = strdup(np->name);
    if (!question->item.provider)
        return ERROR_NOT_ENOUGH_MEMORY;
    question->item.usage = RESOURCEUSAGE_CONTAINER;
    question->item.display_type = RESOURCEDISPLAYTYPE_ROOT;
    if (question->is_parent)
        return NO_ERROR;
    question->item.usage |= RESOURCEUSAGE_RESERVED;
    question->item.display_type = RESOURCEDISPLAYTYPE_NETWORK;
    question->rest = strlen(question->remote);
    question->item.remote = strdup(np->name);
    return question->item.remote ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

DWORD mpr_router_check_remote(const char *remote) {
    if (!remote)
        return mpr_error_say(ERROR_INVALID_PARAMETER, "No remote name was given (lpRemoteName is "
                                                      "NULL).");
    if (!*remote)
        return mpr_error_say(ERROR_BAD_NET_NAME, "The remote name is empty.");
    if (mpr_name_has_control(remote))
        return mpr_error_say(ERROR_BAD_NET_NAME, "The remote name has a control character in it.");
    return NO_ERROR;
}

/* Asks, and makes a list of one entry of the answer. */
static DWORD ask_about(const struct mpr_router *router, const char *provider,
                       struct question *question, struct mpr_item_list *ret_list) {
    struct mpr_item *items;
    struct mpr_np *only;
    DWORD rc = mpr_router_check_remote(question->remote);

    if (rc == NO_ERROR)
        rc = mpr_router_pick(router, provider, &only);
    if (rc != NO_ERROR)
        return rc;
    items = malloc(sizeof *items);
    if (!items)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = only && mpr_utf_same(question->remote, only->name) ? answer_network(question, only)
                                                            : route(router, only, question);
    if (rc != NO_ERROR) {
        clear_item(&question->item);
        free(items);
        return rc;
    }
    *items = question->item;
    *ret_list = (struct mpr_item_list){.items = items, .count = 1};
    return NO_ERROR;
}

DWORD mpr_router_information(struct mpr_router *router, const struct mpr_information_args *args,
                             struct mpr_information_ret *ret) {
    struct question question = {.remote = args->remote, .type = args->type};
    struct mpr_information_ret got = {0};
    DWORD rc;

    if ((args->type & ~(DWORD)(RESOURCETYPE_DISK | RESOURCETYPE_PRINT)) != 0)
        return mpr_error_say(ERROR_BAD_DEV_TYPE,
                             "The resource type 0x%x is neither RESOURCETYPE_ANY nor made of "
                             "RESOURCETYPE_DISK and RESOURCETYPE_PRINT.",
                             args->type);
    rc = ask_about(router, args->provider, &question, &got.list);
    if (rc != NO_ERROR)
        return rc;
    if (args->remote[question.rest]) {
        got.rest = strdup(args->remote + question.rest);
        if (!got.rest) {
            mpr_information_ret_clear(&got);
            return ERROR_NOT_ENOUGH_MEMORY;
        }
    }
    *ret = got;
    return NO_ERROR;
}

DWORD mpr_router_parent(struct mpr_router *router, const struct mpr_parent_args *args,
                        struct mpr_parent_ret *ret) {
    struct question question = {.remote = args->remote, .type = args->type, .is_parent = true};

    return ask_about(router, args->provider, &question, &ret->list);
}

/* --- performance --- */

static uint32_t ask_performance(const struct mpr_np *np, void *session, const struct mpr_call *call,
                                void *context) {
    return np->table->performance(session, call, context);
}

static DWORD say_nobodys(const struct mpr_router *router, const struct mpr_np *only,
                         const char *remote) {
    struct mpr_recognised recognised;

    for (size_t i = 0; i < router->providers->count; i++) {
        const struct mpr_np *np = &router->providers->items[i];

        if ((!only || np == only) && np->table && mpr_np_recognise(np, remote, &recognised))
            return mpr_router_say_unconnected(router, remote);
    }
    return mpr_route_nobodys(remote);
}

/* By device, or else by name. */
static DWORD find_measured(const struct mpr_router *router, const struct mpr_performance_args *args,
                           const struct mpr_np *only, struct mpr_conn **ret_conn) {
    struct mpr_device device;
    const char *rest;
    DWORD rc;

    if (!args->local || !*args->local) {
        rc = mpr_router_find_path(router, only, args->remote, ret_conn, &rest);
        return rc == ERROR_NOT_CONNECTED ? say_nobodys(router, only, args->remote) : rc;
    }
    if (!mpr_name_device(args->local, &device))
        return mpr_error_say(ERROR_BAD_DEVICE,
                             "\"%s\" is no device name: A: to Z: and LPT1 to LPT9 are.",
                             args->local);
    *ret_conn = mpr_conntab_find_device(device.index);
    return *ret_conn ? NO_ERROR : mpr_router_say_unconnected(router, device.name);
}

static DWORD measure(struct mpr_conn *conn, const struct mpr_np *only,
                     struct mpr_performance *ret_facts) {
    const struct mpr_np *np;

    if (!mpr_conntab_is_connected(conn)) /* its facts are not there yet, or it is going */
        return mpr_error_say(ERROR_NOT_CONNECTED, "It is just being connected or disconnected.");
    np = conn->facts.np;
    if (only && np != only)
        return mpr_error_say(ERROR_NOT_CONNECTED, "The connection to %s is of %s, not of %s.",
                             conn->facts.remote, np->name, only->name);
    if (!np->table->performance)
        return mpr_error_say(ERROR_NOT_SUPPORTED, "%s does not measure its connections.", np->name);
    return mpr_router_ask_session(conn, ask_performance, ret_facts);
}

DWORD mpr_router_performance(struct mpr_router *router, const struct mpr_performance_args *args,
                             struct mpr_performance_ret *ret) {
    struct mpr_performance facts = {.size = sizeof facts};
    struct mpr_conn *conn;
    struct mpr_np *only;
    DWORD rc;

    if ((!args->local || !*args->local) && (!args->remote || !*args->remote))
        return mpr_error_say(ERROR_BAD_NET_NAME, "Neither a device nor a remote name was given.");
    rc = mpr_router_pick(router, args->provider, &only);
    if (rc == NO_ERROR)
        rc = find_measured(router, args, only, &conn);
    if (rc != NO_ERROR)
        return rc;
    rc = measure(conn, only, &facts);
    mpr_conntab_unref(conn);
    if (rc != NO_ERROR)
        return rc;
    ret->flags = facts.flags;
    ret->speed = facts.speed;
    ret->delay_ms = facts.delay_ms;
    ret->opt_data_size = facts.opt_data_size;
    return NO_ERROR;
}

bool mpr_router_is_same_resource(const struct mpr_router *router, const char *a, const char *b) {
    struct mpr_recognised key_a, key_b;

    if (strcmp(a, b) == 0)
        return true;
    for (size_t i = 0; i < router->providers->count; i++) {
        const struct mpr_np *np = &router->providers->items[i];

        if (np->table && mpr_np_recognise(np, a, &key_a) && mpr_np_recognise(np, b, &key_b))
            return strcmp(key_a.key, key_b.key) == 0;
    }
    return false;
}
