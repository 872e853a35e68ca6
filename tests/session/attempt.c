/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attempt.c: see attempt.h. Files that are open when the fault comes are opened by
 * attempt_prepare.
 */
#include "config.h"

#include "tests/session/attempt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lab/stage.h"

#define PATH_BYTES 4096
#define SIZE       300000

static struct { int fd; /* of its file, open since it was prepared */ } prepared[64];

static char *path_of(const char *directory, const char *name, const char *what) {
    static char paths[2][PATH_BYTES];
    static int turn;

    turn = !turn;
    snprintf(paths[turn], PATH_BYTES, "%s/%s/%s", directory, name, what);
    return paths[turn];
}

static int give(long result) {
    return result < 0 ? errno : 0;
}

/* ---- the operations: path is a file of SIZE bytes, fd it, open; 0 or errno */

static int do_stat(const char *path, int fd) {
    struct stat facts;

    (void)fd;
    return give(stat(path, &facts));
}

static int do_fstat(const char *path, int fd) {
    struct stat facts;

    (void)path;
    return give(fstat(fd, &facts));
}

static int do_access(const char *path, int fd) {
    (void)fd;
    return give(access(path, W_OK));
}

static int do_missing(const char *path, int fd) {
    char name[PATH_BYTES];
    struct stat facts;

    (void)fd;
    snprintf(name, sizeof name, "%s.missing", path);
    return stat(name, &facts) == 0 || errno == ENOENT ? 0 : errno;
}

static int do_open(const char *path, int fd) {
    (void)fd;
    return give(open(path, O_RDONLY | O_CLOEXEC));
}

static int do_create(const char *path, int fd) {
    char name[PATH_BYTES];

    (void)fd;
    snprintf(name, sizeof name, "%s.new", path);
    return give(open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
}

static int do_read(const char *path, int fd) {
    char byte[4096];

    (void)path;
    return give(pread(fd, byte, sizeof byte, SIZE / 2));
}

static int do_read_whole(const char *path, int fd) {
    static char data[65536];
    long got = 1;

    (void)fd;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    while (got > 0)
        got = read(fd, data, sizeof data);
    return give(got);
}

/* What is written behind may come to nothing: close tells. */
static int do_write(const char *path, int fd) {
    int rc = give(pwrite(fd, path, 1, 10));

    return rc ? rc : give(close(fd));
}

static int do_append(const char *path, int fd) {
    int rc;

    fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    rc = fd < 0 ? errno : give(write(fd, path, 2));
    return rc ? rc : give(close(fd));
}

static int do_fsync(const char *path, int fd) {
    int rc = give(pwrite(fd, path, 1, 20));

    return rc ? rc : give(fsync(fd));
}

static int do_truncate(const char *path, int fd) {
    (void)fd;
    return give(truncate(path, 1000));
}

static int do_ftruncate(const char *path, int fd) {
    (void)path;
    return give(ftruncate(fd, 2000));
}

static sigjmp_buf no_page;

static void take_bus_error(int signal) {
    (void)signal;
    siglongjmp(no_page, 1);
}

/* A page that cannot be had is a signal. */
static int do_map(const char *path, int fd) {
    const volatile char *memory = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);

    (void)path;
    if (memory == MAP_FAILED)
        return errno;
    if (sigsetjmp(no_page, 1))
        return EIO;
    signal(SIGBUS, take_bus_error);
    return memory[SIZE - 1] == 0 ? 0 : EIO;
}

static int do_mkdir(const char *path, int fd) {
    char name[PATH_BYTES];

    (void)fd;
    snprintf(name, sizeof name, "%s.dir", path);
    return give(mkdir(name, 0755));
}

static int do_rmdir(const char *path, int fd) {
    char name[PATH_BYTES];

    (void)fd;
    snprintf(name, sizeof name, "%s.empty", path);
    return give(rmdir(name));
}

static int do_unlink(const char *path, int fd) {
    (void)fd;
    return give(unlink(path));
}

static int do_rename(const char *path, int fd) {
    char name[PATH_BYTES];

    (void)fd;
    snprintf(name, sizeof name, "%s.renamed", path);
    return give(rename(path, name));
}

static int list(const char *path) {
    DIR *directory = opendir(path);
    int rc;

    if (!directory)
        return errno;
    errno = 0;
    while (readdir(directory))
        ;
    rc = errno;
    closedir(directory);
    return rc;
}

static int do_list(const char *path, int fd) {
    char name[PATH_BYTES];

    (void)fd;
    snprintf(name, sizeof name, "%s", path);
    *strrchr(name, '/') = '\0';
    return list(name);
}

static int do_list_empty(const char *path, int fd) {
    char name[PATH_BYTES];

    (void)fd;
    snprintf(name, sizeof name, "%s.empty", path);
    return list(name);
}

static int do_statvfs(const char *path, int fd) {
    struct statvfs facts;

    (void)fd;
    return give(statvfs(path, &facts));
}

static int do_chmod(const char *path, int fd) {
    int rc;

    (void)fd;
    rc = give(chmod(path, 0600));
    return rc == ENOTSUP || rc == EPERM ? 0 : rc;
}

static int do_times(const char *path, int fd) {
    const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

    (void)fd;
    return give(utimensat(AT_FDCWD, path, times, 0));
}

static int do_chdir(const char *path, int fd) {
    char name[PATH_BYTES];

    (void)fd;
    snprintf(name, sizeof name, "%s.empty", path);
    return give(chdir(name));
}

static int do_close(const char *path, int fd) {
    (void)path;
    return give(close(fd));
}

static const struct {
    const char *name;
    int (*run)(const char *path, int fd);
} operations[] = {
    {"stat", do_stat},           {"fstat", do_fstat},
    {"access", do_access},       {"stat-missing", do_missing},
    {"open", do_open},           {"create", do_create},
    {"read", do_read},           {"read-whole", do_read_whole},
    {"write", do_write},         {"append", do_append},
    {"fsync", do_fsync},         {"truncate", do_truncate},
    {"ftruncate", do_ftruncate}, {"mmap", do_map},
    {"mkdir", do_mkdir},         {"rmdir", do_rmdir},
    {"unlink", do_unlink},       {"rename", do_rename},
    {"list", do_list},           {"list-empty", do_list_empty},
    {"statvfs", do_statvfs},     {"chmod", do_chmod},
    {"utimens", do_times},       {"chdir", do_chdir},
    {"close", do_close},
};

#define COUNT (sizeof operations / sizeof *operations)

size_t attempt_count(void) {
    return COUNT;
}

int attempt_prepare(const char *directory) {
    static const char data[SIZE];

    for (size_t i = 0; i < COUNT; i++) {
        const char *path = path_of(directory, operations[i].name, "file");
        char name[PATH_BYTES];
        int fd;

        /* The kernel lets nobody look into a directory that a name is being made in. */
        snprintf(name, sizeof name, "%s/%s", directory, operations[i].name);
        if (mkdir(name, 0755))
            return errno;
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0 || write(fd, data, sizeof data) != (ssize_t)sizeof data || fsync(fd))
            return errno;
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        snprintf(name, sizeof name, "%s.empty", path);
        if (mkdir(name, 0755))
            return errno;
        if (prepared[i].fd > 0)
            close(prepared[i].fd);
        prepared[i].fd = fd;
    }
    return 0;
}

struct report {
    double ms;
    int error;
};

/* In a process of its own. */
static void run_one(const char *directory, size_t i, int to) {
    double began = stage_ms();
    int rc = operations[i].run(path_of(directory, operations[i].name, "file"), prepared[i].fd);
    const struct report report = {stage_ms() - began, rc};

    _exit(write(to, &report, sizeof report) != (ssize_t)sizeof report);
}

static void take_result(struct attempt *attempt, int pipe_fd, pid_t pid, double began,
                        double limit_ms) {
    struct pollfd end = {.fd = pipe_fd, .events = POLLIN};
    struct report report;
    double left = began + limit_ms - stage_ms();
    bool over = poll(&end, 1, left > 0 ? (int)left : 0) == 1;

    if (over && read(pipe_fd, &report, sizeof report) == (ssize_t)sizeof report) {
        attempt->ms = report.ms;
        attempt->error = report.error;
    } else if (over) { /* by a signal: SIGBUS is what a mapped page that cannot be had is told by */
        attempt->ms = stage_ms() - began;
        attempt->error = EFAULT;
    } else {
        attempt->hung = true;
        attempt->ms = limit_ms;
        kill(pid, SIGKILL);
    }
    close(pipe_fd);
}

void attempt_all(const char *directory, double limit_ms, struct attempt *ret) {
    double began = stage_ms();
    int reports[COUNT];
    pid_t pids[COUNT];

    fflush(stdout);
    for (size_t i = 0; i < COUNT; i++) {
        int ends[2];

        ret[i] = (struct attempt){.name = operations[i].name, .error = EIO};
        if (pipe(ends))
            abort();
        pids[i] = fork();
        if (pids[i] == 0)
            run_one(directory, i, ends[1]);
        close(ends[1]);
        reports[i] = ends[0];
    }
    for (size_t i = 0; i < COUNT; i++)
        take_result(&ret[i], reports[i], pids[i], began, limit_ms);
    for (size_t i = 0; i < COUNT; i++) {
        double patience = stage_ms() + 5000;

        while (waitpid(pids[i], NULL, WNOHANG) == 0 && !ret[i].wedged) {
            ret[i].wedged = stage_ms() > patience;
            poll(NULL, 0, 1);
        }
    }
}
