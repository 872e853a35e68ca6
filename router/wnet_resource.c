/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_resource.c: WNetGetResourceInformation, WNetGetResourceParent,
 * MultinetGetConnectionPerformance.
 */
#include "config.h"

#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_entry.h"
#include "router/mpr_runtime.h"
#include "router/wnet_pack.h"
#include "router/wnet_text.h"

/* What a NETRESOURCE of either form says, as far as these functions look at it. */
struct asked {
    bool is_wide;
    const void *local, *remote, *provider;
    DWORD type;
};

#define ASKED(wide, resource)                                                                      \
    &(const struct asked) {                                                                        \
        (wide), (resource)->lpLocalName, (resource)->lpRemoteName, (resource)->lpProvider,         \
            (resource)->dwType                                                                     \
    }

/* The same in UTF-8. */
struct named {
    char *local, *remote, *provider;
};

static DWORD take_in(const struct asked *asked, struct named *ret) {
    DWORD rc = wnet_text_in(asked->is_wide, asked->remote, &ret->remote);

    return rc == NO_ERROR ? wnet_text_in(asked->is_wide, asked->provider, &ret->provider) : rc;
}

static void clear_named(struct named *named) {
    free(named->local);
    free(named->remote);
    free(named->provider);
}

/* Packs one entry, and with it the rest of a name, or NULL. */
static DWORD pack(bool is_wide, const struct mpr_item *item, const char *rest, void *buffer,
                  LPDWORD size, void *ret_rest) {
    NETRESOURCEW head = {
        .dwScope = item->scope,
        .dwType = item->type,
        .dwDisplayType = item->display_type,
        .dwUsage = item->usage,
    };
    const struct wnet_pack_text texts[] = {
        {item->local, &head.lpLocalName},
        {item->remote, &head.lpRemoteName},
        {item->comment, &head.lpComment},
        {item->provider, &head.lpProvider},
        {rest, ret_rest},
    };

    return wnet_pack_one(is_wide, &head, sizeof head, texts, sizeof texts / sizeof *texts, buffer,
                         size);
}

static DWORD get_information(const struct asked *asked, void *buffer, LPDWORD size,
                             void *ret_rest) {
    struct mpr_information_ret got = {0};
    struct named named = {0};
    DWORD rc = take_in(asked, &named);

    if (rc == NO_ERROR)
        rc = mpr_runtime_information(&(struct mpr_information_args){.remote = named.remote,
                                                                    .provider = named.provider,
                                                                    .type = asked->type},
                                     &got);
    clear_named(&named);
    if (rc != NO_ERROR)
        return rc;
    rc = pack(asked->is_wide, got.list.items, got.rest, buffer, size, ret_rest);
    mpr_information_ret_clear(&got);
    return rc;
}

DWORD WNetGetResourceInformationA(LPNETRESOURCEA lpNetResource, LPVOID lpBuffer, LPDWORD lpcbBuffer,
                                  LPSTR *lplpSystem) {
    MPR_ENTER("%p", (const void *)lpNetResource);
    MPR_NEED(lpNetResource);
    MPR_NEED(lpBuffer);
    MPR_NEED(lpcbBuffer);
    MPR_NEED(lplpSystem);
    return mpr_leave(
        get_information(ASKED(false, lpNetResource), lpBuffer, lpcbBuffer, lplpSystem));
}

DWORD WNetGetResourceInformationW(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer, LPDWORD lpcbBuffer,
                                  LPWSTR *lplpSystem) {
    MPR_ENTER("%p", (const void *)lpNetResource);
    MPR_NEED(lpNetResource);
    MPR_NEED(lpBuffer);
    MPR_NEED(lpcbBuffer);
    MPR_NEED(lplpSystem);
    return mpr_leave(get_information(ASKED(true, lpNetResource), lpBuffer, lpcbBuffer, lplpSystem));
}

static DWORD get_parent(const struct asked *asked, void *buffer, LPDWORD size) {
    struct mpr_parent_ret got = {0};
    struct named named = {0};
    DWORD rc = take_in(asked, &named);
    void *nothing;

    if (rc == NO_ERROR)
        rc = mpr_runtime_parent(&(struct mpr_parent_args){.remote = named.remote,
                                                          .provider = named.provider,
                                                          .type = asked->type},
                                &got);
    clear_named(&named);
    if (rc != NO_ERROR)
        return rc;
    rc = pack(asked->is_wide, got.list.items, NULL, buffer, size, &nothing);
    mpr_parent_ret_clear(&got);
    return rc;
}

DWORD WNetGetResourceParentA(LPNETRESOURCEA lpNetResource, LPVOID lpBuffer, LPDWORD lpcbBuffer) {
    MPR_ENTER("%p", (const void *)lpNetResource);
    MPR_NEED(lpNetResource);
    MPR_NEED(lpBuffer);
    MPR_NEED(lpcbBuffer);
    return mpr_leave(get_parent(ASKED(false, lpNetResource), lpBuffer, lpcbBuffer));
}

DWORD WNetGetResourceParentW(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer, LPDWORD lpcbBuffer) {
    MPR_ENTER("%p", (const void *)lpNetResource);
    MPR_NEED(lpNetResource);
    MPR_NEED(lpBuffer);
    MPR_NEED(lpcbBuffer);
    return mpr_leave(get_parent(ASKED(true, lpNetResource), lpBuffer, lpcbBuffer));
}

static DWORD get_performance(const struct asked *asked, LPNETCONNECTINFOSTRUCT info) {
    struct mpr_performance_ret got;
    struct named named = {0};
    DWORD rc = NO_ERROR;

    if (info->cbStructure < sizeof *info)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "cbStructure is %u; a NETCONNECTINFOSTRUCT "
                             "has %zu bytes.",
                             info->cbStructure, sizeof *info);
    rc = wnet_text_in(asked->is_wide, asked->local, &named.local);
    if (rc == NO_ERROR)
        rc = take_in(asked, &named);
    if (rc == NO_ERROR)
        rc = mpr_runtime_performance(&(struct mpr_performance_args){.local = named.local,
                                                                    .remote = named.remote,
                                                                    .provider = named.provider},
                                     &got);
    clear_named(&named);
    if (rc != NO_ERROR)
        return rc;
    info->dwFlags = got.flags;
    info->dwSpeed = got.speed;
    info->dwDelay = got.delay_ms;
    info->dwOptDataSize = got.opt_data_size;
    return NO_ERROR;
}

DWORD MultinetGetConnectionPerformanceA(LPNETRESOURCEA lpNetResource,
                                        LPNETCONNECTINFOSTRUCT lpNetConnectInfo) {
    MPR_ENTER("%p", (const void *)lpNetResource);
    MPR_NEED(lpNetResource);
    MPR_NEED(lpNetConnectInfo);
    return mpr_leave(get_performance(ASKED(false, lpNetResource), lpNetConnectInfo));
}

DWORD MultinetGetConnectionPerformanceW(LPNETRESOURCEW lpNetResource,
                                        LPNETCONNECTINFOSTRUCT lpNetConnectInfo) {
    MPR_ENTER("%p", (const void *)lpNetResource);
    MPR_NEED(lpNetResource);
    MPR_NEED(lpNetConnectInfo);
    return mpr_leave(get_performance(ASKED(true, lpNetResource), lpNetConnectInfo));
}

DWORD WNetGetResourceInformation(LPNETRESOURCEA lpNetResource, LPVOID lpBuffer, LPDWORD lpcbBuffer,
                                 LPSTR *lplpSystem)
    __attribute__((alias("WNetGetResourceInformationA")));
DWORD WNetGetResourceParent(LPNETRESOURCEA lpNetResource, LPVOID lpBuffer, LPDWORD lpcbBuffer)
    __attribute__((alias("WNetGetResourceParentA")));
DWORD MultinetGetConnectionPerformance(LPNETRESOURCEA lpNetResource,
                                       LPNETCONNECTINFOSTRUCT lpNetConnectInfo)
    __attribute__((alias("MultinetGetConnectionPerformanceA")));
