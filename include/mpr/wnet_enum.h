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
 * dwScope        RESOURCE_CONNECTED   the connections there are;
 *                RESOURCE_REMEMBERED  those that the profile remembers;
 *                RESOURCE_RECENT      those that were made lately, newest first;
 *                RESOURCE_GLOBALNET   the network: what is below lpNetResource;
 *                RESOURCE_CONTEXT     what is near: the whole network as one entry
 *                                     ("Entire Network"), then the known servers.
 * dwType         RESOURCETYPE_ANY, or a mask of RESOURCETYPE_DISK and _PRINT. What is of
 *                no type in particular, as a server, is listed with each.
 * dwUsage        with RESOURCE_GLOBALNET 0 = all, or a mask of RESOURCEUSAGE_CONNECTABLE
 *                and _CONTAINER; with RESOURCEUSAGE_ATTACHED a provider that can tell
 *                fails where nobody in particular would be listing. Else ignored.
 * lpNetResource  with RESOURCE_GLOBALNET: where. NULL, or without lpRemoteName and
 *                lpProvider: the providers. lpProvider alone, or with its own name as
 *                lpRemoteName: the provider's servers, those of connections that there
 *                are, are remembered, or were made lately among them. Else what is below
 *                lpRemoteName, by lpProvider or by whoever takes the name; dwUsage must
 *                have RESOURCEUSAGE_CONTAINER, or be 0 (not known). With the other scopes
 *                its lpProvider, if not NULL or "", narrows the list. Nothing else of it
 *                counts.
 * lphEnum        receives the handle; untouched on failure. End it with
 *                WNetCloseEnum, from any thread.
 *
 * The list is as of now: later changes do not show in it. Each provider that is asked has
 * the time it may take to connect. One that fails at the top of its network is passed over,
 * and its failure counts only if nothing can be listed.
 *
 * Returns NO_ERROR, or
 *   ERROR_INVALID_ADDRESS        lphEnum is NULL
 *   ERROR_INVALID_PARAMETER      dwScope or dwType
 *   ERROR_NOT_CONTAINER          lpNetResource is none, as it or the provider says
 *   ERROR_BAD_PROVIDER           there is no provider of this name
 *   ERROR_NOT_SUPPORTED          the provider does not list
 *   ERROR_NO_NETWORK             RESOURCE_GLOBALNET, _CONTEXT: no provider is loaded
 *   ERROR_BAD_NET_NAME           nobody takes lpRemoteName as a name of its own
 *   ERROR_BAD_PROFILE, ERROR_CANNOT_OPEN_PROFILE   RESOURCE_REMEMBERED
 *   ERROR_NOT_AUTHENTICATED, ERROR_ACCESS_DENIED, ERROR_BAD_NETPATH, ERROR_EXTENDED_ERROR
 *                                and others that a provider gives
 *
 * Source: Windows, and Windows 95 for RESOURCE_RECENT; the profile's codes, the snapshot,
 * the servers of connections and a dwUsage of 0 are our choice.
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
