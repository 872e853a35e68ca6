/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_load.c: faults of loading and init.
 */
#include "config.h"

#include <netdb.h>

#include "tests/conformance/saboteur/saboteur.h"

static uint32_t init_resolving(const struct mpr_host *host, const struct mpr_option *options,
                               char *error, size_t error_size, void **ret_state) {
    struct addrinfo *found = NULL;

    if (getaddrinfo("127.0.0.1", NULL, NULL, &found) == 0)
        freeaddrinfo(found);
    return honest->init(host, options, error, error_size, ret_state);
}

static void resolve_in_init(struct mpr_provider *table) {
    table->init = init_resolving;
}

const struct sabotage sabotage_load[] = {
    {"load-resolves", "winfsp #87: a name is resolved where nobody asked for one", resolve_in_init},
    {NULL, NULL, NULL},
};
