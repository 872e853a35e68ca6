/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_process.c: one worker process, and one command at a time.
 */
#include "config.h"

#include "router/mpr_worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_call.h"
#include "router/mpr_filesize.h"
#include "router/mpr_shortage.h"
#include "router/mpr_time.h"

#define TRIM_MS    200 /* longer than the worker needs to give memory back */
#define END_MS     200 /* from the end of its socket to its own */
#define LEAST_DATA 0x10000u

/* ---- start and end */

/* As much as is wanted, or as the limit for the size of files leaves; 0: that is nothing. */
static size_t fit_data(size_t wanted) {
    uint64_t most = mpr_filesize_most();

    if (most >= MPR_WIRE_SHARED_HEAD + wanted)
        return wanted;
    if (most < MPR_WIRE_SHARED_HEAD + LEAST_DATA)
        return 0;
    return (size_t)(most - MPR_WIRE_SHARED_HEAD) / LEAST_DATA * LEAST_DATA;
}

static int map_shared(struct mpr_worker_process *process, size_t wanted, int *ret_fd) {
    size_t data_size = fit_data(wanted), size = MPR_WIRE_SHARED_HEAD + data_size;
    int fd = data_size ? memfd_create("mpr-data", MFD_CLOEXEC | MFD_ALLOW_SEALING) : -1;
    void *memory;

    if (fd < 0)
        return data_size ? -errno : -EFBIG;
    /* Sealed, so that no end of it can be cut off under our reading. */
    if (ftruncate(fd, (off_t)size) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW))
        memory = MAP_FAILED;
    else
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        int rc = -errno;

        close(fd);
        return rc;
    }
    process->shared = memory;
    process->data = (unsigned char *)memory + MPR_WIRE_SHARED_HEAD;
    process->data_size = data_size;
    *ret_fd = fd;
    return 0;
}

/* Our ends into the process, the worker's into fds. */
static int open_channels(struct mpr_worker_process *process, size_t data_size,
                         int fds[MPR_WIRE_FDS]) {
    int command[2], control[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, command))
        return -errno;
    process->command = command[0];
    fds[0] = command[1];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control))
        return -errno;
    process->control = control[0];
    fds[1] = control[1];
    return map_shared(process, data_size, &fds[2]);
}

static DWORD read_hello(struct mpr_worker_process *process, const struct mpr_worker_wait *wait,
                        struct mpr_failure *failure) {
    struct mpr_wire_hello hello = {.code = ERROR_EXTENDED_ERROR};
    struct mpr_wire wire;
    ssize_t size = mpr_worker_wait_for(wait, process->command);

    if (size == 0)
        size = mpr_wire_receive(process->command, process->message, sizeof process->message, NULL,
                                false);
    if (size > 0) {
        wire = mpr_wire_from(process->message, (size_t)size, 0);
        if (mpr_wire_get_kind(&wire) == MPR_WIRE_hello)
            MPR_WIRE_CODE(&wire, hello, &hello);
        else
            wire.bad = true;
        size = mpr_wire_ended(&wire) ? 0 : -EBADMSG;
    }
    if (size < 0) {
        mpr_worker_process_explain(process, 0, (int)size, failure);
        return size == -ECANCELED ? ERROR_CANCELLED : ERROR_DLL_INIT_FAILED;
    }
    if (hello.code != NO_ERROR)
        mpr_failure_set(failure, hello.code, "The module of %s refused to start: %s",
                        process->source->name,
                        hello.text && *hello.text ? hello.text : "it gave no reason.");
    return hello.code;
}

DWORD mpr_worker_process_say_none(const struct mpr_worker_source *source, int error,
                                  struct mpr_failure *failure) {
    char words[MPR_SHORTAGE_MAX];

    if (error == EFBIG)
        mpr_failure_set(failure, EFBIG,
                        "No %s for %s could be had: the limit for the size of files (ulimit -f), "
                        "which counts for memory shared with it too, is %llu bytes, and it needs "
                        "%u or more. Raise the limit.",
                        source->what, source->name, (unsigned long long)mpr_filesize_most(),
                        MPR_WIRE_SHARED_HEAD + LEAST_DATA);
    else
        mpr_failure_set(failure, (uint32_t)error, "No %s for %s could be had: %s.", source->what,
                        source->name, mpr_shortage_words(error, words));
    return mpr_shortage_code(error, ERROR_NOT_ENOUGH_MEMORY);
}

DWORD mpr_worker_process_start(struct mpr_worker_source *source, const char *remote,
                               const struct mpr_worker_wait *wait, size_t data_size,
                               struct mpr_failure *failure,
                               struct mpr_worker_process **ret_process) {
    struct mpr_worker_process *process = calloc(1, sizeof *process);
    struct mpr_zygote_child child = {.pidfd = -1};
    int fds[MPR_WIRE_FDS] = {-1, -1, -1};
    DWORD code = ERROR_NOT_ENOUGH_MEMORY;
    int rc;

    if (!process)
        return code;
    process->source = source;
    process->command = process->control = process->pidfd = -1;
    rc = open_channels(process, data_size, fds);
    if (rc)
        code = mpr_worker_process_say_none(source, -rc, failure);
    else
        code = source->spawn(source, remote, wait, fds, MPR_WIRE_SHARED_HEAD + process->data_size,
                             failure, &child);
    mpr_wire_close(fds, MPR_WIRE_FDS);
    if (code == NO_ERROR) {
        process->number = child.serial;
        process->pidfd = child.pidfd;
        process->slots = child.slots;
        process->max_io =
            child.max_io < process->data_size ? child.max_io : (uint32_t)process->data_size;
        code = read_hello(process, wait, failure);
    }
    if (code != NO_ERROR) {
        mpr_worker_process_free(process, true);
        return code;
    }
    *ret_process = process;
    return NO_ERROR;
}

bool mpr_worker_process_alive(const struct mpr_worker_process *process) {
    char byte;

    /* Between commands it has nothing to say, so anything but silence is wrong. */
    return recv(process->command, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) < 0
           && errno == EAGAIN;
}

void mpr_worker_process_kill(const struct mpr_worker_process *process) {
    if (process->pidfd >= 0)
        pidfd_send_signal(process->pidfd, SIGKILL, NULL, 0);
}

void mpr_worker_process_free(struct mpr_worker_process *process, bool kill) {
    if (kill)
        mpr_worker_process_kill(process);
    mpr_wire_close(&process->command, 1);
    mpr_wire_close(&process->control, 1);
    mpr_wire_close(&process->pidfd, 1);
    if (process->shared)
        munmap(process->shared, MPR_WIRE_SHARED_HEAD + process->data_size);
    /* User names and paths; of secrets there is the descriptor only. */
    free(process);
}

/* ---- a command */

static int claim_shared(struct mpr_worker_process *process) {
    struct mpr_worker_wait wait = {mpr_deadline_in_ms(TRIM_MS), -1, -1};

    atomic_store(&process->shared->host_busy, 1);
    while (atomic_load(&process->shared->trimming)) {
        struct mpr_worker_wait moment = {mpr_deadline_in_ms(1), -1, -1};

        if (mpr_now_ns() >= wait.deadline_ns)
            return -EBADMSG;
        mpr_worker_wait_for(&moment, -1);
    }
    return 0;
}

static int send_command(struct mpr_worker_process *process, struct mpr_worker_run *run) {
    struct mpr_wire wire = mpr_wire_into(process->message, sizeof process->message);

    MPR_WIRE_SAY(&wire, command, .serial = ++process->serial, .op = run->op, .uid = run->call->uid,
                 .gid = run->call->gid, .deadline_ns = run->wait.deadline_ns,
                 .progress = run->io_timeout_ms);
    mpr_wire_code(&wire, run->args_shape, run->args);
    if (wire.bad)
        return -EMSGSIZE;
    if (run->out_size)
        memcpy(process->data, run->out, run->out_size);
    if (run->fds)
        return mpr_wire_send(process->command, &wire, run->fds, run->fd_count);
    return mpr_wire_send(process->command, &wire, &run->secret_fd, run->secret_fd >= 0);
}

/* The worker keeps to the deadline itself; this one is for a worker that does not. */
static void extend(struct mpr_worker_run *run) {
    int64_t deadline_ns = mpr_deadline_in_ms(run->io_timeout_ms + run->grace_ms);

    if (!run->stopping && deadline_ns > run->wait.deadline_ns)
        run->wait.deadline_ns = deadline_ns;
}

static void stop(struct mpr_worker_process *process, struct mpr_worker_run *run) {
    unsigned char message[64];
    struct mpr_wire wire = mpr_wire_into(message, sizeof message);

    MPR_WIRE_SAY(&wire, abort, .serial = process->serial);
    /* If it cannot be told, it does not answer, and that is dealt with. */
    mpr_wire_send(process->control, &wire, NULL, 0);
    run->stopping = true;
    run->wait.cancel_fd = -1;
    run->wait.deadline_ns = mpr_deadline_in_ms(run->grace_ms);
}

/* The next message into process->message. Returns its size or -errno. */
static ssize_t await_message(struct mpr_worker_process *process, struct mpr_worker_run *run) {
    for (;;) {
        int rc = mpr_worker_wait_for(&run->wait, process->command);

        if (rc == -ECANCELED) {
            stop(process, run);
            continue;
        }
        if (rc)
            return run->stopping && rc == -ETIMEDOUT ? -ECANCELED : rc;
        return mpr_wire_receive(process->command, process->message, sizeof process->message, NULL,
                                false);
    }
}

/* A copy, since the worker could change what lies in the shared memory at any time. */
static int give_entries(struct mpr_worker_process *process, struct mpr_worker_run *run,
                        const struct mpr_wire_batch *batch) {
    MPR_AUTOFREE unsigned char *copy = malloc(batch->bytes);
    struct mpr_wire records;

    if (!copy) {
        run->error = -ENOMEM;
        run->enough = true;
        return 0;
    }
    memcpy(copy, process->data, batch->bytes);
    records = mpr_wire_from(copy, batch->bytes, 0);
    for (uint32_t i = 0; i < batch->count && !run->enough; i++) {
        int rc = run->entry(run->context, &records);

        run->given = true;
        if (records.bad)
            return -EBADMSG;
        run->enough = rc != 0;
        run->error = rc < 0 ? rc : 0;
    }
    return run->enough || mpr_wire_ended(&records) ? 0 : -EBADMSG;
}

static int take_batch(struct mpr_worker_process *process, struct mpr_worker_run *run,
                      struct mpr_wire *wire) {
    struct mpr_wire_batch batch = {0};
    int rc;

    MPR_WIRE_CODE(wire, batch, &batch);
    if (!mpr_wire_ended(wire) || batch.serial != process->serial || !run->entry || run->enough
        || !batch.bytes)
        return -EBADMSG;
    rc = give_entries(process, run, &batch);
    if (rc)
        return rc;
    extend(run);
    *wire = mpr_wire_into(process->message, sizeof process->message);
    MPR_WIRE_SAY(wire, go_on, .serial = process->serial, .stop = run->enough);
    return mpr_wire_send(process->command, wire, NULL, 0);
}

static int take_reply(struct mpr_worker_process *process, struct mpr_worker_run *run,
                      struct mpr_wire *wire) {
    struct mpr_wire_reply *reply = &run->reply;
    bool done;

    MPR_WIRE_CODE(wire, reply, reply);
    if (wire->bad || reply->serial != process->serial || reply->answer > MPR_MINE_FAILED)
        return -EBADMSG;
    done = reply->answer == MPR_DONE && reply->result >= 0;
    if (done)
        mpr_wire_code(wire, run->ret_shape, run->ret);
    if (!mpr_wire_ended(wire) || (done && (uint64_t)reply->result > run->in_size + run->out_size))
        return -EBADMSG;
    if (done && run->take)
        run->error = run->take(run->context, run->ret);
    if (done && run->in)
        memcpy(run->in, process->data, (size_t)reply->result);
    if (reply->failed)
        mpr_host_table.set_error(run->call, reply->failure_code,
                                 reply->failure_text ? reply->failure_text : "");
    return 0;
}

static int await_reply(struct mpr_worker_process *process, struct mpr_worker_run *run) {
    for (;;) {
        ssize_t size = await_message(process, run);
        struct mpr_wire wire;
        int rc = 0;

        if (size < 0)
            return (int)size;
        wire = mpr_wire_from(process->message, (size_t)size, process->data_size);
        switch ((int)mpr_wire_get_kind(&wire)) {
        case MPR_WIRE_reply:
            return take_reply(process, run, &wire);
        case MPR_WIRE_progress:
            extend(run);
            break;
        case MPR_WIRE_batch:
            rc = take_batch(process, run, &wire);
            break;
        default:
            rc = -EBADMSG;
        }
        if (rc)
            return rc;
    }
}

static bool has_begun(struct mpr_worker_process *process) {
    uint32_t taken = atomic_load(&process->shared->taken);

    return taken == 0 || taken == process->serial;
}

int mpr_worker_process_run(struct mpr_worker_process *process, struct mpr_worker_run *run) {
    int rc = claim_shared(process);

    run->begun = false;
    if (rc == 0)
        rc = send_command(process, run);
    if (rc == 0) {
        run->wait.deadline_ns += run->grace_ms * MPR_NS_PER_MS;
        rc = await_reply(process, run);
        run->begun = has_begun(process);
    }
    atomic_store(&process->shared->host_busy, 0);
    return rc;
}

/* ---- words */

void mpr_worker_process_explain(struct mpr_worker_process *process, enum mpr_wire_op op, int rc,
                                struct mpr_failure *failure) {
    struct pollfd end = {.fd = process->pidfd, .events = POLLIN};
    const char *name = process->source->name, *kind = process->source->what;
    const char *what = op ? mpr_wire_op_name(op) : "its start";
    char how[64];

    switch (-rc) {
    case EPIPE:
        /* Its socket is closed a little before it is dead and can be asked about. */
        poll(&end, 1, END_MS);
        process->source->describe_end(process->source, process->number, how, sizeof how);
        mpr_failure_set(failure, EIO, "The %s of %s %s during %s.", kind, name, how, what);
        break;
    case EBADMSG:
        mpr_failure_set(failure, EIO,
                        "The %s of %s sent a malformed message during %s and was "
                        "ended.",
                        kind, name, what);
        break;
    case ETIMEDOUT:
        mpr_failure_set(failure, ETIMEDOUT, "The %s of %s did not finish %s in time and was ended.",
                        kind, name, what);
        break;
    case ECANCELED:
        mpr_failure_set(failure, ECANCELED,
                        "The %s of %s did not stop %s when it was cancelled and was "
                        "ended.",
                        kind, name, what);
        break;
    default:
        mpr_failure_set(failure, (uint32_t)-rc,
                        "The %s of %s could not be told to do "
                        "%s: %s.",
                        kind, name, what, strerror(-rc));
    }
}
