/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_routed_query.c: what the router tells of a connection, of what there is
 * on the network, and of names: one account of one state.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_relay.h"
#include "tools/conformance/kit_routed.h"

#define ROOM      65536
#define DEPTH_MAX 8

static uint64_t room[ROOM / sizeof(uint64_t)];

static void agrees(void) {
    const char *remote;

    kit_routed_start(KIT_ALONE, NULL);
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        kit_add_good("Z:", kit_lab.good.items[i]);
        remote = kit_get("Z:", NULL);
        kit_expect(remote && strcmp(remote, kit_lab.good.items[i]) == 0, kit_lab.good.items[i],
                   "%s", remote ? remote : "nothing");
        kit_expect(kit_listed(remote) == 1, "the same name listed once", "%u times",
                   kit_listed(remote));
        KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
    }
}

/* The universal name of a path on Z:, or NULL where the provider's names have none. */
static const char *universal(const char *path, DWORD level) {
    const UNIVERSAL_NAME_INFOA *info = (const void *)room;
    DWORD size = ROOM, code;

    kit_doing("WNetGetUniversalName(\"%s\", %u)", path, (unsigned)level);
    code = WNetGetUniversalNameA(kit_ro(path), level, room, &size);
    if (code == ERROR_NOT_SUPPORTED)
        kit_skip("the provider's names have no universal form");
    KIT_CODES(code, NO_ERROR);
    return info->lpUniversalName;
}

static void has_universal_names(void) {
    const REMOTE_NAME_INFOA *info = (const void *)room;
    const char *name;

    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good("Z:", kit_good(0));
    name = kit_text("%s", universal("Z:\\a\\b", UNIVERSAL_NAME_INFO_LEVEL));
    kit_expect(strlen(name) > 4 && strcmp(name + strlen(name) - 4, "\\a\\b") == 0,
               "a name that ends with \\a\\b", "%s", name);
    universal("Z:\\a\\b", REMOTE_NAME_INFO_LEVEL);
    kit_expect(info->lpUniversalName && strcmp(info->lpUniversalName, name) == 0, name, "%s",
               info->lpUniversalName);
    kit_expect(info->lpConnectionName && info->lpRemainingPath
                   && strcmp(kit_text("%s%s", info->lpConnectionName, info->lpRemainingPath), name)
                          == 0,
               "connection name and rest that make the universal name", "\"%s\" and \"%s\"",
               info->lpConnectionName, info->lpRemainingPath);
}

static void tells_the_user(void) {
    const char *login = kit_need(kit_lab.login, "login");
    char by_device[512] = "", by_name[512] = "";
    DWORD size = sizeof by_device, size2 = sizeof by_name;

    kit_need(kit_lab.user, "user");
    kit_routed_start(KIT_ALONE, NULL);
    if (!(kit_routed_can() & MPR_CAN_USER))
        kit_skip("the provider does not tell users");
    kit_add_good("Z:", login);
    kit_doing("WNetGetUser");
    KIT_CODES(WNetGetUserA("Z:", by_device, &size), NO_ERROR);
    KIT_CODES(WNetGetUserA(kit_ro(login), by_name, &size2), NO_ERROR);
    kit_expect(strstr(by_device, kit_lab.user), kit_lab.user, "%s", by_device);
    kit_expect(strcmp(by_device, by_name) == 0, by_device, "%s for the remote name", by_name);
}

static void answers_without_the_server(void) {
    const char *name = kit_relay_name();
    int64_t began;

    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good("Z:", name);
    kit_relay_silence();
    began = kit_ms();
    for (int i = 0; i < 10; i++) {
        kit_expect(kit_get("Z:", NULL), "Z: connected", "it is free");
        kit_expect(kit_listed(NULL) == 1, "one entry", "%u", kit_listed(NULL));
    }
    kit_within(began, 10 * KIT_AT_ONCE);
    KIT_CODES(kit_cancel("Z:", TRUE), NO_ERROR);
}

static void lists_all(void) {
    unsigned wanted = 0;
    char device[] = "A:";

    kit_routed_start(KIT_ALONE, NULL);
    for (char letter = 'D'; letter <= 'Z'; letter++, wanted++) {
        device[0] = letter;
        kit_add_good(device, kit_good(wanted % kit_lab.good.count));
    }
    for (size_t i = 0; i < kit_lab.good.count; i++, wanted++)
        kit_add_good(NULL, kit_good(i));
    kit_expect(kit_listed(NULL) == wanted, kit_text("%u entries", wanted), "%u", kit_listed(NULL));
}

/* What a walk through the network found. */
struct walk {
    unsigned entries;
    bool found_good;
};

/* Reads the whole of one level into copies. */
static size_t read_level(LPNETRESOURCEA container, NETRESOURCEA *ret, size_t most) {
    HANDLE handle = NULL;
    size_t count = 0;
    DWORD code;

    kit_doing("WNetOpenEnum(RESOURCE_GLOBALNET, \"%s\")",
              container ? container->lpRemoteName : "the root");
    code = WNetOpenEnumA(RESOURCE_GLOBALNET, RESOURCETYPE_ANY, 0, container, &handle);
    if (container && code)
        return 0; /* it may be silent, or not for everybody */
    KIT_CODES(code, NO_ERROR);
    for (;;) {
        const NETRESOURCEA *entries = (const NETRESOURCEA *)room;
        DWORD n = 0xFFFFFFFF, size = ROOM;

        code = WNetEnumResourceA(handle, &n, room, &size);
        if (code == ERROR_NO_MORE_ITEMS)
            break;
        KIT_CODES(code, NO_ERROR);
        for (DWORD i = 0; i < n && count < most; i++, count++) {
            ret[count] = entries[i];
            ret[count].lpRemoteName =
                entries[i].lpRemoteName ? strdup(entries[i].lpRemoteName) : NULL;
            ret[count].lpProvider = entries[i].lpProvider ? strdup(entries[i].lpProvider) : NULL;
            ret[count].lpComment = ret[count].lpLocalName = NULL;
        }
    }
    WNetCloseEnum(handle);
    return count;
}

static bool is_good(const char *remote) {
    for (size_t i = 0; remote && i < kit_lab.good.count; i++)
        if (strcasecmp(remote, kit_lab.good.items[i]) == 0)
            return true;
    return false;
}

static void walk(struct walk *found, LPNETRESOURCEA container, int depth) {
    NETRESOURCEA *level = calloc(256, sizeof *level);
    size_t count = level ? read_level(container, level, 256) : 0;

    kit_expect(depth < DEPTH_MAX, "a network of less than eight levels", "\"%s\" at level %d",
               container ? container->lpRemoteName : "", depth);
    for (size_t i = 0; i < count; i++) {
        found->entries++;
        found->found_good |= is_good(level[i].lpRemoteName);
        if (level[i].dwUsage & RESOURCEUSAGE_CONTAINER) {
            kit_expect(!container || !level[i].lpRemoteName || !container->lpRemoteName
                           || strcmp(level[i].lpRemoteName, container->lpRemoteName),
                       "no container that holds itself", "%s", level[i].lpRemoteName);
            walk(found, &level[i], depth + 1);
        }
    }
    free(level);
}

static void can_be_walked(void) {
    struct walk found = {0};

    kit_routed_start(KIT_ALONE, NULL);
    if (!(kit_routed_can() & MPR_CAN_LIST))
        kit_skip("the provider lists nothing");
    kit_add_good("Z:", kit_good(0)); /* servers are known by their connections */
    walk(&found, NULL, 0);
    kit_note("%u entries", found.entries);
    kit_expect(found.entries > 0, "at least the provider", "nothing");
    kit_expect(found.found_good, "one of the good names among the entries", "none of %u",
               found.entries);
}

static DWORD resource_of(const char *remote, char **ret_system) {
    NETRESOURCEA resource = {.dwType = RESOURCETYPE_ANY, .lpRemoteName = kit_ro(remote)};
    DWORD size = ROOM;

    kit_doing("WNetGetResourceInformation(\"%s\")", remote);
    return WNetGetResourceInformationA(&resource, room, &size, ret_system);
}

static void knows_resources(void) {
    const NETRESOURCEA *info = (const void *)room;
    char *rest = NULL;
    DWORD code;

    kit_routed_start(KIT_DECOY_AFTER, NULL);
    if (!(kit_routed_can() & MPR_CAN_INFORMATION))
        kit_skip("the provider does not tell what a name is");
    kit_add_good("Z:", kit_good(0));
    code = resource_of(kit_good(0), &rest);
    KIT_CODES(code, NO_ERROR);
    kit_expect(info->lpProvider && strcmp(info->lpProvider, kit_routed_provider()) == 0,
               kit_routed_provider(), "%s", info->lpProvider ? info->lpProvider : "nobody");
    kit_expect(info->dwUsage & RESOURCEUSAGE_CONNECTABLE, "a resource to connect to", "usage 0x%X",
               (unsigned)info->dwUsage);
    kit_expect(!rest, "no rest of the name", "%s", rest);
}

static void knows_the_parent(void) {
    const NETRESOURCEA *info = (const void *)room;
    NETRESOURCEA resource = {.lpRemoteName = kit_ro(kit_good(0)), .lpProvider = NULL};
    DWORD size = ROOM;

    kit_routed_start(KIT_ALONE, NULL);
    if (!(kit_routed_can() & MPR_CAN_PARENT))
        kit_skip("the provider names no containers");
    resource.lpProvider = kit_ro(kit_routed_provider());
    kit_doing("WNetGetResourceParent(\"%s\")", resource.lpRemoteName);
    KIT_CODES(WNetGetResourceParentA(&resource, room, &size), NO_ERROR);
    for (int depth = 0; info->lpRemoteName && *info->lpRemoteName; depth++) {
        kit_expect(depth < DEPTH_MAX, "a root above less than eight levels", "%s",
                   info->lpRemoteName);
        resource.lpRemoteName = kit_ro(info->lpRemoteName);
        size = ROOM;
        kit_doing("WNetGetResourceParent(\"%s\")", resource.lpRemoteName);
        KIT_CODES(WNetGetResourceParentA(&resource, room, &size), NO_ERROR);
    }
}

static void measures(void) {
    NETRESOURCEA resource = {.lpLocalName = kit_ro("Z:")};
    NETCONNECTINFOSTRUCT info = {.cbStructure = sizeof info};
    int64_t began;

    kit_routed_start(KIT_ALONE, NULL);
    if (!(kit_routed_can() & MPR_CAN_PERFORMANCE))
        kit_skip("the provider measures nothing");
    kit_add_good("Z:", kit_good(0));
    began = kit_ms();
    kit_doing("MultinetGetConnectionPerformance(\"Z:\")");
    KIT_CODES(MultinetGetConnectionPerformanceA(&resource, &info), NO_ERROR);
    kit_within(began, 1000);
    kit_expect(info.cbStructure == sizeof info, "cbStructure as it was", "%u",
               (unsigned)info.cbStructure);
    kit_expect(!(info.dwFlags & ~0xFu), "known flags", "0x%X", (unsigned)info.dwFlags);
}

const struct kit_check kit_checks_routed_query[] = {
    {"GET-10", KIT_MUST, agrees, "WNetGetConnection and the enumeration give the name as connected",
     "Drives were shown as disconnected where the two differed.", "WNetGetConnection(3)"},
    {"GET-12", KIT_MUST, answers_without_the_server,
     "What is connected is told at once, also while the server is silent",
     "Listing drives is no reason to wait for a server.", "mpr-provider(7), threads"},
    {"UNI-01", KIT_MUST, has_universal_names,
     "A path on a device has a universal name, made of the connection's name and the rest",
     "Programs store such names in documents.", "WNetGetUniversalName(3)"},
    {"USR-02", KIT_CAPABILITY, tells_the_user,
     "The user of a connection is told, by its device and by its name", "Whose drive is this?",
     "WNetGetConnection(3), WNetGetUser"},
    {"PRF-01", KIT_CAPABILITY, measures, "Performance is told, in known flags",
     "Programs decide by it whether to copy or to work in place.",
     "MultinetGetConnectionPerformance(3)"},
    {"ENU-26", KIT_MUST, lists_all, "More than two dozen connections are all listed",
     "Fixed tables lost the 33rd.", "WNetOpenEnum(3), RESOURCE_CONNECTED"},
    {"ENU-13", KIT_CAPABILITY, can_be_walked,
     "The network can be walked from its root to a good name, and the walk ends",
     "File managers do that.", "WNetOpenEnum(3), RESOURCE_GLOBALNET"},
    {"RES-01", KIT_CAPABILITY, knows_resources,
     "A resource is told as connectable, with the provider's name",
     "Programs ask before they connect.", "WNetGetResourceInformation(3)"},
    {"RES-08", KIT_CAPABILITY, knows_the_parent, "From a resource parents lead to the root",
     "File managers go up that way.", "WNetGetResourceInformation(3), WNetGetResourceParent"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
