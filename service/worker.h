/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker.h: the worker's end of what is said between processes, for two programs:
 * mpr-worker, in which provider modules run, away from the application's process,
 * and mpr-drive (drive.h), whose process also has workers in threads, for its channels.
 *
 *   worker_main.c     main of mpr-worker
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

struct worker;
struct worker_watch;
struct worker_op;

/** What the host gives to a worker. */
struct worker_channel {
    int fds[MPR_WIRE_FDS]; /* command socket, control socket, shared memory */
    size_t shared_size;
};

/** What differs between workers. */
struct worker_kind {
    /**
     * It is all that its process does: the TCP connections there are the module's, and
     * are cut when a command takes too long; the process ends with it. Otherwise the
     * module keeps to its deadlines itself, and is told to stop by the cancel descriptor.
     */
    bool alone;
    /** Commands that are no slots of a provider's table; NULL: there are none. */
    const struct worker_op *(*find_op)(uint32_t op);
    /** A number that changes as long as the server is alive; NULL: the bytes of all TCP. */
    uint64_t (*alive)(struct worker *worker);
    /** The host is gone, and the worker about to end; in the second thread. May be NULL. */
    void (*gone)(struct worker *worker);
};

/** What a zygote makes workers of. */
struct worker_module {
    const struct mpr_provider *table;
    uint64_t ops; /* a bit for each enum mpr_wire_op that it has */
    uint32_t max_io;
};

/** A program that makes workers. */
struct worker_program {
    const char *name; /* of the processes */
    const struct worker_kind *kind;
    unsigned end_ms; /* what workers get to end by themselves when the host is gone */
    /**
     * In the zygote, which stays without threads. The texts of options live on.
     * Returns NO_ERROR or a Win32 code, explained in *failure.
     */
    uint32_t (*load)(const char *module, const struct mpr_option *options,
                     struct mpr_failure *failure, struct worker_module *ret_module);
};

struct worker_file {
    void *file;
    uint32_t stamp; /* changes with every use of the slot */
};

struct worker {
    const struct worker_kind *kind;
    struct worker_module module;
    struct worker_watch *watch;
    void *state;
    uint32_t init_code; /* what the module's init came to, and its words */
    char init_words[512];
    void *session; /* NULL: not connected */
    int command;
    struct mpr_wire_shared *shared;
    unsigned char *data; /* the shared memory without its first page */
    size_t data_size;
    int secret_fd;
    int fds[MPR_WIRE_FDS]; /* that came with a command of find_op; who takes one sets it to -1 */
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

/* ---- worker_zygote.c */

/**
 * Main of such a program, which people have no use for: the library starts it, with a
 * socket as descriptor 3. Returns the exit status: of the zygote, or of a worker.
 */
int worker_zygote_main(const struct worker_program *program, int argc, char **argv,
                       const char *usage);

/* ---- worker_serve.c */

/** With the module's init, in which case state is what that returns. NULL for want of memory. */
struct worker *worker_new(const struct worker_kind *kind, const struct worker_module *module,
                          const struct mpr_option *options);
/**
 * A worker's life, until it is disconnected or the host is gone; files that are still open
 * are closed then, and the session is ended. Takes the channel's descriptors. Returns 0, or
 * 1: it did not come to life.
 */
int worker_serve(struct worker *worker, const struct worker_channel *channel);
/** With the module's fini. */
void worker_free(struct worker *worker);

/* ---- worker_ops.c */

union worker_args {
#define WORKER_ARGS(number, op, ARGS, RET) struct mpr_wire_##op##_args op;
    MPR_WIRE_ALL_OPS(WORKER_ARGS)
};
union worker_ret {
#define WORKER_RET(number, op, ARGS, RET) struct mpr_wire_##op##_ret op;
    MPR_WIRE_ALL_OPS(WORKER_RET)
};
struct worker_op {
    enum mpr_wire_shape args_shape, ret_shape;
    int64_t (*serve)(struct worker *worker, const struct mpr_call *call,
                     const union worker_args *args, union worker_ret *ret);
};
/** Of a provider's table. NULL for a number that is none. */
const struct worker_op *worker_op_find(uint32_t op);
/** A bit for each enum mpr_wire_op that the module has. */
uint64_t worker_ops_of(const struct mpr_provider *table);
/** Closes all files without caring for what comes of it. */
void worker_ops_close_all(struct worker *worker, const struct mpr_call *call);
/** What a network operation's serve returns. */
int64_t worker_op_code(struct worker *worker, uint32_t code);

/* ---- worker_listing.c */

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

/* ---- worker_host.c */

extern const struct mpr_host worker_host;

/* ---- worker_watch.c */

/** Starts the second thread. Takes the channel's descriptors but the first. 0 or -errno. */
int worker_watch_start(struct worker *worker, const struct worker_channel *channel);
/** Ends it, and closes what it has. Takes NULL. */
void worker_watch_stop(struct worker_watch *watch);
/** For mpr_call.cancel_fd. */
int worker_watch_cancel_fd(const struct worker_watch *watch);
/** A command begins; io_timeout_ms not 0: bytes from the server extend its deadline by that. */
void worker_watch_begin(struct worker_watch *watch, uint32_t serial, int64_t deadline_ns,
                        uint32_t io_timeout_ms);
/** It waits for the host, not for the server; and no more. */
void worker_watch_pause(struct worker_watch *watch, bool pause);
/** It has ended, having moved so many bytes. True: connections of the module were cut. */
bool worker_watch_end(struct worker_watch *watch, size_t bulk);

/* ---- worker_sockets.c */

/** Shuts all TCP connections of the process down. Returns how many. */
unsigned worker_sockets_shutdown(void);
/** What their peers have sent and acknowledged so far. */
uint64_t worker_sockets_bytes(void);

#endif
