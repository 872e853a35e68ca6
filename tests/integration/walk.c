/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * walk: from the top of the network down to every share and export of real
 * servers, as a program walks through it; and from each of them up again.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define DEPTH 4

union buffer {
    NETRESOURCEA entries[1];
    char bytes[16384];
};

/* Every resource that was found, each with blanks around it. */
static char seen[16384];
static int containers, resources, strangers;

static bool has_seen(const char *remote) {
    char piece[512];

    snprintf(piece, sizeof piece, " %s ", remote);
    return strstr(seen, piece) != NULL;
}

/* Is a resource the same when it is asked for by its name, and in what it was found in? */
static void look_back(NETRESOURCEA *entry, const NETRESOURCEA *container) {
    union buffer information, parent;
    DWORD size = sizeof information;
    LPSTR rest = NULL;

    if (WNetGetResourceInformationA(entry, &information, &size, &rest) != NO_ERROR
        || strcmp(information.entries->lpRemoteName, entry->lpRemoteName) != 0
        || strcmp(information.entries->lpProvider, entry->lpProvider) != 0
        || information.entries->dwDisplayType != entry->dwDisplayType || rest) {
        strangers++;
        printf("# not known by its name: %s\n", entry->lpRemoteName);
    }
    size = sizeof parent;
    if (WNetGetResourceParentA(entry, &parent, &size) != NO_ERROR || !parent.entries->lpRemoteName
        || strcmp(parent.entries->lpRemoteName, container->lpRemoteName) != 0) {
        strangers++;
        printf("# not in what it was found in: %s\n", entry->lpRemoteName);
    }
}

static void walk(NETRESOURCEA *container, int depth, DWORD type);

static void take(NETRESOURCEA *entry, NETRESOURCEA *container, int depth, DWORD type) {
    size_t used = strlen(seen);

    snprintf(seen + used, sizeof seen - used, " %s ", entry->lpRemoteName);
    if (entry->dwUsage & RESOURCEUSAGE_CONTAINER) {
        containers++;
        if (depth < DEPTH)
            walk(entry, depth + 1, type);
    } else {
        resources++;
        look_back(entry, container);
    }
}

static void walk(NETRESOURCEA *container, int depth, DWORD type) {
    HANDLE handle;
    DWORD code = WNetOpenEnumA(RESOURCE_GLOBALNET, type, 0, container, &handle);

    if (code != NO_ERROR) {
        printf("# %s: %s\n", container ? container->lpRemoteName : "the network", stage_code(code));
        return;
    }
    for (;;) {
        union buffer buffer;
        NETRESOURCEA *entries = (void *)buffer.bytes;
        DWORD count = 0xFFFFFFFF, size = sizeof buffer;

        code = WNetEnumResourceA(handle, &count, &buffer, &size);
        if (code != NO_ERROR)
            break;
        for (DWORD i = 0; i < count; i++)
            take(&entries[i], container, depth, type);
    }
    if (code != ERROR_NO_MORE_ITEMS)
        printf("# enumeration ended with %s\n", stage_code(code));
    WNetCloseEnum(handle);
}

static void walk_all(DWORD type) {
    seen[0] = '\0';
    containers = resources = strangers = 0;
    walk(NULL, 0, type);
}

static void everything(void) {
    tap_group("from the top of the network");
    walk_all(RESOURCETYPE_ANY);
    tap_ok(has_seen("\\\\smbhost\\pub") && has_seen("\\\\smbhost\\queue")
               && has_seen("\\\\smbhost\\IPC$"),
           "the shares and the printer");
    tap_ok(has_seen("nfshost:/rw") && has_seen("nfshost:/ro"), "the exports");
    tap_ok(has_seen("\\\\smbhost") && has_seen("nfshost:"), "the servers");
    tap_ok(resources >= 12 && containers >= 4, "%d resources in %d containers", resources,
           containers);
    tap_ok(strangers == 0, "each is known by its name, and in its place");
    tap_group("printers only");
    walk_all(RESOURCETYPE_PRINT);
    tap_ok(has_seen("\\\\smbhost\\queue") && !has_seen("\\\\smbhost\\pub")
               && !has_seen("nfshost:/rw"),
           "are seen");
}

static DWORD ask(const char *remote, DWORD type, const char **ret_rest) {
    static union buffer buffer;
    char name[256];
    NETRESOURCEA resource = {.dwType = type, .lpRemoteName = name};
    DWORD size = sizeof buffer;
    LPSTR rest = NULL;
    DWORD code;

    snprintf(name, sizeof name, "%s", remote);
    code = WNetGetResourceInformationA(&resource, &buffer, &size, &rest);
    *ret_rest = rest ? rest : "";
    return code;
}

static void names(void) {
    const char *rest;

    tap_group("what a name begins with");
    tap_code(ask("\\\\SMBHOST\\PUB\\dir\\file", 0, &rest), NO_ERROR, "a file on a share");
    tap_text(rest, "\\dir\\file", "and the rest");
    tap_code(ask("\\\\smbhost\\nothing", 0, &rest), ERROR_BAD_NET_NAME, "no such share");
    tap_code(ask("\\\\smbhost\\queue", RESOURCETYPE_DISK, &rest), ERROR_BAD_DEV_TYPE,
             "a printer is no disk");
    tap_code(ask("nfshost:/rw/sub", 0, &rest), NO_ERROR, "a directory of an export");
    tap_text(rest, "/sub", "and the rest");
    tap_code(ask("\\\\nohost.invalid\\pub", 0, &rest), ERROR_BAD_NETPATH, "no such host");
}

static void names_for_others(void) {
    static const struct identity anna = {"anna", "secret-words"};
    union {
        UNIVERSAL_NAME_INFOA info;
        char bytes[1024];
    } buffer;
    DWORD size = sizeof buffer;

    tap_group("names for others");
    tap_code(call_add("Y:", "smb://smbhost/pub", &anna, 0), NO_ERROR, "connect");
    tap_code(call_add("Z:", "nfshost:/rw", NULL, 0), NO_ERROR, "connect");
    tap_code(WNetGetUniversalNameA("Y:\\a b\\f", UNIVERSAL_NAME_INFO_LEVEL, &buffer, &size),
             NO_ERROR, "of a file on a share");
    tap_text(buffer.info.lpUniversalName, "\\\\smbhost\\pub\\a b\\f", "is it");
    size = sizeof buffer;
    tap_code(WNetGetUniversalNameA("Z:\\f", UNIVERSAL_NAME_INFO_LEVEL, &buffer, &size), NO_ERROR,
             "of a file on an export");
    tap_text(buffer.info.lpUniversalName, "\\\\nfshost\\rw\\f", "is it");
    tap_code(WNetCancelConnection2A("Y:", 0, FALSE), NO_ERROR, "cancel");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
}

/* One that is gone takes nothing from the others. */
static void dead_server(void) {
    /* NFS would find exports on the same machine */
    char name[] = "\\\\smbhost", provider[] = "SMB Network";
    NETRESOURCEA server = {.lpRemoteName = name, .lpProvider = provider};
    double begun;
    HANDLE handle;
    DWORD code;

    tap_group("a server that is gone");
    stage_ctl("smb", "kill", NULL);
    begun = stage_ms();
    code = WNetOpenEnumA(RESOURCE_GLOBALNET, 0, 0, &server, &handle);
    tap_ok(code != NO_ERROR, "cannot be listed: %s", stage_code(code));
    expect_words("smbhost", NULL);
    tap_ok(stage_ms() - begun < 4000, "in time (%.0f ms)", stage_ms() - begun);
    walk_all(RESOURCETYPE_ANY);
    tap_ok(has_seen("nfshost:/rw") && has_seen("\\\\smbhost") && !has_seen("\\\\smbhost\\pub"),
           "the rest of the network is as before");
    stage_ctl("smb", "start", NULL);
    walk_all(RESOURCETYPE_ANY);
    tap_ok(has_seen("\\\\smbhost\\pub"), "and it is there again");
}

int main(void) {
    stage_set(NULL, "\"connect_timeout_ms\": 5000, \"servers\": \"smbhost,nfshost\"", NULL);
    everything();
    names();
    names_for_others();
    dead_server();
    stage_strike();
    return tap_done();
}
