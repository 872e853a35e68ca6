/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_state.c: see kit_state.h.
 */
#include "config.h"

#include "tools/conformance/kit_state.h"

#include <dirent.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"

#define SETTLE_MS    2000 /* servers and threads take a moment to go */
#define QUIET_ROUNDS 5
#define WARM_UP      16
#define ESTABLISHED  1

extern char **environ;

static unsigned count_entries(const char *path) {
    DIR *directory = opendir(path);
    unsigned count = 0;

    if (!directory)
        kit_broken("%s cannot be read", path);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count - 2;
}

static unsigned count_mappings(void) {
    FILE *file = fopen("/proc/self/maps", "re");
    char line[1024];
    unsigned count = 0;

    while (file && fgets(line, sizeof line, file))
        count += strchr(line, '/') != NULL;
    if (file)
        fclose(file);
    return count;
}

static bool is_lab_port(unsigned port) {
    for (size_t i = 0; i < kit_lab.port_count; i++)
        if (kit_lab.ports[i] == port)
            return true;
    return false;
}

/* Connections that were opened to a port of the lab, by anybody in this network namespace. */
static unsigned count_sessions(const char *path) {
    FILE *file = fopen(path, "re");
    char line[512];
    unsigned count = 0, port, state;

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%*x %*[0-9A-Fa-f]:%x %x", &port, &state) == 2)
            count += state == ESTABLISHED && is_lab_port(port);
    if (file)
        fclose(file);
    return count;
}

struct kit_state kit_state(void) {
    return (struct kit_state){
        .descriptors = count_entries("/proc/self/fd") - 1, /* that of the counting */
        .threads = count_entries("/proc/self/task"),
        .mappings = count_mappings(),
        .sessions = count_sessions("/proc/net/tcp") + count_sessions("/proc/net/tcp6"),
        .heap = mallinfo2().uordblks,
    };
}

/* What was about to go may have gone: a helper's thread, its descriptor. */
static bool is_same(const struct kit_state *before, const struct kit_state *now) {
    return before->descriptors >= now->descriptors && before->threads >= now->threads
           && before->sessions >= now->sessions;
}

struct kit_state kit_state_settled(void) {
    int64_t end = kit_ms() + kit_limit(SETTLE_MS);
    struct kit_state last = kit_state(), now = last;

    for (int quiet = 0; quiet < QUIET_ROUNDS && kit_ms() < end;) {
        kit_sleep(5);
        now = kit_state();
        quiet = is_same(&last, &now) ? quiet + 1 : 0;
        last = now;
    }
    return now;
}

void kit_state_same(const struct kit_state *before, const char *after) {
    int64_t end = kit_ms() + kit_limit(SETTLE_MS);
    struct kit_state now = kit_state();
    int pause = 5;

    while (!is_same(before, &now) && kit_ms() < end) {
        kit_sleep(pause);
        pause = pause < 100 ? 2 * pause : pause; /* a look costs more than it waits */
        now = kit_state();
    }
    if (!is_same(before, &now))
        kit_fail(kit_text("%u descriptors, %u threads and %u sessions on the server %s, as before",
                          before->descriptors, before->threads, before->sessions, after),
                 "%u descriptors, %u threads and %u sessions", now.descriptors, now.threads,
                 now.sessions);
}

static void put_signals(FILE *out) {
    struct sigaction action;
    sigset_t mask;

    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int number = 1; number < 32; number++) {
        if (sigaction(number, NULL, &action))
            continue;
        fprintf(out, "signal %d: handler %p, flags %x, %s\n", number,
                action.sa_flags & SA_SIGINFO ? (void *)(uintptr_t)action.sa_sigaction
                                             : (void *)(uintptr_t)action.sa_handler,
                (unsigned)action.sa_flags, sigismember(&mask, number) ? "blocked" : "not blocked");
    }
}

static void put_limits(FILE *out) {
    struct rlimit limit;

    for (int i = 0; i < RLIM_NLIMITS; i++)
        if (getrlimit((__rlimit_resource_t)i, &limit) == 0)
            fprintf(out, "limit %d: %llu, %llu\n", i, (unsigned long long)limit.rlim_cur,
                    (unsigned long long)limit.rlim_max);
}

char *kit_process_state(void) {
    char *text = NULL, directory[4096] = "";
    size_t size;
    FILE *out = open_memstream(&text, &size);
    mode_t mask = umask(0);

    umask(mask);
    if (!out)
        kit_broken("there is no memory");
    put_signals(out);
    put_limits(out);
    fprintf(out, "locale: %s\numask: %o\ndirectory: %s\n", setlocale(LC_ALL, NULL), mask,
            getcwd(directory, sizeof directory) ? directory : "?");
    for (char **entry = environ; entry && *entry; entry++)
        fprintf(out, "environment: %s\n", *entry);
    fclose(out);
    return text;
}

static size_t measure_leak(void (*fn)(void *context), void *context, unsigned rounds) {
    size_t before = mallinfo2().uordblks, after;

    for (unsigned i = 0; i < rounds; i++)
        fn(context);
    after = mallinfo2().uordblks;
    return after > before ? (after - before) / rounds : 0;
}

/* What is lost once is no leak, as a table that grows: what is lost each time counts. */
size_t kit_leak(void (*fn)(void *context), void *context, unsigned rounds) {
    size_t leak = SIZE_MAX;

    for (unsigned i = 0; i < WARM_UP; i++)
        fn(context);
    for (int batch = 0; batch < 6 && leak; batch++) {
        size_t more = measure_leak(fn, context, rounds);

        if (more < leak)
            leak = more;
    }
    return leak;
}
