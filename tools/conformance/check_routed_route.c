/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_routed_route.c: the provider beside another one.
 */
#include "config.h"

#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_routed.h"
#include "tools/conformance/kit_subject.h"
#include "tools/conformance/kit_watch.h"

static void leaves_the_decoys_names(void) {
    unsigned before;
    int64_t began;

    kit_routed_start(KIT_DECOY_AFTER, NULL);
    before = kit_network_calls();
    began = kit_ms();
    KIT_CODES(kit_add_as("Y:", KIT_DECOY, NULL, NULL, 0), NO_ERROR);
    kit_within(began, 4 * KIT_AT_ONCE);
    kit_expect(kit_network_calls() == before, "no network call for another provider's name", "%s",
               kit_network_call());
}

/* Whatever becomes of a foreign name: this provider is not asked for it on the network. */
static void looks_up_no_foreign_name(void) {
    unsigned before;
    int64_t began;
    DWORD code;

    kit_routed_start(KIT_ALONE, NULL);
    for (size_t i = 0; i < kit_lab.foreign.count; i++) {
        before = kit_network_calls();
        began = kit_ms();
        code = kit_add_as(NULL, kit_lab.foreign.items[i], NULL, NULL, 0);
        kit_expect(code != NO_ERROR, "no connection to a foreign name", "success for \"%s\"",
                   kit_lab.foreign.items[i]);
        kit_within(began, 4 * KIT_AT_ONCE);
        kit_expect(kit_network_calls() == before, "no network call for a foreign name", "%s",
                   kit_network_call());
    }
}

static void connects_behind_the_decoy(void) {
    kit_routed_start(KIT_DECOY_BEFORE, NULL);
    kit_add_good("Z:", kit_good(0));
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
    kit_expect(kit_listed(NULL) == 0, "nothing connected", "%u", kit_listed(NULL));
}

static DWORD add_to(const char *provider, const char *remote) {
    NETRESOURCEA resource = {
        .dwType = RESOURCETYPE_ANY,
        .lpRemoteName = kit_ro(remote),
        .lpProvider = kit_ro(provider),
    };

    kit_doing("WNetAddConnection2(remote \"%s\", lpProvider \"%s\")", remote, provider);
    return WNetAddConnection2A(&resource, kit_ro(kit_lab.password), kit_ro(kit_lab.user), 0);
}

static void is_asked_by_name(void) {
    kit_routed_start(KIT_DECOY_BEFORE, "\"greedy\": true");
    KIT_CODES(add_to(kit_routed_provider(), kit_good(0)), NO_ERROR);
    KIT_CODES(add_to(KIT_DECOY_NAME, KIT_DECOY), NO_ERROR);
    KIT_CODES(add_to("No Such Network", kit_good(0)), ERROR_BAD_PROVIDER);
    kit_expect(kit_listed(NULL) == 2, "two connections", "%u", kit_listed(NULL));
}

/* Its own failure is reported, not the decoy's, on either side of it. */
static void own_failure_wins(enum kit_beside beside) {
    const char *login = kit_need(kit_lab.login, "login");
    const char *provider;
    DWORD code;

    kit_need(kit_lab.wrong_password, "wrong_password");
    kit_routed_start(beside, "\"greedy\": true, \"code\": 67");
    code = kit_add_as(NULL, login, kit_lab.user, kit_lab.wrong_password, 0);
    KIT_CODES(code, ERROR_INVALID_PASSWORD, ERROR_ACCESS_DENIED, ERROR_LOGON_FAILURE);
    kit_words(NULL, &provider);
    kit_expect(strcmp(provider, kit_routed_provider()) == 0, kit_routed_provider(), "%s", provider);
}

static void failure_wins_before(void) {
    own_failure_wins(KIT_DECOY_AFTER);
}

static void failure_wins_behind(void) {
    own_failure_wins(KIT_DECOY_BEFORE);
}

static void leaves_the_decoys_device(enum kit_beside beside) {
    kit_routed_start(beside, NULL);
    kit_add_good("Z:", kit_good(0));
    KIT_CODES(kit_add_as("Y:", KIT_DECOY, NULL, NULL, 0), NO_ERROR);
    KIT_CODES(kit_cancel("Y:", FALSE), NO_ERROR);
    kit_expect(!kit_get("Y:", NULL), "the decoy's device free", "it is \"%s\"",
               kit_get("Y:", NULL));
    kit_expect(kit_get("Z:", NULL), "the provider's device connected", "it is free");
    KIT_CODES(kit_add_as("Y:", KIT_DECOY, NULL, NULL, 0), NO_ERROR);
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
    kit_expect(kit_get("Y:", NULL), "the decoy's device connected", "it is free");
}

static void cancel_is_separate_before(void) {
    leaves_the_decoys_device(KIT_DECOY_AFTER);
}

static void cancel_is_separate_behind(void) {
    leaves_the_decoys_device(KIT_DECOY_BEFORE);
}

static void cancels_no_foreign_name(void) {
    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good(NULL, kit_good(0));
    for (size_t i = 0; i < kit_lab.foreign.count; i++) {
        DWORD code = kit_cancel(kit_lab.foreign.items[i], FALSE);

        kit_expect(code != NO_ERROR, "no success for a name that nobody connected",
                   "NO_ERROR for \"%s\"", kit_lab.foreign.items[i]);
    }
    kit_expect(kit_listed(NULL) == 1, "the connection there is", "%u listed", kit_listed(NULL));
}

static void add_silent(void *context, unsigned number) {
    (void)context;
    if (number == 0) {
        kit_add("X:", kit_lab.silent);
        return;
    }
    kit_sleep(50);
    for (int i = 0; i < 20; i++) {
        int64_t began = kit_ms();

        KIT_CODES(kit_add_as("Y:", KIT_DECOY, NULL, NULL, 0), NO_ERROR);
        KIT_CODES(kit_cancel("Y:", FALSE), NO_ERROR);
        kit_within(began, 100);
    }
}

static void delays_nobody(void) {
    kit_need(kit_lab.silent, "silent");
    /* A classic module must be called to know whether a name is its own, one call at a time. */
    kit_routed_start(kit_subject.classic ? KIT_DECOY_BEFORE : KIT_DECOY_AFTER, NULL);
    kit_threads(2, add_silent, NULL);
}

const struct kit_check kit_checks_routed_route[] = {
    {"RTE-01", KIT_MUST, leaves_the_decoys_names,
     "A name of another provider behind it connects there at once",
     "Providers that look up every name made every connect of others wait for seconds.",
     "mpr-provider(7), recognise"},
    {"RTE-02", KIT_MUST, connects_behind_the_decoy,
     "Its own names connect also when another provider is asked first",
     "The order of providers is the user's choice.", "mpr-providers.d(5), order"},
    {"RTE-03", KIT_MUST, is_asked_by_name,
     "lpProvider names the one provider that is asked, under the name it gives itself",
     "Programs choose a provider by its name.", "WNetAddConnection(3), lpProvider"},
    {"RTE-04", KIT_MUST, failure_wins_before,
     "A failure of its own is reported, though a provider behind it knows less",
     "The user reads what failed, not who else was asked.", "mpr(7), routing"},
    {"RTE-06", KIT_MUST, failure_wins_behind,
     "A failure of its own is reported, though a provider before it said no",
     "The user reads what failed, not who else was asked.", "mpr(7), routing"},
    {"RTE-05", KIT_MUST, cancel_is_separate_before,
     "A cancel of another provider's device behind it leaves its own, and the other way round",
     "A provider that answered every cancel with success kept others' drives alive.",
     "WNetCancelConnection(3)"},
    {"RTD-01", KIT_MUST, cancel_is_separate_behind,
     "A cancel of another provider's device before it leaves its own, and the other way round",
     "A provider that answered every cancel with success kept others' drives alive.",
     "WNetCancelConnection(3)"},
    {"CAN-04", KIT_MUST, cancels_no_foreign_name,
     "A cancel of a name that is not its own never succeeds",
     "Success for a foreign name is the worst fault of routing: the user believes it.",
     "WNetCancelConnection(3), ERROR_NOT_CONNECTED"},
    {"RTE-09", KIT_MUST, looks_up_no_foreign_name,
     "A foreign name connects to nothing, at once and without a look at the network",
     "Whoever looks up names that are not his makes all others wait.",
     "mpr-provider(7), recognise"},
    {"THR-03", KIT_MUST, delays_nobody,
     "While it waits for a silent server, other providers' connections are made and cut at once",
     "One dead server must not stop everybody.", "mpr-provider(7), threads"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
