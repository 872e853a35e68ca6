/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_cancel.c: breaking connections by device and by remote name, and
 * forgetting them.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <mpr/file.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define A      "\\\\memory\\a"
#define B      "\\\\memory\\b"
#define UPDATE CONNECT_UPDATE_PROFILE

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"a,b\", \"printers\": \"laser\"");
    world_scripted("10-clings", "\"provider\": \"Clinging Network\", \"takes\": \"//clings/\", "
                                "\"disconnect\": 1208");
    world_start();
}

TestSuite(cancel, .timeout = 60, .init = begin, .fini = world_end);

static HANDLE open_file(const char *path) {
    HANDLE file = NULL;

    cr_assert_eq(MprFileOpen(path, O_RDWR | O_CREAT, 0644, &file), 0, "%s", path);
    return file;
}

Test(cancel, one_device_only) {
    EXPECT_CODE(NO_ERROR, add("Y:", A, 0));
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    EXPECT_CODE(NO_ERROR, add(NULL, A, 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("z:", 0, FALSE));
    cr_expect_str_eq(remote_of("Z:"), "2250");
    cr_expect_str_eq(remote_of("Y:"), A);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 2);
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("Z:", 0, TRUE));
}

Test(cancel, a_printers_device_however_written) {
    EXPECT_CODE(NO_ERROR, add("LPT2", "\\\\memory\\laser", UPDATE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2W(u"lpt2:", UPDATE, FALSE));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
}

/* The words of the first documents: all connections to the resource, however it is written. */
Test(cancel, all_of_a_remote_name) {
    static const char *const ways[] = {A, A "\\", "//memory/a", "\\\\MEMORY\\A", "memory://a"};

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        EXPECT_CODE(NO_ERROR, add("Y:", A, 0));
        EXPECT_CODE(NO_ERROR, add("Z:", "//Memory/a/", 0));
        EXPECT_CODE(NO_ERROR, add(NULL, A, 0));
        EXPECT_CODE(NO_ERROR, add("X:", B, 0));
        EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(ways[i], 0, i % 2));
        cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
        EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A(ways[i], 0, TRUE));
        EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("X:", 0, FALSE));
    }
}

Test(cancel, a_directory_is_another_resource) {
    EXPECT_CODE(NO_ERROR, add("Y:", A, 0));
    cr_assert_eq(MprFileMkdir("Y:\\dir", 0755), 0);
    EXPECT_CODE(NO_ERROR, add("Z:", A "\\dir", 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(A, 0, FALSE));
    cr_expect_str_eq(remote_of("Z:"), A "\\dir");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(A "/DIR", 0, FALSE));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
}

/* As present-day Windows does it: by remote name only those without a device. */
Test(cancel, deviceless_ones_only_if_configured) {
    world_config("{\"cancel_remote\": \"deviceless\"}");
    world_restart();
    EXPECT_CODE(NO_ERROR, add("Z:", A, UPDATE));
    EXPECT_CODE(NO_ERROR, add(NULL, A, 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(A, UPDATE, FALSE));
    cr_expect_str_eq(remote_of("Z:"), A);
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A(A, UPDATE, TRUE));
    EXPECT_WORDS("without a device");
    cr_expect_str_eq(remote_of("Z:"), A);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
}

/* Every one is examined before the first is broken; their order does not matter. */
Test(cancel, by_remote_name_all_or_nothing) {
    static const char *const devices[] = {"X:", "Y:", "Z:"};

    for (size_t i = 0; i < 3; i++)
        EXPECT_CODE(NO_ERROR, add(devices[i], A, UPDATE));
    EXPECT_CODE(NO_ERROR, add(NULL, A, 0));
    for (size_t i = 0; i < 3; i++) {
        char path[16];
        HANDLE file;

        snprintf(path, sizeof path, "%s\\f", devices[i]);
        file = open_file(path);
        EXPECT_CODE(ERROR_OPEN_FILES, WNetCancelConnection2A(A, 0, FALSE));
        EXPECT_WORDS(devices[i]);
        cr_expect_eq(listed(RESOURCE_CONNECTED), 4);
        cr_expect_eq(MprFileWrite(file, "x", 1), 1, "a refused cancel changes nothing");
        cr_expect_eq(MprFileClose(file), 0);
    }
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(A, 0, FALSE));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 3);
}

/* A remote name never touches the profile, though the flag is there. */
Test(cancel, a_remote_name_forgets_nothing) {
    EXPECT_CODE(NO_ERROR, add("Z:", A, UPDATE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(A, UPDATE, FALSE));
    cr_expect_str_eq(remote_of("Z:"), "1201");
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A(A, UPDATE, FALSE));
    world_profile("no profile");
    EXPECT_CODE(NO_ERROR, add(NULL, A, 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(A, UPDATE, FALSE));
    cr_expect_str_eq(world_read(WORLD_PROFILE), "no profile");
}

Test(cancel, open_files_and_directories_hold_it) {
    HANDLE file, dir;

    EXPECT_CODE(NO_ERROR, add("Z:", A, UPDATE));
    file = open_file("Z:\\f");
    cr_assert_eq(MprDirOpen("Z:", &dir), 0);
    EXPECT_CODE(ERROR_OPEN_FILES, WNetCancelConnection2A("Z:", UPDATE, FALSE));
    EXPECT_WORDS("2 open file");
    cr_expect_eq(MprFileClose(file), 0);
    EXPECT_CODE(ERROR_OPEN_FILES, WNetCancelConnection2A("Z:", UPDATE, FALSE));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1, "a refused cancel forgets nothing");
    cr_expect_eq(MprFileClose(dir), 0);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", UPDATE, FALSE));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
}

/* Handles of a connection that was broken answer so, and can be closed. */
Test(cancel, force_breaks_what_is_open) {
    HANDLE clean, dirty, synced, dir;
    struct mpr_stat facts = {.size = 4711};
    char byte;
    const char *name;

    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    clean = open_file("Z:\\clean");
    dirty = open_file("Z:\\dirty");
    synced = open_file("Z:\\synced");
    cr_assert_eq(MprFileWrite(dirty, "x", 1), 1);
    cr_assert_eq(MprFileWrite(synced, "x", 1), 1);
    cr_assert_eq(MprFileFsync(synced), 0);
    cr_assert_eq(MprDirOpen("Z:", &dir), 0);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
    cr_expect_eq(MprFileRead(clean, &byte, 1), -ENOTCONN);
    cr_expect_eq(MprFilePread(clean, &byte, 1, 0), -ENOTCONN);
    cr_expect_eq(MprFileWrite(clean, "x", 1), -ENOTCONN);
    cr_expect_eq(MprFilePwrite(clean, "x", 1, 0), -ENOTCONN);
    cr_expect_eq(MprFileFsync(clean), -ENOTCONN);
    cr_expect_eq(MprFileFstat(clean, &facts), -ENOTCONN);
    cr_expect_eq(facts.size, 4711);
    cr_expect_eq(MprFileFtruncate(clean, 0), -ENOTCONN);
    cr_expect_eq(MprFileSeek(clean, 0, SEEK_END), -ENOTCONN);
    cr_expect_eq(MprDirRead(dir, &name, NULL), -ENOTCONN);
    cr_expect_eq(MprFileClose(clean), 0);
    cr_expect_eq(MprFileClose(dirty), -ENOTCONN);
    cr_expect_eq(MprFileClose(synced), 0);
    cr_expect_eq(MprFileClose(dir), 0);
    cr_expect_eq(MprFileClose(dir), -EBADF);
    EXPECT_CODE(NO_ERROR, add("Z:", B, 0));
}

/* What the provider refuses leaves the connection as it was, and its words are told. */
Test(cancel, refused_by_the_provider) {
    EXPECT_CODE(NO_ERROR, add("Z:", "//clings/x", UPDATE));
    EXPECT_CODE(ERROR_EXTENDED_ERROR, WNetCancelConnection2A("Z:", UPDATE, FALSE));
    cr_expect_eq(last_native(), 4711);
    cr_expect_str_eq(last_provider(), "Clinging Network");
    EXPECT_WORDS("It does not want to end.");
    cr_expect_str_eq(remote_of("Z:"), "//clings/x");
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
    cr_expect_eq(write_file("Z:\\f", "still works"), 0);
    EXPECT_CODE(ERROR_EXTENDED_ERROR, WNetCancelConnection2A("//clings/x", 0, FALSE));
    cr_expect_str_eq(remote_of("Z:"), "//clings/x");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", UPDATE, TRUE));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
    cr_expect_eq(world_count(world_read("log"), "forced //clings/x"), 1);
}

/* Who says nothing about it has the router say what was tried, and what helps. */
Test(cancel, refused_without_words) {
    EXPECT_CODE(NO_ERROR, add("Z:", "//clings/silent", 0));
    EXPECT_CODE(ERROR_EXTENDED_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_WORDS("Clinging Network cannot disconnect Z:. The provider");
    EXPECT_WORDS("A cancel with force");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
}

/* The older form always forgets, as its counterpart always remembers. */
Test(cancel, the_older_form_forgets) {
    EXPECT_CODE(NO_ERROR, WNetAddConnectionA(A, NULL, "Y:"));
    EXPECT_CODE(NO_ERROR, WNetAddConnectionA(A, NULL, "Z:"));
    EXPECT_CODE(NO_ERROR, WNetCancelConnectionA("Z:", FALSE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnectionW(u"Y:", TRUE));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
}

Test(cancel, what_is_only_remembered) {
    EXPECT_CODE(NO_ERROR, add("Z:", A, UPDATE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_str_eq(remote_of("Z:"), "1201");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("z:", UPDATE, FALSE));
    cr_expect_str_eq(remote_of("Z:"), "2250");
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("Z:", UPDATE, TRUE));
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", UPDATE, FALSE)); /* nothing to forget */
}
