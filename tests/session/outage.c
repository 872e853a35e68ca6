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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/mpr.h>
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

int main(int argc, char **argv) {
    static const struct identity anna = {"anna", "secret-words"};
    const char *name = strrchr(argv[0], '/');
    bool nfs = strstr(name ? name : argv[0], "nfs") != NULL;
    char remote[128], server[4096];

    (void)argc;
    drive_need_fuse();
    setenv("MPR_SESSION", "1", 1);
    stage_set(NULL, NULL, NULL);
    snprintf(remote, sizeof remote, "%s/%s", stage_env(nfs ? "MPR_LAB_NFS" : "MPR_LAB_SMB"),
             nfs ? "rw" : "pub");
    snprintf(server, sizeof server, "%s/%s", stage_env(nfs ? "MPR_LAB_NFS_DIR" : "MPR_LAB_SMB_DIR"),
             nfs ? "rw" : "pub");
    tap_code(call_add("Z:", remote, nfs ? NULL : &anna, 0), NO_ERROR, "connect");
    run(nfs ? "nfs" : "smb", server);
    tap_code(WNetCancelConnection2A("Z:", 0, TRUE), NO_ERROR, "cancel");
    stage_strike();
    return tap_done();
}
