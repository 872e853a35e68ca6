/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker.c: the table of a provider that runs in worker processes.
 */
#include "config.h"

#include "router/mpr_worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_call.h"
#include "router/mpr_option.h"
#include "router/mpr_time.h"
#include "router/mpr_wire_ops.h"
#include "router/mpr_worker_ops.h"
#include "router/mpr_worker_session.h"

#define IO_TIMEOUT_MS     30000
#define IO_TIMEOUT_MAX_MS 3600000
#define WELL_NS           (30 * MPR_NS_PER_S)
#define BATCH_MIN_BYTES   0x100000 /* a listing wants some memory, whatever the module's max_io */

/* ---- what the front does in this process */

static int proxy_recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    const struct mpr_worker_provider *provider = state;

    return provider->front->recognise(provider->front_state, remote, ret);
}

static enum mpr_answer front_parent(void *state, const struct mpr_call *call, const char *remote,
                                    mpr_resource_fn fn, void *context, uint32_t *ret_code) {
    const struct mpr_worker_provider *provider = state;

    return provider->front->parent(provider->front_state, call, remote, fn, context, ret_code);
}

static enum mpr_answer front_information(void *state, const struct mpr_call *call,
                                         const char *remote, uint32_t type, mpr_resource_fn fn,
                                         void *context, size_t *ret_rest, uint32_t *ret_code) {
    const struct mpr_worker_provider *provider = state;

    return provider->front->information(provider->front_state, call, remote, type, fn, context,
                                        ret_rest, ret_code);
}

static enum mpr_answer front_list(void *state, const struct mpr_call *call, const char *container,
                                  uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                                  uint32_t *ret_code) {
    const struct mpr_worker_provider *provider = state;

    return provider->front->list(provider->front_state, call, container, type, usage, fn, context,
                                 ret_code);
}

/* Questions of syntax, that no worker is asked. */
static uint32_t front_universal(void *state, const struct mpr_call *call, const char *device,
                                const char *remote, const char *path, char *buffer, size_t size) {
    const struct mpr_worker_provider *provider = state;

    return provider->front->universal(provider->front_state, call, device, remote, path, buffer,
                                      size);
}

static uint32_t front_format(void *state, const struct mpr_call *call, const char *remote,
                             uint32_t flags, uint32_t width, char *buffer, size_t size) {
    const struct mpr_worker_provider *provider = state;

    return provider->front->format(provider->front_state, call, remote, flags, width, buffer, size);
}

static int front_endpoint(void *state, const char *remote, char *host, size_t size,
                          uint16_t *ret_port) {
    const struct mpr_worker_provider *provider = state;

    return provider->front->endpoint(provider->front_state, remote, host, size, ret_port);
}

/* ---- sessions */

static enum mpr_answer proxy_connect(void *state, const struct mpr_call *call,
                                     const struct mpr_connect *args, void **ret_session,
                                     uint32_t *ret_code) {
    struct mpr_worker_provider *provider = state;
    struct mpr_worker_session *session;
    enum mpr_answer answer;

    if (provider->pid != getpid()) {
        *ret_code = ERROR_NO_NETWORK;
        return MPR_MINE_FAILED;
    }
    answer = mpr_worker_session_new(provider, call, args, &session, ret_code);
    if (answer == MPR_DONE)
        *ret_session = session;
    return answer;
}

static uint32_t proxy_disconnect(void *session, const struct mpr_call *call, int force) {
    return mpr_worker_session_end(session, call, force != 0);
}

static void proxy_abort(void *session) {
    mpr_worker_session_abort(session);
}

static uint32_t code_of(int64_t rc) {
    return rc >= 0 ? (uint32_t)rc : mpr_worker_code_of((int)-rc);
}

struct buffer {
    char *text;
    size_t size;
};

static int take_user(void *context, const void *results) {
    const struct mpr_wire_user_ret *ret = results;
    const struct buffer *buffer = context;
    const char *user = ret->user ? ret->user : "";
    size_t size = strlen(user) + 1;

    if (size > buffer->size)
        return -EIO;
    memcpy(buffer->text, user, size);
    return 0;
}

static uint32_t proxy_user(void *session, const struct mpr_call *call, char *text, size_t size) {
    struct buffer buffer = {text, size};
    struct mpr_wire_user_args args = {.end_ = 0};
    struct mpr_wire_user_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(user, &args, &ret), .call = call};

    run.take = take_user;
    run.context = &buffer;
    return code_of(mpr_worker_session_run(session, &run, NULL, NULL));
}

static uint32_t proxy_performance(void *session, const struct mpr_call *call,
                                  struct mpr_performance *ret_performance) {
    struct mpr_wire_performance_args args = {.end_ = 0};
    struct mpr_wire_performance_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(performance, &args, &ret), .call = call};
    uint32_t code = code_of(mpr_worker_session_run(session, &run, NULL, NULL));

    if (code == NO_ERROR) {
        ret_performance->flags = ret.flags;
        ret_performance->speed = ret.speed;
        ret_performance->delay_ms = ret.delay_ms;
        ret_performance->opt_data_size = ret.opt_data_size;
    }
    return code;
}

/* ---- questions without a session: a worker for each */

struct reader {
    mpr_resource_fn fn;
    void *context;
};

static int give_resource(void *context, struct mpr_wire *records) {
    const struct reader *reader = context;
    struct mpr_wire_resource got = {.remote = NULL};
    struct mpr_resource entry = {.size = sizeof entry};

    MPR_WIRE_CODE(records, resource, &got);
    if (records->bad)
        return 1;
    entry.scope = got.scope;
    entry.type = got.type;
    entry.display_type = got.display_type;
    entry.usage = got.usage;
    entry.remote = got.remote;
    entry.comment = got.comment;
    return reader->fn(reader->context, &entry) ? 1 : 0;
}

static enum mpr_answer ask_worker(struct mpr_worker_provider *provider, struct mpr_worker_run *run,
                                  struct reader *reader, uint32_t *ret_code) {
    const struct mpr_call_data *data = run->call->host_data;
    int64_t rc;

    if (provider->pid != getpid()) {
        *ret_code = ERROR_NO_NETWORK;
        return MPR_MINE_FAILED;
    }
    run->secret_fd = data->secret_fd;
    run->io_timeout_ms = provider->io_timeout_ms;
    run->entry = give_resource;
    run->context = reader;
    rc = mpr_worker_session_ask(provider, run);
    if (rc >= 0) {
        *ret_code = (uint32_t)rc;
        return (enum mpr_answer)run->reply.answer;
    }
    *ret_code = code_of(rc);
    return rc == -ETIMEDOUT || rc == -ENOTSUP ? MPR_NOT_MINE : MPR_MINE_FAILED;
}

static enum mpr_answer proxy_list(void *state, const struct mpr_call *call, const char *container,
                                  uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                                  uint32_t *ret_code) {
    struct reader reader = {fn, context};
    struct mpr_wire_list_args args = {
        .container = container, .type = type, .usage = usage, .user = call->user};
    struct mpr_wire_list_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(list, &args, &ret), .call = call};

    return ask_worker(state, &run, &reader, ret_code);
}

static enum mpr_answer proxy_parent(void *state, const struct mpr_call *call, const char *remote,
                                    mpr_resource_fn fn, void *context, uint32_t *ret_code) {
    struct reader reader = {fn, context};
    struct mpr_wire_parent_args args = {.remote = remote};
    struct mpr_wire_parent_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(parent, &args, &ret), .call = call};

    return ask_worker(state, &run, &reader, ret_code);
}

static enum mpr_answer proxy_information(void *state, const struct mpr_call *call,
                                         const char *remote, uint32_t type, mpr_resource_fn fn,
                                         void *context, size_t *ret_rest, uint32_t *ret_code) {
    struct reader reader = {fn, context};
    struct mpr_wire_information_args args = {.remote = remote, .type = type, .user = call->user};
    struct mpr_wire_information_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(information, &args, &ret), .call = call};
    enum mpr_answer answer = ask_worker(state, &run, &reader, ret_code);

    if (answer == MPR_DONE)
        *ret_rest = ret.rest < strlen(remote) ? (size_t)ret.rest : strlen(remote);
    return answer;
}

/* ---- life */

static uint32_t io_timeout_of(const struct mpr_option *options) {
    const char *value = mpr_option_get(options, "io_timeout_ms");
    char *end;
    unsigned long ms = value ? strtoul(value, &end, 10) : 0;

    return ms && ms <= IO_TIMEOUT_MAX_MS && !*end ? (uint32_t)ms : IO_TIMEOUT_MS;
}

static void proxy_fini(void *state) {
    struct mpr_worker_provider *provider = state;

    if (provider->source == &provider->zygote.source)
        mpr_zygote_clear(&provider->zygote, provider->pid == getpid());
    if (provider->front->fini)
        provider->front->fini(provider->front_state);
    free(provider->options);
    free(provider);
}

/* What the module lacks is not offered: no worker is asked for it, and no capability announced. */
static void leave_out(struct mpr_provider *table, const struct mpr_provider *module) {
#define LEAVE_OUT(id, op, ARGS, RET)                                                               \
    if (!module->op)                                                                               \
        table->op = NULL;
    MPR_WIRE_OPS(LEAVE_OUT)
}

/*
 * Everything that a worker could be asked is offered where only its module
 * knows what it has; what it lacks is answered with "not supported". A front
 * that is no more than that answers questions of syntax here. One that has
 * files is the module itself, isolated: then only recognise runs here, and what
 * spells names, which no worker is asked for.
 */
static void fill_table(struct mpr_provider *table, const struct mpr_worker_setup *setup) {
    const struct mpr_provider *front = setup->front;
    bool whole = setup->whole || front->open;

    *table = (struct mpr_provider){
        .magic = MPR_PROVIDER_MAGIC,
        .abi_major = MPR_PROVIDER_ABI_MAJOR,
        .abi_minor = MPR_PROVIDER_ABI_MINOR,
        .size = sizeof *table,
        .flags = MPR_PROVIDER_THREADSAFE | (front->flags & MPR_PROVIDER_CREDENTIALS),
        .name = front->name,
        .net_type = front->net_type,
        .driver_version = front->driver_version,
        .max_io = front->max_io ? front->max_io : MPR_MAX_IO,
        .fini = proxy_fini,
        .recognise = proxy_recognise,
        .connect = proxy_connect,
        .disconnect = proxy_disconnect,
        .abort = proxy_abort,
        .user = proxy_user,
        .list = proxy_list,
        .parent = whole || !front->parent ? proxy_parent : front_parent,
        .information = whole || !front->information ? proxy_information : front_information,
        .performance = proxy_performance,
        .universal = front->universal ? front_universal : NULL,
        .format = front->format ? front_format : NULL,
        .endpoint = front->endpoint ? front_endpoint : NULL,
    };
    mpr_worker_ops_fill(table);
    if (setup->sessions_only) {
        table->list = front_list;
        table->parent = front_parent;
        table->information = front_information;
    }
    if (setup->whole || setup->sessions_only)
        leave_out(table, front);
}

DWORD mpr_worker_new(const struct mpr_worker_setup *setup, const struct mpr_provider **ret_table,
                     void **ret_state) {
    struct mpr_worker_provider *provider = calloc(1, sizeof *provider);

    if (!provider)
        return ERROR_NOT_ENOUGH_MEMORY;
    provider->source = setup->source ? setup->source : &provider->zygote.source;
    if (mpr_option_merge(setup->options, NULL, &provider->options) != NO_ERROR
        || (!setup->source
            && mpr_zygote_init(&provider->zygote, setup->program, setup->module, setup->name,
                               provider->options))) {
        free(provider->options);
        free(provider);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    fill_table(&provider->table, setup);
    provider->pid = getpid();
    provider->front = setup->front;
    provider->front_state = setup->front_state;
    provider->well_ns = WELL_NS;
    provider->io_timeout_ms = io_timeout_of(provider->options);
    provider->data_size =
        provider->table.max_io > BATCH_MIN_BYTES ? provider->table.max_io : BATCH_MIN_BYTES;
    *ret_table = &provider->table;
    *ret_state = provider;
    return NO_ERROR;
}
