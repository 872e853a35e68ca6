/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_explain.c: "wnet explain": the way to a resource, and where it ends.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <stdio.h>
#include <stdlib.h>

#include <mpr/session.h>

#include "tools/wnet/wnet_alloc.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_json.h"
#include "tools/wnet/wnet_options.h"
#include "tools/wnet/wnet_progress.h"
#include "tools/wnet/wnet_table.h"
#include "tools/wnet/wnet_text.h"

struct step {
    uint32_t outcome, milliseconds, code;
    char *step, *words;
};

struct steps {
    struct step *items;
    size_t count;
};

static int take_step(void *context, const struct mpr_step *step) {
    struct steps *steps = context;

    steps->items = wnet_grow(steps->items, steps->count, sizeof *steps->items);
    steps->items[steps->count++] = (struct step){
        .outcome = step->outcome,
        .milliseconds = step->milliseconds,
        .code = step->code,
        .step = wnet_copy(step->step),
        .words = wnet_copy(step->words),
    };
    return 0;
}

static void clear(struct steps *steps) {
    for (size_t i = 0; i < steps->count; i++) {
        free(steps->items[i].step);
        free(steps->items[i].words);
    }
    free(steps->items);
}

static const char *outcome_of(const struct step *step) {
    return step->outcome == MPR_STEP_OK       ? "ok"
           : step->outcome == MPR_STEP_FAILED ? "failed"
                                              : "skipped";
}

static void put_table(const struct steps *steps) {
    static const struct wnet_table table = {
        .columns = 3, .titles = {"Step", "Outcome", "Time"}, .widths = {12, 10}};

    wnet_table_head(&table);
    for (size_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->items[i];
        char took[32] = "";
        const char *const cells[] = {step->step, outcome_of(step), took};

        if (step->outcome != MPR_STEP_SKIPPED)
            snprintf(took, sizeof took, "%u ms", step->milliseconds);
        wnet_table_row(&table, cells);
        wnet_text_put_lines(stdout, "    ", step->words);
    }
    putchar('\n');
}

static void put_json(const struct steps *steps) {
    struct wnet_json json;

    wnet_json_begin(&json, stdout);
    wnet_json_open(&json, "steps", '[');
    for (size_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->items[i];

        wnet_json_open(&json, NULL, '{');
        wnet_json_text(&json, "step", step->step);
        wnet_json_text(&json, "outcome", outcome_of(step));
        wnet_json_number(&json, "milliseconds", step->milliseconds);
        wnet_json_number(&json, "code", step->code);
        wnet_json_text(&json, "words", step->words);
        wnet_json_close(&json, '}');
    }
    wnet_json_close(&json, ']');
    wnet_json_end(&json);
}

int wnet_explain(const struct wnet_options *options) {
    const char *name = options->count ? options->words[0] : NULL;
    struct steps steps = {0};
    DWORD rc;

    if (options->count > 1)
        return wnet_error_syntax("wnet explain takes one device or remote name.");
    wnet_progress_begin("Going the way to %s", name ? name : "what failed last");
    rc = MprExplain(name, take_step, &steps);
    wnet_progress_end();
    if (rc == NO_ERROR && options->json)
        put_json(&steps);
    else if (rc == NO_ERROR)
        put_table(&steps);
    clear(&steps);
    return rc == NO_ERROR ? wnet_error_none() : wnet_error_system(rc);
}
