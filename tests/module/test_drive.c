/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_drive.c: the process of a drive, asked by its service, and channels to it.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "tests/module/drive_lab.h"
#include "tests/unit/scratch.h"

static struct drive_lab lab;

static void start(bool isolate, const char *options) {
    uint32_t code = drive_lab_start(&lab, isolate, options);

    cr_assert_eq(code, NO_ERROR);
    code = drive_lab_connect(&lab, "\\\\memory\\demo", NULL);
    cr_assert_eq(code, NO_ERROR, "%u %s", code, lab.call.data.failure.text);
}

static void stop(void) {
    if (lab.session)
        cr_expect_eq(drive_lab_disconnect(&lab, false), NO_ERROR, "%s", lab.call.data.failure.text);
    drive_lab_stop(&lab);
}

static struct mpr_wire_facts_ret facts(void) {
    struct mpr_wire_facts_args args = {.end_ = 0};
    struct mpr_wire_facts_ret ret = {.bytes_read = 0};

    cr_assert_eq(LAB_DRIVE_RUN(&lab, facts, &args, &ret), 0);
    return ret;
}

static int64_t write_text(struct lab_channel *channel, uint64_t file, const char *text) {
    struct mpr_wire_pwrite_args args = {.file = file, .size = strlen(text)};
    struct mpr_wire_pwrite_ret ret;

    return LAB_CHANNEL_RUN(channel, 20000, pwrite, &args, &ret, .out = text,
                           .out_size = strlen(text));
}

static int64_t read_text(struct lab_channel *channel, uint64_t file, char *text, size_t size) {
    struct mpr_wire_pread_args args = {.file = file, .size = size};
    struct mpr_wire_pread_ret ret;

    memset(text, 0, size);
    return LAB_CHANNEL_RUN(channel, 20000, pread, &args, &ret, .in = text, .in_size = size);
}

static int64_t close_file(struct lab_channel *channel, uint64_t file) {
    struct mpr_wire_close_args args = {.file = file};
    struct mpr_wire_close_ret ret;

    return LAB_CHANNEL_RUN(channel, 20000, close, &args, &ret);
}

/* Files of a client that is gone are closed a moment later. */
static bool await_open_files(uint32_t count) {
    int64_t end = lab_ms() + 20000;

    while (facts().open_files != count && lab_ms() < end)
        usleep(2000);
    return facts().open_files == count;
}

static void use_channel(void) {
    struct lab_channel channel;
    int64_t file;
    char text[16];

    cr_assert_eq(lab_channel_open(&lab, &channel), 0);
    file = lab_channel_file(&channel, "note", O_RDWR | O_CREAT);
    cr_assert_gt(file, 0, "%lld", (long long)file);
    cr_expect_eq(write_text(&channel, (uint64_t)file, "seven"), 5);
    cr_expect_eq(read_text(&channel, (uint64_t)file, text, sizeof text), 5);
    cr_expect_str_eq(text, "seven");
    cr_expect_eq(facts().open_files, 1);
    cr_expect_eq(facts().bytes_written, 5);
    cr_expect_eq(facts().bytes_read, 5);
    cr_expect_eq(close_file(&channel, (uint64_t)file), 0);
    cr_expect_eq(facts().open_files, 0);
    lab_channel_close(&channel);
}

TestSuite(drive, .init = scratch_new, .fini = scratch_free, .timeout = 240);

Test(drive, a_channel_has_the_providers_files) {
    start(false, NULL);
    use_channel();
    stop();
}

Test(drive, files_of_a_client_that_is_gone_are_closed) {
    struct lab_channel channel;

    start(false, NULL);
    cr_assert_eq(lab_channel_open(&lab, &channel), 0);
    cr_expect_gt(lab_channel_file(&channel, "one", O_RDWR | O_CREAT), 0);
    cr_expect_gt(lab_channel_file(&channel, "two", O_RDWR | O_CREAT), 0);
    cr_expect_eq(facts().open_files, 2);
    lab_channel_close(&channel);
    cr_expect(await_open_files(0));
    use_channel();
    stop();
}

Test(drive, isolated_in_workers_it_is_the_same) {
    start(true, NULL);
    use_channel();
    stop();
}
