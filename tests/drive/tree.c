/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree.c: the tree of a drive's files on a server that is a plain directory, without
 * a kernel: what is known, for how long, and what our own changes do to it.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "router/mpr_time.h"
#include "service/drive_tree.h"
#include "tests/drive/posix_remote.h"
#include "tests/lab/tap.h"

#define LONG_MS 60000u /* attributes are believed for longer than the test takes */

static struct drive drive;
static char directory[64];

static char *inside(const char *name) {
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static void put(const char *name, const char *text) {
    FILE *file = fopen(inside(name), "we");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        tap_ok(false, "%s is written", name);
}

static void begin(const char *group, uint32_t attribute_ms) {
    tap_group("%s", group);
    snprintf(directory, sizeof directory, "/tmp/mpr-tree-XXXXXX");
    memset(posix_control(), 0, sizeof *posix_control());
    memset(&drive, 0, sizeof drive);
    drive.options = (struct drive_options){.io_timeout_ms = 20000, .attribute_ms = attribute_ms};
    if (!mkdtemp(directory) || posix_remote_start(&drive, directory) != 0
        || drive_tree_new(&drive) != 0) {
        printf("Bail out! no tree in %s\n", directory);
        exit(99);
    }
}

static void end(void) {
    char command[128];

    drive_data_stop(&drive);
    drive_tree_free(&drive);
    posix_remote_stop(&drive);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    if (system(command) != 0)
        tap_ok(false, "%s", command);
}

static uint64_t calls(enum posix_op op) {
    return atomic_load(&posix_control()->calls[op]);
}

static struct drive_entry look(uint64_t parent, const char *name) {
    struct drive_entry entry = {0};
    int rc = drive_lookup(&drive, parent, name, &entry);

    if (rc != 0)
        tap_file(rc, 0, "%s is looked up", name);
    return entry;
}

static void believed(void) {
    struct drive_entry first, again;
    uint64_t before;

    begin("attributes", LONG_MS);
    put("file", "hello");
    first = look(DRIVE_ROOT, "file");
    tap_ok(first.number > DRIVE_ROOT && first.attributes.size == 5, "a file is found");
    tap_ok(first.valid_ms > LONG_MS / 2 && first.valid_ms <= LONG_MS, "and believed: %u ms",
           first.valid_ms);
    before = calls(POSIX_STAT);
    again = look(DRIVE_ROOT, "file");
    tap_ok(again.number == first.number && calls(POSIX_STAT) == before,
           "looked up again it is the same, and the server is not asked");
    tap_file(drive_getattr(&drive, first.number, &again), 0, "getattr");
    tap_ok(calls(POSIX_STAT) == before, "neither for its attributes");
    again = look(DRIVE_ROOT, "none");
    tap_ok(again.number == 0 && again.valid_ms > 0, "what is not there is an entry, too");
    end();

    begin("no cache", 0);
    put("file", "hello");
    first = look(DRIVE_ROOT, "file");
    put("file", "hello, world");
    tap_file(drive_getattr(&drive, first.number, &again), 0, "getattr");
    tap_ok(first.valid_ms == 0 && again.attributes.size == 12, "0 ms: always asked");
    end();

    begin("some time", 50);
    put("file", "hello");
    first = look(DRIVE_ROOT, "file");
    put("file", "hello, world");
    usleep(60000);
    again = look(DRIVE_ROOT, "file");
    tap_ok(again.attributes.size == 12 && again.number == first.number, "after 50 ms: asked again");
    end();
}

static void forgotten(void) {
    struct drive_entry outer, inner;
    struct drive_node *node;

    begin("forget", LONG_MS);
    mkdir(inside("d"), 0755);
    put("d/f", "x");
    outer = look(DRIVE_ROOT, "d");
    inner = look(outer.number, "f");
    drive_forget(&drive, outer.number, 1);
    node = drive_node_pin(&drive, outer.number);
    tap_ok(node != NULL, "a directory stays while something in it is known");
    if (node)
        drive_node_unpin(&drive, node);
    drive_forget(&drive, inner.number, 1);
    tap_ok(!drive_node_pin(&drive, inner.number) && !drive_node_pin(&drive, outer.number),
           "with it both go");
    tap_ok(look(DRIVE_ROOT, "d").number > inner.number, "numbers are not used again");
    drive_forget(&drive, DRIVE_ROOT, 1000);
    tap_file(drive_getattr(&drive, DRIVE_ROOT, &outer), 0, "the root stays");
    end();
}

static void moved(void) {
    struct drive_entry outer, inner, found;
    struct drive_node *node;
    char *path = NULL;

    begin("rename", LONG_MS);
    mkdir(inside("d"), 0755);
    put("d/f", "x");
    put("other", "other");
    outer = look(DRIVE_ROOT, "d");
    inner = look(outer.number, "f");
    tap_file(drive_rename(&drive, DRIVE_ROOT, "d", DRIVE_ROOT, "e", 0), 0, "a directory");
    node = drive_node_find(&drive, "/e/f");
    tap_ok(node && node->number == inner.number, "what is in it is known by its new path");
    if (node) {
        tap_file(drive_node_path(&drive, node, &path), 0, "its path");
        tap_text(path, "/e/f", "its path");
        drive_node_unpin(&drive, node);
    }
    free(path);
    tap_file(drive_rename(&drive, DRIVE_ROOT, "other", outer.number, "f", RENAME_NOREPLACE),
             -EEXIST, "RENAME_NOREPLACE");
    tap_file(drive_rename(&drive, DRIVE_ROOT, "other", outer.number, "f", RENAME_EXCHANGE), -EINVAL,
             "RENAME_EXCHANGE");
    tap_file(drive_rename(&drive, DRIVE_ROOT, "other", outer.number, "f", 0), 0, "over a file");
    tap_ok(look(DRIVE_ROOT, "other").number == 0, "its old name is gone");
    found = look(outer.number, "f");
    tap_ok(found.attributes.size == 5 && found.number != inner.number, "the other file is there");
    tap_file(drive_getattr(&drive, inner.number, &found), -ESTALE, "the one before is no more");
    tap_file(drive_rename(&drive, DRIVE_ROOT, "none", DRIVE_ROOT, "e2", 0), -ENOENT, "of nothing");
    posix_control()->fault[POSIX_RENAME] = EIO;
    tap_file(drive_rename(&drive, DRIVE_ROOT, "e", DRIVE_ROOT, "g", 0), -EIO, "the server fails");
    tap_ok(look(DRIVE_ROOT, "e").number == outer.number && look(DRIVE_ROOT, "g").number == 0,
           "then nothing has changed");
    end();
}

static void replaced(void) {
    struct drive_entry old, new;

    begin("another's changes", 0);
    put("file", "old");
    put("new", "new file");
    old = look(DRIVE_ROOT, "file");
    rename(inside("new"), inside("file"));
    new = look(DRIVE_ROOT, "file");
    tap_ok(new.number != old.number &&new.attributes.size == 8,
           "a file that was replaced has a new number");
    tap_file(drive_getattr(&drive, old.number, &old), -ESTALE, "the old one is stale");
    unlink(inside("file"));
    tap_file(drive_getattr(&drive, new.number, &old), -ESTALE, "and one that was removed");
    tap_ok(look(DRIVE_ROOT, "file").number == 0, "which is not found either");
    end();
}

static void own_changes(void) {
    struct drive_entry made, root, other;
    int64_t before;

    begin("our own changes", LONG_MS);
    drive_getattr(&drive, DRIVE_ROOT, &root);
    before = root.attributes.mtime_ns;
    usleep(20000); /* time stamps of files are coarse */
    tap_file(drive_mkdir(&drive, DRIVE_ROOT, "d", 0750, &made), 0, "mkdir");
    tap_ok(S_ISDIR(made.attributes.mode) && (made.attributes.mode & 07777) == 0750,
           "with its mode");
    drive_getattr(&drive, DRIVE_ROOT, &root);
    tap_ok(root.attributes.mtime_ns > before && root.attributes.nlink == 3,
           "are seen in its parent at once");
    put("f", "x");
    look(DRIVE_ROOT, "f");
    other = look(DRIVE_ROOT, "f");
    tap_file(drive_link(&drive, other.number, made.number, "g", &made), 0, "link");
    tap_ok(made.number == other.number && made.attributes.nlink == 2,
           "both names are of one file, which has two");
    tap_file(drive_unlink(&drive, DRIVE_ROOT, "f"), 0, "unlink");
    tap_file(drive_getattr(&drive, other.number, &other), 0, "by the other name it is there");
    tap_ok(other.attributes.nlink == 1, "which is the only one now");
    tap_file(drive_symlink(&drive, "to/nowhere", DRIVE_ROOT, "s", &made), 0, "symlink");
    tap_ok(S_ISLNK(made.attributes.mode), "is one");
    tap_file(drive_rmdir(&drive, DRIVE_ROOT, "d"), -ENOTEMPTY, "rmdir of what is not empty");
    tap_file(drive_rmdir(&drive, DRIVE_ROOT, "none"), -ENOENT, "of nothing");
    end();
}

static void linked_elsewhere(void) {
    struct drive_entry one, two;

    begin("hard links", LONG_MS);
    put("one", "x");
    if (link(inside("one"), inside("two")) != 0)
        tap_ok(false, "link");
    one = look(DRIVE_ROOT, "one");
    two = look(DRIVE_ROOT, "two");
    tap_ok(one.number == two.number, "two names of a file have one number");
    drive_forget(&drive, one.number, 2);
    tap_ok(!drive_node_pin(&drive, one.number), "and are forgotten together");
    end();
}

static void set(void) {
    struct drive_change change = {.what = DRIVE_SET_MODE, .mode = 0600};
    struct drive_entry file, link;

    begin("setattr", LONG_MS);
    put("f", "12345");
    if (symlink("f", inside("l")) != 0)
        tap_ok(false, "symlink");
    file = look(DRIVE_ROOT, "f");
    link = look(DRIVE_ROOT, "l");
    tap_file(drive_setattr(&drive, file.number, &change, &file), 0, "mode");
    tap_ok((file.attributes.mode & 07777) == 0600, "mode is set");
    tap_file(drive_setattr(&drive, link.number, &change, &link), -EOPNOTSUPP, "of a link: no");
    change = (struct drive_change){
        .what = DRIVE_SET_TIMES, .atime_ns = MPR_TIME_OMIT, .mtime_ns = 1234567890123456789};
    tap_file(drive_setattr(&drive, file.number, &change, &file), 0, "times");
    tap_ok(file.attributes.mtime_ns == 1234567890123456789, "to the nanosecond");
    tap_file(drive_setattr(&drive, link.number, &change, &link), 0, "of a link: it keeps its own");
    tap_file(drive_getattr(&drive, file.number, &file), 0, "and leads to");
    change = (struct drive_change){.what = DRIVE_SET_SIZE, .size = 3};
    tap_file(drive_setattr(&drive, file.number, &change, &file), 0, "size");
    tap_ok(file.attributes.size == 3, "is set");
    change = (struct drive_change){.what = DRIVE_SET_OWNER, .uid = geteuid(), .gid = UINT32_MAX};
    tap_file(drive_setattr(&drive, file.number, &change, &file), 0, "owner");
    end();

    begin("a server without modes", LONG_MS);
    posix_control()->without = MPR_STAT_MODE | MPR_STAT_OWNER | MPR_STAT_INO;
    put("f", "x");
    mkdir(inside("d"), 0700);
    chmod(inside("f"), 0444);
    file = look(DRIVE_ROOT, "f");
    tap_ok(file.attributes.mode == (S_IFREG | 0555), "read-only shows: 0%o", file.attributes.mode);
    tap_ok(look(DRIVE_ROOT, "d").attributes.mode == (S_IFDIR | 0755), "directories have 0755");
    tap_ok(file.attributes.uid == geteuid() && file.attributes.ino == file.number,
           "all is ours, and bears our number");
    posix_control()->fault[POSIX_CHMOD] = ENOTSUP;
    change = (struct drive_change){.what = DRIVE_SET_MODE, .mode = 0644};
    tap_file(drive_setattr(&drive, file.number, &change, &file), 0, "what it lacks can be set");
    end();
}

/* Names of a directory, each once; returns how many. */
static size_t list(uint64_t number, bool plus, const char *remove) {
    struct drive_dir *dir;
    struct drive_entry entry;
    const char *name;
    size_t count = 0;

    if (drive_opendir(&drive, number, &dir) != 0)
        return 0;
    for (size_t i = 0; drive_dir_get(&drive, dir, i, plus, &name, &entry); i++) {
        if (i == 0 && remove)
            tap_file(drive_unlink(&drive, number, remove), 0, "%s is removed meanwhile", remove);
        count += *name && (!plus || entry.number);
    }
    drive_releasedir(&drive, dir);
    return count;
}

static void listed(void) {
    struct drive_entry made, entry;
    struct drive_dir *dir;
    const char *name;
    uint64_t before;
    char text[32];
    size_t i;

    begin("listing", LONG_MS);
    for (i = 0; i < 3000; i++) {
        snprintf(text, sizeof text, "file-%zu", i);
        put(text, "x");
    }
    tap_ok(list(DRIVE_ROOT, false, NULL) == 3000, "all names");
    before = calls(POSIX_STAT);
    tap_ok(list(DRIVE_ROOT, true, NULL) == 3000, "all names with attributes");
    for (i = 0; i < 3000; i++) {
        snprintf(text, sizeof text, "file-%zu", i);
        look(DRIVE_ROOT, text);
    }
    tap_ok(calls(POSIX_STAT) == before, "which tells what is asked for next");
    tap_ok(look(DRIVE_ROOT, "none").number == 0 && calls(POSIX_STAT) == before,
           "and what is not there");
    tap_ok(calls(POSIX_READDIR) == 1, "from one listing");
    tap_ok(list(DRIVE_ROOT, true, "file-2999") >= 2999, "one goes while it is read");
    tap_ok(list(DRIVE_ROOT, true, NULL) == 2999, "and is not there any more");
    drive_opendir(&drive, DRIVE_ROOT, &dir);
    for (i = 0; drive_dir_get(&drive, dir, i, true, &name, &entry) && i < 9000; i++) {
        snprintf(text, sizeof text, "new-%zu", i);
        if (i < 5 && drive_mkdir(&drive, DRIVE_ROOT, text, 0755, &made) != 0)
            tap_ok(false, "mkdir");
    }
    tap_ok(i == 3000, "what is made while it is read does not make it longer: %zu", i);
    drive_releasedir(&drive, dir);
    tap_ok(list(DRIVE_ROOT, true, NULL) == 3004 && calls(POSIX_READDIR) == 1,
           "who opens it next sees it, without the server");
    before = calls(POSIX_STAT);
    tap_ok(look(made.number, "x").number == 0 && calls(POSIX_STAT) == before,
           "a new directory is known to be empty");
    tap_file(drive_opendir(&drive, 4711 * 4711, &dir), -ESTALE, "opendir of nothing");
    tap_file(drive_opendir(&drive, look(DRIVE_ROOT, "file-1").number, &dir), -ENOTDIR, "of a file");
    end();
}

/* Names in vain, as who makes many files asks for them; each is then made. */
static unsigned make_many(const char *prefix, unsigned count) {
    uint64_t before = calls(POSIX_STAT);
    struct drive_handle *handle;
    struct drive_entry made;
    char text[32];

    for (unsigned i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%s-%u", prefix, i);
        if (look(DRIVE_ROOT, text).number
            || drive_create(&drive, DRIVE_ROOT, text, O_WRONLY | O_CREAT, 0644, &made, &handle))
            tap_ok(false, "%s is made", text);
        else
            drive_release(handle);
    }
    return (unsigned)(calls(POSIX_STAT) - before);
}

static void missed(void) {
    uint64_t before;
    unsigned asked;

    begin("names in vain", LONG_MS);
    put("There", "x");
    asked = make_many("file", 200);
    tap_ok(asked < 40 && calls(POSIX_READDIR) == 1, "a listing tells the rest: %u look-ups", asked);
    tap_ok(look(DRIVE_ROOT, "There").number && look(DRIVE_ROOT, "file-199").number,
           "what is there is found");
    before = calls(POSIX_STAT);
    look(DRIVE_ROOT, "there");
    look(DRIVE_ROOT, "file~1");
    look(DRIVE_ROOT, "There.");
    look(DRIVE_ROOT, "\xc3\xa4");
    tap_ok(calls(POSIX_STAT) == before + 4, "a server may have its own idea of names: it is asked");
    tap_file(drive_unlink(&drive, DRIVE_ROOT, "file-7"), 0, "unlink");
    before = calls(POSIX_STAT);
    tap_ok(look(DRIVE_ROOT, "file-7").number == 0 && calls(POSIX_STAT) == before,
           "what was removed is known not to be there");
    end();

    begin("names in vain in a long directory", LONG_MS);
    for (unsigned i = 0; i < 1100; i++) {
        char text[32];

        snprintf(text, sizeof text, "there-%u", i);
        put(text, "");
    }
    asked = make_many("file", 100);
    tap_ok(asked >= 100 && calls(POSIX_READDIR) == 1, "it is tried once: %u look-ups", asked);
    end();

    begin("names in vain, no cache", 0);
    asked = make_many("file", 40);
    tap_ok(asked >= 40 && calls(POSIX_READDIR) == 0, "each is asked for");
    end();
}

static void take_data(void *context, const void *data, size_t size) {
    snprintf(context, 16, "%.*s", (int)size, (const char *)data);
}

static unsigned names_on_server(void) {
    DIR *stream = opendir(directory);
    unsigned count = 0;

    while (stream && readdir(stream))
        count++;
    if (stream)
        closedir(stream);
    return count - 2;
}

static void removed_while_open(void) {
    struct drive_handle *handle;
    struct drive_entry file, entry;
    char text[16] = "";

    begin("removed while open", LONG_MS);
    put("f", "data");
    file = look(DRIVE_ROOT, "f");
    tap_file(drive_open(&drive, file.number, O_RDONLY, &handle), 0, "open");
    tap_file(drive_unlink(&drive, DRIVE_ROOT, "f"), 0, "unlink");
    tap_ok(look(DRIVE_ROOT, "f").number == 0 && list(DRIVE_ROOT, true, NULL) == 0, "its name goes");
    tap_ok(names_on_server() == 1, "the server keeps it");
    tap_file(drive_read(handle, 16, 0, take_data, text), 0, "it can be read");
    tap_text(text, "data", "as before");
    tap_file(drive_getattr(&drive, file.number, &entry), 0, "getattr");
    tap_ok(entry.attributes.nlink == 0, "it has no name: %u", entry.attributes.nlink);
    drive_release(handle);
    tap_ok(names_on_server() == 0, "it goes with its last handle");
    drive_forget(&drive, file.number, 1);
    tap_ok(!drive_node_pin(&drive, file.number), "and is forgotten");
    end();
}

static void replaced_while_open(void) {
    struct drive_handle *handle;
    struct drive_entry file;

    begin("replaced while open", LONG_MS);
    put("f", "data");
    put("g", "other");
    file = look(DRIVE_ROOT, "f");
    tap_file(drive_open(&drive, file.number, O_RDONLY, &handle), 0, "open");
    look(DRIVE_ROOT, "g");
    posix_control()->fault[POSIX_RENAME] = EACCES;
    tap_file(drive_rename(&drive, DRIVE_ROOT, "g", DRIVE_ROOT, "f", 0), -EACCES, "rename fails");
    tap_ok(names_on_server() == 2, "and leaves nothing");
    posix_control()->fault[POSIX_RENAME] = 0;
    tap_file(drive_rename(&drive, DRIVE_ROOT, "g", DRIVE_ROOT, "f", 0), 0, "rename over it");
    tap_ok(look(DRIVE_ROOT, "f").attributes.size == 5, "the other one is there");
    tap_ok(names_on_server() == 2, "and it, too");
    drive_release(handle);
    tap_ok(names_on_server() == 1, "until it is closed");

    file = look(DRIVE_ROOT, "f");
    drive_open(&drive, file.number, O_RDONLY, &handle);
    tap_file(drive_unlink(&drive, DRIVE_ROOT, "f"), 0, "unlink");
    drive_release(handle);
    tap_ok(names_on_server() == 0, "nothing is left");
    end();
}

/* A process as a drive is one, that lives till the descriptor is closed. */
static pid_t start_owner(char *ret_name, size_t size, int *ret_end) {
    int told[2], end[2];
    pid_t pid;

    if (pipe2(told, O_CLOEXEC) != 0 || pipe2(end, O_CLOEXEC) != 0 || (pid = fork()) < 0)
        exit(99);
    if (pid == 0) {
        close(end[1]);
        drive_hidden_begin(ret_name, size);
        _exit(write(told[1], ret_name, size) < 0 || read(end[0], ret_name, 1) < 0);
    }
    close(told[1]);
    if (read(told[0], ret_name, size) != (ssize_t)size)
        exit(99);
    close(told[0]);
    close(end[0]);
    *ret_end = end[1];
    return pid;
}

/* Is a file of this name, which nobody of this process has removed, gone after a listing? */
static bool is_cleared(const char *name) {
    put(name, "data");
    list(DRIVE_ROOT, true, NULL);
    return access(inside(name), F_OK) != 0;
}

static void left_by_the_dead(void) {
    char owner[64], name[80], *digit;
    pid_t pid;
    int end_of_owner;

    begin("left by the dead", 0);
    pid = start_owner(owner, sizeof owner, &end_of_owner);
    snprintf(name, sizeof name, "%s1f", owner);
    tap_ok(!is_cleared(name), "%s stays: its drive lives", name);
    close(end_of_owner);
    waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT);
    tap_ok(is_cleared(name), "it goes: its drive has ended");
    waitpid(pid, NULL, 0);
    tap_ok(is_cleared(name), "and is no more");
    posix_control()->fault[POSIX_UNLINK] = EACCES;
    tap_ok(!is_cleared(name) && list(DRIVE_ROOT, true, NULL) == 0,
           "where it may not be removed it is not shown");
    posix_control()->fault[POSIX_UNLINK] = 0;
    snprintf(name, sizeof name, "%s1f.txt", owner);
    tap_ok(!is_cleared(name), "%s is nobody's of ours", name);
    snprintf(name, sizeof name, "%s", owner);
    tap_ok(!is_cleared(name), "nor is %s", name);
    snprintf(name, sizeof name, "%s1f", owner);
    name[strlen(".mpr-")] = name[strlen(".mpr-")] == '0' ? '1' : '0';
    tap_ok(!is_cleared(name), "%s is another machine's", name);
    drive_hidden_begin(name, sizeof name);
    digit = strrchr(name, '-') - 1;
    *digit = *digit == '0' ? '1' : '0';
    memcpy(strrchr(name, '-'), "-1f", sizeof "-1f");
    tap_ok(is_cleared(name), "%s was of a process of the same number", name);
    end();
}

static void named(void) {
    char name[300];

    begin("names", LONG_MS);
    memset(name, 'n', sizeof name);
    name[255] = '\0';
    put(name, "x");
    tap_ok(look(DRIVE_ROOT, name).number != 0, "255 bytes");
    name[255] = 'n';
    name[256] = '\0';
    tap_file(drive_lookup(&drive, DRIVE_ROOT, name, &(struct drive_entry){0}), -ENAMETOOLONG,
             "256 are too many");
    put("\xd1\x84\xd0\xb0\xd0\xb9\xd0\xbb \xf0\x9f\x93\x81", "x");
    tap_ok(look(DRIVE_ROOT, "\xd1\x84\xd0\xb0\xd0\xb9\xd0\xbb \xf0\x9f\x93\x81").number != 0,
           "beyond ASCII");
    tap_file(drive_lookup(&drive, 99, "x", &(struct drive_entry){0}), -ESTALE, "below nothing");
    end();
}

static void facts(void) {
    struct mpr_statvfs one, two;

    begin("statvfs", LONG_MS);
    tap_file(drive_statvfs(&drive, &one), 0, "statvfs");
    tap_file(drive_statvfs(&drive, &two), 0, "again");
    tap_ok(calls(POSIX_STATVFS) == 1 && one.blocks == two.blocks && one.blocks, "is asked once");
    end();
}

static void *hammer(void *context) {
    unsigned seed = (unsigned)(uintptr_t)context;
    int64_t until = mpr_deadline_in_ms(300);
    struct drive_handle *handle;
    struct drive_entry entry;
    char from[16], to[16];

    while (mpr_now_ns() < until) {
        snprintf(from, sizeof from, "f%d", rand_r(&seed) % 5);
        snprintf(to, sizeof to, "f%d", rand_r(&seed) % 5);
        switch (rand_r(&seed) % 6) {
        case 0:
            if (drive_create(&drive, DRIVE_ROOT, from, O_RDWR, 0644, &entry, &handle) == 0) {
                drive_write(handle, "data", 4, 0);
                drive_unlink(&drive, DRIVE_ROOT, from);
                drive_release(handle);
                drive_forget(&drive, entry.number, 1);
            }
            break;
        case 1:
            if (strcmp(from, to) != 0)
                drive_rename(&drive, DRIVE_ROOT, from, DRIVE_ROOT, to, 0);
            break;
        case 2:
            drive_unlink(&drive, DRIVE_ROOT, from);
            break;
        case 3:
            list(DRIVE_ROOT, false, NULL);
            break;
        default:
            if (drive_lookup(&drive, DRIVE_ROOT, from, &entry) == 0 && entry.number) {
                drive_getattr(&drive, entry.number, &entry);
                drive_forget(&drive, entry.number, 1);
            }
            break;
        }
    }
    return NULL;
}

static void hammered(void) {
    pthread_t threads[4];
    struct drive_entry entry;

    begin("many threads", 5);
    for (uintptr_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, hammer, (void *)(i + 1));
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    tap_file(drive_getattr(&drive, DRIVE_ROOT, &entry), 0, "the tree stands");
    tap_ok(posix_control()->open_files == 0, "no file is open");
    drive_data_stop(&drive);
    drive_tree_free(&drive);
    tap_ok(drive_tree_new(&drive) == 0 && names_on_server() == list(DRIVE_ROOT, true, NULL),
           "nothing hidden is left");
    end();
}

int main(void) {
    believed();
    forgotten();
    moved();
    replaced();
    own_changes();
    linked_elsewhere();
    set();
    listed();
    missed();
    removed_while_open();
    replaced_while_open();
    left_by_the_dead();
    named();
    facts();
    hammered();
    return tap_done();
}
