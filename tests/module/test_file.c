/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_file.c: open files and directories of file.h on the memory provider.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/file.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define GIB (UINT64_C(1) << 30)

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo,fixed\", \"read_only\": \"fixed\"");
    world_scripted("10-bare", "\"takes\": \"//bare/\", \"max_io\": 16, \"absent\": \"pwrite\"");
    world_start();
    cr_assert_eq(add("Z:", "\\\\memory\\demo", 0), NO_ERROR);
    MprSetLastError(4711);
}

static void end(void) {
    cr_expect_eq(MprGetLastError(), 4711, "functions of files leave it alone");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE)); /* nothing is open */
    world_end();
}

TestSuite(file, .timeout = 60, .init = begin, .fini = end);

static HANDLE open_file(const char *path, int flags) {
    HANDLE file = NULL;
    int rc = MprFileOpen(path, flags, 0640, &file);

    cr_assert_eq(rc, 0, "%s: %d", path, rc);
    return file;
}

static void expect_content(const char *path, const char *content) {
    HANDLE file = open_file(path, O_RDONLY);
    char text[256] = "";

    cr_expect_eq(MprFileRead(file, text, sizeof text), (ssize_t)strlen(content));
    cr_expect_str_eq(text, content);
    cr_expect_eq(MprFileClose(file), 0);
}

Test(file, written_is_read) {
    HANDLE file = open_file("Z:\\f", O_RDWR | O_CREAT | O_EXCL);
    char text[16] = "";

    cr_expect_eq(MprFileWrite(file, "hello ", 6), 6);
    cr_expect_eq(MprFileWrite(file, "world", 5), 5);
    cr_expect_eq(MprFileRead(file, text, sizeof text), 0, "at the end");
    cr_expect_eq(MprFileSeek(file, 0, SEEK_SET), 0);
    cr_expect_eq(MprFileRead(file, text, 7), 7);
    cr_expect_str_eq(text, "hello w");
    cr_expect_eq(MprFileSeek(file, 0, SEEK_CUR), 7);
    cr_expect_eq(MprFilePread(file, text, sizeof text, 6), 5);
    cr_expect_eq(memcmp(text, "world", 5), 0);
    cr_expect_eq(MprFilePwrite(file, "W", 1, 6), 1);
    cr_expect_eq(MprFileSeek(file, 0, SEEK_CUR), 7, "the position stays");
    cr_expect_eq(MprFileFsync(file), 0);
    cr_expect_eq(MprFileClose(file), 0);
    expect_content("Z:\\f", "hello World");
}

Test(file, how_it_is_opened) {
    static const struct {
        int flags, rc;
    } rows[] = {
        {O_RDONLY, -ENOENT},  {O_RDWR, -ENOENT},          {O_WRONLY | O_TRUNC, -ENOENT},
        {O_ACCMODE, -EINVAL}, {O_RDWR | O_EXCL, -EINVAL}, {O_RDONLY | O_EXCL, -EINVAL},
    };
    HANDLE file = (HANDLE)4711;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(MprFileOpen("Z:\\none", rows[i].flags, 0, &file), rows[i].rc, "row %zu", i);
    cr_expect_eq(MprFileOpen("Z:\\", O_RDONLY, 0, &file), -EISDIR);
    cr_expect_eq(MprFileOpen("Z:", O_RDONLY, 0, &file), -EISDIR);
    cr_expect_eq(write_file("Z:\\there", "content"), 0);
    cr_expect_eq(MprFileOpen("Z:\\there", O_RDWR | O_CREAT | O_EXCL, 0, &file), -EEXIST);
    cr_expect_eq(MprFileOpen("Z:\\there\\below", O_RDWR | O_CREAT, 0, &file), -ENOTDIR);
    cr_expect_eq(MprFileMkdir("Z:\\dir", 0755), 0);
    cr_expect_eq(MprFileOpen("Z:\\dir", O_RDWR, 0, &file), -EISDIR);
    cr_expect_eq(file, (HANDLE)4711);
    expect_content("Z:\\there", "content");
    cr_expect_eq(MprFileClose(open_file("Z:\\there", O_WRONLY | O_TRUNC)), 0);
    expect_content("Z:\\there", "");
}

Test(file, for_reading_or_writing_only) {
    HANDLE reader, writer;
    char byte = 'x';

    cr_assert_eq(write_file("Z:\\f", "abc"), 0);
    reader = open_file("Z:\\f", O_RDONLY);
    writer = open_file("Z:\\f", O_WRONLY);
    cr_expect_eq(MprFileWrite(reader, &byte, 1), -EBADF);
    cr_expect_eq(MprFilePwrite(reader, &byte, 1, 0), -EBADF);
    cr_expect_eq(MprFileFtruncate(reader, 0), -EBADF);
    cr_expect_eq(MprFileRead(writer, &byte, 1), -EBADF);
    cr_expect_eq(MprFilePread(writer, &byte, 1, 0), -EBADF);
    cr_expect_eq(byte, 'x');
    cr_expect_eq(MprFileWrite(writer, "X", 1), 1);
    cr_expect_eq(MprFileRead(reader, &byte, 1), 1);
    cr_expect_eq(byte, 'X');
    cr_expect_eq(MprFileClose(reader), 0);
    cr_expect_eq(MprFileClose(writer), 0);
}

Test(file, appending) {
    HANDLE one = open_file("Z:\\f", O_RDWR | O_CREAT | O_APPEND);
    HANDLE two = open_file("Z:\\f", O_WRONLY | O_APPEND);
    char text[16] = "";

    cr_expect_eq(MprFileWrite(one, "1111", 4), 4);
    cr_expect_eq(MprFileWrite(two, "22", 2), 2);
    cr_expect_eq(MprFileSeek(one, 0, SEEK_SET), 0);
    cr_expect_eq(MprFileWrite(one, "3", 1), 1, "at the end, wherever it stood");
    cr_expect_eq(MprFileSeek(one, 0, SEEK_CUR), 7);
    cr_expect_eq(MprFileSeek(one, 0, SEEK_SET), 0);
    cr_expect_eq(MprFileRead(one, text, sizeof text), 7);
    cr_expect_str_eq(text, "1111223");
    cr_expect_eq(MprFilePwrite(one, "0", 1, 0), 1, "an offset is an offset");
    cr_expect_eq(MprFileClose(one), 0);
    cr_expect_eq(MprFileClose(two), 0);
    expect_content("Z:\\f", "0111223");
}

Test(file, seeking) {
    HANDLE file = open_file("Z:\\f", O_RDWR | O_CREAT);
    char byte;

    cr_assert_eq(MprFileWrite(file, "0123456789", 10), 10);
    cr_expect_eq(MprFileSeek(file, -3, SEEK_END), 7);
    cr_expect_eq(MprFileRead(file, &byte, 1), 1);
    cr_expect_eq(byte, '7');
    cr_expect_eq(MprFileSeek(file, -2, SEEK_CUR), 6);
    cr_expect_eq(MprFileSeek(file, 5, SEEK_END), 15);
    cr_expect_eq(MprFileRead(file, &byte, 1), 0);
    cr_expect_eq(MprFileSeek(file, -1, SEEK_SET), -EINVAL);
    cr_expect_eq(MprFileSeek(file, -16, SEEK_CUR), -EINVAL);
    cr_expect_eq(MprFileSeek(file, INT64_MIN, SEEK_END), -EINVAL);
    cr_expect_eq(MprFileSeek(file, INT64_MAX, SEEK_CUR), -EINVAL);
    cr_expect_eq(MprFileSeek(file, 0, 3), -EINVAL);
    cr_expect_eq(MprFileSeek(file, 0, -1), -EINVAL);
    cr_expect_eq(MprFileSeek(file, 0, SEEK_CUR), 15, "a failure moves nothing");
    cr_expect_eq(MprFileSeek(file, INT64_MAX, SEEK_SET), INT64_MAX);
    cr_expect_eq(MprFileRead(file, &byte, 1), -EINVAL, "there is nothing beyond");
    cr_expect_eq(MprFileClose(file), 0);
}

Test(file, beyond_four_gibibytes) {
    HANDLE file = open_file("Z:\\big", O_RDWR | O_CREAT);
    struct mpr_stat facts;
    char text[8] = "xxxxxxx";

    cr_expect_eq(MprFilePwrite(file, "far", 3, 5 * GIB), 3);
    cr_expect_eq(MprFileFstat(file, &facts), 0);
    cr_expect_eq(facts.size, 5 * GIB + 3);
    cr_expect_lt(facts.space, GIB, "it is sparse");
    cr_expect_eq(MprFileSeek(file, -7, SEEK_END), (int64_t)(5 * GIB - 4));
    cr_expect_eq(MprFileRead(file, text, 7), 7);
    cr_expect_eq(memcmp(text, "\0\0\0\0far", 7), 0);
    cr_expect_eq(MprFileSeek(file, (int64_t)(4 * GIB - 1), SEEK_SET), (int64_t)(4 * GIB - 1));
    cr_expect_eq(MprFileWrite(file, "ab", 2), 2);
    cr_expect_eq(MprFilePread(file, text, 2, 4 * GIB), 2);
    cr_expect_eq(memcmp(text, "b", 2), 0);
    cr_expect_eq(MprFileFtruncate(file, 4 * GIB), 0);
    cr_expect_eq(MprFilePread(file, text, 7, 4 * GIB - 1), 1);
    cr_expect_eq(MprFileFtruncate(file, 6 * GIB), 0);
    cr_expect_eq(MprFilePread(file, text, 1, 6 * GIB - 1), 1);
    cr_expect_eq(text[0], '\0');
    cr_expect_eq(MprFileClose(file), 0);
    cr_expect_eq(MprFileStat("Z:\\big", &facts), 0);
    cr_expect_eq(facts.size, 6 * GIB);
}

/* More than the provider takes at a time goes in pieces. */
Test(file, more_than_max_io) {
    size_t size = (9u << 20) + 3;
    HANDLE file = open_file("Z:\\long", O_RDWR | O_CREAT);
    unsigned char *data = malloc(size), *back = calloc(1, size + 1);

    cr_assert(data && back);
    for (size_t i = 0; i < size; i++)
        data[i] = (unsigned char)(i * 2654435761u >> 24);
    cr_expect_eq(MprFileWrite(file, data, size), (ssize_t)size);
    cr_expect_eq(MprFilePread(file, back, size + 1, 0), (ssize_t)size);
    cr_expect_eq(memcmp(data, back, size), 0);
    cr_expect_eq(MprFilePread(file, back, size, 1), (ssize_t)size - 1);
    cr_expect_eq(memcmp(data + 1, back, size - 1), 0);
    cr_expect_eq(MprFileClose(file), 0);
    free(data);
    free(back);
}

/* Pieces of max_io each, from where the last one ended; and what the provider has not. */
Test(file, pieces_as_the_provider_sees_them) {
    char data[64];
    HANDLE file;

    cr_assert_eq(add("Y:", "//bare/x", 0), NO_ERROR);
    MprSetLastError(4711);
    file = open_file("Y:\\f", O_RDWR);
    cr_expect_eq(MprFilePread(file, data, 50, 5), 0);
    cr_expect_eq(world_count(world_read("log"), "pread 16 at 5\n"), 1, "%s", world_read("log"));
    cr_expect_eq(world_count(world_read("log"), "pread"), 1, "less than asked for is the end");
    cr_expect_eq(MprFilePwrite(file, data, 1, 0), -ENOTSUP);
    cr_expect_eq(MprFileFsync(file), -ENOTSUP);
    cr_expect_eq(MprFileFstat(file, &(struct mpr_stat){0}), -ENOTSUP);
    cr_expect_eq(MprFileFtruncate(file, 0), -ENOTSUP);
    cr_expect_eq(MprFileSeek(file, 0, SEEK_END), -ENOTSUP);
    cr_expect_eq(MprFileStat("Y:\\f", &(struct mpr_stat){0}), -ENOTSUP);
    cr_expect_eq(MprFileTruncate("Y:\\f", 0), -ENOTSUP);
    cr_expect_eq(MprFileMkdir("Y:\\d", 0), -ENOTSUP);
    cr_expect_eq(MprFileRmdir("Y:\\d"), -ENOTSUP);
    cr_expect_eq(MprFileUnlink("Y:\\f"), -ENOTSUP);
    cr_expect_eq(MprFileRename("Y:\\f", "Y:\\g"), -ENOTSUP);
    cr_expect_eq(MprFileStatvfs("Y:\\f", &(struct mpr_statvfs){0}), -ENOTSUP);
    cr_expect_eq(MprDirOpen("Y:\\d", &(HANDLE){0}), -ENOTSUP);
    cr_expect_eq(MprFileClose(file), 0);
    /* How it was opened is the router's to watch, too. */
    file = open_file("Y:\\f", O_WRONLY);
    cr_expect_eq(MprFilePread(file, data, 1, 0), -EBADF);
    cr_expect_eq(MprFileClose(file), 0);
    file = open_file("Y:\\f", O_RDONLY);
    cr_expect_eq(MprFilePwrite(file, data, 1, 0), -EBADF);
    cr_expect_eq(MprFileClose(file), 0);
    cr_expect_eq(world_count(world_read("log"), "pread"), 1);
}

Test(file, sizes_that_cannot_be) {
    HANDLE file = open_file("Z:\\f", O_RDWR | O_CREAT);
    char byte = 'x';

    cr_expect_eq(MprFileRead(file, NULL, 1), -EINVAL);
    cr_expect_eq(MprFileWrite(file, NULL, 1), -EINVAL);
    cr_expect_eq(MprFilePread(file, &byte, (size_t)SSIZE_MAX + 1, 0), -EINVAL);
    cr_expect_eq(MprFilePwrite(file, &byte, SIZE_MAX, 0), -EINVAL);
    cr_expect_eq(MprFilePread(file, &byte, 1, (uint64_t)INT64_MAX), -EINVAL);
    cr_expect_eq(MprFilePwrite(file, &byte, 1, UINT64_MAX), -EINVAL);
    cr_expect_eq(MprFilePwrite(file, &byte, 1, (uint64_t)INT64_MAX - 1), -EFBIG);
    cr_expect_eq(MprFileRead(file, NULL, 0), 0);
    cr_expect_eq(MprFileWrite(file, NULL, 0), 0);
    cr_expect_eq(MprFilePread(file, &byte, 0, 100), 0);
    cr_expect_eq(MprFileFtruncate(file, UINT64_MAX), -EFBIG);
    cr_expect_eq(MprFileSeek(file, 0, SEEK_END), 0);
    cr_expect_eq(MprFileClose(file), 0);
}

/* --- attributes, names, directories --- */

Test(file, attributes) {
    HANDLE file = open_file("Z:\\f", O_RDWR | O_CREAT);
    struct mpr_stat opened, named, untouched = {.size = 4711};
    struct mpr_statvfs system = {.block_size = 4711};

    cr_assert_eq(MprFileWrite(file, "12345", 5), 5);
    cr_expect_eq(MprFileFstat(file, &opened), 0);
    cr_expect_eq(MprFileStat("Z:/f", &named), 0);
    cr_expect_eq(opened.size, 5);
    cr_expect(S_ISREG(opened.mode));
    cr_expect_eq(opened.mode & 07777, 0640);
    cr_expect_geq(opened.nlink, 1);
    cr_expect_eq(opened.ino, named.ino);
    cr_expect_eq(MprFileStat("Z:", &named), 0);
    cr_expect(S_ISDIR(named.mode));
    cr_expect_eq(MprFileStat("Z:\\none", &untouched), -ENOENT);
    cr_expect_eq(MprFileStat("Q:\\none", &untouched), -ENOTCONN);
    cr_expect_eq(untouched.size, 4711);
    cr_expect_eq(MprFileStatvfs("Q:\\", &system), -ENOTCONN);
    cr_expect_eq(system.block_size, 4711);
    cr_expect_eq(MprFileStatvfs("Z:\\", &system), 0);
    cr_expect_gt(system.block_size, 0);
    cr_expect_eq(system.read_only, 0);
    cr_expect_eq(MprFileClose(file), 0);
    cr_expect_eq(MprFileTruncate("Z:\\f", 2), 0);
    expect_content("Z:\\f", "12");
    cr_expect_eq(MprFileTruncate("Z:\\none", 2), -ENOENT);
}

Test(file, names) {
    cr_expect_eq(MprFileMkdir("Z:\\d", 0755), 0);
    cr_expect_eq(MprFileMkdir("Z:\\d", 0755), -EEXIST);
    cr_expect_eq(MprFileMkdir("Z:\\none\\d", 0755), -ENOENT);
    cr_expect_eq(write_file("Z:\\d\\a", "a"), 0);
    cr_expect_eq(write_file("Z:\\d\\b", "b"), 0);
    cr_expect_eq(MprFileRmdir("Z:\\d"), -ENOTEMPTY);
    cr_expect_eq(MprFileRmdir("Z:\\d\\a"), -ENOTDIR);
    cr_expect_eq(MprFileUnlink("Z:\\d"), -EISDIR);
    cr_expect_eq(MprFileUnlink("Z:\\none"), -ENOENT);
    cr_expect_eq(MprFileRename("Z:\\d\\a", "Z:/d/b"), 0, "an existing one is replaced");
    expect_content("Z:\\d\\b", "a");
    cr_expect_eq(MprFileRename("Z:\\d\\a", "Z:\\d\\c"), -ENOENT);
    cr_expect_eq(MprFileRename("Z:\\d", "Z:\\e"), 0);
    expect_content("Z:\\e\\b", "a");
    cr_expect_eq(MprFileUnlink("Z:\\e\\b"), 0);
    cr_expect_eq(MprFileRmdir("Z:\\e"), 0);
}

Test(file, renaming_stays_on_the_connection) {
    cr_assert_eq(add("Y:", "\\\\memory\\fixed", 0), NO_ERROR);
    cr_assert_eq(add("X:", "\\\\memory\\demo", 0), NO_ERROR);
    MprSetLastError(4711);
    cr_assert_eq(write_file("Z:\\f", "x"), 0);
    cr_expect_eq(MprFileRename("Z:\\f", "Y:\\f"), -EXDEV);
    cr_expect_eq(MprFileRename("Y:\\f", "Z:\\g"), -EXDEV);
    cr_expect_eq(MprFileRename("Z:\\f", "X:\\g"), -EXDEV, "two connections to one resource");
    cr_expect_eq(MprFileRename("Z:\\f", "Q:\\g"), -ENOTCONN);
    cr_expect_eq(MprFileRename("Q:\\f", "Z:\\g"), -ENOTCONN);
    cr_expect_eq(MprFileRename("Z:\\f", NULL), -EINVAL);
    cr_expect_eq(MprFileRename(NULL, "Z:\\g"), -EINVAL);
    cr_expect_eq(MprFileRename("Z:\\f", "Z:\\..\\g"), -EINVAL);
    expect_content("Z:\\f", "x");
    cr_expect_eq(write_file("Y:\\g", "x"), -EROFS);
}

static void expect_entries(const char *path, int wanted) {
    LPCSTR name = NULL;
    struct mpr_stat facts;
    bool seen[512] = {false};
    HANDLE dir;
    int rc, count = 0;

    cr_assert_eq(MprDirOpen(path, &dir), 0);
    while ((rc = MprDirRead(dir, &name, &facts)) == 1) {
        int number = atoi(name + 1);

        cr_expect_eq(facts.size, (uint64_t)(number % 7), "%s", name);
        cr_expect(S_ISREG(facts.mode));
        cr_assert(number >= 0 && number < 512 && !seen[number], "%s", name);
        seen[number] = true;
        count++;
    }
    cr_expect_eq(rc, 0);
    cr_expect_eq(count, wanted);
    cr_expect_eq(MprDirRead(dir, &name, NULL), 0, "the end is the end");
    cr_expect_eq(MprFileClose(dir), 0);
}

Test(file, directories) {
    char path[64];
    LPCSTR name = (LPCSTR)4711;
    HANDLE dir, none = (HANDLE)4711;

    cr_assert_eq(MprFileMkdir("Z:\\d", 0755), 0);
    expect_entries("Z:\\d", 0);
    for (int i = 0; i < 300; i++) {
        snprintf(path, sizeof path, "Z:\\d\\f%d", i);
        cr_assert_eq(write_file(path, &"123456"[6 - i % 7]), 0);
    }
    expect_entries("Z:/d/", 300);
    cr_assert_eq(MprDirOpen("Z:\\d", &dir), 0);
    cr_assert_eq(MprFileUnlink("Z:\\d\\f0"), 0);
    cr_expect_eq(MprDirRead(dir, &name, NULL), 1, "a listing is of one moment");
    cr_expect_eq(name[0], 'f');
    cr_expect_eq(MprFileClose(dir), 0);
    expect_entries("Z:\\d", 299);
    cr_expect_eq(MprDirOpen("Z:\\d\\f1", &none), -ENOTDIR);
    cr_expect_eq(MprDirOpen("Z:\\none", &none), -ENOENT);
    cr_expect_eq(none, (HANDLE)4711);
}

/* Nothing that is no handle of the right kind is touched. */
Test(file, handles_that_are_none) {
    HANDLE dir, list, closed = open_file("Z:\\f", O_RDWR | O_CREAT);
    HANDLE none[7] = {NULL, (HANDLE)-1, (HANDLE)1, (HANDLE)0x1000001, &dir};
    struct mpr_stat facts = {.size = 4711};
    LPCSTR name = NULL;
    char byte;

    cr_assert_eq(WNetOpenEnumA(RESOURCE_CONNECTED, 0, 0, NULL, &list), NO_ERROR);
    cr_assert_eq(MprDirOpen("Z:", &dir), 0);
    cr_assert_eq(MprFileClose(closed), 0);
    none[5] = closed;
    none[6] = list;
    for (size_t i = 0; i < 8; i++) {
        HANDLE handle = i < 7 ? none[i] : dir;

        cr_expect_eq(MprFileRead(handle, &byte, 1), -EBADF);
        cr_expect_eq(MprFileWrite(handle, &byte, 1), -EBADF);
        cr_expect_eq(MprFilePread(handle, &byte, 1, 0), -EBADF);
        cr_expect_eq(MprFilePwrite(handle, &byte, 1, 0), -EBADF);
        cr_expect_eq(MprFileSeek(handle, 0, SEEK_SET), -EBADF);
        cr_expect_eq(MprFileFsync(handle), -EBADF);
        cr_expect_eq(MprFileFstat(handle, &facts), -EBADF);
        cr_expect_eq(MprFileFtruncate(handle, 0), -EBADF);
        if (i == 7)
            break;
        cr_expect_eq(MprDirRead(handle, &name, NULL), -EBADF);
        cr_expect_eq(MprFileClose(handle), -EBADF);
    }
    cr_expect_eq(facts.size, 4711);
    cr_expect_eq(MprDirRead(dir, NULL, &facts), -EINVAL);
    cr_expect_eq(WNetCloseEnum(dir), ERROR_INVALID_HANDLE);
    cr_expect_eq(MprFileClose(dir), 0);
    cr_expect_eq(MprFileClose(dir), -EBADF);
    cr_expect_eq(WNetCloseEnum(list), NO_ERROR);
    MprSetLastError(4711);
}

Test(file, pointers_that_must_be_there) {
    HANDLE file = open_file("Z:\\f", O_RDWR | O_CREAT);

    cr_expect_eq(MprFileOpen("Z:\\f", O_RDONLY, 0, NULL), -EINVAL);
    cr_expect_eq(MprFileOpen(NULL, O_RDONLY, 0, &(HANDLE){0}), -EINVAL);
    cr_expect_eq(MprFileStat("Z:\\f", NULL), -EINVAL);
    cr_expect_eq(MprFileStat(NULL, &(struct mpr_stat){0}), -EINVAL);
    cr_expect_eq(MprFileFstat(file, NULL), -EINVAL);
    cr_expect_eq(MprFileStatvfs("Z:", NULL), -EINVAL);
    cr_expect_eq(MprFileStatvfs(NULL, &(struct mpr_statvfs){0}), -EINVAL);
    cr_expect_eq(MprFileTruncate(NULL, 0), -EINVAL);
    cr_expect_eq(MprFileMkdir(NULL, 0), -EINVAL);
    cr_expect_eq(MprFileRmdir(NULL), -EINVAL);
    cr_expect_eq(MprFileUnlink(NULL), -EINVAL);
    cr_expect_eq(MprDirOpen(NULL, &(HANDLE){0}), -EINVAL);
    cr_expect_eq(MprDirOpen("Z:", NULL), -EINVAL);
    cr_expect_eq(MprFileClose(file), 0);
}
