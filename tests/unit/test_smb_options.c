/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_smb_options.c: the drop-in's options, and who connects.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "providers/smb/smb_identity.h"
#include "providers/smb/smb_options.h"

TestSuite(smb_options, .timeout = 60);

static uint32_t read_one(const char *name, const char *value, struct smb_options *options) {
    const struct mpr_option list[] = {{name, value}, {NULL, NULL}};
    char error[256] = "";
    uint32_t rc = smb_options_read(list, error, sizeof error, options);

    cr_expect_eq(rc != NO_ERROR, error[0] != '\0', "%s=%s: \"%s\"", name, value, error);
    if (rc)
        cr_expect(strstr(error, name), "%s", error);
    return rc;
}

Test(smb_options, defaults) {
    struct smb_options options;

    cr_assert_eq(smb_options_read(NULL, NULL, 0, &options), NO_ERROR);
    cr_expect_eq(options.signing, SMB_DEFAULT);
    cr_expect_eq(options.encryption, SMB_DEFAULT);
    cr_expect_eq(options.kerberos, SMB_DEFAULT);
    cr_expect_eq(options.connect_timeout_ms, 5000);
    cr_expect_eq(options.io_timeout_ms, 30000);
    cr_expect_str_eq(options.min_protocol, "SMB2_02");
    cr_expect_str_eq(options.max_protocol, "SMB3_11");
    cr_expect_str_eq(options.workgroup, "WORKGROUP");
}

Test(smb_options, good_values) {
    struct smb_options options;

    cr_expect_eq(read_one("signing", "required", &options), NO_ERROR);
    cr_expect_eq(options.signing, SMB_REQUIRED);
    cr_expect_eq(read_one("encryption", "off", &options), NO_ERROR);
    cr_expect_eq(options.encryption, SMB_OFF);
    cr_expect_eq(read_one("kerberos", "auto", &options), NO_ERROR);
    cr_expect_eq(options.kerberos, SMB_DEFAULT);
    cr_expect_eq(read_one("io_timeout_ms", "100", &options), NO_ERROR);
    cr_expect_eq(options.io_timeout_ms, 100);
    cr_expect_eq(read_one("min_protocol", "SMB3_11", &options), NO_ERROR);
    cr_expect_str_eq(options.min_protocol, "SMB3_11");
    cr_expect_eq(read_one("workgroup", "LAB", &options), NO_ERROR);
    cr_expect_str_eq(options.workgroup, "LAB");
    cr_expect_eq(read_one("something_else", "x", &options), NO_ERROR, "left to others");
}

Test(smb_options, bad_values) {
    static const struct mpr_option cases[] = {
        {"signing", "yes"},
        {"signing", ""},
        {"encryption", "Required"},
        {"kerberos", "maybe"},
        {"min_protocol", "NT1"},
        {"min_protocol", "SMB1"},
        {"max_protocol", "SMB4"},
        {"connect_timeout_ms", "0"},
        {"connect_timeout_ms", "-1"},
        {"connect_timeout_ms", "3600001"},
        {"connect_timeout_ms", "5s"},
        {"io_timeout_ms", ""},
        {"io_timeout_ms", "99999999999999999999"},
        {"workgroup", ""},
        {"workgroup", "a\ninclude = /x"},
        {"workgroup", "a b"},
        {"workgroup", "%h"},
        {"workgroup", "0123456789012345678901234567890123456789012345678901234567890123"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct smb_options options = {.io_timeout_ms = 7};

        cr_expect_eq(read_one(cases[i].name, cases[i].value, &options), ERROR_INVALID_PARAMETER);
        cr_expect_eq(options.io_timeout_ms, 7, "untouched");
    }
}

Test(smb_options, that_contradict_each_other) {
    const struct mpr_option turned[] = {
        {"min_protocol", "SMB3_00"}, {"max_protocol", "SMB2_10"}, {NULL, NULL}};
    const struct mpr_option too_old[] = {
        {"encryption", "required"}, {"max_protocol", "SMB2_10"}, {NULL, NULL}};
    struct smb_options options;
    char error[256];

    cr_expect_eq(smb_options_read(turned, error, sizeof error, &options), ERROR_INVALID_PARAMETER);
    cr_expect(strstr(error, "SMB3_00") && strstr(error, "SMB2_10"));
    cr_expect_eq(smb_options_read(too_old, error, sizeof error, &options), ERROR_INVALID_PARAMETER);
}

Test(smb_options, as_configuration) {
    struct smb_options options;
    char text[2048];

    cr_assert_eq(read_one("signing", "required", &options), NO_ERROR);
    cr_assert_eq(smb_options_config(&options, text, sizeof text), (int)strlen(text));
    cr_expect(strstr(text, "client signing = required\n"));
    cr_expect(strstr(text, "client min protocol = SMB2_02\n"));
    cr_expect(strstr(text, "name resolve order = host\n"));
    cr_expect(strstr(text, "disable netbios = yes\n"));
    /* Without it the library ends the process where no network interface is up. */
    cr_expect(strstr(text, "interfaces = 127.0.0.1/8\n"));
    cr_expect(strstr(text, " SO_KEEPALIVE "));
    cr_expect_eq(smb_options_config(&options, text, 100), -1);
}

Test(smb_options, users) {
    static const struct {
        const char *text, *domain, *user;
        bool guest;
    } cases[] = {
        {"anna", "", "anna", false},
        {"LAB\\anna", "LAB", "anna", false},
        {"anna@lab.test", "", "anna@lab.test", false},
        {"Guest", "", "Guest", true},
        {"LAB\\guest", "LAB", "guest", true},
        {"\xc3\xa4nne", "", "\xc3\xa4nne", false},
    };
    static const char *const bad[] = {"",     "\\anna", "LAB\\",  "a\\b\\c", "a/b",
                                      "@lab", "anna@",  "an\nna", "\xff"};
    struct smb_identity identity;
    char text[MPR_USER_MAX + 2];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert(smb_identity_parse(cases[i].text, &identity), "%s", cases[i].text);
        cr_expect_str_eq(identity.domain, cases[i].domain);
        cr_expect_str_eq(identity.user, cases[i].user);
        cr_expect_eq(identity.guest, cases[i].guest);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect_not(smb_identity_parse(bad[i], &identity), "%s", bad[i]);
    snprintf(text, sizeof text, "%0255d", 0);
    cr_expect(smb_identity_parse(text, &identity));
    snprintf(text, sizeof text, "%0256d", 0);
    cr_expect_not(smb_identity_parse(text, &identity));
    snprintf(text, sizeof text, "%0155d\\%0164d", 0, 0);
    cr_expect_not(smb_identity_parse(text, &identity));
}

Test(smb_options, whose_ticket_it_is) {
    struct smb_identity anna, at_lab;

    cr_assert(smb_identity_parse("LAB\\Anna", &anna));
    cr_assert(smb_identity_parse("anna@lab.test", &at_lab));
    cr_expect(smb_identity_is(&anna, "anna@LAB.TEST"));
    cr_expect_not(smb_identity_is(&anna, "annabel@LAB.TEST"));
    cr_expect_not(smb_identity_is(&anna, "ann@LAB.TEST"));
    cr_expect(smb_identity_is(&at_lab, "anna@LAB.TEST"));
    cr_expect_not(smb_identity_is(&at_lab, "anna@OTHER.TEST"));
}

/* Writes a credential cache and asks whose it is. */
static int owner_of(const void *data, size_t size, char *owner, size_t owner_size) {
    char path[] = "/tmp/mpr-test-cache-XXXXXX", name[64];
    int fd = mkostemp(path, O_CLOEXEC), rc;

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, data, size), (ssize_t)size);
    close(fd);
    snprintf(name, sizeof name, "FILE:%s", path);
    setenv("KRB5CCNAME", name, 1);
    rc = smb_identity_of_ticket(owner, owner_size);
    unlink(path);
    return rc;
}

Test(smb_options, owners_of_credential_caches) {
    static const char cache[] = "\5\4\0\4abcd\0\0\0\1\0\0\0\2\0\0\0\3LAB\0\0\0\4anna\0\0\0\5admin";
    static const char old[] = "\5\3\0\0\0\1\0\0\0\1\0\0\0\3LAB\0\0\0\4anna";
    char owner[64] = "";

    cr_expect_eq(owner_of(cache, sizeof cache - 1, owner, sizeof owner), 1);
    cr_expect_str_eq(owner, "anna/admin@LAB");
    cr_expect_eq(owner_of(old, sizeof old - 1, owner, sizeof owner), 1);
    cr_expect_str_eq(owner, "anna@LAB");
    for (size_t size = 0; size < sizeof cache - 1; size++)
        cr_expect_eq(owner_of(cache, size, owner, sizeof owner), -1, "%zu bytes", size);
    cr_expect_eq(owner_of(cache, sizeof cache - 1, owner, 10), -1, "no room");
    cr_expect_eq(owner_of("\5\4\0\0\0\0\0\1\0\0\0\1\xff\xff\xff\xff", 16, owner, sizeof owner), -1);
    setenv("KRB5CCNAME", "FILE:/nowhere/at/all", 1);
    cr_expect_eq(smb_identity_of_ticket(owner, sizeof owner), 0);
    setenv("KRB5CCNAME", "KEYRING:persistent:0", 1);
    cr_expect_eq(smb_identity_of_ticket(owner, sizeof owner), -1);
}

Test(smb_options, servers) {
    static const char *const wrong[] = {"srv\\pub", "srv/pub", "a b", "srv:0", "srv:x", "[::1"};
    struct smb_options options;
    struct smb_name name;
    const char *servers;
    char long_list[NP_SERVERS_MAX + 1];

    cr_assert_eq(read_one("servers", "", &options), NO_ERROR);
    servers = options.servers;
    cr_expect_eq(smb_options_next_server(&servers, &name), 0);
    cr_assert_eq(read_one("servers", "nas, FileServer.example:4455,", &options), NO_ERROR);
    servers = options.servers;
    cr_assert_eq(smb_options_next_server(&servers, &name), 1);
    cr_expect_str_eq(name.host, "nas");
    cr_assert_eq(smb_options_next_server(&servers, &name), 1);
    cr_expect_str_eq(name.host, "fileserver.example");
    cr_expect_eq(name.port, 4455);
    cr_expect_eq(smb_options_next_server(&servers, &name), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_expect_eq(read_one("servers", wrong[i], &options), ERROR_INVALID_PARAMETER, "%s",
                     wrong[i]);
    memset(long_list, ',', sizeof long_list - 1);
    long_list[sizeof long_list - 1] = '\0';
    cr_expect_eq(read_one("servers", long_list, &options), ERROR_INVALID_PARAMETER);
}
