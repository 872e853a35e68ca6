/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_run.h: runs one check in a process of its own, with a bound.
 */
#ifndef KIT_RUN_H
#define KIT_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_report.h"

/** Once, before the first: false with a sentence if the kit cannot work here. */
bool kit_run_begin(char *error, size_t error_size);
/** Removes what is left; after the last, also after a signal. */
void kit_run_end(void);

/**
 * Runs fn, which ends as checks do, and fills *ret: a process that crashed,
 * exited or did not come back has failed, with words. Nothing of it is left.
 */
void kit_run(const char *name, void (*fn)(void), struct kit_report *ret);

#endif
