/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_drive_cancel, nfs_drive_cancel: drives that other processes use, on real servers:
 * what a cancel says, and what by force ends whatever the server does.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/session/drive.h"

#define FORCED_MS  2000
#define SLACK_MS   4000
#define REPLACE_MS 20000

static const char *server;
static char remote[128], directory[PATH_MAX];

static void connect_drive(void) {
    static const struct identity anna = {"anna", "secret-words"};

    tap_code(call_add("Z:", remote, strcmp(server, "smb") == 0 ? &anna : NULL, 0), NO_ERROR,
             "Z: is %s", remote);
    snprintf(directory, sizeof directory, "%s", drive_directory("Z:"));
    tap_ok(*directory != '\0', "it is mounted on %s", directory);
}

/* A process that works in the drive, or has a file of it open. */
static pid_t hold(const char *script, const char *path) {
    char shell[] = "sh", option[] = "-c", dash[] = "sh", name[64], text[16] = "";
    char *script_copy = strdup(script), *path_copy = strdup(path);
    char *arguments[] = {shell, option, script_copy, dash, path_copy, NULL};
    pid_t pid;

    if (posix_spawn(&pid, "/bin/sh", NULL, NULL, arguments, environ))
        abort();
    free(script_copy);
    free(path_copy);
    snprintf(name, sizeof name, "/proc/%d/comm", (int)pid);
    for (int i = 0; i < 5000 && strncmp(text, "sleep", 5) != 0; i++) {
        FILE *file = fopen(name, "re");

        usleep(2000);
        if (file && !fgets(text, sizeof text, file))
            text[0] = '\0';
        if (file)
            fclose(file);
    }
    return pid;
}

static void let_go(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static const char *below(const char *name) {
    static char path[PATH_MAX + 64];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static bool words_have(const char *piece) {
    char text[1024] = "", name[128];
    DWORD code;

    WNetGetLastErrorA(&code, text, sizeof text, name, sizeof name);
    return strstr(text, piece) != NULL;
}

static void expect_gone(void) {
    pid_t pids[8];
    struct stat facts;

    tap_ok(lstat(directory, &facts) < 0 && errno == ENOENT, "nothing is mounted");
    for (int i = 0; i < 200 && drive_processes("mpr-drive", pids, 8); i++)
        usleep(50000);
    tap_ok(drive_processes("mpr-drive", pids, 8) == 0, "no process is left");
}

static void refuse(void) {
    int fd = open(below("held"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    char words[128];
    pid_t holder;

    tap_group("refused");
    tap_ok(fd >= 0 && write(fd, "text", 4) == 4 && close(fd) == 0, "a file");
    holder = hold("exec sleep 1000 <\"$1\"", below("held"));
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), ERROR_OPEN_FILES, "a file is open");
    snprintf(words, sizeof words, "sleep (process %d) has open Z:/held", (int)holder);
    tap_ok(words_have(words), "it is said who has it open");
    let_go(holder);
    holder = hold("cd \"$1\" && exec sleep 1000", directory);
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), ERROR_DEVICE_IN_USE, "a directory is used");
    snprintf(words, sizeof words, "sleep (process %d) works in Z:/", (int)holder);
    tap_ok(words_have(words), "it is said who works there");
    let_go(holder);
    tap_ok(unlink(below("held")) == 0, "nothing was changed");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "nobody uses it any more");
    expect_gone();
}

static void cancel_by_force(int file, pid_t holder) {
    double began = stage_ms(), took;

    tap_code(WNetCancelConnection2A("Z:", 0, TRUE), NO_ERROR, "by force");
    took = stage_ms() - began;
    tap_ok(took < FORCED_MS + SLACK_MS, "it took %.0f ms", took);
    tap_ok(pwrite(file, "x", 1, 0) < 0 && errno == ENOTCONN, "an open file is not connected");
    close(file);
    let_go(holder);
    expect_gone();
}

static void force_without_server(void) {
    pid_t holder;
    int fd;

    tap_group("the server is stopped");
    connect_drive();
    fd = open(below("forced"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    tap_ok(fd >= 0 && write(fd, "text", 4) == 4, "a file is written");
    holder = hold("cd \"$1\" && exec sleep 1000", directory);
    stage_ctl(server, "stop", NULL);
    cancel_by_force(fd, holder);
    stage_ctl(server, "cont", NULL);
}

static void force_with_stopped_drive(void) {
    pid_t pids[8], holder;
    int fd;

    tap_group("the drive is stopped");
    connect_drive();
    fd = open(below("forced"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    tap_ok(fd >= 0, "a file is open");
    holder = hold("cd \"$1\" && exec sleep 1000", directory);
    tap_ok(drive_processes("mpr-drive", pids, 8) == 1 && kill(pids[0], SIGSTOP) == 0, "stopped");
    cancel_by_force(fd, holder);
}

/* The server is silent, and so nobody can be there for the dead one. */
static void force_while_replaced(void) {
    pid_t pids[8], holder;
    int fd;

    tap_group("the drive is replaced");
    connect_drive();
    fd = open(below("forced"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    tap_ok(fd >= 0, "a file is open");
    holder = hold("cd \"$1\" && exec sleep 1000", directory);
    tap_ok(drive_processes("mpr-drive", pids, 8) == 1, "there is a process");
    stage_ctl(server, "stop", NULL);
    kill(pids[0], SIGKILL);
    usleep(300000);
    cancel_by_force(fd, holder);
    stage_ctl(server, "cont", NULL);
}

/* How many files that were removed while they were open does the server have? */
static unsigned count_hidden(void) {
    char path[PATH_MAX];
    const struct dirent *entry;
    unsigned count = 0;
    DIR *names;

    snprintf(path, sizeof path, "%s/%s",
             stage_env(strcmp(server, "smb") == 0 ? "MPR_LAB_SMB_DIR" : "MPR_LAB_NFS_DIR"),
             strrchr(remote, '/') + 1);
    names = opendir(path);
    while (names && (entry = readdir(names)))
        count += strncmp(entry->d_name, ".mpr-", strlen(".mpr-")) == 0;
    if (names)
        closedir(names);
    return count;
}

static void look_for_hidden(void) {
    DIR *names;
    unsigned left;

    for (int i = 0; (left = count_hidden()) > 0 && i < 100; i++) {
        names = opendir(directory);
        if (names)
            closedir(names);
        usleep(50000);
    }
    tap_ok(left == 0, "what it had not yet removed at the server is gone");
}

/* A reader meets an error, and a later one the file. */
static void kill_under_reader(void) {
    double began;
    pid_t pids[8];
    bool works = false;
    char byte;
    int fd, removed;

    tap_group("the drive is killed");
    connect_drive();
    fd = open(below("kept"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    tap_ok(fd >= 0 && write(fd, "text", 4) == 4 && fsync(fd) == 0, "a file is written");
    removed = open(below("removed"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    tap_ok(unlink(below("removed")) == 0 && count_hidden() == 1, "one is removed, and open");
    tap_ok(drive_processes("mpr-drive", pids, 8) == 1 && kill(pids[0], SIGKILL) == 0, "killed");
    began = stage_ms();
    /* What comes while it dies is aborted. */
    tap_ok(pwrite(fd, "x", 1, 0) < 0 && (errno == ENOTCONN || errno == ECONNABORTED),
           "who had a file open is told");
    close(fd);
    close(removed);
    while (!works && stage_ms() - began < REPLACE_MS) {
        fd = open(below("kept"), O_RDONLY | O_CLOEXEC);
        works = fd >= 0 && read(fd, &byte, 1) == 1 && byte == 't';
        if (fd >= 0)
            close(fd);
        if (!works)
            usleep(2000);
    }
    tap_ok(works, "it is mounted again after %.0f ms", stage_ms() - began);
    look_for_hidden();
    tap_ok(unlink(below("kept")) == 0 && unlink(below("forced")) == 0, "the files are there");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "and gone");
    expect_gone();
}

/* The drives of a service that is killed end; a new one finds nothing in its way. */
static void kill_service(void) {
    pid_t pids[8], holder;

    tap_group("the service is killed");
    connect_drive();
    holder = hold("cd \"$1\" && exec sleep 1000", directory);
    stage_service_kill();
    for (int i = 0; i < 200 && drive_processes("mpr-drive", pids, 8); i++)
        usleep(50000);
    tap_ok(drive_processes("mpr-drive", pids, 8) == 0, "no process is left");
    stage_service_start();
    connect_drive();
    tap_ok(drive_works(directory, 20000), "it works");
    let_go(holder);
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "it is cancelled");
    expect_gone();
}

int main(int argc, char **argv) {
    const char *name = strrchr(argv[0], '/');
    bool nfs = strstr(name ? name : argv[0], "nfs") != NULL;

    (void)argc;
    drive_need_fuse();
    setenv("MPR_SESSION", "1", 1);
    stage_set(NULL, NULL, NULL);
    server = nfs ? "nfs" : "smb";
    snprintf(remote, sizeof remote, "%s/%s", stage_env(nfs ? "MPR_LAB_NFS" : "MPR_LAB_SMB"),
             nfs ? "rw" : "pub");
    tap_group("connect");
    connect_drive();
    refuse();
    force_without_server();
    force_with_stopped_drive();
    force_while_replaced();
    kill_under_reader();
    kill_service();
    stage_strike();
    return tap_done();
}
