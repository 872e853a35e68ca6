/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * served.c: mounts of somebody else's that a drive serves: when one ends, nothing of it
 * stays in the drive, and others do not notice.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service/drive_tree.h"
#include "tests/drive/mount_rig.h"
#include "tests/drive/posix_remote.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define FILES   20
#define SOON_MS 20000

static struct drive drive = {.options = {.attribute_ms = 1000, .io_timeout_ms = 20000}};
static char root[64];

static const char *path_of(const char *part, const char *name) {
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s%s%s", root, part, *name ? "/" : "", name);
    return path;
}

static size_t count_nodes(void) {
    struct drive_tree *tree = drive.tree;
    size_t count;

    mpr_lock(&tree->lock);
    count = tree->numbers.count;
    mpr_unlock(&tree->lock);
    return count;
}

static unsigned count_fuse(void) {
    DIR *fds = opendir("/proc/self/fd");
    const struct dirent *entry;
    char target[64];
    unsigned count = 0;

    while (fds && (entry = readdir(fds))) {
        ssize_t size = readlinkat(dirfd(fds), entry->d_name, target, sizeof target - 1);

        target[size > 0 ? size : 0] = '\0';
        count += strcmp(target, "/dev/fuse") == 0;
    }
    if (fds)
        closedir(fds);
    return count;
}

static void serve(const char *part) {
    char name[32], words[256] = "";
    int fd;

    mkdir(path_of(part, ""), 0755);
    fd = rig_mount(path_of(part, ""));
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    tap_file(drive_fuse_start(&drive, name, words, sizeof words), 0, "%s is served %s", part,
             words);
}

/* In a process of its own, which keeps a file open, and works there, until it is killed. */
static pid_t use(const char *part) {
    char byte = 0;
    int ready[2];
    pid_t pid;

    if (pipe2(ready, O_CLOEXEC) != 0 || (pid = fork()) < 0)
        exit(99);
    if (pid == 0) {
        struct stat facts;
        DIR *names;
        int fd = -1;

        /* No descriptor of FUSE, which would keep the mount alive. */
        if (dup2(ready[1], STDERR_FILENO) < 0 || close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
            _exit(1);
        for (int i = 0; i < FILES; i++) {
            char name[16];

            snprintf(name, sizeof name, "file%d", i);
            if (fd >= 0)
                close(fd);
            fd = open(path_of(part, name), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
            byte = (char)(byte + (fd < 0 || stat(path_of(part, name), &facts) != 0));
        }
        names = opendir(path_of(part, ""));
        while (names && readdir(names))
            ;
        byte = (char)(byte + (chdir(path_of(part, "")) != 0));
        if (write(STDERR_FILENO, &byte, 1) == 1)
            pause();
        _exit(0);
    }
    close(ready[1]);
    tap_ok(read(ready[0], &byte, 1) == 1 && byte == 0, "%s is used", part);
    close(ready[0]);
    return pid;
}

static void let_go(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static bool are_soon(size_t nodes) {
    double end = stage_ms() + SOON_MS;

    while (count_nodes() > nodes && stage_ms() < end)
        usleep(5000);
    printf("# %zu files are known\n", count_nodes());
    return count_nodes() <= nodes;
}

static void unmounted(void) {
    pid_t user;

    tap_group("unmounted");
    for (int i = 0; i < 3; i++) {
        serve("one");
        user = use("one");
        tap_ok(count_nodes() > FILES, "the drive knows %zu files", count_nodes());
        let_go(user);
        tap_ok(umount2(path_of("one", ""), MNT_DETACH) == 0 && are_soon(1),
               "unmounted it is forgotten");
    }
    tap_ok(count_fuse() == 0, "no descriptor is kept: %u", count_fuse());
    tap_ok(atomic_load(&posix_control()->open_files) == 0, "no file is open at the server");
}

static void others_stay(void) {
    pid_t one, other;
    size_t nodes;

    tap_group("two");
    serve("one");
    serve("other");
    other = use("other");
    nodes = count_nodes();
    one = use("one");
    let_go(one);
    tap_ok(umount2(path_of("one", ""), MNT_DETACH) == 0 && count_nodes() >= nodes,
           "one is unmounted, of %zu files", nodes);
    usleep(200000);
    tap_ok(count_nodes() == nodes, "what the other one uses stays: %zu", count_nodes());
    let_go(other);
    other = use("other");
    let_go(other);
    tap_ok(umount2(path_of("other", ""), MNT_DETACH) == 0 && are_soon(1), "and goes with that");
}

static void stopped(void) {
    pid_t user;

    tap_group("the drive stops");
    serve("one");
    user = use("one");
    drive_fuse_stop(&drive);
    tap_ok(are_soon(1), "what it served is forgotten");
    tap_ok(access(path_of("one", ""), F_OK) < 0 && errno == ENOTCONN, "who uses it is told");
    let_go(user);
    umount2(path_of("one", ""), MNT_DETACH);
}

int main(void) {
    char command[128];

    rig_enter();
    snprintf(root, sizeof root, "/tmp/mpr-served-XXXXXX");
    if (!mkdtemp(root) || mkdir(path_of("server", ""), 0755) != 0
        || posix_remote_start(&drive, path_of("server", "")) != 0 || drive_tree_new(&drive) != 0) {
        printf("Bail out! no drive in %s\n", root);
        return 99;
    }
    unmounted();
    others_stay();
    stopped();
    drive_data_stop(&drive);
    drive_tree_free(&drive);
    posix_remote_stop(&drive);
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    tap_ok(system(command) == 0, "%s", command);
    return tap_done();
}
