/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_serve.c: a worker: one session, and commands for it one by one.
 */
#include "config.h"

#include "service/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_secret.h"
#include "router/mpr_time.h"

#define ABANDON_MS 1000

static bool send_reply(struct worker *worker, const struct worker_op *op, int64_t result,
                       bool broken, union worker_ret *ret) {
    struct mpr_wire wire = mpr_wire_into(worker->out, sizeof worker->out);

    pthread_mutex_lock(&worker->failure_lock);
    MPR_WIRE_SAY(&wire, reply, .serial = worker->serial, .answer = worker->answer, .result = result,
                 .broken = broken, .lost = atomic_exchange(&worker->lost, false),
                 .lost_code = atomic_load(&worker->lost_code), .failed = worker->failure.set,
                 .failure_code = worker->failure.code,
                 .failure_text = worker->failure.set ? worker->failure.text : NULL);
    pthread_mutex_unlock(&worker->failure_lock);
    if (op && result >= 0 && worker->answer == MPR_DONE)
        mpr_wire_code(&wire, op->ret_shape, ret);
    return mpr_wire_send(worker->command, &wire, NULL, 0) == 0;
}

/* An operation without a session, or that the module has not, is none. */
static bool is_possible(const struct worker *worker, uint32_t op) {
    switch (op) {
    case MPR_WIRE_OP_connect:
    case MPR_WIRE_OP_list:
    case MPR_WIRE_OP_parent:
    case MPR_WIRE_OP_information:
        break;
    default:
        if (!worker->session)
            return false;
    }
    return (worker->module.ops >> op & 1) != 0;
}

static size_t bulk_of(uint32_t op, const union worker_args *args) {
    if (op == MPR_WIRE_OP_pread)
        return (size_t)args->pread.size;
    return op == MPR_WIRE_OP_pwrite ? (size_t)args->pwrite.size : 0;
}

static const struct worker_op *find_op(const struct worker *worker, uint32_t number) {
    const struct worker_op *op = worker_op_find(number);

    return op || !worker->kind->find_op ? op : worker->kind->find_op(number);
}

static bool carry_out(struct worker *worker, const struct mpr_wire_command *command,
                      struct mpr_wire *wire) {
    const struct worker_op *op = find_op(worker, command->op);
    struct mpr_call call = {
        .size = sizeof call,
        .uid = command->uid,
        .gid = command->gid,
        .cancel_fd = worker_watch_cancel_fd(worker->watch),
        .deadline_ns = command->deadline_ns,
        .host_data = worker,
    };
    union worker_args args;
    union worker_ret ret;
    int64_t result = -ENOTSUP;
    bool broken;

    memset(&args, 0, sizeof args);
    memset(&ret, 0, sizeof ret);
    if (op)
        mpr_wire_code(wire, op->args_shape, &args);
    if (!mpr_wire_ended(wire))
        return false;
    worker->serial = command->serial;
    worker->answer = MPR_DONE;
    worker->failure.set = false;
    worker_watch_begin(worker->watch, command->serial, command->deadline_ns, command->progress);
    if (op && is_possible(worker, command->op))
        result = op->serve(worker, &call, &args, &ret);
    broken = worker_watch_end(worker->watch, bulk_of(command->op, &args));
    return send_reply(worker, op, result, broken, &ret);
}

/* With an operation of a provider comes its secret. */
static void take_secret(struct worker *worker, uint32_t op) {
    if (worker->fds[0] < 0 || !worker_op_find(op))
        return;
    mpr_secret_close(worker->secret_fd);
    worker->secret_fd = worker->fds[0];
    worker->fds[0] = -1;
}

/* False: the host is gone, or says what is no command. */
static bool serve_one(struct worker *worker) {
    struct mpr_wire_command command = {0};
    ssize_t size =
        mpr_wire_receive(worker->command, worker->in, sizeof worker->in, worker->fds, true);
    struct mpr_wire wire;
    bool well = false;

    if (size < 0)
        return false;
    wire = mpr_wire_from(worker->in, (size_t)size, worker->data_size);
    if (mpr_wire_get_kind(&wire) == MPR_WIRE_command) {
        MPR_WIRE_CODE(&wire, command, &command);
        atomic_store(&worker->shared->taken, command.serial);
        take_secret(worker, command.op);
        well = carry_out(worker, &command, &wire);
    }
    mpr_wire_close(worker->fds, MPR_WIRE_FDS);
    return well;
}

/* The descriptors are the worker's afterwards in any case. */
static bool open_channel(struct worker *worker, const struct worker_channel *channel) {
    struct mpr_wire wire = mpr_wire_into(worker->out, sizeof worker->out);
    void *memory = MAP_FAILED;

    worker->command = channel->fds[0];
    if (channel->shared_size > MPR_WIRE_SHARED_HEAD)
        memory = mmap(NULL, channel->shared_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                      channel->fds[2], 0);
    if (memory != MAP_FAILED) {
        worker->shared = memory;
        worker->data = (unsigned char *)memory + MPR_WIRE_SHARED_HEAD;
        worker->data_size = channel->shared_size - MPR_WIRE_SHARED_HEAD;
    }
    if (worker_watch_start(worker, channel) || !worker->shared)
        return false;
    atomic_store(&worker->shared->taken, MPR_WIRE_TAKEN_NONE);
    MPR_WIRE_SAY(&wire, hello, .code = worker->init_code, .text = worker->init_words);
    return mpr_wire_send(worker->command, &wire, NULL, 0) == 0;
}

/* What nobody has closed, of a host that is gone. */
static void abandon(struct worker *worker) {
    struct mpr_call call = {
        .size = sizeof call,
        .uid = geteuid(),
        .gid = getegid(),
        .cancel_fd = -1,
        .deadline_ns = mpr_deadline_in_ms(ABANDON_MS),
        .host_data = worker,
    };

    worker_ops_close_all(worker, &call);
    worker->module.table->disconnect(worker->session, &call, 1);
    worker->session = NULL;
}

struct worker *worker_new(const struct worker_kind *kind, const struct worker_module *module,
                          const struct mpr_option *options) {
    struct worker *worker = calloc(1, sizeof *worker);

    if (!worker)
        return NULL;
    worker->kind = kind;
    worker->module = *module;
    worker->command = -1;
    worker->secret_fd = MPR_SECRET_NONE;
    memset(worker->fds, -1, sizeof worker->fds);
    pthread_mutex_init(&worker->failure_lock, NULL);
    if (module->table->init)
        worker->init_code = module->table->init(&worker_host, options, worker->init_words,
                                                sizeof worker->init_words, &worker->state);
    return worker;
}

int worker_serve(struct worker *worker, const struct worker_channel *channel) {
    bool opened = open_channel(worker, channel);
    bool ready = opened && worker->init_code == NO_ERROR;

    while (ready && !worker->over && serve_one(worker))
        ;
    /* A session that nobody has ended is cut off with the process. */
    if (worker->kind->alone && (!opened || worker->session))
        _exit(opened ? 0 : 1);
    if (worker->session)
        abandon(worker);
    return ready ? 0 : 1;
}

void worker_free(struct worker *worker) {
    worker_watch_stop(worker->watch);
    if (worker->init_code == NO_ERROR && worker->module.table->fini)
        worker->module.table->fini(worker->state);
    mpr_secret_close(worker->secret_fd);
    /* The second thread goes on until the process ends. */
    if (worker->kind->alone)
        return;
    if (worker->shared)
        munmap(worker->shared, worker->data_size + MPR_WIRE_SHARED_HEAD);
    mpr_wire_close(&worker->command, 1);
    pthread_mutex_destroy(&worker->failure_lock);
    free(worker->files);
    free(worker);
}
