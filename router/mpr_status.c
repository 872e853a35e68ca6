/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_status.c: tables of codes.
 */
#include "config.h"

#include "router/mpr_status.h"

#include <stddef.h>

#include <mpr/winerror.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct {
    DWORD code;
    const char *text;
} texts[] = {
    {NO_ERROR, "The operation completed successfully."},
    {ERROR_ACCESS_DENIED, "Access is denied."},
    {ERROR_INVALID_HANDLE, "The handle is invalid."},
    {ERROR_NOT_ENOUGH_MEMORY, "There is not enough memory."},
    {ERROR_NOT_SUPPORTED, "The request is not supported."},
    {ERROR_BAD_NETPATH, "The network path was not found."},
    {ERROR_UNEXP_NET_ERR, "An unexpected network error occurred."},
    {ERROR_NETNAME_DELETED, "The network name is no longer available."},
    {ERROR_BAD_DEV_TYPE, "The type of the network resource is not correct."},
    {ERROR_BAD_NET_NAME, "The network name cannot be found."},
    {ERROR_ALREADY_ASSIGNED, "The local device name is already in use."},
    {ERROR_INVALID_PASSWORD, "The network password is not correct."},
    {ERROR_INVALID_PARAMETER, "A parameter is incorrect."},
    {ERROR_INVALID_LEVEL, "The level is not correct."},
    {ERROR_BUSY, "The router or a provider is busy; try again."},
    {ERROR_MORE_DATA, "The buffer is too small."},
    {ERROR_NO_MORE_ITEMS, "There are no more items."},
    {ERROR_INVALID_ADDRESS, "A required pointer is NULL."},
    {ERROR_NO_UNICODE_TRANSLATION, "A text is not valid Unicode."},
    {ERROR_BAD_DEVICE, "The device name is not valid."},
    {ERROR_NOT_FOUND, "There is none of what was asked for."},
    {ERROR_CONNECTION_UNAVAIL, "The device is remembered, but not connected at present."},
    {ERROR_DEVICE_ALREADY_REMEMBERED, "The device is remembered for another network resource."},
    {ERROR_NO_NET_OR_BAD_PATH, "No provider knows the network path, or its network is down."},
    {ERROR_BAD_PROVIDER, "There is no provider of this name."},
    {ERROR_CANNOT_OPEN_PROFILE, "The profile of network connections cannot be opened."},
    {ERROR_BAD_PROFILE, "The profile of network connections is damaged."},
    {ERROR_NOT_CONTAINER, "The resource is not a container."},
    {ERROR_EXTENDED_ERROR, "The provider gave no description."},
    {ERROR_SESSION_CREDENTIAL_CONFLICT, "The server is connected under another user name."},
    {ERROR_NO_NETWORK, "The network is not present or not started."},
    {ERROR_CANCELLED, "The operation was cancelled."},
    {ERROR_LOGON_FAILURE, "The user name or password is incorrect."},
    {ERROR_BAD_USERNAME, "The user name is not valid."},
    {ERROR_NOT_CONNECTED, "This network connection does not exist."},
    {ERROR_OPEN_FILES, "The connection has open files."},
    {ERROR_FILE_NOT_FOUND, "The file cannot be found."},
    {ERROR_PATH_NOT_FOUND, "The path cannot be found."},
    {ERROR_GEN_FAILURE, "A device or process that is needed does not work."},
    {ERROR_REM_NOT_LIST, "The remote computer is not available."},
    {ERROR_NETWORK_BUSY, "The network is busy."},
    {ERROR_DEV_NOT_EXIST, "The network resource or device is no longer available."},
    {ERROR_NETWORK_ACCESS_DENIED, "Network access is denied."},
    {ERROR_TOO_MANY_SESS, "The server takes no more sessions."},
    {ERROR_REQ_NOT_ACCEP, "The server takes no more connections at this time."},
    {ERROR_SEM_TIMEOUT, "The time allowed has passed."},
    {ERROR_CONNECTION_REFUSED, "The server refused the network connection."},
    {ERROR_NETWORK_UNREACHABLE, "The network cannot be reached."},
    {ERROR_HOST_UNREACHABLE, "The server cannot be reached."},
    {ERROR_CONNECTION_ABORTED, "The network connection was broken."},
    {ERROR_NOT_AUTHENTICATED, "The operation needs a user who has logged on."},
    {ERROR_NOT_LOGGED_ON, "The user is not logged on to the network."},
    {ERROR_NO_LOGON_SERVERS, "There is no server to log on to."},
    {ERROR_NO_SUCH_USER, "There is no such user."},
    {ERROR_ACCOUNT_RESTRICTION, "Restrictions keep the user from logging on."},
    {ERROR_PASSWORD_EXPIRED, "The password has expired."},
    {ERROR_ACCOUNT_DISABLED, "The account is disabled."},
    {ERROR_ACCOUNT_LOCKED_OUT, "The account is locked."},
    {ERROR_PASSWORD_MUST_CHANGE, "The password must be changed first."},
    {ERROR_TIME_SKEW, "The clocks of this machine and the server differ too much."},
    {ERROR_TIMEOUT, "The time allowed has passed."},
    {ERROR_DEVICE_IN_USE, "The device is in use and cannot be disconnected."},
    {ERROR_TOO_MANY_OPEN_FILES, "There are too many open files."},
    {ERROR_BAD_FORMAT, "The format of a file is not understood."},
    {ERROR_INVALID_DATA, "The data are not valid."},
    {ERROR_WRITE_PROTECT, "The medium is write-protected."},
    {ERROR_NOT_READY, "The device is not ready."},
    {ERROR_BAD_NET_RESP, "The server's answer makes no sense."},
    {ERROR_REDIR_PAUSED, "The device has been paused."},
    {ERROR_OPEN_FAILED, "The device or file cannot be opened."},
    {ERROR_DISK_FULL, "The disk is full."},
    {ERROR_INVALID_NAME, "The name has characters that it cannot have."},
    {ERROR_MOD_NOT_FOUND, "A module, or what it needs, cannot be found."},
    {ERROR_PROC_NOT_FOUND, "A module lacks a function."},
    {ERROR_ALREADY_EXISTS, "There is one of this name already."},
    {ERROR_OPERATION_ABORTED, "The operation was aborted."},
    {ERROR_DLL_INIT_FAILED, "A module could not start."},
    {ERROR_PORT_UNREACHABLE, "Nothing listens on this port of the server."},
    {ERROR_REQUEST_ABORTED, "The request was aborted."},
    {ERROR_RETRY, "The operation was not carried out; try again."},
    {ERROR_LOGIN_TIME_RESTRICTION, "The user may not log on at this time."},
    {ERROR_LOGIN_WKSTA_RESTRICTION, "The user may not log on from this machine."},
    {ERROR_INCORRECT_ADDRESS, "The network address is not correct."},
    {ERROR_CONTINUE, "The operation goes on with a further step."},
    {ERROR_ALREADY_INITIALIZED, "It has been initialised already."},
    {ERROR_NO_MORE_DEVICES, "There are no more local devices."},
    {ERROR_HOST_DOWN, "The server is down."},
    {ERROR_DISK_QUOTA_EXCEEDED, "The user's disk quota is used up."},
    {ERROR_NO_SUCH_LOGON_SESSION, "There is no such logon, or no ticket of it."},
    {ERROR_INVALID_LOGON_HOURS, "The account may not be used at this time."},
    {ERROR_INVALID_WORKSTATION, "The account may not be used from this machine."},
    {ERROR_NO_SUCH_DOMAIN, "There is no such domain."},
    {ERROR_LOGON_NOT_GRANTED, "The logon was not granted."},
    {ERROR_LOGON_TYPE_NOT_GRANTED, "The user may not log on in this way."},
    {ERROR_WRONG_TARGET_NAME, "The ticket is for a server of another name."},
    {ERROR_TRUSTED_RELATIONSHIP_FAILURE, "The domains do not trust each other."},
    {ERROR_ACCOUNT_EXPIRED, "The account has expired."},
    {ERROR_DOMAIN_CONTROLLER_NOT_FOUND, "No domain controller was found."},
    {ERROR_CONNECTED_OTHER_PASSWORD, "It is connected, with another password than was given."},
    {ERROR_CONNECTED_OTHER_PASSWORD_DEFAULT, "It is connected, with the default password."},
    {ERROR_ACTIVE_CONNECTIONS, "There are active connections."},
};

/*
 * What is not listed is MPR_CLASS_MINE with rank 0. Windows' documents name
 * 53, 67, 87 and 124 as insignificant; those that say "not here" or "not now"
 * join them, or a provider asked first would hide the owner. A provider that
 * cannot be run here is told before all of them: it might have been the owner.
 */
static const struct {
    DWORD code;
    enum mpr_class class;
    int rank;
} classes[] = {
    {NO_ERROR, MPR_CLASS_DONE, 0},
    {ERROR_CONNECTED_OTHER_PASSWORD, MPR_CLASS_DONE, 0},
    {ERROR_CONNECTED_OTHER_PASSWORD_DEFAULT, MPR_CLASS_DONE, 0},
    {ERROR_DLL_INIT_FAILED, MPR_CLASS_MINE, 9},
    {ERROR_MOD_NOT_FOUND, MPR_CLASS_MINE, 9},
    {ERROR_PROC_NOT_FOUND, MPR_CLASS_MINE, 9},
    {ERROR_BAD_FORMAT, MPR_CLASS_MINE, 9},
    {ERROR_BUSY, MPR_CLASS_CANNOT_SAY, 8},
    {ERROR_NO_NET_OR_BAD_PATH, MPR_CLASS_CANNOT_SAY, 7},
    {ERROR_NO_NETWORK, MPR_CLASS_CANNOT_SAY, 6},
    {ERROR_NOT_LOGGED_ON, MPR_CLASS_CANNOT_SAY, 6},
    {ERROR_BAD_DEVICE, MPR_CLASS_NOT_MINE, 5},
    {ERROR_BAD_NETPATH, MPR_CLASS_NOT_MINE, 4},
    {ERROR_BAD_NET_NAME, MPR_CLASS_NOT_MINE, 3},
    {ERROR_NOT_CONNECTED, MPR_CLASS_NOT_MINE, 2},
    {ERROR_NOT_CONTAINER, MPR_CLASS_NOT_MINE, 1},
    {ERROR_INVALID_PARAMETER, MPR_CLASS_NOT_MINE, 1},
    {ERROR_INVALID_LEVEL, MPR_CLASS_NOT_MINE, 1},
    {ERROR_NOT_SUPPORTED, MPR_CLASS_NOT_MINE, 1},
};

const char *mpr_status_text(DWORD code) {
    for (size_t i = 0; i < COUNT(texts); i++)
        if (texts[i].code == code)
            return texts[i].text;
    return "The operation failed.";
}

enum mpr_class mpr_status_class(DWORD code) {
    for (size_t i = 0; i < COUNT(classes); i++)
        if (classes[i].code == code)
            return classes[i].class;
    return MPR_CLASS_MINE;
}

static int rank_of(DWORD code) {
    for (size_t i = 0; i < COUNT(classes); i++)
        if (classes[i].code == code)
            return classes[i].rank;
    return 0;
}

bool mpr_status_outranks(DWORD code, DWORD than) {
    return rank_of(code) > rank_of(than);
}
