/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lone_crowd: threads of one process on connections of the service, one of which comes and
 * goes by force meanwhile; and the end of the router under them.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define THREADS 6
#define ROUNDS  6

static atomic_bool stop;
static atomic_int stays_failed, goes_wrong, done;

/* A whole file on a device that stays. */
static int use_file(const char *path) {
    char byte = 0;
    HANDLE file;
    int rc = MprFileOpen(path, O_RDWR | O_CREAT, 0666, &file);

    if (rc)
        return rc;
    rc = (int)MprFilePwrite(file, "x", 1, 0);
    if (rc == 1)
        rc = (int)MprFilePread(file, &byte, 1, 0);
    rc = rc == 1 ? 0 : rc;
    return MprFileClose(file) || rc ? (rc ? rc : -EIO) : 0;
}

/* What a device that comes and goes may answer. */
static bool is_fit(int rc) {
    return rc == 0 || rc == -ENOTCONN || rc == -EIO || rc == -EBUSY || rc == -ENOENT;
}

static void *use(void *context) {
    char stays[64], goes[64], remote[128];

    snprintf(stays, sizeof stays, "Z:/stays%d", (int)(intptr_t)context);
    snprintf(goes, sizeof goes, "Y:/goes%d", (int)(intptr_t)context);
    while (!atomic_load(&stop)) {
        DWORD size = sizeof remote;
        struct mpr_stat facts;

        if (use_file(stays) || MprFileStat(stays, &facts)
            || WNetGetConnectionA("Z:", remote, &size) != NO_ERROR)
            atomic_fetch_add(&stays_failed, 1);
        if (!is_fit(use_file(goes)))
            atomic_fetch_add(&goes_wrong, 1);
        atomic_fetch_add(&done, 1);
    }
    return NULL;
}

static void come_and_go(void) {
    int rounds = secure_getenv("MPR_TEST_LONG") ? 10 * ROUNDS : ROUNDS;
    int failed = 0;

    for (int i = 0; i < rounds; i++) {
        failed += call_add("Y:", "\\\\memory\\goes", NULL, 0) != NO_ERROR;
        usleep(10000);
        failed += WNetCancelConnection2A("Y:", 0, TRUE) != NO_ERROR;
    }
    tap_ok(failed == 0, "%d of %d failed", failed, 2 * rounds);
}

/* Until it is told that the router has ended. */
static void *use_until_the_end(void *context) {
    struct mpr_stat facts;

    (void)context;
    while (!atomic_load(&stop))
        MprFileStat("Z:/stays0", &facts);
    return NULL;
}

static void run(void *(*function)(void *), void (*meanwhile)(void)) {
    pthread_t threads[THREADS];

    atomic_store(&stop, false);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, function, (void *)(intptr_t)i)) {
            printf("Bail out! no thread\n");
            exit(99);
        }
    meanwhile();
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void end_router(void) {
    usleep(100000);
    tap_code(MprShutdown(), NO_ERROR, "the router ends while threads use it");
}

int main(void) {
    setenv("MPR_SESSION", "1", 1);
    stage_set("\"shares\": \"stays,goes\"", NULL, NULL);
    tap_code(call_add("Z:", "\\\\memory\\stays", NULL, 0), NO_ERROR, "connect");
    run(use, come_and_go);
    tap_ok(atomic_load(&done) > 0, "%d rounds of threads", atomic_load(&done));
    tap_ok(atomic_load(&stays_failed) == 0, "%d failures where nothing has changed",
           atomic_load(&stays_failed));
    tap_ok(atomic_load(&goes_wrong) == 0, "%d odd answers of what has gone",
           atomic_load(&goes_wrong));
    run(use_until_the_end, end_router);
    stage_strike();
    return tap_done();
}
