/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_caps.c: NPGetCaps, the switches, and the lock.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All of them, each in the section of its family. */
static const char *const classic_switches[] = {
    /* loading and capabilities */
    "caps-version",
    /* connect */
    /* cancel */
    /* names: get, universal name, user, performance */
    /* enumeration */
    /* resources and formatting */
    /* errors */
    /* threads */
    /* memory */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *fault;

void classic_lock(void) {
    pthread_mutex_lock(&lock);
}

void classic_unlock(void) {
    pthread_mutex_unlock(&lock);
}

static bool is_switch(const char *name) {
    for (size_t i = 0; i < sizeof classic_switches / sizeof *classic_switches; i++)
        if (strcmp(classic_switches[i], name) == 0)
            return true;
    return false;
}

static void begin(void) {
    fault = secure_getenv("MPR_SABOTAGE");
    if (fault && !*fault)
        fault = NULL;
    if (fault && !is_switch(fault)) {
        fprintf(stderr, "The classic saboteur has no switch \"%s\".\n", fault);
        abort();
    }
    /* A child that is forked must not find the lock held by a thread that it has not. */
    pthread_atfork(classic_lock, classic_unlock, classic_unlock);
}

bool sabotage(const char *name) {
    pthread_once(&once, begin);
    if (!fault)
        return false;
    if (!is_switch(name))
        abort();
    return strcmp(fault, name) == 0;
}

DWORD NPGetCaps(DWORD nIndex) {
    pthread_once(&once, begin);
    switch (nIndex) {
    case WNNC_SPEC_VERSION:
        /* written for Windows 3.1: another contract */
        return sabotage("caps-version") ? 0x0003000A : WNNC_SPEC_VERSION51;
    case WNNC_NET_TYPE:
        return 0x00F10000;
    case WNNC_DRIVER_VERSION:
        return 0x00010000;
    case WNNC_USER:
        return WNNC_USR_GETUSER;
    case WNNC_CONNECTION:
        return WNNC_CON_ADDCONNECTION | WNNC_CON_ADDCONNECTION3 | WNNC_CON_ADDCONNECTION4
               | WNNC_CON_CANCELCONNECTION | WNNC_CON_CANCELCONNECTION2 | WNNC_CON_GETCONNECTIONS
               | WNNC_CON_GETPERFORMANCE | WNNC_CON_DEFER;
    case WNNC_DIALOG:
        return WNNC_DLG_FORMATNETWORKNAME | WNNC_DLG_GETRESOURCEPARENT
               | WNNC_DLG_GETRESOURCEINFORMATION;
    case WNNC_ENUMERATION:
        return WNNC_ENUM_GLOBAL | WNNC_ENUM_LOCAL | WNNC_ENUM_CONTEXT;
    case WNNC_START:
        return WNNC_WAIT_FOR_START;
    case WNNC_CONNECTION_FLAGS:
        return WNNC_CF_DEFAULT | CONNECT_DEFERRED;
    default:
        return 0;
    }
}
