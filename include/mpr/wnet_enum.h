/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_enum.h: listing connections and the network.
 * Include <mpr/winnetwk.h>, whose rules hold for every function.
 */
#ifndef MPR_WNET_ENUM_H
#define MPR_WNET_ENUM_H

#include <mpr/wnet_types.h>

#ifdef __cplusplus
extern "C" {
#endif

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

/* The bare names: exported as the A functions; here the W functions with UNICODE. */
#ifdef UNICODE
#define WNetOpenEnum     WNetOpenEnumW
#define WNetEnumResource WNetEnumResourceW
#else
MPRAPI DWORD MPRCALL WNetOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage,
                                  LPNETRESOURCEA lpNetResource, HANDLE *lphEnum);
MPRAPI DWORD MPRCALL WNetEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
                                      LPDWORD lpBufferSize);
#endif

#ifdef __cplusplus
}
#endif

#endif
