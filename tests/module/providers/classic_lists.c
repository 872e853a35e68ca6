/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_lists.c: a classic provider whose answers are not what they should be
 * in memory. Its server is \\LISTS; what it lists below \\LISTS\KIND, and what
 * it says of such a name, is wrong in the way that KIND says.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/module/providers/classic_kit.h"

enum kind { MORE, REPEAT, OUTSIDE, UNENDED, ZERO, LAST, COUNT, NEVER, BEHIND, ENDLESS, CODE, HALF };

static const char *const kinds[] = {"more",  "repeat", "outside", "unended", "zero", "last",
                                    "count", "never",  "behind",  "endless", "code", "half"};

static enum kind kind;
static unsigned page;
KIT_EXPORT int classic_closed; /* listings that were closed */

static int kind_of(LPCWSTR remote) {
    if (!remote || !kit_begins(remote, "\\\\LISTS\\"))
        return -1;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kit_is(remote + 8, kinds[i]))
            return (int)i;
    return -1;
}

DWORD NPGetCaps(DWORD nIndex) {
    switch (nIndex) {
    case WNNC_USER:
        return WNNC_USR_GETUSER;
    case WNNC_DIALOG:
        return WNNC_DLG_FORMATNETWORKNAME | WNNC_DLG_GETRESOURCEPARENT
               | WNNC_DLG_GETRESOURCEINFORMATION;
    case WNNC_ENUMERATION:
        return WNNC_ENUM_GLOBAL;
    default:
        return kit_caps(nIndex, WNNC_CON_ADDCONNECTION | WNNC_CON_CANCELCONNECTION
                                    | WNNC_CON_GETCONNECTIONS | WNNC_CON_GETPERFORMANCE);
    }
}

DWORD NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword, LPWSTR lpUserName) {
    (void)lpPassword;
    if (!kit_begins(lpNetResource->lpRemoteName, "\\\\LISTS\\"))
        return WN_BAD_NETNAME;
    kit_add(lpNetResource->lpLocalName, lpNetResource->lpRemoteName, lpUserName, 0);
    return WN_SUCCESS;
}

DWORD NPCancelConnection(LPWSTR lpName, BOOL fForce) {
    struct kit_connection *conn = kit_find(lpName);

    (void)fForce;
    if (!conn)
        return WN_NOT_CONNECTED;
    conn->used = false;
    return WN_SUCCESS;
}

/* Fills all of the buffer, and forgets the NUL; or goes on behind it. */
static DWORD spoil(LPWSTR buffer, LPDWORD size, DWORD more) {
    for (DWORD i = 0; i < *size + more; i++)
        buffer[i] = 'x';
    return WN_SUCCESS;
}

DWORD NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen) {
    const struct kit_connection *conn = kit_find(lpLocalName);

    if (kit_is(lpLocalName, "M:"))
        return spoil(lpRemoteName, lpnBufferLen, 0);
    if (kit_is(lpLocalName, "N:"))
        return spoil(lpRemoteName, lpnBufferLen, 2);
    if (kit_is(lpLocalName, "O:")) {
        lpRemoteName[0] = 0xD800;
        lpRemoteName[1] = 0;
        return WN_SUCCESS;
    }
    return conn ? kit_give(conn->remote, lpRemoteName, lpnBufferLen) : WN_NOT_CONNECTED;
}

DWORD NPGetUser(LPWSTR lpName, LPWSTR lpUserName, LPDWORD lpnBufferLen) {
    return kit_find_any(lpName) ? spoil(lpUserName, lpnBufferLen, 0) : WN_NOT_CONNECTED;
}

/* It thinks that the structure is longer. */
DWORD NPGetConnectionPerformance(LPCWSTR lpRemoteName, LPNETCONNECTINFOSTRUCT lpNetConnectInfo) {
    if (!kit_find_any(lpRemoteName))
        return WN_NOT_CONNECTED;
    memset(lpNetConnectInfo, 1, sizeof *lpNetConnectInfo + 8);
    return WN_SUCCESS;
}

DWORD NPGetUniversalName(LPWSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                         LPDWORD lpBufferSize) {
    static WCHAR elsewhere[] = {'\\', '\\', 'x', 0};
    UNIVERSAL_NAME_INFOW *info = lpBuffer;

    (void)lpLocalPath;
    (void)dwInfoLevel;
    (void)lpBufferSize;
    info->lpUniversalName = elsewhere;
    return WN_SUCCESS;
}

DWORD NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage, LPNETRESOURCEW lpNetResource,
                 HANDLE *lphEnum) {
    int found = lpNetResource ? kind_of(lpNetResource->lpRemoteName) : -1;

    (void)dwType;
    (void)dwUsage;
    if (dwScope != RESOURCE_GLOBALNET || found < 0)
        return WN_NOT_CONTAINER;
    kind = (enum kind)found;
    page = 0;
    *lphEnum = NULL; /* opaque, so that is a handle as good as any */
    return WN_SUCCESS;
}

/* Two good entries, with the page's number in their names. */
static void put_two(char *head, DWORD size, unsigned number) {
    NETRESOURCEW *entries = (NETRESOURCEW *)(void *)head;
    char *end = head + size, name[64];

    for (unsigned i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "\\\\LISTS\\page%u-%u", number, i);
        kit_entry(&entries[i], &end, RESOURCE_GLOBALNET, 0, RESOURCEUSAGE_CONNECTABLE, NULL,
                  kit_wide(name), NULL);
    }
}

/* As many as there is room for. */
static DWORD put_many(char *head, DWORD size) {
    NETRESOURCEW *entries = (NETRESOURCEW *)(void *)head;
    char *end = head + size;
    DWORD count = 0;

    while (kit_entry(&entries[count], &end, RESOURCE_GLOBALNET, 0, 0, NULL, kit_wide("\\\\L\\e"),
                     NULL))
        count++;
    return count;
}

static DWORD bad_page(NETRESOURCEW *entries, LPDWORD count, LPDWORD size) {
    WCHAR *last = (WCHAR *)(void *)((char *)entries + *size) - 4;
    static WCHAR elsewhere[] = {'\\', '\\', 'x', 0};

    put_two((char *)entries, *size - 64, 0);
    *count = 2;
    switch (kind) {
    case OUTSIDE:
        entries[0].lpRemoteName = elsewhere;
        entries[0].lpComment = (LPWSTR)(uintptr_t)8;
        break;
    case UNENDED:
        for (int i = 0; i < 4; i++)
            last[i] = 'x';
        entries[0].lpRemoteName = last;
        break;
    case HALF:
        last[0] = 0xDC00;
        last[1] = 0;
        entries[0].lpRemoteName = last;
        entries[0].lpLocalName = last;
        break;
    case BEHIND:
        ((char *)entries)[*size + 1] = 'x';
        break;
    default:
        break;
    }
    return WN_SUCCESS;
}

DWORD NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    unsigned number = page++;

    (void)hEnum;
    switch (kind) {
    case MORE:
        put_two(lpBuffer, *lpBufferSize, number);
        *lpcCount = number < 2 ? 2 : 0;
        return number < 2 ? WN_MORE_DATA : WN_NO_MORE_ENTRIES;
    case REPEAT:
        put_two(lpBuffer, *lpBufferSize, 0);
        *lpcCount = 2;
        return WN_MORE_DATA;
    case ZERO:
        *lpcCount = 0;
        return WN_SUCCESS;
    case LAST:
        put_two(lpBuffer, *lpBufferSize, number);
        *lpcCount = 2;
        return WN_NO_MORE_ENTRIES;
    case COUNT:
        *lpcCount = 100000;
        return WN_SUCCESS;
    case NEVER:
        return WN_MORE_DATA;
    case ENDLESS:
        *lpcCount = put_many(lpBuffer, *lpBufferSize);
        return WN_SUCCESS;
    case CODE:
        return 1450;
    default:
        return number ? WN_NO_MORE_ENTRIES : bad_page(lpBuffer, lpcCount, lpBufferSize);
    }
}

DWORD NPCloseEnum(HANDLE hEnum) {
    (void)hEnum;
    classic_closed++;
    return WN_SUCCESS;
}

DWORD NPGetResourceParent(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    NETRESOURCEW *entry = lpBuffer;

    (void)lpNetResource;
    (void)lpBufferSize;
    entry->lpRemoteName = (LPWSTR)lpBuffer; /* that is where the structure itself is */
    return WN_SUCCESS;
}

DWORD NPGetResourceInformation(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer, LPDWORD lpBufferSize,
                               LPWSTR *lplpSystem) {
    char *end = (char *)lpBuffer + *lpBufferSize;

    kit_entry(lpBuffer, &end, RESOURCE_GLOBALNET, 0, 0, NULL, kit_wide("\\\\LISTS\\x"), NULL);
    if (kind_of(lpNetResource->lpRemoteName) == OUTSIDE)
        *lplpSystem = kit_wide("\\dir");
    else
        *lplpSystem = kit_put(&end, kit_wide("\\other"));
    return WN_SUCCESS;
}

DWORD NPFormatNetworkName(LPWSTR lpRemoteName, LPWSTR lpFormattedName, LPDWORD lpnLength,
                          DWORD dwFlags, DWORD dwAveCharPerLine) {
    (void)lpRemoteName;
    (void)dwFlags;
    (void)dwAveCharPerLine;
    return spoil(lpFormattedName, lpnLength, 0);
}
