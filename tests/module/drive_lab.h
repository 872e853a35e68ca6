/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_lab.h: what the tests of drive processes share: a drive of the memory provider,
 * as its service sees it, and channels to it, as other processes see them.
 */
#ifndef DRIVE_LAB_H
#define DRIVE_LAB_H

#include "router/mpr_worker_session.h"
#include "tests/module/worker_lab.h"

struct drive_lab {
    struct lab lab;
    struct lab_call call;
    void *session;
    char drop_in[4096];
};

/** A channel: a process without one. */
struct lab_channel {
    struct mpr_worker_process *process;
    struct lab_call call;
};

/** What a drive is asked that is no slot of a provider's table. */
#define LAB_DRIVE_RUN(lab_, name, args_, ret_, ...)                                                \
    __extension__({                                                                                \
        struct mpr_worker_run run_ = {MPR_WORKER_RUN(name, args_, ret_),                           \
                                      .call = lab_call(&(lab_)->call, 20000), ##__VA_ARGS__};      \
        mpr_worker_session_run((lab_)->session, &run_, NULL, NULL);                                \
    })

/** A command on a channel; its result, or -errno if the channel has failed. */
#define LAB_CHANNEL_RUN(channel_, ms_, name, args_, ret_, ...)                                     \
    __extension__({                                                                                \
        struct mpr_worker_run run_ = {MPR_WORKER_RUN(name, args_, ret_),                           \
                                      .call = lab_call(&(channel_)->call, (ms_)), ##__VA_ARGS__};  \
        lab_channel_run(channel_, &run_);                                                          \
    })

/**
 * All that it has is in a directory of the test's; isolate: the provider is in workers.
 * Does not connect.
 */
DWORD drive_lab_start(struct drive_lab *lab, const char *directory, bool isolate,
                      const char *options);
void drive_lab_stop(struct drive_lab *lab);

/** Connects with all that a name may say. */
uint32_t drive_lab_connect(struct drive_lab *lab, const char *remote, const char *password);
/** Ends the connection. */
uint32_t drive_lab_disconnect(struct drive_lab *lab, bool force);

/** Attaches a channel, and connects it. 0 or -errno. */
int lab_channel_open(struct drive_lab *lab, struct lab_channel *channel);
void lab_channel_close(struct lab_channel *channel);
int64_t lab_channel_run(struct lab_channel *channel, struct mpr_worker_run *run);

/** Opens a file on a channel; its number, or -errno. */
int64_t lab_channel_file(struct lab_channel *channel, const char *path, uint32_t flags);

#endif
