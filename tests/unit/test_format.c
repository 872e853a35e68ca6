/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_format.c: names as people are to see them.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "router/mpr_format.h"
#include "router/mpr_name.h"
#include "router/mpr_utf.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

TestSuite(format, .timeout = 60);

Test(format, rows) {
    static const struct {
        const char *name;
        uint32_t flags, width;
        const char *text;
    } rows[] = {
        {"", 0, 0, ""},
        {"", WNFMT_INENUM, 0, ""},
        {"\\\\s\\p", 0, 3, "\\\\s\\p"},
        {"\\\\s\\p", WNFMT_CONNECTION, 3, "\\\\s\\p"},
        {"\\\\s\\p", WNFMT_MULTILINE, 0, "\\\\s\\p"},
        {"\\\\s\\p", WNFMT_ABBREVIATED, 0, "\\\\s\\p"},
        {"\\\\s\\p", WNFMT_ABBREVIATED, 5, "\\\\s\\p"},
        {"abcdef", WNFMT_ABBREVIATED, 1, "."},
        {"abcdef", WNFMT_ABBREVIATED, 3, "..."},
        {"abcdef", WNFMT_ABBREVIATED, 4, "...f"},
        {"abcdef", WNFMT_ABBREVIATED, 5, "a...f"},
        {"abcdefg", WNFMT_ABBREVIATED, 6, "a...fg"},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z\xc3\xa9\xc3\xa8", WNFMT_ABBREVIATED, 5,
         "\xc3\xa9...\xc3\xa8"},
        {"\\\\server\\share\\dir", WNFMT_MULTILINE, 9, "\\\\server\\\nshare\\dir"},
        {"\\\\server\\share\\dir", WNFMT_MULTILINE, 8, "\\\\server\n\\share\\\ndir"},
        {"\\\\server\\share", WNFMT_MULTILINE, 4, "\\\\se\nrver\n\\sha\nre"},
        {"abc", WNFMT_MULTILINE, 1, "a\nb\nc"},
        {"h:/a/b", WNFMT_MULTILINE, 4, "h:/\na/b"},
        {"\\\\s\\p", WNFMT_INENUM, 0, "p"},
        {"//s/p/q/", WNFMT_INENUM, 0, "q"},
        {"\\\\server", WNFMT_INENUM, 0, "server"},
        {"\\\\", WNFMT_INENUM, 0, "\\\\"},
        {"\\\\\\", WNFMT_INENUM, 0, "\\\\\\"},
        {"s:/p", WNFMT_INENUM, 0, "s:/p"},
        {"\\\\server\\abcdef", WNFMT_INENUM | WNFMT_ABBREVIATED, 5, "a...f"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = NULL;

        cr_assert_eq(mpr_format_name(rows[i].name, rows[i].flags, rows[i].width, &text), NO_ERROR);
        cr_expect_str_eq(text, rows[i].text, "row %zu: %s", i, text);
        free(text);
    }
}

/* Nothing is lost, no line is longer than it may be, and what was UTF-8 is. */
static void expect_lines(const char *name, uint32_t width) {
    char joined[256], *text = NULL;
    size_t n = 0, line = 0;

    cr_assert_eq(mpr_format_name(name, WNFMT_MULTILINE, width, &text), NO_ERROR);
    for (const char *at = text; *at; at++) {
        line = *at == '\n' ? 0 : line + ((*at & 0xC0) != 0x80);
        cr_expect(!width || line <= width, "%s", text);
        if (*at != '\n')
            joined[n++] = *at;
    }
    joined[n] = '\0';
    cr_expect_str_eq(joined, name);
    cr_expect(mpr_utf_valid(text));
    free(text);
}

Test(format, every_width) {
    static const char *const names[] = {
        "\\\\server\\share\\dir\\file",
        "server:/export/with/a/long/path",
        "////",
        "a",
        "\\\\s\xc3\xa9rv\xe2\x82\xacr\\\xf0\x9f\x98\x80\xf0\x9f\x98\x80\\x",
        "none",
    };

    for (size_t i = 0; i < COUNT(names); i++)
        for (uint32_t width = 0; width < 40; width++) {
            size_t length = mpr_name_length(names[i]);
            char *text = NULL;

            expect_lines(names[i], width);
            cr_assert_eq(mpr_format_name(names[i], WNFMT_ABBREVIATED, width, &text), NO_ERROR);
            cr_expect_eq(mpr_name_length(text), width && width < length ? width : length);
            cr_expect(mpr_utf_valid(text));
            free(text);
        }
}
