/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_table.c: what the service may ask of a drive. Files it does not open here: that
 * is for channels.
 */
#include "config.h"

#include "service/drive_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_time.h"
#include "service/drive_provider.h"
#include "service/drive_remote.h"

#define MOMENT_MS  30   /* for what is unwritten when the drive is cancelled by force */
#define LAST_MS    1000 /* for that when the service is gone */
#define HOLDERS    64
#define WORDS_SIZE 512

#define FUSE_MAJOR 10 /* of /dev/fuse; the kernel's "misc" devices */
#define FUSE_MINOR 229

static struct drive the_drive;

void drive_explain(const struct mpr_call *call, uint32_t code, const char *format, ...) {
    char text[MPR_ERROR_TEXT_MAX];
    va_list arguments;

    if (!call || !call->host_data)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    worker_host.set_error(call, code, text);
}

/* ---- life */

static uint32_t init(const struct mpr_host *host, const struct mpr_option *options, char *error,
                     size_t error_size, void **ret_state) {
    uint32_t code = drive_provider_start(&the_drive, error, error_size);

    (void)host;
    (void)options; /* it has read its drop-in itself */
    if (code == NO_ERROR)
        *ret_state = &the_drive;
    return code;
}

/* What still runs, though it was told to end, ends with the process, and now. */
static void fini(void *state) {
    struct drive *drive = state;

    if (!drive_remote_free(drive))
        _exit(0);
    drive_provider_stop();
    free(drive->name);
    free(drive->device);
    free(drive->directory);
}

/* It is never asked: the service has a provider of its own for that. */
static int recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    (void)state;
    (void)remote;
    (void)ret;
    return 0;
}

static enum mpr_answer connect_drive(void *state, const struct mpr_call *call,
                                     const struct mpr_connect *args, void **ret_session,
                                     uint32_t *ret_code) {
    struct drive *drive = state;
    enum mpr_answer answer;

    free(drive->name);
    free(drive->device);
    drive->name = strdup(args->remote);
    drive->device = args->device ? strdup(args->device) : NULL;
    if (!drive->name || (args->device && !drive->device)) {
        *ret_code = ERROR_NOT_ENOUGH_MEMORY;
        return MPR_MINE_FAILED;
    }
    answer = drive_remote_connect(drive, call, args, ret_code);
    if (answer == MPR_DONE)
        *ret_session = drive;
    return answer;
}

/* Everything is written, or nothing has changed. */
static uint32_t flush(struct drive *drive, const struct mpr_call *call) {
    int rc = drive_content_flush_all(drive, call->deadline_ns);

    if (rc == 0)
        return NO_ERROR;
    drive_explain(call, (uint32_t)-rc,
                  "What programs have written to %s%s%s is not yet on %s, and it could not be "
                  "written now: %s. Nothing was disconnected. Try again, or end the connection "
                  "by force, and it is lost.",
                  drive->device ? drive->device : "", drive->device ? ", that is " : "",
                  drive->name, drive->name, strerror(-rc));
    return ERROR_EXTENDED_ERROR;
}

static void end_by_force(struct drive *drive, const struct mpr_call *call) {
    if (!atomic_load(&drive->lost) && !atomic_load(&drive->ended))
        drive_content_flush_all(drive, mpr_deadline_in_ms(MOMENT_MS));
    drive_remote_abort(drive);
    drive_channel_stop_all();
    drive_unmount(drive, call, true);
    drive_remote_disconnect(drive, call, true);
}

/* Nobody has a file open; what is left are caches. */
static void forget_all(struct drive *drive) {
    drive_channel_stop_all();
    if (atomic_load(&drive->open_files) == 0) {
        drive_data_stop(drive);
        drive_tree_free(drive);
    }
}

static uint32_t disconnect(void *session, const struct mpr_call *call, int force) {
    struct drive *drive = session;
    MPR_AUTOFREE char *directory = NULL;
    uint32_t code;

    if (force) {
        end_by_force(drive, call);
        return NO_ERROR;
    }
    code = flush(drive, call);
    directory = drive->directory ? strdup(drive->directory) : NULL;
    if (code == NO_ERROR)
        code = drive_unmount(drive, call, false);
    if (code != NO_ERROR)
        return code;
    forget_all(drive);
    code = drive_remote_disconnect(drive, call, false);
    if (code == NO_ERROR)
        return NO_ERROR;
    /* The provider refuses: it is as before. */
    drive_channel_allow();
    if (directory)
        drive_mount(drive, NULL, directory);
    return code;
}

static void abort_drive(void *session) {
    drive_remote_abort(session);
}

static uint32_t user(void *session, const struct mpr_call *call, char *buffer, size_t size) {
    return drive_remote_user(session, call, buffer, size);
}

static uint32_t performance(void *session, const struct mpr_call *call,
                            struct mpr_performance *ret) {
    return drive_remote_performance(session, call, ret);
}

const struct mpr_provider drive_table = {
    .magic = MPR_PROVIDER_MAGIC,
    .abi_major = MPR_PROVIDER_ABI_MAJOR,
    .abi_minor = MPR_PROVIDER_ABI_MINOR,
    .size = sizeof drive_table,
    .flags = MPR_PROVIDER_THREADSAFE,
    .name = "drive",
    .init = init,
    .fini = fini,
    .recognise = recognise,
    .connect = connect_drive,
    .disconnect = disconnect,
    .abort = abort_drive,
    .user = user,
    .performance = performance,
};

/* ---- what a provider has not */

static int64_t serve_mount(struct worker *worker, const struct mpr_call *call,
                           const union worker_args *args, union worker_ret *ret) {
    struct drive *drive = worker->session;

    (void)ret;
    if (!args->mount.directory)
        return worker_op_code(worker, ERROR_INVALID_PARAMETER);
    return worker_op_code(worker, drive_mount(drive, call, args->mount.directory));
}

static int64_t serve_hold(struct worker *worker, const struct mpr_call *call,
                          const union worker_args *args, union worker_ret *ret) {
    (void)args;
    (void)ret;
    return worker_op_code(worker, drive_hold(worker->session, call));
}

static int64_t serve_release(struct worker *worker, const struct mpr_call *call,
                             const union worker_args *args, union worker_ret *ret) {
    (void)call;
    (void)args;
    (void)ret;
    drive_hold_release(worker->session);
    return 0;
}

static int64_t serve_attach(struct worker *worker, const struct mpr_call *call,
                            const union worker_args *args, union worker_ret *ret) {
    int fds[MPR_WIRE_FDS];

    (void)call;
    (void)ret;
    memcpy(fds, worker->fds, sizeof fds);
    memset(worker->fds, -1, sizeof worker->fds);
    return drive_channel_start(worker->session, fds, args->attach.shared_size);
}

static int64_t serve_facts(struct worker *worker, const struct mpr_call *call,
                           const union worker_args *args, union worker_ret *ret) {
    struct drive *drive = worker->session;

    (void)call;
    (void)args;
    ret->facts = (struct mpr_wire_facts_ret){
        .bytes_read = atomic_load(&drive->bytes_read),
        .bytes_written = atomic_load(&drive->bytes_written),
        .operations = atomic_load(&drive->operations),
        .open_files = atomic_load(&drive->open_files),
        .latency_us = atomic_load(&drive->latency_us),
        .lost = atomic_load(&drive->lost),
        .mounted = drive_is_mounted(drive),
    };
    return 0;
}

static int64_t serve_holders(struct worker *worker, const struct mpr_call *call,
                             const union worker_args *args, union worker_ret *ret) {
    static struct drive_holder holders[HOLDERS]; /* one command at a time */
    struct worker_listing listing = worker_listing_begin(worker);
    size_t count = drive_holders_find(worker->session, holders, HOLDERS);

    (void)call;
    (void)args;
    (void)ret;
    for (size_t i = 0; i < count && i < HOLDERS; i++) {
        struct mpr_wire_holder record = {
            .kind = holders[i].kind,
            .pid = (uint32_t)holders[i].pid,
            .more = holders[i].more,
            .command = holders[i].command,
            .path = holders[i].path,
        };

        worker_listing_add(&listing, MPR_WIRE_holder, &record);
    }
    worker_listing_end(&listing);
    return 0;
}

/* Of the kernel's FUSE: from anything else there would come what only the kernel is trusted with. */
static bool is_of_fuse(int fd) {
    struct stat facts;

    return fstat(fd, &facts) == 0 && S_ISCHR(facts.st_mode)
           && facts.st_rdev == makedev(FUSE_MAJOR, FUSE_MINOR);
}

static int64_t serve_serve(struct worker *worker, const struct mpr_call *call,
                           const union worker_args *args, union worker_ret *ret) {
    struct drive *drive = worker->session;
    char name[32], words[WORDS_SIZE] = "";
    int rc;

    (void)args;
    (void)ret;
    if (worker->fds[0] < 0)
        return -EBADF;
    if (!is_of_fuse(worker->fds[0])) {
        drive_explain(call, ERROR_INVALID_HANDLE,
                      "The descriptor that is to be served is not one of /dev/fuse.");
        return -EBADF;
    }
    rc = drive->tree ? 0 : drive_tree_new(drive);
    if (rc == 0) {
        snprintf(name, sizeof name, "/dev/fd/%d", worker->fds[0]);
        rc = drive_fuse_start(drive, name, words, sizeof words);
    }
    if (rc && *words)
        drive_explain(call, (uint32_t)-rc, "%s", words);
    /* It is served now, and closed with that. */
    if (rc == 0)
        worker->fds[0] = -1;
    return rc;
}

static const struct worker_op *find_op(uint32_t op) {
    static const struct worker_op ops[] = {
#define ENTRY(number, op, ARGS, RET)                                                               \
    [number] = {MPR_WIRE_##op##_args, MPR_WIRE_##op##_ret, serve_##op},
        MPR_WIRE_DRIVE_OPS(ENTRY)};

    return op < sizeof ops / sizeof *ops && ops[op].serve ? &ops[op] : NULL;
}

uint64_t drive_table_ops(void) {
    uint64_t bits = worker_ops_of(&drive_table);

#define BIT(number, op, ARGS, RET) bits |= UINT64_C(1) << (number);
    MPR_WIRE_DRIVE_OPS(BIT)
    return bits;
}

/* ---- the service */

/* Its operations keep to their bound, and so it is alive until they return. */
static uint64_t count_looks(struct worker *worker) {
    static _Atomic uint64_t looks;

    (void)worker;
    return atomic_fetch_add(&looks, 1);
}

/* What is unwritten gets its chance; what waits for the server is ended then. */
static void lose_service(struct worker *worker) {
    struct drive *drive = worker->state;

    if (!drive || !drive->remote)
        return;
    if (!atomic_load(&drive->lost) && !atomic_load(&drive->ended))
        drive_content_flush_all(drive, mpr_deadline_in_ms(LAST_MS));
    drive_remote_abort(drive);
}

const struct worker_kind drive_worker_kind = {
    .find_op = find_op,
    .alive = count_looks,
    .gone = lose_service,
};
