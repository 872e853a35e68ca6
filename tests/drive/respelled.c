/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * respelled.c: see respelled.h.
 */
#include "config.h"

#include "tests/drive/respelled.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "router/mpr_time.h"
#include "tests/lab/tap.h"

#define SOON_MS 2000 /* for what the kernel is told when it has its answer */

static int root;

static bool is_there(const char *name) {
    struct stat st;

    return fstatat(root, name, &st, 0) == 0;
}

/* Of a file that is open, the kernel keeps the name it knows till it is told, in this moment. */
static bool goes_soon(const char *name) {
    int64_t deadline = mpr_deadline_in_ms(SOON_MS);

    while (is_there(name) && mpr_now_ns() < deadline)
        usleep(1000);
    return !is_there(name);
}

static off_t size_of(const char *name) {
    struct stat st;

    return fstatat(root, name, &st, 0) == 0 ? st.st_size : -1;
}

static bool becomes(const char *name, off_t size) {
    int64_t deadline = mpr_deadline_in_ms(SOON_MS);

    while (size_of(name) != size && mpr_now_ns() < deadline)
        usleep(1000);
    return size_of(name) == size;
}

static int make(const char *name, const char *text) {
    int fd = openat(root, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        tap_ok(false, "%s is written: %s", name, strerror(errno));
    return fd;
}

static void make_closed(const char *name, const char *text) {
    tap_ok(close(make(name, text)) == 0, "%s is made", name);
}

static void holds(const char *name, const char *text) {
    char found[64] = "";
    int fd = openat(root, name, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, found, sizeof found - 1);

    tap_text(size < 0 ? strerror(errno) : found, text, "%s", name);
    close(fd);
}

/* How the listing spells a name; "": not at all; "twice". */
static const char *listed(const char *name) {
    static char found[256];
    int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fdopendir(fd);
    struct dirent *entry;

    found[0] = '\0';
    while (stream && (entry = readdir(stream)))
        if (strcasecmp(entry->d_name, name) == 0)
            snprintf(found, sizeof found, "%s", found[0] ? "twice" : entry->d_name);
    if (stream)
        closedir(stream);
    return found;
}

static void contents(void) {
    struct stat one, other;
    int first, second;

    tap_group("contents of a file with two spellings");
    tap_ok(!is_there("app.LOG"), "nothing is there");
    first = make("App.Log", "line 1\n");
    tap_ok(is_there("app.LOG"), "what is made is there by a name that was looked up in vain");
    holds("app.log", "line 1\n");
    second = openat(root, "APP.LOG", O_WRONLY | O_APPEND | O_CLOEXEC);
    tap_ok(write(second, "line 2\n", 7) == 7, "more is written by another name");
    tap_ok(size_of("App.Log") == 14 && size_of("app.log") == 14, "both sizes show it");
    holds("App.Log", "line 1\nline 2\n");
    tap_ok(pwrite(first, "LINE", 4, 0) == 4, "and by the first");
    holds("app.log", "LINE 1\nline 2\n");
    tap_ok(fstatat(root, "App.Log", &one, 0) == 0 && fstatat(root, "aPP.log", &other, 0) == 0
               && one.st_ino == other.st_ino && other.st_nlink == 1,
           "it is one file with one name");
    close(first);
    close(second);
    tap_ok(openat(root, "app.log", O_CREAT | O_EXCL | O_CLOEXEC, 0644) < 0 && errno == EEXIST,
           "it cannot be made once more");
    tap_text(listed("app.log"), "App.Log", "how it is listed");
    tap_ok(unlinkat(root, "APP.log", 0) == 0 && !is_there("App.Log") && !is_there("app.log"),
           "removed by another name it is gone by all");
    tap_text(listed("app.log"), "", "how it is listed");
}

static void opened(void) {
    struct stat st;
    int fd;

    tap_group("open files by other spellings");
    fd = make("Open", "data");
    tap_ok(is_there("OPEN") && unlinkat(root, "oPEN", 0) == 0, "an open file is removed");
    tap_ok(goes_soon("Open") && !is_there("OPEN") && !is_there("oPEN"), "it is gone by all names");
    tap_ok(fstat(fd, &st) == 0 && st.st_size == 4, "who has it open keeps it");
    close(fd);
    fd = make("tgt", "old");
    make_closed("mv", "newer");
    tap_ok(renameat(root, "mv", root, "TGT") == 0, "an open file is replaced: %s", strerror(errno));
    tap_ok(size_of("TGT") == 5 && !is_there("mv"), "by the other one");
    tap_ok(becomes("tgt", 5), "by all names");
    close(fd);
    holds("TGT", "newer");
    fd = make("away", "data");
    tap_ok(renameat(root, "AWAY", root, "Gone") == 0 && goes_soon("away"),
           "an open file is renamed");
    tap_ok(size_of("gone") == 4 && fstat(fd, &st) == 0 && st.st_size == 4, "and is there");
    close(fd);
}

static void closed(void) {
    tap_group("names in other spellings");
    make_closed("tgt2", "old");
    make_closed("mv", "newer");
    tap_ok(is_there("tgt2") && renameat(root, "mv", root, "TGT2") == 0 && size_of("tgt2") == 5,
           "a file is replaced");
    holds("tgt2", "newer");
    make_closed("away2", "data");
    tap_ok(renameat(root, "AWAY2", root, "gone2") == 0 && goes_soon("away2")
               && size_of("Gone2") == 4,
           "a file is renamed");
    make_closed("cut", "12345");
    tap_ok(is_there("CUT") && unlinkat(root, "Cut", 0) == 0 && goes_soon("cut"),
           "a file is removed");
}

static void directories(void) {
    tap_group("directories in other spellings");
    tap_ok(mkdirat(root, "Ddd", 0755) == 0 && unlinkat(root, "DDD", AT_REMOVEDIR) == 0
               && !is_there("Ddd"),
           "one is removed");
    tap_text(listed("ddd"), "", "how it is listed");
    tap_ok(mkdirat(root, "Ddd", 0755) == 0, "it is made again: %s", strerror(errno));
    tap_ok(mkdirat(root, "dDD", 0755) < 0 && errno == EEXIST, "but not twice");
    make_closed("ddd/file", "data");
    tap_ok(size_of("Ddd/FILE") == 4, "what is in it");
    tap_ok(unlinkat(root, "DDD", AT_REMOVEDIR) < 0 && errno == ENOTEMPTY, "so it stays: %s",
           strerror(errno));
    tap_ok(renameat(root, "ddd", root, "DDD") == 0, "a new spelling: %s", strerror(errno));
    tap_text(listed("ddd"), "DDD", "how it is listed");
    tap_ok(unlinkat(root, "Ddd/file", 0) == 0 && unlinkat(root, "Ddd", AT_REMOVEDIR) == 0
               && !is_there("DDD"),
           "emptied and removed");
}

static void respelled(void) {
    int fd;

    tap_group("a new spelling");
    make_closed("Case", "data");
    tap_ok(renameat(root, "Case", root, "CASE") == 0 && is_there("Case") && is_there("CASE"),
           "it is there by both names");
    tap_text(listed("case"), "CASE", "how it is listed");
    tap_ok(renameat(root, "case", root, "Case") == 0 && size_of("CASE") == 4, "by a third one");
    tap_text(listed("case"), "Case", "how it is listed");
    fd = make("case", "more data");
    tap_ok(renameat(root, "CASE", root, "caSE") == 0 && size_of("Case") == 9, "of an open file: %s",
           strerror(errno));
    tap_text(listed("case"), "caSE", "how it is listed");
    close(fd);
    holds("CASE", "more data");
    tap_ok(unlinkat(root, "case", 0) == 0 && !is_there("Case"), "removed");
}

void respelled_check(const char *directory) {
    root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!tap_ok(root >= 0, "%s is opened", directory))
        return;
    contents();
    opened();
    closed();
    directories();
    respelled();
    close(root);
}
