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

/* What WNetGetConnection3 and NPGetConnection3 tell of a device. */
#define WNGETCON_CONNECTED    0x00000000
#define WNGETCON_DISCONNECTED 0x00000001 /**< remembered, not connected */

/** Of WNetGetConnection2. */
typedef struct _WNET_CONNECTIONINFOA {
    LPSTR lpRemoteName; /**< as it was written when it was connected */
    LPSTR lpProvider;   /**< who has the connection */
} WNET_CONNECTIONINFOA, *LPWNET_CONNECTIONINFOA;

/** As WNET_CONNECTIONINFOA, in UTF-16. */
typedef struct _WNET_CONNECTIONINFOW {
    LPWSTR lpRemoteName;
    LPWSTR lpProvider;
} WNET_CONNECTIONINFOW, *LPWNET_CONNECTIONINFOW;

#ifdef UNICODE
typedef WNET_CONNECTIONINFOW WNET_CONNECTIONINFO;
typedef LPWNET_CONNECTIONINFOW LPWNET_CONNECTIONINFO;
#else
typedef WNET_CONNECTIONINFOA WNET_CONNECTIONINFO;
typedef LPWNET_CONNECTIONINFOA LPWNET_CONNECTIONINFO;
#endif

/* ---- connections */

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
 * As WNetGetConnection, with the provider's name.
 *
 * lpBuffer      receives a WNET_CONNECTIONINFO, and behind it its strings; aligned
 *               for a pointer. NULL with size 0 asks for the size.
 * lpBufferSize  its size in bytes.
 *
 * Returns as WNetGetConnection; with ERROR_CONNECTION_UNAVAIL the buffer is filled.
 *
 * Source: Windows has the function, and does not document it; the codes are our
 * choice.
 */
MPRAPI DWORD MPRCALL WNetGetConnection2A(LPCSTR lpLocalName, LPVOID lpBuffer, LPDWORD lpBufferSize);
MPRAPI DWORD MPRCALL WNetGetConnection2W(LPCWSTR lpLocalName, LPVOID lpBuffer,
                                         LPDWORD lpBufferSize);

/**
 * Whether a device that has a connection, or a remembered one, is connected now.
 *
 * dwLevel       1, the only one: lpBuffer receives a DWORD, WNGETCON_CONNECTED or
 *               WNGETCON_DISCONNECTED (remembered only).
 * lpBuffer      NULL with size 0 asks for the size.
 * lpBufferSize  its size in bytes.
 *
 * Returns NO_ERROR, or
 *   ERROR_INVALID_LEVEL  dwLevel is not 1
 *   ERROR_BAD_DEVICE     lpLocalName is no device
 *   ERROR_NOT_CONNECTED  neither connected nor remembered
 *   ERROR_MORE_DATA      too small; *lpBufferSize says what is needed
 *
 * Source: Windows has the function, and documents only the one that it calls in
 * a provider, NPGetConnection3; the arguments are taken from there.
 */
MPRAPI DWORD MPRCALL WNetGetConnection3A(LPCSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer,
                                         LPDWORD lpBufferSize);
MPRAPI DWORD MPRCALL WNetGetConnection3W(LPCWSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer,
                                         LPDWORD lpBufferSize);

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
 * How fast a connection is, as its provider measures it.
 *
 * lpNetResource         lpLocalName: the device. NULL or "": lpRemoteName, a name
 *                       that is connected or lies below one. lpProvider: of this
 *                       one only, or NULL or "". Nothing else counts.
 * lpNetConnectInfo      cbStructure is set by the caller and left as it is; the
 *                       others are filled: dwFlags (WNCON_), dwSpeed in units of
 *                       100 bit/s, dwDelay in milliseconds, dwOptDataSize in
 *                       bytes. 0 = not known; dwSpeed 1 = more than can be said.
 *
 * Returns NO_ERROR, or
 *   ERROR_BAD_DEVICE         lpLocalName is no device
 *   ERROR_BAD_NET_NAME       both names are empty, or no provider takes lpRemoteName
 *   ERROR_BAD_PROVIDER       no provider lpProvider
 *   ERROR_NOT_CONNECTED      no such connection, or none of lpProvider
 *   ERROR_NOT_SUPPORTED      the provider does not measure
 *   ERROR_INVALID_PARAMETER  cbStructure is too small
 *   or the provider's code.
 *
 * Source: Windows.
 */
MPRAPI DWORD MPRCALL MultinetGetConnectionPerformanceA(LPNETRESOURCEA lpNetResource,
                                                       LPNETCONNECTINFOSTRUCT lpNetConnectInfo);
MPRAPI DWORD MPRCALL MultinetGetConnectionPerformanceW(LPNETRESOURCEW lpNetResource,
                                                       LPNETCONNECTINFOSTRUCT lpNetConnectInfo);

/* ---- names */

/**
 * The name of a path on a device for other machines. The path need not exist:
 * no server is asked.
 *
 * lpLocalPath   a device, or "Z:\dir\file" with either separator.
 * dwInfoLevel   UNIVERSAL_NAME_INFO_LEVEL or REMOTE_NAME_INFO_LEVEL.
 * lpBuffer      receives the structure of that name, and behind it its strings;
 *               aligned for a pointer. NULL does not ask for the size.
 * lpBufferSize  its size in bytes.
 *
 * lpUniversalName is \\server\share\dir\file, lpConnectionName \\server\share, and
 * lpRemainingPath \dir\file, "" for the device alone. Where a provider's names have
 * no such form, lpUniversalName is NULL and lpConnectionName as
 * WNetGetConnection gives it.
 *
 * Returns NO_ERROR, or
 *   ERROR_MORE_DATA           too small; *lpBufferSize says what is needed
 *   ERROR_BAD_DEVICE          lpLocalPath is no path on a device
 *   ERROR_CONNECTION_UNAVAIL  the device is remembered, not connected
 *   ERROR_NOT_CONNECTED       a device without a connection
 *   ERROR_NOT_SUPPORTED       UNIVERSAL_NAME_INFO_LEVEL: there is no such name
 *   ERROR_INVALID_PARAMETER   dwInfoLevel is neither
 *   or the provider's code.
 * lpBufferSize is looked at before all else, lpBuffer after the device.
 *
 * Source: Windows, where a wrong level may also be ERROR_INVALID_LEVEL.
 */
MPRAPI DWORD MPRCALL WNetGetUniversalNameA(LPCSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                                           LPDWORD lpBufferSize);
MPRAPI DWORD MPRCALL WNetGetUniversalNameW(LPCWSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                                           LPDWORD lpBufferSize);

/**
 * The network resource that a name begins with, and the rest of the name. The
 * provider looks whether it exists.
 *
 * lpNetResource  lpRemoteName: the name. lpProvider: ask this one only, or NULL or
 *                "": all that know such names, in their order; its own name as
 *                lpRemoteName is its whole network, as WNetOpenEnum lists it.
 *                dwType: what is expected, RESOURCETYPE_DISK or _PRINT, or _ANY.
 *                Nothing else counts.
 * lpBuffer       receives a NETRESOURCE with dwType, dwDisplayType, dwUsage,
 *                lpRemoteName and lpProvider (all else 0 or NULL), and behind it
 *                the strings; aligned for a pointer. NULL does not ask for the size.
 * lpcbBuffer     its size in bytes.
 * lplpSystem     receives where in the buffer the rest of the name is ("\dir\file"),
 *                or NULL if there is none; untouched on failure.
 *
 * Returns NO_ERROR, or
 *   ERROR_MORE_DATA          too small; *lpcbBuffer says what is needed
 *   ERROR_BAD_NET_NAME       no such resource; "" or nobody's name
 *   ERROR_BAD_DEV_TYPE       it is not of dwType, or dwType is none
 *   ERROR_BAD_PROVIDER       no provider lpProvider
 *   ERROR_NOT_SUPPORTED      the provider cannot tell
 *   ERROR_INVALID_PARAMETER  lpRemoteName is NULL
 *   or the provider's code, as ERROR_BAD_NETPATH or ERROR_ACCESS_DENIED.
 *
 * Source: Windows; ERROR_INVALID_PARAMETER and _NOT_SUPPORTED are our choice.
 */
MPRAPI DWORD MPRCALL WNetGetResourceInformationA(LPNETRESOURCEA lpNetResource, LPVOID lpBuffer,
                                                 LPDWORD lpcbBuffer, LPSTR *lplpSystem);
MPRAPI DWORD MPRCALL WNetGetResourceInformationW(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
                                                 LPDWORD lpcbBuffer, LPWSTR *lplpSystem);

/**
 * The container of a resource, by syntax: neither need exist.
 *
 * lpNetResource, lpBuffer, lpcbBuffer as for WNetGetResourceInformation; dwType
 * does not count. At the top the result has no lpRemoteName.
 *
 * Returns as WNetGetResourceInformation, but for ERROR_BAD_DEV_TYPE.
 *
 * Source: Windows, which wants lpProvider; without it, the first provider that
 * knows the name is our choice.
 */
MPRAPI DWORD MPRCALL WNetGetResourceParentA(LPNETRESOURCEA lpNetResource, LPVOID lpBuffer,
                                            LPDWORD lpcbBuffer);
MPRAPI DWORD MPRCALL WNetGetResourceParentW(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
                                            LPDWORD lpcbBuffer);

/**
 * A remote name as people are to see it. The provider may know better; by itself
 * the router does what is said at the flags.
 *
 * lpProvider        whose name it is; NULL or "": of the first that takes it.
 * lpRemoteName      the name.
 * lpFormattedName   receives the text; NULL with size 0 asks for the size.
 * lpnLength         its size in units.
 * dwFlags           WNFMT_MULTILINE: in lines, which '\n' ends, after separators
 *                   where there are any. WNFMT_ABBREVIATED: one line, with "..." in
 *                   the middle if it is too long. One of both at most.
 *                   WNFMT_INENUM: it stands below its container, so of \\server\share
 *                   the last part is enough. WNFMT_CONNECTION: of a connection.
 * dwAveCharPerLine  characters that a line has at most; 0 = any number.
 *
 * Returns NO_ERROR, or
 *   ERROR_MORE_DATA          too small; *lpnLength says what is needed
 *   ERROR_BAD_PROVIDER       no provider lpProvider
 *   ERROR_INVALID_PARAMETER  another flag, or both of the first two
 * A provider that fails is as one that cannot.
 *
 * Source: Windows has the function, and documents only NPFormatNetworkName, from
 * which the meaning is; the codes and what the router does are our choice.
 */
MPRAPI DWORD MPRCALL WNetFormatNetworkNameA(LPCSTR lpProvider, LPCSTR lpRemoteName,
                                            LPSTR lpFormattedName, LPDWORD lpnLength, DWORD dwFlags,
                                            DWORD dwAveCharPerLine);
MPRAPI DWORD MPRCALL WNetFormatNetworkNameW(LPCWSTR lpProvider, LPCWSTR lpRemoteName,
                                            LPWSTR lpFormattedName, LPDWORD lpnLength,
                                            DWORD dwFlags, DWORD dwAveCharPerLine);

/* ---- providers */

/**
 * The name of the first provider of a kind of network.
 *
 * dwNetType       WNNC_NET_; only its high word counts.
 * lpProviderName  receives the name; NULL with size 0 asks for the size.
 * lpBufferSize    its size in units.
 *
 * Returns NO_ERROR, ERROR_MORE_DATA, or ERROR_NO_NETWORK (no provider of this kind).
 *
 * Source: Windows.
 */
MPRAPI DWORD MPRCALL WNetGetProviderNameA(DWORD dwNetType, LPSTR lpProviderName,
                                          LPDWORD lpBufferSize);
MPRAPI DWORD MPRCALL WNetGetProviderNameW(DWORD dwNetType, LPWSTR lpProviderName,
                                          LPDWORD lpBufferSize);

/**
 * The kind of network of a provider, the reverse.
 *
 * lpProvider   its name, or that of its drop-in, in any case.
 * lpdwNetType  receives WNNC_NET_.
 *
 * Returns NO_ERROR or ERROR_BAD_PROVIDER (none of this name, or not loaded).
 *
 * Source: Windows has the function, and does not document it; the arguments are
 * our choice.
 */
MPRAPI DWORD MPRCALL WNetGetProviderTypeA(LPCSTR lpProvider, LPDWORD lpdwNetType);
MPRAPI DWORD MPRCALL WNetGetProviderTypeW(LPCWSTR lpProvider, LPDWORD lpdwNetType);

/**
 * Facts about a provider.
 *
 * lpProvider       as for WNetGetProviderType.
 * lpNetInfoStruct  cbStructure is set by the caller, and becomes the size of what is
 *                  filled. dwStatus: NO_ERROR, or ERROR_NO_NETWORK for one that
 *                  could not be loaded, of which nothing else is known.
 *                  dwDrives has a bit for each of A: to Z: if the provider serves
 *                  files, dwPrinters for each of LPT1 to LPT9 if it prints; both if
 *                  it does neither, since it can still be connected.
 *                  dwCharacteristics and dwHandle are 0.
 *
 * Returns NO_ERROR, or
 *   ERROR_INVALID_PARAMETER  cbStructure is too small
 *   ERROR_BAD_PROVIDER       no provider of this name
 *
 * Source: Windows; what the masks say and dwStatus are our choice.
 */
MPRAPI DWORD MPRCALL WNetGetNetworkInformationA(LPCSTR lpProvider, LPNETINFOSTRUCT lpNetInfoStruct);
MPRAPI DWORD MPRCALL WNetGetNetworkInformationW(LPCWSTR lpProvider,
                                                LPNETINFOSTRUCT lpNetInfoStruct);

/**
 * Does a provider list the network (WNetOpenEnum with RESOURCE_GLOBALNET)?
 *
 * lpProvider  as for WNetGetProviderType; in UTF-8, there is no other form.
 *
 * Returns no code, but TRUE or FALSE. MprGetLastError says which FALSE it is:
 * NO_ERROR if it does not, else the code of the failure, ERROR_BAD_PROVIDER
 * (none of this name, or not loaded) or ERROR_INVALID_ADDRESS.
 *
 * Source: Windows has the function, and does not document it.
 */
MPRAPI DWORD MPRCALL WNetSupportGlobalEnum(LPCSTR lpProvider);

/* The bare names: exported as the A functions; here the W functions with UNICODE. */
#ifdef UNICODE
#define WNetGetConnection                WNetGetConnectionW
#define WNetGetConnection2               WNetGetConnection2W
#define WNetGetConnection3               WNetGetConnection3W
#define WNetGetUser                      WNetGetUserW
#define WNetGetUniversalName             WNetGetUniversalNameW
#define WNetGetResourceInformation       WNetGetResourceInformationW
#define WNetGetResourceParent            WNetGetResourceParentW
#define WNetFormatNetworkName            WNetFormatNetworkNameW
#define WNetGetProviderName              WNetGetProviderNameW
#define WNetGetProviderType              WNetGetProviderTypeW
#define WNetGetNetworkInformation        WNetGetNetworkInformationW
#define MultinetGetConnectionPerformance MultinetGetConnectionPerformanceW
#else
MPRAPI DWORD MPRCALL WNetGetConnection(LPCSTR lpLocalName, LPSTR lpRemoteName, LPDWORD lpnLength);
MPRAPI DWORD MPRCALL WNetGetConnection2(LPCSTR lpLocalName, LPVOID lpBuffer, LPDWORD lpBufferSize);
MPRAPI DWORD MPRCALL WNetGetConnection3(LPCSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer,
                                        LPDWORD lpBufferSize);
MPRAPI DWORD MPRCALL WNetGetUser(LPCSTR lpName, LPSTR lpUserName, LPDWORD lpnLength);
MPRAPI DWORD MPRCALL WNetGetUniversalName(LPCSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
                                          LPDWORD lpBufferSize);
MPRAPI DWORD MPRCALL WNetGetResourceInformation(LPNETRESOURCEA lpNetResource, LPVOID lpBuffer,
                                                LPDWORD lpcbBuffer, LPSTR *lplpSystem);
MPRAPI DWORD MPRCALL WNetGetResourceParent(LPNETRESOURCEA lpNetResource, LPVOID lpBuffer,
                                           LPDWORD lpcbBuffer);
MPRAPI DWORD MPRCALL WNetFormatNetworkName(LPCSTR lpProvider, LPCSTR lpRemoteName,
                                           LPSTR lpFormattedName, LPDWORD lpnLength, DWORD dwFlags,
                                           DWORD dwAveCharPerLine);
MPRAPI DWORD MPRCALL WNetGetProviderName(DWORD dwNetType, LPSTR lpProviderName,
                                         LPDWORD lpBufferSize);
MPRAPI DWORD MPRCALL WNetGetProviderType(LPCSTR lpProvider, LPDWORD lpdwNetType);
MPRAPI DWORD MPRCALL WNetGetNetworkInformation(LPCSTR lpProvider, LPNETINFOSTRUCT lpNetInfoStruct);
MPRAPI DWORD MPRCALL MultinetGetConnectionPerformance(LPNETRESOURCEA lpNetResource,
                                                      LPNETCONNECTINFOSTRUCT lpNetConnectInfo);
#endif

#ifdef __cplusplus
}
#endif

#endif
