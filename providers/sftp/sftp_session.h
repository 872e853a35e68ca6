/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_session.h: a connected directory, and what the files of this folder share.
 *
 * A line that was lost is made again by the next operation that needs one, as
 * the same user: at once, then with growing pauses, and never after the server
 * refused the login or showed another key. Open files are not opened again:
 * they answer -EIO.
 */
#ifndef SFTP_SESSION_H
#define SFTP_SESSION_H

#include "providers/sftp/sftp_call.h"

struct sftp_file;

/** What init makes. */
struct sftp_state {
    const struct mpr_host *host;
    struct sftp_options options;
};

struct sftp_session {
    atomic_int references; /**< calls under way, and one until disconnect */
    const struct sftp_state *state;
    void *host_connection;
    struct sftp_name name;
    char user[MPR_USER_MAX];
    size_t root_length; /**< bytes of name.path before "/file" */
    uint32_t read_size, write_size;
    atomic_uint_least64_t speed; /**< bytes per second, best of the long transfers */
    int gate_fd;                 /**< semaphore: one thread reconnects */
    int abort_fd;                /**< readable for ever after sftp_session_abort */

    pthread_mutex_t lock; /* for all below */
    struct sftp_line *line;
    struct sftp_file *files; /* open ones: they go with the session */
    bool aborted;
    bool barred; /* the server would not have us again */
    int64_t next_try_ns, pause_ns;
};

/** A file operation on its way. */
struct sftp_op {
    struct sftp_session *session;
    struct sftp_line *line;
    const struct mpr_call *call;
};

/** Connects to the directory, and proves that it is one. */
struct sftp_session *sftp_session_connect(const struct sftp_state *state,
                                          const struct mpr_call *call,
                                          const struct mpr_connect *args,
                                          struct sftp_failure *ret_failure);

/**
 * Connects to name's server for a look around, with call's user where name has
 * none; end it with sftp_session_end.
 */
struct sftp_session *sftp_session_visit(const struct sftp_state *state, const struct mpr_call *call,
                                        const struct sftp_name *name, const char *remote,
                                        struct sftp_failure *ret_failure);

void sftp_session_abort(struct sftp_session *session);
/** Was it aborted or ended? */
bool sftp_session_is_over(struct sftp_session *session);
/** Ends it; calls that are under way end with -ENOTCONN. */
void sftp_session_end(struct sftp_session *session);

/**
 * A call begins: the session stays until sftp_op_end. Returns 0; or -errno, with
 * op->line NULL, when there is no connection and none can be made.
 */
int sftp_op_begin(void *session, const struct mpr_call *call, struct sftp_op *op);
/** As sftp_op_begin, but for a file, on the line where it was opened. */
void sftp_op_begin_on(void *session, struct sftp_line *line, const struct mpr_call *call,
                      struct sftp_op *op);
/** A call ends with rc, which is returned. */
int64_t sftp_op_end(struct sftp_op *op, int64_t rc);

/** Bytes of path, on the server, in a packet at most. */
size_t sftp_path_size(const struct sftp_session *session, const char *path);
/** Writes path as the server knows it. */
void sftp_out_path(struct sftp_out *out, const struct sftp_session *session, const char *path);

/** Measures round trips. Returns a Win32 code. */
uint32_t sftp_session_performance(const struct sftp_op *op, struct mpr_performance *ret);

#endif
