/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_channels: file.h in several processes on one connection of the service, whose drive
 * dies, which is cancelled, and whose service ends.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/session.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/session/drive.h"

#define SOON_MS  5000
#define NAMELESS "\\\\nfshost\\rw\\elsewhere"

static HANDLE must_open(const char *path, int flags) {
    HANDLE file = NULL;

    tap_file(MprFileOpen(path, flags, 0666, &file), 0, "open %s", path);
    return file;
}

static void expect_read(HANDLE file, const char *wanted, const char *what) {
    char text[64] = "";

    tap_file(MprFilePread(file, text, sizeof text - 1, 0), (int64_t)strlen(wanted), "%s", what);
    tap_text(text, wanted, "%s: what was written", what);
}

static void write_all(const char *path, const char *text) {
    HANDLE file = must_open(path, O_WRONLY | O_CREAT | O_TRUNC);

    tap_file(MprFilePwrite(file, text, strlen(text), 0), (int64_t)strlen(text), "write %s", path);
    tap_file(MprFileClose(file), 0, "close %s", path);
}

/* ---- another process, with a library of its own */

/* Its words are one letter each. */
static int to_other = -1, from_other = -1;
static pid_t other;

static void serve_parent(int in, int out) {
    HANDLE file = NULL;
    char letter, text[64];

    while (read(in, &letter, 1) == 1) {
        int64_t rc = 0;

        switch (letter) {
        case 'i':
            rc = MprInitialize(stage_path("")) == NO_ERROR ? 0 : -EIO;
            break;
        case 'o':
            rc = MprFileOpen("Z:/shared", O_RDWR, 0, &file);
            break;
        case 'n':
            rc = MprFileOpen(NAMELESS "/file", O_RDWR | O_CREAT, 0666, &file);
            break;
        case 'r':
            rc = MprFilePread(file, text, sizeof text, 0);
            break;
        case 'w':
            rc = MprFilePwrite(file, "W", 1, 0);
            break;
        case 'c':
            rc = MprFileClose(file);
            break;
        default:
            _exit(1);
        }
        if (write(out, &rc, sizeof rc) != sizeof rc)
            _exit(1);
    }
    _exit(0);
}

static void start_other(void) {
    int down[2], up[2];

    if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC)) {
        printf("Bail out! no pipe\n");
        exit(99);
    }
    fflush(stdout);
    other = fork();
    if (other == 0) {
        close(down[1]);
        close(up[0]);
        serve_parent(down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    to_other = down[1];
    from_other = up[0];
}

static void ask_other(char letter, int64_t wanted, const char *what) {
    int64_t got = -EPIPE;

    if (write(to_other, &letter, 1) != 1 || read(from_other, &got, sizeof got) != sizeof got)
        got = -EPIPE;
    tap_file(got, wanted, "the other process: %s", what);
}

/* ---- the drive */

static pid_t only_drive(void) {
    pid_t pid = 0;

    return drive_processes("mpr-drive", &pid, 1) == 1 ? pid : 0;
}

static bool wait_for_drives(size_t wanted) {
    double began = stage_ms();
    pid_t pids[4];

    while (drive_processes("mpr-drive", pids, 4) != wanted)
        if (stage_ms() - began > SOON_MS)
            return false;
        else
            usleep(20000);
    return true;
}

static bool wait_for_end(pid_t pid) {
    double began = stage_ms();

    while (kill(pid, 0) == 0)
        if (stage_ms() - began > SOON_MS)
            return false;
        else
            usleep(1000);
    return true;
}

static void kill_drive(void) {
    pid_t pid = only_drive();
    HANDLE reader, writer;
    char start[2];

    tap_group("the drive is killed");
    reader = must_open("Z:/kept", O_RDONLY);
    writer = must_open("Z:/lost", O_WRONLY | O_CREAT);
    /* Of a file that one read has finished nothing more is known. */
    tap_file(MprFilePread(reader, start, sizeof start, 0), sizeof start, "read a part of it");
    tap_file(MprFilePwrite(writer, "x", 1, 0), 1, "a file is written to");
    if (!tap_ok(pid > 0, "there is one drive"))
        return;
    kill(pid, SIGKILL);
    tap_ok(wait_for_end(pid), "it is dead");
    expect_read(reader, "kept", "a file that is only read goes on");
    tap_file(MprFilePwrite(writer, "x", 1, 0), -EIO, "one that is written says so");
    tap_file(MprFileClose(writer), -EIO, "and at its end");
    tap_file(MprFileClose(reader), 0, "close the other");
    write_all("Z:/after", "after");
    tap_ok(only_drive() > 0 && only_drive() != pid, "there is another drive");
}

/* ---- who uses it */

struct found {
    const char *path; /* that is looked for, of the other process */
    unsigned count, more;
};

static int find_other(void *context, const struct mpr_holder *holder) {
    struct found *found = context;

    printf("# %d %s %s, %u more\n", (int)holder->pid, holder->command, holder->path, holder->more);
    if (holder->pid == other && holder->kind == MPR_HOLDER_FILE && *holder->command != '?'
        && strcmp(holder->path, found->path) == 0) {
        found->count++;
        found->more = holder->more;
    }
    return 0;
}

static void expect_holder(const char *name, const char *path, unsigned more) {
    struct found found = {.path = path};

    tap_code(MprHolders(name, find_other, &found), NO_ERROR, "who uses %s", name);
    tap_ok(found.count == 1, "the other process is listed once, with %s", path);
    tap_ok(found.more == more, "and %u more", found.more);
}

/* Of a connection that is nowhere mounted. */
static void use_nameless(void) {
    char words[128];

    tap_group("a file on a connection without a device");
    tap_code(call_add(NULL, NAMELESS, NULL, 0), NO_ERROR, "connect");
    ask_other('n', 0, "open");
    expect_holder(NAMELESS, NAMELESS "\\file", 0);
    tap_code(WNetCancelConnection2A(NAMELESS, 0, FALSE), ERROR_OPEN_FILES, "cancel");
    snprintf(words, sizeof words, "(process %d) has open " NAMELESS "\\file", (int)other);
    expect_words(words, NULL);
    ask_other('c', 0, "close");
    tap_code(WNetCancelConnection2A(NAMELESS, 0, FALSE), NO_ERROR, "cancel");
    tap_ok(wait_for_drives(1), "the other drive is left");
}

/* ---- cancelling */

static void cancel_shared(void) {
    char words[128];

    tap_group("a file that another process has open");
    write_all("Z:/shared", "shared");
    start_other();
    ask_other('i', 0, "start");
    ask_other('o', 0, "open");
    ask_other('r', 6, "read");
    use_nameless();
    tap_group("a file that another process has open");
    ask_other('o', 0, "open");
    ask_other('o', 0, "and once more");
    expect_holder("Z:", "Z:/shared", 2);
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), ERROR_OPEN_FILES, "cancel");
    snprintf(words, sizeof words, "(process %d) has open Z:/shared, and 2 more", (int)other);
    expect_words(words, NULL);
    ask_other('w', 1, "write");
    tap_code(WNetCancelConnection2A("Z:", 0, TRUE), NO_ERROR, "cancel by force");
    ask_other('r', -ENOTCONN, "read");
    ask_other('c', -ENOTCONN, "close what was written");
    ask_other('o', -ENOTCONN, "open again");
    tap_ok(wait_for_drives(0), "no drive is left");
}

static void map_again(const char *remote, const char *elsewhere) {
    struct mpr_stat facts;

    tap_group("a device that leads elsewhere at once");
    tap_code(call_add("Z:", remote, NULL, 0), NO_ERROR, "connect");
    tap_file(MprFileStat("Z:/after", &facts), 0, "what is there");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
    tap_file(MprFileStat("Z:/after", &facts), -ENOTCONN, "nothing is there");
    tap_code(call_add("Z:", elsewhere, NULL, 0), NO_ERROR, "connect to another");
    tap_file(MprFileStat("Z:/after", &facts), -ENOENT, "what is there");
    ask_other('o', -ENOENT, "the same there");
}

static void kill_service(void) {
    struct mpr_stat facts;
    HANDLE file;

    tap_group("the service is killed");
    write_all("Z:/open", "open");
    file = must_open("Z:/open", O_RDONLY);
    stage_service_kill();
    tap_code(call_add(NULL, "nfshost:/rw", NULL, 0), ERROR_NO_NETWORK, "connect");
    expect_words("`wnet status`", NULL);
    tap_ok(wait_for_drives(0), "no drive is left");
    tap_ok(MprFileStat("Z:/open", &facts) < 0, "a path leads nowhere");
    tap_ok(MprFileFstat(file, &facts) < 0, "nor does a handle");
    tap_file(MprFileClose(file), 0, "which can be closed");
    stage_service_start();
    tap_code(call_add("Z:", "nfshost:/rw", NULL, 0), NO_ERROR, "connect in another service");
    tap_file(MprFileStat("Z:/after", &facts), 0, "what is there");
}

int main(void) {
    char remote[128], elsewhere[128];

    setenv("MPR_SESSION", "1", 1);
    stage_set(NULL, NULL, NULL);
    snprintf(remote, sizeof remote, "%s/rw", stage_env("MPR_LAB_NFS"));
    snprintf(elsewhere, sizeof elsewhere, "%s/rw/elsewhere", stage_env("MPR_LAB_NFS"));
    tap_group("one process");
    tap_code(call_add("Z:", remote, NULL, 0), NO_ERROR, "connect");
    tap_file(MprFileMkdir("Z:/elsewhere", 0777), 0, "a directory");
    write_all("Z:/kept", "kept");
    kill_drive();
    cancel_shared();
    map_again(remote, elsewhere);
    kill_service();
    close(to_other);
    wait(NULL);
    stage_strike();
    return tap_done();
}
