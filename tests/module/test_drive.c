/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_drive.c: the process of a drive, asked by its service, and channels to it.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_time.h"
#include "tests/module/drive_lab.h"
#include "tests/unit/scratch.h"

static struct drive_lab lab;

static void start(bool isolate, const char *options) {
    uint32_t code = drive_lab_start(&lab, scratch_path(""), isolate, options);

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

/* ---- what a channel can do */

static int64_t make_directory(struct lab_channel *channel, const char *path) {
    struct mpr_wire_mkdir_args args = {.path = path, .mode = 0755};
    struct mpr_wire_mkdir_ret ret;

    return LAB_CHANNEL_RUN(channel, 20000, mkdir, &args, &ret);
}

static int64_t rename_it(struct lab_channel *channel, const char *from, const char *to) {
    struct mpr_wire_rename_args args = {.from = from, .to = to};
    struct mpr_wire_rename_ret ret;

    return LAB_CHANNEL_RUN(channel, 20000, rename, &args, &ret);
}

static int64_t stat_it(struct lab_channel *channel, const char *path, struct mpr_stat *ret_facts) {
    struct mpr_wire_stat_args args = {.path = path};
    struct mpr_wire_stat_ret ret;
    int64_t rc = LAB_CHANNEL_RUN(channel, 20000, stat, &args, &ret);

    if (rc == 0)
        *ret_facts = ret.facts;
    return rc;
}

static int64_t link_it(struct lab_channel *channel, const char *target, const char *path) {
    struct mpr_wire_symlink_args args = {.target = target, .path = path};
    struct mpr_wire_symlink_ret ret;

    return LAB_CHANNEL_RUN(channel, 20000, symlink, &args, &ret);
}

static int count_entries(void *context, struct mpr_wire *records) {
    struct mpr_wire_dirent entry = {.name = NULL};

    MPR_WIRE_CODE(records, dirent, &entry);
    ++*(int *)context;
    return 0;
}

static int64_t list_it(struct lab_channel *channel, const char *path, int *ret_count) {
    struct mpr_wire_readdir_args args = {.path = path};
    struct mpr_wire_readdir_ret ret;

    *ret_count = 0;
    return LAB_CHANNEL_RUN(channel, 20000, readdir, &args, &ret, .entry = count_entries,
                           .context = ret_count);
}

Test(drive, a_channel_has_the_operations_of_a_tree) {
    struct lab_channel channel;
    struct mpr_stat facts_of = {.size = 0};
    int count;

    start(false, NULL);
    cr_assert_eq(lab_channel_open(&lab, &channel), 0);
    cr_expect_eq(make_directory(&channel, "dir"), 0);
    cr_expect_eq(make_directory(&channel, "dir"), -EEXIST);
    cr_expect_eq(link_it(&channel, "dir", "link"), 0);
    cr_expect_eq(rename_it(&channel, "dir", "other"), 0);
    cr_expect_eq(stat_it(&channel, "other", &facts_of), 0);
    cr_expect(S_ISDIR(facts_of.mode));
    cr_expect_eq(stat_it(&channel, "dir", &facts_of), -ENOENT);
    cr_expect_eq(list_it(&channel, "", &count), 0);
    cr_expect_eq(count, 2);
    cr_expect_eq(lab_channel_file(&channel, "none", O_RDONLY), -ENOENT);
    lab_channel_close(&channel);
    stop();
}

Test(drive, the_service_and_a_channel_are_told_what_the_provider_has) {
    const struct mpr_worker_session *session;
    uint64_t drives = 0;

    start(false, NULL);
    session = lab.session;
#define BIT(number, op, ARGS, RET) drives |= UINT64_C(1) << (number);
    MPR_WIRE_DRIVE_OPS(BIT)
    cr_expect_eq(session->slots & drives, drives);
#define HAS(number, op, ARGS, RET)                                                                 \
    cr_expect_eq(session->slots >> (number)&1, lab.lab.front->op != NULL, #op);
    MPR_WIRE_PLAIN_OPS(HAS)
    cr_expect_eq(session->max_io, lab.lab.front->max_io);
    stop();
}

/* ---- channels and the mount: one file system */

static bool mount_at(const char *directory) {
    struct mpr_wire_mount_args args = {.directory = directory, .device = "Z:"};
    struct mpr_wire_mount_ret ret;

    if (access("/dev/fuse", R_OK | W_OK) != 0)
        return false;
    cr_assert_eq(LAB_DRIVE_RUN(&lab, mount, &args, &ret), NO_ERROR, "%s",
                 lab.call.data.failure.text);
    return true;
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "we");

    cr_assert(file, "%s: %s", path, strerror(errno));
    cr_expect_geq(fputs(text, file), 0);
    cr_expect_eq(fclose(file), 0, "%s", strerror(errno));
}

static void expect_text(const char *path, const char *text) {
    char *found = scratch_read(path);

    cr_expect(found && strcmp(found, text) == 0, "%s: %s", path, found ? found : "(none)");
    free(found);
}

Test(drive, what_is_done_through_the_mount_channels_see_and_the_other_way_round) {
    struct lab_channel channel;
    struct mpr_stat facts_of = {.size = 0};
    char text[16], directory[4096];
    int64_t file;
    int held;

    start(false, NULL);
    scratch_mkdir("drives");
    snprintf(directory, sizeof directory, "%s", scratch_path("drives/Z:"));
    if (!mount_at(directory)) {
        stop();
        cr_skip_test("no /dev/fuse");
    }
    cr_assert_eq(lab_channel_open(&lab, &channel), 0);
    write_file(scratch_path("drives/Z:/a"), "first");
    file = lab_channel_file(&channel, "a", O_RDWR);
    cr_assert_gt(file, 0);
    cr_expect_eq(read_text(&channel, (uint64_t)file, text, sizeof text), 5);
    cr_expect_str_eq(text, "first");
    cr_expect_eq(write_text(&channel, (uint64_t)file, "second"), 6);
    expect_text("drives/Z:/a", "second");
    cr_expect_eq(close_file(&channel, (uint64_t)file), 0);
    /* What is written and not yet closed is seen, too. */
    held = open(scratch_path("drives/Z:/a"), O_WRONLY | O_CLOEXEC);
    cr_assert_geq(held, 0);
    cr_expect_eq(pwrite(held, "THIRD time", 10, 0), 10);
    cr_expect_eq(stat_it(&channel, "a", &facts_of), 0);
    cr_expect_eq(facts_of.size, 10);
    close(held);
    cr_expect_eq(rename_it(&channel, "a", "b"), 0);
    cr_expect_eq(access(scratch_path("drives/Z:/a"), F_OK), -1);
    expect_text("drives/Z:/b", "THIRD time");
    cr_expect_eq(facts().mounted, 1);
    lab_channel_close(&channel);
    cr_expect(await_open_files(0));
    stop();
    cr_expect_eq(access(directory, F_OK), -1, "the mount point is gone");
}

/* ---- what clients may do wrong */

static void expect_ended(struct lab_channel *channel) {
    struct mpr_worker_wait wait = {mpr_deadline_in_ms(20000), -1, -1};
    char byte;

    cr_expect_eq(mpr_worker_wait_for(&wait, channel->process->command), 0);
    cr_expect_leq(recv(channel->process->command, &byte, 1, MSG_DONTWAIT), 0);
    lab_channel_close(channel);
}

Test(drive, a_channel_that_says_nonsense_ends_alone) {
    struct lab_channel good, bad;
    unsigned char message[300];
    struct mpr_stat facts_of;

    start(false, NULL);
    cr_assert_eq(lab_channel_open(&lab, &good), 0);
    for (int i = 0; i < 40; i++) {
        size_t size = 1 + (size_t)i * 7;

        cr_assert_eq(lab_channel_open(&lab, &bad), 0);
        cr_expect_gt(lab_channel_file(&bad, "left", O_RDWR | O_CREAT), 0);
        for (size_t at = 0; at < size; at++)
            message[at] = (unsigned char)(at * 31 + (size_t)i * 17);
        /* Some are like a command, up to a point. */
        if (i % 2)
            memcpy(message, &(uint32_t){MPR_WIRE_command}, sizeof(uint32_t));
        cr_expect_eq(send(bad.process->command, message, size, MSG_NOSIGNAL), (ssize_t)size);
        expect_ended(&bad);
    }
    cr_expect_eq(stat_it(&good, "left", &facts_of), 0);
    cr_expect(await_open_files(0));
    lab_channel_close(&good);
    stop();
}

/* Attaches what is no channel. */
static int64_t attach(int *fds, size_t count, uint64_t size) {
    struct mpr_wire_attach_args args = {.shared_size = size};
    struct mpr_wire_attach_ret ret;

    return LAB_DRIVE_RUN(&lab, attach, &args, &ret, .fds = fds, .fd_count = count);
}

Test(drive, memory_that_may_be_cut_off_is_refused) {
    int fds[MPR_WIRE_FDS], other[2];
    const size_t size = MPR_WIRE_SHARED_HEAD + 65536;

    start(false, NULL);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, other), 0);
    fds[2] = memfd_create("cut", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    cr_assert_eq(ftruncate(fds[2], (off_t)size), 0);
    cr_expect_eq(attach(fds, MPR_WIRE_FDS, size), -EINVAL, "it is not sealed");
    cr_assert_eq(fcntl(fds[2], F_ADD_SEALS, F_SEAL_SHRINK), 0);
    cr_expect_eq(attach(fds, MPR_WIRE_FDS, size + 1), -EINVAL, "it is shorter");
    cr_expect_eq(attach(fds, MPR_WIRE_FDS, 1), -EINVAL, "it is too short");
    cr_expect_eq(attach(fds, 2, size), -EINVAL, "there is none");
    cr_expect_eq(attach(fds, 0, size), -EINVAL, "there is nothing");
    cr_expect_eq(attach(fds, MPR_WIRE_FDS, size), 0);
    mpr_wire_close(fds, MPR_WIRE_FDS);
    mpr_wire_close(other, 2);
    use_channel();
    stop();
}

/* ---- cancel */

static uint32_t hold(void) {
    struct mpr_wire_hold_args args = {.end_ = 0};
    struct mpr_wire_hold_ret ret;

    return (uint32_t)LAB_DRIVE_RUN(&lab, hold, &args, &ret);
}

static void release(void) {
    struct mpr_wire_release_args args = {.end_ = 0};
    struct mpr_wire_release_ret ret;

    cr_expect_eq(LAB_DRIVE_RUN(&lab, release, &args, &ret), 0);
}

static void *open_thread(void *context) {
    return (void *)(intptr_t)lab_channel_file(context, "later", O_RDWR | O_CREAT);
}

Test(drive, a_held_drive_opens_nothing) {
    struct lab_channel channel;
    pthread_t thread;
    void *opened;
    int64_t file;

    start(false, NULL);
    cr_assert_eq(lab_channel_open(&lab, &channel), 0);
    file = lab_channel_file(&channel, "open", O_RDWR | O_CREAT);
    cr_expect_eq(hold(), ERROR_OPEN_FILES);
    cr_expect(strstr(lab.call.data.failure.text, "1 open file"), "%s", lab.call.data.failure.text);
    cr_expect_eq(close_file(&channel, (uint64_t)file), 0);
    cr_expect_eq(hold(), NO_ERROR);
    pthread_create(&thread, NULL, open_thread, &channel);
    usleep(100000);
    cr_expect_eq(facts().open_files, 0);
    release();
    pthread_join(thread, &opened);
    cr_expect_gt((intptr_t)opened, 0, "once it is released the open goes on");
    lab_channel_close(&channel);
    cr_expect(await_open_files(0));
    stop();
}

static void *stat_thread(void *context) {
    struct mpr_stat facts_of;

    return (void *)(intptr_t)stat_it(context, "x", &facts_of);
}

Test(drive, an_operation_under_way_is_in_the_way) {
    struct lab_channel channel;
    pthread_t thread;
    int64_t end;
    uint32_t code;

    start(false, "\"hang\": \"stat\"");
    cr_assert_eq(lab_channel_open(&lab, &channel), 0);
    cr_expect_eq(hold(), NO_ERROR);
    release();
    pthread_create(&thread, NULL, stat_thread, &channel);
    end = lab_ms() + 20000;
    while ((code = hold()) == NO_ERROR && lab_ms() < end)
        release();
    cr_expect_eq(code, ERROR_DEVICE_IN_USE);
    cr_expect(strstr(lab.call.data.failure.text, "in use"), "%s", lab.call.data.failure.text);
    cr_expect_eq(drive_lab_disconnect(&lab, true), NO_ERROR);
    pthread_join(thread, NULL);
    lab_channel_close(&channel);
    stop();
}

Test(drive, a_provider_that_refuses_to_end_keeps_everything) {
    char directory[4096];
    bool mounted;

    start(false, "\"fail\": \"disconnect=5\"");
    scratch_mkdir("drives");
    snprintf(directory, sizeof directory, "%s", scratch_path("drives/Z:"));
    mounted = mount_at(directory);
    cr_expect_neq(lab.lab.table->disconnect(lab.session, lab_call(&lab.call, 20000), 0), NO_ERROR);
    cr_expect(strstr(lab.call.data.failure.text, "disconnect"), "%s", lab.call.data.failure.text);
    use_channel();
    if (mounted)
        write_file(scratch_path("drives/Z:/again"), "it is mounted");
    cr_expect_eq(drive_lab_disconnect(&lab, true), NO_ERROR);
    stop();
}

Test(drive, a_forced_end_waits_for_nobody) {
    struct lab_channel channel;
    pthread_t thread;
    void *answer;
    int64_t begun;
    int pid;

    start(false, "\"hang\": \"stat\"");
    pid = lab_worker_pid(lab.session);
    cr_assert_eq(lab_channel_open(&lab, &channel), 0);
    pthread_create(&thread, NULL, stat_thread, &channel);
    usleep(50000);
    begun = lab_ms();
    cr_expect_eq(drive_lab_disconnect(&lab, true), NO_ERROR);
    cr_expect_lt(lab_ms() - begun, 2500);
    cr_expect(lab_gone(pid, 20000));
    pthread_join(thread, &answer);
    cr_expect((intptr_t)answer == -ENOTCONN || (intptr_t)answer == -EPIPE, "%d",
              (int)(intptr_t)answer);
    lab_channel_close(&channel);
    stop();
}

Test(drive, an_end_leaves_no_process) {
    int pid;

    start(true, NULL);
    pid = lab_worker_pid(lab.session);
    use_channel();
    cr_expect_eq(drive_lab_disconnect(&lab, false), NO_ERROR);
    cr_expect(lab_gone(pid, 20000));
    stop();
}

/* ---- deaths */

Test(drive, one_that_was_killed_is_replaced) {
    struct mpr_wire_facts_args args = {.end_ = 0};
    struct mpr_wire_facts_ret ret;
    struct lab_channel channel;
    int64_t rc;
    int pid;

    start(false, NULL);
    cr_assert_eq(lab_channel_open(&lab, &channel), 0);
    pid = lab_kill_worker(lab.session);
    cr_expect(lab_gone(pid, 20000));
    expect_ended(&channel);
    do {
        rc = LAB_DRIVE_RUN(&lab, facts, &args, &ret);
    } while (rc == -EIO);
    cr_expect_eq(rc, 0);
    use_channel();
    stop();
}

Test(drive, it_ends_with_its_service) {
    char directory[4096];
    int pid, zygote;
    bool mounted;

    start(true, NULL);
    pid = lab_worker_pid(lab.session);
    zygote = lab_zygote_pid(&lab.lab);
    scratch_mkdir("drives");
    snprintf(directory, sizeof directory, "%s", scratch_path("drives/Z:"));
    mounted = mount_at(directory);
    mpr_worker_session_free(lab.session);
    lab.session = NULL;
    cr_expect(lab_gone(pid, 20000));
    if (mounted)
        cr_expect_eq(access(directory, F_OK), -1, "it is not mounted any more: %s",
                     strerror(errno));
    drive_lab_stop(&lab);
    cr_expect(lab_gone(zygote, 20000));
}

Test(drive, a_drop_in_that_is_gone_is_said) {
    cr_assert_eq(drive_lab_start(&lab, scratch_path(""), false, NULL), NO_ERROR);
    cr_assert_eq(unlink(lab.drop_in), 0);
    cr_expect_neq(drive_lab_connect(&lab, "\\\\memory\\demo", NULL), NO_ERROR);
    cr_expect(strstr(lab.call.data.failure.text, "10-memory.json"), "%s",
              lab.call.data.failure.text);
    lab.session = NULL;
    drive_lab_stop(&lab);
}

Test(drive, what_the_provider_refuses_is_said_in_its_words) {
    cr_assert_eq(drive_lab_start(&lab, scratch_path(""), false, NULL), NO_ERROR);
    cr_expect_eq(drive_lab_connect(&lab, "\\\\memory\\none", NULL), ERROR_BAD_NET_NAME);
    cr_expect(strstr(lab.call.data.failure.text, "none"), "%s", lab.call.data.failure.text);
    lab.session = NULL;
    cr_expect_eq(drive_lab_connect(&lab, "\\\\memory\\demo", NULL), NO_ERROR);
    stop();
}
