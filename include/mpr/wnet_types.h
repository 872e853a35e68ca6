/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_types.h: constants and structures of the WNet functions.
 * Include <mpr/winnetwk.h>, which has them all.
 */
#ifndef MPR_WNET_TYPES_H
#define MPR_WNET_TYPES_H

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

/*
 * Credentials, of WNetAddConnection4 and WNetUseConnection4. Left out after a
 * Windows header that brings them: all agree on this guard. Lengths count
 * characters without a NUL; a pointer may be NULL, with length 0.
 */
#ifndef _AUTH_IDENTITY_DEFINED
#define _AUTH_IDENTITY_DEFINED
#define SEC_WINNT_AUTH_IDENTITY_ANSI    0x1
#define SEC_WINNT_AUTH_IDENTITY_UNICODE 0x2
typedef struct _SEC_WINNT_AUTH_IDENTITY_W {
    WCHAR *User;
    DWORD UserLength;
    WCHAR *Domain;
    DWORD DomainLength;
    WCHAR *Password;
    DWORD PasswordLength;
    DWORD Flags; /**< SEC_WINNT_AUTH_IDENTITY_UNICODE */
} SEC_WINNT_AUTH_IDENTITY_W, *PSEC_WINNT_AUTH_IDENTITY_W;

/** As SEC_WINNT_AUTH_IDENTITY_W, in UTF-8. */
typedef struct _SEC_WINNT_AUTH_IDENTITY_A {
    unsigned char *User;
    DWORD UserLength;
    unsigned char *Domain;
    DWORD DomainLength;
    unsigned char *Password;
    DWORD PasswordLength;
    DWORD Flags; /**< SEC_WINNT_AUTH_IDENTITY_ANSI */
} SEC_WINNT_AUTH_IDENTITY_A, *PSEC_WINNT_AUTH_IDENTITY_A;

#ifdef UNICODE
typedef SEC_WINNT_AUTH_IDENTITY_W SEC_WINNT_AUTH_IDENTITY;
typedef PSEC_WINNT_AUTH_IDENTITY_W PSEC_WINNT_AUTH_IDENTITY;
#else
typedef SEC_WINNT_AUTH_IDENTITY_A SEC_WINNT_AUTH_IDENTITY;
typedef PSEC_WINNT_AUTH_IDENTITY_A PSEC_WINNT_AUTH_IDENTITY;
#endif
#endif

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

#ifdef __cplusplus
}
#endif

#endif
