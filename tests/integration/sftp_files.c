/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_files.c: what the SFTP provider does with names and files, held against
 * what the server has on its disk, and every failure that version 3 has one
 * word for.
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

#define MANY 3000

static void *session;
static struct mpr_call call;

/* The call of the next operation. */
static const struct mpr_call *now(void) {
    call = table_call(20000);
    return &call;
}

/* Goes to another directory, as another user. */
static void go_to(const char *remote, const char *user) {
    if (session)
        tap_ok(table_ops->disconnect(session, now(), 0) == NO_ERROR, "disconnect");
    table_password = user ? "secret-words" : NULL;
    session = table_need(remote, user);
}

static const char *local_path(const char *name) {
    static char path[512];

    snprintf(path, sizeof path, "%s/rw/%s", stage_env("MPR_LAB_SSH_DIR"), name);
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
    tap_file(open_at("sub", O_RDWR | O_CREAT | O_EXCL, 0644, &file), -EEXIST, "exclusively");
    if (tap_file(open_at("new", O_RDWR | O_CREAT | O_EXCL, 0640, &file), 0, "a new file")) {
        tap_file(table_ops->pwrite(session, now(), file, "hello", 5, 3), 5, "write at 3");
        tap_file(table_ops->pread(session, now(), file, data, sizeof data, 0), 8, "read all");
        tap_ok(memcmp(data, "\0\0\0hello", 8) == 0, "is right");
        tap_file(table_ops->pread(session, now(), file, data, sizeof data, 8), 0, "at the end");
        tap_file(table_ops->pread(session, now(), file, data, sizeof data, 800), 0, "beyond it");
        tap_file(table_ops->pread(session, now(), file, data, 0, 0), 0, "nothing");
        tap_file(table_ops->fstat(session, now(), file, &stat), 0, "fstat");
        tap_ok(stat.size == 8 && stat.mode == (S_IFREG | 0640) && stat.nlink == 1, "is right");
        tap_file(table_ops->fsync(session, now(), file), 0, "fsync");
        tap_file(table_ops->truncate(session, now(), NULL, file, 4), 0, "ftruncate");
        tap_file(table_ops->close(session, now(), file), 0, "close");
    }
    tap_file(open_at("new", O_RDWR | O_CREAT | O_EXCL, 0640, &file), -EEXIST, "it, exclusively");
    tap_file(open_at("new/file", O_RDONLY, 0, &file), -ENOTDIR, "in a file");
    tap_file(stat_of("new/file/deep", &stat), -ENOTDIR, "deep in a file");
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
    tap_file(table_ops->truncate(session, now(), "new", NULL, 5000000000), 0, "truncate by path");
    tap_ok(stat_of("new", &stat) == 0 && stat.size == 5000000000, "beyond 4 GiB");
    tap_file(table_ops->truncate(session, now(), "sub", NULL, 0), -EISDIR, "a directory");
}

static void naming(void) {
    struct mpr_stat stat;
    char longest[300];

    tap_group("names");
    tap_file(table_ops->mkdir(session, now(), "d", 0750), 0, "mkdir");
    tap_file(table_ops->mkdir(session, now(), "d", 0750), -EEXIST, "again");
    tap_file(table_ops->mkdir(session, now(), "", 0750), -EEXIST, "the root");
    tap_file(table_ops->mkdir(session, now(), "none/d", 0750), -ENOENT, "in nothing");
    make_file("d/one", "1");
    make_file("d/two", "22");
    tap_file(table_ops->mkdir(session, now(), "d/one/d", 0750), -ENOTDIR, "in a file");
    tap_file(table_ops->rename(session, now(), "d/one", "d/two"), 0, "rename over a file");
    tap_ok(stat_of("d/two", &stat) == 0 && stat.size == 1, "replaces it");
    tap_file(table_ops->rename(session, now(), "d/one", "x"), -ENOENT, "rename nothing");
    tap_file(table_ops->rename(session, now(), "d/two", "none/x"), -ENOENT, "to nowhere");
    tap_file(table_ops->rename(session, now(), "d/two", "sub"), -EISDIR, "a file over a directory");
    tap_file(table_ops->rename(session, now(), "sub", "d/two"), -ENOTDIR, "the reverse");
    tap_file(table_ops->rename(session, now(), "sub", "d"), -ENOTEMPTY, "over a full directory");
    tap_file(table_ops->rename(session, now(), "d", "d/e"), -EINVAL, "into itself");
    tap_file(table_ops->unlink(session, now(), "d"), -EISDIR, "unlink a directory");
    tap_file(table_ops->unlink(session, now(), "none"), -ENOENT, "unlink nothing");
    tap_file(table_ops->rmdir(session, now(), "d"), -ENOTEMPTY, "rmdir a full one");
    tap_file(table_ops->rmdir(session, now(), "d/two"), -ENOTDIR, "rmdir a file");
    tap_file(table_ops->link(session, now(), "d/two", "d/three"), 0, "link");
    tap_file(table_ops->link(session, now(), "d/two", "d/three"), -EEXIST, "again");
    tap_file(table_ops->link(session, now(), "d/none", "d/x"), -ENOENT, "nothing");
    tap_file(table_ops->link(session, now(), "d", "x"), -EPERM, "a directory");
    tap_file(table_ops->chmod(session, now(), "d/two", 0400), 0, "chmod");
    tap_file(table_ops->chown(session, now(), "d/two", 17, UINT32_MAX), 0, "chown");
    tap_file(table_ops->utimens(session, now(), "d/two", MPR_TIME_OMIT, 1234567890123456789), 0,
             "utimens");
    tap_ok(stat_of("d/three", &stat) == 0 && stat.mode == (S_IFREG | 0400) && stat.uid == 17
               && stat.gid == 0 && stat.mtime_ns == 1234567890000000000,
           "is what was set, to the second");
    tap_file(table_ops->utimens(session, now(), "d/two", -1, INT64_MAX), 0,
             "times that the protocol cannot say");
    tap_ok(stat_of("d/three", &stat) == 0 && stat.atime_ns == 0
               && stat.mtime_ns >= INT64_C(0x7fffffff) * 1000000000,
           "are the first and the last of those it can");
    tap_file(table_ops->unlink(session, now(), "d/two"), 0, "unlink");
    tap_file(table_ops->unlink(session, now(), "d/three"), 0, "the other name");
    tap_file(table_ops->rmdir(session, now(), "d"), 0, "rmdir");
    tap_file(table_ops->rmdir(session, now(), "d"), -ENOENT, "again");
    memset(longest, 'n', sizeof longest);
    longest[255] = '\0';
    make_file(longest, "x");
    tap_file(table_ops->unlink(session, now(), longest), 0, "a name of 255 bytes");
    longest[255] = 'n';
    longest[256] = '\0';
    tap_file(stat_of(longest, &stat), -ENAMETOOLONG, "one of 256");
    tap_file(table_ops->mkdir(session, now(), longest, 0700), -ENAMETOOLONG, "made");
    make_file("\xc3\xa4 \\ \"%3f' \xe6\x97\xa5", "x");
    tap_ok(access(local_path("\xc3\xa4 \\ \"%3f' \xe6\x97\xa5"), F_OK) == 0, "odd names are kept");
}

static void links(void) {
    struct mpr_stat stat;
    char text[16];
    ssize_t length;
    void *file;

    tap_group("symbolic links");
    tap_file(table_ops->mkdir(session, now(), "l", 0755), 0, "mkdir");
    make_file("l/one", "one");
    tap_file(table_ops->symlink(session, now(), "../l/one", "l/up"), 0, "symlink");
    length = readlink(local_path("l/up"), text, sizeof text);
    tap_ok(length == 8 && memcmp(text, "../l/one", 8) == 0, "the right way round");
    tap_ok(stat_of("l/up", &stat) == 0 && stat.size == 3 && S_ISREG(stat.mode), "is followed");
    tap_file(table_ops->symlink(session, now(), "x", "l/up"), -EEXIST, "again");
    tap_file(table_ops->readlink(session, now(), "l/up", text, sizeof text), 0, "readlink");
    tap_text(text, "../l/one", "is the text");
    tap_file(table_ops->readlink(session, now(), "l/up", text, 8), -ERANGE, "a small buffer");
    tap_file(table_ops->readlink(session, now(), "l/one", text, 8), -EINVAL, "of a file");
    tap_file(table_ops->readlink(session, now(), "l/none", text, 8), -ENOENT, "of nothing");
    tap_file(table_ops->symlink(session, now(), "none", "l/dangling"), 0, "a dangling one");
    tap_file(stat_of("l/dangling", &stat), -ENOENT, "leads nowhere");
    tap_file(open_at("l/dangling", O_RDWR | O_CREAT | O_EXCL, 0644, &file), -EEXIST,
             "create its target, exclusively");
    tap_file(table_ops->unlink(session, now(), "l/up"), 0, "unlink removes the link");
    tap_ok(access(local_path("l/one"), F_OK) == 0, "and not the file");
}

/* ---- who may not, and where there is no room */

static void denials(void) {
    static char block[65536];
    struct mpr_statvfs vfs;
    struct mpr_stat stat;
    int64_t rc = 0;
    void *file;

    tap_group("as anna");
    make_file("roots", "x");
    tap_file(table_ops->mkdir(session, now(), "locked", 0700), 0, "mkdir");
    make_file("locked/file", "x");
    go_to("sftp://sshhost/rw", "anna");
    tap_file(open_at("roots", O_WRONLY, 0, &file), -EACCES, "write root's file");
    tap_file(stat_of("locked/file", &stat), -EACCES, "look into root's directory");
    tap_file(table_ops->chmod(session, now(), "roots", 0666), -EPERM, "chmod");
    tap_file(table_ops->chown(session, now(), "roots", 3001, UINT32_MAX), -EPERM, "chown");
    tap_file(table_ops->chmod(session, now(), "locked/file", 0666), -EACCES, "chmod in there");
    tap_file(table_ops->unlink(session, now(), "locked/file"), -EACCES, "unlink in there");
    tap_file(table_ops->mkdir(session, now(), "sub/d", 0700), -EACCES, "mkdir in root's");
    tap_group("where nothing can be written");
    go_to("sftp://sshhost/ro", NULL);
    tap_file(open_at("new", O_WRONLY | O_CREAT, 0644, &file), -EROFS, "make a file");
    tap_file(table_ops->unlink(session, now(), "readme"), -EROFS, "unlink");
    tap_file(table_ops->mkdir(session, now(), "d", 0755), -EROFS, "mkdir");
    tap_file(table_ops->rename(session, now(), "readme", "r"), -EROFS, "rename");
    tap_file(table_ops->statvfs(session, now(), "", &vfs), 0, "statvfs");
    tap_ok(vfs.read_only == 1, "says so");
    tap_group("where there is no room");
    go_to("sftp://sshhost/full", NULL);
    tap_file(open_at("big", O_WRONLY | O_CREAT, 0644, &file), 0, "make a file");
    for (int i = 0; i < 32 && rc >= 0; i++)
        rc = table_ops->pwrite(session, now(), file, block, sizeof block, (uint64_t)i * 65536);
    tap_file(rc, -ENOSPC, "write two megabytes");
    tap_file(table_ops->close(session, now(), file), 0, "close");
    tap_file(table_ops->unlink(session, now(), "big"), 0, "unlink");
    tap_group("between file systems");
    go_to("sftp://sshhost/", NULL);
    tap_file(table_ops->rename(session, now(), "rw/roots", "full/roots"), -EXDEV, "rename");
    tap_file(table_ops->link(session, now(), "rw/roots", "full/roots"), -EXDEV, "link");
    go_to("sftp://sshhost/rw", NULL);
}

/* ---- listings */

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

/* ---- what the network contains */

struct found {
    int count;
    char names[8][128];
    uint32_t usage;
};

static int take_resource(void *context, const struct mpr_resource *entry) {
    struct found *found = context;

    if (found->count < 8)
        snprintf(found->names[found->count], sizeof found->names[0], "%s",
                 entry->remote ? entry->remote : "-");
    found->usage = entry->usage;
    found->count++;
    return 0;
}

static bool has(const struct found *found, const char *name) {
    for (int i = 0; i < found->count && i < 8; i++)
        if (strcmp(found->names[i], name) == 0)
            return true;
    return false;
}

static void browsing(void) {
    struct found found = {0};
    size_t rest = 0;
    uint32_t code;

    tap_group("browsing");
    tap_ok(table_ops->list(table_state, now(), NULL, 0, 0, take_resource, &found, &code) == MPR_DONE
               && found.count == 1 && has(&found, "sftp://sshhost"),
           "the network has a server");
    found.count = 0;
    tap_ok(table_ops->list(table_state, now(), "sftp://sshhost", 0, 0, take_resource, &found, &code)
                   == MPR_DONE
               && found.count == 4 && has(&found, "sftp://sshhost/rw"),
           "which has directories");
    found.count = 0;
    tap_ok(
        table_ops->parent(table_state, now(), "sftp://sshhost/rw/sub", take_resource, &found, &code)
                == MPR_DONE
            && has(&found, "sftp://sshhost/rw"),
        "parent");
    found.count = 0;
    tap_ok(table_ops->information(table_state, now(), "sftp://sshhost/rw/roots", 0, take_resource,
                                  &found, &rest, &code)
                   == MPR_DONE
               && has(&found, "sftp://sshhost/rw") && rest == strlen("sftp://sshhost/rw"),
           "information about a file: what it is in");
    tap_ok(table_ops->information(table_state, now(), "sftp://sshhost/none/x", 0, take_resource,
                                  &found, &rest, &code)
                   == MPR_MINE_FAILED
               && code == ERROR_BAD_NET_NAME,
           "about nothing");
}

static void facts(void) {
    struct mpr_performance performance = {.size = sizeof performance};
    struct mpr_statvfs vfs;

    tap_group("facts");
    tap_ok(table_ops->performance(session, now(), &performance) == NO_ERROR, "performance");
    tap_ok(performance.delay_ms >= 1 && performance.opt_data_size, "is measured: %u ms, %u",
           performance.delay_ms, performance.speed);
    tap_file(table_ops->statvfs(session, now(), "", &vfs), 0, "statvfs");
    tap_ok(vfs.blocks >= vfs.blocks_free && vfs.blocks && vfs.name_max >= 255 && !vfs.read_only,
           "is right");
}

int main(void) {
    const char *keys = stage_env("MPR_LAB_SSH_KEYS");
    char known[512], identity[512];
    void *file;
    const char *const options[] = {"known_hosts", known,     "identity", identity,
                                   "servers",     "sshhost", NULL};

    snprintf(known, sizeof known, "%s/known_hosts", keys);
    snprintf(identity, sizeof identity, "%s/root_key", keys);
    table_open("sftp", options);
    go_to("sftp://sshhost/rw", NULL);
    opening();
    naming();
    links();
    denials();
    large_directory();
    browsing();
    facts();
    tap_file(open_at("left", O_RDWR | O_CREAT, 0644, &file), 0, "a file that is left open");
    tap_ok(table_ops->disconnect(session, now(), 1) == NO_ERROR, "goes with a forced disconnect");
    table_close();
    return tap_done();
}
