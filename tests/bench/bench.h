/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench.h: measuring one side against the other, in turn, in one run.
 */
#ifndef MPR_BENCH_H
#define MPR_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** One way of doing things: through file.h, or with the bare library. One file is open at a time. */
struct side {
    const char *name;
    /** These return 0 or what failed, as the side's own code. */
    long (*connect)(void);
    long (*disconnect)(void);
    long (*open)(const char *path, bool create);
    long (*close)(void);
    long (*unlink)(const char *path);
    /** Bytes, or a failure below 0. */
    ssize_t (*read)(void *data, size_t size, uint64_t offset);
    ssize_t (*write)(const void *data, size_t size, uint64_t offset);
    /** Entries with attributes, or a failure below 0. */
    long (*list)(const char *directory);
    long (*stat)(const char *path); /**< NULL where nobody asks */
};

/** The library alone: smb_bare.c, nfs_bare.c. */
const struct side *bench_bare_side(void);

/** Seconds of CLOCK_MONOTONIC. */
double bench_now(void);

/** Puts values in order; the one in the middle. */
double bench_median(double *values, int count);

/** Ends the program with words when a step of a benchmark failed. */
void bench_need(bool well, const char *what, long code);

/**
 * A directory for the router with a drop-in for one module of MPR_TEST_MODULES,
 * in which it is then initialised. Gone after bench_end_router.
 */
void bench_begin_router(const char *name, const char *worker_module, const char *options);
void bench_end_router(void);

/** The side "file.h" on a remote name, with user and password or NULL. */
const struct side *bench_our_side(const char *remote, const char *user, const char *password);

/** All rows. directory is where the share's files lie here: for filling. */
void bench_compare(const struct side *bare, const struct side *ours, const char *directory,
                   double connect_goal, double latency_goal_us);

#endif
