/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_connect.c: NPAddConnection of names that connect.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"

#define FIRST_DEVICE 'D'
#define LAST_DEVICE  'Z'

static void connects(void) {
    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0));
    kit_np_expect_at("Z:", kit_good(0));
    kit_np_expect_listed("Z:", kit_good(0), 1);
    kit_np_expect_listed(NULL, NULL, 1);
}

static void takes_small_letters(void) {
    kit_classic_open();
    kit_np_add_good("z:", kit_good(0));
    kit_np_expect_at("Z:", kit_good(0));
    kit_np_expect_at("z:", kit_good(0));
}

static void keeps_device_in_use(void) {
    const char *first = kit_good(0), *second = kit_good(1);

    kit_classic_open();
    kit_np_add_good("Z:", first);
    KIT_CODES(kit_np_add("Z:", second), WN_ALREADY_CONNECTED);
    kit_np_expect_at("Z:", first);
    kit_np_expect_listed(NULL, first, 1);
    kit_np_expect_listed(NULL, second, 0);
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    kit_np_nothing_left("Z:", NULL);
}

static void refuses_same_twice(void) {
    kit_classic_open();
    kit_np_add_good("Z:", kit_good(0));
    KIT_CODES(kit_np_add("Z:", kit_good(0)), WN_ALREADY_CONNECTED);
    kit_np_expect_listed(NULL, kit_good(0), 1);
}

static void connects_without_device(void) {
    static const char *const none[] = {NULL, ""};

    kit_classic_open();
    for (size_t i = 0; i < 2; i++) {
        kit_np_add_good(none[i], kit_good(0));
        kit_np_expect_listed("", kit_good(0), 1);
        KIT_CODES(kit_np_cancel(kit_good(0), FALSE), WN_SUCCESS);
        kit_np_expect_listed(NULL, kit_good(0), 0);
    }
}

static void connects_again_without_device(void) {
    kit_classic_open();
    kit_np_add_good(NULL, kit_good(0));
    kit_np_add_good(NULL, kit_good(0));
    kit_np_expect_listed("", kit_good(0), 1);
}

static void connect_type(DWORD type) {
    KIT_CODES(kit_np_connect(kit_resource("Z:", kit_good(0), type), kit_lab.user, kit_lab.password),
              WN_SUCCESS);
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
}

static void takes_types(void) {
    kit_classic_open();
    connect_type(RESOURCETYPE_DISK);
    connect_type(RESOURCETYPE_ANY);
}

static void ignores_other_members(void) {
    NETRESOURCEW resource = {
        .dwScope = 0xDEADBEEF,
        .dwType = RESOURCETYPE_DISK,
        .dwDisplayType = 0xDEADBEEF,
        .dwUsage = 0xDEADBEEF,
        .lpLocalName = kit_wide("Z:"),
        .lpRemoteName = kit_wide(kit_good(0)),
        .lpComment = kit_poison(),
        .lpProvider = kit_poison(),
    };

    kit_classic_open();
    KIT_CODES(kit_np_connect((LPNETRESOURCEW)(uintptr_t)kit_read_only(&resource, sizeof resource),
                             kit_lab.user, kit_lab.password),
              WN_SUCCESS);
    kit_np_expect_at("Z:", kit_good(0));
}

/* The name in other spellings, any of which the provider may have to change for itself. */
static void write_nothing(const char *name) {
    const char *remote = kit_ro(name);
    static const char *const users[] = {"DOMAIN\\anna", "anna@realm", "domain/anna", ""};

    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        kit_np_add_as("z:", remote, users[i], "pass word");
        kit_np_cancel("z:", TRUE);
    }
    kit_np_add_as("", remote, NULL, NULL);
    kit_np_cancel(remote, TRUE);
}

static void writes_no_input(void) {
    char name[1024];

    kit_classic_open();
    write_nothing(kit_good(0));
    write_nothing(kit_text("%s\\", kit_good(0)));
    write_nothing(kit_text("%s\\dir/file name", kit_good(0)));
    snprintf(name, sizeof name, "%s", kit_good(0));
    for (char *at = name; *at; at++)
        *at = *at == '\\' ? '/' : *at;
    write_nothing(name);
}

/* Connects; false: there is no room for more, which is said. */
static bool fits(const char *local, const char *remote) {
    DWORD code = kit_np_add(local, remote);

    KIT_CODES(code, WN_SUCCESS, WN_OUT_OF_MEMORY, WN_NET_ERROR);
    return code == WN_SUCCESS;
}

static void has_room_for_many(void) {
    char device[3] = "D:";
    size_t names = kit_lab.good.count;
    unsigned devices = 0;

    kit_classic_open();
    for (char letter = FIRST_DEVICE; letter <= LAST_DEVICE; letter++, devices++) {
        device[0] = letter;
        if (!fits(device, kit_good(devices % names)))
            break;
    }
    kit_expect(devices > 0, "at least one connection", "none");
    for (unsigned i = 0; i < kit_rounds(200) && fits(NULL, kit_good(i % names)); i++)
        ;
    for (unsigned i = 0; i < devices; i++) {
        device[0] = (char)(FIRST_DEVICE + (int)i);
        kit_np_expect_at(device, kit_good(i % names));
        kit_np_expect_listed(device, kit_good(i % names), 1);
    }
}

/* Not every server can be asked for a name outside of ASCII: the lab file says which. */
static const char *good_beyond_ascii(void) {
    for (size_t i = 0; i < kit_lab.good.count; i++)
        for (const char *at = kit_good(i); *at; at++)
            if ((unsigned char)*at >= 0x80)
                return kit_good(i);
    kit_skip("no \"good\" name of the lab file has a character outside of ASCII");
}

static void keeps_characters(void) {
    const char *remote = good_beyond_ascii();

    kit_classic_open();
    kit_np_add_good("Z:", remote);
    kit_np_expect_at("Z:", remote);
    kit_np_expect_listed("Z:", remote, 1);
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    kit_np_add_good(NULL, remote);
    KIT_CODES(kit_np_cancel(remote, FALSE), WN_SUCCESS);
    kit_np_nothing_left("Z:", remote);
}

static void drops_last_backslash(void) {
    kit_classic_open();
    KIT_CODES(kit_np_add("Z:", kit_text("%s\\", kit_good(0))), WN_SUCCESS);
    kit_np_expect_at("Z:", kit_good(0));
}

/* A path below a good name, or a good one that is long by itself: as it is, or not at all. */
static void try_long(const char *remote) {
    DWORD code = kit_np_add("Z:", remote);

    if (code == WN_SUCCESS) {
        kit_np_expect_at("Z:", remote);
        kit_np_expect_listed("Z:", remote, 1);
        KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    }
    kit_expect(kit_code_known(code), "success or a Win32 code", "%s", kit_code_name(code));
    kit_np_nothing_left("Z:", NULL);
    kit_np_expect_listed(NULL, NULL, 0);
}

static void cuts_no_long_name(void) {
    static const size_t lengths[] = {127, 128, 254, 255, 256, 257, 258, 259, 260, 261, 1023, 1024};
    char name[1025];

    kit_classic_open();
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t length = strlen(kit_good(0));

        memset(name, 'x', lengths[i]);
        memcpy(name, kit_good(0), length < lengths[i] ? length : lengths[i]);
        if (length < lengths[i])
            name[length] = '\\';
        name[lengths[i]] = '\0';
        try_long(name);
    }
    for (size_t i = 0; i < kit_lab.good.count; i++)
        try_long(kit_good(i));
}

/* What a way to connect came to. */
struct result {
    DWORD code, get_code;
    unsigned listed;
    char remote[1024];
};

static struct result connect_by(bool third, LPNETRESOURCEW resource, const char *password) {
    LPWSTR wide_user = kit_wide(kit_lab.user), wide_password = kit_wide(password);
    struct result result = {0};
    const char *remote;

    kit_doing("%s(local %s, remote \"%s\")", third ? "NPAddConnection3" : "NPAddConnection",
              resource->lpLocalName ? kit_narrow(resource->lpLocalName, 100) : "NULL",
              kit_narrow(resource->lpRemoteName, 1000));
    result.code = third ? kit_np.AddConnection3(NULL, resource, wide_password, wide_user, 0)
                        : kit_np.AddConnection(resource, wide_password, wide_user);
    remote = kit_np_get("Z:", &result.get_code);
    snprintf(result.remote, sizeof result.remote, "%s", remote ? remote : "not connected");
    result.listed = kit_np_listed(NULL);
    return result;
}

static void expect_alike(const char *local, const char *name, DWORD type, const char *password) {
    const char *remote = kit_ro(name);
    LPNETRESOURCEW resource = kit_resource(local, remote, type);
    struct result first, third;

    first = connect_by(false, resource, password);
    kit_np_cancel(local && *local ? local : remote, TRUE);
    third = connect_by(true, resource, password);
    kit_np_cancel(local && *local ? local : remote, TRUE);
    kit_expect(first.code == third.code, kit_code_name(first.code), "%s of NPAddConnection3",
               kit_code_name(third.code));
    kit_expect(
        first.get_code == third.get_code && first.listed == third.listed
            && strcmp(first.remote, third.remote) == 0,
        kit_text("%u connections, Z: %s, as after NPAddConnection", first.listed, first.remote),
        "%u connections, Z: %s", third.listed, third.remote);
}

static void is_same_without_flags(void) {
    kit_classic_open();
    KIT_NP_NEEDS(AddConnection);
    KIT_NP_NEEDS(AddConnection3);
    expect_alike("Z:", kit_good(0), RESOURCETYPE_DISK, kit_lab.password);
    expect_alike("z:", kit_good(0), RESOURCETYPE_ANY, kit_lab.password);
    expect_alike(NULL, kit_good(0), RESOURCETYPE_DISK, kit_lab.password);
    expect_alike("", kit_good(0), RESOURCETYPE_DISK, kit_lab.password);
    expect_alike("ZZ:", kit_good(0), RESOURCETYPE_DISK, kit_lab.password);
    expect_alike("Z:", kit_good(0), 99, kit_lab.password);
    expect_alike("Z:", kit_lab.foreign.items[0], RESOURCETYPE_DISK, kit_lab.password);
    expect_alike("Z:", kit_text("%s\\", kit_good(0)), RESOURCETYPE_DISK, kit_lab.password);
    if (kit_lab.missing)
        expect_alike("Z:", kit_lab.missing, RESOURCETYPE_DISK, kit_lab.password);
    if (kit_lab.wrong_password)
        expect_alike("Z:", kit_lab.login, RESOURCETYPE_DISK, kit_lab.wrong_password);
}

const struct kit_check kit_checks_classic_connect[] = {
    {"ADD-05", KIT_MUST, connects, "A good name connects to a free device, and is listed once",
     "Get, enumeration and connect are one account of one state.",
     "Windows: NPAddConnection, NPGetConnection"},
    {"ADD-06", KIT_MUST, takes_small_letters, "A device is the same in small and capital letters",
     "Users type z: and Z: for the same drive.", "Windows: NPAddConnection, lpLocalName"},
    {"ADD-08", KIT_MUST, keeps_device_in_use,
     "Another name for a device in use is ERROR_ALREADY_ASSIGNED, and the old connection stays",
     "A failed connect that breaks what was there loses the user's work.",
     "Windows: NPAddConnection, WN_ALREADY_CONNECTED; OpenAFS cancelled the old one"},
    {"ADD-09", KIT_MUST, refuses_same_twice,
     "The same name for the same device again is ERROR_ALREADY_ASSIGNED",
     "The router chooses a free letter by this code alone.",
     "Windows: NPAddConnection, WN_ALREADY_CONNECTED; WNetAddConnection2, CONNECT_REDIRECT"},
    {"ADD-10", KIT_MUST, connects_without_device,
     "Local name NULL or empty connects without a device",
     "Windows' programs pass either, and the list tells them apart by lpLocalName NULL.",
     "Windows: NPAddConnection, lpLocalName; VirtualBox and ms-nfs41 refuse \"\""},
    {"ADD-11", KIT_SHOULD, connects_again_without_device,
     "The same name without a device again succeeds, and is listed once",
     "What is asked for is there already; programs connect before each use.",
     "winfsp f021496; ms-nfs41 and OpenAFS do so"},
    {"ADD-12", KIT_MUST, takes_types, "Types DISK and ANY connect a disk",
     "ANY means that the caller does not care or does not know.", "Windows: NETRESOURCE, dwType"},
    {"ADD-14", KIT_MUST, ignores_other_members,
     "Only type, local name and remote name of the NETRESOURCE are looked at",
     "The others are what the caller left there, pointers included.",
     "Windows: NPAddConnection; ms-nfs41 read options from lpComment"},
    {"ADD-18", KIT_MUST, writes_no_input, "No string that was passed is written to",
     "They are the caller's: constants, or shared with other threads.",
     "Windows: NPAddConnection; ms-nfs41 and OpenAFS changed them in place"},
    {"ADD-24", KIT_MUST, has_room_for_many,
     "Every drive letter and many connections without a device fit, or are refused cleanly",
     "A table of fixed size is full one day, and what is beyond it looks disconnected.",
     "dokany #737: 32 slots"},
    {"ADD-25", KIT_MUST, keeps_characters,
     "A name with characters outside of ASCII comes back as it was given",
     "Names are the users' words, in all their scripts.", "Windows: the interface is in UTF-16"},
    {"ADD-26", KIT_SHOULD, drops_last_backslash,
     "A name with a backslash at its end connects, and is known without it",
     "Shells complete names so, and paths are appended to what Get returns.",
     "Windows: NPGetUniversalName, a connection has no trailing backslash"},
    {"ADD-27", KIT_MUST, cuts_no_long_name, "A long name is connected as it is or not at all",
     "A name that was cut is another resource.",
     "VirtualBox cuts at 127 characters, OpenAFS at MAX_PATH"},
    {"ADD-29", KIT_MUST, is_same_without_flags,
     "NPAddConnection3 without flags does the same as NPAddConnection",
     "The router calls whichever there is, and the user must not notice which.",
     "Windows: NPAddConnection3"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
