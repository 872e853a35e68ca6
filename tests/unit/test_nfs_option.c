/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_nfs_option.c: the options of the NFS provider's drop-in.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <string.h>

#include <mpr/winerror.h>

#include "providers/nfs/nfs_option.h"

TestSuite(nfs_option, .timeout = 60);

static uint32_t read_one(const char *name, const char *value, struct nfs_options *ret,
                         char *error) {
    const struct mpr_option options[] = {{name, value}, {NULL, NULL}};

    error[0] = '\0';
    return nfs_option_read(options, ret, error, 256);
}

Test(nfs_option, without_any_the_defaults_count) {
    struct nfs_options options;
    char error[256] = "";

    cr_assert_eq(nfs_option_read(NULL, &options, error, sizeof error), NO_ERROR);
    cr_expect_eq(options.connect_timeout_ms, 5000u);
    cr_expect_eq(options.io_timeout_ms, 30000u);
    cr_expect_eq(options.uid, UINT32_MAX);
    cr_expect_eq(options.gid, UINT32_MAX);
    cr_expect_eq(options.read_size, 1048576u);
    cr_expect_eq(options.write_size, 1048576u);
    cr_expect_eq(options.in_flight, 8u);
    cr_expect_eq(options.attribute_ms, 1000u);
}

Test(nfs_option, each_is_taken) {
    const struct mpr_option given[] = {{"connect_timeout_ms", "1"},
                                       {"io_timeout_ms", "2"},
                                       {"uid", "3"},
                                       {"gid", "0"},
                                       {"read_size", "4096"},
                                       {"write_size", "8192"},
                                       {"in_flight", "64"},
                                       {"attribute_timeout_ms", "0"},
                                       {"version", "3"},
                                       {"unknown", "x"},
                                       {NULL, NULL}};
    struct nfs_options options;
    char error[256] = "";

    cr_assert_eq(nfs_option_read(given, &options, error, sizeof error), NO_ERROR);
    cr_expect_eq(options.connect_timeout_ms, 1u);
    cr_expect_eq(options.io_timeout_ms, 2u);
    cr_expect_eq(options.uid, 3u);
    cr_expect_eq(options.gid, 0u);
    cr_expect_eq(options.read_size, 4096u);
    cr_expect_eq(options.write_size, 8192u);
    cr_expect_eq(options.in_flight, 64u);
    cr_expect_eq(options.attribute_ms, 0u);
}

Test(nfs_option, a_bad_value_is_an_error_with_words) {
    static const struct mpr_option wrong[] = {
        {"connect_timeout_ms", "0"},
        {"connect_timeout_ms", "3600001"},
        {"io_timeout_ms", "-1"},
        {"uid", "4294967295"},
        {"gid", "root"},
        {"read_size", "4095"},
        {"write_size", "1048577"},
        {"in_flight", "0"},
        {"in_flight", "65"},
        {"in_flight", ""},
        {"in_flight", "8 "},
        {"uid", "99999999999"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct nfs_options options = {.in_flight = 1234};
        char error[256];

        cr_expect_eq(read_one(wrong[i].name, wrong[i].value, &options, error),
                     ERROR_INVALID_PARAMETER, "%s=%s", wrong[i].name, wrong[i].value);
        cr_expect(strstr(error, wrong[i].name), "%s", error);
        cr_expect_eq(options.in_flight, 1234u, "nothing is written on failure");
    }
}

Test(nfs_option, other_versions_are_refused_with_the_reason) {
    struct nfs_options options;
    char error[256];

    cr_expect_eq(read_one("version", "4", &options, error), ERROR_NOT_SUPPORTED);
    cr_expect(strstr(error, "3940 bytes"), "%s", error);
    cr_expect_eq(read_one("version", "2", &options, error), ERROR_NOT_SUPPORTED);
}

Test(nfs_option, servers) {
    static const char *const wrong[] = {"srv:/x", "a b", "Z", "nfs://srv", "\\\\srv", "[::1"};
    struct nfs_options options;
    struct nfs_name name;
    const char *servers;
    char error[256], long_list[NP_SERVERS_MAX + 1];

    cr_assert_eq(read_one("servers", "NAS , [::1]", &options, error), NO_ERROR);
    servers = options.servers;
    cr_assert(nfs_option_next_server(&servers, &name));
    cr_expect_str_eq(name.host, "nas");
    cr_assert(nfs_option_next_server(&servers, &name));
    cr_expect_str_eq(name.host, "::1");
    cr_expect_not(nfs_option_next_server(&servers, &name));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_expect_eq(read_one("servers", wrong[i], &options, error), ERROR_INVALID_PARAMETER, "%s",
                     wrong[i]);
        cr_expect(strstr(error, wrong[i]), "%s", error);
    }
    memset(long_list, ',', sizeof long_list - 1);
    long_list[sizeof long_list - 1] = '\0';
    cr_expect_eq(read_one("servers", long_list, &options, error), ERROR_INVALID_PARAMETER);
}
