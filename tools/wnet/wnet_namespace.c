/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_namespace.c: a command in mounts of its own, one of which is a drive.
 *
 * The mount is made inside (wnet_inside.h) and handed to the drive here; anew when that
 * drive has ended and another has taken its place.
 */
#include "config.h"

#include "tools/wnet/wnet_namespace.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/session.h>

#include "tools/wnet/wnet_connections.h"
#include "tools/wnet/wnet_inside.h"
#include "tools/wnet/wnet_service.h"

#define RETRY_MS 1000

/* The command while it runs. */
struct command {
    const struct wnet_namespace *space;
    pid_t pid;
    int line;    /* to its inside */
    int signals; /* what came for us */
    int either;  /* readable if one of them is */
    bool kept;   /* somebody is inside who can mount again */
};

/* What the terminal sends goes to the command without us. */
static void hand_on_signals(const struct command *command) {
    struct signalfd_siginfo info;

    while (read(command->signals, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo != SIGCHLD && info.ssi_code != SI_KERNEL)
            kill(command->pid, (int)info.ssi_signo);
}

/* --- the mount --- */

/* false with errno; 0: nobody is there any more. */
static bool receive_report(int from, int flags, struct wnet_report *report, int *ret_fd) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec data = {report, sizeof *report};
    struct msghdr message = {
        .msg_iov = &data,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    struct cmsghdr *header;

    *ret_fd = -1;
    errno = 0;
    if (recvmsg(from, &message, MSG_CMSG_CLOEXEC | flags) != (ssize_t)sizeof *report)
        return false;
    header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS)
        memcpy(ret_fd, CMSG_DATA(header), sizeof *ret_fd);
    report->problem[sizeof report->problem - 1] = '\0';
    return true;
}

/* The byte: the drive serves the mount, which may be looked at. */
static DWORD serve(const struct command *command, int fuse) {
    DWORD rc = MprServeDrive(command->space->name, fuse);

    close(fuse);
    /* With so many bytes before it that there is no room it is looked at all the same. */
    if (rc == NO_ERROR && send(command->line, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1
        && errno != EAGAIN)
        rc = ERROR_GEN_FAILURE;
    return rc;
}

static DWORD serve_first(const struct command *command, char *problem, size_t size) {
    struct wnet_report report = {0};
    int fuse;

    if (!receive_report(command->line, 0, &report, &fuse)) {
        snprintf(problem, size, "The process for the command ended before it began.");
        return ERROR_GEN_FAILURE;
    }
    snprintf(problem, size, "%s", report.problem);
    return fuse < 0 ? ERROR_NOT_SUPPORTED : serve(command, fuse);
}

/* Whether there is nothing left to be tried in a while. */
static bool serve_again(struct command *command) {
    struct wnet_report report = {0};
    int fuse;

    if (!receive_report(command->line, MSG_DONTWAIT, &report, &fuse)) {
        if (command->kept && errno != EAGAIN) {
            epoll_ctl(command->either, EPOLL_CTL_DEL, command->line, NULL);
            command->kept = false;
        }
        return true;
    }
    if (fuse >= 0)
        return serve(command, fuse) == NO_ERROR;
    fprintf(stderr, "wnet: %s\n", report.problem);
    return true;
}

/* --- and what becomes of it --- */

/* Nothing else can be asked in here. */
static int MPRCALL hear(void *context, const struct mpr_event *event) {
    const struct command *command = context;

    switch (event->kind) {
    case MPR_EVENT_CONNECTED:
    case MPR_EVENT_BACK:
    case MPR_EVENT_MOUNTED:
        return send(command->line, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN;
    case MPR_EVENT_DISCONNECTED:
        return 1;
    default:
        return 0;
    }
}

static bool is_connected(const char *name) {
    struct wnet_connections connections = {0};
    DWORD rc = wnet_connections_read(name, &connections);

    wnet_connections_clear(&connections);
    return rc != ERROR_NOT_CONNECTED;
}

static bool wait_for_either(const struct command *command, int time_ms) {
    struct pollfd either = {command->either, POLLIN, 0};

    return poll(&either, 1, time_ms) > 0;
}

/* Until a signal or a report has come. A service that has ended restores what is remembered. */
static void watch(const struct command *command) {
    char problem[4096];

    if (!command->kept || !is_connected(command->space->name)) {
        wait_for_either(command, -1);
    } else if (MprSubscribe(hear, command->either, (void *)(uintptr_t)command) != NO_ERROR) {
        if (!wait_for_either(command, RETRY_MS))
            wnet_service_prepare(command->space->options, problem, sizeof problem);
    }
}

static int wait_for(struct command *command) {
    int status;

    command->kept = true;
    while (waitpid(command->pid, &status, WNOHANG) == 0) {
        watch(command);
        hand_on_signals(command);
        if (!serve_again(command))
            wait_for_either(command, RETRY_MS);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- the command --- */

static void block_signals(sigset_t *ret_handed_on, sigset_t *ret_before) {
    static const int signals[] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT, SIGUSR1,
                                  SIGUSR2, SIGCONT, SIGWINCH, SIGCHLD};

    sigemptyset(ret_handed_on);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(ret_handed_on, signals[i]);
    sigprocmask(SIG_BLOCK, ret_handed_on, ret_before);
}

static bool open_watch(struct command *command, const sigset_t *signals) {
    struct epoll_event readable = {.events = EPOLLIN};

    command->signals = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
    command->either = epoll_create1(EPOLL_CLOEXEC);
    return command->signals >= 0 && command->either >= 0
           && epoll_ctl(command->either, EPOLL_CTL_ADD, command->signals, &readable) == 0
           && epoll_ctl(command->either, EPOLL_CTL_ADD, command->line, &readable) == 0;
}

/* Until all inside has ended, but for what the command has left running. */
static void close_line(int line) {
    struct pollfd end = {line, POLLIN, 0};

    shutdown(line, SHUT_WR);
    poll(&end, 1, RETRY_MS);
    close(line);
}

static DWORD run(struct command *command, int inner_line, const sigset_t *signals, int *ret_status,
                 char *problem, size_t size) {
    struct wnet_inside inside = {.directory = command->space->directory,
                                 .program = command->space->program,
                                 .uid = geteuid(),
                                 .gid = getegid(),
                                 .line = inner_line};
    DWORD rc;

    command->pid = fork();
    if (command->pid == 0) {
        close(command->line);
        wnet_inside_become(&inside, signals);
    }
    close(inner_line);
    if (command->pid < 0) {
        snprintf(problem, size, "There is no process to be had: %s.", strerror(errno));
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    rc = serve_first(command, problem, size);
    if (rc == NO_ERROR) {
        *ret_status = wait_for(command);
        return rc;
    }
    shutdown(command->line, SHUT_WR);
    waitpid(command->pid, NULL, 0);
    return rc;
}

DWORD wnet_namespace_run(const struct wnet_namespace *space, int *ret_status, char *problem,
                         size_t problem_size) {
    struct command command = {.space = space, .signals = -1, .either = -1};
    sigset_t handed_on, before;
    DWORD rc = ERROR_NOT_ENOUGH_MEMORY;
    int ends[2];

    *problem = '\0';
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
        snprintf(problem, problem_size, "There is no socket to be had: %s.", strerror(errno));
        return rc;
    }
    command.line = ends[0];
    block_signals(&handed_on, &before);
    if (open_watch(&command, &handed_on)) {
        rc = run(&command, ends[1], &before, ret_status, problem, problem_size);
    } else {
        snprintf(problem, problem_size, "Signals cannot be received: %s.", strerror(errno));
        close(ends[1]);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    close_line(command.line);
    if (command.signals >= 0)
        close(command.signals);
    if (command.either >= 0)
        close(command.either);
    return rc;
}
