/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_drive_mount.c: drives are mounted where that is safe, and mounted again when their
 * process has died; who may not mount has the connection all the same.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/session.h>

#include "router/mpr_conntab.h"
#include "router/mpr_drive_watch.h"
#include "router/mpr_events.h"
#include "router/mpr_mount.h"
#include "router/mpr_time.h"
#include "tests/module/expect.h"
#include "tests/module/mount_lab.h"
#include "tests/module/worker_lab.h"
#include "tests/module/world.h"

#define A        "\\\\memory\\a"
#define SLACK_MS 10000
#define SOMEBODY 65534

static void begin(void) {
    mount_lab_make("\"shares\": \"a,b\"");
}

TestSuite(drive_mount, .timeout = 120, .init = begin, .fini = mount_lab_end);

static void expect_mounted(const char *device) {
    cr_assert(is_mounted(device), "%s", drive_facts(device).reason);
}

/* Connected, but not mounted, for a reason that has these words in it. */
static void expect_reason(const char *words) {
    struct mpr_drive_facts facts = drive_facts("Z:");

    cr_expect_str_eq(remote_of("Z:"), A);
    cr_expect(facts.alive && !facts.mounted);
    cr_expect(strstr(facts.reason, words), "\"%s\" lacks \"%s\"", facts.reason, words);
    cr_expect(strstr(facts.reason, "wnet run Z: --"), "%s", facts.reason);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
}

static bool wait_until(bool (*is_so)(void *context), void *context) {
    int64_t end_ms = world_ms() + SLACK_MS;

    while (!is_so(context))
        if (world_ms() > end_ms)
            return false;
        else
            world_sleep(5);
    return true;
}

/* ---- a process that dies */

static bool is_replaced(void *context) {
    pid_t now = drive_process("Z:");

    return now > 0 && now != *(pid_t *)context && drive_facts("Z:").mounted
           && access(mounted("Z:", ""), R_OK) == 0;
}

static void kill_drive(void) {
    pid_t before = drive_process("Z:");
    int64_t began_ms = world_ms();

    cr_assert_gt(before, 0);
    kill(before, SIGKILL);
    cr_assert(wait_until(is_replaced, &before));
    fprintf(stderr, "# mounted again after %d ms\n", (int)(world_ms() - began_ms));
}

static atomic_uint seen[8];

static void count_event(void *context, const struct mpr_event *event) {
    (void)context;
    if (event->kind < 8)
        seen[event->kind]++;
}

Test(drive_mount, process_that_dies_is_replaced_and_mounted_again) {
    pid_t reader;
    int fd;
    char byte;

    world_start();
    mpr_events_listen(count_event, NULL);
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_mounted("Z:");
    cr_expect_eq(seen[MPR_EVENT_MOUNTED], 1);
    cr_assert_eq(put_file(mounted("Z:", "file"), "text"), 0);
    fd = open(mounted("Z:", "file"), O_RDONLY | O_CLOEXEC);
    reader = hold_directory(mounted("Z:", ""));
    kill_drive();
    cr_expect_eq(pread(fd, &byte, 1, 0), -1);
    cr_expect_eq(errno, ENOTCONN);
    close(fd);
    cr_expect_eq(put_file(mounted("Z:", "again"), "text"), 0);
    cr_expect_eq(access(world_path("run/drives/Z/again"), F_OK), 0, "without a colon, too");
    /* The dead one's users are in nobody's way. */
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_neq(faccessat(AT_FDCWD, world_path("run/drives/Z"), F_OK, AT_SYMLINK_NOFOLLOW), 0);
    let_go(reader);
    mpr_events_listen(NULL, NULL);
    cr_expect_eq(seen[MPR_EVENT_LOST], 1);
    cr_expect_eq(seen[MPR_EVENT_BACK], 1);
    cr_expect_eq(seen[MPR_EVENT_MOUNTED], 2);
    cr_expect_eq(seen[MPR_EVENT_UNMOUNTED], 1);
}

static unsigned count_strays(void) {
    unsigned count = 0;
    glob_t found;

    if (glob(mounted("Z:.strays-*", "stray.*"), 0, NULL, &found) == 0)
        count = (unsigned)found.gl_pathc;
    globfree(&found);
    return count;
}

static bool is_told_unmounted(void *context) {
    (void)context;
    return drive_facts("Z:").mounted && seen[MPR_EVENT_MOUNTED] == 2;
}

/* Who works there can go on; what root has written there instead is put aside. */
Test(drive_mount, what_is_unmounted_by_hand_is_mounted_again) {
    pid_t before;
    int fd;

    world_start();
    mpr_events_listen(count_event, NULL);
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_mounted("Z:");
    before = drive_process("Z:");
    fd = open(mounted("Z:", "file"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    cr_assert_eq(mpr_mount_remove(mounted("Z:", ""), true), 0);
    cr_expect_eq(chmod(mounted("Z:", ""), 0700), 0);
    cr_expect_eq(put_file(mounted("Z:", "stray.1"), "text"), 0);
    mpr_drive_ask_all();
    cr_assert(wait_until(is_told_unmounted, NULL), "%s", drive_facts("Z:").reason);
    cr_expect_eq(seen[MPR_EVENT_UNMOUNTED], 1);
    cr_expect_eq(count_strays(), 1);
    cr_expect_eq(drive_process("Z:"), before);
    cr_expect_eq(write(fd, "text", 4), 4);
    cr_expect_eq(close(fd), 0);
    cr_expect_eq(access(mounted("Z:", "file"), F_OK), 0);
    cr_assert_eq(mpr_mount_remove(mounted("Z:", ""), false), 0);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect(access(mounted("Z:", ""), F_OK) < 0 && errno == ENOENT);
    mpr_events_listen(NULL, NULL);
}

Test(drive_mount, others_do_not_notice) {
    pid_t other;
    int fd;

    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    EXPECT_CODE(NO_ERROR, add("Y:", A, 0));
    other = drive_process("Y:");
    fd = open(mounted("Y:", "file"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    kill_drive();
    cr_expect_eq(write(fd, "text", 4), 4);
    cr_expect_eq(close(fd), 0);
    cr_expect_eq(drive_process("Y:"), other);
}

Test(drive_mount, again_and_again) {
    struct mpr_mount mount;

    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    for (int i = 0; i < 4; i++)
        kill_drive();
    cr_expect(drive_facts("Z:").alive);
    cr_assert(mpr_mount_find(mounted("Z:", ""), &mount));
    cr_expect_leq(mount.below, 1, "%d dead ones", mount.below);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_not(is_mounted("Z:"));
}

static bool is_clear(void *context) {
    (void)context;
    return !is_mounted("Z:");
}

/* A process that stands for a service, whose drive was replaced, and which is killed. */
Test(drive_mount, what_a_dead_drive_has_left_goes_with_the_service) {
    pid_t service = fork();
    int status;

    if (service == 0) {
        world_start();
        if (add("Z:", A, 0) != NO_ERROR || !is_mounted("Z:"))
            _exit(1);
        kill_drive();
        _exit(is_mounted("Z:") ? 0 : 1);
    }
    cr_assert_eq(waitpid(service, &status, 0), service);
    cr_assert_eq(status, 0);
    cr_expect(wait_until(is_clear, NULL));
}

/* It answers nobody, and is not asked for its facts by anybody. */
Test(drive_mount, a_process_that_hangs_is_replaced) {
    int64_t end_ms;
    pid_t before;

    mpr_drive_patience_ms = 500;
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_mounted("Z:");
    before = drive_process("Z:");
    kill(before, SIGSTOP);
    for (end_ms = world_ms() + SLACK_MS; drive_process("Z:") == before && world_ms() < end_ms;)
        world_sleep(5);
    cr_assert(wait_until(is_replaced, &before));
    cr_expect_eq(put_file(mounted("Z:", "file"), "text"), 0);
}

static bool is_gone(void *context) {
    (void)context;
    return drive_process("Z:") == 0;
}

/* Kills Z:'s process, which cannot be replaced. Returns which that was. */
static pid_t kill_for_good(void) {
    pid_t process = drive_process("Z:");

    cr_assert_eq(rename(world_path("providers.d/90-memory.json"), world_path("away.json")), 0);
    kill(lab_parent_of(process), SIGKILL); /* the zygote, which has read it */
    cr_assert(lab_gone(process, SLACK_MS));
    cr_assert(wait_until(is_gone, NULL));
    return process;
}

/* What cannot be replaced is tried again; until then nobody finds an empty directory. */
Test(drive_mount, what_cannot_be_replaced_is_said_and_tried_again) {
    struct mpr_drive_facts facts;
    pid_t before;

    world_start();
    mpr_events_listen(count_event, NULL);
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    before = kill_for_good();
    world_sleep(500); /* which are two tries, or more */
    facts = drive_facts("Z:");
    cr_expect(!facts.alive && *facts.reason, "%s", facts.reason);
    cr_expect(access(mounted("Z:", ""), F_OK) < 0 && errno == ENOTCONN);
    cr_assert_eq(rename(world_path("away.json"), world_path("providers.d/90-memory.json")), 0);
    cr_expect(wait_until(is_replaced, &before));
    expect_mounted("Z:");
    mpr_events_listen(NULL, NULL);
    cr_expect_eq(seen[MPR_EVENT_LOST], 2, "it has ended, and a new one fails; not each time");
    cr_expect_eq(seen[MPR_EVENT_BACK], 1);
}

/* Killed while it asked itself, it would wait for its own answer for ever. */
Test(drive_mount, a_drive_asks_its_own_mount_nothing) {
    world_memory("\"shares\": \"a\", \"attribute_timeout_ms\": 0");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_mounted("Z:");
    cr_expect_eq(drive_facts("Z:").operations, 1);
    cr_expect_eq(access(mounted("Z:", ""), R_OK), 0);
    cr_expect_gt(drive_facts("Z:").operations, 1);
}

Test(drive_mount, without_a_device_it_is_replaced_too) {
    struct mpr_conn **conns;
    struct mpr_drive_facts facts;
    size_t count;

    world_start();
    EXPECT_CODE(NO_ERROR, add(NULL, A, 0));
    cr_assert_eq(mpr_conntab_list(false, NULL, &conns, &count), NO_ERROR);
    cr_assert_eq(count, 1);
    cr_assert(mpr_drive_get_facts(conns[0], mpr_now_ns(), mpr_deadline_in_ms(SLACK_MS), &facts));
    cr_expect(facts.alive && !facts.mounted);
    cr_expect_str_eq(facts.directory, "");
    cr_expect_str_eq(facts.reason, "");
    mpr_drive_facts_clear(&facts);
    mpr_conntab_list_free(conns, count);
}

/* ---- what it is doing, and for whom */

Test(drive_mount, facts_and_holders) {
    struct mpr_holder_list list = {.count = 0};
    struct mpr_drive_facts facts;
    struct mpr_conn *conn;
    pid_t holder;

    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    cr_assert_eq(put_file(mounted("Z:", "file"), "text"), 0);
    holder = hold_file(mounted("Z:", "file"));
    facts = drive_facts("Z:");
    cr_expect(facts.alive && facts.mounted && !facts.lost);
    cr_expect_eq(facts.open_files, 1);
    cr_expect_gt(facts.operations, 0);
    cr_expect_eq(facts.bytes_written, 4);
    cr_expect_str_eq(facts.directory, mounted("Z:", ""));
    conn = mpr_conntab_find_device('Z' - 'A');
    cr_assert_eq(mpr_drive_list_holders(conn, &list), NO_ERROR);
    cr_assert_eq(list.count, 1);
    cr_expect_eq(list.items[0].pid, (uint32_t)holder);
    cr_expect_eq(list.items[0].kind, MPR_HOLDER_FILE);
    cr_expect_str_eq(list.items[0].command, "sleep");
    cr_expect_str_eq(list.items[0].path, "Z:/file");
    mpr_holder_list_clear(&list);
    mpr_conntab_unref(conn);
    cr_expect_eq(mpr_drive_list_holders(&list, &list), ERROR_NOT_CONNECTED);
    let_go(holder);
}

/* Asking a drive that is stopped has a bound. */
Test(drive_mount, facts_of_a_stopped_drive_are_those_from_before) {
    struct mpr_drive_facts facts;
    struct mpr_conn *conn;
    int64_t began_ms;

    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    cr_assert_eq(put_file(mounted("Z:", "file"), "text"), 0);
    cr_expect_eq(drive_facts("Z:").bytes_written, 4);
    cr_expect_eq(drive_facts("Z:").age_ms, 0, "it has just said so");
    kill(drive_process("Z:"), SIGSTOP);
    conn = mpr_conntab_find_device('Z' - 'A');
    began_ms = world_ms();
    cr_assert(mpr_drive_get_facts(conn, mpr_now_ns(), mpr_deadline_in_ms(200), &facts));
    cr_expect_lt(world_ms() - began_ms, 3000);
    cr_expect_eq(facts.bytes_written, 4);
    cr_expect_geq(facts.age_ms, 200, "%u ms", facts.age_ms);
    mpr_drive_facts_clear(&facts);
    mpr_conntab_unref(conn);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
}

/* A mount that somebody else has made: as in a namespace where only he may. */
Test(drive_mount, elsewhere_too) {
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    char options[128];
    struct mpr_conn *conn;

    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    cr_assert_eq(put_file(mounted("Z:", "file"), "text"), 0);
    cr_assert_eq(mkdir(world_path("elsewhere"), 0700), 0);
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
    cr_assert_eq(mount("//memory/a", world_path("elsewhere"), MPR_MOUNT_TYPE, 0, options), 0);
    conn = mpr_conntab_find_device('Z' - 'A');
    cr_assert_eq(mpr_drive_serve(conn, fd), NO_ERROR, "%s", last_words());
    mpr_conntab_unref(conn);
    close(fd);
    cr_expect_str_eq(world_read("elsewhere/file"), "text");
    cr_expect_eq(put_file(world_path("elsewhere/other"), "more"), 0);
    cr_expect_eq(access(mounted("Z:", "other"), F_OK), 0, "it is one file system");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect(access(world_path("elsewhere/file"), F_OK) < 0 && errno == ENOTCONN);
    cr_assert_eq(umount2(world_path("elsewhere"), MNT_DETACH), 0);
}

/* Only the kernel is trusted with what comes from there. */
Test(drive_mount, nothing_else_than_fuse_is_served) {
    int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
    struct mpr_conn *conn;

    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    conn = mpr_conntab_find_device('Z' - 'A');
    cr_expect_neq(mpr_drive_serve(conn, fd), NO_ERROR);
    EXPECT_WORDS("not one of /dev/fuse");
    mpr_conntab_unref(conn);
    close(fd);
    cr_expect_eq(put_file(mounted("Z:", "file"), "text"), 0);
}

/* ---- where it is mounted */

static void prepare_point(void) {
    cr_assert_eq(mkdir(world_path("run"), 0700), 0);
    cr_assert_eq(mkdir(world_path("run/drives"), 0700), 0);
}

Test(drive_mount, not_on_a_symbolic_link) {
    prepare_point();
    cr_assert_eq(mkdir(world_path("trap"), 0700), 0);
    cr_assert_eq(symlink(world_path("trap"), world_path("run/drives/Z:")), 0);
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_reason("symbolic link");
    cr_expect_eq(access(world_path("trap"), F_OK), 0);
    cr_assert_eq(unlink(world_path("run/drives/Z:")), 0);
}

Test(drive_mount, not_on_somebody_elses_directory) {
    prepare_point();
    cr_assert_eq(mkdir(world_path("run/drives/Z:"), 0777), 0);
    cr_assert_eq(chown(world_path("run/drives/Z:"), SOMEBODY, SOMEBODY), 0);
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_reason("another user (65534)");
}

Test(drive_mount, not_over_what_is_there) {
    prepare_point();
    cr_assert_eq(mkdir(world_path("run/drives/Z:"), 0700), 0);
    cr_assert_eq(put_file(world_path("run/drives/Z:/mine"), "text"), 0);
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_reason("not empty");
    cr_expect_eq(access(world_path("run/drives/Z:/mine"), F_OK), 0);
}

Test(drive_mount, not_below_a_directory_that_others_may_change) {
    prepare_point();
    cr_assert_eq(chmod(world_path("run/drives"), 0777), 0);
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_reason("Others than its owner may write");
}

Test(drive_mount, below_the_directory_of_the_configuration) {
    char path[PATH_MAX], config[PATH_MAX + 64];
    struct mpr_mount found;

    snprintf(path, sizeof path, "%s", world_path("my drives"));
    snprintf(config, sizeof config, "{\"drives_directory\": \"%s\"}", path);
    world_config(config);
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    snprintf(path, sizeof path, "%s", world_path("my drives/Z:"));
    cr_expect(mpr_mount_find(path, &found) && found.ours);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_not(mpr_mount_find(path, &found));
}

Test(drive_mount, over_what_a_dead_service_has_left) {
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    char options[128];

    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
    prepare_point();
    cr_assert_eq(mkdir(world_path("run/drives/Z:"), 0700), 0);
    cr_assert_eq(mount("//dead/share", world_path("run/drives/Z:"), MPR_MOUNT_TYPE, 0, options), 0);
    close(fd);
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_mounted("Z:");
    cr_expect_eq(put_file(mounted("Z:", "file"), "text"), 0);
}

/* ---- who may not mount himself: through fusermount3 */

/* /dev/fuse for everybody, or for root alone, in this namespace only. */
static bool give_fuse_to(mode_t mode) {
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s", world_path("fuse"));
    return mknod(path, S_IFCHR | mode, makedev(10, 229)) == 0 && chmod(path, mode) == 0
           && mount(path, "/dev/fuse", NULL, MS_BIND, NULL) == 0;
}

static bool has_setuid_fusermount(void) {
    struct stat facts;

    return stat("/usr/bin/fusermount3", &facts) == 0 && (facts.st_mode & S_ISUID) != 0;
}

static bool can_run(const char *variable) {
    const char *path = secure_getenv(variable);

    return path && access(path, R_OK | X_OK) == 0;
}

/* The rest of the test is an ordinary user's, with the router started. */
static void become_user(void) {
    world_remove();
    cr_assert(setresgid(SOMEBODY, SOMEBODY, SOMEBODY) == 0
              && setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
    setenv("TMPDIR", "/tmp", 1);
    if (!can_run("MPR_DRIVE_PROGRAM"))
        cr_skip_test("the user cannot read the build tree");
    world_make();
    world_memory("\"shares\": \"a\"");
    world_start();
}

Test(drive_mount, not_without_the_device_of_fuse) {
    if (geteuid() || !give_fuse_to(0600))
        cr_skip_test("this needs root");
    become_user();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_reason("/dev/fuse");
}

Test(drive_mount, as_a_user_who_is_not_root) {
    pid_t process, holder;

    if (geteuid() || !has_setuid_fusermount() || !give_fuse_to(0666))
        cr_skip_test("this needs root, and fusermount3 with its set-user-id bit");
    become_user();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_mounted("Z:");
    cr_expect_eq(put_file(mounted("Z:", "file"), "text"), 0);
    holder = hold_file(mounted("Z:", "file"));
    EXPECT_CODE(ERROR_OPEN_FILES, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_WORDS("has open Z:/file");
    let_go(holder);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_not(is_mounted("Z:"));
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    kill_drive();
    cr_assert_eq(put_file(mounted("Z:", "file"), "text"), 0);
    hold_file(mounted("Z:", "file"));
    process = drive_process("Z:");
    kill(process, SIGSTOP);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
    cr_expect_not(is_mounted("Z:"));
    cr_expect(lab_gone(process, SLACK_MS));
}

/* As a service that follows one that was killed. */
Test(drive_mount, what_a_dead_service_has_left_is_cleared_by_a_user) {
    if (geteuid() || !has_setuid_fusermount() || !give_fuse_to(0666))
        cr_skip_test("this needs root, and fusermount3 with its set-user-id bit");
    become_user();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_mounted("Z:");
    hold_directory(mounted("Z:", ""));
    kill_for_good();
    cr_assert(access(mounted("Z:", ""), F_OK) < 0 && errno == ENOTCONN);
    cr_expect_eq(mpr_mount_clear_all(world_path("run/drives")), 1);
    cr_expect_not(is_mounted("Z:"));
    cr_expect(access(mounted("Z:", ""), F_OK) < 0 && errno == ENOENT);
}

/* Before fusermount3 mounts, somebody writes to the directory. In this namespace only. */
static bool write_before_mounts(void) {
    static const char script[] = "#!/bin/sh\n"
                                 "case $1 in -u*) ;; *)\n"
                                 "    for point; do :; done\n"
                                 "    echo \"$$\" >\"$point/stray.$$\" ;;\n"
                                 "esac\n"
                                 "exec /mnt/fusermount3 \"$@\"\n";
    FILE *file;

    if (mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755")
        || system("cp -p /usr/bin/fusermount3 /mnt/fusermount3") != 0)
        return false;
    file = fopen("/mnt/script", "we");
    return file && fputs(script, file) >= 0 && fclose(file) == 0 && chmod("/mnt/script", 0755) == 0
           && mount("/mnt/script", "/usr/bin/fusermount3", NULL, MS_BIND, NULL) == 0;
}

Test(drive_mount, a_directory_without_its_drive_takes_no_files) {
    if (geteuid() || !has_setuid_fusermount() || !give_fuse_to(0666))
        cr_skip_test("this needs root, and fusermount3 with its set-user-id bit");
    become_user();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_mounted("Z:");
    cr_assert_eq(mpr_mount_remove(mounted("Z:", ""), true), 0);
    cr_assert_not(is_mounted("Z:"));
    cr_expect(open(mounted("Z:", "lost"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600) < 0
              && errno == EACCES);
    kill_drive();
    cr_expect_eq(put_file(mounted("Z:", "kept"), "text"), 0, "mounted again it does");
}

Test(drive_mount, what_was_written_between_two_drives_is_put_aside) {
    if (geteuid() || !has_setuid_fusermount() || !give_fuse_to(0666) || !write_before_mounts())
        cr_skip_test("this needs root, and fusermount3 with its set-user-id bit");
    become_user();
    EXPECT_CODE(NO_ERROR, add("Z:", A, 0));
    expect_mounted("Z:");
    cr_expect_eq(count_strays(), 1);
    kill_drive();
    cr_expect_eq(count_strays(), 2);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect(access(mounted("Z:", ""), F_OK) < 0 && errno == ENOENT);
}
