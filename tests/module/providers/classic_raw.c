/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_raw.c: a classic provider that passes on whatever its driver said,
 * says success where there is none, and writes on the texts that it is given.
 * Its server is \\RAW; the share says what it does.
 */
#include "config.h"

#include "tests/module/providers/classic_kit.h"

KIT_EXPORT DWORD classic_cancel_code; /* of NPCancelConnection, if not 0 */
KIT_EXPORT int classic_cancels;
KIT_EXPORT int classic_right; /* the texts were what the caller had given */

static const struct {
    const char *remote;
    DWORD code;
} codes[] = {
    {"\\\\RAW\\negative", (DWORD)-5},
    {"\\\\RAW\\nt", 0xC000006D},
    {"\\\\RAW\\hr", 0x80070035},
    {"\\\\RAW\\errno", 13},
    {"\\\\RAW\\1450", 1450},
    {"\\\\RAW\\said", 0xC0000001},
    {"\\\\RAW\\denied", 5},
    {"\\\\RAW\\more", WN_MORE_DATA},
    {"\\\\RAW\\silent", WN_EXTENDED_ERROR},
};

DWORD NPGetCaps(DWORD nIndex) {
    return kit_caps(nIndex,
                    WNNC_CON_ADDCONNECTION | WNNC_CON_CANCELCONNECTION | WNNC_CON_GETCONNECTIONS);
}

/* One separator more than there was, over the NUL, and small letters. */
static void scribble(LPWSTR text) {
    size_t length;

    if (!text)
        return;
    length = kit_length(text);
    for (size_t i = 0; i < length; i++)
        text[i] = '?';
    text[length] = '\\';
    text[length + 1] = 0;
}

DWORD NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword, LPWSTR lpUserName) {
    LPWSTR remote = lpNetResource->lpRemoteName;

    if (!kit_begins(remote, "\\\\RAW\\"))
        return WN_BAD_NETNAME;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (!kit_is(remote, codes[i].remote))
            continue;
        if (kit_is(remote, "\\\\RAW\\said"))
            WNetSetLastErrorW(0xC0000002, kit_wide("The driver has no paper."), kit_wide("Raw"));
        return codes[i].code;
    }
    if (kit_is(remote, "\\\\RAW\\nothing"))
        return WN_SUCCESS;
    kit_add(lpNetResource->lpLocalName, remote, lpUserName, 0);
    if (kit_is(remote, "\\\\RAW\\writes")) {
        classic_right = kit_is(lpPassword, "word") && kit_is(lpUserName, "user")
                        && kit_is(lpNetResource->lpLocalName, "W:");
        scribble(remote);
        scribble(lpNetResource->lpLocalName);
        scribble(lpPassword);
        scribble(lpUserName);
        memset(lpNetResource, 0xA5, sizeof *lpNetResource);
    }
    return WN_SUCCESS;
}

DWORD NPCancelConnection(LPWSTR lpName, BOOL fForce) {
    struct kit_connection *conn = kit_find(lpName);

    (void)fForce;
    classic_cancels++;
    scribble(lpName);
    if (!conn)
        return WN_NOT_CONNECTED;
    if (classic_cancel_code && !fForce)
        return classic_cancel_code;
    conn->used = false;
    return WN_SUCCESS;
}

DWORD NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen) {
    const struct kit_connection *conn = kit_find(lpLocalName);

    scribble(lpLocalName);
    return conn ? kit_give(conn->remote, lpRemoteName, lpnBufferLen) : WN_NOT_CONNECTED;
}
