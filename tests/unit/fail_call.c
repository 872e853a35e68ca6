/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fail_call.c: the system's calls that touch files, which fail when told to.
 */
#include "config.h"

#include "tests/unit/fail_call.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The linker sends calls of NAME to __wrap_NAME, and __real_NAME is the true one. */
#define WRAPPED(type, name, ...)                                                                   \
    type __real_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__)

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int directory, const char *path, int flags, ...);
int __wrap_openat(int directory, const char *path, int flags, ...);
WRAPPED(ssize_t, read, int fd, void *buffer, size_t size);
WRAPPED(ssize_t, write, int fd, const void *buffer, size_t size);
WRAPPED(off_t, lseek, int fd, off_t offset, int whence);
WRAPPED(int, fsync, int fd);
WRAPPED(int, fchmod, int fd, mode_t mode);
WRAPPED(int, fstat, int fd, struct stat *facts);
WRAPPED(int, fstatat, int directory, const char *path, struct stat *facts, int flags);
WRAPPED(int, close, int fd);
WRAPPED(int, renameat, int from_directory, const char *from, int to_directory, const char *to);
WRAPPED(int, unlinkat, int directory, const char *path, int flags);
WRAPPED(int, mkdirat, int directory, const char *path, mode_t mode);
WRAPPED(int, flock, int fd, int operation);
WRAPPED(ssize_t, readlinkat, int directory, const char *path, char *buffer, size_t size);
WRAPPED(DIR *, fdopendir, int fd);

static struct {
    unsigned countdown; /* 0: nothing is to fail */
    const char *only;
    enum fail_call_way way;
    int error;
    const char *failed;
    bool lying; /* the call under way is to be done and denied */
    pid_t child;
} plan;

void fail_call_arm(unsigned nth, const char *name, enum fail_call_way way, int error) {
    plan.only = name;
    plan.way = way;
    plan.error = error;
    plan.failed = NULL;
    plan.lying = false;
    plan.countdown = nth;
}

const char *fail_call_disarm(void) {
    plan.countdown = 0;
    if (plan.child > 0) {
        kill(plan.child, SIGKILL);
        waitpid(plan.child, NULL, 0);
        plan.child = 0;
    }
    return plan.failed;
}

/* Leaves a child with all that is open now; the call goes on. */
static bool leave_child(void) {
    plan.child = fork();
    while (plan.child == 0)
        pause();
    return false;
}

/* Is this the one? Dies, if that is the way. */
static bool is_due(const char *name) {
    if (!plan.countdown || (plan.only && strcmp(plan.only, name) != 0) || --plan.countdown)
        return false;
    plan.failed = name;
    if (plan.way == FAIL_CALL_DIE || (plan.way == FAIL_CALL_DIE_TORN && strcmp(name, "write") != 0))
        kill(getpid(), SIGKILL);
    if (plan.way == FAIL_CALL_FORK)
        return leave_child();
    errno = plan.error;
    return true;
}

/* Is it due, and not to be done? Calls that the system never interrupts pass. */
static bool refuses(const char *name) {
    plan.lying = false;
    if (plan.way == FAIL_CALL_INTERRUPT || plan.way == FAIL_CALL_SHORT || !is_due(name))
        return false;
    plan.lying = plan.way == FAIL_CALL_LIE;
    return !plan.lying;
}

/* The result of a call that was done. */
static int answer(int result) {
    if (!plan.lying)
        return result;
    plan.lying = false;
    errno = plan.error;
    return -1;
}

int __wrap_open(const char *path, int flags, ...) {
    va_list arguments;
    mode_t mode;

    va_start(arguments, flags);
    mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return refuses("open") ? -1 : __real_open(path, flags | O_CLOEXEC, mode);
}

/* What is opened to walk on only has a name of its own. */
int __wrap_openat(int directory, const char *path, int flags, ...) {
    va_list arguments;
    mode_t mode;

    va_start(arguments, flags);
    mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return refuses(flags & O_PATH ? "openat O_PATH" : "openat")
               ? -1
               : __real_openat(directory, path, flags | O_CLOEXEC, mode);
}

ssize_t __wrap_read(int fd, void *buffer, size_t size) {
    if (is_due("read")) {
        if (plan.way != FAIL_CALL_SHORT)
            return -1;
        size = size ? 1 : 0;
    }
    return __real_read(fd, buffer, size);
}

ssize_t __wrap_write(int fd, const void *buffer, size_t size) {
    ssize_t n;

    if (!is_due("write"))
        return __real_write(fd, buffer, size);
    if (plan.way == FAIL_CALL_SHORT)
        return __real_write(fd, buffer, size ? 1 : 0);
    if (plan.way == FAIL_CALL_DIE_TORN) {
        n = __real_write(fd, buffer, size / 2);
        kill(getpid(), SIGKILL);
        return n;
    }
    if (plan.way == FAIL_CALL_LIE && __real_write(fd, buffer, size / 2) < 0)
        return -1;
    errno = plan.error;
    return -1;
}

off_t __wrap_lseek(int fd, off_t offset, int whence) {
    return refuses("lseek") ? -1 : __real_lseek(fd, offset, whence);
}

int __wrap_fsync(int fd) {
    return refuses("fsync") ? -1 : answer(__real_fsync(fd));
}

int __wrap_fchmod(int fd, mode_t mode) {
    return refuses("fchmod") ? -1 : answer(__real_fchmod(fd, mode));
}

int __wrap_fstat(int fd, struct stat *facts) {
    return refuses("fstat") ? -1 : __real_fstat(fd, facts);
}

int __wrap_fstatat(int directory, const char *path, struct stat *facts, int flags) {
    return refuses("fstatat") ? -1 : __real_fstatat(directory, path, facts, flags);
}

/* On Linux the descriptor is gone whatever close says. */
int __wrap_close(int fd) {
    bool due = plan.way != FAIL_CALL_SHORT && plan.way != FAIL_CALL_INTERRUPT && is_due("close");
    int error = errno, result = __real_close(fd);

    if (!due)
        return result;
    errno = error;
    return -1;
}

int __wrap_renameat(int from_directory, const char *from, int to_directory, const char *to) {
    return refuses("renameat") ? -1
                               : answer(__real_renameat(from_directory, from, to_directory, to));
}

int __wrap_unlinkat(int directory, const char *path, int flags) {
    return refuses("unlinkat") ? -1 : answer(__real_unlinkat(directory, path, flags));
}

int __wrap_mkdirat(int directory, const char *path, mode_t mode) {
    return refuses("mkdirat") ? -1 : __real_mkdirat(directory, path, mode);
}

int __wrap_flock(int fd, int operation) {
    if (plan.way == FAIL_CALL_INTERRUPT && is_due("flock"))
        return -1;
    return refuses("flock") ? -1 : __real_flock(fd, operation);
}

ssize_t __wrap_readlinkat(int directory, const char *path, char *buffer, size_t size) {
    return refuses("readlinkat") ? -1 : __real_readlinkat(directory, path, buffer, size);
}

DIR *__wrap_fdopendir(int fd) {
    return refuses("fdopendir") ? NULL : __real_fdopendir(fd);
}
