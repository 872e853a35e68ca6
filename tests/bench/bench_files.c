/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench_files.c: file.h against the bare library: connecting, bulk, latency,
 * listings and small files. The two take turns, and medians are compared.
 */
#include "tests/bench/bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/winnetwk.h>

#define BULK         (256u << 20)
#define BLOCK        (4u << 20)
#define ROUNDS       5
#define RANDOM_READS 2000
#define ENTRIES      10000
#define SMALL        1000
#define CONNECTS     15

/* --- the side "file.h" --- */

static const char *our_remote, *our_user, *our_password;
static HANDLE our_file;

static long our_connect(void) {
    static char local[] = "Z:";
    NETRESOURCEA resource = {.dwType = RESOURCETYPE_DISK,
                             .lpLocalName = local,
                             .lpRemoteName = (char *)(uintptr_t)our_remote};

    return (long)WNetAddConnection2A(&resource, our_password, our_user, 0);
}

static long our_disconnect(void) {
    return (long)WNetCancelConnection2A("Z:", 0, FALSE);
}

static const char *our_path(const char *path) {
    static char whole[512];

    snprintf(whole, sizeof whole, "Z:/%s", path);
    return whole;
}

static long our_open(const char *path, bool create) {
    return MprFileOpen(our_path(path), create ? O_RDWR | O_CREAT | O_TRUNC : O_RDONLY, 0644,
                       &our_file);
}

static long our_close(void) {
    return MprFileClose(our_file);
}

static long our_unlink(const char *path) {
    return MprFileUnlink(our_path(path));
}

static ssize_t our_read(void *data, size_t size, uint64_t offset) {
    return MprFilePread(our_file, data, size, offset);
}

static ssize_t our_write(const void *data, size_t size, uint64_t offset) {
    return MprFilePwrite(our_file, data, size, offset);
}

static long our_list(const char *directory) {
    struct mpr_stat attributes;
    const char *name;
    HANDLE dir;
    long count = 0;
    int rc = MprDirOpen(our_path(directory), &dir);

    if (rc)
        return rc;
    while ((rc = MprDirRead(dir, &name, &attributes)) > 0)
        count++;
    MprFileClose(dir);
    return rc < 0 ? rc : count;
}

const struct side *bench_our_side(const char *remote, const char *user, const char *password) {
    static const struct side side = {"file.h",   our_connect, our_disconnect, our_open, our_close,
                                     our_unlink, our_read,    our_write,      our_list, NULL};

    our_remote = remote;
    our_user = user;
    our_password = password;
    return &side;
}

/* --- what is measured: seconds of one round --- */

static char *block;
static double connect_seconds, disconnect_seconds;

static double connect_and_cancel(const struct side *side) {
    double begin = bench_now();
    long rc = side->connect();
    double middle = bench_now();

    bench_need(rc == 0, side->name, rc);
    rc = side->disconnect();
    bench_need(rc == 0, side->name, rc);
    connect_seconds = middle - begin;
    disconnect_seconds = bench_now() - middle;
    return connect_seconds + disconnect_seconds;
}

static double write_bulk(const struct side *side) {
    double begin = bench_now();

    bench_need(side->open("bulk", true) == 0, side->name, 0);
    for (uint64_t at = 0; at < BULK; at += BLOCK)
        bench_need(side->write(block, BLOCK, at) == (ssize_t)BLOCK, side->name, (long)at);
    bench_need(side->close() == 0, side->name, 0);
    return bench_now() - begin;
}

static double read_bulk(const struct side *side) {
    double begin = bench_now();

    bench_need(side->open("bulk", false) == 0, side->name, 0);
    for (uint64_t at = 0; at < BULK; at += BLOCK)
        bench_need(side->read(block, BLOCK, at) == (ssize_t)BLOCK, side->name, (long)at);
    bench_need(side->close() == 0, side->name, 0);
    return bench_now() - begin;
}

static double read_randomly(const struct side *side) {
    uint64_t state = 88172645463325252u;
    double begin;

    bench_need(side->open("bulk", false) == 0, side->name, 0);
    begin = bench_now();
    for (int i = 0; i < RANDOM_READS; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bench_need(side->read(block, 4096, state % (BULK / 4096) * 4096) == 4096, side->name, i);
    }
    begin = bench_now() - begin;
    side->close();
    return begin / RANDOM_READS;
}

static double list_many(const struct side *side) {
    double begin = bench_now();
    long count = side->list("many");

    bench_need(count == ENTRIES, side->name, count);
    return bench_now() - begin;
}

static double write_small(const struct side *side) {
    char path[64];
    double begin = bench_now();

    for (int i = 0; i < SMALL; i++) {
        snprintf(path, sizeof path, "small-%d", i);
        bench_need(side->open(path, true) == 0, side->name, i);
        bench_need(side->write(block, 4096, 0) == 4096, side->name, i);
        bench_need(side->close() == 0, side->name, i);
    }
    begin = bench_now() - begin;
    for (int i = 0; i < SMALL; i++) {
        snprintf(path, sizeof path, "small-%d", i);
        side->unlink(path);
    }
    return begin;
}

/* --- comparing --- */

static void in_turn(const struct side *bare, const struct side *ours, int rounds,
                    double (*measure)(const struct side *side), double *ret_bare,
                    double *ret_ours) {
    double a[CONNECTS], b[CONNECTS];

    measure(bare);
    measure(ours);
    for (int i = 0; i < rounds; i++) {
        a[i] = measure(bare);
        b[i] = measure(ours);
    }
    *ret_bare = bench_median(a, rounds);
    *ret_ours = bench_median(b, rounds);
}

static void print_row(const char *what, double bare, double ours, const char *unit, double ratio,
                      const char *goal) {
    printf("%-34s %10.2f %10.2f %-6s %8.2f   %s\n", what, bare, ours, unit, ratio, goal);
}

static void fill(const char *directory) {
    char path[600];

    snprintf(path, sizeof path, "%s/many", directory);
    mkdir(path, 0777);
    for (int i = 0; i < ENTRIES; i++) {
        int fd;

        snprintf(path, sizeof path, "%s/many/entry-%05d", directory, i);
        fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        bench_need(fd >= 0, path, i);
        close(fd);
    }
}

void bench_compare(const struct side *bare, const struct side *ours, const char *directory,
                   double connect_goal, double latency_goal_us) {
    const double mib = BULK / 1048576.0;
    char goal[80];
    double a, b;

    block = malloc(BLOCK);
    bench_need(block != NULL, "memory", 0);
    memset(block, 0x5A, BLOCK);
    fill(directory);
    printf("%-34s %10s %10s %-6s %8s   %s\n", "", bare->name, ours->name, "", "ratio", "goal");
    in_turn(bare, ours, CONNECTS, connect_and_cancel, &a, &b);
    snprintf(goal, sizeof goal, "at most %.2f", connect_goal);
    print_row("connect + disconnect", a * 1e3, b * 1e3, "ms", b / a, goal);
    bench_need(bare->connect() == 0 && ours->connect() == 0, "connecting", 0);
    in_turn(bare, ours, ROUNDS, write_bulk, &a, &b);
    print_row("write 256 MiB, 4 MiB calls", mib / a, mib / b, "MiB/s", a / b, "at least 0.90");
    in_turn(bare, ours, ROUNDS, read_bulk, &a, &b);
    print_row("read 256 MiB, 4 MiB calls", mib / a, mib / b, "MiB/s", a / b, "at least 0.90");
    in_turn(bare, ours, ROUNDS, read_randomly, &a, &b);
    snprintf(goal, sizeof goal, "at most %.0f us more: %+.1f us", latency_goal_us, (b - a) * 1e6);
    print_row("random read of 4 KiB", a * 1e6, b * 1e6, "us", b / a, goal);
    in_turn(bare, ours, ROUNDS, list_many, &a, &b);
    print_row("list 10000 with attributes", a * 1e3, b * 1e3, "ms", b / a, "");
    in_turn(bare, ours, ROUNDS, write_small, &a, &b);
    print_row("1000 files of 4 KiB", a * 1e3, b * 1e3, "ms", b / a, "");
    ours->unlink("bulk");
    ours->disconnect();
    bare->disconnect();
    free(block);
}
