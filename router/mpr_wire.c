/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_wire.c: the coding of what mpr_wire_ops.h lists.
 *
 * For each structure there is one function that goes over its fields, for
 * writing and for reading alike.
 */
#include "config.h"

#include "router/mpr_wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct mpr_wire mpr_wire_into(void *buffer, size_t size) {
    return (struct mpr_wire){.data = buffer, .size = size, .write = true};
}

struct mpr_wire mpr_wire_from(void *message, size_t size, size_t shared_size) {
    return (struct mpr_wire){.data = message, .size = size, .bulk = shared_size};
}

bool mpr_wire_ended(const struct mpr_wire *wire) {
    return !wire->bad && wire->at == wire->size;
}

static void code_raw(struct mpr_wire *wire, void *bytes, size_t size) {
    if (wire->bad || size > wire->size - wire->at) {
        wire->bad = true;
        return;
    }
    if (wire->write)
        memcpy(wire->data + wire->at, bytes, size);
    else
        memcpy(bytes, wire->data + wire->at, size);
    wire->at += size;
}

static void code_u32(struct mpr_wire *wire, uint32_t *value) {
    code_raw(wire, value, sizeof *value);
}

static void code_u64(struct mpr_wire *wire, uint64_t *value) {
    code_raw(wire, value, sizeof *value);
}

static void code_i64(struct mpr_wire *wire, int64_t *value) {
    code_raw(wire, value, sizeof *value);
}

static void code_file(struct mpr_wire *wire, uint64_t *value) {
    code_raw(wire, value, sizeof *value);
}

static void code_bulk(struct mpr_wire *wire, uint64_t *value) {
    code_raw(wire, value, sizeof *value);
    if (!wire->write && *value > wire->bulk)
        wire->bad = true;
}

static void code_stat(struct mpr_wire *wire, struct mpr_stat *value) {
    code_raw(wire, value, sizeof *value);
}

static void code_statvfs(struct mpr_wire *wire, struct mpr_statvfs *value) {
    code_raw(wire, value, sizeof *value);
}

static void write_text(struct mpr_wire *wire, const char *text) {
    size_t size = text ? strlen(text) + 1 : 0;
    uint32_t length = (uint32_t)size;

    code_raw(wire, &length, sizeof length);
    if (wire->bad || size > wire->size - wire->at) {
        wire->bad = true;
        return;
    }
    if (size)
        memcpy(wire->data + wire->at, text, size);
    wire->at += size;
}

static const char *read_text(struct mpr_wire *wire) {
    const char *text = (const char *)wire->data;
    uint32_t size = 0;

    code_raw(wire, &size, sizeof size);
    if (wire->bad || !size)
        return NULL;
    text += wire->at;
    if (size > wire->size - wire->at || memchr(text, '\0', size) != text + size - 1) {
        wire->bad = true;
        return NULL;
    }
    wire->at += size;
    return text;
}

static void code_str(struct mpr_wire *wire, const char **text) {
    if (wire->write)
        write_text(wire, *text);
    else
        *text = read_text(wire);
}

static void code_bytes(struct mpr_wire *wire, struct mpr_wire_bytes *bytes) {
    uint32_t size = (uint32_t)bytes->size;

    code_raw(wire, &size, sizeof size);
    if (wire->bad || size > wire->size - wire->at) {
        wire->bad = true;
        return;
    }
    if (wire->write && size)
        memcpy(wire->data + wire->at, bytes->data, size);
    else if (!wire->write)
        *bytes = (struct mpr_wire_bytes){size ? wire->data + wire->at : NULL, size};
    wire->at += size;
}

#define VISIT(type, name) code_##type(wire, &value->name);
#define VISITOR(name, FIELDS)                                                                      \
    static void visit_##name(struct mpr_wire *wire, void *structure) {                             \
        struct mpr_wire_##name *value = structure;                                                 \
                                                                                                   \
        (void)wire;                                                                                \
        (void)value;                                                                               \
        FIELDS(VISIT)                                                                              \
    }
#define VISITORS(number, op, ARGS, RET) VISITOR(op##_args, ARGS) VISITOR(op##_ret, RET)
MPR_WIRE_MESSAGES(VISITOR)
MPR_WIRE_ALL_OPS(VISITORS)

static void (*const visitors[])(struct mpr_wire *, void *) = {
#define POINT(name, FIELDS) [MPR_WIRE_##name] = visit_##name,
#define POINTS(number, op, ARGS, RET)                                                              \
    [MPR_WIRE_##op##_args] = visit_##op##_args, [MPR_WIRE_##op##_ret] = visit_##op##_ret,
    MPR_WIRE_MESSAGES(POINT) MPR_WIRE_ALL_OPS(POINTS)};

void mpr_wire_code(struct mpr_wire *wire, enum mpr_wire_shape shape, void *structure) {
    visitors[shape](wire, structure);
}

void mpr_wire_put_kind(struct mpr_wire *wire, enum mpr_wire_shape kind) {
    uint32_t number = kind;

    code_u32(wire, &number);
}

enum mpr_wire_shape mpr_wire_get_kind(struct mpr_wire *wire) {
    uint32_t number = MPR_WIRE_SHAPES;

    code_u32(wire, &number);
    return wire->bad || number >= MPR_WIRE_SHAPES ? MPR_WIRE_SHAPES : (enum mpr_wire_shape)number;
}

const char *mpr_wire_op_name(enum mpr_wire_op op) {
    static const char *const names[] = {
#define NAME(number, op, ARGS, RET) [number] = #op,
        MPR_WIRE_ALL_OPS(NAME)};

    return op > 0 && op < MPR_WIRE_OP_END && names[op] ? names[op] : "?";
}

int mpr_wire_send(int socket, const struct mpr_wire *wire, const int *fds, size_t fd_count) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(MPR_WIRE_FDS * sizeof(int))];
    } control = {0};
    struct iovec data = {.iov_base = wire->data, .iov_len = wire->at};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    ssize_t sent;

    if (wire->bad)
        return -EMSGSIZE;
    if (fd_count) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        control.head.cmsg_level = SOL_SOCKET;
        control.head.cmsg_type = SCM_RIGHTS;
        control.head.cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(&control.head), fds, fd_count * sizeof(int));
    }
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return 0;
    return errno == ECONNRESET ? -EPIPE : -errno;
}

/* Descriptors that nobody expects are not left open. */
static size_t take_fds(struct msghdr *message, int *fds) {
    size_t taken = 0;

    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
        size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < count; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
            if (taken < MPR_WIRE_FDS)
                fds[taken++] = fd;
            else
                close(fd);
        }
    }
    return taken;
}

/* The kernel drops those that it finds no number for. */
static void mark_dropped(const struct msghdr *message, size_t taken, int *fds) {
    while (message->msg_flags & MSG_CTRUNC && taken < MPR_WIRE_FDS)
        fds[taken++] = -EMFILE;
}

ssize_t mpr_wire_receive(int socket, void *buffer, size_t size, int *fds, bool wait) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(MPR_WIRE_FDS * sizeof(int))];
    } control;
    struct iovec data = {.iov_base = buffer, .iov_len = size};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    ssize_t received = 0;
    bool reset; /* said once, before what the peer sent while it was there */

    if (fds) {
        memset(fds, -1, MPR_WIRE_FDS * sizeof *fds);
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
    }
    do {
        reset = received < 0 && errno == ECONNRESET;
        received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    } while (received < 0 && (errno == EINTR || (errno == ECONNRESET && !reset)));
    if (received < 0)
        return errno == ECONNRESET ? -EPIPE : -errno;
    if (fds)
        mark_dropped(&message, take_fds(&message, fds), fds);
    if (received == 0)
        received = -EPIPE;
    else if (message.msg_flags & MSG_TRUNC)
        received = -EBADMSG;
    if (received < 0 && fds)
        mpr_wire_close(fds, MPR_WIRE_FDS);
    return received;
}

void mpr_wire_close(int *fds, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
        fds[i] = -1;
    }
}
