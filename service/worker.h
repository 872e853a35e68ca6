/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker.h: mpr-worker, the program that provider modules run in, away from the
 * application's process.
 *
 *   worker_main.c     main
 *   worker_zygote.c   the process that loads the module once and forks workers
 *   worker_serve.c    a worker: commands from the host, one by one
 *   worker_ops.c      commands to calls of the module, and results back
 *   worker_host.c     what the module finds in its host table
 *   worker_watch.c    the second thread, which ends what takes too long
 *   worker_sockets.c  the module's TCP connections, as the second thread sees them
 */
#ifndef WORKER_H
#define WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <mpr/provider.h>

#include "router/mpr_error.h"
#include "router/mpr_wire.h"

/** What the host gives to a worker. */
struct worker_channel {
    int fds[MPR_WIRE_FDS]; /* command socket, control socket, shared memory */
    size_t shared_size;
};

struct worker_file {
    void *file;
    uint32_t stamp; /* changes with every use of the slot */
};

struct worker {
    const struct mpr_provider *table;
    void *state;
    uint32_t init_code; /* what the module's init came to, and its words */
    char init_words[512];
    void *session; /* NULL: not connected */
    int command;
    unsigned char *data; /* the shared memory without its first page */
    size_t data_size;
    int secret_fd;
    struct worker_file *files;
    size_t file_count;
    uint32_t serial; /* of the command under way */
    bool over;       /* disconnected, or the host is gone */
    uint32_t answer; /* of the network operation under way */

    /* from any thread of the module: */
    pthread_mutex_t failure_lock;
    struct mpr_failure failure;
    _Atomic bool lost;
    _Atomic uint32_t lost_code;

    char text[MPR_WIRE_MAX / 2]; /* of the results */
    unsigned char in[MPR_WIRE_MAX];
    unsigned char out[MPR_WIRE_MAX];
};

/* worker_zygote.c */
/** Serves the host at this socket. Returns the exit status: of the zygote, or of a worker. */
int worker_zygote_run(int socket);

/* worker_serve.c */
/** The module's init. Ends the process if there is no memory. */
struct worker *worker_new(const struct mpr_provider *table, const struct mpr_option *options);
/** A worker's life, and end. Returns its exit status. */
int worker_serve(struct worker *worker, const struct worker_channel *channel);

/* worker_ops.c */
union worker_args {
#define WORKER_ARGS(number, op, ARGS, RET) struct mpr_wire_##op##_args op;
    MPR_WIRE_OPS(WORKER_ARGS)
};
union worker_ret {
#define WORKER_RET(number, op, ARGS, RET) struct mpr_wire_##op##_ret op;
    MPR_WIRE_OPS(WORKER_RET)
};
/** Returns NULL for a number that is none. */
const struct worker_op {
    enum mpr_wire_shape args_shape, ret_shape;
    int64_t (*serve)(struct worker *worker, const struct mpr_call *call,
                     const union worker_args *args, union worker_ret *ret);
} * worker_op_find(uint32_t op);
/** A bit for each enum mpr_wire_op that the module has. */
uint64_t worker_ops_of(const struct mpr_provider *table);

/* worker_listing.c */
/** Entries on their way to the host. */
struct worker_listing {
    struct worker *worker;
    struct mpr_wire records;
    uint32_t count;
    bool stopped;
};
struct worker_listing worker_listing_begin(struct worker *worker);
/** Takes one; returns 0 to go on, 1 to stop. */
int worker_listing_add(struct worker_listing *listing, enum mpr_wire_shape shape, void *entry);
/** Sends the rest. */
void worker_listing_end(struct worker_listing *listing);

/* worker_host.c */
extern const struct mpr_host worker_host;

/* worker_watch.c */
/** Starts the second thread. Returns 0 or -errno. */
int worker_watch_start(const struct worker_channel *channel, struct mpr_wire_shared *shared);
/** For mpr_call.cancel_fd. */
int worker_watch_cancel_fd(void);
/** A command begins; io_timeout_ms not 0: bytes from the server extend its deadline by that. */
void worker_watch_begin(uint32_t serial, int64_t deadline_ns, uint32_t io_timeout_ms);
/** It waits for the host, not for the server; and no more. */
void worker_watch_pause(bool pause);
/** It has ended, having moved so many bytes. True: connections of the module were cut. */
bool worker_watch_end(size_t bulk);

/* worker_sockets.c */
/** Shuts all TCP connections of the process down. Returns how many. */
unsigned worker_sockets_shutdown(void);
/** What their peers have sent and acknowledged so far. */
uint64_t worker_sockets_bytes(void);

#endif
