/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_store.c: what others have put on the way to a file of the user's is not
 * trusted, whoever comes there; the user's own links are followed.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_store.h"
#include "tests/unit/scratch.h"

#define SOMEBODY 54321

TestSuite(store, .timeout = 60, .init = scratch_new, .fini = scratch_free);

static void give(const char *name, uid_t owner) {
    cr_assert_eq(lchown(scratch_path(name), owner, owner), 0, "%s: %m", name);
}

/* As all who change a file do it. */
static DWORD write_file(void) {
    struct mpr_store store;
    DWORD rc = mpr_store_open(scratch_path("home/config"), "a.json", "list", true, &store);

    if (rc != NO_ERROR)
        return rc;
    rc = mpr_store_lock(&store);
    if (rc == NO_ERROR)
        rc = mpr_store_save(&store, "new\n", strlen("new\n"));
    mpr_store_close(&store);
    return rc;
}

static DWORD read_file(char **ret_text) {
    struct mpr_store store;
    size_t size;
    DWORD rc = mpr_store_open(scratch_path("home/config"), "a.json", "list", false, &store);

    if (rc != NO_ERROR)
        return rc;
    rc = mpr_store_load(&store, ret_text, &size);
    mpr_store_close(&store);
    return rc;
}

static void expect_text(const char *wanted) {
    char *text = NULL;

    cr_expect_eq(read_file(&text), NO_ERROR);
    cr_expect_str_eq(text ? text : "", wanted);
    free(text);
}

static int use(void *context) {
    char *text = NULL;
    bool same;

    (void)context;
    if (write_file() != NO_ERROR || read_file(&text) != NO_ERROR)
        return 1;
    same = text && strcmp(text, "new\n") == 0;
    free(text);
    return same ? 0 : 2;
}

static void expect_distrust(const char *words) {
    const char *text, *provider;
    DWORD code;
    char *ignored;

    cr_expect_eq(read_file(&ignored), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    cr_expect_eq(write_file(), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    mpr_error_get(&code, &text, &provider);
    cr_expect_eq(code, (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    cr_expect(strstr(text, words), "\"%s\" is not in \"%s\"", words, text);
}

/* Who made the link goes on using it; root, with the same HOME, does not go there. */
static void expect_his_own(const char *link, const char *target) {
    cr_assert_eq(symlink(target, scratch_path(link)), 0, "%s: %m", link);
    cr_expect_eq(use(NULL), 0, "root's own");
    cr_expect_eq(scratch_count("dotfiles"), 2, "the file and its lock");
    cr_assert_eq(unlink(scratch_path("dotfiles/a.json")), 0);
    cr_assert_eq(unlink(scratch_path("dotfiles/a.lock")), 0);
    give(link, SOMEBODY);
    expect_distrust("a symbolic link leads there: it belongs to user 54321, not to root");
    cr_expect_eq(scratch_count("dotfiles"), 0, "not even a lock is made");
    give("dotfiles", SOMEBODY);
    cr_expect_eq(scratch_fork(SOMEBODY, use, NULL), 0);
    cr_expect_eq(scratch_count("dotfiles"), 2);
    expect_distrust("belongs to user 54321");
}

Test(store, behind_a_link_of_somebody_else_is_not_touched) {
    if (geteuid() != 0)
        cr_skip_test("it takes root");
    scratch_mkdir("home/config");
    scratch_mkdir("dotfiles");
    expect_his_own("home/config/a.json", "../../dotfiles/a.json");
}

Test(store, below_a_link_of_somebody_else_is_not_touched) {
    char target[4096];

    if (geteuid() != 0)
        cr_skip_test("it takes root");
    scratch_mkdir("home");
    scratch_mkdir("dotfiles");
    snprintf(target, sizeof target, "%s", scratch_path("dotfiles"));
    expect_his_own("home/config", target);
}

Test(store, in_a_directory_of_somebody_else_is_not_trusted) {
    if (geteuid() != 0)
        cr_skip_test("it takes root");
    scratch_write("home/config/a.json", "his\n");
    give("home/config", SOMEBODY);
    expect_distrust("its directory: it belongs to user 54321, not to root");
    cr_expect_eq(scratch_count("home/config"), 1, "not even a lock is made");
    give("home/config", 0);
    expect_text("his\n");
}

Test(store, is_not_made_in_somebody_elses_home) {
    if (geteuid() != 0)
        cr_skip_test("it takes root");
    scratch_mkdir("home");
    give("home", SOMEBODY);
    expect_text("");
    cr_expect_eq(write_file(), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    cr_expect_eq(scratch_count("home"), 0);
    cr_expect_eq(scratch_fork(SOMEBODY, use, NULL), 0);
}

Test(store, in_a_directory_that_others_may_write_is_not_trusted) {
    scratch_write("home/config/a.json", "{}\n");
    cr_assert_eq(chmod(scratch_path("home/config"), 0777), 0);
    expect_distrust("its directory: others than its owner may write it (mode 777)");
    cr_assert_eq(chmod(scratch_path("home/config"), 01777), 0);
    expect_text("{}\n");
    cr_expect_eq(write_file(), NO_ERROR);
    expect_text("new\n");
}

Test(store, below_a_circle_of_links_cannot_be_opened) {
    char *ignored;

    scratch_mkdir("home");
    cr_assert_eq(symlink("config", scratch_path("home/config")), 0);
    cr_expect_eq(read_file(&ignored), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    cr_expect_eq(write_file(), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
}
