/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_profile_save.c: whatever happens while the profile is saved, there is the
 * old one or the new one afterwards, and nothing else for long.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_error.h"
#include "router/mpr_profile.h"
#include "tests/unit/fail_call.h"
#include "tests/unit/scratch.h"

#define PROFILE    "config/profile.json"
#define MOST_CALLS 200
#define NOBODY     65534

static struct mpr_paths *paths;

static void set_up(void) {
    scratch_new();
    cr_assert_eq(mpr_paths_new(scratch_path(""), &paths), NO_ERROR);
}

static void tear_down(void) {
    mpr_paths_free(paths);
    scratch_free();
}

TestSuite(profile_save, .timeout = 120, .init = set_up, .fini = tear_down);

static DWORD remember(const char *device, const char *remote) {
    char d[16], r[64], nothing[] = "", provider[] = "SMB Network";
    struct mpr_profile_entry before = {0};
    bool found;
    DWORD rc;
    struct mpr_profile_entry entry = {
        .device = d,
        .remote = r,
        .user = nothing,
        .provider = provider,
        .provider_type = WNNC_NET_SMB,
        .type = RESOURCETYPE_DISK,
    };

    snprintf(d, sizeof d, "%s", device);
    snprintf(r, sizeof r, "%s", remote);
    /* Where calls are counted, "new" always replaces "old"; elsewhere one may look. */
    if (strcmp(remote, "new") == 0)
        return mpr_profile_remember(paths, "old", &entry);
    if (mpr_profile_find(paths, device, &found, &before) != NO_ERROR)
        before = (struct mpr_profile_entry){0};
    rc = mpr_profile_remember(paths, before.remote, &entry);
    mpr_profile_entry_clear(&before);
    return rc;
}

/* The remote name of Z:, or "" if it is not remembered; anything else fails. */
static const char *get_z(void) {
    static char remote[64];
    struct mpr_profile_entry entry;
    bool found;
    DWORD rc = mpr_profile_find(paths, "Z:", &found, &entry);

    cr_assert_eq(rc, NO_ERROR, "the profile cannot be read: %u", rc);
    snprintf(remote, sizeof remote, "%s", found ? entry.remote : "");
    mpr_profile_entry_clear(&entry);
    return remote;
}

static void expect_words(const char *wanted) {
    const char *text, *provider;
    DWORD code;

    mpr_error_get(&code, &text, &provider);
    cr_expect(strstr(text, wanted), "\"%s\" is not in \"%s\"", wanted, text);
}

/* Calls that a change makes, each of which is to fail once. */
struct change {
    const char *name;
    DWORD (*run)(void);
    const char *old, *changed; /* of Z: */
};

static DWORD replace_z(void) {
    return remember("Z:", "new");
}

static DWORD forget_z(void) {
    bool there;

    return mpr_profile_forget(paths, "Z:", &there);
}

static DWORD check_z(void) {
    return mpr_profile_check(paths, true);
}

static const struct change changes[] = {
    {"remember", replace_z, "old", "new"},
    {"forget", forget_z, "old", ""},
    {"check", check_z, "old", "old"},
};

#define CHANGES (sizeof changes / sizeof changes[0])

struct death {
    const struct change *change;
    unsigned nth;
    enum fail_call_way way;
};

static int die_in(void *context) {
    const struct death *death = context;

    fail_call_arm(death->nth, NULL, death->way, 0);
    return death->change->run() == NO_ERROR && !fail_call_disarm() ? 0 : 1;
}

/* One death in the nth call; false: the change has not so many. */
static bool die_once(const struct change *change, unsigned nth, enum fail_call_way way) {
    struct death death = {.change = change, .nth = nth, .way = way};
    const char *z;
    int status;

    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    status = scratch_fork(geteuid(), die_in, &death);
    z = get_z();
    if (WIFEXITED(status)) {
        cr_expect_eq(WEXITSTATUS(status), 0);
        cr_expect_str_eq(z, change->changed);
    } else {
        cr_expect_eq(WTERMSIG(status), SIGKILL);
        cr_expect(strcmp(z, change->old) == 0 || strcmp(z, change->changed) == 0,
                  "%s, call %u: \"%s\" is neither old nor new", change->name, nth, z);
        cr_expect_leq(scratch_count("config"), 3, "%s, call %u: more than one is left",
                      change->name, nth);
    }
    cr_assert_eq(remember("Y:", "other"), NO_ERROR);
    cr_expect_eq(scratch_count("config"), 2, "%s, call %u: nothing is left", change->name, nth);
    cr_expect_str_eq(get_z(), z, "what was there stays");
    return !WIFEXITED(status);
}

Test(profile_save, killed_at_any_call_leaves_old_or_new) {
    static const enum fail_call_way ways[] = {FAIL_CALL_DIE, FAIL_CALL_DIE_TORN};

    for (size_t i = 0; i < CHANGES; i++) {
        for (size_t j = 0; j < 2; j++) {
            unsigned nth = 1;

            while (nth < MOST_CALLS && die_once(&changes[i], nth, ways[j]))
                nth++;
            cr_expect(nth > 10 && nth < MOST_CALLS, "%s has %u calls", changes[i].name, nth);
        }
    }
}

/* The first save of all, where directories are made. */
Test(profile_save, killed_at_any_call_of_the_first_one_leaves_nothing_or_new) {
    unsigned nth = 0;
    int status;

    do {
        struct death death = {.change = &changes[0], .nth = ++nth, .way = FAIL_CALL_DIE_TORN};
        const char *z;

        status = scratch_fork(geteuid(), die_in, &death);
        z = get_z();
        cr_expect(strcmp(z, "") == 0 || strcmp(z, "new") == 0);
        cr_assert_eq(remember("Y:", "other"), NO_ERROR);
        cr_expect_eq(scratch_count("config"), 2);
        tear_down();
        set_up();
    } while (!WIFEXITED(status) && nth < MOST_CALLS);
    cr_expect(nth > 15 && nth < MOST_CALLS, "%u calls", nth);
}

/* One failure of the nth call; false: the change has not so many. */
static bool fail_once(const struct change *change, unsigned nth, enum fail_call_way way,
                      int error) {
    const char *failed, *z;
    char *before, *after;
    DWORD rc;

    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    before = scratch_read(PROFILE);
    fail_call_arm(nth, NULL, way, error);
    rc = change->run();
    failed = fail_call_disarm();
    after = scratch_read(PROFILE);
    z = get_z();
    if (rc == NO_ERROR) {
        cr_expect_str_eq(z, change->changed, "%s, call %u (%s)", change->name, nth, failed);
    } else if (strcmp(before, after) == 0) {
        DWORD wanted = error == ENOMEM ? ERROR_NOT_ENOUGH_MEMORY : ERROR_CANNOT_OPEN_PROFILE;

        cr_expect_eq(rc, wanted, "%s, call %u (%s): code %u", change->name, nth, failed, rc);
        if (error != ENOMEM)
            expect_words(strerror(error));
        cr_expect_str_eq(z, change->old);
    } else {
        /* After the renaming nothing can be undone, and the words say so. */
        cr_expect_eq(rc, (DWORD)ERROR_CANNOT_OPEN_PROFILE);
        expect_words("was replaced, but may be the old one again");
    }
    /* That a temporary file stays which cannot be removed is all that may be left. */
    cr_expect(scratch_count("config") == 2 || strcmp(failed, "unlinkat") == 0,
              "%s, call %u (%s): something is left", change->name, nth, failed);
    free(before);
    free(after);
    return failed != NULL;
}

Test(profile_save, that_fails_at_any_call_leaves_the_old_one_byte_for_byte) {
    static const int errors[] = {ENOSPC, EIO, EROFS, EDQUOT, EACCES, ENOMEM};

    for (size_t i = 0; i < CHANGES; i++) {
        for (size_t j = 0; j < sizeof errors / sizeof errors[0]; j++) {
            unsigned nth = 1;

            while (nth < MOST_CALLS && fail_once(&changes[i], nth, FAIL_CALL_ERROR, errors[j]))
                nth++;
            cr_expect(nth > 10 && nth < MOST_CALLS, "%s has %u calls", changes[i].name, nth);
        }
    }
}

Test(profile_save, that_is_done_and_said_to_have_failed_is_old_or_new) {
    for (size_t i = 0; i < CHANGES; i++)
        for (unsigned nth = 1; nth < MOST_CALLS; nth++)
            if (!fail_once(&changes[i], nth, FAIL_CALL_LIE, EIO))
                break;
}

Test(profile_save, survives_interruptions_and_short_writes) {
    static const enum fail_call_way ways[] = {FAIL_CALL_INTERRUPT, FAIL_CALL_SHORT};

    for (size_t i = 0; i < CHANGES; i++) {
        for (size_t j = 0; j < 2; j++) {
            for (unsigned nth = 1; nth < MOST_CALLS; nth++) {
                cr_assert_eq(remember("Z:", "old"), NO_ERROR);
                fail_call_arm(nth, NULL, ways[j], EINTR);
                cr_expect_eq(changes[i].run(), NO_ERROR);
                cr_expect_str_eq(get_z(), changes[i].changed);
                if (!fail_call_disarm())
                    break;
            }
        }
    }
}

Test(profile_save, takes_the_word_of_the_file_system_over_that_of_rename) {
    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    fail_call_arm(1, "renameat", FAIL_CALL_LIE, ESTALE);
    cr_expect_eq(remember("Z:", "new"), NO_ERROR);
    cr_expect_str_eq(fail_call_disarm(), "renameat");
    cr_expect_str_eq(get_z(), "new");
    cr_expect_eq(scratch_count("config"), 2);
}

Test(profile_save, says_when_it_may_not_outlive_a_power_failure) {
    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    fail_call_arm(2, "fsync", FAIL_CALL_ERROR, EIO);
    cr_expect_eq(remember("Z:", "new"), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    cr_expect_str_eq(fail_call_disarm(), "fsync");
    expect_words("was replaced, but may be the old one again after a power failure");
    fail_call_arm(2, "fsync", FAIL_CALL_ERROR, EINVAL);
    cr_expect_eq(remember("Z:", "newer"), NO_ERROR, "there is no such thing here");
    fail_call_disarm();
}

Test(profile_save, reads_again_what_was_replaced_meanwhile) {
    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    fail_call_arm(1, "read", FAIL_CALL_ERROR, ESTALE);
    cr_expect_str_eq(get_z(), "old");
    cr_expect_str_eq(fail_call_disarm(), "read");
}

Test(profile_save, believes_a_file_system_that_reports_at_close) {
    unsigned refused = 0;

    for (unsigned nth = 1; nth < MOST_CALLS; nth++) {
        cr_assert_eq(remember("Z:", "old"), NO_ERROR);
        fail_call_arm(nth, "close", FAIL_CALL_ERROR, EDQUOT);
        refused += remember("Z:", "new") == ERROR_CANNOT_OPEN_PROFILE;
        if (!fail_call_disarm())
            break;
    }
    cr_expect_eq(refused, 1, "the close of the temporary file counts, others do not");
}

Test(profile_save, does_not_even_open_what_is_no_file) {
    struct mpr_profile_list list;

    scratch_mkdir("config");
    cr_assert_eq(mkfifo(scratch_path(PROFILE), 0600), 0);
    fail_call_arm(2, "openat", FAIL_CALL_ERROR, EIO); /* the first is of its directory */
    cr_expect_eq(mpr_profile_read(paths, &list), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    cr_expect_null(fail_call_disarm());
    expect_words("it is no regular file");
}

Test(profile_save, sweeps_its_own_orphans_only) {
    char *text;

    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    scratch_write("config/.profile.json.mpr-1-ff", "{");
    scratch_write("config/.profile.json.mpr-2-ff", "");
    scratch_write("config/.profile.json.swp", "an editor's");
    scratch_write("config/.other.json.mpr-3-ff", "another's");
    scratch_mkdir("config/.profile.json.mpr-directory");
    cr_assert_eq(mpr_profile_check(paths, false), NO_ERROR);
    cr_expect_eq(scratch_count("config"), 5);
    text = scratch_read("config/.profile.json.swp");
    cr_expect_str_eq(text, "an editor's");
    free(text);
    cr_expect_str_eq(get_z(), "old");
}

static int update_often(void *context) {
    const char *name = context;
    char remote[64];

    for (int i = 0; i < 200; i++) {
        struct mpr_profile_entry entry;
        bool found;

        /* Each its own device: what the other wrote must survive. */
        snprintf(remote, sizeof remote, "%s%d", name, i);
        if (remember(name, remote) != NO_ERROR)
            return 1;
        if (mpr_profile_find(paths, name, &found, &entry) != NO_ERROR || !found
            || strcmp(entry.remote, remote) != 0)
            return 2;
        mpr_profile_entry_clear(&entry);
    }
    return 0;
}

static pid_t start(int (*function)(void *), void *context) {
    pid_t child = fork();

    cr_assert_geq(child, 0);
    if (child == 0)
        _exit(function(context));
    return child;
}

Test(profile_save, of_two_processes_loses_no_update) {
    char a[] = "A:", b[] = "B:";
    pid_t children[2];
    int status;

    children[0] = start(update_often, a);
    children[1] = start(update_often, b);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(waitpid(children[i], &status, 0), children[i]);
        cr_expect_eq(status, 0, "process %d: %x", i, (unsigned)status);
    }
    {
        char *text = scratch_read(PROFILE);

        cr_assert(text);
        cr_expect(strstr(text, "\"generation\":\t\"400\""), "%s", text);
        cr_expect(strstr(text, "\"A:199\"") && strstr(text, "\"B:199\""), "%s", text);
        free(text);
    }
    cr_expect_eq(scratch_count("config"), 2);
}

static double seconds(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

Test(profile_save, waits_for_the_lock_but_not_for_ever) {
    double begin;
    char *before, *after;
    int lock;

    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    before = scratch_read(PROFILE);
    lock = open(scratch_path("config/profile.lock"), O_RDWR | O_CLOEXEC);
    cr_assert_eq(flock(lock, LOCK_EX), 0);
    begin = seconds();
    cr_expect_str_eq(get_z(), "old", "reading does not wait");
    cr_expect_lt(seconds() - begin, 4.0);
    cr_expect_eq(remember("Z:", "new"), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    cr_expect(seconds() - begin > 4.9 && seconds() - begin < 20.0, "%f s", seconds() - begin);
    expect_words("another program has held profile.lock for over 5 seconds");
    after = scratch_read(PROFILE);
    cr_expect_str_eq(before, after);
    free(before);
    free(after);
    close(lock);
    cr_expect_eq(remember("Z:", "new"), NO_ERROR);
}

Test(profile_save, lets_go_of_the_lock_although_a_child_was_forked_meanwhile) {
    double begin = seconds();

    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    fail_call_arm(1, "renameat", FAIL_CALL_FORK, 0);
    cr_expect_eq(remember("Z:", "new"), NO_ERROR);
    cr_expect_eq(remember("Z:", "newer"), NO_ERROR, "the child still has the lock");
    cr_expect_str_eq(fail_call_disarm(), "renameat");
    cr_expect_lt(seconds() - begin, 4.0);
}

/* Holds the lock, removes its file after a while, and only then lets go. */
static int hold_and_remove(void *context) {
    int lock = open(scratch_path("config/profile.lock"), O_RDWR | O_CLOEXEC);
    struct timespec pause = {.tv_nsec = 300000000};

    (void)context;
    if (flock(lock, LOCK_EX) || unlink(scratch_path("config/ready")))
        return 1;
    nanosleep(&pause, NULL);
    if (unlink(scratch_path("config/profile.lock")))
        return 1;
    close(lock);
    return 0;
}

Test(profile_save, is_locked_anew_when_the_lock_file_was_removed) {
    struct timespec pause = {.tv_nsec = 1000000};
    int status;
    pid_t child;

    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    scratch_write("config/ready", "");
    child = start(hold_and_remove, NULL);
    for (int i = 0; i < 5000 && access(scratch_path("config/ready"), F_OK) == 0; i++)
        nanosleep(&pause, NULL);
    cr_expect_eq(remember("Z:", "new"), NO_ERROR);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
    cr_expect_eq(access(scratch_path("config/profile.lock"), F_OK), 0);
    cr_expect_str_eq(get_z(), "new");
}

/* The configuration on a tmpfs of 64 KiB, in a mount namespace of its own. */
static bool mount_small_disk(void) {
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
           && mkdir(scratch_path("config"), 0700) == 0
           && mount("tmpfs", scratch_path("config"), "tmpfs", 0, "size=64k") == 0;
}

static bool cannot_remember(const char *words) {
    const char *text, *provider;
    DWORD code;

    if (remember("Z:", "never") != ERROR_CANNOT_OPEN_PROFILE
        || mpr_profile_check(paths, false) != ERROR_CANNOT_OPEN_PROFILE)
        return false;
    mpr_error_get(&code, &text, &provider);
    return strstr(text, words) != NULL;
}

/* Fills the disk, tries, makes room, tries again, and again without the right to write. */
static int save_without_room(void *context) {
    char block[4096];
    int fd;

    (void)context;
    memset(block, 'x', sizeof block);
    if (!mount_small_disk())
        return 77;
    if (remember("Z:", "old") != NO_ERROR)
        return 1;
    fd = open(scratch_path("config/ballast"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(fd, block, sizeof block) > 0)
        ;
    if (errno != ENOSPC)
        return 2;
    if (!cannot_remember("cannot be saved: No space left on device. Nothing was changed."))
        return 3;
    if (strcmp(get_z(), "old") != 0 || scratch_count("config") != 3)
        return 4;
    if (ftruncate(fd, 0) || remember("Z:", "new") != NO_ERROR || strcmp(get_z(), "new") != 0)
        return 5;
    close(fd);
    if (mount("none", scratch_path("config"), NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL))
        return 6;
    if (!cannot_remember("Read-only file system"))
        return 7;
    return strcmp(get_z(), "new") == 0 ? 0 : 8;
}

Test(profile_save, without_room_or_on_a_read_only_disk_keeps_the_old_one) {
    int status = scratch_fork(geteuid(), save_without_room, NULL);

    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        cr_skip_test("it takes the right to mount");
    cr_expect_eq(status, 0, "%x", (unsigned)status);
}

static int change_as_nobody(void *context) {
    bool there = true;

    (void)context;
    if (remember("Y:", "y") != ERROR_CANNOT_OPEN_PROFILE)
        return 1;
    expect_words("Permission denied");
    expect_words("Give yourself the right to write the file and its directory.");
    if (mpr_profile_forget(paths, "Z:", &there) != ERROR_CANNOT_OPEN_PROFILE || !there)
        return 2;
    if (mpr_profile_check(paths, false) != ERROR_CANNOT_OPEN_PROFILE)
        return 3;
    if (mpr_profile_forget(paths, "X:", &there) != NO_ERROR || there)
        return 4; /* nothing to write */
    return strcmp(get_z(), "old") == 0 ? 0 : 5;
}

/* Whoever exceeds it is killed by SIGXFSZ. */
Test(profile_save, over_the_limit_of_files_keeps_the_old_one) {
    const struct rlimit limit = {100, 100};

    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_expect_eq(replace_z(), ERROR_CANNOT_OPEN_PROFILE);
    expect_words("ulimit -f");
    cr_expect_str_eq(get_z(), "old");
}

Test(profile_save, in_a_directory_that_the_user_may_not_write_fails_with_words) {
    char *before, *after;

    if (geteuid() != 0)
        cr_skip_test("it takes root");
    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    cr_assert_eq(chmod(scratch_path("config"), 0755), 0);
    cr_assert_eq(chmod(scratch_path(PROFILE), 0644), 0);
    before = scratch_read(PROFILE);
    cr_expect_eq(scratch_fork(NOBODY, change_as_nobody, NULL), 0);
    /* Also when the lock can be had, but no file be made. */
    cr_assert_eq(chmod(scratch_path("config/profile.lock"), 0666), 0);
    cr_expect_eq(scratch_fork(NOBODY, change_as_nobody, NULL), 0);
    after = scratch_read(PROFILE);
    cr_expect_str_eq(before, after);
    free(before);
    free(after);
}

static int read_as_nobody(void *context) {
    struct mpr_profile_list list;

    (void)context;
    if (mpr_profile_read(paths, &list) != ERROR_CANNOT_OPEN_PROFILE)
        return 1;
    return remember("Y:", "y") == ERROR_CANNOT_OPEN_PROFILE ? 0 : 2;
}

Test(profile_save, of_a_file_that_the_user_may_not_read_fails) {
    if (geteuid() != 0)
        cr_skip_test("it takes root");
    cr_assert_eq(remember("Z:", "old"), NO_ERROR);
    cr_assert_eq(chmod(scratch_path("config"), 0777), 0);
    cr_expect_eq(scratch_fork(NOBODY, read_as_nobody, NULL), 0);
    cr_assert_eq(chmod(scratch_path("config"), 0000), 0);
    cr_expect_eq(scratch_fork(NOBODY, read_as_nobody, NULL), 0);
    cr_assert_eq(chmod(scratch_path("config"), 0700), 0);
    cr_expect_str_eq(get_z(), "old");
}
