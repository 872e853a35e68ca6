/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_connect.c: NPAddConnection and NPAddConnection3.
 */
#include "config.h"

#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"

static void connects(void) {
    const char *remote;
    DWORD code;

    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0));
    remote = kit_np_get("Z:", &code);
    KIT_CODES(code, WN_SUCCESS);
    kit_expect(strcmp(remote, kit_good(0)) == 0, kit_good(0), "%s", remote);
    kit_expect(kit_np_listed(remote) == 1, "one entry that is connected", "%u",
               kit_np_listed(remote));
}

const struct kit_check kit_checks_classic_connect[] = {
    {"ADD-05", KIT_MUST, connects, "A good name connects to a free device, and is listed once",
     "Get, enumeration and connect are one account of one state.",
     "Windows: NPAddConnection, NPGetConnection"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
