/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session_code.h: arguments and results of operations to and from the members of a
 * JSON object. For mpr_session_wire.c only, which makes messages of them.
 */
#ifndef MPR_SESSION_CODE_H
#define MPR_SESSION_CODE_H

#include "router/mpr_json.h"
#include "router/mpr_session_wire.h"

/** What arguments that were read own, wiped when they are freed. */
struct mpr_session_owned {
    struct mpr_session_owned *next;
    size_t size;
    unsigned char bytes[];
};
void mpr_session_owned_free(struct mpr_session_owned *owned);

/** More members than any structure has. */
#define MPR_SESSION_MEMBERS 32

/** One going over of fields, for writing or for reading. */
struct mpr_session_coder {
    bool write;
    struct mpr_json *object;     /* written to */
    const struct mpr_json *from; /* read from */
    size_t seen;                 /* members that were read, and the names of the first */
    const char *names[MPR_SESSION_MEMBERS];
    /* the first failure, which sticks: */
    DWORD rc;
    const char *field;
    const char *wrong; /* part of a sentence: "is missing" */
    /* of calls: */
    struct mpr_session_message *message; /* takes descriptors */
    const int *fds;                      /* that came */
    size_t fd_count;
    struct mpr_session_owned *owned;
};

/** Codes the arguments or results of an operation. */
void mpr_session_code_args(struct mpr_session_coder *coder, enum mpr_op op, void *args);
void mpr_session_code_ret(struct mpr_session_coder *coder, enum mpr_op op, void *ret);

/** Writes an event, whose texts are another's; reads one. */
void mpr_session_code_event(struct mpr_session_coder *coder, struct mpr_session_event *event);

/** Sizes of the structures of an operation. */
size_t mpr_session_args_size(enum mpr_op op);
size_t mpr_session_ret_size(enum mpr_op op);
void mpr_session_ret_clear(enum mpr_op op, void *ret);

#endif
