/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_name.c: devices and paths by syntax alone.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "router/mpr_name.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

TestSuite(name, .timeout = 60);

/* Every device, in both cases, and with the colon that a printer may have. */
Test(name, all_devices) {
    for (int index = 0; index < MPR_DEVICE_COUNT; index++) {
        struct mpr_device device = mpr_name_device_at(index), found = {.index = -1};
        char text[16];

        cr_expect_eq(device.index, index);
        cr_expect(mpr_name_device(device.name, &found));
        cr_expect_eq(found.index, index, "%s", device.name);
        for (size_t i = 0; i <= strlen(device.name); i++)
            text[i] = (char)(device.name[i] >= 'A' ? device.name[i] | 0x20 : device.name[i]);
        found.index = -1;
        cr_expect(mpr_name_device(text, &found));
        cr_expect_eq(found.index, index, "%s", text);
        cr_expect_str_eq(found.name, device.name, "in capitals");
        snprintf(text, sizeof text, "%s:", device.name);
        cr_expect_eq(mpr_name_device(text, &found), index >= 26, "%s", text);
        cr_expect_eq(mpr_name_device_type(&device),
                     index < 26 ? RESOURCETYPE_DISK : RESOURCETYPE_PRINT);
    }
}

Test(name, no_devices) {
    static const char *const texts[] = {
        "",     ":",         "Z",   "Z:\\", "ZZ:",  "@:",    "[:",   "`:",    "{:",
        "1:",   "\xc3\xa9:", "Z: ", " Z:",  "LPT",  "LPT0",  "LPT:", "LPT10", "LPT1x",
        "LPTA", "LPT1::",    "L",   "LP",   "XPT1", "LPT1 ", "COM1", "lpt",   "LPT\xff",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct mpr_device device = {.name = "keep", .index = 4711};

        cr_expect(!mpr_name_device(texts[i], &device), "%s", texts[i]);
        cr_expect_eq(device.index, 4711);
        cr_expect_str_eq(device.name, "keep");
    }
}

Test(name, device_paths) {
    static const struct {
        const char *text;
        int index; /* -1: none */
        const char *rest;
    } rows[] = {
        {"Z:", 25, ""},         {"z:\\", 25, "\\"},  {"Z:/a\\b", 25, "/a\\b"},
        {"a:\\", 0, "\\"},      {"Z:a", -1, NULL},   {"Z", -1, NULL},
        {"", -1, NULL},         {"ZZ:\\", -1, NULL}, {"LPT1:\\", -1, NULL},
        {"\\\\s\\p", -1, NULL}, {"1:\\", -1, NULL},  {":\\", -1, NULL},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mpr_device device = {.index = -1};
        const char *rest = NULL;

        cr_expect_eq(mpr_name_device_path(rows[i].text, &device, &rest), rows[i].index >= 0, "%s",
                     rows[i].text);
        cr_expect_eq(device.index, rows[i].index);
        if (rows[i].rest)
            cr_expect_str_eq(rest, rows[i].rest);
        else
            cr_expect_null(rest);
    }
}

Test(name, inner_paths) {
    static const struct {
        const char *rest, *path; /* NULL: refused */
    } rows[] = {
        {"", ""},
        {"/", ""},
        {"\\", ""},
        {"//\\\\/", ""},
        {"a", "a"},
        {"/a", "a"},
        {"\\a\\", "a"},
        {"\\a\\b", "a/b"},
        {"/a//b\\\\c/", "a/b/c"},
        {"\\...\\..a\\.b\\c..\\d.", ".../..a/.b/c../d."},
        {"\\ \\\t", " /\t"},
        {"\\\xc3\xa9", "\xc3\xa9"},
        {".", NULL},
        {"..", NULL},
        {"\\.", NULL},
        {"\\a\\..", NULL},
        {"/a/../b", NULL},
        {"/./a", NULL},
        {"a/.", NULL},
        {"\xff", NULL},
        {"/a/\xed\xa0\x80", NULL},
        {"/\xc0\xae\xc0\xae/a", NULL}, /* ".." in an overlong form */
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *path = (char *)(uintptr_t) "untouched";
        int rc = mpr_name_inner_path(rows[i].rest, &path);

        if (rows[i].path) {
            cr_assert_eq(rc, 0, "%s", rows[i].rest);
            cr_expect_str_eq(path, rows[i].path);
            free(path);
        } else {
            cr_expect_eq(rc, -EINVAL, "%s", rows[i].rest);
            cr_expect_str_eq(path, "untouched");
        }
    }
}

Test(name, lengths_and_control_characters) {
    cr_expect_eq(mpr_name_length(""), 0);
    cr_expect_eq(mpr_name_length("abc"), 3);
    cr_expect_eq(mpr_name_length("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 3);
    cr_expect(!mpr_name_has_control("abc \xc3\xa9\xc2\xa0"));
    for (char c = 1; c < 0x20; c++)
        cr_expect(mpr_name_has_control((char[]){'a', c, 0}), "%d", c);
    cr_expect(mpr_name_has_control("a\x7f"));
}
