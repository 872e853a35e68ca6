/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic.c: makes an ordinary provider of a classic module: looks its
 * functions up, asks what it can do, and fills a table with that.
 *
 * What is announced once, when it is loaded, holds as long as the router runs;
 * whether it is started is asked at every call.
 */
#include "config.h"

#include "router/classic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/wnnc.h>

#include "router/classic_call.h"
#include "router/classic_table.h"
#include "router/mpr_call.h"
#include "router/mpr_loader.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"

static const char *const function_names[] = {
#define NAME(name) #name,
    MPR_CLASSIC_FUNCTIONS(NAME)
#undef NAME
};

#define FUNCTION_COUNT (sizeof function_names / sizeof *function_names)
_Static_assert(sizeof(struct mpr_classic_functions) == FUNCTION_COUNT * sizeof(void *),
               "a pointer each");

/* Which bit of which index announces which function. */
static const struct {
    DWORD index, bit;
    size_t slot;
    const char *name;
} announcements[] = {
#define ANNOUNCED(index, bit, name)                                                                \
    { index, bit, offsetof(struct mpr_classic_functions, name), #name }
    ANNOUNCED(WNNC_USER, WNNC_USR_GETUSER, NPGetUser),
    ANNOUNCED(WNNC_CONNECTION, WNNC_CON_ADDCONNECTION, NPAddConnection),
    ANNOUNCED(WNNC_CONNECTION, WNNC_CON_ADDCONNECTION3, NPAddConnection3),
    ANNOUNCED(WNNC_CONNECTION, WNNC_CON_ADDCONNECTION4, NPAddConnection4),
    ANNOUNCED(WNNC_CONNECTION, WNNC_CON_CANCELCONNECTION, NPCancelConnection),
    ANNOUNCED(WNNC_CONNECTION, WNNC_CON_CANCELCONNECTION2, NPCancelConnection2),
    ANNOUNCED(WNNC_CONNECTION, WNNC_CON_GETCONNECTIONS, NPGetConnection),
    ANNOUNCED(WNNC_CONNECTION, WNNC_CON_GETCONNECTIONS, NPGetConnection3),
    ANNOUNCED(WNNC_CONNECTION, WNNC_CON_GETPERFORMANCE, NPGetConnectionPerformance),
    ANNOUNCED(WNNC_DIALOG, WNNC_DLG_FORMATNETWORKNAME, NPFormatNetworkName),
    ANNOUNCED(WNNC_DIALOG, WNNC_DLG_GETRESOURCEPARENT, NPGetResourceParent),
    ANNOUNCED(WNNC_DIALOG, WNNC_DLG_GETRESOURCEINFORMATION, NPGetResourceInformation),
#undef ANNOUNCED
};

/* What the module says of itself, in its thread. */
struct caps {
    DWORD index[WNNC_CONNECTION_FLAGS + 1];
};

static void run_caps(struct mpr_classic_job *job) {
    static const DWORD asked[] = {WNNC_SPEC_VERSION, WNNC_NET_TYPE,        WNNC_DRIVER_VERSION,
                                  WNNC_USER,         WNNC_CONNECTION,      WNNC_DIALOG,
                                  WNNC_ENUMERATION,  WNNC_CONNECTION_FLAGS};
    struct caps *caps = job->data;

    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        caps->index[asked[i]] = MPR_CLASSIC_NP(job, NPGetCaps, asked[i]);
}

struct mpr_classic *mpr_classic_ref(struct mpr_classic *classic) {
    atomic_fetch_add(&classic->references, 1);
    return classic;
}

void mpr_classic_unref(struct mpr_classic *classic) {
    if (atomic_fetch_sub(&classic->references, 1) != 1)
        return;
    if (classic->locale)
        freelocale(classic->locale);
    free(classic->name);
    free(classic);
}

static void fini(void *state) {
    struct mpr_classic *classic = state;

    if (classic->thread)
        mpr_classic_thread_end(classic->thread);
    mpr_classic_unref(classic);
}

/* A function that is not announced is not called, nor one that is announced and not there. */
static void honour_bits(struct mpr_classic *classic, const struct caps *caps) {
    for (size_t i = 0; i < sizeof announcements / sizeof *announcements; i++) {
        char *slot = (char *)&classic->np + announcements[i].slot;
        bool announced = (caps->index[announcements[i].index] & announcements[i].bit) != 0;
        void *none = NULL;

        if (announced && memcmp(slot, &none, sizeof none) == 0
            && strcmp(announcements[i].name, "NPGetConnection3") != 0)
            mpr_trace("provider", "%s announces %s, and does not have it", classic->name,
                      announcements[i].name);
        if (!announced && memcmp(slot, &none, sizeof none) != 0) {
            mpr_trace("provider", "%s has %s, and does not announce it: it is not called",
                      classic->name, announcements[i].name);
            memcpy(slot, &none, sizeof none);
        }
    }
}

static void honour_enumeration(struct mpr_classic *classic, const struct caps *caps) {
    const struct mpr_classic_functions *np = &classic->np;

    if (np->NPOpenEnum && np->NPEnumResource && np->NPCloseEnum)
        classic->enumeration = caps->index[WNNC_ENUMERATION];
    else if (caps->index[WNNC_ENUMERATION])
        mpr_trace("provider",
                  "%s announces enumerations, and has not all three of NPOpenEnum, "
                  "NPEnumResource and NPCloseEnum",
                  classic->name);
}

static void honour_flags(struct mpr_classic *classic, const struct caps *caps) {
    DWORD flags = caps->index[WNNC_CONNECTION_FLAGS];

    classic->connection_flags = flags ? flags : WNNC_CF_DEFAULT;
    if (caps->index[WNNC_CONNECTION] & WNNC_CON_DEFER)
        classic->connection_flags |= CONNECT_DEFERRED;
    else
        classic->connection_flags &= ~(uint32_t)CONNECT_DEFERRED;
}

static void fill_table(struct mpr_classic *classic, const struct caps *caps) {
    const struct mpr_classic_functions *np = &classic->np;

    classic->table = (struct mpr_provider){
        .magic = MPR_PROVIDER_MAGIC,
        .abi_major = MPR_PROVIDER_ABI_MAJOR,
        .abi_minor = MPR_PROVIDER_ABI_MINOR,
        .size = sizeof classic->table,
        /* One call at a time is the affair of its thread, where waiting can be given up. */
        .flags = MPR_PROVIDER_THREADSAFE | MPR_PROVIDER_CREDENTIALS
                 | (classic->connection_flags & CONNECT_DEFERRED ? MPR_PROVIDER_DEFERS : 0),
        .name = classic->name,
        .net_type = caps->index[WNNC_NET_TYPE],
        .driver_version = caps->index[WNNC_DRIVER_VERSION],
        .fini = fini,
        .recognise = mpr_classic_recognise,
        .connect = mpr_classic_connect,
        .disconnect = mpr_classic_disconnect,
        .user = np->NPGetUser ? mpr_classic_user : NULL,
        .list = classic->enumeration & WNNC_ENUM_GLOBAL ? mpr_classic_list : NULL,
        .parent = np->NPGetResourceParent ? mpr_classic_parent : NULL,
        .information = np->NPGetResourceInformation ? mpr_classic_information : NULL,
        .performance = np->NPGetConnectionPerformance ? mpr_classic_performance : NULL,
        .universal = np->NPGetUniversalName ? mpr_classic_universal : NULL,
        .format = np->NPFormatNetworkName ? mpr_classic_format : NULL,
    };
}

/* For a later router, that may find the module with a job which an earlier one gave up. */
static void keep_caps(struct mpr_classic *classic, const struct caps *caps) {
    if (!classic->thread->caps)
        classic->thread->caps = malloc(sizeof *caps);
    if (classic->thread->caps)
        memcpy(classic->thread->caps, caps, sizeof *caps);
}

/* Asks the module what it can. */
static DWORD ask_caps(struct mpr_classic *classic, uint32_t timeout_ms, const char *path,
                      struct mpr_failure *failure, struct caps *ret) {
    struct mpr_classic_job *job;
    struct mpr_call_data data;
    struct mpr_call call;
    DWORD rc = ERROR_NOT_ENOUGH_MEMORY;

    if (classic->thread->caps && mpr_classic_thread_is_hung(classic->thread)) {
        memcpy(ret, classic->thread->caps, sizeof *ret);
        return NO_ERROR;
    }
    job = mpr_classic_job_new(classic, run_caps);
    mpr_call_begin(&call, &data, classic->name, mpr_deadline_in_ms(timeout_ms), -1,
                   MPR_SECRET_NONE);
    if (job) {
        job->data = mpr_classic_keep(job, sizeof *ret);
        rc = mpr_classic_run(&job, &call);
    }
    if (rc == NO_ERROR) {
        memcpy(ret, job->data, sizeof *ret);
        keep_caps(classic, ret);
    }
    mpr_classic_job_free(job);
    if (rc == NO_ERROR || rc == ERROR_NOT_ENOUGH_MEMORY)
        return rc;
    mpr_failure_set(failure, rc, "The classic provider module %s is not used: NPGetCaps: %s", path,
                    data.failure.text);
    return ERROR_BAD_PROVIDER;
}

static DWORD set_up(struct mpr_classic *classic, uint32_t timeout_ms, const char *path,
                    struct mpr_failure *failure) {
    struct caps caps = {{0}};
    DWORD rc = ask_caps(classic, timeout_ms, path, failure, &caps);

    if (rc != NO_ERROR)
        return rc;
    if (caps.index[WNNC_NET_TYPE] == WNNC_CRED_MANAGER) {
        mpr_failure_set(failure, ERROR_BAD_PROVIDER,
                        "The classic provider module %s is a credential manager, and no network.",
                        path);
        return ERROR_BAD_PROVIDER;
    }
    if (caps.index[WNNC_SPEC_VERSION] != WNNC_SPEC_VERSION51)
        mpr_trace("provider", "%s is made for version 0x%08x of npapi.h, not for 0x%08x",
                  classic->name, caps.index[WNNC_SPEC_VERSION], WNNC_SPEC_VERSION51);
    honour_bits(classic, &caps);
    honour_enumeration(classic, &caps);
    honour_flags(classic, &caps);
    fill_table(classic, &caps);
    return NO_ERROR;
}

DWORD mpr_classic_new(const char *path, const char *name, uint32_t timeout_ms,
                      struct mpr_failure *failure, const struct mpr_provider **ret_table,
                      struct mpr_classic **ret_classic) {
    void *symbols[FUNCTION_COUNT] = {NULL};
    struct mpr_classic *classic;
    DWORD rc;

    if (!mpr_loader_symbols(path, function_names, FUNCTION_COUNT, symbols) || !symbols[0])
        return ERROR_PROC_NOT_FOUND;
    classic = calloc(1, sizeof *classic);
    if (!classic)
        return ERROR_NOT_ENOUGH_MEMORY;
    atomic_init(&classic->references, 1);
    classic->thread = mpr_classic_thread_begin(symbols[0]);
    memcpy(&classic->np, symbols, sizeof symbols);
    classic->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    classic->name = strdup(name);
    rc = classic->name && classic->thread ? set_up(classic, timeout_ms, path, failure)
                                          : ERROR_NOT_ENOUGH_MEMORY;
    if (rc != NO_ERROR) {
        fini(classic);
        return rc;
    }
    *ret_table = &classic->table;
    *ret_classic = classic;
    return NO_ERROR;
}

uint32_t mpr_classic_scopes(const struct mpr_classic *classic) {
    return classic->enumeration;
}
