/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_stuck.c: a classic provider that does not come back, or calls back.
 *
 * \\STUCK\late    connects, when classic_released is set
 * \\STUCK\back    calls WNet functions from inside, and answers their code
 * \\STUCK\end     calls MprShutdown from inside
 * \\STUCK\more    connects at once; so does all else of \\STUCK
 * A cancel hangs while classic_cancel_hangs is set, until classic_released is.
 * With MPR_TEST_STUCK in the environment NPGetCaps never returns.
 */
#include "config.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <mpr/mpr.h>

#include "tests/module/providers/classic_kit.h"

KIT_EXPORT atomic_int classic_released;
KIT_EXPORT atomic_int classic_inside; /* calls that are in here now */
KIT_EXPORT atomic_int classic_most;   /* and how many at a time there ever were */
KIT_EXPORT atomic_int classic_cancel_hangs;
KIT_EXPORT atomic_int classic_cancels;

static void enter(void) {
    int inside = atomic_fetch_add(&classic_inside, 1) + 1;

    if (inside > atomic_load(&classic_most))
        atomic_store(&classic_most, inside);
}

static DWORD leave(DWORD code) {
    atomic_fetch_sub(&classic_inside, 1);
    return code;
}

static void wait_for_release(void) {
    while (!atomic_load(&classic_released))
        poll(NULL, 0, 5);
}

DWORD NPGetCaps(DWORD nIndex) {
    if (secure_getenv("MPR_TEST_STUCK"))
        wait_for_release();
    return kit_caps(nIndex,
                    WNNC_CON_ADDCONNECTION | WNNC_CON_CANCELCONNECTION | WNNC_CON_GETCONNECTIONS);
}

static DWORD call_back(void) {
    WCHAR name[100];
    DWORD size = 100;

    return WNetGetConnectionW(kit_wide("Q:"), name, &size);
}

DWORD NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword, LPWSTR lpUserName) {
    LPCWSTR remote = lpNetResource->lpRemoteName;

    (void)lpPassword;
    enter();
    if (!kit_begins(remote, "\\\\STUCK\\"))
        return leave(WN_BAD_NETNAME);
    if (kit_is(remote, "\\\\STUCK\\late"))
        wait_for_release();
    if (kit_is(remote, "\\\\STUCK\\back"))
        return leave(call_back());
    if (kit_is(remote, "\\\\STUCK\\end"))
        return leave(MprShutdown());
    kit_add(lpNetResource->lpLocalName, remote, lpUserName, 0);
    return leave(WN_SUCCESS);
}

DWORD NPCancelConnection(LPWSTR lpName, BOOL fForce) {
    struct kit_connection *conn;

    (void)fForce;
    enter();
    if (atomic_load(&classic_cancel_hangs))
        wait_for_release();
    conn = kit_find(lpName);
    if (conn)
        conn->used = false;
    atomic_fetch_add(&classic_cancels, 1);
    return leave(conn ? WN_SUCCESS : WN_NOT_CONNECTED);
}

DWORD NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen) {
    const struct kit_connection *conn;

    enter();
    conn = kit_find(lpLocalName);
    return leave(conn ? kit_give(conn->remote, lpRemoteName, lpnBufferLen) : WN_NOT_CONNECTED);
}
