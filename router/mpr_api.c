/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_api.c: MprInitialize, MprShutdown, MprSetPrompt, MprListProviders.
 */
#include "config.h"

#include <mpr/mpr.h>

#include "router/mpr_call.h"
#include "router/mpr_entry.h"
#include "router/mpr_prompt.h"
#include "router/mpr_runtime.h"
#include "router/mpr_status.h"

DWORD MprInitialize(LPCSTR root) {
    MPR_ENTER("%s", root ? root : "NULL");
    return mpr_leave(mpr_runtime_start(root));
}

DWORD MprShutdown(void) {
    MPR_ENTER("%s", "");
    return mpr_leave(mpr_runtime_stop());
}

DWORD MprSetPrompt(mpr_prompt_fn prompt, void *context) {
    MPR_ENTER("%p", context);
    mpr_prompt_set(prompt, context);
    return mpr_leave(NO_ERROR);
}

static DWORD list_providers(mpr_provider_info_fn fn, void *context) {
    struct mpr_providers_ret got = {0};
    DWORD rc = mpr_runtime_providers(&(struct mpr_providers_args){0}, &got);
    int stop = 0;

    for (size_t i = 0; i < got.list.count && !stop; i++) {
        const struct mpr_provider_item *item = &got.list.items[i];
        const struct mpr_provider_info info = {
            .size = sizeof info,
            .state = item->state,
            .order = item->order,
            .net_type = item->net_type,
            .capabilities = item->capabilities,
            .isolated = item->isolated,
            .name = item->name,
            .provider = item->provider,
            .drop_in = item->drop_in,
            .module = item->module,
            .error = item->error,
        };

        mpr_call_enter();
        stop = fn(context, &info);
        mpr_call_leave();
    }
    mpr_providers_ret_clear(&got);
    return rc;
}

DWORD MprListProviders(mpr_provider_info_fn fn, void *context) {
    MPR_ENTER("%p", context);
    if (!fn)
        return mpr_leave(mpr_error_say(ERROR_INVALID_ADDRESS, "fn is NULL."));
    return mpr_leave(list_providers(fn, context));
}

LPCSTR MprErrorText(DWORD code) {
    return mpr_status_text(code);
}
