/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_names.c: faults of recognise.
 */
#include "config.h"

#include "tests/conformance/saboteur/saboteur.h"

static int recognise_nothing(void *state, const char *remote, struct mpr_recognised *ret) {
    (void)state;
    (void)remote;
    (void)ret;
    return 0;
}

static void take_nothing(struct mpr_provider *table) {
    table->recognise = recognise_nothing;
}

const struct sabotage sabotage_names[] = {
    {"names-nothing", "a provider that recognises none of its own names", take_nothing},
    {NULL, NULL, NULL},
};
