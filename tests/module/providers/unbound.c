/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unbound.c: a module that calls a function which nobody defines. It is bound
 * lazily, so that it could be loaded, and would end the process at that call.
 */
#include "config.h"

#include <mpr/provider.h>

void mpr_test_function_that_nobody_defines(void);

MPRAPI const struct mpr_provider *mpr_provider_query(uint32_t host_abi);
const struct mpr_provider *mpr_provider_query(uint32_t host_abi) {
    (void)host_abi;
    mpr_test_function_that_nobody_defines();
    return NULL;
}
