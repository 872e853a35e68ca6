/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_secret.c: a password from a descriptor or from a command.
 */
#include "config.h"

#include "tools/wnet/wnet_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/wnet/wnet_text.h"

/* Long enough for whoever has to unlock a keyring by hand. */
#define COMMAND_TIME_S 120

struct wnet_secret *wnet_secret_new(void) {
    struct wnet_secret *secret =
        mmap(NULL, sizeof *secret, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (secret == MAP_FAILED)
        return NULL;
    (void)mlock(secret, sizeof *secret);
    (void)madvise(secret, sizeof *secret, MADV_DONTDUMP);
    return secret;
}

void wnet_secret_free(struct wnet_secret *secret) {
    if (!secret)
        return;
    explicit_bzero(secret, sizeof *secret);
    munmap(secret, sizeof *secret);
}

/* --- a descriptor --- */

static int64_t now_ms(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 1: a byte, 0: the end, -1: errno. deadline -1: whoever writes may take his time. */
static int read_byte(int fd, int64_t deadline, char *ret) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    ssize_t n;

    do {
        int64_t left = deadline < 0 ? -1 : deadline - now_ms();
        int polled = poll(&ready, 1, left < -1 ? 0 : (int)left);

        if (polled == 0) {
            errno = ETIMEDOUT;
            return -1;
        }
        n = polled < 0 ? -1 : read(fd, ret, 1);
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    return (int)n;
}

static bool complain(char *problem, size_t size, const char *where, const char *what) {
    snprintf(problem, size, "The password cannot be read from %s: %s.", where, what);
    return false;
}

static bool read_line(struct wnet_secret *secret, int fd, int64_t deadline, const char *where,
                      char *problem, size_t problem_size) {
    size_t length = 0;
    char byte = '\0';
    int got;

    while ((got = read_byte(fd, deadline, &byte)) > 0 && byte != '\n' && byte != '\0'
           && length < sizeof secret->password - 1)
        secret->password[length++] = byte;
    if (got < 0)
        return complain(problem, problem_size, where, strerror(errno));
    if (got == 0 && length == 0)
        return complain(problem, problem_size, where, "it is at its end");
    if (got > 0 && byte == '\0')
        return complain(problem, problem_size, where, "there is a NUL in it");
    if (got > 0 && byte != '\n')
        return complain(problem, problem_size, where, "it has more than 1023 bytes");
    if (length && secret->password[length - 1] == '\r')
        length--;
    secret->password[length] = '\0';
    if (!wnet_text_valid(secret->password))
        return complain(problem, problem_size, where, "it " WNET_SECRET_NO_UTF8);
    secret->has_password = true;
    return true;
}

bool wnet_secret_read_line(struct wnet_secret *secret, int fd, const char *where, char *problem,
                           size_t problem_size) {
    int flags = fcntl(fd, F_GETFL);

    /* Nobody would ever say that there is something to read. */
    if (flags >= 0 && (flags & O_ACCMODE) == O_WRONLY)
        return complain(problem, problem_size, where, "it is not open for reading");
    return read_line(secret, fd, -1, where, problem, problem_size);
}

/* --- a command --- */

static void become(const char *command, int out) {
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(out, STDOUT_FILENO);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

static pid_t start(const char *command, int *ret_fd) {
    int ends[2];
    pid_t child;

    if (pipe2(ends, O_CLOEXEC))
        return -1;
    child = fork();
    if (child == 0)
        become(command, ends[1]);
    close(ends[1]);
    if (child < 0)
        close(ends[0]);
    else
        *ret_fd = ends[0];
    return child;
}

/* Reads what else there is and forgets it: a command that cannot write fails. */
static void drain(int fd) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char rest[512];

    if (poll(&ready, 1, 10) == 1 && read(fd, rest, sizeof rest) <= 0)
        poll(NULL, 0, 10);
    explicit_bzero(rest, sizeof rest);
}

/* Returns the status, or -1: it had to be ended. */
static int wait_for(pid_t child, int fd, int64_t deadline) {
    int status;

    while (waitpid(child, &status, WNOHANG) == 0) {
        if (now_ms() >= deadline) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        drain(fd);
    }
    return status;
}

bool wnet_secret_run(struct wnet_secret *secret, const char *command, char *problem,
                     size_t problem_size) {
    int64_t deadline = now_ms() + COMMAND_TIME_S * 1000;
    int fd = -1, status;
    pid_t child = start(command, &fd);
    bool good;

    if (child < 0)
        return complain(problem, problem_size, "the command", strerror(errno));
    good = read_line(secret, fd, deadline, "the command", problem, problem_size);
    status = wait_for(child, fd, good ? deadline : now_ms() + 1000);
    close(fd);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && good)
        return true;
    secret->has_password = false;
    explicit_bzero(secret->password, sizeof secret->password);
    if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status))
        snprintf(problem, problem_size, "The command for the password failed with status %d.",
                 WEXITSTATUS(status));
    else if (good)
        complain(problem, problem_size, "the command", "it did not end, or was killed");
    return false;
}
