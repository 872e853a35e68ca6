/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_names.c: what is asked about connections: names, users, speed.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <stddef.h>
#include <string.h>

DWORD NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen) {
    const struct classic_connection *found;
    WCHAR device[5];
    DWORD code = WN_NOT_CONNECTED;

    if (!lpLocalName || !lpnBufferLen || (!lpRemoteName && *lpnBufferLen))
        return WN_BAD_VALUE;
    if (!classic_device(lpLocalName, device))
        return WN_NOT_CONNECTED;
    classic_lock();
    found = classic_of_device(device);
    if (found)
        code = classic_give(found->remote, lpRemoteName, lpnBufferLen);
    classic_unlock();
    return code;
}

DWORD NPGetConnection3(LPCWSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    const struct classic_connection *found;
    WCHAR device[5];
    DWORD state = WNGETCON_CONNECTED;

    if (!lpLocalName || !lpBufferSize || (!lpBuffer && *lpBufferSize))
        return WN_BAD_VALUE;
    if (dwLevel != 1)
        return WN_BAD_LEVEL;
    if (!classic_device(lpLocalName, device))
        return WN_NOT_CONNECTED;
    classic_lock();
    found = classic_of_device(device);
    if (found && found->deferred)
        state = WNGETCON_DISCONNECTED;
    classic_unlock();
    if (!found)
        return WN_NOT_CONNECTED;
    if (*lpBufferSize < sizeof state) {
        *lpBufferSize = sizeof state;
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
    if (!found)
        return WN_NOT_CONNECTED;
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

    if (*size < needed) {
        *size = (DWORD)needed;
        return WN_MORE_DATA;
    }
    end = classic_end(buffer, *size);
    if (whole) {
        info.lpRemainingPath = classic_put(&end, rest, classic_length(rest));
        info.lpConnectionName = classic_put(&end, remote, classic_length(remote));
    }
    info.lpUniversalName = put_universal(&end, remote, rest);
    memcpy(buffer, &info, head);
    return WN_SUCCESS;
}

_Static_assert(offsetof(REMOTE_NAME_INFOW, lpUniversalName) == 0
                   && sizeof(UNIVERSAL_NAME_INFOW) == sizeof(LPWSTR),
               "the smaller structure is the head of the larger one");

DWORD NPGetUniversalName(LPWSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                         LPDWORD lpBufferSize) {
    const struct classic_connection *found;
    DWORD code = WN_NOT_CONNECTED;
    WCHAR device[5];
    size_t units = split_path(lpLocalPath, device);

    if (!units)
        return WN_BAD_LOCALNAME;
    if (!lpBufferSize || (!lpBuffer && *lpBufferSize))
        return WN_BAD_VALUE;
    if (dwInfoLevel != UNIVERSAL_NAME_INFO_LEVEL && dwInfoLevel != REMOTE_NAME_INFO_LEVEL)
        return WN_BAD_LEVEL;
    classic_lock();
    found = classic_of_device(device);
    if (found)
        code =
            give_universal(found->remote, lpLocalPath + units, dwInfoLevel, lpBuffer, lpBufferSize);
    classic_unlock();
    return code;
}

DWORD NPGetUser(LPWSTR lpName, LPWSTR lpUserName, LPDWORD lpnBufferLen) {
    const struct classic_connection *found;
    DWORD code = WN_NOT_CONNECTED;

    if (!lpnBufferLen || (!lpUserName && *lpnBufferLen))
        return WN_BAD_VALUE;
    if (!lpName || !*lpName)
        return classic_give(classic_user_name(NULL, NULL), lpUserName, lpnBufferLen);
    classic_lock();
    found = classic_of_name(lpName);
    if (found)
        code = classic_give(found->user, lpUserName, lpnBufferLen);
    classic_unlock();
    return code;
}
