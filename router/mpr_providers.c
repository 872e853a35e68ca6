/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_providers.c: makes providers of drop-ins, and calls into them.
 */
#include "config.h"

#include "router/mpr_providers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <mpr/mpr.h>
#include <mpr/winerror.h>

#include "router/mpr_drive.h"
#include "router/mpr_loader.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"
#include "router/mpr_utf.h"
#include "router/mpr_worker.h"

/* How long a session may take to end when nobody waits for it any more. */
#define ORPHAN_MS      1000

#define TIMEOUT_MAX_MS 3600000
#define ATTRIBUTE_MS   1000

/* The NPGetCaps bits are computed from the slots, never declared. */
static uint32_t capabilities_of(const struct mpr_provider *table) {
    uint32_t bits = 0;

    bits |= table->user ? MPR_CAN_USER : 0;
    bits |= table->list ? MPR_CAN_LIST : 0;
    bits |= table->parent ? MPR_CAN_PARENT : 0;
    bits |= table->information ? MPR_CAN_INFORMATION : 0;
    bits |= table->performance ? MPR_CAN_PERFORMANCE : 0;
    bits |= table->open && table->close && table->pread ? MPR_CAN_READ : 0;
    bits |= table->open && table->close && table->pwrite ? MPR_CAN_WRITE : 0;
    bits |= table->print && table->close && table->pwrite ? MPR_CAN_PRINT : 0;
    return bits;
}

/* What is no provider's own option, but one of all: wrong ones are refused as a provider's are. */
static DWORD read_options(struct mpr_np *np, const struct mpr_config *config) {
    const struct mpr_option *options = np->drop_in->options;
    struct mpr_failure why;

    np->connect_timeout_ms = config->connect_timeout_ms;
    np->io_timeout_ms = config->io_timeout_ms;
    np->attribute_timeout_ms = ATTRIBUTE_MS;
    np->sessions = MPR_NP_SESSIONS;
    if (mpr_option_number(options, "connect_timeout_ms", 1, TIMEOUT_MAX_MS, &why,
                          &np->connect_timeout_ms)
        && mpr_option_number(options, "io_timeout_ms", 1, TIMEOUT_MAX_MS, &why, &np->io_timeout_ms)
        && mpr_option_number(options, "attribute_timeout_ms", 0, TIMEOUT_MAX_MS, &why,
                             &np->attribute_timeout_ms)
        && mpr_option_number(options, "sessions", 1, MPR_NP_SESSIONS, &why, &np->sessions))
        return NO_ERROR;
    mpr_failure_set(&np->failure, why.code, "The drop-in %s is not used: %s", np->drop_in->file,
                    why.text);
    return ERROR_BAD_PROVIDER;
}

/*
 * The module and its workers have bounds of their own to keep, and are told
 * those for all where the drop-in has no others.
 */
static DWORD set_options(struct mpr_np *np, const struct mpr_config *config) {
    const struct mpr_option *given = np->drop_in->options;
    char connect_ms[16], io_ms[16];
    const struct mpr_option for_all[] = {
        {"connect_timeout_ms", connect_ms}, {"io_timeout_ms", io_ms}, {NULL, NULL}};

    snprintf(connect_ms, sizeof connect_ms, "%" PRIu32, config->connect_timeout_ms);
    snprintf(io_ms, sizeof io_ms, "%" PRIu32, config->io_timeout_ms);
    return mpr_option_merge(for_all, given, &np->options);
}

/* A module that must not run here gets a table whose sessions are processes. */
static DWORD isolate(struct mpr_np *np, const struct mpr_paths *paths) {
    const struct mpr_drop_in *drop_in = np->drop_in;
    struct mpr_worker_setup setup = {
        .program = paths->worker,
        .module = drop_in->worker_module ? drop_in->worker_module : drop_in->module,
        .name = np->table->name,
        .options = np->options,
        .front = np->table,
        .front_state = np->state,
        .whole = !drop_in->worker_module,
    };

    np->isolated = true;
    return mpr_worker_new(&setup, &np->table, &np->state);
}

static _Atomic bool run_in_drives;

void mpr_providers_run_in_drives(bool on) {
    run_in_drives = on;
}

static _Atomic mpr_providers_fn teller;

void mpr_providers_tell(mpr_providers_fn fn) {
    teller = fn;
}

/* A module that takes one call at a time is in a process of its own below that. */
static DWORD put_in_drives(struct mpr_np *np, const struct mpr_paths *paths,
                           const struct mpr_config *config) {
    struct mpr_drive_setup setup = {
        .paths = paths,
        .config = config,
        .drop_in = np->drop_in->file,
        .options = np->options,
        .connect_timeout_ms = np->connect_timeout_ms,
    };
    DWORD rc = NO_ERROR;

    np->capabilities = capabilities_of(np->table);
    if (!np->isolated && (np->table->flags & MPR_PROVIDER_THREADSAFE) == 0)
        rc = isolate(np, paths);
    if (rc != NO_ERROR)
        return rc;
    setup.front = np->table;
    setup.front_state = np->state;
    np->in_drives = true;
    return mpr_drive_new(&setup, &np->table, &np->state);
}

static bool has_files(const struct mpr_provider *table) {
    return table->open || table->print;
}

static void fini(const struct mpr_np *np) {
    if (np->table->fini) {
        mpr_call_enter();
        np->table->fini(np->state);
        mpr_call_leave();
    }
}

/*
 * A module without a native symbol may be a classic one; that runs here, where
 * its connections are.
 */
static DWORD start_classic(struct mpr_np *np) {
    const struct mpr_drop_in *drop_in = np->drop_in;
    const char *name = drop_in->provider_name ? drop_in->provider_name : drop_in->name;
    DWORD rc = mpr_classic_new(drop_in->module, name, np->connect_timeout_ms, &np->failure,
                               &np->table, &np->classic);

    if (rc != NO_ERROR)
        return rc;
    np->state = np->classic;
    if (!drop_in->isolate && !drop_in->worker_module)
        return NO_ERROR;
    mpr_failure_set(&np->failure, ERROR_NOT_SUPPORTED,
                    "The drop-in %s is not used: %s is a classic provider, which cannot be run in "
                    "worker processes (\"isolate\", \"worker_module\").",
                    drop_in->file, drop_in->module);
    fini(np);
    return ERROR_BAD_PROVIDER;
}

/* What is wrong with the provider is told in np->failure; ERROR_NOT_ENOUGH_MEMORY is ours. */
static DWORD start(struct mpr_np *np, const struct mpr_paths *paths,
                   const struct mpr_config *config) {
    const struct mpr_drop_in *drop_in = np->drop_in;
    const mpr_providers_fn tell = teller;
    char words[512] = "";
    DWORD rc;

    if (drop_in->broken) {
        np->failure = drop_in->failure;
        return ERROR_BAD_PROVIDER;
    }
    if (tell)
        tell(drop_in);
    rc = mpr_loader_open(drop_in->module, &np->failure, &np->table);
    if (rc == ERROR_PROC_NOT_FOUND)
        return start_classic(np);
    if (rc != NO_ERROR)
        return rc;
    if (np->table->init) {
        mpr_call_enter();
        rc = np->table->init(&mpr_host_table, np->options, words, sizeof words, &np->state);
        mpr_call_leave();
    }
    if (rc != NO_ERROR) {
        mpr_failure_set(&np->failure, rc, "The provider module %s refused to start: %s",
                        drop_in->module, *words ? words : "it gave no reason.");
        return ERROR_BAD_PROVIDER;
    }
    if (drop_in->isolate || drop_in->worker_module
        || (np->table->flags & MPR_PROVIDER_OWN_PROCESS) != 0)
        rc = isolate(np, paths);
    if (rc == NO_ERROR && run_in_drives && has_files(np->table))
        rc = put_in_drives(np, paths, config);
    if (rc != NO_ERROR)
        fini(np);
    return rc;
}

/* Returns NO_ERROR, also for a provider that is broken, or ERROR_NOT_ENOUGH_MEMORY. */
static DWORD set_up(struct mpr_np *np, const struct mpr_drop_in *drop_in,
                    const struct mpr_paths *paths, const struct mpr_config *config) {
    DWORD rc;

    np->drop_in = drop_in;
    np->name = drop_in->name;
    mpr_gate_init(&np->gate);
    pthread_mutex_init(&np->lock.mutex, NULL);
    rc = drop_in->broken ? NO_ERROR : read_options(np, config);
    if (rc == NO_ERROR)
        rc = set_options(np, config);
    if (rc == NO_ERROR)
        rc = start(np, paths, config);
    if (rc == NO_ERROR) {
        np->name = np->table->name;
        if (!np->in_drives)
            np->capabilities = capabilities_of(np->table);
        return NO_ERROR;
    }
    np->table = NULL;
    np->classic = NULL;
    mpr_trace("loader", "%s: %s", drop_in->file, np->failure.text);
    return rc == ERROR_NOT_ENOUGH_MEMORY ? rc : NO_ERROR;
}

DWORD mpr_providers_new(const struct mpr_registry *registry, const struct mpr_paths *paths,
                        const struct mpr_config *config, struct mpr_providers **ret_providers) {
    struct mpr_providers *providers = calloc(1, sizeof *providers);

    if (!providers)
        return ERROR_NOT_ENOUGH_MEMORY;
    providers->items = calloc(registry->count + 1, sizeof *providers->items);
    if (!providers->items) {
        free(providers);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    for (size_t i = 0; i < registry->count; i++) {
        const struct mpr_drop_in *drop_in = &registry->drop_ins[i];
        struct mpr_np *np = &providers->items[providers->count];
        DWORD rc;

        if (!drop_in->broken && !drop_in->module)
            continue;
        rc = set_up(np, drop_in, paths, config);
        providers->count++;
        if (rc != NO_ERROR) {
            mpr_providers_free(providers);
            return rc;
        }
        providers->loaded += np->table != NULL;
    }
    *ret_providers = providers;
    return NO_ERROR;
}

struct mpr_orphan {
    struct mpr_orphan *next;
    void *session;
};

/* Disconnects, in the provider, what others left there. */
static void end_orphans(struct mpr_np *np) {
    struct mpr_orphan *orphan;

    do {
        mpr_lock(&np->lock);
        orphan = np->orphans;
        if (orphan)
            np->orphans = orphan->next;
        mpr_unlock(&np->lock);
        if (orphan) {
            struct mpr_call_data data;
            struct mpr_call call;

            mpr_call_begin(&call, &data, np->name, mpr_deadline_in_ms(ORPHAN_MS), -1,
                           MPR_SECRET_NONE);
            np->table->disconnect(orphan->session, &call, 1);
            free(orphan);
        }
    } while (orphan);
}

void mpr_providers_free(struct mpr_providers *providers) {
    if (!providers)
        return;
    for (size_t i = 0; i < providers->count; i++) {
        struct mpr_np *np = &providers->items[i];

        if (np->table) {
            mpr_call_enter();
            end_orphans(np);
            mpr_call_leave();
            fini(np);
        }
        free(np->options);
        pthread_mutex_destroy(&np->lock.mutex);
        mpr_gate_clear(&np->gate);
    }
    free(providers->items);
    free(providers);
}

struct mpr_np *mpr_providers_find(const struct mpr_providers *providers, const char *name) {
    for (size_t i = 0; i < providers->count; i++) {
        struct mpr_np *np = &providers->items[i];

        if (np->table && (mpr_utf_same(np->name, name) || mpr_utf_same(np->drop_in->name, name)))
            return np;
    }
    return NULL;
}

bool mpr_np_recognise(const struct mpr_np *np, const char *remote, struct mpr_recognised *ret) {
    bool mine;

    ret->size = sizeof *ret;
    ret->type = 0;
    mpr_call_enter();
    mine = np->table->recognise(np->state, remote, ret) != 0;
    mpr_call_leave();
    return mine;
}

static bool enter_gate(struct mpr_np *np, const struct mpr_call *call) {
    struct mpr_call_data *data = call->host_data;
    int64_t began = mpr_now_ns();

    if (mpr_gate_enter(&np->gate, call->deadline_ns))
        return true;
    mpr_failure_set(&data->failure, ERROR_BUSY,
                    "%s serves one call at a time and was busy for %lld ms.", np->name,
                    (long long)((mpr_now_ns() - began) / MPR_NS_PER_MS));
    return false;
}

bool mpr_np_enter(struct mpr_np *np, const struct mpr_call *call) {
    if ((np->table->flags & MPR_PROVIDER_THREADSAFE) == 0 && !enter_gate(np, call))
        return false;
    mpr_call_enter();
    return true;
}

/* For want of memory the session is lost; it has no connection any more. */
void mpr_np_adopt(struct mpr_np *np, void *session) {
    struct mpr_orphan *orphan = malloc(sizeof *orphan);

    if (!orphan)
        return;
    orphan->session = session;
    mpr_lock(&np->lock);
    orphan->next = np->orphans;
    np->orphans = orphan;
    mpr_unlock(&np->lock);
}

void mpr_np_leave(struct mpr_np *np) {
    if ((np->table->flags & MPR_PROVIDER_THREADSAFE) == 0)
        end_orphans(np);
    mpr_call_leave();
    if ((np->table->flags & MPR_PROVIDER_THREADSAFE) == 0)
        mpr_gate_leave(&np->gate);
}
