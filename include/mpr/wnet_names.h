/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_names.h: what is asked about connections, names and providers.
 * Include <mpr/winnetwk.h>, whose rules hold for every function.
 */
#ifndef MPR_WNET_NAMES_H
#define MPR_WNET_NAMES_H

#include <mpr/wnet_types.h>

#ifdef __cplusplus
extern "C" {
#endif

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

/* The bare names: exported as the A functions; here the W functions with UNICODE. */
#ifdef UNICODE
#define WNetGetConnection WNetGetConnectionW
#define WNetGetUser       WNetGetUserW
#else
MPRAPI DWORD MPRCALL WNetGetConnection(LPCSTR lpLocalName, LPSTR lpRemoteName, LPDWORD lpnLength);
MPRAPI DWORD MPRCALL WNetGetUser(LPCSTR lpName, LPSTR lpUserName, LPDWORD lpnLength);
#endif

#ifdef __cplusplus
}
#endif

#endif
