/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_add.c: WNetAddConnection, 2, 3, 4, WNetUseConnection, 4.
 */
#include "config.h"

#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_entry.h"
#include "router/mpr_name.h"
#include "router/mpr_runtime.h"
#include "router/wnet_ask.h"
#include "router/wnet_auth.h"
#include "router/wnet_notify.h"
#include "router/wnet_text.h"

#define KNOWN_FLAGS                                                                                \
    (CONNECT_UPDATE_PROFILE | CONNECT_UPDATE_RECENT | CONNECT_TEMPORARY | CONNECT_INTERACTIVE      \
     | CONNECT_PROMPT | CONNECT_NEED_DRIVE | CONNECT_REFCOUNT | CONNECT_REDIRECT                   \
     | CONNECT_LOCALDRIVE | CONNECT_CURRENT_MEDIA | CONNECT_DEFERRED | CONNECT_COMMANDLINE         \
     | CONNECT_CMD_SAVECRED | CONNECT_CRED_RESET | CONNECT_REQUIRE_INTEGRITY                       \
     | CONNECT_REQUIRE_PRIVACY | CONNECT_WRITE_THROUGH_SEMANTICS                                   \
     | CONNECT_COMPRESS_NETWORK_TRAFFIC | CONNECT_GLOBAL_MAPPING)

#define USE_OPTIONS_MAX 65536u

/* What the six functions were given, as they were given it. */
struct request {
    bool is_wide;
    MPR_HWND owner; /* for notification modules */
    const void *local, *remote, *provider;
    const void *user, *password;
    const void *auth; /* in place of these two, or NULL */
    DWORD auth_size;
    const void *use_options; /* or NULL */
    DWORD use_options_size;
    DWORD type, flags;
    void *access; /* out: buffer, or NULL */
    LPDWORD access_size;
    LPDWORD result; /* out, or NULL */
};

/* The same in UTF-8. */
struct strings {
    char *local, *remote, *provider, *user, *password;
};

static void clear_strings(struct strings *strings) {
    free(strings->local);
    free(strings->remote);
    free(strings->provider);
    free(strings->user);
    mpr_free_wiped(strings->password);
}

/* Which of them is no Unicode is said, and never what is in it. */
static DWORD take_string(const struct request *request, const void *text, const char *what,
                         char **ret) {
    DWORD rc = wnet_text_in(request->is_wide, text, ret);

    if (rc != ERROR_NO_UNICODE_TRANSLATION)
        return rc;
    return mpr_error_say(rc, "The %s is not valid UTF-%s.", what, request->is_wide ? "16" : "8");
}

static DWORD take_strings(const struct request *request, struct strings *ret) {
    DWORD rc = take_string(request, request->local, "name of the device", &ret->local);

    if (rc == NO_ERROR)
        rc = take_string(request, request->remote, "remote name", &ret->remote);
    if (rc == NO_ERROR)
        rc = take_string(request, request->provider, "name of the provider", &ret->provider);
    if (rc == NO_ERROR && (request->auth || request->auth_size))
        return wnet_auth_in(request->auth, request->auth_size, &ret->user, &ret->password);
    if (rc == NO_ERROR)
        rc = take_string(request, request->user, "user name", &ret->user);
    if (rc == NO_ERROR)
        rc = take_string(request, request->password, "password", &ret->password);
    return rc;
}

/* Units that the access name will need: known before anything is connected. */
static DWORD access_needs(const struct request *request, const struct strings *strings) {
    struct mpr_device device;

    if (strings->local && mpr_name_device(strings->local, &device))
        return wnet_text_size(request->is_wide, device.name);
    if (request->flags & CONNECT_REDIRECT)
        return request->type == RESOURCETYPE_PRINT ? sizeof "LPT1" : sizeof "Z:";
    return strings->remote ? wnet_text_size(request->is_wide, strings->remote) : 0;
}

/* Connects; asks the user and tries again, if he may be asked and that may help. */
static DWORD connect(struct mpr_add_args *args, struct mpr_add_ret *ret) {
    struct mpr_add_args next = *args;
    struct wnet_asking asking;
    DWORD rc;

    wnet_asking_init(&asking, args->remote, args->user, args->password, args->flags);
    do {
        struct mpr_add_ret got = {0};

        rc = mpr_runtime_add(&next, &got);
        if (rc != NO_ERROR)
            break;
        if (!got.asks) {
            *ret = got;
            break;
        }
        rc = wnet_ask(&asking, &got.refusal);
        mpr_add_ret_clear(&got);
        next.user = asking.user;
        next.password = asking.password;
        next.asked = true;
    } while (rc == NO_ERROR);
    wnet_asking_clear(&asking);
    return rc;
}

static DWORD run(const struct request *request, const struct strings *strings) {
    struct mpr_add_args args = {
        .local = strings->local,
        .remote = strings->remote,
        .provider = strings->provider,
        .user = strings->user,
        .password = strings->password,
        .use_options = request->use_options,
        .use_options_size = request->use_options_size,
        .type = request->type,
        .flags = request->flags,
    };
    struct mpr_add_ret got = {0};
    DWORD needs = access_needs(request, strings);
    DWORD rc;

    args.no_room = request->access && *request->access_size < needs;
    rc = wnet_notify_add(request->owner, &args, connect, &got);
    if (rc == ERROR_MORE_DATA && args.no_room)
        *request->access_size = needs;
    if (rc != NO_ERROR)
        return rc;
    /* The connection stands; what could not be done besides is said all the same. */
    if (got.refusal.code != NO_ERROR)
        mpr_error_explain(got.refusal.code, got.refusal.native, got.refusal.provider, "%s",
                          got.refusal.words ? got.refusal.words : "");
    if (request->access)
        wnet_text_cut(request->is_wide, got.access_name, request->access, *request->access_size);
    if (request->result)
        *request->result = got.redirected ? CONNECT_LOCALDRIVE : 0;
    mpr_add_ret_clear(&got);
    return NO_ERROR;
}

static DWORD check_use_options(const struct request *request) {
    if (!request->use_options && request->use_options_size)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "lpUseOptions is NULL, but cbUseOptions is %u.",
                             request->use_options_size);
    if (request->use_options_size > USE_OPTIONS_MAX)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "cbUseOptions is %u; at most %u bytes are possible.",
                             request->use_options_size, USE_OPTIONS_MAX);
    return NO_ERROR;
}

static DWORD add(const struct request *request) {
    struct strings strings = {0};
    DWORD rc;

    if (request->remote && request->access && (!request->access_size || !*request->access_size))
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "lpAccessName was given, but lpBufferSize is NULL or 0.");
    if ((request->flags & ~(DWORD)KNOWN_FLAGS) != 0)
        return mpr_error_say(ERROR_INVALID_PARAMETER, "The flags 0x%x have unknown bits.",
                             request->flags);
    rc = check_use_options(request);
    if (rc == NO_ERROR)
        rc = take_strings(request, &strings);
    if (rc == NO_ERROR)
        rc = run(request, &strings);
    clear_strings(&strings);
    return rc;
}

/* Here a chosen device could not be told to the caller. */
static DWORD add_without_access(const struct request *request, bool has_local) {
    if ((request->flags & CONNECT_REDIRECT) != 0 && !has_local)
        return mpr_error_say(ERROR_INVALID_ADDRESS,
                             "CONNECT_REDIRECT needs lpLocalName here; WNetUseConnection can "
                             "choose a device.");
    return add(request);
}

static struct request request_a(MPR_HWND owner, const NETRESOURCEA *resource, LPCSTR password,
                                LPCSTR user, DWORD flags) {
    return (struct request){
        .is_wide = false,
        .owner = owner,
        .local = resource->lpLocalName,
        .remote = resource->lpRemoteName,
        .provider = resource->lpProvider,
        .user = user,
        .password = password,
        .type = resource->dwType,
        .flags = flags,
    };
}

static struct request request_w(MPR_HWND owner, const NETRESOURCEW *resource, LPCWSTR password,
                                LPCWSTR user, DWORD flags) {
    return (struct request){
        .is_wide = true,
        .owner = owner,
        .local = resource->lpLocalName,
        .remote = resource->lpRemoteName,
        .provider = resource->lpProvider,
        .user = user,
        .password = password,
        .type = resource->dwType,
        .flags = flags,
    };
}

/* --- WNetUseConnection --- */

DWORD WNetUseConnectionA(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource, LPCSTR lpPassword,
                         LPCSTR lpUserId, DWORD dwFlags, LPSTR lpAccessName, LPDWORD lpBufferSize,
                         LPDWORD lpResult) {
    struct request request;

    MPR_ENTER("flags=0x%x", dwFlags);
    MPR_NEED(lpNetResource);
    request = request_a(hwndOwner, lpNetResource, lpPassword, lpUserId, dwFlags);
    request.access = lpAccessName;
    request.access_size = lpBufferSize;
    request.result = lpResult;
    return mpr_leave(add(&request));
}

DWORD WNetUseConnectionW(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPCWSTR lpPassword,
                         LPCWSTR lpUserId, DWORD dwFlags, LPWSTR lpAccessName, LPDWORD lpBufferSize,
                         LPDWORD lpResult) {
    struct request request;

    MPR_ENTER("flags=0x%x", dwFlags);
    MPR_NEED(lpNetResource);
    request = request_w(hwndOwner, lpNetResource, lpPassword, lpUserId, dwFlags);
    request.access = lpAccessName;
    request.access_size = lpBufferSize;
    request.result = lpResult;
    return mpr_leave(add(&request));
}

/* --- WNetUseConnection4, WNetAddConnection4: credentials in a buffer, and options --- */

static void put_buffers(struct request *request, const void *auth, DWORD auth_size,
                        const void *options, DWORD options_size) {
    request->auth = auth;
    request->auth_size = auth_size;
    request->use_options = options;
    request->use_options_size = options_size;
}

DWORD WNetUseConnection4A(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource, LPVOID pAuthBuffer,
                          DWORD cbAuthBuffer, DWORD dwFlags, LPBYTE lpUseOptions,
                          DWORD cbUseOptions, LPSTR lpAccessName, LPDWORD lpBufferSize,
                          LPDWORD lpResult) {
    struct request request;

    MPR_ENTER("flags=0x%x", dwFlags);
    MPR_NEED(lpNetResource);
    request = request_a(hwndOwner, lpNetResource, NULL, NULL, dwFlags);
    put_buffers(&request, pAuthBuffer, cbAuthBuffer, lpUseOptions, cbUseOptions);
    request.access = lpAccessName;
    request.access_size = lpBufferSize;
    request.result = lpResult;
    return mpr_leave(add(&request));
}

DWORD WNetUseConnection4W(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPVOID pAuthBuffer,
                          DWORD cbAuthBuffer, DWORD dwFlags, LPBYTE lpUseOptions,
                          DWORD cbUseOptions, LPWSTR lpAccessName, LPDWORD lpBufferSize,
                          LPDWORD lpResult) {
    struct request request;

    MPR_ENTER("flags=0x%x", dwFlags);
    MPR_NEED(lpNetResource);
    request = request_w(hwndOwner, lpNetResource, NULL, NULL, dwFlags);
    put_buffers(&request, pAuthBuffer, cbAuthBuffer, lpUseOptions, cbUseOptions);
    request.access = lpAccessName;
    request.access_size = lpBufferSize;
    request.result = lpResult;
    return mpr_leave(add(&request));
}

DWORD WNetAddConnection4A(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource, LPVOID pAuthBuffer,
                          DWORD cbAuthBuffer, DWORD dwFlags, LPBYTE lpUseOptions,
                          DWORD cbUseOptions) {
    struct request request;

    MPR_ENTER("flags=0x%x", dwFlags);
    MPR_NEED(lpNetResource);
    request = request_a(hwndOwner, lpNetResource, NULL, NULL, dwFlags);
    put_buffers(&request, pAuthBuffer, cbAuthBuffer, lpUseOptions, cbUseOptions);
    return mpr_leave(
        add_without_access(&request, lpNetResource->lpLocalName && *lpNetResource->lpLocalName));
}

DWORD WNetAddConnection4W(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPVOID pAuthBuffer,
                          DWORD cbAuthBuffer, DWORD dwFlags, LPBYTE lpUseOptions,
                          DWORD cbUseOptions) {
    struct request request;

    MPR_ENTER("flags=0x%x", dwFlags);
    MPR_NEED(lpNetResource);
    request = request_w(hwndOwner, lpNetResource, NULL, NULL, dwFlags);
    put_buffers(&request, pAuthBuffer, cbAuthBuffer, lpUseOptions, cbUseOptions);
    return mpr_leave(
        add_without_access(&request, lpNetResource->lpLocalName && *lpNetResource->lpLocalName));
}

/* --- WNetAddConnection3, 2 --- */

static DWORD add_a(MPR_HWND owner, const NETRESOURCEA *resource, LPCSTR password, LPCSTR user,
                   DWORD flags) {
    struct request request = request_a(owner, resource, password, user, flags);

    return add_without_access(&request, resource->lpLocalName && *resource->lpLocalName);
}

static DWORD add_w(MPR_HWND owner, const NETRESOURCEW *resource, LPCWSTR password, LPCWSTR user,
                   DWORD flags) {
    struct request request = request_w(owner, resource, password, user, flags);

    return add_without_access(&request, resource->lpLocalName && *resource->lpLocalName);
}

DWORD WNetAddConnection3A(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource, LPCSTR lpPassword,
                          LPCSTR lpUserName, DWORD dwFlags) {
    MPR_ENTER("flags=0x%x", dwFlags);
    MPR_NEED(lpNetResource);
    return mpr_leave(add_a(hwndOwner, lpNetResource, lpPassword, lpUserName, dwFlags));
}

DWORD WNetAddConnection3W(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPCWSTR lpPassword,
                          LPCWSTR lpUserName, DWORD dwFlags) {
    MPR_ENTER("flags=0x%x", dwFlags);
    MPR_NEED(lpNetResource);
    return mpr_leave(add_w(hwndOwner, lpNetResource, lpPassword, lpUserName, dwFlags));
}

DWORD WNetAddConnection2A(LPNETRESOURCEA lpNetResource, LPCSTR lpPassword, LPCSTR lpUserName,
                          DWORD dwFlags) {
    MPR_ENTER("flags=0x%x", dwFlags);
    MPR_NEED(lpNetResource);
    return mpr_leave(add_a(NULL, lpNetResource, lpPassword, lpUserName, dwFlags));
}

DWORD WNetAddConnection2W(LPNETRESOURCEW lpNetResource, LPCWSTR lpPassword, LPCWSTR lpUserName,
                          DWORD dwFlags) {
    MPR_ENTER("flags=0x%x", dwFlags);
    MPR_NEED(lpNetResource);
    return mpr_leave(add_w(NULL, lpNetResource, lpPassword, lpUserName, dwFlags));
}

/* --- WNetAddConnection: always persistent --- */

static DWORD add_simple(bool is_wide, const void *remote, const void *password, const void *local) {
    const struct request request = {
        .is_wide = is_wide,
        .local = local,
        .remote = remote,
        .password = password,
        .type = RESOURCETYPE_ANY,
        .flags = CONNECT_UPDATE_PROFILE,
    };

    return add(&request);
}

DWORD WNetAddConnectionA(LPCSTR lpRemoteName, LPCSTR lpPassword, LPCSTR lpLocalName) {
    MPR_ENTER("%p", (const void *)lpRemoteName);
    return mpr_leave(add_simple(false, lpRemoteName, lpPassword, lpLocalName));
}

DWORD WNetAddConnectionW(LPCWSTR lpRemoteName, LPCWSTR lpPassword, LPCWSTR lpLocalName) {
    MPR_ENTER("%p", (const void *)lpRemoteName);
    return mpr_leave(add_simple(true, lpRemoteName, lpPassword, lpLocalName));
}

DWORD WNetUseConnection4(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource, LPVOID pAuthBuffer,
                         DWORD cbAuthBuffer, DWORD dwFlags, LPBYTE lpUseOptions, DWORD cbUseOptions,
                         LPSTR lpAccessName, LPDWORD lpBufferSize, LPDWORD lpResult)
    __attribute__((alias("WNetUseConnection4A")));
DWORD WNetAddConnection4(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource, LPVOID pAuthBuffer,
                         DWORD cbAuthBuffer, DWORD dwFlags, LPBYTE lpUseOptions, DWORD cbUseOptions)
    __attribute__((alias("WNetAddConnection4A")));
DWORD WNetUseConnection(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource, LPCSTR lpPassword,
                        LPCSTR lpUserId, DWORD dwFlags, LPSTR lpAccessName, LPDWORD lpBufferSize,
                        LPDWORD lpResult) __attribute__((alias("WNetUseConnectionA")));
DWORD WNetAddConnection3(MPR_HWND hwndOwner, LPNETRESOURCEA lpNetResource, LPCSTR lpPassword,
                         LPCSTR lpUserName, DWORD dwFlags)
    __attribute__((alias("WNetAddConnection3A")));
DWORD WNetAddConnection2(LPNETRESOURCEA lpNetResource, LPCSTR lpPassword, LPCSTR lpUserName,
                         DWORD dwFlags) __attribute__((alias("WNetAddConnection2A")));
DWORD WNetAddConnection(LPCSTR lpRemoteName, LPCSTR lpPassword, LPCSTR lpLocalName)
    __attribute__((alias("WNetAddConnectionA")));
