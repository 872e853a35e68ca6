/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * winnetwk.h: the WNet API for applications, source-compatible with Windows.
 *
 * Rules for every function
 *
 *  1. The returned code is what MprGetLastError gives to the same thread.
 *  2. Every failure leaves code and words for WNetGetLastError in its thread,
 *     whatever the code; success and entering a function clear nothing. Only
 *     WNetGetLastError itself leaves them alone when it is called wrongly.
 *  3. A failure changes nothing, or its words say what could not be undone.
 *  4. A functions take UTF-8, W functions UTF-16 in native byte order with a
 *     16-bit WCHAR (u"Z:" in C). The name without a suffix is the A function,
 *     or with UNICODE defined the W function. Sizes of strings count units of
 *     the function's own (bytes in A, WCHARs in W) with the NUL; sizes of
 *     structures with strings count bytes. Text that is not valid UTF-8 or
 *     UTF-16 is ERROR_NO_UNICODE_TRANSLATION.
 *  5. A buffer that is too small is ERROR_MORE_DATA, and its size is set to what
 *     is needed. On success and any other failure the size is left alone.
 *  6. The caller owns what it passes; nothing is kept after the return but the
 *     handle of WNetOpenEnum. The router wipes a password from every copy that
 *     it makes; a provider's library may keep its own, in a worker process.
 *  7. Any function may be called from any thread. None waits without a bound.
 *     From inside a provider or a prompt every one of them is ERROR_BUSY.
 *  8. Every function may also return ERROR_NOT_ENOUGH_MEMORY, ERROR_NO_NETWORK
 *     (no provider is there, or this process is a forked child without
 *     MprInitialize of its own) and ERROR_INVALID_ADDRESS (NULL for a pointer
 *     that must be there).
 *
 * A device is "A:" to "Z:" or "LPT1" to "LPT9", with or without colon after the
 * latter, in capitals or not. Any other text is a remote name.
 */
#ifndef MPR_WINNETWK_H
#define MPR_WINNETWK_H

#if defined(_WINNETWK_H_) || defined(_WINNETWK_)
#error "another winnetwk.h came first: its calling convention differs"
#endif
#define _WINNETWK_H_
#define _WINNETWK_

#include <mpr/mprtypes.h>
#include <mpr/winerror.h>
#include <mpr/wnnc.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Scopes of an enumeration. */
#define RESOURCE_CONNECTED          0x00000001 /**< connections there are now */
#define RESOURCE_GLOBALNET          0x00000002 /**< the network, from a container on */
#define RESOURCE_REMEMBERED         0x00000003 /**< persistent connections, connected or not */
#define RESOURCE_RECENT             0x00000004 /**< connections used lately */
#define RESOURCE_CONTEXT            0x00000005 /**< what is near */

/* Types of a resource, a mask. */
#define RESOURCETYPE_ANY            0x00000000
#define RESOURCETYPE_DISK           0x00000001
#define RESOURCETYPE_PRINT          0x00000002
#define RESOURCETYPE_RESERVED       0x00000008
#define RESOURCETYPE_UNKNOWN        0xFFFFFFFF

/* What can be done with a resource, a mask. */
#define RESOURCEUSAGE_CONNECTABLE   0x00000001 /**< fit for WNetAddConnection2 */
#define RESOURCEUSAGE_CONTAINER     0x00000002 /**< has resources below it */
#define RESOURCEUSAGE_NOLOCALDEVICE 0x00000004 /**< not with a device */
#define RESOURCEUSAGE_SIBLING       0x00000008 /**< beside the entry before it */
#define RESOURCEUSAGE_ATTACHED      0x00000010 /**< only if the user is authenticated */
#define RESOURCEUSAGE_ALL                                                                          \
    (RESOURCEUSAGE_CONNECTABLE | RESOURCEUSAGE_CONTAINER | RESOURCEUSAGE_ATTACHED)
#define RESOURCEUSAGE_RESERVED              0x80000000 /**< stands for a whole provider */

/* How to show a resource. */
#define RESOURCEDISPLAYTYPE_GENERIC         0x00000000
#define RESOURCEDISPLAYTYPE_DOMAIN          0x00000001
#define RESOURCEDISPLAYTYPE_SERVER          0x00000002
#define RESOURCEDISPLAYTYPE_SHARE           0x00000003
#define RESOURCEDISPLAYTYPE_FILE            0x00000004
#define RESOURCEDISPLAYTYPE_GROUP           0x00000005
#define RESOURCEDISPLAYTYPE_NETWORK         0x00000006
#define RESOURCEDISPLAYTYPE_ROOT            0x00000007
#define RESOURCEDISPLAYTYPE_SHAREADMIN      0x00000008
#define RESOURCEDISPLAYTYPE_DIRECTORY       0x00000009
#define RESOURCEDISPLAYTYPE_TREE            0x0000000A
#define RESOURCEDISPLAYTYPE_NDSCONTAINER    0x0000000B

/* Flags of connecting and cancelling. */
#define CONNECT_UPDATE_PROFILE              0x00000001 /**< remember; with cancel: forget */
#define CONNECT_UPDATE_RECENT               0x00000002 /**< put into the list of recent ones */
#define CONNECT_TEMPORARY                   0x00000004 /**< do not remember */
#define CONNECT_INTERACTIVE                 0x00000008 /**< the user may be asked */
#define CONNECT_PROMPT                      0x00000010 /**< ask though it would work without */
#define CONNECT_NEED_DRIVE                  0x00000020 /**< the provider needs a device */
#define CONNECT_REFCOUNT                    0x00000040 /**< Windows 95 only */
#define CONNECT_REDIRECT                    0x00000080 /**< choose a device if none is named */
#define CONNECT_LOCALDRIVE                  0x00000100 /**< result: a device was redirected */
#define CONNECT_CURRENT_MEDIA               0x00000200 /**< do not dial */
#define CONNECT_DEFERRED                    0x00000400 /**< for providers: connect at first use */
#define CONNECT_COMMANDLINE                 0x00000800 /**< ask on the terminal */
#define CONNECT_CMD_SAVECRED                0x00001000 /**< save what was typed */
#define CONNECT_CRED_RESET                  0x00002000 /**< replace what was saved */
#define CONNECT_REQUIRE_INTEGRITY           0x00004000 /**< signing */
#define CONNECT_REQUIRE_PRIVACY             0x00008000 /**< encryption */
#define CONNECT_WRITE_THROUGH_SEMANTICS     0x00010000 /**< no write-behind */
#define CONNECT_COMPRESS_NETWORK_TRAFFIC    0x00020000
#define CONNECT_GLOBAL_MAPPING              0x00040000
#define CONNECT_RESERVED                    0xFF000000 /**< the provider's own */

/* The WN_ names of codes. */
#define WN_SUCCESS                          NO_ERROR
#define WN_NO_ERROR                         NO_ERROR
#define WN_NOT_SUPPORTED                    ERROR_NOT_SUPPORTED
#define WN_CANCEL                           ERROR_CANCELLED
#define WN_RETRY                            ERROR_RETRY
#define WN_NET_ERROR                        ERROR_UNEXP_NET_ERR
#define WN_MORE_DATA                        ERROR_MORE_DATA
#define WN_BAD_POINTER                      ERROR_INVALID_ADDRESS
#define WN_BAD_VALUE                        ERROR_INVALID_PARAMETER
#define WN_BAD_USER                         ERROR_BAD_USERNAME
#define WN_BAD_PASSWORD                     ERROR_INVALID_PASSWORD
#define WN_ACCESS_DENIED                    ERROR_ACCESS_DENIED
#define WN_FUNCTION_BUSY                    ERROR_BUSY
#define WN_WINDOWS_ERROR                    ERROR_UNEXP_NET_ERR
#define WN_OUT_OF_MEMORY                    ERROR_NOT_ENOUGH_MEMORY
#define WN_NO_NETWORK                       ERROR_NO_NETWORK
#define WN_EXTENDED_ERROR                   ERROR_EXTENDED_ERROR
#define WN_BAD_LEVEL                        ERROR_INVALID_LEVEL
#define WN_BAD_HANDLE                       ERROR_INVALID_HANDLE
#define WN_NOT_INITIALIZING                 ERROR_ALREADY_INITIALIZED
#define WN_NO_MORE_DEVICES                  ERROR_NO_MORE_DEVICES
#define WN_NOT_CONNECTED                    ERROR_NOT_CONNECTED
#define WN_OPEN_FILES                       ERROR_OPEN_FILES
#define WN_DEVICE_IN_USE                    ERROR_DEVICE_IN_USE
#define WN_BAD_NETNAME                      ERROR_BAD_NET_NAME
#define WN_BAD_LOCALNAME                    ERROR_BAD_DEVICE
#define WN_ALREADY_CONNECTED                ERROR_ALREADY_ASSIGNED
#define WN_DEVICE_ERROR                     ERROR_GEN_FAILURE
#define WN_CONNECTION_CLOSED                ERROR_CONNECTION_UNAVAIL
#define WN_NO_NET_OR_BAD_PATH               ERROR_NO_NET_OR_BAD_PATH
#define WN_BAD_PROVIDER                     ERROR_BAD_PROVIDER
#define WN_CANNOT_OPEN_PROFILE              ERROR_CANNOT_OPEN_PROFILE
#define WN_BAD_PROFILE                      ERROR_BAD_PROFILE
#define WN_BAD_DEV_TYPE                     ERROR_BAD_DEV_TYPE
#define WN_DEVICE_ALREADY_REMEMBERED        ERROR_DEVICE_ALREADY_REMEMBERED
#define WN_CONNECTED_OTHER_PASSWORD         ERROR_CONNECTED_OTHER_PASSWORD
#define WN_CONNECTED_OTHER_PASSWORD_DEFAULT ERROR_CONNECTED_OTHER_PASSWORD_DEFAULT
#define WN_NO_MORE_ENTRIES                  ERROR_NO_MORE_ITEMS
#define WN_NOT_CONTAINER                    ERROR_NOT_CONTAINER
#define WN_NOT_AUTHENTICATED                ERROR_NOT_AUTHENTICATED
#define WN_NOT_LOGGED_ON                    ERROR_NOT_LOGGED_ON
#define WN_NOT_VALIDATED                    ERROR_NO_LOGON_SERVERS

/* Values of other functions' structures. */
#define NETPROPERTY_PERSISTENT              1
#define UNIVERSAL_NAME_INFO_LEVEL           0x00000001
#define REMOTE_NAME_INFO_LEVEL              0x00000002
#define CONNDLG_RO_PATH                     0x00000001
#define CONNDLG_CONN_POINT                  0x00000002
#define CONNDLG_USE_MRU                     0x00000004
#define CONNDLG_HIDE_BOX                    0x00000008
#define CONNDLG_PERSIST                     0x00000010
#define CONNDLG_NOT_PERSIST                 0x00000020
#define DISC_UPDATE_PROFILE                 0x00000001
#define DISC_NO_FORCE                       0x00000040
#define WNFMT_MULTILINE                     0x01
#define WNFMT_ABBREVIATED                   0x02
#define WNFMT_INENUM                        0x10
#define WNFMT_CONNECTION                    0x20
#define NETINFO_DLL16                       0x00000001
#define NETINFO_DISKRED                     0x00000004
#define NETINFO_PRINTERRED                  0x00000008
#define WNCON_FORNETCARD                    0x00000001
#define WNCON_NOTROUTED                     0x00000002
#define WNCON_SLOWLINK                      0x00000004
#define WNCON_DYNAMIC                       0x00000008

/** A resource, as input and as result. */
typedef struct _NETRESOURCEA {
    DWORD dwScope;       /**< RESOURCE_ */
    DWORD dwType;        /**< RESOURCETYPE_ */
    DWORD dwDisplayType; /**< RESOURCEDISPLAYTYPE_ */
    DWORD dwUsage;       /**< RESOURCEUSAGE_ */
    LPSTR lpLocalName;   /**< device; NULL or "" without one */
    LPSTR lpRemoteName;
    LPSTR lpComment;
    LPSTR lpProvider; /**< its name; NULL or "": whoever owns the remote name */
} NETRESOURCEA, *LPNETRESOURCEA;

/** As NETRESOURCEA, in UTF-16. */
typedef struct _NETRESOURCEW {
    DWORD dwScope;
    DWORD dwType;
    DWORD dwDisplayType;
    DWORD dwUsage;
    LPWSTR lpLocalName;
    LPWSTR lpRemoteName;
    LPWSTR lpComment;
    LPWSTR lpProvider;
} NETRESOURCEW, *LPNETRESOURCEW;

/** Of WNetConnectionDialog1. */
typedef struct _CONNECTDLGSTRUCTA {
    DWORD cbStructure;
    MPR_HWND hwndOwner;
    LPNETRESOURCEA lpConnRes;
    DWORD dwFlags;  /**< CONNDLG_ */
    DWORD dwDevNum; /**< result: 1 = A:, 0xFFFFFFFF = without a device */
} CONNECTDLGSTRUCTA, *LPCONNECTDLGSTRUCTA;

/** As CONNECTDLGSTRUCTA, in UTF-16. */
typedef struct _CONNECTDLGSTRUCTW {
    DWORD cbStructure;
    MPR_HWND hwndOwner;
    LPNETRESOURCEW lpConnRes;
    DWORD dwFlags;
    DWORD dwDevNum;
} CONNECTDLGSTRUCTW, *LPCONNECTDLGSTRUCTW;

/** Of WNetDisconnectDialog1. */
typedef struct _DISCDLGSTRUCTA {
    DWORD cbStructure;
    MPR_HWND hwndOwner;
    LPSTR lpLocalName;
    LPSTR lpRemoteName;
    DWORD dwFlags; /**< DISC_ */
} DISCDLGSTRUCTA, *LPDISCDLGSTRUCTA;

/** As DISCDLGSTRUCTA, in UTF-16. */
typedef struct _DISCDLGSTRUCTW {
    DWORD cbStructure;
    MPR_HWND hwndOwner;
    LPWSTR lpLocalName;
    LPWSTR lpRemoteName;
    DWORD dwFlags;
} DISCDLGSTRUCTW, *LPDISCDLGSTRUCTW;

/** Of WNetGetUniversalName, UNIVERSAL_NAME_INFO_LEVEL. */
typedef struct _UNIVERSAL_NAME_INFOA {
    LPSTR lpUniversalName; /**< \\server\share\dir\file */
} UNIVERSAL_NAME_INFOA, *LPUNIVERSAL_NAME_INFOA;

/** As UNIVERSAL_NAME_INFOA, in UTF-16. */
typedef struct _UNIVERSAL_NAME_INFOW {
    LPWSTR lpUniversalName;
} UNIVERSAL_NAME_INFOW, *LPUNIVERSAL_NAME_INFOW;

/** Of WNetGetUniversalName, REMOTE_NAME_INFO_LEVEL. */
typedef struct _REMOTE_NAME_INFOA {
    LPSTR lpUniversalName;  /**< \\server\share\dir\file */
    LPSTR lpConnectionName; /**< \\server\share */
    LPSTR lpRemainingPath;  /**< \dir\file */
} REMOTE_NAME_INFOA, *LPREMOTE_NAME_INFOA;

/** As REMOTE_NAME_INFOA, in UTF-16. */
typedef struct _REMOTE_NAME_INFOW {
    LPWSTR lpUniversalName;
    LPWSTR lpConnectionName;
    LPWSTR lpRemainingPath;
} REMOTE_NAME_INFOW, *LPREMOTE_NAME_INFOW;

/** Facts about a provider, of WNetGetNetworkInformation. */
typedef struct _NETINFOSTRUCT {
    DWORD cbStructure;
    DWORD dwProviderVersion;
    DWORD dwStatus;          /**< NO_ERROR, ERROR_NO_NETWORK or ERROR_BUSY */
    DWORD dwCharacteristics; /**< NETINFO_ */
    uintptr_t dwHandle;
    WORD wNetType;    /**< high word of WNNC_NET_ */
    DWORD dwPrinters; /**< bit 0 = LPT1 */
    DWORD dwDrives;   /**< bit 0 = A: */
} NETINFOSTRUCT, *LPNETINFOSTRUCT;

/** Speed of a connection, of MultinetGetConnectionPerformance. */
typedef struct _NETCONNECTINFOSTRUCT {
    DWORD cbStructure;
    DWORD dwFlags;       /**< WNCON_ */
    DWORD dwSpeed;       /**< units of 100 bit/s; 0 = unknown */
    DWORD dwDelay;       /**< milliseconds; 0 = unknown */
    DWORD dwOptDataSize; /**< bytes that are best moved at a time */
} NETCONNECTINFOSTRUCT, *LPNETCONNECTINFOSTRUCT;

#ifdef UNICODE
typedef NETRESOURCEW NETRESOURCE;
typedef LPNETRESOURCEW LPNETRESOURCE;
typedef CONNECTDLGSTRUCTW CONNECTDLGSTRUCT;
typedef LPCONNECTDLGSTRUCTW LPCONNECTDLGSTRUCT;
typedef DISCDLGSTRUCTW DISCDLGSTRUCT;
typedef LPDISCDLGSTRUCTW LPDISCDLGSTRUCT;
typedef UNIVERSAL_NAME_INFOW UNIVERSAL_NAME_INFO;
typedef LPUNIVERSAL_NAME_INFOW LPUNIVERSAL_NAME_INFO;
typedef REMOTE_NAME_INFOW REMOTE_NAME_INFO;
typedef LPREMOTE_NAME_INFOW LPREMOTE_NAME_INFO;
#else
typedef NETRESOURCEA NETRESOURCE;
typedef LPNETRESOURCEA LPNETRESOURCE;
typedef CONNECTDLGSTRUCTA CONNECTDLGSTRUCT;
typedef LPCONNECTDLGSTRUCTA LPCONNECTDLGSTRUCT;
typedef DISCDLGSTRUCTA DISCDLGSTRUCT;
typedef LPDISCDLGSTRUCTA LPDISCDLGSTRUCT;
typedef UNIVERSAL_NAME_INFOA UNIVERSAL_NAME_INFO;
typedef LPUNIVERSAL_NAME_INFOA LPUNIVERSAL_NAME_INFO;
typedef REMOTE_NAME_INFOA REMOTE_NAME_INFO;
typedef LPREMOTE_NAME_INFOA LPREMOTE_NAME_INFO;
#endif

/**
 * Connects to a network resource, with or without a device.
 *
 * hwndOwner      owner of a provider's dialogs: ignored, there are none.
 * lpNetResource  dwType: RESOURCETYPE_DISK, _PRINT, or _ANY (what the device is).
 *                lpLocalName: the device, or NULL or "" for none.
 *                lpRemoteName: the resource, as its provider writes it.
 *                lpProvider: ask this one only, or NULL or "". Nothing else counts.
 * lpPassword     NULL: the default, a ticket where there is one; "": none.
 * lpUserName     NULL: the default user. Else as the provider writes it:
 *                "user", "DOMAIN\user", "user@realm".
 * dwFlags        CONNECT_UPDATE_PROFILE: remember it, once connected, if it has a
 *                device. CONNECT_TEMPORARY: do not. CONNECT_INTERACTIVE: a
 *                provider that lacks something may ask the user, through
 *                MprSetPrompt's function. CONNECT_REDIRECT without a device: use
 *                WNetUseConnection. Others of Windows are taken, and what they
 *                mean to a provider is passed on.
 *
 * A second connection without a device to a resource that is connected so, for
 * the same user or for nobody in particular, succeeds, and there is still one:
 * the server is not asked again, nor the password looked at. Another user gets
 * a connection of his own. CONNECT_UPDATE_PROFILE without a device has no effect.
 *
 * Returns NO_ERROR, or
 *   ERROR_ACCESS_DENIED              this user may not
 *   ERROR_BAD_NETPATH                no server of this name, or none that speaks it
 *   ERROR_BAD_DEV_TYPE               device and dwType do not fit
 *   ERROR_BAD_NET_NAME               "", nobody's name, or no such share or export
 *   ERROR_ALREADY_ASSIGNED           the device is connected, or being connected
 *   ERROR_INVALID_PASSWORD           wrong, and nobody may be asked; over 1023 bytes
 *   ERROR_BAD_USERNAME               over 319 bytes, or a control character in it
 *   ERROR_INVALID_PARAMETER          lpRemoteName NULL, dwType, or an unknown flag
 *   ERROR_INVALID_ADDRESS            lpNetResource NULL; CONNECT_REDIRECT, no device
 *   ERROR_BAD_DEVICE                 lpLocalName is no device
 *   ERROR_DEVICE_ALREADY_REMEMBERED  remembered for another resource
 *   ERROR_BAD_PROVIDER               no provider lpProvider
 *   ERROR_CANNOT_OPEN_PROFILE, ERROR_BAD_PROFILE
 *   ERROR_CANCELLED                  by the user, or by a forced cancel meanwhile
 *   ERROR_LOGON_FAILURE              unknown user or wrong password
 *   ERROR_NOT_SUPPORTED, ERROR_EXTENDED_ERROR, or another code that the
 *   provider gave; the words say what happened.
 *
 * Source: Windows; without a device once only, profile and device are examined
 * with every device: our choice.
 */
MPRAPI DWORD MPRCALL WNetAddConnection3A(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource,
                                         LPCSTR lpPassword, LPCSTR lpUserName, DWORD dwFlags);
MPRAPI DWORD MPRCALL WNetAddConnection3W(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                         LPCWSTR lpPassword, LPCWSTR lpUserName, DWORD dwFlags);

/** As WNetAddConnection3 without owner. */
MPRAPI DWORD MPRCALL WNetAddConnection2A(LPNETRESOURCEA lpNetResource, LPCSTR lpPassword,
                                         LPCSTR lpUserName, DWORD dwFlags);
MPRAPI DWORD MPRCALL WNetAddConnection2W(LPNETRESOURCEW lpNetResource, LPCWSTR lpPassword,
                                         LPCWSTR lpUserName, DWORD dwFlags);

/**
 * As WNetAddConnection3 for RESOURCETYPE_ANY, the default user and
 * CONNECT_UPDATE_PROFILE: on Windows, too, such a connection is persistent.
 */
MPRAPI DWORD MPRCALL WNetAddConnectionA(LPCSTR lpRemoteName, LPCSTR lpPassword, LPCSTR lpLocalName);
MPRAPI DWORD MPRCALL WNetAddConnectionW(LPCWSTR lpRemoteName, LPCWSTR lpPassword,
                                        LPCWSTR lpLocalName);

/**
 * As WNetAddConnection3; chooses the device if need be, and tells the name to
 * use. Mind the order: the password comes before the user.
 *
 * dwFlags       also CONNECT_REDIRECT: without lpLocalName choose a device that
 *               is neither connected nor remembered, from Z: down, or from LPT1
 *               up; dwType must be RESOURCETYPE_DISK or _PRINT then.
 * lpAccessName  receives the device, or without one the remote name; or NULL.
 * lpBufferSize  its size in units; needed if lpAccessName is there.
 * lpResult      receives CONNECT_LOCALDRIVE if there is a device, else 0; or NULL.
 *
 * Returns as WNetAddConnection3, and
 *   ERROR_MORE_DATA          lpAccessName is too small: nothing was connected
 *   ERROR_NO_MORE_ITEMS      no device is free
 *   ERROR_INVALID_PARAMETER  also lpAccessName without a size; CONNECT_REDIRECT
 *                            with RESOURCETYPE_ANY
 *
 * Source: Windows; that remembered devices are left out is our choice.
 */
MPRAPI DWORD MPRCALL WNetUseConnectionA(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource,
                                        LPCSTR lpPassword, LPCSTR lpUserId, DWORD dwFlags,
                                        LPSTR lpAccessName, LPDWORD lpBufferSize, LPDWORD lpResult);
MPRAPI DWORD MPRCALL WNetUseConnectionW(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                        LPCWSTR lpPassword, LPCWSTR lpUserId, DWORD dwFlags,
                                        LPWSTR lpAccessName, LPDWORD lpBufferSize,
                                        LPDWORD lpResult);

/**
 * Breaks a connection, forgets a remembered one, or both.
 *
 * lpName   a device: that redirection alone. A remote name: all connections to
 *          the resource, with and without a device; with the configuration
 *          "cancel_remote": "deviceless" only those without, as present-day
 *          Windows does. How the name is written does not matter.
 * dwFlags  0, or CONNECT_UPDATE_PROFILE: a device is forgotten, too, connected or
 *          not. With a remote name the flag has no effect.
 * fForce   FALSE: fail if files or print jobs are open. TRUE: later operations on
 *          them fail; the call returns within the bound even if the server is
 *          silent.
 *
 * By remote name it is all or nothing: every connection is examined before the
 * first is broken. The profile is examined before, and changed after.
 *
 * Returns NO_ERROR, or
 *   ERROR_NOT_CONNECTED        no such connection (also NULL, "", "Z", "Z:\");
 *                              remembered only, and the flag is not given
 *   ERROR_OPEN_FILES           files or print jobs are open
 *   ERROR_DEVICE_IN_USE        no file is open, but the device is held: an
 *                              operation is under way, or it is being connected
 *   ERROR_CANNOT_OPEN_PROFILE  cannot be opened or saved
 *   ERROR_BAD_PROFILE          is not understood; it stays as it is
 *   ERROR_INVALID_PARAMETER    an unknown flag
 *   ERROR_EXTENDED_ERROR       the provider failed; WNetGetLastError says how
 * After any of them the connection is as before, unless the words say that it
 * is broken but still remembered.
 *
 * Source: Windows in its first wording. Unknown flags, "forget" without a
 * connection, all or nothing, and the order of profile and network: our choice.
 */
MPRAPI DWORD MPRCALL WNetCancelConnection2A(LPCSTR lpName, DWORD dwFlags, BOOL fForce);
MPRAPI DWORD MPRCALL WNetCancelConnection2W(LPCWSTR lpName, DWORD dwFlags, BOOL fForce);

/** As WNetCancelConnection2 with CONNECT_UPDATE_PROFILE, the pair of WNetAddConnection. */
MPRAPI DWORD MPRCALL WNetCancelConnectionA(LPCSTR lpName, BOOL fForce);
MPRAPI DWORD MPRCALL WNetCancelConnectionW(LPCWSTR lpName, BOOL fForce);

/**
 * The remote name of a device, as it was written when it was connected.
 *
 * lpLocalName   the device.
 * lpRemoteName  receives the name; NULL with size 0 asks for the size.
 * lpnLength     its size in units.
 *
 * Returns NO_ERROR, or
 *   ERROR_MORE_DATA           too small; *lpnLength says what is needed
 *   ERROR_BAD_DEVICE          lpLocalName is no device
 *   ERROR_CONNECTION_UNAVAIL  remembered, not connected; lpRemoteName is filled
 *   ERROR_NOT_CONNECTED       a device without a connection
 *
 * A profile that is not understood remembers nothing. Source: Windows; the name
 * of a remembered device is our choice.
 */
MPRAPI DWORD MPRCALL WNetGetConnectionA(LPCSTR lpLocalName, LPSTR lpRemoteName, LPDWORD lpnLength);
MPRAPI DWORD MPRCALL WNetGetConnectionW(LPCWSTR lpLocalName, LPWSTR lpRemoteName,
                                        LPDWORD lpnLength);

/**
 * The user of a connection, fit for connecting again.
 *
 * lpName      a device, or a connected remote name; NULL or "": the user of this
 *             process.
 * lpUserName  receives the name; NULL with size 0 asks for the size.
 * lpnLength   its size in units.
 *
 * Returns NO_ERROR, ERROR_MORE_DATA, ERROR_NOT_CONNECTED, or the provider's code.
 *
 * Source: Windows.
 */
MPRAPI DWORD MPRCALL WNetGetUserA(LPCSTR lpName, LPSTR lpUserName, LPDWORD lpnLength);
MPRAPI DWORD MPRCALL WNetGetUserW(LPCWSTR lpName, LPWSTR lpUserName, LPDWORD lpnLength);

/**
 * Begins a listing.
 *
 * dwScope        RESOURCE_CONNECTED or RESOURCE_REMEMBERED; others are
 *                ERROR_NOT_SUPPORTED in this version.
 * dwType         RESOURCETYPE_ANY, or a mask of RESOURCETYPE_DISK and _PRINT.
 * dwUsage        ignored for these scopes.
 * lpNetResource  NULL; else its lpProvider, if not NULL or "", narrows the list.
 * lphEnum        receives the handle; untouched on failure. End it with
 *                WNetCloseEnum, from any thread.
 *
 * The list is as of now: later changes do not show in it.
 *
 * Returns NO_ERROR, or ERROR_INVALID_PARAMETER (dwScope or dwType),
 * ERROR_BAD_PROVIDER, ERROR_NOT_SUPPORTED, ERROR_CANNOT_OPEN_PROFILE or
 * ERROR_BAD_PROFILE (RESOURCE_REMEMBERED).
 *
 * Source: Windows; the profile's codes and the snapshot are our choice.
 */
MPRAPI DWORD MPRCALL WNetOpenEnumA(DWORD dwScope, DWORD dwType, DWORD dwUsage,
                                   LPNETRESOURCEA lpNetResource, HANDLE *lphEnum);
MPRAPI DWORD MPRCALL WNetOpenEnumW(DWORD dwScope, DWORD dwType, DWORD dwUsage,
                                   LPNETRESOURCEW lpNetResource, HANDLE *lphEnum);

/**
 * The next entries of a listing: an array of NETRESOURCE at the head of the
 * buffer, their strings behind it. A handle may be read with A and W in turn.
 *
 * hEnum         of WNetOpenEnum.
 * lpcCount      in: how many are wanted, 0xFFFFFFFF = as many as fit; out: given.
 * lpBuffer      aligned for a pointer; NULL does not ask for the size.
 * lpBufferSize  in bytes; changed only if not even one entry fits.
 *
 * Returns NO_ERROR with at least one entry (unless none was wanted), or
 *   ERROR_NO_MORE_ITEMS   the end, now and at every later call
 *   ERROR_MORE_DATA       not even one fits; *lpBufferSize says what it needs
 *   ERROR_INVALID_HANDLE  not a handle, or a closed one
 * Calls with one handle are carried out one after the other.
 *
 * Source: Windows.
 */
MPRAPI DWORD MPRCALL WNetEnumResourceA(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
                                       LPDWORD lpBufferSize);
MPRAPI DWORD MPRCALL WNetEnumResourceW(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
                                       LPDWORD lpBufferSize);

/** Ends a listing. Returns NO_ERROR or ERROR_INVALID_HANDLE. Source: Windows. */
MPRAPI DWORD MPRCALL WNetCloseEnum(HANDLE hEnum);

/**
 * Why the last WNet function of this thread failed, in words. Reading clears
 * nothing.
 *
 * lpError        receives the code of the failing side's own world (NTSTATUS,
 *                nfsstat, errno), or the Win32 code where there is no other; 0 if
 *                nothing failed yet in this thread.
 * lpErrorBuf     receives the text; nErrorBufSize in units, 512 is enough for most.
 * lpNameBuf      receives the provider's name; nNameBufSize in units.
 *
 * Both texts are cut at a character's border if need be, and always ended. A
 * buffer may be NULL if its size is 0.
 *
 * Returns NO_ERROR or ERROR_INVALID_ADDRESS (lpError NULL, or a buffer NULL
 * though it has a size).
 *
 * Source: Windows; that every failure has words, and NULL buffers: our choice.
 */
MPRAPI DWORD MPRCALL WNetGetLastErrorA(LPDWORD lpError, LPSTR lpErrorBuf, DWORD nErrorBufSize,
                                       LPSTR lpNameBuf, DWORD nNameBufSize);
MPRAPI DWORD MPRCALL WNetGetLastErrorW(LPDWORD lpError, LPWSTR lpErrorBuf, DWORD nErrorBufSize,
                                       LPWSTR lpNameBuf, DWORD nNameBufSize);

/*
 * The bare names: exported as well, as the A functions, for those who look them
 * up; here the W functions where UNICODE is defined.
 */
#ifdef UNICODE
#define WNetAddConnection     WNetAddConnectionW
#define WNetAddConnection2    WNetAddConnection2W
#define WNetAddConnection3    WNetAddConnection3W
#define WNetUseConnection     WNetUseConnectionW
#define WNetCancelConnection  WNetCancelConnectionW
#define WNetCancelConnection2 WNetCancelConnection2W
#define WNetGetConnection     WNetGetConnectionW
#define WNetGetUser           WNetGetUserW
#define WNetOpenEnum          WNetOpenEnumW
#define WNetEnumResource      WNetEnumResourceW
#define WNetGetLastError      WNetGetLastErrorW
#else
MPRAPI DWORD MPRCALL WNetAddConnection(LPCSTR lpRemoteName, LPCSTR lpPassword, LPCSTR lpLocalName);
MPRAPI DWORD MPRCALL WNetAddConnection2(LPNETRESOURCEA lpNetResource, LPCSTR lpPassword,
                                        LPCSTR lpUserName, DWORD dwFlags);
MPRAPI DWORD MPRCALL WNetAddConnection3(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource,
                                        LPCSTR lpPassword, LPCSTR lpUserName, DWORD dwFlags);
MPRAPI DWORD MPRCALL WNetUseConnection(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource,
                                       LPCSTR lpPassword, LPCSTR lpUserId, DWORD dwFlags,
                                       LPSTR lpAccessName, LPDWORD lpBufferSize, LPDWORD lpResult);
MPRAPI DWORD MPRCALL WNetCancelConnection(LPCSTR lpName, BOOL fForce);
MPRAPI DWORD MPRCALL WNetCancelConnection2(LPCSTR lpName, DWORD dwFlags, BOOL fForce);
MPRAPI DWORD MPRCALL WNetGetConnection(LPCSTR lpLocalName, LPSTR lpRemoteName, LPDWORD lpnLength);
MPRAPI DWORD MPRCALL WNetGetUser(LPCSTR lpName, LPSTR lpUserName, LPDWORD lpnLength);
MPRAPI DWORD MPRCALL WNetOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage,
                                  LPNETRESOURCEA lpNetResource, HANDLE *lphEnum);
MPRAPI DWORD MPRCALL WNetEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
                                      LPDWORD lpBufferSize);
MPRAPI DWORD MPRCALL WNetGetLastError(LPDWORD lpError, LPSTR lpErrorBuf, DWORD nErrorBufSize,
                                      LPSTR lpNameBuf, DWORD nNameBufSize);
#endif

#ifdef __cplusplus
}
#endif

#endif
