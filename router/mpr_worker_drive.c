/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_drive.c: commands to a drive.
 */
#include "config.h"

#include "router/mpr_worker_drive.h"

#include <errno.h>
#include <fcntl.h>

#include <mpr/winerror.h>

void mpr_worker_drive_pin(struct mpr_worker_session *session) {
    mpr_lock(&session->lock);
    session->users++;
    mpr_unlock(&session->lock);
}

void mpr_worker_drive_unpin(struct mpr_worker_session *session) {
    mpr_worker_turn_let_go(session);
}

int mpr_worker_drive_process(struct mpr_worker_session *session) {
    int fd = -1;

    mpr_lock(&session->lock);
    if (session->process && session->process->pidfd >= 0)
        fd = fcntl(session->process->pidfd, F_DUPFD_CLOEXEC, 0);
    mpr_unlock(&session->lock);
    return fd;
}

/* With a process that lives; replace: with a new one if need be. */
static uint32_t command(struct mpr_worker_session *session, struct mpr_worker_run *run,
                        bool replace) {
    int64_t rc = mpr_worker_turn_enter(session, run->call);

    if (rc)
        return mpr_worker_code_of((int)-rc);
    if (replace)
        rc = mpr_worker_turn_prepare(session, run->call);
    else if (!session->process || !mpr_worker_process_alive(session->process))
        rc = -ENOTCONN;
    if (rc == 0)
        rc = mpr_worker_turn_run(session, run);
    mpr_worker_turn_leave(session);
    return rc >= 0 ? (uint32_t)rc : mpr_worker_code_of((int)-rc);
}

uint32_t mpr_worker_drive_mount(struct mpr_worker_session *session, const struct mpr_call *call,
                                const char *directory, const char *device) {
    struct mpr_wire_mount_args args = {.directory = directory, .device = device};
    struct mpr_wire_mount_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(mount, &args, &ret), .call = call};

    return command(session, &run, true);
}

uint32_t mpr_worker_drive_hold(struct mpr_worker_session *session, const struct mpr_call *call) {
    struct mpr_wire_hold_args args = {.end_ = 0};
    struct mpr_wire_hold_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(hold, &args, &ret), .call = call};

    return command(session, &run, true);
}

uint32_t mpr_worker_drive_release(struct mpr_worker_session *session, const struct mpr_call *call) {
    struct mpr_wire_release_args args = {.end_ = 0};
    struct mpr_wire_release_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(release, &args, &ret), .call = call};

    return command(session, &run, false);
}

uint32_t mpr_worker_drive_attach(struct mpr_worker_session *session, const struct mpr_call *call,
                                 const int fds[MPR_WIRE_FDS], uint64_t shared_size) {
    struct mpr_wire_attach_args args = {.shared_size = shared_size};
    struct mpr_wire_attach_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(attach, &args, &ret), .call = call};

    run.fds = fds;
    run.fd_count = MPR_WIRE_FDS;
    return command(session, &run, true);
}

uint32_t mpr_worker_drive_serve(struct mpr_worker_session *session, const struct mpr_call *call,
                                int fuse_fd) {
    struct mpr_wire_serve_args args = {.end_ = 0};
    struct mpr_wire_serve_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(serve, &args, &ret), .call = call};

    run.fds = &fuse_fd;
    run.fd_count = 1;
    return command(session, &run, true);
}

uint32_t mpr_worker_drive_facts(struct mpr_worker_session *session, const struct mpr_call *call,
                                bool replace, struct mpr_wire_facts_ret *ret) {
    struct mpr_wire_facts_args args = {.end_ = 0};
    struct mpr_wire_facts_ret got;
    struct mpr_worker_run run = {MPR_WORKER_RUN(facts, &args, &got), .call = call};
    uint32_t code = command(session, &run, replace);

    if (code == NO_ERROR)
        *ret = got;
    return code;
}

struct reader {
    mpr_worker_holder_fn fn;
    void *context;
};

static int give_holder(void *context, struct mpr_wire *records) {
    const struct reader *reader = context;
    struct mpr_wire_holder got = {.kind = 0};

    MPR_WIRE_CODE(records, holder, &got);
    return records->bad || reader->fn(reader->context, &got) ? 1 : 0;
}

uint32_t mpr_worker_drive_holders(struct mpr_worker_session *session, const struct mpr_call *call,
                                  mpr_worker_holder_fn fn, void *context) {
    struct reader reader = {fn, context};
    struct mpr_wire_holders_args args = {.end_ = 0};
    struct mpr_wire_holders_ret ret;
    struct mpr_worker_run run = {MPR_WORKER_RUN(holders, &args, &ret), .call = call};

    run.entry = give_holder;
    run.context = &reader;
    return command(session, &run, true);
}
