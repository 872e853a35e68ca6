/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_delete.c: "wnet use Z: /delete": breaks connections and forgets them, and asks
 * whether to do so though they are used.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <stdio.h>
#include <stdlib.h>

#include <mpr/winnetwk.h>

#include "tools/wnet/wnet_alloc.h"
#include "tools/wnet/wnet_ask.h"
#include "tools/wnet/wnet_connections.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_progress.h"
#include "tools/wnet/wnet_text.h"
#include "tools/wnet/wnet_use.h"

/* Is it connected, and as far as anybody can tell not remembered? */
static bool is_only_connected(const char *name) {
    struct wnet_connections connections = {0};
    bool it_is = wnet_connections_read(name, &connections) == NO_ERROR && connections.count == 1
                 && connections.items[0].state != MPR_STATE_REMEMBERED
                 && connections.items[0].state != MPR_STATE_UNAVAILABLE
                 && !connections.items[0].persistent;

    wnet_connections_clear(&connections);
    return it_is;
}

/* A profile that is damaged, or cannot be saved, is no reason to keep what is not in it. */
static DWORD cancel(const char *name, bool force) {
    DWORD rc;

    wnet_progress_begin("Disconnecting %s", name);
    rc = WNetCancelConnection2A(name, CONNECT_UPDATE_PROFILE, force);
    if ((rc == ERROR_BAD_PROFILE || rc == ERROR_CANNOT_OPEN_PROFILE) && is_only_connected(name))
        rc = WNetCancelConnection2A(name, 0, force);
    wnet_progress_end();
    return rc;
}

static bool is_used(DWORD rc) {
    return rc == ERROR_OPEN_FILES || rc == ERROR_DEVICE_IN_USE;
}

static void put_users(const char *name) {
    struct wnet_holders holders = {0};

    if (wnet_holders_read(name, &holders) != NO_ERROR || !holders.count)
        return;
    puts("It is used by:\n");
    wnet_holders_put(&holders);
    putchar('\n');
    wnet_holders_clear(&holders);
}

static bool may_force(const struct wnet_options *options, const char *name, DWORD rc) {
    if (options->yes || options->no || options->json)
        return options->yes;
    if (rc == ERROR_OPEN_FILES)
        fputs("There are open files and/or incomplete directory searches pending on the "
              "connection to ",
              stdout);
    else
        fputs("Active connections still exist: a process works on ", stdout);
    wnet_text_put(stdout, name);
    puts(".\n");
    put_users(name);
    return wnet_ask_whether(options, false,
                            rc == ERROR_OPEN_FILES
                                ? "Is it OK to continue disconnecting and force them closed?"
                                : "Is it OK to continue disconnecting?");
}

/* Says what became of it, unless it did not fail. */
static DWORD delete_one(const struct wnet_options *options, const char *name) {
    DWORD rc = cancel(name, false);

    if (is_used(rc) && may_force(options, name, rc))
        rc = cancel(name, true);
    return rc;
}

static void put_deleted(const char *name) {
    wnet_text_put(stdout, name);
    puts(" was deleted successfully.");
}

void wnet_delete_json(const char *name) {
    struct wnet_json json;

    wnet_json_begin(&json, stdout);
    wnet_json_open(&json, "deleted", '[');
    wnet_json_text(&json, NULL, name);
    wnet_json_close(&json, ']');
    wnet_json_end(&json);
}

int wnet_delete(const struct wnet_options *options, const char *name) {
    DWORD rc = delete_one(options, name);

    if (rc != NO_ERROR)
        return wnet_error_system(rc);
    if (options->json)
        wnet_delete_json(name);
    else
        put_deleted(name);
    wnet_connections_warn();
    return WNET_DONE;
}

/* --- all --- */

static bool confirm(const struct wnet_options *options,
                    const struct wnet_connections *connections) {
    if (options->yes || options->no || options->json)
        return options->yes;
    puts("You have these remote connections:\n");
    for (size_t i = 0; i < connections->count; i++) {
        printf("    %-10s", connections->items[i].device);
        wnet_text_put(stdout, connections->items[i].remote);
        putchar('\n');
    }
    puts("\nContinuing will cancel the connections.\n");
    return wnet_ask_whether(options, false, "Do you want to continue this operation?");
}

/* One that fails does not keep the others; the first failure is the command's. */
static int delete_all(const struct wnet_options *options,
                      const struct wnet_connections *connections) {
    struct wnet_json json;
    int status = WNET_DONE;

    if (options->json) {
        wnet_json_begin(&json, stdout);
        wnet_json_open(&json, "deleted", '[');
    }
    for (size_t i = 0; i < connections->count; i++) {
        const char *name = wnet_connection_name(&connections->items[i]);
        DWORD rc = delete_one(options, name);

        /* Without a device it may have gone with one of the same resource. */
        if (rc == ERROR_NOT_CONNECTED)
            continue;
        if (rc != NO_ERROR && !options->json)
            status = wnet_error_system(rc);
        else if (rc != NO_ERROR)
            status = WNET_FAILED;
        else if (options->json)
            wnet_json_text(&json, NULL, name);
        else
            put_deleted(name);
    }
    if (options->json) {
        wnet_json_close(&json, ']');
        wnet_json_end(&json);
    }
    return status == WNET_DONE ? wnet_error_none() : status;
}

int wnet_delete_all(const struct wnet_options *options) {
    struct wnet_connections connections = {0};
    DWORD rc = wnet_connections_read(NULL, &connections);
    int status;

    if (rc != NO_ERROR)
        return wnet_error_system(rc);
    if (!connections.count && !options->json) {
        puts("There are no entries in the list.\n");
        return wnet_error_none();
    }
    if (!connections.count || confirm(options, &connections))
        status = delete_all(options, &connections);
    else
        status = wnet_error_say(options->json ? "Nothing was cancelled: that takes /y."
                                              : "No operations were performed.");
    wnet_connections_clear(&connections);
    return status;
}
