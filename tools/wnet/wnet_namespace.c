/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_namespace.c: a command in mounts of its own, one of which is a drive.
 *
 * The child makes the namespaces, as only a process with one thread can, opens
 * /dev/fuse in them, as the kernel wants it, mounts, and sends the descriptor here.
 * Here it is handed to the drive, and only then does the child become the command.
 */
#include "config.h"

#include "tools/wnet/wnet_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/session.h>

/* Both ends of the line between the two processes, and who they are. */
struct line {
    int parent, child;
    uid_t uid;
    gid_t gid;
    sigset_t handed_on, before;
};

/* What the child has to say: a sentence, or "" with the descriptor. */
struct report {
    char problem[512];
};

/* --- the child --- */

static bool complain(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool complain(struct report *report, const char *format, ...) {
    int error = errno;
    size_t length;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(report->problem, sizeof report->problem, format, arguments);
    va_end(arguments);
    length = strlen(report->problem);
    snprintf(report->problem + length, sizeof report->problem - length, ": %s.", strerror(error));
    return false;
}

static bool write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int error = errno;

    if (fd >= 0)
        close(fd);
    errno = error;
    return good;
}

/* To be nobody else there than here. */
static bool map_self(const struct line *line, struct report *report) {
    char map[64];

    if (!write_file("/proc/self/setgroups", "deny"))
        return complain(report, "/proc/self/setgroups cannot be written");
    snprintf(map, sizeof map, "%u %u 1", (unsigned)line->uid, (unsigned)line->uid);
    if (!write_file("/proc/self/uid_map", map))
        return complain(report, "/proc/self/uid_map cannot be written");
    snprintf(map, sizeof map, "%u %u 1", (unsigned)line->gid, (unsigned)line->gid);
    return write_file("/proc/self/gid_map", map)
           || complain(report, "/proc/self/gid_map cannot be written");
}

static bool enter_namespaces(const struct line *line, struct report *report) {
    /* Root may lack the right, too. */
    bool root = line->uid == 0 && unshare(CLONE_NEWNS) == 0;

    if (!root && unshare(CLONE_NEWUSER | CLONE_NEWNS))
        return complain(report, "A namespace of its own cannot be had on this system "
                                "(unshare)");
    if (!root && !map_self(line, report))
        return false;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
           || complain(report, "Mounts cannot be made private");
}

static bool mount_drive(const struct wnet_namespace *space, const struct line *line,
                        struct report *report, int *ret_fuse) {
    char options[128];
    int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);

    if (fuse < 0)
        return complain(report, "/dev/fuse cannot be opened");
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%u,group_id=%u", fuse,
             (unsigned)line->uid, (unsigned)line->gid);
    if (mount("mpr-drive", space->directory, "fuse.mpr", MS_NOSUID | MS_NODEV, options)) {
        complain(report, "The drive cannot be mounted on %s", space->directory);
        close(fuse);
        return false;
    }
    *ret_fuse = fuse;
    return true;
}

static bool send_report(int to, const struct report *report, int fd) {
    union {
        char bytes[CMSG_SPACE(sizeof fd)];
        struct cmsghdr align;
    } control = {0};
    struct iovec data = {(void *)(uintptr_t)report, sizeof *report};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};

    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        *CMSG_FIRSTHDR(&message) = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &fd, sizeof fd);
    }
    return sendmsg(to, &message, MSG_NOSIGNAL) == (ssize_t)sizeof *report;
}

/* The parent closes the line if the drive does not serve the mount. */
static bool wait_for_drive(int from) {
    char byte;
    ssize_t n;

    do
        n = read(from, &byte, 1);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

/*
 * Until the kernel has asked, the root of the mount belongs to user 0, who is unknown in the
 * namespace, so that nobody may write there.
 */
static void look_at(const char *directory) {
    struct stat facts;

    (void)stat(directory, &facts);
}

/* Does not return. */
static void become(const struct wnet_namespace *space, const struct line *line) {
    struct report report = {0};
    int fuse = -1;
    bool good = enter_namespaces(line, &report) && mount_drive(space, line, &report, &fuse);

    if (!send_report(line->child, &report, fuse) || !good || !wait_for_drive(line->child))
        _exit(125);
    close(fuse);
    look_at(space->directory);
    setenv("MPR_DRIVE_DIR", space->directory, 1);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigprocmask(SIG_SETMASK, &line->before, NULL);
    execvp(space->program[0], space->program);
    fprintf(stderr, "%s: %s\n", space->program[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

/* --- the parent --- */

static bool receive_report(int from, struct report *report, int *ret_fd) {
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
    if (recvmsg(from, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL) != (ssize_t)sizeof *report)
        return false;
    header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS)
        memcpy(ret_fd, CMSG_DATA(header), sizeof *ret_fd);
    report->problem[sizeof report->problem - 1] = '\0';
    return true;
}

static DWORD serve(const struct wnet_namespace *space, const struct line *line, char *problem,
                   size_t size) {
    struct report report = {0};
    int fuse;
    DWORD rc;

    if (!receive_report(line->parent, &report, &fuse)) {
        snprintf(problem, size, "The process for the command ended before it began.");
        return ERROR_GEN_FAILURE;
    }
    snprintf(problem, size, "%s", report.problem);
    if (fuse < 0)
        return ERROR_NOT_SUPPORTED;
    rc = MprServeDrive(space->name, fuse);
    close(fuse);
    return rc;
}

/* What the terminal sends goes to the child without us. */
static void hand_on(const siginfo_t *info, pid_t child) {
    if (info->si_code != SI_KERNEL)
        kill(child, info->si_signo);
}

static int wait_for(pid_t child, const struct line *line) {
    siginfo_t info;
    int status;

    while (waitpid(child, &status, WNOHANG) == 0)
        if (sigwaitinfo(&line->handed_on, &info) > 0 && info.si_signo != SIGCHLD)
            hand_on(&info, child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void block_signals(struct line *line) {
    static const int signals[] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT, SIGUSR1,
                                  SIGUSR2, SIGCONT, SIGWINCH, SIGCHLD};

    sigemptyset(&line->handed_on);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&line->handed_on, signals[i]);
    sigprocmask(SIG_BLOCK, &line->handed_on, &line->before);
}

static DWORD run(const struct wnet_namespace *space, struct line *line, int *ret_status,
                 char *problem, size_t size) {
    pid_t child = fork();
    DWORD rc;

    if (child < 0) {
        snprintf(problem, size, "There is no process to be had: %s.", strerror(errno));
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (child == 0) {
        close(line->parent);
        become(space, line);
    }
    close(line->child);
    line->child = -1;
    rc = serve(space, line, problem, size);
    if (rc == NO_ERROR && write(line->parent, "", 1) != 1)
        rc = ERROR_GEN_FAILURE;
    close(line->parent);
    line->parent = -1;
    *ret_status = wait_for(child, line);
    return rc;
}

DWORD wnet_namespace_run(const struct wnet_namespace *space, int *ret_status, char *problem,
                         size_t problem_size) {
    struct line line = {.uid = geteuid(), .gid = getegid()};
    int ends[2];
    DWORD rc;

    *problem = '\0';
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
        snprintf(problem, problem_size, "There is no socket to be had: %s.", strerror(errno));
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    line.parent = ends[0];
    line.child = ends[1];
    block_signals(&line);
    rc = run(space, &line, ret_status, problem, problem_size);
    sigprocmask(SIG_SETMASK, &line.before, NULL);
    if (line.parent >= 0)
        close(line.parent);
    if (line.child >= 0)
        close(line.child);
    return rc;
}
