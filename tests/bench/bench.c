/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench.c: clocks, medians, and a router to measure.
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <mpr/mpr.h>

static char root[256];
static char drop_in[512];

double bench_now(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b) {
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

double bench_median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[count / 2];
}

void bench_need(bool well, const char *what, long code) {
    if (well)
        return;
    fprintf(stderr, "%s failed: %ld\n", what, code);
    exit(1);
}

void bench_begin_router(const char *name, const char *worker_module, const char *options) {
    const char *modules = getenv("MPR_TEST_MODULES");
    char directory[400], worker[600] = "";
    FILE *file;
    DWORD rc;

    bench_need(modules != NULL, "finding MPR_TEST_MODULES", 0);
    snprintf(root, sizeof root, "%s/mpr-bench.XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    bench_need(mkdtemp(root) != NULL, "making a directory", 0);
    snprintf(directory, sizeof directory, "%s/providers.d", root);
    bench_need(mkdir(directory, 0755) == 0, "making a directory", 0);
    snprintf(drop_in, sizeof drop_in, "%s/10-%s.json", directory, name);
    file = fopen(drop_in, "we");
    bench_need(file != NULL, "writing a drop-in", 0);
    if (worker_module)
        snprintf(worker, sizeof worker, "\"worker_module\": \"%s/%s\", ", modules, worker_module);
    fprintf(file, "{\"name\": \"%s\", \"module\": \"%s/%s.so\", %s\"options\": %s}\n", name,
            modules, name, worker, options);
    fclose(file);
    rc = MprInitialize(root);
    bench_need(rc == NO_ERROR, "MprInitialize", (long)rc);
}

void bench_end_router(void) {
    char directory[400];

    MprShutdown();
    unlink(drop_in);
    snprintf(directory, sizeof directory, "%s/providers.d", root);
    rmdir(directory);
    rmdir(root);
}
