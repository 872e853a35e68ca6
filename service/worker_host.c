/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_host.c: the host table that a module finds in a worker. What it says
 * goes to the real host with the next reply.
 */
#include "config.h"

#include "service/worker.h"

#include <mpr/winerror.h>

#include "router/mpr_secret.h"
#include "router/mpr_trace.h"

static void set_error(const struct mpr_call *call, uint32_t code, const char *text) {
    struct worker *worker = call->host_data;

    pthread_mutex_lock(&worker->failure_lock);
    mpr_failure_set_text(&worker->failure, code, text);
    pthread_mutex_unlock(&worker->failure_lock);
}

static void write_log(enum mpr_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void write_log(enum mpr_log_level level, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    mpr_trace_provider(level, format, arguments);
    va_end(arguments);
}

static int read_secret(const struct mpr_call *call, char *buffer, size_t size) {
    const struct worker *worker = call->host_data;

    return mpr_secret_read(worker->secret_fd, buffer, size);
}

/* There is nobody here to ask. */
static uint32_t prompt(const struct mpr_call *call, const char *question, int echo, char *buffer,
                       size_t size) {
    (void)call;
    (void)question;
    (void)echo;
    (void)buffer;
    (void)size;
    return ERROR_NOT_SUPPORTED;
}

static void connection_lost(void *host_connection, uint32_t code) {
    struct worker *worker = host_connection;

    atomic_store(&worker->lost_code, code);
    atomic_store(&worker->lost, true);
}

const struct mpr_host worker_host = {
    .size = sizeof worker_host,
    .set_error = set_error,
    .log = write_log,
    .secret = read_secret,
    .prompt = prompt,
    .connection_lost = connection_lost,
};
