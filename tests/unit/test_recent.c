/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_recent.c: the list of recent connections: newest first, a bad one is kept
 * aside, and whatever happens nobody else is told of a failure.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_error.h"
#include "router/mpr_json.h"
#include "router/mpr_recent.h"
#include "tests/unit/fail_call.h"
#include "tests/unit/scratch.h"

#define RECENT     "state/recent.json"
#define MOST_CALLS 200

static struct mpr_paths *paths;

static void set_up(void) {
    scratch_new();
    cr_assert_eq(mpr_paths_new(scratch_path(""), &paths), NO_ERROR);
    mpr_error_set(4711, "what was said before", "somebody");
}

/* Nothing of all this was told to the thread. */
static void tear_down(void) {
    const char *text, *provider;
    DWORD code;

    mpr_error_get(&code, &text, &provider);
    cr_expect_eq(code, 4711);
    cr_expect_str_eq(text, "what was said before");
    mpr_paths_free(paths);
    scratch_free();
}

TestSuite(recent, .timeout = 60, .init = set_up, .fini = tear_down);

static DWORD note(const char *remote, const char *key) {
    char provider[] = "SMB Network", user[] = "anna", device[] = "Z:";
    const struct mpr_recent_entry entry = {
        .remote = (char *)(uintptr_t)remote,
        .provider = provider,
        .key = (char *)(uintptr_t)key,
        .user = user,
        .device = device,
        .type = RESOURCETYPE_DISK,
    };

    return mpr_recent_add(paths, &entry);
}

/* The remote names, each with a blank behind it. */
static const char *names(void) {
    static char text[4096];
    struct mpr_recent_list list;
    size_t length = 0;

    text[0] = '\0';
    cr_assert_eq(mpr_recent_read(paths, &list), NO_ERROR);
    for (size_t i = 0; i < list.count; i++)
        length +=
            (size_t)snprintf(text + length, sizeof text - length, "%s ", list.entries[i].remote);
    mpr_recent_list_clear(&list);
    return text;
}

Test(recent, none_is_an_empty_list) {
    cr_expect_str_eq(names(), "");
    cr_expect_eq(scratch_count(""), 0, "reading makes nothing");
}

Test(recent, an_entry_has_everything) {
    struct mpr_recent_list list;
    struct stat facts;

    cr_assert_eq(note("//Srv/Share", "srv/share"), NO_ERROR);
    cr_assert_eq(mpr_recent_read(paths, &list), NO_ERROR);
    cr_assert_eq(list.count, 1);
    cr_expect_str_eq(list.entries[0].remote, "//Srv/Share");
    cr_expect_str_eq(list.entries[0].provider, "SMB Network");
    cr_expect_str_eq(list.entries[0].key, "srv/share");
    cr_expect_str_eq(list.entries[0].user, "anna");
    cr_expect_str_eq(list.entries[0].device, "Z:");
    cr_expect_eq(list.entries[0].type, RESOURCETYPE_DISK);
    mpr_recent_list_clear(&list);
    cr_assert_eq(stat(scratch_path(RECENT), &facts), 0);
    cr_expect_eq(facts.st_mode & 0777, 0600);
    cr_assert_eq(stat(scratch_path("state"), &facts), 0);
    cr_expect_eq(facts.st_mode & 0777, 0700);
}

Test(recent, newest_first_and_each_resource_once) {
    note("//a", "a");
    note("//b", "b");
    note("//c", "c");
    cr_expect_str_eq(names(), "//c //b //a ");
    note("\\\\A", "a");
    cr_expect_str_eq(names(), "\\\\A //c //b ", "as it was written last");
    note("//B", "B");
    cr_expect_str_eq(names(), "//B \\\\A //c //b ", "keys have case");
}

Test(recent, no_more_than_there_is_room) {
    char name[16], wanted[4096] = "", *text;
    size_t length = 0;
    unsigned kept = 0;

    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "//%d", i);
        cr_assert_eq(note(name, name), NO_ERROR);
    }
    for (int i = 39; i >= 40 - MPR_RECENT_MOST; i--)
        length += (size_t)snprintf(wanted + length, sizeof wanted - length, "//%d ", i);
    cr_expect_str_eq(names(), wanted);
    text = scratch_read(RECENT);
    for (char *at = text; (at = strstr(at, "remote_path")); at++)
        kept++;
    free(text);
    cr_expect_eq(kept, MPR_RECENT_MOST);
}

/* --- damaged files --- */

static void expect_set_aside(const char *text) {
    char *bad;

    scratch_write(RECENT, text);
    cr_expect_str_eq(names(), "", "%.60s", text);
    bad = scratch_read(RECENT);
    cr_expect_str_eq(bad, text, "reading changes nothing");
    free(bad);
    cr_expect_eq(note("//a", "a"), NO_ERROR);
    cr_expect_str_eq(names(), "//a ");
    bad = scratch_read(RECENT ".bad");
    cr_assert_not_null(bad);
    cr_expect_str_eq(bad, text);
    free(bad);
}

Test(recent, a_damaged_file_is_kept_aside) {
    static const char *const texts[] = {
        "",
        "x",
        "[]",
        "{\"connections\": {}}",
        "{\"connections\": [1]}",
        "{\"connections\": [{}]}",
        "{\"connections\": [{\"remote_path\": \"\"}]}",
        "{\"connections\": [{\"remote_path\": 1}]}",
        "{\"connections\": [{\"remote_path\": \"//a\", \"user_name\": []}]}",
        "{\"connections\": [{\"remote_path\": \"//a\", \"connection_type\": -1}]}",
        "{\"connections\": [{\"remote_path\": \"//a\"}, {\"remote_path\": \"//b\"}",
        "{\"connections\": [{\"remote_path\": \"\xff\"}]}",
    };
    char *large = malloc(MPR_JSON_MAX_SIZE + 2);

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_set_aside(texts[i]);
    memset(large, ' ', MPR_JSON_MAX_SIZE + 1);
    large[MPR_JSON_MAX_SIZE + 1] = '\0';
    expect_set_aside(large);
    free(large);
}

Test(recent, what_is_missing_is_nothing) {
    scratch_write(RECENT, "{\"connections\": [{\"remote_path\": \"//a\", \"new\": {}}], \"x\": 1}");
    cr_expect_str_eq(names(), "//a ");
    note("//b", "b");
    cr_expect_str_eq(names(), "//b //a ");
}

Test(recent, more_than_there_is_room_for_are_not_read) {
    char text[4096] = "{\"connections\": [", *at = text + strlen(text);
    struct mpr_recent_list list;

    for (int i = 0; i < 40; i++)
        at += snprintf(at, (size_t)(text + sizeof text - at), "%s{\"remote_path\": \"//%d\"}",
                       i ? ", " : "", i);
    snprintf(at, (size_t)(text + sizeof text - at), "]}");
    scratch_write(RECENT, text);
    cr_assert_eq(mpr_recent_read(paths, &list), NO_ERROR);
    cr_expect_eq(list.count, MPR_RECENT_MOST);
    mpr_recent_list_clear(&list);
}

/* --- what cannot be read or written --- */

Test(recent, a_file_that_others_may_write_is_not_believed) {
    char *text;

    note("//a", "a");
    cr_assert_eq(chmod(scratch_path(RECENT), 0666), 0);
    cr_expect_str_eq(names(), "");
    cr_expect_eq(note("//b", "b"), ERROR_CANNOT_OPEN_PROFILE);
    cr_assert_eq(chmod(scratch_path(RECENT), 0600), 0);
    cr_expect_str_eq(names(), "//a ");
    text = scratch_read(RECENT ".bad");
    cr_expect_null(text);
    free(text);
}

/* What is broken is set aside, if it is the user's and nothing else. */
Test(recent, a_file_that_a_link_leads_to_is_not_set_aside) {
    char *text;

    scratch_write("elsewhere/notes.txt", "no list at all");
    scratch_mkdir("state");
    cr_assert_eq(symlink("../elsewhere/notes.txt", scratch_path(RECENT)), 0);
    cr_expect_eq(note("//a", "a"), ERROR_CANNOT_OPEN_PROFILE);
    text = scratch_read("elsewhere/notes.txt");
    cr_expect_str_eq(text, "no list at all");
    free(text);
}

static int note_as_another(void *context) {
    (void)context;
    return note("//a", "a") == ERROR_CANNOT_OPEN_PROFILE ? 0 : 1;
}

Test(recent, a_file_of_roots_is_not_set_aside_by_the_user) {
    char *text;

    if (geteuid() != 0)
        cr_skip_test("it takes root");
    scratch_write(RECENT, "no list at all");
    cr_assert_eq(chown(scratch_path("state"), 54321, 54321), 0);
    cr_expect_eq(scratch_fork(54321, note_as_another, NULL), 0);
    text = scratch_read(RECENT);
    cr_expect_str_eq(text, "no list at all");
    free(text);
}

Test(recent, what_is_no_unicode_is_not_kept) {
    note("//a", "a");
    cr_expect_eq(note("//\xff", "x"), ERROR_NO_UNICODE_TRANSLATION);
    cr_expect_str_eq(names(), "//a ");
}

/* A full directory, a broken disk: each call fails once, and the list is the old one or the new. */
Test(recent, whatever_fails) {
    unsigned failed = 0;
    bool more = true;

    for (unsigned nth = 1; more && nth < MOST_CALLS; nth++) {
        DWORD rc;

        scratch_write(RECENT, "{\"connections\": [{\"remote_path\": \"//old\"}]}");
        cr_assert_eq(chmod(scratch_path(RECENT), 0600), 0);
        fail_call_arm(nth, NULL, FAIL_CALL_ERROR, ENOSPC);
        rc = note("//new", "new");
        more = fail_call_disarm() != NULL;
        failed += rc != NO_ERROR;
        cr_expect(strcmp(names(), "//new //old ") == 0 || (rc && strcmp(names(), "//old ") == 0),
                  "call %u: %u, %s", nth, rc, names());
        unlink(scratch_path(RECENT));
    }
    cr_expect_gt(failed, 5);
    cr_expect_not(more);
}

static int die_noting(void *context) {
    const unsigned *nth = context;

    fail_call_arm(*nth, NULL, FAIL_CALL_DIE_TORN, 0);
    note("//new", "new");
    fail_call_disarm();
    return 0;
}

Test(recent, whenever_a_process_is_killed) {
    bool killed = true;

    for (unsigned nth = 1; killed && nth < MOST_CALLS; nth++) {
        int status;

        scratch_write(RECENT, "{\"connections\": [{\"remote_path\": \"//old\"}]}");
        cr_assert_eq(chmod(scratch_path(RECENT), 0600), 0);
        status = scratch_fork(geteuid(), die_noting, &nth);
        killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        cr_expect(strcmp(names(), "//new //old ") == 0 || strcmp(names(), "//old ") == 0,
                  "call %u: %s", nth, names());
    }
    cr_expect_not(killed);
    cr_expect_eq(scratch_count("state"), 2, "the file and its lock");
}

/* --- several at a time --- */

#define EACH 12

static void note_many(const char *prefix) {
    char name[32];

    for (int i = 0; i < EACH; i++) {
        snprintf(name, sizeof name, "//%s%d", prefix, i);
        if (note(name, name) != NO_ERROR)
            _exit(1);
    }
    _exit(0);
}

Test(recent, two_processes_lose_nothing) {
    static const char *const prefixes[] = {"a", "b"};
    struct mpr_recent_list list;
    int status;

    for (int i = 0; i < 2; i++) {
        pid_t pid = fork();

        cr_assert_geq(pid, 0);
        if (!pid)
            note_many(prefixes[i]);
    }
    for (int i = 0; i < 2; i++) {
        cr_assert_gt(wait(&status), 0);
        cr_expect_eq(status, 0);
    }
    cr_assert_eq(mpr_recent_read(paths, &list), NO_ERROR);
    cr_expect_eq(list.count, 2 * EACH);
    mpr_recent_list_clear(&list);
}
