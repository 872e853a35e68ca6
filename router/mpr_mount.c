/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_mount.c: mount points, mounts of ours, and their end.
 */
#include "config.h"

#include "router/mpr_mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"

#define FUSERMOUNT    "fusermount3"
#define FUSERMOUNT_MS 1000
#define MOST_STACKED  64 /* so many mounts on one directory are none of our making */
#define DRIVES        "drives"

/* ---- what is mounted */

static bool is_octal(const char *at) {
    return at[0] >= '0' && at[0] <= '3' && at[1] >= '0' && at[1] <= '7' && at[2] >= '0'
           && at[2] <= '7';
}

/* The kernel writes blank, tab, newline and backslash as \ooo. In place. */
static void unescape(char *text) {
    char *to = text;

    for (const char *at = text; *at; at++) {
        if (*at == '\\' && is_octal(at + 1)) {
            *to++ = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
            at += 3;
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
}

/* One line of mountinfo; false: not understood. *ret_path points into it. */
static bool read_line(char *line, char **ret_path, struct mpr_mount *ret) {
    char *dash = strstr(line, " - ");
    char *fields[5], *rest = line, *type;

    if (!dash)
        return false;
    *dash = '\0';
    for (size_t i = 0; i < 5; i++) {
        fields[i] = strsep(&rest, " ");
        if (!fields[i])
            return false;
    }
    if (sscanf(fields[0], "%d", &ret->id) != 1
        || sscanf(fields[2], "%u:%u", &ret->major, &ret->minor) != 2)
        return false;
    unescape(fields[4]);
    *ret_path = fields[4];
    type = dash + strlen(" - ");
    type[strcspn(type, " ")] = '\0';
    ret->ours = strcmp(type, MPR_MOUNT_TYPE) == 0;
    return true;
}

/* Goes over what is mounted, from the bottom to the top. Returns 0 or -errno. */
static int for_each(void (*fn)(void *context, const char *path, const struct mpr_mount *mount),
                    void *context) {
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char *line = NULL, *path;
    struct mpr_mount mount;
    size_t size = 0;

    if (!file)
        return -errno;
    while (getline(&line, &size, file) > 0)
        if (read_line(line, &path, &mount))
            fn(context, path, &mount);
    free(line);
    fclose(file);
    return 0;
}

struct wanted {
    const char *path;
    struct mpr_mount *mount;
    bool found;
};

static void compare(void *context, const char *path, const struct mpr_mount *mount) {
    struct wanted *wanted = context;

    int below = 0;

    if (strcmp(path, wanted->path) != 0)
        return;
    if (wanted->found && wanted->mount->ours)
        below = wanted->mount->below + 1;
    *wanted->mount = *mount;
    wanted->mount->below = below;
    wanted->found = true;
}

bool mpr_mount_find(const char *path, struct mpr_mount *ret) {
    struct mpr_mount mount;
    struct wanted wanted = {path, &mount, false};

    if (for_each(compare, &wanted) || !wanted.found)
        return false;
    *ret = mount;
    return true;
}

/* ---- taking it away */

/* Waits for a child, ends it if it takes too long. Returns its exit status or -errno. */
static int await_child(pid_t pid) {
    int pidfd = pidfd_open(pid, 0);
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    siginfo_t info = {.si_pid = 0};
    bool late = pidfd < 0 || poll(&end, 1, FUSERMOUNT_MS) <= 0;

    if (late)
        kill(pid, SIGKILL);
    while (waitid(P_PID, (id_t)pid, &info, WEXITED) && errno == EINTR)
        ;
    if (pidfd >= 0)
        close(pidfd);
    if (late)
        return -ETIMEDOUT;
    return info.si_code == CLD_EXITED ? info.si_status : -EIO;
}

/* Without any of our descriptors. Returns 0, -EBUSY for whatever it complains about, -errno. */
static int run_fusermount(const char *path, bool lazy) {
    char name[] = FUSERMOUNT, unmount[] = "-u", lazily[] = "-uz", end[] = "--";
    MPR_AUTOFREE char *copy = strdup(path);
    char *arguments[] = {name, lazy ? lazily : unmount, end, copy, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    pid_t pid;
    int rc;

    if (!copy || posix_spawn_file_actions_init(&actions))
        return -ENOMEM;
    rc = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, 0, 1);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, 0, 2);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (rc == 0 && (rc = posix_spawnattr_init(&attributes)) == 0) {
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        rc = posix_spawnp(&pid, FUSERMOUNT, &actions, &attributes, arguments, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    if (rc)
        return -rc;
    rc = await_child(pid);
    return rc > 0 ? -EBUSY : rc;
}

int mpr_mount_remove(const char *path, bool lazy) {
    if (umount2(path, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) == 0)
        return 0;
    return errno == EPERM ? run_fusermount(path, lazy) : -errno;
}

static void find_below(void *context, const char *path, const struct mpr_mount *mount) {
    struct wanted *wanted = context;
    size_t length = strlen(wanted->path);

    (void)mount;
    if (strncmp(path, wanted->path, length) == 0 && path[length] == '/')
        wanted->found = true;
}

/* Whoever comes by keeps a mount from expiring; this asks nobody. */
static bool come_by(const char *path) {
    int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd >= 0 && close(fd) == 0;
}

/* The first call with MNT_EXPIRE takes nothing away. A second one would, but for who came by. */
bool mpr_mount_is_busy(const char *path) {
    struct wanted wanted = {.path = path};

    if (geteuid() == 0 && come_by(path) && umount2(path, UMOUNT_NOFOLLOW | MNT_EXPIRE) < 0
        && errno != EPERM) {
        bool busy = errno == EBUSY;

        come_by(path);
        return busy;
    }
    for_each(find_below, &wanted);
    return wanted.found;
}

static int remove_all(const char *path) {
    struct mpr_mount mount;
    int rc = 0;

    for (int i = 0; i < MOST_STACKED && rc == 0 && mpr_mount_find(path, &mount) && mount.ours; i++)
        rc = mpr_mount_remove(path, true);
    return rc;
}

/* "drives/Z", and what it is to lead to: "Z:". False: path has no colon to be left out. */
static bool find_link(const char *path, char link[PATH_MAX], const char **ret_target) {
    size_t length = strlen(path);
    const char *name = strrchr(path, '/');

    if (!name || length >= PATH_MAX || path[length - 1] != ':' || !name[1] || name[1] == ':')
        return false;
    memcpy(link, path, length - 1);
    link[length - 1] = '\0';
    *ret_target = name + 1;
    return true;
}

void mpr_mount_link(const char *path) {
    char link[PATH_MAX];
    const char *target;

    if (find_link(path, link, &target) && symlink(target, link) && errno != EEXIST)
        mpr_trace("drive", "%s cannot be made: %m", link);
}

void mpr_mount_unlink(const char *path) {
    char link[PATH_MAX], there[NAME_MAX + 1];
    const char *target;
    ssize_t size;

    if (!find_link(path, link, &target))
        return;
    size = readlink(link, there, sizeof there);
    if (size == (ssize_t)strlen(target) && memcmp(there, target, (size_t)size) == 0)
        unlink(link);
}

int mpr_mount_clear(const char *path) {
    int rc = remove_all(path);

    if (rc == 0) {
        mpr_mount_unlink(path);
        rmdir(path);
    }
    return rc;
}

struct found {
    const char *directory;
    char **paths;
    size_t count;
};

static void collect(void *context, const char *path, const struct mpr_mount *mount) {
    struct found *found = context;
    size_t length = strlen(found->directory);
    char **more;

    if (!mount->ours || strncmp(path, found->directory, length) != 0 || path[length] != '/'
        || strchr(path + length + 1, '/'))
        return;
    more = reallocarray(found->paths, found->count + 1, sizeof *more);
    if (!more)
        return;
    found->paths = more;
    more[found->count] = strdup(path);
    found->count += more[found->count] != NULL;
}

unsigned mpr_mount_clear_all(const char *directory) {
    struct found found = {.directory = directory};
    unsigned count = 0;

    for_each(collect, &found);
    for (size_t i = 0; i < found.count; i++) {
        count += mpr_mount_clear(found.paths[i]) == 0;
        free(found.paths[i]);
    }
    free(found.paths);
    return count;
}

/* ---- where */

/* A directory of ours that nobody else may write to. */
static bool check_directory(int fd, const char *path, struct mpr_failure *failure) {
    struct stat facts;

    if (fstat(fd, &facts)) {
        mpr_failure_set(failure, (uint32_t)errno, "The directory %s cannot be looked at: %s.", path,
                        strerror(errno));
        return false;
    }
    if (facts.st_uid != geteuid()) {
        mpr_failure_set(failure, EACCES,
                        "The directory %s belongs to another user (%u). Drives are mounted in "
                        "directories of one's own only.",
                        path, (unsigned)facts.st_uid);
        return false;
    }
    if (facts.st_mode & (S_IWGRP | S_IWOTH)) {
        mpr_failure_set(failure, EACCES,
                        "Others than its owner may write to the directory %s (mode %04o). Drives "
                        "are not mounted there; \"chmod 700\" mends it.",
                        path, (unsigned)facts.st_mode & 07777u);
        return false;
    }
    return true;
}

/* Opens a directory that is no symbolic link, or says why not. Returns a descriptor or -1. */
static int open_directory(const char *path, struct mpr_failure *failure) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        mpr_failure_set(
            failure, (uint32_t)errno, "The directory %s cannot be used for drives: %s.", path,
            errno == ELOOP || errno == ENOTDIR ? "it is a symbolic link, or no directory"
                                               : strerror(errno));
    return fd;
}

/* Makes a directory; its parents too, as far as they are missing. */
static bool make_directory(const char *path, struct mpr_failure *failure) {
    MPR_AUTOFREE char *copy = strdup(path);

    for (char *slash = copy ? strchr(copy + 1, '/') : NULL; slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0700); /* what is wrong with it is found at the last one */
        *slash = '/';
    }
    if (copy && (mkdir(path, 0700) == 0 || errno == EEXIST))
        return true;
    mpr_failure_set(failure, (uint32_t)errno, "The directory %s for drives cannot be made: %s.",
                    path, strerror(errno));
    return false;
}

DWORD mpr_mount_root(const struct mpr_paths *paths, const struct mpr_config *config,
                     struct mpr_failure *failure, char **ret_directory) {
    MPR_AUTOFREE char *path = config->drives_directory ? strdup(config->drives_directory)
                                                       : mpr_paths_join(paths->runtime, DRIVES);
    bool fit = false;
    char *real;
    int fd;

    if (!path)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (!make_directory(path, failure))
        return ERROR_ACCESS_DENIED;
    fd = open_directory(path, failure);
    if (fd >= 0) {
        fit = check_directory(fd, path, failure);
        close(fd);
    }
    if (!fit)
        return ERROR_ACCESS_DENIED;
    real = realpath(path, NULL);
    if (!real) {
        mpr_failure_set(failure, (uint32_t)errno, "The directory %s cannot be resolved: %s.", path,
                        strerror(errno));
        return ERROR_ACCESS_DENIED;
    }
    *ret_directory = real;
    return NO_ERROR;
}

/* What lies there would be hidden by a mount. */
static bool is_empty(int fd) {
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *directory = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    bool empty = true;

    if (!directory) {
        if (copy >= 0)
            close(copy);
        return false;
    }
    while (empty && (entry = readdir(directory)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(directory);
    return empty;
}

DWORD mpr_mount_prepare(const char *path, struct mpr_failure *failure) {
    struct mpr_mount mount;
    bool fit;
    int fd;

    /* The directory stays: with it would go what is mounted on it in other namespaces. */
    if (mpr_mount_find(path, &mount) && mount.ours) {
        int rc = remove_all(path);

        if (rc) {
            mpr_failure_set(failure, (uint32_t)-rc,
                            "What a drive that has ended left mounted on %s cannot be taken away: "
                            "%s.",
                            path, strerror(-rc));
            return ERROR_DEVICE_IN_USE;
        }
    }
    if (mpr_mount_find(path, &mount)) {
        mpr_failure_set(failure, EBUSY,
                        "Something else is mounted on %s. Unmount it, or choose another device or "
                        "\"drives_directory\" in mpr.json.",
                        path);
        return ERROR_DEVICE_IN_USE;
    }
    if (!make_directory(path, failure))
        return ERROR_ACCESS_DENIED;
    fd = open_directory(path, failure);
    if (fd < 0)
        return ERROR_ACCESS_DENIED;
    fit = check_directory(fd, path, failure);
    if (fit && !is_empty(fd)) {
        mpr_failure_set(failure, ENOTEMPTY,
                        "The directory %s is not empty: a drive mounted there would hide what it "
                        "has.",
                        path);
        fit = false;
    }
    if (fit && fchmod(fd, MPR_MOUNT_BARE)) {
        mpr_failure_set(failure, (uint32_t)errno, "The mode of the directory %s cannot be set: %s.",
                        path, strerror(errno));
        fit = false;
    }
    close(fd);
    return fit ? NO_ERROR : ERROR_ACCESS_DENIED;
}
