/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report_reader.c: reads what mpr-conformance prints for programs.
 *
 *   report_reader json <FILE     one line for each object of "checks" and "elsewhere":
 *                                "checks ID KIND LEVEL OUTCOME", "-" for what is absent
 *   report_reader test <FILE     of "elsewhere" the test that each names: "ID TEST"
 *   report_reader xml <FILE      one line for each element: its name
 *
 * A text that is not well-formed is said, and the exit status is 1.
 */
#include "config.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "router/mpr_json.h"

#define DEPTH_MAX 16

_Noreturn __attribute__((format(printf, 1, 2))) static void refuse(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    exit(1);
}

static const char *member(const struct mpr_json *object, const char *key) {
    const char *value = NULL;

    return mpr_json_get_string(object, key, &value) == MPR_JSON_FOUND ? value : "-";
}

static void put_members(const struct mpr_json *document, const char *list) {
    const struct mpr_json *array = NULL;

    if (mpr_json_get_array(document, list, &array) != MPR_JSON_FOUND)
        return;
    for (const struct mpr_json *item = mpr_json_first(array); item; item = mpr_json_next(item))
        printf("%s %s %s %s %s\n", list, member(item, "id"), member(item, "kind"),
               member(item, "level"), member(item, "outcome"));
}

static void put_tests(const struct mpr_json *document) {
    const struct mpr_json *array = NULL;

    if (mpr_json_get_array(document, "elsewhere", &array) != MPR_JSON_FOUND)
        return;
    for (const struct mpr_json *item = mpr_json_first(array); item; item = mpr_json_next(item))
        if (strcmp(member(item, "test"), "-") != 0)
            printf("%s %s\n", member(item, "id"), member(item, "test"));
}

static void read_json(const char *text, size_t size, int tests) {
    struct mpr_json_fault fault;
    struct mpr_json *document;

    if (mpr_json_parse(text, size, &fault, &document))
        refuse("line %zu, column %zu: %s", fault.line, fault.column, fault.what);
    if (tests) {
        put_tests(document);
    } else {
        put_members(document, "checks");
        put_members(document, "elsewhere");
    }
    mpr_json_free(document);
}

/* ---- XML: elements, attributes, and the five entities */

struct reading {
    const char *at;
    const char *open[DEPTH_MAX];
    size_t length[DEPTH_MAX];
    int depth;
};

static void expect(struct reading *reading, const char *text) {
    if (strncmp(reading->at, text, strlen(text)) != 0)
        refuse("%s expected at: %.40s", text, reading->at);
    reading->at += strlen(text);
}

/* Text up to one of the characters of end. */
static void skip_text(struct reading *reading, const char *end) {
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};

    for (; *reading->at && !strchr(end, *reading->at); reading->at++) {
        size_t i = 0;

        if ((unsigned char)*reading->at < ' ' && *reading->at != '\n' && *reading->at != '\t')
            refuse("a control character: %d", *reading->at);
        if (*reading->at != '&')
            continue;
        while (i < 5 && strncmp(reading->at, entities[i], strlen(entities[i])) != 0)
            i++;
        if (i == 5)
            refuse("an unknown entity at: %.40s", reading->at);
    }
}

static size_t name_length(const char *at) {
    size_t length = 0;

    while (isalnum((unsigned char)at[length]))
        length++;
    if (!length)
        refuse("a name expected at: %.40s", at);
    return length;
}

static void skip_attributes(struct reading *reading) {
    while (*reading->at == ' ') {
        reading->at++;
        reading->at += name_length(reading->at);
        expect(reading, "=\"");
        skip_text(reading, "\"<");
        expect(reading, "\"");
    }
}

static void open_element(struct reading *reading) {
    size_t length = name_length(reading->at);

    printf("%.*s\n", (int)length, reading->at);
    if (reading->depth == DEPTH_MAX)
        refuse("too deep");
    reading->open[reading->depth] = reading->at;
    reading->length[reading->depth] = length;
    reading->at += length;
    skip_attributes(reading);
    if (*reading->at == '/')
        reading->at++;
    else
        reading->depth++;
    expect(reading, ">");
}

static void close_element(struct reading *reading) {
    size_t length = name_length(reading->at);

    if (!reading->depth)
        refuse("nothing is open at: %.40s", reading->at);
    reading->depth--;
    if (length != reading->length[reading->depth]
        || strncmp(reading->at, reading->open[reading->depth], length) != 0)
        refuse("</%.*s> expected at: %.40s", (int)reading->length[reading->depth],
               reading->open[reading->depth], reading->at);
    reading->at += length;
    expect(reading, ">");
}

static void read_xml(const char *text) {
    struct reading reading = {.at = text};

    expect(&reading, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    do {
        expect(&reading, "<");
        if (*reading.at == '/') {
            reading.at++;
            close_element(&reading);
        } else {
            open_element(&reading);
        }
        skip_text(&reading, "<");
    } while (reading.depth);
    if (*reading.at)
        refuse("more behind the end: %.40s", reading.at);
}

int main(int argc, char **argv) {
    char *text = malloc(MPR_JSON_MAX_SIZE + 1);
    size_t size;

    if (argc != 2 || !text)
        return 2;
    size = fread(text, 1, MPR_JSON_MAX_SIZE, stdin);
    text[size] = '\0';
    if (strcmp(argv[1], "xml") == 0)
        read_xml(text);
    else
        read_json(text, size, strcmp(argv[1], "test") == 0);
    free(text);
    return 0;
}
