/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_dialog.h: disconnecting with a question to the user, and what has no place on Linux.
 * Include <mpr/winnetwk.h>, whose rules hold for every function.
 */
#ifndef MPR_WNET_DIALOG_H
#define MPR_WNET_DIALOG_H

#include <mpr/wnet_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Breaks a connection; if files are open or the device is in use, asks the user
 * whether to do it by force, through MprSetPrompt's function: the answers are
 * "y" or "yes", in capitals or not, and anything else.
 *
 * lpDiscDlgStruct  cbStructure: at least sizeof(DISCDLGSTRUCT). hwndOwner: ignored.
 *                  lpLocalName: the device, or NULL or "". lpRemoteName: the
 *                  resource, where no device is given. dwFlags:
 *                  DISC_UPDATE_PROFILE: forget the device, too; DISC_NO_FORCE: ask
 *                  nobody.
 *
 * Returns NO_ERROR; as WNetCancelConnection2, where nobody may or can be asked
 * ERROR_OPEN_FILES and ERROR_DEVICE_IN_USE, too; and
 *   ERROR_CANCELLED          the user wants it left as it is
 *   ERROR_INVALID_PARAMETER  cbStructure is too small; an unknown flag; neither
 *                            name, or DISC_UPDATE_PROFILE without lpLocalName
 *   ERROR_INVALID_ADDRESS    lpDiscDlgStruct NULL
 *
 * Source: Windows; there the question is a dialog. The codes of wrong arguments:
 * our choice.
 */
MPRAPI DWORD MPRCALL WNetDisconnectDialog1A(LPDISCDLGSTRUCTA lpDiscDlgStruct);
MPRAPI DWORD MPRCALL WNetDisconnectDialog1W(LPDISCDLGSTRUCTW lpDiscDlgStruct);

/*
 * Not to be had: dialogs, and what Windows' file manager asked of providers. They
 * are here so that programs that name them link and start.
 */

/**
 * Would let the user choose a connection to make, or to break. Arguments are
 * not looked at, but for NULL.
 *
 * Returns ERROR_NOT_SUPPORTED; ERROR_INVALID_ADDRESS (lpConnDlgStruct NULL).
 */
MPRAPI DWORD MPRCALL WNetConnectionDialog(MPR_HWND hwnd, DWORD dwType);
MPRAPI DWORD MPRCALL WNetConnectionDialog1A(LPCONNECTDLGSTRUCTA lpConnDlgStruct);
MPRAPI DWORD MPRCALL WNetConnectionDialog1W(LPCONNECTDLGSTRUCTW lpConnDlgStruct);
MPRAPI DWORD MPRCALL WNetDisconnectDialog(MPR_HWND hwnd, DWORD dwType);

/**
 * Would tell a provider that a directory is about to be made, removed or moved.
 *
 * Returns ERROR_NOT_SUPPORTED; ERROR_INVALID_ADDRESS (lpDir NULL).
 */
MPRAPI DWORD MPRCALL WNetDirectoryNotifyA(MPR_HWND hwnd, LPCSTR lpDir, DWORD dwOper);
MPRAPI DWORD MPRCALL WNetDirectoryNotifyW(MPR_HWND hwnd, LPCWSTR lpDir, DWORD dwOper);

/**
 * Would tell whether a directory is special to its network.
 *
 * Returns ERROR_NOT_SUPPORTED; ERROR_INVALID_ADDRESS (lpName or lpType NULL).
 */
MPRAPI DWORD MPRCALL WNetGetDirectoryTypeA(LPCSTR lpName, int *lpType, BOOL bFlushCache);
MPRAPI DWORD MPRCALL WNetGetDirectoryTypeW(LPCWSTR lpName, int *lpType, BOOL bFlushCache);

/* The bare names: exported as the A functions; here the W functions with UNICODE. */
#ifdef UNICODE
#define WNetDisconnectDialog1 WNetDisconnectDialog1W
#define WNetConnectionDialog1 WNetConnectionDialog1W
#define WNetDirectoryNotify   WNetDirectoryNotifyW
#define WNetGetDirectoryType  WNetGetDirectoryTypeW
#else
MPRAPI DWORD MPRCALL WNetDisconnectDialog1(LPDISCDLGSTRUCTA lpDiscDlgStruct);
MPRAPI DWORD MPRCALL WNetConnectionDialog1(LPCONNECTDLGSTRUCTA lpConnDlgStruct);
MPRAPI DWORD MPRCALL WNetDirectoryNotify(MPR_HWND hwnd, LPCSTR lpDir, DWORD dwOper);
MPRAPI DWORD MPRCALL WNetGetDirectoryType(LPCSTR lpName, int *lpType, BOOL bFlushCache);
#endif

#ifdef __cplusplus
}
#endif

#endif
