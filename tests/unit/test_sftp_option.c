/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_sftp_option.c: the options of the SFTP provider's drop-in.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <string.h>

#include <mpr/winerror.h>

#include "providers/sftp/sftp_option.h"

TestSuite(sftp_option, .timeout = 30);

Test(sftp_option, without_any_the_defaults_count) {
    struct sftp_options options;
    char error[256] = "";

    cr_assert_eq(sftp_option_read(NULL, &options, error, sizeof error), NO_ERROR);
    cr_expect_eq(options.connect_timeout_ms, 5000u);
    cr_expect_eq(options.io_timeout_ms, 30000u);
    cr_expect(options.agent && !options.known_hosts[0] && !options.identity[0]);
}

Test(sftp_option, each_is_taken) {
    const struct mpr_option given[] = {{"connect_timeout_ms", "1"},
                                       {"io_timeout_ms", "2"},
                                       {"agent", "false"},
                                       {"known_hosts", "/a"},
                                       {"identity", "/b c"},
                                       {"servers", "one, two:2222"},
                                       {"unknown", "x"},
                                       {NULL, NULL}};
    struct sftp_options options;
    const char *servers = options.servers;
    struct sftp_name name;
    char error[256] = "";

    cr_assert_eq(sftp_option_read(given, &options, error, sizeof error), NO_ERROR, "%s", error);
    cr_expect_eq(options.connect_timeout_ms, 1u);
    cr_expect_eq(options.io_timeout_ms, 2u);
    cr_expect(!options.agent);
    cr_expect_str_eq(options.known_hosts, "/a");
    cr_expect_str_eq(options.identity, "/b c");
    cr_assert(sftp_option_next_server(&servers, &name));
    cr_expect_str_eq(name.host, "one");
    cr_assert(sftp_option_next_server(&servers, &name));
    cr_expect(strcmp(name.host, "two") == 0 && name.port == 2222);
    cr_expect(!sftp_option_next_server(&servers, &name));
}

Test(sftp_option, a_value_that_cannot_be_is_refused_in_words) {
    static const struct mpr_option bad[] = {
        {"connect_timeout_ms", "0"},
        {"connect_timeout_ms", "3600001"},
        {"connect_timeout_ms", "5s"},
        {"connect_timeout_ms", ""},
        {"io_timeout_ms", "3600001"},
        {"io_timeout_ms", "-1"},
        {"agent", "yes"},
        {"agent", ""},
        {"known_hosts", "known_hosts"},
        {"known_hosts", ""},
        {"identity", "~/.ssh/id_rsa"},
        {"identity", "/a%d"},
        {"servers", "one/dir"},
        {"servers", "one two"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct mpr_option options[] = {bad[i], {NULL, NULL}};
        struct sftp_options result;
        char error[256] = "";

        cr_expect_eq(sftp_option_read(options, &result, error, sizeof error),
                     ERROR_INVALID_PARAMETER, "%s = %s", bad[i].name, bad[i].value);
        cr_expect(strstr(error, bad[i].name) && strstr(error, bad[i].value), "%s", error);
    }
}
