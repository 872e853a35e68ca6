/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_answer.c: what calls are answered.
 */
#include "config.h"

#include "service/mprd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_json.h"
#include "router/mpr_utf.h"

#define VENDOR "libmpr"
#define ABOUT  "connections of the user: Multiple Provider Router"

/* Takes a message that was written, if it was. Without memory there is no reply, and the loop ends it. */
static void give(DWORD rc, struct mpr_session_message *message, struct mprd_buffer *reply) {
    if (rc != NO_ERROR)
        return;
    mprd_buffer_add(reply, message->text, message->size + 1, MPR_SESSION_REPLY_MAX + 1);
    mpr_session_message_clear(message);
}

void mprd_answer_fault(const struct mpr_session_fault *fault, struct mprd_buffer *reply) {
    struct mpr_session_message message;

    give(mpr_session_wire_refuse(fault, &message), &message, reply);
}

void mprd_answer_event(const struct mpr_event *event, struct mprd_buffer *reply) {
    struct mpr_session_message message;

    give(mpr_session_wire_reply_event(event, false, &message), &message, reply);
}

/* --- events from the beginning --- */

static uint32_t kind_of(uint32_t state) {
    switch (state) {
    case MPR_STATE_CONNECTED:
    case MPR_STATE_CANCELLING:
        return MPR_EVENT_CONNECTED;
    case MPR_STATE_RECONNECTING:
        return MPR_EVENT_LOST;
    case MPR_STATE_UNAVAILABLE:
        return MPR_EVENT_FAILED;
    default:
        return MPR_EVENT_DISCONNECTED;
    }
}

static const char *text_or_empty(const char *text) {
    return text ? text : "";
}

static void tell_state(const struct mpr_status_item *item, struct mprd_buffer *reply) {
    struct mpr_event event = {
        .size = sizeof event,
        .kind = kind_of(item->state),
        .code = item->code,
        .initial = 1,
        .device = text_or_empty(item->device),
        .remote = text_or_empty(item->remote),
        .provider = text_or_empty(item->provider),
        .text = text_or_empty(item->reason),
    };

    mprd_answer_event(&event, reply);
    if (event.kind == MPR_EVENT_CONNECTED && item->directory && *item->directory) {
        event.kind = MPR_EVENT_MOUNTED;
        event.text = item->directory;
        mprd_answer_event(&event, reply);
    }
}

/* A state that cannot be told, as the profile cannot be read, does not keep back events. */
static void answer_subscriber(struct mprd_call *call, const struct mpr_driver *driver,
                              void *state) {
    const struct mpr_status_args args = {0};
    struct mpr_status_ret ret = {0};
    DWORD rc;

    mpr_error_enter();
    rc = mpr_error_leave(driver->status(state, &args, &ret));
    for (size_t i = 0; rc == NO_ERROR && i < ret.list.count; i++)
        tell_state(&ret.list.items[i], &call->reply);
    mpr_status_ret_clear(&ret);
}

/* --- operations --- */

/* The device that a call is to change. */
static const char *device_of(const struct mpr_session_call *call) {
    switch (call->op) {
    case MPR_OP_add:
        return ((const struct mpr_add_args *)call->args)->local;
    case MPR_OP_cancel:
        return ((const struct mpr_cancel_args *)call->args)->name;
    case MPR_OP_restore:
        return ((const struct mpr_restore_args *)call->args)->local;
    default:
        return NULL;
    }
}

void mprd_answer_call(struct mprd_call *call, const struct mpr_driver *driver, void *state) {
    struct mpr_session_message message;
    DWORD rc;

    if (call->subscribes) {
        answer_subscriber(call, driver, state);
        return;
    }
    mprd_restore_yield(device_of(call->call));
    rc = mpr_session_call_run(call->call, driver, state);
    if (call->call->oneway)
        return;
    rc = mpr_session_wire_reply(call->call, rc, &message);
    give(rc, &message, &call->reply);
}

void mprd_answer_busy(struct mprd_call *call) {
    struct mpr_session_message message;
    DWORD rc;

    mpr_error_enter();
    rc = mpr_error_leave(
        mpr_error_say(ERROR_BUSY, "The service can make no thread to carry the call out."));
    rc = mpr_session_wire_reply(call->call, rc, &message);
    give(rc, &message, &call->reply);
}

/* --- org.varlink.service --- */

/* Within the limits of a reply, always. */
static void give_document(struct mpr_json *document, struct mprd_buffer *reply) {
    static const struct mpr_json_limits limits = {MPR_SESSION_REPLY_MAX, MPR_JSON_MAX_VALUES};
    char *text;
    size_t size;

    if (mpr_json_print_within(document, &limits, &text, &size) != NO_ERROR)
        return;
    mprd_buffer_add(reply, text, size + 1, MPR_SESSION_REPLY_MAX + 1);
    free(text);
}

static void give_info(struct mprd_buffer *reply) {
    static const char info[] = "{\"parameters\":{\"vendor\":\"" VENDOR "\",\"product\":\"" ABOUT
                               "\",\"version\":\"" PACKAGE_VERSION "\",\"url\":\"\",\"interfaces\":"
                               "[\"" MPR_VARLINK_INTERFACE "\",\"" MPR_SESSION_INTERFACE "\"]}}";

    mprd_buffer_add(reply, info, sizeof info, MPR_SESSION_REPLY_MAX + 1);
}

static const char varlink_description[] =
    "interface " MPR_VARLINK_INTERFACE "\n"
    "method GetInfo() -> (vendor: string, product: string, version: string, url: string, "
    "interfaces: []string)\n"
    "method GetInterfaceDescription(interface: string) -> (description: string)\n"
    "error InterfaceNotFound (interface: string)\n"
    "error MethodNotFound (method: string)\n"
    "error MethodNotImplemented (method: string)\n"
    "error InvalidParameter (parameter: string)\n"
    "error ExpectedMore ()\n";

static void give_description(const char *text, struct mprd_buffer *reply) {
    struct mpr_json *document = mpr_json_new(), *parameters;

    if (text && document && mpr_json_put_object(document, "parameters", &parameters) == NO_ERROR
        && mpr_json_put_string(parameters, "description", text) == NO_ERROR)
        give_document(document, reply);
    mpr_json_free(document);
}

static void refuse(const char *error, const char *what, struct mprd_buffer *reply) {
    struct mpr_session_fault fault = {.error = error};

    mpr_utf_copy(fault.what, sizeof fault.what, what);
    mprd_answer_fault(&fault, reply);
}

static void describe(const struct mpr_session_call *call, struct mprd_buffer *reply) {
    const char *interface = NULL;

    if (!call->parameters
        || mpr_json_get_string(call->parameters, "interface", &interface) != MPR_JSON_FOUND) {
        refuse(MPR_VARLINK_INVALID, "interface", reply);
    } else if (strcmp(interface, MPR_VARLINK_INTERFACE) == 0) {
        give_description(varlink_description, reply);
    } else if (strcmp(interface, MPR_SESSION_INTERFACE) == 0) {
        MPR_AUTOFREE char *text = mpr_session_wire_describe();

        give_description(text, reply);
    } else {
        refuse(MPR_VARLINK_NO_INTERFACE, interface, reply);
    }
}

/* Of "org.varlink.service.GetInfo" what is before the last dot. */
static bool is_of_interface(const char *method, const char *interface) {
    const char *dot = strrchr(method, '.');
    size_t length = strlen(interface);

    return dot && (size_t)(dot - method) == length && strncmp(method, interface, length) == 0;
}

static void refuse_method(const char *method, struct mprd_buffer *reply) {
    MPR_AUTOFREE char *interface = NULL;
    const char *dot = strrchr(method, '.');

    if (is_of_interface(method, MPR_VARLINK_INTERFACE)
        || is_of_interface(method, MPR_SESSION_INTERFACE)) {
        refuse(MPR_VARLINK_NO_METHOD, method, reply);
        return;
    }
    interface = strndup(method, dot ? (size_t)(dot - method) : strlen(method));
    if (interface)
        refuse(MPR_VARLINK_NO_INTERFACE, interface, reply);
}

void mprd_answer_plain(struct mprd_call *call) {
    struct mprd_buffer *reply = &call->reply;
    const char *method = call->call->method;

    if (call->call->oneway)
        return;
    if (strcmp(method, MPR_VARLINK_INTERFACE ".GetInfo") == 0)
        give_info(reply);
    else if (strcmp(method, MPR_VARLINK_INTERFACE ".GetInterfaceDescription") == 0)
        describe(call->call, reply);
    else if (strcmp(method, MPR_SESSION_SUBSCRIBE) == 0)
        refuse(MPR_VARLINK_EXPECTED_MORE, "", reply);
    else
        refuse_method(method, reply);
}
