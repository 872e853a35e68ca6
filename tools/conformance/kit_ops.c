/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_ops.c: see kit_ops.h.
 */
#include "config.h"

#include "tools/conformance/kit_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_native.h"

static int take_entry(void *context, const char *name, const struct mpr_stat *attributes) {
    (void)context;
    (void)name;
    (void)attributes;
    return 0;
}

/* Of a name that is not there: nothing is changed if the server answers after all. */
#define ABSENT "kit-absent"

#define OPERATION(slot, ...)                                                                       \
    static bool has_##slot(void) {                                                                 \
        return kit_table->slot != NULL;                                                            \
    }                                                                                              \
    static int64_t run_##slot(const struct kit_ops *ops, const struct mpr_call *call) {            \
        return kit_table->slot(ops->session, call, __VA_ARGS__);                                   \
    }

static _Thread_local unsigned char bytes[4096];
static _Thread_local struct mpr_stat found;
static _Thread_local struct mpr_statvfs space;
static _Thread_local struct mpr_performance speed = {.size = sizeof speed};
static _Thread_local char text[1024];

OPERATION(stat, "", &found)
OPERATION(readdir, "", take_entry, NULL)
OPERATION(statvfs, "", &space)
OPERATION(mkdir, ops->name, 0700)
OPERATION(rmdir, ABSENT)
OPERATION(unlink, ABSENT)
OPERATION(rename, ABSENT, ABSENT "2")
OPERATION(link, ABSENT, ABSENT "2")
OPERATION(symlink, "", ABSENT "/none")
OPERATION(readlink, ABSENT, text, sizeof text)
OPERATION(chmod, ABSENT, 0600)
OPERATION(chown, ABSENT, UINT32_MAX, UINT32_MAX)
OPERATION(utimens, ABSENT, MPR_TIME_OMIT, 0)
OPERATION(truncate, ABSENT, NULL, 0)
OPERATION(pread, ops->file, bytes, sizeof bytes, 0)
OPERATION(pwrite, ops->file, bytes, sizeof bytes, 0)
OPERATION(fsync, ops->file)
OPERATION(fstat, ops->file, &found)
OPERATION(user, text, sizeof text)
OPERATION(performance, &speed)

static bool has_open(void) {
    return kit_table->open != NULL;
}

static int64_t run_open(const struct kit_ops *ops, const struct mpr_call *call) {
    void *file = NULL;
    int64_t rc = kit_table->open(ops->session, call, ABSENT, O_RDONLY, 0, &file);

    if (rc == 0 && kit_table->close)
        kit_table->close(ops->session, call, file);
    return rc;
}

#define FILES(slot)                                                                                \
    { #slot, false, false, has_##slot, run_##slot }
#define ON_FILE(slot)                                                                              \
    { #slot, false, true, has_##slot, run_##slot }
#define NETWORK(slot)                                                                              \
    { #slot, true, false, has_##slot, run_##slot }

const struct kit_op kit_all_ops[] = {
    FILES(stat),          FILES(readdir),
    FILES(statvfs),       FILES(open),
    FILES(mkdir),         FILES(rmdir),
    FILES(unlink),        FILES(rename),
    FILES(link),          FILES(symlink),
    FILES(readlink),      FILES(chmod),
    FILES(chown),         FILES(utimens),
    FILES(truncate),      ON_FILE(pread),
    ON_FILE(pwrite),      ON_FILE(fsync),
    ON_FILE(fstat),       NETWORK(user),
    NETWORK(performance), {NULL, false, false, NULL, NULL},
};

void kit_ops_open(struct kit_ops *ops, void *session) {
    struct mpr_call call = kit_call(5000);

    *ops = (struct kit_ops){.session = session};
    snprintf(ops->name, sizeof ops->name, "kit-ops-%d", (int)getpid());
    if (!kit_table->open || !kit_table->close || !kit_table->pread)
        return;
    kit_doing("opening \"%s\"", ops->name);
    if (kit_table->open(session, &call, ops->name, O_RDWR | O_CREAT, 0600, &ops->file))
        ops->file = NULL;
    close(call.cancel_fd);
}

void kit_ops_close(struct kit_ops *ops) {
    struct mpr_call call = kit_call(5000);

    if (ops->file) {
        kit_doing("close");
        kit_table->close(ops->session, &call, ops->file);
        if (kit_table->unlink)
            kit_table->unlink(ops->session, &call, ops->name);
        ops->file = NULL;
    }
    close(call.cancel_fd);
}

bool kit_op_applies(const struct kit_op *op, const struct kit_ops *ops) {
    return op->there() && (!op->on_file || ops->file);
}

bool kit_op_ended(const struct kit_op *op, int64_t result) {
    if (op->network)
        return result != NO_ERROR;
    return result == -ENOTCONN || result == -ECANCELED;
}

const char *kit_op_result(const struct kit_op *op, int64_t result) {
    if (op->network)
        return kit_code_name((uint32_t)result);
    if (result >= 0)
        return kit_text("%lld", (long long)result);
    return kit_text("%lld (%s)", (long long)result, strerror((int)-result));
}
