/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_config.c: mpr.json, the user's over the administrator's; what is wrong in
 * it is left out and said.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_config.h"
#include "router/mpr_config_parse.h"
#include "router/mpr_option.h"
#include "tests/unit/scratch.h"

#define SYSTEM "etc/mpr.json"
#define USER   "config/mpr.json"

static struct mpr_paths *paths;

static void set_up(void) {
    scratch_new();
    cr_assert_eq(mpr_paths_new(scratch_path(""), &paths), NO_ERROR);
}

static void tear_down(void) {
    mpr_paths_free(paths);
    scratch_free();
}

TestSuite(config, .timeout = 60, .init = set_up, .fini = tear_down);

/* Reads both files; complaint NULL: there is to be none, else a part of it. */
static struct mpr_config *read_config(const char *complaint) {
    struct mpr_config *config = NULL;
    char *said = NULL;

    cr_assert_eq(mpr_config_new(paths, &config, &said), NO_ERROR);
    if (complaint)
        cr_expect(said && strstr(said, complaint), "\"%s\" is not in \"%s\"", complaint, said);
    else
        cr_expect_null(said, "%s", said);
    free(said);
    return config;
}

static void expect_defaults(const struct mpr_config *config) {
    cr_expect_eq(config->session, MPR_SESSION_AUTO);
    cr_expect_not(config->cancel_remote_deviceless);
    cr_expect_eq(config->connect_timeout_ms, 5000);
    cr_expect_eq(config->cancel_timeout_ms, 2000);
    cr_expect_eq(config->io_timeout_ms, 30000);
    cr_expect_eq(config->password_timeout_ms, 20000);
    cr_expect_eq(config->provider_count, 0);
    cr_expect_null(config->drives_directory);
}

Test(config, without_files_is_the_defaults) {
    struct mpr_config *config = read_config(NULL);

    expect_defaults(config);
    mpr_config_free(config);
    mpr_config_free(NULL);
}

Test(config, of_an_empty_object_is_the_defaults) {
    struct mpr_config *config;

    scratch_write(SYSTEM, "{}");
    scratch_write(USER, "{\"unknown\":[1,2],\"router\":\"auto\"}");
    config = read_config(NULL);
    expect_defaults(config);
    mpr_config_free(config);
}

Test(config, of_the_user_wins) {
    const struct mpr_config_provider *smb, *nfs;
    struct mpr_config *config;

    scratch_write(SYSTEM, "{\"session\":\"off\",\"cancel_remote\":\"deviceless\","
                          "\"connect_timeout_ms\":1,"
                          "\"io_timeout_ms\":2,\"providers\":{"
                          "\"smb\":{\"enabled\":false,\"order\":7,"
                          "\"options\":{\"a\":1,\"b\":\"x\"}},\"nfs\":{\"order\":-1}}}");
    scratch_write(
        USER,
        "{\"session\":\"on\",\"cancel_remote\":\"all\",\"io_timeout_ms\":3600000,\"providers\":{"
        "\"smb\":{\"enabled\":true,\"options\":{\"b\":false,\"c\":1.50}},"
        "\"own\":{}}}");
    config = read_config(NULL);
    cr_expect_eq(config->session, MPR_SESSION_ON);
    cr_expect_not(config->cancel_remote_deviceless);
    cr_expect_eq(config->connect_timeout_ms, 1);
    cr_expect_eq(config->cancel_timeout_ms, 2000);
    cr_expect_eq(config->io_timeout_ms, 3600000);
    cr_assert_eq(config->provider_count, 3);
    smb = mpr_config_find(config, "smb");
    cr_assert(smb);
    cr_expect_not(smb->disabled);
    cr_expect(smb->has_order && smb->order == 7);
    cr_expect_str_eq(mpr_option_get(smb->options, "a"), "1");
    cr_expect_str_eq(mpr_option_get(smb->options, "b"), "false");
    cr_expect_str_eq(mpr_option_get(smb->options, "c"), "1.50");
    nfs = mpr_config_find(config, "nfs");
    cr_assert(nfs);
    cr_expect(nfs->has_order && nfs->order == -1 && !nfs->options);
    cr_expect_not(mpr_config_find(config, "own")->has_order);
    cr_expect_null(mpr_config_find(config, "SMB"));
    mpr_config_free(config);
}

Test(config, directory_of_drives_is_absolute) {
    struct mpr_config *config;

    scratch_write(SYSTEM, "{\"drives_directory\":\"/srv/drives\"}");
    scratch_write(USER, "{}");
    config = read_config(NULL);
    cr_expect_str_eq(config->drives_directory, "/srv/drives");
    mpr_config_free(config);
    scratch_write(USER, "{\"drives_directory\":\"/home/me/drives\"}");
    config = read_config(NULL);
    cr_expect_str_eq(config->drives_directory, "/home/me/drives");
    mpr_config_free(config);
    scratch_write(USER, "{\"drives_directory\":\"drives\"}");
    config = read_config("\"drives_directory\" is left out: it is no absolute path");
    cr_expect_str_eq(config->drives_directory, "/srv/drives");
    mpr_config_free(config);
}

Test(config, of_the_administrator_stands_where_the_user_says_nothing) {
    struct mpr_config *config;

    scratch_write(SYSTEM, "{\"cancel_remote\":\"deviceless\",\"providers\":"
                          "{\"smb\":{\"enabled\":false}}}");
    scratch_write(USER, "{\"providers\":{\"smb\":{\"order\":1}}}");
    config = read_config(NULL);
    cr_expect(config->cancel_remote_deviceless);
    cr_expect(mpr_config_find(config, "smb")->disabled);
    mpr_config_free(config);
}

Test(config, that_is_malformed_is_left_out_and_hurts_no_other) {
    struct mpr_config *config;

    scratch_write(SYSTEM, "{\"connect_timeout_ms\":77}");
    scratch_write(USER, "{\"connect_timeout_ms\":88,\n\"cancel_remote\" \"deviceless\"}");
    config = read_config("config/mpr.json is left out: line 2, column 17: a ':' is missing");
    cr_expect_eq(config->connect_timeout_ms, 77);
    cr_expect_not(config->cancel_remote_deviceless);
    mpr_config_free(config);
}

Test(config, values_that_are_wrong_are_left_out_singly_and_said) {
    static const struct {
        const char *text, *complaint;
    } cases[] = {
        {"{\"session\":\"some\"}", "\"session\" is left out"},
        {"{\"session\":1}", "\"session\" is left out"},
        {"{\"cancel_remote\":\"some\"}", "\"cancel_remote\" is left out"},
        {"{\"cancel_remote\":true}", "\"cancel_remote\" is left out"},
        {"{\"connect_timeout_ms\":0}", "\"connect_timeout_ms\" is left out"},
        {"{\"connect_timeout_ms\":\"5\"}", "\"connect_timeout_ms\" is left out"},
        {"{\"cancel_timeout_ms\":3600001}", "no number from 1 to 3600000"},
        {"{\"io_timeout_ms\":-1}", "\"io_timeout_ms\" is left out"},
        {"{\"password_timeout_ms\":0}", "\"password_timeout_ms\" is left out"},
        {"{\"io_timeout_ms\":1.5}", "\"io_timeout_ms\" is left out"},
        {"{\"providers\":[]}", "\"providers\" is left out"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mpr_config *config;

        scratch_write(USER, cases[i].text);
        config = read_config(cases[i].complaint);
        expect_defaults(config);
        mpr_config_free(config);
    }
}

Test(config, values_of_a_provider_that_are_wrong_are_left_out_singly_and_said) {
    static const struct {
        const char *text, *complaint;
    } cases[] = {
        {"\"smb\":1", "\"smb\" of \"providers\" is left out"},
        {"\"smb\":{\"enabled\":0}", "\"enabled\" of \"smb\" is left out"},
        {"\"smb\":{\"order\":1.5}", "\"order\" of \"smb\" is left out"},
        {"\"smb\":{\"order\":\"1\"}", "\"order\" of \"smb\" is left out"},
        {"\"smb\":{\"options\":[]}", "\"options\" of \"smb\" is left out"},
        {"\"smb\":{\"options\":{\"a\":1,\"b\":null}}", "\"b\" is no string, number or boolean"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mpr_config *config;
        const struct mpr_config_provider *smb;
        char text[256];

        snprintf(text, sizeof text,
                 "{\"io_timeout_ms\":9,\"providers\":{%s,\"nfs\":{\"order\":4}}}", cases[i].text);
        scratch_write(USER, text);
        config = read_config(cases[i].complaint);
        cr_expect_eq(config->io_timeout_ms, 9, "what is right holds");
        cr_expect_eq(mpr_config_find(config, "nfs")->order, 4);
        smb = mpr_config_find(config, "smb");
        cr_expect(!smb || (!smb->disabled && !smb->has_order && !smb->options));
        mpr_config_free(config);
    }
}

Test(config, many_complaints_are_cut_and_terminated) {
    struct mpr_config *config = mpr_config_defaults();
    struct mpr_config_reader reader = {.config = config, .path = "/some/where/mpr.json"};
    char text[] = "{\"providers\":1,\"cancel_remote\":1}";

    for (int i = 0; i < 40; i++)
        cr_assert_eq(mpr_config_parse(&reader, text, strlen(text)), NO_ERROR);
    cr_expect_lt(strlen(reader.complaint), sizeof reader.complaint);
    cr_expect(strstr(reader.complaint, "\"cancel_remote\" is left out"));
    cr_expect(strstr(reader.complaint, "\"providers\" is left out: it is no object. /some"));
    mpr_config_free(config);
}

Test(config, that_others_may_write_is_left_out) {
    static const mode_t modes[] = {0664, 0646, 0666};
    struct mpr_config *config;

    scratch_write(USER, "{\"connect_timeout_ms\":88}");
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        cr_assert_eq(chmod(scratch_path(USER), modes[i]), 0);
        config = read_config("others than its owner may write it");
        expect_defaults(config);
        mpr_config_free(config);
    }
}

Test(config, that_belongs_to_somebody_else_is_left_out) {
    struct mpr_config *config;

    if (geteuid() != 0)
        cr_skip_test("it takes root");
    scratch_write(USER, "{\"connect_timeout_ms\":88}");
    cr_assert_eq(chown(scratch_path(USER), 65534, 65534), 0);
    config = read_config("it belongs to user 65534, not to root or to user 0");
    expect_defaults(config);
    mpr_config_free(config);
}

Test(config, that_is_no_file_is_left_out_without_waiting) {
    struct mpr_config *config;

    scratch_mkdir(USER);
    config = read_config("config/mpr.json is left out: it is a directory");
    mpr_config_free(config);
    scratch_mkdir("etc");
    cr_assert_eq(mkfifo(scratch_path(SYSTEM), 0600), 0);
    config = read_config("etc/mpr.json is left out: it is no regular file");
    expect_defaults(config);
    mpr_config_free(config);
}

Test(config, that_is_too_large_is_left_out) {
    struct mpr_config *config;

    scratch_write(USER, "{}");
    cr_assert_eq(truncate(scratch_path(USER), 0x100001), 0);
    config = read_config("it is too large");
    expect_defaults(config);
    mpr_config_free(config);
}
