/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_dialog.c: WNetDisconnectDialog1, which asks one question, and what has
 * no place here.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_entry.h"
#include "router/mpr_prompt.h"
#include "router/wnet_notify.h"
#include "router/wnet_text.h"

/* What WNetDisconnectDialog1 was given, in UTF-8. */
struct parting {
    const char *name; /* of the device, else of the resource */
    bool forget;
    bool may_force;
};

static DWORD cancel(const struct parting *parting, bool force) {
    const struct mpr_cancel_args args = {
        .name = parting->name,
        .flags = parting->forget ? CONNECT_UPDATE_PROFILE : 0,
        .force = force,
    };

    return wnet_notify_cancel(&args);
}

/* refusal's words are this thread's. Whoever cannot be asked is not forced. */
static DWORD ask_and_force(const struct parting *parting, DWORD refusal) {
    char question[MPR_ERROR_TEXT_MAX + 64], answer[16];
    const char *words, *provider;
    DWORD native, rc;

    mpr_error_get(&native, &words, &provider);
    snprintf(question, sizeof question, "%s\nDisconnect anyway? (y/n) ", words);
    rc = mpr_prompt_ask(CONNECT_INTERACTIVE, question, true, answer, sizeof answer);
    if (rc == ERROR_NOT_SUPPORTED)
        return refusal;
    if (rc == NO_ERROR && (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0))
        return cancel(parting, true);
    return mpr_error_say(ERROR_CANCELLED, "%s was left connected, as the user wished.",
                         parting->name);
}

static DWORD part(const struct parting *parting) {
    DWORD rc = cancel(parting, false);

    if (parting->may_force && (rc == ERROR_OPEN_FILES || rc == ERROR_DEVICE_IN_USE))
        return ask_and_force(parting, rc);
    return rc;
}

static DWORD disconnect(bool is_wide, DWORD flags, const void *local, const void *remote) {
    MPR_AUTOFREE char *device = NULL;
    MPR_AUTOFREE char *resource = NULL;
    struct parting parting = {
        .forget = (flags & DISC_UPDATE_PROFILE) != 0,
        .may_force = (flags & DISC_NO_FORCE) == 0,
    };
    DWORD rc = wnet_text_in(is_wide, local, &device);

    if (rc == NO_ERROR)
        rc = wnet_text_in(is_wide, remote, &resource);
    if (rc != NO_ERROR)
        return rc;
    if ((flags & ~(DWORD)(DISC_UPDATE_PROFILE | DISC_NO_FORCE)) != 0)
        return mpr_error_say(ERROR_INVALID_PARAMETER, "The flags 0x%x have unknown bits.", flags);
    parting.name = device && *device ? device : resource;
    if (!parting.name || !*parting.name)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "Neither lpLocalName nor lpRemoteName was given.");
    if (parting.forget && parting.name != device)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "DISC_UPDATE_PROFILE needs lpLocalName: only devices are remembered.");
    return part(&parting);
}

static DWORD say_small(DWORD size, size_t needed) {
    return mpr_error_say(ERROR_INVALID_PARAMETER, "cbStructure is %u, but must be %zu or more.",
                         size, needed);
}

DWORD WNetDisconnectDialog1A(LPDISCDLGSTRUCTA lpDiscDlgStruct) {
    MPR_ENTER("%p", (const void *)lpDiscDlgStruct);
    MPR_NEED(lpDiscDlgStruct);
    if (lpDiscDlgStruct->cbStructure < sizeof *lpDiscDlgStruct)
        return mpr_leave(say_small(lpDiscDlgStruct->cbStructure, sizeof *lpDiscDlgStruct));
    return mpr_leave(disconnect(false, lpDiscDlgStruct->dwFlags, lpDiscDlgStruct->lpLocalName,
                                lpDiscDlgStruct->lpRemoteName));
}

DWORD WNetDisconnectDialog1W(LPDISCDLGSTRUCTW lpDiscDlgStruct) {
    MPR_ENTER("%p", (const void *)lpDiscDlgStruct);
    MPR_NEED(lpDiscDlgStruct);
    if (lpDiscDlgStruct->cbStructure < sizeof *lpDiscDlgStruct)
        return mpr_leave(say_small(lpDiscDlgStruct->cbStructure, sizeof *lpDiscDlgStruct));
    return mpr_leave(disconnect(true, lpDiscDlgStruct->dwFlags, lpDiscDlgStruct->lpLocalName,
                                lpDiscDlgStruct->lpRemoteName));
}

/* --- what has no place here --- */

static DWORD say_unsupported(const char *function, const char *instead) {
    return mpr_error_say(ERROR_NOT_SUPPORTED, "%s is not supported here: %s", function, instead);
}

static DWORD say_no_dialogs(const char *function, const char *instead) {
    return mpr_error_say(ERROR_NOT_SUPPORTED,
                         "%s is not supported here: there are no dialogs. Use %s.", function,
                         instead);
}

DWORD WNetConnectionDialog(MPR_HWND hwnd, DWORD dwType) {
    MPR_ENTER("type=%u", dwType);
    (void)hwnd;
    return mpr_leave(say_no_dialogs(__func__, "WNetUseConnection"));
}

DWORD WNetConnectionDialog1A(LPCONNECTDLGSTRUCTA lpConnDlgStruct) {
    MPR_ENTER("%p", (const void *)lpConnDlgStruct);
    MPR_NEED(lpConnDlgStruct);
    return mpr_leave(say_no_dialogs(__func__, "WNetUseConnection"));
}

DWORD WNetConnectionDialog1W(LPCONNECTDLGSTRUCTW lpConnDlgStruct) {
    MPR_ENTER("%p", (const void *)lpConnDlgStruct);
    MPR_NEED(lpConnDlgStruct);
    return mpr_leave(say_no_dialogs(__func__, "WNetUseConnection"));
}

DWORD WNetDisconnectDialog(MPR_HWND hwnd, DWORD dwType) {
    MPR_ENTER("type=%u", dwType);
    (void)hwnd;
    return mpr_leave(say_no_dialogs(__func__, "WNetDisconnectDialog1"));
}

static const char no_file_manager[] = "no provider takes part in the work of a file manager.";

DWORD WNetDirectoryNotifyA(MPR_HWND hwnd, LPCSTR lpDir, DWORD dwOper) {
    MPR_ENTER("oper=%u", dwOper);
    (void)hwnd;
    MPR_NEED(lpDir);
    return mpr_leave(say_unsupported(__func__, no_file_manager));
}

DWORD WNetDirectoryNotifyW(MPR_HWND hwnd, LPCWSTR lpDir, DWORD dwOper) {
    MPR_ENTER("oper=%u", dwOper);
    (void)hwnd;
    MPR_NEED(lpDir);
    return mpr_leave(say_unsupported(__func__, no_file_manager));
}

DWORD WNetGetDirectoryTypeA(LPCSTR lpName, int *lpType, BOOL bFlushCache) {
    MPR_ENTER("flush=%d", bFlushCache);
    MPR_NEED(lpName);
    MPR_NEED(lpType);
    return mpr_leave(say_unsupported(__func__, no_file_manager));
}

DWORD WNetGetDirectoryTypeW(LPCWSTR lpName, int *lpType, BOOL bFlushCache) {
    MPR_ENTER("flush=%d", bFlushCache);
    MPR_NEED(lpName);
    MPR_NEED(lpType);
    return mpr_leave(say_unsupported(__func__, no_file_manager));
}

static const char ask_last_error[] = "WNetGetLastError has the text of every failure.";

DWORD MultinetGetErrorTextA(LPSTR lpErrorBuf, LPDWORD lpnErrorBufSize, LPSTR lpNameBuf,
                            LPDWORD lpnNameBufSize) {
    MPR_ENTER("%p", (const void *)lpErrorBuf);
    (void)lpNameBuf;
    MPR_NEED(lpnErrorBufSize);
    MPR_NEED(lpnNameBufSize);
    return mpr_leave(say_unsupported(__func__, ask_last_error));
}

DWORD MultinetGetErrorTextW(LPWSTR lpErrorBuf, LPDWORD lpnErrorBufSize, LPWSTR lpNameBuf,
                            LPDWORD lpnNameBufSize) {
    MPR_ENTER("%p", (const void *)lpErrorBuf);
    (void)lpNameBuf;
    MPR_NEED(lpnErrorBufSize);
    MPR_NEED(lpnNameBufSize);
    return mpr_leave(say_unsupported(__func__, ask_last_error));
}

DWORD WNetDisconnectDialog1(LPDISCDLGSTRUCTA lpDiscDlgStruct)
    __attribute__((alias("WNetDisconnectDialog1A")));
DWORD WNetConnectionDialog1(LPCONNECTDLGSTRUCTA lpConnDlgStruct)
    __attribute__((alias("WNetConnectionDialog1A")));
DWORD WNetDirectoryNotify(MPR_HWND hwnd, LPCSTR lpDir, DWORD dwOper)
    __attribute__((alias("WNetDirectoryNotifyA")));
DWORD WNetGetDirectoryType(LPCSTR lpName, int *lpType, BOOL bFlushCache)
    __attribute__((alias("WNetGetDirectoryTypeA")));
DWORD MultinetGetErrorText(LPSTR lpErrorBuf, LPDWORD lpnErrorBufSize, LPSTR lpNameBuf,
                           LPDWORD lpnNameBufSize) __attribute__((alias("MultinetGetErrorTextA")));
