/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_hasty.c: a classic provider that looks at the device before it looks
 * whose name it is, and says "no network" for names that it does not know. Its
 * server is \\HASTY.
 */
#include "config.h"

#include "tests/module/providers/classic_kit.h"

DWORD NPGetCaps(DWORD nIndex) {
    return kit_caps(nIndex,
                    WNNC_CON_ADDCONNECTION3 | WNNC_CON_CANCELCONNECTION | WNNC_CON_GETCONNECTIONS);
}

/* It believes that some devices are in use, and that others are none. */
static DWORD check_device(LPCWSTR local) {
    if (!local || !*local)
        return WN_SUCCESS;
    if (kit_is(local, "U:") || kit_find(local))
        return WN_ALREADY_CONNECTED;
    return kit_is(local, "V:") ? WN_BAD_LOCALNAME : WN_SUCCESS;
}

DWORD NPAddConnection3(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
                       LPWSTR lpUserName, DWORD dwFlags) {
    DWORD code = check_device(lpNetResource->lpLocalName);

    (void)hwndOwner;
    (void)lpPassword;
    (void)dwFlags;
    if (code != WN_SUCCESS)
        return code;
    if (!kit_begins(lpNetResource->lpRemoteName, "\\\\HASTY\\"))
        return WN_NO_NETWORK;
    kit_add(lpNetResource->lpLocalName, lpNetResource->lpRemoteName, lpUserName, 0);
    return WN_SUCCESS;
}

DWORD NPCancelConnection(LPWSTR lpName, BOOL fForce) {
    struct kit_connection *conn = kit_find(lpName);

    (void)fForce;
    if (!conn)
        return WN_NO_NETWORK;
    conn->used = false;
    return WN_SUCCESS;
}

DWORD NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen) {
    const struct kit_connection *conn = kit_find(lpLocalName);

    return conn ? kit_give(conn->remote, lpRemoteName, lpnBufferLen) : WN_NOT_CONNECTED;
}
