/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_files.c: what the NFS provider does with names and files that work, held
 * against what the server has on its disk.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "tests/integration/table.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define MANY 10000

static void *session;
static struct mpr_call call;

/* The call of the next operation. */
static const struct mpr_call *now(void) {
    call = table_call(10000);
    return &call;
}

static const char *local_path(const char *name) {
    static char path[512];

    snprintf(path, sizeof path, "%s/rw/%s", stage_env("MPR_LAB_NFS_DIR"), name);
    return path;
}

static int stat_of(const char *path, struct mpr_stat *ret) {
    return table_ops->stat(session, now(), path, ret);
}

static int open_at(const char *path, int flags, uint32_t mode, void **ret_file) {
    return table_ops->open(session, now(), path, flags, mode, ret_file);
}

static void make_file(const char *path, const char *data) {
    void *file;

    if (!tap_file(open_at(path, O_WRONLY | O_CREAT | O_TRUNC, 0644, &file), 0, "make %s", path))
        return;
    tap_file(table_ops->pwrite(session, now(), file, data, strlen(data), 0), (int64_t)strlen(data),
             "write");
    tap_file(table_ops->close(session, now(), file), 0, "close");
}

static void opening(void) {
    struct mpr_stat stat;
    char data[64];
    void *file;

    tap_group("open");
    tap_file(open_at("none", O_RDONLY, 0, &file), -ENOENT, "what is not there");
    tap_file(open_at("none/file", O_RDWR | O_CREAT, 0644, &file), -ENOENT, "in what is not there");
    tap_file(open_at("sub", O_RDONLY, 0, &file), -EISDIR, "a directory");
    tap_file(open_at("", O_RDONLY, 0, &file), -EISDIR, "the root");
    tap_file(open_at("sub", O_RDWR | O_CREAT, 0644, &file), -EISDIR, "a directory, to create it");
    if (tap_file(open_at("new", O_RDWR | O_CREAT | O_EXCL, 0640, &file), 0, "a new file")) {
        tap_file(table_ops->pwrite(session, now(), file, "hello", 5, 3), 5, "write at 3");
        tap_file(table_ops->pread(session, now(), file, data, sizeof data, 0), 8, "read all");
        tap_ok(memcmp(data, "\0\0\0hello", 8) == 0, "is right");
        tap_file(table_ops->pread(session, now(), file, data, sizeof data, 8), 0, "at the end");
        tap_file(table_ops->pread(session, now(), file, data, sizeof data, 800), 0, "beyond it");
        tap_file(table_ops->pread(session, now(), file, data, 0, 0), 0, "nothing");
        tap_file(table_ops->fstat(session, now(), file, &stat), 0, "fstat");
        tap_ok(stat.size == 8 && stat.mode == (S_IFREG | 0640) && stat.nlink == 1 && stat.ino,
               "is right");
        tap_file(table_ops->truncate(session, now(), NULL, file, 4), 0, "ftruncate");
        tap_file(table_ops->close(session, now(), file), 0, "close");
    }
    tap_file(open_at("new", O_RDWR | O_CREAT | O_EXCL, 0640, &file), -EEXIST, "it, exclusively");
    tap_file(open_at("new/file", O_RDONLY, 0, &file), -ENOTDIR, "in a file");
    if (tap_file(open_at("new", O_WRONLY | O_CREAT, 0600, &file), 0, "it, to create it")) {
        tap_file(table_ops->fstat(session, now(), file, &stat), 0, "fstat");
        tap_ok(stat.size == 4 && stat.mode == (S_IFREG | 0640), "leaves it as it is");
        tap_file(table_ops->pread(session, now(), file, data, 4, 0), -EBADF, "not to be read");
        tap_file(table_ops->close(session, now(), file), 0, "close");
    }
    if (tap_file(open_at("new", O_RDWR | O_TRUNC, 0, &file), 0, "it, to truncate it")) {
        tap_file(table_ops->close(session, now(), file), 0, "close");
        tap_ok(stat_of("new", &stat) == 0 && stat.size == 0, "it is empty");
    }
    tap_file(table_ops->truncate(session, now(), "", NULL, 0), -EISDIR, "truncate a directory");
    tap_file(table_ops->truncate(session, now(), "new", NULL, 5000000000), 0, "truncate by path");
    tap_ok(stat_of("new", &stat) == 0 && stat.size == 5000000000, "beyond 4 GiB");
}

static void naming(void) {
    struct mpr_stat stat;
    char longest[300];

    tap_group("names");
    tap_file(table_ops->mkdir(session, now(), "d", 0750), 0, "mkdir");
    tap_file(table_ops->mkdir(session, now(), "d", 0750), -EEXIST, "again");
    tap_file(table_ops->mkdir(session, now(), "", 0750), -EEXIST, "the root");
    make_file("d/one", "1");
    make_file("d/two", "22");
    tap_file(table_ops->rename(session, now(), "d/one", "d/two"), 0, "rename over a file");
    tap_ok(stat_of("d/two", &stat) == 0 && stat.size == 1, "replaces it");
    tap_file(table_ops->rename(session, now(), "d/one", "x"), -ENOENT, "rename nothing");
    tap_file(table_ops->unlink(session, now(), "d"), -EISDIR, "unlink a directory");
    tap_file(table_ops->rmdir(session, now(), "d"), -ENOTEMPTY, "rmdir a full one");
    tap_file(table_ops->rmdir(session, now(), "d/two"), -ENOTDIR, "rmdir a file");
    tap_file(table_ops->link(session, now(), "d/two", "d/three"), 0, "link");
    tap_ok(stat_of("d/three", &stat) == 0 && stat.nlink == 2, "has two names");
    tap_file(table_ops->link(session, now(), "d/two", "d/three"), -EEXIST, "again");
    tap_file(table_ops->chmod(session, now(), "d/two", 0400), 0, "chmod");
    tap_file(table_ops->chown(session, now(), "d/two", 17, UINT32_MAX), 0, "chown");
    tap_file(table_ops->utimens(session, now(), "d/two", MPR_TIME_OMIT, 1234567890123456789), 0,
             "utimens");
    tap_ok(stat_of("d/two", &stat) == 0 && stat.mode == (S_IFREG | 0400) && stat.uid == 17
               && stat.gid == 0 && stat.mtime_ns == 1234567890123456789,
           "is what was set");
    tap_file(table_ops->unlink(session, now(), "d/two"), 0, "unlink");
    tap_file(table_ops->unlink(session, now(), "d/three"), 0, "the other name");
    tap_file(table_ops->rmdir(session, now(), "d"), 0, "rmdir");
    tap_file(table_ops->rmdir(session, now(), "d"), -ENOENT, "again");
    tap_file(table_ops->rmdir(session, now(), ""), -EBUSY, "rmdir the root");
    memset(longest, 'n', sizeof longest);
    longest[255] = '\0';
    make_file(longest, "x");
    tap_file(table_ops->unlink(session, now(), longest), 0, "a name of 255 bytes");
    longest[255] = 'n';
    longest[256] = '\0';
    tap_file(stat_of(longest, &stat), -ENAMETOOLONG, "one of 256");
    make_file("\xc3\xa4 \\ \"%3f' \xe6\x97\xa5", "x");
    tap_ok(access(local_path("\xc3\xa4 \\ \"%3f' \xe6\x97\xa5"), F_OK) == 0, "odd names are kept");
}

static int count_entry(void *context, const char *name, const struct mpr_stat *stat) {
    (void)name;
    (void)stat;
    ++*(int *)context;
    return 0;
}

static int entries_of(const char *path) {
    int count = 0;
    int rc = table_ops->readdir(session, now(), path, count_entry, &count);

    return rc ? rc : count;
}

/* Reads the file's three bytes through a handle whose name is gone. */
static void nameless(void *file, const char *how) {
    char data[8];

    tap_file(table_ops->pread(session, now(), file, data, sizeof data, 0), 3, "%s: is read", how);
    tap_ok(memcmp(data, "abc", 3) == 0, "is right");
    tap_file(table_ops->pwrite(session, now(), file, "x", 1, 0), 1, "is written");
    tap_file(table_ops->close(session, now(), file), 0, "close");
    tap_file(entries_of("u"), 1, "and is gone");
}

static void open_and_removed(void) {
    struct mpr_stat stat;
    void *file, *other;

    tap_group("a file that is removed while it is open");
    tap_file(table_ops->mkdir(session, now(), "u", 0755), 0, "mkdir");
    make_file("u/one", "abc");
    make_file("u/two", "12345");
    tap_file(open_at("u/one", O_RDWR, 0, &file), 0, "open");
    tap_file(table_ops->unlink(session, now(), "u/one"), 0, "unlink");
    tap_file(stat_of("u/one", &stat), -ENOENT, "its name is gone");
    nameless(file, "unlinked");
    make_file("u/one", "abc");
    tap_file(open_at("u/one", O_RDWR, 0, &file), 0, "open");
    tap_file(open_at("u/one", O_RDONLY, 0, &other), 0, "open once more");
    tap_file(table_ops->rename(session, now(), "u/two", "u/one"), 0, "rename over it");
    tap_ok(stat_of("u/one", &stat) == 0 && stat.size == 5, "the name is the other's");
    tap_file(table_ops->close(session, now(), other), 0, "close one handle");
    nameless(file, "replaced");
    tap_file(open_at("u/one", O_RDWR, 0, &file), 0, "open");
    tap_file(table_ops->rename(session, now(), "u/none", "u/one"), -ENOENT, "a rename that fails");
    tap_file(entries_of("u"), 1, "leaves nothing behind");
    tap_file(table_ops->close(session, now(), file), 0, "close");
    tap_file(entries_of("u"), 1, "and nothing is removed");
}

/* What open(2) allows in a directory that may not be written. */
static void existing_in_a_locked_directory(void) {
    void *whole = session, *file;

    tap_group("O_CREAT in a directory of somebody else");
    tap_file(table_ops->mkdir(session, now(), "locked", 0755), 0, "mkdir");
    make_file("locked/open", "x");
    tap_file(table_ops->chmod(session, now(), "locked/open", 0666), 0, "chmod");
    session = table_need("nfshost:/rw", "4000:4000");
    if (tap_file(open_at("locked/open", O_RDWR | O_CREAT, 0644, &file), 0, "what is there"))
        tap_file(table_ops->close(session, now(), file), 0, "close");
    tap_file(open_at("locked/new", O_RDWR | O_CREAT, 0644, &file), -EACCES, "what is not");
    tap_ok(table_ops->disconnect(session, now(), 0) == 0, "disconnect");
    session = table_need("nfshost:/ro", NULL);
    if (tap_file(open_at("readme", O_RDONLY | O_CREAT, 0644, &file), 0, "on a read-only export"))
        tap_file(table_ops->close(session, now(), file), 0, "close");
    tap_ok(table_ops->disconnect(session, now(), 0) == 0, "disconnect");
    session = whole;
}

struct link_row {
    const char *target, *path, *below;
    int wanted; /* of stat of path/below */
};

static void links(void) {
    static const struct link_row rows[] = {
        {"one", "l/same", "", 0},
        {"../l/one", "l/up", "", 0},
        {"./.././l//one", "l/odd", "", 0},
        {"/rw/l/one", "l/absolute", "", 0},
        {"/rw", "l/root", "/l/one", 0},
        {"..", "l/parent", "/l/one", 0},
        {"../..", "l/outside", "", -EXDEV},
        {"/etc/passwd", "l/elsewhere", "", -EXDEV},
        {"/rwx/l/one", "l/similar", "", -EXDEV},
        {"none", "l/dangling", "", -ENOENT},
        {"one", "l/into", "/x", -ENOTDIR},
        {"circle", "l/circle", "", -ELOOP},
    };
    struct mpr_stat stat;
    char path[64], text[16];
    void *file;

    tap_group("symbolic links");
    tap_file(table_ops->mkdir(session, now(), "l", 0755), 0, "mkdir");
    make_file("l/one", "one");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tap_file(table_ops->symlink(session, now(), rows[i].target, rows[i].path), 0, "%s -> %s",
                 rows[i].path, rows[i].target);
        snprintf(path, sizeof path, "%s%s", rows[i].path, rows[i].below);
        tap_file(stat_of(path, &stat), rows[i].wanted, "stat of %s", path);
        if (!rows[i].wanted)
            tap_ok(stat.size == 3, "is its target's");
    }
    tap_file(table_ops->readlink(session, now(), "l/up", text, sizeof text), 0, "readlink");
    tap_text(text, "../l/one", "is the text");
    tap_file(table_ops->readlink(session, now(), "l/up", text, 8), -ERANGE, "a small buffer");
    tap_file(table_ops->readlink(session, now(), "l/one", text, 8), -EINVAL, "of a file");
    tap_file(open_at("l/dangling", O_RDWR | O_CREAT | O_EXCL, 0644, &file), -EEXIST,
             "create a link's target, exclusively");
    if (tap_file(open_at("l/dangling", O_RDWR | O_CREAT, 0644, &file), 0, "create it"))
        tap_file(table_ops->close(session, now(), file), 0, "close");
    tap_ok(access(local_path("l/none"), F_OK) == 0, "it is there");
    tap_file(open_at("l/circle", O_RDWR | O_CREAT, 0644, &file), -ELOOP, "create through a circle");
    tap_file(table_ops->unlink(session, now(), "l/up"), 0, "unlink removes the link");
    tap_ok(access(local_path("l/one"), F_OK) == 0, "and not the file");
}

/* Its time was 1970. */
static void is_young(const char *how) {
    struct mpr_stat stat;

    tap_ok(stat_of("edge", &stat) == 0 && stat.size == 0 && stat.mtime_ns > 1000000000, "%s", how);
    tap_file(table_ops->utimens(session, now(), "edge", 0, 0), 0, "it gets its old time again");
}

static void edges(void) {
    char target[5000], text[5000];
    struct mpr_stat stat;
    void *file;

    tap_group("what is beyond the protocol, or changes nothing");
    make_file("edge", "");
    tap_file(table_ops->utimens(session, now(), "edge", INT64_MAX, INT64_MAX), 0, "a late time");
    tap_ok(stat_of("edge", &stat) == 0 && stat.mtime_ns >= INT64_C(0x7fffffff) * 1000000000,
           "is as late as can be");
    tap_file(table_ops->utimens(session, now(), "edge", -1, -1234567890123456789), 0,
             "times before 1970");
    tap_ok(stat_of("edge", &stat) == 0 && stat.mtime_ns == 0 && stat.atime_ns == 0, "are 1970");
    tap_file(table_ops->utimens(session, now(), "edge", 0, 0), 0, "it gets an old time");
    if (tap_file(open_at("edge", O_WRONLY | O_TRUNC, 0, &file), 0, "an empty one is emptied"))
        tap_file(table_ops->close(session, now(), file), 0, "close");
    is_young("by open");
    tap_file(table_ops->truncate(session, now(), "edge", NULL, 0), 0, "and once more");
    is_young("by name");
    tap_file(table_ops->unlink(session, now(), "edge"), 0, "unlink");
    memset(target, 't', sizeof target);
    target[4999] = '\0';
    tap_file(table_ops->symlink(session, now(), target, "edge"), -ENAMETOOLONG, "a long link");
    target[3000] = '\0';
    tap_file(table_ops->symlink(session, now(), target, "edge"), 0, "a shorter one");
    tap_file(table_ops->readlink(session, now(), "edge", text, sizeof text), 0, "readlink");
    tap_text(text, target, "is the text");
    tap_file(table_ops->unlink(session, now(), "edge"), 0, "unlink");
}

/* --- a file of which everything is known --- */

#define MODEL (3u << 20)

static uint64_t state = 88172645463325252u;

static uint32_t draw(uint32_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16) % below;
}

struct model {
    void *file;
    char *bytes, *scratch; /* MODEL each */
    size_t size;
};

static bool write_some(struct model *model, size_t at, size_t length) {
    for (size_t i = 0; i < length; i++)
        model->scratch[i] = (char)draw(256);
    if (table_ops->pwrite(session, now(), model->file, model->scratch, length, at)
        != (int64_t)length)
        return false;
    if (at > model->size)
        memset(model->bytes + model->size, 0, at - model->size);
    memcpy(model->bytes + at, model->scratch, length);
    if (at + length > model->size)
        model->size = at + length;
    return true;
}

static bool read_some(struct model *model, size_t at, size_t length) {
    size_t there = at < model->size ? model->size - at : 0,
           wanted = length < there ? length : there;

    return table_ops->pread(session, now(), model->file, model->scratch, length, at)
               == (int64_t)wanted
           && memcmp(model->scratch, model->bytes + at, wanted) == 0;
}

static bool cut(struct model *model, size_t size) {
    if (table_ops->truncate(session, now(), NULL, model->file, size))
        return false;
    if (size > model->size)
        memset(model->bytes + model->size, 0, size - model->size);
    model->size = size;
    return true;
}

static bool step(struct model *model) {
    size_t at = draw(MODEL), most = MODEL - at;
    size_t length = draw(draw(4) ? 70000 : MODEL);
    struct mpr_stat stat;

    if (length > most)
        length = most;
    switch (draw(8)) {
    case 0:
        return cut(model, at);
    case 1:
        return table_ops->fsync(session, now(), model->file) == 0;
    case 2:
        return table_ops->fstat(session, now(), model->file, &stat) == 0
               && stat.size == model->size;
    case 3:
    case 4:
    case 5:
        return write_some(model, at, length);
    default:
        return read_some(model, at, length);
    }
}

static void random_file(void) {
    struct model model = {.bytes = calloc(1, MODEL), .scratch = calloc(1, MODEL)};
    int steps = 0, fd;

    tap_group("random file");
    if (!model.bytes || !model.scratch)
        exit(99);
    if (tap_file(open_at("random", O_RDWR | O_CREAT, 0644, &model.file), 0, "open")) {
        while (steps < 600 && step(&model))
            steps++;
        tap_ok(steps == 600, "%d steps are as in memory", steps);
        tap_file(table_ops->close(session, now(), model.file), 0, "close");
        fd = open(local_path("random"), O_RDONLY | O_CLOEXEC);
        tap_ok(fd >= 0 && read(fd, model.scratch, MODEL) == (ssize_t)model.size
                   && memcmp(model.scratch, model.bytes, model.size) == 0,
               "the server has the same");
        close(fd);
    }
    free(model.bytes);
    free(model.scratch);
}

struct listing {
    long count, stop_at;
    bool seen[MANY], wrong;
};

static int take_entry(void *context, const char *name, const struct mpr_stat *stat) {
    struct listing *listing = context;
    char *end;
    long number = strtol(name, &end, 10);

    if (*end || number < 0 || number >= MANY || listing->seen[number]
        || stat->size != (uint64_t)number % 7 || !S_ISREG(stat->mode))
        listing->wrong = true;
    else
        listing->seen[number] = true;
    return ++listing->count == listing->stop_at;
}

static void large_directory(void) {
    struct listing *listing = calloc(1, sizeof *listing);
    char name[64];

    tap_group("a directory of %d files", MANY);
    if (!listing)
        exit(99);
    mkdir(local_path("many"), 0755);
    for (int i = 0; i < MANY; i++) {
        int fd;

        snprintf(name, sizeof name, "many/%d", i);
        fd = open(local_path(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0 || ftruncate(fd, i % 7))
            exit(99);
        close(fd);
    }
    tap_file(table_ops->readdir(session, now(), "many", take_entry, listing), 0, "list");
    tap_ok(listing->count == MANY && !listing->wrong, "each once, with attributes (%ld)",
           listing->count);
    memset(listing, 0, sizeof *listing);
    listing->stop_at = 3;
    tap_file(table_ops->readdir(session, now(), "many", take_entry, listing), 0, "the first three");
    tap_ok(listing->count == 3, "and no more");
    tap_file(table_ops->readdir(session, now(), "many/1", take_entry, listing), -ENOTDIR, "a file");
    tap_file(table_ops->readdir(session, now(), "none", take_entry, listing), -ENOENT, "nothing");
    free(listing);
}

/* --- facts --- */

static void facts(void) {
    struct mpr_performance performance = {.size = sizeof performance};
    struct mpr_statvfs vfs;
    char user[32];

    tap_group("facts");
    tap_ok(table_ops->performance(session, now(), &performance) == NO_ERROR, "performance");
    tap_ok(performance.delay_ms >= 1 && performance.delay_ms < 1000 && performance.speed
               && performance.opt_data_size,
           "is measured: %u ms, %u", performance.delay_ms, performance.speed);
    tap_file(table_ops->statvfs(session, now(), "", &vfs), 0, "statvfs");
    tap_ok(vfs.blocks >= vfs.blocks_free && vfs.blocks && vfs.name_max == 255 && !vfs.read_only,
           "is right");
    tap_ok(table_ops->user(session, now(), user, sizeof user) == NO_ERROR, "user");
    tap_text(user, "0:0", "is root");
    tap_ok(table_ops->user(session, now(), user, 3) == ERROR_MORE_DATA, "in a small buffer");
    tap_ok(!table_ops->print, "no printing");
}

static void directory_of_an_export(void) {
    void *whole = session;
    struct mpr_stat stat;

    tap_group("a directory of an export");
    make_file("sub/inside", "x");
    session = table_need("nfshost:/rw/sub", NULL);
    tap_file(stat_of("inside", &stat), 0, "is the root");
    tap_ok(table_ops->disconnect(session, now(), 0) == 0, "disconnect");
    session = whole;
}

static void *others; /* another session: what others do */

static int64_t size_of(void *file) {
    struct mpr_stat stat;
    int rc = table_ops->fstat(session, now(), file, &stat);

    return rc ? rc : (int64_t)stat.size;
}

/* What CREATE said of a file is not believed once it has changed. */
static void made_and_changed(void) {
    const int flags = O_RDWR | O_CREAT | O_EXCL;
    struct mpr_stat stat, named;
    void *file, *other;

    tap_group("a file that was made this moment");
    if (!tap_file(open_at("made", flags, 0640, &file), 0, "is made"))
        return;
    tap_ok(table_ops->fstat(session, now(), file, &stat) == 0 && stat_of("made", &named) == 0
               && stat.ino == named.ino && stat.mode == (S_IFREG | 0640) && stat.size == 0
               && stat.mtime_ns == named.mtime_ns && stat.uid == named.uid,
           "is as its name has it");
    tap_file(table_ops->truncate(others, now(), "made", NULL, 7), 0, "others change it");
    tap_file(size_of(file), 7, "as it tells");
    table_ops->close(session, now(), file);
    table_ops->unlink(session, now(), "made");
    if (!tap_file(open_at("made", flags, 0640, &file), 0, "another"))
        return;
    tap_file(table_ops->chmod(session, now(), "made", 0600), 0, "is changed by name");
    tap_ok(table_ops->fstat(session, now(), file, &stat) == 0 && stat.mode == (S_IFREG | 0600),
           "as its handle tells");
    table_ops->close(session, now(), file);
    table_ops->unlink(session, now(), "made");
    if (!tap_file(open_at("made", flags, 0640, &file), 0, "another"))
        return;
    tap_file(table_ops->pwrite(session, now(), file, "12345", 5, 0), 5, "is written to");
    tap_file(size_of(file), 5, "as it tells");
    table_ops->close(session, now(), file);
    table_ops->unlink(session, now(), "made");
    if (!tap_file(open_at("made", flags, 0640, &file), 0, "another"))
        return;
    if (tap_file(open_at("made", O_WRONLY, 0, &other), 0, "is opened twice")) {
        tap_file(table_ops->pwrite(session, now(), other, "123", 3, 0), 3, "and written to there");
        tap_file(size_of(file), 3, "as the first handle tells");
        table_ops->close(session, now(), other);
    }
    table_ops->close(session, now(), file);
    table_ops->unlink(session, now(), "made");
}

/* Directories are remembered, but not for longer than they are there. */
static void directories_on_the_way(void) {
    struct mpr_stat stat;
    void *file;

    tap_group("directories on the way");
    table_ops->mkdir(session, now(), "way", 0755);
    table_ops->mkdir(session, now(), "way/in", 0755);
    make_file("way/in/old", "old");
    tap_file(table_ops->rename(session, now(), "way/in", "way/out"), 0, "one is renamed");
    tap_file(stat_of("way/in/old", &stat), -ENOENT, "nothing is below its old name");
    tap_file(stat_of("way/out/old", &stat), 0, "all is below its new one");
    tap_file(open_at("way/in/new", O_WRONLY | O_CREAT, 0644, &file), -ENOENT, "or made there");
    tap_file(table_ops->unlink(session, now(), "way/out/old"), 0, "unlink");
    tap_file(table_ops->rmdir(session, now(), "way/out"), 0, "one is removed");
    tap_file(stat_of("way/out/old", &stat), -ENOENT, "nothing is below it");
    table_ops->mkdir(session, now(), "way/in", 0755);
    tap_file(stat_of("way/in/deep", &stat), -ENOENT, "one is known");
    tap_ok(table_ops->rmdir(others, now(), "way/in") == 0
               && table_ops->mkdir(others, now(), "way/in", 0755) == 0
               && table_ops->mkdir(others, now(), "way/in/deep", 0755) == 0,
           "another takes its place");
    tap_file(stat_of("way/in/deep", &stat), 0, "what is in that is found");
    tap_ok(table_ops->rmdir(others, now(), "way/in/deep") == 0
               && table_ops->rmdir(others, now(), "way/in") == 0
               && table_ops->mkdir(others, now(), "way/in", 0755) == 0,
           "and another");
    make_file("way/in/new", "new");
    tap_ok(access(local_path("way/in/new"), F_OK) == 0, "what is made is made in that");
    table_ops->unlink(session, now(), "way/in/new");
    table_ops->rmdir(session, now(), "way/in");
    tap_file(table_ops->rmdir(session, now(), "way"), 0, "it goes");
}

int main(void) {
    table_open("nfs", NULL);
    session = table_need("nfshost:/rw", NULL);
    opening();
    naming();
    links();
    edges();
    open_and_removed();
    existing_in_a_locked_directory();
    random_file();
    large_directory();
    facts();
    directory_of_an_export();
    others = table_need("nfshost:/rw", NULL);
    made_and_changed();
    directories_on_the_way();
    table_ops->disconnect(others, now(), 0);
    tap_ok(table_ops->disconnect(session, now(), 0) == 0, "disconnect");
    table_close();
    return tap_done();
}
