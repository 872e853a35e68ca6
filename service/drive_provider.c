/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_provider.c: the one provider of a drive: found and loaded before there are
 * threads, in the process that drives are forked from, and started in the drive.
 */
#include "config.h"

#include "service/drive_provider.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_config.h"
#include "router/mpr_loader.h"
#include "router/mpr_option.h"
#include "router/mpr_paths.h"
#include "router/mpr_registry.h"

/* All there is in the process. Written before there are threads. */
static struct {
    struct mpr_paths *paths;
    struct mpr_config *config;
    struct mpr_registry *registry;
    const struct mpr_drop_in *drop_in;
    const struct mpr_provider *module;
    uint64_t ops;
    struct mpr_drop_in changed; /* the drop-in, as it is run here */
    struct mpr_providers *providers;
} here;

static uint32_t read_registry(const char *root, struct mpr_failure *failure) {
    char *complaint = NULL;
    uint32_t code = mpr_paths_new(root, &here.paths);

    if (code == NO_ERROR)
        code = mpr_config_new(here.paths, &here.config, &complaint);
    if (code == NO_ERROR)
        code = mpr_registry_new(here.paths, here.config, &here.registry);
    free(complaint);
    if (code != NO_ERROR)
        mpr_failure_set(failure, code, "The drive cannot read its configuration%s%s.",
                        root ? " below " : "", root ? root : "");
    return code;
}

static uint32_t find_drop_in(const char *file, struct mpr_failure *failure) {
    for (size_t i = 0; i < here.registry->count; i++) {
        const struct mpr_drop_in *drop_in = &here.registry->drop_ins[i];

        if (strcmp(drop_in->file, file) != 0)
            continue;
        if (drop_in->broken) {
            *failure = drop_in->failure;
            return ERROR_BAD_PROVIDER;
        }
        if (drop_in->module) {
            here.drop_in = drop_in;
            return NO_ERROR;
        }
    }
    mpr_failure_set(failure, ERROR_BAD_PROVIDER,
                    "The drive finds no provider in %s: it is gone, disabled, or none.", file);
    return ERROR_BAD_PROVIDER;
}

/* What another module has, that workers load, is known there only: it is asked for all. */
static uint64_t ops_of(const struct mpr_drop_in *drop_in, const struct mpr_provider *module) {
    uint64_t bits = 0;

    if (!drop_in->worker_module)
        return worker_ops_of(module);
#define BIT(number, op, ARGS, RET) bits |= UINT64_C(1) << (number);
    MPR_WIRE_OPS(BIT)
    return bits;
}

uint32_t drive_provider_load(const char *drop_in, const struct mpr_option *options,
                             struct mpr_failure *failure, uint64_t *ret_ops, uint32_t *ret_max_io) {
    uint32_t code = read_registry(mpr_option_get(options, "root"), failure);

    if (code == NO_ERROR)
        code = find_drop_in(drop_in, failure);
    if (code == NO_ERROR)
        code = mpr_loader_open(here.drop_in->module, failure, &here.module);
    if (code != NO_ERROR)
        return code;
    here.ops = ops_of(here.drop_in, here.module);
    *ret_ops = here.ops;
    *ret_max_io = here.module->max_io ? here.module->max_io : MPR_MAX_IO;
    return NO_ERROR;
}

static void set_options(struct drive *drive) {
    const struct mpr_np *np = drive->np;

    drive->any_case = (here.module->flags & MPR_PROVIDER_ANY_CASE) != 0;
    drive->options = (struct drive_options){
        .io_timeout_ms = np->io_timeout_ms,
        .connect_timeout_ms = np->connect_timeout_ms,
        .attribute_ms = np->attribute_timeout_ms,
        .sessions = np->isolated ? np->sessions : 1,
    };
}

uint32_t drive_provider_start(struct drive *drive, char *error, size_t error_size) {
    struct mpr_registry one = {.drop_ins = &here.changed, .count = 1};
    uint32_t code;

    here.changed = *here.drop_in;
    here.changed.isolate = (here.module->flags & MPR_PROVIDER_RECONNECTS) == 0;
    code = mpr_providers_new(&one, here.paths, here.config, &here.providers);
    if (code != NO_ERROR) {
        snprintf(error, error_size, "there is not enough memory.");
        return code;
    }
    drive->np = &here.providers->items[0];
    if (!drive->np->table) {
        snprintf(error, error_size, "%s", drive->np->failure.text);
        code = drive->np->failure.code ? drive->np->failure.code : ERROR_BAD_PROVIDER;
        drive_provider_stop();
        return code;
    }
    set_options(drive);
    return NO_ERROR;
}

void drive_provider_stop(void) {
    mpr_providers_free(here.providers);
    here.providers = NULL;
    mpr_registry_free(here.registry);
    mpr_config_free(here.config);
    mpr_paths_free(here.paths);
    here.registry = NULL;
    here.config = NULL;
    here.paths = NULL;
}

uint64_t drive_provider_ops(void) {
    return here.ops;
}
