/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_notify.c: tells notification modules of connections.
 *
 * A module gets structures and strings of its own, made anew for each call: what
 * it does to them reaches nobody, and nothing of them is read back but its context,
 * which is a number to us.
 */
#include "config.h"

#include "router/wnet_notify.h"

#include <string.h>

#include <mpr/npapi.h>

#include "router/mpr_alloc.h"
#include "router/mpr_call.h"
#include "router/mpr_error.h"
#include "router/mpr_loader.h"
#include "router/mpr_runtime.h"
#include "router/mpr_trace.h"
#include "router/mpr_utf.h"

/* How often a failed operation is tried again, whoever asks for it. */
#define MOST_RETRIES 3

struct notifyee {
    const char *name; /* the drop-in's */
    struct mpr_notify_functions functions;
    void *context; /* what it left behind: it is to be told afterwards */
    bool retries;  /* it has asked for another try: it is not told before that */
};

/* A string for modules: ours, and the copy that each gets in turn. */
struct text {
    WCHAR *own, *given;
    size_t size; /* units with the NUL; 0: there is none */
};

/* An operation that is told of. */
struct notifying {
    struct notifyee *notifyees; /* in the order of registration */
    size_t count;
    struct mpr_notifyees_ret names; /* what their names belong to */
    struct text local, remote, provider;
    DWORD (*tell)(struct notifying *notifying, const struct notifyee *notifyee, LPNOTIFYINFO info);
    DWORD (*operate)(struct notifying *notifying);
    /* Of an add. */
    MPR_HWND owner;
    const struct mpr_add_args *add;
    wnet_connect_fn connect;
    struct mpr_add_ret *add_ret;
    /* Of a cancel; its name is remote. */
    const struct mpr_cancel_args *cancel;
};

/* --- strings --- */

static DWORD set_text(struct text *text, const char *utf8) {
    size_t size = utf8 ? mpr_utf_wide_size(utf8) : 0;

    if (!size)
        return NO_ERROR;
    text->own = calloc(size * 2, sizeof *text->own);
    if (!text->own)
        return ERROR_NOT_ENOUGH_MEMORY;
    text->given = text->own + size;
    text->size = size;
    mpr_utf_to_wide(utf8, text->own, size);
    return NO_ERROR;
}

static LPWSTR give_text(const struct text *text) {
    if (text->size)
        memcpy(text->given, text->own, text->size * sizeof *text->own);
    return text->given;
}

/* --- one module is told --- */

static DWORD tell_of_add(struct notifying *notifying, const struct notifyee *notifyee,
                         LPNOTIFYINFO info) {
    NOTIFYADD add = {
        .hwndOwner = notifying->owner,
        .NetResource = {.dwType = notifying->add->type,
                        .lpLocalName = give_text(&notifying->local),
                        .lpRemoteName = give_text(&notifying->remote),
                        .lpProvider = give_text(&notifying->provider)},
        .dwAddFlags = notifying->add->flags,
    };

    return notifyee->functions.add(info, &add);
}

static DWORD tell_of_cancel(struct notifying *notifying, const struct notifyee *notifyee,
                            LPNOTIFYINFO info) {
    NOTIFYCANCEL cancel = {
        .lpName = give_text(&notifying->remote),
        .lpProvider = give_text(&notifying->provider),
        .dwFlags = notifying->cancel->flags,
        .fForce = notifying->cancel->force,
    };

    return notifyee->functions.cancel(info, &cancel);
}

/*
 * Calls a module. *ret_explained: it has set words of its own; else the thread has
 * those it had before. What the router told it, because it called back, is none.
 */
static DWORD tell(struct notifying *notifying, const struct notifyee *notifyee, LPNOTIFYINFO info,
                  bool *ret_explained) {
    struct mpr_error_state before, after;
    DWORD rc;

    mpr_error_keep(&before);
    mpr_error_enter();
    mpr_call_enter();
    rc = notifying->tell(notifying, notifyee, info);
    mpr_call_leave();
    mpr_error_keep(&after);
    mpr_trace("notify", "%s, %s: %u", notifyee->name,
              info->dwNotifyStatus == NOTIFY_PRE ? "before" : "after", rc);
    *ret_explained = after.explained && strcmp(after.provider, MPR_ERROR_SELF) != 0;
    if (!*ret_explained)
        mpr_error_put_back(&before);
    return rc;
}

/* --- after the operation --- */

static LPVOID take_context(struct notifyee *notifyee) {
    return MPR_TAKE(notifyee->context);
}

/*
 * To those that have left something behind, where nothing that they say counts any
 * more: after success, or after somebody's refusal.
 */
static void tell_of_end(struct notifying *notifying, DWORD status) {
    struct mpr_error_state before;

    mpr_error_keep(&before);
    for (size_t i = 0; i < notifying->count; i++) {
        struct notifyee *notifyee = &notifying->notifyees[i];
        NOTIFYINFO info = {.dwNotifyStatus = NOTIFY_POST, .dwOperationStatus = status};
        bool explained;

        info.lpContext = take_context(notifyee);
        if (info.lpContext)
            tell(notifying, notifyee, &info, &explained);
    }
    mpr_error_put_back(&before);
}

/* Tells of a failure, which each may replace. True: somebody wants another try. */
static bool tell_of_failure(struct notifying *notifying, DWORD *status) {
    bool again = false;

    for (size_t i = 0; i < notifying->count; i++) {
        struct notifyee *notifyee = &notifying->notifyees[i];
        NOTIFYINFO info = {.dwNotifyStatus = NOTIFY_POST, .dwOperationStatus = *status};
        bool explained;
        DWORD rc;

        info.lpContext = take_context(notifyee);
        if (!info.lpContext)
            continue;
        rc = tell(notifying, notifyee, &info, &explained);
        if (rc == WN_RETRY) {
            notifyee->context = info.lpContext;
            notifyee->retries = again = true;
        } else if (rc != WN_SUCCESS && rc != *status) {
            *status = rc;
            if (!explained)
                mpr_error_explain(rc, rc, notifyee->name,
                                  "The notification module %s says %u of it.", notifyee->name, rc);
        }
    }
    return again;
}

/* --- before the operation --- */

/* What is said without refusing is not told the caller. */
static DWORD tell_before(struct notifying *notifying, bool again) {
    struct mpr_error_state before;

    mpr_error_keep(&before);
    for (size_t i = notifying->count; i > 0; i--) {
        struct notifyee *notifyee = &notifying->notifyees[i - 1];
        NOTIFYINFO info = {.dwNotifyStatus = NOTIFY_PRE, .dwOperationStatus = again ? WN_RETRY : 0};
        bool explained;
        DWORD rc;

        if (notifyee->retries) {
            notifyee->retries = false;
            continue;
        }
        rc = tell(notifying, notifyee, &info, &explained);
        if (rc != WN_SUCCESS) {
            if (!explained)
                mpr_error_explain(rc, rc, notifyee->name,
                                  "The notification module %s does not allow it.", notifyee->name);
            return rc;
        }
        mpr_error_put_back(&before);
        notifyee->context = info.lpContext;
    }
    return NO_ERROR;
}

static DWORD run_told(struct notifying *notifying) {
    for (unsigned tries = 0;; tries++) {
        DWORD rc = tell_before(notifying, tries > 0);

        if (rc != NO_ERROR) {
            tell_of_end(notifying, rc);
            return rc;
        }
        rc = notifying->operate(notifying);
        if (rc == NO_ERROR) {
            tell_of_end(notifying, NO_ERROR);
            return rc;
        }
        if (!tell_of_failure(notifying, &rc) || tries == MOST_RETRIES)
            return rc;
    }
}

/* --- who is to be told --- */

/* A module that cannot be loaded hurts nobody. */
static DWORD load(struct notifying *notifying) {
    const struct mpr_provider_list *list = &notifying->names.list;

    notifying->notifyees = calloc(list->count + 1, sizeof *notifying->notifyees);
    if (!notifying->notifyees)
        return ERROR_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < list->count; i++) {
        struct notifyee *notifyee = &notifying->notifyees[notifying->count];
        struct mpr_failure failure = {.set = false};
        DWORD rc = mpr_loader_open_notifyee(list->items[i].module, &failure, &notifyee->functions);

        if (rc == ERROR_NOT_ENOUGH_MEMORY)
            return rc;
        if (rc != NO_ERROR)
            mpr_trace("notify", "%s: %s", list->items[i].drop_in, failure.text);
        else if (notifying->add ? !notifyee->functions.add : !notifyee->functions.cancel)
            continue;
        else
            notifying->notifyees[notifying->count++].name = list->items[i].name;
    }
    return NO_ERROR;
}

/* Unless something failed before: loads them, looks at the arguments, goes through with it. */
static DWORD run(struct notifying *notifying, DWORD (*check)(const struct notifying *notifying),
                 DWORD rc) {
    if (rc == NO_ERROR)
        rc = load(notifying);
    if (rc == NO_ERROR && notifying->count)
        rc = check(notifying);
    if (rc == NO_ERROR)
        rc = run_told(notifying);
    free(notifying->notifyees);
    free(notifying->local.own);
    free(notifying->remote.own);
    free(notifying->provider.own);
    mpr_notifyees_ret_clear(&notifying->names);
    return rc;
}

/* --- the two operations --- */

static DWORD operate_add(struct notifying *notifying) {
    struct mpr_add_args args = *notifying->add;

    return notifying->connect(&args, notifying->add_ret);
}

static DWORD check_add(const struct notifying *notifying) {
    struct mpr_add_args args = *notifying->add;

    args.check_only = true;
    return mpr_runtime_add(&args, &(struct mpr_add_ret){0});
}

DWORD wnet_notify_add(MPR_HWND owner, const struct mpr_add_args *args, wnet_connect_fn connect,
                      struct mpr_add_ret *ret) {
    struct notifying notifying = {
        .tell = tell_of_add,
        .operate = operate_add,
        .owner = owner,
        .add = args,
        .connect = connect,
        .add_ret = ret,
    };
    DWORD rc;

    /* Nothing is going to be connected, whatever they say. */
    if (args->no_room)
        return operate_add(&notifying);
    rc = mpr_runtime_notifyees(&(struct mpr_notifyees_args){0}, &notifying.names);
    if (rc != NO_ERROR)
        return rc;
    rc = set_text(&notifying.local, args->local);
    if (rc == NO_ERROR)
        rc = set_text(&notifying.remote, args->remote);
    if (rc == NO_ERROR)
        rc = set_text(&notifying.provider, args->provider);
    return run(&notifying, check_add, rc);
}

/* Who cannot be told whose the connection was, for want of memory, is told the rest. */
static DWORD operate_cancel(struct notifying *notifying) {
    struct mpr_cancel_ret got = {0};
    DWORD rc = mpr_runtime_cancel(notifying->cancel, &got);

    if (rc == NO_ERROR && notifying->count)
        set_text(&notifying->provider, got.provider);
    mpr_cancel_ret_clear(&got);
    return rc;
}

static DWORD check_cancel(const struct notifying *notifying) {
    struct mpr_cancel_args args = *notifying->cancel;

    args.check_only = true;
    return mpr_runtime_cancel(&args, &(struct mpr_cancel_ret){0});
}

DWORD wnet_notify_cancel(const struct mpr_cancel_args *args) {
    struct notifying notifying = {
        .tell = tell_of_cancel,
        .operate = operate_cancel,
        .cancel = args,
    };
    DWORD rc = mpr_runtime_notifyees(&(struct mpr_notifyees_args){0}, &notifying.names);

    if (rc != NO_ERROR)
        return rc;
    return run(&notifying, check_cancel, set_text(&notifying.remote, args->name));
}
