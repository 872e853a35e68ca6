/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drives.c: the router as the service has it: drives come, are used and go in several
 * threads, while others ask what they are doing, and kill their processes. Speaks TAP.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_conntab.h"
#include "router/mpr_drive_watch.h"
#include "router/mpr_mount.h"
#include "router/mpr_providers.h"
#include "router/mpr_time.h"
#include "tests/module/world.h"

#define USERS       3
#define ROUNDS      6
#define PAUSE_MS    60
#define END_MS      10000
#define MOST_KILLED 12

static _Atomic bool over;
static atomic_uint wrong, killed, told;

static void expect(bool good, const char *what, DWORD code) {
    if (good)
        return;
    printf("# %s: %u\n", what, code);
    wrong++;
}

static void write_file(const char *device, int round) {
    char path[512];
    int fd;

    snprintf(path, sizeof path, "%s/%s/%d", world_path("run/drives"), device, round);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return; /* its process was killed, or has just been */
    if (write(fd, "text", 4) == 4)
        told++;
    close(fd);
}

static void *use(void *context) {
    char device[] = {*(const char *)context, ':', '\0'};

    for (int round = 0; round < ROUNDS; round++) {
        DWORD rc = WNetAddConnection2A(&(NETRESOURCEA){.dwType = RESOURCETYPE_DISK,
                                                       .lpLocalName = device,
                                                       .lpRemoteName = (char[]){"\\\\memory\\a"}},
                                       NULL, NULL, 0);

        expect(rc == NO_ERROR, "connect", rc);
        for (int i = 0; i < 5; i++) {
            write_file(device, i);
            world_sleep(PAUSE_MS / 5);
        }
        rc = WNetCancelConnection2A(device, 0, round % 2);
        expect(rc == NO_ERROR, "cancel", rc);
    }
    return NULL;
}

/* Does something with every drive there is at the moment. */
static void visit(void (*fn)(struct mpr_conn *conn)) {
    struct mpr_conn **conns;
    size_t count;

    if (mpr_conntab_list(false, NULL, &conns, &count) != NO_ERROR)
        return;
    for (size_t i = 0; i < count; i++)
        fn(conns[i]);
    mpr_conntab_list_free(conns, count);
}

static void ask_one(struct mpr_conn *conn) {
    struct mpr_holder_list list = {.count = 0};
    struct mpr_drive_facts facts;

    if (mpr_drive_get_facts(conn, mpr_now_ns(), mpr_deadline_in_ms(PAUSE_MS), &facts))
        mpr_drive_facts_clear(&facts);
    if (mpr_drive_list_holders(conn, &list) == NO_ERROR)
        mpr_holder_list_clear(&list);
}

static void *ask(void *context) {
    while (!atomic_load(&over)) {
        mpr_drive_ask_all();
        visit(ask_one);
    }
    return context;
}

static void kill_one(struct mpr_conn *conn) {
    struct mpr_drive *drive = mpr_drive_find(conn);
    int process = drive ? mpr_worker_drive_process(drive->session) : -1;

    if (process >= 0) {
        killed += pidfd_send_signal(process, SIGKILL, NULL, 0) == 0;
        close(process);
    }
    if (drive)
        mpr_drive_unref(drive);
}

/* Not for ever: on a slow machine no process would live long enough to be connected. */
static void *murder(void *context) {
    while (!atomic_load(&over) && atomic_load(&killed) < MOST_KILLED) {
        world_sleep(3 * PAUSE_MS);
        visit(kill_one);
    }
    return context;
}

static bool is_clean(void) {
    struct mpr_mount found;
    char path[512];

    for (int i = 0; i < USERS; i++) {
        snprintf(path, sizeof path, "%s/%c:", world_path("run/drives"), 'X' + i);
        if (mpr_mount_find(path, &found) || access(path, F_OK) == 0)
            return false;
    }
    return true;
}

int main(void) {
    pthread_t users[USERS], asking, killing;
    static char letters[USERS];
    unsigned threads;

    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)
        || access("/dev/fuse", R_OK | W_OK)) {
        printf("1..0 # SKIP mounting is not allowed here\n");
        return 77;
    }
    world_make();
    world_memory("\"shares\": \"a\"");
    mpr_providers_run_in_drives(true);
    world_start();
    /* With the first thread a sanitizer starts one of its own. */
    atomic_store(&over, true);
    pthread_create(&asking, NULL, ask, NULL);
    pthread_join(asking, NULL);
    atomic_store(&over, false);
    threads = world_threads();
    pthread_create(&asking, NULL, ask, NULL);
    pthread_create(&killing, NULL, murder, NULL);
    for (int i = 0; i < USERS; i++) {
        letters[i] = (char)('X' + i);
        pthread_create(&users[i], NULL, use, &letters[i]);
    }
    for (int i = 0; i < USERS; i++)
        pthread_join(users[i], NULL);
    atomic_store(&over, true);
    pthread_join(asking, NULL);
    pthread_join(killing, NULL);
    printf("# %u files written, %u processes killed\n", told, killed);
    printf("%sok 1 - drives come and go\n", wrong ? "not " : "");
    printf("%sok 2 - they were used, and killed\n", told && killed ? "" : "not ");
    printf("%sok 3 - nothing is mounted any more\n", is_clean() ? "" : "not ");
    for (int i = 0; i < END_MS / 10 && world_threads() > threads; i++)
        world_sleep(10);
    printf("%sok 4 - no thread is left\n", world_threads() > threads ? "not " : "");
    printf("1..4\n");
    world_end();
    return 0;
}
