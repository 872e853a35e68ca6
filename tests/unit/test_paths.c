/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_paths.c: the directories follow the environment, where it may speak.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_paths.h"
#include "tests/unit/scratch.h"

static void forget_environment(void) {
    static const char *const variables[] = {
        "MPR_ROOT",        "MPR_PROVIDER_PATH", "MPR_WORKER_PROGRAM",
        "XDG_CONFIG_HOME", "XDG_STATE_HOME",    "XDG_RUNTIME_DIR",
        "TMPDIR",
    };

    scratch_new();
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        unsetenv(variables[i]);
    setenv("HOME", "/home/somebody", 1);
}

TestSuite(paths, .timeout = 60, .init = forget_environment, .fini = scratch_free);

static struct mpr_paths *compute(const char *root) {
    struct mpr_paths *paths = NULL;

    cr_assert_eq(mpr_paths_new(root, &paths), NO_ERROR);
    return paths;
}

static void expect_list(char **list, const char *const *wanted) {
    for (; *wanted; wanted++, list++) {
        cr_assert(*list, "%s is missing", *wanted);
        cr_expect_str_eq(*list, *wanted);
    }
    cr_expect_null(*list, "%s is too many", *list);
}

Test(paths, by_default_are_below_the_home_and_where_it_was_installed) {
    static const char *const drop_ins[] = {"/home/somebody/.config/mpr/providers.d",
                                           MPR_SYSCONFDIR "/providers.d", MPR_PROVIDERCONFDIR,
                                           NULL};
    struct mpr_paths *paths = compute(NULL);

    cr_expect_str_eq(paths->user_config, "/home/somebody/.config/mpr");
    cr_expect_str_eq(paths->system_config, MPR_SYSCONFDIR);
    cr_expect_str_eq(paths->state, "/home/somebody/.local/state/mpr");
    cr_expect_str_eq(paths->modules, MPR_PROVIDERDIR);
    cr_expect_str_eq(paths->worker, MPR_LIBEXECDIR "/mpr-worker");
    expect_list(paths->drop_ins, drop_ins);
    mpr_paths_free(paths);
}

Test(paths, follow_the_xdg_variables) {
    struct mpr_paths *paths;

    setenv("XDG_CONFIG_HOME", "/c//", 1);
    setenv("XDG_STATE_HOME", "/s", 1);
    setenv("XDG_RUNTIME_DIR", scratch_path(""), 1);
    paths = compute(NULL);
    cr_expect_str_eq(paths->user_config, "/c/mpr");
    cr_expect_str_eq(paths->state, "/s/mpr");
    cr_expect_str_eq(paths->runtime, scratch_path("mpr"));
    cr_expect_str_eq(paths->drop_ins[0], "/c/mpr/providers.d");
    mpr_paths_free(paths);
}

Test(paths, ignore_variables_that_are_not_absolute) {
    struct mpr_paths *paths;

    setenv("XDG_CONFIG_HOME", "c", 1);
    setenv("XDG_STATE_HOME", "", 1);
    setenv("XDG_RUNTIME_DIR", "./r", 1);
    setenv("TMPDIR", "t", 1);
    setenv("MPR_WORKER_PROGRAM", "mpr-worker", 1);
    setenv("MPR_ROOT", "", 1);
    paths = compute(NULL);
    cr_expect_str_eq(paths->user_config, "/home/somebody/.config/mpr");
    cr_expect_str_eq(paths->state, "/home/somebody/.local/state/mpr");
    cr_expect_eq(*paths->runtime, '/');
    cr_expect_str_eq(paths->worker, MPR_LIBEXECDIR "/mpr-worker");
    mpr_paths_free(paths);
}

Test(paths, without_home_come_from_the_user_database) {
    struct passwd *user = getpwuid(geteuid());
    struct mpr_paths *paths;
    char wanted[PATH_MAX];

    cr_assert(user);
    snprintf(wanted, sizeof wanted, "%s/.config/mpr", user->pw_dir);
    unsetenv("HOME");
    paths = compute(NULL);
    cr_expect_str_eq(paths->user_config, wanted);
    mpr_paths_free(paths);
}

static int expect_no_home(void *context) {
    struct mpr_paths *paths = compute(NULL);
    int status = strcmp(paths->user_config, context) == 0 ? 0 : 1;

    mpr_paths_free(paths);
    return status;
}

Test(paths, of_a_user_without_a_home_lead_nowhere) {
    static char nowhere[] = "/nonexistent/.config/mpr";

    unsetenv("HOME");
    /* A number that no user has; only root can become it. */
    if (geteuid() == 0)
        cr_expect_eq(scratch_fork(54321, expect_no_home, nowhere), 0);
}

Test(paths, to_run_in_are_the_users_or_a_name_in_the_temporary_directory) {
    struct mpr_paths *paths;
    char own[32], wanted[64];
    struct stat facts;

    snprintf(own, sizeof own, "/run/user/%u", (unsigned)geteuid());
    setenv("TMPDIR", "/elsewhere", 1);
    if (stat(own, &facts) == 0 && facts.st_uid == geteuid())
        snprintf(wanted, sizeof wanted, "%s/mpr", own);
    else
        snprintf(wanted, sizeof wanted, "/elsewhere/mpr-%u", (unsigned)geteuid());
    paths = compute(NULL);
    cr_expect_str_eq(paths->runtime, wanted);
    mpr_paths_free(paths);
}

static int expect_temporary(void *context) {
    struct mpr_paths *paths = compute(NULL);
    int status = strcmp(paths->runtime, context) == 0 ? 0 : 1;

    mpr_paths_free(paths);
    return status;
}

Test(paths, to_run_in_of_a_user_without_a_session_is_in_the_temporary_directory) {
    static char wanted[] = "/tmp/mpr-54321";

    if (geteuid() == 0)
        cr_expect_eq(scratch_fork(54321, expect_temporary, wanted), 0);
}

/* As su leaves it: who took it would lock its owner out. */
Test(paths, to_run_in_are_not_another_users) {
    static char wanted[] = "/tmp/mpr-54321";

    setenv("XDG_RUNTIME_DIR", scratch_path(""), 1);
    if (geteuid() == 0)
        cr_expect_eq(scratch_fork(54321, expect_temporary, wanted), 0);
}

Test(paths, all_but_code_move_below_a_root) {
    static const char *const drop_ins[] = {"/x/a", "/x/b", "/root/dir/providers.d", NULL};

    setenv("MPR_PROVIDER_PATH", "/x/a:relative::/x/b:", 1);
    setenv("MPR_WORKER_PROGRAM", "/x/worker", 1);
    setenv("XDG_CONFIG_HOME", "/c", 1);
    setenv("MPR_ROOT", "/root/dir/", 1);
    for (int i = 0; i < 2; i++) {
        struct mpr_paths *paths = compute(i ? "/root/dir" : NULL);

        cr_expect_str_eq(paths->user_config, "/root/dir/config");
        cr_expect_str_eq(paths->system_config, "/root/dir/etc");
        cr_expect_str_eq(paths->state, "/root/dir/state");
        cr_expect_str_eq(paths->runtime, "/root/dir/run");
        cr_expect_str_eq(paths->modules, MPR_PROVIDERDIR);
        cr_expect_str_eq(paths->worker, "/x/worker");
        expect_list(paths->drop_ins, drop_ins);
        mpr_paths_free(paths);
        setenv("MPR_ROOT", "/another", 1);
    }
}

Test(paths, of_a_root_that_is_not_absolute_are_refused_with_words) {
    static const char *const roots[] = {"relative", "", "./x"};
    struct mpr_paths *paths = NULL;
    const char *text, *provider;
    DWORD code;

    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        cr_expect_eq(mpr_paths_new(roots[i], &paths), (DWORD)ERROR_INVALID_PARAMETER);
        mpr_error_get(&code, &text, &provider);
        cr_expect_eq(code, (DWORD)ERROR_INVALID_PARAMETER);
        cr_expect(strstr(text, "is not absolute"), "%s", text);
    }
    setenv("MPR_ROOT", "relative", 1);
    cr_expect_eq(mpr_paths_new(NULL, &paths), (DWORD)ERROR_INVALID_PARAMETER);
    cr_expect_null(paths);
}

Test(paths, are_joined_with_one_slash) {
    static const char *const cases[][3] = {
        {"/a", "b", "/a/b"}, {"/a//", "b", "/a/b"}, {"/", "b", "/b"}, {"", "b", "/b"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *path = mpr_paths_join(cases[i][0], cases[i][1]);

        cr_expect_str_eq(path, cases[i][2]);
        free(path);
    }
}

/* Runs the copy of print_paths, whose file gives it another group, to a file. */
static int run_copy(void *context) {
    int output = open(scratch_path("output"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    (void)context;
    setenv("MPR_ROOT", "/hostile", 1);
    setenv("MPR_PROVIDER_PATH", "/hostile", 1);
    setenv("MPR_WORKER_PROGRAM", "/hostile/worker", 1);
    setenv("HOME", "/hostile", 1);
    setenv("XDG_CONFIG_HOME", "/hostile", 1);
    setenv("XDG_STATE_HOME", "/hostile", 1);
    setenv("XDG_RUNTIME_DIR", "/hostile", 1);
    setenv("TMPDIR", "/hostile", 1);
    if (dup2(output, STDOUT_FILENO) < 0)
        return 1;
    execl(scratch_path("print_paths"), "print_paths", (char *)NULL);
    return 1;
}

static void copy_program(const char *from, const char *to) {
    FILE *in = fopen(from, "re"), *out = fopen(to, "we");
    char block[65536];
    size_t n;

    cr_assert(in && out, "%s: %m", from);
    while ((n = fread(block, 1, sizeof block, in)))
        cr_assert_eq(fwrite(block, 1, n, out), n);
    fclose(in);
    cr_assert_eq(fclose(out), 0);
}

Test(paths, of_a_set_group_id_program_are_not_those_of_its_user) {
    const char *build = getenv("abs_top_builddir");
    static const char nowhere[] = "/proc/nonexistent/.config/mpr\n";
    char program[PATH_MAX];
    struct statvfs facts;
    int drop_ins = 0;
    char *output;

    cr_assert_eq(statvfs(scratch_path(""), &facts), 0);
    if (!build || geteuid() != 0 || facts.f_flag & ST_NOSUID)
        cr_skip_test("it takes root and a file system with set-id programs");
    snprintf(program, sizeof program, "%s/tests/unit/print_paths", build);
    copy_program(program, scratch_path("print_paths"));
    cr_assert_eq(chown(scratch_path("print_paths"), 0, 65534), 0);
    cr_assert_eq(chmod(scratch_path("print_paths"), 02755), 0);
    cr_expect_eq(scratch_fork(geteuid(), run_copy, NULL), 0);
    output = scratch_read("output");
    cr_assert(output);
    cr_expect_eq(strncmp(output, nowhere, strlen(nowhere)), 0, "%s", output);
    for (const char *at = output; (at = strstr(at, "providers.d\n")); at++)
        drop_ins++;
    cr_expect_eq(drop_ins, 3, "%s", output);
    cr_expect_not(strstr(output, "hostile"), "%s", output);
    free(output);
}
