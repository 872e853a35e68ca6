/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_drive_files, nfs_drive_files, sftp_drive_files: random operations of programs on a drive, against
 * a model, and at the end against what the server has; times that programs set; files that
 * are read-only; names that DOS would not have had.
 */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/drive/respelled.h"
#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/session/drive.h"
#include "tests/session/model.h"

static const struct server {
    const char *name;      /* what the program's name holds */
    const char *remote;    /* variable with the begin of remote names */
    const char *directory; /* variable with the directory of the server's directories */
    const char *share;
    bool anna, links, any_case;
} servers[] = {
    {"smb", "MPR_LAB_SMB", "MPR_LAB_SMB_DIR", "pub", true, false, true},
    {"nfs", "MPR_LAB_NFS", "MPR_LAB_NFS_DIR", "rw", false, true, false},
    {"sftp", "MPR_LAB_SSH", "MPR_LAB_SSH_DIR", "rw", false, true, false},
};

static const struct server *find_server(const char *program) {
    const char *name = strrchr(program, '/');

    for (size_t i = 1; i < sizeof servers / sizeof *servers; i++)
        if (strstr(name ? name : program, servers[i].name))
            return &servers[i];
    return &servers[0];
}

static void run(const struct server *server, const char *drive, unsigned count, uint32_t seed) {
    const struct model_rules rules = {.mapped = true, .links = server->links};
    char mine[8300], theirs[8300];
    const char *words;

    snprintf(mine, sizeof mine, "%s/run%u", drive, seed);
    snprintf(theirs, sizeof theirs, "%s/%s/run%u", stage_env(server->directory), server->share,
             seed);
    if (!tap_ok(mkdir(mine, 0777) == 0, "a directory"))
        return;
    words = model_run(mine, theirs, &rules, count, seed);
    tap_ok(!words, "%u operations, seed %u: %s", count, seed, words ? words : "as the model says");
}

/* One file in all spellings, or one in each. */
static void respell(const struct server *server, const char *drive) {
    char mine[8300], file[8400];
    const char *spellings[] = {"File", "FILE", "file"};

    snprintf(mine, sizeof mine, "%s/spellings", drive);
    if (!tap_ok(mkdir(mine, 0777) == 0, "a directory"))
        return;
    if (server->any_case)
        respelled_check(mine);
    for (int i = 0; i < 3 && !server->any_case; i++) {
        snprintf(file, sizeof file, "%s/%s", mine, spellings[i]);
        tap_ok(mknod(file, S_IFREG | 0644, 0) == 0, "%s is a file of its own", spellings[i]);
    }
}

#define CROWD 100000u

/* A directory that is made at the server, as programs see it on the drive. */
static void list_crowd(const struct server *server, const char *drive) {
    char theirs[4096], mine[4200];
    struct dirent *entry;
    unsigned made = 0, found = 0, sized = 0;
    struct stat facts;
    DIR *stream;
    int fd;

    snprintf(theirs, sizeof theirs, "%s/%s/crowd", stage_env(server->directory), server->share);
    snprintf(mine, sizeof mine, "%s/crowd", drive);
    mkdir(theirs, 0777);
    fd = open(theirs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (char name[32]; fd >= 0 && made < CROWD; made++) {
        int file;

        snprintf(name, sizeof name, "one of many %06u", made);
        file = openat(fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        if (file < 0 || write(file, name, made % 8) != (ssize_t)(made % 8) || close(file))
            break;
    }
    tap_ok(made == CROWD, "%u files are made at the server", made);
    snprintf(mine, sizeof mine, "%s/odd too", drive);
    stream = opendir(mine);
    while (stream && (entry = readdir(stream))) {
        unsigned number;

        if (sscanf(entry->d_name, "one of many %6u", &number) != 1)
            continue;
        found++;
        sized += fstatat(dirfd(stream), entry->d_name, &facts, 0) == 0
                 && facts.st_size == (off_t)(number % 8);
    }
    if (stream)
        closedir(stream);
    tap_ok(found == CROWD && sized == CROWD, "the drive lists %u of them, %u with their sizes",
           found, sized);
    for (char name[32]; fd >= 0 && made-- > 0;) {
        snprintf(name, sizeof name, "one of many %06u", made);
        unlinkat(fd, name, 0);
    }
    close(fd);
    rmdir(theirs);
}

#define TIMED 12u /* of each kind */

static const struct timespec old_times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000001}};

enum timing { BEFORE_CLOSE, AFTER_FSYNC, AFTER_CLOSE, BEFORE_WRITING };

static bool set_while_open(int fd, enum timing when) {
    if (when == AFTER_FSYNC && fsync(fd))
        return false;
    if (futimens(fd, old_times))
        return false;
    if (when == AFTER_FSYNC)
        return fchmod(fd, 0444) == 0 && fsync(fd) == 0;
    return when == BEFORE_CLOSE || pwrite(fd, "later", 5, 1) == 5;
}

/* A file with contents whose times are set by hand. */
static bool make_timed(const char *path, enum timing when, size_t size) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    bool good = fd >= 0 && ftruncate(fd, (off_t)size) == 0 && write(fd, path, 5) == 5
                && (when == AFTER_CLOSE || set_while_open(fd, when));

    good = fd >= 0 && close(fd) == 0 && good;
    return good && (when != AFTER_CLOSE || utimensat(AT_FDCWD, path, old_times, 0) == 0);
}

static const char *name_timed(const char *directory, enum timing when, unsigned number) {
    static char path[8400];

    snprintf(path, sizeof path, "%s/timed.%d.%u", directory, (int)when, number);
    return path;
}

static void set_times(const char *drive) {
    unsigned made = 0;

    for (unsigned i = 0; i < 4 * TIMED; i++) {
        enum timing when = (enum timing)(i % 4);

        made += make_timed(name_timed(drive, when, i / 4), when, i % 8 < 4 ? 100000 : 3000000);
    }
    tap_ok(made == 4 * TIMED, "times of %u files are set", made);
}

/* At the server, after everything has been closed there. */
static void check_times(const struct server *server) {
    char theirs[4096];

    snprintf(theirs, sizeof theirs, "%s/%s", stage_env(server->directory), server->share);
    for (int when = BEFORE_CLOSE; when <= BEFORE_WRITING; when++) {
        static const char *const words[] = {"before close", "after fsync", "after close",
                                            "before the last write"};
        unsigned kept = 0;
        struct stat facts;

        for (unsigned i = 0; i < TIMED; i++)
            kept += stat(name_timed(theirs, (enum timing)when, i), &facts) == 0
                    && facts.st_mtime == old_times[1].tv_sec;
        tap_ok(kept == (when == BEFORE_WRITING ? 0 : TIMED),
               "%u of %u files have the time that was set %s", kept, TIMED, words[when]);
    }
}

/* A file's time is that of the last write, as soon as it is closed. */
static void see_times(const char *drive) {
    char path[4200];
    unsigned old = 0;
    struct stat facts;

    snprintf(path, sizeof path, "%s/seen", drive);
    for (unsigned i = 0; i < TIMED; i++) {
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        bool good = fd >= 0 && write(fd, "more", 4) == 4 && fstat(fd, &facts) == 0;

        good = fd >= 0 && close(fd) == 0 && good && stat(path, &facts) == 0;
        old += !good || facts.st_mtime == old_times[1].tv_sec;
        utimensat(AT_FDCWD, path, old_times, 0);
    }
    tap_ok(old == 0, "%u of %u files have an old time after close", old, TIMED);
}

static bool put(const char *path, const char *text, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    return fd >= 0 && close(fd) == 0 && good && chmod(path, mode) == 0;
}

/* The directory's rights count. */
static void remove_read_only(const char *drive) {
    char one[4200], two[4200];
    struct stat facts;

    snprintf(one, sizeof one, "%s/read-only 1", drive);
    snprintf(two, sizeof two, "%s/read-only 2", drive);
    tap_ok(put(one, "1", 0444) && put(two, "22", 0444), "two read-only files");
    tap_ok(rename(one, two) == 0 && stat(two, &facts) == 0 && facts.st_size == 1
               && !(facts.st_mode & 0222),
           "one replaces the other, and is read-only");
    tap_ok(unlink(two) == 0 && stat(two, &facts) != 0, "and is removed");
}

/* Some servers list these under other names. */
static const char *const odd_names[] = {"nul", "con.c", "LPT1", "dot.", "blank "};

#define ODD_NAMES (sizeof odd_names / sizeof *odd_names)

static unsigned use_odd_names(const char *directory, bool make) {
    unsigned good = 0;
    struct stat facts;
    char path[8500];

    for (size_t i = 0; i < ODD_NAMES; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, odd_names[i]);
        good += (!make || put(path, odd_names[i], 0644)) && stat(path, &facts) == 0
                && facts.st_size == (off_t)strlen(odd_names[i]) && (make || unlink(path) == 0);
    }
    return good;
}

static void check_odd_names(const struct server *server, const char *drive) {
    char mine[4200], theirs[4200];
    unsigned good;
    DIR *stream;

    /* With SMB none is made that would be listed under another name. */
    snprintf(mine, sizeof mine, "%s/odd 1", drive);
    good = mkdir(mine, 0777) == 0 ? use_odd_names(mine, true) : ODD_NAMES + 1;
    tap_ok(good == (server->any_case ? 0 : ODD_NAMES), "%u names that DOS had no files of", good);
    tap_ok(use_odd_names(mine, false) == good && rmdir(mine) == 0, "%u are removed", good);
    snprintf(mine, sizeof mine, "%s/odd 2", drive);
    snprintf(theirs, sizeof theirs, "%s/%s/odd 2", stage_env(server->directory), server->share);
    good = mkdir(mine, 0777) == 0 && chmod(theirs, 0777) == 0 ? use_odd_names(theirs, true) : 0;
    stream = opendir(mine);
    while (stream && readdir(stream))
        ;
    tap_ok(good == ODD_NAMES && stream && closedir(stream) == 0, "%u made at the server", good);
    good = use_odd_names(mine, false);
    tap_ok(good == ODD_NAMES && rmdir(mine) == 0, "%u are there, whatever is listed", good);
}

int main(int argc, char **argv) {
    static const struct identity anna = {"anna", "secret-words"};
    const struct server *server = find_server(argv[0]);
    bool is_long = secure_getenv("MPR_TEST_LONG") != NULL;
    char remote[128], drive[4096];

    (void)argc;
    drive_need_fuse();
    setenv("MPR_SESSION", "1", 1);
    stage_set(NULL, NULL, NULL);
    snprintf(remote, sizeof remote, "%s/%s", stage_env(server->remote), server->share);
    tap_code(call_add("Z:", remote, server->anna ? &anna : NULL, 0), NO_ERROR, "connect");
    snprintf(drive, sizeof drive, "%s", drive_directory("Z:"));
    tap_ok(*drive != '\0', "it is mounted");
    set_times(drive);
    see_times(drive);
    remove_read_only(drive);
    check_odd_names(server, drive);
    for (uint32_t seed = 1; seed <= (is_long ? 20 : 2); seed++)
        run(server, drive, is_long ? 5000 : 1000, seed);
    respell(server, drive);
    if (is_long)
        list_crowd(server, drive);
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
    check_times(server);
    stage_strike();
    return tap_done();
}
