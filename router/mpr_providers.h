/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_providers.h: the providers of this process, in the order of asking.
 */
#ifndef MPR_PROVIDERS_H
#define MPR_PROVIDERS_H

#include <stdbool.h>

#include <mpr/provider.h>

#include "router/classic.h"
#include "router/mpr_call.h"
#include "router/mpr_gate.h"
#include "router/mpr_registry.h"

/** Sessions of one drive at most. */
#define MPR_NP_SESSIONS 4

/** The connection table's lock; here because no provider is called with it held. */
extern struct mpr_lock mpr_table_lock;

/** A network provider. Nothing in it changes once the list is made. */
struct mpr_np {
    const struct mpr_drop_in *drop_in;
    const struct mpr_provider *table; /* NULL: it failed to load, see failure */
    void *state;
    struct mpr_classic *classic; /* it is a classic one, or NULL */
    const char *name;            /* lpProvider; the drop-in's name if it failed */
    struct mpr_option *options;  /* what the module is given: the drop-in's, and both timeouts */
    uint32_t connect_timeout_ms;
    uint32_t io_timeout_ms;
    uint32_t attribute_timeout_ms; /* a drive believes for so long what its server said of a file */
    uint32_t sessions;             /* that a drive may have, of a module that is isolated */
    uint32_t capabilities;         /* MPR_CAN_ */
    bool isolated;                 /* its sessions run in worker processes */
    bool in_drives;                /* its sessions are drives: mpr_drive.h */
    struct mpr_gate gate;          /* for a module that is not THREADSAFE */
    struct mpr_lock lock;          /* of orphans */
    struct mpr_orphan *orphans;
    struct mpr_failure failure;
};

struct mpr_providers {
    struct mpr_np *items;
    size_t count;  /* failed ones too */
    size_t loaded; /* those with a table */
};

/**
 * Whether providers with files that are loaded from now on have drives for sessions: in the
 * per-user service. Default: no.
 */
void mpr_providers_run_in_drives(bool on);

/**
 * Has a function told of each provider before its module is loaded, which may end or hang this
 * process. It must not block. Default: NULL, nobody.
 */
typedef void (*mpr_providers_fn)(const struct mpr_drop_in *drop_in);
void mpr_providers_tell(mpr_providers_fn fn);

/**
 * Loads what the registry names. What fails is kept with its reason.
 * Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_providers_new(const struct mpr_registry *registry, const struct mpr_paths *paths,
                        const struct mpr_config *config, struct mpr_providers **ret_providers);

/** Ends the providers; their sessions must be gone. Takes NULL. */
void mpr_providers_free(struct mpr_providers *providers);

/** The loaded provider of this lpProvider or drop-in name, in any case; or NULL. */
struct mpr_np *mpr_providers_find(const struct mpr_providers *providers, const char *name);

/** Does the provider take this as a name of its own? */
bool mpr_np_recognise(const struct mpr_np *np, const char *remote, struct mpr_recognised *ret)
    EXCLUDES(mpr_table_lock);

/**
 * Goes into a provider, and comes out. Between the two its operations may be
 * called; call->deadline_ns bounds the wait for a module that takes one call at
 * a time. False: the wait was too long, which is ERROR_BUSY; the call's failure says so.
 */
bool mpr_np_enter(struct mpr_np *np, const struct mpr_call *call) EXCLUDES(mpr_table_lock);

/**
 * Leaves a session, whose connection is gone, to whoever is in the provider now:
 * he disconnects it when he comes out.
 */
void mpr_np_adopt(struct mpr_np *np, void *session) EXCLUDES(mpr_table_lock);

void mpr_np_leave(struct mpr_np *np) EXCLUDES(mpr_table_lock);

#endif
