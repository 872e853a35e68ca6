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
#include "tests/drive/tree_rig.h"
#include "tests/lab/tap.h"

static void believed(void) {
    struct drive_entry first, again;
    uint64_t before;

    rig_begin("attributes", LONG_MS);
    rig_put("file", "hello");
    first = rig_look(DRIVE_ROOT, "file");
    tap_ok(first.number > DRIVE_ROOT && first.attributes.size == 5, "a file is found");
    tap_ok(first.valid_ms > LONG_MS / 2 && first.valid_ms <= LONG_MS, "and believed: %u ms",
           first.valid_ms);
    before = rig_calls(POSIX_STAT);
    again = rig_look(DRIVE_ROOT, "file");
    tap_ok(again.number == first.number && rig_calls(POSIX_STAT) == before,
           "looked up again it is the same, and the server is not asked");
    tap_file(drive_getattr(&rig_drive, first.number, &again), 0, "getattr");
    tap_ok(rig_calls(POSIX_STAT) == before, "neither for its attributes");
    again = rig_look(DRIVE_ROOT, "none");
    tap_ok(again.number == 0 && again.valid_ms > 0, "what is not there is an entry, too");
    rig_end();

    rig_begin("no cache", 0);
    rig_put("file", "hello");
    first = rig_look(DRIVE_ROOT, "file");
    rig_put("file", "hello, world");
    tap_file(drive_getattr(&rig_drive, first.number, &again), 0, "getattr");
    tap_ok(first.valid_ms == 0 && again.attributes.size == 12, "0 ms: always asked");
    rig_end();

    rig_begin("some time", 50);
    rig_put("file", "hello");
    first = rig_look(DRIVE_ROOT, "file");
    rig_put("file", "hello, world");
    usleep(60000);
    again = rig_look(DRIVE_ROOT, "file");
    tap_ok(again.attributes.size == 12 && again.number == first.number, "after 50 ms: asked again");
    rig_end();
}

static void forgotten(void) {
    struct drive_entry outer, inner;
    struct drive_node *node;

    rig_begin("forget", LONG_MS);
    mkdir(rig_inside("d"), 0755);
    rig_put("d/f", "x");
    outer = rig_look(DRIVE_ROOT, "d");
    inner = rig_look(outer.number, "f");
    drive_forget(&rig_drive, outer.number, 1);
    node = drive_node_pin(&rig_drive, outer.number);
    tap_ok(node != NULL, "a directory stays while something in it is known");
    if (node)
        drive_node_unpin(&rig_drive, node);
    drive_forget(&rig_drive, inner.number, 1);
    tap_ok(!drive_node_pin(&rig_drive, inner.number) && !drive_node_pin(&rig_drive, outer.number),
           "with it both go");
    tap_ok(rig_look(DRIVE_ROOT, "d").number > inner.number, "numbers are not used again");
    drive_forget(&rig_drive, DRIVE_ROOT, 1000);
    tap_file(drive_getattr(&rig_drive, DRIVE_ROOT, &outer), 0, "the root stays");
    rig_end();
}

static void moved(void) {
    struct drive_entry outer, inner, found;
    struct drive_node *node;
    char *path = NULL;

    rig_begin("rename", LONG_MS);
    mkdir(rig_inside("d"), 0755);
    rig_put("d/f", "x");
    rig_put("other", "other");
    outer = rig_look(DRIVE_ROOT, "d");
    inner = rig_look(outer.number, "f");
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "d", DRIVE_ROOT, "e", 0), 0, "a directory");
    node = drive_node_find(&rig_drive, "/e/f");
    tap_ok(node && node->number == inner.number, "what is in it is known by its new path");
    if (node) {
        tap_file(drive_node_path(&rig_drive, node, &path), 0, "its path");
        tap_text(path, "/e/f", "its path");
        drive_node_unpin(&rig_drive, node);
    }
    free(path);
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "other", outer.number, "f", RENAME_NOREPLACE),
             -ENOSYS, "RENAME_NOREPLACE cannot be promised");
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "other", outer.number, "f", RENAME_EXCHANGE),
             -ENOSYS, "nor RENAME_EXCHANGE");
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "other", outer.number, "f", 0), 0, "over a file");
    tap_ok(rig_look(DRIVE_ROOT, "other").number == 0, "its old name is gone");
    found = rig_look(outer.number, "f");
    tap_ok(found.attributes.size == 5 && found.number != inner.number, "the other file is there");
    tap_file(drive_getattr(&rig_drive, inner.number, &found), -ESTALE, "the one before is no more");
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "none", DRIVE_ROOT, "e2", 0), -ENOENT,
             "of nothing");
    posix_control()->fault[POSIX_RENAME] = EIO;
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "e", DRIVE_ROOT, "g", 0), -EIO,
             "the server fails");
    tap_ok(rig_look(DRIVE_ROOT, "e").number == outer.number
               && rig_look(DRIVE_ROOT, "g").number == 0,
           "then nothing has changed");
    rig_end();
}

static void replaced(void) {
    struct drive_entry old, new;

    rig_begin("another's changes", 0);
    rig_put("file", "old");
    rig_put("new", "new file");
    old = rig_look(DRIVE_ROOT, "file");
    rename(rig_inside("new"), rig_inside("file"));
    new = rig_look(DRIVE_ROOT, "file");
    tap_ok(new.number != old.number &&new.attributes.size == 8,
           "a file that was replaced has a new number");
    tap_file(drive_getattr(&rig_drive, old.number, &old), -ESTALE, "the old one is stale");
    unlink(rig_inside("file"));
    tap_file(drive_getattr(&rig_drive, new.number, &old), -ESTALE, "and one that was removed");
    tap_ok(rig_look(DRIVE_ROOT, "file").number == 0, "which is not found either");
    rig_end();
}

/* A server that was restored, or exports another directory by now, has another root. */
static void root_replaced(void) {
    struct drive_entry before, after = {0};
    char *other;

    rig_begin("another root", 0);
    drive_getattr(&rig_drive, DRIVE_ROOT, &before);
    other = rig_inside("other");
    mkdir(other, 0755);
    rig_put("other/f", "x");
    posix_remote_stop(&rig_drive);
    tap_file(posix_remote_start(&rig_drive, other), 0, "a directory takes the root's place");
    tap_file(drive_getattr(&rig_drive, DRIVE_ROOT, &after), 0, "the root is asked about");
    tap_ok(after.number == DRIVE_ROOT && after.attributes.ino != before.attributes.ino,
           "it is that one now");
    tap_ok(rig_look(DRIVE_ROOT, "f").number != 0, "with what is in it");
    rig_end();
}

/* Its session is gone as soon as it was opened, and a new one takes a while. */
static void opened_again(void) {
    struct drive_handle *handle = NULL;
    struct drive_entry entry;

    rig_begin("an open file that is lost", LONG_MS);
    rig_put("f", "x");
    entry = rig_look(DRIVE_ROOT, "f");
    posix_control()->fault_count[POSIX_FSTAT] = 1;
    posix_control()->fault[POSIX_FSTAT] = EIO;
    posix_control()->delay_us = 250000;
    tap_file(drive_open(&rig_drive, entry.number, O_RDONLY, &handle), 0, "it is opened again");
    posix_control()->delay_us = 0;
    if (handle)
        drive_release(handle);
    rig_end();
}

static void gone_before_open(void) {
    struct drive_handle *handle;
    struct drive_entry entry;

    rig_begin("a file that is gone", LONG_MS);
    rig_put("f", "x");
    entry = rig_look(DRIVE_ROOT, "f");
    unlink(rig_inside("f"));
    tap_file(drive_open(&rig_drive, entry.number, O_RDONLY, &handle), -ESTALE, "is to be sought");
    tap_ok(rig_look(DRIVE_ROOT, "f").number == 0, "and is not found");
    rig_end();
}

static void own_changes(void) {
    struct drive_entry made, root, other;
    int64_t before;

    rig_begin("our own changes", LONG_MS);
    drive_getattr(&rig_drive, DRIVE_ROOT, &root);
    before = root.attributes.mtime_ns;
    usleep(20000); /* time stamps of files are coarse */
    tap_file(drive_mkdir(&rig_drive, DRIVE_ROOT, "d", 0750, &made), 0, "mkdir");
    tap_ok(S_ISDIR(made.attributes.mode) && (made.attributes.mode & 07777) == 0750,
           "with its mode");
    drive_getattr(&rig_drive, DRIVE_ROOT, &root);
    tap_ok(root.attributes.mtime_ns > before && root.attributes.nlink == 3,
           "are seen in its parent at once");
    rig_put("f", "x");
    rig_look(DRIVE_ROOT, "f");
    other = rig_look(DRIVE_ROOT, "f");
    tap_file(drive_link(&rig_drive, other.number, made.number, "g", &made), 0, "link");
    tap_ok(made.number == other.number && made.attributes.nlink == 2,
           "both names are of one file, which has two");
    tap_file(drive_unlink(&rig_drive, DRIVE_ROOT, "f"), 0, "unlink");
    tap_file(drive_getattr(&rig_drive, other.number, &other), 0, "by the other name it is there");
    tap_ok(other.attributes.nlink == 1, "which is the only one now");
    tap_file(drive_symlink(&rig_drive, "to/nowhere", DRIVE_ROOT, "s", &made), 0, "symlink");
    tap_ok(S_ISLNK(made.attributes.mode), "is one");
    tap_file(drive_rmdir(&rig_drive, DRIVE_ROOT, "d"), -ENOTEMPTY, "rmdir of what is not empty");
    tap_file(drive_rmdir(&rig_drive, DRIVE_ROOT, "none"), -ENOENT, "of nothing");
    tap_file(drive_mkdir(&rig_drive, DRIVE_ROOT, "busy", 0755, &made), 0, "mkdir");
    posix_control()->fault_count[POSIX_RMDIR] = 2;
    posix_control()->fault[POSIX_RMDIR] = EBUSY;
    tap_file(drive_rmdir(&rig_drive, DRIVE_ROOT, "busy"), 0, "of what is busy for a moment");
    rig_end();
}

static void linked_elsewhere(void) {
    struct drive_entry one, two;

    rig_begin("hard links", LONG_MS);
    rig_put("one", "x");
    if (link(rig_inside("one"), rig_inside("two")) != 0)
        tap_ok(false, "link");
    one = rig_look(DRIVE_ROOT, "one");
    two = rig_look(DRIVE_ROOT, "two");
    tap_ok(one.number == two.number, "two names of a file have one number");
    drive_forget(&rig_drive, one.number, 2);
    tap_ok(!drive_node_pin(&rig_drive, one.number), "and are forgotten together");
    rig_end();

    rig_begin("a server that does not count links", LONG_MS);
    atomic_store(&posix_control()->one_link, 1);
    atomic_store(&posix_control()->without, MPR_STAT_INO);
    rig_put("one", "x");
    one = rig_look(DRIVE_ROOT, "one");
    tap_file(drive_link(&rig_drive, one.number, DRIVE_ROOT, "two", &two), 0, "link");
    tap_ok(two.number == one.number && two.attributes.nlink == 2, "ours are counted");
    tap_file(drive_unlink(&rig_drive, DRIVE_ROOT, "one"), 0, "unlink");
    two = rig_look(DRIVE_ROOT, "two");
    tap_ok(two.number == one.number && two.attributes.nlink == 1, "as long as they are there");
    rig_end();
}

static void set(void) {
    struct drive_change change = {.what = DRIVE_SET_MODE, .mode = 0600};
    struct drive_entry file, link;

    rig_begin("setattr", LONG_MS);
    rig_put("f", "12345");
    if (symlink("f", rig_inside("l")) != 0)
        tap_ok(false, "symlink");
    file = rig_look(DRIVE_ROOT, "f");
    link = rig_look(DRIVE_ROOT, "l");
    tap_file(drive_setattr(&rig_drive, file.number, &change, &file), 0, "mode");
    tap_ok((file.attributes.mode & 07777) == 0600, "mode is set");
    tap_file(drive_setattr(&rig_drive, link.number, &change, &link), -EOPNOTSUPP, "of a link: no");
    change = (struct drive_change){
        .what = DRIVE_SET_TIMES, .atime_ns = MPR_TIME_OMIT, .mtime_ns = 1234567890123456789};
    tap_file(drive_setattr(&rig_drive, file.number, &change, &file), 0, "times");
    tap_ok(file.attributes.mtime_ns == 1234567890123456789, "to the nanosecond");
    tap_file(drive_setattr(&rig_drive, link.number, &change, &link), 0,
             "of a link: it keeps its own");
    tap_file(drive_getattr(&rig_drive, file.number, &file), 0, "and leads to");
    change = (struct drive_change){.what = DRIVE_SET_SIZE, .size = 3};
    tap_file(drive_setattr(&rig_drive, file.number, &change, &file), 0, "size");
    tap_ok(file.attributes.size == 3, "is set");
    change = (struct drive_change){.what = DRIVE_SET_OWNER, .uid = geteuid(), .gid = UINT32_MAX};
    tap_file(drive_setattr(&rig_drive, file.number, &change, &file), 0, "owner");
    rig_end();

    rig_begin("a server without modes", LONG_MS);
    posix_control()->without = MPR_STAT_MODE | MPR_STAT_OWNER | MPR_STAT_INO;
    rig_put("f", "x");
    mkdir(rig_inside("d"), 0700);
    chmod(rig_inside("f"), 0444);
    file = rig_look(DRIVE_ROOT, "f");
    tap_ok(file.attributes.mode == (S_IFREG | 0555), "read-only shows: 0%o", file.attributes.mode);
    tap_ok(rig_look(DRIVE_ROOT, "d").attributes.mode == (S_IFDIR | 0755), "directories have 0755");
    tap_ok(file.attributes.uid == geteuid() && file.attributes.ino == file.number,
           "all is ours, and bears our number");
    posix_control()->fault[POSIX_CHMOD] = ENOTSUP;
    change = (struct drive_change){.what = DRIVE_SET_MODE, .mode = 0644};
    tap_file(drive_setattr(&rig_drive, file.number, &change, &file), 0, "what it lacks can be set");
    rig_end();
}

static void take_data(void *context, const void *data, size_t size) {
    snprintf(context, 16, "%.*s", (int)size, (const char *)data);
}

static unsigned names_on_server(void) {
    DIR *stream = opendir(rig_directory);
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

    rig_begin("removed while open", LONG_MS);
    rig_put("f", "data");
    file = rig_look(DRIVE_ROOT, "f");
    tap_file(drive_open(&rig_drive, file.number, O_RDONLY, &handle), 0, "open");
    tap_file(drive_unlink(&rig_drive, DRIVE_ROOT, "f"), 0, "unlink");
    tap_ok(rig_look(DRIVE_ROOT, "f").number == 0 && rig_list(DRIVE_ROOT, true, NULL) == 0,
           "its name goes");
    tap_ok(names_on_server() == 1, "the server keeps it");
    tap_file(drive_read(handle, 16, 0, take_data, text), 0, "it can be read");
    tap_text(text, "data", "as before");
    tap_file(drive_getattr(&rig_drive, file.number, &entry), 0, "getattr");
    tap_ok(entry.attributes.nlink == 0, "it has no name: %u", entry.attributes.nlink);
    drive_release(handle);
    tap_ok(names_on_server() == 0, "it goes with its last handle");
    drive_forget(&rig_drive, file.number, 1);
    tap_ok(!drive_node_pin(&rig_drive, file.number), "and is forgotten");
    rig_end();
}

static void *release_soon(void *handle) {
    usleep(30000);
    drive_release(handle);
    return NULL;
}

/* rm -rf does not wait until the kernel has said that all is closed. */
static void removed_with_its_directory(void) {
    struct drive_entry directory, file;
    struct drive_handle *handle;
    pthread_t thread;

    rig_begin("removed with its directory", LONG_MS);
    tap_ok(mkdir(rig_inside("d"), 0755) == 0, "mkdir");
    rig_put("d/f", "data");
    directory = rig_look(DRIVE_ROOT, "d");
    file = rig_look(directory.number, "f");
    tap_file(drive_open(&rig_drive, file.number, O_RDONLY, &handle), 0, "open");
    tap_file(drive_unlink(&rig_drive, directory.number, "f"), 0, "unlink");
    tap_file(drive_rmdir(&rig_drive, DRIVE_ROOT, "d"), -ENOTEMPTY, "it is open, and stays");
    pthread_create(&thread, NULL, release_soon, handle);
    tap_file(drive_rmdir(&rig_drive, DRIVE_ROOT, "d"), 0, "closed in this moment, it goes");
    pthread_join(thread, NULL);
    drive_forget(&rig_drive, file.number, 1);
    drive_forget(&rig_drive, directory.number, 1);
    rig_end();
}

static void replaced_while_open(void) {
    struct drive_handle *handle;
    struct drive_entry file;

    rig_begin("replaced while open", LONG_MS);
    rig_put("f", "data");
    rig_put("g", "other");
    file = rig_look(DRIVE_ROOT, "f");
    tap_file(drive_open(&rig_drive, file.number, O_RDONLY, &handle), 0, "open");
    rig_look(DRIVE_ROOT, "g");
    posix_control()->fault[POSIX_RENAME] = EACCES;
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "g", DRIVE_ROOT, "f", 0), -EACCES,
             "rename fails");
    tap_ok(names_on_server() == 2, "and leaves nothing");
    posix_control()->fault[POSIX_RENAME] = 0;
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "g", DRIVE_ROOT, "f", 0), 0, "rename over it");
    tap_ok(rig_look(DRIVE_ROOT, "f").attributes.size == 5, "the other one is there");
    tap_ok(names_on_server() == 2, "and it, too");
    drive_release(handle);
    tap_ok(names_on_server() == 1, "until it is closed");

    file = rig_look(DRIVE_ROOT, "f");
    drive_open(&rig_drive, file.number, O_RDONLY, &handle);
    tap_file(drive_unlink(&rig_drive, DRIVE_ROOT, "f"), 0, "unlink");
    drive_release(handle);
    tap_ok(names_on_server() == 0, "nothing is left");
    rig_end();
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
    rig_put(name, "data");
    rig_list(DRIVE_ROOT, true, NULL);
    return access(rig_inside(name), F_OK) != 0;
}

static void left_by_the_dead(void) {
    char owner[64], name[80], *digit;
    pid_t pid;
    int end_of_owner;

    rig_begin("left by the dead", 0);
    pid = start_owner(owner, sizeof owner, &end_of_owner);
    snprintf(name, sizeof name, "%s1f", owner);
    tap_ok(!is_cleared(name), "%s stays: its drive lives", name);
    close(end_of_owner);
    waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT);
    tap_ok(is_cleared(name), "it goes: its drive has ended");
    waitpid(pid, NULL, 0);
    tap_ok(is_cleared(name), "and is no more");
    posix_control()->fault[POSIX_UNLINK] = EACCES;
    tap_ok(!is_cleared(name) && rig_list(DRIVE_ROOT, true, NULL) == 0,
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
    rig_end();
}

static void named(void) {
    char name[300];

    rig_begin("names", LONG_MS);
    memset(name, 'n', sizeof name);
    name[255] = '\0';
    rig_put(name, "x");
    tap_ok(rig_look(DRIVE_ROOT, name).number != 0, "255 bytes");
    name[255] = 'n';
    name[256] = '\0';
    tap_file(drive_lookup(&rig_drive, DRIVE_ROOT, name, &(struct drive_entry){0}), -ENAMETOOLONG,
             "256 are too many");
    rig_put("\xd1\x84\xd0\xb0\xd0\xb9\xd0\xbb \xf0\x9f\x93\x81", "x");
    tap_ok(rig_look(DRIVE_ROOT, "\xd1\x84\xd0\xb0\xd0\xb9\xd0\xbb \xf0\x9f\x93\x81").number != 0,
           "beyond ASCII");
    tap_file(drive_lookup(&rig_drive, 99, "x", &(struct drive_entry){0}), -ESTALE, "below nothing");
    rig_end();
}

static void facts(void) {
    struct mpr_statvfs one, two;

    rig_begin("statvfs", LONG_MS);
    tap_file(drive_statvfs(&rig_drive, &one), 0, "statvfs");
    tap_file(drive_statvfs(&rig_drive, &two), 0, "again");
    tap_ok(rig_calls(POSIX_STATVFS) == 1 && one.blocks == two.blocks && one.blocks,
           "is asked once");
    rig_end();
}

/* As the kernel has it: of changes of a directory's names there is one at a time. */
static pthread_mutex_t names_lock = PTHREAD_MUTEX_INITIALIZER;

static int make(const char *name, struct drive_entry *ret, struct drive_handle **ret_handle) {
    int rc;

    pthread_mutex_lock(&names_lock);
    rc = drive_create(&rig_drive, DRIVE_ROOT, name, O_RDWR, 0644, ret, ret_handle);
    pthread_mutex_unlock(&names_lock);
    return rc;
}

static void removed(const char *name) {
    pthread_mutex_lock(&names_lock);
    drive_unlink(&rig_drive, DRIVE_ROOT, name);
    pthread_mutex_unlock(&names_lock);
}

static void renamed(const char *from, const char *to) {
    pthread_mutex_lock(&names_lock);
    drive_rename(&rig_drive, DRIVE_ROOT, from, DRIVE_ROOT, to, 0);
    pthread_mutex_unlock(&names_lock);
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
            if (make(from, &entry, &handle) == 0) {
                drive_write(handle, "data", 4, 0);
                removed(from);
                drive_release(handle);
                drive_forget(&rig_drive, entry.number, 1);
            }
            break;
        case 1:
            if (strcmp(from, to) != 0)
                renamed(from, to);
            break;
        case 2:
            removed(from);
            break;
        case 3:
            rig_list(DRIVE_ROOT, false, NULL);
            break;
        default:
            if (drive_lookup(&rig_drive, DRIVE_ROOT, from, &entry) == 0 && entry.number) {
                drive_getattr(&rig_drive, entry.number, &entry);
                drive_forget(&rig_drive, entry.number, 1);
            }
            break;
        }
    }
    return NULL;
}

static void hammered(void) {
    pthread_t threads[4];
    struct drive_entry entry;

    rig_begin("many threads", 5);
    for (uintptr_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, hammer, (void *)(i + 1));
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    tap_file(drive_getattr(&rig_drive, DRIVE_ROOT, &entry), 0, "the tree stands");
    tap_ok(posix_control()->open_files == 0, "no file is open");
    drive_data_stop(&rig_drive);
    drive_tree_free(&rig_drive);
    tap_ok(drive_tree_new(&rig_drive) == 0 && names_on_server() == rig_list(DRIVE_ROOT, true, NULL),
           "nothing hidden is left");
    rig_end();
}

int main(void) {
    believed();
    forgotten();
    moved();
    replaced();
    root_replaced();
    opened_again();
    gone_before_open();
    own_changes();
    linked_elsewhere();
    set();
    removed_while_open();
    removed_with_its_directory();
    replaced_while_open();
    left_by_the_dead();
    named();
    facts();
    hammered();
    return tap_done();
}
