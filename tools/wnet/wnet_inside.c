/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_inside.c: what happens in the namespaces of "wnet run".
 *
 * The child makes them, as only a process with one thread can, opens /dev/fuse in them, as
 * the kernel wants it, mounts, sends the descriptor out, and becomes the command. Before that
 * it leaves a keeper behind, who has the rights that the command loses: a mount whose drive
 * has ended is made anew.
 */
#include "config.h"

#include "tools/wnet/wnet_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static bool complain(struct wnet_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool complain(struct wnet_report *report, const char *format, ...) {
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
static bool map_self(const struct wnet_inside *inside, struct wnet_report *report) {
    char map[64];

    if (!write_file("/proc/self/setgroups", "deny"))
        return complain(report, "/proc/self/setgroups cannot be written");
    snprintf(map, sizeof map, "%u %u 1", (unsigned)inside->uid, (unsigned)inside->uid);
    if (!write_file("/proc/self/uid_map", map))
        return complain(report, "/proc/self/uid_map cannot be written");
    snprintf(map, sizeof map, "%u %u 1", (unsigned)inside->gid, (unsigned)inside->gid);
    return write_file("/proc/self/gid_map", map)
           || complain(report, "/proc/self/gid_map cannot be written");
}

static bool enter_namespaces(const struct wnet_inside *inside, struct wnet_report *report) {
    /* Root may lack the right, too. */
    bool root = inside->uid == 0 && unshare(CLONE_NEWNS) == 0;

    if (!root && unshare(CLONE_NEWUSER | CLONE_NEWNS))
        return complain(report, "A namespace of its own cannot be had on this system "
                                "(unshare)");
    if (!root && !map_self(inside, report))
        return false;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
           || complain(report, "Mounts cannot be made private");
}

static bool mount_drive(const struct wnet_inside *inside, struct wnet_report *report,
                        int *ret_fuse) {
    char options[128];
    int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);

    if (fuse < 0)
        return complain(report, "/dev/fuse cannot be opened");
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%u,group_id=%u", fuse,
             (unsigned)inside->uid, (unsigned)inside->gid);
    if (mount("mpr-drive", inside->directory, "fuse.mpr", MS_NOSUID | MS_NODEV, options)) {
        complain(report, "The drive cannot be mounted on %s", inside->directory);
        close(fuse);
        return false;
    }
    *ret_fuse = fuse;
    return true;
}

static bool send_report(int to, const struct wnet_report *report, int fd) {
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

/* ---- a keeper beside the command */

/* The line is closed when there is nothing more to be waited for. */
static bool wait_for_byte(int from) {
    char byte;
    ssize_t n;

    do
        n = read(from, &byte, 1);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

/*
 * Whether a drive is behind the mount. It also has the kernel ask whose the root is, which
 * belongs to user 0 until then: nobody there, so that nobody may write.
 */
static bool is_served(const char *directory) {
    struct stat root;
    struct statfs facts;

    return stat(directory, &root) == 0 && statfs(directory, &facts) == 0
           && facts.f_type == FUSE_SUPER_MAGIC;
}

/*
 * Does not return. Without a directory there is nothing to mount on, as yet. What is dead stays
 * below: else the command could write into the bare directory.
 */
static void keep(const struct wnet_inside *inside) {
    while (wait_for_byte(inside->line)) {
        struct wnet_report report = {0};
        int fuse = -1;

        if (is_served(inside->directory) || errno == ENOENT)
            continue;
        mount_drive(inside, &report, &fuse);
        if (!send_report(inside->line, &report, fuse))
            break;
        if (fuse >= 0)
            close(fuse);
    }
    _exit(0);
}

/* What the command has on its terminal and in its pipes is not the keeper's to hold. */
static void let_go(void) {
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = 0; nothing >= 0 && fd <= 2; fd++)
        dup2(nothing, fd);
    if (nothing > 2)
        close(nothing);
    setsid();
    (void)chdir("/");
}

/* No child of the command, which may wait for its own. Signals are blocked here. */
static void leave_keeper(const struct wnet_inside *inside) {
    pid_t between = fork();

    if (between == 0) {
        if (fork() != 0)
            _exit(0);
        let_go();
        keep(inside);
    }
    if (between > 0)
        waitpid(between, NULL, 0);
}

/* ---- */

void wnet_inside_become(const struct wnet_inside *inside, const sigset_t *signals) {
    struct wnet_report report = {0};
    int fuse = -1;
    bool good = enter_namespaces(inside, &report) && mount_drive(inside, &report, &fuse);

    if (!send_report(inside->line, &report, fuse) || !good || !wait_for_byte(inside->line))
        _exit(125);
    close(fuse);
    leave_keeper(inside);
    is_served(inside->directory);
    setenv("MPR_DRIVE_DIR", inside->directory, 1);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigprocmask(SIG_SETMASK, signals, NULL);
    execvp(inside->program[0], inside->program);
    fprintf(stderr, "%s: %s\n", inside->program[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}
