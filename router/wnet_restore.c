/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_restore.c: WNetRestoreConnection, WNetRestoreSingleConnection,
 * WNetRestoreAllConnections, WNetSetConnection, WNetClearConnections.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_entry.h"
#include "router/mpr_runtime.h"
#include "router/wnet_ask.h"
#include "router/wnet_text.h"

/* --- asking for one that was refused --- */

/* One more try, with what the user said. */
static DWORD try_again(struct mpr_restored *restored, const struct wnet_asking *asking) {
    const struct mpr_restore_args args = {
        .local = restored->local,
        .user = asking->user,
        .password = asking->password,
        .flags = asking->flags,
        .asked = true,
    };
    struct mpr_restore_ret got = {0};
    DWORD rc = mpr_runtime_restore(&args, &got);

    if (rc != NO_ERROR)
        return rc;
    mpr_restored_clear(restored);
    *restored = got.list.items[0];
    got.list.items[0] = (struct mpr_restored){0};
    mpr_restore_ret_clear(&got);
    return NO_ERROR;
}

/* The thread's failure becomes that of the connection; without memory at least its code. */
static void put_failure(struct mpr_restored *restored, DWORD rc) {
    struct mpr_refusal refusal = {.code = rc};
    const char *words, *provider;

    mpr_error_get(&refusal.native, &words, &provider);
    refusal.words = strdup(words);
    refusal.provider = strdup(provider);
    mpr_refusal_clear(&restored->refusal);
    restored->refusal = refusal;
    restored->asks = false;
}

/* False: the user has had enough. */
static bool ask_for(struct mpr_restored *restored, DWORD flags) {
    MPR_AUTOFREE char *remote = MPR_TAKE(restored->remote);
    MPR_AUTOFREE char *user = MPR_TAKE(restored->user);
    struct wnet_asking asking;
    DWORD rc = NO_ERROR;

    wnet_asking_init(&asking, remote ? remote : "", user, NULL, flags);
    while (rc == NO_ERROR && restored->asks) {
        rc = wnet_ask(&asking, &restored->refusal);
        if (rc == NO_ERROR)
            rc = try_again(restored, &asking);
    }
    wnet_asking_clear(&asking);
    if (rc != NO_ERROR)
        put_failure(restored, rc);
    return rc != ERROR_CANCELLED;
}

/* --- the outcome --- */

static size_t count_failed(const struct mpr_restored_list *list) {
    size_t failed = 0;

    for (size_t i = 0; i < list->count; i++)
        failed += list->items[i].refusal.code != NO_ERROR;
    return failed;
}

static void append(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...) {
    size_t length = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
}

/* Its device, unless the reason begins with that, and the reason. */
static void append_reason(char *text, size_t size, const struct mpr_restored *restored) {
    const char *device = restored->local ? restored->local : "?";
    const char *words = restored->refusal.words ? restored->refusal.words : "";

    if (strncmp(words, device, strlen(device)) != 0)
        append(text, size, " %s", device);
    append(text, size, " %s", words);
}

/* All names first: there may not be room for all reasons. */
static void describe(const struct mpr_restored_list *list, size_t failed, char *text, size_t size) {
    const char *between = ":";

    *text = '\0';
    append(text, size, "%zu of %zu remembered connections were not restored", failed, list->count);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].refusal.code != NO_ERROR) {
            append(text, size, "%s %s", between, list->items[i].local ? list->items[i].local : "?");
            between = ",";
        }
    append(text, size, ".");
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].refusal.code != NO_ERROR)
            append_reason(text, size, &list->items[i]);
}

static DWORD conclude(const struct mpr_restored_list *list) {
    const struct mpr_refusal *first = NULL;
    char text[MPR_ERROR_TEXT_MAX];
    size_t failed = count_failed(list);

    for (size_t i = 0; i < list->count && !first; i++)
        if (list->items[i].refusal.code != NO_ERROR)
            first = &list->items[i].refusal;
    if (!first)
        return NO_ERROR;
    if (list->count == 1)
        return wnet_ask_explain(first);
    describe(list, failed, text, sizeof text);
    return mpr_error_explain(first->code, first->native, first->provider, "%s", text);
}

/* --- restoring --- */

/* local NULL: all. flags: CONNECT_INTERACTIVE, or 0: nobody is to be asked. */
static DWORD restore(const char *local, DWORD flags) {
    const struct mpr_restore_args args = {.local = local, .flags = local ? flags : 0};
    struct mpr_restore_ret got = {0};
    bool go_on = flags != 0;
    DWORD rc = mpr_runtime_restore(&args, &got);

    if (rc != NO_ERROR)
        return rc;
    for (size_t i = 0; i < got.list.count && go_on; i++)
        if (got.list.items[i].asks)
            go_on = ask_for(&got.list.items[i], flags);
    rc = conclude(&got.list);
    mpr_restore_ret_clear(&got);
    return rc;
}

static DWORD restore_device(bool is_wide, const void *device, DWORD flags) {
    MPR_AUTOFREE char *local = NULL;
    DWORD rc = wnet_text_in(is_wide, device, &local);

    return rc == NO_ERROR ? restore(local, flags) : rc;
}

DWORD WNetRestoreConnectionA(MPR_HWND hwndParent, LPCSTR lpDevice) {
    MPR_ENTER("%p", (const void *)lpDevice);
    (void)hwndParent;
    return mpr_leave(restore_device(false, lpDevice, CONNECT_INTERACTIVE));
}

DWORD WNetRestoreConnectionW(MPR_HWND hwndParent, LPCWSTR lpDevice) {
    MPR_ENTER("%p", (const void *)lpDevice);
    (void)hwndParent;
    return mpr_leave(restore_device(true, lpDevice, CONNECT_INTERACTIVE));
}

DWORD WNetRestoreSingleConnectionW(MPR_HWND hwndParent, LPCWSTR lpDevice, BOOL fUseUI) {
    MPR_ENTER("ui=%d", fUseUI);
    (void)hwndParent;
    MPR_NEED(lpDevice);
    return mpr_leave(restore_device(true, lpDevice, fUseUI ? CONNECT_INTERACTIVE : 0));
}

DWORD WNetRestoreAllConnectionsW(MPR_HWND hwndParent) {
    MPR_ENTER("%p", (const void *)hwndParent);
    (void)hwndParent;
    return mpr_leave(restore(NULL, 0));
}

/* --- WNetSetConnection --- */

static DWORD set_connection(bool is_wide, const void *lpName, DWORD property, const void *value) {
    MPR_AUTOFREE char *name = NULL;
    struct mpr_set_persistent_args args = {0};
    DWORD rc, number;

    if (property != NETPROPERTY_PERSISTENT)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "%u is no property of a connection; NETPROPERTY_PERSISTENT (1) is.",
                             property);
    rc = wnet_text_in(is_wide, lpName, &name);
    if (rc != NO_ERROR)
        return rc;
    memcpy(&number, value, sizeof number);
    args.name = name;
    args.persistent = number != 0;
    return mpr_runtime_set_persistent(&args, &(struct mpr_set_persistent_ret){0});
}

DWORD WNetSetConnectionA(LPCSTR lpName, DWORD dwProperty, LPVOID pvValue) {
    MPR_ENTER("property=%u", dwProperty);
    MPR_NEED(lpName);
    MPR_NEED(pvValue);
    return mpr_leave(set_connection(false, lpName, dwProperty, pvValue));
}

DWORD WNetSetConnectionW(LPCWSTR lpName, DWORD dwProperty, LPVOID pvValue) {
    MPR_ENTER("property=%u", dwProperty);
    MPR_NEED(lpName);
    MPR_NEED(pvValue);
    return mpr_leave(set_connection(true, lpName, dwProperty, pvValue));
}

DWORD WNetClearConnections(MPR_HWND hwndParent) {
    MPR_ENTER("%p", (const void *)hwndParent);
    (void)hwndParent;
    return mpr_leave(
        mpr_runtime_break_all(&(struct mpr_break_all_args){0}, &(struct mpr_break_all_ret){0}));
}

DWORD WNetRestoreConnection(MPR_HWND hwndParent, LPCSTR lpDevice)
    __attribute__((alias("WNetRestoreConnectionA")));
DWORD WNetSetConnection(LPCSTR lpName, DWORD dwProperty, LPVOID pvValue)
    __attribute__((alias("WNetSetConnectionA")));
