/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * saboteur.c: see saboteur.h.
 */
#include "config.h"

#include "tests/conformance/saboteur/saboteur.h"

#include <stdlib.h>
#include <string.h>

/* The memory provider's, compiled under another name. */
const struct mpr_provider *honest_provider_query(uint32_t host_abi);

const struct mpr_provider *honest;
const struct mpr_host *saboteur_host;
const struct mpr_provider *(*saboteur_give)(uint32_t host_abi, const struct mpr_provider *table);

/* clang-format off */
static const struct sabotage *const lists[] = {
    sabotage_abort,  sabotage_connect, sabotage_disconnect, sabotage_error, sabotage_file,
    sabotage_list,   sabotage_load,    sabotage_logon,      sabotage_names, sabotage_query,
    sabotage_routed, sabotage_secret,  sabotage_table,      sabotage_tree,
    sabotage_abort,
    sabotage_connect,
    sabotage_disconnect,
    sabotage_error,
    sabotage_load,
    sabotage_logon,
    sabotage_memory,
    sabotage_names,
    sabotage_routed,
    sabotage_secret,
    sabotage_table,
    sabotage_thread,
};
/* clang-format on */

static uint32_t init(const struct mpr_host *host, const struct mpr_option *options, char *error,
                     size_t error_size, void **ret_state) {
    saboteur_host = host;
    return honest->init(host, options, error, error_size, ret_state);
}

static const struct sabotage *find(const char *name) {
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (const struct sabotage *fault = lists[i]; fault->name; fault++)
            if (strcmp(fault->name, name) == 0)
                return fault;
    return NULL;
}

static const struct mpr_provider *make(void) {
    static struct mpr_provider table;
    const char *name = secure_getenv("MPR_SABOTAGE");
    const struct sabotage *fault = name && *name ? find(name) : NULL;

    honest = honest_provider_query(MPR_PROVIDER_ABI_MAJOR << 16 | MPR_PROVIDER_ABI_MINOR);
    if (!honest || (name && *name && !fault))
        return NULL;
    table = *honest;
    table.init = init;
    if (fault)
        fault->apply(&table);
    return &table;
}

MPRAPI const struct mpr_provider *mpr_provider_query(uint32_t host_abi);
const struct mpr_provider *mpr_provider_query(uint32_t host_abi) {
    static const struct mpr_provider *table;

    if (!table)
        table = make();
    if (table && saboteur_give)
        return saboteur_give(host_abi, table);
    return host_abi >> 16 == MPR_PROVIDER_ABI_MAJOR ? table : NULL;
}
