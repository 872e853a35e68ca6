/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fail_alloc.h: makes every allocation of the code under test fail once.
 *
 * A program that uses it is linked with fail_alloc.c and $(fail_alloc_ldflags):
 * then the calls of the router's objects and of the test itself come by here,
 * those of other libraries do not, but for cJSON's, which are led here while a
 * test runs. A function of the C library that allocates inside is counted as
 * one allocation where it is listed, and is out of reach where not.
 */
#ifndef FAIL_ALLOC_H
#define FAIL_ALLOC_H

#include <stdbool.h>

#include <mpr/mprtypes.h>

/** From now on the nth allocation fails, counted from 1; with all also those after it. */
void fail_alloc_arm(unsigned nth, bool all);

/** Nothing fails any more. Did something? */
bool fail_alloc_disarm(void);

/** Blocks that were allocated and not freed yet by what comes by here. */
long fail_alloc_live(void);

struct fail_alloc_case {
    /** The operation under test. Called with everything as before. */
    DWORD (*run)(void *context);
    /** What run made is freed; called after a run that succeeded. May be NULL. */
    void (*clean)(void *context);
    /** Holds the world against what it must be after a run that failed. May be NULL. */
    void (*check)(void *context);
    void *context;
};

/**
 * Runs a case again and again: the first allocation fails, the second, and so
 * on until all were; then the same with all later ones failing too. Each run
 * must return ERROR_NOT_ENOUGH_MEMORY and free what it allocated, or succeed
 * all the same; failures are Criterion's. Returns the number of allocations.
 */
unsigned fail_alloc_each(const struct fail_alloc_case *c);

#endif
