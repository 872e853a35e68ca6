/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session_wire.h: what is said between this library and the service of the user:
 * the operations of mpr_ops.h as Varlink messages. Both sides are made from the one
 * list, so that they cannot disagree.
 *
 * A call is {"method":"org.libmpr.Session.SetPersistent","parameters":{...}}, its reply
 * {"parameters":{...}} or {"error":"org.libmpr.Session.Failed","parameters":{"code":...,
 * "native":...,"provider":...,"text":...}}, each ended by a NUL. Parameters bear the names of
 * the fields. A text that is NULL is left out, as is the structure of a password:
 *   str     string          u32   number            u64   string of digits
 *   flag    boolean         bytes string of base64  lists array of objects
 *   secret  number: which of the descriptors that came with the message is the sealed
 *           memory file with it
 *   fds     number of the first; those that follow are the others
 *
 * Nothing that was sent is believed: what is of a wrong type, out of range, missing or,
 * in a call, unknown is refused, and the sentence names the field.
 */
#ifndef MPR_SESSION_WIRE_H
#define MPR_SESSION_WIRE_H

#include <mpr/session.h>

#include "router/mpr_ops.h"

#define MPR_SESSION_INTERFACE "org.libmpr.Session"
#define MPR_SESSION_FAILED    MPR_SESSION_INTERFACE ".Failed"
#define MPR_VARLINK_INTERFACE "org.varlink.service"

/** The one streamed call: its replies are events. */
#define MPR_SESSION_SUBSCRIBE MPR_SESSION_INTERFACE ".Subscribe"

/** Longest call and longest reply, in bytes without the NUL. */
#define MPR_SESSION_CALL_MAX  0x100000u
#define MPR_SESSION_REPLY_MAX 0x1000000u

/** Descriptors with one message at most. */
#define MPR_SESSION_FDS       4

/** A message to be sent: size bytes and a NUL, which belongs to it. */
struct mpr_session_message {
    char *text;
    size_t size;
    int fds[MPR_SESSION_FDS]; /* closed with it */
    size_t fd_count;
};

/** Frees what it has, wiped; it is empty then. */
void mpr_session_message_clear(struct mpr_session_message *message);

/* ---- the library's side */

/**
 * Writes the call of an operation; args is its struct mpr_X_args.
 *
 * Returns NO_ERROR, ERROR_NOT_ENOUGH_MEMORY, ERROR_NO_UNICODE_TRANSLATION,
 * ERROR_INVALID_PARAMETER (a password that is too long), ERROR_INVALID_DATA (too long).
 */
DWORD mpr_session_wire_call(enum mpr_op op, const void *args, struct mpr_session_message *ret);

/** Writes a call without parameters: of Subscribe (more), or of org.varlink.service. */
DWORD mpr_session_wire_call_plain(const char *method, bool more, struct mpr_session_message *ret);

/**
 * Reads a reply into *ret, which is the operation's struct mpr_X_ret, zeroed, to be
 * cleared by its owner. text[size] is NUL.
 *
 * Returns what the operation returned, with its words as this thread's failure; or
 * ERROR_NO_NETWORK (it is no reply), explained; ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_session_wire_result(enum mpr_op op, const char *text, size_t size, void *ret);

/** An event as it was read: the texts are its own. */
struct mpr_session_event {
    uint32_t kind, code, initial;
    uint64_t time_ns;
    char *device, *remote, *provider, *text;
};
void mpr_session_event_clear(struct mpr_session_event *event);

/** Reads a reply to Subscribe. As mpr_session_wire_result; *ret_last: none follows. */
DWORD mpr_session_wire_event(const char *text, size_t size, struct mpr_session_event *ret,
                             bool *ret_last);

/* ---- the service's side */

/* The errors of Varlink's that a call is refused with. */
#define MPR_VARLINK_NO_INTERFACE  MPR_VARLINK_INTERFACE ".InterfaceNotFound"
#define MPR_VARLINK_NO_METHOD     MPR_VARLINK_INTERFACE ".MethodNotFound"
#define MPR_VARLINK_INVALID       MPR_VARLINK_INTERFACE ".InvalidParameter"
#define MPR_VARLINK_EXPECTED_MORE MPR_VARLINK_INTERFACE ".ExpectedMore"

/** Why a call was refused: an error of Varlink's, what it is about, and a sentence. */
struct mpr_session_fault {
    const char *error; /* MPR_VARLINK_ */
    bool oneway;       /* the call is not to be answered */
    char what[256];    /* the parameter, method or interface */
    char words[512];
};

/** A call that was read. */
struct mpr_session_call {
    enum mpr_op op;     /* 0: none of ours; see method */
    const char *method; /* with its interface */
    bool more;
    bool oneway;
    const struct mpr_json *parameters; /* or NULL */
    /* internal: */
    struct mpr_json *document;
    void *args, *ret;
    struct mpr_session_owned *owned;
};

/**
 * Reads a call of size bytes, text[size] is NUL, and the descriptors that came with it,
 * which stay the caller's and must live as long as the call. Of other interfaces than
 * ours only the method is read.
 *
 * Returns NO_ERROR; ERROR_INVALID_DATA (it is no Varlink call: hang up), ERROR_INVALID_PARAMETER
 * (to be answered by mpr_session_wire_refuse; *ret_fault is filled for both);
 * ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_session_wire_read(const char *text, size_t size, const int *fds, size_t fd_count,
                            struct mpr_session_call **ret_call,
                            struct mpr_session_fault *ret_fault);

/** Frees a call, its secrets wiped, and its results. Takes NULL. */
void mpr_session_call_free(struct mpr_session_call *call);

/** Has a driver carry out a call of ours; as a public function as far as the thread's error goes. */
DWORD mpr_session_call_run(struct mpr_session_call *call, const struct mpr_driver *driver,
                           void *state);

/**
 * Writes the reply: rc is what the operation returned, in this thread, whose last failure
 * goes with it. Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_session_wire_reply(const struct mpr_session_call *call, DWORD rc,
                             struct mpr_session_message *ret);

/** Writes the refusal of a call. */
DWORD mpr_session_wire_refuse(const struct mpr_session_fault *fault,
                              struct mpr_session_message *ret);

/** Writes a reply that has an event; last: none follows. */
DWORD mpr_session_wire_reply_event(const struct mpr_event *event, bool last,
                                   struct mpr_session_message *ret);

/** The description of the interface in Varlink's language, to be freed; NULL: no memory. */
char *mpr_session_wire_describe(void);

/** The name of an operation's method without its interface: "SetPersistent". */
void mpr_session_wire_method(enum mpr_op op, char *ret, size_t size);

#endif
