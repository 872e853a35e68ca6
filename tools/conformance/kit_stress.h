/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_stress.h: a world in which calls are interrupted and resources are short.
 */
#ifndef KIT_STRESS_H
#define KIT_STRESS_H

#include <stdbool.h>
#include <stddef.h>

/** Is this a build with a sanitizer, whose memory and stacks are others? */
bool kit_sanitized(void);

/** A signal a millisecond, whose handler does nothing and restarts nothing; and no more. */
void kit_storm_begin(void);
void kit_storm_end(void);

/** Runs fn in a thread that has a stack of so many bytes. Skips under a sanitizer. */
void kit_on_stack(size_t size, void (*fn)(void *context), void *context);

/** Uses up all descriptors but so many; and gives them back. */
void kit_descriptors_take(unsigned left);
void kit_descriptors_give(void);

/** Skips where allocations cannot be made to fail: in a sanitizer's build. */
void kit_alloc_needed(void);
/** From now on the n-th allocation of the module's own code fails, from 1 on, and no other. */
void kit_alloc_fail(unsigned n);
/** Nothing fails any more. Did something? */
bool kit_alloc_end(void);

/** How often these bytes lie in this process's memory that can be written. */
unsigned kit_copies(const void *bytes, size_t size);

#endif
