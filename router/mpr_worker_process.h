/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_process.h: one worker process as the host sees it: its sockets, the
 * memory shared with it, and one command at a time.
 *
 * Nothing that it sends is believed. Whatever does not fit is -EBADMSG, and
 * the process is to be ended.
 */
#ifndef MPR_WORKER_PROCESS_H
#define MPR_WORKER_PROCESS_H

#include <mpr/provider.h>

#include "router/mpr_error.h"
#include "router/mpr_wire.h"
#include "router/mpr_worker_gate.h"
#include "router/mpr_zygote.h"

/** How long a worker may take to answer once it is told to stop. */
#define MPR_WORKER_GRACE_MS 500

struct mpr_worker_process {
    struct mpr_worker_source *source;
    int command; /* sockets */
    int control;
    int pidfd;
    uint32_t number; /* the source's for it */
    uint32_t serial; /* of the last command */
    uint64_t slots;  /* a bit for each enum mpr_wire_op that the module has */
    uint32_t max_io; /* of the module, and no more than data_size */
    struct mpr_wire_shared *shared;
    unsigned char *data; /* the rest of the shared memory */
    size_t data_size;
    unsigned char message[MPR_WIRE_MAX];
};

/** A command: what it is, and what came of it. Zero what is not needed. */
struct mpr_worker_run {
    enum mpr_wire_op op;
    enum mpr_wire_shape args_shape, ret_shape;
    void *args, *ret;
    const struct mpr_call *call;
    struct mpr_worker_wait wait;
    uint32_t grace_ms;
    uint32_t io_timeout_ms; /* not 0: what comes from the server extends the deadline by this */
    int secret_fd;          /* goes with the command; -1 = none */
    const int *fds;         /* go with it in the secret's place; NULL = none */
    size_t fd_count;
    const void *out; /* for pwrite: goes into the shared memory */
    size_t out_size;
    void *in; /* for pread: room for what comes from there */
    size_t in_size;
    /* takes an entry of a listing off records; 0 = go on, 1 = enough, < 0 = it failed */
    int (*entry)(void *context, struct mpr_wire *records);
    /* takes texts off the results, which are not there any more afterwards; 0 or -errno */
    int (*take)(void *context, const void *results);
    void *context;

    struct mpr_wire_reply reply;
    bool begun;    /* the worker has begun it, as far as one can tell */
    bool stopping; /* the worker was told to stop */
    bool given;    /* entry was called */
    bool enough;   /* entry did not want more */
    int error;     /* of entry or take, or of the memory for it */
};

/** The constant part of a command. */
#define MPR_WORKER_RUN(name, args_, ret_)                                                          \
    .op = MPR_WIRE_OP_##name, .args_shape = MPR_WIRE_##name##_args,                                \
    .ret_shape = MPR_WIRE_##name##_ret, .args = 1 ? (args_) : (struct mpr_wire_##name##_args *)0,  \
    .ret = 1 ? (ret_) : (struct mpr_wire_##name##_ret *)0, .secret_fd = -1,                        \
    .grace_ms = MPR_WORKER_GRACE_MS

/**
 * Has a worker made, and waits until the module in it is ready. Returns
 * NO_ERROR or a Win32 code, explained in *failure.
 */
DWORD mpr_worker_process_start(struct mpr_worker_source *source, const char *remote,
                               const struct mpr_worker_wait *wait, size_t data_size,
                               struct mpr_failure *failure,
                               struct mpr_worker_process **ret_process);

/** Says for want of what no worker could be had; error is an errno value. Returns its code. */
DWORD mpr_worker_process_say_none(const struct mpr_worker_source *source, int error,
                                  struct mpr_failure *failure);

/** Is it there, as far as one can tell? */
bool mpr_worker_process_alive(const struct mpr_worker_process *process);

/** SIGKILL. From any thread; returns at once. */
void mpr_worker_process_kill(const struct mpr_worker_process *process);

/** Lets go of it: a worker that nobody holds ends itself. kill: at once. */
void mpr_worker_process_free(struct mpr_worker_process *process, bool kill);

/**
 * Carries out a command. Returns 0: there is a reply, in run->reply, and if it
 * says success the results are in *run->ret; what the module explained is
 * given on to run->call. Else the process is to be freed: -ECANCELED, -ETIMEDOUT,
 * -ENOTCONN (aborted), -EPIPE (it has ended), -EBADMSG, -EMSGSIZE (the arguments
 * are too long; the process is well).
 */
int mpr_worker_process_run(struct mpr_worker_process *process, struct mpr_worker_run *run);

/** Puts into words what the last command came to, rc being its -errno. */
void mpr_worker_process_explain(struct mpr_worker_process *process, enum mpr_wire_op op, int rc,
                                struct mpr_failure *failure);

#endif
