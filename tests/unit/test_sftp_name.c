/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_sftp_name.c: which texts are names of SFTP directories, and which of
 * them are the same.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <string.h>

#include "providers/sftp/sftp_name.h"

TestSuite(sftp_name, .timeout = 30);

struct row {
    const char *text, *key, *path, *user;
};

Test(sftp_name, servers_and_directories_are_recognised) {
    static const struct row rows[] = {
        {"sftp://server", "server", "", ""},
        {"sftp://server/", "server", "/", ""},
        {"SFTP://Server.Example/Dir", "server.example/Dir", "/Dir", ""},
        {"sftp://server//a///b/", "server/a/b", "/a/b", ""},
        {"sftp://server:22/a", "server/a", "/a", ""},
        {"sftp://server:2222/a", "server:2222/a", "/a", ""},
        {"sftp://[::1]/a", "[::1]/a", "/a", ""},
        {"sftp://[FE80::0:1%eth0]:2222/a", "[fe80::1%eth0]:2222/a", "/a", ""},
        {"sftp://anna@server/a", "server/a", "/a", "anna"},
        {"sftp://ANNA%40domain@Server", "server", "", "ANNA@domain"},
        {"sftp://a%3ab@server/a", "server/a", "/a", "a:b"},
        {"sftp://a@b@server/a", "server/a", "/a", "a@b"},
        {"sftp://server/a%20b%c3%a4", "server/a b\xc3\xa4", "/a b\xc3\xa4", ""},
        {"sftp://server/a?b#c", "server/a?b#c", "/a?b#c", ""},
        {"sftp://server/a\\b", "server/a\\b", "/a\\b", ""},
        {"sftp://server/@a:b", "server/@a:b", "/@a:b", ""},
        {"sftp://server/%2e%2e%2e", "server/...", "/...", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sftp_name name;
        char key[MPR_KEY_MAX];

        cr_assert(sftp_name_parse(rows[i].text, &name), "%s", rows[i].text);
        cr_assert(sftp_name_key(&name, key, sizeof key), "%s", rows[i].text);
        cr_expect_str_eq(key, rows[i].key, "%s has %s", rows[i].text, key);
        cr_expect_str_eq(name.path, rows[i].path, "%s has %s", rows[i].text, name.path);
        cr_expect_str_eq(name.user, rows[i].user, "%s has %s", rows[i].text, name.user);
    }
}

Test(sftp_name, other_texts_are_not) {
    static const char *const texts[] = {"",
                                        "sftp:",
                                        "sftp:/server/a",
                                        "sftp://",
                                        "sftp:///a",
                                        "sftp://@server/a",
                                        "sftp://anna:words@server/a",
                                        "sftp://an\x01na@server/a",
                                        "sftp://%00@server/a",
                                        "sftp://server:/a",
                                        "sftp://server:0/a",
                                        "sftp://server:65536/a",
                                        "sftp://server:22x/a",
                                        "sftp://[::1/a",
                                        "sftp://[server]/a",
                                        "sftp://ser ver/a",
                                        "sftp://server/..",
                                        "sftp://server/a/./b",
                                        "sftp://server/%2e%2E/b",
                                        "sftp://server/a%2Fb",
                                        "sftp://server/a%00",
                                        "sftp://server/a%",
                                        "sftp://server/a%4",
                                        "sftp://server/a%zz",
                                        "sftp://server/\xff",
                                        "sftp://server/%ff",
                                        "sftp://server/a\tb",
                                        " sftp://server/a",
                                        "ssh://server/a",
                                        "server:/a",
                                        "anna@server:/a",
                                        "\\\\server\\a",
                                        "Z:"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct sftp_name name;

        cr_expect(!sftp_name_parse(texts[i], &name), "%s", texts[i]);
    }
}

Test(sftp_name, what_does_not_fit_is_refused) {
    char text[3 * MPR_KEY_MAX] = "sftp://server/", key[MPR_KEY_MAX];
    size_t before = strlen(text);
    struct sftp_name name;

    memset(text + before, 'a', MPR_KEY_MAX - strlen("server/") - 1);
    cr_expect(sftp_name_parse(text, &name) && sftp_name_key(&name, key, sizeof key));
    cr_expect_eq(strlen(key), MPR_KEY_MAX - 1);
    text[strlen(text)] = 'a';
    cr_expect(!sftp_name_parse(text, &name) || !sftp_name_key(&name, key, sizeof key));
    memset(text + before, 'a', MPR_KEY_MAX - 2);
    cr_expect(sftp_name_parse(text, &name), "the longest path");
    cr_expect_eq(strlen(name.path), MPR_KEY_MAX - 1);
    text[strlen(text)] = 'a';
    cr_expect(!sftp_name_parse(text, &name), "one letter more");
}

Test(sftp_name, a_name_that_is_written_is_the_same) {
    static const char *const texts[] = {"sftp://anna%40x@server:2222/a%20%25%3F%23/b",
                                        "sftp://[::1]", "sftp://server/"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct sftp_name name;
        char text[256];

        cr_assert(sftp_name_parse(texts[i], &name));
        cr_assert(sftp_name_format(&name, name.path, text, sizeof text));
        cr_expect_str_eq(text, texts[i]);
        for (size_t size = 0; size <= strlen(texts[i]); size++)
            cr_expect(!sftp_name_format(&name, name.path, text, size), "%zu bytes", size);
    }
}

Test(sftp_name, the_rest_begins_after_so_many_components) {
    static const struct {
        const char *text;
        size_t components, rest;
    } rows[] = {
        {"sftp://server/a/b", 0, 13},   {"sftp://server/a/b", 1, 15}, {"sftp://server/a/b", 2, 17},
        {"sftp://server//a//b", 1, 16}, {"sftp://server", 0, 13},     {"sftp://server/a/", 1, 16},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(sftp_name_rest(rows[i].text, rows[i].components), rows[i].rest, "%s",
                     rows[i].text);
}
