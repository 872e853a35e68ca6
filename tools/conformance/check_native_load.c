/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_load.c: loading a native module, its table, and its start.
 */
#include "config.h"

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_watch.h"

static void loads_without_network(void) {
    int64_t began = kit_ms();

    kit_native_open();
    kit_within(began, 200);
    kit_expect(kit_network_calls() == 0, "no network while it is loaded and started", "%s",
               kit_network_call());
}

const struct kit_check kit_checks_native_load[] = {
    {"LOAD-03", KIT_MUST, loads_without_network, "Loading and init touch no network",
     "Every program that uses the router loads every provider: it must not wait for any server.",
     "mpr/provider.h, init: no network, under 100 ms"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
