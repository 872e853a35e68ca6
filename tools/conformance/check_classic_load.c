/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_load.c: loading a classic module, and NPGetCaps.
 */
#include "config.h"

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"

static void says_version(void) {
    kit_classic_open();
    kit_doing("NPGetCaps(WNNC_SPEC_VERSION)");
    kit_expect(kit_np.GetCaps(WNNC_SPEC_VERSION) == WNNC_SPEC_VERSION51, "0x00050001", "0x%08X",
               (unsigned)kit_np.GetCaps(WNNC_SPEC_VERSION));
}

const struct kit_check kit_checks_classic_load[] = {
    {"CAPS-01", KIT_MUST, says_version, "NPGetCaps(WNNC_SPEC_VERSION) is 0x00050001",
     "Another version has other contracts.", "npapi.h; mpr-provider(7), classic providers"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
