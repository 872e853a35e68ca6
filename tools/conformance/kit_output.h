/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_output.h: what the run found, for people and for programs.
 */
#ifndef KIT_OUTPUT_H
#define KIT_OUTPUT_H

#include <stddef.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_report.h"

enum kit_format { KIT_TAP, KIT_JSON, KIT_JUNIT };

/** A check of the run; report is filled when it ran. */
struct kit_result {
    const struct kit_family *family;
    const struct kit_check *check;
    struct kit_report report;
};

/** "native", "classic", "routed"; "must", "should", "capability". */
const char *kit_kind_name(enum kit_kind kind);
const char *kit_level_name(enum kit_level level);

/** Is this a failure that the exit status tells: not of a "should"? */
int kit_counts(const struct kit_result *result);

void kit_output_begin(enum kit_format format, size_t count);
/** One check, as soon as it ran. */
void kit_output_one(enum kit_format format, size_t number, const struct kit_result *result);
void kit_output_end(enum kit_format format, const struct kit_result *results, size_t count);

/** On a terminal: which check runs. */
void kit_output_progress(size_t number, size_t count, const struct kit_check *check);

#endif
