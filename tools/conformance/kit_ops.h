/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_ops.h: every operation of a session that asks the server something, to be
 * tried on one that says nothing any more.
 */
#ifndef KIT_OPS_H
#define KIT_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/provider.h>

/** What the operations work on; kit_ops_open fills it. */
struct kit_ops {
    void *session;
    void *file;    /* open for reading and writing, or NULL: there are no files */
    char name[64]; /* of the file */
};

struct kit_op {
    const char *name;
    bool network; /* it gives Win32 codes, not -errno */
    bool on_file; /* it wants the open file */
    bool (*there)(void);
    int64_t (*run)(const struct kit_ops *ops, const struct mpr_call *call);
};

/** All of them, ended by a NULL name. */
extern const struct kit_op kit_all_ops[];

/** Makes a file in the session, of some bytes, if the provider can: for the operations. */
void kit_ops_open(struct kit_ops *ops, void *session);
/** Closes and removes it, if the server answers again. */
void kit_ops_close(struct kit_ops *ops);
/** Does the provider have it, and is there what it works on? */
bool kit_op_applies(const struct kit_op *op, const struct kit_ops *ops);
/** Is the result one of an operation that was ended from outside: ENOTCONN, ECANCELED? */
bool kit_op_ended(const struct kit_op *op, int64_t result);
/** A result in words. */
const char *kit_op_result(const struct kit_op *op, int64_t result);

#endif
