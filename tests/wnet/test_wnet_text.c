/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_text.c: what servers say does nothing to a terminal, and is JSON.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_json.h"
#include "tools/wnet/wnet_json.h"
#include "tools/wnet/wnet_text.h"

TestSuite(wnet_text, .timeout = 60);

static void expect_clean(const char *text, const char *wanted) {
    char *clean = wnet_text_clean(text);

    cr_expect_str_eq(clean, wanted);
    free(clean);
}

Test(wnet_text, clean) {
    expect_clean("", "");
    expect_clean("\\\\server\\Gr\xC3\xBC\xC3\x9F"
                 "e \xF0\x9F\x93\x81",
                 "\\\\server\\Gr\xC3\xBC\xC3\x9F"
                 "e \xF0\x9F\x93\x81");
    expect_clean("a\x1b[31mb\rc\nd\x7f", "a\\x1b[31mb\\x0dc\\x0ad\\x7f");
    expect_clean("\xC2\x9B"
                 "31m",
                 "\\x9b31m");
    expect_clean("a\xE2\x80\xAE"
                 "b",
                 "a\\u202eb");
    expect_clean("\xF3\xA0\x80\xA0", "\\U000e0020");
    expect_clean("\xFF\xC3", "\\xff\\xc3");
    expect_clean("\xC0\x80", "\\xc0\\x80");
    expect_clean("\xED\xA0\x80", "\\xed\\xa0\\x80");
    expect_clean("\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
}

Test(wnet_text, lines) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    wnet_text_put_lines(file, "  ", "one\ntwo\x1b\n\nthree");
    fclose(file);
    cr_expect_str_eq(text, "  one\n  two\\x1b\n  \n  three\n");
    free(text);
    cr_expect_eq(wnet_text_width("Gr\xC3\xBC\xC3\x9F"
                                 "e"),
                 5);
}

/* What was written, read by a strict reader. */
static char *write_text(const char *value) {
    struct wnet_json json;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    wnet_json_begin(&json, file);
    wnet_json_text(&json, "text", value);
    wnet_json_name(&json, "none", "");
    wnet_json_open(&json, "list", '[');
    wnet_json_open(&json, NULL, '{');
    wnet_json_close(&json, '}');
    wnet_json_number(&json, NULL, UINT64_MAX);
    wnet_json_flag(&json, NULL, true);
    wnet_json_close(&json, ']');
    wnet_json_end(&json);
    fclose(file);
    return text;
}

static void expect_text(const char *value, const char *wanted) {
    struct mpr_json_fault fault = {0};
    struct mpr_json *document = NULL;
    const char *got = NULL;
    char *text = write_text(value);

    cr_assert_eq(mpr_json_parse(text, strlen(text), &fault, &document), NO_ERROR, "%s: %s", text,
                 fault.what);
    cr_assert_eq(mpr_json_get_string(document, "text", &got), MPR_JSON_FOUND);
    cr_expect_str_eq(got, wanted);
    cr_expect_eq(strchr(text, '\n'), text + strlen(text) - 1, "it is one line");
    mpr_json_free(document);
    free(text);
}

Test(wnet_text, json) {
    char every[256];

    expect_text("\\\\server\\\"share\"\x1b\n\x7f", "\\\\server\\\"share\"\x1b\n\x7f");
    expect_text("Gr\xC3\xBC\xC3\x9F"
                "e",
                "Gr\xC3\xBC\xC3\x9F"
                "e");
    expect_text("\xFF"
                "a",
                "\xEF\xBF\xBD"
                "a");
    for (int byte = 1; byte < 0x80; byte++)
        every[byte - 1] = (char)byte;
    every[0x7F] = '\0';
    expect_text(every, every);
}

Test(wnet_text, json_shape) {
    char *text = write_text("x");

    cr_expect_str_eq(text, "{\"text\": \"x\", \"none\": null, \"list\": [{}, 18446744073709551615, "
                           "true]}\n");
    free(text);
}
