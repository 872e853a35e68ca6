/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_zygote.c: the process that forks workers, as this process sees it.
 */
#include "config.h"

#include "router/mpr_zygote.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_shortage.h"
#include "router/mpr_status.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"

#define SILENCE_MS 2000 /* a zygote that has not answered for so long is ended */
#define ASK_MS     300  /* for the sake of a better text nobody waits longer */
#define END_MS     500

static DWORD spawn(struct mpr_worker_source *source, const char *remote,
                   const struct mpr_worker_wait *wait, const int fds[MPR_WIRE_FDS],
                   size_t shared_size, struct mpr_failure *failure,
                   struct mpr_zygote_child *ret_child);
static void describe_end(struct mpr_worker_source *source, uint32_t worker, char *text,
                         size_t size);

int mpr_zygote_init(struct mpr_zygote *zygote, const char *program, const char *module,
                    const char *name, const struct mpr_option *options) {
    zygote->source = (struct mpr_worker_source){
        .name = name, .what = "worker process", .spawn = spawn, .describe_end = describe_end};
    zygote->program = program;
    zygote->module = module;
    zygote->options = options;
    zygote->socket = -1;
    zygote->pidfd = -1;
    return mpr_worker_gate_init(&zygote->gate);
}

/* Its workers get SIGKILL from it, or from the kernel when it ends. */
static void drop(struct mpr_zygote *zygote) {
    if (zygote->pidfd >= 0)
        pidfd_send_signal(zygote->pidfd, SIGKILL, NULL, 0);
    mpr_wire_close(&zygote->socket, 1);
    mpr_wire_close(&zygote->pidfd, 1);
    zygote->silent_since_ns = 0;
}

void mpr_zygote_clear(struct mpr_zygote *zygote, bool kill) {
    mpr_wire_close(&zygote->socket, 1);
    if (kill && zygote->pidfd >= 0) {
        struct pollfd end = {.fd = zygote->pidfd, .events = POLLIN};

        if (poll(&end, 1, END_MS) <= 0)
            pidfd_send_signal(zygote->pidfd, SIGKILL, NULL, 0);
    }
    mpr_wire_close(&zygote->pidfd, 1);
    mpr_worker_gate_clear(&zygote->gate);
}

/* ---- starting it */

static DWORD explain_start(const struct mpr_zygote *zygote, int error,
                           struct mpr_failure *failure) {
    char words[MPR_SHORTAGE_MAX];

    if (error == EPIPE)
        mpr_failure_set(failure, (uint32_t)error,
                        "The worker program %s ended before it had loaded %s.", zygote->program,
                        zygote->module);
    else if (error == ETIMEDOUT)
        mpr_failure_set(failure, (uint32_t)error, "The worker program %s did not load %s in time.",
                        zygote->program, zygote->module);
    else
        mpr_failure_set(failure, (uint32_t)error,
                        "The worker program %s, which runs %s, cannot be started: %s.",
                        zygote->program, zygote->module, mpr_shortage_words(error, words));
    return error == ECANCELED ? ERROR_CANCELLED : mpr_shortage_code(error, ERROR_DLL_INIT_FAILED);
}

/* What to load, and a descriptor by which the zygote notices that this process has ended. */
static int send_setup(struct mpr_zygote *zygote, int socket) {
    struct mpr_wire wire = mpr_wire_into(zygote->message, sizeof zygote->message);
    uint32_t count = 0;
    int self = pidfd_open(getpid(), 0);
    int rc;

    if (self < 0)
        return -errno;
    while (zygote->options && zygote->options[count].name)
        count++;
    MPR_WIRE_SAY(&wire, setup, .version = MPR_WIRE_VERSION, .module = zygote->module,
                 .options = count);
    for (uint32_t i = 0; i < count; i++) {
        struct mpr_wire_option option = {.name = zygote->options[i].name,
                                         .value = zygote->options[i].value};

        MPR_WIRE_CODE(&wire, option, &option);
    }
    rc = mpr_wire_send(socket, &wire, &self, 1);
    close(self);
    return rc;
}

static DWORD read_ready(struct mpr_zygote *zygote, struct mpr_wire *wire,
                        struct mpr_failure *failure) {
    struct mpr_wire_ready ready = {0};

    MPR_WIRE_CODE(wire, ready, &ready);
    if (ready.version != MPR_WIRE_VERSION || !mpr_wire_ended(wire)) {
        mpr_failure_set(failure, EPROTO,
                        "The worker program %s belongs to another version of this library.",
                        zygote->program);
        return ERROR_DLL_INIT_FAILED;
    }
    if (ready.code != NO_ERROR) {
        mpr_failure_set_text(failure, ready.failure_code, ready.text);
        return ready.code;
    }
    zygote->slots = ready.slots;
    zygote->max_io = ready.max_io;
    return NO_ERROR;
}

/* The first message from the other end, whoever is there. */
static DWORD await_ready(struct mpr_zygote *zygote, const struct mpr_worker_wait *wait,
                         struct mpr_failure *failure) {
    struct mpr_wire_no_program none = {0};
    struct mpr_wire wire;
    int fds[MPR_WIRE_FDS];
    ssize_t size = mpr_worker_wait_for(wait, zygote->socket);
    DWORD code;

    if (size == 0)
        size =
            mpr_wire_receive(zygote->socket, zygote->message, sizeof zygote->message, fds, false);
    if (size < 0)
        return explain_start(zygote, (int)-size, failure);
    wire = mpr_wire_from(zygote->message, (size_t)size, 0);
    switch ((int)mpr_wire_get_kind(&wire)) {
    case MPR_WIRE_ready:
        code = read_ready(zygote, &wire, failure);
        break;
    case MPR_WIRE_no_program:
        MPR_WIRE_CODE(&wire, no_program, &none);
        code = explain_start(zygote, none.error ? (int)none.error : EPROTO, failure);
        break;
    default:
        code = explain_start(zygote, EPROTO, failure);
    }
    if (code == NO_ERROR && fds[0] == -EMFILE)
        code = explain_start(zygote, EMFILE, failure);
    if (code == NO_ERROR) {
        zygote->pidfd = fds[0];
        fds[0] = -1;
    }
    mpr_wire_close(fds, MPR_WIRE_FDS);
    return code;
}

static DWORD start(struct mpr_zygote *zygote, const struct mpr_worker_wait *wait,
                   struct mpr_failure *failure) {
    char name[] = "mpr-worker", mode[] = "--zygote";
    char *arguments[] = {name, mode, NULL};
    int ends[2];
    DWORD code;
    int rc;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return explain_start(zygote, errno, failure);
    rc = send_setup(zygote, ends[0]);
    if (rc == 0)
        rc = mpr_zygote_launch(zygote->program, arguments, ends[1]);
    close(ends[1]);
    zygote->socket = ends[0];
    code = rc ? explain_start(zygote, -rc, failure) : await_ready(zygote, wait, failure);
    mpr_trace("worker", "%s for %s: %u%s%s", zygote->program, zygote->module, code,
              code ? ", " : "", code ? failure->text : "");
    if (code != NO_ERROR)
        drop(zygote);
    return code;
}

/* ---- asking it */

/*
 * Sends what is in *wire and reads the answer, kind, of the same serial; answers
 * to what others have given up on are passed over. Returns 0 or -errno; -ETIMEDOUT
 * also when it was silent for longer than it may be.
 */
static int transact(struct mpr_zygote *zygote, const struct mpr_worker_wait *wait,
                    struct mpr_wire *wire, const int *fds, enum mpr_wire_shape kind, int *ret_fds) {
    int64_t begun_ns = mpr_now_ns(), silent_ns = begun_ns + (SILENCE_MS + 1) * MPR_NS_PER_MS;
    struct mpr_worker_wait soon = *wait;
    int rc = mpr_wire_send(zygote->socket, wire, fds, fds ? MPR_WIRE_FDS : 0);

    if (soon.deadline_ns > silent_ns)
        soon.deadline_ns = silent_ns;

    while (rc == 0) {
        uint32_t serial;
        ssize_t size;

        rc = mpr_worker_wait_for(&soon, zygote->socket);
        if (rc)
            break;
        size = mpr_wire_receive(zygote->socket, zygote->message, sizeof zygote->message, ret_fds,
                                false);
        if (size < 0)
            return (int)size;
        zygote->silent_since_ns = 0;
        *wire = mpr_wire_from(zygote->message, (size_t)size, 0);
        if (size < 2 * (ssize_t)sizeof serial)
            wire->bad = true;
        memcpy(&serial, zygote->message + sizeof serial, sizeof serial);
        if (!wire->bad && serial == zygote->serial && mpr_wire_get_kind(wire) == kind)
            return 0;
        mpr_wire_close(ret_fds, MPR_WIRE_FDS);
        if (wire->bad || serial == zygote->serial)
            rc = -EBADMSG;
    }
    if (!zygote->silent_since_ns)
        zygote->silent_since_ns = begun_ns;
    return rc;
}

/* One that is stopped or stuck is ended, so that the next call finds a new one. */
static void judge(struct mpr_zygote *zygote, int rc) {
    bool silent = zygote->silent_since_ns
                  && mpr_now_ns() - zygote->silent_since_ns > SILENCE_MS * MPR_NS_PER_MS;

    if (rc == -EPIPE || rc == -EBADMSG || (rc && silent))
        drop(zygote);
}

static int request_worker(struct mpr_zygote *zygote, const struct mpr_worker_wait *wait,
                          const int *fds, size_t shared_size, struct mpr_zygote_child *ret_child) {
    struct mpr_wire wire = mpr_wire_into(zygote->message, sizeof zygote->message);
    struct mpr_wire_spawned spawned = {0};
    int got[MPR_WIRE_FDS] = {-1, -1, -1};
    int rc;

    MPR_WIRE_SAY(&wire, spawn, .serial = ++zygote->serial, .shared_size = shared_size);
    rc = transact(zygote, wait, &wire, fds, MPR_WIRE_spawned, got);
    if (rc == 0) {
        MPR_WIRE_CODE(&wire, spawned, &spawned);
        if (got[0] == -EMFILE)
            rc = -EMFILE;
        else if (!mpr_wire_ended(&wire) || (spawned.error == 0) != (got[0] >= 0))
            rc = -EBADMSG;
        else
            rc = -(int)spawned.error;
    }
    if (rc == 0) {
        *ret_child =
            (struct mpr_zygote_child){zygote->serial, got[0], zygote->slots, zygote->max_io};
        got[0] = -1;
        mpr_trace("worker", "%s: worker %u", zygote->source.name, spawned.pid);
    }
    mpr_wire_close(got, MPR_WIRE_FDS);
    judge(zygote, rc);
    return rc;
}

static DWORD explain_request(const struct mpr_zygote *zygote, int error,
                             struct mpr_failure *failure) {
    char words[MPR_SHORTAGE_MAX];

    mpr_failure_set(failure, (uint32_t)error, "No worker process for %s could be had: %s.",
                    zygote->source.name,
                    error == EPIPE || error == EBADMSG ? "the process that makes them failed"
                                                       : mpr_shortage_words(error, words));
    return error == ECANCELED ? ERROR_CANCELLED : mpr_shortage_code(error, ERROR_DLL_INIT_FAILED);
}

static DWORD spawn(struct mpr_worker_source *source, const char *remote,
                   const struct mpr_worker_wait *wait, const int fds[MPR_WIRE_FDS],
                   size_t shared_size, struct mpr_failure *failure,
                   struct mpr_zygote_child *ret_child) {
    struct mpr_zygote *zygote = (struct mpr_zygote *)source;
    DWORD code = NO_ERROR;
    int rc = mpr_worker_gate_enter(&zygote->gate, wait);

    (void)remote; /* they are all alike */
    if (rc)
        return explain_request(zygote, -rc, failure);
    /* Twice: the first time finds out that the one we had is dead, or hangs. */
    for (int attempt = 0; attempt < 2 && code == NO_ERROR; attempt++) {
        if (zygote->socket < 0)
            code = start(zygote, wait, failure);
        if (code == NO_ERROR) {
            rc = request_worker(zygote, wait, fds, shared_size, ret_child);
            if (rc == 0 || zygote->socket >= 0 || mpr_now_ns() >= wait->deadline_ns)
                break;
        }
    }
    if (code == NO_ERROR && rc)
        code = explain_request(zygote, -rc, failure);
    mpr_worker_gate_leave(&zygote->gate);
    return code;
}

static int ask(struct mpr_zygote *zygote, const struct mpr_worker_wait *wait, uint32_t worker,
               struct mpr_wire_told *ret) {
    struct mpr_wire wire = mpr_wire_into(zygote->message, sizeof zygote->message);
    int none[MPR_WIRE_FDS];
    int rc;

    if (zygote->socket < 0)
        return -EPIPE;
    MPR_WIRE_SAY(&wire, ask, .serial = ++zygote->serial, .worker = worker);
    rc = transact(zygote, wait, &wire, NULL, MPR_WIRE_told, none);
    if (rc == 0) {
        MPR_WIRE_CODE(&wire, told, ret);
        mpr_wire_close(none, MPR_WIRE_FDS);
        rc = mpr_wire_ended(&wire) ? 0 : -EBADMSG;
    }
    judge(zygote, rc);
    return rc;
}

static void describe_end(struct mpr_worker_source *source, uint32_t worker, char *text,
                         size_t size) {
    struct mpr_zygote *zygote = (struct mpr_zygote *)source;
    struct mpr_worker_wait wait = {mpr_deadline_in_ms(ASK_MS), -1, -1};
    struct mpr_wire_told told = {0};
    const char *signal_name;

    snprintf(text, size, "ended");
    if (mpr_worker_gate_enter(&zygote->gate, &wait))
        return;
    if (ask(zygote, &wait, worker, &told) == 0) {
        signal_name = sigabbrev_np((int)told.status);
        if (told.how == CLD_EXITED)
            snprintf(text, size, "exited with status %u", told.status);
        else if (told.how == CLD_KILLED || told.how == CLD_DUMPED)
            snprintf(text, size, "was ended by signal %u (SIG%s)", told.status,
                     signal_name ? signal_name : "?");
    }
    mpr_worker_gate_leave(&zygote->gate);
}
