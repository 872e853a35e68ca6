/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_call.c: calls of NP functions: codes, words, and who waits how long.
 */
#include "config.h"

#include "router/classic_call.h"

#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_call.h"
#include "router/mpr_status.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"
#include "router/mpr_utf.h"

#define START_UNKNOWN 0xFFFFFFFFu /* WNNC_START: it will start, some time */

/* Room behind a text: one module writes a separator over its NUL, and reads on. */
#define TEXT_SLACK    64

/* What a provider may answer; all else is a code of some other world. */
static const DWORD known_codes[] = {
    ERROR_ACCESS_DENIED,
    ERROR_INVALID_HANDLE,
    ERROR_NOT_ENOUGH_MEMORY,
    ERROR_GEN_FAILURE,
    ERROR_NOT_SUPPORTED,
    ERROR_REM_NOT_LIST,
    ERROR_BAD_NETPATH,
    ERROR_NETWORK_BUSY,
    ERROR_DEV_NOT_EXIST,
    ERROR_BAD_NET_RESP,
    ERROR_UNEXP_NET_ERR,
    ERROR_NETNAME_DELETED,
    ERROR_NETWORK_ACCESS_DENIED,
    ERROR_BAD_DEV_TYPE,
    ERROR_BAD_NET_NAME,
    ERROR_TOO_MANY_SESS,
    ERROR_REQ_NOT_ACCEP,
    ERROR_REDIR_PAUSED,
    ERROR_ALREADY_ASSIGNED,
    ERROR_INVALID_PASSWORD,
    ERROR_INVALID_PARAMETER,
    ERROR_SEM_TIMEOUT,
    ERROR_INVALID_NAME,
    ERROR_INVALID_LEVEL,
    ERROR_BUSY,
    ERROR_MORE_DATA,
    ERROR_NO_MORE_ITEMS,
    ERROR_INVALID_ADDRESS,
    ERROR_OPERATION_ABORTED,
    ERROR_BAD_DEVICE,
    ERROR_CONNECTION_UNAVAIL,
    ERROR_DEVICE_ALREADY_REMEMBERED,
    ERROR_NO_NET_OR_BAD_PATH,
    ERROR_BAD_PROVIDER,
    ERROR_CANNOT_OPEN_PROFILE,
    ERROR_BAD_PROFILE,
    ERROR_NOT_CONTAINER,
    ERROR_EXTENDED_ERROR,
    ERROR_SESSION_CREDENTIAL_CONFLICT,
    ERROR_NO_NETWORK,
    ERROR_CANCELLED,
    ERROR_CONNECTION_REFUSED,
    ERROR_NETWORK_UNREACHABLE,
    ERROR_HOST_UNREACHABLE,
    ERROR_PORT_UNREACHABLE,
    ERROR_REQUEST_ABORTED,
    ERROR_CONNECTION_ABORTED,
    ERROR_RETRY,
    ERROR_LOGIN_TIME_RESTRICTION,
    ERROR_LOGIN_WKSTA_RESTRICTION,
    ERROR_INCORRECT_ADDRESS,
    ERROR_NOT_AUTHENTICATED,
    ERROR_NOT_LOGGED_ON,
    ERROR_CONTINUE,
    ERROR_ALREADY_INITIALIZED,
    ERROR_NO_MORE_DEVICES,
    ERROR_HOST_DOWN,
    ERROR_NO_LOGON_SERVERS,
    ERROR_NO_SUCH_LOGON_SESSION,
    ERROR_NO_SUCH_USER,
    ERROR_LOGON_FAILURE,
    ERROR_ACCOUNT_RESTRICTION,
    ERROR_INVALID_LOGON_HOURS,
    ERROR_INVALID_WORKSTATION,
    ERROR_PASSWORD_EXPIRED,
    ERROR_ACCOUNT_DISABLED,
    ERROR_NO_SUCH_DOMAIN,
    ERROR_LOGON_NOT_GRANTED,
    ERROR_LOGON_TYPE_NOT_GRANTED,
    ERROR_WRONG_TARGET_NAME,
    ERROR_TIME_SKEW,
    ERROR_TIMEOUT,
    ERROR_TRUSTED_RELATIONSHIP_FAILURE,
    ERROR_ACCOUNT_EXPIRED,
    ERROR_PASSWORD_MUST_CHANGE,
    ERROR_DOMAIN_CONTROLLER_NOT_FOUND,
    ERROR_ACCOUNT_LOCKED_OUT,
    ERROR_BAD_USERNAME,
    ERROR_NOT_CONNECTED,
    ERROR_OPEN_FILES,
    ERROR_ACTIVE_CONNECTIONS,
    ERROR_DEVICE_IN_USE,
};

static bool is_known(DWORD code) {
    for (size_t i = 0; i < sizeof known_codes / sizeof *known_codes; i++)
        if (known_codes[i] == code)
            return true;
    return false;
}

void mpr_classic_begin(struct mpr_classic_job *job, const char *function) {
    atomic_store(&job->function, function);
    mpr_error_set(NO_ERROR, NULL, NULL);
}

/* What the router itself said in this thread was said to a module that called it back. */
DWORD mpr_classic_end(struct mpr_classic_job *job, DWORD code) {
    const char *text, *provider;
    DWORD native;

    mpr_error_get(&native, &text, &provider);
    job->called_back = strcmp(provider, MPR_ERROR_SELF) == 0;
    job->said.set = !job->called_back && (native != NO_ERROR || *text);
    if (job->said.set)
        mpr_failure_set_text(&job->said, native, text);
    mpr_trace("provider", "%s: %s = %u (0x%x)%s%s", job->classic->name, atomic_load(&job->function),
              code, code, job->said.set ? ": " : "", job->said.set ? job->said.text : "");
    return code;
}

bool mpr_classic_ready(struct mpr_classic_job *job) {
    DWORD start = MPR_CLASSIC_NP(job, NPGetCaps, WNNC_START);
    const char *name = job->classic->name;

    if (start == WNNC_WAIT_FOR_START)
        return true;
    job->code = start ? ERROR_BUSY : ERROR_NO_NETWORK;
    if (!start)
        mpr_failure_set(&job->failure, job->code,
                        "%s says that it is not started, and will not start.", name);
    else if (start == START_UNKNOWN)
        mpr_failure_set(&job->failure, job->code, "%s says that it is starting. Try again later.",
                        name);
    else
        mpr_failure_set(&job->failure, job->code,
                        "%s says that it is starting, and ready in %u ms. Try again then.", name,
                        start);
    return false;
}

void mpr_classic_answer(struct mpr_classic_job *job, DWORD code, const char *about) {
    const char *name = job->classic->name, *function = atomic_load(&job->function);
    bool known = code == NO_ERROR || is_known(code);

    job->code = known ? code : ERROR_EXTENDED_ERROR;
    if (code == NO_ERROR)
        return;
    if (!known)
        mpr_failure_set(&job->failure, code,
                        "%s answered 0x%08X (%d) to %s of %s, which is no code of a network "
                        "provider.%s%s",
                        name, code, (int32_t)code, function, about, job->said.set ? " " : "",
                        job->said.set ? job->said.text : "");
    else if (job->said.set)
        job->failure = job->said;
    else if (job->called_back)
        mpr_failure_set(&job->failure, code,
                        "%s called the router back from %s, which is not possible, and answered "
                        "%u for %s: %s",
                        name, function, code, about, mpr_status_text(code));
    else
        mpr_failure_set(&job->failure, code, "%s answered %u to %s of %s: %s", name, code, function,
                        about, mpr_status_text(code));
}

void mpr_classic_blame(struct mpr_classic_job *job, DWORD code, const char *format, ...) {
    char what[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    job->code = code;
    mpr_failure_set(&job->failure, code, "%s misbehaves in %s: it %s.", job->classic->name,
                    atomic_load(&job->function), what);
    mpr_trace("provider", "%s", job->failure.text);
}

void mpr_classic_note(const struct mpr_classic_job *job, const char *format, ...) {
    char what[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    mpr_trace("provider", "%s misbehaves in %s: it %s", job->classic->name,
              atomic_load(&job->function), what);
}

LPWSTR mpr_classic_wide(struct mpr_classic_job *job, const char *text) {
    size_t units = text ? mpr_utf_wide_size(text) : 0;
    LPWSTR wide = text ? mpr_classic_keep(job, (units + TEXT_SLACK) * sizeof *wide) : NULL;

    if (wide)
        mpr_utf_to_wide(text, wide, units);
    return wide;
}

char *mpr_classic_text(struct mpr_classic_job *job, LPCWSTR text) {
    size_t units = 0, size;
    char *copy;

    if (!text)
        return NULL;
    while (text[units])
        units++;
    size = units * 3 + 1;
    copy = mpr_classic_keep(job, size);
    return copy && mpr_utf_put_wide(text, copy, size) ? copy : NULL;
}

enum mpr_answer mpr_classic_answer_of(DWORD code) {
    switch (mpr_status_class(code)) {
    case MPR_CLASS_DONE:
        return MPR_DONE;
    case MPR_CLASS_NOT_MINE:
    case MPR_CLASS_CANNOT_SAY:
        return MPR_NOT_MINE;
    case MPR_CLASS_MINE:
        break;
    }
    return MPR_MINE_FAILED;
}

/* Nobody knows what the module does now, so the job itself must not be looked at. */
static DWORD give_up(const struct mpr_classic *classic, const struct mpr_call *call, int64_t began,
                     enum mpr_classic_end end) {
    char text[256];
    DWORD code = ERROR_BUSY;

    switch (end) {
    case MPR_CLASSIC_CANCELLED:
        code = ERROR_CANCELLED;
        snprintf(text, sizeof text, "The call of %s was aborted by a forced cancel.",
                 classic->name);
        break;
    case MPR_CLASSIC_HUNG:
        snprintf(text, sizeof text,
                 "%s has not returned from an earlier call yet, which was given up; it is left "
                 "alone until it does.",
                 classic->name);
        break;
    case MPR_CLASSIC_NO_MEMORY:
        return ERROR_NOT_ENOUGH_MEMORY;
    case MPR_CLASSIC_LATE:
    case MPR_CLASSIC_DONE:
        snprintf(text, sizeof text, "%s has not answered in %lld ms; the call was given up.",
                 classic->name, (long long)((mpr_now_ns() - began) / MPR_NS_PER_MS));
        break;
    }
    mpr_host_table.set_error(call, code, text);
    mpr_trace("provider", "%s", text);
    return code;
}

DWORD mpr_classic_run(struct mpr_classic_job **job, const struct mpr_call *call) {
    struct mpr_classic *classic = (*job)->classic;
    int64_t began = mpr_now_ns();
    enum mpr_classic_end end =
        mpr_classic_thread_run(classic->thread, *job, call->deadline_ns, call->cancel_fd);

    if (end != MPR_CLASSIC_DONE) {
        *job = NULL;
        return give_up(classic, call, began, end);
    }
    /* What was made of an answer that there was no memory for says nothing of the module. */
    if ((*job)->code != NO_ERROR && (*job)->no_memory)
        return ERROR_NOT_ENOUGH_MEMORY;
    if ((*job)->code != NO_ERROR && (*job)->failure.set)
        mpr_host_table.set_error(call, (*job)->failure.code, (*job)->failure.text);
    return (*job)->code;
}
