/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_files: files, directories and lost servers through the SMB module.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/integration/smb_driver.h"
#include "tests/integration/smb_tap.h"

#define T   (driver.table)
#define C   driver_call(20000)
#define BIG (9u << 20)

static void *session;

static const char *env(const char *name) {
    const char *value = getenv(name);

    return value ? value : "";
}

/* A share's file as the server sees it. */
static const char *local(const char *path) {
    static char name[4096];

    snprintf(name, sizeof name, "%s/%s", env("MPR_LAB_SMB_DIR"), path);
    return name;
}

static void begin_with(const char *share, const struct mpr_option *options) {
    char name[256];

    snprintf(name, sizeof name, "%s/%s", env("MPR_LAB_SMB"), share);
    if (!smb_tap_check(driver_init(options) == NO_ERROR, __FILE__, __LINE__, "%s", driver.text))
        exit(1);
    session = driver_connect(name, env("MPR_LAB_USER"), env("MPR_LAB_PASSWORD"));
    if (!smb_tap_check(session != NULL, __FILE__, __LINE__, "%s", driver.text))
        exit(1);
}

static void begin(const char *share) {
    begin_with(share, NULL);
}

static void end(void) {
    driver_disconnect(session);
    driver_fini();
}

static void *open_file(const char *path, int flags) {
    void *file = NULL;

    if (!CHECK_EQ(T->open(session, C, path, flags, 0644, &file), 0))
        exit(1);
    return file;
}

static void make_file(const char *path, const char *text) {
    void *file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);

    CHECK_EQ(T->pwrite(session, C, file, text, strlen(text), 0), (long long)strlen(text));
    CHECK_EQ(T->close(session, C, file), 0);
}

static void fill(unsigned char *data, size_t size, unsigned seed) {
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525u + 1013904223u;
        data[i] = (unsigned char)(seed >> 24);
    }
}

static void write_and_read_back(void) {
    unsigned char *written = malloc(BIG), *read_back = calloc(1, BIG + 100);
    void *file;
    struct mpr_stat facts;

    begin("pub");
    fill(written, BIG, 1);
    file = open_file("big", O_RDWR | O_CREAT | O_TRUNC);
    CHECK_EQ(T->pwrite(session, C, file, written, BIG, 0), BIG);
    CHECK_EQ(T->fsync(session, C, file), 0);
    CHECK_EQ(T->pread(session, C, file, read_back, BIG + 100, 0), BIG);
    CHECK(memcmp(written, read_back, BIG) == 0);
    CHECK_EQ(T->pread(session, C, file, read_back, 1000, BIG - 10), 10);
    CHECK(memcmp(written + BIG - 10, read_back, 10) == 0);
    CHECK_EQ(T->pread(session, C, file, read_back, 1000, BIG), 0);
    CHECK_EQ(T->pread(session, C, file, read_back, 1000, (uint64_t)1 << 50), 0);
    CHECK_EQ(T->pread(session, C, file, read_back, 1000, (uint64_t)1 << 63), -EFBIG);
    CHECK_EQ(T->pread(session, C, file, read_back, 0, 5), 0);
    CHECK_EQ(T->pread(session, C, file, read_back, 7, 12345), 7);
    CHECK(memcmp(written + 12345, read_back, 7) == 0);
    CHECK_EQ(T->pwrite(session, C, file, "hole", 4, (uint64_t)5 << 30), 4);
    CHECK_EQ(T->fstat(session, C, file, &facts), 0);
    CHECK_EQ(facts.size, (5ll << 30) + 4);
    CHECK_EQ(T->truncate(session, C, NULL, file, 100), 0);
    CHECK_EQ(T->fstat(session, C, file, &facts), 0);
    CHECK_EQ(facts.size, 100);
    CHECK_EQ(T->close(session, C, file), 0);
    CHECK_EQ(T->truncate(session, C, "big", NULL, 50), 0);
    CHECK_EQ(T->stat(session, C, "big", &facts), 0);
    CHECK_EQ(facts.size, 50);
    end();
    free(written);
    free(read_back);
}

static void access_modes(void) {
    char byte;
    void *file, *other = &byte;

    begin("pub");
    make_file("modes", "text");
    file = open_file("modes", O_RDONLY);
    CHECK_EQ(T->pwrite(session, C, file, "x", 1, 0), -EBADF);
    CHECK_EQ(T->truncate(session, C, NULL, file, 4), -EINVAL);
    CHECK_EQ(T->pread(session, C, file, &byte, 1, 0), 1);
    CHECK_EQ(T->close(session, C, file), 0);
    file = open_file("modes", O_WRONLY);
    CHECK_EQ(T->pread(session, C, file, &byte, 1, 0), -EBADF);
    CHECK_EQ(T->close(session, C, file), 0);
    CHECK_EQ(T->open(session, C, "modes", O_RDWR | O_CREAT | O_EXCL, 0644, &other), -EEXIST);
    CHECK_EQ(T->open(session, C, "none", O_RDWR, 0644, &other), -ENOENT);
    CHECK_EQ(T->open(session, C, "", O_RDONLY, 0644, &other), -EISDIR);
    CHECK_EQ(T->open(session, C, "modes/x", O_RDONLY, 0644, &other), -ENOENT);
    CHECK(other == &byte);
    end();
}

static void attributes(void) {
    struct mpr_stat facts, again;
    struct stat truth;
    void *file;

    begin("pub");
    make_file("facts", "12345");
    CHECK_EQ(stat(local("pub/facts"), &truth), 0);
    CHECK_EQ(T->stat(session, C, "facts", &facts), 0);
    CHECK(S_ISREG(facts.mode));
    CHECK_EQ(facts.mode & 07777, 0644);
    CHECK_EQ(facts.size, 5);
    CHECK_EQ(facts.uid, getuid());
    CHECK_EQ(facts.mtime_ns / 1000000000, truth.st_mtim.tv_sec);
    CHECK(facts.valid & MPR_STAT_INO);
    CHECK_EQ(facts.ino, truth.st_ino);
    file = open_file("facts", O_RDONLY);
    CHECK_EQ(T->fstat(session, C, file, &again), 0);
    CHECK(memcmp(&facts, &again, sizeof facts) == 0 || facts.atime_ns != again.atime_ns);
    CHECK_EQ(T->close(session, C, file), 0);

    CHECK_EQ(T->utimens(session, C, "facts", 1000000000123456000, 1100000000654321000), 0);
    CHECK_EQ(T->stat(session, C, "facts", &facts), 0);
    CHECK_EQ(facts.atime_ns, 1000000000123456000);
    CHECK_EQ(facts.mtime_ns, 1100000000654321000);
    CHECK_EQ(T->utimens(session, C, "facts", MPR_TIME_OMIT, 1200000000000000000), 0);
    CHECK_EQ(T->stat(session, C, "facts", &facts), 0);
    CHECK_EQ(facts.atime_ns, 1000000000123456000);
    CHECK_EQ(facts.mtime_ns, 1200000000000000000);
    CHECK_EQ(T->mkdir(session, C, "times", 0755), 0);
    CHECK_EQ(T->utimens(session, C, "none", 1000000000123456000, 1), -ENOENT);
    CHECK_EQ(T->utimens(session, C, "times", 1000000000123456000, 1100000000654321000), 0);
    CHECK_EQ(T->stat(session, C, "times", &facts), 0);
    CHECK_EQ(facts.mtime_ns, 1100000000654321000);

    CHECK_EQ(T->chmod(session, C, "facts", 0444), 0);
    CHECK_EQ(T->stat(session, C, "facts", &facts), 0);
    CHECK_EQ(facts.mode & 07777, 0444);
    CHECK_EQ(T->chmod(session, C, "facts", 0755), 0);
    CHECK_EQ(T->stat(session, C, "facts", &facts), 0);
    CHECK_EQ(facts.mode & 07777, 0644);
    CHECK_EQ(T->unlink(session, C, "facts"), 0);
    CHECK_EQ(T->chmod(session, C, "facts", 0755), -ENOENT);
    CHECK_EQ(T->chmod(session, C, "", 0555), 0);
    end();
}

static bool holds(const char *path, const char *text) {
    char data[64] = "";
    void *file = NULL;

    if (T->open(session, C, path, O_RDONLY, 0, &file))
        return false;
    CHECK(T->pread(session, C, file, data, sizeof data - 1, 0) >= 0);
    CHECK_EQ(T->close(session, C, file), 0);
    return strcmp(data, text) == 0;
}

static uint32_t mode_of(const char *path) {
    struct mpr_stat facts = {0};

    CHECK_EQ(T->stat(session, C, path, &facts), 0);
    return facts.mode & 07777;
}

enum { DOS_READ_ONLY = 0x01, DOS_HIDDEN = 0x02, DOS_ARCHIVE = 0x20 };

/* A file's marks as the server keeps them, with those added. */
static unsigned marks_of(const char *path, unsigned add) {
    unsigned char value[256] = {0};
    char name[64];
    ssize_t size;

    snprintf(name, sizeof name, "pub/%s", path);
    size = getxattr(local(name), "user.DOSATTRIB", value, sizeof value);

    CHECK(size > 13);
    value[12] = (unsigned char)(value[12] | add);
    if (add)
        CHECK_EQ(setxattr(local(name), "user.DOSATTRIB", value, (size_t)size, 0), 0);
    return value[12];
}

static void marks(void) {
    begin("pub");
    make_file("marks", "1");
    CHECK_EQ(marks_of("marks", DOS_HIDDEN) & DOS_ARCHIVE, DOS_ARCHIVE);
    CHECK_EQ(T->chmod(session, C, "marks", 0444), 0);
    CHECK_EQ(marks_of("marks", 0), DOS_READ_ONLY | DOS_HIDDEN | DOS_ARCHIVE);
    CHECK_EQ(T->utimens(session, C, "marks", 1000000000000000000, 1000000000000000000), 0);
    CHECK_EQ(marks_of("marks", 0), DOS_READ_ONLY | DOS_HIDDEN | DOS_ARCHIVE);
    CHECK_EQ(T->chmod(session, C, "marks", 0644), 0);
    CHECK_EQ(marks_of("marks", 0), DOS_HIDDEN | DOS_ARCHIVE);
    end();
}

/* The directory's rights count, not the mark of what is in it. */
static void what_is_read_only(void) {
    begin("pub");
    make_file("read-only", "1");
    CHECK_EQ(T->chmod(session, C, "read-only", 0444), 0);
    CHECK_EQ(T->rename(session, C, "read-only", "moved"), 0);
    CHECK_EQ(mode_of("moved"), 0444);
    make_file("other", "2");
    CHECK_EQ(T->rename(session, C, "other", "moved"), 0);
    CHECK(holds("moved", "2"));
    make_file("third", "3");
    CHECK_EQ(T->chmod(session, C, "moved", 0444), 0);
    CHECK_EQ(T->chmod(session, C, "third", 0444), 0);
    CHECK_EQ(T->rename(session, C, "third", "moved"), 0);
    CHECK(holds("moved", "3"));
    CHECK_EQ(mode_of("moved"), 0444);
    CHECK_EQ(T->unlink(session, C, "moved"), 0);

    make_file("kept", "4");
    CHECK_EQ(T->chmod(session, C, "kept", 0444), 0);
    CHECK_EQ(chmod(local("pub"), 0555), 0);
    CHECK_EQ(T->unlink(session, C, "kept"), -EACCES); /* and it has its mark again */
    CHECK_EQ(mode_of("kept"), 0444);
    CHECK_EQ(chmod(local("pub"), 0777), 0);
    CHECK_EQ(T->unlink(session, C, "kept"), 0);

    CHECK_EQ(T->mkdir(session, C, "ro-dir", 0755), 0);
    marks_of("ro-dir", DOS_READ_ONLY);
    make_file("ro-dir/f", "5");
    CHECK_EQ(T->rmdir(session, C, "ro-dir"), -ENOTEMPTY);
    CHECK_EQ(mode_of("ro-dir"), 0555);
    CHECK_EQ(T->unlink(session, C, "ro-dir/f"), 0);
    CHECK_EQ(T->rmdir(session, C, "ro-dir"), 0);
    end();
}

static void directories(void) {
    struct mpr_stat facts;

    begin("pub");
    CHECK_EQ(T->mkdir(session, C, "d", 0755), 0);
    CHECK_EQ(T->mkdir(session, C, "d", 0755), -EEXIST);
    CHECK_EQ(T->mkdir(session, C, "none/d", 0755), -ENOENT);
    make_file("d/f", "x");
    CHECK_EQ(T->rmdir(session, C, "d"), -ENOTEMPTY);
    CHECK_EQ(T->unlink(session, C, "d"), -EISDIR);
    CHECK_EQ(T->stat(session, C, "d/f", &facts), 0);
    CHECK_EQ(T->rmdir(session, C, "d/f"), -ENOTDIR);
    CHECK_EQ(T->unlink(session, C, "d/f"), 0);
    CHECK_EQ(T->unlink(session, C, "d/f"), -ENOENT);
    CHECK_EQ(T->unlink(session, C, "d"), -EISDIR);
    CHECK_EQ(T->stat(session, C, "d", &facts), 0);
    CHECK_EQ(T->rmdir(session, C, "d"), 0);
    CHECK_EQ(T->rmdir(session, C, "d"), -ENOENT);
    CHECK_EQ(T->stat(session, C, "d", &facts), -ENOENT);
    end();
}

static void renames(void) {
    struct mpr_stat facts;

    begin("pub");
    make_file("a", "a");
    make_file("b", "b");
    CHECK_EQ(T->rename(session, C, "a", "c"), 0);
    CHECK(holds("c", "a"));
    CHECK_EQ(T->rename(session, C, "c", "b"), 0);
    CHECK(holds("b", "a"));
    CHECK_EQ(T->stat(session, C, "c", &facts), -ENOENT);
    CHECK_EQ(T->rename(session, C, "b", "b"), 0);
    CHECK_EQ(T->rename(session, C, "b", "B"), 0);
    CHECK(holds("B", "a"));
    CHECK_EQ(access(local("pub/B"), F_OK), 0);
    CHECK_EQ(T->rename(session, C, "none", "x"), -ENOENT);
    CHECK_EQ(T->rename(session, C, "none", "B"), -ENOENT);
    CHECK_EQ(T->rename(session, C, "none", "none"), -ENOENT);

    CHECK_EQ(T->mkdir(session, C, "d1", 0755), 0);
    CHECK_EQ(T->mkdir(session, C, "d2", 0755), 0);
    CHECK_EQ(T->rename(session, C, "B", "d1"), -EISDIR);
    CHECK_EQ(T->rename(session, C, "d1", "B"), -ENOTDIR);
    CHECK(holds("B", "a"));
    CHECK_EQ(T->stat(session, C, "d1", &facts), 0);
    make_file("d2/f", "f");
    CHECK_EQ(T->rename(session, C, "d1", "d2"), -ENOTEMPTY);
    CHECK_EQ(T->rename(session, C, "d1", "d1"), 0);
    CHECK_EQ(T->rename(session, C, "d2", "d2"), 0);
    CHECK_EQ(T->rename(session, C, "d2", "d1"), 0);
    CHECK(holds("d1/f", "f"));
    CHECK_EQ(link(local("pub/d1/f"), "/dev/null"), -1);
    CHECK_EQ(T->rename(session, C, "d1/f", "g"), 0);
    CHECK_EQ(T->rmdir(session, C, "d1"), 0);
    CHECK(holds("g", "f"));
    end();
}

/* Two names of one file must never cost the file. */
static void renames_of_one_file(void) {
    char other[4096];

    begin("pub");
    make_file("one", "one");
    snprintf(other, sizeof other, "%s", local("pub/two"));
    CHECK_EQ(link(local("pub/one"), other), 0);
    CHECK_EQ(T->rename(session, C, "one", "two"), 0);
    CHECK(holds("one", "one"));
    CHECK(holds("two", "one"));
    end();
}

static void names(void) {
    static const char *const good[] = {"sp ace",
                                       "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
                                       "50%",
                                       "a#b+c=d,e;f",
                                       "[x]{y}~!@$^&()'`",
                                       "%41",
                                       "-"};
    static const char *const bad[] = {"back\\slash", "a:b", "a*",  "a?",        "\"q\"",
                                      "<",           ">",   "a|b", "new\nline", "\xff\xfe",
                                      "a//b",        "a/",  "/a",  "..",        "a/./b"};
    /* This server would list them under other names. */
    static const char *const changed[] = {"end.", "end ", "CON", "d/nul.txt", "lpt1", "..."};
    char long_name[400];
    void *file = NULL;

    begin("pub");
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char path[64];

        make_file(good[i], good[i]);
        CHECK(holds(good[i], good[i]));
        snprintf(path, sizeof path, "pub/%s", good[i]);
        smb_tap_check(access(local(path), F_OK) == 0, __FILE__, __LINE__, "%s", local(path));
    }
    CHECK(!holds("A", "%41"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct mpr_stat facts;

        smb_tap_equal(T->open(session, C, bad[i], O_CREAT | O_WRONLY, 0644, &file), -EINVAL,
                      __FILE__, __LINE__, bad[i], "-EINVAL");
        CHECK_EQ(T->stat(session, C, bad[i], &facts), -EINVAL);
        CHECK_EQ(T->rename(session, C, "-", bad[i]), -EINVAL);
    }
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
        CHECK_EQ(T->open(session, C, changed[i], O_CREAT | O_WRONLY, 0644, &file), -EINVAL);
        CHECK_EQ(T->mkdir(session, C, changed[i], 0755), -EINVAL);
        CHECK_EQ(T->rename(session, C, good[0], changed[i]), -EINVAL);
    }
    memset(long_name, 'x', 300);
    long_name[300] = '\0';
    CHECK_EQ(T->open(session, C, long_name, O_CREAT | O_WRONLY, 0644, &file), -ENAMETOOLONG);
    CHECK_EQ(T->mkdir(session, C, long_name, 0755), -ENAMETOOLONG);
    /* 150 characters that SMB allows, of 300 bytes that the server's disk does not. */
    for (int i = 0; i < 150; i++)
        memcpy(long_name + 2 * i, "\xc3\xa4", 2);
    CHECK_EQ(T->open(session, C, long_name, O_CREAT | O_WRONLY, 0644, &file), -ENAMETOOLONG);
    end();
}

struct listing {
    int count, stop_at;
    uint64_t sizes;
};

static int take_entry(void *data, const char *name, const struct mpr_stat *facts) {
    struct listing *listing = data;

    CHECK(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
    listing->sizes += facts->size;
    return ++listing->count == listing->stop_at;
}

static void listings(void) {
    struct listing all = {0}, some = {.stop_at = 7}, none = {0};

    begin("pub");
    CHECK_EQ(T->mkdir(session, C, "many", 0777), 0);
    CHECK_EQ(system("cd \"$MPR_LAB_SMB_DIR/pub/many\" && for i in $(seq 2500); do printf 123 > "
                    "file-with-a-long-name-$i; done"),
             0);
    CHECK_EQ(T->readdir(session, C, "many", take_entry, &all), 0);
    CHECK_EQ(all.count, 2500);
    CHECK_EQ(all.sizes, 7500);
    CHECK_EQ(T->readdir(session, C, "many", take_entry, &some), 0);
    CHECK_EQ(some.count, 7);
    CHECK_EQ(T->mkdir(session, C, "empty", 0777), 0);
    CHECK_EQ(T->readdir(session, C, "empty", take_entry, &none), 0);
    CHECK_EQ(none.count, 0);
    CHECK_EQ(T->readdir(session, C, "none", take_entry, &none), -ENOENT);
    CHECK_EQ(T->readdir(session, C, "many/file-with-a-long-name-1", take_entry, &none), -ENOTDIR);
    end();
}

static void space(void) {
    struct mpr_statvfs facts;
    struct statvfs truth;
    unsigned char *data = calloc(1, 2 << 20);
    void *file;
    int64_t written;

    begin("full");
    CHECK_EQ(statvfs(local("full"), &truth), 0);
    CHECK_EQ(T->statvfs(session, C, "", &facts), 0);
    CHECK_EQ(facts.block_size * facts.blocks, truth.f_frsize * truth.f_blocks);
    CHECK_EQ(facts.block_size * facts.blocks_avail, truth.f_frsize * truth.f_bavail);
    CHECK_EQ(facts.name_max, 255);
    file = open_file("big", O_RDWR | O_CREAT);
    written = T->pwrite(session, C, file, data, 2 << 20, 0);
    /* What fitted before the disk was full counts; asking for more does not. */
    CHECK(written == -ENOSPC || (written > 0 && written < 2 << 20));
    CHECK_EQ(T->pwrite(session, C, file, data, 1 << 20, 1 << 20), -ENOSPC);
    T->close(session, C, file);
    end();
    free(data);
}

static void a_read_only_share(void) {
    struct mpr_stat facts;
    void *file;

    CHECK_EQ(system("printf words > \"$MPR_LAB_SMB_DIR/ro/mine\""), 0);
    begin("ro");
    CHECK(holds("mine", "words"));
    CHECK_EQ(T->open(session, C, "new", O_CREAT | O_WRONLY, 0644, &file), -EACCES);
    CHECK_EQ(T->open(session, C, "mine", O_RDWR, 0644, &file), -EACCES);
    CHECK_EQ(T->mkdir(session, C, "new", 0755), -EACCES);
    CHECK_EQ(T->unlink(session, C, "mine"), -EACCES);
    CHECK_EQ(T->rename(session, C, "mine", "other"), -EACCES);
    CHECK_EQ(T->stat(session, C, "mine", &facts), 0);
    end();
}

static void calls_that_are_over(void) {
    struct mpr_stat facts;
    int ends[2];

    begin("pub");
    CHECK_EQ(T->stat(session, driver_call(0), "", &facts), -ETIMEDOUT);
    end();
    begin("pub");
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    CHECK_EQ(write(ends[1], "", 1), 1);
    CHECK_EQ(T->stat(session, driver_call_with(20000, ends[0]), "", &facts), -ECANCELED);
    end();
}

/* The server goes while a file is being written. */
static void a_killed_server(void) {
    unsigned char *data = calloc(1, BIG);
    struct mpr_stat facts;
    int64_t begun, rc = 0;
    void *file;

    begin("pub");
    file = open_file("lost", O_RDWR | O_CREAT | O_TRUNC);
    CHECK_EQ(system("(sleep 0.3; \"$MPR_LAB_CTL\" smb kill; touch \"$TMPDIR/killed\") >&2 &"), 0);
    begun = driver_now_ms();
    while (rc >= 0 && driver_now_ms() - begun < 20000)
        rc = T->pwrite(session, C, file, data, BIG, 0);
    CHECK(rc == -ENOTCONN);
    CHECK_EQ(driver.lost, 1);
    CHECK_EQ(T->fsync(session, C, file), -ENOTCONN);
    CHECK_EQ(T->stat(session, C, "lost", &facts), -ENOTCONN);
    CHECK_EQ(system("until [ -e \"$TMPDIR/killed\" ]; do sleep 0.05; done; "
                    "\"$MPR_LAB_CTL\" smb start >&2"),
             0);
    CHECK_EQ(T->stat(session, C, "lost", &facts), -ENOTCONN);
    CHECK_EQ(T->close(session, C, file), -ENOTCONN);
    CHECK_EQ(driver.lost, 1);
    driver_disconnect(session);
    driver_fini();
    begin("pub");
    CHECK_EQ(T->stat(session, C, "lost", &facts), 0);
    end();
    free(data);
}

/* The server is there, but does not answer any more. */
static void a_stopped_server(void) {
    struct mpr_stat facts;
    int64_t begun;
    void *file;

    begin("pub");
    file = open_file("stuck", O_RDWR | O_CREAT);
    CHECK_EQ(system("\"$MPR_LAB_CTL\" smb stop >&2"), 0);
    begun = driver_now_ms();
    CHECK_EQ(T->stat(session, driver_call(300), "stuck", &facts), -ETIMEDOUT);
    CHECK(driver_now_ms() - begun < 10000);
    CHECK_EQ(T->stat(session, C, "stuck", &facts), -ENOTCONN);
    CHECK_EQ(T->close(session, C, file), -ENOTCONN);
    begun = driver_now_ms();
    driver_disconnect(session);
    CHECK(driver_now_ms() - begun < 10000);
    CHECK_EQ(system("\"$MPR_LAB_CTL\" smb cont >&2"), 0);
}

/* An answer that was waited for in vain ends the session, also if the server comes back. */
static void a_server_that_pauses(void) {
    static const struct mpr_option options[] = {{"io_timeout_ms", "2500"}, {NULL, NULL}};
    struct mpr_stat facts;

    begin_with("pub", options);
    CHECK_EQ(system("\"$MPR_LAB_CTL\" smb stop >&2"), 0);
    CHECK_EQ(T->stat(session, C, "", &facts), -ETIMEDOUT);
    CHECK_EQ(driver.lost, 1);
    CHECK_EQ(system("\"$MPR_LAB_CTL\" smb cont >&2"), 0);
    CHECK_EQ(T->stat(session, C, "", &facts), -ENOTCONN);
    end();
}

/* ... and the session is ended without anything having noticed that. */
static void a_disconnect_from_a_stopped_server(void) {
    int64_t begun;

    begin("pub");
    open_file("stuck", O_RDWR | O_CREAT);
    CHECK_EQ(system("\"$MPR_LAB_CTL\" smb stop >&2"), 0);
    begun = driver_now_ms();
    driver_disconnect(session);
    CHECK(driver_now_ms() - begun < 10000);
    CHECK_EQ(system("\"$MPR_LAB_CTL\" smb cont >&2"), 0);
    driver_fini();
}

static void an_abort(void) {
    struct mpr_stat facts;

    begin("pub");
    T->abort(session);
    CHECK_EQ(T->stat(session, C, "", &facts), -ENOTCONN);
    CHECK_EQ(driver.lost, 1);
    end();
}

int main(void) {
    static const struct smb_test tests[] = {
        {"what is written is read", write_and_read_back},
        {"access modes", access_modes},
        {"attributes", attributes},
        {"marks", marks},
        {"what is read-only", what_is_read_only},
        {"directories", directories},
        {"renames", renames},
        {"renames of one file with two names", renames_of_one_file},
        {"names", names},
        {"listings", listings},
        {"space, and the lack of it", space},
        {"a read-only share", a_read_only_share},
        {"calls that are over or cancelled", calls_that_are_over},
        {"a server that is killed", a_killed_server},
        {"a server that is stopped", a_stopped_server},
        {"a server that pauses", a_server_that_pauses},
        {"a disconnect from a stopped server", a_disconnect_from_a_stopped_server},
        {"an abort", an_abort},
        {NULL, NULL},
    };

    driver_load();
    return smb_tap_run(tests);
}
