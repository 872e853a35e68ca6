/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_profile.c: what is remembered, forgotten and understood; a failure leaves
 * the file byte for byte and says why.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_error.h"
#include "router/mpr_profile.h"
#include "tests/unit/scratch.h"

#define PROFILE "config/profile.json"

static struct mpr_paths *paths;

static void set_up(void) {
    scratch_new();
    cr_assert_eq(mpr_paths_new(scratch_path(""), &paths), NO_ERROR);
}

static void tear_down(void) {
    mpr_paths_free(paths);
    scratch_free();
}

TestSuite(profile, .timeout = 60, .init = set_up, .fini = tear_down);

static struct mpr_profile_entry make_entry(char *device, char *remote, char *user, char *provider) {
    return (struct mpr_profile_entry){
        .device = device,
        .remote = remote,
        .user = user,
        .provider = provider,
        .provider_type = WNNC_NET_SMB,
        .type = RESOURCETYPE_DISK,
        .connect_flags = CONNECT_UPDATE_PROFILE,
    };
}

/* As a caller does who has looked before. */
static DWORD remember_seen(const struct mpr_profile_entry *entry) {
    struct mpr_profile_entry before = {0};
    bool found;
    DWORD rc;

    if (mpr_profile_find(paths, entry->device, &found, &before) != NO_ERROR)
        before = (struct mpr_profile_entry){0};
    rc = mpr_profile_remember(paths, before.remote, entry);
    mpr_profile_entry_clear(&before);
    return rc;
}

static DWORD remember(const char *device, const char *remote, const char *user) {
    char d[16], r[512], u[64], provider[] = "SMB Network";
    struct mpr_profile_entry entry = make_entry(d, r, u, provider);

    snprintf(d, sizeof d, "%s", device);
    snprintf(r, sizeof r, "%s", remote);
    snprintf(u, sizeof u, "%s", user);
    return remember_seen(&entry);
}

static void expect_words(const char *wanted) {
    const char *text, *provider;
    DWORD code;

    mpr_error_get(&code, &text, &provider);
    cr_expect(strstr(text, wanted), "\"%s\" is not in \"%s\"", wanted, text);
    cr_expect_str_eq(provider, MPR_ERROR_SELF);
}

/* The entries as "Z:=remote(user) ", in order. */
static void expect_entries(const char *wanted) {
    struct mpr_profile_list list;
    char entries[1024] = "";
    size_t length = 0;

    cr_assert_eq(mpr_profile_read(paths, &list), NO_ERROR);
    for (size_t i = 0; i < list.count; i++)
        length +=
            (size_t)snprintf(entries + length, sizeof entries - length, "%s=%s(%s) ",
                             list.entries[i].device, list.entries[i].remote, list.entries[i].user);
    cr_expect_str_eq(entries, wanted, "%s", entries);
    mpr_profile_list_clear(&list);
}

/* Every operation on a profile that cannot be used gives this, and leaves it alone. */
static void expect_refused(DWORD wanted, const char *words) {
    struct mpr_profile_list list = {.count = 42};
    struct mpr_profile_entry entry = {.type = 42};
    bool found = true;
    char *before = scratch_read(PROFILE), *after;

    cr_expect_eq(mpr_profile_read(paths, &list), wanted);
    expect_words(words);
    cr_expect_eq(list.count, 42);
    cr_expect_eq(mpr_profile_find(paths, "Z:", &found, &entry), wanted);
    cr_expect(found && entry.type == 42, "results are untouched on failure");
    cr_expect_eq(mpr_profile_check(paths, false), wanted);
    expect_words(words);
    cr_expect_eq(mpr_profile_check(paths, true), wanted);
    cr_expect_eq(remember("Z:", "\\\\s\\p", ""), wanted);
    expect_words(words);
    cr_expect_eq(mpr_profile_forget(paths, "Z:", &found), wanted);
    expect_words(words);
    cr_expect(found);
    after = scratch_read(PROFILE);
    cr_expect((!before && !after) || (before && after && strcmp(before, after) == 0));
    free(before);
    free(after);
}

Test(profile, without_a_file_is_empty) {
    struct mpr_profile_entry entry;
    bool found = true;

    expect_entries("");
    cr_expect_eq(mpr_profile_find(paths, "Z:", &found, &entry), NO_ERROR);
    cr_expect_not(found);
    cr_expect_null(entry.device);
    found = true;
    cr_expect_eq(mpr_profile_forget(paths, "Z:", &found), NO_ERROR);
    cr_expect_not(found);
    cr_expect_eq(mpr_profile_check(paths, false), NO_ERROR);
    cr_expect_neq(access(scratch_path("config"), F_OK), 0, "nothing was made");
}

Test(profile, is_made_with_its_directories_for_the_user_alone) {
    struct stat facts;

    cr_assert_eq(remember("Z:", "\\\\srv\\pub", ""), NO_ERROR);
    cr_assert_eq(stat(scratch_path("config"), &facts), 0);
    cr_expect_eq(facts.st_mode & 0777, 0700);
    cr_assert_eq(stat(scratch_path(PROFILE), &facts), 0);
    cr_expect_eq(facts.st_mode & 0777, 0600);
    cr_assert_eq(stat(scratch_path("config/profile.lock"), &facts), 0);
    cr_expect_eq(facts.st_mode & 0777, 0600);
    cr_expect_eq(scratch_count("config"), 2, "the profile, its lock, nothing else");
}

Test(profile, keeps_what_was_remembered) {
    struct mpr_profile_entry entry;
    bool found = false;

    cr_assert_eq(remember("z:", "\\\\srv\\pub", "DOM\\bob"), NO_ERROR);
    cr_assert_eq(remember("LPT1:", "//srv/q\xC3\xA4", ""), NO_ERROR);
    cr_assert_eq(remember("A:", "srv:/export \"x\"", ""), NO_ERROR);
    expect_entries("A:=srv:/export \"x\"() LPT1=//srv/q\xC3\xA4() Z:=\\\\srv\\pub(DOM\\bob) ");
    cr_assert_eq(mpr_profile_find(paths, "Z:", &found, &entry), NO_ERROR);
    cr_assert(found);
    cr_expect_str_eq(entry.device, "Z:");
    cr_expect_str_eq(entry.remote, "\\\\srv\\pub");
    cr_expect_str_eq(entry.user, "DOM\\bob");
    cr_expect_str_eq(entry.provider, "SMB Network");
    cr_expect_eq(entry.provider_type, (DWORD)WNNC_NET_SMB);
    cr_expect_eq(entry.type, (DWORD)RESOURCETYPE_DISK);
    cr_expect_eq(entry.connect_flags, (DWORD)CONNECT_UPDATE_PROFILE);
    mpr_profile_entry_clear(&entry);
    cr_expect_eq(mpr_profile_find(paths, "lpt1:", &found, &entry), NO_ERROR);
    cr_expect(found);
    mpr_profile_entry_clear(&entry);
    cr_expect_eq(mpr_profile_find(paths, "\\\\srv\\pub", &found, &entry), NO_ERROR);
    cr_expect_not(found, "no device");
}

Test(profile, has_the_values_that_windows_keeps) {
    char *text;

    cr_assert_eq(remember("Z:", "\\\\srv\\pub", ""), NO_ERROR);
    cr_assert_eq(remember("Y:", "\\\\srv\\pub", "bob"), NO_ERROR);
    text = scratch_read(PROFILE);
    cr_assert(text);
    cr_expect_str_eq(text, "{\n"
                           "\t\"version\":\t1,\n"
                           "\t\"generation\":\t\"2\",\n"
                           "\t\"connections\":\t{\n"
                           "\t\t\"Z:\":\t{\n"
                           "\t\t\t\"remote_path\":\t\"\\\\\\\\srv\\\\pub\",\n"
                           "\t\t\t\"user_name\":\t\"\",\n"
                           "\t\t\t\"provider_name\":\t\"SMB Network\",\n"
                           "\t\t\t\"provider_type\":\t131072,\n"
                           "\t\t\t\"connection_type\":\t1,\n"
                           "\t\t\t\"connect_flags\":\t1,\n"
                           "\t\t\t\"defer_flags\":\t4,\n"
                           "\t\t\t\"provider_flags\":\t0,\n"
                           "\t\t\t\"use_options\":\t\"\"\n"
                           "\t\t},\n"
                           "\t\t\"Y:\":\t{\n"
                           "\t\t\t\"remote_path\":\t\"\\\\\\\\srv\\\\pub\",\n"
                           "\t\t\t\"user_name\":\t\"bob\",\n"
                           "\t\t\t\"provider_name\":\t\"SMB Network\",\n"
                           "\t\t\t\"provider_type\":\t131072,\n"
                           "\t\t\t\"connection_type\":\t1,\n"
                           "\t\t\t\"connect_flags\":\t1,\n"
                           "\t\t\t\"defer_flags\":\t1,\n"
                           "\t\t\t\"provider_flags\":\t0,\n"
                           "\t\t\t\"use_options\":\t\"\"\n"
                           "\t\t}\n"
                           "\t}\n"
                           "}\n");
    free(text);
}

Test(profile, forgets_one_entry_and_writes_only_then) {
    struct stat before, after;
    bool there = false;

    cr_assert_eq(remember("Y:", "\\\\srv\\y", ""), NO_ERROR);
    cr_assert_eq(remember("Z:", "\\\\srv\\z", ""), NO_ERROR);
    cr_assert_eq(stat(scratch_path(PROFILE), &before), 0);
    cr_expect_eq(mpr_profile_forget(paths, "X:", &there), NO_ERROR);
    cr_expect_not(there);
    cr_assert_eq(stat(scratch_path(PROFILE), &after), 0);
    cr_expect_eq(before.st_ino, after.st_ino, "it was not replaced");
    cr_expect_eq(mpr_profile_forget(paths, "y:", &there), NO_ERROR);
    cr_expect(there);
    expect_entries("Z:=\\\\srv\\z() ");
    cr_assert_eq(stat(scratch_path(PROFILE), &after), 0);
    cr_expect_neq(before.st_ino, after.st_ino, "it was replaced");
    cr_expect_eq(mpr_profile_forget(paths, "Z:", &there), NO_ERROR);
    expect_entries("");
}

Test(profile, only_remembers_what_can_be_connected) {
    const struct {
        char *device, *remote, *user, *provider;
    } cases[] = {
        {(char[]){"ZZ:"}, (char[]){"\\\\s\\p"}, (char[]){""}, (char[]){"x"}},
        {(char[]){""}, (char[]){"\\\\s\\p"}, (char[]){""}, (char[]){"x"}},
        {(char[]){"Z:"}, (char[]){""}, (char[]){""}, (char[]){"x"}},
        {(char[]){"Z:"}, (char[]){"\xFF"}, (char[]){""}, (char[]){"x"}},
        {(char[]){"Z:"}, (char[]){"\\\\s\\p"}, (char[]){"\xC0\x80"}, (char[]){"x"}},
        {(char[]){"Z:"}, (char[]){"\\\\s\\p"}, (char[]){""}, (char[]){"\xED\xA0\x80"}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mpr_profile_entry entry =
            make_entry(cases[i].device, cases[i].remote, cases[i].user, cases[i].provider);

        cr_expect_eq(mpr_profile_remember(paths, NULL, &entry), (DWORD)ERROR_INVALID_PARAMETER);
        expect_words("can only be remembered with a device and a remote name");
    }
    cr_expect_neq(access(scratch_path("config"), F_OK), 0, "nothing was made");
}

static const char newer[] =
    "{\"future\":{\"big\":12345678901234567890,\"list\":[1.50,null]},\"version\":2,"
    "\"generation\":\"18446744073709551615\",\"connections\":{\"cloud\":{\"x\":1},\"z:\":{"
    "\"remote_path\":\"\\\\\\\\srv\\\\pub\",\"user_name\":\"\",\"provider_name\":\"SMB Network\","
    "\"provider_type\":131072,\"connection_type\":1,\"defer_flags\":6,\"connect_flags\":5,"
    "\"provider_flags\":9,\"use_options\":\"AAEC\",\"vault\":\"file\"},\"Y:\":{"
    "\"remote_path\":\"srv:/x\",\"own\":1e2}}}";

static void expect_text(const char *part, bool wanted) {
    char *text = scratch_read(PROFILE);

    cr_assert(text);
    cr_expect_eq(strstr(text, part) != NULL, wanted, "%s in %s", part, text);
    free(text);
}

Test(profile, of_a_newer_version_is_read_and_keeps_what_is_not_known) {
    bool there;

    scratch_write(PROFILE, newer);
    expect_entries("Y:=srv:/x() Z:=\\\\srv\\pub() ");
    cr_assert_eq(remember("X:", "\\\\srv\\x", ""), NO_ERROR);
    cr_assert_eq(mpr_profile_forget(paths, "X:", &there), NO_ERROR);
    expect_text("\"big\":\t12345678901234567890", true);
    expect_text("[1.50, null]", true);
    expect_text("\"version\":\t2", true);
    expect_text("\"cloud\":\t{", true);
    expect_text("\"vault\":\t\"file\"", true);
    expect_text("\"own\":\t1e2", true);
    expect_text("\"use_options\":\t\"AAEC\"", true);
    expect_text("\"generation\":\t\"1\"", true);
}

/* Options of WNetAddConnection4: any bytes, as many as it takes. */
Test(profile, use_options_come_back_as_they_were) {
    static unsigned char options[MPR_USE_OPTIONS_MAX];
    static const size_t sizes[] = {0, 1, 2, 3, 4, 255, MPR_USE_OPTIONS_MAX};

    for (size_t i = 0; i < sizeof options; i++)
        options[i] = (unsigned char)(i * 7);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct mpr_profile_entry entry = {.device = (char *)(uintptr_t) "Z:",
                                          .remote = (char *)(uintptr_t) "\\\\srv\\pub",
                                          .user = (char *)(uintptr_t) "",
                                          .provider = (char *)(uintptr_t) "SMB Network",
                                          .type = 1,
                                          .use_options = options,
                                          .use_options_size = sizes[i]};
        struct mpr_profile_entry got;
        bool found;

        cr_assert_eq(mpr_profile_remember(paths, "\\\\srv\\pub", &entry), NO_ERROR);
        cr_assert_eq(mpr_profile_find(paths, "Z:", &found, &got), NO_ERROR);
        cr_assert(found);
        cr_assert_eq(got.use_options_size, sizes[i]);
        cr_expect(!sizes[i] || memcmp(got.use_options, options, sizes[i]) == 0);
        mpr_profile_entry_clear(&got);
    }
}

Test(profile, use_options_that_are_none_are_malformed) {
    static const char *const rows[] = {"7", "null", "[]", "\"=\"", "\"AAEC=\"", "\"AA EC\""};
    struct mpr_profile_list list;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];

        snprintf(text, sizeof text,
                 "{\"connections\":{\"Z:\":{\"remote_path\":\"x\",\"use_options\":%s}}}", rows[i]);
        scratch_write(PROFILE, text);
        cr_expect_eq(mpr_profile_read(paths, &list), ERROR_BAD_PROFILE, "%s", rows[i]);
        expect_text(text, true);
    }
}

Test(profile, keeps_the_unknown_keys_of_a_connection_that_is_remembered_again) {
    scratch_write(PROFILE, newer);
    cr_assert_eq(remember("Z:", "\\\\srv\\pub", ""), NO_ERROR);
    expect_text("\"vault\":\t\"file\"", true);
    expect_text("\"use_options\":\t\"\"", true); /* it was connected without */
    expect_text("\"defer_flags\":\t6", true);
    expect_text("\"connect_flags\":\t1", true);
    expect_text("\"z:\":\t{", true);
    expect_text("\"Z:\"", false);
}

Test(profile, drops_the_unknown_keys_of_another_connection_of_the_device) {
    scratch_write(PROFILE, newer);
    cr_assert_eq(remember("Z:", "\\\\srv\\other", ""), NO_ERROR);
    expect_text("\"vault\"", false);
    expect_text("\"defer_flags\":\t4", true);
    scratch_write(PROFILE, newer);
    cr_assert_eq(remember("Z:", "\\\\srv\\pub", "bob"), NO_ERROR);
    expect_text("\"vault\"", false);
    expect_text("\"defer_flags\":\t1", true);
    expect_text("\"own\":\t1e2", true);
}

Test(profile, written_by_hand_may_say_little) {
    struct mpr_profile_entry entry;
    bool found;

    scratch_write(PROFILE, "{}");
    expect_entries("");
    cr_expect_eq(mpr_profile_check(paths, false), NO_ERROR);
    scratch_write(PROFILE, "{\"connections\":{\"lpt2:\":{\"remote_path\":\"//s/q\"}}}");
    cr_assert_eq(mpr_profile_find(paths, "LPT2", &found, &entry), NO_ERROR);
    cr_assert(found);
    cr_expect_eq(entry.type, (DWORD)RESOURCETYPE_PRINT);
    cr_expect_str_eq(entry.user, "");
    cr_expect_str_eq(entry.provider, "");
    cr_expect_eq(entry.provider_type, 0);
    mpr_profile_entry_clear(&entry);
    cr_expect_eq(mpr_profile_forget(paths, "LPT2", &found), NO_ERROR);
    cr_expect(found);
    expect_text("lpt2", false);
}

Test(profile, that_is_malformed_is_refused_with_its_place_and_left_alone) {
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "line 1, column 1: there is nothing in it. Nothing was changed."},
        {"{\n  \"version\": 1,\n  \"connections\": {]\n}", "line 3, column 19"},
        {"{\"version\":1", "line 1, column 13: a ',' or '}' is missing. Nothing was changed."},
        {"{\"version\":0}", "\"version\" is no number from 1 on. Nothing was changed."},
        {"{\"version\":\"1\"}", "\"version\" is no number from 1 on"},
        {"{\"generation\":-1}", "\"generation\" is no number"},
        {"{\"generation\":\"x\"}", "\"generation\" is no number"},
        {"{\"connections\":[]}", "\"connections\" is no object"},
        {"{\"connections\":{\"Z:\":1}}", "\"Z:\" is no object"},
        {"{\"connections\":{\"Z:\":{}}}", "\"remote_path\" of \"Z:\" is missing or empty"},
        {"{\"connections\":{\"Z:\":{\"remote_path\":\"\"}}}", "is missing or empty"},
        {"{\"connections\":{\"Z:\":{\"remote_path\":7}}}",
         "\"remote_path\" of \"Z:\" is no string"},
        {"{\"connections\":{\"Z:\":{\"remote_path\":\"x\",\"user_name\":0}}}", "\"user_name\" of"},
        {"{\"connections\":{\"Z:\":{\"remote_path\":\"x\",\"provider_name\":[]}}}",
         "\"provider_name\" of \"Z:\" is no string"},
        {"{\"connections\":{\"Z:\":{\"remote_path\":\"x\",\"provider_type\":-1}}}",
         "\"provider_type\" of \"Z:\" is no whole number of 32 bits"},
        {"{\"connections\":{\"Z:\":{\"remote_path\":\"x\",\"connect_flags\":4294967296}}}",
         "\"connect_flags\" of \"Z:\""},
        {"{\"connections\":{\"Z:\":{\"remote_path\":\"x\",\"connection_type\":3}}}",
         "\"connection_type\" of \"Z:\" is neither 1 nor 2"},
        {"{\"connections\":{\"Z:\":{\"remote_path\":\"x\"},\"Z:\":{\"remote_path\":\"y\"}}}",
         "line 1, column 42: a key occurs twice"},
        {"{\"connections\":{\"Z:\":{\"remote_path\":\"x\"},\"z:\":{\"remote_path\":\"y\"}}}",
         "\"Z:\" is there twice"},
        {"{\"connections\":{\"Z:\":{\"remote_path\":\"\xFF\"}}}", "bytes that are no UTF-8"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scratch_write(PROFILE, cases[i].text);
        expect_refused(ERROR_BAD_PROFILE, cases[i].words);
        expect_refused(ERROR_BAD_PROFILE, "/config/profile.json is malformed");
    }
}

Test(profile, that_is_no_file_cannot_be_opened_and_nothing_waits) {
    scratch_mkdir(PROFILE);
    expect_refused(ERROR_CANNOT_OPEN_PROFILE, "cannot be opened: it is a directory");
    cr_assert_eq(rmdir(scratch_path(PROFILE)), 0);
    cr_assert_eq(mkfifo(scratch_path(PROFILE), 0600), 0);
    cr_expect_eq(mpr_profile_check(paths, false), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    expect_words("cannot be opened: it is no regular file");
    cr_expect_eq(remember("Z:", "x", ""), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    cr_assert_eq(unlink(scratch_path(PROFILE)), 0);
    cr_assert_eq(symlink("/dev/zero", scratch_path(PROFILE)), 0);
    cr_expect_eq(mpr_profile_check(paths, false), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    expect_words("cannot be opened: it is no regular file");
}

Test(profile, that_is_too_large_is_refused) {
    struct stat facts;

    scratch_write(PROFILE, "{}");
    cr_assert_eq(truncate(scratch_path(PROFILE), 0x100001), 0);
    cr_expect_eq(mpr_profile_check(paths, false), (DWORD)ERROR_BAD_PROFILE);
    expect_words("it has over 1048576 bytes");
    cr_expect_eq(remember("Z:", "x", ""), (DWORD)ERROR_BAD_PROFILE);
    cr_assert_eq(stat(scratch_path(PROFILE), &facts), 0);
    cr_expect_eq(facts.st_size, 0x100001);
}

Test(profile, never_grows_over_what_can_be_read_again) {
    size_t size = 0x100000 - 200;
    char *text = malloc(size + 1), *after;

    cr_assert(text);
    memset(text, ' ', size);
    text[size] = '\0';
    memcpy(text, "{\"x\":\"", 6);
    memset(text + 6, 'x', size - 8);
    memcpy(text + size - 2, "\"}", 2);
    scratch_write(PROFILE, text);
    cr_expect_eq(remember("Z:", "\\\\s\\p", ""), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    expect_words("it would have over 1048576 bytes");
    after = scratch_read(PROFILE);
    cr_expect_str_eq(after, text);
    free(after);
    free(text);
}

Test(profile, that_others_may_write_is_not_trusted) {
    static const mode_t modes[] = {0622, 0620, 0602, 0666};

    scratch_write(PROFILE, "{}");
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        cr_assert_eq(chmod(scratch_path(PROFILE), modes[i]), 0);
        expect_refused(ERROR_CANNOT_OPEN_PROFILE, "is not trusted: others than its owner may");
    }
}

Test(profile, that_belongs_to_somebody_else_is_not_trusted) {
    if (geteuid() != 0)
        cr_skip_test("it takes root");
    scratch_write(PROFILE, "{}");
    cr_assert_eq(chown(scratch_path(PROFILE), 65534, 65534), 0);
    expect_refused(ERROR_CANNOT_OPEN_PROFILE, "is not trusted: it belongs to user 65534");
}

Test(profile, keeps_its_mode) {
    struct stat facts;

    scratch_write(PROFILE, "{}");
    cr_assert_eq(chmod(scratch_path(PROFILE), 0640), 0);
    cr_assert_eq(remember("Z:", "\\\\s\\p", ""), NO_ERROR);
    cr_assert_eq(stat(scratch_path(PROFILE), &facts), 0);
    cr_expect_eq(facts.st_mode & 07777, 0640);
}

Test(profile, behind_a_link_is_replaced_and_the_link_stays) {
    struct stat facts;
    bool there;

    scratch_write("dotfiles/mpr.json", "{\"mine\":true}");
    scratch_mkdir("config");
    cr_assert_eq(symlink("profile.link", scratch_path(PROFILE)), 0);
    cr_assert_eq(symlink("../dotfiles/mpr.json", scratch_path("config/profile.link")), 0);
    cr_assert_eq(remember("Z:", "\\\\s\\p", ""), NO_ERROR);
    cr_assert_eq(lstat(scratch_path(PROFILE), &facts), 0);
    cr_expect(S_ISLNK(facts.st_mode));
    cr_assert_eq(lstat(scratch_path("config/profile.link"), &facts), 0);
    cr_expect(S_ISLNK(facts.st_mode));
    cr_assert_eq(lstat(scratch_path("dotfiles/mpr.json"), &facts), 0);
    cr_expect(S_ISREG(facts.st_mode));
    expect_text("\"mine\":\ttrue", true);
    expect_entries("Z:=\\\\s\\p() ");
    cr_expect_eq(mpr_profile_check(paths, false), NO_ERROR);
    cr_expect_eq(mpr_profile_forget(paths, "Z:", &there), NO_ERROR);
    cr_expect_eq(scratch_count("config"), 2, "two links");
    cr_expect_eq(scratch_count("dotfiles"), 2, "the file and its lock");
}

Test(profile, behind_a_link_to_nothing_yet_is_made_there) {
    struct stat facts;

    scratch_mkdir("config");
    scratch_mkdir("dotfiles");
    cr_assert_eq(symlink(scratch_path("dotfiles/p.json"), scratch_path(PROFILE)), 0);
    expect_entries("");
    cr_assert_eq(remember("Z:", "\\\\s\\p", ""), NO_ERROR);
    cr_assert_eq(lstat(scratch_path("dotfiles/p.json"), &facts), 0);
    cr_expect(S_ISREG(facts.st_mode));
}

Test(profile, behind_a_link_into_a_directory_that_is_not_there_cannot_be_opened) {
    scratch_mkdir("config");
    cr_assert_eq(symlink(scratch_path("disk/p.json"), scratch_path(PROFILE)), 0);
    expect_refused(ERROR_CANNOT_OPEN_PROFILE, "/disk/p.json cannot be opened: No such file");
}

Test(profile, behind_a_circle_of_links_cannot_be_opened) {
    scratch_mkdir("config");
    cr_assert_eq(symlink("profile.json", scratch_path(PROFILE)), 0);
    expect_refused(ERROR_CANNOT_OPEN_PROFILE, "Too many levels of symbolic links");
}

Test(profile, below_what_is_no_directory_cannot_be_opened) {
    scratch_write("config", "a file");
    expect_refused(ERROR_CANNOT_OPEN_PROFILE, "cannot be opened: Not a directory");
}

Test(profile, whose_lock_is_no_file_cannot_be_changed_but_read) {
    scratch_write(PROFILE, "{\"connections\":{\"Z:\":{\"remote_path\":\"x\"}}}");
    scratch_mkdir("config/profile.lock");
    expect_entries("Z:=x() ");
    cr_expect_eq(mpr_profile_check(paths, false), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    expect_words("cannot be locked: it is a directory");
    cr_assert_eq(rmdir(scratch_path("config/profile.lock")), 0);
    cr_assert_eq(symlink("elsewhere", scratch_path("config/profile.lock")), 0);
    cr_expect_eq(remember("Y:", "y", ""), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    cr_assert_eq(unlink(scratch_path("config/profile.lock")), 0);
    cr_assert_eq(mkfifo(scratch_path("config/profile.lock"), 0600), 0);
    cr_expect_eq(remember("Y:", "y", ""), (DWORD)ERROR_CANNOT_OPEN_PROFILE);
    expect_words("cannot be locked: it is no regular file");
    expect_entries("Z:=x() ");
}

Test(profile, who_was_slower_is_told) {
    char device[] = "Z:", first[] = "\\\\one\\share", second[] = "\\\\two\\share", nobody[] = "",
         provider[] = "SMB Network";
    struct mpr_profile_entry mine = make_entry(device, first, nobody, provider);
    struct mpr_profile_entry theirs = make_entry(device, second, nobody, provider);

    cr_assert_eq(mpr_profile_remember(paths, NULL, &mine), NO_ERROR);
    cr_expect_eq(mpr_profile_remember(paths, NULL, &theirs), ERROR_DEVICE_ALREADY_REMEMBERED);
    cr_expect_eq(mpr_profile_remember(paths, NULL, &mine), NO_ERROR);
    cr_expect_eq(mpr_profile_remember(paths, first, &theirs), NO_ERROR);
}
