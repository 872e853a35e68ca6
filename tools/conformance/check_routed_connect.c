/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_routed_connect.c: WNetAddConnection2 through the router.
 */
#include "config.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_report.h"
#include "tools/conformance/kit_routed.h"

#define DEVICELESS 40

static void connects(void) {
    const char *remote;
    DWORD code;

    kit_routed_start(KIT_DECOY_AFTER, NULL);
    kit_add_good("Z:", kit_good(0));
    remote = kit_get("Z:", &code);
    KIT_CODES(code, NO_ERROR);
    kit_expect(strcmp(remote, kit_good(0)) == 0, kit_good(0), "%s", remote);
    kit_expect(kit_listed(remote) == 1, "one entry that is connected", "%u", kit_listed(remote));
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
    kit_expect(kit_listed(NULL) == 0, "nothing connected", "%u", kit_listed(NULL));
}

static void keeps_the_device_in_use(void) {
    const char *remote;
    DWORD code;

    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good("Z:", kit_good(0));
    KIT_CODES(kit_add("Z:", kit_good(1)), ERROR_ALREADY_ASSIGNED);
    remote = kit_get("Z:", &code);
    kit_expect(remote && strcmp(remote, kit_good(0)) == 0, "the old connection as it was", "%s",
               remote ? remote : kit_code_name(code));
    kit_expect(kit_listed(NULL) == 1, "one connection", "%u", kit_listed(NULL));
}

static void connects_without_a_device(void) {
    struct kit_state before;

    kit_routed_start(KIT_ALONE, NULL);
    before = kit_warm_up();
    kit_add_good(NULL, kit_good(0));
    kit_expect(kit_listed(kit_good(0)) == 1, "one entry", "%u", kit_listed(kit_good(0)));
    KIT_CODES(kit_cancel(kit_good(0), FALSE), NO_ERROR);
    kit_nothing_left(NULL, &before, "after the cancel");
}

static void connects_twice_without_a_device(void) {
    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good(NULL, kit_good(0));
    kit_add_good(NULL, kit_good(0));
    KIT_CODES(kit_cancel(kit_good(0), FALSE), NO_ERROR);
    kit_expect(kit_listed(NULL) == 0, "nothing connected", "%u", kit_listed(NULL));
}

static void refuses_a_wrong_password(void) {
    const char *login = kit_need(kit_lab.login, "login");
    struct kit_state before;
    DWORD code;

    kit_need(kit_lab.user, "user");
    kit_need(kit_lab.wrong_password, "wrong_password");
    kit_routed_start(KIT_DECOY_AFTER, NULL);
    before = kit_warm_up();
    code = kit_add_as("Z:", login, kit_lab.user, kit_lab.wrong_password, 0);
    KIT_CODES(code, ERROR_INVALID_PASSWORD, ERROR_ACCESS_DENIED, ERROR_LOGON_FAILURE);
    kit_expect(kit_words(NULL, NULL)[0], "words of what was refused", "none");
    kit_nothing_left("Z:", &before, "after the refused logon");
}

static void says_that_it_is_missing(void) {
    const char *missing = kit_need(kit_lab.missing, "missing");
    struct kit_state before;
    DWORD code;

    kit_routed_start(KIT_DECOY_AFTER, NULL);
    before = kit_warm_up();
    code = kit_add("Z:", missing);
    KIT_CODES(code, ERROR_BAD_NET_NAME, ERROR_BAD_NETPATH, ERROR_EXTENDED_ERROR);
    kit_nothing_left("Z:", &before, "after the failed connect");
}

/* A name whose server is not there, one way or another. */
static void fails(const char *remote, int64_t ms) {
    struct kit_state before;
    int64_t began;
    DWORD code;

    kit_routed_start(KIT_DECOY_AFTER, NULL);
    before = kit_warm_up();
    began = kit_ms();
    code = kit_add("Z:", remote);
    kit_within(began, ms);
    KIT_CODES(code, ERROR_BAD_NETPATH, ERROR_BAD_NET_NAME, ERROR_CONNECTION_UNAVAIL,
              ERROR_UNEXP_NET_ERR, ERROR_NO_NET_OR_BAD_PATH, ERROR_EXTENDED_ERROR, ERROR_BUSY,
              ERROR_SEM_TIMEOUT);
    kit_expect(kit_words(NULL, NULL)[0], "words of what was tried", "none");
    kit_nothing_left("Z:", &before, "after the failed connect");
}

static void says_that_it_is_refused(void) {
    fails(kit_need(kit_lab.refused, "refused"), kit_connect_ms() + 1000);
}

static void gives_up_a_silent_server(void) {
    const char *found;

    fails(kit_need(kit_lab.silent, "silent"), kit_connect_ms() + 1000);
    kit_sleep(kit_connect_ms());
    found = kit_get("Z:", NULL);
    kit_expect(!found, "nothing that appears afterwards", "Z: is \"%s\"", found);
    kit_expect(kit_listed(NULL) == 0, "nothing listed afterwards", "%u", kit_listed(NULL));
}

static void connects_every_letter(void) {
    char device[] = "A:";

    kit_routed_start(KIT_ALONE, NULL);
    for (char letter = 'D'; letter <= 'Z'; letter++) {
        device[0] = letter;
        kit_add_good(device, kit_good(0));
    }
    for (int i = 0; i < DEVICELESS; i++)
        kit_add_good(NULL, kit_good((size_t)i % kit_lab.good.count));
    kit_expect(kit_listed(NULL) >= 23, "23 devices and more", "%u entries", kit_listed(NULL));
    for (char letter = 'D'; letter <= 'Z'; letter++) {
        device[0] = letter;
        kit_expect(kit_get(device, NULL), "every device connected", "%s is not", device);
        KIT_CODES(kit_cancel(device, FALSE), NO_ERROR);
    }
}

static void separates_users(void) {
    const char *login = kit_need(kit_lab.login, "login");
    char user[256] = "";
    DWORD size = sizeof user, code;

    kit_need(kit_lab.user2, "user2");
    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good("Y:", login);
    code = kit_add_as("Z:", login, kit_lab.user2, kit_lab.password2, 0);
    KIT_CODES(code, NO_ERROR, ERROR_SESSION_CREDENTIAL_CONFLICT, ERROR_INVALID_PASSWORD,
              ERROR_ACCESS_DENIED, ERROR_BAD_USERNAME);
    if (code || !(kit_routed_can() & MPR_CAN_USER))
        return;
    kit_doing("WNetGetUser(\"Z:\")");
    KIT_CODES(WNetGetUserA("Z:", user, &size), NO_ERROR);
    kit_expect(strstr(user, kit_lab.user2), kit_lab.user2, "%s", user);
}

static DWORD MPRCALL count_prompts(void *context, LPCSTR question, BOOL echo, LPSTR buffer,
                                   size_t size) {
    unsigned *prompts = context;

    (void)question;
    (void)echo;
    (void)buffer;
    (void)size;
    ++*prompts;
    return ERROR_CANCELLED;
}

static void asks_nobody(void) {
    const char *login = kit_need(kit_lab.login, "login");
    unsigned prompts = 0;

    kit_need(kit_lab.wrong_password, "wrong_password");
    kit_routed_start(KIT_ALONE, NULL);
    KIT_CODES(MprSetPrompt(count_prompts, &prompts), NO_ERROR);
    kit_add_as("Z:", login, kit_lab.user, kit_lab.wrong_password, 0);
    kit_add_as("Z:", login, kit_lab.user, kit_lab.wrong_password, CONNECT_PROMPT);
    kit_expect(prompts == 0, "no question without CONNECT_INTERACTIVE", "%u questions", prompts);
}

static unsigned files;

static int count_file(const char *path, const struct stat *facts, int type, struct FTW *walk) {
    (void)path;
    (void)facts;
    (void)walk;
    files += type == FTW_F;
    return 0;
}

static unsigned count_files(void) {
    files = 0;
    nftw(kit_manner.directory, count_file, 16, FTW_PHYS);
    return files;
}

static void remembers_nothing(void) {
    unsigned before;

    kit_write("home/.keep", "");
    setenv("HOME", kit_path("home"), 1);
    kit_routed_start(KIT_ALONE, NULL);
    kit_warm_up(); /* the router's list of recent names */
    before = count_files();
    KIT_CODES(kit_add_as("Z:", kit_good(0), kit_lab.user, kit_lab.password, CONNECT_TEMPORARY),
              NO_ERROR);
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
    kit_expect(count_files() == before, "no file written for a connection that is not remembered",
               "%u files before, %u now", before, count_files());
}

static void ignores_other_members(void) {
    NETRESOURCEA resource = {
        .dwScope = 99,
        .dwType = RESOURCETYPE_ANY,
        .dwDisplayType = 0xFFFFFFFF,
        .dwUsage = 0xFFFFFFFF,
        .lpRemoteName = kit_ro(kit_good(0)),
        .lpComment = kit_poison(),
    };

    kit_routed_start(KIT_ALONE, NULL);
    kit_doing("WNetAddConnection2 with garbage in the members that it ignores");
    KIT_CODES(WNetAddConnection2A(&resource, kit_ro(kit_lab.password), kit_ro(kit_lab.user), 0),
              NO_ERROR);
}

const struct kit_check kit_checks_routed_connect[] = {
    {"ADD-05", KIT_MUST, connects, "A good name connects to a free device, and is listed once",
     "Get, enumeration and connect are one account of one state.", "mpr(7); WNetAddConnection(3)"},
    {"ADD-08", KIT_MUST, keeps_the_device_in_use,
     "A device in use is refused, and its connection stays",
     "A failed connect changes nothing; some providers cut the old connection first.",
     "WNetAddConnection(3), ERROR_ALREADY_ASSIGNED"},
    {"ADD-10", KIT_MUST, connects_without_a_device, "A name connects without a device",
     "Programs authenticate to a server that way and use remote names afterwards.",
     "WNetAddConnection(3), lpLocalName"},
    {"ADD-11", KIT_SHOULD, connects_twice_without_a_device,
     "A second connection without a device to the same name succeeds",
     "Two parts of a program need not know of each other.", "own decision"},
    {"ADD-14", KIT_MUST, ignores_other_members,
     "Members of the NETRESOURCE that do not matter are not looked at",
     "Programs pass structures that they did not fill completely.", "WNetAddConnection(3)"},
    {"ADD-15", KIT_MUST, refuses_a_wrong_password,
     "A wrong password is told as such, with words, and leaves nothing",
     "Whoever reads \"network name not found\" looks in the wrong place.",
     "WNetAddConnection(3), ERROR_INVALID_PASSWORD"},
    {"ADD-20", KIT_SHOULD, says_that_it_is_missing, "A missing resource is told as such",
     "The cause must survive on its way to the user.", "WNetAddConnection(3), ERROR_BAD_NET_NAME"},
    {"ADD-21", KIT_MUST, says_that_it_is_refused,
     "A host that refuses is told within the bound, with words, and leaves nothing",
     "Nobody waits for a server that has said no.", "mpr-provider(7), connect"},
    {"ADD-22", KIT_MUST, gives_up_a_silent_server,
     "A silent server is given up at the bound, and nothing appears later",
     "A connection that turns up after its failure was reported belongs to nobody.",
     "mpr-provider(7), deadlines"},
    {"ADD-24", KIT_MUST, connects_every_letter, "23 devices and 40 more connections work at once",
     "Providers with tables of 32 entries lost the 33rd drive.", "own decision"},
    {"ADD-28", KIT_MUST, separates_users,
     "A second user of a server gets a session of his own, or is refused",
     "Nobody may work in another user's name.", "mpr-provider(7), connect"},
    {"AD3-02", KIT_MUST, asks_nobody, "Without CONNECT_INTERACTIVE nobody is asked",
     "A service has nobody who could answer.", "WNetAddConnection(3), CONNECT_INTERACTIVE"},
    {"AD3-09", KIT_MUST, remembers_nothing, "The provider remembers nothing by itself",
     "What is remembered is the router's business, and the user's decision.",
     "mpr/provider.h: a provider stores nothing"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
