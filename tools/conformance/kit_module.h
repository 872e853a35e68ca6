/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_module.h: a module as a file, and what it does to the process that loads it.
 */
#ifndef KIT_MODULE_H
#define KIT_MODULE_H

#include <stdbool.h>

/** Path of a module that belongs to the kit, as kit_text: it lies beside the decoy. */
const char *kit_part(const char *file);

/**
 * Unless the module exports only symbols that are allowed: a finding with their names.
 * What compilers and linkers put there by themselves does not count.
 */
void kit_exports_only(bool (*allowed)(const char *name), const char *expected);

/** Unless the state of the process is as before (kit_process_state): a finding. */
void kit_process_same(const char *before, const char *after);

/**
 * Forks, and runs fn in the child: what it finds counts, and a crash or not coming back
 * within 2 seconds is a finding.
 */
void kit_in_child(void (*fn)(void *context), void *context);

#endif
