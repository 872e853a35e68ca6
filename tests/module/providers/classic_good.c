/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_good.c: a classic provider that does everything, and all of it well.
 *
 * Its server is \\CLASSIC1. Shares: pub, docs, laser (a printer); secret wants
 * the password "right"; extended fails with a code and words of its own; files
 * has open files, inuse is in use; informed succeeds with information; gone is
 * not there. Switches, which a test sets from outside, are below.
 */
#include "config.h"

#include <pthread.h>
#include <signal.h>

#include "tests/module/providers/classic_kit.h"

KIT_EXPORT DWORD classic_start = WNNC_WAIT_FOR_START;
KIT_EXPORT DWORD classic_flags;    /* that the last add was given */
KIT_EXPORT DWORD classic_type;     /* likewise */
KIT_EXPORT int classic_options;    /* bytes that the last add was given, -1: another function */
KIT_EXPORT int classic_signals;    /* signals that were open when it was called */
KIT_EXPORT pthread_t classic_self; /* the thread that it was called on */

static const struct {
    const char *name, *comment;
    DWORD type;
} shares[] = {
    {"\\\\CLASSIC1\\pub", "for all", RESOURCETYPE_DISK},
    {"\\\\CLASSIC1\\docs", NULL, RESOURCETYPE_DISK},
    {"\\\\CLASSIC1\\laser", "prints", RESOURCETYPE_PRINT},
    {"\\\\CLASSIC1\\secret", NULL, RESOURCETYPE_DISK},
    {"\\\\CLASSIC1\\extended", NULL, RESOURCETYPE_DISK},
    {"\\\\CLASSIC1\\files", NULL, RESOURCETYPE_DISK},
    {"\\\\CLASSIC1\\inuse", NULL, RESOURCETYPE_DISK},
    {"\\\\CLASSIC1\\informed", NULL, RESOURCETYPE_DISK},
};
#define SHARES (sizeof shares / sizeof *shares)

/* A listing: what it shows, and how far it is. */
struct listing {
    DWORD scope, type;
    size_t at;
    bool top;
};
static struct listing listings[4];

static int share_of(LPCWSTR remote) {
    for (size_t i = 0; i < SHARES; i++)
        if (kit_is(remote, shares[i].name))
            return (int)i;
    return -1;
}

static bool is_mine(LPCWSTR remote) {
    return remote && (kit_is(remote, "\\\\CLASSIC1") || kit_begins(remote, "\\\\CLASSIC1\\"));
}

DWORD NPGetCaps(DWORD nIndex) {
    switch (nIndex) {
    case WNNC_USER:
        return WNNC_USR_GETUSER;
    case WNNC_DIALOG:
        return WNNC_DLG_FORMATNETWORKNAME | WNNC_DLG_GETRESOURCEPARENT
               | WNNC_DLG_GETRESOURCEINFORMATION;
    case WNNC_ENUMERATION:
        return WNNC_ENUM_GLOBAL | WNNC_ENUM_LOCAL | WNNC_ENUM_CONTEXT;
    case WNNC_START:
        return classic_start;
    case WNNC_CONNECTION_FLAGS:
        return WNNC_CF_DEFAULT | CONNECT_CMD_SAVECRED | CONNECT_DEFERRED;
    default:
        return kit_caps(nIndex, WNNC_CON_ADDCONNECTION | WNNC_CON_ADDCONNECTION3
                                    | WNNC_CON_ADDCONNECTION4 | WNNC_CON_CANCELCONNECTION
                                    | WNNC_CON_GETCONNECTIONS | WNNC_CON_GETPERFORMANCE);
    }
}

static void look_at_thread(void) {
    sigset_t blocked;

    classic_self = pthread_self();
    classic_signals = 0;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    for (int i = 1; i < 32; i++)
        classic_signals += !sigismember(&blocked, i) && i != SIGKILL && i != SIGSTOP;
}

static DWORD check(const NETRESOURCEW *resource, LPCWSTR password) {
    int share = share_of(resource->lpRemoteName);

    if (!is_mine(resource->lpRemoteName))
        return WN_BAD_NETNAME;
    if (share < 0) {
        WNetSetLastErrorW(0xC00000CC, kit_wide("There is no such share on CLASSIC1."),
                          kit_wide("Good"));
        return ERROR_BAD_NETPATH;
    }
    if (resource->lpLocalName && *resource->lpLocalName && kit_find(resource->lpLocalName))
        return WN_ALREADY_CONNECTED;
    if (kit_is(resource->lpRemoteName, "\\\\CLASSIC1\\secret") && !kit_is(password, "right"))
        return WN_BAD_PASSWORD;
    if (!kit_is(resource->lpRemoteName, "\\\\CLASSIC1\\extended"))
        return WN_SUCCESS;
    WNetSetLastErrorW(0xC0000123, kit_wide("The server of extended is painting."),
                      kit_wide("Good"));
    return WN_EXTENDED_ERROR;
}

DWORD NPAddConnection3(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
                       LPWSTR lpUserName, DWORD dwFlags) {
    DWORD code = check(lpNetResource, lpPassword);

    look_at_thread();
    classic_flags = dwFlags;
    classic_type = lpNetResource->dwType;
    classic_options = -1;
    if (hwndOwner)
        return WN_BAD_POINTER;
    if (code != WN_SUCCESS)
        return code;
    kit_add(lpNetResource->lpLocalName, lpNetResource->lpRemoteName,
            lpUserName ? lpUserName : kit_wide("somebody"), lpNetResource->dwType);
    return kit_is(lpNetResource->lpRemoteName, "\\\\CLASSIC1\\informed")
               ? WN_CONNECTED_OTHER_PASSWORD
               : WN_SUCCESS;
}

DWORD NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword, LPWSTR lpUserName) {
    return NPAddConnection3(NULL, lpNetResource, lpPassword, lpUserName, 0);
}

DWORD NPAddConnection4(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPVOID lpAuthBuffer,
                       DWORD cbAuthBuffer, DWORD dwFlags, LPBYTE lpUseOptions, DWORD cbUseOptions) {
    const SEC_WINNT_AUTH_IDENTITY_W *identity = lpAuthBuffer;
    DWORD code;

    if (cbAuthBuffer != (identity ? sizeof *identity : 0))
        return WN_BAD_VALUE;
    code = NPAddConnection3(hwndOwner, lpNetResource, identity ? identity->Password : NULL,
                            identity ? identity->User : NULL, dwFlags);
    classic_options = lpUseOptions ? (int)cbUseOptions : 0;
    return code;
}

DWORD NPCancelConnection(LPWSTR lpName, BOOL fForce) {
    struct kit_connection *conn = kit_find(lpName);

    if (!conn)
        return WN_NOT_CONNECTED;
    if (!fForce && kit_is(conn->remote, "\\\\CLASSIC1\\files"))
        return WN_OPEN_FILES;
    if (!fForce && kit_is(conn->remote, "\\\\CLASSIC1\\inuse"))
        return WN_DEVICE_IN_USE;
    conn->used = false;
    return WN_SUCCESS;
}

DWORD NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen) {
    const struct kit_connection *conn = kit_find(lpLocalName);

    return conn && conn->local[0] ? kit_give(conn->remote, lpRemoteName, lpnBufferLen)
                                  : WN_NOT_CONNECTED;
}

DWORD NPGetConnection3(LPCWSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    const struct kit_connection *conn = kit_find(lpLocalName);
    DWORD state;

    if (dwLevel != 1 || *lpBufferSize != sizeof state)
        return WN_BAD_LEVEL;
    if (!conn)
        return WN_NOT_CONNECTED;
    state =
        kit_is(conn->remote, "\\\\CLASSIC1\\asleep") ? WNGETCON_DISCONNECTED : WNGETCON_CONNECTED;
    memcpy(lpBuffer, &state, sizeof state);
    return WN_SUCCESS;
}

DWORD NPGetConnectionPerformance(LPCWSTR lpRemoteName, LPNETCONNECTINFOSTRUCT lpNetConnectInfo) {
    if (!kit_find_any(lpRemoteName))
        return WN_NOT_CONNECTED;
    lpNetConnectInfo->dwFlags = WNCON_NOTROUTED | 0x80000000;
    lpNetConnectInfo->dwSpeed = 10000;
    lpNetConnectInfo->dwDelay = 3;
    lpNetConnectInfo->dwOptDataSize = 65536;
    return WN_SUCCESS;
}

DWORD NPGetUniversalName(LPWSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                         LPDWORD lpBufferSize) {
    WCHAR device[3] = {lpLocalPath[0], ':', 0}, whole[600];
    const struct kit_connection *conn = kit_find(device);
    UNIVERSAL_NAME_INFOW *info = lpBuffer;
    DWORD needed;

    if (kit_is(lpLocalPath, "Z:\\bad"))
        return WN_BAD_LOCALNAME;
    if (dwInfoLevel != UNIVERSAL_NAME_INFO_LEVEL)
        return WN_BAD_LEVEL;
    if (!conn)
        return WN_NOT_CONNECTED;
    kit_copy(whole, 600, conn->remote);
    kit_copy(whole + kit_length(whole), 600 - kit_length(whole), lpLocalPath + 2);
    needed = (DWORD)(sizeof *info + kit_bytes(whole));
    if (*lpBufferSize < needed) {
        *lpBufferSize = needed;
        return WN_MORE_DATA;
    }
    info->lpUniversalName = memcpy((char *)lpBuffer + sizeof *info, whole, kit_bytes(whole));
    return WN_SUCCESS;
}

DWORD NPGetUser(LPWSTR lpName, LPWSTR lpUserName, LPDWORD lpnBufferLen) {
    const struct kit_connection *conn = kit_find_any(lpName);

    return conn ? kit_give(conn->user, lpUserName, lpnBufferLen) : WN_NOT_CONNECTED;
}

DWORD NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage, LPNETRESOURCEW lpNetResource,
                 HANDLE *lphEnum) {
    (void)dwUsage;
    if (lpNetResource && lpNetResource->lpRemoteName
        && !kit_is(lpNetResource->lpRemoteName, "\\\\CLASSIC1"))
        return WN_NOT_CONTAINER;
    for (size_t i = 0; i < 4; i++)
        if (!listings[i].scope) {
            listings[i] = (struct listing){.scope = dwScope, .type = dwType};
            listings[i].top = !lpNetResource || !lpNetResource->lpRemoteName;
            *lphEnum = &listings[i];
            return WN_SUCCESS;
        }
    return WN_OUT_OF_MEMORY;
}

/* The next entry of a listing: 1, 0 at the end, -1 if it does not fit. */
static int next(struct listing *listing, NETRESOURCEW *entry, char **end) {
    size_t at = listing->at;

    if (listing->scope == RESOURCE_CONNECTED) {
        for (; at < KIT_MOST && !kit_table[at].used; at++)
            ;
        if (at == KIT_MOST)
            return 0;
        listing->at = at;
        return kit_entry(entry, end, listing->scope, kit_table[at].type, 0,
                         kit_table[at].local[0] ? kit_table[at].local : NULL, kit_table[at].remote,
                         NULL)
                   ? 1
                   : -1;
    }
    if (listing->top || listing->scope == RESOURCE_CONTEXT)
        return at ? 0
               : kit_entry(entry, end, listing->scope, 0, RESOURCEUSAGE_CONTAINER, NULL,
                           kit_wide("\\\\CLASSIC1"), kit_wide("the classic server"))
                   ? 1
                   : -1;
    if (at == SHARES)
        return 0;
    return kit_entry(entry, end, listing->scope, shares[at].type, RESOURCEUSAGE_CONNECTABLE, NULL,
                     kit_wide(shares[at].name),
                     shares[at].comment ? kit_wide(shares[at].comment) : NULL)
               ? 1
               : -1;
}

DWORD NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    char *end = (char *)lpBuffer + *lpBufferSize;
    NETRESOURCEW *entry = lpBuffer;
    struct listing *listing = hEnum;
    DWORD wanted = *lpcCount, given = 0;
    int more = 1;

    while (given < wanted && given < 3 && (more = next(listing, entry + given, &end)) > 0) {
        listing->at++;
        given++;
    }
    *lpcCount = given;
    if (given)
        return WN_SUCCESS;
    if (more == 0)
        return WN_NO_MORE_ENTRIES;
    *lpBufferSize *= 2;
    return WN_MORE_DATA;
}

DWORD NPCloseEnum(HANDLE hEnum) {
    struct listing *listing = hEnum;

    if (!listing->scope)
        return WN_BAD_HANDLE;
    listing->scope = 0;
    return WN_SUCCESS;
}

KIT_EXPORT int classic_open_listings(void);

int classic_open_listings(void) {
    int count = 0;

    for (size_t i = 0; i < 4; i++)
        count += listings[i].scope != 0;
    return count;
}

/* One entry with texts; WN_MORE_DATA with what is needed. */
static DWORD give_entry(LPVOID buffer, LPDWORD size, DWORD usage, LPCWSTR remote, LPCWSTR rest,
                        LPWSTR *ret_rest) {
    size_t needed = sizeof(NETRESOURCEW) + kit_bytes(remote) + kit_bytes(rest);
    char *end = (char *)buffer + *size;

    if (*size < needed) {
        *size = (DWORD)needed;
        return WN_MORE_DATA;
    }
    kit_entry(buffer, &end, RESOURCE_GLOBALNET, RESOURCETYPE_DISK, usage, NULL, remote, NULL);
    if (ret_rest)
        *ret_rest = kit_put(&end, rest);
    return WN_SUCCESS;
}

DWORD NPGetResourceParent(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    if (!is_mine(lpNetResource->lpRemoteName))
        return WN_BAD_NETNAME;
    return give_entry(lpBuffer, lpBufferSize, RESOURCEUSAGE_CONTAINER,
                      share_of(lpNetResource->lpRemoteName) >= 0 ? kit_wide("\\\\CLASSIC1") : NULL,
                      NULL, NULL);
}

DWORD NPGetResourceInformation(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer, LPDWORD lpBufferSize,
                               LPWSTR *lplpSystem) {
    static const char share[] = "\\\\CLASSIC1\\pub";
    LPCWSTR remote = lpNetResource->lpRemoteName;

    if (!is_mine(remote))
        return WN_BAD_NETNAME;
    if (!kit_begins(remote, share))
        return WN_BAD_VALUE;
    return give_entry(lpBuffer, lpBufferSize, RESOURCEUSAGE_CONNECTABLE, kit_wide(share),
                      remote[sizeof share - 1] ? remote + sizeof share - 1 : NULL, lplpSystem);
}

DWORD NPFormatNetworkName(LPWSTR lpRemoteName, LPWSTR lpFormattedName, LPDWORD lpnLength,
                          DWORD dwFlags, DWORD dwAveCharPerLine) {
    (void)dwAveCharPerLine;
    if (!is_mine(lpRemoteName))
        return WN_BAD_NETNAME;
    return kit_give(dwFlags & WNFMT_ABBREVIATED && kit_length(lpRemoteName) > 11 ? lpRemoteName + 11
                                                                                 : lpRemoteName,
                    lpFormattedName, lpnLength);
}
