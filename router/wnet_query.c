/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_query.c: WNetGetConnection, 2, 3, WNetGetUser.
 */
#include "config.h"

#include <string.h>

#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_entry.h"
#include "router/mpr_runtime.h"
#include "router/wnet_pack.h"
#include "router/wnet_text.h"

/* The remote name, in a structure with the provider or by itself. */
static DWORD give_connection(bool is_wide, bool with_provider, const struct mpr_connection_ret *got,
                             void *buffer, LPDWORD size) {
    WNET_CONNECTIONINFOW head;
    const struct wnet_pack_text texts[] = {
        {got->remote, &head.lpRemoteName},
        {got->provider, &head.lpProvider},
    };

    return with_provider ? wnet_pack_one(is_wide, &head, sizeof head, texts, 2, buffer, size)
                         : wnet_text_out(is_wide, got->remote, buffer, size);
}

static DWORD get_connection(bool is_wide, bool with_provider, const void *local, void *buffer,
                            LPDWORD size) {
    MPR_AUTOFREE char *name = NULL;
    struct mpr_connection_ret got = {0};
    DWORD rc = wnet_text_in(is_wide, local, &name);

    if (rc == NO_ERROR)
        rc = mpr_runtime_connection(&(struct mpr_connection_args){.local = name}, &got);
    if (rc != NO_ERROR)
        return rc;
    rc = give_connection(is_wide, with_provider, &got, buffer, size);
    if (rc == NO_ERROR && got.remembered)
        rc = mpr_error_say(ERROR_CONNECTION_UNAVAIL, "%s is remembered for %s, but not connected.",
                           name, got.remote);
    mpr_connection_ret_clear(&got);
    return rc;
}

DWORD WNetGetConnectionA(LPCSTR lpLocalName, LPSTR lpRemoteName, LPDWORD lpnLength) {
    MPR_ENTER("%p", (const void *)lpLocalName);
    MPR_NEED(lpLocalName);
    MPR_NEED(lpnLength);
    return mpr_leave(get_connection(false, false, lpLocalName, lpRemoteName, lpnLength));
}

DWORD WNetGetConnectionW(LPCWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnLength) {
    MPR_ENTER("%p", (const void *)lpLocalName);
    MPR_NEED(lpLocalName);
    MPR_NEED(lpnLength);
    return mpr_leave(get_connection(true, false, lpLocalName, lpRemoteName, lpnLength));
}

DWORD WNetGetConnection2A(LPCSTR lpLocalName, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    MPR_ENTER("%p", (const void *)lpLocalName);
    MPR_NEED(lpLocalName);
    MPR_NEED(lpBufferSize);
    return mpr_leave(get_connection(false, true, lpLocalName, lpBuffer, lpBufferSize));
}

DWORD WNetGetConnection2W(LPCWSTR lpLocalName, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    MPR_ENTER("%p", (const void *)lpLocalName);
    MPR_NEED(lpLocalName);
    MPR_NEED(lpBufferSize);
    return mpr_leave(get_connection(true, true, lpLocalName, lpBuffer, lpBufferSize));
}

/* The only level there is. */
static DWORD give_state(DWORD state, void *buffer, LPDWORD size) {
    if (!buffer && *size)
        return wnet_text_say_null(*size);
    if (*size < sizeof state) {
        *size = sizeof state;
        return ERROR_MORE_DATA;
    }
    memcpy(buffer, &state, sizeof state);
    return NO_ERROR;
}

static DWORD get_state(bool is_wide, const void *local, DWORD level, void *buffer, LPDWORD size) {
    MPR_AUTOFREE char *name = NULL;
    struct mpr_connection_ret got = {0};
    DWORD rc;

    if (level != 1)
        return mpr_error_say(ERROR_INVALID_LEVEL, "There is no level %u, only 1.", level);
    rc = wnet_text_in(is_wide, local, &name);
    if (rc == NO_ERROR)
        rc = mpr_runtime_connection(&(struct mpr_connection_args){.local = name}, &got);
    if (rc != NO_ERROR)
        return rc;
    rc = give_state(got.remembered ? WNGETCON_DISCONNECTED : WNGETCON_CONNECTED, buffer, size);
    mpr_connection_ret_clear(&got);
    return rc;
}

DWORD WNetGetConnection3A(LPCSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer,
                          LPDWORD lpBufferSize) {
    MPR_ENTER("%p level=%u", (const void *)lpLocalName, dwLevel);
    MPR_NEED(lpLocalName);
    MPR_NEED(lpBufferSize);
    return mpr_leave(get_state(false, lpLocalName, dwLevel, lpBuffer, lpBufferSize));
}

DWORD WNetGetConnection3W(LPCWSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer,
                          LPDWORD lpBufferSize) {
    MPR_ENTER("%p level=%u", (const void *)lpLocalName, dwLevel);
    MPR_NEED(lpLocalName);
    MPR_NEED(lpBufferSize);
    return mpr_leave(get_state(true, lpLocalName, dwLevel, lpBuffer, lpBufferSize));
}

static DWORD get_user(bool is_wide, const void *lpName, void *buffer, LPDWORD size) {
    MPR_AUTOFREE char *name = NULL;
    struct mpr_user_ret got = {0};
    DWORD rc = wnet_text_in(is_wide, lpName, &name);

    if (rc == NO_ERROR)
        rc = mpr_runtime_user(&(struct mpr_user_args){.name = name}, &got);
    if (rc != NO_ERROR)
        return rc;
    rc = wnet_text_out(is_wide, got.user, buffer, size);
    mpr_user_ret_clear(&got);
    return rc;
}

DWORD WNetGetUserA(LPCSTR lpName, LPSTR lpUserName, LPDWORD lpnLength) {
    MPR_ENTER("%p", (const void *)lpName);
    MPR_NEED(lpnLength);
    return mpr_leave(get_user(false, lpName, lpUserName, lpnLength));
}

DWORD WNetGetUserW(LPCWSTR lpName, LPWSTR lpUserName, LPDWORD lpnLength) {
    MPR_ENTER("%p", (const void *)lpName);
    MPR_NEED(lpnLength);
    return mpr_leave(get_user(true, lpName, lpUserName, lpnLength));
}

DWORD WNetGetConnection(LPCSTR lpLocalName, LPSTR lpRemoteName, LPDWORD lpnLength)
    __attribute__((alias("WNetGetConnectionA")));
DWORD WNetGetConnection2(LPCSTR lpLocalName, LPVOID lpBuffer, LPDWORD lpBufferSize)
    __attribute__((alias("WNetGetConnection2A")));
DWORD WNetGetConnection3(LPCSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer, LPDWORD lpBufferSize)
    __attribute__((alias("WNetGetConnection3A")));
DWORD WNetGetUser(LPCSTR lpName, LPSTR lpUserName, LPDWORD lpnLength)
    __attribute__((alias("WNetGetUserA")));
