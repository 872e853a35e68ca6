/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench_drives.c: what a program sees on a drive, in one run with what it would see with
 * the bare library and on others' drives. Each figure is the best of some.
 */
#include "config.h"

#include "tests/bench/bench_drives.h"

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "tests/bench/delay.h"
#include "tests/lab/stage.h"
#include "tests/session/drive.h"

#define BULK         (256u << 20)
#define FAR_BULK     (256u << 20)
#define BLOCK        (1u << 20)
#define ROUNDS       5
#define RIVAL_ROUNDS 2 /* some take minutes */
#define ENTRIES      10000
#define SMALL        1000
#define STATS        300
#define FAR_MS       10 /* each way */
#define PROGRAMS     32

extern char **environ;

enum row { ROW_WRITE, ROW_READ, ROW_STAT, ROW_LIST, ROW_SMALL, ROWS };

static char *block;

/* --- a drive is a directory --- */

static char where[4200]; /* the directory of the side that is measured */
static int open_fd;

static const char *in_directory(const char *path) {
    static char whole[4500];

    snprintf(whole, sizeof whole, "%s/%s", where, path);
    return whole;
}

static long posix_nothing(void) {
    return 0;
}

static long posix_open(const char *path, bool create) {
    open_fd = open(in_directory(path),
                   create ? O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0644);
    return open_fd < 0;
}

/* The kernel is to have nothing of a file that is read. */
static void drop_pages(const char *path) {
    if (posix_open(path, false) == 0) {
        posix_fadvise(open_fd, 0, 0, POSIX_FADV_DONTNEED);
        close(open_fd);
    }
}

static long posix_close(void) {
    return close(open_fd);
}

static long posix_unlink(const char *path) {
    return unlink(in_directory(path));
}

static ssize_t posix_read(void *data, size_t size, uint64_t offset) {
    return pread(open_fd, data, size, (off_t)offset);
}

static ssize_t posix_write(const void *data, size_t size, uint64_t offset) {
    return pwrite(open_fd, data, size, (off_t)offset);
}

static long posix_list(const char *path) {
    DIR *dir = opendir(in_directory(path));
    struct dirent *entry;
    struct stat facts;
    long count = 0;

    if (!dir)
        return -1;
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.' && fstatat(dirfd(dir), entry->d_name, &facts, 0) == 0)
            count++;
    closedir(dir);
    return count;
}

static long posix_stat(const char *path) {
    struct stat facts;

    return stat(in_directory(path), &facts);
}

static const struct side posix_side = {"drive",     posix_nothing, posix_nothing, posix_open,
                                       posix_close, posix_unlink,  posix_read,    posix_write,
                                       posix_list,  posix_stat};

/* --- what is measured, in seconds --- */

static double write_bulk(const struct side *side, size_t size) {
    double begin = bench_now();

    bench_need(side->open("bulk", true) == 0, side->name, 0);
    for (uint64_t at = 0; at < size; at += BLOCK)
        bench_need(side->write(block, BLOCK, at) == (ssize_t)BLOCK, side->name, (long)at);
    bench_need(side->close() == 0, side->name, 0);
    return bench_now() - begin;
}

static double read_bulk(const struct side *side, size_t size) {
    double begin;

    if (side == &posix_side)
        drop_pages("bulk");
    begin = bench_now();
    bench_need(side->open("bulk", false) == 0, side->name, 0);
    for (uint64_t at = 0; at < size; at += BLOCK)
        bench_need(side->read(block, BLOCK, at) == (ssize_t)BLOCK, side->name, (long)at);
    bench_need(side->close() == 0, side->name, 0);
    return bench_now() - begin;
}

/* Of files that it has not seen yet: each round has others. */
static double stat_some(const struct side *side, int round) {
    char path[64];
    double begin = bench_now();

    for (int i = 0; i < STATS; i++) {
        snprintf(path, sizeof path, "cold/entry-%05d", round * STATS + i);
        bench_need(side->stat(path) == 0, path, i);
    }
    return (bench_now() - begin) / STATS;
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

static void keep_best(double *best, double seconds) {
    if (*best == 0 || seconds < *best)
        *best = seconds;
}

/* One round of every row. A round that lists waits until no cache of a second knows it. */
static void measure(const struct side *side, int round, double *best) {
    keep_best(&best[ROW_WRITE], write_bulk(side, BULK));
    keep_best(&best[ROW_READ], read_bulk(side, BULK));
    keep_best(&best[ROW_STAT], stat_some(side, round));
    usleep(1200000);
    keep_best(&best[ROW_LIST], list_many(side));
    keep_best(&best[ROW_SMALL], write_small(side));
}

/* --- others' drives --- */

struct contestant {
    const char *name;
    const struct side *side;
    char directory[4200];
    double best[ROWS];
    pid_t pid;
    int line; /* its standard input */
};

static void start_rival(const struct drive_bench *bench, const char *name, struct contestant *ret) {
    char program[1024], place[512],
        *arguments[] = {program, (char *)(uintptr_t)name, (char *)(uintptr_t)bench->kind, place,
                        NULL};
    posix_spawn_file_actions_t actions;
    int in[2], out[2];
    FILE *words;

    snprintf(program, sizeof program, "%s/tests/bench/rival", stage_env("abs_top_srcdir"));
    snprintf(place, sizeof place, "%s/%s", stage_env("MPR_LAB"), name);
    mkdir(place, 0700);
    bench_need(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "a pipe", 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    bench_need(posix_spawn(&ret->pid, program, &actions, NULL, arguments, environ) == 0, program,
               0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    words = fdopen(out[0], "r");
    ret->name = name;
    ret->side = &posix_side;
    ret->line = in[1];
    if (!words || !fgets(ret->directory, sizeof ret->directory, words))
        ret->directory[0] = '\0';
    ret->directory[strcspn(ret->directory, "\n")] = '\0';
    if (words)
        fclose(words);
}

static void end_rival(struct contestant *rival) {
    if (rival->pid <= 0)
        return;
    close(rival->line);
    waitpid(rival->pid, NULL, 0);
}

/* --- the drive --- */

static void connect_drive(const struct drive_bench *bench, const char *device, const char *remote,
                          char *ret_directory, size_t size) {
    NETRESOURCEA resource = {.dwType = RESOURCETYPE_DISK,
                             .lpLocalName = (char *)(uintptr_t)device,
                             .lpRemoteName = (char *)(uintptr_t)remote};
    DWORD rc = WNetAddConnection2A(&resource, bench->password, bench->user, CONNECT_TEMPORARY);

    bench_need(rc == NO_ERROR, remote, (long)rc);
    snprintf(ret_directory, size, "%s", drive_directory(device));
    bench_need(ret_directory[0] != '\0', "a mounted drive", 0);
}

static double memory_of(const char *program) {
    pid_t pids[PROGRAMS];
    size_t count = drive_processes(program, pids, PROGRAMS);
    double sum = 0;

    for (size_t i = 0; i < count && i < PROGRAMS; i++) {
        char path[64], line[256];
        long kib;
        FILE *file;

        snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pids[i]);
        file = fopen(path, "re");
        while (file && fgets(line, sizeof line, file))
            if (sscanf(line, "Pss: %ld", &kib) == 1)
                sum += (double)kib / 1024;
        if (file)
            fclose(file);
    }
    return sum;
}

/* --- the table --- */

static void print_row(const char *what, const struct contestant *all, size_t count, int row,
                      double factor, bool rate, double goal) {
    double ours = rate ? factor / all[1].best[row] : factor * all[1].best[row];

    printf("%-28s", what);
    for (size_t i = 0; i < count; i++) {
        double best = all[i].best[row];

        if (best == 0)
            printf("%10s", "-");
        else
            printf("%10.*f", rate || factor > 1e3 ? 0 : 1, rate ? factor / best : factor * best);
    }
    printf("   %s %g: %s\n", rate ? "at least" : "at most", goal,
           (rate ? ours >= goal : ours <= goal) ? "met" : "MISSED");
}

static void print_table(const struct drive_bench *bench, const struct contestant *all,
                        size_t count) {
    printf("%-28s", "");
    for (size_t i = 0; i < count; i++)
        printf("%10s", all[i].name);
    printf("   goal\n");
    print_row("write 256 MiB, MiB/s", all, count, ROW_WRITE, BULK / 1048576.0, true, bench->write);
    print_row("read 256 MiB, MiB/s", all, count, ROW_READ, BULK / 1048576.0, true, bench->read);
    print_row("stat, not cached, us", all, count, ROW_STAT, 1e6, false, bench->stat);
    print_row("list 10000 with stat, ms", all, count, ROW_LIST, 1e3, false, bench->list * 1e3);
    print_row("1000 files of 4 KiB, ms", all, count, ROW_SMALL, 1e3, false, bench->small * 1e3);
}

static void fill(const char *directory, const char *name, int entries) {
    char path[600];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    mkdir(path, 0777);
    for (int i = 0; i < entries; i++) {
        int fd;

        snprintf(path, sizeof path, "%s/%s/entry-%05d", directory, name, i);
        fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
        bench_need(fd >= 0, path, i);
        close(fd);
    }
    snprintf(path, sizeof path, "%s/%s", directory, name);
    chmod(path, 0777);
}

/* The same server at the end of a line of 20 ms. */
static void measure_far(const struct drive_bench *bench) {
    double best_read = 0, best_write = 0;
    uint16_t ports[2] = {0, 0};
    char remote[256];

    for (int i = 0; i < 2 && bench->ports[i]; i++)
        ports[i] = delay_start((uint16_t)strtoul(bench->ports[i], NULL, 10), FAR_MS);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(remote, sizeof remote, bench->far, (unsigned)ports[0], (unsigned)ports[1]);
#pragma GCC diagnostic pop
    connect_drive(bench, "Y:", remote, where, sizeof where);
    for (int i = 0; i < 3; i++) {
        keep_best(&best_write, write_bulk(&posix_side, FAR_BULK));
        keep_best(&best_read, read_bulk(&posix_side, FAR_BULK));
    }
    posix_unlink("bulk");
    printf("at 20 ms: read %.0f MB/s (at least %g), write %.0f MB/s (at least %g)\n",
           FAR_BULK / 1e6 / best_read, bench->far_read, FAR_BULK / 1e6 / best_write,
           bench->far_write);
    WNetCancelConnection2A("Y:", 0, TRUE);
}

void bench_drives(const struct side *bare, const struct drive_bench *bench) {
    static const char *const names[] = {"smbnetfs", "rclone", "gvfs"};
    static struct contestant all[5];
    size_t count = 2;

    drive_need_fuse();
    block = calloc(1, BLOCK);
    bench_need(block != NULL, "memory", 0);
    fill(bench->directory, "many", ENTRIES);
    fill(bench->directory, "cold", ROUNDS * STATS);
    setenv("MPR_SESSION", "1", 1);
    stage_set(NULL, NULL, NULL);
    all[0] = (struct contestant){.name = bare->name, .side = bare};
    all[1] = (struct contestant){.name = "drive", .side = &posix_side};
    bench_need(bare->connect() == 0, bare->name, 0);
    connect_drive(bench, "Z:", bench->remote, all[1].directory, sizeof all[1].directory);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        start_rival(bench, names[i], &all[count]);
        if (all[count].directory[0])
            count++;
        else
            end_rival(&all[count]);
    }
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < count; i++) {
            if (i >= 2 && round >= RIVAL_ROUNDS)
                continue;
            snprintf(where, sizeof where, "%s", all[i].directory);
            measure(all[i].side, round, all[i].best);
        }
    print_table(bench, all, count);
    printf("memory of the drive: %.1f MiB in mpr-drive, %.1f MiB in its workers\n",
           memory_of("mpr-drive"), memory_of("mpr-worker"));
    for (size_t i = 2; i < count; i++)
        end_rival(&all[i]);
    bare->unlink("bulk");
    bare->disconnect();
    WNetCancelConnection2A("Z:", 0, TRUE);
    measure_far(bench);
    stage_strike();
    free(block);
}
