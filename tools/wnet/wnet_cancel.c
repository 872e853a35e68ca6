/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_cancel.c: "wnet cancel": WNetCancelConnection2 and nothing else, for scripts.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <mpr/winnetwk.h>

#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_options.h"
#include "tools/wnet/wnet_progress.h"
#include "tools/wnet/wnet_use.h"

int wnet_cancel(const struct wnet_options *options) {
    const char *name;
    DWORD rc;

    if (options->count != 1)
        return wnet_error_syntax("wnet cancel takes one device or remote name.");
    name = options->words[0];
    wnet_progress_begin("Disconnecting %s", name);
    rc = WNetCancelConnection2A(name, options->forget ? CONNECT_UPDATE_PROFILE : 0, options->force);
    wnet_progress_end();
    if (rc != NO_ERROR)
        return wnet_error_system(rc);
    if (options->json)
        wnet_delete_json(name);
    return wnet_error_none();
}
