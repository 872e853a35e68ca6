/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names: what is asked about names and connections, by the public functions, on
 * real servers: the name of a file for other machines leads to the same file,
 * a name is taken apart and put together again, and its connection is measured.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define TEXT(text) ((LPSTR)(uintptr_t)(text))

/* What is connected, and what it is called. */
static const struct place {
    const char *name, *remote, *universal; /* a share that can be written */
    const char *resource, *parent;
    const char *provider;
    struct identity as;
    BOOL measured; /* the server is across a wire, and answers in some time */
} places[] = {
    {"memory",
     "//memory/demo",
     "\\\\memory\\demo",
     "//memory/demo",
     "\\\\memory",
     "Memory Network",
     {NULL, NULL},
     FALSE},
    {"smb",
     "\\\\smbhost\\pub",
     "\\\\smbhost\\pub",
     "\\\\smbhost\\pub",
     "\\\\smbhost",
     "SMB Network",
     {"anna", "secret-words"},
     TRUE},
    {"smb",
     "smb://smbhost/pub",
     "\\\\smbhost\\pub",
     "\\\\smbhost\\pub",
     "\\\\smbhost",
     "SMB Network",
     {"anna", "secret-words"},
     TRUE},
    {"nfs",
     "nfshost:/rw",
     "\\\\nfshost\\rw",
     "nfshost:/rw",
     "nfshost:",
     "NFS Network",
     {NULL, NULL},
     TRUE},
};

static char room[2048] __attribute__((aligned(16)));

static void write_file(const char *path) {
    HANDLE file;

    if (tap_file(MprFileOpen(path, O_WRONLY | O_CREAT | O_TRUNC, 0644, &file), 0, "%s is made",
                 path)) {
        tap_file(MprFileWrite(file, "content", 7), 7, "and written");
        tap_file(MprFileClose(file), 0, "and closed");
    }
}

/* The name of a file on the device, which the same program can use as well. */
static void elsewhere(const struct place *place) {
    const REMOTE_NAME_INFOA *info = (const void *)room;
    DWORD size = sizeof room;
    struct mpr_stat facts = {0};
    char wanted[256];

    tap_group("%s: names for other machines", place->remote);
    write_file("Z:/names.txt");
    snprintf(wanted, sizeof wanted, "%s\\names.txt", place->universal);
    if (!tap_code(WNetGetUniversalNameA("Z:\\names.txt", REMOTE_NAME_INFO_LEVEL, room, &size),
                  NO_ERROR, "of a file"))
        return;
    tap_text(info->lpUniversalName, wanted, "the name");
    tap_text(info->lpConnectionName, place->universal, "of the connection");
    tap_text(info->lpRemainingPath, "\\names.txt", "and of the rest");
    tap_file(MprFileStat(info->lpUniversalName, &facts), 0, "leads to a file");
    tap_ok(facts.size == 7, "that is the same (%llu bytes)", (unsigned long long)facts.size);
    tap_file(MprFileUnlink("Z:/names.txt"), 0, "it is removed");
}

static void apart(const struct place *place) {
    const NETRESOURCEA *entry = (const void *)room;
    NETRESOURCEA ask = {.dwType = RESOURCETYPE_DISK};
    DWORD size = sizeof room;
    char name[256];
    LPSTR rest = NULL;

    tap_group("%s: a name taken apart", place->remote);
    snprintf(name, sizeof name, "%s%cdir%cfile", place->resource,
             strchr(place->resource, '\\') ? '\\' : '/',
             strchr(place->resource, '\\') ? '\\' : '/');
    ask.lpRemoteName = name;
    if (tap_code(WNetGetResourceInformationA(&ask, room, &size, &rest), NO_ERROR, "%s", name)) {
        tap_text(entry->lpRemoteName, place->resource, "the resource");
        tap_text(entry->lpProvider, place->provider, "whose it is");
        tap_ok(rest && strlen(rest) == 9 && strstr(rest, "dir"), "and the rest: %s",
               rest ? rest : "none");
        tap_ok(entry->dwType == RESOURCETYPE_DISK
                   && entry->dwDisplayType == RESOURCEDISPLAYTYPE_SHARE
                   && (entry->dwUsage & RESOURCEUSAGE_CONNECTABLE) != 0,
               "which can be connected");
    }
    ask.lpRemoteName = TEXT(place->resource);
    ask.lpProvider = TEXT(place->provider);
    if (tap_code(WNetGetResourceParentA(&ask, room, &size), NO_ERROR, "its container"))
        tap_text(entry->lpRemoteName, place->parent, "is the server");
    ask.lpRemoteName = TEXT(place->provider);
    if (tap_code(WNetGetResourceParentA(&ask, room, &size), NO_ERROR, "that of its network"))
        tap_text(entry->lpRemoteName, NULL, "is nowhere");
}

static void how_fast(const struct place *place) {
    NETCONNECTINFOSTRUCT info = {.cbStructure = sizeof info};
    NETRESOURCEA ask = {.lpLocalName = TEXT("Z:")};
    double began = stage_ms();

    tap_group("%s: how fast", place->remote);
    tap_code(MultinetGetConnectionPerformanceA(&ask, &info), NO_ERROR, "is measured");
    tap_ok(stage_ms() - began < 10000, "at once");
    tap_ok(info.dwOptDataSize > 0, "best moved at a time: %u bytes", info.dwOptDataSize);
    if (place->measured)
        tap_ok(info.dwDelay > 0 && info.dwDelay < 10000, "there and back: %u ms", info.dwDelay);
    ask.lpLocalName = NULL;
    ask.lpRemoteName = TEXT(place->universal);
    tap_code(MultinetGetConnectionPerformanceA(&ask, &info), NO_ERROR, "by another name, too");
}

static void whose(const struct place *place) {
    NETINFOSTRUCT info = {.cbStructure = sizeof info};
    char name[128] = "";
    DWORD size = sizeof name, type = 0;

    tap_group("%s", place->provider);
    tap_code(WNetGetProviderTypeA(place->name, &type), NO_ERROR, "has a type: 0x%08x", type);
    tap_code(WNetGetProviderNameA(type, name, &size), NO_ERROR, "of which it is the first");
    tap_text(name, place->provider, "by its name");
    tap_code(WNetGetNetworkInformationA(name, &info), NO_ERROR, "tells about itself");
    tap_ok(info.dwStatus == NO_ERROR && info.dwDrives == 0x3FFFFFF, "takes drives");
    tap_ok(WNetSupportGlobalEnum(name) == TRUE, "lists its network");
}

/* A server that does not exist is nobody's resource; its name can be taken apart all the same. */
static void nobody(const struct place *place) {
    NETRESOURCEA ask = {.lpRemoteName = TEXT("\\\\nosuchhost\\share"),
                        .lpProvider = TEXT(place->provider)};
    DWORD size = sizeof room, code;
    LPSTR rest;

    tap_group("%s: a host that does not exist", place->provider);
    code = WNetGetResourceInformationA(&ask, room, &size, &rest);
    tap_ok(code == ERROR_BAD_NETPATH || code == ERROR_BAD_NET_NAME, "is none: %s",
           stage_code(code));
    tap_code(WNetGetResourceParentA(&ask, room, &size), NO_ERROR, "its share has a container");
}

int main(void) {
    stage_set("\"shares\": \"demo\"", NULL, NULL);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const struct place *place = &places[i];

        if (!stage_has(place->name))
            continue;
        tap_group("%s", place->remote);
        tap_code(call_add("Z:", place->remote, &place->as, 0), NO_ERROR, "connect");
        elsewhere(place);
        apart(place);
        how_fast(place);
        whose(place);
        if (place->measured)
            nobody(place);
        tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
    }
    stage_strike();
    return tap_done();
}
