/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_start.c: from whoever starts it to a service: descriptors, background, readiness.
 *
 * What a service manager hands over and wants to be told is a few environment
 * variables and a datagram (sd_listen_fds(3), sd_notify(3)): no library is needed.
 */
#include "config.h"

#include "service/mprd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "router/mpr_time.h"

#define FIRST_FD 3
#define READY_MS 30000
#define TOLD_MAX 2048

static long read_number(const char *variable) {
    const char *text = secure_getenv(variable);
    char *end;
    long number;

    if (!text || !*text)
        return -1;
    errno = 0;
    number = strtol(text, &end, 10);
    return errno || *end ? -1 : number;
}

static bool is_listening(int fd) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int type = 0, listening = 0;
    socklen_t type_size = sizeof type, listening_size = sizeof listening;

    return getsockname(fd, (struct sockaddr *)&address, &size) == 0 && address.ss_family == AF_UNIX
           && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 && type == SOCK_STREAM
           && getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &listening_size) == 0
           && listening;
}

int mprd_start_descriptors(void) {
    bool ours = read_number("LISTEN_PID") == getpid() && read_number("LISTEN_FDS") >= 1
                && is_listening(FIRST_FD);

    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    close_range((unsigned)FIRST_FD + ours, ~0u, 0);
    if (!ours)
        return -1;
    fcntl(FIRST_FD, F_SETFD, FD_CLOEXEC);
    fcntl(FIRST_FD, F_SETFL, fcntl(FIRST_FD, F_GETFL) | O_NONBLOCK);
    return FIRST_FD;
}

/* What the child says, with a NUL; how many bytes. It says all in one write, or ends. */
static ssize_t hear(int fd, char *said) {
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    ssize_t got = -1;

    if (poll(&answer, 1, READY_MS) > 0)
        got = read(fd, said, TOLD_MAX - 1);
    said[got > 0 ? got : 0] = '\0';
    return got;
}

/* The one that was started by hand: its end says how it went. */
static _Noreturn void wait_for_child(pid_t child, int fd) {
    char said[TOLD_MAX];
    ssize_t got = hear(fd, said);

    if (got > 0 && *said == '+') {
        if (said[1])
            puts(said + 1);
        exit(0);
    }
    if (got > 0) {
        fprintf(stderr, "mprd: %s\n", said + 1);
    } else if (got == 0) {
        fprintf(stderr, "mprd: The service ended before it served.\n");
    } else {
        fprintf(stderr, "mprd: The service did not serve within %d s and was ended.\n",
                READY_MS / 1000);
        kill(child, SIGKILL);
    }
    exit(1);
}

int mprd_start_background(void) {
    int ends[2];
    pid_t child;

    if (pipe2(ends, O_CLOEXEC))
        return -1;
    fflush(NULL);
    child = fork();
    if (child < 0)
        return -1;
    if (child) {
        close(ends[1]);
        wait_for_child(child, ends[0]);
    }
    close(ends[0]);
    setsid();
    return ends[1];
}

/* Nobody's terminal or pipe is kept open. */
static void leave_standard_descriptors(void) {
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (nothing < 0)
        return;
    for (int fd = 0; fd < FIRST_FD; fd++)
        dup2(nothing, fd);
    if (nothing >= FIRST_FD)
        close(nothing);
}

void mprd_start_told(int told_fd, bool good, const char *words) {
    char said[TOLD_MAX];
    int length;

    if (told_fd < 0) {
        if (words)
            fprintf(good ? stdout : stderr, good ? "%s\n" : "mprd: %s\n", words);
        fflush(NULL);
        return;
    }
    length = snprintf(said, sizeof said, "%c%s", good ? '+' : '-', words ? words : "");
    if (length >= (int)sizeof said)
        length = sizeof said - 1;
    if (good)
        leave_standard_descriptors();
    /* Whether anybody still waits does not matter to a service. */
    if (write(told_fd, said, (size_t)length) < 0 && good)
        errno = 0;
    close(told_fd);
}

void mprd_start_notify(const char *state) {
    const char *name = secure_getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = name ? strlen(name) : 0;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    int fd;

    if (length < 2 || length >= sizeof address.sun_path || (*name != '/' && *name != '@'))
        return;
    memcpy(address.sun_path, name, length);
    if (*name == '@')
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
    close(fd);
}
