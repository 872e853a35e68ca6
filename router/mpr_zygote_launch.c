/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_zygote_launch.c: starts a program that is no child of this process.
 *
 * A process in between forks it and ends. That one is made by clone itself,
 * with no signal for its end: so the host's SIGCHLD handler is not called, its
 * waitpid(-1) does not find it (only __WCLONE does), and its pthread_atfork
 * handlers are left alone. The program cannot be that child: execve gives a
 * process SIGCHLD back.
 *
 * Between clone and execve there are system calls and nothing else, since other
 * threads of the host may have held any lock of its memory.
 */
#include "config.h"

#include "router/mpr_zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET_FD    3
#define SIGNALS      64
#define SIGSET_BYTES 8 /* the kernel's, not the C library's */

/* A sanitizer's run time is part of the memory that must not be relied on. */
#define BARE                                                                                       \
    __attribute__((noinline, no_sanitize("address"), no_sanitize("thread"),                        \
                   no_sanitize("undefined")))

struct launch {
    const char *program;
    char *const *arguments;
    char *const *environment;
    int socket;
};

/* All zero: the kernel's form of SIG_DFL without flags, and of no signal blocked. */
static const unsigned char nothing[128];

BARE static void run_program(const struct launch *launch) {
    uint32_t failed[2] = {MPR_WIRE_no_program, 0};

    for (int number = 1; number <= SIGNALS; number++)
        syscall(SYS_rt_sigaction, number, nothing, NULL, SIGSET_BYTES);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, nothing, NULL, SIGSET_BYTES);
    syscall(SYS_chdir, "/");
    if (launch->socket == SOCKET_FD)
        syscall(SYS_fcntl, SOCKET_FD, F_SETFD, 0);
    else
        syscall(SYS_dup3, launch->socket, SOCKET_FD, 0);
    syscall(SYS_close_range, SOCKET_FD + 1, ~0u, 0);
    syscall(SYS_execve, launch->program, launch->arguments, launch->environment);
    failed[1] = (uint32_t)errno;
    syscall(SYS_write, SOCKET_FD, failed, sizeof failed);
    syscall(SYS_exit_group, 127);
}

/* No flags and no stack: a fork, whatever the order of clone's other arguments is here. */
BARE static pid_t bare_fork(void) {
    return (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);
}

/* In between: its exit status is an errno value. */
BARE static pid_t start(const struct launch *launch) {
    pid_t between = bare_fork();
    pid_t program;

    if (between)
        return between;
    syscall(SYS_setsid);
    program = bare_fork();
    if (program == 0)
        run_program(launch);
    syscall(SYS_exit_group, program < 0 ? errno : 0);
    return 0;
}

int mpr_zygote_launch(const char *program, char *const arguments[], int socket) {
    struct launch launch = {program, arguments, environ, socket};
    int status = 0, rc = 0;
    sigset_t all, before;
    pid_t between;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    between = start(&launch);
    if (between < 0)
        rc = -errno;
    /* If somebody else's wait has taken it, the socket will tell. */
    while (between > 0 && waitpid(between, &status, __WCLONE) < 0 && errno == EINTR)
        ;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (between > 0 && WIFEXITED(status))
        rc = -WEXITSTATUS(status);
    return rc;
}
