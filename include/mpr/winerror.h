/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * winerror.h: the Win32 codes that these functions return or that providers
 * may give, with the numbers of Windows.
 *
 * Each may have been defined before, by WinPR's or Wine's headers, and may be
 * defined once more after: the spelling of the numbers is WinPR's, letter by
 * letter, so that this is no redefinition.
 *
 * The remark gives the decimal number and what the code means here. A code that
 * a server or a module causes always comes with words: see WNetGetLastError.
 */
#ifndef MPR_WINERROR_H
#define MPR_WINERROR_H

/* Answers of every function. */
#ifndef NO_ERROR /* 0: done */
#define NO_ERROR 0
#endif
#ifndef ERROR_SUCCESS /* 0: the same */
#define ERROR_SUCCESS 0x00000000
#endif

/* Files, memory, arguments. */
#ifndef ERROR_FILE_NOT_FOUND /* 2: no such file */
#define ERROR_FILE_NOT_FOUND 0x00000002
#endif
#ifndef ERROR_PATH_NOT_FOUND /* 3: no such directory */
#define ERROR_PATH_NOT_FOUND 0x00000003
#endif
#ifndef ERROR_TOO_MANY_OPEN_FILES /* 4: no file descriptor left */
#define ERROR_TOO_MANY_OPEN_FILES 0x00000004
#endif
#ifndef ERROR_ACCESS_DENIED /* 5: the server, or the system, refuses this user */
#define ERROR_ACCESS_DENIED 0x00000005
#endif
#ifndef ERROR_INVALID_HANDLE /* 6: a handle that is none, or that was closed */
#define ERROR_INVALID_HANDLE 0x00000006
#endif
#ifndef ERROR_NOT_ENOUGH_MEMORY /* 8: out of memory; nothing was changed */
#define ERROR_NOT_ENOUGH_MEMORY 0x00000008
#endif
#ifndef ERROR_BAD_FORMAT /* 11: a file in a format that is not understood */
#define ERROR_BAD_FORMAT 0x0000000B
#endif
#ifndef ERROR_INVALID_DATA /* 13: data that make no sense */
#define ERROR_INVALID_DATA 0x0000000D
#endif
#ifndef ERROR_WRITE_PROTECT /* 19: the medium cannot be written */
#define ERROR_WRITE_PROTECT 0x00000013
#endif
#ifndef ERROR_NOT_READY /* 21: the device is not ready */
#define ERROR_NOT_READY 0x00000015
#endif
#ifndef ERROR_GEN_FAILURE /* 31: a device does not work; WN_DEVICE_ERROR */
#define ERROR_GEN_FAILURE 0x0000001F
#endif
#ifndef ERROR_NOT_SUPPORTED /* 50: the provider or this version cannot do it */
#define ERROR_NOT_SUPPORTED 0x00000032
#endif

/* The network. */
#ifndef ERROR_REM_NOT_LIST /* 51: the server is not reachable */
#define ERROR_REM_NOT_LIST 0x00000033
#endif
#ifndef ERROR_BAD_NETPATH /* 53: the server was not found, or speaks another protocol */
#define ERROR_BAD_NETPATH 0x00000035
#endif
#ifndef ERROR_NETWORK_BUSY /* 54: the network is busy */
#define ERROR_NETWORK_BUSY 0x00000036
#endif
#ifndef ERROR_DEV_NOT_EXIST /* 55: the resource is no longer available */
#define ERROR_DEV_NOT_EXIST 0x00000037
#endif
#ifndef ERROR_BAD_NET_RESP /* 58: the server's answer makes no sense */
#define ERROR_BAD_NET_RESP 0x0000003A
#endif
#ifndef ERROR_UNEXP_NET_ERR /* 59: an unexpected error of the network; WN_NET_ERROR */
#define ERROR_UNEXP_NET_ERR 0x0000003B
#endif
#ifndef ERROR_NETNAME_DELETED /* 64: the share was removed, or the session broke */
#define ERROR_NETNAME_DELETED 0x00000040
#endif
#ifndef ERROR_NETWORK_ACCESS_DENIED /* 65: the network refuses access */
#define ERROR_NETWORK_ACCESS_DENIED 0x00000041
#endif
#ifndef ERROR_BAD_DEV_TYPE /* 66: device and resource are not of one type */
#define ERROR_BAD_DEV_TYPE 0x00000042
#endif
#ifndef ERROR_BAD_NET_NAME /* 67: no such share or export, or nobody's name */
#define ERROR_BAD_NET_NAME 0x00000043
#endif
#ifndef ERROR_TOO_MANY_SESS /* 69: the server takes no more sessions */
#define ERROR_TOO_MANY_SESS 0x00000045
#endif
#ifndef ERROR_REQ_NOT_ACCEP /* 71: the server takes no more connections */
#define ERROR_REQ_NOT_ACCEP 0x00000047
#endif
#ifndef ERROR_REDIR_PAUSED /* 72: the device has been paused */
#define ERROR_REDIR_PAUSED 0x00000048
#endif
#ifndef ERROR_ALREADY_ASSIGNED /* 85: the device is connected already */
#define ERROR_ALREADY_ASSIGNED 0x00000055
#endif
#ifndef ERROR_INVALID_PASSWORD /* 86: wrong password */
#define ERROR_INVALID_PASSWORD 0x00000056
#endif
#ifndef ERROR_INVALID_PARAMETER /* 87: an argument that cannot be meant */
#define ERROR_INVALID_PARAMETER 0x00000057
#endif
#ifndef ERROR_OPEN_FAILED /* 110: cannot be opened */
#define ERROR_OPEN_FAILED 0x0000006E
#endif
#ifndef ERROR_DISK_FULL /* 112: no space left on the server */
#define ERROR_DISK_FULL 0x00000070
#endif
#ifndef ERROR_SEM_TIMEOUT /* 121: waited in vain */
#define ERROR_SEM_TIMEOUT 0x00000079
#endif
#ifndef ERROR_INVALID_NAME /* 123: a name with characters that cannot be */
#define ERROR_INVALID_NAME 0x0000007B
#endif
#ifndef ERROR_INVALID_LEVEL /* 124: no such information level */
#define ERROR_INVALID_LEVEL 0x0000007C
#endif
#ifndef ERROR_MOD_NOT_FOUND /* 126: a module, or what it needs, was not found */
#define ERROR_MOD_NOT_FOUND 0x0000007E
#endif
#ifndef ERROR_PROC_NOT_FOUND /* 127: a module lacks a function */
#define ERROR_PROC_NOT_FOUND 0x0000007F
#endif
#ifndef ERROR_BUSY /* 170: busy, or called from inside a provider: try again later */
#define ERROR_BUSY 0x000000AA
#endif
#ifndef ERROR_ALREADY_EXISTS /* 183: exists already */
#define ERROR_ALREADY_EXISTS 0x000000B7
#endif
#ifndef ERROR_MORE_DATA /* 234: the buffer is too small; its size says what is needed */
#define ERROR_MORE_DATA 0x000000EA
#endif
#ifndef ERROR_NO_MORE_ITEMS /* 259: the end of a list; no device is free */
#define ERROR_NO_MORE_ITEMS 0x00000103
#endif
#ifndef ERROR_INVALID_ADDRESS /* 487: a pointer is NULL that must not be */
#define ERROR_INVALID_ADDRESS 0x000001E7
#endif
#ifndef ERROR_OPERATION_ABORTED /* 995: the operation was aborted */
#define ERROR_OPERATION_ABORTED 0x000003E3
#endif
#ifndef ERROR_NO_UNICODE_TRANSLATION /* 1113: not UTF-8, or not UTF-16 */
#define ERROR_NO_UNICODE_TRANSLATION 0x00000459
#endif
#ifndef ERROR_DLL_INIT_FAILED /* 1114: a module could not start */
#define ERROR_DLL_INIT_FAILED 0x0000045A
#endif
#ifndef ERROR_NOT_FOUND /* 1168: there is none of what was asked for */
#define ERROR_NOT_FOUND 0x00000490
#endif

/* The router and its profile. */
#ifndef ERROR_BAD_DEVICE /* 1200: not the name of a device; or it cannot be redirected */
#define ERROR_BAD_DEVICE 0x000004B0
#endif
#ifndef ERROR_CONNECTION_UNAVAIL /* 1201: not connected now, but remembered */
#define ERROR_CONNECTION_UNAVAIL 0x000004B1
#endif
#ifndef ERROR_DEVICE_ALREADY_REMEMBERED /* 1202: the device is remembered for another resource */
#define ERROR_DEVICE_ALREADY_REMEMBERED 0x000004B2
#endif
#ifndef ERROR_NO_NET_OR_BAD_PATH /* 1203: nobody knows the name, and a network is down */
#define ERROR_NO_NET_OR_BAD_PATH 0x000004B3
#endif
#ifndef ERROR_BAD_PROVIDER /* 1204: no provider of this name */
#define ERROR_BAD_PROVIDER 0x000004B4
#endif
#ifndef ERROR_CANNOT_OPEN_PROFILE /* 1205: the profile cannot be opened, read or written */
#define ERROR_CANNOT_OPEN_PROFILE 0x000004B5
#endif
#ifndef ERROR_BAD_PROFILE /* 1206: the profile is not understood; it is left as it is */
#define ERROR_BAD_PROFILE 0x000004B6
#endif
#ifndef ERROR_NOT_CONTAINER /* 1207: nothing can be below this name */
#define ERROR_NOT_CONTAINER 0x000004B7
#endif
#ifndef ERROR_EXTENDED_ERROR /* 1208: WNetGetLastError gives code and words */
#define ERROR_EXTENDED_ERROR 0x000004B8
#endif

/* Why the network did not work. */
#ifndef ERROR_SESSION_CREDENTIAL_CONFLICT /* 1219: the server is connected as another user */
#define ERROR_SESSION_CREDENTIAL_CONFLICT 0x000004C3
#endif
#ifndef ERROR_NO_NETWORK /* 1222: no provider at all, or none is up; also in a forked child */
#define ERROR_NO_NETWORK 0x000004C6
#endif
#ifndef ERROR_CANCELLED /* 1223: the user, or a forced cancel, ended it */
#define ERROR_CANCELLED 0x000004C7
#endif
#ifndef ERROR_CONNECTION_REFUSED /* 1225: the server listens on no such port */
#define ERROR_CONNECTION_REFUSED 0x000004C9
#endif
#ifndef ERROR_NETWORK_UNREACHABLE /* 1231: no route to the network */
#define ERROR_NETWORK_UNREACHABLE 0x000004CF
#endif
#ifndef ERROR_HOST_UNREACHABLE /* 1232: no route to the server */
#define ERROR_HOST_UNREACHABLE 0x000004D0
#endif
#ifndef ERROR_PORT_UNREACHABLE /* 1234: nothing listens there */
#define ERROR_PORT_UNREACHABLE 0x000004D2
#endif
#ifndef ERROR_REQUEST_ABORTED /* 1235: the request was aborted */
#define ERROR_REQUEST_ABORTED 0x000004D3
#endif
#ifndef ERROR_CONNECTION_ABORTED /* 1236: the connection was torn down */
#define ERROR_CONNECTION_ABORTED 0x000004D4
#endif
#ifndef ERROR_RETRY /* 1237: do it again */
#define ERROR_RETRY 0x000004D5
#endif
#ifndef ERROR_LOGIN_TIME_RESTRICTION /* 1239: this user not at this time */
#define ERROR_LOGIN_TIME_RESTRICTION 0x000004D7
#endif
#ifndef ERROR_LOGIN_WKSTA_RESTRICTION /* 1240: this user not from this machine */
#define ERROR_LOGIN_WKSTA_RESTRICTION 0x000004D8
#endif
#ifndef ERROR_INCORRECT_ADDRESS /* 1241: not an address of a server */
#define ERROR_INCORRECT_ADDRESS 0x000004D9
#endif
#ifndef ERROR_NOT_AUTHENTICATED /* 1244: the user has not been authenticated */
#define ERROR_NOT_AUTHENTICATED 0x000004DC
#endif
#ifndef ERROR_NOT_LOGGED_ON /* 1245: the user has not logged on to the network */
#define ERROR_NOT_LOGGED_ON 0x000004DD
#endif
#ifndef ERROR_CONTINUE /* 1246: go on */
#define ERROR_CONTINUE 0x000004DE
#endif
#ifndef ERROR_ALREADY_INITIALIZED /* 1247: initialised already */
#define ERROR_ALREADY_INITIALIZED 0x000004DF
#endif
#ifndef ERROR_NO_MORE_DEVICES /* 1248: no more local devices */
#define ERROR_NO_MORE_DEVICES 0x000004E0
#endif
#ifndef ERROR_HOST_DOWN /* 1256: the server is down */
#define ERROR_HOST_DOWN 0x000004E8
#endif
#ifndef ERROR_DISK_QUOTA_EXCEEDED /* 1295: the user's quota is used up */
#define ERROR_DISK_QUOTA_EXCEEDED 0x0000050F
#endif

/* Logon. */
#ifndef ERROR_NO_LOGON_SERVERS /* 1311: no server can check the logon */
#define ERROR_NO_LOGON_SERVERS 0x0000051F
#endif
#ifndef ERROR_NO_SUCH_LOGON_SESSION /* 1312: no such logon, or no ticket */
#define ERROR_NO_SUCH_LOGON_SESSION 0x00000520
#endif
#ifndef ERROR_NO_SUCH_USER /* 1317: no such user */
#define ERROR_NO_SUCH_USER 0x00000525
#endif
#ifndef ERROR_LOGON_FAILURE /* 1326: unknown user or wrong password */
#define ERROR_LOGON_FAILURE 0x0000052E
#endif
#ifndef ERROR_ACCOUNT_RESTRICTION /* 1327: the account may not be used so */
#define ERROR_ACCOUNT_RESTRICTION 0x0000052F
#endif
#ifndef ERROR_INVALID_LOGON_HOURS /* 1328: not at this time */
#define ERROR_INVALID_LOGON_HOURS 0x00000530
#endif
#ifndef ERROR_INVALID_WORKSTATION /* 1329: not from this machine */
#define ERROR_INVALID_WORKSTATION 0x00000531
#endif
#ifndef ERROR_PASSWORD_EXPIRED /* 1330: the password has expired */
#define ERROR_PASSWORD_EXPIRED 0x00000532
#endif
#ifndef ERROR_ACCOUNT_DISABLED /* 1331: the account is disabled */
#define ERROR_ACCOUNT_DISABLED 0x00000533
#endif
#ifndef ERROR_NO_SUCH_DOMAIN /* 1355: no such domain */
#define ERROR_NO_SUCH_DOMAIN 0x0000054B
#endif
#ifndef ERROR_LOGON_NOT_GRANTED /* 1380: the logon was not granted */
#define ERROR_LOGON_NOT_GRANTED 0x00000564
#endif
#ifndef ERROR_LOGON_TYPE_NOT_GRANTED /* 1385: not this kind of logon for this user */
#define ERROR_LOGON_TYPE_NOT_GRANTED 0x00000569
#endif
#ifndef ERROR_WRONG_TARGET_NAME /* 1396: the ticket is for another server */
#define ERROR_WRONG_TARGET_NAME 0x00000574
#endif
#ifndef ERROR_TIME_SKEW /* 1398: the clocks of client and server differ too much */
#define ERROR_TIME_SKEW 0x00000576
#endif
#ifndef ERROR_TIMEOUT /* 1460: the bound was reached */
#define ERROR_TIMEOUT 0x000005B4
#endif
#ifndef ERROR_TRUSTED_RELATIONSHIP_FAILURE /* 1789: the domains do not trust each other */
#define ERROR_TRUSTED_RELATIONSHIP_FAILURE 0x000006FD
#endif
#ifndef ERROR_ACCOUNT_EXPIRED /* 1793: the account has expired */
#define ERROR_ACCOUNT_EXPIRED 0x00000701
#endif
#ifndef ERROR_PASSWORD_MUST_CHANGE /* 1907: the password must be changed first */
#define ERROR_PASSWORD_MUST_CHANGE 0x00000773
#endif
#ifndef ERROR_DOMAIN_CONTROLLER_NOT_FOUND /* 1908: no domain controller was found */
#define ERROR_DOMAIN_CONTROLLER_NOT_FOUND 0x00000774
#endif
#ifndef ERROR_ACCOUNT_LOCKED_OUT /* 1909: too many failures: the account is locked */
#define ERROR_ACCOUNT_LOCKED_OUT 0x00000775
#endif

/* Connections. */
#ifndef ERROR_CONNECTED_OTHER_PASSWORD /* 2108: connected, with another password than given */
#define ERROR_CONNECTED_OTHER_PASSWORD 0x0000083C
#endif
#ifndef ERROR_CONNECTED_OTHER_PASSWORD_DEFAULT /* 2109: connected, with default credentials */
#define ERROR_CONNECTED_OTHER_PASSWORD_DEFAULT 0x0000083D
#endif
#ifndef ERROR_BAD_USERNAME /* 2202: not a user name */
#define ERROR_BAD_USERNAME 0x0000089A
#endif
#ifndef ERROR_NOT_CONNECTED /* 2250: no such connection */
#define ERROR_NOT_CONNECTED 0x000008CA
#endif
#ifndef ERROR_OPEN_FILES /* 2401: files or print jobs are open on it */
#define ERROR_OPEN_FILES 0x00000961
#endif
#ifndef ERROR_ACTIVE_CONNECTIONS /* 2402: connections are active */
#define ERROR_ACTIVE_CONNECTIONS 0x00000962
#endif
#ifndef ERROR_DEVICE_IN_USE /* 2404: a process uses the device */
#define ERROR_DEVICE_IN_USE 0x00000964
#endif

#endif
