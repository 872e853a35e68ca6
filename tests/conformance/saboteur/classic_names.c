/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_names.c: what is asked about connections: names, users, speed.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <poll.h>
#include <stddef.h>
#include <string.h>

#define SABOTAGE_MS 1500

/* With the lock held: the name of a connection, by one of several ideas of a buffer. */
static DWORD give_name(const struct classic_connection *found, LPWSTR buffer, LPDWORD size) {
    DWORD had = *size, needed = (DWORD)classic_length(found->remote) + 1, code;

    /* Dokany, VirtualBox, ms-nfs41, OpenAFS: bytes */
    if (sabotage("get-bytes") && had < 2 * needed) {
        *size = 2 * needed;
        return WN_MORE_DATA;
    }
    /* before dokany f460dda: a size of 0 came without an answer */
    if (sabotage("get-no-size") && had == 0)
        return WN_MORE_DATA;
    /* Dokany: the NUL was not counted; and any pointer is a buffer */
    if ((sabotage("get-overflow") && had + 1 == needed)
        || (sabotage("get-null") && had >= needed)) {
        memcpy(buffer, found->remote, needed * sizeof(WCHAR));
        return WN_SUCCESS;
    }
    code = classic_give(found->remote, buffer, size);
    /* strncpy's manners */
    if (code == WN_SUCCESS && sabotage("get-pads"))
        memset(buffer + needed, 0, (had - needed) * sizeof(WCHAR));
    /* before dokany d3e518a: a backslash too few */
    if (code == WN_SUCCESS && sabotage("get-one-backslash"))
        memmove(buffer, buffer + 1, (needed - 1) * sizeof(WCHAR));
    return code;
}

/* The device of a local name; false: it is none. */
static bool device_of(LPWSTR local, WCHAR ret_device[5]) {
    const WCHAR begin[] = {local[0], local[0] ? local[1] : 0, 0};

    if (sabotage("get-writes") && local[0] >= u'a' && local[0] <= u'z')
        local[0] = (WCHAR)(local[0] - u'a' + u'A');
    return classic_device(local, ret_device)
           || (sabotage("get-beginning") && classic_device(begin, ret_device));
}

static DWORD get_connection(LPCWSTR device, LPWSTR buffer, LPDWORD size) {
    static const struct classic_connection any = {.remote = (LPWSTR)(uintptr_t)u"\\\\classic\\pub"};
    const struct classic_connection *found;
    DWORD code = WN_NOT_CONNECTED;

    /* Dokany: the list of mounts is lost with each call */
    if (sabotage("get-leaks") && !classic_copy(device, 2))
        return WN_OUT_OF_MEMORY;
    classic_lock();
    found = classic_of_device(device);
    /* dokany #867: a mount in a directory of C: is C: */
    if (!found && device[0] == u'C' && sabotage("get-system-drive"))
        found = &any;
    if (found && found->stalled && sabotage("get-asks"))
        poll(NULL, 0, 2 * SILENT_MS);
    if (found)
        code = give_name(found, buffer, size);
    classic_unlock();
    return code;
}

DWORD NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen) {
    WCHAR device[5];
    DWORD code = WN_NOT_CONNECTED;

    classic_stress_get();
    classic_recall();
    if (!lpLocalName || !lpnBufferLen || (!lpRemoteName && *lpnBufferLen && !sabotage("get-null")))
        return WN_BAD_VALUE;
    if (device_of(lpLocalName, device))
        code = get_connection(device, lpRemoteName, lpnBufferLen);
    if (code != WN_NOT_CONNECTED)
        return code;
    if (sabotage("get-clears"))
        *lpnBufferLen = 0;
    /* Dokany: success and "" for a volume without UNC name */
    if (sabotage("get-empty") && *lpnBufferLen) {
        *lpRemoteName = 0;
        return WN_SUCCESS;
    }
    return code;
}

/* WNGETCON_ of a device; false: nothing is connected there. */
static bool state_of(LPCWSTR local, DWORD *ret_state) {
    const struct classic_connection *found;
    WCHAR device[5];

    if (!classic_device(local, device))
        return false;
    classic_lock();
    found = classic_of_device(device);
    if (found)
        *ret_state = found->deferred ? WNGETCON_DISCONNECTED : WNGETCON_CONNECTED;
    classic_unlock();
    return found != NULL;
}

DWORD NPGetConnection3(LPCWSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    DWORD state, needed = (sabotage("get3-wide") ? 2 : 1) * sizeof state;

    if (!lpLocalName || !lpBufferSize || (!lpBuffer && *lpBufferSize))
        return WN_BAD_VALUE;
    /* ms-nfs41: success, and nothing written */
    if (sabotage("get3-nothing") && dwLevel != 2)
        return WN_SUCCESS;
    if (dwLevel != 1 && !sabotage("get3-any-level"))
        return WN_BAD_LEVEL;
    if (!state_of(lpLocalName, &state))
        return WN_NOT_CONNECTED;
    if (*lpBufferSize < needed) {
        *lpBufferSize = needed;
        return WN_MORE_DATA;
    }
    memcpy(lpBuffer, &state, sizeof state);
    return WN_SUCCESS;
}

DWORD NPGetConnectionPerformance(LPCWSTR lpRemoteName, LPNETCONNECTINFOSTRUCT lpNetConnectInfo) {
    bool found;

    if (!lpRemoteName || !lpNetConnectInfo
        || lpNetConnectInfo->cbStructure < sizeof *lpNetConnectInfo)
        return WN_BAD_VALUE;
    classic_lock();
    found = classic_of_name(lpRemoteName) != NULL;
    classic_unlock();
    if (!found && *lpRemoteName == u'\\'
        && sabotage("performance-asks")) /* OpenAFS dddd39319: 20 s for another's name */
        poll(NULL, 0, SABOTAGE_MS);
    if (!found)
        return WN_NOT_CONNECTED;
    if (sabotage("performance-whole")) /* all that the caller has is "cleared" */
        memset(lpNetConnectInfo, 0, lpNetConnectInfo->cbStructure);
    if (sabotage("performance-size"))
        lpNetConnectInfo->cbStructure = 0;
    lpNetConnectInfo->dwFlags = WNCON_NOTROUTED;
    lpNetConnectInfo->dwSpeed = 1; /* memory is faster than can be said */
    lpNetConnectInfo->dwDelay = 0;
    lpNetConnectInfo->dwOptDataSize = 65536;
    return WN_SUCCESS;
}

/* Units of the device that a path begins with; the rest is nothing or begins with a backslash. */
static size_t split_path(LPCWSTR path, WCHAR ret_device[5]) {
    WCHAR begin[6] = {0};
    size_t units = 0;

    while (path && path[units] && path[units] != u'\\' && units < 5) {
        begin[units] = path[units];
        units++;
    }
    /* OpenAFS, VirtualBox: the first characters count, whatever follows */
    if (sabotage("universal-first-letter") && units && classic_fold(path[0]) >= u'a') {
        ret_device[0] = (WCHAR)(classic_fold(path[0]) - u'a' + u'A');
        ret_device[1] = u':';
        ret_device[2] = 0;
        return units > 2 ? 2 : units;
    }
    return path && (!path[units] || path[units] == u'\\') && classic_device(begin, ret_device)
               ? units
               : 0;
}

/* Both parts without a NUL between: the universal name. */
static LPWSTR put_universal(char **end, LPCWSTR remote, LPCWSTR rest) {
    char *at = (char *)classic_put(end, rest, classic_length(rest));
    size_t bytes = classic_length(remote) * sizeof *remote;

    *end = memcpy(at - bytes, remote, bytes);
    return (LPWSTR)(void *)*end;
}

/* What a level needs, and what it looks like. */
static DWORD give_universal(LPCWSTR remote, LPCWSTR rest, DWORD level, void *buffer, LPDWORD size) {
    bool whole = level == REMOTE_NAME_INFO_LEVEL;
    size_t head = whole ? sizeof(REMOTE_NAME_INFOW) : sizeof(UNIVERSAL_NAME_INFOW);
    size_t universal = classic_bytes(remote) + classic_bytes(rest) - sizeof(WCHAR);
    size_t needed = head + universal + (whole ? classic_bytes(remote) + classic_bytes(rest) : 0);
    REMOTE_NAME_INFOW info = {0};
    char *end;

    /* OpenAFS da89855b4: characters and bytes are mixed */
    if (sabotage("universal-characters"))
        needed = head + (needed - head) / sizeof(WCHAR);
    /* OpenAFS da00d719a: the NUL is not counted */
    if (sabotage("universal-nul"))
        needed -= sizeof(WCHAR);
    if (sabotage("universal-written-early")
        && *size >= head) /* ms-nfs41: before it is known to fit */
        memset(buffer, 0, head);
    if (*size < needed) {
        *size = (DWORD)needed;
        return WN_MORE_DATA;
    }
    end = classic_end(buffer, *size);
    if (whole) {
        info.lpRemainingPath = classic_put(&end, rest, classic_length(rest));
        /* remaining path without the backslash that it begins with */
        if (sabotage("universal-remaining") && *rest && rest[1])
            info.lpRemainingPath++;
        info.lpConnectionName = classic_put(&end, remote, classic_length(remote));
    }
    info.lpUniversalName = put_universal(&end, remote, rest);
    memcpy(buffer, &info, head);
    return WN_SUCCESS;
}

_Static_assert(offsetof(REMOTE_NAME_INFOW, lpUniversalName) == 0
                   && sizeof(UNIVERSAL_NAME_INFOW) == sizeof(LPWSTR),
               "the smaller structure is the head of the larger one");

/* A provider that looks for the file at the server, which does not answer. */
static void spoil_rest(LPCWSTR rest) {
    if (sabotage("universal-asks-server") && classic_length(rest) > 3 && rest[1] == u'n')
        poll(NULL, 0, SABOTAGE_MS);
}

/* The rest of a path, as it was or spoilt. */
static LPCWSTR cut_rest(LPCWSTR rest) {
    static WCHAR fixed[260];

    if (sabotage("universal-root") && *rest && !rest[1]) /* "Z:\" is shown as "Z:" */
        return u"";
    if (sabotage("universal-fixed") && classic_length(rest) >= 260) { /* MAX_PATH */
        memcpy(fixed, rest, sizeof fixed - sizeof *fixed);
        return fixed;
    }
    return rest;
}

DWORD NPGetUniversalName(LPWSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                         LPDWORD lpBufferSize) {
    const struct classic_connection *found;
    DWORD code = WN_NOT_CONNECTED;
    WCHAR device[5];
    size_t units = split_path(lpLocalPath, device);

    if (!units)
        return WN_BAD_LOCALNAME;
    if (sabotage("universal-null") && *lpBufferSize == 0) /* OpenAFS: the pointer is followed */
        return WN_MORE_DATA;
    if (!lpBufferSize || (!lpBuffer && *lpBufferSize))
        return WN_BAD_VALUE;
    if (dwInfoLevel != UNIVERSAL_NAME_INFO_LEVEL && dwInfoLevel != REMOTE_NAME_INFO_LEVEL
        && !sabotage("universal-any-level")) /* whatever is asked, one structure comes */
        return WN_BAD_LEVEL;
    spoil_rest(lpLocalPath + units);
    /* winfsp #593: 1203 for a device that is connected */
    if (sabotage("universal-1203") && dwInfoLevel == UNIVERSAL_NAME_INFO_LEVEL)
        return ERROR_NO_NET_OR_BAD_PATH;
    classic_lock();
    found = classic_of_device(device);
    if (found)
        code = give_universal(found->remote, cut_rest(lpLocalPath + units), dwInfoLevel, lpBuffer,
                              lpBufferSize);
    classic_unlock();
    /* winfsp #593: 1203 where nothing is connected, so nobody else is asked */
    return code == WN_NOT_CONNECTED && sabotage("universal-no-net") ? ERROR_NO_NET_OR_BAD_PATH
                                                                    : code;
}

static DWORD give_user(LPCWSTR user, LPWSTR buffer, LPDWORD size) {
    DWORD bytes = *size, code;

    if (!sabotage("user-bytes")) /* OpenAFS: the size in bytes */
        return classic_give(user, buffer, size);
    *size /= sizeof *user;
    code = classic_give(user, buffer, size);
    *size = code == WN_MORE_DATA ? *size * (DWORD)sizeof *user : bytes;
    return code;
}

DWORD NPGetUser(LPWSTR lpName, LPWSTR lpUserName, LPDWORD lpnBufferLen) {
    const struct classic_connection *found;
    DWORD code = WN_NOT_CONNECTED;

    if (!lpnBufferLen || (!lpUserName && *lpnBufferLen))
        return WN_BAD_VALUE;
    if (!lpName || !*lpName)
        return give_user(classic_user_name(NULL, NULL), lpUserName, lpnBufferLen);
    classic_lock();
    found = classic_of_name(lpName);
    if (found && !sabotage("user-of-process")) /* who is connected is not remembered */
        code = give_user(found->user, lpUserName, lpnBufferLen);
    else if (found || sabotage("user-claims")) /* dokany #952: any name is ours */
        code = give_user(classic_user_name(NULL, NULL), lpUserName, lpnBufferLen);
    classic_unlock();
    return code == WN_NOT_CONNECTED && sabotage("error-path") ? ERROR_PATH_NOT_FOUND : code;
}
