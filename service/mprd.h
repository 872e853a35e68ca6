/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd.h: the parts of mprd, the service of one user.
 *
 * It runs the router, and other processes of the user reach it through a socket
 * (router/mpr_session_wire.h). One thread, the loop, owns the socket and all
 * clients: it reads calls, and hands them to threads which carry them out; it
 * waits for nobody. A client has one call under way at a time, and what it sends
 * meanwhile waits in its socket.
 *
 * A client that hangs up does not take its call back: a connect that nobody waits
 * for any more is finished, and is there for all.
 */
#ifndef MPRD_H
#define MPRD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/session.h>

#include "router/mpr_error.h"
#include "router/mpr_session_wire.h"

/* ---- mprd_place.c: the directory, the lock, the socket. */

/** Where a service lives. Descriptors; -1: none. */
struct mprd_place {
    const char *runtime;
    int directory; /* 0700 and ours, as it was looked at */
    int lock;      /* held for life: whoever has it is the service */
    int listener;
    bool inherited; /* the socket is that of who started us: it stays */
};

enum mprd_taken {
    MPRD_TAKEN,
    MPRD_RUNNING, /* another service serves */
    MPRD_FAILED,  /* explained in failure */
};

/**
 * Becomes the service of a directory, which is made if it is not there: takes the
 * lock, waiting for a service that is about to end, removes a socket that a dead one
 * has left, and listens. inherited: a listening socket that was handed over, or -1.
 */
enum mprd_taken mprd_place_take(const char *runtime, int inherited, struct mprd_place *ret,
                                struct mpr_failure *failure);

/**
 * Can anybody still find it? Not if its directory, lock or socket is gone from their path, as
 * when the user has logged out.
 */
bool mprd_place_is_found(const struct mprd_place *place);

/** Nobody can connect any more. */
void mprd_place_close(struct mprd_place *place);

/** Lets another one become the service. */
void mprd_place_leave(struct mprd_place *place);

/* ---- mprd_start.c: how it is started. */

/** The listening socket that was handed over as LISTEN_FDS says, or -1. Closes what else is open. */
int mprd_start_descriptors(void);

/**
 * Goes into the background: returns in a new process, whose parent waits for
 * mprd_start_told and ends then, or says how the new one has ended. False: no process.
 */
bool mprd_start_background(void);

/** What the parent of a process in the background is told, or the terminal: words NULL: it serves. */
void mprd_start_told(bool good, const char *words);

#define MPRD_LOAD_S        15u
#define MPRD_MODULE_STATUS 3 /* the exit status: a provider's module ended it, or hung */

/** How long loading the providers may take; without it MPRD_LOAD_S. */
void mprd_start_limit(unsigned seconds);

/**
 * Around loading providers. Whoever waits for this process is told which one it is. Their
 * code may end this process, or hang it: then it ends, too, when the time is up. There must
 * be no connection.
 */
void mprd_start_loading(bool begins);

/** Tells the service manager, if there is one: "READY=1". */
void mprd_start_notify(const char *state);

/* ---- mprd_log.c: what an administrator is told, on standard error. */

/**
 * Says one line, which begins with "mprd: ". Waits for nobody: a line that nobody takes is
 * left out, and so is what is too much in a minute. Never pass a secret.
 */
void mprd_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Says what has happened to a drive, if that is for him. */
void mprd_log_event(const struct mpr_event *event);

/** Writes as it is what ends with a new line; for handlers of signals, too. */
void mprd_log_write(const char *line, size_t size);

/* ---- mprd_buffer.c: bytes on their way. */

struct mprd_buffer {
    char *bytes;
    size_t at, size, room; /* bytes[at..size) are there */
};

/** Makes room for more bytes at the end, so that there are at most `most`. False: no room. */
bool mprd_buffer_grow(struct mprd_buffer *buffer, size_t more, size_t most);
bool mprd_buffer_add(struct mprd_buffer *buffer, const char *bytes, size_t size, size_t most);
/** Frees and wipes. */
void mprd_buffer_clear(struct mprd_buffer *buffer);

/* ---- mprd_router.c: the router, made anew when its configuration has changed. */

/** As mpr_local_driver; there is one of it. root must stay. */
extern const struct mpr_driver mprd_router_driver;

/* ---- mprd_calls.c: threads that carry calls out. */

struct mprd_client;

/** A call under way. */
struct mprd_call {
    struct mprd_call *next;
    struct mprd_client *client; /* the loop's; no thread looks at it */
    struct mpr_session_call *call;
    int fds[MPR_SESSION_FDS];
    size_t fd_count;
    bool subscribes; /* to events: what is asked is the state */
    struct mprd_buffer reply;
};

/** Starts with a driver; wake_fd is an eventfd that is written when a call is done. */
void mprd_calls_start(const struct mpr_driver *driver, void *state, int wake_fd);

/** Has a call carried out. Takes it. */
void mprd_calls_submit(struct mprd_call *call);

/** The calls that are done since, or NULL. */
struct mprd_call *mprd_calls_done(void);

void mprd_call_free(struct mprd_call *call);

/** How many calls are waiting, under way, or not fetched. */
unsigned mprd_calls_pending(void);

/* ---- mprd_answer.c: what is said. */

/** Carries a call out, in its thread, and writes the reply to it. */
void mprd_answer_call(struct mprd_call *call, const struct mpr_driver *driver, void *state);

/** Answers a call that asks nothing of the router: of org.varlink.service, or none at all. */
void mprd_answer_plain(struct mprd_call *call);

/** Answers a call that cannot be carried out now. */
void mprd_answer_busy(struct mprd_call *call);

/** Writes what is wrong with a call that cannot be read. */
void mprd_answer_fault(const struct mpr_session_fault *fault, struct mprd_buffer *reply);

/** Writes an event. */
void mprd_answer_event(const struct mpr_event *event, struct mprd_buffer *reply);

/* ---- mprd_client.c: one client. */

struct mprd_client {
    struct mprd_client *next;
    int fd;
    struct mprd_buffer in, out;
    int fds[MPR_SESSION_FDS]; /* that came with what is in the buffer */
    size_t fd_count;
    int64_t half_since_ns;    /* since then a message is not whole; 0: none is there */
    int64_t stuck_since_ns;   /* since then it does not read what it is sent; 0 */
    int64_t used_ns;          /* it was last heard, or answered */
    struct mprd_call *call;   /* under way, or NULL */
    bool subscribed;          /* events are for it */
    struct mprd_buffer later; /* events while it is told the state */
    bool ending;              /* is sent what there is, and no more is read */
    bool gone;                /* to be freed, as soon as no call is under way */
};

struct mprd_client *mprd_client_new(int fd);
void mprd_client_free(struct mprd_client *client);

/** Reads what there is, and begins a call if one is whole. */
void mprd_client_read(struct mprd_client *client);
/** Sends what it takes. */
void mprd_client_write(struct mprd_client *client);
/** Its call is done: the reply is on its way, and the next call begins. */
void mprd_client_answered(struct mprd_client *client);
/** Tells an event, a message with its NUL. */
void mprd_client_tell(struct mprd_client *client, const char *message, size_t size);
/** When something is to be done if nothing happens; INT64_MAX: never. */
int64_t mprd_client_deadline(const struct mprd_client *client);
/** Ends who has kept us waiting. */
void mprd_client_check(struct mprd_client *client, int64_t now);
/** What to poll for. */
short mprd_client_events(const struct mprd_client *client);

/* ---- mprd_watch.c: events of the router to those who subscribed. */

void mprd_watch_start(int wake_fd);
void mprd_watch_stop(void);
/** The messages since, each with its NUL, to be cleared. *ret_lost: there were too many. */
struct mprd_buffer mprd_watch_take(bool *ret_lost);

/* ---- mprd_restore.c: what is remembered comes back. */

/** Starts restoring all, and trying again what fails, in threads of its own. */
void mprd_restore_start(const struct mpr_driver *driver, void *state);
/** Something could not be connected: perhaps there is more to be tried again. */
void mprd_restore_look(void);
/**
 * Somebody wants to connect or cancel this device himself: what tries just now to restore it
 * gets a moment, and is aborted then. name: NULL, or anything.
 */
void mprd_restore_yield(const char *name);
/** Nothing more is begun. */
void mprd_restore_stop(void);
/** Waits for what is under way. False: it has not ended by then. */
bool mprd_restore_wait(int64_t deadline_ns);
/** Is something under way, or to be tried again? */
bool mprd_restore_is_busy(void);

/* ---- mprd_end.c: the connections at the end. */

/** Has the router a connection? */
bool mprd_end_is_used(const struct mpr_driver *driver, void *state);
/** Breaks them all, first as a user would, so that nothing unwritten is lost, then by force. */
void mprd_end_break(const struct mpr_driver *driver, void *state);

/* ---- mprd_loop.c */

/** What the loop works with. */
struct mprd_service {
    struct mprd_place place;
    const struct mpr_driver *driver;
    void *state;
    int wake_fd;     /* an eventfd: a call is done, or something has happened */
    int signal_fd;   /* a signal to end is waiting */
    unsigned idle_s; /* ends when nobody has needed it for so long; 0: never */
};

/** Serves until a signal to end comes, or nobody needs it. Returns with nothing but clients left. */
void mprd_loop_run(struct mprd_service *service);
/** Sends the last replies, and lets go of all clients. */
void mprd_loop_end(void);

#endif
