/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_partial.c: a classic provider whose announcements are not true: it
 * announces what it does not have, has what it does not announce, and has two
 * of the three functions of an enumeration. What it has works: \\PARTIAL\.
 */
#include "config.h"

#include "tests/module/providers/classic_kit.h"

KIT_EXPORT int classic_wrong; /* functions that must not be called were */

DWORD NPGetCaps(DWORD nIndex) {
    switch (nIndex) {
    case WNNC_USER:
        return WNNC_USR_GETUSER;
    case WNNC_DIALOG:
        return WNNC_DLG_GETRESOURCEINFORMATION | WNNC_DLG_PROPERTYDIALOG;
    case WNNC_ENUMERATION:
        return WNNC_ENUM_GLOBAL | WNNC_ENUM_LOCAL | WNNC_ENUM_CONTEXT;
    default:
        return kit_caps(nIndex, WNNC_CON_ADDCONNECTION | WNNC_CON_ADDCONNECTION4
                                    | WNNC_CON_CANCELCONNECTION | WNNC_CON_GETPERFORMANCE);
    }
}

DWORD NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword, LPWSTR lpUserName) {
    (void)lpPassword;
    if (!kit_begins(lpNetResource->lpRemoteName, "\\\\PARTIAL\\"))
        return WN_BAD_NETNAME;
    kit_add(lpNetResource->lpLocalName, lpNetResource->lpRemoteName, lpUserName, 0);
    return WN_SUCCESS;
}

DWORD NPAddConnection3(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
                       LPWSTR lpUserName, DWORD dwFlags) {
    (void)hwndOwner;
    (void)dwFlags;
    classic_wrong++;
    return NPAddConnection(lpNetResource, lpPassword, lpUserName);
}

DWORD NPCancelConnection(LPWSTR lpName, BOOL fForce) {
    struct kit_connection *conn = kit_find(lpName);

    (void)fForce;
    if (!conn)
        return WN_NOT_CONNECTED;
    conn->used = false;
    return WN_SUCCESS;
}

DWORD NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen) {
    (void)lpLocalName;
    (void)lpRemoteName;
    (void)lpnBufferLen;
    classic_wrong++;
    return WN_NOT_CONNECTED;
}

DWORD NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage, LPNETRESOURCEW lpNetResource,
                 HANDLE *lphEnum) {
    (void)dwScope;
    (void)dwType;
    (void)dwUsage;
    (void)lpNetResource;
    classic_wrong++;
    *lphEnum = kit_table;
    return WN_SUCCESS;
}

DWORD NPCloseEnum(HANDLE hEnum) {
    (void)hEnum;
    classic_wrong++;
    return WN_SUCCESS;
}
