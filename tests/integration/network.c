/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network: the network as programs see it, from the providers down to the shares
 * and exports of real servers: known servers, dead ones, and a walk to the end.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define SMB "SMB Network"
#define NFS "NFS Network"

static const struct identity anna = {"anna", "secret-words"};

static char room[65536] __attribute__((aligned(16)));
static const NETRESOURCEA *const entries = (void *)room;
static DWORD count;

/* Lists what is below; the entries of all of it are in room. */
static DWORD list(DWORD scope, const char *provider, const char *remote) {
    NETRESOURCEA from = {.dwUsage = remote ? RESOURCEUSAGE_CONTAINER : 0,
                         .lpRemoteName = (LPSTR)(uintptr_t)remote,
                         .lpProvider = (LPSTR)(uintptr_t)provider};
    DWORD size = sizeof room, rc;
    HANDLE handle;

    count = 0;
    rc = WNetOpenEnumA(scope, RESOURCETYPE_ANY, 0, &from, &handle);
    if (rc != NO_ERROR)
        return rc;
    count = UINT32_MAX;
    if (WNetEnumResourceA(handle, &count, room, &size) != NO_ERROR)
        count = 0;
    WNetCloseEnum(handle);
    return NO_ERROR;
}

/* How many entries have this in their name. */
static unsigned named(const char *piece) {
    unsigned found = 0;

    for (DWORD i = 0; i < count; i++)
        found += entries[i].lpRemoteName && strstr(entries[i].lpRemoteName, piece);
    return found;
}

static void known_servers(const char *provider, const char *remote, const char *host,
                          const struct identity *as) {
    char server[256] = "";

    tap_group("%s", provider);
    tap_code(list(RESOURCE_GLOBALNET, NULL, NULL), NO_ERROR, "the top is listed");
    tap_ok(named(provider) == 1, "the provider is there once");
    tap_code(list(RESOURCE_GLOBALNET, provider, NULL), NO_ERROR, "its servers are listed");
    tap_ok(count == 0, "and are none");
    tap_code(call_add(NULL, remote, as, CONNECT_UPDATE_RECENT), NO_ERROR, "connect %s", remote);
    tap_code(list(RESOURCE_GLOBALNET, provider, NULL), NO_ERROR, "its servers are listed");
    tap_ok(count == 1 && named(host) == 1, "the server of the connection is there");
    if (count)
        snprintf(server, sizeof server, "%s", entries[0].lpRemoteName);
    tap_ok(count && entries[0].dwDisplayType == RESOURCEDISPLAYTYPE_SERVER
               && (entries[0].dwUsage & RESOURCEUSAGE_CONTAINER) != 0,
           "as a server: %s", server);
    tap_code(list(RESOURCE_GLOBALNET, provider, server), NO_ERROR, "what it offers is listed");
    tap_ok(count > 1, "%u resources", count);
    tap_code(list(RESOURCE_GLOBALNET, NULL, server), NO_ERROR, "so it is without a provider");
    tap_code(WNetCancelConnection2A(remote, 0, FALSE), NO_ERROR, "cancel");
    tap_code(list(RESOURCE_GLOBALNET, provider, NULL), NO_ERROR, "its servers are listed");
    tap_ok(count == 1 && named(host) == 1, "the server was there lately");
    tap_code(list(RESOURCE_CONTEXT, provider, NULL), NO_ERROR, "what is near");
    tap_ok(count == 2 && named(host) == 1, "is the whole network, and the server");
}

/* The type of the resource that a name begins with; what is not told is no type. */
static DWORD type_of(const char *remote) {
    NETRESOURCEA asked = {.lpRemoteName = (char *)(uintptr_t)remote};
    union {
        NETRESOURCEA entry;
        char bytes[4096];
    } buffer;
    DWORD size = sizeof buffer;
    LPSTR rest;

    if (WNetGetResourceInformationA(&asked, &buffer, &size, &rest) != NO_ERROR)
        return RESOURCETYPE_UNKNOWN;
    return buffer.entry.dwType;
}

/* A server that tells nobody what it has tells who is connected. */
static void as_who_is_connected(const char *remote) {
    tap_group("a server that tells not everybody");
    stage_ctl("smb", "restart", "restrict anonymous = 2");
    tap_code(list(RESOURCE_GLOBALNET, SMB, "\\\\smbhost"), ERROR_ACCESS_DENIED, "as nobody");
    tap_code(call_add(NULL, remote, &anna, 0), NO_ERROR, "connect as anna");
    tap_code(list(RESOURCE_GLOBALNET, SMB, "\\\\smbhost"), NO_ERROR, "as anna");
    tap_ok(named("pub") == 1, "she sees the share");
    tap_ok(type_of("\\\\smbhost\\pub\\dir") == RESOURCETYPE_DISK, "and what it is");
    tap_code(WNetCancelConnection2A(remote, 0, FALSE), NO_ERROR, "cancel");
    tap_code(list(RESOURCE_GLOBALNET, SMB, "\\\\smbhost"), ERROR_ACCESS_DENIED, "as nobody again");
    tap_ok(type_of("\\\\smbhost\\pub\\dir") == RESOURCETYPE_ANY, "nobody is told what it is");
    stage_ctl("smb", "restart", NULL);
}

/* One whose server does not answer delays whoever looks into it, and nobody else. */
static void dead_servers(void) {
    char server[256];
    double before;

    tap_group("a server that is silent");
    snprintf(server, sizeof server, "\\\\%s", stage_env("MPR_LAB_SILENT"));
    before = stage_ms();
    tap_code(list(RESOURCE_GLOBALNET, NULL, NULL), NO_ERROR, "the top");
    tap_code(list(RESOURCE_GLOBALNET, SMB, NULL), NO_ERROR, "the servers of SMB");
    tap_ok(stage_ms() - before < 4500, "without waiting");
    before = stage_ms();
    tap_ok(list(RESOURCE_GLOBALNET, NULL, server) != NO_ERROR, "what is below it is not told");
    tap_ok(stage_ms() - before < 30000, "in good time: %.0f ms", stage_ms() - before);
    expect_words(stage_env("MPR_LAB_SILENT"), NULL);
    snprintf(server, sizeof server, "\\\\%s", stage_env("MPR_LAB_NOHOST"));
    tap_code(list(RESOURCE_GLOBALNET, NULL, server), ERROR_BAD_NETPATH, "a server that is none");
    expect_words(stage_env("MPR_LAB_NOHOST"), NULL);
}

struct walk {
    unsigned containers, resources, depth;
};

static void walk_down(NETRESOURCEA *from, struct walk *walk, unsigned depth) {
    DWORD size = sizeof room, wanted = UINT32_MAX;
    char *buffer = malloc(size);
    const NETRESOURCEA *found = (void *)buffer;
    HANDLE handle;

    walk->depth = depth > walk->depth ? depth : walk->depth;
    if (buffer && depth < 8
        && tap_code(WNetOpenEnumA(RESOURCE_GLOBALNET, RESOURCETYPE_ANY, 0, from, &handle), NO_ERROR,
                    "below %s", from ? from->lpRemoteName : "the root")) {
        if (WNetEnumResourceA(handle, &wanted, buffer, &size) != NO_ERROR)
            wanted = 0;
        for (DWORD i = 0; i < wanted; i++) {
            NETRESOURCEA entry = found[i];

            walk->containers += (entry.dwUsage & RESOURCEUSAGE_CONTAINER) != 0;
            walk->resources += (entry.dwUsage & RESOURCEUSAGE_CONNECTABLE) != 0;
            if (entry.dwUsage & RESOURCEUSAGE_CONTAINER)
                walk_down(&entry, walk, depth + 1);
        }
        WNetCloseEnum(handle);
    }
    free(buffer);
}

static void walk_to_the_end(void) {
    struct walk walk = {0};

    tap_group("a walk from the root");
    walk_down(NULL, &walk, 0);
    tap_ok(walk.containers >= 5, "%u containers", walk.containers);
    tap_ok(walk.resources > 3, "%u resources", walk.resources);
    tap_ok(walk.depth == 2, "depth %u", walk.depth);
}

int main(void) {
    char smb[256], nfs[256];

    snprintf(smb, sizeof smb, "%s/pub", stage_env("MPR_LAB_SMB"));
    snprintf(nfs, sizeof nfs, "%s/rw", stage_env("MPR_LAB_NFS"));
    stage_set(NULL, NULL, NULL);
    known_servers(SMB, smb, "smbhost", &anna);
    known_servers(NFS, nfs, "nfshost", NULL);
    walk_to_the_end();
    as_who_is_connected(smb);
    dead_servers();
    stage_strike();
    return tap_done();
}
