/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_registry.h: which providers there are: the drop-ins, read and ordered.
 */
#ifndef MPR_REGISTRY_H
#define MPR_REGISTRY_H

#include <stdbool.h>

#include <mpr/provider.h>

#include "router/mpr_config.h"
#include "router/mpr_error.h"
#include "router/mpr_option.h"
#include "router/mpr_paths.h"

/** Order of a drop-in that says none. */
#define MPR_REGISTRY_ORDER 50

struct mpr_drop_in {
    char *file;                 /* absolute path of the drop-in */
    char *name;                 /* the provider's short name; of a broken file: the file's name */
    char *module;               /* absolute path; NULL: it registers no provider */
    char *notify_module;        /* absolute path, or NULL */
    char *worker_module;        /* absolute path, or NULL */
    char *provider_name;        /* lpProvider of a classic provider, or NULL: name */
    int order;                  /* low ones are asked first; default 50 */
    bool isolate;               /* run any module in worker processes */
    struct mpr_option *options; /* ended by a NULL name; mpr.json's merged in */
    bool broken;                /* skip it; failure says why */
    struct mpr_failure failure;
};

struct mpr_registry {
    struct mpr_drop_in *drop_ins; /* by order, then by file name */
    size_t count;
};

/**
 * Reads every NN-name.json of the drop-in directories. Of two files with one
 * file name the directory of higher precedence wins. A file or directory that
 * is not owned by root or the effective user, or that others may write, is
 * broken, as is one that is malformed, one whose name another has taken (the
 * higher precedence, then the earlier file name has it), and a file *.json of
 * another form of name: it is kept in the list with its reason and hurts no
 * other. Disabled providers are left out.
 *
 * Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_registry_new(const struct mpr_paths *paths, const struct mpr_config *config,
                       struct mpr_registry **ret_registry);

/** Takes NULL. */
void mpr_registry_free(struct mpr_registry *registry);

/**
 * Reads one drop-in's text; text[size] is NUL. A relative module lies in
 * modules. drop_in has its file; the rest is filled, or broken and failure are.
 *
 * Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_registry_parse(const char *text, size_t size, const char *modules,
                         struct mpr_drop_in *drop_in);

/**
 * Makes it a broken one, which bears the name of its file; failure is set.
 * Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_registry_break(struct mpr_drop_in *drop_in);

/** Frees what is in it. */
void mpr_registry_clear(struct mpr_drop_in *drop_in);

#endif
