/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_table.c: faults of the table, and of how it is given.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tests/conformance/saboteur/saboteur.h"

static struct mpr_provider *patched;

static void reserve(struct mpr_provider *table) {
    table->reserved = 1;
}

static void invent_flag(struct mpr_provider *table) {
    table->flags |= 0x100;
}

static void break_name(struct mpr_provider *table) {
    table->name = "Memory\nNetwork";
}

static void forget_type(struct mpr_provider *table) {
    table->net_type = 0;
}

static void move_little(struct mpr_provider *table) {
    table->max_io = 512;
}

static void forget_readlink(struct mpr_provider *table) {
    table->readlink = NULL;
}

static uint32_t init_patching(const struct mpr_host *host, const struct mpr_option *options,
                              char *error, size_t error_size, void **ret_state) {
    patched->driver_version++;
    return honest->init(host, options, error, error_size, ret_state);
}

static void patch(struct mpr_provider *table) {
    patched = table;
    table->init = init_patching;
}

static const struct mpr_provider *give_any(uint32_t host_abi, const struct mpr_provider *table) {
    (void)host_abi;
    return table;
}

static const struct mpr_provider *give_exact(uint32_t host_abi, const struct mpr_provider *table) {
    return host_abi == (MPR_PROVIDER_ABI_MAJOR << 16 | MPR_PROVIDER_ABI_MINOR) ? table : NULL;
}

static const struct mpr_provider *give_fresh(uint32_t host_abi, const struct mpr_provider *table) {
    struct mpr_provider *copy =
        host_abi >> 16 == MPR_PROVIDER_ABI_MAJOR ? malloc(sizeof *copy) : NULL;

    return copy ? memcpy(copy, table, sizeof *copy) : NULL;
}

static void be_any(struct mpr_provider *table) {
    (void)table;
    saboteur_give = give_any;
}

static void be_exact(struct mpr_provider *table) {
    (void)table;
    saboteur_give = give_exact;
}

static void be_fresh(struct mpr_provider *table) {
    (void)table;
    saboteur_give = give_fresh;
}

const struct sabotage sabotage_table[] = {
    {"table-reserved", "what is reserved is not 0", reserve},
    {"table-flags", "a flag of its own", invent_flag},
    {"table-name", "a name that is no line", break_name},
    {"table-untyped", "no network type", forget_type},
    {"table-little", "a max_io that makes every read a crowd", move_little},
    {"table-readlink", "links can be made and not read", forget_readlink},
    {"table-patched", "init writes into the table", patch},
    {"table-any-major", "a host of any ABI gets the table, and its structures are misread", be_any},
    {"table-exact-minor", "only the very minor version that it was compiled for is served",
     be_exact},
    {"table-fresh", "every query makes another table", be_fresh},
    {NULL, NULL, NULL},
};
