/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_load.c: loading a classic module, and what that does to the process.
 */
#include "config.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "router/mpr_loader.h"
#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_module.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_subject.h"
#include "tools/conformance/kit_watch.h"

static void has_caps_of_its_own(void) {
    kit_classic_open();
}

static void loads_without_network(void) {
    int64_t began = kit_ms();

    kit_classic_open();
    kit_within(began, 100);
    kit_expect(kit_network_calls() == 0, "no network while it is loaded and started", "%s",
               kit_network_call());
}

static void loads_twice(void) {
    struct kit_np first;
    DWORD caps;

    kit_classic_open();
    first = kit_np;
    caps = kit_np.GetCaps(WNNC_CONNECTION);
    kit_classic_open();
    kit_expect(first.GetCaps == kit_np.GetCaps, "the same NPGetCaps when it is loaded once more",
               "another one");
    kit_expect(kit_np.GetCaps(WNNC_CONNECTION) == caps, kit_text("0x%08X again", (unsigned)caps),
               "0x%08X", (unsigned)kit_np.GetCaps(WNNC_CONNECTION));
}

/* Which bit announces which function. */
static const struct {
    const char *name;
    DWORD index, bit;
} announced[] = {
    {"NPAddConnection", WNNC_CONNECTION, WNNC_CON_ADDCONNECTION},
    {"NPAddConnection3", WNNC_CONNECTION, WNNC_CON_ADDCONNECTION3},
    {"NPAddConnection4", WNNC_CONNECTION, WNNC_CON_ADDCONNECTION4},
    {"NPCancelConnection", WNNC_CONNECTION, WNNC_CON_CANCELCONNECTION},
    {"NPCancelConnection2", WNNC_CONNECTION, WNNC_CON_CANCELCONNECTION2},
    {"NPGetConnection", WNNC_CONNECTION, WNNC_CON_GETCONNECTIONS},
    {"NPGetConnectionPerformance", WNNC_CONNECTION, WNNC_CON_GETPERFORMANCE},
    {"NPGetUser", WNNC_USER, WNNC_USR_GETUSER},
    {"NPDeviceMode", WNNC_DIALOG, WNNC_DLG_DEVICEMODE},
    {"NPPropertyDialog", WNNC_DIALOG, WNNC_DLG_PROPERTYDIALOG},
    {"NPGetPropertyText", WNNC_DIALOG, WNNC_DLG_PROPERTYDIALOG},
    {"NPSearchDialog", WNNC_DIALOG, WNNC_DLG_SEARCHDIALOG},
    {"NPFormatNetworkName", WNNC_DIALOG, WNNC_DLG_FORMATNETWORKNAME},
    {"NPGetResourceParent", WNNC_DIALOG, WNNC_DLG_GETRESOURCEPARENT},
    {"NPGetResourceInformation", WNNC_DIALOG, WNNC_DLG_GETRESOURCEINFORMATION},
    {"NPGetDirectoryType", WNNC_ADMIN, WNNC_ADM_GETDIRECTORYTYPE},
    {"NPDirectoryNotify", WNNC_ADMIN, WNNC_ADM_DIRECTORYNOTIFY},
};
#define ANNOUNCED (sizeof announced / sizeof announced[0])

static void has_what_it_announces(void) {
    const char *names[ANNOUNCED];
    void *symbols[ANNOUNCED];

    kit_classic_open();
    for (size_t i = 0; i < ANNOUNCED; i++)
        names[i] = announced[i].name;
    if (!mpr_loader_symbols(kit_subject.module, names, ANNOUNCED, symbols))
        kit_broken("the module cannot be loaded again");
    for (size_t i = 0; i < ANNOUNCED; i++) {
        bool can = kit_np_can(announced[i].index, announced[i].bit);

        kit_expect(!can || symbols[i], kit_text("a function %s, as announced", names[i]),
                   "the module has none");
        kit_expect(can || !symbols[i], kit_text("%s announced, as it is there", names[i]),
                   "NPGetCaps(%u) lacks 0x%X", (unsigned)announced[i].index,
                   (unsigned)announced[i].bit);
    }
    kit_doing("NPGetCaps(WNNC_ENUMERATION)");
    kit_expect(!kit_np.GetCaps(WNNC_ENUMERATION) == !kit_np.OpenEnum,
               kit_text("NPOpenEnum there and announced, or neither"), "NPGetCaps says 0x%X",
               (unsigned)kit_np.GetCaps(WNNC_ENUMERATION));
}

static void lists_all_or_nothing(void) {
    unsigned count;

    kit_classic_open();
    count = !!kit_np.OpenEnum + !!kit_np.EnumResource + !!kit_np.CloseEnum;
    kit_expect(count == 0 || count == 3,
               "all of NPOpenEnum, NPEnumResource and NPCloseEnum, or none", "%u of them", count);
}

/* Connects, asks and cancels, by every function that there is. */
static void use_everything(void) {
    DWORD size = 0;

    for (int turn = 0; turn < 2; turn++) {
        if (turn && kit_np.AddConnection)
            kit_np.AddConnection(kit_resource("Z:", kit_good(0), RESOURCETYPE_DISK),
                                 kit_wide(kit_lab.password), kit_wide(kit_lab.user));
        else
            kit_np_add("Z:", kit_good(0));
        if (kit_np.GetConnection)
            kit_np_get("Z:", NULL);
        kit_np_listed(NULL);
        size = 0;
        if (kit_np.GetUser)
            kit_np.GetUser(kit_wide("Z:"), NULL, &size);
        if (kit_np.CancelConnection)
            kit_np_cancel("Z:", FALSE);
    }
}

static void calls_its_own_functions(void) {
    const char *path = kit_part("conformance-names.so");
    const char *const *called;
    void *names = dlopen(path, RTLD_NOW | RTLD_GLOBAL);

    if (!names)
        kit_broken("%s cannot be loaded: %s", path, dlerror());
    called = dlsym(names, "conformance_name_called");
    kit_classic_open();
    use_everything();
    kit_expect(!*called, "the module's own functions called", "%s of another module was called",
               *called);
}

static bool is_np(const char *name) {
    return name[0] == 'N' && name[1] == 'P' && name[2] >= 'A' && name[2] <= 'Z';
}

static void exports_only_np(void) {
    kit_exports_only(is_np, "no symbols but those that begin with NP");
}

static void ask_in_child(void *context) {
    (void)context;
    if (kit_np.GetConnection) {
        DWORD code;

        kit_np_get("Z:", &code);
        KIT_CODES(code, WN_SUCCESS, WN_NO_NETWORK, WN_NOT_CONNECTED);
    }
    if (kit_np.OpenEnum) {
        HANDLE handle = NULL;

        kit_doing("NPOpenEnum(RESOURCE_CONNECTED) in a forked child");
        KIT_CODES(kit_np.OpenEnum(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &handle),
                  WN_SUCCESS, WN_NO_NETWORK, WN_NOT_SUPPORTED);
    }
    if (kit_np.CancelConnection)
        KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS, WN_NO_NETWORK, WN_NOT_CONNECTED,
                  WN_OPEN_FILES, WN_DEVICE_IN_USE);
}

static void survives_fork(void) {
    const char *remote;
    DWORD code;

    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0));
    kit_in_child(ask_in_child, NULL);
    if (!kit_np.GetConnection)
        return;
    remote = kit_np_get("Z:", &code);
    kit_expect(remote && strcmp(remote, kit_good(0)) == 0,
               "the connection of the parent as it was, after the child ended", "%s",
               remote ? remote : kit_code_name(code));
}

static void leaves_the_process_alone(void) {
    char *before = kit_process_state();

    kit_classic_open();
    kit_process_same(before, "after it was loaded");
    use_everything();
    kit_process_same(before, "after connecting, asking and cancelling");
    for (size_t i = 0; i < kit_lab.foreign.count; i++)
        kit_np_add(NULL, kit_lab.foreign.items[i]);
    if (kit_lab.missing)
        kit_np_add(NULL, kit_lab.missing);
    kit_process_same(before, "after connects that failed");
    free(before);
}

const struct kit_check kit_checks_classic_load[] = {
    {"LOAD-01", KIT_MUST, has_caps_of_its_own, "The module loads, and has an NPGetCaps of its own",
     "This is the one function that makes it a provider; nothing else is required.",
     "Windows: implementing a network provider; mpr-provider(7), classic providers"},
    {"LOAD-03", KIT_MUST, loads_without_network, "Loading touches no network and takes no time",
     "Every program that uses the router loads every provider: it must not wait for any server.",
     "mpr-provider-guide(7), threads and processes"},
    {"LOAD-04", KIT_MUST, loads_twice, "Loaded once more, it is the same module with the same caps",
     "A process may have several routers, one after the other.", "own decision"},
    {"LOAD-05", KIT_MUST, has_what_it_announces,
     "Every function that is announced is there, and every one that is there is announced",
     "The router calls what is announced, and nothing else.",
     "Windows: NPGetCaps; mpr-provider(7), what is called"},
    {"LOAD-06", KIT_MUST, lists_all_or_nothing,
     "The three functions of an enumeration are there, or none",
     "None of them is of use without the others.",
     "Windows: implementing a network provider; npapi.h"},
    {"LOAD-07", KIT_MUST, calls_its_own_functions,
     "A program that has functions of the same names is never called instead of the module's own",
     "The dynamic linker prefers a program's symbols, unless the module is linked against that.",
     "mpr-provider(7), classic providers: -Bsymbolic-functions"},
    {"LOAD-08", KIT_SHOULD, exports_only_np, "The module exports functions that begin with NP only",
     "What else it exports may take the place of another module's, or be replaced by it.",
     "mpr-provider(7), classic providers: -fvisibility=hidden"},
    {"LOAD-10", KIT_MUST, survives_fork,
     "After a fork the child gets answers, and the parent's connections stay",
     "Programs fork at any time, and most of them know of no provider.", "MprInitialize(3), fork"},
    {"LOAD-11", KIT_MUST, leaves_the_process_alone,
     "Signals, locale, directory, umask, environment and limits stay as they are",
     "They are the program's, which knows nothing of the provider.",
     "mpr-provider-guide(7), threads and processes"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
