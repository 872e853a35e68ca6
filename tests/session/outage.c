/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_drive_outage, nfs_drive_outage: a file is read and another one written from end to end
 * while the server is dead for five seconds. Each comes out with the right bytes, or the
 * program is told.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/session.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/session/drive.h"

#define PIECE  (256u << 10)
#define PIECES 200u /* 50 MiB, of which one is moved in 10 ms */

static unsigned char wanted[PIECE], got[PIECE];

static void fill(unsigned piece) {
    for (unsigned i = 0; i < PIECE; i++)
        wanted[i] = (unsigned char)((i * 2654435761u + piece * 40503u) >> 13);
}

/* What a process came to: 0, errno, or this. */
#define WRONG_BYTES 255

static int write_all(const char *path, bool slowly) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0)
        return errno;
    for (unsigned i = 0; i < PIECES; i++) {
        fill(i);
        if (write(fd, wanted, PIECE) != (ssize_t)PIECE)
            return errno;
        if (slowly)
            poll(NULL, 0, 10);
    }
    if (fsync(fd))
        return errno;
    return close(fd) ? errno : 0;
}

static int read_all(const char *path, bool slowly) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    for (unsigned i = 0; i < PIECES; i++) {
        size_t done = 0;

        while (done < PIECE) {
            ssize_t size = read(fd, got + done, PIECE - done);

            if (size < 0)
                return errno;
            if (size == 0)
                return WRONG_BYTES;
            done += (size_t)size;
        }
        fill(i);
        if (memcmp(got, wanted, PIECE) != 0)
            return WRONG_BYTES;
        if (slowly)
            poll(NULL, 0, 10);
    }
    close(fd);
    return 0;
}

static pid_t start(int (*run)(const char *path, bool slowly), const char *path) {
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0)
        _exit(run(path, true));
    return pid;
}

static int end(pid_t pid) {
    int status = 0;

    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : WRONG_BYTES;
}

static void run(const char *protocol, const char *server) {
    char old_file[8300], new_file[8300], on_server[8300];
    const char *drive = drive_directory("Z:");
    pid_t reader, writer;
    int rc;

    snprintf(old_file, sizeof old_file, "%s/outage.old", drive);
    snprintf(new_file, sizeof new_file, "%s/outage.new", drive);
    snprintf(on_server, sizeof on_server, "%s/outage.new", server);
    tap_ok(write_all(old_file, false) == 0, "a file");
    reader = start(read_all, old_file);
    writer = start(write_all, new_file);
    poll(NULL, 0, 700);
    stage_ctl(protocol, "kill", NULL);
    poll(NULL, 0, 5000);
    stage_ctl(protocol, "start", NULL);
    rc = end(reader);
    tap_ok(rc != WRONG_BYTES, "what was read is right, or refused: %s",
           rc ? strerror(rc) : "it is right");
    rc = end(writer);
    tap_ok(rc != WRONG_BYTES, "what was written is stable, or refused: %s",
           rc ? strerror(rc) : "it is stable");
    tap_ok(rc != 0 || read_all(on_server, false) == 0,
           "what is said to be stable is on the server");
    tap_ok(drive_works(drive, 20000), "then it works again");
}

/* ---- what is told of it */

static atomic_int lost, back;

static int hear(void *context, const struct mpr_event *event) {
    (void)context;
    if (strcmp(event->device, "Z:") == 0 && event->kind == MPR_EVENT_LOST)
        atomic_store(&lost, 1);
    if (atomic_load(&lost) && event->kind == MPR_EVENT_BACK)
        atomic_store(&back, 1);
    return atomic_load(&back);
}

static void *subscribe(void *cancel_fd) {
    MprSubscribe(hear, *(const int *)cancel_fd, NULL);
    return NULL;
}

/* A session of NFS is not lost by that: it waits for the server itself, for as long as the bound. */
static void expect_events(pthread_t listener, int cancel_fd, bool waits) {
    for (int i = 0; i < 100 && !waits && !atomic_load(&back); i++)
        poll(NULL, 0, 100);
    close(cancel_fd);
    pthread_join(listener, NULL);
    if (waits)
        return;
    tap_ok(atomic_load(&lost), "it was told that the server was lost");
    tap_ok(atomic_load(&back), "and that it was back");
}

int main(int argc, char **argv) {
    static const struct identity anna = {"anna", "secret-words"};
    const char *name = strrchr(argv[0], '/');
    bool nfs = strstr(name ? name : argv[0], "nfs") != NULL;
    char remote[128], server[4096];
    pthread_t listener;
    int ends[2];

    (void)argc;
    drive_need_fuse();
    setenv("MPR_SESSION", "1", 1);
    stage_set(NULL, NULL, NULL);
    snprintf(remote, sizeof remote, "%s/%s", stage_env(nfs ? "MPR_LAB_NFS" : "MPR_LAB_SMB"),
             nfs ? "rw" : "pub");
    snprintf(server, sizeof server, "%s/%s", stage_env(nfs ? "MPR_LAB_NFS_DIR" : "MPR_LAB_SMB_DIR"),
             nfs ? "rw" : "pub");
    tap_code(call_add("Z:", remote, nfs ? NULL : &anna, 0), NO_ERROR, "connect");
    if (pipe2(ends, O_CLOEXEC) || pthread_create(&listener, NULL, subscribe, &ends[0]))
        return 99;
    run(nfs ? "nfs" : "smb", server);
    expect_events(listener, ends[1], nfs);
    tap_code(WNetCancelConnection2A("Z:", 0, TRUE), NO_ERROR, "cancel");
    stage_strike();
    return tap_done();
}
