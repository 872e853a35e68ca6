/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_restore.c: "wnet restore": connects what is remembered, and asks for what is needed.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <stdio.h>

#include <mpr/winnetwk.h>

#include "tools/wnet/wnet_connections.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_login.h"
#include "tools/wnet/wnet_progress.h"
#include "tools/wnet/wnet_text.h"

static void put_restored(const char *device) {
    struct wnet_connections connections = {0};

    if (wnet_connections_read(device, &connections) != NO_ERROR)
        return;
    for (size_t i = 0; i < connections.count; i++) {
        const struct mpr_connection_status *item = &connections.items[i];

        if (!*item->device || item->state != MPR_STATE_CONNECTED)
            continue;
        printf("%s is now connected to ", item->device);
        wnet_text_put(stdout, item->remote);
        puts(".");
    }
    wnet_connections_clear(&connections);
    putchar('\n');
}

static DWORD restore(const char *device, struct wnet_login *login) {
    DWORD rc;

    wnet_login_answer(login);
    if (device)
        wnet_progress_begin("Restoring %s", device);
    else
        wnet_progress_begin("Restoring connections");
    rc = WNetRestoreConnectionA(NULL, device);
    wnet_progress_end();
    return rc;
}

int wnet_restore(const struct wnet_options *options) {
    const char *device = options->count ? options->words[0] : NULL;
    struct wnet_login login;
    DWORD rc;
    int status;

    if (options->count > 1)
        return wnet_error_syntax("wnet restore takes one device.");
    status = wnet_login_read(options, device ? device : "the connections", false, &login);
    if (status != WNET_DONE)
        return status;
    rc = restore(device, &login);
    wnet_login_clear(&login);
    if (rc != NO_ERROR)
        return wnet_error_system(rc);
    put_restored(device);
    return wnet_error_none();
}
