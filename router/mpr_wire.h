/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_wire.h: the coding of what mpr_wire_ops.h lists, and sockets to send it by.
 *
 * For each operation x there are struct mpr_wire_x_args and mpr_wire_x_ret, for
 * each message m struct mpr_wire_m. MPR_WIRE_CODE writes and reads them.
 * Reading believes nothing: every length is checked, a text has its NUL and no
 * other, and a failure sticks, so that it is looked at once.
 */
#ifndef MPR_WIRE_H
#define MPR_WIRE_H

#include <stdbool.h>
#include <sys/types.h>

#include <mpr/file.h>

#include "router/mpr_wire_ops.h"

/** Longest message, in bytes: what WNetAddConnection4 takes, and names. */
#define MPR_WIRE_MAX 0x18000u

/** Descriptors that a message carries at most. */
#define MPR_WIRE_FDS 3

struct mpr_wire_bytes {
    const void *data;
    size_t size;
};

#define MPR_WIRE_C_str(name)     const char *name;
#define MPR_WIRE_C_bytes(name)   struct mpr_wire_bytes name;
#define MPR_WIRE_C_u32(name)     uint32_t name;
#define MPR_WIRE_C_u64(name)     uint64_t name;
#define MPR_WIRE_C_i64(name)     int64_t name;
#define MPR_WIRE_C_file(name)    uint64_t name;
#define MPR_WIRE_C_bulk(name)    uint64_t name;
#define MPR_WIRE_C_stat(name)    struct mpr_stat name;
#define MPR_WIRE_C_statvfs(name) struct mpr_statvfs name;
#define MPR_WIRE_C(type, name)   MPR_WIRE_C_##type(name)

/* end_ is there so that none is empty. */
#define MPR_WIRE_STRUCT(name, FIELDS)                                                              \
    struct mpr_wire_##name {                                                                       \
        FIELDS(MPR_WIRE_C) char end_;                                                              \
    };
#define MPR_WIRE_STRUCTS(number, op, ARGS, RET)                                                    \
    MPR_WIRE_STRUCT(op##_args, ARGS) MPR_WIRE_STRUCT(op##_ret, RET)
MPR_WIRE_MESSAGES(MPR_WIRE_STRUCT)
MPR_WIRE_ALL_OPS(MPR_WIRE_STRUCTS)

/** Numbers of the structures; that of a message is also what it begins with. */
enum mpr_wire_shape {
#define MPR_WIRE_NAME(name, FIELDS)           MPR_WIRE_##name,
#define MPR_WIRE_NAMES(number, op, ARGS, RET) MPR_WIRE_##op##_args, MPR_WIRE_##op##_ret,
    MPR_WIRE_MESSAGES(MPR_WIRE_NAME) MPR_WIRE_ALL_OPS(MPR_WIRE_NAMES) MPR_WIRE_SHAPES
};

/** Numbers of the operations. */
enum mpr_wire_op {
#define MPR_WIRE_NUMBER(number, op, ARGS, RET) MPR_WIRE_OP_##op = (number),
    MPR_WIRE_ALL_OPS(MPR_WIRE_NUMBER) MPR_WIRE_OP_END
};

/** A message that is being written or read. */
struct mpr_wire {
    unsigned char *data;
    size_t size; /* of the room, or of the message that is read */
    size_t at;
    size_t bulk; /* bytes of the shared memory */
    bool write;
    bool bad; /* it did not fit, or is malformed */
};

/** Begins to write into a buffer. */
struct mpr_wire mpr_wire_into(void *buffer, size_t size);

/** Begins to read a message of size bytes; shared_size is what bulk fields may say. */
struct mpr_wire mpr_wire_from(void *message, size_t size, size_t shared_size);

/** Has the message been read, whole and well-formed? */
bool mpr_wire_ended(const struct mpr_wire *wire);

void mpr_wire_put_kind(struct mpr_wire *wire, enum mpr_wire_shape kind);
enum mpr_wire_shape mpr_wire_get_kind(struct mpr_wire *wire);

/** Writes or reads a structure. Use the macro, which checks the type. */
void mpr_wire_code(struct mpr_wire *wire, enum mpr_wire_shape shape, void *structure);

#define MPR_WIRE_CODE(wire, name, structure)                                                       \
    mpr_wire_code((wire), MPR_WIRE_##name, 1 ? (structure) : (struct mpr_wire_##name *)NULL)

/** Writes a message's kind and fields. */
#define MPR_WIRE_SAY(wire, name, ...)                                                              \
    (mpr_wire_put_kind((wire), MPR_WIRE_##name),                                                   \
     mpr_wire_code((wire), MPR_WIRE_##name, &(struct mpr_wire_##name){__VA_ARGS__}))

/**
 * The first page of the shared memory; the data follow it. Memory that big
 * transfers have left behind is given back by the worker after a while, but
 * never while the host uses it: each says what it does, then looks at the other.
 * Of a worker that is dead, taken tells whether it had begun what it was told.
 */
struct mpr_wire_shared {
    _Atomic uint32_t host_busy;
    _Atomic uint32_t trimming;
    _Atomic uint32_t taken; /* the command that the worker began last; 0: it does not say */
};
#define MPR_WIRE_TAKEN_NONE  UINT32_MAX /* it says, and has begun none */

#define MPR_WIRE_SHARED_HEAD 4096u

/** The name of an operation, for texts and traces. */
const char *mpr_wire_op_name(enum mpr_wire_op op);

/**
 * Sends what was written, and descriptors with it, without waiting. Returns 0
 * or -errno: -EMSGSIZE if it did not fit, -EPIPE if nobody is there any more.
 */
int mpr_wire_send(int socket, const struct mpr_wire *wire, const int *fds, size_t fd_count);

/**
 * Receives one message. fds has room for MPR_WIRE_FDS descriptors, the unused
 * ones are set to -1, those that came and found no number here to -EMFILE; NULL refuses any. Returns its size, -EAGAIN if wait is
 * false and there is none, -EPIPE if there will be none, -EBADMSG if it is too
 * long, or another -errno.
 */
ssize_t mpr_wire_receive(int socket, void *buffer, size_t size, int *fds, bool wait);

/** Closes those that are not -1, and sets them so. */
void mpr_wire_close(int *fds, size_t count);

#endif
