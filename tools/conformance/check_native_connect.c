/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_connect.c: connect: answers, codes and words.
 */
#include "config.h"

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_native.h"

static void connects(void) {
    kit_native_open();
    for (size_t i = 0; i < kit_lab.good.count; i++)
        kit_disconnect(kit_connect_good(kit_lab.good.items[i]));
}

const struct kit_check kit_checks_native_connect[] = {
    {"CON-01", KIT_MUST, connects, "Every good name connects, and disconnects",
     "This is what a provider is for.", "mpr/provider.h, connect"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
