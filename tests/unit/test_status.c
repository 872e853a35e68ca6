/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_status.c: what codes mean. The numbers are written out, so that a table
 * that changes is seen.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_status.h"

TestSuite(status, .timeout = 60);

#define COUNT(array) (sizeof(array) / sizeof *(array))

Test(status, every_code_has_a_sentence) {
    for (DWORD code = 0; code < 3000; code++) {
        const char *text = mpr_status_text(code);

        cr_assert(text && *text, "%u", code);
        cr_expect_eq(text[strlen(text) - 1], '.', "%u: %s", code, text);
    }
    cr_expect_str_eq(mpr_status_text(0xC000006D), "The operation failed.");
}

/* All that <mpr/winerror.h> has: there is no other list of them. */
Test(status, every_code_of_the_header_has_a_sentence_of_its_own) {
    char path[4096], line[256];
    size_t count = 0;
    FILE *header;

    snprintf(path, sizeof path, "%s/include/mpr/winerror.h", getenv("abs_top_srcdir"));
    header = fopen(path, "re");
    cr_assert_not_null(header, "%s", path);
    while (fgets(line, sizeof line, header)) {
        char name[64];
        unsigned code;

        if (sscanf(line, "#define %63s %x", name, &code) != 2)
            continue;
        cr_expect_str_neq(mpr_status_text(code), mpr_status_text(UINT32_MAX), "%s", name);
        count++;
    }
    fclose(header);
    cr_expect_gt(count, 90);
}

Test(status, codes_of_the_cancel_function_have_sentences_of_their_own) {
    static const DWORD codes[] = {
        ERROR_BAD_PROFILE,    ERROR_CANNOT_OPEN_PROFILE, ERROR_DEVICE_IN_USE,
        ERROR_EXTENDED_ERROR, ERROR_NOT_CONNECTED,       ERROR_OPEN_FILES,
    };

    for (size_t i = 0; i < COUNT(codes); i++) {
        cr_expect_str_neq(mpr_status_text(codes[i]), "The operation failed.");
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(mpr_status_text(codes[i]), mpr_status_text(codes[j]));
    }
}

Test(status, success_also_comes_with_information) {
    static const DWORD codes[] = {0, 2108, 2109};

    for (size_t i = 0; i < COUNT(codes); i++)
        cr_expect_eq(mpr_status_class(codes[i]), MPR_CLASS_DONE, "%u", codes[i]);
}

Test(status, codes_that_say_not_mine_let_others_be_asked) {
    static const DWORD codes[] = {1200, 53, 67, 2250, 1207, 87, 124, 50};

    for (size_t i = 0; i < COUNT(codes); i++)
        cr_expect_eq(mpr_status_class(codes[i]), MPR_CLASS_NOT_MINE, "%u", codes[i]);
}

Test(status, codes_that_cannot_say_let_others_be_asked) {
    static const DWORD codes[] = {170, 1203, 1222, 1245};

    for (size_t i = 0; i < COUNT(codes); i++)
        cr_expect_eq(mpr_status_class(codes[i]), MPR_CLASS_CANNOT_SAY, "%u", codes[i]);
}

Test(status, every_other_code_is_the_owners_and_ends_the_search) {
    static const DWORD codes[] = {5,    8,    86,   234,  1204, 1205, 1206,      1208,
                                  1219, 1223, 1326, 2202, 2401, 2404, 0xC000006D};

    for (size_t i = 0; i < COUNT(codes); i++)
        cr_expect_eq(mpr_status_class(codes[i]), MPR_CLASS_MINE, "%u", codes[i]);
}

/* When nobody accepts, the code that tells most is reported. */
Test(status, of_two_answers_the_one_that_tells_more_is_reported) {
    static const DWORD falling[] = {170, 1203, 1222, 1200, 53, 67, 2250, 1207, 1234567};

    for (size_t i = 0; i < COUNT(falling); i++) {
        for (size_t j = 0; j < COUNT(falling); j++)
            cr_expect_eq(mpr_status_outranks(falling[i], falling[j]), i < j, "%u, %u", falling[i],
                         falling[j]);
    }
    cr_expect_not(mpr_status_outranks(1222, 1245));
    cr_expect_not(mpr_status_outranks(1245, 1222));
}
