/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * asleep.c: see asleep.h.
 */
#include "config.h"

#include "tests/lab/asleep.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LOOKS       10 /* in a row: a thread sleeps for a moment at every lock, too */
#define LOOK_MS     5
#define PATIENCE_MS 20000

static bool sleeps(int thread) {
    char path[64], line[512] = "";
    const char *rest;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
    file = thread ? fopen(path, "re") : NULL;
    if (!file)
        return false;
    rest = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    return rest && strncmp(rest, ") S", 3) == 0;
}

bool asleep_wait(const atomic_int *thread) {
    const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
    int looks = 0;

    for (int i = 0; i < PATIENCE_MS / LOOK_MS && looks < LOOKS; i++) {
        looks = sleeps(atomic_load(thread)) ? looks + 1 : 0;
        nanosleep(&look, NULL);
    }
    return looks == LOOKS;
}
