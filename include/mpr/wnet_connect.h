/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_connect.h: connecting and disconnecting.
 * Include <mpr/winnetwk.h>, whose rules hold for every function.
 */
#ifndef MPR_WNET_CONNECT_H
#define MPR_WNET_CONNECT_H

#include <mpr/wnet_types.h>

#ifdef __cplusplus
extern "C" {
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

/* The bare names: exported as the A functions; here the W functions with UNICODE. */
#ifdef UNICODE
#define WNetAddConnection     WNetAddConnectionW
#define WNetAddConnection2    WNetAddConnection2W
#define WNetAddConnection3    WNetAddConnection3W
#define WNetUseConnection     WNetUseConnectionW
#define WNetCancelConnection  WNetCancelConnectionW
#define WNetCancelConnection2 WNetCancelConnection2W
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
#endif

#ifdef __cplusplus
}
#endif

#endif
