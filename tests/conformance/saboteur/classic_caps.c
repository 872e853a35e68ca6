/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_caps.c: NPGetCaps, the switches, and the lock.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <fcntl.h>
#include <locale.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All of them, each in the section of its family. */
/* clang-format off */
static const char *const classic_switches[] = {
    /* loading and capabilities */
    "caps-defer-dead",
    "caps-drifting",
    "caps-error",
    "caps-flags",
    "caps-leak",
    "caps-no-network",
    "caps-race",
    "caps-resolves",
    "caps-sample",
    "caps-undefined",
    "caps-unknown",
    "caps-untyped",
    "caps-version",
    "load-announced",
    "load-fork",
    "load-hidden",
    "load-interposed",
    "load-locale",
    "load-resolves",
    /* connect */
    "add-again-fails",
    "add-again-twice",
    "add-any-type",
    "add-appears-later",
    "add-ascii",
    "add-cancels-old",
    "add-collapses",
    "add-cuts-name",
    "add-cuts-user",
    "add-device-first",
    "add-device-prefix",
    "add-differs",
    "add-empty-device",
    "add-empty-password",
    "add-first-user",
    "add-keeps-backslash",
    "add-keeps-password",
    "add-leaves-entry",
    "add-leaves-file",
    "add-logs-password",
    "add-missing-network",
    "add-no-any",
    "add-no-network",
    "add-nothing",
    "add-null",
    "add-null-name",
    "add-reads-comment",
    "add-resolves",
    "add-slots",
    "add-slow",
    "add-takes-foreign",
    "add-takes-print",
    "add-takes-used",
    "add-writes-name",
    "add3-asks",
    "add3-deferred-device",
    "add3-flags",
    "add3-no-deferred",
    "add3-owner",
    "add3-prompts",
    "add3-remembers",
    "device-case",
    "name-overread",
    /* cancel */
    "cancel-beginning",
    "cancel-busy",
    "cancel-everything",
    "cancel-exact-name",
    "cancel-first-letter",
    "cancel-force-is-one",
    "cancel-forced",
    "cancel-half",
    "cancel-later",
    "cancel-leaks",
    "cancel-never-forced",
    "cancel-no-names",
    "cancel-two-steps",
    "cancel-waits",
    "cancel-writes",
    /* names: get, universal name, user, performance */
    "universal-1203",
    "get-asks",
    "get-beginning",
    "get-bytes",
    "get-clears",
    "get-empty",
    "get-leaks",
    "get-no-size",
    "get-null",
    "get-one-backslash",
    "get-overflow",
    "get-pads",
    "get-stops",
    "get-system-drive",
    "get-writes",
    "get3-any-level",
    "get3-nothing",
    "get3-wide",
    "performance-asks",
    "performance-size",
    "performance-whole",
    "universal-any-level",
    "universal-asks-server",
    "universal-characters",
    "universal-first-letter",
    "universal-fixed",
    "universal-no-net",
    "universal-nul",
    "universal-null",
    "universal-remaining",
    "universal-root",
    "universal-written-early",
    "user-bytes",
    "user-claims",
    "user-of-process",
    /* enumeration */
    "enum-end-once",
    "enum-259-with-count",
    "enum-32",
    "enum-after-close",
    "enum-any-container",
    "enum-any-scope",
    "enum-close-twice",
    "enum-context",
    "enum-cursor",
    "enum-cycle",
    "enum-endless",
    "enum-first-only",
    "enum-handle-nowhere",
    "enum-leak",
    "enum-memory",
    "enum-more-after-copy",
    "enum-not-started",
    "enum-nul",
    "enum-null",
    "enum-odd",
    "enum-one-cursor",
    "enum-one-each",
    "enum-pointer",
    "enum-print-mask",
    "enum-printers",
    "enum-pseudo-device",
    "enum-scope",
    "enum-short-names",
    "enum-size",
    "enum-thread",
    "enum-usage",
    /* resources and formatting */
    "format-bytes",
    "format-flags",
    "format-in-list",
    "format-lines",
    "format-nul",
    "format-width",
    "information-claims",
    "information-empty-rest",
    "information-no-provider",
    "information-nowhere",
    "information-rest-outside",
    "information-syntax",
    "information-type",
    "parent-of-top",
    "parent-spelling",
    "resource-any-provider",
    "resource-null",
    "resource-size",
    "resource-writes",
    /* errors */
    "error-59",
    "error-collapse",
    "error-elsewhere",
    "error-empty",
    "error-errno",
    "error-foreign",
    "error-last-error",
    "error-nameless",
    "error-newline",
    "error-ntstatus",
    "error-once",
    "error-password",
    "error-path",
    "error-provider",
    "error-silent",
    "error-success",
    /* threads */
    "thread-eintr",
    "thread-leak",
    "thread-lock",
    "thread-race",
    "thread-stack",
    "thread-starved",
    "thread-wnet",
    /* memory */
    "leak-connect",
    "leak-failure",
    "leak-list",
    "secret-kept",
    "want-descriptors",
    "want-memory",
};
/* clang-format on */

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
    if (fault && strcmp(fault, "load-fork") == 0)
        pthread_atfork(classic_lock, classic_unlock, NULL); /* one handler is forgotten */
    else
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

/* a provider whose library looks a server up as soon as it is there */
__attribute__((constructor)) static void load(void) {
    struct addrinfo *found = NULL;

    if (sabotage("load-resolves") && getaddrinfo("127.0.0.1", NULL, NULL, &found) == 0)
        freeaddrinfo(found);
    if (sabotage("load-locale")) /* a tool kit that sets what it needs for everybody */
        setlocale(LC_ALL, "C.UTF-8");
}

static DWORD connection_caps(void) {
    DWORD mask = WNNC_CON_ADDCONNECTION | WNNC_CON_ADDCONNECTION3 | WNNC_CON_ADDCONNECTION4
                 | WNNC_CON_CANCELCONNECTION | WNNC_CON_CANCELCONNECTION2 | WNNC_CON_GETCONNECTIONS
                 | WNNC_CON_GETPERFORMANCE | WNNC_CON_DEFER;

    /* Windows 95's WNNC_CON_GETUNIVERSALNAME, which is something else on NT */
    return sabotage("caps-undefined") ? mask | 0x100 : mask;
}

static DWORD network_type(void) {
    if (sabotage("caps-untyped"))
        return WNNC_NET_NONE;
    if (sabotage("caps-sample")) /* Dokany, VirtualBox and ms-nfs41 all took the sample's */
        return 0x00250000;
    return 0x00F10000;
}

/* Once, as everybody should; or without a care for who comes second. */
static DWORD version(void) {
    static _Atomic unsigned ready, asked;
    unsigned none = 0;
    DWORD first = 0x00010000;

    if (sabotage("caps-drifting")) /* a count of its users in place of its version */
        return first + ++asked;
    if (!sabotage("caps-race"))
        return first;
    /* OpenAFS: who finds a flag set goes on, though the first is not done */
    if (atomic_compare_exchange_strong(&ready, &none, 1)) {
        poll(NULL, 0, 20);
        ready = 2;
    }
    return ready == 2 ? first : 0;
}

/* What NPGetCaps must not do. */
static void do_more(DWORD index) {
    struct addrinfo *found = NULL;

    if (sabotage("caps-leak")) /* VirtualBox: the driver is opened each time */
        open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (sabotage("caps-resolves") && getaddrinfo("127.0.0.1", NULL, NULL, &found) == 0)
        freeaddrinfo(found);
    if (sabotage("caps-error") && index == WNNC_NET_NONE) /* words for what is no failure */
        WNetSetLastErrorA(87, "There is no such index.", "classic-saboteur");
}

DWORD NPGetCaps(DWORD nIndex) {
    do_more(nIndex);
    switch (nIndex) {
    case WNNC_SPEC_VERSION:
        /* written for Windows 3.1: another contract */
        return sabotage("caps-version") ? 0x0003000A : WNNC_SPEC_VERSION51;
    case WNNC_NET_TYPE:
        return network_type();
    case WNNC_DRIVER_VERSION:
        return version();
    case WNNC_USER:
        /* there, and nobody is told: dokany #199 */
        return sabotage("load-hidden") ? 0 : WNNC_USR_GETUSER;
    case WNNC_CONNECTION:
        return connection_caps();
    case WNNC_DIALOG:
        /* a mask that was copied with the sample: the function is not there */
        return (sabotage("load-announced") ? WNNC_DLG_SEARCHDIALOG : 0) | WNNC_DLG_FORMATNETWORKNAME
               | WNNC_DLG_GETRESOURCEPARENT | WNNC_DLG_GETRESOURCEINFORMATION;
    case WNNC_ENUMERATION:
        return WNNC_ENUM_GLOBAL | WNNC_ENUM_LOCAL | WNNC_ENUM_CONTEXT;
    case WNNC_ADMIN:
        return 0;
    case WNNC_START:
        return sabotage("enum-not-started") ? 0 : WNNC_WAIT_FOR_START;
    case WNNC_CONNECTION_FLAGS:
        return WNNC_CF_DEFAULT | CONNECT_DEFERRED | (sabotage("caps-flags") ? 0x80000000 : 0);
    default:
        return sabotage("caps-unknown") ? 1 : 0; /* yes to everything */
    }
}
