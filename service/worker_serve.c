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
    return (worker_ops_of(worker->table) >> op & 1) != 0;
}

static size_t bulk_of(uint32_t op, const union worker_args *args) {
    if (op == MPR_WIRE_OP_pread)
        return (size_t)args->pread.size;
    return op == MPR_WIRE_OP_pwrite ? (size_t)args->pwrite.size : 0;
}

static bool carry_out(struct worker *worker, const struct mpr_wire_command *command,
                      struct mpr_wire *wire) {
    const struct worker_op *op = worker_op_find(command->op);
    struct mpr_call call = {
        .size = sizeof call,
        .uid = command->uid,
        .gid = command->gid,
        .cancel_fd = worker_watch_cancel_fd(),
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
    worker_watch_begin(command->serial, command->deadline_ns, command->progress);
    if (op && is_possible(worker, command->op))
        result = op->serve(worker, &call, &args, &ret);
    broken = worker_watch_end(bulk_of(command->op, &args));
    return send_reply(worker, op, result, broken, &ret);
}

/* False: the host is gone, or says what is no command. */
static bool serve_one(struct worker *worker) {
    struct mpr_wire_command command = {0};
    int fds[MPR_WIRE_FDS];
    ssize_t size = mpr_wire_receive(worker->command, worker->in, sizeof worker->in, fds, true);
    struct mpr_wire wire;

    if (size < 0)
        return false;
    if (fds[0] >= 0) {
        mpr_secret_close(worker->secret_fd);
        worker->secret_fd = fds[0];
        fds[0] = -1;
    }
    mpr_wire_close(fds, MPR_WIRE_FDS);
    wire = mpr_wire_from(worker->in, (size_t)size, worker->data_size);
    if (mpr_wire_get_kind(&wire) != MPR_WIRE_command)
        return false;
    MPR_WIRE_CODE(&wire, command, &command);
    return carry_out(worker, &command, &wire);
}

static bool open_channel(struct worker *worker, const struct worker_channel *channel) {
    struct mpr_wire wire = mpr_wire_into(worker->out, sizeof worker->out);
    void *memory;

    if (channel->shared_size <= MPR_WIRE_SHARED_HEAD)
        return false;
    memory =
        mmap(NULL, channel->shared_size, PROT_READ | PROT_WRITE, MAP_SHARED, channel->fds[2], 0);
    if (memory == MAP_FAILED)
        return false;
    worker->command = channel->fds[0];
    worker->data = (unsigned char *)memory + MPR_WIRE_SHARED_HEAD;
    worker->data_size = channel->shared_size - MPR_WIRE_SHARED_HEAD;
    MPR_WIRE_SAY(&wire, hello, .code = worker->init_code, .text = worker->init_words);
    return worker_watch_start(channel, memory) == 0
           && mpr_wire_send(worker->command, &wire, NULL, 0) == 0;
}

struct worker *worker_new(const struct mpr_provider *table, const struct mpr_option *options) {
    struct worker *worker = calloc(1, sizeof *worker);

    if (!worker)
        _exit(1);
    worker->table = table;
    worker->command = -1;
    worker->secret_fd = MPR_SECRET_NONE;
    pthread_mutex_init(&worker->failure_lock, NULL);
    if (table->init)
        worker->init_code = table->init(&worker_host, options, worker->init_words,
                                        sizeof worker->init_words, &worker->state);
    return worker;
}

int worker_serve(struct worker *worker, const struct worker_channel *channel) {
    bool ready = worker->init_code == NO_ERROR;

    if (!open_channel(worker, channel))
        _exit(1);
    while (ready && !worker->over && serve_one(worker))
        ;
    /* A session that nobody has ended is cut off with the process. */
    if (worker->session)
        _exit(0);
    if (ready && worker->table->fini)
        worker->table->fini(worker->state);
    mpr_secret_close(worker->secret_fd);
    free(worker->files);
    free(worker);
    return ready ? 0 : 1;
}
