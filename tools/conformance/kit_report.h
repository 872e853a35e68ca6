/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_report.h: what a check's process leaves for the one that runs it, in
 * memory that both share: it is there also when the process crashed.
 */
#ifndef KIT_REPORT_H
#define KIT_REPORT_H

#include <stdatomic.h>
#include <stdint.h>

enum kit_outcome {
    KIT_RUNNING, /* it did not get to its end */
    KIT_PASSED,
    KIT_FAILED,
    KIT_SKIPPED,
    KIT_BROKEN,
};

struct kit_report {
    atomic_int outcome;
    char doing[512];
    char expected[512];
    char got[2048]; /* also why it was skipped */
    char note[256];
    int64_t ms;
};

extern struct kit_report *kit_report;

/** How the process behaves; set before the checks run. */
extern struct kit_manner {
    int patience;          /* limits are multiplied by it */
    int quick;             /* fewer rounds */
    int bound_ms;          /* of one check */
    const char *directory; /* of the check that runs */
} kit_manner;

#endif
