/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_provider.c: WNetGetProviderName, WNetGetProviderType,
 * WNetGetNetworkInformation, WNetSupportGlobalEnum.
 */
#include "config.h"

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_entry.h"
#include "router/mpr_runtime.h"
#include "router/mpr_utf.h"
#include "router/wnet_text.h"

#define NET_TYPE_SHIFT 16
#define ALL_DRIVES     0x03FFFFFFu /* A: to Z: */
#define ALL_PRINTERS   0x000001FFu /* LPT1 to LPT9 */

/* The providers, of which at least one is loaded. */
static DWORD list_providers(struct mpr_providers_ret *ret) {
    struct mpr_providers_args nothing = {.end_ = 0};
    DWORD rc = mpr_runtime_providers(&nothing, ret);

    if (rc != NO_ERROR)
        return rc;
    for (size_t i = 0; i < ret->list.count; i++)
        if (ret->list.items[i].state == MPR_PROVIDER_LOADED)
            return NO_ERROR;
    mpr_providers_ret_clear(ret);
    return mpr_error_say(ERROR_NO_NETWORK, "No network provider is loaded.");
}

/* --- by kind of network --- */

static DWORD get_name(bool is_wide, DWORD net_type, void *buffer, LPDWORD size) {
    struct mpr_providers_ret got;
    const char *name = NULL;
    DWORD rc = list_providers(&got);

    if (rc != NO_ERROR)
        return rc;
    for (size_t i = 0; i < got.list.count && !name; i++) {
        const struct mpr_provider_item *item = &got.list.items[i];

        if (item->state == MPR_PROVIDER_LOADED && item->net_type >> NET_TYPE_SHIFT
            && item->net_type >> NET_TYPE_SHIFT == net_type >> NET_TYPE_SHIFT)
            name = item->provider;
    }
    rc = name ? wnet_text_out(is_wide, name, buffer, size)
              : mpr_error_say(ERROR_NO_NETWORK, "No provider is for networks of the type 0x%08x.",
                              net_type);
    mpr_providers_ret_clear(&got);
    return rc;
}

DWORD WNetGetProviderNameA(DWORD dwNetType, LPSTR lpProviderName, LPDWORD lpBufferSize) {
    MPR_ENTER("0x%x", dwNetType);
    MPR_NEED(lpBufferSize);
    return mpr_leave(get_name(false, dwNetType, lpProviderName, lpBufferSize));
}

DWORD WNetGetProviderNameW(DWORD dwNetType, LPWSTR lpProviderName, LPDWORD lpBufferSize) {
    MPR_ENTER("0x%x", dwNetType);
    MPR_NEED(lpBufferSize);
    return mpr_leave(get_name(true, dwNetType, lpProviderName, lpBufferSize));
}

/* --- by name --- */

/* Of two with one name the first that is loaded, else the first. */
static const struct mpr_provider_item *find(const struct mpr_provider_list *list,
                                            const char *name) {
    const struct mpr_provider_item *found = NULL;

    for (size_t i = 0; i < list->count; i++) {
        const struct mpr_provider_item *item = &list->items[i];

        if (!mpr_utf_same(item->provider, name) && !mpr_utf_same(item->name, name))
            continue;
        if (item->state == MPR_PROVIDER_LOADED)
            return item;
        if (!found)
            found = item;
    }
    return found;
}

/* What is told of a provider; of one that is not loaded: nothing but that. */
struct facts {
    bool is_loaded;
    uint32_t net_type, capabilities, version;
};

static DWORD find_facts(bool is_wide, const void *provider, struct facts *ret) {
    MPR_AUTOFREE char *name = NULL;
    const struct mpr_provider_item *item;
    struct mpr_providers_ret got;
    DWORD rc = wnet_text_in(is_wide, provider, &name);

    if (rc == NO_ERROR)
        rc = list_providers(&got);
    if (rc != NO_ERROR)
        return rc;
    item = *name ? find(&got.list, name) : NULL;
    if (item)
        *ret = (struct facts){
            .is_loaded = item->state == MPR_PROVIDER_LOADED,
            .net_type = item->net_type,
            .capabilities = item->capabilities,
            .version = item->version,
        };
    else
        rc = mpr_error_say(ERROR_BAD_PROVIDER, "There is no provider named \"%s\".", name);
    mpr_providers_ret_clear(&got);
    return rc;
}

/* The same, of a provider that is loaded. */
static DWORD find_loaded(bool is_wide, const void *provider, struct facts *ret) {
    DWORD rc = find_facts(is_wide, provider, ret);

    if (rc == NO_ERROR && !ret->is_loaded)
        return mpr_error_say(ERROR_BAD_PROVIDER, "The provider could not be loaded; "
                                                 "MprListProviders tells why.");
    return rc;
}

static DWORD get_type(bool is_wide, const void *provider, LPDWORD ret_type) {
    struct facts facts;
    DWORD rc = find_loaded(is_wide, provider, &facts);

    if (rc == NO_ERROR)
        *ret_type = facts.net_type;
    return rc;
}

DWORD WNetGetProviderTypeA(LPCSTR lpProvider, LPDWORD lpdwNetType) {
    MPR_ENTER("%p", (const void *)lpProvider);
    MPR_NEED(lpProvider);
    MPR_NEED(lpdwNetType);
    return mpr_leave(get_type(false, lpProvider, lpdwNetType));
}

DWORD WNetGetProviderTypeW(LPCWSTR lpProvider, LPDWORD lpdwNetType) {
    MPR_ENTER("%p", (const void *)lpProvider);
    MPR_NEED(lpProvider);
    MPR_NEED(lpdwNetType);
    return mpr_leave(get_type(true, lpProvider, lpdwNetType));
}

/* One that serves neither files nor print jobs can still be connected, to anything. */
static void fill_masks(const struct facts *facts, LPNETINFOSTRUCT info) {
    bool files = (facts->capabilities & (MPR_CAN_READ | MPR_CAN_WRITE)) != 0;
    bool prints = (facts->capabilities & MPR_CAN_PRINT) != 0;

    info->dwDrives = files || !prints ? ALL_DRIVES : 0;
    info->dwPrinters = prints || !files ? ALL_PRINTERS : 0;
}

static DWORD get_information(bool is_wide, const void *provider, LPNETINFOSTRUCT info) {
    struct facts facts;
    DWORD rc;

    if (info->cbStructure < sizeof *info)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "cbStructure is %u; a NETINFOSTRUCT has %zu bytes.", info->cbStructure,
                             sizeof *info);
    rc = find_facts(is_wide, provider, &facts);
    if (rc != NO_ERROR)
        return rc;
    *info = (NETINFOSTRUCT){
        .cbStructure = sizeof *info,
        .dwProviderVersion = facts.version,
        .dwStatus = facts.is_loaded ? NO_ERROR : ERROR_NO_NETWORK,
        .wNetType = (WORD)(facts.net_type >> NET_TYPE_SHIFT),
    };
    if (facts.is_loaded)
        fill_masks(&facts, info);
    return NO_ERROR;
}

DWORD WNetGetNetworkInformationA(LPCSTR lpProvider, LPNETINFOSTRUCT lpNetInfoStruct) {
    MPR_ENTER("%p", (const void *)lpProvider);
    MPR_NEED(lpProvider);
    MPR_NEED(lpNetInfoStruct);
    return mpr_leave(get_information(false, lpProvider, lpNetInfoStruct));
}

DWORD WNetGetNetworkInformationW(LPCWSTR lpProvider, LPNETINFOSTRUCT lpNetInfoStruct) {
    MPR_ENTER("%p", (const void *)lpProvider);
    MPR_NEED(lpProvider);
    MPR_NEED(lpNetInfoStruct);
    return mpr_leave(get_information(true, lpProvider, lpNetInfoStruct));
}

/* The one function here that gives no code: the code is left for MprGetLastError. */
DWORD WNetSupportGlobalEnum(LPCSTR lpProvider) {
    struct facts facts = {0};
    DWORD rc;

    MPR_ENTER("%p", (const void *)lpProvider);
    if (!lpProvider)
        rc = mpr_error_say(ERROR_INVALID_ADDRESS, "lpProvider is NULL.");
    else
        rc = find_loaded(false, lpProvider, &facts);
    mpr_leave(rc);
    return rc == NO_ERROR && (facts.capabilities & MPR_CAN_LIST) != 0;
}

DWORD WNetGetProviderName(DWORD dwNetType, LPSTR lpProviderName, LPDWORD lpBufferSize)
    __attribute__((alias("WNetGetProviderNameA")));
DWORD WNetGetProviderType(LPCSTR lpProvider, LPDWORD lpdwNetType)
    __attribute__((alias("WNetGetProviderTypeA")));
DWORD WNetGetNetworkInformation(LPCSTR lpProvider, LPNETINFOSTRUCT lpNetInfoStruct)
    __attribute__((alias("WNetGetNetworkInformationA")));
