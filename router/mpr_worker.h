/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker.h: a provider whose sessions run in worker processes.
 *
 * It is an ordinary provider table, so that the router does not know the
 * difference: seam 2 with a process in between.
 */
#ifndef MPR_WORKER_H
#define MPR_WORKER_H

#include <stdbool.h>

#include <mpr/provider.h>

#include "router/mpr_error.h"
#include "router/mpr_zygote.h"

struct mpr_worker_setup {
    const char *program;              /* absolute path of mpr-worker */
    const char *module;               /* absolute path of what it loads */
    const char *name;                 /* the provider's, for texts */
    const struct mpr_option *options; /* of the drop-in; copied */
    const struct mpr_provider *front; /* in-process table: recognise, parent, and the facts */
    void *front_state;                /* what its init returned */
    bool whole;                       /* the front is the module itself: what it lacks, all lack */
    bool sessions_only;               /* the front answers all that needs no session */
    /* not NULL: where the workers come from, in the place of program and module */
    struct mpr_worker_source *source;
};

/**
 * Makes the table and state of a provider that runs in worker processes. Starts
 * nothing: the zygote comes with the first connect. Everything in setup but the
 * options must live as long as the process.
 *
 * Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY. The state is ended by the
 * table's fini, which ends zygote and workers, and then calls the front's fini.
 */
DWORD mpr_worker_new(const struct mpr_worker_setup *setup, const struct mpr_provider **ret_table,
                     void **ret_state);

#endif
