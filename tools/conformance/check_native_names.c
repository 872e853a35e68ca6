/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_names.c: recognise: which names are the provider's, by syntax alone.
 */
#include "config.h"

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"

static void takes_good_names(void) {
    kit_native_open();
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        struct mpr_recognised found = {.size = sizeof found};

        kit_doing("recognise(\"%s\")", kit_lab.good.items[i]);
        kit_expect(kit_front->recognise(kit_front_state, kit_ro(kit_lab.good.items[i]), &found)
                       == 1,
                   "1: the name is the provider's", "0");
    }
}

const struct kit_check kit_checks_native_names[] = {
    {"NAM-01", KIT_MUST, takes_good_names, "Every name that connects is recognised",
     "The router asks a provider about no name that it does not recognise.",
     "mpr/provider.h, recognise"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
