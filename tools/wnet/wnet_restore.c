/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_restore.c: "wnet restore": connects what is remembered, and asks for what is needed.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "tools/wnet/wnet_alloc.h"
#include "tools/wnet/wnet_connections.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_json.h"
#include "tools/wnet/wnet_login.h"
#include "tools/wnet/wnet_progress.h"
#include "tools/wnet/wnet_text.h"

static bool is_connected(const struct mpr_connection_status *item) {
    return item->state == MPR_STATE_CONNECTED || item->state == MPR_STATE_RECONNECTING;
}

static bool was_connected(const struct wnet_connections *before, const char *device) {
    for (size_t i = 0; i < before->count; i++)
        if (strcmp(before->items[i].device, device) == 0)
            return is_connected(&before->items[i]);
    return false;
}

/* Those that were not there before. Their strings stay those of the list they are from. */
static struct wnet_connections pick_new(const struct wnet_connections *now,
                                        const struct wnet_connections *before) {
    struct wnet_connections fresh = {0};

    for (size_t i = 0; i < now->count; i++) {
        const struct mpr_connection_status *item = &now->items[i];

        if (!*item->device || !is_connected(item) || was_connected(before, item->device))
            continue;
        fresh.items = wnet_grow(fresh.items, fresh.count, sizeof *fresh.items);
        fresh.items[fresh.count++] = *item;
    }
    return fresh;
}

static void put_new(const struct wnet_connections *fresh) {
    for (size_t i = 0; i < fresh->count; i++) {
        printf("%s is now connected to ", fresh->items[i].device);
        wnet_text_put(stdout, fresh->items[i].remote);
        puts(".");
    }
    if (fresh->count)
        putchar('\n');
}

static void put_nothing(const char *device, const struct wnet_connections *before) {
    bool remembered = false;

    for (size_t i = 0; i < before->count; i++)
        remembered |= before->items[i].persistent != 0;
    if (device)
        printf("There is nothing to restore: %s is connected already.\n", device);
    else if (!remembered)
        puts("There is nothing to restore: no connection is remembered.");
    else
        puts("There is nothing to restore: all that is remembered is connected already.");
}

static void put_json(const struct wnet_connections *fresh) {
    struct wnet_json json;

    wnet_json_begin(&json, stdout);
    wnet_connections_json(&json, fresh, NULL);
    wnet_json_end(&json);
}

/* Of several some may be there though one failed. */
static int tell(const struct wnet_options *options, const char *device,
                const struct wnet_connections *before, DWORD rc) {
    struct wnet_connections now = {0}, fresh;

    if (rc != NO_ERROR && (device || options->json))
        return wnet_error_system(rc);
    (void)wnet_connections_read(device, &now);
    fresh = pick_new(&now, before);
    if (options->json) {
        put_json(&fresh);
    } else {
        put_new(&fresh);
        if (!fresh.count && rc == NO_ERROR)
            put_nothing(device, before);
    }
    free(fresh.items);
    wnet_connections_clear(&now);
    return rc == NO_ERROR ? wnet_error_none() : wnet_error_system(rc);
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
    struct wnet_connections before = {0};
    struct wnet_login login;
    int status;
    DWORD rc;

    if (options->count > 1)
        return wnet_error_syntax("wnet restore takes one device.");
    status = wnet_login_read(options, device ? device : "the connections", false, &login);
    if (status != WNET_DONE)
        return status;
    /* What is wrong with the list, restoring says, too. */
    (void)wnet_connections_read(device, &before);
    rc = restore(device, &login);
    wnet_login_clear(&login);
    status = tell(options, device, &before, rc);
    wnet_connections_clear(&before);
    return status;
}
