/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * saboteur.h: the memory provider with one fault at a time: what the conformance
 * kit is tested with. MPR_SABOTAGE names the fault; without it the provider is honest.
 *
 * A file sabotage_*.c has a list of faults. A fault replaces slots of the table;
 * the honest ones are in honest, to be called where the fault does not strike.
 */
#ifndef SABOTEUR_H
#define SABOTEUR_H

#include <stdint.h>

#include <mpr/provider.h>

struct sabotage {
    const char *name; /* "names-everything"; NULL ends a list */
    const char *bug;  /* the real bug that it imitates, in a sentence */
    void (*apply)(struct mpr_provider *table);
};

/** The table without faults. */
extern const struct mpr_provider *honest;
/** What init was given. */
extern const struct mpr_host *saboteur_host;
/** What mpr_provider_query does with its table, where that is the fault; else NULL. */
extern const struct mpr_provider *(*saboteur_give)(uint32_t host_abi,
                                                   const struct mpr_provider *table);

/** Each file's list. */
extern const struct sabotage sabotage_abort[];
extern const struct sabotage sabotage_connect[];
extern const struct sabotage sabotage_disconnect[];
extern const struct sabotage sabotage_error[];
extern const struct sabotage sabotage_file[];
extern const struct sabotage sabotage_list[];
extern const struct sabotage sabotage_load[];
extern const struct sabotage sabotage_memory[];
extern const struct sabotage sabotage_logon[];
extern const struct sabotage sabotage_names[];
extern const struct sabotage sabotage_query[];
extern const struct sabotage sabotage_routed[];
extern const struct sabotage sabotage_secret[];
extern const struct sabotage sabotage_table[];
extern const struct sabotage sabotage_tree[];
extern const struct sabotage sabotage_thread[];

#endif
