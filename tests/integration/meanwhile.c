/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * meanwhile: what others may do while a call waits for a server that does not
 * answer. Nobody but callers of that very connection waits with it.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/asleep.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

static const struct identity anna = {"anna", "secret-words"};

static const double soon = 10000; /* ms; who waits for the others has to wait twice as long */

/* A call in a thread of its own. */
struct task {
    pthread_t thread;
    atomic_int id;
    const char *name; /* of a connection or of a file */
    DWORD code;
    int rc;
    double ms; /* how long it took */
    _Atomic bool done;
};

static void *add(void *data) {
    struct task *task = data;
    double begun = stage_ms();

    task->id = gettid();
    task->code = call_add("Z:", task->name, &anna, 0);
    task->ms = stage_ms() - begun;
    task->done = true;
    return NULL;
}

static void *look(void *data) {
    struct task *task = data;
    struct mpr_stat attributes;
    double begun = stage_ms();

    task->id = gettid();
    task->rc = MprFileStat(task->name, &attributes);
    task->ms = stage_ms() - begun;
    task->done = true;
    return NULL;
}

static void *cancel(void *data) {
    struct task *task = data;

    task->code = WNetCancelConnection2A(task->name, 0, FALSE);
    task->done = true;
    return NULL;
}

static void begin(struct task *task, void *(*function)(void *task), const char *name) {
    *task = (struct task){.name = name};
    if (pthread_create(&task->thread, NULL, function, task) != 0) {
        printf("Bail out! no thread\n");
        exit(99);
    }
}

static void expect_waiting(const struct task *task) {
    tap_ok(asleep_wait(&task->id) && !task->done, "it waits");
}

/* A working connection is made, used and cancelled. */
static void expect_others(const char *device, const char *remote) {
    struct mpr_stat attributes;
    double begun = stage_ms();
    char path[8];

    snprintf(path, sizeof(path), "%s/", device);
    tap_code(call_add(device, remote, &anna, 0), NO_ERROR, "connect %s to %s", device, remote);
    tap_file(MprFileStat(path, &attributes), 0, "use it");
    tap_code(WNetCancelConnection2A(device, 0, FALSE), NO_ERROR, "cancel it");
    tap_ok(stage_ms() - begun < soon, "without waiting (%.0f ms)", stage_ms() - begun);
}

static void expect_code_at_once(DWORD code, DWORD wanted, double begun, const char *what) {
    tap_code(code, wanted, "%s", what);
    tap_ok(stage_ms() - begun < soon, "at once (%.0f ms)", stage_ms() - begun);
}

static void connecting(const char *remote) {
    char name[256] = "";
    DWORD size = sizeof(name);
    struct task task;
    double begun;

    tap_group("while %s is being connected", remote);
    begin(&task, add, remote);
    expect_waiting(&task);
    begun = stage_ms();
    expect_code_at_once(call_add("Z:", "nfshost:/rw", NULL, 0), ERROR_ALREADY_ASSIGNED, begun,
                        "another one for the device");
    begun = stage_ms();
    expect_code_at_once(WNetCancelConnection2A("Z:", 0, FALSE), ERROR_DEVICE_IN_USE, begun,
                        "cancel");
    expect_others("Y:", "nfshost:/rw");
    expect_others("X:", "\\\\smbhost\\pub");
    tap_ok(!task.done, "it still waits");
    begun = stage_ms();
    tap_code(WNetCancelConnection2A("Z:", 0, TRUE), NO_ERROR, "cancel by force");
    tap_ok(stage_ms() - begun < soon, "within the bound (%.0f ms)", stage_ms() - begun);
    pthread_join(task.thread, NULL);
    tap_ok(task.code == ERROR_CANCELLED, "the one that waited was cancelled: %s",
           stage_code(task.code));
    tap_ok(task.ms < 2 * soon, "before its time (%.0f ms)", task.ms);
    tap_code(WNetGetConnectionA("Z:", name, &size), ERROR_NOT_CONNECTED, "nothing is left of it");
    tap_ok(call_count(RESOURCE_CONNECTED) == 0, "nothing is connected");
}

static void using(const char *server, const char *remote, const char *unharmed) {
    struct task task;
    double begun;

    tap_group("while an operation on %s waits", remote);
    tap_code(call_add("Z:", remote, &anna, 0), NO_ERROR, "connect");
    stage_ctl(server, "stop", NULL);
    begin(&task, look, "Z:/");
    expect_waiting(&task);
    begun = stage_ms();
    expect_code_at_once(WNetCancelConnection2A("Z:", 0, FALSE), ERROR_DEVICE_IN_USE, begun,
                        "cancel");
    expect_words("Z:", NULL);
    expect_others("Y:", unharmed);
    begun = stage_ms();
    tap_code(WNetCancelConnection2A("Z:", 0, TRUE), NO_ERROR, "cancel by force");
    tap_ok(stage_ms() - begun < soon, "within the bound (%.0f ms)", stage_ms() - begun);
    pthread_join(task.thread, NULL);
    tap_file(task.rc, -ENOTCONN, "the operation ends");
    stage_ctl(server, "cont", NULL);
    expect_others("Y:", remote);
}

static void two_at_once(const char *remote) {
    struct task tasks[2];
    int won = 0, lost = 0;

    tap_group("two cancel %s at once", remote);
    for (int round = 0; round < 10; round++) {
        if (call_add("Z:", remote, &anna, 0) != NO_ERROR)
            break;
        begin(&tasks[0], cancel, "Z:");
        begin(&tasks[1], cancel, "Z:");
        for (int i = 0; i < 2; i++) {
            pthread_join(tasks[i].thread, NULL);
            won += tasks[i].code == NO_ERROR;
            lost += tasks[i].code == ERROR_NOT_CONNECTED;
        }
    }
    tap_ok(won == 10 && lost == 10, "one has done it, the other finds nothing (%d, %d)", won, lost);
}

int main(void) {
    stage_set(NULL, "\"connect_timeout_ms\": 20000, \"io_timeout_ms\": 20000", NULL);
    connecting("\\\\silent\\pub");
    connecting("silent:/rw");
    connecting("\\\\dropped\\pub");
    using("smb", "\\\\smbhost\\pub", "nfshost:/rw");
    using("nfs", "nfshost:/rw", "\\\\smbhost\\pub");
    two_at_once("\\\\smbhost\\pub");
    two_at_once("nfshost:/rw");
    stage_strike();
    return tap_done();
}
