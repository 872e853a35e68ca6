/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_cancel.c: WNetCancelConnection, 2.
 */
#include "config.h"

#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_entry.h"
#include "router/wnet_notify.h"
#include "router/wnet_text.h"

static DWORD cancel(bool is_wide, const void *lpName, DWORD flags, BOOL force) {
    MPR_AUTOFREE char *name = NULL;
    DWORD rc = wnet_text_in(is_wide, lpName, &name);

    if (rc != NO_ERROR)
        return rc;
    return wnet_notify_cancel(
        &(struct mpr_cancel_args){.name = name, .flags = flags, .force = force != 0});
}

DWORD WNetCancelConnection2A(LPCSTR lpName, DWORD dwFlags, BOOL fForce) {
    MPR_ENTER("flags=0x%x force=%d", dwFlags, fForce);
    return mpr_leave(cancel(false, lpName, dwFlags, fForce));
}

DWORD WNetCancelConnection2W(LPCWSTR lpName, DWORD dwFlags, BOOL fForce) {
    MPR_ENTER("flags=0x%x force=%d", dwFlags, fForce);
    return mpr_leave(cancel(true, lpName, dwFlags, fForce));
}

/* The older form forgets too, as its counterpart WNetAddConnection remembers. */
DWORD WNetCancelConnectionA(LPCSTR lpName, BOOL fForce) {
    MPR_ENTER("force=%d", fForce);
    return mpr_leave(cancel(false, lpName, CONNECT_UPDATE_PROFILE, fForce));
}

DWORD WNetCancelConnectionW(LPCWSTR lpName, BOOL fForce) {
    MPR_ENTER("force=%d", fForce);
    return mpr_leave(cancel(true, lpName, CONNECT_UPDATE_PROFILE, fForce));
}

DWORD WNetCancelConnection2(LPCSTR lpName, DWORD dwFlags, BOOL fForce)
    __attribute__((alias("WNetCancelConnection2A")));
DWORD WNetCancelConnection(LPCSTR lpName, BOOL fForce)
    __attribute__((alias("WNetCancelConnectionA")));
