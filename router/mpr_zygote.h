/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_zygote.h: the process that has loaded a provider's module and forks its
 * workers, as this process sees it.
 *
 * It is started when the first worker is wanted, once for a provider, and again
 * when it has died. The embedding program sees no child of its own: no SIGCHLD,
 * and nothing for its waitpid(-1).
 */
#ifndef MPR_ZYGOTE_H
#define MPR_ZYGOTE_H

#include <mpr/provider.h>

#include "router/mpr_error.h"
#include "router/mpr_wire.h"
#include "router/mpr_worker_gate.h"

/** A worker just born. */
struct mpr_zygote_child {
    uint32_t serial; /* what it is asked about by */
    int pidfd;       /* -1: it is not ours to end */
    uint64_t slots;
    uint32_t max_io;
};

/** Where the workers of a provider come from. Its functions may be called from any thread. */
struct mpr_worker_source {
    const char *name; /* the provider's, for texts */
    const char *what; /* "worker process" */

    /**
     * Has a worker made.
     *
     * remote   what it is for, as its session has it; NULL: for a question
     * fds      the worker's ends of command and control socket, and the shared memory
     * failure  says what is wrong when this fails
     *
     * Returns NO_ERROR, ERROR_CANCELLED or another Win32 code.
     */
    DWORD(*spawn)
    (struct mpr_worker_source *source, const char *remote, const struct mpr_worker_wait *wait,
     const int fds[MPR_WIRE_FDS], size_t shared_size, struct mpr_failure *failure,
     struct mpr_zygote_child *ret_child);

    /** How it ended, in words: "exited with status 3". Bounded by a fraction of a second. */
    void (*describe_end)(struct mpr_worker_source *source, uint32_t worker, char *text,
                         size_t size);

    /** It has ended by itself, and there was something to do. NULL: that is nothing new. */
    void (*note_end)(struct mpr_worker_source *source, const char *remote);
};

/** A source that forks them. */
struct mpr_zygote {
    struct mpr_worker_source source; /* first */
    const char *program;             /* absolute path of mpr-worker */
    const char *module;              /* absolute path of what it loads */
    const struct mpr_option *options;
    struct mpr_worker_gate gate;
    /* of the thread in the gate: */
    int socket; /* -1: there is none */
    int pidfd;
    uint32_t serial;
    int64_t silent_since_ns; /* when it was asked first without an answer; 0 = it answers */
    uint64_t slots;          /* of the module's table, a bit for each enum mpr_wire_op */
    uint32_t max_io;
    unsigned char message[MPR_WIRE_MAX];
};

/** Starts nothing. The four texts must outlive it. Returns 0 or -errno. */
int mpr_zygote_init(struct mpr_zygote *zygote, const char *program, const char *module,
                    const char *name, const struct mpr_option *options);

/** Ends it and all its workers, if kill; in any case closes what belongs to it. */
void mpr_zygote_clear(struct mpr_zygote *zygote, bool kill);

/**
 * Starts a program with socket as its descriptor 3, as nobody's child.
 * If it cannot be executed, a no_program message comes from the other end of
 * the socket. Returns 0 or -errno.
 */
int mpr_zygote_launch(const char *program, char *const arguments[], int socket);

#endif
