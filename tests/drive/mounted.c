/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounted.c: what programs do with files, on a mount whose server is a plain
 * directory.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/drive/mount_rig.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define MANY    10000
#define SOON_MS 20000

static int make(const char *name, const char *text) {
    int fd = open(rig_on(name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        tap_ok(false, "%s is written: %s", name, strerror(errno));
    return fd;
}

static void make_closed(const char *name, const char *text) {
    tap_ok(close(make(name, text)) == 0, "%s is closed", name);
}

/* Does the file have this text, on the mount and at the server? */
static void holds(const char *name, const char *text) {
    char found[64];

    for (int i = 0; i < 2; i++) {
        int fd = open(i ? rig_at(name) : rig_on(name), O_RDONLY | O_CLOEXEC);
        ssize_t size = fd < 0 ? -1 : read(fd, found, sizeof found - 1);

        found[size < 0 ? 0 : size] = '\0';
        tap_text(size < 0 ? strerror(errno) : found, text, "%s %s", name,
                 i ? "at the server" : "on the mount");
        close(fd);
    }
}

static void check(int rc, int wanted, const char *what) {
    tap_ok(wanted ? rc < 0 && errno == wanted : rc >= 0, "%s%s%s", what, wanted ? ": " : "",
           wanted ? strerror(wanted) : "");
}

static void files(void) {
    struct stat st;
    int fd, other;

    tap_group("files");
    fd = open(rig_on("excl"), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    check(fd, 0, "O_EXCL");
    check(open(rig_on("excl"), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640), EEXIST, "O_EXCL");
    tap_ok(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0640, "with its mode: 0%o", st.st_mode);
    tap_ok(write(fd, "0123456789", 10) == 10 && fstat(fd, &st) == 0 && st.st_size == 10,
           "its size shows at once");
    check(ftruncate(fd, 4), 0, "ftruncate");
    tap_ok(fstat(fd, &st) == 0 && st.st_size == 4, "it is shorter");
    check(truncate(rig_on("excl"), 6), 0, "truncate");
    tap_ok(fstat(fd, &st) == 0 && st.st_size == 6, "it is longer");
    tap_ok(pwrite(fd, "XY", 2, 4) == 2 && fsync(fd) == 0, "pwrite and fsync");
    holds("excl", "0123XY");
    close(fd);

    fd = open(rig_on("log"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    other = open(rig_on("log"), O_WRONLY | O_APPEND | O_CLOEXEC);
    tap_ok(write(fd, "one ", 4) == 4 && write(other, "two ", 4) == 4 && write(fd, "three", 5) == 5,
           "two append");
    tap_ok(fcntl(other, F_SETFL, 0) == 0 && pwrite(other, "ONE", 3, 0) == 3
               && fcntl(other, F_SETFL, O_APPEND) == 0 && pwrite(other, "!", 1, 0) == 1,
           "as long as it is wanted");
    close(fd);
    close(other);
    holds("log", "ONE two three!");
    fd = open(rig_on("log"), O_WRONLY | O_TRUNC | O_CLOEXEC);
    tap_ok(fstat(fd, &st) == 0 && st.st_size == 0, "O_TRUNC");
    close(fd);
    check(open(rig_on("none"), O_RDONLY | O_CLOEXEC), ENOENT, "open of nothing");
    check(open(rig_on("excl/x"), O_RDONLY | O_CLOEXEC), ENOTDIR, "below a file");
    check(open(rig_on(""), O_WRONLY | O_CLOEXEC), EISDIR, "a directory to be written");
    tap_ok(unlink(rig_on("excl")) == 0 && unlink(rig_on("log")) == 0, "unlink");
}

static void mapped(void) {
    char *map;
    int fd = make("mapped", "hello, world");

    tap_group("mmap");
    map = mmap(NULL, 12, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (!tap_ok(map != MAP_FAILED, "shared, to be written: %s", strerror(errno)))
        return;
    tap_ok(memcmp(map, "hello, world", 12) == 0, "it is read");
    memcpy(map, "HELLO", 5);
    check(msync(map, 12, MS_SYNC), 0, "msync");
    holds("mapped", "HELLO, world");
    memcpy(map + 7, "WORLD", 5);
    munmap(map, 12);
    close(fd);
    holds("mapped", "HELLO, WORLD");
    check(unlink(rig_on("mapped")), 0, "unlink");
}

static void renamed(void) {
    char text[8] = "";
    struct stat st;
    int fd;

    tap_group("rename");
    fd = make("old", "old");
    make_closed("new", "new");
    check(rename(rig_on("new"), rig_on("old")), 0, "over an open file");
    tap_ok(pread(fd, text, 7, 0) == 3 && strcmp(text, "old") == 0, "whose handle has it still");
    tap_ok(fstat(fd, &st) == 0 && st.st_nlink == 0, "without a name");
    holds("old", "new");
    tap_ok(write(fd, "er", 2) == 2 && close(fd) == 0, "it can be written till it is closed");
    check(access(rig_on("new"), F_OK), ENOENT, "the old name is gone");
    check(mkdir(rig_on("d"), 0755), 0, "mkdir");
    make_closed("d/f", "in it");
    check(rename(rig_on("d"), rig_on("e")), 0, "a directory");
    holds("e/f", "in it");
    check(rename(rig_on("old"), rig_on("e")), EISDIR, "a file over a directory");
    check(rmdir(rig_on("e")), ENOTEMPTY, "rmdir");
    check(renameat2(AT_FDCWD, rig_on("old"), AT_FDCWD, rig_on("e/f"), RENAME_NOREPLACE), EEXIST,
          "RENAME_NOREPLACE");
    check(renameat2(AT_FDCWD, rig_on("old"), AT_FDCWD, rig_on("e/f"), RENAME_EXCHANGE), EINVAL,
          "RENAME_EXCHANGE");
    check(renameat2(AT_FDCWD, rig_on("old"), AT_FDCWD, rig_on("none"), RENAME_NOREPLACE), EINVAL,
          "what cannot be promised is not tried");
    tap_ok(unlink(rig_on("e/f")) == 0 && rmdir(rig_on("e")) == 0 && unlink(rig_on("old")) == 0,
           "all is removed");

    fd = make("open", "data");
    check(unlink(rig_on("open")), 0, "unlink of an open file");
    check(access(rig_on("open"), F_OK), ENOENT, "its name is gone");
    tap_ok(pwrite(fd, "DATA", 4, 4) == 4 && pread(fd, text, 8, 0) == 8
               && memcmp(text, "dataDATA", 8) == 0,
           "it is written and read");
    close(fd);
}

static void linked(void) {
    char target[64] = "";
    struct stat one, two;

    tap_group("links");
    make_closed("file", "data");
    check(link(rig_on("file"), rig_on("second")), 0, "link");
    tap_ok(stat(rig_on("file"), &one) == 0 && stat(rig_on("second"), &two) == 0
               && one.st_ino == two.st_ino && one.st_nlink == 2 && two.st_nlink == 2,
           "both are one file");
    check(link(rig_on("file"), rig_on("second")), EEXIST, "link");
    check(symlink("second", rig_on("soft")), 0, "symlink");
    tap_ok(lstat(rig_on("soft"), &two) == 0 && S_ISLNK(two.st_mode), "is one");
    tap_ok(readlink(rig_on("soft"), target, sizeof target) == 6 && strcmp(target, "second") == 0,
           "readlink");
    tap_ok(stat(rig_on("soft"), &two) == 0 && two.st_ino == one.st_ino, "it leads there");
    check(unlink(rig_on("second")), 0, "unlink");
    check(stat(rig_on("soft"), &two), ENOENT, "then it leads nowhere");
    tap_ok(stat(rig_on("file"), &one) == 0 && one.st_nlink == 1, "one name is left");
    holds("file", "data");
    tap_ok(unlink(rig_on("soft")) == 0 && unlink(rig_on("file")) == 0, "all is removed");
}

static void attributes(void) {
    struct timespec times[2] = {{1111111111, 123456789}, {2222222222, 987654321}};
    struct statvfs one, two;
    struct stat st;

    tap_group("attributes");
    make_closed("file", "data");
    check(chmod(rig_on("file"), 0604), 0, "chmod");
    check(utimensat(AT_FDCWD, rig_on("file"), times, 0), 0, "utimensat");
    tap_ok(stat(rig_on("file"), &st) == 0 && (st.st_mode & 07777) == 0604, "0%o", st.st_mode);
    tap_ok(st.st_atim.tv_sec == 1111111111 && st.st_atim.tv_nsec == 123456789
               && st.st_mtim.tv_sec == 2222222222 && st.st_mtim.tv_nsec == 987654321,
           "times to the nanosecond");
    times[1].tv_sec = 16725225600; /* the year 2500 */
    check(utimensat(AT_FDCWD, rig_on("file"), times, 0), 0, "a time beyond nanoseconds");
    tap_ok(stat(rig_on("file"), &st) == 0 && st.st_mtim.tv_sec >= INT32_MAX,
           "is as late as can be");
    check(chown(rig_on("file"), geteuid(), getegid()), 0, "chown");
    check(chmod(rig_on("none"), 0600), ENOENT, "chmod of nothing");
    check(access(rig_on("file"), R_OK | W_OK), 0, "access");
    check(access(rig_on("file"), X_OK), EACCES, "to run it");
    check(chmod(rig_on("file"), 0700), 0, "chmod");
    check(access(rig_on("file"), X_OK), 0, "to run it");
    tap_ok(statvfs(rig_on(""), &one) == 0 && statvfs(rig_at(""), &two) == 0
               && one.f_blocks * one.f_frsize == two.f_blocks * two.f_frsize
               && one.f_namemax == two.f_namemax,
           "statvfs is the server's");
    check(unlink(rig_on("file")), 0, "unlink");
}

static void large(void) {
    const off_t far = (off_t)5 << 30;
    char text[5] = "";
    struct stat st;
    int fd = make("large", "");

    tap_group("large and sparse");
    check(ftruncate(fd, far), 0, "5 GiB");
    tap_ok(pwrite(fd, "far", 4, far + 3) == 4 && fsync(fd) == 0, "beyond 4 GiB");
    tap_ok(pread(fd, text, 4, far + 3) == 4 && strcmp(text, "far") == 0, "is read");
    tap_ok(pread(fd, text, 4, far / 2) == 4 && memcmp(text, "\0\0\0\0", 4) == 0, "a hole is 0");
    close(fd);
    tap_ok(stat(rig_on("large"), &st) == 0 && st.st_size == far + 7 && st.st_blocks < 10000,
           "%lld bytes, %lld blocks", (long long)st.st_size, (long long)st.st_blocks);
    check(unlink(rig_on("large")), 0, "unlink");
}

/* Reads a directory, and the attributes of all that is in it. */
static unsigned list(const char *name) {
    DIR *stream = opendir(rig_on(name));
    struct dirent *entry;
    struct stat st;
    unsigned count = 0;

    while (stream && (entry = readdir(stream)))
        count += fstatat(dirfd(stream), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0
                 && (entry->d_name[0] == '.' || st.st_ino == entry->d_ino);
    if (stream)
        closedir(stream);
    return count;
}

static void directories(void) {
    struct posix_control *control = rig_control();
    uint64_t stats, lists;
    char name[64];
    DIR *stream;
    double begin;
    unsigned i;

    tap_group("directories");
    mkdir(rig_at("many"), 0755);
    for (i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "many/file number %u", i);
        close(open(rig_at(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    }
    usleep(1100000); /* that it was not there is believed for so long */
    stats = control->calls[POSIX_STAT];
    lists = control->calls[POSIX_READDIR];
    begin = stage_ms();
    i = list("many");
    tap_ok(i == MANY + 2, "%u entries with attributes in %.0f ms", i, stage_ms() - begin);
    tap_ok(control->calls[POSIX_READDIR] == lists + 1 && control->calls[POSIX_STAT] <= stats + 10,
           "in one question: %llu", (unsigned long long)(control->calls[POSIX_STAT] - stats));
    stream = opendir(rig_on("many"));
    for (i = 0; stream && i < 100; i++)
        readdir(stream);
    snprintf(name, sizeof name, "many/file number %u", MANY);
    make_closed(name, "");
    rewinddir(stream);
    for (i = 0; readdir(stream);)
        i++;
    tap_ok(i == MANY + 3, "rewinddir sees what was made: %u", i);
    closedir(stream);
    snprintf(name, sizeof name, "rm -r '%s'", rig_on("many"));
    tap_ok(system(name) == 0, "all are removed");
    check(access(rig_at("many"), F_OK), ENOENT, "at the server, too");
}

/* Within the second that the kernel believes a name, somebody else removes it. */
/* Also at the server, which happens after close: until then the drive would open it as it is. */
static void make_settled(const char *name, const char *text) {
    struct posix_control *control = rig_control();
    uint64_t closed = control->calls[POSIX_CLOSE];
    double end = stage_ms() + 5000;

    make_closed(name, text);
    while (control->calls[POSIX_CLOSE] == closed && stage_ms() < end)
        usleep(1000);
}

static void removed_by_others(void) {
    int fd;

    tap_group("removed by others");
    make_settled("theirs", "x");
    check(unlink(rig_at("theirs")), 0, "it is removed at the server");
    check(open(rig_on("theirs"), O_RDONLY | O_CLOEXEC), ENOENT, "open");
    make_settled("theirs", "x");
    check(unlink(rig_at("theirs")), 0, "once more");
    fd = open(rig_on("theirs"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    check(fd, 0, "it is made anew");
    close(fd);
    check(unlink(rig_on("theirs")), 0, "unlink");
}

static void others(void) {
    char command[1200];
    int fd = make("lock", ""), other = open(rig_on("lock"), O_RDWR | O_CLOEXEC);

    tap_group("others");
    check(flock(fd, LOCK_EX | LOCK_NB), 0, "flock");
    check(flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK, "flock");
    close(fd);
    close(other);
    check(mkfifo(rig_on("fifo"), 0600), EPERM, "mkfifo");
    snprintf(command, sizeof command, "cp /bin/true '%s' && '%s' && cp -a '%s' '%s'",
             rig_on("program"), rig_on("program"), rig_on("program"), rig_on("copy"));
    tap_ok(system(command) == 0, "a program is copied, run, and copied with all it has");
    make_closed("\xd1\x84\xd0\xb0\xd0\xb9\xd0\xbb \xf0\x9f\x93\x81", "x");
    tap_ok(unlink(rig_at("\xd1\x84\xd0\xb0\xd0\xb9\xd0\xbb \xf0\x9f\x93\x81")) == 0,
           "names are the server's");
    snprintf(command, sizeof command, "cd '%s' && rm -f program copy lock", rig_on(""));
    tap_ok(system(command) == 0, "all is removed");
}

static void nothing(int number) {
    (void)number;
}

/* A process that asks the server, which says nothing. */
static pid_t start_waiting(void) {
    pid_t pid = fork();

    if (pid == 0) {
        const struct sigaction action = {.sa_handler = SIG_IGN}, handled = {.sa_handler = nothing};
        struct stat st;

        sigaction(SIGCHLD, &action, NULL);
        sigaction(SIGURG, &handled, NULL);
        /* A name that a server may know as another one: no listing answers for it. */
        _exit(stat(rig_on("unknown~1"), &st) == 0 ? 0 : errno);
    }
    usleep(300000);
    return pid;
}

static void silent(void) {
    struct posix_control *control = rig_control();
    double begin;
    pid_t pid;
    int status;

    tap_group("a silent server");
    control->silent = 1;
    pid = start_waiting();
    begin = stage_ms();
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    tap_ok(WIFSIGNALED(status) && stage_ms() - begin < 10000,
           "who waits can be killed: %.0f ms of 20000", stage_ms() - begin);
    pid = start_waiting();
    begin = stage_ms();
    kill(pid, SIGTERM);
    waitpid(pid, &status, 0);
    tap_ok(WIFSIGNALED(status) && stage_ms() - begin < 10000, "and ended: %.0f ms",
           stage_ms() - begin);
    pid = start_waiting();
    begin = stage_ms();
    kill(pid, SIGURG); /* which it has a handler for */
    usleep(200000);
    tap_ok(waitpid(pid, &status, WNOHANG) == 0, "a signal that it handles does not end the wait");
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    tap_ok(WIFSIGNALED(status) && stage_ms() - begin < 10000,
           "after that it can be killed: %.0f ms", stage_ms() - begin);
    pid = start_waiting();
    kill(pid, SIGCHLD); /* which it ignores */
    usleep(100000);
    control->silent = 0;
    waitpid(pid, &status, 0);
    tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == ENOENT, "others wait for the answer: 0x%x",
           status);
    make_closed("after", "it works again");
    holds("after", "it works again");
}

#define LEFT "what it leaves behind"

/* A process that writes to files of a silent server; then it is killed, or ends by itself. */
static pid_t start_writing(int files, bool ends) {
    struct posix_control *control = rig_control();
    pid_t pid = fork();
    char name[16];
    int fds[8];

    if (pid == 0) {
        for (int i = 0; i < files; i++) {
            snprintf(name, sizeof name, "left%d", i);
            fds[i] = make(name, "");
        }
        control->silent = 1;
        for (int i = 0; i < files; i++)
            if (write(fds[i], LEFT, strlen(LEFT)) != (ssize_t)strlen(LEFT))
                _exit(1);
        control->silent = 2;
        if (!ends)
            pause();
        _exit(0);
    }
    for (int i = 0; i < SOON_MS && control->silent != 2; i++)
        usleep(1000);
    return pid;
}

/* It is gone long before the bound; its bytes are there all the same, and come to the server. */
static void leaves(int files, int signal, const char *how) {
    pid_t pid = start_writing(files, !signal);
    double begin = stage_ms();
    char name[16], text[64] = "";
    struct stat st;
    int status, fd;

    if (signal)
        kill(pid, signal);
    waitpid(pid, &status, 0);
    tap_ok((signal ? WIFSIGNALED(status) : status == 0) && stage_ms() - begin < SOON_MS / 2,
           "%s with %d unwritten files is gone: %.0f ms", how, files, stage_ms() - begin);
    rig_control()->silent = 0;
    for (int i = 0; i < files; i++) {
        snprintf(name, sizeof name, "left%d", i);
        fd = open(rig_on(name), O_RDONLY | O_CLOEXEC);
        tap_ok(read(fd, text, sizeof text) == (ssize_t)strlen(LEFT), "others see its bytes");
        close(fd);
        begin = stage_ms();
        while (stat(rig_at(name), &st) == 0 && !st.st_size && stage_ms() - begin < SOON_MS)
            usleep(1000);
        holds(name, LEFT);
        check(unlink(rig_on(name)), 0, "unlink");
    }
}

static void leaving(void) {
    tap_group("who is killed does not wait until its files are written");
    leaves(1, SIGKILL, "who is killed");
    leaves(5, SIGINT, "who is interrupted");
    leaves(2, 0, "who ends by itself");
}

/* A drive that waits for an answer of its own mount when it is killed waits for ever. */
static void asks_itself_nothing(void) {
    uint64_t asked;
    struct stat st;

    tap_group("a drive asks its own mount nothing");
    rig_start("0", "20000");
    asked = atomic_load(&rig_control()->calls[POSIX_STAT]);
    tap_ok(asked == 1, "the server is asked for its root, and for nothing else (%u)",
           (unsigned)asked);
    check(stat(rig_on(""), &st), 0, "a look at the mount");
    tap_ok(atomic_load(&rig_control()->calls[POSIX_STAT]) > asked, "is a question to it");
    rig_stop();
}

/* A server may give a file its new time when it is closed; the old one is not believed then. */
static void late(const char *text) {
    struct timespec moment = {.tv_nsec = 1000000};
    struct stat shown;
    bool young = false;
    int fd = open(rig_on("stamp"), O_WRONLY | O_TRUNC | O_CLOEXEC);

    check((int)write(fd, text, strlen(text)), 0, "write");
    tap_ok(fstat(fd, &shown) == 0 && shown.st_mtime == 0, "its time is old as long as it is open");
    close(fd);
    for (int i = 0; i < 10000 && !young; i++) {
        young = stat(rig_on("stamp"), &shown) == 0 && shown.st_mtime > 0;
        nanosleep(&moment, NULL);
    }
    tap_ok(young, "and new when it is closed");
}

static void late_times(void) {
    tap_group("times of closing");
    rig_start("60000", "20000");
    make_closed("stamp", "");
    rig_control()->late_times = 1;
    late("");
    late("text");
    check(unlink(rig_on("stamp")), 0, "unlink");
    rig_stop();
}

static void died(void) {
    struct stat st;

    tap_group("a drive that dies");
    rig_start("1000", "1000");
    rig_control()->silent = 1;
    check(access(rig_on("x"), F_OK), ETIMEDOUT, "at its bound it answers");
    rig_control()->silent = 0;
    check(access(rig_on("x"), F_OK), ENOENT, "then it works again");
    rig_kill();
    check(stat(rig_on("y"), &st), ENOTCONN, "its mount says so");
    rig_clear();
}

/* A mount that somebody else has made, as programs in a container get it. */
static void served(void) {
    tap_group("a mount of somebody else's");
    rig_start_served("1000", "20000");
    make_closed("file", "data");
    holds("file", "data");
    check(unlink(rig_on("file")), 0, "unlink");
    rig_stop_served();
    check(access(rig_on("other"), F_OK), ENOTCONN, "after its end its mount says so");
    rig_clear();
}

/* What the server has taken of a write that failed is there to be seen. */
static void full(void) {
    struct posix_control *control = rig_control();
    struct stat shown = {0};
    bool told, seen;
    int fd;

    tap_group("a full disk");
    fd = make("big", "more than there is room for");
    control->fault[POSIX_PWRITE] = ENOSPC;
    told = truncate(rig_at("big"), 9) == 0 && fsync(fd) < 0 && errno == ENOSPC;
    control->fault[POSIX_PWRITE] = 0;
    tap_ok(told, "is told");
    close(fd);
    seen = stat(rig_on("big"), &shown) == 0 && shown.st_size == 9;
    tap_ok(seen, "9 bytes are there: %ld", (long)shown.st_size);
    check(unlink(rig_on("big")), 0, "unlink");
}

static void ended(void) {
    DIR *stream;
    char text[8];
    int fd, found;

    tap_group("a drive that ends while it is used");
    rig_start("1000", "20000");
    fd = make("file", "not closed");
    stream = opendir(rig_on(""));
    rig_stop_keeping();
    found = open(rig_at("file"), O_RDONLY | O_CLOEXEC);
    tap_ok(read(found, text, sizeof text) == 8 && memcmp(text, "not clos", 8) == 0,
           "what was written is there");
    close(found);
    check((int)pread(fd, text, 1, 0), ENOTCONN, "its files answer so");
    check(fstat(fd, &(struct stat){0}), ENOTCONN, "all of them");
    close(fd);
    closedir(stream);
    rig_clear();
}

int main(void) {
    umask(022);
    rig_start("1000", "20000");
    files();
    mapped();
    renamed();
    linked();
    attributes();
    large();
    directories();
    others();
    removed_by_others();
    full();
    silent();
    leaving();
    tap_group("the end");
    rig_stop();
    served();
    ended();
    asks_itself_nothing();
    late_times();
    died();
    return tap_done();
}
