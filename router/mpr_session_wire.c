/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session_wire.c: calls and replies as Varlink messages.
 */
#include "config.h"

#include "router/mpr_session_wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_secret.h"
#include "router/mpr_session_code.h"
#include "router/mpr_utf.h"

#define METHOD_MAX 64 /* bytes of the name of a method with its NUL */

static const struct mpr_json_limits call_limits = {MPR_SESSION_CALL_MAX, MPR_JSON_MAX_VALUES};
static const struct mpr_json_limits reply_limits = {MPR_SESSION_REPLY_MAX, 0x200000};

/* ---- names */

#define NAME_CASE(id, op, ARGS, RET)                                                               \
    case MPR_OP_##op:                                                                              \
        return #op;

static const char *name_of(enum mpr_op op) {
    switch (op) { MPR_OPS(NAME_CASE) }
    return "";
}

void mpr_session_wire_method(enum mpr_op op, char *ret, size_t size) {
    const char *name = name_of(op);
    bool capital = true;
    size_t at = 0;

    for (; *name && at + 1 < size; name++) {
        if (*name != '_')
            ret[at++] = (char)(capital ? *name - 'a' + 'A' : *name);
        capital = *name == '_';
    }
    ret[at] = '\0';
}

static enum mpr_op op_of(const char *method) {
    static const enum mpr_op all[] = {
#define NUMBER(id, op, ARGS, RET) MPR_OP_##op,
        MPR_OPS(NUMBER)};
    char name[METHOD_MAX];

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        mpr_session_wire_method(all[i], name, sizeof name);
        if (strcmp(name, method) == 0)
            return all[i];
    }
    return (enum mpr_op)0;
}

/* ---- messages */

void mpr_session_message_clear(struct mpr_session_message *message) {
    for (size_t i = 0; i < message->fd_count; i++)
        mpr_secret_close(message->fds[i]);
    mpr_free_wiped(message->text);
    *message = (struct mpr_session_message){0};
}

/* Takes the document. What was put into the message before is freed if this fails. */
static DWORD finish(struct mpr_json *document, DWORD rc, const struct mpr_json_limits *limits,
                    struct mpr_session_message *message, struct mpr_session_message *ret) {
    if (!document)
        rc = ERROR_NOT_ENOUGH_MEMORY;
    if (rc == NO_ERROR)
        rc = mpr_json_print_within(document, limits, &message->text, &message->size);
    mpr_json_free(document);
    if (rc == NO_ERROR)
        *ret = *message;
    else
        mpr_session_message_clear(message);
    return rc;
}

DWORD mpr_session_wire_call(enum mpr_op op, const void *args, struct mpr_session_message *ret) {
    struct mpr_session_message message = {0};
    struct mpr_json *document = mpr_json_new();
    struct mpr_session_coder coder = {.write = true, .message = &message};
    char method[METHOD_MAX], name[sizeof MPR_SESSION_INTERFACE + METHOD_MAX];
    union {
        const void *given;
        void *args;
    } written = {.given = args}; /* writing changes nothing in it */
    DWORD rc = ERROR_NOT_ENOUGH_MEMORY;

    mpr_session_wire_method(op, method, sizeof method);
    snprintf(name, sizeof name, "%s.%s", MPR_SESSION_INTERFACE, method);
    if (document)
        rc = mpr_json_put_string(document, "method", name);
    if (rc == NO_ERROR)
        rc = mpr_json_put_object(document, "parameters", &coder.object);
    if (rc == NO_ERROR) {
        mpr_session_code_args(&coder, op, written.args);
        rc = coder.rc;
        if (rc != NO_ERROR && rc != ERROR_NOT_ENOUGH_MEMORY)
            mpr_error_say(rc, "The service cannot be told: %s %s.", coder.field, coder.wrong);
    }
    rc = finish(document, rc, &call_limits, &message, ret);
    if (rc == ERROR_INVALID_DATA)
        mpr_error_say(rc, "The service cannot be told: the call is over %u bytes.",
                      MPR_SESSION_CALL_MAX);
    return rc;
}

DWORD mpr_session_wire_call_plain(const char *method, bool more, struct mpr_session_message *ret) {
    struct mpr_session_message message = {0};
    struct mpr_json *document = mpr_json_new();
    DWORD rc = ERROR_NOT_ENOUGH_MEMORY;

    if (document)
        rc = mpr_json_put_string(document, "method", method);
    if (rc == NO_ERROR && more)
        rc = mpr_json_put_bool(document, "more", true);
    return finish(document, rc, &call_limits, &message, ret);
}

/* ---- replies as the library reads them */

static DWORD say_no_reply(const char *format, ...) __attribute__((format(printf, 1, 2)));
static DWORD say_no_reply(const char *format, ...) {
    char words[MPR_ERROR_TEXT_MAX / 2];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return mpr_error_say(ERROR_NO_NETWORK,
                         "The service of this user answered what this library does not "
                         "understand: %s. They may be of different versions: end the service; the "
                         "next 'wnet status' starts the one that is installed.",
                         words);
}

static DWORD take_failure(const struct mpr_json *parameters) {
    const char *provider = "", *words = "";
    uint32_t code, native;

    if (!parameters || mpr_json_get_u32(parameters, "code", &code) != MPR_JSON_FOUND
        || mpr_json_get_u32(parameters, "native", &native) != MPR_JSON_FOUND
        || mpr_json_get_string(parameters, "provider", &provider) == MPR_JSON_WRONG
        || mpr_json_get_string(parameters, "text", &words) == MPR_JSON_WRONG || code == NO_ERROR)
        return say_no_reply("%s", "a failure without its code, provider or text");
    mpr_error_set(native, words, provider);
    return code;
}

static DWORD take_error(const struct mpr_json *parameters, const char *error) {
    const char *parameter = error;

    if (strcmp(error, MPR_SESSION_FAILED) == 0)
        return take_failure(parameters);
    if (parameters && mpr_json_first(parameters))
        mpr_json_get_string(parameters, mpr_json_key(mpr_json_first(parameters)), &parameter);
    if (strcmp(error, MPR_VARLINK_INVALID) == 0)
        return say_no_reply("it refuses the parameter \"%s\"", parameter);
    if (strcmp(error, MPR_VARLINK_NO_METHOD) == 0)
        return say_no_reply("it has no method \"%s\"", parameter);
    return say_no_reply("the error \"%s\"", error);
}

/* A reply to its parameters. document is to be freed after a success. */
static DWORD open_reply(const char *text, size_t size, struct mpr_json **ret_document,
                        const struct mpr_json **ret_parameters) {
    const struct mpr_json *parameters = NULL;
    struct mpr_json *document;
    struct mpr_json_fault fault;
    const char *error = NULL;
    DWORD rc = mpr_json_parse_within(text, size, &reply_limits, &fault, &document);

    if (rc == ERROR_INVALID_DATA)
        return say_no_reply("no JSON, as %s", fault.what);
    if (rc != NO_ERROR)
        return rc;
    if (mpr_json_get_object(document, "parameters", &parameters) == MPR_JSON_WRONG)
        rc = say_no_reply("%s", "parameters that are no object");
    else if (mpr_json_get_string(document, "error", &error) == MPR_JSON_WRONG)
        rc = say_no_reply("%s", "an error that has no name");
    else if (error)
        rc = take_error(parameters, error);
    else if (!parameters)
        rc = say_no_reply("%s", "neither parameters nor an error");
    if (rc != NO_ERROR) {
        mpr_json_free(document);
        return rc;
    }
    *ret_document = document;
    *ret_parameters = parameters;
    return NO_ERROR;
}

static DWORD say_wrong_field(const struct mpr_session_coder *coder) {
    if (coder->rc == ERROR_INVALID_DATA)
        return say_no_reply("\"%s\" %s", coder->field, coder->wrong);
    return coder->rc;
}

DWORD mpr_session_wire_result(enum mpr_op op, const char *text, size_t size, void *ret) {
    struct mpr_session_coder coder = {.write = false};
    struct mpr_json *document;
    DWORD rc = open_reply(text, size, &document, &coder.from);

    if (rc != NO_ERROR)
        return rc;
    mpr_session_code_ret(&coder, op, ret);
    mpr_json_free(document);
    return say_wrong_field(&coder);
}

void mpr_session_event_clear(struct mpr_session_event *event) {
    free(event->device);
    free(event->remote);
    free(event->provider);
    free(event->text);
    *event = (struct mpr_session_event){0};
}

DWORD mpr_session_wire_event(const char *text, size_t size, struct mpr_session_event *ret,
                             bool *ret_last) {
    struct mpr_session_coder coder = {.write = false};
    struct mpr_json *document;
    bool continues = false;
    DWORD rc = open_reply(text, size, &document, &coder.from);

    if (rc != NO_ERROR)
        return rc;
    mpr_json_get_bool(document, "continues", &continues);
    mpr_session_code_event(&coder, ret);
    mpr_json_free(document);
    *ret_last = !continues;
    return say_wrong_field(&coder);
}

/* ---- calls as the service reads them */

static DWORD refuse(struct mpr_session_fault *fault, const char *error, const char *what,
                    const char *wrong) {
    fault->error = error;
    mpr_utf_copy(fault->what, sizeof fault->what, what);
    snprintf(fault->words, sizeof fault->words, "\"%s\" %s", fault->what, wrong);
    return ERROR_INVALID_PARAMETER;
}

static DWORD hang_up(struct mpr_session_fault *fault, const char *why) {
    fault->error = NULL;
    snprintf(fault->words, sizeof fault->words, "It is no Varlink call: %s.", why);
    return ERROR_INVALID_DATA;
}

static bool was_read(const struct mpr_session_coder *coder, const char *name) {
    for (size_t i = 0; i < coder->seen && i < MPR_SESSION_MEMBERS; i++)
        if (strcmp(coder->names[i], name) == 0)
            return true;
    return false;
}

/* A member that nobody has asked for is a mistake, or of another version: nothing is guessed. */
static DWORD check_all_read(const struct mpr_session_coder *coder,
                            struct mpr_session_fault *fault) {
    for (const struct mpr_json *at = mpr_json_first(coder->from); at; at = mpr_json_next(at))
        if (!was_read(coder, mpr_json_key(at)))
            return refuse(fault, MPR_VARLINK_INVALID, mpr_json_key(at),
                          "is no parameter of the method");
    return NO_ERROR;
}

static DWORD read_args(struct mpr_session_call *call, const int *fds, size_t fd_count,
                       struct mpr_session_fault *fault) {
    struct mpr_session_coder coder = {.from = call->parameters, .fds = fds, .fd_count = fd_count};
    DWORD rc;

    call->args = calloc(1, mpr_session_args_size(call->op));
    call->ret = calloc(1, mpr_session_ret_size(call->op));
    if (!call->args || !call->ret)
        return ERROR_NOT_ENOUGH_MEMORY;
    mpr_session_code_args(&coder, call->op, call->args);
    call->owned = coder.owned;
    rc = coder.rc;
    if (rc == ERROR_INVALID_DATA)
        return refuse(fault, MPR_VARLINK_INVALID, coder.field, coder.wrong);
    return rc == NO_ERROR ? check_all_read(&coder, fault) : rc;
}

static const struct mpr_json *no_parameters(struct mpr_json *document) {
    struct mpr_json *empty = NULL;

    return mpr_json_put_object(document, "parameters", &empty) == NO_ERROR ? empty : NULL;
}

/* Whose method is it, and does it exist? */
static DWORD read_method(struct mpr_session_call *call, struct mpr_session_fault *fault) {
    const char *dot = strrchr(call->method, '.');

    if (!dot || strncmp(call->method, MPR_SESSION_INTERFACE ".", sizeof MPR_SESSION_INTERFACE)
        || dot != call->method + sizeof MPR_SESSION_INTERFACE - 1
        || strcmp(call->method, MPR_SESSION_SUBSCRIBE) == 0)
        return NO_ERROR;
    call->op = op_of(dot + 1);
    return call->op
               ? NO_ERROR
               : refuse(fault, MPR_VARLINK_NO_METHOD, call->method, "is no method of this service");
}

static DWORD read_frame(struct mpr_session_call *call, struct mpr_session_fault *fault) {
    const struct mpr_json *document = call->document;

    if (mpr_json_get_string(document, "method", &call->method) != MPR_JSON_FOUND)
        return hang_up(fault, "it names no method");
    if (mpr_json_get_object(document, "parameters", &call->parameters) == MPR_JSON_WRONG)
        return hang_up(fault, "its parameters are no object");
    if (mpr_json_get_bool(document, "more", &call->more) == MPR_JSON_WRONG
        || mpr_json_get_bool(document, "oneway", &call->oneway) == MPR_JSON_WRONG)
        return hang_up(fault, "\"more\" or \"oneway\" is neither true nor false");
    return read_method(call, fault);
}

DWORD mpr_session_wire_read(const char *text, size_t size, const int *fds, size_t fd_count,
                            struct mpr_session_call **ret_call,
                            struct mpr_session_fault *ret_fault) {
    struct mpr_session_call *call = calloc(1, sizeof *call);
    struct mpr_json_fault fault;
    DWORD rc;

    if (!call)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = mpr_json_parse_within(text, size, &call_limits, &fault, &call->document);
    if (rc == ERROR_INVALID_DATA)
        rc = hang_up(ret_fault, fault.what);
    if (rc == NO_ERROR)
        rc = read_frame(call, ret_fault);
    if (rc == NO_ERROR && call->op && !call->parameters) {
        call->parameters = no_parameters(call->document);
        if (!call->parameters)
            rc = ERROR_NOT_ENOUGH_MEMORY;
    }
    if (rc == NO_ERROR && call->op)
        rc = read_args(call, fds, fd_count, ret_fault);
    if (rc != NO_ERROR) {
        ret_fault->oneway = call->oneway;
        mpr_session_call_free(call);
        return rc;
    }
    *ret_call = call;
    return NO_ERROR;
}

void mpr_session_call_free(struct mpr_session_call *call) {
    if (!call)
        return;
    if (call->ret)
        mpr_session_ret_clear(call->op, call->ret);
    free(call->ret);
    free(call->args);
    mpr_session_owned_free(call->owned);
    mpr_json_free(call->document);
    free(call);
}

#define RUN_CASE(id, op_, ARGS, RET)                                                               \
    case MPR_OP_##op_:                                                                             \
        return driver->op_(state, call->args, call->ret);

static DWORD run(struct mpr_session_call *call, const struct mpr_driver *driver, void *state) {
    switch (call->op) { MPR_OPS(RUN_CASE) }
    return ERROR_NOT_SUPPORTED;
}

DWORD mpr_session_call_run(struct mpr_session_call *call, const struct mpr_driver *driver,
                           void *state) {
    mpr_error_enter();
    return mpr_error_leave(run(call, driver, state));
}

/* ---- replies as the service writes them */

static DWORD put_failure(struct mpr_json *document, DWORD code) {
    char words[MPR_ERROR_TEXT_MAX], name[MPR_ERROR_NAME_MAX];
    const char *text, *provider;
    struct mpr_json *parameters;
    DWORD native, rc = mpr_json_put_string(document, "error", MPR_SESSION_FAILED);

    mpr_error_get(&native, &text, &provider);
    mpr_utf_copy(words, sizeof words, text);
    mpr_utf_copy(name, sizeof name, provider);
    if (rc == NO_ERROR)
        rc = mpr_json_put_object(document, "parameters", &parameters);
    if (rc == NO_ERROR)
        rc = mpr_json_put_u32(parameters, "code", code);
    if (rc == NO_ERROR)
        rc = mpr_json_put_u32(parameters, "native", native);
    if (rc == NO_ERROR)
        rc = mpr_json_put_string(parameters, "provider", name);
    return rc == NO_ERROR ? mpr_json_put_string(parameters, "text", words) : rc;
}

static DWORD put_results(struct mpr_json *document, const struct mpr_session_call *call) {
    struct mpr_session_coder coder = {.write = true};
    DWORD rc = mpr_json_put_object(document, "parameters", &coder.object);

    if (rc != NO_ERROR)
        return rc;
    mpr_session_code_ret(&coder, call->op, call->ret);
    return coder.rc;
}

DWORD mpr_session_wire_reply(const struct mpr_session_call *call, DWORD rc,
                             struct mpr_session_message *ret) {
    struct mpr_session_message message = {0};
    struct mpr_json *document = mpr_json_new();
    DWORD put = ERROR_NOT_ENOUGH_MEMORY;

    if (document)
        put = rc == NO_ERROR ? put_results(document, call) : put_failure(document, rc);
    put = finish(document, put, &reply_limits, &message, ret);
    if (put == NO_ERROR || rc != NO_ERROR)
        return put;
    /* What cannot be told is a failure that can be. */
    rc = mpr_error_say(ERROR_NOT_ENOUGH_MEMORY,
                       "The answer found no memory, or is over the %u bytes of a reply.",
                       MPR_SESSION_REPLY_MAX);
    document = mpr_json_new();
    return finish(document, document ? put_failure(document, rc) : rc, &reply_limits, &message,
                  ret);
}

/* What the parameter of an error of Varlink's is called; NULL: it has none. */
static const char *member_of(const char *error) {
    static const struct {
        const char *error, *member;
    } errors[] = {
        {MPR_VARLINK_NO_INTERFACE, "interface"},
        {MPR_VARLINK_NO_METHOD, "method"},
        {MPR_VARLINK_INVALID, "parameter"},
    };

    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strcmp(errors[i].error, error) == 0)
            return errors[i].member;
    return NULL;
}

DWORD mpr_session_wire_refuse(const struct mpr_session_fault *fault,
                              struct mpr_session_message *ret) {
    struct mpr_session_message message = {0};
    struct mpr_json *document = mpr_json_new(), *parameters;
    const char *member = member_of(fault->error);
    DWORD rc = ERROR_NOT_ENOUGH_MEMORY;

    if (document)
        rc = mpr_json_put_string(document, "error", fault->error);
    if (rc == NO_ERROR)
        rc = mpr_json_put_object(document, "parameters", &parameters);
    if (rc == NO_ERROR && member)
        rc = mpr_json_put_string(parameters, member, fault->what);
    return finish(document, rc, &reply_limits, &message, ret);
}

/* Writing changes nothing in it. */
static char *borrow(const char *text) {
    union {
        const char *given;
        char *text;
    } borrowed = {.given = text};

    return borrowed.text;
}

DWORD mpr_session_wire_reply_event(const struct mpr_event *event, bool last,
                                   struct mpr_session_message *ret) {
    struct mpr_session_message message = {0};
    struct mpr_session_event written = {
        .kind = event->kind,
        .code = event->code,
        .initial = event->initial,
        .time_ns = event->time_ns > 0 ? (uint64_t)event->time_ns : 0,
        .device = borrow(event->device),
        .remote = borrow(event->remote),
        .provider = borrow(event->provider),
        .text = borrow(event->text),
    };
    struct mpr_json *document = mpr_json_new();
    struct mpr_session_coder coder = {.write = true};
    DWORD rc = ERROR_NOT_ENOUGH_MEMORY;

    if (document)
        rc = mpr_json_put_object(document, "parameters", &coder.object);
    if (rc == NO_ERROR) {
        mpr_session_code_event(&coder, &written);
        rc = coder.rc;
    }
    if (rc == NO_ERROR && !last)
        rc = mpr_json_put_bool(document, "continues", true);
    return finish(document, rc, &reply_limits, &message, ret);
}
