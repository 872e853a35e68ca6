/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_names.c: WNetGetUniversalName, WNetFormatNetworkName.
 */
#include "config.h"

#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_entry.h"
#include "router/mpr_runtime.h"
#include "router/wnet_pack.h"
#include "router/wnet_text.h"

static DWORD pack_universal(bool is_wide, const struct mpr_universal_ret *got, DWORD level,
                            void *buffer, LPDWORD size) {
    REMOTE_NAME_INFOW head;
    const struct wnet_pack_text texts[] = {
        {got->universal, &head.lpUniversalName},
        {got->connection, &head.lpConnectionName},
        {got->remaining, &head.lpRemainingPath},
    };

    if (!buffer)
        return mpr_error_say(ERROR_INVALID_ADDRESS, "lpBuffer is NULL.");
    /* The smaller structure is the beginning of the larger one. */
    return level == UNIVERSAL_NAME_INFO_LEVEL
               ? wnet_pack_one(is_wide, &head, sizeof(UNIVERSAL_NAME_INFOW), texts, 1, buffer, size)
               : wnet_pack_one(is_wide, &head, sizeof head, texts, 3, buffer, size);
}

static DWORD get_universal(bool is_wide, const void *local, DWORD level, void *buffer,
                           LPDWORD size) {
    MPR_AUTOFREE char *path = NULL;
    struct mpr_universal_ret got = {0};
    DWORD rc = wnet_text_in(is_wide, local, &path);

    if (rc == NO_ERROR)
        rc =
            mpr_runtime_universal(&(struct mpr_universal_args){.path = path, .level = level}, &got);
    if (rc != NO_ERROR)
        return rc;
    rc = pack_universal(is_wide, &got, level, buffer, size);
    mpr_universal_ret_clear(&got);
    return rc;
}

DWORD WNetGetUniversalNameA(LPCSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                            LPDWORD lpBufferSize) {
    MPR_ENTER("%p level=%u", (const void *)lpLocalPath, dwInfoLevel);
    MPR_NEED(lpBufferSize);
    MPR_NEED(lpLocalPath);
    return mpr_leave(get_universal(false, lpLocalPath, dwInfoLevel, lpBuffer, lpBufferSize));
}

DWORD WNetGetUniversalNameW(LPCWSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                            LPDWORD lpBufferSize) {
    MPR_ENTER("%p level=%u", (const void *)lpLocalPath, dwInfoLevel);
    MPR_NEED(lpBufferSize);
    MPR_NEED(lpLocalPath);
    return mpr_leave(get_universal(true, lpLocalPath, dwInfoLevel, lpBuffer, lpBufferSize));
}

/* How a name is to be shown. */
struct style {
    DWORD flags, width;
};

static DWORD format_name(bool is_wide, const void *lpProvider, const void *lpRemoteName,
                         struct style style, void *buffer, LPDWORD size) {
    MPR_AUTOFREE char *provider = NULL;
    MPR_AUTOFREE char *remote = NULL;
    struct mpr_format_ret got = {0};
    DWORD rc = wnet_text_in(is_wide, lpProvider, &provider);

    if (rc == NO_ERROR)
        rc = wnet_text_in(is_wide, lpRemoteName, &remote);
    if (rc == NO_ERROR)
        rc = mpr_runtime_format(
            &(struct mpr_format_args){
                .provider = provider, .remote = remote, .flags = style.flags, .width = style.width},
            &got);
    if (rc != NO_ERROR)
        return rc;
    rc = wnet_text_out(is_wide, got.text, buffer, size);
    mpr_format_ret_clear(&got);
    return rc;
}

DWORD WNetFormatNetworkNameA(LPCSTR lpProvider, LPCSTR lpRemoteName, LPSTR lpFormattedName,
                             LPDWORD lpnLength, DWORD dwFlags, DWORD dwAveCharPerLine) {
    MPR_ENTER("flags=0x%x width=%u", dwFlags, dwAveCharPerLine);
    MPR_NEED(lpRemoteName);
    MPR_NEED(lpnLength);
    return mpr_leave(format_name(false, lpProvider, lpRemoteName,
                                 (struct style){dwFlags, dwAveCharPerLine}, lpFormattedName,
                                 lpnLength));
}

DWORD WNetFormatNetworkNameW(LPCWSTR lpProvider, LPCWSTR lpRemoteName, LPWSTR lpFormattedName,
                             LPDWORD lpnLength, DWORD dwFlags, DWORD dwAveCharPerLine) {
    MPR_ENTER("flags=0x%x width=%u", dwFlags, dwAveCharPerLine);
    MPR_NEED(lpRemoteName);
    MPR_NEED(lpnLength);
    return mpr_leave(format_name(true, lpProvider, lpRemoteName,
                                 (struct style){dwFlags, dwAveCharPerLine}, lpFormattedName,
                                 lpnLength));
}

DWORD WNetGetUniversalName(LPCSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                           LPDWORD lpBufferSize) __attribute__((alias("WNetGetUniversalNameA")));
DWORD WNetFormatNetworkName(LPCSTR lpProvider, LPCSTR lpRemoteName, LPSTR lpFormattedName,
                            LPDWORD lpnLength, DWORD dwFlags, DWORD dwAveCharPerLine)
    __attribute__((alias("WNetFormatNetworkNameA")));
