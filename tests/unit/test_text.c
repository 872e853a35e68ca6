/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_text.c: strings at the border of the public functions.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/wnet_text.h"

TestSuite(text, .timeout = 60);

static void expect_words(DWORD code, const char *piece) {
    const char *text, *provider;
    DWORD native;

    mpr_error_get(&native, &text, &provider);
    cr_expect_eq(native, code);
    cr_expect_not_null(strstr(text, piece), "%s", text);
}

Test(text, in) {
    char *text = (char *)(uintptr_t) "untouched";

    cr_expect_eq(wnet_text_in(false, "\xff", &text), ERROR_NO_UNICODE_TRANSLATION);
    expect_words(ERROR_NO_UNICODE_TRANSLATION, "UTF-8");
    cr_expect_eq(wnet_text_in(true, (WCHAR[]){0xD800, 0}, &text), ERROR_NO_UNICODE_TRANSLATION);
    expect_words(ERROR_NO_UNICODE_TRANSLATION, "UTF-16");
    cr_expect_str_eq(text, "untouched");
    cr_expect_eq(wnet_text_in(false, "a\xc3\xa9", &text), NO_ERROR);
    cr_expect_str_eq(text, "a\xc3\xa9");
    free(text);
    cr_expect_eq(wnet_text_in(true, u"a\u00e9", &text), NO_ERROR);
    cr_expect_str_eq(text, "a\xc3\xa9");
    free(text);
    cr_expect_eq(wnet_text_in(false, NULL, &text), NO_ERROR);
    cr_expect_null(text);
    text = (char *)(uintptr_t) "untouched";
    cr_expect_eq(wnet_text_in(true, NULL, &text), NO_ERROR);
    cr_expect_null(text);
}

Test(text, out) {
    static const char text[] = "a\xc3\xa9\xf0\x9f\x98\x80";
    char bytes[16] = "before";
    WCHAR units[16] = u"before";
    DWORD size = 0;

    cr_expect_eq(wnet_text_size(false, text), 8);
    cr_expect_eq(wnet_text_size(true, text), 5);
    cr_expect_eq(wnet_text_out(false, text, NULL, &size), ERROR_MORE_DATA);
    cr_expect_eq(size, 8);
    cr_expect_eq(wnet_text_out(false, text, NULL, &size), ERROR_INVALID_ADDRESS);
    cr_expect_eq(size, 8);
    size = 7;
    cr_expect_eq(wnet_text_out(false, text, bytes, &size), ERROR_MORE_DATA);
    cr_expect_str_eq(bytes, "before");
    cr_expect_eq(size, 8);
    cr_expect_eq(wnet_text_out(false, text, bytes, &size), NO_ERROR);
    cr_expect_str_eq(bytes, text);
    size = 4;
    cr_expect_eq(wnet_text_out(true, text, units, &size), ERROR_MORE_DATA);
    cr_expect_eq(units[0], u'b');
    cr_expect_eq(size, 5);
    size = 16;
    cr_expect_eq(wnet_text_out(true, text, units, &size), NO_ERROR);
    cr_expect_eq(memcmp(units, u"a\u00e9\U0001F600", 10), 0);
    cr_expect_eq(size, 16, "on success it is left alone");
}
