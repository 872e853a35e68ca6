/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_enum.c: what NPOpenEnum and NPEnumResource list. How handles, sizes
 * and counts behave is in check_classic_cursor.c.
 */
#include "config.h"

#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_entries.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_relay.h"

#define DEPTH_MAX 8
#define WALK_MAX  200 /* containers */
#define LETTERS   23  /* D: to Z: */

static void open_connected(void) {
    kit_enum_needs(WNNC_ENUM_LOCAL, "what is connected");
}

static void open_global(void) {
    kit_enum_needs(WNNC_ENUM_GLOBAL, "the network");
}

/* Unless the entry is listed so many times: a finding. */
static void expect_listed(const struct kit_entries *entries, const char *local, const char *remote,
                          size_t wanted) {
    size_t found = kit_entries_find(entries, local, remote);

    kit_expect(found == wanted,
               kit_text("\"%s\" %s%s listed %zu times", remote, *local ? "at " : "without device",
                        local, wanted),
               "%zu times", found);
}

/* ---- what is connected */

static void lists_connections(void) {
    struct kit_entries before, entries;
    size_t made = kit_lab.good.count > 2 ? 3 : kit_lab.good.count;

    open_connected();
    kit_enum_connected(&before);
    kit_np_add_good("Z:", kit_good(0));
    if (made > 1)
        kit_np_add_good("Y:", kit_good(1));
    if (made > 2)
        kit_np_add_good(NULL, kit_good(2));
    kit_enum_connected(&entries);
    kit_expect(entries.count == before.count + made,
               kit_text("%zu entries for as many connections", before.count + made), "%zu",
               entries.count);
    expect_listed(&entries, "Z:", kit_good(0), 1);
    if (made > 1)
        expect_listed(&entries, "Y:", kit_good(1), 1);
    if (made > 2)
        expect_listed(&entries, "", kit_good(2), 1);
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    kit_enum_connected(&entries);
    expect_listed(&entries, "Z:", kit_good(0), 0);
    kit_expect(entries.count == before.count + made - 1,
               kit_text("%zu entries after one was cancelled", before.count + made - 1), "%zu",
               entries.count);
}

static void lists_nothing(void) {
    static uint64_t room[512];
    struct kit_entries before;
    HANDLE handle;

    open_connected();
    kit_enum_connected(&before);
    if (before.count)
        kit_skip("there are connections already, before the first is made");
    handle = kit_enum_open(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL);
    for (int i = 0; i < 2; i++) {
        DWORD count = 0xFFFFFFFF, size = sizeof room;

        KIT_CODES(kit_enum_next(handle, &count, room, &size), WN_NO_MORE_ENTRIES);
    }
    KIT_CODES(kit_enum_close(handle), WN_SUCCESS);
}

/* The entry of the first good name, connected to Z:. */
static struct kit_entry entry_of_z(void) {
    struct kit_entries entries;

    kit_np_add_good("Z:", kit_good(0));
    kit_enum_connected(&entries);
    for (size_t i = 0; i < entries.count; i++)
        if (kit_entry_is(&entries.items[i], "Z:", kit_good(0)))
            return entries.items[i];
    kit_fail("the connection of Z: listed", "it is not");
}

static void members(void) {
    struct kit_entry entry;

    open_connected();
    entry = entry_of_z();
    kit_expect(entry.provider && *entry.provider, "lpProvider, the provider's name", "%s",
               entry.provider ? "an empty text" : "NULL");
    if (kit_np_name())
        kit_expect(strcmp(entry.provider, kit_np_name()) == 0,
                   kit_text("lpProvider \"%s\"", kit_np_name()), "\"%s\"", entry.provider);
    kit_expect(entry.scope == RESOURCE_CONNECTED, "dwScope as asked: 1", "%u", entry.scope);
    kit_expect(entry.type == RESOURCETYPE_DISK, "dwType RESOURCETYPE_DISK (1)", "%u", entry.type);
    kit_expect(entry.display == RESOURCEDISPLAYTYPE_SHARE,
               "dwDisplayType RESOURCEDISPLAYTYPE_SHARE (3)", "%u", entry.display);
    kit_expect(entry.usage & RESOURCEUSAGE_CONNECTABLE,
               "dwUsage with RESOURCEUSAGE_CONNECTABLE (1)", "0x%X", entry.usage);
}

static void without_device(void) {
    struct kit_entries entries;

    open_connected();
    kit_np_add_good(NULL, kit_good(0));
    kit_enum_connected(&entries);
    for (size_t i = 0; i < entries.count; i++)
        if (kit_entry_is(&entries.items[i], NULL, kit_good(0)))
            kit_expect(!entries.items[i].local, "lpLocalName NULL", "\"%s\"",
                       entries.items[i].local);
    expect_listed(&entries, "", kit_good(0), 1);
}

/* How often Z: is listed under these filters; 0 where the filter itself is refused. */
static size_t listed_with(DWORD scope_type, DWORD usage, const DWORD *refusals, size_t count) {
    struct kit_entries entries = {NULL, 0};
    HANDLE handle = NULL;
    DWORD code = kit_enum_try(RESOURCE_CONNECTED, scope_type, usage, NULL, &handle);

    for (size_t i = 0; i < count; i++)
        if (code == refusals[i])
            return 0;
    KIT_CODES(code, WN_SUCCESS);
    kit_enum_read(handle, 0xFFFFFFFF, &entries);
    kit_enum_close(handle);
    return kit_entries_find(&entries, "Z:", kit_good(0));
}

/* Below the lab's server, by what they are wanted for. */
static void filters_below_a_server(void) {
    const DWORD wanted[] = {RESOURCEUSAGE_CONNECTABLE, RESOURCEUSAGE_CONTAINER};
    LPNETRESOURCEW server = kit_resource(NULL, kit_lab.server, 0);

    for (size_t i = 0; i < 2; i++) {
        struct kit_entries entries = {NULL, 0};
        HANDLE handle = kit_enum_open(RESOURCE_GLOBALNET, RESOURCETYPE_DISK, wanted[i], server);

        kit_enum_read(handle, 0xFFFFFFFF, &entries);
        for (size_t j = 0; j < entries.count; j++) {
            kit_expect(entries.items[j].usage & wanted[i],
                       kit_text("only entries whose usage has 0x%X", (unsigned)wanted[i]),
                       "\"%s\" with 0x%X", entries.items[j].remote,
                       (unsigned)entries.items[j].usage);
            kit_expect(entries.items[j].type != RESOURCETYPE_PRINT, "only disks",
                       "\"%s\", a printer", entries.items[j].remote);
        }
    }
}

static void usages(void) {
    const DWORD wanted[] = {0, RESOURCEUSAGE_CONNECTABLE,
                            RESOURCEUSAGE_CONNECTABLE | RESOURCEUSAGE_CONTAINER, 0x13};
    const DWORD refusals[] = {WN_BAD_VALUE};

    open_connected();
    kit_np_add_good("Z:", kit_good(0));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        kit_expect(listed_with(RESOURCETYPE_ANY, wanted[i], NULL, 0) == 1,
                   "a connection listed once, whose usage is CONNECTABLE", "it is not");
    listed_with(RESOURCETYPE_ANY, RESOURCEUSAGE_CONTAINER, NULL, 0);
    listed_with(RESOURCETYPE_ANY, 0xFFFF, refusals, 1);
    if (kit_lab.server && kit_np_can(WNNC_ENUMERATION, WNNC_ENUM_GLOBAL))
        filters_below_a_server();
}

static void types(void) {
    const DWORD wanted[] = {RESOURCETYPE_ANY, RESOURCETYPE_DISK,
                            RESOURCETYPE_DISK | RESOURCETYPE_PRINT};
    const DWORD refusals[] = {WN_NOT_AUTHENTICATED, WN_NOT_LOGGED_ON};

    open_connected();
    kit_np_add_good("Z:", kit_good(0));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        kit_expect(listed_with(wanted[i], 0, NULL, 0) == 1, "a disk that is connected listed once",
                   "it is not");
    kit_expect(listed_with(RESOURCETYPE_PRINT, 0, NULL, 0) == 0, "no disk among the printers",
               "it is listed");
    listed_with(RESOURCEUSAGE_ATTACHED, 0, refusals, 2);
    listed_with(0x13, 0, refusals, 2);
}

static void other_scopes(void) {
    const struct {
        DWORD scope, bit;
    } scopes[] = {{0, 0},
                  {RESOURCE_REMEMBERED, 0},
                  {RESOURCE_RECENT, 0},
                  {99, 0},
                  {RESOURCE_CONNECTED, WNNC_ENUM_LOCAL},
                  {RESOURCE_GLOBALNET, WNNC_ENUM_GLOBAL},
                  {RESOURCE_CONTEXT, WNNC_ENUM_CONTEXT}};

    kit_enum_needs(0, "anything");
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        HANDLE handle = NULL;

        if (!scopes[i].bit || !kit_np_can(WNNC_ENUMERATION, scopes[i].bit))
            KIT_CODES(kit_enum_try(scopes[i].scope, RESOURCETYPE_ANY, 0, NULL, &handle),
                      WN_NOT_SUPPORTED, WN_BAD_VALUE);
    }
}

static void many_connections(void) {
    size_t names = kit_lab.good.count, devices = names < LETTERS ? names : LETTERS;
    struct kit_entries before, entries;

    open_connected();
    if (names < 33)
        kit_skip("the lab file has %zu good names, and this wants 33", names);
    kit_enum_connected(&before);
    for (size_t i = 0; i < names; i++)
        kit_np_add_good(i < devices ? kit_device((unsigned)i) : NULL, kit_good(i));
    kit_enum_connected(&entries);
    kit_expect(entries.count == before.count + names, kit_text("%zu entries", before.count + names),
               "%zu", entries.count);
    for (size_t i = 0; i < names; i++)
        expect_listed(&entries, i < devices ? kit_device((unsigned)i) : "", kit_good(i), 1);
}

static void connected_to_the_silent(void) {
    struct kit_entries entries;
    int64_t began;

    open_connected();
    kit_np_add_good("Z:", kit_relay_name());
    kit_relay_silence();
    began = kit_ms();
    kit_enum_connected(&entries);
    kit_within(began, KIT_AT_ONCE);
    expect_listed(&entries, "Z:", kit_relay_name(), 1);
}

/* A row of an enumeration is good for the other functions. */
static void entries_are_names(void) {
    static uint64_t room[1024];
    struct kit_entry entry;
    DWORD size = sizeof room;
    LPWSTR rest = NULL;

    open_connected();
    entry = entry_of_z();
    if (kit_np.GetResourceInformation) {
        kit_doing("NPGetResourceInformation(\"%s\"), as enumerated", entry.remote);
        KIT_CODES(kit_np.GetResourceInformation(kit_entry_give(&entry), room, &size, &rest),
                  WN_SUCCESS);
    }
    KIT_CODES(kit_np_cancel(entry.local, FALSE), WN_SUCCESS);
    kit_np_add_good(entry.local, entry.remote);
    kit_expect(kit_np_listed(entry.remote) == 1, "one connection, made as enumerated", "%u",
               kit_np_listed(entry.remote));
}

static void usual_buffer(void) {
    static uint64_t room[16384 / sizeof(uint64_t)];
    DWORD count = 0xFFFFFFFF, size = sizeof room;
    HANDLE handle;

    open_connected();
    kit_np_connect_some(3);
    handle = kit_enum_open(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL);
    KIT_CODES(kit_enum_next(handle, &count, room, &size), WN_SUCCESS);
    kit_expect(count >= 3, "all of three entries at once", "%u", (unsigned)count);
    kit_entries_inside(room, sizeof room, count);
}

/* ---- the network */

static void expect_parent(const struct kit_entry *child, const char *container) {
    static uint64_t room[1024];
    const NETRESOURCEW *parent = (const NETRESOURCEW *)(const void *)room;
    DWORD size = sizeof room;
    const char *name;

    if (!kit_np.GetResourceParent)
        return;
    kit_doing("NPGetResourceParent(\"%s\")", child->remote);
    KIT_CODES(kit_np.GetResourceParent(kit_entry_give(child), room, &size), WN_SUCCESS);
    name = kit_narrow(parent->lpRemoteName, sizeof room);
    kit_expect(name ? container && strcmp(name, container) == 0 : !container,
               kit_text("the container where it was listed, %s", container ? container : "the top"),
               "%s", name ? name : "the top");
}

/* Counts the containers that it went into. */
static void walk(const struct kit_entry *container, int depth, int *walked) {
    struct kit_entries entries;

    if (++*walked > WALK_MAX)
        kit_skip("the network is too large: %d containers, and no end", WALK_MAX);
    if (!kit_enum_global(container ? kit_entry_give(container) : NULL, &entries))
        return;
    for (size_t i = 0; i < entries.count; i++) {
        const struct kit_entry *entry = &entries.items[i];

        kit_expect(entry->scope == RESOURCE_GLOBALNET, "dwScope as asked: 2", "%u", entry->scope);
        kit_expect(entry->remote && *entry->remote, "an entry with a remote name", "none");
        expect_parent(entry, container ? container->remote : NULL);
        if (!(entry->usage & RESOURCEUSAGE_CONTAINER))
            continue;
        kit_expect(depth < DEPTH_MAX, kit_text("an end after %d levels", DEPTH_MAX),
                   "\"%s\" is a container still", entry->remote);
        walk(entry, depth + 1, walked);
    }
}

static void whole_network(void) {
    int walked = 0;

    open_global();
    walk(NULL, 1, &walked);
    kit_note("%d containers", walked);
}

static void no_containers(void) {
    struct kit_entries top, unnamed;
    HANDLE handle = NULL;

    open_global();
    for (size_t i = 0; i < kit_lab.foreign.count; i++) {
        int64_t began = kit_ms();

        KIT_CODES(kit_enum_try(RESOURCE_GLOBALNET, RESOURCETYPE_ANY, 0,
                               kit_resource(NULL, kit_lab.foreign.items[i], 0), &handle),
                  WN_NOT_CONTAINER, WN_BAD_NETNAME);
        kit_within(began, KIT_AT_ONCE);
    }
    KIT_CODES(kit_enum_try(RESOURCE_GLOBALNET, RESOURCETYPE_ANY, 0,
                           kit_resource(NULL, kit_good(0), 0), &handle),
              WN_NOT_CONTAINER);
    if (!kit_enum_global(NULL, &top) || !kit_enum_global(kit_resource(NULL, NULL, 0), &unnamed))
        kit_fail("the top of the network listed, without a container and with one that has no name",
                 "it cannot be opened");
    kit_expect(top.count == unnamed.count, kit_text("the top: %zu entries", top.count), "%zu",
               unnamed.count);
}

static void what_is_near(void) {
    struct kit_entries entries = {NULL, 0};

    kit_enum_needs(WNNC_ENUM_CONTEXT, "what is near");
    kit_enum_read(kit_enum_open(RESOURCE_CONTEXT, RESOURCETYPE_ANY, 0, NULL), 0xFFFFFFFF, &entries);
    for (size_t i = 0; i < entries.count; i++)
        kit_expect(entries.items[i].scope == RESOURCE_CONTEXT, "dwScope as asked: 5", "%u",
                   (unsigned)entries.items[i].scope);
}

const struct kit_check kit_checks_classic_enum[] = {
    {"ENU-01", KIT_CAPABILITY, lists_connections,
     "What is connected is listed, each connection once, and nothing else",
     "Programs show the list as the state of the system.",
     "Windows: NPOpenEnum, RESOURCE_CONNECTED"},
    {"ENU-02", KIT_CAPABILITY, lists_nothing,
     "With nothing connected the first call is WN_NO_MORE_ENTRIES, and so is the next",
     "An empty list is no failure.", "Windows: NPEnumResource"},
    {"ENU-08", KIT_CAPABILITY, members,
     "An entry says its provider, the scope that was asked, disk, share and connectable",
     "The next call about it goes to whom lpProvider names.", "Windows: NETRESOURCE"},
    {"ENU-09", KIT_CAPABILITY, without_device, "A connection without a device has lpLocalName NULL",
     "An empty or invented name would be taken for a device.", "own decision"},
    {"ENU-10", KIT_CAPABILITY, usages,
     "By usage connections are filtered rightly or not at all, the network rightly",
     "Filters that a provider got wrong have hidden entries.", "Windows: NPOpenEnum"},
    {"ENU-11", KIT_CAPABILITY, types,
     "dwType is a mask: disks are among DISK and PRINT, and not among PRINT alone",
     "Who compares it with one type refuses the mask, or lists all.", "Windows: NPOpenEnum"},
    {"ENU-12", KIT_CAPABILITY, other_scopes,
     "A scope that is unknown or not announced is WN_NOT_SUPPORTED or WN_BAD_VALUE",
     "Remembered connections, for one, are the router's affair.", "Windows: NPOpenEnum"},
    {"ENU-13", KIT_CAPABILITY, whole_network,
     "A walk through the network from its top ends, and each entry's parent is where it was found",
     "Programs draw a tree of it.", "Windows: NPOpenEnum, NPGetResourceParent"},
    {"ENU-14", KIT_CAPABILITY, no_containers,
     "Somebody else's name is no container, at once; nor is a share; no name is the top",
     "A provider that lists any name shows things that are not there.", "Windows: NPOpenEnum"},
    {"ENU-25", KIT_CAPABILITY, what_is_near, "What is near is listed, and the list ends",
     "Each provider decides what that is.", "Windows: NPOpenEnum, RESOURCE_CONTEXT"},
    {"ENU-26", KIT_CAPABILITY, many_connections, "Of many connections all are listed",
     "Tables of 32 places have shown the others as disconnected.", "own decision"},
    {"ENU-27", KIT_CAPABILITY, connected_to_the_silent,
     "What is connected is listed at once though the server is silent",
     "The list is of this machine, and of what it knows.", "own decision"},
    {"ENU-28", KIT_CAPABILITY, entries_are_names,
     "What was listed can be asked about, cancelled and connected again",
     "The names in a list are whole names, not what is shown to people.", "own decision"},
    {"ENU-29", KIT_CAPABILITY, usual_buffer,
     "A buffer of 16 KiB takes all of a short list in one call",
     "So most callers of WNetEnumResource ask.", "Windows: WNetEnumResource"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
