/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker.c: many threads with sessions in worker processes, some of them one
 * and the same, while workers and the zygote die. Speaks TAP.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "tests/module/worker_lab.h"

#define THREADS 8

static struct lab lab;
static void *shared;
static _Atomic int wrong, done;
static int number;

static void report(bool good, const char *what) {
    printf("%sok %d - %s\n", good ? "" : "not ", ++number, what);
    if (!good)
        printf("# wrong %d, done %d\n", atomic_load(&wrong), atomic_load(&done));
    fflush(stdout);
    atomic_store(&wrong, 0);
    atomic_store(&done, 0);
}

static void run_threads(int count, void *(*work)(void *)) {
    pthread_t threads[THREADS];

    for (intptr_t i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)i))
            atomic_fetch_add(&wrong, 1000);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static bool connect_to(const char *remote, void **ret_session) {
    struct lab_call call;

    return lab_connect(&lab, &call, remote, NULL, ret_session) == NO_ERROR;
}

static void end(void *session, int force) {
    struct lab_call call;

    if (lab.table->disconnect(session, lab_call(&call, 20000), force) != NO_ERROR)
        atomic_fetch_add(&wrong, 1);
}

/* Every thread its file, its place and its size; what comes must be the pattern. */
static void read_some(void *session, intptr_t which, int times, bool may_fail) {
    unsigned char data[5000], wanted[5000];
    struct lab_call call;
    void *file;

    if (lab.table->open(session, lab_call(&call, 20000), "endless", O_RDONLY, 0, &file)) {
        atomic_fetch_add(may_fail ? &done : &wrong, 1);
        return;
    }
    for (int i = 0; i < times; i++) {
        size_t size = (size_t)(500 * (which + 1)) + (size_t)i % 500;
        uint64_t offset = (uint64_t)which * 100000 + (uint64_t)i;
        int64_t rc = lab.table->pread(session, lab_call(&call, 20000), file, data, size, offset);

        lab_pattern(wanted, size, offset);
        if (rc == (int64_t)size && memcmp(data, wanted, size) == 0)
            atomic_fetch_add(&done, 1);
        else if (rc >= 0 || !may_fail)
            atomic_fetch_add(&wrong, 1);
    }
    lab.table->close(session, lab_call(&call, 20000), file);
}

static void *share_session(void *which) {
    read_some(shared, (intptr_t)which, 200, false);
    return NULL;
}

static void *have_own_sessions(void *which) {
    for (int i = 0; i < 5; i++) {
        void *session;

        if (!connect_to("\\\\rogue\\own", &session)) {
            atomic_fetch_add(&wrong, 1);
            continue;
        }
        read_some(session, (intptr_t)which, 20, false);
        end(session, i & 1);
    }
    return NULL;
}

static void *live_with_death(void *which) {
    struct mpr_stat facts;
    struct lab_call call;

    if (which) {
        for (int i = 0; i < 10; i++)
            read_some(shared, (intptr_t)which, 10, true);
        return NULL;
    }
    for (int i = 0; i < 10; i++) {
        int rc =
            lab.table->stat(shared, lab_call(&call, 20000), i & 1 ? "crash" : "garbage", &facts);

        if (rc == 0)
            atomic_fetch_add(&wrong, 1);
        usleep(20000);
    }
    return NULL;
}

static void *be_aborted(void *which) {
    struct mpr_stat facts;
    struct lab_call call;

    if (!which) {
        usleep(50000);
        lab.table->abort(shared);
        return NULL;
    }
    for (;;) {
        int rc = lab.table->stat(shared, lab_call(&call, 20000),
                                 (intptr_t)which == 1 ? "hang" : "steady", &facts);

        if (rc == -ENOTCONN)
            return NULL;
        atomic_fetch_add(rc ? &wrong : &done, 1);
    }
}

static void *reconnect_over_death(void *which) {
    for (int i = 0; i < 10; i++) {
        void *session;

        if (connect_to("\\\\rogue\\own", &session)) {
            int zygote = lab_parent_of(lab_worker_pid(session));

            atomic_fetch_add(&done, 1);
            if (!which && i % 3 == 0 && zygote > 1)
                kill(zygote, SIGKILL);
            end(session, 1);
        }
    }
    return NULL;
}

int main(void) {
    int status, threads, fds = lab_count_fds();

    lab_deadly = true;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..8\n");
    if (lab_start(&lab, "rogue", NULL) != NO_ERROR || !connect_to("\\\\rogue\\share", &shared)) {
        printf("Bail out! no worker\n");
        return 1;
    }
    run_threads(THREADS, share_session);
    threads = lab_count_threads(); /* a sanitizer has one of its own by now */
    report(!wrong && done == THREADS * 200, "one session serves many threads");
    run_threads(THREADS, have_own_sessions);
    report(!wrong && done == THREADS * 100, "sessions come and go side by side");
    run_threads(THREADS, live_with_death);
    report(!wrong && done > 0, "a session outlives its workers");
    end(shared, 0);
    report(!wrong, "it ends in order");
    connect_to("\\\\rogue\\share", &shared);
    run_threads(THREADS, be_aborted);
    end(shared, 1);
    report(!wrong, "abort ends every thread's operation");
    run_threads(THREADS, reconnect_over_death);
    report(!wrong && done > 0, "sessions are made while zygotes die");
    lab_stop(&lab);
    report(waitpid(-1, &status, WNOHANG | __WALL) < 0 && errno == ECHILD, "no child is left");
    for (int i = 0; i < 2000 && lab_count_threads() != threads; i++)
        usleep(5000); /* joined is not yet gone */
    report(lab_count_fds() == fds && lab_count_threads() == threads,
           "no descriptor or thread is left");
    return 0;
}
