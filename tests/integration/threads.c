/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * threads.c: many threads on one session of the provider that the program's name
 * begins with, nfs or sftp, on sessions of their own, and on sessions that come and
 * go and are aborted under them.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/integration/table.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define THREADS 8
#define SECONDS 3
#define SIZE    300000

static const char *remote = "nfshost:/rw";
static void *shared;
static atomic_int failures, rounds, aborts;
static atomic_bool stop;

static void fail(const char *what, long rc) {
    atomic_fetch_add(&failures, 1);
    printf("# %s: %ld\n", what, rc);
}

static int count_entry(void *context, const char *name, const struct mpr_stat *stat) {
    (void)name;
    (void)stat;
    ++*(int *)context;
    return 0;
}

/* Writes a file of its own, reads it back, and looks round. */
static void work(void *session, int thread, int round) {
    struct mpr_call call = table_call(20000);
    char name[32], *data = malloc(SIZE), *back = malloc(SIZE);
    size_t size = round % 3 ? 4096 : SIZE;
    struct mpr_stat stat;
    int64_t rc;
    void *file;
    int count = 0;

    if (!data || !back)
        exit(99);
    snprintf(name, sizeof name, "thread%d", thread);
    memset(data, thread * 16 + round % 16, size);
    rc = table_ops->open(session, &call, name, O_RDWR | O_CREAT, 0644, &file);
    if (rc) {
        fail("open", rc);
    } else {
        if ((rc = table_ops->pwrite(session, &call, file, data, size, 0)) != (int64_t)size)
            fail("pwrite", rc);
        if ((rc = table_ops->pread(session, &call, file, back, size, 0)) != (int64_t)size
            || memcmp(data, back, size))
            fail("pread", rc);
        if ((rc = table_ops->close(session, &call, file)))
            fail("close", rc);
    }
    if ((rc = table_ops->stat(session, &call, name, &stat)))
        fail("stat", rc);
    if ((rc = table_ops->readdir(session, &call, "", count_entry, &count)) || !count)
        fail("readdir", rc);
    atomic_fetch_add(&rounds, 1);
    free(data);
    free(back);
}

static void *share(void *argument) {
    for (int round = 0; !atomic_load(&stop); round++)
        work(shared, (int)(intptr_t)argument, round);
    return NULL;
}

static void *own(void *argument) {
    for (int round = 0; !atomic_load(&stop); round++) {
        void *session = table_need(remote, NULL);
        struct mpr_call call = table_call(5000);

        work(session, (int)(intptr_t)argument, round);
        table_ops->disconnect(session, &call, round % 2);
    }
    return NULL;
}

/* Two threads use a session until a third aborts it. */
static void *use_until_aborted(void *session) {
    int64_t rc = 0;

    while (rc == 0) {
        struct mpr_call call = table_call(20000);
        struct mpr_stat stat;

        rc = table_ops->stat(session, &call, "", &stat);
    }
    if (rc != -ENOTCONN && rc != -ECANCELED)
        fail("stat of an aborted session", rc);
    return NULL;
}

static void *abort_some(void *argument) {
    (void)argument;
    while (!atomic_load(&stop)) {
        void *session = table_need(remote, NULL);
        struct mpr_call call = table_call(5000);
        pthread_t users[2];

        for (size_t i = 0; i < 2; i++)
            if (pthread_create(&users[i], NULL, use_until_aborted, session))
                exit(99);
        usleep(3000);
        table_ops->abort(session);
        for (size_t i = 0; i < 2; i++)
            pthread_join(users[i], NULL);
        table_ops->disconnect(session, &call, 1);
        atomic_fetch_add(&aborts, 1);
    }
    return NULL;
}

static void run(void *(*function)(void *), const char *what) {
    pthread_t threads[THREADS];

    tap_group("%s", what);
    atomic_store(&stop, false);
    atomic_store(&failures, 0);
    atomic_store(&rounds, 0);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, function, (void *)(intptr_t)i))
            exit(99);
    sleep(SECONDS);
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    tap_ok(atomic_load(&failures) == 0, "no failure in %d rounds, %d aborts", atomic_load(&rounds),
           atomic_load(&aborts));
}

static void open_sftp(void) {
    const char *keys = stage_env("MPR_LAB_SSH_KEYS");
    char known[512], identity[512];
    const char *const options[] = {"known_hosts", known, "identity", identity, NULL};

    snprintf(known, sizeof known, "%s/known_hosts", keys);
    snprintf(identity, sizeof identity, "%s/root_key", keys);
    table_open("sftp", options);
    remote = "sftp://sshhost/rw";
}

int main(void) {
    const char *name = program_invocation_short_name;
    struct mpr_call call;

    if (strncmp(name, "lt-", 3) == 0) /* a program that libtool has wrapped */
        name += 3;
    if (strncmp(name, "sftp", 4) == 0)
        open_sftp();
    else
        table_open("nfs", NULL);
    shared = table_need(remote, NULL);
    run(share, "threads on one session");
    run(own, "threads with sessions of their own");
    run(abort_some, "sessions that are aborted");
    call = table_call(5000);
    tap_ok(table_ops->disconnect(shared, &call, 0) == 0, "disconnect");
    table_close();
    return tap_done();
}
