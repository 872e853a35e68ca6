/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_drive_cancel.c: breaking connections whose files other processes use through a
 * mounted drive.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/module/expect.h"
#include "tests/module/mount_lab.h"
#include "tests/module/worker_lab.h"
#include "tests/module/world.h"

#define A         "\\\\memory\\a"
#define FORCED_MS 2000
#define SLACK_MS  4000 /* for a machine that has other things to do */

static unsigned descriptors, threads;

static void begin(void) {
    mount_lab_make("\"shares\": \"a,b\", \"printers\": \"laser\"");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    cr_assert(is_mounted("Z:"), "%s", drive_facts("Z:").reason);
    cr_assert_eq(mkdir(mounted("Z:", "dir"), 0755), 0);
    cr_assert_eq(put_file(mounted("Z:", "dir/file"), "text"), 0);
}

TestSuite(drive_cancel, .timeout = 120, .init = begin, .fini = mount_lab_end);

static DWORD cancel(const char *name, BOOL force) {
    return WNetCancelConnection2A(name, 0, force);
}

/* Nothing of it is left. */
static void expect_gone(const char *device, pid_t process) {
    struct stat facts;

    cr_expect_not(is_mounted(device));
    cr_expect(lstat(mounted(device, ""), &facts) < 0 && errno == ENOENT, "the directory is there");
    cr_expect(lab_gone(process, SLACK_MS), "the process %d is there", (int)process);
    cr_expect_str_eq(remote_of(device), "2250");
}

static void expect_kept(const char *device, const char *file) {
    char text[8] = "";
    FILE *stream = fopen(mounted(device, file), "re");

    cr_expect(stream && fgets(text, sizeof text, stream) && strcmp(text, "text") == 0,
              "%s is as before", mounted(device, file));
    if (stream)
        fclose(stream);
}

Test(drive_cancel, of_a_drive_that_nobody_uses) {
    pid_t process = drive_process("Z:");

    cr_assert_gt(process, 0);
    EXPECT_CODE(NO_ERROR, cancel("Z:", FALSE));
    expect_gone("Z:", process);
}

Test(drive_cancel, leaves_nothing_behind) {
    EXPECT_CODE(NO_ERROR, cancel("Z:", FALSE));
    world_sleep(100);
    descriptors = world_descriptors();
    threads = world_threads();
    for (int i = 0; i < 5; i++) {
        EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
        EXPECT_CODE(NO_ERROR, add("Y:", A, 0));
        cr_expect(is_mounted("Z:") && is_mounted("Y:"));
        EXPECT_CODE(NO_ERROR, cancel("Z:", i % 2));
        EXPECT_CODE(NO_ERROR, cancel("Y:", FALSE));
    }
    for (int i = 0; i < SLACK_MS / 10 && world_threads() > threads; i++)
        world_sleep(10);
    cr_expect_eq(world_threads(), threads);
    cr_expect_eq(world_descriptors(), descriptors);
}

Test(drive_cancel, an_open_file_of_another_process) {
    pid_t holder = hold_file(mounted("Z:", "dir/file"));
    char words[64];

    EXPECT_CODE(ERROR_OPEN_FILES, cancel("Z:", FALSE));
    snprintf(words, sizeof words, "sleep (process %d) has open Z:/dir/file", (int)holder);
    EXPECT_WORDS(words);
    EXPECT_WORDS("Z: (\\\\memory\\a) has 1 open file");
    EXPECT_WORDS("cancel with force");
    expect_kept("Z:", "dir/file");
    let_go(holder);
    EXPECT_CODE(NO_ERROR, cancel("Z:", FALSE));
    cr_expect_not(is_mounted("Z:"));
}

Test(drive_cancel, many_are_named_by_three) {
    pid_t holders[5];

    for (size_t i = 0; i < 5; i++)
        holders[i] = hold_file(mounted("Z:", "dir/file"));
    EXPECT_CODE(ERROR_OPEN_FILES, cancel("Z:", FALSE));
    EXPECT_WORDS("has 5 open files");
    EXPECT_WORDS("; and 2 more");
    cr_expect_eq(world_count(last_words(), "(process "), 3);
    for (size_t i = 0; i < 5; i++)
        let_go(holders[i]);
}

/* The kernel tells of a close a moment after close(2) has returned. */
Test(drive_cancel, right_after_a_close) {
    for (int i = 0; i < 10; i++) {
        int fd = open(mounted("Z:", "dir/new"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);

        cr_assert_geq(fd, 0);
        cr_expect_eq(write(fd, "x", 1), 1);
        close(fd);
        EXPECT_CODE(NO_ERROR, cancel("Z:", FALSE));
        EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
        cr_assert_eq(mkdir(mounted("Z:", "dir"), 0755), 0);
    }
}

Test(drive_cancel, a_working_directory) {
    pid_t holder = hold_directory(mounted("Z:", "dir"));
    char words[64];

    EXPECT_CODE(ERROR_DEVICE_IN_USE, cancel("Z:", FALSE));
    snprintf(words, sizeof words, "sleep (process %d) works in Z:/dir.", (int)holder);
    EXPECT_WORDS(words);
    expect_kept("Z:", "dir/file");
    let_go(holder);
    EXPECT_CODE(NO_ERROR, cancel("Z:", FALSE));
}

Test(drive_cancel, a_mapped_program) {
    pid_t holder = hold_program("Z:");
    char words[64];

    EXPECT_CODE(ERROR_DEVICE_IN_USE, cancel("Z:", FALSE));
    snprintf(words, sizeof words, "snooze (process %d) has mapped Z:/snooze", (int)holder);
    EXPECT_WORDS(words);
    let_go(holder);
    EXPECT_CODE(NO_ERROR, cancel("Z:", FALSE));
}

/* What only the kernel knows of refuses the end of the mount: then nothing is held any more. */
Test(drive_cancel, what_is_mounted_inside) {
    pid_t process = drive_process("Z:");

    cr_assert_eq(mount("tmpfs", mounted("Z:", "dir"), "tmpfs", 0, NULL), 0);
    EXPECT_CODE(ERROR_DEVICE_IN_USE, cancel("Z:", FALSE));
    EXPECT_WORDS("is in use");
    EXPECT_WORDS("/proc does not say by whom");
    cr_expect_eq(put_file(mounted("Z:", "file"), "text"), 0, "it is not held");
    expect_kept("Z:", "file");
    cr_expect_eq(drive_process("Z:"), process);
    cr_assert_eq(umount2(mounted("Z:", "dir"), 0), 0);
    EXPECT_CODE(NO_ERROR, cancel("Z:", FALSE));
    expect_gone("Z:", process);
}

Test(drive_cancel, by_remote_name_all_or_nothing) {
    pid_t holder;

    EXPECT_CODE(NO_ERROR, add("Y:", A, 0));
    EXPECT_CODE(NO_ERROR, add(NULL, A, 0));
    cr_assert_eq(put_file(mounted("Y:", "other"), "text"), 0);
    holder = hold_directory(mounted("Y:", ""));
    /* Z: is looked at first, and let go each time. */
    for (int i = 0; i < 3; i++) {
        EXPECT_CODE(ERROR_DEVICE_IN_USE, cancel(A, FALSE));
        EXPECT_WORDS("works in Y:/");
        cr_expect(is_mounted("Y:") && is_mounted("Z:"));
    }
    cr_expect_eq(listed(RESOURCE_CONNECTED), 3);
    /* Nothing is held any more: files can be opened. */
    expect_kept("Y:", "other");
    expect_kept("Z:", "dir/file");
    let_go(holder);
    EXPECT_CODE(NO_ERROR, cancel(A, FALSE));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect(!is_mounted("Y:") && !is_mounted("Z:"));
}

Test(drive_cancel, by_force_whoever_uses_it) {
    int fd = open(mounted("Z:", "dir/file"), O_RDWR | O_CLOEXEC);
    pid_t process = drive_process("Z:"), directory = hold_directory(mounted("Z:", "dir"));
    int64_t began_ms;
    char byte;

    cr_assert_geq(fd, 0);
    EXPECT_CODE(ERROR_OPEN_FILES, cancel("Z:", FALSE));
    began_ms = world_ms();
    EXPECT_CODE(NO_ERROR, cancel("Z:", TRUE));
    fprintf(stderr, "# a forced cancel took %d ms\n", (int)(world_ms() - began_ms));
    cr_expect_lt(world_ms() - began_ms, FORCED_MS + SLACK_MS);
    cr_expect_eq(pread(fd, &byte, 1, 0), -1);
    cr_expect_eq(errno, ENOTCONN);
    close(fd);
    expect_gone("Z:", process);
    let_go(directory);
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    cr_expect(is_mounted("Z:"), "%s", drive_facts("Z:").reason);
}

Test(drive_cancel, by_force_while_the_drive_is_stopped) {
    pid_t process = drive_process("Z:");
    pid_t holder = hold_file(mounted("Z:", "dir/file"));
    int64_t began_ms;

    cr_assert_eq(kill(process, SIGSTOP), 0);
    began_ms = world_ms();
    EXPECT_CODE(NO_ERROR, cancel("Z:", TRUE));
    fprintf(stderr, "# with a stopped drive it took %d ms\n", (int)(world_ms() - began_ms));
    cr_expect_lt(world_ms() - began_ms, FORCED_MS + SLACK_MS);
    expect_gone("Z:", process);
    let_go(holder);
}

Test(drive_cancel, of_a_drive_that_is_dead) {
    pid_t process = drive_process("Z:");

    kill(process, SIGKILL);
    EXPECT_CODE(NO_ERROR, cancel("Z:", FALSE));
    expect_gone("Z:", process);
}

Test(drive_cancel, of_what_is_not_mounted) {
    EXPECT_CODE(NO_ERROR, add("LPT1", "\\\\memory\\laser", 0));
    EXPECT_CODE(NO_ERROR, add(NULL, "\\\\memory\\b", 0));
    cr_expect_str_eq(drive_facts("Z:").reason, "");
    EXPECT_CODE(NO_ERROR, cancel("LPT1", FALSE));
    EXPECT_CODE(NO_ERROR, cancel("\\\\memory\\b", FALSE));
}

Test(drive_cancel, the_router_ends_all_of_them) {
    pid_t one = drive_process("Z:"), two;

    EXPECT_CODE(NO_ERROR, add("Y:", A, 0));
    two = drive_process("Y:");
    hold_file(mounted("Z:", "dir/file"));
    EXPECT_CODE(NO_ERROR, MprShutdown());
    cr_expect(!is_mounted("Z:") && !is_mounted("Y:"));
    cr_expect(lab_gone(one, SLACK_MS) && lab_gone(two, SLACK_MS));
    world_start();
}
