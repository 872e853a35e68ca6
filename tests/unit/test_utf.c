/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_utf.c: UTF-16 and UTF-8 become each other without loss, and what is
 * neither is refused.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_utf.h"

TestSuite(utf, .timeout = 60);

static void expect_utf8(LPCWSTR wide, const char *wanted) {
    char *text = NULL;

    cr_assert_eq(mpr_utf_from_wide(wide, &text), NO_ERROR);
    cr_expect_str_eq(text, wanted);
    free(text);
}

Test(utf, utf16_becomes_utf8) {
    char untouched[] = "x", *text = untouched;

    cr_expect_eq(mpr_utf_from_wide(NULL, &text), NO_ERROR);
    cr_expect_null(text);
    expect_utf8(u"", "");
    expect_utf8(u"\\\\srv\\pub", "\\\\srv\\pub");
    expect_utf8(u"\x7F\x80\x7FF\x800\xD7FF\xE000\xFFFF",
                "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF");
    expect_utf8(u"a\xD800\xDC00z\xDBFF\xDFFF", "a\xF0\x90\x80\x80z\xF4\x8F\xBF\xBF");
}

Test(utf, unpaired_surrogates_are_refused) {
    static const WCHAR cases[][4] = {
        {0xD800, 0},
        {0xDBFF, 'x', 0},
        {0xDC00, 0},
        {0xDC00, 0xD800, 0},
        {'x', 0xD800, 0xD800, 0},
        {0xD800, 0xDC00, 0xDC00, 0},
        {0xDBFF, 0xE000, 'x', 0},
        {0xDFFF, 'x', 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char untouched[] = "x", *text = untouched;

        cr_expect_eq(mpr_utf_from_wide(cases[i], &text), (DWORD)ERROR_NO_UNICODE_TRANSLATION);
        cr_expect_eq((void *)text, (void *)untouched, "results are untouched on failure");
    }
}

Test(utf, utf16_is_put_where_it_fits) {
    static const char wanted[] = "a\xC2\x80\xE0\xA0\x80\xF4\x8F\xBF\xBF";
    char room[sizeof wanted + 1];

    for (size_t size = 0; size <= sizeof wanted; size++) {
        memset(room, 'x', sizeof room);
        cr_expect_eq(mpr_utf_put_wide(u"a\x80\x800\xDBFF\xDFFF", room, size),
                     size == sizeof wanted);
        cr_expect_eq(room[size], 'x', "%zu bytes: it wrote more", size);
    }
    cr_expect_str_eq(room, wanted);
    cr_expect_not(mpr_utf_put_wide(u"a\xDFFF", room, sizeof room));
    cr_expect_not(mpr_utf_put_wide(u"", room, 0));
    cr_expect(mpr_utf_put_wide(u"", room, 1));
    cr_expect_str_eq(room, "");
}

/* Characters from first on, as many as fit, to UTF-16; returns the next. */
static uint32_t fill(uint32_t first, WCHAR *wide, size_t size) {
    size_t at = 0;

    while (first <= 0x10FFFF && at + 2 < size) {
        if (first >= 0x10000) {
            wide[at++] = (WCHAR)(0xD800 + ((first - 0x10000) >> 10));
            wide[at++] = (WCHAR)(0xDC00 + ((first - 0x10000) & 0x3FF));
        } else {
            wide[at++] = (WCHAR)first;
        }
        first++;
        if (first == 0xD800)
            first = 0xE000;
    }
    wide[at] = 0;
    return first;
}

Test(utf, every_character_comes_back) {
    static WCHAR wide[4096], again[4096];

    for (uint32_t next = 1; next <= 0x10FFFF;) {
        char *text = NULL;
        size_t units = 0;

        next = fill(next, wide, 4096);
        cr_assert_eq(mpr_utf_from_wide(wide, &text), NO_ERROR);
        cr_assert(mpr_utf_valid(text));
        while (wide[units])
            units++;
        cr_assert_eq(mpr_utf_wide_size(text), units + 1);
        mpr_utf_to_wide(text, again, 4096);
        cr_assert_eq(memcmp(wide, again, (units + 1) * sizeof *wide), 0);
        free(text);
    }
}

Test(utf, what_is_no_utf8_is_found) {
    static const struct {
        const char *text;
        size_t prefix;
    } cases[] = {
        {"abc\x80", 3},              /* a follower alone */
        {"\xC0\x80", 0},             /* NUL in two bytes */
        {"\xC1\xBF", 0},             /* overlong */
        {"\xE0\x80\x80", 0},         /* overlong */
        {"\xE0\x9F\xBF", 0},         /* overlong */
        {"\xF0\x80\x80\x80", 0},     /* overlong */
        {"\xF0\x8F\xBF\xBF", 0},     /* overlong */
        {"a\xED\xA0\x80", 1},        /* a surrogate */
        {"\xED\xBF\xBF", 0},         /* a surrogate */
        {"\xF4\x90\x80\x80", 0},     /* beyond the last */
        {"\xF5\x80\x80\x80", 0},     /* leads nothing */
        {"\xFF", 0},                 /* leads nothing */
        {"\xC3", 0},                 /* cut off */
        {"\xC3\xA9\xE2\x82", 2},     /* cut off */
        {"\xF0\x90\x80", 0},         /* cut off */
        {"\xE2\x28\xA1", 0},         /* interrupted */
        {"\xF8\x88\x80\x80\x80", 0}, /* five bytes */
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_not(mpr_utf_valid(cases[i].text), "case %zu", i);
        cr_expect_eq(mpr_utf_valid_prefix(cases[i].text), cases[i].prefix, "case %zu", i);
    }
    cr_expect(mpr_utf_valid(""));
    cr_expect(mpr_utf_valid("\xF4\x8F\xBF\xBF"));
    cr_expect_eq(mpr_utf_valid_prefix("\xC3\xA9z"), 3);
}

Test(utf, utf16_is_cut_between_characters_and_terminated) {
    static const char text[] = "a\xF0\x90\x80\x80z"; /* 4 units */
    WCHAR wide[8];

    for (size_t size = 0; size < 8; size++) {
        size_t units = size < 2 ? 0 : size < 4 ? 1 : size < 5 ? 3 : 4;

        memset(wide, 0xEE, sizeof wide);
        mpr_utf_to_wide(text, wide, size);
        if (size)
            cr_expect_eq(wide[units], 0, "size %zu", size);
        cr_expect_eq(wide[size], 0xEEEE, "size %zu: written beyond", size);
    }
    mpr_utf_to_wide("\xFFx", wide, 8);
    cr_expect(wide[0] == '?' && wide[1] == 'x' && wide[2] == 0);
}

Test(utf, utf8_is_cut_between_characters_and_terminated) {
    static const char text[] = "a\xE2\x82\xACz";
    static const char *const wanted[] = {NULL, "", "a", "a", "a", "a\xE2\x82\xAC", text, text};
    char copy[8];

    for (size_t size = 0; size < 8; size++) {
        memset(copy, 0x55, sizeof copy);
        mpr_utf_copy(copy, size, text);
        if (size)
            cr_expect_str_eq(copy, wanted[size]);
        cr_expect_eq(copy[size], 0x55, "size %zu: written beyond", size);
    }
    mpr_utf_copy(copy, sizeof copy, "a\xFF\xE2\x82z");
    cr_expect_str_eq(copy, "a???z");
}

Test(utf, only_the_case_of_ascii_is_ignored) {
    cr_expect(mpr_utf_same("", ""));
    cr_expect(mpr_utf_same("SRV\\Pub", "srv\\pUB"));
    cr_expect_not(mpr_utf_same("a", "ab"));
    cr_expect_not(mpr_utf_same("ab", "a"));
    cr_expect_not(mpr_utf_same("[", "{"), "they differ by the bit of case");
    cr_expect_not(mpr_utf_same("@", "`"));
    cr_expect_not(mpr_utf_same("\xC3\x84", "\xC3\xA4"), "A and a with two dots");
}
