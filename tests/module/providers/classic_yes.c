/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_yes.c: a classic provider that says success to everything: to every
 * cancel, though it broke nothing, and to every name, though it is not its own.
 * It lists and names what it has all the same: \\YES\ and more.
 */
#include "config.h"

#include "tests/module/providers/classic_kit.h"

KIT_EXPORT int classic_keeps;   /* a cancel breaks not even its own */
KIT_EXPORT int classic_cancels; /* how often it was asked to cancel */

static size_t at;

DWORD NPGetCaps(DWORD nIndex) {
    if (nIndex == WNNC_ENUMERATION)
        return WNNC_ENUM_LOCAL;
    return kit_caps(nIndex,
                    WNNC_CON_ADDCONNECTION | WNNC_CON_CANCELCONNECTION | WNNC_CON_GETCONNECTIONS);
}

DWORD NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword, LPWSTR lpUserName) {
    (void)lpPassword;
    if (kit_begins(lpNetResource->lpRemoteName, "\\\\YES\\"))
        kit_add(lpNetResource->lpLocalName, lpNetResource->lpRemoteName, lpUserName, 0);
    return WN_SUCCESS;
}

DWORD NPCancelConnection(LPWSTR lpName, BOOL fForce) {
    struct kit_connection *conn = kit_find(lpName);

    (void)fForce;
    classic_cancels++;
    if (conn && !classic_keeps)
        conn->used = false;
    return WN_SUCCESS;
}

DWORD NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen) {
    const struct kit_connection *conn = kit_find(lpLocalName);

    /* Of one device it says success, and nothing else. */
    if (kit_is(lpLocalName, "E:")) {
        *lpRemoteName = 0;
        return WN_SUCCESS;
    }
    return conn ? kit_give(conn->remote, lpRemoteName, lpnBufferLen) : WN_NOT_CONNECTED;
}

DWORD NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage, LPNETRESOURCEW lpNetResource,
                 HANDLE *lphEnum) {
    (void)dwType;
    (void)dwUsage;
    (void)lpNetResource;
    if (dwScope != RESOURCE_CONNECTED)
        return WN_NOT_SUPPORTED;
    at = 0;
    *lphEnum = kit_table;
    return WN_SUCCESS;
}

DWORD NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    char *end = (char *)lpBuffer + *lpBufferSize;
    struct kit_connection *conn;

    (void)hEnum;
    while (at < KIT_MOST && !kit_table[at].used)
        at++;
    if (at == KIT_MOST)
        return WN_NO_MORE_ENTRIES;
    conn = &kit_table[at++];
    kit_entry(lpBuffer, &end, RESOURCE_CONNECTED, conn->type, 0,
              conn->local[0] ? conn->local : NULL, conn->remote, NULL);
    *lpcCount = 1;
    return WN_SUCCESS;
}

DWORD NPCloseEnum(HANDLE hEnum) {
    (void)hEnum;
    return WN_SUCCESS;
}
