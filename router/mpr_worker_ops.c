/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_ops.c: file operations, each a command to a worker. Most are made
 * of their description; those with a buffer or a callback are written out.
 */
#include "config.h"

#include "router/mpr_worker_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "router/mpr_worker_session.h"

/* ---- operations that are made of their description */

/* A parameter of the slot for each argument, and a place for each result. */
#define TAKE_str(name)     , const char *name
#define TAKE_u32(name)     , uint32_t name
#define TAKE_u64(name)     , uint64_t name
#define TAKE_i64(name)     , int64_t name
#define TAKE_file(name)    , void *name
#define TAKE(type, name)   TAKE_##type(name)
#define GIVE_stat(name)    , struct mpr_stat *ret_##name
#define GIVE_statvfs(name) , struct mpr_statvfs *ret_##name
#define GIVE(type, name)   GIVE_##type(name)

/* Parameter to argument; a file's number is known only when it is its turn. */
#define SET_str(name)      args.name = name;
#define SET_u32(name)      args.name = name;
#define SET_u64(name)      args.name = name;
#define SET_i64(name)      args.name = name;
#define SET_file(name)     open_file = name, number = &args.name;
#define SET(type, name)    SET_##type(name)
#define GET(type, name)    *ret_##name = ret.name;

#define STUB(id, op, ARGS, RET)                                                                    \
    static int proxy_##op(void *session, const struct mpr_call *call ARGS(TAKE) RET(GIVE)) {       \
        struct mpr_wire_##op##_args args = {.end_ = 0};                                            \
        struct mpr_wire_##op##_ret ret;                                                            \
        struct mpr_worker_run run = {MPR_WORKER_RUN(op, &args, &ret), .call = call};               \
        struct mpr_worker_file *open_file = NULL;                                                  \
        uint64_t *number = NULL;                                                                   \
        int64_t rc;                                                                                \
                                                                                                   \
        ARGS(SET)                                                                                  \
        rc = mpr_worker_session_run(session, &run, open_file, number);                             \
        if (rc == 0) {                                                                             \
            RET(GET)                                                                               \
        }                                                                                          \
        return (int)rc;                                                                            \
    }
MPR_WIRE_PLAIN_OPS(STUB)

/* ---- files */

static int open_file(struct mpr_worker_session *session, struct mpr_worker_run *run,
                     const char *path, bool read_only, uint64_t *number, void **ret_file) {
    size_t size = strlen(path) + 1;
    struct mpr_worker_file *file = calloc(1, sizeof *file + size);
    int64_t rc;

    if (!file)
        return -ENOMEM;
    file->read_only = read_only;
    memcpy(file->path, path, size);
    rc = mpr_worker_session_run(session, run, file, number);
    if (rc == 0)
        *ret_file = file;
    else
        free(file);
    return (int)rc;
}

static int proxy_open(void *session, const struct mpr_call *call, const char *path, int flags,
                      uint32_t mode, void **ret_file) {
    struct mpr_wire_open_args args = {.path = path, .flags = (uint32_t)flags, .mode = mode};
    struct mpr_wire_open_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(open, &args, &ret), .call = call};
    bool read_only = (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) == O_RDONLY;

    return open_file(session, &run, path, read_only, &ret.file, ret_file);
}

static int proxy_print(void *session, const struct mpr_call *call, const char *document,
                       void **ret_file) {
    struct mpr_wire_print_args args = {.document = document};
    struct mpr_wire_print_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(print, &args, &ret), .call = call};

    return open_file(session, &run, "", false, &ret.file, ret_file);
}

static int proxy_close(void *session, const struct mpr_call *call, void *file) {
    return mpr_worker_session_close(session, call, file);
}

/* ---- bytes */

static uint32_t io_timeout_ms(const struct mpr_worker_session *session) {
    return session->provider->io_timeout_ms;
}

/* As many commands as the module's limit demands: one, unless the front promised too much. */
static int64_t proxy_pread(void *session_, const struct mpr_call *call, void *file, void *data,
                           size_t size, uint64_t offset) {
    struct mpr_worker_session *session = session_;
    unsigned char *at = data;
    size_t done = 0;

    do {
        size_t part = size - done < session->max_io ? size - done : session->max_io;
        struct mpr_wire_pread_args args = {.size = part, .offset = offset + done};
        struct mpr_wire_pread_ret ret;
        struct mpr_worker_run run = {MPR_WORKER_RUN(pread, &args, &ret), .call = call};
        int64_t rc;

        run.io_timeout_ms = io_timeout_ms(session);
        run.in = at + done;
        run.in_size = part;
        rc = mpr_worker_session_run(session, &run, file, &args.file);
        if (rc < 0)
            return done ? (int64_t)done : rc;
        done += (size_t)rc;
        if ((size_t)rc < part)
            break;
    } while (done < size);
    return (int64_t)done;
}

static int64_t proxy_pwrite(void *session_, const struct mpr_call *call, void *file,
                            const void *data, size_t size, uint64_t offset) {
    struct mpr_worker_session *session = session_;
    const unsigned char *at = data;
    size_t done = 0;

    do {
        size_t part = size - done < session->max_io ? size - done : session->max_io;
        struct mpr_wire_pwrite_args args = {.size = part, .offset = offset + done};
        struct mpr_wire_pwrite_ret ret;
        struct mpr_worker_run run = {MPR_WORKER_RUN(pwrite, &args, &ret), .call = call};
        int64_t rc;

        run.io_timeout_ms = io_timeout_ms(session);
        run.out = at + done;
        run.out_size = part;
        rc = mpr_worker_session_run(session, &run, file, &args.file);
        if (rc < 0)
            return done ? (int64_t)done : rc;
        done += (size_t)rc;
        if ((size_t)rc < part)
            break;
    } while (done < size);
    return (int64_t)done;
}

/* ---- names */

struct reader {
    mpr_dirent_fn fn;
    void *context;
};

static int give_dirent(void *context, struct mpr_wire *records) {
    const struct reader *reader = context;
    struct mpr_wire_dirent entry = {.name = NULL};

    MPR_WIRE_CODE(records, dirent, &entry);
    if (!entry.name)
        records->bad = true;
    return records->bad || reader->fn(reader->context, entry.name, &entry.attributes) ? 1 : 0;
}

static int proxy_readdir(void *session, const struct mpr_call *call, const char *path,
                         mpr_dirent_fn fn, void *context) {
    struct reader reader = {fn, context};
    struct mpr_wire_readdir_args args = {.path = path};
    struct mpr_wire_readdir_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(readdir, &args, &ret), .call = call};

    run.io_timeout_ms = io_timeout_ms(session);
    run.entry = give_dirent;
    run.context = &reader;
    return (int)mpr_worker_session_run(session, &run, NULL, NULL);
}

struct buffer {
    char *text;
    size_t size;
};

static int take_target(void *context, const void *results) {
    const struct mpr_wire_readlink_ret *ret = results;
    const struct buffer *buffer = context;
    size_t size = ret->target ? strlen(ret->target) + 1 : 0;

    if (size > buffer->size || !size)
        return size ? -ERANGE : -EIO;
    memcpy(buffer->text, ret->target, size);
    return 0;
}

static int proxy_readlink(void *session, const struct mpr_call *call, const char *path, char *text,
                          size_t size) {
    struct buffer buffer = {text, size};
    struct mpr_wire_readlink_args args = {.path = path};
    struct mpr_wire_readlink_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(readlink, &args, &ret), .call = call};

    args.size = size < MPR_WIRE_MAX / 2 ? (uint32_t)size : MPR_WIRE_MAX / 2;
    run.take = take_target;
    run.context = &buffer;
    return (int)mpr_worker_session_run(session, &run, NULL, NULL);
}

void mpr_worker_ops_fill(struct mpr_provider *table) {
#define SLOT(id, op, ARGS, RET) table->op = proxy_##op;
    MPR_WIRE_PLAIN_OPS(SLOT)
    table->open = proxy_open;
    table->close = proxy_close;
    table->pread = proxy_pread;
    table->pwrite = proxy_pwrite;
    table->readdir = proxy_readdir;
    table->readlink = proxy_readlink;
    table->print = proxy_print;
}
