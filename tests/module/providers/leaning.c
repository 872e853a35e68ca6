/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * leaning.c: a module without the symbol of a provider that depends on one that
 * has it: a look-up in it finds that of the other.
 */
#include "config.h"

#include <mpr/provider.h>

MPRAPI const struct mpr_provider *mpr_provider_query(uint32_t host_abi);
MPRAPI const void *mpr_test_leaning(void);

const void *mpr_test_leaning(void) {
    return mpr_provider_query(MPR_PROVIDER_ABI_MAJOR << 16);
}
