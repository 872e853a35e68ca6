/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_kills: service, workers, drives and servers are killed at random while programs
 * write. What was fsynced is on the server with the right bytes, and in the end all works
 * again by itself.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/session.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/session/drive.h"

#define WRITERS 4
#define SLOTS   6
#define SIZE    50000
#define BACK_MS 40000

/* What the writers say, in memory that they share with the test. */
static struct shared {
    _Atomic int over;
    _Atomic unsigned synced, failed;
    struct {
        _Atomic unsigned content; /* what was fsynced last; 0: nobody knows */
    } slots[WRITERS][SLOTS];
} * shared;

static const struct {
    const char *device, *server, *directory, *share;
} drives[] = {
    {"S:", "MPR_LAB_SMB", "MPR_LAB_SMB_DIR", "pub"},
    {"N:", "MPR_LAB_NFS", "MPR_LAB_NFS_DIR", "rw"},
};

static char directories[2][4096];
static uint32_t seed;

static uint32_t draw(uint32_t below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static void fill(unsigned char *data, unsigned content) {
    for (unsigned i = 0; i < SIZE; i++)
        data[i] = (unsigned char)(content * 2654435761u >> (i % 24));
}

/* ---- writers */

static bool write_slot(const char *path, const unsigned char *data) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool good;

    if (fd < 0)
        return false;
    good = write(fd, data, SIZE) == SIZE && fsync(fd) == 0;
    close(fd);
    return good;
}

static void write_on(unsigned writer) {
    static unsigned char data[SIZE];
    char path[8300];
    unsigned content = 0;

    while (!atomic_load(&shared->over)) {
        unsigned slot = content % SLOTS;

        content++;
        fill(data, content);
        snprintf(path, sizeof path, "%s/kills/%u.%u", directories[writer % 2], writer, slot);
        atomic_store(&shared->slots[writer][slot].content, 0);
        if (write_slot(path, data)) {
            atomic_store(&shared->slots[writer][slot].content, content);
            atomic_fetch_add(&shared->synced, 1);
        } else {
            atomic_fetch_add(&shared->failed, 1);
            poll(NULL, 0, 20);
        }
    }
    _exit(0);
}

/* ---- what is done to them */

static void kill_one(const char *name) {
    pid_t pids[64];
    size_t count = drive_processes(name, pids, 64);

    if (count)
        kill(pids[draw((uint32_t)(count < 64 ? count : 64))], SIGKILL);
}

static void kill_something(void) {
    uint32_t what = draw(10);

    if (what < 4)
        kill_one("mpr-worker");
    else if (what < 7)
        kill_one("mpr-drive");
    else if (what < 9)
        stage_ctl(draw(2) ? "smb" : "nfs", "restart", NULL);
    else
        stage_service_kill();
}

static void kill_for(double ms) {
    double end = stage_ms() + ms;

    while (stage_ms() < end) {
        poll(NULL, 0, 300 + (int)draw(1200));
        kill_something();
    }
}

/* ---- the result */

static void check_slot(unsigned writer, unsigned slot, unsigned *wrong) {
    static unsigned char wanted[SIZE], got[SIZE + 1];
    unsigned content = atomic_load(&shared->slots[writer][slot].content);
    ssize_t size = -1;
    char path[8300];
    int fd;

    if (!content)
        return;
    snprintf(path, sizeof path, "%s/%s/kills/%u.%u", stage_env(drives[writer % 2].directory),
             drives[writer % 2].share, writer, slot);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        size = read(fd, got, sizeof got);
        close(fd);
    }
    fill(wanted, content);
    if (size != SIZE || memcmp(wanted, got, SIZE) != 0) {
        printf("# %s has %zd bytes, or others than those that were fsynced\n", path, size);
        ++*wrong;
    }
}

static void connect_both(void) {
    static const struct identity anna = {"anna", "secret-words"};
    char remote[128];

    stage_write("credentials", "username=anna\npassword=secret-words\n");
    for (unsigned i = 0; i < 2; i++) {
        snprintf(remote, sizeof remote, "%s/%s", stage_env(drives[i].server), drives[i].share);
        tap_code(call_add(drives[i].device, remote, i ? NULL : &anna, CONNECT_UPDATE_PROFILE),
                 NO_ERROR, "%s is %s", drives[i].device, remote);
        snprintf(directories[i], sizeof directories[i], "%s", drive_directory(drives[i].device));
    }
    tap_code(MprSetCredentials("S:", MPR_CREDENTIALS_FILE, stage_path("credentials")), NO_ERROR,
             "the password is in a file");
}

static void run(double ms) {
    pid_t writers[WRITERS];
    unsigned wrong = 0;

    for (unsigned i = 0; i < 2; i++) {
        char path[8300];

        snprintf(path, sizeof path, "%s/kills", directories[i]);
        tap_ok(mkdir(path, 0777) == 0, "a directory on %s", drives[i].device);
    }
    fflush(stdout);
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = fork();
        if (writers[i] == 0)
            write_on(i);
    }
    kill_for(ms);
    stage_service_start(); /* as any command would */
    for (unsigned i = 0; i < 2; i++)
        tap_ok(drive_works(directories[i], BACK_MS), "%s works again", drives[i].device);
    atomic_store(&shared->over, 1);
    for (unsigned i = 0; i < WRITERS; i++)
        waitpid(writers[i], NULL, 0);
    for (unsigned i = 0; i < WRITERS; i++)
        for (unsigned slot = 0; slot < SLOTS; slot++)
            check_slot(i, slot, &wrong);
    tap_ok(atomic_load(&shared->synced) > 0, "%u writes were fsynced, %u failed",
           atomic_load(&shared->synced), atomic_load(&shared->failed));
    tap_ok(wrong == 0, "what was fsynced is on the servers");
}

int main(void) {
    bool is_long = secure_getenv("MPR_TEST_LONG") != NULL;

    drive_need_fuse();
    setenv("MPR_SESSION", "1", 1);
    seed = (uint32_t)getpid();
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    stage_set(NULL, "\"io_timeout_ms\": 3000", NULL);
    connect_both();
    run(is_long ? 120e3 : 20e3);
    tap_code(WNetCancelConnection2A("S:", CONNECT_UPDATE_PROFILE, TRUE), NO_ERROR, "cancel S:");
    tap_code(WNetCancelConnection2A("N:", CONNECT_UPDATE_PROFILE, TRUE), NO_ERROR, "cancel N:");
    stage_strike();
    return tap_done();
}
