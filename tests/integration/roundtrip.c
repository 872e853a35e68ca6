/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * roundtrip: files on a connection, all functions of file.h, on the provider
 * that the program's name begins with: lone (memory), smb, nfs or sftp. With
 * MPR_TEST_LONG the random part is a hundred times as long.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

static const struct identity anna = {"anna", "secret-words"};
static const char *kind;   /* "lone", "smb", "nfs" or "sftp" */
static const char *remote; /* what Z: is */
static const char *other;  /* what Y: is */

static HANDLE must_open(const char *path, int flags) {
    HANDLE file = NULL;

    tap_file(MprFileOpen(path, flags, 0644, &file), 0, "open %s", path);
    return file;
}

static int try_open(const char *path, int flags) {
    HANDLE file = NULL;
    int rc = MprFileOpen(path, flags, 0644, &file);

    return rc ? rc : MprFileClose(file);
}

static void make(const char *path, const char *text) {
    HANDLE file = NULL;
    int rc = MprFileOpen(path, O_WRONLY | O_CREAT | O_TRUNC, 0644, &file);

    if (rc == 0 && MprFileWrite(file, text, strlen(text)) != (ssize_t)strlen(text))
        rc = -EIO;
    if (file)
        MprFileClose(file);
    tap_file(rc, 0, "make %s", path);
}

static void expect_text(const char *path, const char *wanted) {
    char text[256] = "";
    HANDLE file = NULL;

    if (MprFileOpen(path, O_RDONLY, 0, &file) == 0) {
        MprFileRead(file, text, sizeof(text) - 1);
        MprFileClose(file);
    }
    tap_text(text, wanted, "%s holds \"%s\"", path, wanted);
}

static uint64_t size_of(const char *path) {
    struct mpr_stat attributes;

    return MprFileStat(path, &attributes) == 0 ? attributes.size : UINT64_MAX;
}

/* ---- opening */

static void opening(void) {
    char path[512];
    HANDLE file;

    tap_group("open");
    tap_file(try_open("Z:/a", O_RDONLY), -ENOENT, "what is not there");
    tap_file(try_open("Z:/a", O_RDWR | O_CREAT | O_EXCL), 0, "make it");
    tap_file(try_open("Z:\\a", O_RDWR | O_CREAT | O_EXCL), -EEXIST, "make it once more");
    tap_file(MprFileMkdir("Z:/dir", 0755), 0, "a directory");
    tap_file(try_open("Z:/dir", O_RDONLY), -EISDIR, "it is no file");
    tap_file(try_open("Z:/a/b", O_RDONLY) < 0, 1, "a file is no directory");
    tap_file(try_open("Z:/no/b", O_WRONLY | O_CREAT), -ENOENT, "no directory to make it in");
    tap_file(try_open("Z:/dir/../a", O_RDONLY), -EINVAL, "\"..\"");
    tap_file(try_open("Z:/./a", O_RDONLY), -EINVAL, "\".\"");
    tap_file(try_open("X:/a", O_RDONLY), -ENOTCONN, "a device that is not connected");
    tap_file(try_open(NULL, O_RDONLY), -EINVAL, "no path");
    make("Z:/a", "content");
    snprintf(path, sizeof(path), "%s/a", remote);
    expect_text(path, "content");
    file = must_open("Z:/a", O_RDWR | O_TRUNC);
    tap_ok(size_of("Z:/a") == 0, "O_TRUNC empties");
    tap_file(MprFileWrite(file, "0123456789", 10), 10, "write");
    tap_file(MprFileSeek(file, -3, SEEK_END), 7, "three before the end");
    tap_file(MprFileRead(file, path, 8), 3, "are three bytes");
    tap_file(MprFileRead(file, path, 8), 0, "and then none");
    tap_file(MprFileSeek(file, -1, SEEK_SET), -EINVAL, "before the beginning");
    tap_file(MprFileSeek(file, 2, SEEK_CUR), 12, "behind the end");
    tap_file(MprFileClose(file), 0, "close");
    file = must_open("Z:/a", O_RDONLY);
    tap_file(MprFileWrite(file, "x", 1), -EBADF, "write to what is open to be read");
    MprFileClose(file);
    file = must_open("Z:/a", O_WRONLY | O_APPEND);
    tap_file(MprFileWrite(file, "abc", 3), 3, "append");
    tap_file(MprFileFsync(file), 0, "make it stable");
    tap_file(MprFileRead(file, path, 1), -EBADF, "read what is open to be written");
    MprFileClose(file);
    expect_text("Z:/a", "0123456789abc");
    tap_file(MprFileUnlink("Z:/a"), 0, "remove it");
    tap_file(MprFileUnlink("Z:/a"), -ENOENT, "once more");
    tap_file(MprFileUnlink("Z:/dir"), -EISDIR, "a directory is no file");
    tap_file(MprFileRmdir("Z:/dir"), 0, "remove the directory");
}

/* ---- data of many sizes */

static void fill(unsigned char *data, size_t size, unsigned seed) {
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1103515245u + 12345u;
        data[i] = (unsigned char)(seed >> 16);
    }
}

static void one_size(size_t size) {
    unsigned char *data = malloc(size + 1), *back = malloc(size + 1);
    HANDLE file = must_open("Z:/size", O_RDWR | O_CREAT | O_TRUNC);
    struct mpr_stat attributes = {0};

    fill(data, size, (unsigned)size);
    tap_file(MprFilePwrite(file, data, size, 0), (int64_t)size, "write");
    tap_file(MprFileFsync(file), 0, "make it stable");
    tap_file(MprFileFstat(file, &attributes), 0, "attributes");
    tap_ok(attributes.size == size && S_ISREG(attributes.mode), "of a file of that size");
    tap_file(MprFilePread(file, back, size + 1, 0), (int64_t)size, "read");
    tap_ok(memcmp(data, back, size) == 0, "it is what was written");
    tap_file(MprFileClose(file), 0, "close");
    tap_ok(size_of("Z:/size") == size, "the size by path");
    free(data);
    free(back);
}

static void sizes(void) {
    static const size_t all[] = {0, 1, 4095, 4097, 65536, (1 << 20) + 1, 9437187};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        tap_group("%zu bytes", all[i]);
        one_size(all[i]);
    }
    tap_group("holes and ends");
    {
        HANDLE file = must_open("Z:/hole", O_RDWR | O_CREAT | O_TRUNC);
        char data[16];

        tap_file(MprFilePwrite(file, "end", 3, 5000000000ull), 3, "behind 4 GiB");
        tap_file(MprFilePread(file, data, 8, 4999999998ull), 5, "read it with what is before");
        tap_ok(memcmp(data, "\0\0end", 5) == 0, "which is zeros");
        tap_file(MprFileFtruncate(file, 10), 0, "cut it off");
        tap_file(MprFilePread(file, data, 16, 0), 10, "ten bytes are left");
        tap_file(MprFileClose(file), 0, "close");
        tap_file(MprFileTruncate("Z:/hole", 20), 0, "longer by path");
        tap_ok(size_of("Z:/hole") == 20, "so it is");
        tap_file(MprFileUnlink("Z:/hole"), 0, "remove it");
        tap_file(MprFileUnlink("Z:/size"), 0, "and the other");
    }
}

/* ---- directories and names */

static void renaming(void) {
    tap_group("rename");
    make("Z:/old", "old");
    make("Z:/new", "new");
    tap_file(MprFileRename("Z:/old", "Z:/new"), 0, "over another file");
    expect_text("Z:/new", "old");
    tap_file(try_open("Z:/old", O_RDONLY), -ENOENT, "the old name is gone");
    tap_file(MprFileRename("Z:/nothing", "Z:/x"), -ENOENT, "what is not there");
    tap_file(MprFileRename("Z:/new", "Y:/new"), -EXDEV, "to another connection");
    tap_file(MprFileMkdir("Z:/dir", 0755), 0, "a directory");
    tap_file(MprFileMkdir("Z:/dir", 0755), -EEXIST, "once more");
    tap_file(MprFileRename("Z:/new", "Z:/dir/new"), 0, "into a directory");
    tap_file(MprFileRmdir("Z:/dir"), -ENOTEMPTY, "a directory that is not empty stays");
    tap_file(MprFileRename("Z:/dir", "Z:/dir2"), 0, "the directory itself");
    expect_text("Z:/dir2/new", "old");
    tap_file(MprFileUnlink("Z:/dir2/new"), 0, "remove");
    tap_file(MprFileRmdir("Z:/dir2"), 0, "and the directory");
}

#define MANY 300

static void listing(void) {
    unsigned char seen[MANY] = {0};
    struct mpr_stat attributes;
    HANDLE directory = NULL;
    int good = 0, strange = 0;
    const char *name;
    char path[64];

    tap_group("a directory of %d files", MANY);
    tap_file(MprFileMkdir("Z:/many", 0755), 0, "make it");
    for (int i = 0; i < MANY; i++) {
        snprintf(path, sizeof(path), "Z:/many/file %03d", i);
        good += try_open(path, O_WRONLY | O_CREAT) == 0;
    }
    tap_ok(good == MANY, "make them");
    tap_file(MprDirOpen("Z:\\many", &directory), 0, "open it");
    good = 0;
    while (MprDirRead(directory, &name, &attributes) == 1) {
        long i = strncmp(name, "file ", 5) == 0 ? strtol(name + 5, NULL, 10) : -1;

        if (i < 0 || i >= MANY || seen[i]++ || !S_ISREG(attributes.mode) || attributes.size)
            strange++;
        good++;
    }
    tap_ok(good == MANY && !strange, "each is there once, with attributes (%d, %d)", good, strange);
    tap_file(MprFileClose(directory), 0, "close it");
    tap_file(MprDirOpen("Z:/many/file 001", &directory), -ENOTDIR, "a file is no directory");
    for (int i = 0; i < MANY; i++) {
        snprintf(path, sizeof(path), "Z:/many/file %03d", i);
        good -= MprFileUnlink(path) == 0;
    }
    tap_ok(good == 0, "remove them");
    tap_file(MprFileRmdir("Z:/many"), 0, "and the directory");
}

static void names(void) {
    static const char *const all[] = {" blank first",
                                      ".hidden",
                                      "%41",
                                      "a#b",
                                      "a?b",
                                      "semi;colon",
                                      "quote'",
                                      "\xc3\xbc\xe2\x82\xac",
                                      "\xe6\x97\xa5\xe6\x9c\xac",
                                      "\xf0\x9f\x90\xa7"};
    char path[512];

    tap_group("names");
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(kind, "smb") == 0 && strchr(all[i], '?'))
            continue; /* not in SMB */
        snprintf(path, sizeof(path), "Z:/%s", all[i]);
        make(path, all[i]);
        expect_text(path, all[i]);
        tap_file(MprFileUnlink(path), 0, "remove it");
    }
    snprintf(path, sizeof(path), "Z:/%0300d", 1);
    tap_ok(try_open(path, O_WRONLY | O_CREAT) < 0, "a name of 300 bytes");
}

static void space(void) {
    struct mpr_statvfs facts = {0};

    tap_group("the file system");
    tap_file(MprFileStatvfs("Z:/", &facts), 0, "statvfs");
    tap_ok(facts.block_size && facts.blocks && facts.blocks_free <= facts.blocks,
           "%llu blocks of %llu, %llu free", (unsigned long long)facts.blocks,
           (unsigned long long)facts.block_size, (unsigned long long)facts.blocks_free);
}

/* ---- several threads with one handle */

#define PART    262144u
#define THREADS 4

struct reader {
    HANDLE file;
    const unsigned char *wanted;
    unsigned parts;
    _Atomic int wrong;
};

static void *read_parts(void *data) {
    struct reader *reader = data;
    unsigned char *part = malloc(PART);

    for (unsigned i = 0; i < reader->parts; i++) {
        unsigned which = (i * 7 + (unsigned)(uintptr_t)part / 64) % reader->parts;

        if (MprFilePread(reader->file, part, PART, (uint64_t)which * PART) != PART
            || memcmp(part, reader->wanted + (size_t)which * PART, PART) != 0)
            reader->wrong++;
    }
    free(part);
    return NULL;
}

static void threads(void) {
    unsigned char *data = malloc(16 * PART);
    struct reader reader = {.wanted = data, .parts = 16};
    pthread_t ids[THREADS];

    tap_group("%d threads read from one handle", THREADS);
    fill(data, 16 * PART, 1);
    reader.file = must_open("Z:/threads", O_RDWR | O_CREAT | O_TRUNC);
    tap_file(MprFileWrite(reader.file, data, 16 * PART), 16 * PART, "write");
    for (int i = 0; i < THREADS; i++)
        tap_ok(pthread_create(&ids[i], NULL, read_parts, &reader) == 0, "a thread");
    for (int i = 0; i < THREADS; i++)
        pthread_join(ids[i], NULL);
    tap_ok(reader.wrong == 0, "each reads what was written");
    MprFileClose(reader.file);
    tap_file(MprFileUnlink("Z:/threads"), 0, "remove it");
    free(data);
}

/* ---- any order of operations, against a copy in memory */

#define MODEL (3u << 20)

struct model {
    unsigned char *bytes; /* MODEL of them; zeros behind the end */
    size_t size;
    unsigned seed;
};

static unsigned dice(struct model *model, unsigned below) {
    model->seed = model->seed * 1103515245u + 12345u;
    return (unsigned)(((uint64_t)(model->seed >> 8) * below) >> 24);
}

static bool random_write(struct model *model, HANDLE file) {
    size_t at = dice(model, MODEL - 1), most = MODEL - at;
    size_t size = 1 + dice(model, dice(model, 4) ? 5000 : 1500000);

    if (size > most)
        size = most;
    fill(model->bytes + at, size, model->seed);
    if (at + size > model->size)
        model->size = at + size;
    return MprFilePwrite(file, model->bytes + at, size, at) == (ssize_t)size;
}

static bool random_read(struct model *model, HANDLE file, unsigned char *space) {
    size_t at = dice(model, MODEL), size = 1 + dice(model, dice(model, 4) ? 9000 : MODEL);
    size_t there = at >= model->size ? 0 : model->size - at < size ? model->size - at : size;

    return MprFilePread(file, space, size, at) == (ssize_t)there
           && memcmp(space, model->bytes + at, there) == 0;
}

static bool random_truncate(struct model *model, HANDLE file) {
    size_t size = dice(model, MODEL);

    if (size < model->size)
        memset(model->bytes + size, 0, model->size - size);
    model->size = size;
    return MprFileFtruncate(file, size) == 0;
}

static bool random_step(struct model *model, HANDLE *file, unsigned char *space) {
    struct mpr_stat attributes;

    switch (dice(model, 12)) {
    case 0:
        return random_truncate(model, *file);
    case 1:
        return MprFileFstat(*file, &attributes) == 0 && attributes.size == model->size;
    case 2:
        return MprFileClose(*file) == 0 && MprFileOpen("Z:/random", O_RDWR, 0, file) == 0;
    case 3:
        return MprFileFsync(*file) == 0;
    case 4:
    case 5:
    case 6:
    case 7:
        return random_write(model, *file);
    default:
        return random_read(model, *file, space);
    }
}

static void any_order(void) {
    struct model model = {.bytes = calloc(1, 2 * MODEL), .seed = (unsigned)getpid()};
    unsigned char *space = malloc(MODEL + 1);
    const int steps = secure_getenv("MPR_TEST_LONG") ? 30000 : 300;
    unsigned seed = model.seed;
    int done = 0;
    HANDLE file;

    tap_group("%d steps in any order", steps);
    file = must_open("Z:/random", O_RDWR | O_CREAT | O_TRUNC);
    while (done < steps && random_step(&model, &file, space))
        done++;
    tap_ok(done == steps, "all as in memory (seed %u, step %d)", seed, done);
    tap_file(MprFileClose(file), 0, "close");
    tap_file(MprFileUnlink("Z:/random"), 0, "remove it");
    free(model.bytes);
    free(space);
}

int main(void) {
    kind = program_invocation_short_name;
    if (strncmp(kind, "lt-", 3) == 0) /* a program that libtool has wrapped */
        kind += 3;
    if (strncmp(kind, "smb", 3) == 0)
        kind = "smb", remote = "\\\\smbhost\\pub", other = "\\\\smbhost\\sealed";
    else if (strncmp(kind, "nfs", 3) == 0)
        kind = "nfs", remote = "nfshost:/rw", other = "nfshost:/squash";
    else if (strncmp(kind, "sftp", 4) == 0)
        kind = "sftp", remote = "sftp://sshhost/rw", other = "sftp://sshhost/full";
    else
        kind = "lone", remote = "\\\\memory\\demo", other = "\\\\memory\\other";
    stage_set("\"shares\": \"demo,other\"", NULL, NULL);
    tap_code(call_add("Z:", remote, &anna, 0), NO_ERROR, "connect Z:");
    tap_code(call_add("Y:", other, &anna, 0), NO_ERROR, "connect Y:");
    opening();
    sizes();
    renaming();
    listing();
    names();
    space();
    threads();
    any_order();
    tap_group("%s", "");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel: every handle was closed");
    tap_code(WNetCancelConnection2A("Y:", 0, FALSE), NO_ERROR, "cancel");
    stage_strike();
    return tap_done();
}
