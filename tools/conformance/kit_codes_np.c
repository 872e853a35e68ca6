/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_codes_np.c: see kit_codes_np.h. Of each function what Windows documents for it
 * and for the function of the router that calls it.
 */
#include "config.h"

#include "tools/conformance/kit_codes_np.h"

#include <stddef.h>
#include <string.h>

#include <mpr/npapi.h>
#include <mpr/winerror.h>

#define CODES_MAX 20 /* each list ends with WN_SUCCESS, which all may return */

/* Bad arguments, want of memory, and what only a text can explain. */
static const DWORD any_function[] = {WN_OUT_OF_MEMORY, WN_EXTENDED_ERROR, WN_NET_ERROR,
                                     WN_FUNCTION_BUSY, WN_BAD_VALUE,      WN_BAD_POINTER,
                                     WN_SUCCESS};

#define ADD_CODES                                                                                  \
    WN_BAD_NETNAME, WN_BAD_LOCALNAME, WN_BAD_PASSWORD, WN_ALREADY_CONNECTED, WN_ACCESS_DENIED,     \
        WN_NO_NETWORK, WN_BAD_DEV_TYPE, ERROR_LOGON_FAILURE, WN_BAD_USER, ERROR_BAD_NETPATH,       \
        ERROR_NO_NET_OR_BAD_PATH

static const struct {
    const char *function;
    DWORD codes[CODES_MAX];
} listed[] = {
    {"NPAddConnection", {ADD_CODES}},
    {"NPAddConnection3", {ADD_CODES, WN_CANCEL}},
    {"NPAddConnection4", {ADD_CODES, WN_CANCEL}},
    {"NPCancelConnection",
     {WN_NOT_CONNECTED, WN_OPEN_FILES, WN_DEVICE_IN_USE, WN_NO_NETWORK, WN_BAD_NETNAME}},
    {"NPGetConnection", {WN_NOT_CONNECTED, WN_MORE_DATA, WN_NO_NETWORK, WN_BAD_LOCALNAME}},
    {"NPGetConnection3",
     {WN_NOT_CONNECTED, WN_MORE_DATA, WN_NO_NETWORK, WN_BAD_LEVEL, WN_BAD_LOCALNAME}},
    {"NPGetConnectionPerformance", {WN_NOT_CONNECTED, WN_NO_NETWORK, WN_BAD_LOCALNAME}},
    {"NPGetUniversalName",
     {WN_BAD_LOCALNAME, WN_NOT_CONNECTED, WN_MORE_DATA, WN_NO_NETWORK, WN_BAD_LEVEL,
      WN_NOT_SUPPORTED}},
    {"NPGetUser", {WN_NOT_CONNECTED, WN_MORE_DATA, WN_NO_NETWORK}},
    {"NPOpenEnum",
     {WN_NOT_SUPPORTED, WN_NOT_CONTAINER, WN_NO_NETWORK, WN_NOT_AUTHENTICATED, WN_NOT_LOGGED_ON,
      WN_ACCESS_DENIED, WN_BAD_NETNAME}},
    {"NPEnumResource", {WN_NO_MORE_ENTRIES, WN_MORE_DATA, WN_BAD_HANDLE, WN_NO_NETWORK}},
    {"NPCloseEnum", {WN_BAD_HANDLE, WN_NO_NETWORK}},
    {"NPGetResourceParent", {WN_MORE_DATA, WN_BAD_NETNAME, WN_NOT_AUTHENTICATED, WN_ACCESS_DENIED}},
    {"NPGetResourceInformation",
     {WN_MORE_DATA, WN_BAD_NETNAME, WN_BAD_DEV_TYPE, WN_NOT_AUTHENTICATED, WN_ACCESS_DENIED,
      ERROR_BAD_NETPATH}},
    {"NPFormatNetworkName", {WN_MORE_DATA, WN_BAD_NETNAME}},
};

static bool has(const DWORD *codes, DWORD code) {
    for (; *codes != WN_SUCCESS; codes++)
        if (*codes == code)
            return true;
    return code == WN_SUCCESS;
}

bool kit_np_code_listed(const char *function, DWORD code) {
    if (has(any_function, code))
        return true;
    for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++)
        if (strcmp(listed[i].function, function) == 0)
            return has(listed[i].codes, code);
    return false;
}
