/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_connect.h: connecting, restoring and disconnecting.
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
 *                device. CONNECT_TEMPORARY: do not. CONNECT_INTERACTIVE: the
 *                user may be asked, through MprSetPrompt's function: by a provider
 *                that lacks something, and for user name (if lpUserName gives
 *                none) and password by the router, up to 3 times, when a provider
 *                that takes such refuses with ERROR_INVALID_PASSWORD,
 *                ERROR_LOGON_FAILURE, ERROR_NOT_AUTHENTICATED, ERROR_BAD_USERNAME,
 *                or ERROR_ACCESS_DENIED where no user was named. With
 *                CONNECT_COMMANDLINE, too, the terminal is asked where no such
 *                function is set. With CONNECT_PROMPT, too, the first question
 *                comes before the first try. Without CONNECT_INTERACTIVE neither
 *                has an effect. CONNECT_CMD_SAVECRED: what was typed is kept in the
 *                desktop's keyring; the connection succeeds also if that
 *                cannot be, and the extended text says so. CONNECT_REDIRECT without a
 *                device: use WNetUseConnection. Others of Windows are taken, and
 *                what they mean to a provider is passed on.
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
 *   ERROR_INVALID_PASSWORD           wrong, and nobody may or can be asked; over 1023 bytes
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
 * As WNetAddConnection3, with the credentials in a structure, and options for the
 * provider.
 *
 * pAuthBuffer    NULL: the default user. Else a SEC_WINNT_AUTH_IDENTITY_A or _W,
 *                as its Flags say, whichever form of the function it is. Every
 *                pointer in it may be NULL: no User is the default user, whose
 *                Domain does not count; no Password is the default. With a Domain
 *                the user is "Domain\User". Lengths count characters without a
 *                NUL, at most 32767.
 * cbAuthBuffer   its size in bytes: at least that of the structure, 0 for NULL.
 * lpUseOptions   bytes for the provider, of which the router knows nothing; they
 *                are remembered, and used when the connection is restored. NULL:
 *                none.
 * cbUseOptions   their number, at most 65536.
 *
 * Returns as WNetAddConnection3, and ERROR_INVALID_PARAMETER for a size that is
 * wrong, for other Flags, for NULL with a length, and for a NUL among the
 * characters.
 *
 * Source: Windows, which leaves both buffers to the provider; that the
 * credentials are this structure, and the limits: our choice.
 */
MPRAPI DWORD MPRCALL WNetAddConnection4A(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource,
                                         LPVOID pAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags,
                                         LPBYTE lpUseOptions, DWORD cbUseOptions);
MPRAPI DWORD MPRCALL WNetAddConnection4W(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                         LPVOID pAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags,
                                         LPBYTE lpUseOptions, DWORD cbUseOptions);

/** As WNetUseConnection, with the buffers of WNetAddConnection4. */
MPRAPI DWORD MPRCALL WNetUseConnection4A(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource,
                                         LPVOID pAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags,
                                         LPBYTE lpUseOptions, DWORD cbUseOptions,
                                         LPSTR lpAccessName, LPDWORD lpBufferSize,
                                         LPDWORD lpResult);
MPRAPI DWORD MPRCALL WNetUseConnection4W(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                         LPVOID pAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags,
                                         LPBYTE lpUseOptions, DWORD cbUseOptions,
                                         LPWSTR lpAccessName, LPDWORD lpBufferSize,
                                         LPDWORD lpResult);

/**
 * Connects what is remembered, as it was: to the same resource, by the same
 * provider, for the same user, with the same flags and options. No password is
 * remembered: the default is tried, and if that does not do, the user is asked
 * through MprSetPrompt's function, if there is one. The profile is not written.
 *
 * hwndParent  owner of dialogs: ignored, there are none.
 * lpDevice    a device, or NULL: all of them, at the same time, so that a server
 *             that is silent delays nobody else; whoever is asked for, is so
 *             afterwards, one after the other.
 *
 * One that fails stays remembered. Of several, the code is that of the first
 * failure in the order of the profile, and the words name every device that
 * failed, then the reasons as far as there is room.
 *
 * Returns NO_ERROR, also if it is connected to that resource already, or nothing
 * is remembered (lpDevice NULL); what WNetAddConnection3 would; and
 *   ERROR_BAD_DEVICE        lpDevice is no device, or ""
 *   ERROR_NOT_CONNECTED     the device is not remembered
 *   ERROR_ALREADY_ASSIGNED  it is connected to another resource
 *   ERROR_BAD_PROVIDER      the provider that connected it is not there
 *   ERROR_CANNOT_OPEN_PROFILE, ERROR_BAD_PROFILE
 *
 * Source: Windows up to XP; codes of a device that is not remembered or connected
 * otherwise, and what happens of several failures: our choice.
 */
MPRAPI DWORD MPRCALL WNetRestoreConnectionA(MPR_HWND hwndParent, LPCSTR lpDevice);
MPRAPI DWORD MPRCALL WNetRestoreConnectionW(MPR_HWND hwndParent, LPCWSTR lpDevice);

/**
 * As WNetRestoreConnection for one device; the user is asked only if fUseUI is
 * TRUE. Returns also ERROR_INVALID_ADDRESS (lpDevice NULL).
 *
 * Source: the prototype is Windows'; it is not documented there.
 */
MPRAPI DWORD MPRCALL WNetRestoreSingleConnectionW(MPR_HWND hwndParent, LPCWSTR lpDevice,
                                                  BOOL fUseUI);

/**
 * As WNetRestoreConnection for all devices, asking nobody.
 *
 * Source: exported by Windows and documented nowhere; all of it is our choice.
 */
MPRAPI DWORD MPRCALL WNetRestoreAllConnectionsW(MPR_HWND hwndParent);

/**
 * Sets a property of a connection.
 *
 * lpName      a device, or the remote name of a connection without one.
 * dwProperty  NETPROPERTY_PERSISTENT
 * pvValue     points to a DWORD, aligned or not. Not 0: the connection is
 *             remembered from now on, as CONNECT_UPDATE_PROFILE would have done;
 *             one that is so already stays so. 0: it is forgotten, and not broken,
 *             if there is one; what is not remembered need not be forgotten.
 *
 * Returns NO_ERROR, or
 *   ERROR_NOT_CONNECTED      neither connected nor remembered
 *   ERROR_INVALID_PARAMETER  another property; or a connection without a device is
 *                            to be remembered, which none can
 *   ERROR_INVALID_ADDRESS    lpName or pvValue NULL
 *   ERROR_DEVICE_ALREADY_REMEMBERED  for another resource than it is connected to
 *   ERROR_CANNOT_OPEN_PROFILE, ERROR_BAD_PROFILE
 *
 * Source: Windows 95; connections without a device: our choice.
 */
MPRAPI DWORD MPRCALL WNetSetConnectionA(LPCSTR lpName, DWORD dwProperty, LPVOID pvValue);
MPRAPI DWORD MPRCALL WNetSetConnectionW(LPCWSTR lpName, DWORD dwProperty, LPVOID pvValue);

/**
 * Breaks every connection of this process by force, within the bound of one
 * forced cancel. Those on their way are left alone, and so is the profile.
 *
 * hwndParent  ignored.
 *
 * Returns NO_ERROR, also if there are none.
 *
 * Source: exported by Windows and not documented there.
 */
MPRAPI DWORD MPRCALL WNetClearConnections(MPR_HWND hwndParent);

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
#define WNetAddConnection4    WNetAddConnection4W
#define WNetUseConnection     WNetUseConnectionW
#define WNetUseConnection4    WNetUseConnection4W
#define WNetRestoreConnection WNetRestoreConnectionW
#define WNetSetConnection     WNetSetConnectionW
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
MPRAPI DWORD MPRCALL WNetAddConnection4(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource,
                                        LPVOID pAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags,
                                        LPBYTE lpUseOptions, DWORD cbUseOptions);
MPRAPI DWORD MPRCALL WNetUseConnection4(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource,
                                        LPVOID pAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags,
                                        LPBYTE lpUseOptions, DWORD cbUseOptions, LPSTR lpAccessName,
                                        LPDWORD lpBufferSize, LPDWORD lpResult);
MPRAPI DWORD MPRCALL WNetRestoreConnection(MPR_HWND hwndParent, LPCSTR lpDevice);
MPRAPI DWORD MPRCALL WNetSetConnection(LPCSTR lpName, DWORD dwProperty, LPVOID pvValue);
MPRAPI DWORD MPRCALL WNetCancelConnection(LPCSTR lpName, BOOL fForce);
MPRAPI DWORD MPRCALL WNetCancelConnection2(LPCSTR lpName, DWORD dwFlags, BOOL fForce);
#endif

#ifdef __cplusplus
}
#endif

#endif
