/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_lab.h: what the tests of worker processes share: a provider that runs
 * in workers, calls into it, and a look at the processes.
 */
#ifndef WORKER_LAB_H
#define WORKER_LAB_H

#include <stdbool.h>

#include "router/mpr_call.h"
#include "router/mpr_worker.h"

struct lab {
    const struct mpr_provider *front;
    const struct mpr_provider *table;
    void *state;
    char program[4096], module[4096];
};

/** One call with all that belongs to it. */
struct lab_call {
    struct mpr_call call;
    struct mpr_call_data data;
};

/**
 * Set before anything is started: workers get killed at any time, also while a
 * sanitizer looks for leaks in them, which it would complain about.
 */
extern bool lab_deadly;

/** A provider in workers: MODULE.so of the build tree. Returns a Win32 code. */
DWORD lab_start(struct lab *lab, const char *module, const struct mpr_option *options);
/** The same with another mpr-worker or module. */
DWORD lab_start_with(struct lab *lab, const char *program, const char *module,
                     const struct mpr_option *options);
void lab_stop(struct lab *lab);

/** A call that may take so long. */
struct mpr_call *lab_call(struct lab_call *call, int ms);

/** Connects within 20 s. Returns the code; the answer goes to *ret_answer unless NULL. */
uint32_t lab_connect(struct lab *lab, struct lab_call *call, const char *remote,
                     const char *password, void **ret_session);

/** The process of the session's worker, and of the zygote; 0 = none. */
int lab_worker_pid(void *session);
int lab_zygote_pid(const struct lab *lab);
int lab_pid_of(int pidfd);
int lab_parent_of(int pid);

/** The process that waits to become the next worker; 0 = there is none within 20 s. */
int lab_spare_pid(const struct lab *lab);

/** SIGKILL for the session's worker; returns its process once its sockets are closed. */
int lab_kill_worker(void *session);

/** Waits until the process is gone; false after ms. */
bool lab_gone(int pid, int ms);

int lab_count_fds(void);
int lab_count_threads(void);
int64_t lab_ms(void);
void lab_pattern(unsigned char *data, size_t size, uint64_t offset);

#endif
