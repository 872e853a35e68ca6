/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive.c: see drive.h.
 */
#include "config.h"

#include "tests/session/drive.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/session.h>

#include "tests/lab/stage.h"

static char found[4096];

static int MPRCALL take_directory(void *context, const struct mpr_connection_status *status) {
    (void)context;
    snprintf(found, sizeof found, "%s", status->directory);
    return 1;
}

const char *drive_directory(const char *device) {
    found[0] = '\0';
    MprStatus(device, take_directory, NULL);
    return found;
}

struct process {
    pid_t pid;
    char name[32];
};

static bool read_process(const char *pid, struct process *ret) {
    char path[300], text[512], *end;
    ssize_t size;
    int fd;

    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    size = read(fd, text, sizeof text - 1);
    close(fd);
    text[size > 0 ? size : 0] = '\0';
    end = strrchr(text, ')');
    if (!end || !strchr(text, '('))
        return false;
    *end = '\0';
    ret->pid = atoi(text);
    snprintf(ret->name, sizeof ret->name, "%s", strchr(text, '(') + 1);
    return true;
}

size_t drive_processes(const char *name, pid_t *ret, size_t max) {
    DIR *directory = opendir("/proc");
    const struct dirent *entry;
    size_t count = 0;

    while (directory && (entry = readdir(directory))) {
        struct process process;

        if (entry->d_name[0] < '1' || entry->d_name[0] > '9'
            || !read_process(entry->d_name, &process) || strcmp(process.name, name) != 0)
            continue;
        if (count < max)
            ret[count] = process.pid;
        count++;
    }
    if (directory)
        closedir(directory);
    return count;
}

static bool use_file(const char *directory) {
    char path[8300], got[8] = "";
    int fd;
    bool good;

    snprintf(path, sizeof path, "%s/works.%d", directory, (int)getpid());
    fd = *directory ? open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    if (fd < 0)
        return false;
    good = write(fd, "works", 5) == 5 && fsync(fd) == 0 && pread(fd, got, 5, 0) == 5
           && memcmp(got, "works", 5) == 0;
    good = close(fd) == 0 && good;
    return unlink(path) == 0 && good;
}

/* In a process of its own, as a drive that hangs must not hang the test. */
bool drive_works(const char *directory, double within_ms) {
    double end = stage_ms() + within_ms;
    bool good = false;

    while (!good && stage_ms() < end) {
        int status = 1;
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid == 0)
            _exit(use_file(directory) ? 0 : 1);
        while (waitpid(pid, &status, WNOHANG) == 0) {
            if (stage_ms() > end + 1000)
                kill(pid, SIGKILL);
            poll(NULL, 0, 2);
        }
        good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (!good)
            poll(NULL, 0, 50);
    }
    return good;
}

void drive_need_fuse(void) {
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

    if (fd >= 0) {
        close(fd);
        return;
    }
    printf("1..0 # SKIP /dev/fuse cannot be opened here\n");
    exit(77);
}
