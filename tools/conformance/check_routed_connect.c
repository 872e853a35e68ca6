/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_routed_connect.c: WNetAddConnection2 through the router.
 */
#include "config.h"

#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_routed.h"

static void connects(void) {
    const char *remote;
    DWORD code;

    kit_routed_start(KIT_DECOY_AFTER, NULL);
    kit_add_good("Z:", kit_good(0));
    remote = kit_get("Z:", &code);
    KIT_CODES(code, NO_ERROR);
    kit_expect(strcmp(remote, kit_good(0)) == 0, kit_good(0), "%s", remote);
    kit_expect(kit_listed(remote) == 1, "one entry that is connected", "%u", kit_listed(remote));
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
    kit_expect(kit_listed(NULL) == 0, "nothing connected", "%u", kit_listed(NULL));
}

const struct kit_check kit_checks_routed_connect[] = {
    {"ADD-05", KIT_MUST, connects, "A good name connects to a free device, and is listed once",
     "Get, enumeration and connect are one account of one state.", "mpr(7); WNetAddConnection(3)"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
