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

#include "router/mpr_providers.h"
#include "router/mpr_time.h"

#define FIRST_FD 3
#define SERVE_MS 20000 /* for all but loading the providers */
#define END_MS   2000
#define TOLD_MAX 2048
#define ROUND    256 /* for the words before and behind */

/* What a process in the background says, in the first byte. */
enum {
    SERVES = '+',
    FAILED = '-',
    LOADS = '*', /* a module, which may be the last that it says; "": none any more */
};

static int told_fd = -1; /* whom a process in the background tells; -1: nobody */
static unsigned limit_s = MPRD_LOAD_S;
static char module[TOLD_MAX];       /* is being loaded, in words; "": none */
static char late[TOLD_MAX + ROUND]; /* what is said if that takes too long */

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

/* --- in the background: who waits --- */

/* A packet, with a NUL. What its length is: 0: the child has ended; -1: it takes too long. */
static ssize_t hear(int fd, int64_t deadline_ns, char *said) {
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    ssize_t got = -1;

    if (poll(&answer, 1, mpr_ms_until(deadline_ns)) > 0)
        got = read(fd, said, TOLD_MAX - 1);
    said[got > 0 ? got : 0] = '\0';
    return got;
}

/* How the child has ended, which is ended if it has not. False: even that takes too long. */
static bool end_child(pid_t child, int *ret_status) {
    int64_t deadline_ns = mpr_deadline_in_ms(END_MS);

    kill(child, SIGKILL);
    while (waitpid(child, ret_status, WNOHANG) == 0) {
        if (mpr_ms_until(deadline_ns) == 0)
            return false;
        poll(NULL, 0, 5);
    }
    return true;
}

/* The exit status. */
static int explain_end(pid_t child, bool in_time) {
    int status = 0;
    bool ended = end_child(child, &status);

    fputs("mprd: The service ", stderr);
    if (!in_time || !ended)
        fputs("did not serve in time and was ended", stderr);
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        fprintf(stderr, "hung for %u s and was ended", limit_s);
    else if (WIFSIGNALED(status))
        fprintf(stderr, "was ended by signal %d (%s) before it served", WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    else
        fprintf(stderr, "ended with status %d before it served", WEXITSTATUS(status));
    if (!*module) {
        fputs(".\n", stderr);
        return 1;
    }
    fprintf(stderr,
            ", while it loaded %s. Remove that drop-in, or leave its provider "
            "out in mpr.json.\n",
            module);
    return MPRD_MODULE_STATUS;
}

/* The one that was started by hand: its end says how it went. */
static _Noreturn void wait_for_child(pid_t child, int fd) {
    int64_t deadline_ns = mpr_deadline_in_ms(SERVE_MS + limit_s * 1000);
    char said[TOLD_MAX];
    ssize_t got;

    while ((got = hear(fd, deadline_ns, said)) > 0 && *said == LOADS)
        snprintf(module, sizeof module, "%s", said + 1);
    if (got <= 0)
        exit(explain_end(child, got == 0));
    if (*said == SERVES) {
        if (said[1])
            puts(said + 1);
        exit(0);
    }
    fprintf(stderr, "mprd: %s\n", said + 1);
    exit(1);
}

bool mprd_start_background(void) {
    int ends[2];
    pid_t child;

    /* Each write is heard by itself. */
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return false;
    fflush(NULL);
    child = fork();
    if (child < 0)
        return false;
    if (child) {
        close(ends[1]);
        wait_for_child(child, ends[0]);
    }
    close(ends[0]);
    setsid();
    told_fd = ends[1];
    return true;
}

/* --- who is waited for --- */

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

/* Whether anybody still waits does not matter to a service. */
static void tell(char kind, const char *words) {
    char said[TOLD_MAX];

    snprintf(said, sizeof said, "%c%s", kind, words);
    if (send(told_fd, said, strlen(said), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        errno = 0;
}

void mprd_start_told(bool good, const char *words) {
    if (told_fd < 0) {
        if (words)
            fprintf(good ? stdout : stderr, good ? "%s\n" : "mprd: %s\n", words);
        fflush(NULL);
        return;
    }
    if (good)
        leave_standard_descriptors();
    tell(good ? SERVES : FAILED, words ? words : "");
    close(told_fd);
    told_fd = -1;
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

/* --- the providers --- */

void mprd_start_limit(unsigned seconds) {
    limit_s = seconds;
}

static void note_module(const struct mpr_drop_in *drop_in) {
    char state[TOLD_MAX + ROUND];

    snprintf(module, sizeof module, "%s, the module of %s", drop_in->module, drop_in->file);
    snprintf(late, sizeof late,
             "mprd: The service has been loading its providers for %u s, and ends. The last one "
             "is %s.\n",
             limit_s, module);
    if (told_fd >= 0)
        tell(LOADS, module);
    snprintf(state, sizeof state, "STATUS=Loading %s", module);
    mprd_start_notify(state);
}

/* Who waits in the background says it himself. */
static void end_late(int signal) {
    if (told_fd < 0)
        mprd_log_write(late, strlen(late));
    raise(signal);
}

void mprd_start_loading(bool begins) {
    const struct sigaction action = {.sa_handler = end_late, .sa_flags = SA_RESETHAND | SA_NODEFER};
    sigset_t alarms;

    *module = '\0';
    if (begins) {
        snprintf(late, sizeof late, "mprd: The service takes longer than %u s to start.\n",
                 limit_s);
        sigemptyset(&alarms);
        sigaddset(&alarms, SIGALRM);
        sigaction(SIGALRM, &action, NULL);
        pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
        mpr_providers_tell(note_module);
        alarm(limit_s);
        return;
    }
    alarm(0);
    mpr_providers_tell(NULL);
    if (told_fd >= 0)
        tell(LOADS, module);
    mprd_start_notify("STATUS=");
}
