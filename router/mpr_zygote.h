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

struct mpr_zygote {
    const char *program; /* absolute path of mpr-worker */
    const char *module;  /* absolute path of what it loads */
    const char *name;    /* the provider's, for texts */
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

/** A worker just born. */
struct mpr_zygote_child {
    uint32_t serial; /* what it is asked about by */
    int pidfd;
    uint64_t slots;
    uint32_t max_io;
};

/** Starts nothing. The four texts must outlive it. Returns 0 or -errno. */
int mpr_zygote_init(struct mpr_zygote *zygote, const char *program, const char *module,
                    const char *name, const struct mpr_option *options);

/** Ends it and all its workers, if kill; in any case closes what belongs to it. */
void mpr_zygote_clear(struct mpr_zygote *zygote, bool kill);

/**
 * Has a worker forked, and the zygote started if there is none.
 *
 * fds      the worker's ends of command and control socket, and the shared memory
 * failure  says what is wrong when this fails
 *
 * Returns NO_ERROR, ERROR_CANCELLED or another Win32 code.
 */
DWORD mpr_zygote_spawn(struct mpr_zygote *zygote, const struct mpr_worker_wait *wait,
                       const int fds[MPR_WIRE_FDS], size_t shared_size, struct mpr_failure *failure,
                       struct mpr_zygote_child *ret_child);

/** How a worker ended, in words: "exited with status 3". Bounded by a fraction of a second. */
void mpr_zygote_describe_end(struct mpr_zygote *zygote, uint32_t worker, char *text, size_t size);

/**
 * Starts a program with socket as its descriptor 3, as nobody's child.
 * If it cannot be executed, a no_program message comes from the other end of
 * the socket. Returns 0 or -errno.
 */
int mpr_zygote_launch(const char *program, char *const arguments[], int socket);

#endif
