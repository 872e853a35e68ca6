/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_query.c: WNetGetConnection, WNetGetUser.
 */
#include "config.h"

#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_entry.h"
#include "router/mpr_runtime.h"
#include "router/wnet_text.h"

static DWORD get_connection(bool is_wide, const void *local, void *buffer, LPDWORD size) {
    MPR_AUTOFREE char *name = NULL;
    struct mpr_connection_ret got = {0};
    DWORD rc = wnet_text_in(is_wide, local, &name);

    if (rc == NO_ERROR)
        rc = mpr_runtime_connection(&(struct mpr_connection_args){.local = name}, &got);
    if (rc != NO_ERROR)
        return rc;
    rc = wnet_text_out(is_wide, got.remote, buffer, size);
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
    return mpr_leave(get_connection(false, lpLocalName, lpRemoteName, lpnLength));
}

DWORD WNetGetConnectionW(LPCWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnLength) {
    MPR_ENTER("%p", (const void *)lpLocalName);
    MPR_NEED(lpLocalName);
    MPR_NEED(lpnLength);
    return mpr_leave(get_connection(true, lpLocalName, lpRemoteName, lpnLength));
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
DWORD WNetGetUser(LPCSTR lpName, LPSTR lpUserName, LPDWORD lpnLength)
    __attribute__((alias("WNetGetUserA")));
