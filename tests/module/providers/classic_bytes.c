/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_bytes.c: a classic provider that counts bytes where characters are
 * meant, as four of five real ones do. Its names are long: \\BYTES\ and more.
 */
#include "config.h"

#include "tests/module/providers/classic_kit.h"

KIT_EXPORT int classic_asked; /* how often NPGetConnection said WN_MORE_DATA */

DWORD NPGetCaps(DWORD nIndex) {
    if (nIndex == WNNC_USER)
        return WNNC_USR_GETUSER;
    return kit_caps(nIndex,
                    WNNC_CON_ADDCONNECTION | WNNC_CON_CANCELCONNECTION | WNNC_CON_GETCONNECTIONS);
}

DWORD NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword, LPWSTR lpUserName) {
    (void)lpPassword;
    if (!kit_begins(lpNetResource->lpRemoteName, "\\\\BYTES\\"))
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

/* Bytes in, bytes out; and it wants four times as many as it has. */
static DWORD give(LPCWSTR text, LPWSTR buffer, LPDWORD size) {
    DWORD needed = (DWORD)kit_bytes(text) * 4;

    if (*size < needed) {
        *size = (DWORD)kit_bytes(text);
        classic_asked++;
        return WN_MORE_DATA;
    }
    memcpy(buffer, text, kit_bytes(text));
    *size = (DWORD)kit_bytes(text);
    return WN_SUCCESS;
}

DWORD NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen) {
    const struct kit_connection *conn = kit_find(lpLocalName);

    return conn ? give(conn->remote, lpRemoteName, lpnBufferLen) : WN_NOT_CONNECTED;
}

/* Of one user it cannot get enough room. */
DWORD NPGetUser(LPWSTR lpName, LPWSTR lpUserName, LPDWORD lpnBufferLen) {
    const struct kit_connection *conn = kit_find_any(lpName);

    if (!conn)
        return WN_NOT_CONNECTED;
    if (kit_is(conn->user, "greedy"))
        return WN_MORE_DATA;
    return give(conn->user, lpUserName, lpnBufferLen);
}
