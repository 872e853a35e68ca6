/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_nfs_name.c: which texts are names of NFS exports, and which of them are
 * the same.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "providers/nfs/nfs_name.h"

TestSuite(nfs_name, .timeout = 60);

struct row {
    const char *text, *key, *path;
};

Test(nfs_name, the_three_forms_are_recognised) {
    static const struct row rows[] = {
        {"server:/export", "server/export", "/export"},
        {"Server.Example:/Export/Dir", "server.example/Export/Dir", "/Export/Dir"},
        {"server:/", "server", "/"},
        {"server:", "server", ""},
        {"server:/a//b///c/", "server/a/b/c", "/a/b/c"},
        {"[::1]:/export", "[::1]/export", "/export"},
        {"[FE80::0:1%eth0]:/export", "[fe80::1%eth0]/export", "/export"},
        {"10.0.0.1:/export", "10.0.0.1/export", "/export"},
        {"server:/with space and \xc3\xa4", "server/with space and \xc3\xa4",
         "/with space and \xc3\xa4"},
        {"server:/a\\b", "server/a\\b", "/a\\b"},
        {"nfs://server/export/dir", "server/export/dir", "/export/dir"},
        {"NFS://SERVER/Export", "server/Export", "/Export"},
        {"nfs://server", "server", ""},
        {"nfs://server/", "server", "/"},
        {"nfs://server:2049/export", "server/export", "/export"},
        {"nfs://server:2050/export", "server:2050/export", "/export"},
        {"nfs://[::1]:2050/export", "[::1]:2050/export", "/export"},
        {"nfs://server/export?nfsport=2050", "server:2050/export", "/export"},
        {"nfs://server/export?uid=1&gid=2&version=3", "server/export", "/export"},
        {"nfs://server/a%20b%2fc", "server/a b/c", "/a b/c"},
        {"nfs://s/e", "s/e", "/e"},
        {"\\\\server\\export\\dir", "server/export/dir", "/export/dir"},
        {"\\\\SERVER\\Export", "server/Export", "/Export"},
        {"\\\\server\\export/dir", "server/export/dir", "/export/dir"},
        {"\\\\server", "server", ""},
        {"\\\\server\\", "server", ""},
        {"\\\\s\\e", "s/e", "/e"},
        {"lpt1:/export", "lpt1/export", "/export"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct nfs_name name;
        char key[MPR_KEY_MAX];

        cr_assert(nfs_name_parse(rows[i].text, &name), "%s", rows[i].text);
        cr_assert(nfs_name_key(&name, key, sizeof key), "%s", rows[i].text);
        cr_expect_str_eq(key, rows[i].key, "%s has %s", rows[i].text, key);
        cr_expect_str_eq(name.path, rows[i].path, "%s has %s", rows[i].text, name.path);
        cr_expect_str_eq(name.problem, "");
    }
}

Test(nfs_name, everything_else_is_not) {
    static const char *const texts[] = {
        "",
        "Z:",
        "z:/export",
        "Z:\\export",
        "LPT1:",
        "lpt9:",
        "server",
        "server/export",
        "server:export",
        "server:2049:/export",
        ":/export",
        "server:/a/../b",
        "server:/a/./b",
        "server:/..",
        "server://export",
        "smb://server/share",
        "http://server/x",
        "//server/share",
        "\\server\\share",
        "\\\\",
        "\\\\\\",
        "\\\\server\\\\x",
        "\\\\server\\a\\..\\b",
        "nfs://",
        "nfs:///export",
        "nfs://server:0/export",
        "nfs://server:65536/export",
        "nfs://server:x/export",
        "nfs://user@server/export",
        "nfs://server/%",
        "nfs://server/%zz",
        "nfs://server/a%00b",
        "nfs://server/a%0ab",
        "nfs://server/%2e%2e/x",
        "nfs://server/%ff",
        "[::1:/export",
        "[::1]/export",
        "[nothing]:/export",
        "bad host:/export",
        "server:/tab\there",
        "server:/\xff",
        "server:/\xc0\xaf",
        "a..b:/x",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct nfs_name name;

        cr_expect(!nfs_name_parse(texts[i], &name), "%s", texts[i]);
    }
}

Test(nfs_name, what_does_not_fit_is_not_recognised) {
    static char text[40000];
    struct nfs_name name;
    char key[MPR_KEY_MAX];

    memcpy(text, "server:/", 8);
    memset(text + 8, 'a', sizeof text - 9);
    cr_expect(!nfs_name_parse(text, &name));
    /* The longest that fits its key: "server" and the path with its slash. */
    text[MPR_KEY_MAX] = '\0';
    cr_assert(nfs_name_parse(text, &name));
    cr_expect(nfs_name_key(&name, key, sizeof key));
    cr_expect_eq(strlen(key), MPR_KEY_MAX - 1u);
    text[MPR_KEY_MAX] = 'a';
    text[MPR_KEY_MAX + 1] = '\0';
    cr_expect(!nfs_name_parse(text, &name) || !nfs_name_key(&name, key, sizeof key));
    memset(text, 'a', 300);
    memcpy(text + 300, ":/x", 4);
    cr_expect(!nfs_name_parse(text, &name), "a host of 300 bytes");
}

Test(nfs_name, arguments_of_a_url_are_understood_or_named) {
    struct nfs_name name;

    cr_assert(
        nfs_name_parse("nfs://s/e?uid=7&gid=0&mountport=20048&nfsport=2049&version=4", &name));
    cr_expect(name.has_uid && name.uid == 7);
    cr_expect(name.has_gid && name.gid == 0);
    cr_expect_eq(name.mount_port, 20048);
    cr_expect_eq(name.nfs_port, 2049);
    cr_expect_eq(name.version, 4u);
    cr_expect_str_eq(name.problem, "");
    cr_assert(nfs_name_parse("nfs://s/e?", &name));
    cr_expect_str_eq(name.problem, "");
    cr_assert(nfs_name_parse("nfs://s/e?uid=1&udi=2&gdi=3", &name));
    cr_expect_str_eq(name.problem, "udi=2");
    cr_assert(nfs_name_parse("nfs://s:2050/e?nfsport=2051", &name));
    cr_expect_str_eq(name.problem, "nfsport=2051", "two ports that differ");
}

Test(nfs_name, a_wrong_value_is_a_problem) {
    static const char *const wrong[] = {"uid",
                                        "uid=",
                                        "uid=-1",
                                        "uid=4294967295",
                                        "uid=1x",
                                        "gid=99999999999",
                                        "mountport=0",
                                        "version=0",
                                        "mountport=65536",
                                        "=",
                                        "nfsport=2 ",
                                        "version=abc",
                                        "UID=1"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct nfs_name name;
        char text[64];

        snprintf(text, sizeof text, "nfs://s/e?%s", wrong[i]);
        cr_assert(nfs_name_parse(text, &name), "%s", text);
        cr_expect_str_eq(name.problem, wrong[i]);
        cr_expect(!name.has_uid && !name.has_gid && !name.version && !name.mount_port);
    }
}

Test(nfs_name, a_long_problem_is_cut_between_characters) {
    struct nfs_name name;
    char text[256] = "nfs://s/e?";

    for (size_t i = 0; i < 60; i++)
        memcpy(text + strlen(text), "\xc3\xa4", 3);
    cr_assert(nfs_name_parse(text, &name));
    cr_expect_eq(strlen(name.problem), 62u);
    cr_expect(np_text_is_clean(name.problem, strlen(name.problem)));
}

Test(nfs_name, names_are_made_in_the_form_they_were_asked_in) {
    struct nfs_name name;
    char text[256];

    cr_assert(nfs_name_parse("server:", &name));
    cr_expect(nfs_name_format(&name, "/srv/a b", text, sizeof text));
    cr_expect_str_eq(text, "server:/srv/a b");
    cr_assert(nfs_name_parse("[::1]:", &name));
    cr_expect(nfs_name_format(&name, "/srv", text, sizeof text));
    cr_expect_str_eq(text, "[::1]:/srv");
    cr_assert(nfs_name_parse("nfs://server:2050", &name));
    cr_expect(nfs_name_format(&name, "/srv/a b?", text, sizeof text));
    cr_expect_str_eq(text, "nfs://server:2050/srv/a%20b%3F");
    cr_assert(nfs_name_parse("\\\\server", &name));
    cr_expect(nfs_name_format(&name, "/srv/dir", text, sizeof text));
    cr_expect_str_eq(text, "\\\\server\\srv\\dir");
    cr_expect(nfs_name_format(&name, "", text, sizeof text));
    cr_expect_str_eq(text, "\\\\server");
    cr_expect(!nfs_name_format(&name, "/", text, sizeof text), "no UNC name for the root");
    cr_expect(!nfs_name_format(&name, "/a\\b", text, sizeof text), "nor for a backslash");
    cr_expect(!nfs_name_format(&name, "/srv/dir", text, 12), "and not cut");
}
