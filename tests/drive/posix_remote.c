/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * posix_remote.c: see posix_remote.h.
 */
#include "config.h"

#include "tests/drive/posix_remote.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_time.h"
#include "service/drive.h"

struct drive_remote {
    int root;
    _Atomic bool aborted;
};

struct drive_file {
    int fd;
};

static struct posix_control own_control;
static struct posix_control *control = &own_control;
static pthread_once_t control_once = PTHREAD_ONCE_INIT;

static void map_control(void) {
    const char *path = secure_getenv("MPR_POSIX_CONTROL");
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    void *map;

    if (fd < 0)
        return;
    if (ftruncate(fd, sizeof *control) == 0) {
        map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map != MAP_FAILED)
            control = map;
    }
    close(fd);
}

struct posix_control *posix_control(void) {
    pthread_once(&control_once, map_control);
    return control;
}

static void sleep_ns(int64_t ns) {
    struct timespec time = mpr_timespec(ns);

    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) == EINTR)
        ;
}

/* One fewer, unless there are none left. Returns whether there was one. */
static bool take_one(_Atomic uint32_t *count) {
    uint32_t left = atomic_load(count);

    while (left && !atomic_compare_exchange_weak(count, &left, left - 1))
        ;
    return left != 0;
}

/* What comes before each operation. Returns 0 or -errno. */
static int begin(struct drive *drive, enum posix_op op, size_t bytes) {
    int64_t deadline = mpr_deadline_in_ms(drive->options.io_timeout_ms);
    uint32_t rate = atomic_load(&control->bytes_per_ms);
    int fault;

    atomic_fetch_add(&control->calls[op], 1);
    atomic_fetch_add(&drive->operations, 1);
    if (drive->remote->aborted)
        return -ENOTCONN;
    if (atomic_load(&control->delay_us) || (rate && bytes))
        sleep_ns(atomic_load(&control->delay_us) * 1000LL
                 + (rate ? (int64_t)bytes * MPR_NS_PER_MS / rate : 0));
    while (atomic_load(&control->silent)) {
        if (drive->remote->aborted)
            return -ENOTCONN;
        if (mpr_now_ns() > deadline)
            return -ETIMEDOUT;
        sleep_ns(MPR_NS_PER_MS);
    }
    fault = atomic_load(&control->fault[op]);
    if (!fault || take_one(&control->fault_after[op]))
        return 0;
    if (atomic_load(&control->fault_count[op])
        && atomic_fetch_sub(&control->fault_count[op], 1) == 1)
        atomic_store(&control->fault[op], 0);
    return -fault;
}

/* Appends a part of a path as it is in the directory so far: in another case, if it is so there. */
static void append(int root, char *path, size_t size, const char *part, size_t length) {
    size_t used = strlen(path);
    int fd = openat(root, used ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    char found[256];
    struct stat st;

    snprintf(found, sizeof found, "%.*s", (int)length, part);
    if (stream && fstatat(fd, found, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        while ((entry = readdir(stream)) && strcasecmp(entry->d_name, found) != 0)
            ;
        if (entry)
            snprintf(found, sizeof found, "%s", entry->d_name);
    }
    if (stream)
        closedir(stream);
    snprintf(path + used, size - used, "%s%s", used ? "/" : "", found);
}

/* Below the root. Good until the 4th call after in this thread. */
static const char *relative(const struct drive *drive, const char *path) {
    static _Thread_local char paths[4][1024];
    static _Thread_local unsigned next;
    char *found = paths[next++ % 4];
    size_t length;

    path += strspn(path, "/");
    if (!*path || !atomic_load(&control->any_case))
        return *path ? path : ".";
    for (*found = '\0'; *path; path += length + strspn(path + length, "/")) {
        length = strcspn(path, "/");
        append(drive->remote->root, found, sizeof paths[0], path, length);
    }
    return found;
}

static int64_t ns_of(struct timespec time) {
    return time.tv_sec * MPR_NS_PER_S + time.tv_nsec;
}

static struct mpr_stat attributes_of(const struct stat *st) {
    bool late = atomic_load(&control->late_times) && atomic_load(&control->open_files);

    return (struct mpr_stat){
        .ino = st->st_ino,
        .size = (uint64_t)st->st_size,
        .space = (uint64_t)st->st_blocks * 512,
        .atime_ns = ns_of(st->st_atim),
        .mtime_ns = late ? 0 : ns_of(st->st_mtim),
        .ctime_ns = ns_of(st->st_ctim),
        .mode = st->st_mode,
        .nlink = atomic_load(&control->one_link) ? 1 : (uint32_t)st->st_nlink,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .valid = (MPR_STAT_INO | MPR_STAT_MODE | MPR_STAT_OWNER) & ~atomic_load(&control->without),
        .rdev = (uint32_t)st->st_rdev,
    };
}

static int result_of(int rc) {
    return rc < 0 ? -errno : 0;
}

int posix_remote_start(struct drive *drive, const char *directory) {
    struct drive_remote *remote = calloc(1, sizeof *remote);

    posix_control();
    if (!remote)
        return -ENOMEM;
    remote->root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (remote->root < 0) {
        free(remote);
        return -errno;
    }
    if (!drive->options.io_timeout_ms)
        drive->options.io_timeout_ms = 30000;
    drive->remote = remote;
    return 0;
}

void posix_remote_stop(struct drive *drive) {
    close(drive->remote->root);
    free(drive->remote);
    drive->remote = NULL;
}

void drive_remote_abort(struct drive *drive) {
    drive->remote->aborted = true;
}

int drive_remote_open(struct drive *drive, const char *path, int flags, uint32_t mode,
                      struct drive_file **ret_file) {
    int rc = begin(drive, POSIX_OPEN, 0);
    struct drive_file *file = rc == 0 ? calloc(1, sizeof *file) : NULL;
    struct stat st;

    if (rc != 0 || !file)
        return rc ? rc : -ENOMEM;
    file->fd =
        openat(drive->remote->root, relative(drive, path), flags | O_CLOEXEC | O_NONBLOCK, mode);
    rc = file->fd < 0 ? -errno : 0;
    if (rc == 0 && fstat(file->fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(file->fd);
        rc = -EISDIR;
    }
    if (rc != 0) {
        free(file);
        return rc;
    }
    atomic_fetch_add(&control->open_files, 1);
    *ret_file = file;
    return 0;
}

int drive_remote_close(struct drive *drive, struct drive_file *file) {
    int rc = begin(drive, POSIX_CLOSE, 0);

    close(file->fd);
    free(file);
    atomic_fetch_sub(&control->open_files, 1);
    return rc;
}

int64_t drive_remote_pread(struct drive *drive, struct drive_file *file, void *data, size_t size,
                           uint64_t offset) {
    int rc = begin(drive, POSIX_PREAD, size);
    size_t done = 0;
    ssize_t got = 0;

    if (rc != 0)
        return rc;
    while (done < size
           && (got = pread(file->fd, (char *)data + done, size - done, (off_t)(offset + done))) > 0)
        done += (size_t)got;
    if (got < 0)
        return -errno;
    atomic_fetch_add(&drive->bytes_read, done);
    return (int64_t)done;
}

int64_t drive_remote_pwrite(struct drive *drive, struct drive_file *file, const void *data,
                            size_t size, uint64_t offset) {
    int rc = begin(drive, POSIX_PWRITE, size);
    size_t done = 0;
    ssize_t put;

    if (rc != 0)
        return rc;
    while (done < size) {
        put = pwrite(file->fd, (const char *)data + done, size - done, (off_t)(offset + done));
        if (put < 0)
            return done ? (int64_t)done : -errno;
        done += (size_t)put;
    }
    atomic_fetch_add(&drive->bytes_written, done);
    return (int64_t)done;
}

int drive_remote_fsync(struct drive *drive, struct drive_file *file) {
    int rc = begin(drive, POSIX_FSYNC, 0);

    return rc ? rc : result_of(fsync(file->fd));
}

int drive_remote_ftruncate(struct drive *drive, struct drive_file *file, uint64_t size) {
    int rc = begin(drive, POSIX_FTRUNCATE, 0);

    return rc ? rc : result_of(ftruncate(file->fd, (off_t)size));
}

int drive_remote_fstat(struct drive *drive, struct drive_file *file, struct mpr_stat *ret) {
    int rc = begin(drive, POSIX_FSTAT, 0);
    struct stat st;

    if (rc != 0)
        return rc;
    if (fstat(file->fd, &st) != 0)
        return -errno;
    *ret = attributes_of(&st);
    return 0;
}

int drive_remote_stat(struct drive *drive, const char *path, struct mpr_stat *ret) {
    int rc = begin(drive, POSIX_STAT, 0);
    struct stat st;

    if (rc != 0)
        return rc;
    if (fstatat(drive->remote->root, relative(drive, path), &st, AT_SYMLINK_NOFOLLOW) != 0)
        return -errno;
    *ret = attributes_of(&st);
    return 0;
}

int drive_remote_truncate(struct drive *drive, const char *path, uint64_t size) {
    int rc = begin(drive, POSIX_TRUNCATE, 0), fd;

    if (rc != 0)
        return rc;
    fd = openat(drive->remote->root, relative(drive, path), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    rc = result_of(ftruncate(fd, (off_t)size));
    close(fd);
    return rc;
}

int drive_remote_readdir(struct drive *drive, const char *path, mpr_dirent_fn fn, void *context) {
    int rc = begin(drive, POSIX_READDIR, 0), fd;
    struct dirent *entry;
    struct mpr_stat attributes;
    struct stat st;
    DIR *stream;

    if (rc != 0)
        return rc;
    fd = openat(drive->remote->root, relative(drive, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    stream = fd < 0 ? NULL : fdopendir(fd);
    if (!stream)
        return -errno;
    while ((entry = readdir(stream))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0
            || fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        attributes = attributes_of(&st);
        if (fn(context, entry->d_name, &attributes) != 0)
            break;
    }
    closedir(stream);
    atomic_fetch_add(&posix_control()->held, 1);
    while (atomic_load(&posix_control()->hold_lists))
        usleep(1000);
    atomic_fetch_sub(&posix_control()->held, 1);
    return 0;
}

int drive_remote_mkdir(struct drive *drive, const char *path, uint32_t mode) {
    int rc = begin(drive, POSIX_MKDIR, 0);

    return rc ? rc : result_of(mkdirat(drive->remote->root, relative(drive, path), mode));
}

int drive_remote_rmdir(struct drive *drive, const char *path) {
    int rc = begin(drive, POSIX_RMDIR, 0);

    return rc ? rc : result_of(unlinkat(drive->remote->root, relative(drive, path), AT_REMOVEDIR));
}

int drive_remote_unlink(struct drive *drive, const char *path) {
    int rc = begin(drive, POSIX_UNLINK, 0);

    return rc ? rc : result_of(unlinkat(drive->remote->root, relative(drive, path), 0));
}

int drive_remote_rename(struct drive *drive, const char *from, const char *to) {
    int rc = begin(drive, POSIX_RENAME, 0), root = drive->remote->root;
    const char *source, *target;

    if (rc != 0)
        return rc;
    source = relative(drive, from);
    target = relative(drive, to);
    if (strcmp(source, target) == 0) /* one file: it is spelled so from now on */
        target = to + strspn(to, "/");
    return result_of(renameat(root, source, root, target));
}

int drive_remote_link(struct drive *drive, const char *from, const char *to) {
    int rc = begin(drive, POSIX_LINK, 0), root = drive->remote->root;

    return rc ? rc : result_of(linkat(root, relative(drive, from), root, relative(drive, to), 0));
}

int drive_remote_symlink(struct drive *drive, const char *target, const char *path) {
    int rc = begin(drive, POSIX_SYMLINK, 0);

    return rc ? rc : result_of(symlinkat(target, drive->remote->root, relative(drive, path)));
}

int drive_remote_readlink(struct drive *drive, const char *path, char *buffer, size_t size) {
    int rc = begin(drive, POSIX_READLINK, 0);
    ssize_t length;

    if (rc != 0)
        return rc;
    length = readlinkat(drive->remote->root, relative(drive, path), buffer, size);
    if (length < 0)
        return -errno;
    if ((size_t)length >= size)
        return -ERANGE;
    buffer[length] = '\0';
    return 0;
}

int drive_remote_chmod(struct drive *drive, const char *path, uint32_t mode) {
    int rc = begin(drive, POSIX_CHMOD, 0);

    return rc ? rc
              : result_of(fchmodat(drive->remote->root, relative(drive, path), mode & 07777, 0));
}

int drive_remote_chown(struct drive *drive, const char *path, uint32_t uid, uint32_t gid) {
    int rc = begin(drive, POSIX_CHOWN, 0);

    return rc ? rc
              : result_of(fchownat(drive->remote->root, relative(drive, path), uid, gid,
                                   AT_SYMLINK_NOFOLLOW));
}

int drive_remote_utimens(struct drive *drive, const char *path, int64_t atime_ns,
                         int64_t mtime_ns) {
    int64_t wanted[2] = {atime_ns, mtime_ns};
    struct timespec times[2];
    int rc = begin(drive, POSIX_UTIMENS, 0);

    if (rc != 0)
        return rc;
    for (int i = 0; i < 2; i++) {
        int64_t second = wanted[i] / MPR_NS_PER_S - (wanted[i] % MPR_NS_PER_S < 0);

        times[i] = (struct timespec){.tv_nsec = UTIME_OMIT};
        if (wanted[i] != MPR_TIME_OMIT)
            times[i] =
                (struct timespec){.tv_sec = second, .tv_nsec = wanted[i] - second * MPR_NS_PER_S};
    }
    return result_of(
        utimensat(drive->remote->root, relative(drive, path), times, AT_SYMLINK_NOFOLLOW));
}

int drive_remote_statvfs(struct drive *drive, const char *path, struct mpr_statvfs *ret) {
    int rc = begin(drive, POSIX_STATVFS, 0);
    struct statvfs facts;

    (void)path;
    if (rc != 0)
        return rc;
    if (fstatvfs(drive->remote->root, &facts) != 0)
        return -errno;
    *ret = (struct mpr_statvfs){.block_size = facts.f_frsize,
                                .blocks = facts.f_blocks,
                                .blocks_free = facts.f_bfree,
                                .blocks_avail = facts.f_bavail,
                                .files = facts.f_files,
                                .files_free = facts.f_ffree,
                                .name_max = (uint32_t)facts.f_namemax,
                                .read_only = (facts.f_flag & ST_RDONLY) != 0};
    return 0;
}
