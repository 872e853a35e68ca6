/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_caps.c: NPGetCaps: what a classic module says of itself.
 */
#include "config.h"

#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_watch.h"

#define INDICES 14 /* 1 to WNNC_CONNECTION_FLAGS, and 0 */

static DWORD caps(DWORD index) {
    kit_doing("NPGetCaps(0x%X)", (unsigned)index);
    return kit_np.GetCaps(index);
}

static void says_version(void) {
    kit_classic_open();
    kit_expect(caps(WNNC_SPEC_VERSION) == WNNC_SPEC_VERSION51, "0x00050001", "0x%08X",
               (unsigned)caps(WNNC_SPEC_VERSION));
}

static void expect_nothing(DWORD index) {
    DWORD value = caps(index);

    kit_expect(value == 0, "0 for an index that nobody defined", "0x%X", (unsigned)value);
}

static void knows_no_other_index(void) {
    static const DWORD odd[] = {0, 5, 7, 0xA, 0x80000000, 0xFFFFFFFF};

    kit_classic_open();
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        expect_nothing(odd[i]);
    for (DWORD index = WNNC_CONNECTION_FLAGS + 1; index <= 0xFF; index++)
        expect_nothing(index);
}

static void says_its_network(void) {
    kit_classic_open();
    kit_expect(caps(WNNC_NET_TYPE) >> 16, "a network type in the high word", "0x%08X",
               (unsigned)caps(WNNC_NET_TYPE));
}

static void has_a_network_of_its_own(void) {
    kit_classic_open();
    kit_expect(caps(WNNC_NET_TYPE) >> 16 != 0x25, "a network type of its own",
               "0x0025, which belongs to a sample of Microsoft's");
}

static void says_the_same_version(void) {
    DWORD first;

    kit_classic_open();
    first = caps(WNNC_DRIVER_VERSION);
    for (int i = 0; i < 10; i++)
        kit_expect(caps(WNNC_DRIVER_VERSION) == first, kit_text("0x%08X again", (unsigned)first),
                   "0x%08X", (unsigned)caps(WNNC_DRIVER_VERSION));
}

static void defines_no_bits(void) {
    static const struct {
        DWORD index, known;
    } masks[] = {
        {WNNC_USER, 0x1},  {WNNC_CONNECTION, 0xFF}, {WNNC_DIALOG, 0xBE1},
        {WNNC_ADMIN, 0x3}, {WNNC_ENUMERATION, 0xF},
    };

    kit_classic_open();
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        DWORD value = caps(masks[i].index);

        kit_expect(!(value & ~masks[i].known), kit_text("bits of 0x%X", (unsigned)masks[i].known),
                   "0x%X", (unsigned)value);
    }
}

static void ask_all(void *context) {
    (void)context;
    for (DWORD index = 0; index < INDICES; index++)
        kit_np.GetCaps(index);
}

static void is_cheap(void) {
    struct kit_state before;
    size_t leak;
    int64_t began;
    unsigned calls;

    kit_classic_open();
    ask_all(NULL);
    before = kit_state();
    calls = kit_network_calls();
    kit_doing("NPGetCaps of every index, again and again");
    began = kit_ms();
    leak = kit_leak(ask_all, NULL, kit_rounds(500));
    kit_within(began, 500);
    kit_expect(leak == 0, "no memory left behind", "%zu bytes a round", leak);
    kit_expect(kit_network_calls() == calls, "no network", "%s", kit_network_call());
    kit_state_same(&before, "after NPGetCaps");
}

static void ask_one_thread(void *context, unsigned number) {
    DWORD(*values)[INDICES] = context;

    for (DWORD index = 0; index < INDICES; index++)
        values[number][index] = kit_np.GetCaps(index);
}

static void answers_all_threads_alike(void) {
    DWORD values[8][INDICES];

    kit_classic_load();
    kit_doing("NPGetCaps of every index, first of all and by 8 threads at once");
    kit_threads(8, ask_one_thread, values);
    for (unsigned thread = 1; thread < 8; thread++)
        for (DWORD index = 0; index < INDICES; index++)
            kit_expect(values[thread][index] == values[0][index],
                       kit_text("0x%X for index %u in every thread", (unsigned)values[0][index],
                                (unsigned)index),
                       "0x%X", (unsigned)values[thread][index]);
}

static void expect_network(DWORD code, bool started) {
    if (started)
        kit_expect(code != WN_NO_NETWORK,
                   "another code than WN_NO_NETWORK, as it says to be started", "%s",
                   kit_code_name(code));
    else
        KIT_CODES(code, WN_NO_NETWORK);
}

static void starts_as_it_says(void) {
    int64_t began;
    DWORD start, code;

    kit_classic_open();
    began = kit_ms();
    start = caps(WNNC_START);
    kit_within(began, KIT_AT_ONCE);
    if (start > WNNC_WAIT_FOR_START)
        kit_skip("it will be started in %u ms", (unsigned)start);
    if (kit_np.GetConnection) {
        kit_np_get("Q:", &code);
        expect_network(code, start);
    }
    if (kit_np.CancelConnection) {
        expect_network(kit_np_cancel("Q:", FALSE), start);
        expect_network(kit_np_cancel(kit_good(0), FALSE), start);
    }
    expect_network(kit_np_add("Z:", kit_good(0)), start);
}

static void can_connect(void) {
    LPWSTR user = kit_wide(kit_lab.user), password = kit_wide(kit_lab.password);

    if (kit_np_can(WNNC_CONNECTION, WNNC_CON_ADDCONNECTION) && kit_np.AddConnection) {
        kit_doing("NPAddConnection(local X:, remote \"%s\")", kit_good(0));
        KIT_CODES(kit_np.AddConnection(kit_resource("X:", kit_good(0), RESOURCETYPE_DISK), password,
                                       user),
                  WN_SUCCESS);
    }
    if (kit_np_can(WNNC_CONNECTION, WNNC_CON_ADDCONNECTION3) && kit_np.AddConnection3) {
        kit_doing("NPAddConnection3(local Y:, remote \"%s\", flags 0)", kit_good(0));
        KIT_CODES(kit_np.AddConnection3(NULL, kit_resource("Y:", kit_good(0), RESOURCETYPE_DISK),
                                        password, user, 0),
                  WN_SUCCESS);
    }
    if (kit_np_can(WNNC_CONNECTION, WNNC_CON_DEFER) && kit_np.AddConnection3) {
        kit_doing("NPAddConnection3(local W:, remote \"%s\", CONNECT_DEFERRED)", kit_good(0));
        KIT_CODES(kit_np.AddConnection3(NULL, kit_resource("W:", kit_good(0), RESOURCETYPE_DISK),
                                        password, user, CONNECT_DEFERRED),
                  WN_SUCCESS);
    }
}

static void can_ask(void) {
    NETCONNECTINFOSTRUCT info = {.cbStructure = sizeof info};
    DWORD size = 0;

    if (kit_np_can(WNNC_CONNECTION, WNNC_CON_GETCONNECTIONS) && kit_np.GetConnection)
        kit_expect(kit_np_get("Z:", NULL), "the remote name of Z:", "none");
    if (kit_np_can(WNNC_CONNECTION, WNNC_CON_GETPERFORMANCE) && kit_np.GetConnectionPerformance) {
        kit_doing("NPGetConnectionPerformance(\"%s\")", kit_good(0));
        KIT_CODES(kit_np.GetConnectionPerformance(kit_wide(kit_good(0)), &info), WN_SUCCESS);
    }
    if (kit_np_can(WNNC_USER, WNNC_USR_GETUSER) && kit_np.GetUser) {
        kit_doing("NPGetUser(\"Z:\") with a buffer of 0");
        KIT_CODES(kit_np.GetUser(kit_wide("Z:"), NULL, &size), WN_MORE_DATA);
    }
}

static void can_list(void) {
    static const struct {
        DWORD scope, bit;
    } scopes[] = {
        {RESOURCE_CONNECTED, WNNC_ENUM_LOCAL},
        {RESOURCE_GLOBALNET, WNNC_ENUM_GLOBAL},
        {RESOURCE_CONTEXT, WNNC_ENUM_CONTEXT},
    };

    for (size_t i = 0; i < 3; i++) {
        HANDLE handle = NULL;

        if (!kit_np_can(WNNC_ENUMERATION, scopes[i].bit) || !kit_np.OpenEnum)
            continue;
        kit_doing("NPOpenEnum(scope %u)", (unsigned)scopes[i].scope);
        KIT_CODES(kit_np.OpenEnum(scopes[i].scope, RESOURCETYPE_ANY, 0, NULL, &handle), WN_SUCCESS);
        if (kit_np.CloseEnum)
            kit_np.CloseEnum(handle);
    }
}

static void can_do_what_it_announces(void) {
    kit_classic_open();
    can_connect();
    kit_np_add_good("Z:", kit_good(0));
    can_ask();
    can_list();
    if (kit_np_can(WNNC_CONNECTION, WNNC_CON_CANCELCONNECTION))
        KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    if (kit_np_can(WNNC_CONNECTION, WNNC_CON_CANCELCONNECTION2) && kit_np.CancelConnection2
        && kit_np.AddConnection3) {
        kit_doing("NPCancelConnection2(\"Y:\", FALSE, 0)");
        KIT_CODES(kit_np.CancelConnection2(kit_wide("Y:"), FALSE, 0), WN_SUCCESS);
    }
}

static void says_known_flags(void) {
    /* Windows' newer headers have more than WNNC_CF_MAXIMUM. */
    const DWORD known = WNNC_CF_MAXIMUM | CONNECT_UPDATE_PROFILE | CONNECT_UPDATE_RECENT
                        | CONNECT_NEED_DRIVE | CONNECT_REFCOUNT | CONNECT_REDIRECT
                        | CONNECT_LOCALDRIVE | CONNECT_CURRENT_MEDIA | CONNECT_REQUIRE_INTEGRITY
                        | CONNECT_REQUIRE_PRIVACY | CONNECT_WRITE_THROUGH_SEMANTICS
                        | CONNECT_COMPRESS_NETWORK_TRAFFIC | CONNECT_GLOBAL_MAPPING;

    kit_classic_open();
    kit_expect(!(caps(WNNC_CONNECTION_FLAGS) & ~known), "CONNECT_ flags", "0x%X",
               (unsigned)caps(WNNC_CONNECTION_FLAGS));
}

static void stays_what_it_is(void) {
    DWORD before[INDICES];

    kit_classic_open();
    for (DWORD index = 0; index < INDICES; index++)
        before[index] = caps(index);
    for (unsigned i = 0; i < kit_rounds(50); i++) {
        kit_np_add("Z:", kit_good(0));
        if (kit_np.CancelConnection)
            kit_np_cancel("Z:", TRUE);
    }
    for (DWORD index = 0; index < INDICES; index++)
        if (index != WNNC_START)
            kit_expect(caps(index) == before[index],
                       kit_text("0x%X, as before it was used", (unsigned)before[index]), "0x%X",
                       (unsigned)caps(index));
}

static void touches_no_error(void) {
    kit_classic_open();
    for (DWORD index = 0; index < INDICES; index++) {
        kit_np_mark();
        caps(index);
        kit_expect(!kit_np_touched_last_error(), "the thread's last error as it was",
                   "it was changed");
        kit_expect(!kit_np_explained(NULL, NULL), "no call of WNetSetLastError", "one");
    }
}

const struct kit_check kit_checks_classic_caps[] = {
    {"CAPS-01", KIT_MUST, says_version, "NPGetCaps(WNNC_SPEC_VERSION) is 0x00050001",
     "Another version has other contracts.", "npapi.h; mpr-provider(7), classic providers"},
    {"CAPS-02", KIT_MUST, knows_no_other_index, "An index that nobody defined is 0",
     "What is defined later would be announced by accident.", "Windows: NPGetCaps"},
    {"CAPS-03", KIT_MUST, says_its_network, "The network type is not 0",
     "Programs tell networks apart by it.", "Windows: NPGetCaps, WNetGetProviderName"},
    {"CAPS-13", KIT_SHOULD, has_a_network_of_its_own,
     "The network type is not the sample's, 0x0025",
     "Three providers took it, and cannot be told apart.", "Windows: wnnc.h"},
    {"CAPS-04", KIT_SHOULD, says_the_same_version, "The driver's version does not change",
     "It says what is installed.", "own decision"},
    {"CAPS-05", KIT_MUST, defines_no_bits, "No mask has bits that are not defined",
     "Such a bit may mean something one day.", "npapi.h"},
    {"CAPS-06", KIT_MUST, is_cheap, "NPGetCaps costs nothing and does nothing",
     "It is asked before every call; a provider that started its driver there made all wait.",
     "npapi.h, NPGetCaps; VirtualBox's provider"},
    {"CAPS-07", KIT_MUST, answers_all_threads_alike,
     "The first calls may come from several threads at once",
     "Nobody says which thread of a program comes first.", "own decision"},
    {"CAPS-08", KIT_MUST, starts_as_it_says,
     "WN_NO_NETWORK is the answer if it is not started, and only then",
     "Users read \"network not present\" where nothing but the connection was missing.",
     "Windows: NPGetCaps; sshfs-win #178"},
    {"CAPS-09", KIT_MUST, can_do_what_it_announces, "What is announced works",
     "A provider that announces NPAddConnection3 and cannot connect hides the one that can.",
     "Windows: NPGetCaps; dokany #836"},
    {"CAPS-10", KIT_SHOULD, says_known_flags, "WNNC_CONNECTION_FLAGS has CONNECT_ flags only",
     "The router passes on what stands there.", "npapi.h, WNNC_CONNECTION_FLAGS"},
    {"CAPS-11", KIT_SHOULD, stays_what_it_is, "Using it changes nothing that NPGetCaps says",
     "What was announced when it was loaded holds as long as the router runs.",
     "mpr-provider(7), what is called"},
    {"CAPS-12", KIT_MUST, touches_no_error, "NPGetCaps leaves the thread's errors alone",
     "It is asked in the middle of other calls, whose error that would hide.",
     "Windows: returning values to the MPR"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
