/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pty.c: a process of its own on a terminal of its own.
 */
#include "config.h"

#include "tests/unit/pty.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 5000

void pty_start(struct pty *pty, int (*fn)(void *), void *context) {
    int slave;

    *pty = (struct pty){0};
    cr_assert_eq(openpty(&pty->master, &slave, NULL, NULL, NULL), 0);
    cr_assert_eq(fcntl(pty->master, F_SETFD, FD_CLOEXEC), 0);
    pty->child = fork();
    cr_assert_geq(pty->child, 0);
    if (pty->child == 0) {
        close(pty->master);
        if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0))
            _exit(99);
        _exit(fn(context));
    }
    close(slave);
}

bool pty_expect(struct pty *pty, const char *text) {
    struct pollfd terminal = {.fd = pty->master, .events = POLLIN};
    size_t from = pty->length;

    while (!strstr(pty->shown + from, text)) {
        ssize_t n;

        if (poll(&terminal, 1, PATIENCE_MS) <= 0 || pty->length == sizeof pty->shown - 1)
            return false;
        n = read(pty->master, pty->shown + pty->length, sizeof pty->shown - 1 - pty->length);
        if (n <= 0)
            return false;
        pty->length += (size_t)n;
        pty->shown[pty->length] = '\0';
    }
    return true;
}

void pty_type(struct pty *pty, const char *text) {
    cr_assert_eq(write(pty->master, text, strlen(text)), (ssize_t)strlen(text));
}

void pty_hang_up(struct pty *pty) {
    close(pty->master);
    pty->master = -1;
}

/* A child that stops is no child that ends. */
static int wait_for_child(pid_t child) {
    for (int waited = 0; waited < PATIENCE_MS; waited += 10) {
        int status;
        pid_t pid = waitpid(child, &status, WNOHANG | WUNTRACED);

        if (pid == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        poll(NULL, 0, 10);
    }
    return -1;
}

int pty_end(struct pty *pty) {
    int result = wait_for_child(pty->child);

    if (result < 0) {
        kill(pty->child, SIGKILL);
        waitpid(pty->child, NULL, 0);
    }
    if (pty->master >= 0) {
        pty_expect(pty, "\x01 never shown"); /* what is left */
        close(pty->master);
    }
    return result;
}
