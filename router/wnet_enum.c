/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_enum.c: WNetOpenEnum, WNetEnumResource, WNetCloseEnum.
 *
 * An enumeration is a snapshot: what happens after WNetOpenEnum does not change
 * it.
 */
#include "config.h"

#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_entry.h"
#include "router/mpr_handle.h"
#include "router/mpr_lock.h"
#include "router/mpr_runtime.h"
#include "router/mpr_time.h"
#include "router/wnet_pack.h"
#include "router/wnet_text.h"

/* Who enumerates in another thread is done in a moment. */
#define CLOSE_WAIT_MS 1000

struct enumeration {
    struct mpr_lock lock;
    struct mpr_enumerate_ret snapshot;
    size_t at; /* under lock */
};

static void free_enumeration(void *object) {
    struct enumeration *enumeration = object;

    pthread_mutex_destroy(&enumeration->lock.mutex);
    mpr_enumerate_ret_clear(&enumeration->snapshot);
    free(enumeration);
}

/* What WNetOpenEnum was given, as it was given it. */
struct request {
    bool is_wide;
    DWORD scope, type, usage;
    const void *provider, *container; /* or NULL */
    DWORD container_usage;
};

static bool is_empty(bool is_wide, const void *text) {
    return !text || (is_wide ? !*(const WCHAR *)text : !*(const char *)text);
}

static DWORD check_open(const struct request *request) {
    if (request->scope < RESOURCE_CONNECTED || request->scope > RESOURCE_CONTEXT)
        return mpr_error_say(ERROR_INVALID_PARAMETER, "The scope %u is none of RESOURCE_*.",
                             request->scope);
    if ((request->type & ~(DWORD)(RESOURCETYPE_DISK | RESOURCETYPE_PRINT)) != 0)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "The type 0x%x is neither RESOURCETYPE_ANY nor made of "
                             "RESOURCETYPE_DISK and RESOURCETYPE_PRINT.",
                             request->type);
    /* Who filled in the names only has not said that it is none. */
    if (!is_empty(request->is_wide, request->container) && request->container_usage
        && (request->container_usage & RESOURCEUSAGE_CONTAINER) == 0)
        return mpr_error_say(ERROR_NOT_CONTAINER,
                             "lpNetResource is no container: its dwUsage is 0x%x, without "
                             "RESOURCEUSAGE_CONTAINER.",
                             request->container_usage);
    return NO_ERROR;
}

static DWORD enumerate(const struct request *request, struct mpr_enumerate_ret *ret) {
    MPR_AUTOFREE char *provider = NULL;
    MPR_AUTOFREE char *container = NULL;
    DWORD rc = check_open(request);

    if (rc == NO_ERROR)
        rc = wnet_text_in(request->is_wide, request->provider, &provider);
    if (rc == NO_ERROR)
        rc = wnet_text_in(request->is_wide, request->container, &container);
    if (rc != NO_ERROR)
        return rc;
    return mpr_runtime_enumerate(&(struct mpr_enumerate_args){.scope = request->scope,
                                                              .type = request->type,
                                                              .usage = request->usage,
                                                              .provider = provider,
                                                              .container = container},
                                 ret);
}

static DWORD open_enum(const struct request *request, HANDLE *ret_handle) {
    struct enumeration *enumeration = calloc(1, sizeof *enumeration);
    DWORD rc;

    if (!enumeration)
        return ERROR_NOT_ENOUGH_MEMORY;
    pthread_mutex_init(&enumeration->lock.mutex, NULL);
    rc = enumerate(request, &enumeration->snapshot);
    if (rc == NO_ERROR)
        rc = mpr_handle_new(MPR_HANDLE_ENUM, enumeration, free_enumeration, ret_handle);
    if (rc != NO_ERROR)
        free_enumeration(enumeration);
    return rc;
}

DWORD WNetOpenEnumA(DWORD dwScope, DWORD dwType, DWORD dwUsage, LPNETRESOURCEA lpNetResource,
                    HANDLE *lphEnum) {
    struct request request = {.scope = dwScope, .type = dwType, .usage = dwUsage};

    MPR_ENTER("scope=%u type=%u usage=%u", dwScope, dwType, dwUsage);
    MPR_NEED(lphEnum);
    if (lpNetResource)
        request.provider = lpNetResource->lpProvider;
    if (lpNetResource && dwScope == RESOURCE_GLOBALNET) {
        request.container = lpNetResource->lpRemoteName;
        request.container_usage = lpNetResource->dwUsage;
    }
    return mpr_leave(open_enum(&request, lphEnum));
}

DWORD WNetOpenEnumW(DWORD dwScope, DWORD dwType, DWORD dwUsage, LPNETRESOURCEW lpNetResource,
                    HANDLE *lphEnum) {
    struct request request = {.is_wide = true, .scope = dwScope, .type = dwType, .usage = dwUsage};

    MPR_ENTER("scope=%u type=%u usage=%u", dwScope, dwType, dwUsage);
    MPR_NEED(lphEnum);
    if (lpNetResource)
        request.provider = lpNetResource->lpProvider;
    if (lpNetResource && dwScope == RESOURCE_GLOBALNET) {
        request.container = lpNetResource->lpRemoteName;
        request.container_usage = lpNetResource->dwUsage;
    }
    return mpr_leave(open_enum(&request, lphEnum));
}

static DWORD next_locked(bool is_wide, struct enumeration *enumeration, LPDWORD count, void *buffer,
                         LPDWORD size) {
    const struct mpr_item_list *list = &enumeration->snapshot.list;
    size_t left = list->count - enumeration->at;
    size_t packed;

    if (!left)
        return ERROR_NO_MORE_ITEMS;
    packed = wnet_pack(is_wide, list->items + enumeration->at, left < *count ? left : *count,
                       buffer, *size);
    if (!packed && *count) {
        *size = (DWORD)wnet_pack_size(is_wide, &list->items[enumeration->at]);
        return ERROR_MORE_DATA;
    }
    enumeration->at += packed;
    *count = (DWORD)packed;
    return NO_ERROR;
}

static DWORD enum_resource(bool is_wide, HANDLE handle, LPDWORD count, void *buffer, LPDWORD size) {
    struct mpr_instance *instance;
    struct enumeration *enumeration;
    DWORD rc = mpr_runtime_enter(&instance);

    /* "No network" is to be told before "no such handle". */
    if (rc != NO_ERROR)
        return rc;
    mpr_runtime_leave(instance);
    enumeration = mpr_handle_acquire(handle, MPR_HANDLE_ENUM);
    if (!enumeration)
        return mpr_error_say(ERROR_INVALID_HANDLE, "The handle is not one of WNetOpenEnum.");
    mpr_lock(&enumeration->lock);
    rc = next_locked(is_wide, enumeration, count, buffer, size);
    mpr_unlock(&enumeration->lock);
    mpr_handle_release(handle);
    return rc;
}

DWORD WNetEnumResourceA(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    MPR_ENTER("%p", hEnum);
    MPR_NEED(lpcCount);
    MPR_NEED(lpBuffer);
    MPR_NEED(lpBufferSize);
    return mpr_leave(enum_resource(false, hEnum, lpcCount, lpBuffer, lpBufferSize));
}

DWORD WNetEnumResourceW(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer, LPDWORD lpBufferSize) {
    MPR_ENTER("%p", hEnum);
    MPR_NEED(lpcCount);
    MPR_NEED(lpBuffer);
    MPR_NEED(lpBufferSize);
    return mpr_leave(enum_resource(true, hEnum, lpcCount, lpBuffer, lpBufferSize));
}

static DWORD close_enum(HANDLE handle) {
    struct mpr_instance *instance;
    void *enumeration;
    DWORD rc = mpr_runtime_enter(&instance);

    if (rc != NO_ERROR)
        return rc;
    mpr_runtime_leave(instance);
    rc = mpr_handle_close(handle, MPR_HANDLE_ENUM, mpr_deadline_in_ms(CLOSE_WAIT_MS), &enumeration);
    if (rc == ERROR_BUSY)
        return NO_ERROR; /* whoever uses it ends it */
    if (rc != NO_ERROR)
        return mpr_error_say(rc, "The handle is not one of WNetOpenEnum.");
    free_enumeration(enumeration);
    return NO_ERROR;
}

DWORD WNetCloseEnum(HANDLE hEnum) {
    MPR_ENTER("%p", hEnum);
    return mpr_leave(close_enum(hEnum));
}

DWORD WNetOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage, LPNETRESOURCEA lpNetResource,
                   HANDLE *lphEnum) __attribute__((alias("WNetOpenEnumA")));
DWORD WNetEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer, LPDWORD lpBufferSize)
    __attribute__((alias("WNetEnumResourceA")));
