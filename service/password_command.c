/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * password_command.c: runs a command, and takes the first line that it prints.
 *
 * It has a process group of its own, which is killed in any case: when the command has
 * ended, nothing that it has left in that group is wanted.
 */
#include "config.h"

#include "service/password.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Whoever prints more than that prints no password. */
#define OUTPUT_MAX 65536u

/* A command that runs. */
struct running {
    pid_t pid;
    int pidfd;
    int output;
    size_t printed; /* bytes of all */
    size_t length;  /* of the first line, so far */
    bool line_ended;
    char line[PASSWORD_MAX + 1];
};

static int64_t now_ms(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum mpr_vault_outcome fail(char text[PASSWORD_MAX], const char *what, int number) {
    if (number)
        snprintf(text, PASSWORD_MAX, "%s %d", what, number);
    else
        snprintf(text, PASSWORD_MAX, "%s", what);
    return MPR_VAULT_FAILED;
}

static void run(const char *command, int output, pid_t parent) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    dup2(output, STDOUT_FILENO);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

static bool start(const char *command, struct running *ret) {
    pid_t parent = getpid();
    int ends[2];

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
        return false;
    fcntl(ends[1], F_SETFL, 0); /* the command's end waits, as commands expect */
    *ret = (struct running){.output = ends[0], .pid = fork()};
    if (ret->pid == 0)
        run(command, ends[1], parent);
    close(ends[1]);
    if (ret->pid < 0) {
        close(ends[0]);
        return false;
    }
    setpgid(ret->pid, ret->pid);
    ret->pidfd = (int)syscall(SYS_pidfd_open, ret->pid, 0);
    return true;
}

/* Keeps what belongs to the first line. */
static void take(struct running *running, const char *bytes, size_t count) {
    running->printed += count;
    for (size_t i = 0; i < count && !running->line_ended; i++) {
        running->line_ended = bytes[i] == '\n';
        if (!running->line_ended && running->length < sizeof running->line)
            running->line[running->length++] = bytes[i];
    }
}

/* False: there is nothing more at present, or for ever. */
static bool read_some(struct running *running) {
    char bytes[4096];
    ssize_t count = read(running->output, bytes, sizeof bytes);

    if (count > 0)
        take(running, bytes, (size_t)count);
    explicit_bzero(bytes, sizeof bytes);
    return count > 0 && running->printed <= OUTPUT_MAX;
}

/* Until it has ended; NULL, or why it is not waited for any longer. */
static const char *wait_for_end(struct running *running, int64_t end_ms) {
    struct pollfd waits[] = {{.fd = running->pidfd, .events = POLLIN},
                             {.fd = PASSWORD_SOCKET, .events = 0},
                             {.fd = running->output, .events = POLLIN}};

    for (;;) {
        int64_t left = end_ms - now_ms();

        if (left <= 0)
            return "late";
        if (poll(waits, 3, (int)left) < 0 && errno != EINTR)
            return "could not be waited for";
        if (waits[2].revents)
            while (read_some(running))
                ;
        if (running->printed > OUTPUT_MAX)
            return "prints too much";
        if (waits[0].revents)
            return NULL;
        if (waits[1].revents)
            return "is not wanted any more";
        if (waits[2].revents & POLLHUP)
            waits[2].fd = -1;
    }
}

static enum mpr_vault_outcome take_line(struct running *running, char text[PASSWORD_MAX]) {
    if (running->length && running->line[running->length - 1] == '\r')
        running->length--;
    if (!running->length)
        return fail(text, "printed nothing in its first line", 0);
    if (running->length >= PASSWORD_MAX || memchr(running->line, '\0', running->length))
        return fail(text, "printed what can be no password", 0);
    memcpy(text, running->line, running->length);
    text[running->length] = '\0';
    return MPR_VAULT_FOUND;
}

enum mpr_vault_outcome password_command(const char *command, uint32_t timeout_ms,
                                        char text[PASSWORD_MAX]) {
    struct running running;
    enum mpr_vault_outcome outcome;
    const char *why;
    int status = 0;

    if (!start(command, &running))
        return fail(text, "could not be started: error", errno);
    why = wait_for_end(&running, now_ms() + timeout_ms);
    kill(-running.pid, SIGKILL);
    waitpid(running.pid, &status, 0);
    if (why && strcmp(why, "late") == 0)
        outcome = MPR_VAULT_LATE;
    else if (why)
        outcome = fail(text, why, 0);
    else if (WIFSIGNALED(status))
        outcome = fail(text, "was ended by signal", WTERMSIG(status));
    else if (WEXITSTATUS(status))
        outcome = fail(text, "ended with exit status", WEXITSTATUS(status));
    else
        outcome = take_line(&running, text);
    explicit_bzero(&running, sizeof running);
    return outcome;
}
