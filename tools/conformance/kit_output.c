/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_output.c: see kit_output.h. TAP comes line by line; JSON and JUnit at the
 * end; the table goes where it disturbs no program: in TAP as a comment, else to
 * standard error.
 */
#include "config.h"

#include "tools/conformance/kit_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "router/mpr_json.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_subject.h"

const char *kit_kind_name(enum kit_kind kind) {
    static const char *const names[] = {"native", "classic", "routed"};

    return names[kind];
}

const char *kit_level_name(enum kit_level level) {
    static const char *const names[] = {"must", "should", "capability"};

    return names[level];
}

static int outcome_of(const struct kit_result *result) {
    return atomic_load(&result->report.outcome);
}

static const char *outcome_name(const struct kit_result *result) {
    static const char *const names[] = {
        [KIT_RUNNING] = "not run",        [KIT_PASSED] = "passed", [KIT_FAILED] = "failed",
        [KIT_SKIPPED] = "not applicable", [KIT_BROKEN] = "broken",
    };

    return names[outcome_of(result)];
}

int kit_counts(const struct kit_result *result) {
    int outcome = outcome_of(result);

    return outcome == KIT_BROKEN || outcome == KIT_RUNNING
           || (outcome == KIT_FAILED && result->check->level != KIT_SHOULD);
}

/* Prints a text whose lines all begin with a prefix. */
static void put_lines(const char *prefix, const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");

        printf("%s%.*s\n", prefix, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static void put_finding(const struct kit_result *result) {
    const struct kit_report *report = &result->report;

    if (report->doing[0])
        put_lines("#   called:    ", report->doing);
    if (report->expected[0])
        put_lines("#   expected:  ", report->expected);
    put_lines("#   came back: ", report->got);
    put_lines("#   because:   ", result->check->why);
    put_lines("#   read on:   ", result->check->source);
}

static void put_tap(size_t number, const struct kit_result *result) {
    const struct kit_check *check = result->check;
    const struct kit_report *report = &result->report;
    int outcome = outcome_of(result);
    bool good = outcome == KIT_PASSED || outcome == KIT_SKIPPED;

    printf("%sok %zu - %s (%s): %s", good ? "" : "not ", number, check->id,
           kit_kind_name(result->family->kind), check->what);
    if (outcome == KIT_SKIPPED)
        printf(" # SKIP %s", report->got);
    else if (outcome == KIT_FAILED && check->level == KIT_SHOULD)
        printf(" # %cODO a should", 'T'); /* TAP's word */
    printf("\n");
    if (report->note[0])
        put_lines("#   measured:  ", report->note);
    if (outcome == KIT_FAILED)
        put_finding(result);
    else if (outcome == KIT_BROKEN)
        put_lines("#   the kit cannot check this: ", report->got);
    fflush(stdout);
}

void kit_output_begin(enum kit_format format, size_t count) {
    if (format == KIT_TAP)
        printf("1..%zu\n", count);
}

void kit_output_one(enum kit_format format, size_t number, const struct kit_result *result) {
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K");
    if (format == KIT_TAP)
        put_tap(number, result);
}

void kit_output_progress(size_t number, size_t count, const struct kit_check *check) {
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%zu of %zu: %s", number, count, check->id);
}

/* What a family came to. */
struct tally {
    unsigned passed, must, should, broken, skipped;
};

static void count_one(struct tally *tally, const struct kit_result *result) {
    switch (outcome_of(result)) {
    case KIT_PASSED:
        tally->passed++;
        break;
    case KIT_SKIPPED:
        tally->skipped++;
        break;
    case KIT_FAILED:
        tally->must += result->check->level != KIT_SHOULD;
        tally->should += result->check->level == KIT_SHOULD;
        break;
    default:
        tally->broken++;
        break;
    }
}

static void put_row(FILE *out, const char *prefix, const char *title, const char *kind,
                    const struct tally *tally) {
    fprintf(out, "%s%-32s %-8s %7u %7u %8u %7u\n", prefix, title, kind, tally->passed,
            tally->must + tally->broken, tally->should, tally->skipped);
}

static void put_table(FILE *out, const char *prefix, const struct kit_result *results,
                      size_t count) {
    struct tally all = {0};

    fprintf(out, "%s%-32s %-8s %7s %7s %8s %7s\n", prefix, "", "", "holds", "broken", "broken",
            "not ap-");
    fprintf(out, "%s%-32s %-8s %7s %7s %8s %7s\n", prefix, "Family", "Kind", "", "must", "should",
            "plicable");
    for (size_t i = 0; i < count;) {
        const struct kit_family *family = results[i].family;
        struct tally tally = {0};

        for (; i < count && results[i].family == family; i++) {
            count_one(&tally, &results[i]);
            count_one(&all, &results[i]);
        }
        put_row(out, prefix, family->title, kit_kind_name(family->kind), &tally);
    }
    put_row(out, prefix, "Together", "", &all);
}

static void need(DWORD rc) {
    if (rc)
        abort();
}

static void put_json_result(struct mpr_json *array, const struct kit_result *result) {
    const struct kit_report *report = &result->report;
    struct mpr_json *item;

    need(mpr_json_add_object(array, &item));
    need(mpr_json_put_string(item, "id", result->check->id));
    need(mpr_json_put_string(item, "kind", kit_kind_name(result->family->kind)));
    need(mpr_json_put_string(item, "family", result->family->title));
    need(mpr_json_put_string(item, "level", kit_level_name(result->check->level)));
    need(mpr_json_put_string(item, "what", result->check->what));
    need(mpr_json_put_string(item, "why", result->check->why));
    need(mpr_json_put_string(item, "source", result->check->source));
    need(mpr_json_put_string(item, "outcome", outcome_name(result)));
    need(mpr_json_put_u32(item, "ms", (uint32_t)report->ms));
    if (report->note[0])
        need(mpr_json_put_string(item, "measured", report->note));
    if (outcome_of(result) == KIT_SKIPPED)
        need(mpr_json_put_string(item, "reason", report->got));
    if (outcome_of(result) == KIT_FAILED || outcome_of(result) == KIT_BROKEN) {
        need(mpr_json_put_string(item, "called", report->doing));
        need(mpr_json_put_string(item, "expected", report->expected));
        need(mpr_json_put_string(item, "came_back", report->got));
    }
}

static void put_json(const struct kit_result *results, size_t count) {
    struct mpr_json *document = mpr_json_new(), *array;
    size_t size;
    char *text;

    if (!document)
        abort();
    need(mpr_json_put_string(document, "module", kit_subject.module));
    need(mpr_json_put_string(document, "kind", kit_subject.classic ? "classic" : "native"));
    need(mpr_json_put_string(document, "lab", kit_lab.path));
    need(mpr_json_put_array(document, "checks", &array));
    for (size_t i = 0; i < count; i++)
        put_json_result(array, &results[i]);
    need(mpr_json_print(document, &text, &size));
    fputs(text, stdout);
    free(text);
    mpr_json_free(document);
}

static void put_xml(const char *text) {
    for (; *text; text++) {
        if (strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0) {
            putchar('?'); /* no characters of XML's */
            text += 2;
            continue;
        }
        switch (*text) {
        case '&':
            fputs("&amp;", stdout);
            break;
        case '<':
            fputs("&lt;", stdout);
            break;
        case '>':
            fputs("&gt;", stdout);
            break;
        case '"':
            fputs("&quot;", stdout);
            break;
        default: /* XML has no other control characters */
            putchar((unsigned char)*text < ' ' && *text != '\n' && *text != '\t' ? '?' : *text);
            break;
        }
    }
}

static void put_junit_case(const struct kit_result *result) {
    const struct kit_report *report = &result->report;

    printf("    <testcase classname=\"%s.", kit_kind_name(result->family->kind));
    put_xml(result->family->title);
    printf("\" name=\"%s: ", result->check->id);
    put_xml(result->check->what);
    printf("\" time=\"%.3f\">", (double)report->ms / 1000);
    if (outcome_of(result) == KIT_SKIPPED
        || (outcome_of(result) == KIT_FAILED && result->check->level == KIT_SHOULD)) {
        printf("<skipped message=\"");
        put_xml(report->got);
        printf("\"/>");
    } else if (outcome_of(result) != KIT_PASSED) {
        printf("<failure message=\"");
        put_xml(report->got);
        printf("\">called: ");
        put_xml(report->doing);
        printf("\nexpected: ");
        put_xml(report->expected);
        printf("\nbecause: ");
        put_xml(result->check->why);
        printf("\nread on: ");
        put_xml(result->check->source);
        printf("</failure>");
    }
    printf("</testcase>\n");
}

static void put_junit(const struct kit_result *results, size_t count) {
    unsigned failures = 0, skipped = 0;

    for (size_t i = 0; i < count; i++) {
        failures += kit_counts(&results[i]) != 0;
        skipped += outcome_of(&results[i]) == KIT_SKIPPED;
    }
    printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
           "  <testsuite name=\"mpr-conformance\" tests=\"%zu\" failures=\"%u\" skipped=\"%u\">\n",
           count, failures, skipped);
    for (size_t i = 0; i < count; i++)
        put_junit_case(&results[i]);
    printf("  </testsuite>\n</testsuites>\n");
}

void kit_output_end(enum kit_format format, const struct kit_result *results, size_t count) {
    switch (format) {
    case KIT_TAP:
        put_table(stdout, "# ", results, count);
        return;
    case KIT_JSON:
        put_json(results, count);
        break;
    case KIT_JUNIT:
        put_junit(results, count);
        break;
    }
    fflush(stdout);
    put_table(stderr, "", results, count);
}
