/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_mount.c: mount points, and mounts of ours that go away; in a mount namespace of the
 * test's own. The mounts have a server that answers nothing, or none any more.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_mount.h"
#include "tests/unit/scratch.h"

#define SOMEBODY 65534

static struct mpr_paths paths;
static struct mpr_config config;
static struct mpr_failure failure;

static void set_up(void) {
    static char runtime[PATH_MAX];

    scratch_new();
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
        scratch_free();
        cr_skip_test("mounting is not allowed here");
    }
    snprintf(runtime, sizeof runtime, "%s", scratch_path("run"));
    paths.runtime = runtime;
    failure.set = false;
}

/* Nothing is left mounted below the directory of the test, whatever the test has done. */
static void tear_down(void) {
    char line[8192], path[PATH_MAX];
    FILE *mounts = fopen("/proc/self/mounts", "re");

    while (mounts && fgets(line, sizeof line, mounts))
        if (sscanf(line, "%*s %4095s", path) == 1
            && strncmp(path, scratch_path(""), strlen(scratch_path(""))) == 0)
            while (umount2(path, MNT_DETACH) == 0)
                ;
    if (mounts)
        fclose(mounts);
    scratch_free();
}

TestSuite(mount, .init = set_up, .fini = tear_down, .timeout = 60);

static bool said(const char *words) {
    return failure.set && strstr(failure.text, words);
}

/* A mount of ours; returns its server's descriptor, whose end is the server's death. */
static int mount_drive(const char *path) {
    char options[128];
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

    cr_assert_geq(fd, 0);
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%u,group_id=%u", fd, geteuid(),
             getegid());
    cr_assert_eq(mount("//server/share", path, MPR_MOUNT_TYPE, MS_NOSUID | MS_NODEV, options), 0,
                 "%s", strerror(errno));
    return fd;
}

static const char *find_root(void) {
    static char *root;

    free(root);
    root = NULL;
    if (mpr_mount_root(&paths, &config, &failure, &root) != NO_ERROR)
        return NULL;
    return root;
}

/* ---- where */

Test(mount, root_is_made_for_its_owner_alone) {
    struct stat facts;
    const char *root = find_root();

    cr_assert(root, "%s", failure.text);
    cr_expect_str_eq(root, scratch_path("run/drives"));
    cr_assert_eq(stat(root, &facts), 0);
    cr_expect_eq(facts.st_mode & 07777u, 0700);
    cr_expect(find_root(), "what is there serves again");
}

Test(mount, root_is_where_the_configuration_says_and_has_no_links) {
    char *wanted = strdup(scratch_path("link/mine"));

    scratch_mkdir("real");
    cr_assert_eq(symlink("real", scratch_path("link")), 0);
    config.drives_directory = wanted;
    cr_expect_str_eq(find_root(), scratch_path("real/mine"));
    config.drives_directory = NULL;
    free(wanted);
}

Test(mount, root_that_others_could_change_is_refused) {
    scratch_mkdir("run/drives");
    cr_assert_eq(chmod(scratch_path("run/drives"), 0770), 0);
    cr_expect_null(find_root());
    cr_expect(said("0770") && said("chmod"), "%s", failure.text);
    cr_assert_eq(chmod(scratch_path("run/drives"), 0700), 0);
    cr_assert_eq(chown(scratch_path("run/drives"), SOMEBODY, SOMEBODY), 0);
    cr_expect_null(find_root());
    cr_expect(said("another user (65534)"), "%s", failure.text);
    cr_assert_eq(rmdir(scratch_path("run/drives")), 0);
    scratch_mkdir("elsewhere");
    cr_assert_eq(symlink("../elsewhere", scratch_path("run/drives")), 0);
    cr_expect_null(find_root());
    cr_expect(said("symbolic link"), "%s", failure.text);
    cr_assert_eq(unlink(scratch_path("run/drives")), 0);
    scratch_write("run/drives", "a file");
    cr_expect_null(find_root());
    cr_expect(said("drives"), "%s", failure.text);
}

/* ---- what is mounted */

Test(mount, mounts_are_found_whatever_their_names_are) {
    static const char *const names[] = {"plain",     "a b",         "tab\there",
                                        "new\nline", "back\\slash", "\xc3\xa4"};
    struct mpr_mount found;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_MAX];

        snprintf(path, sizeof path, "%s/%s", scratch_path(""), names[i]);
        cr_assert_eq(mkdir(path, 0700), 0);
        cr_expect_not(mpr_mount_find(path, &found), "%s", path);
        mount_drive(path);
        cr_expect(mpr_mount_find(path, &found) && found.ours && found.id > 0, "%s", path);
        cr_expect_eq(mpr_mount_clear(path), 0);
        cr_expect_not(mpr_mount_find(path, &found), "%s", path);
        cr_expect_eq(access(path, F_OK), -1, "its directory goes with it");
    }
}

Test(mount, a_name_without_colon_leads_to_it) {
    char path[PATH_MAX], link[PATH_MAX], target[8] = "";

    scratch_mkdir("Z:");
    snprintf(path, sizeof path, "%s", scratch_path("Z:"));
    snprintf(link, sizeof link, "%s", scratch_path("Z"));
    mpr_mount_link(path);
    mpr_mount_link(path);
    cr_expect_eq(readlink(link, target, sizeof target), 2);
    cr_expect_str_eq(target, "Z:");
    cr_expect_eq(mpr_mount_clear(path), 0);
    cr_expect(access(path, F_OK) < 0 && readlink(link, target, sizeof target) < 0,
              "it goes with the directory");
    cr_assert_eq(symlink("elsewhere", link), 0);
    mpr_mount_link(path);
    mpr_mount_unlink(path);
    cr_expect_eq(readlink(link, target, sizeof target), 8, "another's stays");
    snprintf(path, sizeof path, "%s", scratch_path("remote"));
    mpr_mount_link(path);
    mpr_mount_unlink(path);
    cr_expect(access(scratch_path("remot"), F_OK) < 0, "a colon only is left out");
}

Test(mount, of_several_the_topmost_counts) {
    const char *path = scratch_path("stack");
    struct mpr_mount found;

    scratch_mkdir("stack");
    mount_drive(path);
    cr_assert_eq(mount("tmpfs", path, "tmpfs", 0, NULL), 0);
    cr_expect(mpr_mount_find(path, &found) && !found.ours);
    cr_expect_eq(mpr_mount_clear(path), 0);
    cr_expect(mpr_mount_find(path, &found) && !found.ours, "another's mount is not touched");
}

Test(mount, one_in_use_goes_only_lazily) {
    const char *path = scratch_path("used");
    struct mpr_mount found;
    int held;

    scratch_mkdir("used");
    mount_drive(path);
    for (int i = 0; i < 3; i++)
        cr_expect_not(mpr_mount_is_busy(path));
    cr_expect(mpr_mount_find(path, &found), "asking takes nothing away");
    held = open(path, O_PATH | O_CLOEXEC);
    cr_assert_geq(held, 0);
    cr_expect(mpr_mount_is_busy(path));
    cr_expect_eq(mpr_mount_remove(path, false), -EBUSY);
    cr_expect(mpr_mount_find(path, &found));
    cr_expect_eq(mpr_mount_remove(path, true), 0);
    cr_expect_not(mpr_mount_find(path, &found));
    cr_expect_eq(mpr_mount_remove(path, true), -EINVAL, "there is none any more");
    close(held);
}

/* ---- before mounting */

Test(mount, point_is_made_or_taken_if_it_is_empty_and_ours) {
    char path[PATH_MAX];
    struct stat facts;

    snprintf(path, sizeof path, "%s/Z:", find_root());
    cr_expect_eq(mpr_mount_prepare(path, &failure), NO_ERROR, "%s", failure.text);
    cr_assert_eq(stat(path, &facts), 0);
    cr_expect_eq(facts.st_mode & 07777u, MPR_MOUNT_BARE);
    cr_expect_eq(mpr_mount_prepare(path, &failure), NO_ERROR, "%s", failure.text);
    cr_assert_eq(chown(path, SOMEBODY, SOMEBODY), 0);
    cr_expect_eq(mpr_mount_prepare(path, &failure), ERROR_ACCESS_DENIED);
    cr_expect(said("another user"), "%s", failure.text);
    cr_assert_eq(rmdir(path), 0);
    scratch_write("run/drives/Z:/kept", "mine");
    cr_expect_eq(mpr_mount_prepare(path, &failure), ERROR_ACCESS_DENIED);
    cr_expect(said("not empty"), "%s", failure.text);
}

Test(mount, point_that_is_a_link_or_a_file_is_refused) {
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/Z:", find_root());
    scratch_mkdir("trap");
    cr_assert_eq(symlink(scratch_path("trap"), path), 0);
    cr_expect_eq(mpr_mount_prepare(path, &failure), ERROR_ACCESS_DENIED);
    cr_expect(said("symbolic link"), "%s", failure.text);
    cr_assert_eq(unlink(path), 0);
    scratch_write("run/drives/Z:", "a file");
    cr_expect_eq(mpr_mount_prepare(path, &failure), ERROR_ACCESS_DENIED);
}

Test(mount, what_the_dead_left_on_a_point_is_taken_away_anothers_is_not) {
    struct mpr_mount found;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/Z:", find_root());
    cr_assert_eq(mkdir(path, 0700), 0);
    close(mount_drive(path));
    close(mount_drive(path));
    cr_assert_eq(access(path, F_OK), -1);
    cr_assert_eq(errno, ENOTCONN);
    cr_expect_eq(mpr_mount_prepare(path, &failure), NO_ERROR, "%s", failure.text);
    cr_expect_not(mpr_mount_find(path, &found));
    cr_assert_eq(mount("tmpfs", path, "tmpfs", 0, NULL), 0);
    cr_expect_eq(mpr_mount_prepare(path, &failure), ERROR_DEVICE_IN_USE);
    cr_expect(said("Something else is mounted"), "%s", failure.text);
    cr_expect(mpr_mount_find(path, &found) && !found.ours);
}

Test(mount, all_of_ours_below_a_directory_go_and_nothing_else) {
    static const char *const ours[] = {"run/drives/A:", "run/drives/B:"};
    static const char *const others[] = {"run/drives/A:B", "run/other", "run/drives/deep/C:"};
    char *root = strdup(find_root());
    struct mpr_mount found;

    for (size_t i = 0; i < 2; i++) {
        scratch_mkdir(ours[i]);
        close(mount_drive(scratch_path(ours[i])));
    }
    for (size_t i = 0; i < 3; i++)
        scratch_mkdir(others[i]);
    cr_assert_eq(mount("tmpfs", scratch_path(others[0]), "tmpfs", 0, NULL), 0);
    mount_drive(scratch_path(others[1]));
    mount_drive(scratch_path(others[2]));
    cr_expect_eq(mpr_mount_clear_all(root), 2);
    for (size_t i = 0; i < 2; i++)
        cr_expect_eq(access(scratch_path(ours[i]), F_OK), -1, "%s", ours[i]);
    for (size_t i = 0; i < 3; i++)
        cr_expect(mpr_mount_find(scratch_path(others[i]), &found), "%s", others[i]);
    cr_expect_eq(mpr_mount_clear_all(root), 0);
    free(root);
}
