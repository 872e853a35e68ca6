/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_call.c: one call into a provider: its context and the host table.
 */
#include "config.h"

#include "router/mpr_call.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "router/mpr_prompt.h"
#include "router/mpr_secret.h"
#include "router/mpr_trace.h"

static _Thread_local int depth; /* provider calls under way in this thread */

void mpr_call_begin(struct mpr_call *call, struct mpr_call_data *data, const char *provider,
                    int64_t deadline_ns, int cancel_fd, int secret_fd) {
    *call = (struct mpr_call){
        .size = sizeof *call,
        .uid = geteuid(),
        .gid = getegid(),
        .cancel_fd = cancel_fd,
        .deadline_ns = deadline_ns,
        .host_data = data,
    };
    data->secret_fd = secret_fd;
    data->prompt_flags = 0;
    data->provider = provider;
    data->failure.set = false;
}

bool mpr_call_inside(void) {
    return depth > 0;
}

void mpr_call_enter(void) {
    depth++;
}

void mpr_call_leave(void) {
    depth--;
}

static void host_set_error(const struct mpr_call *call, uint32_t code, const char *text) {
    struct mpr_call_data *data = call->host_data;

    mpr_failure_set_text(&data->failure, code, text);
}

static void host_log(enum mpr_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void host_log(enum mpr_log_level level, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    mpr_trace_provider(level, format, arguments);
    va_end(arguments);
}

static int host_secret(const struct mpr_call *call, char *buffer, size_t size) {
    const struct mpr_call_data *data = call->host_data;

    return mpr_secret_read(data->secret_fd, buffer, size);
}

static uint32_t host_prompt(const struct mpr_call *call, const char *question, int echo,
                            char *buffer, size_t size) {
    const struct mpr_call_data *data = call->host_data;

    return mpr_prompt_ask(data->prompt_flags, question, echo != 0, buffer, size);
}

static void host_connection_lost(void *host_connection, uint32_t code) {
    mpr_trace("provider", "connection %p was lost: %u", host_connection, code);
}

const struct mpr_host mpr_host_table = {
    .size = sizeof mpr_host_table,
    .set_error = host_set_error,
    .log = host_log,
    .secret = host_secret,
    .prompt = host_prompt,
    .connection_lost = host_connection_lost,
};
