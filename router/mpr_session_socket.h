/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session_socket.h: a connection to the service of the user, and messages on it.
 *
 * The service is believed to be the user's if the directory of its socket is his and
 * nobody else's, and the process at the other end is his or root's.
 */
#ifndef MPR_SESSION_SOCKET_H
#define MPR_SESSION_SOCKET_H

#include "router/mpr_session_wire.h"
#include "router/mpr_worker_gate.h"

/** The socket's name in the runtime directory. */
#define MPR_SESSION_SOCKET  "session"

/** How long a service that lives may take to accept, or to answer a ping. */
#define MPR_SESSION_PING_MS 2000

struct mpr_session_line {
    int fd;
    int pid;     /* of the service, for words */
    bool pooled; /* it has served a call before */
    char *data;  /* what has come: room bytes, of which length are filled */
    size_t length, room;
    size_t taken; /* bytes of it that were given to the caller, as a message with its NUL */
};

/**
 * Connects to the service whose socket is in this directory, at once or within the
 * bound of a ping.
 *
 * Returns NO_ERROR; ERROR_NO_NETWORK, explained; *ret_absent: there is none, or it has
 * ended, as distinct from one that cannot be trusted or does not answer.
 */
DWORD mpr_session_connect(const char *runtime, struct mpr_session_line *ret_line, bool *ret_absent);

/** Closes it. */
void mpr_session_hang_up(struct mpr_session_line *line);

/** Is it still there, and silent, as it should be between calls? */
bool mpr_session_is_idle(const struct mpr_session_line *line);

/** Sends a message. Returns 0, -EPIPE (the service has hung up), or as mpr_worker_wait_for. */
int mpr_session_send(const struct mpr_session_line *line, const struct mpr_session_message *message,
                     const struct mpr_worker_wait *wait);

/**
 * Receives the next message: its size bytes, and a NUL, good until the next call here.
 * Returns 0, -EPIPE (hung up), -EMSGSIZE (too long), -ENOMEM, or as mpr_worker_wait_for.
 */
int mpr_session_receive(struct mpr_session_line *line, const struct mpr_worker_wait *wait,
                        const char **ret_text, size_t *ret_size);

/** Does the service answer, on a connection of its own, within the bound of a ping? */
bool mpr_session_answers(const char *runtime, int abort_fd);

#endif
