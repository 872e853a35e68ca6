/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_ops.c: commands to calls of the module. The host is believed no more
 * than it believes us: numbers of files are checked, texts that must be there
 * are.
 */
#include "config.h"

#include "service/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

/* ---- open files: the number is the slot and, above it, the stamp */

static struct worker_file *slot_of(struct worker *worker, uint64_t number) {
    uint32_t index = (uint32_t)number;
    struct worker_file *slot;

    if (index >= worker->file_count)
        return NULL;
    slot = &worker->files[index];
    return slot->file && slot->stamp == number >> 32 ? slot : NULL;
}

/* Room for one more. Returns its slot, or NULL. */
static struct worker_file *free_slot(struct worker *worker) {
    size_t count = worker->file_count;
    struct worker_file *more;

    for (size_t i = 0; i < count; i++)
        if (!worker->files[i].file)
            return &worker->files[i];
    more = reallocarray(worker->files, count + 16, sizeof *more);
    if (!more)
        return NULL;
    memset(more + count, 0, 16 * sizeof *more);
    worker->files = more;
    worker->file_count = count + 16;
    return more + count;
}

static uint64_t fill_slot(const struct worker *worker, struct worker_file *slot, void *file) {
    slot->file = file;
    slot->stamp++;
    if (!slot->stamp)
        slot->stamp = 1;
    return (uint64_t)slot->stamp << 32 | (uint64_t)(slot - worker->files);
}

void worker_ops_close_all(struct worker *worker, const struct mpr_call *call) {
    for (size_t i = 0; i < worker->file_count; i++) {
        void *file = worker->files[i].file;

        worker->files[i].file = NULL;
        if (file)
            worker->module.table->close(worker->session, call, file);
    }
}

/* ---- operations that are made of their description */

#define FIND_str(name)
#define FIND_u32(name)
#define FIND_u64(name)
#define FIND_i64(name)
#define FIND_file(name)                                                                            \
    if (args->name && !(slot = slot_of(worker, args->name)))                                       \
        return -EBADF;
#define FIND(type, name) FIND_##type(name)
#define NEED_str(name)                                                                             \
    if (!args->name && !slot)                                                                      \
        return -EINVAL;
#define NEED_u32(name)
#define NEED_u64(name)
#define NEED_i64(name)
#define NEED_file(name)
#define NEED(type, name) NEED_##type(name)
#define PASS_str(name)   , args->name
#define PASS_u32(name)   , args->name
#define PASS_u64(name)   , args->name
#define PASS_i64(name)   , args->name
#define PASS_file(name)  , slot ? slot->file : NULL
#define PASS(type, name) PASS_##type(name)
#define FILL(type, name) , &ret->name

#define SERVE(number, op, ARGS, RET)                                                               \
    static int64_t serve_##op(struct worker *worker, const struct mpr_call *call,                  \
                              const union worker_args *all_args, union worker_ret *all_ret) {      \
        const struct mpr_wire_##op##_args *args = &all_args->op;                                   \
        struct mpr_wire_##op##_ret *ret = &all_ret->op;                                            \
        const struct worker_file *slot = NULL;                                                     \
                                                                                                   \
        (void)ret;                                                                                 \
        ARGS(FIND)                                                                                 \
        ARGS(NEED)                                                                                 \
        return worker->module.table->op(worker->session, call ARGS(PASS) RET(FILL));               \
    }
MPR_WIRE_PLAIN_OPS(SERVE)

/* ---- sessions */

static int64_t say_answer(struct worker *worker, enum mpr_answer answer, uint32_t code) {
    worker->answer = answer;
    return answer == MPR_DONE ? NO_ERROR : code;
}

int64_t worker_op_code(struct worker *worker, uint32_t code) {
    return say_answer(worker, code == NO_ERROR ? MPR_DONE : MPR_MINE_FAILED, code);
}

static int64_t serve_connect(struct worker *worker, const struct mpr_call *call,
                             const union worker_args *args, union worker_ret *ret) {
    struct mpr_connect wanted = {
        .size = sizeof wanted,
        .type = args->connect.type,
        .flags = args->connect.flags,
        .remote = args->connect.remote,
        .device = args->connect.device,
        .user = args->connect.user,
        .host_connection = worker,
        .use_options = args->connect.use_options.data,
        .use_options_size = args->connect.use_options.size,
    };
    uint32_t code = NO_ERROR;
    enum mpr_answer answer;

    (void)ret;
    if (worker->session || !wanted.remote)
        return worker_op_code(worker, ERROR_INVALID_PARAMETER);
    answer = worker->module.table->connect(worker->state, call, &wanted, &worker->session, &code);
    return say_answer(worker, answer, code);
}

static int64_t serve_disconnect(struct worker *worker, const struct mpr_call *call,
                                const union worker_args *args, union worker_ret *ret) {
    int force = args->disconnect.force != 0;
    uint32_t code = worker->module.table->disconnect(worker->session, call, force);

    (void)ret;
    if (code != NO_ERROR && !force)
        return worker_op_code(worker, code);
    worker->session = NULL;
    worker->over = true;
    return worker_op_code(worker, NO_ERROR);
}

static int64_t serve_user(struct worker *worker, const struct mpr_call *call,
                          const union worker_args *args, union worker_ret *ret) {
    (void)args;
    ret->user.user = worker->text;
    return worker_op_code(
        worker, worker->module.table->user(worker->session, call, worker->text, MPR_USER_MAX));
}

static int64_t serve_performance(struct worker *worker, const struct mpr_call *call,
                                 const union worker_args *args, union worker_ret *ret) {
    struct mpr_performance facts = {.size = sizeof facts};
    uint32_t code = worker->module.table->performance(worker->session, call, &facts);

    (void)args;
    ret->performance = (struct mpr_wire_performance_ret){
        .flags = facts.flags,
        .speed = facts.speed,
        .delay_ms = facts.delay_ms,
        .opt_data_size = facts.opt_data_size,
    };
    return worker_op_code(worker, code);
}

/* ---- the network */

static int add_resource(void *context, const struct mpr_resource *entry) {
    struct mpr_wire_resource record = {
        .remote = entry->remote,
        .comment = entry->comment,
        .scope = entry->scope,
        .type = entry->type,
        .display_type = entry->display_type,
        .usage = entry->usage,
    };

    return worker_listing_add(context, MPR_WIRE_resource, &record);
}

static int64_t serve_list(struct worker *worker, const struct mpr_call *call,
                          const union worker_args *args, union worker_ret *ret) {
    struct worker_listing listing = worker_listing_begin(worker);
    struct mpr_call asked = *call;
    uint32_t code = NO_ERROR;
    enum mpr_answer answer;

    (void)ret;
    asked.user = args->list.user;
    answer =
        worker->module.table->list(worker->state, &asked, args->list.container, args->list.type,
                                   args->list.usage, add_resource, &listing, &code);
    worker_listing_end(&listing);
    return say_answer(worker, answer, code);
}

static int64_t serve_parent(struct worker *worker, const struct mpr_call *call,
                            const union worker_args *args, union worker_ret *ret) {
    struct worker_listing listing = worker_listing_begin(worker);
    uint32_t code = NO_ERROR;
    enum mpr_answer answer;

    (void)ret;
    if (!args->parent.remote)
        return worker_op_code(worker, ERROR_INVALID_PARAMETER);
    answer = worker->module.table->parent(worker->state, call, args->parent.remote, add_resource,
                                          &listing, &code);
    worker_listing_end(&listing);
    return say_answer(worker, answer, code);
}

static int64_t serve_information(struct worker *worker, const struct mpr_call *call,
                                 const union worker_args *args, union worker_ret *ret) {
    struct worker_listing listing = worker_listing_begin(worker);
    struct mpr_call asked = *call;
    uint32_t code = NO_ERROR;
    enum mpr_answer answer;
    size_t rest = 0;

    if (!args->information.remote)
        return worker_op_code(worker, ERROR_INVALID_PARAMETER);
    asked.user = args->information.user;
    answer = worker->module.table->information(worker->state, &asked, args->information.remote,
                                               args->information.type, add_resource, &listing,
                                               &rest, &code);
    worker_listing_end(&listing);
    ret->information.rest = rest;
    return say_answer(worker, answer, code);
}

/* ---- files */

static int64_t serve_open(struct worker *worker, const struct mpr_call *call,
                          const union worker_args *args, union worker_ret *ret) {
    struct worker_file *slot = free_slot(worker);
    void *file;
    int rc;

    if (!slot || !args->open.path)
        return slot ? -EINVAL : -ENOMEM;
    rc = worker->module.table->open(worker->session, call, args->open.path, (int)args->open.flags,
                                    args->open.mode, &file);
    if (rc == 0)
        ret->open.file = fill_slot(worker, slot, file);
    return rc;
}

static int64_t serve_print(struct worker *worker, const struct mpr_call *call,
                           const union worker_args *args, union worker_ret *ret) {
    struct worker_file *slot = free_slot(worker);
    void *file;
    int rc;

    if (!slot)
        return -ENOMEM;
    rc = worker->module.table->print(worker->session, call, args->print.document, &file);
    if (rc == 0)
        ret->print.file = fill_slot(worker, slot, file);
    return rc;
}

static int64_t serve_close(struct worker *worker, const struct mpr_call *call,
                           const union worker_args *args, union worker_ret *ret) {
    struct worker_file *slot = slot_of(worker, args->close.file);
    void *file;

    (void)ret;
    if (!slot)
        return -EBADF;
    file = slot->file;
    slot->file = NULL;
    return worker->module.table->close(worker->session, call, file);
}

static int64_t serve_pread(struct worker *worker, const struct mpr_call *call,
                           const union worker_args *args, union worker_ret *ret) {
    const struct worker_file *slot = slot_of(worker, args->pread.file);

    (void)ret;
    if (!slot)
        return -EBADF;
    if (args->pread.size > worker->module.max_io)
        return -EINVAL;
    return worker->module.table->pread(worker->session, call, slot->file, worker->data,
                                       (size_t)args->pread.size, args->pread.offset);
}

static int64_t serve_pwrite(struct worker *worker, const struct mpr_call *call,
                            const union worker_args *args, union worker_ret *ret) {
    const struct worker_file *slot = slot_of(worker, args->pwrite.file);

    (void)ret;
    if (!slot)
        return -EBADF;
    if (args->pwrite.size > worker->module.max_io)
        return -EINVAL;
    return worker->module.table->pwrite(worker->session, call, slot->file, worker->data,
                                        (size_t)args->pwrite.size, args->pwrite.offset);
}

static int add_dirent(void *context, const char *name, const struct mpr_stat *attributes) {
    struct mpr_wire_dirent record = {.name = name, .attributes = *attributes};

    return worker_listing_add(context, MPR_WIRE_dirent, &record);
}

static int64_t serve_readdir(struct worker *worker, const struct mpr_call *call,
                             const union worker_args *args, union worker_ret *ret) {
    struct worker_listing listing = worker_listing_begin(worker);
    int rc;

    (void)ret;
    if (!args->readdir.path)
        return -EINVAL;
    rc = worker->module.table->readdir(worker->session, call, args->readdir.path, add_dirent,
                                       &listing);
    worker_listing_end(&listing);
    return rc;
}

static int64_t serve_readlink(struct worker *worker, const struct mpr_call *call,
                              const union worker_args *args, union worker_ret *ret) {
    size_t size = args->readlink.size;

    if (!args->readlink.path)
        return -EINVAL;
    if (size > sizeof worker->text)
        size = sizeof worker->text;
    ret->readlink.target = worker->text;
    return worker->module.table->readlink(worker->session, call, args->readlink.path, worker->text,
                                          size);
}

/* ---- which is which */

static const struct worker_op ops[] = {
#define ENTRY(number, op, ARGS, RET)                                                               \
    [number] = {MPR_WIRE_##op##_args, MPR_WIRE_##op##_ret, serve_##op},
    MPR_WIRE_OPS(ENTRY)};

const struct worker_op *worker_op_find(uint32_t op) {
    return op < sizeof ops / sizeof *ops && ops[op].serve ? &ops[op] : NULL;
}

uint64_t worker_ops_of(const struct mpr_provider *table) {
    uint64_t bits = 0;

#define BIT(number, op, ARGS, RET) bits |= table->op ? UINT64_C(1) << (number) : 0;
    MPR_WIRE_OPS(BIT)
    return bits;
}
