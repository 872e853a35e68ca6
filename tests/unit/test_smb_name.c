/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_smb_name.c: which names the SMB provider takes, which of them are one
 * resource, and how they and the paths below are written for the SMB library.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/smb/smb_url.h"

static struct smb_fold fold;

static void open_fold(void) {
    smb_fold_open(&fold);
}

static void close_fold(void) {
    smb_fold_close(&fold);
}

TestSuite(smb_name, .timeout = 60, .init = open_fold, .fini = close_fold);

static const char *key_of(const char *remote, unsigned *ret_depth) {
    static struct mpr_recognised found;

    if (!smb_name_recognise(&fold, remote, &found))
        return "";
    if (ret_depth)
        *ret_depth = found.depth;
    return found.key;
}

Test(smb_name, equal_names_have_one_key) {
    static const struct {
        const char *key;
        unsigned depth;
        const char *names[6];
    } cases[] = {
        {"srv/pub",
         2,
         {"\\\\SRV\\Pub\\", "//srv/pub", "smb://srv/Pub", "SMB://srv:445/pub/", "\\\\srv:445\\PUB",
          "smb://SRV/%50ub"}},
        {"srv:4455/pub", 2, {"smb://srv:4455/pub", "\\\\srv:4455\\pub", "//SRV:4455/PUB/"}},
        {"srv", 0, {"\\\\srv", "smb://srv", "smb://srv/", "//srv/"}},
        {"srv/pub/a/b c", 2, {"\\\\srv\\pub\\A\\B c", "smb://srv/pub/a/b%20c/"}},
        {"[::1]/pub",
         2,
         {"smb://[::1]/pub", "\\\\[0:0:0:0:0:0:0:1]\\pub", "\\\\--1.ipv6-literal.net\\pub",
          "smb://[::1]:445/pub"}},
        {"[fe80::1%eth0]/x", 2, {"smb://[fe80::1%25eth0]/x", "\\\\[FE80::1%eth0]\\x"}},
        {"127.0.0.1/ipc$", 2, {"\\\\127.0.0.1\\IPC$"}},
        {"srv/\xc3\xa4\xce\xb1\xd0\xb6",
         2,
         {"\\\\srv\\\xc3\x84\xce\x91\xd0\x96", "smb://srv/%C3%84%CE%91%D0%96"}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t k = 0; k < 6 && cases[i].names[k]; k++) {
            unsigned depth = 9;

            cr_expect_str_eq(key_of(cases[i].names[k], &depth), cases[i].key, "%s is %s",
                             cases[i].names[k], key_of(cases[i].names[k], NULL));
            cr_expect_eq(depth, cases[i].depth);
        }
    }
}

Test(smb_name, the_key_does_not_depend_on_the_locale) {
    setlocale(LC_ALL, "C");
    cr_expect_str_eq(key_of("\\\\SRVI\\\xc3\x84I", NULL), "srvi/\xc3\xa4i");
}

Test(smb_name, a_longer_name_has_a_longer_key) {
    cr_expect_str_eq(key_of("\\\\s\\p\\D\\f.txt", NULL), "s/p/d/f.txt");
}

Test(smb_name, what_is_no_name) {
    static const char *const names[] = {
        "",
        "Z:",
        "\\\\",
        "smb:",
        "smb://",
        "smb:///pub",
        "smbx://srv/pub",
        "nfs://srv/pub",
        "srv:/export",
        "\\\\srv\\a:b",
        "\\\\srv\\a*",
        "\\\\srv\\a?",
        "\\\\srv\\a\"b",
        "\\\\srv\\a|b",
        "\\\\srv\\<a>",
        "\\\\srv\\p\\a:b",
        "\\\\srv\\p\\..\\x",
        "\\\\srv\\p\\\\x",
        "\\\\?\\UNC\\srv\\pub",
        "\\\\.\\pipe\\x",
        "\\\\srv@SSL\\DavWWWRoot",
        "smb://user@srv/pub",
        "smb://user:word@srv/pub",
        "smb://srv/pub?x=y",
        "smb://srv/pub#x",
        "smb://srv\\pub",
        "smb://srv//pub",
        "smb://srv/pub//x",
        "smb://srv/a%2Fb",
        "smb://srv/a%5Cb",
        "smb://srv/a%00b",
        "smb://srv/a%0Ab",
        "smb://srv/a%",
        "smb://srv/%2e%2e/x",
        "smb://srv/%ff",
        "smb://s%72v/pub",
        "smb://srv:0/pub",
        "smb://srv:99999/pub",
        "smb://[::1/pub",
        "smb://::1/pub",
        "smb://srv/\xff",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        cr_expect_str_eq(key_of(names[i], NULL), "", "%s", names[i]);
}

Test(smb_name, lengths) {
    char name[33000];

    snprintf(name, sizeof name, "\\\\srv\\%0257d", 0);
    cr_expect_str_neq(key_of(name, NULL), "", "260 bytes of server and share");
    snprintf(name, sizeof name, "\\\\srv\\%0258d", 0);
    cr_expect_str_eq(key_of(name, NULL), "");
    snprintf(name, sizeof name, "\\\\srv\\p\\%01017d", 0);
    cr_expect_eq(strlen(key_of(name, NULL)), MPR_KEY_MAX - 1);
    snprintf(name, sizeof name, "\\\\srv\\p\\%01018d", 0);
    cr_expect_str_eq(key_of(name, NULL), "");
    snprintf(name, sizeof name, "\\\\srv\\p\\%032767d", 0);
    cr_expect_str_eq(key_of(name, NULL), "");
    snprintf(name, sizeof name, "smb://srv/%032767d", 0);
    cr_expect_str_eq(key_of(name, NULL), "");
}

Test(smb_name, nothing_is_written_when_refused) {
    struct mpr_recognised found = {.depth = 77, .key = "before"};

    cr_assert_eq(smb_name_recognise(&fold, "\\\\srv\\a*", &found), 0);
    cr_expect_eq(found.depth, 77);
    cr_expect_str_eq(found.key, "before");
}

Test(smb_name, urls_for_the_library) {
    static const struct {
        const char *name, *path, *url;
    } cases[] = {
        {"\\\\SRV\\Pub", "", "smb://srv:445/Pub"},
        {"\\\\srv\\a b\\C", "d/%e#f", "smb://srv:445/a%20b/C/d/%25e%23f"},
        {"smb://[fe80::1%25eth0]:9/x", "", "smb://fe80%3A%3A1%25eth0:9/x"},
        {"smb://127.0.0.1:4455/x", "\xc3\xa4", "smb://127.0.0.1:4455/x/%C3%A4"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct smb_name name;
        char url[256];

        cr_assert(smb_name_parse(cases[i].name, &name));
        cr_assert_gt(smb_url_of_name(&name, url, sizeof url), 0);
        cr_assert_eq(smb_url_append(url, sizeof url, cases[i].path), 0);
        cr_expect_str_eq(url, cases[i].url);
        for (size_t size = 0; size < strlen(cases[i].url) - 3 * strlen(cases[i].path) - 1; size++)
            cr_expect_eq(smb_url_of_name(&name, url, size), -1);
    }
}

Test(smb_name, paths_below_a_share) {
    char text[5000];

    cr_expect_eq(smb_url_check_path(""), 0);
    cr_expect_eq(smb_url_check_path("a/b.c/d e"), 0);
    cr_expect_eq(smb_url_check_path("a\\b"), -EINVAL);
    cr_expect_eq(smb_url_check_path("a:b"), -EINVAL);
    cr_expect_eq(smb_url_check_path("a/*"), -EINVAL);
    cr_expect_eq(smb_url_check_path("/a"), -EINVAL);
    cr_expect_eq(smb_url_check_path("a/"), -EINVAL);
    cr_expect_eq(smb_url_check_path("a/../b"), -EINVAL);
    snprintf(text, sizeof text, "%0255d", 0);
    cr_expect_eq(smb_url_check_path(text), 0);
    cr_expect_not(smb_url_has_long_name(text));
    snprintf(text, sizeof text, "a/%0256d", 0);
    cr_expect_eq(smb_url_check_path(text), -ENAMETOOLONG);
    cr_expect(smb_url_has_long_name(text));
    /* 128 characters that are two UTF-16 units each. */
    for (int i = 0; i < 128; i++)
        memcpy(text + 4 * i, "\xf0\x9f\x98\x80", 5);
    cr_expect_eq(smb_url_check_path(text), -ENAMETOOLONG);
    text[4 * 127] = '\0';
    cr_expect_eq(smb_url_check_path(text), 0);
    for (int i = 0; i < 2500; i++)
        memcpy(text + 2 * i, "/a", 2);
    text[4096] = '\0';
    cr_expect_eq(smb_url_check_path(text + 1), 0);
    text[4096] = '/';
    text[4998] = '\0';
    cr_expect_eq(smb_url_check_path(text + 1), -ENAMETOOLONG);
}
