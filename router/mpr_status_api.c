/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_status_api.c: the functions of session.h.
 */
#include "config.h"

#include <fcntl.h>

#include <mpr/session.h>

#include "router/mpr_call.h"
#include "router/mpr_entry.h"
#include "router/mpr_runtime.h"
#include "router/mpr_utf.h"

/* A callback of the program's, with what it is to be told of a list, one after the other. */
#define TELL_EACH(list, describe, fn, context)                                                     \
    do {                                                                                           \
        int stop = 0;                                                                              \
                                                                                                   \
        for (size_t i = 0; i < (list).count && !stop; i++) {                                       \
            __typeof__(describe(NULL)) told = describe(&(list).items[i]);                          \
                                                                                                   \
            mpr_call_enter();                                                                      \
            stop = (fn)((context), &told);                                                         \
            mpr_call_leave();                                                                      \
        }                                                                                          \
    } while (0)

/* NULL stands for "any" or is refused elsewhere. */
static DWORD check_text(const char *what, const char *text) {
    if (!text || mpr_utf_valid(text))
        return NO_ERROR;
    return mpr_error_say(ERROR_NO_UNICODE_TRANSLATION, "The %s is not valid UTF-8.", what);
}

static const char *text_of(const char *text) {
    return text ? text : "";
}

/* --- status --- */

static struct mpr_connection_status describe_status(const struct mpr_status_item *item) {
    return (struct mpr_connection_status){
        .size = sizeof(struct mpr_connection_status),
        .state = item->state,
        .type = item->type,
        .persistent = item->persistent,
        .open_files = item->open_files,
        .latency_us = item->latency_us,
        .code = item->code,
        .retry_s = item->retry_s,
        .bytes_read = item->bytes_read,
        .bytes_written = item->bytes_written,
        .operations = item->operations,
        .device = text_of(item->device),
        .remote = text_of(item->remote),
        .provider = text_of(item->provider),
        .user = text_of(item->user),
        .directory = text_of(item->directory),
        .reason = text_of(item->reason),
        .age_ms = item->age_ms,
    };
}

static DWORD tell_status(const char *name, mpr_status_fn fn, void *context) {
    struct mpr_status_ret got = {0};
    DWORD rc = check_text("name", name);

    if (rc == NO_ERROR)
        rc = mpr_runtime_status(&(struct mpr_status_args){.name = name}, &got);
    if (rc != NO_ERROR)
        return rc;
    TELL_EACH(got.list, describe_status, fn, context);
    mpr_status_ret_clear(&got);
    return NO_ERROR;
}

DWORD MprStatus(LPCSTR name, mpr_status_fn fn, void *context) {
    MPR_ENTER("%s, %p", name ? name : "NULL", context);
    MPR_NEED(fn);
    return mpr_leave(tell_status(name, fn, context));
}

/* --- holders --- */

static struct mpr_holder describe_holder(const struct mpr_holder_item *item) {
    return (struct mpr_holder){
        .size = sizeof(struct mpr_holder),
        .kind = item->kind,
        .pid = (int32_t)item->pid,
        .more = item->more,
        .command = text_of(item->command),
        .path = text_of(item->path),
    };
}

static DWORD tell_holders(const char *name, mpr_holder_fn fn, void *context) {
    struct mpr_holders_ret got = {0};
    DWORD rc = check_text("name", name);

    if (rc == NO_ERROR)
        rc = mpr_runtime_holders(&(struct mpr_holders_args){.name = name}, &got);
    if (rc != NO_ERROR)
        return rc;
    TELL_EACH(got.list, describe_holder, fn, context);
    mpr_holders_ret_clear(&got);
    return NO_ERROR;
}

DWORD MprHolders(LPCSTR name, mpr_holder_fn fn, void *context) {
    MPR_ENTER("%s, %p", name ? name : "NULL", context);
    MPR_NEED(name);
    MPR_NEED(fn);
    return mpr_leave(tell_holders(name, fn, context));
}

/* --- explain --- */

static struct mpr_step describe_step(const struct mpr_step_item *item) {
    return (struct mpr_step){
        .size = sizeof(struct mpr_step),
        .outcome = item->outcome,
        .milliseconds = item->milliseconds,
        .code = item->code,
        .step = text_of(item->step),
        .words = text_of(item->words),
    };
}

static DWORD tell_steps(const char *remote, mpr_step_fn fn, void *context) {
    struct mpr_explain_ret got = {0};
    DWORD rc = check_text("name", remote);

    if (rc == NO_ERROR)
        rc = mpr_runtime_explain(&(struct mpr_explain_args){.remote = remote}, &got);
    if (rc != NO_ERROR)
        return rc;
    TELL_EACH(got.list, describe_step, fn, context);
    mpr_explain_ret_clear(&got);
    return NO_ERROR;
}

DWORD MprExplain(LPCSTR remote, mpr_step_fn fn, void *context) {
    MPR_ENTER("%s, %p", remote ? remote : "NULL", context);
    MPR_NEED(fn);
    return mpr_leave(tell_steps(remote, fn, context));
}

/* --- events --- */

struct listener {
    mpr_event_fn fn;
    void *context;
};

static int tell_event(void *context, const struct mpr_event *event) {
    const struct listener *listener = context;
    int stop;

    mpr_call_enter();
    stop = listener->fn(listener->context, event);
    mpr_call_leave();
    return stop;
}

DWORD MprSubscribe(mpr_event_fn fn, int cancel_fd, void *context) {
    struct listener listener = {fn, context};

    MPR_ENTER("%d, %p", cancel_fd, context);
    MPR_NEED(fn);
    return mpr_leave(mpr_runtime_subscribe(tell_event, cancel_fd, &listener));
}

/* --- drives and passwords --- */

static DWORD serve_drive(const char *name, int fuse_fd) {
    const struct mpr_serve_args args = {.name = name, .fds = {fuse_fd, -1, -1}};
    struct mpr_serve_ret got = {0};
    DWORD rc = check_text("name", name);

    if (rc == NO_ERROR && fcntl(fuse_fd, F_GETFD) < 0)
        rc = mpr_error_say(ERROR_INVALID_HANDLE, "%d is no open descriptor.", fuse_fd);
    if (rc == NO_ERROR)
        rc = mpr_runtime_serve(&args, &got);
    return rc;
}

DWORD MprServeDrive(LPCSTR name, int fuse_fd) {
    MPR_ENTER("%s, %d", name ? name : "NULL", fuse_fd);
    MPR_NEED(name);
    return mpr_leave(serve_drive(name, fuse_fd));
}

static DWORD set_credentials(const char *device, uint32_t source, const char *value) {
    const struct mpr_credentials_args args = {.device = device, .source = source, .value = value};
    struct mpr_credentials_ret got = {0};
    DWORD rc = check_text("device", device);

    if (rc == NO_ERROR)
        rc = check_text("value", value);
    return rc == NO_ERROR ? mpr_runtime_credentials(&args, &got) : rc;
}

DWORD MprSetCredentials(LPCSTR device, DWORD source, LPCSTR value) {
    MPR_ENTER("%s, %u", device ? device : "NULL", source);
    return mpr_leave(set_credentials(device, source, value));
}
