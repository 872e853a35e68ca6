/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_base64.c: bytes as text and back, and what is no such text.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_base64.h"

TestSuite(base64, .timeout = 60);

Test(base64, is_that_of_the_standard) {
    static const char *const rows[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xfe\xfb", "//77"},
        {"\xfb\xef\xbe", "++++"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t length = strlen(rows[i][0]), size = 4711;
        char *text = mpr_base64_encode(rows[i][0], length);
        void *bytes = NULL;

        cr_expect_str_eq(text, rows[i][1]);
        cr_assert_eq(mpr_base64_decode(rows[i][1], 6, &bytes, &size), NO_ERROR, "%s", rows[i][1]);
        cr_expect_eq(size, length);
        cr_expect_eq(bytes != NULL, length != 0);
        cr_expect(!length || memcmp(bytes, rows[i][0], length) == 0, "%s", rows[i][1]);
        free(bytes);
        free(text);
    }
}

Test(base64, every_byte_comes_back) {
    unsigned char bytes[256];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    for (size_t size = 0; size <= sizeof bytes; size++) {
        char *text = mpr_base64_encode(bytes, size);
        void *back = NULL;
        size_t back_size = 4711;

        cr_assert_eq(mpr_base64_decode(text, size, &back, &back_size), NO_ERROR);
        cr_assert_eq(back_size, size);
        cr_assert(!size || memcmp(back, bytes, size) == 0);
        free(back);
        free(text);
    }
}

/* Also what other decoders take: there is one text for any bytes. */
Test(base64, what_is_none_is_refused_and_nothing_written) {
    static const char *const rows[] = {
        "Z",        "Zg",           "Zg=",        "=",         "====",     "Z===",
        "Zg==Zg==", "Zh==",         "Zm9=",       "Zm9v\n",    "Zm 9",     "Zm9*",
        "-_-_",     "Zg==\n\n\n\n", "Z\xc3\xa9m", "Zm9vYmFyZ", "Zm9vYm=y", "AAAAAAAAAAAAAAAAAAA=",
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *bytes = &bytes;
        size_t size = 4711;

        cr_expect_eq(mpr_base64_decode(rows[i], 12, &bytes, &size), ERROR_INVALID_DATA, "%s",
                     rows[i]);
        cr_expect_eq(bytes, (void *)&bytes);
        cr_expect_eq(size, 4711);
    }
}
