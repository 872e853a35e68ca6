/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_json.c: JSON is read by the letter and within limits, and what was not
 * changed comes out as it went in.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_json.h"

TestSuite(json, .timeout = 60);

static struct mpr_json *parse(const char *text) {
    struct mpr_json_fault fault;
    struct mpr_json *document = NULL;
    DWORD rc = mpr_json_parse(text, strlen(text), &fault, &document);

    cr_assert_eq(rc, NO_ERROR, "%s: line %zu, column %zu: %s", text, fault.line, fault.column,
                 fault.what);
    return document;
}

static void expect_refused(const char *text, size_t size, size_t line, size_t column,
                           const char *what) {
    struct mpr_json_fault fault = {0};
    struct mpr_json *document = (struct mpr_json *)&fault;
    DWORD rc = mpr_json_parse(text, size, &fault, &document);

    cr_assert_eq(rc, ERROR_INVALID_DATA, "%s was taken", text);
    cr_expect_eq((void *)document, (void *)&fault, "results are untouched on failure");
    cr_expect_eq(fault.line, line, "%s: line %zu, not %zu", text, fault.line, line);
    cr_expect_eq(fault.column, column, "%s: column %zu, not %zu", text, fault.column, column);
    cr_expect_str_eq(fault.what, what, "%s: %s", text, fault.what);
}

static char *print(struct mpr_json *document) {
    char *text = NULL;
    size_t size;

    cr_assert_eq(mpr_json_print(document, &text, &size), NO_ERROR);
    cr_expect_eq(strlen(text), size);
    cr_expect_eq(text[size - 1], '\n');
    return text;
}

/* What is printed, without blanks. */
static void expect_printed(struct mpr_json *document, const char *wanted) {
    char *text = print(document), *to = text;

    for (const char *from = text; *from; from++)
        if (!strchr(" \t\n", *from))
            *to++ = *from;
    *to = '\0';
    cr_expect_str_eq(text, wanted);
    free(text);
}

Test(json, every_kind_of_value_is_read) {
    struct mpr_json *document = parse(
        " {\"s\":\"\\u005a:\\\\\\\"\\n\\ud83d\\ude00\", \"t\":true,\"f\":false,\r\n\t\"i\":-7,"
        "\"u\":4294967295,\"o\":{\"x\":{}},\"a\":[1,[],null],\"n\":null} ");
    const struct mpr_json *object;
    const char *text;
    bool flag = false;
    uint32_t u32;
    int number;

    cr_assert_eq(mpr_json_get_string(document, "s", &text), MPR_JSON_FOUND);
    cr_expect_str_eq(text, "Z:\\\"\n\xF0\x9F\x98\x80");
    cr_assert_eq(mpr_json_get_bool(document, "t", &flag), MPR_JSON_FOUND);
    cr_expect(flag);
    cr_assert_eq(mpr_json_get_bool(document, "f", &flag), MPR_JSON_FOUND);
    cr_expect_not(flag);
    cr_assert_eq(mpr_json_get_int(document, "i", &number), MPR_JSON_FOUND);
    cr_expect_eq(number, -7);
    cr_assert_eq(mpr_json_get_u32(document, "u", &u32), MPR_JSON_FOUND);
    cr_expect_eq(u32, UINT32_MAX);
    cr_assert_eq(mpr_json_get_object(document, "o", &object), MPR_JSON_FOUND);
    cr_expect(mpr_json_is_object(object));
    cr_expect_str_eq(mpr_json_key(mpr_json_first(object)), "x");
    cr_expect_null(mpr_json_next(mpr_json_first(object)));
    mpr_json_free(document);
}

Test(json, a_value_of_another_kind_is_told_from_one_that_is_absent) {
    struct mpr_json *document = parse("{\"s\":\"x\",\"i\":1.5,\"n\":null,\"h\":4294967296,"
                                      "\"m\":-1,\"e\":1e2,\"a\":[]}");
    const struct mpr_json *object = NULL;
    const char *text = NULL;
    uint32_t u32 = 42;
    uint64_t u64 = 42;
    bool flag = true;
    int number = 42;

    cr_expect_eq(mpr_json_get_string(document, "i", &text), MPR_JSON_WRONG);
    cr_expect_eq(mpr_json_get_string(document, "n", &text), MPR_JSON_WRONG);
    cr_expect_eq(mpr_json_get_string(document, "S", &text), MPR_JSON_ABSENT, "case matters");
    cr_expect_eq(mpr_json_get_bool(document, "s", &flag), MPR_JSON_WRONG);
    cr_expect_eq(mpr_json_get_bool(document, "x", &flag), MPR_JSON_ABSENT);
    cr_expect_eq(mpr_json_get_int(document, "i", &number), MPR_JSON_WRONG);
    cr_expect_eq(mpr_json_get_int(document, "e", &number), MPR_JSON_WRONG);
    cr_expect_eq(mpr_json_get_int(document, "h", &number), MPR_JSON_WRONG);
    cr_expect_eq(mpr_json_get_int(document, "x", &number), MPR_JSON_ABSENT);
    cr_expect_eq(mpr_json_get_u32(document, "h", &u32), MPR_JSON_WRONG);
    cr_expect_eq(mpr_json_get_u32(document, "m", &u32), MPR_JSON_WRONG);
    cr_expect_eq(mpr_json_get_u64(document, "m", &u64), MPR_JSON_WRONG);
    cr_expect_eq(mpr_json_get_u64(document, "n", &u64), MPR_JSON_WRONG);
    cr_expect_eq(mpr_json_get_u64(document, "x", &u64), MPR_JSON_ABSENT);
    cr_expect_eq(mpr_json_get_object(document, "a", &object), MPR_JSON_WRONG);
    cr_expect_eq(mpr_json_get_object(document, "x", &object), MPR_JSON_ABSENT);
    cr_expect(!text && !object && u32 == 42 && u64 == 42 && flag && number == 42,
              "results are untouched");
    mpr_json_free(document);
}

Test(json, what_breaks_the_standard_is_refused_with_its_place) {
    static const struct {
        const char *text;
        size_t line, column;
        const char *what;
    } cases[] = {
        {"", 1, 1, "there is nothing in it"},
        {" \n ", 2, 2, "there is nothing in it"},
        {"[]", 1, 1, "it does not start with '{'"},
        {"\"x\"", 1, 1, "it does not start with '{'"},
        {"{", 1, 2, "a key in double quotes is missing"},
        {"{\"a\":1,}", 1, 8, "a key in double quotes is missing"},
        {"{a:1}", 1, 2, "a key in double quotes is missing"},
        {"{'a':1}", 1, 2, "a key in double quotes is missing"},
        {"{\"a\" 1}", 1, 6, "a ':' is missing after a key"},
        {"{\"a\":}", 1, 6, "a value is missing here"},
        {"{\"a\":", 1, 6, "the text ends before its time"},
        {"{\"a\":1", 1, 7, "a ',' or '}' is missing"},
        {"{\"a\":1 \"b\":2}", 1, 8, "a ',' or '}' is missing"},
        {"{\"a\":[1 2]}", 1, 9, "a ',' or ']' is missing"},
        {"{\"a\":[1,]}", 1, 9, "a value is missing here"},
        {"{\"a\":[", 1, 7, "the text ends before its time"},
        {"{}x", 1, 3, "something follows the end"},
        {"{}\n{}", 2, 1, "something follows the end"},
        {"{\"a\":01}", 1, 6, "a number starts with 0"},
        {"{\"a\":-}", 1, 7, "a digit is missing"},
        {"{\"a\":-01}", 1, 7, "a number starts with 0"},
        {"{\"a\":+1}", 1, 6, "a value is missing here"},
        {"{\"a\":.5}", 1, 6, "a value is missing here"},
        {"{\"a\":1.}", 1, 8, "a digit is missing after '.'"},
        {"{\"a\":1e}", 1, 8, "a digit is missing after 'e'"},
        {"{\"a\":1e+}", 1, 9, "a digit is missing after 'e'"},
        {"{\"a\":0x10}", 1, 7, "a ',' or '}' is missing"},
        {"{\"a\":NaN}", 1, 6, "a value is missing here"},
        {"{\"a\":Infinity}", 1, 6, "a value is missing here"},
        {"{\"a\":tru}", 1, 6, "a value is missing here"},
        {"{\"a\":nul", 1, 6, "a value is missing here"},
        {"{\"a\":True}", 1, 6, "a value is missing here"},
        {"{\"a\":\"x", 1, 8, "a string does not end"},
        {"{\"a\":\"x\\\"}", 1, 11, "a string does not end"},
        {"{\"a\":\"\t\"}", 1, 7, "a control character in a string"},
        {"{\"a\":\"x\ny\"}", 1, 8, "a control character in a string"},
        {"{\"a\":\"\\x41\"}", 1, 7, "an unknown escape in a string"},
        {"{\"a\":\"\\", 1, 7, "an unknown escape in a string"},
        {"{\"a\":\"\\u12\"}", 1, 7, "four hexadecimal digits are missing after \\u"},
        {"{\"a\":\"\\u", 1, 7, "four hexadecimal digits are missing after \\u"},
        {"{\"a\":\"\\u00g0\"}", 1, 7, "four hexadecimal digits are missing after \\u"},
        {"{\"a\":\"\\u0000\"}", 1, 7, "an escaped NUL"},
        {"{\"a\":\"\\ud800\"}", 1, 7, "an escaped surrogate has no partner"},
        {"{\"a\":\"\\ud800\\u0041\"}", 1, 7, "an escaped surrogate has no partner"},
        {"{\"a\":\"\\udc00\\ud800\"}", 1, 7, "an escaped surrogate has no partner"},
        {"{\"a\":\"\\udc00\"}", 1, 7, "an escaped surrogate has no partner"},
        {"{\"\xC3\xA9\":\"\xFF\"}", 1, 7, "bytes that are no UTF-8"},
        {"{\"a\":\"\xC0\xAF\"}", 1, 7, "bytes that are no UTF-8"},
        {"{\"a\":\"\xED\xA0\x80\"}", 1, 7, "bytes that are no UTF-8"},
        {"{\"a\":\"\xE2\x82\"}", 1, 7, "bytes that are no UTF-8"},
        {"{} // x", 1, 4, "something follows the end"},
        {"{\f}", 1, 2, "a key in double quotes is missing"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_refused(cases[i].text, strlen(cases[i].text), cases[i].line, cases[i].column,
                       cases[i].what);
}

Test(json, a_nul_in_the_text_is_refused) {
    static const char text[] = "{\"a\":1}\0{}";

    expect_refused(text, sizeof text - 1, 1, 8, "a NUL");
}

Test(json, a_key_that_occurs_twice_is_refused_with_its_place) {
    static const char what[] = "a key occurs twice in one object";
    static const struct {
        const char *text;
        size_t line, column;
    } cases[] = {
        {"{\"a\":1,\"a\":2}", 1, 8},
        {"{\"a\":1,\n \"b\":2,\n  \"\\u0061\":3}", 3, 3},
        {"{\"x\":[{\"y\":\"a\",\"b\":[],\"c\":{\"k\":1,\"k\":\"k\"}}],\"x\":1}", 1, 34},
        {"{\"b\":{\"c\":1,\"d\":2,\"c\":3},\"b\":1}", 1, 19},
        {"{\"\":1,\"\":2}", 1, 7},
        {"{\"a\":\":\",\"c\":\"\\\":\",\"a\":1}", 1, 20},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_refused(cases[i].text, strlen(cases[i].text), cases[i].line, cases[i].column, what);
    mpr_json_free(parse("{\"a\":{\"a\":{\"a\":1}},\"A\":[{\"a\":1},{\"a\":2}]}"));
}

/* n times open, a value, n times close, in an object. */
static char *nest(size_t levels) {
    char *text = malloc(levels * 2 + 16), *at = text;

    cr_assert(text);
    at += snprintf(at, 16, "{\"a\":");
    memset(at, '[', levels);
    at += levels;
    memset(at, ']', levels);
    at += levels;
    snprintf(at, 2, "}");
    return text;
}

Test(json, more_levels_than_the_limit_are_refused) {
    char *text = nest(MPR_JSON_MAX_DEPTH - 1);

    mpr_json_free(parse(text));
    free(text);
    text = nest(MPR_JSON_MAX_DEPTH);
    expect_refused(text, strlen(text), 1, 5 + MPR_JSON_MAX_DEPTH,
                   "too many levels of objects and arrays");
    free(text);
    text = nest(400000);
    expect_refused(text, strlen(text), 1, 5 + MPR_JSON_MAX_DEPTH,
                   "too many levels of objects and arrays");
    free(text);
}

/* An object with an array: so many values with the two of them. */
static char *list_values(size_t values) {
    char *text = malloc(values * 2 + 16), *at = text;

    cr_assert(text);
    at += snprintf(at, 16, "{\"a\":[1");
    for (size_t i = 3; i < values; i++)
        at += snprintf(at, 3, ",1");
    snprintf(at, 3, "]}");
    return text;
}

Test(json, more_values_than_the_limit_are_refused) {
    char *text = list_values(MPR_JSON_MAX_VALUES), *print_of_more = NULL;
    struct mpr_json *document = parse(text);
    size_t size;

    free(print(document));
    cr_assert_eq(mpr_json_put_u32(document, "b", 1), NO_ERROR);
    cr_expect_eq(mpr_json_print(document, &print_of_more, &size), ERROR_INVALID_DATA);
    cr_expect_null(print_of_more);
    mpr_json_free(document);
    free(text);
    text = list_values(MPR_JSON_MAX_VALUES + 1);
    expect_refused(text, strlen(text), 1, strlen(text) - 2, "too many values");
    free(text);
}

Test(json, more_bytes_than_the_limit_are_refused) {
    char *text = malloc(MPR_JSON_MAX_SIZE + 2);

    cr_assert(text);
    memset(text, ' ', MPR_JSON_MAX_SIZE + 1);
    memcpy(text, "{}", 2);
    text[MPR_JSON_MAX_SIZE] = '\0';
    mpr_json_free(parse(text));
    text[MPR_JSON_MAX_SIZE] = ' ';
    text[MPR_JSON_MAX_SIZE + 1] = '\0';
    expect_refused(text, MPR_JSON_MAX_SIZE + 1, 1, 1, "over 1048576 bytes");
    free(text);
}

Test(json, a_byte_order_mark_is_passed_over) {
    mpr_json_free(parse("\xEF\xBB\xBF{}"));
    expect_refused("\xEF\xBB\xBF\xEF\xBB\xBF{}", 8, 1, 2, "it does not start with '{'");
}

Test(json, numbers_keep_their_digits) {
    static const char text[] = "{\"a\":[12345678901234567890,1.50,1e400,-0,0.1,1E+2,"
                               "9007199254740993,999999999999999,-999999999999999,"
                               "1000000000000000,{\"b\":[0,3.0]},\"1.0\"],\"c\":1.10}";
    struct mpr_json *document = parse(text);

    expect_printed(document, text);
    mpr_json_free(document);
}

Test(json, a_scalar_is_had_as_text) {
    static const char *const wanted[] = {"abc",  "5000", "-1",    "999999999999999",
                                         "1.50", "true", "false", "12345678901234567890"};
    struct mpr_json *document = parse("{\"a\":\"abc\",\"b\":5000,\"c\":-1,\"d\":999999999999999,"
                                      "\"e\":1.50,\"f\":true,\"g\":false,"
                                      "\"h\":12345678901234567890,\"i\":null,\"j\":[],\"k\":{}}");
    const struct mpr_json *at = mpr_json_first(document);
    char buffer[MPR_JSON_NUMBER_MAX];

    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++, at = mpr_json_next(at))
        cr_expect_str_eq(mpr_json_as_text(at, buffer), wanted[i]);
    for (; at; at = mpr_json_next(at))
        cr_expect_null(mpr_json_as_text(at, buffer), "%s", mpr_json_key(at));
    mpr_json_free(document);
}

Test(json, numbers_of_64_bits_are_decimal_strings) {
    struct mpr_json *document =
        parse("{\"a\":\"18446744073709551615\",\"b\":17,\"c\":18446744073709551615,\"d\":\"0\","
              "\"x\":[],\"y\":{}}");
    static const char *const bad[] = {
        "18446744073709551616", "99999999999999999999", "-1", "01", "", "1.0", " 1", "1x"};
    uint64_t number = 0;

    cr_expect_eq(mpr_json_get_u64(document, "a", &number), MPR_JSON_FOUND);
    cr_expect_eq(number, UINT64_MAX);
    cr_expect_eq(mpr_json_get_u64(document, "b", &number), MPR_JSON_FOUND);
    cr_expect_eq(number, 17);
    cr_expect_eq(mpr_json_get_u64(document, "c", &number), MPR_JSON_FOUND);
    cr_expect_eq(number, UINT64_MAX);
    cr_expect_eq(mpr_json_get_u64(document, "d", &number), MPR_JSON_FOUND);
    cr_expect_eq(number, 0);
    number = 5;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_eq(mpr_json_put_string(document, "z", bad[i]), NO_ERROR);
        cr_expect_eq(mpr_json_get_u64(document, "z", &number), MPR_JSON_WRONG, "%s", bad[i]);
    }
    cr_expect_eq(number, 5);
    mpr_json_free(document);

    document = mpr_json_new();
    cr_assert_eq(mpr_json_put_u64(document, "n", UINT64_MAX), NO_ERROR);
    expect_printed(document, "{\"n\":\"18446744073709551615\"}");
    mpr_json_free(document);
}

Test(json, members_are_added_replaced_in_place_and_removed) {
    struct mpr_json *document = parse("{\"a\":1,\"b\":{\"x\":\"secret\"},\"c\":[1.5,2]}");
    struct mpr_json *child;

    cr_expect_eq(mpr_json_put_string(document, "c", "last"), NO_ERROR);
    cr_expect_eq(mpr_json_put_u32(document, "d", UINT32_MAX), NO_ERROR);
    cr_expect_eq(mpr_json_put_string(document, "a", "first"), NO_ERROR);
    cr_expect_eq(mpr_json_put_object(document, "b", &child), NO_ERROR);
    cr_expect_eq(mpr_json_put_string(child, "\"\\\x01", "\xC3\xA9\n"), NO_ERROR);
    expect_printed(document, "{\"a\":\"first\",\"b\":{\"\\\"\\\\\\u0001\":\"\xC3\xA9\\n\"},"
                             "\"c\":\"last\",\"d\":4294967295}");
    mpr_json_remove(document, "a");
    mpr_json_remove(document, "d");
    mpr_json_remove(document, "nothing");
    cr_expect_eq(mpr_json_put_u32(document, "e", 0), NO_ERROR);
    mpr_json_remove(document, "b");
    expect_printed(document, "{\"c\":\"last\",\"e\":0}");
    mpr_json_remove(document, "c");
    cr_expect_eq(mpr_json_put_u32(document, "e", 1), NO_ERROR, "the only one, in place");
    cr_expect_eq(mpr_json_put_u32(document, "f", 2), NO_ERROR);
    cr_expect_eq(mpr_json_put_bool(document, "g", true), NO_ERROR);
    cr_expect_eq(mpr_json_put_bool(document, "g", false), NO_ERROR);
    expect_printed(document, "{\"e\":1,\"f\":2,\"g\":false}");
    mpr_json_free(document);
}

Test(json, an_object_is_opened_as_it_is_or_made) {
    struct mpr_json *document = parse("{\"a\":{\"x\":1},\"b\":7}");
    struct mpr_json *child;

    cr_expect_eq(mpr_json_open_object(document, "a", &child), NO_ERROR);
    cr_expect_eq(mpr_json_put_u32(child, "y", 2), NO_ERROR);
    cr_expect_eq(mpr_json_open_object(document, "b", &child), NO_ERROR);
    cr_expect_eq(mpr_json_open_object(document, "c", &child), NO_ERROR);
    expect_printed(document, "{\"a\":{\"x\":1,\"y\":2},\"b\":{},\"c\":{}}");
    mpr_json_free(document);
}

Test(json, what_is_no_utf8_is_not_put) {
    struct mpr_json *document = parse("{\"a\":1}");
    struct mpr_json *child = NULL;

    cr_expect_eq(mpr_json_put_string(document, "a", "\xFF"), ERROR_NO_UNICODE_TRANSLATION);
    cr_expect_eq(mpr_json_put_string(document, "\xFF", "a"), ERROR_NO_UNICODE_TRANSLATION);
    cr_expect_eq(mpr_json_put_object(document, "\xC3", &child), ERROR_NO_UNICODE_TRANSLATION);
    cr_expect_null(child);
    expect_printed(document, "{\"a\":1}");
    mpr_json_free(document);
}

Test(json, what_could_not_be_read_again_is_not_printed) {
    struct mpr_json *document = mpr_json_new(), *child = document;
    char *big = malloc(MPR_JSON_MAX_SIZE), *text = NULL;
    size_t size = 0;

    cr_assert(document && big);
    memset(big, 'x', MPR_JSON_MAX_SIZE - 1);
    big[MPR_JSON_MAX_SIZE - 1] = '\0';
    cr_assert_eq(mpr_json_put_string(document, "a", big), NO_ERROR);
    cr_expect_eq(mpr_json_print(document, &text, &size), ERROR_INVALID_DATA, "too many bytes");
    big[MPR_JSON_MAX_SIZE - 100] = '\0';
    cr_assert_eq(mpr_json_put_string(document, "a", big), NO_ERROR);
    free(print(document));
    mpr_json_remove(document, "a");
    for (unsigned i = 1; i < MPR_JSON_MAX_DEPTH; i++)
        cr_assert_eq(mpr_json_put_object(child, "b", &child), NO_ERROR);
    free(print(document));
    cr_assert_eq(mpr_json_put_object(child, "b", &child), NO_ERROR);
    cr_expect_eq(mpr_json_print(document, &text, &size), ERROR_INVALID_DATA, "too deep");
    cr_expect_null(text);
    free(big);
    mpr_json_free(document);
}
