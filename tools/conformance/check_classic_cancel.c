/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_cancel.c: NPCancelConnection: which connection it ends, and which not.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_state.h"

#define LONGEST 32767

static void ends_connection(void) {
    struct kit_state before;

    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0)); /* whatever stays after the first use */
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    before = kit_state();
    kit_np_add_good("Z:", kit_good(0));
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    kit_np_nothing_left("Z:", kit_good(0));
    kit_np_expect_listed(NULL, NULL, 0);
    kit_state_same(&before, "after NPCancelConnection");
}

static void leaves_other_devices(void) {
    char device[] = "A:";

    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0));
    for (device[0] = 'A'; device[0] < 'Z'; device[0]++)
        KIT_CODES(kit_np_cancel(device, FALSE), WN_NOT_CONNECTED);
    KIT_CODES(kit_np_cancel("LPT1", TRUE), WN_NOT_CONNECTED);
    kit_np_expect_at("Z:", kit_good(0));
}

static void knows_free_device(void) {
    kit_classic_open();
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_NOT_CONNECTED);
    KIT_CODES(kit_np_cancel("Z:", TRUE), WN_NOT_CONNECTED);
}

static void leaves_foreign(void) {
    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0));
    for (size_t i = 0; i < kit_lab.foreign.count; i++)
        KIT_CODES(kit_np_cancel(kit_lab.foreign.items[i], TRUE), WN_NOT_CONNECTED, WN_BAD_NETNAME,
                  WN_BAD_LOCALNAME);
    kit_np_expect_at("Z:", kit_good(0));
}

static void knows_unconnected(void) {
    kit_classic_open();
    KIT_CODES(kit_np_cancel(kit_good(0), FALSE), WN_NOT_CONNECTED);
    if (kit_lab.missing)
        KIT_CODES(kit_np_cancel(kit_lab.missing, FALSE), WN_NOT_CONNECTED);
    if (kit_lab.refused)
        KIT_CODES(kit_np_cancel(kit_lab.refused, FALSE), WN_NOT_CONNECTED);
}

static void takes_small_letters(void) {
    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0));
    KIT_CODES(kit_np_cancel("z:", FALSE), WN_SUCCESS);
    kit_np_nothing_left("Z:", kit_good(0));
}

/* ---- by remote name */

static void knows_own_words(void) {
    kit_classic_open();
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        const char *remote;

        kit_np_add_good("Z:", kit_good(i));
        remote = kit_ro(kit_np_get("Z:", NULL)); /* what a program would cancel */
        KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
        kit_np_add_good(NULL, kit_good(i));
        KIT_CODES(kit_np_cancel(remote, FALSE), WN_SUCCESS);
        kit_np_nothing_left(NULL, remote);
    }
}

/* The name with its letters of the other case. */
static const char *other_case(const char *name) {
    char text[1024];
    size_t i;

    for (i = 0; name[i] && i + 1 < sizeof text; i++) {
        char c = name[i];

        text[i] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    text[i] = '\0';
    return kit_ro(text);
}

static void knows_other_case(void) {
    const char *remote = kit_good(0);
    DWORD code;

    kit_classic_open();
    kit_np_add_good(NULL, remote);
    code = kit_np_cancel(other_case(remote), FALSE);
    if (kit_lab.case_sensitive) {
        KIT_CODES(code, WN_NOT_CONNECTED);
        kit_np_expect_listed("", remote, 1);
    } else {
        KIT_CODES(code, WN_SUCCESS);
        kit_np_nothing_left(NULL, remote);
    }
}

static void cuts_no_other(void) {
    const char *first = kit_good(0), *second = kit_good(1);
    DWORD code;

    kit_classic_open();
    kit_np_add_good(NULL, first);
    kit_np_add_good(NULL, second);
    code = kit_np_cancel(kit_text("%s\\", first), FALSE);
    KIT_CODES(code, WN_SUCCESS, WN_NOT_CONNECTED);
    kit_np_expect_listed("", first, code == WN_SUCCESS ? 0 : 1);
    kit_np_expect_listed("", second, 1);
    KIT_CODES(kit_np_cancel(kit_text("%s\\dir", second), FALSE), WN_NOT_CONNECTED, WN_BAD_NETNAME);
    KIT_CODES(kit_np_cancel(kit_text("%sx", second), FALSE), WN_NOT_CONNECTED, WN_BAD_NETNAME);
    kit_np_expect_listed("", second, 1);
}

/* ---- what is no name */

static const char *longest_name(void) {
    char *text = malloc(LONGEST + 1);
    const char *ret;

    if (!text)
        kit_broken("there is no memory");
    memset(text, 'a', LONGEST);
    text[0] = text[1] = '\\';
    text[LONGEST] = '\0';
    ret = kit_ro(text);
    free(text);
    return ret;
}

static void refuse_to_cancel(const char *name) {
    LPWSTR wide = kit_wide(name);

    kit_doing("NPCancelConnection(%s)", name ? name : "NULL");
    KIT_CODES(kit_np.CancelConnection(wide, FALSE), WN_BAD_VALUE, WN_BAD_POINTER, WN_NOT_CONNECTED,
              WN_BAD_NETNAME, WN_BAD_LOCALNAME);
}

static void refuses_no_names(void) {
    static const char *const names[] = {NULL,     "",          "Q",         "\\",     "\\\\",
                                        "\\\\\\", "\\\\srv",   "\\\\srv\\", "\\a",    "\\\\a",
                                        "\\\\.",  "\\\\?\\Z:", "..",        "\x01\t", "%s%n"};

    kit_classic_open();
    KIT_NP_NEEDS(CancelConnection);
    kit_np_add_good("Z:", kit_good(0));
    kit_np_add_good(NULL, kit_good(0));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        refuse_to_cancel(names[i]);
    refuse_to_cancel(longest_name());
    kit_np_expect_at("Z:", kit_good(0));
    kit_np_expect_listed("", kit_good(0), 1);
}

static void ends_once(void) {
    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0));
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_NOT_CONNECTED);
    kit_np_add_good(NULL, kit_good(0));
    KIT_CODES(kit_np_cancel(kit_good(0), TRUE), WN_SUCCESS);
    KIT_CODES(kit_np_cancel(kit_good(0), TRUE), WN_NOT_CONNECTED);
}

/* What a round needs, made once: memory of the kit stays until the end. */
struct cycle {
    LPNETRESOURCEW resource;
    LPWSTR user, password, name;
};

static void connect_and_cancel(void *context) {
    const struct cycle *cycle = context;
    DWORD code = kit_np.AddConnection3
                     ? kit_np.AddConnection3(NULL, cycle->resource, cycle->password, cycle->user, 0)
                     : kit_np.AddConnection(cycle->resource, cycle->password, cycle->user);

    KIT_CODES(code, WN_SUCCESS);
    KIT_CODES(kit_np.CancelConnection(cycle->name, FALSE), WN_SUCCESS);
    (void)kit_np.CancelConnection(cycle->name, FALSE); /* it is gone, which costs nothing either */
}

static void leaks_nothing(void) {
    struct kit_state before;
    struct cycle cycle;
    size_t leak;

    kit_classic_open();
    KIT_NP_NEEDS(CancelConnection);
    kit_np_add_good("Z:", kit_good(0));
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    cycle = (struct cycle){kit_resource("Z:", kit_good(0), RESOURCETYPE_DISK),
                           kit_wide(kit_lab.user), kit_wide(kit_lab.password), kit_wide("Z:")};
    before = kit_state();
    kit_doing("connecting and cancelling \"%s\" again and again", kit_good(0));
    leak = kit_leak(connect_and_cancel, &cycle, kit_rounds(500));
    kit_expect(leak == 0, "no memory left behind by connecting and cancelling", "%zu bytes", leak);
    kit_state_same(&before, "after connecting and cancelling again and again");
}

static void cancels_exact_device(void) {
    static const char *const names[] = {"Z", "Zoo", "Z:\\dir", "Z:x", "Z:\\", "ZZ:", "Z::", "Z;"};

    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        KIT_CODES(kit_np_cancel(names[i], TRUE), WN_NOT_CONNECTED, WN_BAD_LOCALNAME, WN_BAD_NETNAME,
                  WN_BAD_VALUE);
    kit_np_expect_at("Z:", kit_good(0));
}

/* Names that the provider may have to change for itself. */
static void writes_no_input(void) {
    static const char *const names[] = {"z:", "Y:", "lpt1", "\\\\Srv\\Share\\", "//srv/share/x"};

    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0));
    kit_np_add_good(NULL, kit_good(0));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        kit_np_cancel(names[i], FALSE);
    kit_np_cancel(kit_text("%s\\", kit_good(0)), FALSE);
    kit_np_cancel(other_case(kit_good(0)), FALSE);
    kit_np_cancel(kit_good(0), FALSE);
}

static void frees_device(void) {
    kit_classic_open();
    for (unsigned i = 0; i < kit_rounds(50); i++) {
        int64_t began;

        kit_np_add_good("Z:", kit_good(i % kit_lab.good.count));
        began = kit_ms();
        KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
        kit_np_add_good("Z:", kit_good((i + 1) % kit_lab.good.count));
        kit_within(began, 1000);
        KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    }
}

#define CANCEL "Windows: NPCancelConnection"

const struct kit_check kit_checks_classic_cancel[] = {
    {"CAN-01", KIT_MUST, ends_connection,
     "When NPCancelConnection returns success nothing of the connection is left",
     "A server told to be free that is not is found by the next who connects.",
     CANCEL "; winfsp #90, sshfs-win #119"},
    {"CAN-02", KIT_MUST, leaves_other_devices,
     "A device that is not the provider's is WN_NOT_CONNECTED",
     "Success ends the search, and the owner keeps the connection that the user saw deleted.",
     CANCEL "; winfsp #17, dokany #1284"},
    {"CAN-03", KIT_MUST, knows_free_device, "A free device is WN_NOT_CONNECTED",
     "Any other code ends the search for its owner.", CANCEL},
    {"CAN-04", KIT_MUST, leaves_foreign,
     "Another provider's remote name is never cancelled with success",
     "Success ends the search, and the owner keeps the connection that the user saw deleted.",
     CANCEL "; winfsp #17, dokany #1284"},
    {"CAN-05", KIT_MUST, knows_unconnected,
     "A name of the provider that is not connected is WN_NOT_CONNECTED",
     "That the network is missing is another matter.", CANCEL "; sshfs-win #178, juicefs #1514"},
    {"CAN-10", KIT_MUST, takes_small_letters, "Devices are the same in small and capital letters",
     "Users type z: and Z: for the same drive.", CANCEL "; ms-nfs41 and Dokany compare exactly"},
    {"CAN-11", KIT_MUST, knows_own_words, "A remote name as NPGetConnection gives it is cancelled",
     "That is what the user sees, and types.", CANCEL "; VirtualBox knows no UNC name"},
    {"CAN-12", KIT_SHOULD, knows_other_case,
     "A remote name in another case is cancelled, unless case makes another name",
     "The names of servers have no case.", CANCEL},
    {"CAN-13", KIT_SHOULD, cuts_no_other,
     "A backslash at the end, a path or a longer name never ends another connection",
     "Half a comparison ends somebody else's work.", "own decision"},
    {"CAN-14", KIT_MUST, refuses_no_names, "What is no name is refused, and not read beyond",
     "The router passes on what users type.", CANCEL "; VirtualBox reads beyond short names"},
    {"CAN-19", KIT_MUST, ends_once, "The second cancel of a name is WN_NOT_CONNECTED",
     "There is nothing to cancel any more.", CANCEL},
    {"CAN-22", KIT_MUST, leaks_nothing, "Connecting and cancelling leaves no memory behind",
     "The session lives for weeks.", "OpenAFS lost a buffer with each cancel"},
    {"CAN-28", KIT_MUST, cancels_exact_device,
     "A letter alone, a word or a path does not cancel the device that it begins with",
     "\"Cat\" is not C:.",
     CANCEL "; Dokany and OpenAFS look at the first letter, OpenAFS 9fa28d7df"},
    {"CAN-29", KIT_MUST, writes_no_input, "The name is not written to",
     "It is the caller's: a constant, or shared with other threads.", CANCEL},
    {"CAN-30", KIT_MUST, frees_device, "A device is free for another connection at once",
     "Scripts reconnect in the next line.", CANCEL "; winfsp #90"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
