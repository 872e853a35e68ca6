/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_file_paths.c: which connection a path is on, and what is left of it there.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/file.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define DEMO     "\\\\memory\\demo"
#define OVERLONG 32767

static void begin(void) {
    world_begin("\"shares\": \"demo,other\"");
}

TestSuite(paths, .timeout = 60, .init = begin, .fini = world_end);

static int exists(const char *path) {
    struct mpr_stat facts;

    return MprFileStat(path, &facts);
}

static void connect_demo(const char *device) {
    cr_assert_eq(add(device, DEMO, 0), NO_ERROR);
    if (exists("\\\\memory\\demo\\dir")) {
        cr_assert_eq(MprFileMkdir("\\\\memory\\demo\\dir", 0755), 0);
        cr_assert_eq(write_file("\\\\memory\\demo\\dir\\f", "text"), 0);
    }
}

Test(paths, ways_to_write_one) {
    static const char *const ways[] = {
        "Z:\\dir\\f",
        "z:/dir/f",
        "Z:/dir\\f",
        "Z:\\\\dir//\\f",
        "Z:\\dir\\f\\",
        "\\\\memory\\demo\\dir\\f",
        "//memory/demo/dir/f",
        "\\\\MEMORY\\Demo/dir\\f",
        "\\\\memory\\demo\\\\dir\\f",
        "memory://demo/dir/f",
    };

    connect_demo("Z:");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        cr_expect_eq(exists(ways[i]), 0, "%s: %d", ways[i], exists(ways[i]));
}

Test(paths, roots) {
    static const char *const ways[] = {"Z:", "z:\\",    "Z:/",           "Z:\\/\\",
                                       DEMO, DEMO "\\", "//memory/demo", "memory://demo/"};
    HANDLE dir;

    connect_demo("Z:");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        cr_expect_eq(MprDirOpen(ways[i], &dir), 0, "%s", ways[i]);
        cr_expect_eq(MprFileClose(dir), 0);
    }
}

/* A path never leaves its connection. */
Test(paths, no_dots) {
    static const char *const bad[] = {
        "Z:\\..",
        "Z:\\.",
        "Z:\\dir\\..\\dir\\f",
        "Z:/dir/./f",
        "Z:\\dir\\..",
        "Z:\\..\\..\\..\\etc\\passwd",
        "Z:\\dir/..\\f",
        "\\\\memory\\demo\\..\\other\\f",
        "\\\\memory\\demo\\.",
        "//memory/demo/dir/../f",
    };
    static const char *const good[] = {"Z:\\...", "Z:\\..a", "Z:\\.a", "Z:\\a..", "Z:\\a.\\.b"};

    connect_demo("Z:");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(exists(bad[i]), -EINVAL, "%s", bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect_eq(exists(good[i]), -ENOENT, "%s", good[i]);
}

Test(paths, on_no_connection) {
    static const char *const bad[] = {
        "Y:\\f",      "Z",
        "Zdir",       "Z:dir",
        "ZZ:\\f",     "/dir/f",
        "dir/f",      "\\\\memory\\other\\f",
        "\\\\memory", "\\\\",
        "C:",         "1:\\f",
        "LPT1",       "nosuch:/export/f",
    };

    connect_demo("Z:");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(exists(bad[i]), -ENOTCONN, "%s: %d", bad[i], exists(bad[i]));
    cr_expect_eq(exists(""), -EINVAL);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_eq(exists("Z:\\dir\\f"), -ENOTCONN);
    cr_expect_eq(exists("\\\\memory\\demo\\dir\\f"), -ENOTCONN);
}

/* Whoever bears the file is the one that cannot be cancelled. */
static const char *bearer(const char *path) {
    static const char *const devices[] = {"W:", "X:", "Y:", "Z:"};
    static char found[64];
    HANDLE file;

    cr_assert_eq(MprFileOpen(path, O_RDONLY, 0, &file), 0, "%s", path);
    snprintf(found, sizeof found, "%s", "none of these");
    for (size_t i = 0; i < 4; i++) {
        char remote[64] = "";
        DWORD size = sizeof remote;

        if (WNetGetConnectionA(devices[i], remote, &size) != NO_ERROR)
            continue;
        if (WNetCancelConnection2A(devices[i], 0, FALSE) == ERROR_OPEN_FILES)
            snprintf(found, sizeof found, "%s", devices[i]);
        else
            cr_assert_eq(add(devices[i], remote, 0), NO_ERROR);
    }
    cr_expect_eq(MprFileClose(file), 0);
    return found;
}

Test(paths, on_the_longest_name) {
    connect_demo("Z:");
    cr_assert_eq(add("Y:", DEMO "\\dir", 0), NO_ERROR);
    cr_expect_str_eq(bearer("\\\\memory\\demo\\dir\\f"), "Y:");
    cr_expect_str_eq(bearer("//MEMORY/demo/DIR/f"), "Y:");
    cr_expect_str_eq(bearer("Y:\\f"), "Y:");
    cr_expect_str_eq(bearer("Z:\\dir\\f"), "Z:");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Y:", 0, FALSE));
    cr_expect_str_eq(bearer("\\\\memory\\demo\\dir\\f"), "Z:");
}

/* A name that only begins like a connection's is another's. */
Test(paths, names_end_at_a_separator) {
    connect_demo("Z:");
    cr_assert_eq(write_file("Z:\\dirty", "text"), 0);
    cr_assert_eq(add("Y:", DEMO "\\dir", 0), NO_ERROR);
    cr_expect_str_eq(bearer("\\\\memory\\demo\\dirty"), "Z:");
}

Test(paths, deviceless_first_then_the_oldest) {
    connect_demo("X:");
    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    cr_assert_eq(add("W:", DEMO, 0), NO_ERROR);
    cr_expect_str_eq(bearer("\\\\memory\\demo\\dir\\f"), "X:");
    /* bearer connected the others anew: they are younger still */
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("X:", 0, FALSE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("W:", 0, FALSE));
    cr_assert_eq(add("W:", DEMO, 0), NO_ERROR);
    cr_expect_str_eq(bearer("\\\\memory\\demo\\dir\\f"), "Z:");
    cr_assert_eq(add(NULL, DEMO, 0), NO_ERROR);
    cr_expect_str_eq(bearer("\\\\memory\\demo\\dir\\f"), "none of these");
}

Test(paths, that_are_no_utf8) {
    static const char *const bad[] = {
        "Z:\\\xff", "Z:\\dir\\\xc3", "\\\\memory\\demo\\\xed\xa0\x80", "\\\\memory\\demo\xff\\f",
        "\xff",     "Z:\xff",
    };
    HANDLE file;

    connect_demo("Z:");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(exists(bad[i]), -EINVAL, "%zu: %d", i, exists(bad[i]));
        cr_expect_eq(MprFileOpen(bad[i], O_RDWR | O_CREAT, 0, &file), -EINVAL);
        cr_expect_eq(MprFileRename("Z:\\dir\\f", bad[i]), -EINVAL);
    }
    cr_expect_eq(write_file("Z:\\\xc3\xa9\xf0\x9f\x98\x80", "text"), 0);
    cr_expect_eq(exists("\\\\memory\\demo\\\xc3\xa9\xf0\x9f\x98\x80"), 0);
}

/* However long, and however many separators: an answer, and soon. */
Test(paths, that_are_overlong) {
    char *path = malloc(OVERLONG + 1);
    int64_t start = world_ms();
    int rc;

    cr_assert(path);
    connect_demo("Z:");
    memset(path, 'x', OVERLONG);
    path[OVERLONG] = '\0';
    cr_expect_eq(exists(path), -ENOTCONN);
    memcpy(path, "Z:\\", 3);
    rc = exists(path);
    cr_expect(rc == -ENAMETOOLONG || rc == -ENOENT, "%d", rc);
    for (size_t i = 3; i < OVERLONG; i += 2)
        path[i] = '\\';
    rc = exists(path);
    cr_expect(rc == -ENAMETOOLONG || rc == -ENOENT, "%d", rc);
    memcpy(path, "\\\\memory\\demo", 13);
    rc = exists(path);
    cr_expect(rc == -ENAMETOOLONG || rc == -ENOENT, "%d", rc);
    memcpy(path, "\\\\nobody\\there", 14);
    cr_expect_eq(exists(path), -ENOTCONN);
    cr_expect_lt(world_ms() - start, 10000);
    free(path);
}
