/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_refuse.c: NPAddConnection of what cannot be connected.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_watch.h"

#define LONGEST 32767

static void expect_no_network(unsigned before) {
    kit_expect(kit_network_calls() == before, "no network, and no name looked up", "%s",
               kit_network_call());
}

static void leaves_foreign(void) {
    kit_classic_open();
    for (size_t i = 0; i < kit_lab.foreign.count; i++) {
        unsigned calls = kit_network_calls();
        int64_t began = kit_ms();

        KIT_CODES(kit_np_add("Z:", kit_lab.foreign.items[i]), WN_BAD_NETNAME);
        kit_within(began, KIT_AT_ONCE);
        expect_no_network(calls);
    }
}

/* So many characters, as a name. */
static const char *fill(const char *head, size_t length) {
    char *text = malloc(length + 1);
    const char *ret;

    if (!text)
        kit_broken("there is no memory");
    memset(text, 'a', length);
    text[length] = '\0';
    memcpy(text, head, strlen(head));
    ret = kit_ro(text);
    free(text);
    return ret;
}

static void expect_no_name(const char *remote) {
    DWORD code = kit_np_add("Z:", remote);

    KIT_CODES(code, WN_BAD_NETNAME, WN_BAD_VALUE);
}

static void refuses_no_names(void) {
    static const char *const names[] = {
        "",
        "\\",
        "\\\\",
        "\\\\\\",
        "\\\\srv",
        "\\\\srv\\",
        "\\\\srv\\\\",
        "srv\\s",
        "X:",
        "\\\\\\x\\y",
        "\\\\a\\\x01b",
        "\t",
        "..",
        "\\\\..\\..",
        ".",
        "\\\\.",
        "\\\\?\\",
        "Z",
        "%s%n",
        ":",
        "\\\\\t\\\n",
    };

    kit_classic_open();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        expect_no_name(names[i]);
    expect_no_name(fill("", 300));
    expect_no_name(fill("\\\\", 300));
    expect_no_name(fill("\\\\nobody\\", LONGEST));
    kit_np_expect_listed(NULL, NULL, 0);
}

static void refuses_null_name(void) {
    kit_classic_open();
    KIT_CODES(kit_np_connect(kit_resource("Z:", NULL, RESOURCETYPE_DISK), NULL, NULL),
              WN_BAD_NETNAME, WN_BAD_VALUE);
}

static void refuses_null_resource(void) {
    kit_classic_open();
    KIT_CODES(kit_np_connect(NULL, NULL, NULL), WN_BAD_VALUE, WN_BAD_POINTER);
}

static void refuses_bad_devices(void) {
    static const char *const devices[] = {
        "ZZ:", "Z", "Z:\\", "Z:x", "1:", ":", "::", "@:", "[:", "Z;", " Z:", "Z ", "\\\\.\\Z:"};
    const char *remote = kit_good(0), *longest = fill("Z:", 64);

    kit_classic_open();
    for (size_t i = 0; i <= sizeof devices / sizeof devices[0]; i++) {
        const char *device = i < sizeof devices / sizeof devices[0] ? devices[i] : longest;
        unsigned calls = kit_network_calls();

        KIT_CODES(kit_np_add(device, remote), WN_BAD_LOCALNAME);
        expect_no_network(calls);
        kit_np_expect_listed(NULL, NULL, 0);
    }
    KIT_CODES(kit_np_add("LPT1", remote), WN_BAD_LOCALNAME, WN_BAD_DEV_TYPE);
    kit_np_expect_listed(NULL, NULL, 0);
    kit_np_nothing_left("Z:", remote);
}

static void refuses_wrong_type(void) {
    DWORD code;

    kit_classic_open();
    code = kit_np_connect(kit_resource("Z:", kit_good(0), RESOURCETYPE_PRINT), kit_lab.user,
                          kit_lab.password);
    KIT_CODES(code, WN_BAD_DEV_TYPE, WN_BAD_NETNAME, WN_BAD_VALUE);
}

static void refuses_no_type(void) {
    static const DWORD types[] = {8, 99, 0x80000000, 0xFFFFFFFF};

    kit_classic_open();
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        KIT_CODES(kit_np_connect(kit_resource("Z:", kit_good(0), types[i]), kit_lab.user,
                                 kit_lab.password),
                  WN_BAD_VALUE, WN_BAD_NETNAME, WN_BAD_DEV_TYPE);
}

/* A failure with words must have them. */
static void expect_words(DWORD code) {
    const char *text = "";
    DWORD own;

    if (code == WN_EXTENDED_ERROR && (!kit_np_explained(&own, &text) || !*text))
        kit_fail("words by WNetSetLastError before WN_EXTENDED_ERROR", "none");
}

static void names_missing_resource(void) {
    const char *remote = kit_need(kit_lab.missing, "missing");
    DWORD code;

    kit_classic_open();
    kit_np_mark();
    code = kit_np_add("Z:", remote);
    KIT_CODES(code, ERROR_BAD_NETPATH, WN_EXTENDED_ERROR, WN_BAD_NETNAME, ERROR_DEV_NOT_EXIST,
              ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, WN_ACCESS_DENIED);
    expect_words(code);
}

/* What a server that cannot be talked to may come to: no code that sends the router on. */
static void expect_unreachable(DWORD code) {
    KIT_CODES(code, ERROR_BAD_NETPATH, ERROR_NO_NET_OR_BAD_PATH, WN_NET_ERROR, WN_EXTENDED_ERROR,
              ERROR_NETNAME_DELETED, ERROR_SEM_TIMEOUT, ERROR_CONNECTION_REFUSED,
              ERROR_NETWORK_UNREACHABLE, ERROR_HOST_UNREACHABLE, ERROR_CONNECTION_ABORTED,
              ERROR_TIMEOUT);
    expect_words(code);
}

static void tells_refusal(void) {
    const char *remote = kit_need(kit_lab.refused, "refused");
    int64_t began;

    kit_classic_open();
    kit_np_mark();
    began = kit_ms();
    expect_unreachable(kit_np_add("Z:", remote));
    kit_within(began, 2000);
}

static void gives_silence_up(void) {
    const char *remote = kit_need(kit_lab.silent, "silent");
    int64_t began, took;
    DWORD code;

    kit_classic_open();
    kit_np_mark();
    began = kit_ms();
    code = kit_np_add("Z:", remote);
    took = kit_ms() - began;
    kit_note("%lld ms", (long long)took);
    kit_within(began, 10000);
    expect_unreachable(code);
    /* What was told to have failed must not appear afterwards, in three times the time. */
    for (unsigned i = 0; i < kit_rounds(30); i++) {
        kit_np_nothing_left("Z:", remote);
        kit_sleep((int)(took < 1000 ? took / 10 : 100));
    }
    kit_np_nothing_left("Z:", remote);
}

static void expect_failed(const char *local, const char *remote, const char *password) {
    DWORD code = kit_np_add_as(local, remote, kit_lab.user, password);

    kit_expect(code != WN_SUCCESS, "a failure", "success");
    kit_np_nothing_left(local, remote);
    kit_np_expect_listed(NULL, NULL, 0);
}

static void fail_in_every_way(void) {
    expect_failed("Z:", kit_lab.foreign.items[0], kit_lab.password);
    expect_failed(NULL, kit_lab.foreign.items[0], kit_lab.password);
    expect_failed("ZZ:", kit_good(0), kit_lab.password);
    if (kit_lab.missing) {
        expect_failed("Z:", kit_lab.missing, kit_lab.password);
        expect_failed(NULL, kit_lab.missing, kit_lab.password);
    }
    if (kit_lab.refused)
        expect_failed("Z:", kit_lab.refused, kit_lab.password);
    if (kit_lab.wrong_password) {
        expect_failed("Z:", kit_lab.login, kit_lab.wrong_password);
        expect_failed(NULL, kit_lab.login, kit_lab.wrong_password);
    }
}

static void leaves_nothing(void) {
    struct kit_state before;

    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0)); /* whatever stays after the first use */
    KIT_CODES(kit_np_cancel("Z:", TRUE), WN_SUCCESS);
    fail_in_every_way();
    before = kit_state();
    fail_in_every_way();
    kit_state_same(&before, "after connects that failed");
}

static void knows_owner_first(void) {
    const char *foreign;

    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0));
    for (size_t i = 0; i < kit_lab.foreign.count; i++) {
        foreign = kit_lab.foreign.items[i];
        KIT_CODES(kit_np_add("Z:", foreign), WN_BAD_NETNAME);
        KIT_CODES(kit_np_add("ZZ:", foreign), WN_BAD_NETNAME);
        KIT_CODES(kit_np_connect(kit_resource("Y:", foreign, 99), NULL, NULL), WN_BAD_NETNAME);
    }
    kit_np_expect_at("Z:", kit_good(0));
}

const struct kit_check kit_checks_classic_refuse[] = {
    {"ADD-01", KIT_MUST, leaves_foreign,
     "A name that is not the provider's is WN_BAD_NETNAME, at once and without network",
     "Every provider is asked about every name until its owner is: who takes his time or "
     "somebody else's name is in the way of all.",
     "Windows: NPAddConnection; winfsp #87, dokany #952"},
    {"ADD-02", KIT_MUST, refuses_no_names, "What is no name at all is refused, and not read beyond",
     "The router passes on what users type.", "Windows: NPAddConnection, WN_BAD_NETNAME"},
    {"ADD-03", KIT_MUST, refuses_null_name, "A NETRESOURCE without remote name is refused",
     "A wrong call must be told, not crash the caller.", "own decision"},
    {"ADD-04", KIT_MUST, refuses_null_resource, "NETRESOURCE NULL is refused",
     "A wrong call must be told, not crash the caller.", "own decision"},
    {"ADD-07", KIT_MUST, refuses_bad_devices,
     "A local name that is no device is WN_BAD_LOCALNAME, without network, and leaves nothing",
     "A connection under a name that nobody can say cannot be cancelled.",
     "Windows: NPAddConnection, WN_BAD_LOCALNAME; OpenAFS looked at the first letter only"},
    {"ADD-12b", KIT_SHOULD, refuses_wrong_type,
     "A disk is not connected as a printer: ERROR_BAD_DEV_TYPE",
     "Success would make a printer of it in every list.",
     "Windows: WNetAddConnection2, ERROR_BAD_DEV_TYPE"},
    {"ADD-13", KIT_SHOULD, refuses_no_type, "A type that does not exist is refused",
     "It is a mistake of the caller, who must hear of it.", "Windows: NETRESOURCE, dwType"},
    {"ADD-20", KIT_SHOULD, names_missing_resource,
     "A share that a good server does not have is not told as a missing network",
     "The user must be told to look at the name and not at his cables.",
     "OpenAFS 2f072b2fe; Windows 95: ERROR_BAD_NETPATH says that the server is mine"},
    {"ADD-21", KIT_MUST, tells_refusal,
     "A server that refuses is told within two seconds, by a code of the network or in words",
     "Error 67 for every cause leaves nothing to go by.", "sshfs-win #17, #34, #192"},
    {"ADD-22", KIT_MUST, gives_silence_up,
     "A server that never answers is given up in time, and nothing appears afterwards",
     "A drive that appears after its error was told is nobody's.", "sshfs-win #155, #459"},
    {"ADD-23", KIT_MUST, leaves_nothing,
     "A connect that failed leaves no entry, descriptor, thread or session",
     "What is left holds the letter, the server's slot, and in the end the program.",
     "sshfs-win #155; VirtualBox and OpenAFS leak the driver's record"},
    {"ADD-30", KIT_MUST, knows_owner_first,
     "Another provider's name is WN_BAD_NETNAME even with a bad or used device or a bad type",
     "The router stops at the other codes, and the owner of the name is never asked.",
     "Windows: network provider, order of validation; WinFsp, Dokany and VirtualBox answer 85"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
