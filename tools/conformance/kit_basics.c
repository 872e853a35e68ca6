/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_basics.c: texts, time, threads and files of a check. See kit.h.
 */
#include "config.h"

#include "tools/conformance/kit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tools/conformance/kit_report.h"

#define THREADS_MAX 64

const char *kit_text(const char *format, ...) {
    static _Thread_local char buffers[8][1024];
    static _Thread_local unsigned turn;
    char *buffer = buffers[turn++ % 8];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(buffer, sizeof buffers[0], format, arguments);
    va_end(arguments);
    return buffer;
}

int64_t kit_ms(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void kit_sleep(int ms) {
    int64_t end = kit_ms() + ms;

    for (int64_t left = ms; left > 0; left = end - kit_ms())
        poll(NULL, 0, (int)left);
}

int64_t kit_limit(int64_t ms) {
    return ms * kit_manner.patience;
}

void kit_within(int64_t began, int64_t ms) {
    int64_t took = kit_ms() - began;

    if (took > kit_limit(ms))
        kit_fail(kit_text("an answer within %lld ms", (long long)kit_limit(ms)), "it took %lld ms",
                 (long long)took);
}

unsigned kit_rounds(unsigned rounds) {
    return kit_manner.quick && rounds > 10 ? rounds / 10 : rounds;
}

struct crowd {
    pthread_barrier_t start;
    void (*fn)(void *context, unsigned number);
    void *context;
};

struct member {
    struct crowd *crowd;
    unsigned number;
    pthread_t thread;
};

static void *run_member(void *argument) {
    struct member *member = argument;

    pthread_barrier_wait(&member->crowd->start);
    member->crowd->fn(member->crowd->context, member->number);
    return NULL;
}

void kit_threads(unsigned count, void (*fn)(void *context, unsigned number), void *context) {
    struct crowd crowd = {.fn = fn, .context = context};
    struct member members[THREADS_MAX];

    if (count > THREADS_MAX)
        count = THREADS_MAX;
    pthread_barrier_init(&crowd.start, NULL, count);
    for (unsigned i = 0; i < count; i++) {
        members[i] = (struct member){.crowd = &crowd, .number = i};
        if (pthread_create(&members[i].thread, NULL, run_member, &members[i]))
            kit_broken("no thread can be started: %s", strerror(errno));
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(members[i].thread, NULL);
    pthread_barrier_destroy(&crowd.start);
}

const char *kit_path(const char *name) {
    return kit_text("%s/%s", kit_manner.directory, name);
}

void kit_write(const char *name, const char *text) {
    char path[1024];
    size_t size = strlen(text);
    int fd;

    snprintf(path, sizeof path, "%s", kit_path(name));
    for (char *slash = strchr(path + strlen(kit_manner.directory) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text, size) != (ssize_t)size)
        kit_broken("%s cannot be written: %s", path, strerror(errno));
    close(fd);
}
