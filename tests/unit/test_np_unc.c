/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_np_unc.c: \\server\share\dir and host[:port], taken apart.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "providers/common/np_unc.h"

TestSuite(unc, .timeout = 60);

static bool is(struct np_span span, const char *text) {
    return span.length == strlen(text) && memcmp(span.text, text, span.length) == 0;
}

Test(unc, server_port_share_and_rest) {
    static const struct {
        const char *name, *server;
        unsigned port;
        const char *share, *rest;
    } cases[] = {
        {"\\\\SRV\\Pub", "SRV", 0, "Pub", ""},
        {"\\\\SRV\\Pub\\", "SRV", 0, "Pub", ""},
        {"//a/b/c/d/", "a", 0, "b", "c/d"},
        {"\\\\a/b\\c", "a", 0, "b", "c"},
        {"\\\\srv", "srv", 0, "", ""},
        {"\\\\srv\\", "srv", 0, "", ""},
        {"\\\\s:4455\\a", "s", 4455, "a", ""},
        {"\\\\[::1]:445\\pub\\x", "::1", 445, "pub", "x"},
        {"\\\\[fe80::1%eth0]\\x", "fe80::1%eth0", 0, "x", ""},
        {"\\\\a.b-c_d.\\...", "a.b-c_d.", 0, "...", ""},
        {"\\\\\xc3\xbc.de\\\xc3\xa4", "\xc3\xbc.de", 0, "\xc3\xa4", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct np_unc unc;

        cr_assert_eq(np_unc_split(cases[i].name, &unc), 1, "%s", cases[i].name);
        cr_expect(is(unc.server, cases[i].server), "%s", cases[i].name);
        cr_expect_eq(unc.port, cases[i].port, "%s", cases[i].name);
        cr_expect(is(unc.share, cases[i].share), "%s", cases[i].name);
        cr_expect(is(unc.rest, cases[i].rest), "%s", cases[i].name);
    }
}

Test(unc, what_is_no_name) {
    static const char *const names[] = {"",
                                        "\\",
                                        "\\\\",
                                        "\\\\\\",
                                        "//s//",
                                        "\\srv\\a",
                                        "srv\\a",
                                        "\\\\?\\a",
                                        "\\\\.\\a",
                                        "\\\\..\\a",
                                        "\\\\s\\a\\\\b",
                                        "\\\\s\\..",
                                        "\\\\s\\.",
                                        "\\\\s:0\\a",
                                        "\\\\s:\\a",
                                        "\\\\s:65536\\a",
                                        "\\\\s:1a\\a",
                                        "\\\\[::1\\a",
                                        "\\\\[x]\\a",
                                        "\\\\[]\\a",
                                        "\\\\[::1]x\\a",
                                        "\\\\a..b\\c",
                                        "\\\\.a\\c",
                                        "\\\\a b\\c",
                                        "\\\\a@b\\c",
                                        "\\\\s\\a\nb",
                                        "\\\\s\\\xff",
                                        "\\\\s\\\xc0\x80",
                                        "\\\\s\\\xed\xa0\x80",
                                        "\\\\s\\\xc2\x80",
                                        "\\\\::1\\a",
                                        "\\\\s\\a\\b\\\\"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct np_unc unc = {.port = 7};

        cr_expect_eq(np_unc_split(names[i], &unc), 0, "%s", names[i]);
        cr_expect_eq(unc.port, 7, "untouched: %s", names[i]);
    }
}

Test(unc, hosts_have_one_spelling) {
    static const struct {
        const char *host, *copy;
    } cases[] = {
        {"SRV.Example", "srv.example"},   {"0:0:0:0:0:0:0:1", "::1"},
        {"FE80::1%Eth0", "fe80::1%Eth0"}, {"fe80--1s4.ipv6-literal.net", "fe80::1%4"},
        {"--1.IPv6-Literal.NET", "::1"},  {"ipv6-literal.net", "ipv6-literal.net"},
        {"127.0.0.1", "127.0.0.1"},
    };
    char copy[NP_HOST_MAX];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct np_span host = {cases[i].host, strlen(cases[i].host)};

        cr_assert_eq(np_host_copy(host, copy, sizeof copy), 1, "%s", cases[i].host);
        cr_expect_str_eq(copy, cases[i].copy);
        cr_expect_eq(np_host_copy(host, copy, 3), 0);
    }
    cr_expect_eq(np_host_copy((struct np_span){"zz.ipv6-literal.net", 19}, copy, sizeof copy), 0);
}

Test(unc, hosts_have_a_length) {
    char name[2 + NP_HOST_MAX + 8];
    struct np_unc unc;

    snprintf(name, sizeof name, "\\\\%0255d\\a", 0);
    cr_expect_eq(np_unc_split(name, &unc), 1);
    snprintf(name, sizeof name, "\\\\%0256d\\a", 0);
    cr_expect_eq(np_unc_split(name, &unc), 0);
}

Test(unc, components_one_by_one) {
    struct np_span rest = {"a\\b/c", 5}, part;

    cr_assert(np_unc_next(&rest, &part) && is(part, "a"));
    cr_assert(np_unc_next(&rest, &part) && is(part, "b"));
    cr_assert(np_unc_next(&rest, &part) && is(part, "c"));
    cr_assert_not(np_unc_next(&rest, &part));
}

Test(unc, percent_escapes) {
    static const char *const broken[] = {"%", "%4", "%4g", "%g4", "%00", "a%", "%%41"};
    char text[8];

    cr_assert_eq(np_percent_decode((struct np_span){"a%41%2f%c3%A4", 13}, text, sizeof text), 5);
    cr_expect_str_eq(text, "aA/\xc3\xa4");
    cr_expect_eq(np_percent_decode((struct np_span){"", 0}, text, sizeof text), 0);
    cr_expect_eq(np_percent_decode((struct np_span){"1234567", 7}, text, sizeof text), 7);
    cr_expect_eq(np_percent_decode((struct np_span){"12345678", 8}, text, sizeof text), -1);
    cr_expect_eq(np_percent_decode((struct np_span){"", 0}, text, 0), -1);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct np_span span = {broken[i], strlen(broken[i])};

        cr_expect_eq(np_percent_decode(span, text, sizeof text), -1, "%s", broken[i]);
    }
}

Test(unc, joined_with_a_path) {
    static const struct {
        const char *name, *path, *joined;
    } cases[] = {
        {"\\\\s\\p", "", "\\\\s\\p"},         {"\\\\s\\p\\", "", "\\\\s\\p"},
        {"//s/p", "\\a/b", "\\\\s\\p\\a\\b"}, {"//s/p/", "/", "\\\\s\\p\\"},
        {"\\\\s\\p", "a", "\\\\s\\p\\a"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t needed = strlen(cases[i].joined) + 1;
        char text[32] = "untouched";

        for (size_t size = 0; size < needed; size++)
            cr_expect_eq(np_unc_join(cases[i].name, cases[i].path, text, size), 0);
        cr_expect_str_eq(text, "untouched");
        cr_expect_eq(np_unc_join(cases[i].name, cases[i].path, text, needed), 1);
        cr_expect_str_eq(text, cases[i].joined);
    }
}
