/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_drive.c: the table of a provider whose sessions are drives.
 *
 * It is that of a provider in worker processes, with mpr-drive as the program, and a drive
 * round each session.
 */
#include "config.h"

#include "router/mpr_drive.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_call.h"
#include "router/mpr_drive_watch.h"
#include "router/mpr_mount.h"
#include "router/mpr_option.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"
#include "router/mpr_worker.h"

#define END_MS     300  /* a drive that was told to end may take so long */
#define GONE_MS    1000 /* and one that was killed */
#define PLACE_MS   2000
#define ASK_MS     5000
#define RELEASE_MS 1000
#define THREADS_MS 5000
#define WELL_NS    MPR_NS_PER_S /* who works on a drive waits for its process */

/** A provider whose sessions are drives: the owner of a mpr_worker_provider. */
struct drives {
    const struct mpr_paths *paths;
    const struct mpr_config *config;
    const char *name;
    uint32_t connect_timeout_ms;
    struct mpr_provider inner; /* the table of the worker processes */
};

/* ---- connecting */

/* Disks have letters; a printer has nothing to be mounted. */
static bool is_drive_letter(const struct mpr_connect *args) {
    return args->device && args->type != RESOURCETYPE_PRINT
           && isalpha((unsigned char)args->device[0]) && strcmp(args->device + 1, ":") == 0;
}

/* Where it is to be mounted; without that, why not. */
static void choose_directory(const struct drives *drives, struct mpr_drive *drive) {
    struct mpr_failure failure = {.text = ""};
    MPR_AUTOFREE char *root = NULL;
    char *directory = NULL;

    if (mpr_mount_root(drives->paths, drives->config, &failure, &root) == NO_ERROR)
        directory = mpr_paths_join(root, drive->device);
    if (directory)
        mpr_drive_take_place(drive, directory, mpr_deadline_in_ms(PLACE_MS));
    else
        drive->unplaced = strdup(failure.text);
}

/* This machine lacks what a drive needs. */
static enum mpr_answer fail_here(const struct mpr_worker_provider *provider,
                                 const struct mpr_call *call, int error, uint32_t *ret_code) {
    struct mpr_failure failure;

    *ret_code = mpr_worker_process_say_none(provider->source, error, &failure);
    mpr_host_table.set_error(call, failure.code, failure.text);
    return MPR_MINE_FAILED;
}

static enum mpr_answer drive_connect(void *state, const struct mpr_call *call,
                                     const struct mpr_connect *args, void **ret_session,
                                     uint32_t *ret_code) {
    const struct mpr_worker_provider *provider = state;
    const struct drives *drives = provider->owner;
    struct mpr_drive *drive;
    enum mpr_answer answer;
    void *session = NULL;
    int rc = mpr_drive_make(args, drives->name, drives->connect_timeout_ms, &drive);

    if (rc)
        return fail_here(provider, call, -rc, ret_code);
    answer = drives->inner.connect(state, call, args, &session, ret_code);
    if (answer == MPR_DONE) {
        if (is_drive_letter(args))
            choose_directory(drives, drive);
        if (mpr_drive_start(drive, session, call)) {
            *ret_session = drive;
            return answer;
        }
        drives->inner.disconnect(session, call, 1);
        answer = fail_here(provider, call, EAGAIN, ret_code); /* for a thread */
    }
    mpr_drive_stop(drive);
    mpr_drive_unref(drive);
    return answer;
}

/* ---- disconnecting */

static const struct drives *drives_of(const struct mpr_drive *drive) {
    return drive->session->provider->owner;
}

static void await_end(int process) {
    struct pollfd end = {.fd = process, .events = POLLIN};

    if (process < 0)
        return;
    if (poll(&end, 1, END_MS) <= 0) {
        pidfd_send_signal(process, SIGKILL, NULL, 0);
        poll(&end, 1, GONE_MS);
    }
    close(process);
}

/*
 * The process ends first: then nobody waits for an answer of the mount, which can be taken
 * away whoever uses it.
 */
static uint32_t drive_disconnect(void *session, const struct mpr_call *call, int force) {
    struct mpr_drive *drive = session;
    uint32_t code;
    int process;

    if (force)
        eventfd_write(drive->stop_fd, 1);
    mpr_drive_begin_end(drive, force ? mpr_deadline_in_ms(END_MS) : call->deadline_ns);
    process = mpr_worker_drive_process(drive->session);
    code = drives_of(drive)->inner.disconnect(drive->session, call, force);
    if (code != NO_ERROR && !force) {
        if (process >= 0)
            close(process);
        mpr_drive_undo_end(drive);
        return code;
    }
    await_end(process);
    if (drive->directory) {
        mpr_mount_clear(drive->directory);
        mpr_drive_tell(drive, MPR_EVENT_UNMOUNTED, NO_ERROR, drive->directory);
    }
    mpr_drive_stop(drive);
    mpr_drive_unref(drive);
    return NO_ERROR;
}

/* The process itself stays, so that disconnect can tell it to end. */
static void drive_abort(void *session) {
    struct mpr_drive *drive = session;
    eventfd_write(drive->stop_fd, 1);
}

static uint32_t drive_user(void *session, const struct mpr_call *call, char *buffer, size_t size) {
    struct mpr_drive *drive = session;

    return drives_of(drive)->inner.user(drive->session, call, buffer, size);
}

static uint32_t drive_performance(void *session, const struct mpr_call *call,
                                  struct mpr_performance *ret) {
    struct mpr_drive *drive = session;

    return drives_of(drive)->inner.performance(drive->session, call, ret);
}

/* ---- cancel */

uint32_t mpr_drive_hold(void *session, const struct mpr_call *call) {
    struct mpr_drive *drive = session;
    uint32_t code = mpr_worker_drive_hold(drive->session, call);

    return code == ERROR_OPEN_FILES || code == ERROR_DEVICE_IN_USE ? code : NO_ERROR;
}

void mpr_drive_release(void *session, int cancel_fd) {
    struct mpr_drive *drive = session;
    struct mpr_call_data data;
    struct mpr_call call;

    mpr_call_begin(&call, &data, drive->provider, mpr_deadline_in_ms(RELEASE_MS), cancel_fd,
                   MPR_SECRET_NONE);
    mpr_worker_drive_release(drive->session, &call);
}

/* ---- asked by others */

/* Finds a drive and begins a call to it; NULL: there is none, and it is said. */
static struct mpr_drive *begin(const void *owner, struct mpr_call *call,
                               struct mpr_call_data *data) {
    struct mpr_drive *drive = mpr_drive_find(owner);

    if (drive)
        mpr_call_begin(call, data, drive->provider, mpr_deadline_in_ms(ASK_MS), drive->stop_fd,
                       MPR_SECRET_NONE);
    else
        mpr_error_say(ERROR_NOT_CONNECTED, "The connection has no drive, or no more.");
    return drive;
}

static DWORD end(struct mpr_drive *drive, const struct mpr_call_data *data, DWORD code) {
    mpr_drive_unref(drive);
    return code == NO_ERROR ? code : mpr_error_carry(code, &data->failure, data->provider);
}

static int take_holder(void *context, const struct mpr_wire_holder *holder) {
    struct mpr_holder_list *list = context;
    struct mpr_holder_item *more = reallocarray(list->items, list->count + 1, sizeof *list->items);
    struct mpr_holder_item item = {.kind = holder->kind, .pid = holder->pid, .more = holder->more};

    if (!more)
        return -ENOMEM;
    list->items = more;
    item.command = strdup(holder->command ? holder->command : "");
    item.path = strdup(holder->path ? holder->path : "");
    more[list->count++] = item;
    return item.command && item.path ? 0 : -ENOMEM;
}

DWORD mpr_drive_list_holders(const void *owner, struct mpr_holder_list *ret) {
    struct mpr_holder_list list = {.count = 0};
    struct mpr_call_data data;
    struct mpr_call call;
    struct mpr_drive *drive = begin(owner, &call, &data);
    DWORD code;

    if (!drive)
        return ERROR_NOT_CONNECTED;
    code = end(drive, &data, mpr_worker_drive_holders(drive->session, &call, take_holder, &list));
    if (code == NO_ERROR)
        *ret = list;
    else
        mpr_holder_list_clear(&list);
    return code;
}

DWORD mpr_drive_attach(const void *owner, const int fds[MPR_OPS_FDS], uint64_t shared_size) {
    struct mpr_call_data data;
    struct mpr_call call;
    struct mpr_drive *drive = begin(owner, &call, &data);

    if (!drive)
        return ERROR_NOT_CONNECTED;
    return end(drive, &data, mpr_worker_drive_attach(drive->session, &call, fds, shared_size));
}

DWORD mpr_drive_serve(const void *owner, int fuse_fd) {
    struct mpr_call_data data;
    struct mpr_call call;
    struct mpr_drive *drive = begin(owner, &call, &data);

    if (!drive)
        return ERROR_NOT_CONNECTED;
    return end(drive, &data, mpr_worker_drive_serve(drive->session, &call, fuse_fd));
}

/* ---- the table */

uint64_t mpr_drive_slots(const struct mpr_provider *table, void *state) {
    const struct mpr_worker_provider *provider = state;
    uint64_t bits = 0;

    (void)table;
#define BIT(number, op, ARGS, RET) bits |= provider->front->op ? UINT64_C(1) << (number) : 0;
    MPR_WIRE_OPS(BIT)
    return bits;
}

static void drive_fini(void *state) {
    struct mpr_worker_provider *provider = state;
    struct drives *drives = provider->owner;
    void (*inner_fini)(void *) = drives->inner.fini;

    mpr_drive_await_threads(mpr_deadline_in_ms(THREADS_MS));
    inner_fini(state);
    free(drives);
}

static void fill_table(struct mpr_provider *table) {
    table->fini = drive_fini;
    table->connect = drive_connect;
    table->disconnect = drive_disconnect;
    table->abort = drive_abort;
    table->user = table->user ? drive_user : NULL;
    table->performance = table->performance ? drive_performance : NULL;
    table->open = NULL;
    table->close = NULL;
    table->pread = NULL;
    table->pwrite = NULL;
    table->readdir = NULL;
    table->readlink = NULL;
    table->print = NULL;
#define NONE(number, op, ARGS, RET) table->op = NULL;
    MPR_WIRE_PLAIN_OPS(NONE)
}

DWORD mpr_drive_new(const struct mpr_drive_setup *setup, const struct mpr_provider **ret_table,
                    void **ret_state) {
    const struct mpr_option root[] = {{"root", setup->paths->root}, {NULL, NULL}};
    MPR_AUTOFREE struct mpr_option *options = NULL;
    struct drives *drives = calloc(1, sizeof *drives);
    struct mpr_worker_setup worker = {
        .program = setup->paths->drive,
        .module = setup->drop_in,
        .name = setup->front->name,
        .front = setup->front,
        .front_state = setup->front_state,
        .sessions_only = true,
    };
    struct mpr_worker_provider *provider;
    void *state;
    DWORD rc = drives ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;

    if (rc == NO_ERROR)
        rc = mpr_option_merge(setup->options, setup->paths->root ? root : NULL, &options);
    worker.options = options;
    if (rc == NO_ERROR)
        rc = mpr_worker_new(&worker, ret_table, &state);
    if (rc != NO_ERROR) {
        free(drives);
        return rc;
    }
    provider = state;
    *drives = (struct drives){
        .paths = setup->paths,
        .config = setup->config,
        .name = setup->front->name,
        .connect_timeout_ms = setup->connect_timeout_ms,
        .inner = provider->table,
    };
    provider->owner = drives;
    provider->well_ns = WELL_NS;
    fill_table(&provider->table);
    *ret_state = state;
    return NO_ERROR;
}
