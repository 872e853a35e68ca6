/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_session.h: a session that lives in a worker process, and outlives it.
 *
 * When the worker is gone, a new one is made that connects with the same arguments
 * and secret. So it is when the module says -ENOTCONN, that it has lost its server
 * for good. An operation that may be done twice, or that the old one had not begun,
 * is then done by the new one, any other has failed. Files that were open in the old
 * one are then of another generation: one that is only read is opened again if it is
 * still the same, any other is lost.
 */
#ifndef MPR_WORKER_SESSION_H
#define MPR_WORKER_SESSION_H

#include <mpr/provider.h>

#include "router/mpr_lock.h"
#include "router/mpr_worker_process.h"
#include "router/mpr_zygote.h"

/** A provider whose sessions are in workers: the state of its table. */
struct mpr_worker_provider {
    struct mpr_provider table;
    pid_t pid; /* of the process that made it; a child that it forks has none of this */
    const struct mpr_provider *front;
    void *front_state;
    struct mpr_option *options;
    uint32_t io_timeout_ms;
    int64_t well_ns;                  /* a worker that lived so long was a good one */
    size_t data_size;                 /* of the memory shared with a worker */
    struct mpr_worker_source *source; /* the next, or one that is given */
    struct mpr_zygote zygote;
    void *owner; /* whose table it is, if somebody has made another of it */
};

/** An open file or print job: what the proxy's open returns. */
struct mpr_worker_file {
    struct mpr_worker_file *next; /* under the session's lock */
    /* of the thread in the gate: */
    uint64_t number;     /* the worker's for it */
    uint32_t generation; /* of the session, when it was opened */
    bool used;           /* something was learned from it */
    bool has_facts;      /* of the file as it was read; for read-only ones */
    struct mpr_stat facts;
    /* never changed: */
    bool read_only;
    char path[];
};

struct mpr_worker_session {
    struct mpr_worker_provider *provider;
    pid_t pid; /* of the process that made it */
    struct mpr_worker_gate gate;
    int abort_fd; /* an eventfd, readable once the session is aborted */

    struct mpr_lock lock; /* short; never held while anything is waited for */
    /* under lock: */
    bool aborted;
    bool ended;     /* to be freed when the last user leaves */
    unsigned users; /* threads in an operation */
    struct mpr_worker_file *files;
    struct mpr_worker_file *abandoned; /* closed when it was not their turn: to be closed there */

    /* written by the thread in the gate, and under lock, so that either will do to read: */
    struct mpr_worker_process *process; /* NULL: gone */

    /* of the thread in the gate: */
    uint32_t generation;
    int64_t started_ns;    /* when the last worker was made */
    int64_t not_before_ns; /* no new worker earlier */
    int64_t backoff_ns;
    bool died;    /* the worker did, or none could be had, since the attempt began */
    bool refused; /* the server did not accept the user again: do not ask it once more */

    /* never changed; the arguments of connect: */
    uint64_t slots; /* a bit for each enum mpr_wire_op that the module has */
    size_t max_io;  /* of one command */
    uint32_t type, flags;
    char *remote, *device, *user;
    void *use_options; /* or NULL */
    size_t use_options_size;
    int secret_fd;
    void *host_connection;
};

/** Connects. Returns MPR_DONE and a session, or the answer and *ret_code, explained. */
enum mpr_answer mpr_worker_session_new(struct mpr_worker_provider *provider,
                                       const struct mpr_call *call, const struct mpr_connect *args,
                                       struct mpr_worker_session **ret_session, uint32_t *ret_code);

/**
 * Carries out an operation: waits for its turn, has a lost worker replaced, and
 * takes care of what comes of it.
 *
 * run          without its wait
 * file         the open file that it is about, or that is new, or NULL
 * file_number  its number, in the arguments or in the results
 *
 * Returns run->reply.result, which for a network operation is a Win32 code that
 * run->reply.answer belongs to; or -errno, explained.
 */
int64_t mpr_worker_session_run(struct mpr_worker_session *session, struct mpr_worker_run *run,
                               struct mpr_worker_file *file, uint64_t *file_number);

/**
 * Carries out a question that needs no session, in a worker of its own.
 * Returns as mpr_worker_session_run.
 */
int64_t mpr_worker_session_ask(struct mpr_worker_provider *provider, struct mpr_worker_run *run);

/** Closes a file. Returns 0 or -errno; it is gone in any case. */
int mpr_worker_session_close(struct mpr_worker_session *session, const struct mpr_call *call,
                             struct mpr_worker_file *file);

/** Has it a worker that is there, as far as one can tell? */
bool mpr_worker_session_is_alive(struct mpr_worker_session *session);

/** As the SPI's abort and disconnect. */
void mpr_worker_session_abort(struct mpr_worker_session *session);
uint32_t mpr_worker_session_end(struct mpr_worker_session *session, const struct mpr_call *call,
                                bool force);

/** The Win32 code of a network operation that an errno value has ended. */
uint32_t mpr_worker_code_of(int error);

/* ---- mpr_worker_turn.c: what the thread in the gate does */

/** Gets through the gate. Returns 0 or -errno; then there is nothing to leave. */
int mpr_worker_turn_enter(struct mpr_worker_session *session, const struct mpr_call *call);
/** The last one frees a session that has ended. */
void mpr_worker_turn_leave(struct mpr_worker_session *session);

/** One user less, who is in no turn; the last one frees likewise. */
void mpr_worker_turn_let_go(struct mpr_worker_session *session);

/** Makes a worker. Returns NO_ERROR or a Win32 code, explained. */
uint32_t mpr_worker_turn_start(struct mpr_worker_session *session, const struct mpr_call *call);

/** Whose failure it is when that fails. */
enum mpr_answer mpr_worker_turn_answer(uint32_t code);

/** Makes a worker and connects it. Returns as mpr_worker_session_new. */
enum mpr_answer mpr_worker_turn_connect(struct mpr_worker_session *session,
                                        const struct mpr_call *call, uint32_t *ret_code);

/** A worker that lives, a new one if need be. Returns 0 or -errno. */
int mpr_worker_turn_prepare(struct mpr_worker_session *session, const struct mpr_call *call);

/** One command to the worker there is. Returns as mpr_worker_session_run. */
int64_t mpr_worker_turn_run(struct mpr_worker_session *session, struct mpr_worker_run *run);

/** The worker has ended by itself: its source is told. */
void mpr_worker_turn_note_end(struct mpr_worker_session *session);

/** Lets go of the worker. */
void mpr_worker_turn_retire(struct mpr_worker_session *session, bool kill);

void mpr_worker_session_free(struct mpr_worker_session *session);

#endif
