/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * npapi.h: the classic network provider interface, source-compatible with
 * Windows' header of this name.
 *
 * A module that exports NPGetCaps, and no mpr_provider_query, is a classic
 * provider; each other function is optional, those of an enumeration all or
 * none. The router calls it on a thread of its own, one call at a time, and
 * gives up one that does not return; what its answers say is checked before it
 * is believed. mpr-provider(7) tells what is called when, and what is contained.
 * Caps are asked when the module is loaded, WNNC_START before every call.
 *
 * Rules for a classic provider
 *
 *  1. Strings are UTF-16 with a 16-bit WCHAR. Buffer sizes are counted in
 *     WCHARs with the NUL where the result is one string (NPGetConnection,
 *     NPGetUser, NPFormatNetworkName), in bytes where it is a structure with
 *     strings behind it. Too small is WN_MORE_DATA with the size that is needed.
 *  2. A name that is not the provider's is answered at once: WN_BAD_NETNAME
 *     when connecting, WN_NOT_CONNECTED when cancelling or asked about, so that
 *     the next provider is asked; success for somebody else's name takes it away
 *     from its owner.
 *  3. A code without a Win32 counterpart: WNetSetLastError, then WN_EXTENDED_ERROR.
 *  4. Connections that are remembered are the router's affair, not the provider's.
 *  5. It calls no WNet function but WNetSetLastError: others are ERROR_BUSY.
 *
 * Sources written for Windows name calling conventions that mean nothing here:
 * compile them with -D__stdcall= and the like. NP functions are exported even
 * under -fvisibility=hidden, if this header was included before they are
 * defined.
 */
#ifndef MPR_NPAPI_H
#define MPR_NPAPI_H

#if defined(__WINE_NPAPI_H__) || defined(_NPAPI_INCLUDED)
#error "another npapi.h came first: its calling convention differs"
#endif
#define __WINE_NPAPI_H__
#define _NPAPI_INCLUDED

#include <mpr/winnetwk.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The system's own (PLUID); never looked into. */
struct _LUID;

/* What NPGetCaps is asked, and the bits or values that it answers. */

#define WNNC_SPEC_VERSION               0x00000001 /**< asked: version of this interface */
#define WNNC_SPEC_VERSION51             0x00050001 /**< the answer */

#define WNNC_NET_TYPE                   0x00000002 /**< asked: a number of wnnc.h */
#define WNNC_NET_NONE                   0x00000000 /**< none */

#define WNNC_DRIVER_VERSION             0x00000003 /**< asked: the provider's own version */

#define WNNC_USER                       0x00000004 /**< asked: functions about users */
#define WNNC_USR_GETUSER                0x00000001

#define WNNC_CONNECTION                 0x00000006 /**< asked: functions about connections */
#define WNNC_CON_ADDCONNECTION          0x00000001
#define WNNC_CON_CANCELCONNECTION       0x00000002
#define WNNC_CON_GETCONNECTIONS         0x00000004
#define WNNC_CON_ADDCONNECTION3         0x00000008 /**< preferred to NPAddConnection */
#define WNNC_CON_ADDCONNECTION4         0x00000010
#define WNNC_CON_CANCELCONNECTION2      0x00000020
#define WNNC_CON_GETPERFORMANCE         0x00000040
#define WNNC_CON_DEFER                  0x00000080 /**< CONNECT_DEFERRED is understood */

#define WNNC_DIALOG                     0x00000008 /**< asked: dialogs, and facts about names */
#define WNNC_DLG_DEVICEMODE             0x00000001
#define WNNC_DLG_PROPERTYDIALOG         0x00000020
#define WNNC_DLG_SEARCHDIALOG           0x00000040
#define WNNC_DLG_FORMATNETWORKNAME      0x00000080
#define WNNC_DLG_PERMISSIONEDITOR       0x00000100
#define WNNC_DLG_GETRESOURCEPARENT      0x00000200
#define WNNC_DLG_GETRESOURCEINFORMATION 0x00000800

#define WNNC_ADMIN                      0x00000009 /**< asked: functions about directories */
#define WNNC_ADM_GETDIRECTORYTYPE       0x00000001
#define WNNC_ADM_DIRECTORYNOTIFY        0x00000002

#define WNNC_ENUMERATION                0x0000000B /**< asked: scopes of NPOpenEnum */
#define WNNC_ENUM_GLOBAL                0x00000001
#define WNNC_ENUM_LOCAL                 0x00000002 /**< RESOURCE_CONNECTED */
#define WNNC_ENUM_CONTEXT               0x00000004
#define WNNC_ENUM_SHAREABLE             0x00000008

#define WNNC_START                      0x0000000C /**< asked: started? else in how many milliseconds */
#define WNNC_WAIT_FOR_START             0x00000001 /**< the answer: it is */

#define WNNC_CONNECTION_FLAGS           0x0000000D /**< asked: CONNECT_ flags that are understood */
#define WNNC_CF_DEFAULT                 (CONNECT_TEMPORARY | CONNECT_INTERACTIVE | CONNECT_PROMPT)
#define WNNC_CF_MAXIMUM                                                                            \
    (WNNC_CF_DEFAULT | CONNECT_DEFERRED | CONNECT_COMMANDLINE | CONNECT_CMD_SAVECRED               \
     | CONNECT_CRED_RESET)

/* Classes of a provider, as Windows registers them. */
#define WN_NETWORK_CLASS           0x00000001
#define WN_CREDENTIAL_CLASS        0x00000002
#define WN_PRIMARY_AUTHENT_CLASS   0x00000004
#define WN_SERVICE_CLASS           0x00000008

#define WN_VALID_LOGON_ACCOUNT     0x00000001 /**< NPPasswordChangeNotify */
#define WN_NT_PASSWORD_CHANGED     0x00000002

#define WNTYPE_DRIVE               1 /**< NPGetPropertyText, NPPropertyDialog */
#define WNTYPE_FILE                2
#define WNTYPE_PRINTER             3
#define WNTYPE_COMM                4
#define WNPS_FILE                  0
#define WNPS_DIR                   1
#define WNPS_MULT                  2

#define WNSRCH_REFRESH_FIRST_LEVEL 0x00000001 /**< NPSearchDialog */

#define WNDT_NORMAL                0 /**< NPGetDirectoryType */
#define WNDT_NETWORK               1
#define WNDN_MKDIR                 1 /**< NPDirectoryNotify */
#define WNDN_RMDIR                 2
#define WNDN_MVDIR                 3

#define WNPERMC_PERM               0x00000001 /**< NPFMXGetPermCaps */
#define WNPERMC_AUDIT              0x00000002
#define WNPERMC_OWNER              0x00000004
#define WNPERM_DLG_PERM            0 /**< NPFMXEditPerm */
#define WNPERM_DLG_AUDIT           1
#define WNPERM_DLG_OWNER           2

#define NOTIFY_PRE                 0x00000001 /**< NOTIFYINFO: before the operation */
#define NOTIFY_POST                0x00000002 /**< after it */

/** Of AddConnectNotify and CancelConnectNotify. */
typedef struct _NOTIFYINFO {
    DWORD dwNotifyStatus;    /**< NOTIFY_PRE or NOTIFY_POST */
    DWORD dwOperationStatus; /**< with NOTIFY_POST: what came of it */
    LPVOID lpContext;        /**< kept from the first call to the second */
} NOTIFYINFO, *LPNOTIFYINFO;

/** What is being connected. */
typedef struct _NOTIFYADD {
    MPR_HWND hwndOwner;
    NETRESOURCEW NetResource;
    DWORD dwAddFlags; /**< CONNECT_ */
} NOTIFYADD, *LPNOTIFYADD;

/** What is being cancelled. */
typedef struct _NOTIFYCANCEL {
    LPWSTR lpName;
    LPWSTR lpProvider; /**< with NOTIFY_POST after success: who did it */
    DWORD dwFlags;     /**< CONNECT_ */
    BOOL fForce;
} NOTIFYCANCEL, *LPNOTIFYCANCEL;

/* Types of the functions, for those who look them up. */
typedef DWORD(MPRCALL *PF_NPGetCaps)(DWORD nIndex);
typedef DWORD(MPRCALL *PF_NPAddConnection)(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
                                           LPWSTR lpUserName);
typedef DWORD(MPRCALL *PF_NPAddConnection3)(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                            LPWSTR lpPassword, LPWSTR lpUserName, DWORD dwFlags);
typedef DWORD(MPRCALL *PF_NPAddConnection4)(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                            LPVOID lpAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags,
                                            LPBYTE lpUseOptions, DWORD cbUseOptions);
typedef DWORD(MPRCALL *PF_NPCancelConnection)(LPWSTR lpName, BOOL fForce);
typedef DWORD(MPRCALL *PF_NPCancelConnection2)(LPWSTR lpName, BOOL fForce, DWORD dwFlags);
typedef DWORD(MPRCALL *PF_NPGetConnection)(LPWSTR lpLocalName, LPWSTR lpRemoteName,
                                           LPDWORD lpnBufferLen);
typedef DWORD(MPRCALL *PF_NPGetConnection3)(LPCWSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer,
                                            LPDWORD lpBufferSize);
typedef DWORD(MPRCALL *PF_NPGetConnectionPerformance)(LPCWSTR lpRemoteName,
                                                      LPNETCONNECTINFOSTRUCT lpNetConnectInfo);
typedef DWORD(MPRCALL *PF_NPGetUniversalName)(LPWSTR lpLocalPath, DWORD dwInfoLevel,
                                              LPVOID lpBuffer, LPDWORD lpBufferSize);
typedef DWORD(MPRCALL *PF_NPGetUser)(LPWSTR lpName, LPWSTR lpUserName, LPDWORD lpnBufferLen);
typedef DWORD(MPRCALL *PF_NPOpenEnum)(DWORD dwScope, DWORD dwType, DWORD dwUsage,
                                      LPNETRESOURCEW lpNetResource, HANDLE *lphEnum);
typedef DWORD(MPRCALL *PF_NPEnumResource)(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
                                          LPDWORD lpBufferSize);
typedef DWORD(MPRCALL *PF_NPCloseEnum)(HANDLE hEnum);
typedef DWORD(MPRCALL *PF_NPGetResourceParent)(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
                                               LPDWORD lpBufferSize);
typedef DWORD(MPRCALL *PF_NPGetResourceInformation)(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
                                                    LPDWORD lpBufferSize, LPWSTR *lplpSystem);
typedef DWORD(MPRCALL *PF_NPFormatNetworkName)(LPWSTR lpRemoteName, LPWSTR lpFormattedName,
                                               LPDWORD lpnLength, DWORD dwFlags,
                                               DWORD dwAveCharPerLine);
typedef DWORD(MPRCALL *PF_NPDeviceMode)(MPR_HWND hParent);
typedef DWORD(MPRCALL *PF_NPSearchDialog)(MPR_HWND hwndParent, LPNETRESOURCEW lpNetResource,
                                          LPVOID lpBuffer, DWORD cbBuffer, LPDWORD lpnFlags);
typedef DWORD(MPRCALL *PF_NPGetPropertyText)(DWORD iButton, DWORD nPropSel, LPWSTR lpName,
                                             LPWSTR lpButtonName, DWORD nButtonNameLen,
                                             DWORD nType);
typedef DWORD(MPRCALL *PF_NPPropertyDialog)(MPR_HWND hwndParent, DWORD iButtonDlg, DWORD nPropSel,
                                            LPWSTR lpFileName, DWORD nType);
typedef DWORD(MPRCALL *PF_NPGetDirectoryType)(LPWSTR lpName, int32_t *lpType, BOOL bFlushCache);
typedef DWORD(MPRCALL *PF_NPDirectoryNotify)(MPR_HWND hwnd, LPWSTR lpDir, DWORD dwOper);
typedef DWORD(MPRCALL *PF_NPFMXGetPermCaps)(LPWSTR lpDriveName);
typedef DWORD(MPRCALL *PF_NPFMXEditPerm)(LPWSTR lpDriveName, MPR_HWND hwndFMX, DWORD nDialogType);
typedef DWORD(MPRCALL *PF_NPFMXGetPermHelp)(LPWSTR lpDriveName, DWORD nDialogType, BOOL fDirectory,
                                            LPVOID lpFileNameBuffer, LPDWORD lpBufferSize,
                                            LPDWORD lpnHelpContext);
typedef DWORD(MPRCALL *PF_NPLogonNotify)(struct _LUID *lpLogonId, LPCWSTR lpAuthentInfoType,
                                         LPVOID lpAuthentInfo, LPCWSTR lpPreviousAuthentInfoType,
                                         LPVOID lpPreviousAuthentInfo, LPWSTR lpStationName,
                                         LPVOID StationHandle, LPWSTR *lpLogonScript);
typedef DWORD(MPRCALL *PF_NPPasswordChangeNotify)(LPCWSTR lpAuthentInfoType, LPVOID lpAuthentInfo,
                                                  LPCWSTR lpPreviousAuthentInfoType,
                                                  LPVOID lpPreviousAuthentInfo,
                                                  LPWSTR lpStationName, LPVOID StationHandle,
                                                  DWORD dwChangeInfo);
typedef DWORD(MPRCALL *PF_AddConnectNotify)(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYADD lpAddInfo);
typedef DWORD(MPRCALL *PF_CancelConnectNotify)(LPNOTIFYINFO lpNotifyInfo,
                                               LPNOTIFYCANCEL lpCancelInfo);

/*
 * The functions themselves, which the provider defines. This library has none
 * of them.
 */
#pragma GCC visibility push(default)

/**
 * What the provider can do: the mask or value of one WNNC_ index above, 0 for
 * an unknown one; no error code. Cheap and without effect: it is asked often.
 * The one function that every classic provider has.
 */
DWORD MPRCALL NPGetCaps(DWORD nIndex);

/**
 * Connects. Of lpNetResource only dwType, lpLocalName and lpRemoteName count.
 * The texts are copies. lpPassword NULL: the default; "": none. lpUserName NULL: the default.
 *
 * Returns WN_SUCCESS, WN_BAD_NETNAME (not mine), WN_BAD_LOCALNAME,
 * WN_ALREADY_CONNECTED (exactly that for a device in use), WN_BAD_PASSWORD,
 * WN_ACCESS_DENIED, WN_NO_NETWORK, or any other Win32 code.
 */
DWORD MPRCALL NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword, LPWSTR lpUserName);

/**
 * The same with flags: CONNECT_TEMPORARY, CONNECT_INTERACTIVE, CONNECT_PROMPT,
 * CONNECT_DEFERRED (with WNNC_CON_DEFER only); others are to be ignored.
 * hwndOwner is NULL here. Returns as NPAddConnection, and WN_CANCEL.
 */
DWORD MPRCALL NPAddConnection3(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
                               LPWSTR lpUserName, DWORD dwFlags);

/**
 * The same with options. Windows does not document lpAuthBuffer: here it is a
 * SEC_WINNT_AUTH_IDENTITY_W, or NULL without user and password. Called where there
 * are options, or no other.
 */
DWORD MPRCALL NPAddConnection4(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                               LPVOID lpAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags,
                               LPBYTE lpUseOptions, DWORD cbUseOptions);

/**
 * Breaks the connection of a device, or the connections to a remote name that
 * have no device. fForce FALSE: WN_OPEN_FILES if files are open.
 *
 * Returns WN_SUCCESS, WN_NOT_CONNECTED (not mine), WN_OPEN_FILES,
 * WN_DEVICE_IN_USE, or any other Win32 code.
 */
DWORD MPRCALL NPCancelConnection(LPWSTR lpName, BOOL fForce);

/** The same; dwFlags is 0. Called where there is no NPCancelConnection. */
DWORD MPRCALL NPCancelConnection2(LPWSTR lpName, BOOL fForce, DWORD dwFlags);

/**
 * The remote name of a connected device; *lpnBufferLen in WCHARs.
 *
 * Returns WN_SUCCESS, WN_NOT_CONNECTED (not mine), WN_MORE_DATA, WN_NO_NETWORK.
 */
DWORD MPRCALL NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen);

/** Whether a device is connected: level 1, *lpBuffer a DWORD WNGETCON_. */
DWORD MPRCALL NPGetConnection3(LPCWSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer,
                               LPDWORD lpBufferSize);

/**
 * Measures a connection; cbStructure is set, all else 0.
 *
 * Returns WN_SUCCESS, WN_NOT_CONNECTED (not mine), WN_NO_NETWORK.
 */
DWORD MPRCALL NPGetConnectionPerformance(LPCWSTR lpRemoteName,
                                         LPNETCONNECTINFOSTRUCT lpNetConnectInfo);

/**
 * The name of a path on a device for other machines: UNIVERSAL_NAME_INFOW or
 * REMOTE_NAME_INFOW by dwInfoLevel; *lpBufferSize in bytes.
 *
 * Returns WN_SUCCESS, WN_BAD_LOCALNAME, WN_NOT_CONNECTED (not mine),
 * WN_MORE_DATA, WN_BAD_LEVEL, WN_NO_NETWORK.
 */
DWORD MPRCALL NPGetUniversalName(LPWSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                                 LPDWORD lpBufferSize);

/**
 * The user of a device or remote name, or the default one (NULL or "");
 * *lpnBufferLen in WCHARs.
 *
 * Returns WN_SUCCESS, WN_NOT_CONNECTED (not mine), WN_MORE_DATA, WN_NO_NETWORK.
 */
DWORD MPRCALL NPGetUser(LPWSTR lpName, LPWSTR lpUserName, LPDWORD lpnBufferLen);

/**
 * Begins a listing. lpNetResource NULL or without remote name: the top. dwType
 * is a mask, 0 = all.
 *
 * Returns WN_SUCCESS, WN_NOT_SUPPORTED, WN_NOT_CONTAINER, WN_BAD_VALUE,
 * WN_NO_NETWORK.
 */
DWORD MPRCALL NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage, LPNETRESOURCEW lpNetResource,
                         HANDLE *lphEnum);

/**
 * The next entries: NETRESOURCEW at the head of the buffer, their strings at
 * its end; *lpcCount in: wanted, 0xFFFFFFFF = all that fit, out: given;
 * *lpBufferSize in bytes, set only with WN_MORE_DATA (not even one fits).
 *
 * Returns WN_SUCCESS, WN_NO_MORE_ENTRIES, WN_MORE_DATA, WN_BAD_HANDLE,
 * WN_NO_NETWORK.
 */
DWORD MPRCALL NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer, LPDWORD lpBufferSize);

/** Ends a listing. Returns WN_SUCCESS, WN_BAD_HANDLE or WN_NO_NETWORK. */
DWORD MPRCALL NPCloseEnum(HANDLE hEnum);

/**
 * The container of a name, by syntax: one NETRESOURCEW with strings, its
 * lpRemoteName NULL at the top.
 *
 * Returns WN_SUCCESS, WN_MORE_DATA, WN_BAD_NETNAME (not mine), WN_BAD_VALUE,
 * WN_NOT_AUTHENTICATED, WN_ACCESS_DENIED.
 */
DWORD MPRCALL NPGetResourceParent(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
                                  LPDWORD lpBufferSize);

/**
 * The resource that a name begins with, and in *lplpSystem (inside lpBuffer)
 * the rest of the name. Not by syntax alone: the server must exist.
 *
 * Returns WN_SUCCESS, WN_MORE_DATA, WN_BAD_NETNAME (not mine), WN_BAD_VALUE,
 * WN_BAD_DEV_TYPE, WN_NOT_AUTHENTICATED, WN_ACCESS_DENIED.
 */
DWORD MPRCALL NPGetResourceInformation(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
                                       LPDWORD lpBufferSize, LPWSTR *lplpSystem);

/** A name as it is to be shown (WNFMT_ flags). Any failure but WN_MORE_DATA: as it is. */
DWORD MPRCALL NPFormatNetworkName(LPWSTR lpRemoteName, LPWSTR lpFormattedName, LPDWORD lpnLength,
                                  DWORD dwFlags, DWORD dwAveCharPerLine);

/* File Manager's, dialogs and logon: declared for sources that define them. */
DWORD MPRCALL NPDeviceMode(MPR_HWND hParent);
DWORD MPRCALL NPSearchDialog(MPR_HWND hwndParent, LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
                             DWORD cbBuffer, LPDWORD lpnFlags);
DWORD MPRCALL NPGetPropertyText(DWORD iButton, DWORD nPropSel, LPWSTR lpName, LPWSTR lpButtonName,
                                DWORD nButtonNameLen, DWORD nType);
DWORD MPRCALL NPPropertyDialog(MPR_HWND hwndParent, DWORD iButtonDlg, DWORD nPropSel,
                               LPWSTR lpFileName, DWORD nType);
DWORD MPRCALL NPGetDirectoryType(LPWSTR lpName, int32_t *lpType, BOOL bFlushCache);
DWORD MPRCALL NPDirectoryNotify(MPR_HWND hwnd, LPWSTR lpDir, DWORD dwOper);
DWORD MPRCALL NPFMXGetPermCaps(LPWSTR lpDriveName);
DWORD MPRCALL NPFMXEditPerm(LPWSTR lpDriveName, MPR_HWND hwndFMX, DWORD nDialogType);
DWORD MPRCALL NPFMXGetPermHelp(LPWSTR lpDriveName, DWORD nDialogType, BOOL fDirectory,
                               LPVOID lpFileNameBuffer, LPDWORD lpBufferSize,
                               LPDWORD lpnHelpContext);
DWORD MPRCALL NPLogonNotify(struct _LUID *lpLogonId, LPCWSTR lpAuthentInfoType,
                            LPVOID lpAuthentInfo, LPCWSTR lpPreviousAuthentInfoType,
                            LPVOID lpPreviousAuthentInfo, LPWSTR lpStationName,
                            LPVOID StationHandle, LPWSTR *lpLogonScript);
DWORD MPRCALL NPPasswordChangeNotify(LPCWSTR lpAuthentInfoType, LPVOID lpAuthentInfo,
                                     LPCWSTR lpPreviousAuthentInfoType,
                                     LPVOID lpPreviousAuthentInfo, LPWSTR lpStationName,
                                     LPVOID StationHandle, DWORD dwChangeInfo);

/**
 * Of a notification module, not of a provider: called in the calling process before
 * (NOTIFY_PRE, in the opposite order of registration) and after (NOTIFY_POST, the
 * other way round) a connection is made or cancelled.
 *
 * lpNotifyInfo->lpContext is NULL before; what it is set to comes back afterwards, and
 * who leaves NULL is not called then. The other structure and its strings are the
 * module's own copy until it returns.
 *
 * Returns WN_SUCCESS. Before: another code forbids it. After a failure: WN_RETRY has it
 * tried again, three times at most; another code takes the failure's place. After a
 * success: anything. Words by WNetSetLastError belong to the code returned.
 */
DWORD MPRCALL AddConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYADD lpAddInfo);
DWORD MPRCALL CancelConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYCANCEL lpCancelInfo);

#pragma GCC visibility pop

/**
 * Called by a provider before it returns ERROR_EXTENDED_ERROR: sets the error
 * that WNetGetLastError gives to this thread, until the next failure of a WNet
 * function in it, or the next call of this.
 *
 * err         the provider's own code: NTSTATUS, nfsstat, errno, anything.
 * lpError     what was tried, on what, as whom, and what came back; without a
 *             password. Copied, cut at 1023 bytes of UTF-8. NULL is "".
 * lpProvider  the provider's name. Copied, cut at 127 bytes. NULL is "".
 *
 * Cannot fail: bytes that are no UTF-8 become '?', a text that is no UTF-16 is "".
 * MprGetLastError is left alone. From any thread, for that thread only. (Windows declares the texts
 * without const.)
 */
MPRAPI void MPRCALL WNetSetLastErrorA(DWORD err, LPCSTR lpError, LPCSTR lpProvider);
MPRAPI void MPRCALL WNetSetLastErrorW(DWORD err, LPCWSTR lpError, LPCWSTR lpProvider);

#ifdef UNICODE
#define WNetSetLastError WNetSetLastErrorW
#else
MPRAPI void MPRCALL WNetSetLastError(DWORD err, LPCSTR lpError, LPCSTR lpProvider);
#endif

#ifdef __cplusplus
}
#endif

#endif
