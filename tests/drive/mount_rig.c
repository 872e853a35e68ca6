/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount_rig.c: see mount_rig.h.
 */
#include "config.h"

#include "tests/drive/mount_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lab/tap.h"

static char root[64];
static pid_t process;
static struct posix_control *control;

static void skip(const char *why) {
    printf("1..0 # SKIP %s\n", why);
    exit(77);
}

static void bail_out(const char *why) {
    printf("Bail out! %s: %s\n", why, strerror(errno));
    exit(99);
}

static void write_text(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        skip("user namespaces are not allowed here");
    close(fd);
}

void rig_enter(void) {
    unsigned uid = geteuid(), gid = getegid();
    char map[64];

    if (access("/dev/fuse", R_OK | W_OK) != 0)
        skip("/dev/fuse cannot be opened");
    if (unshare(uid == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0)
        skip("namespaces are not allowed here");
    if (uid != 0) {
        write_text("/proc/self/setgroups", "deny");
        snprintf(map, sizeof map, "0 %u 1", uid);
        write_text("/proc/self/uid_map", map);
        snprintf(map, sizeof map, "0 %u 1", gid);
        write_text("/proc/self/gid_map", map);
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        skip("mounting is not allowed here");
}

static const char *path_of(const char *part, const char *name) {
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s%s%s", root, part, *name ? "/" : "", name);
    return path;
}

const char *rig_on(const char *name) {
    return path_of("mount", name);
}

const char *rig_at(const char *name) {
    return path_of("server", name);
}

struct posix_control *rig_control(void) {
    return control;
}

static void map_control(void) {
    int fd = open(path_of("control", ""), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *map = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, sizeof *control) == 0)
        map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        bail_out("control file");
    control = map;
    close(fd);
}

static void be_drive(int answer, const char *where, const char *attribute_ms,
                     const char *io_timeout_ms) {
    const char *build = getenv("abs_top_builddir");
    char program[512];

    snprintf(program, sizeof program, "%s/tests/drive/drive-posix", build ? build : ".");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("MPR_POSIX_CONTROL", path_of("control", ""), 1);
    dup2(answer, STDOUT_FILENO);
    execl(program, program, rig_at(""), where, attribute_ms, io_timeout_ms, (char *)NULL);
    _exit(127);
}

static void make_directories(void) {
    static int entered;

    if (!entered++)
        rig_enter();
    snprintf(root, sizeof root, "/tmp/mpr-rig-XXXXXX");
    if (!mkdtemp(root) || mkdir(rig_on(""), 0755) != 0 || mkdir(rig_at(""), 0755) != 0)
        bail_out("directories");
    map_control();
}

static void start_drive(const char *where, const char *attribute_ms, const char *io_timeout_ms) {
    char answer[16] = "";
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0)
        bail_out("pipe");
    fflush(stdout);
    process = fork();
    if (process == 0)
        be_drive(fds[1], where, attribute_ms, io_timeout_ms);
    close(fds[1]);
    if (process < 0 || read(fds[0], answer, sizeof answer - 1) <= 0
        || strcmp(answer, "mounted\n") != 0)
        bail_out("drive-posix did not start");
    close(fds[0]);
}

void rig_start(const char *attribute_ms, const char *io_timeout_ms) {
    make_directories();
    start_drive(rig_on(""), attribute_ms, io_timeout_ms);
}

int rig_mount(const char *directory) {
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    char options[128];

    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%u,group_id=%u", fd, geteuid(),
             getegid());
    if (fd < 0 || mount("test", directory, "fuse.test", MS_NOSUID | MS_NODEV, options) != 0)
        bail_out("mount");
    return fd;
}

void rig_start_any_case(const char *attribute_ms, const char *io_timeout_ms) {
    make_directories();
    atomic_store(&control->any_case, 1);
    start_drive(rig_on(""), attribute_ms, io_timeout_ms);
}

void rig_start_served(const char *attribute_ms, const char *io_timeout_ms) {
    char where[32];
    int fd;

    make_directories();
    fd = rig_mount(rig_on(""));
    snprintf(where, sizeof where, "/dev/fd/%d", fd);
    if (fcntl(fd, F_SETFD, 0) != 0)
        bail_out("/dev/fuse");
    start_drive(where, attribute_ms, io_timeout_ms);
    close(fd);
}

void rig_stop_served(void) {
    int status;

    kill(process, SIGTERM);
    waitpid(process, &status, 0);
    tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the drive ends by itself: 0x%x",
           (unsigned)status);
}

void rig_kill(void) {
    kill(process, SIGKILL);
    waitpid(process, NULL, 0);
}

void rig_clear(void) {
    char command[128];

    umount2(rig_on(""), MNT_DETACH);
    munmap(control, sizeof *control);
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    if (system(command) != 0)
        tap_ok(false, "%s", command);
}

void rig_stop_keeping(void) {
    struct stat above, mount_point;

    rig_stop_served();
    tap_ok(stat(root, &above) == 0 && stat(rig_on(""), &mount_point) == 0
               && above.st_dev == mount_point.st_dev,
           "nothing is mounted any more");
    tap_ok(atomic_load(&control->open_files) == 0, "no file is open at the server");
}

void rig_stop(void) {
    rig_stop_keeping();
    rig_clear();
}
