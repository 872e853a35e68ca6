/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_status.c: "wnet status": how the connections are, and who uses them.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/wnet/wnet_alloc.h"
#include "tools/wnet/wnet_connections.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_options.h"
#include "tools/wnet/wnet_table.h"
#include "tools/wnet/wnet_text.h"

static const struct wnet_table table = {
    .columns = 7,
    .titles = {"Local", "Status", "Read", "Written", "Latency", "Opens", "Remote"},
    .widths = {7, 14, 11, 11, 11, 7},
};

/* "1.5 GiB", in a buffer. */
static const char *size_text(uint64_t bytes, char *buffer, size_t size) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double number = (double)bytes;
    size_t unit = 0;

    for (; number >= 1024 && unit + 1 < sizeof units / sizeof *units; unit++)
        number /= 1024;
    snprintf(buffer, size, unit ? "%.1f %s" : "%.0f %s", number, units[unit]);
    return buffer;
}

static const char *latency_text(uint32_t us, char *buffer, size_t size) {
    if (!us)
        return "";
    snprintf(buffer, size, "%.*f ms", us < 10000 ? 2 : 0, us / 1000.0);
    return buffer;
}

static void put_row(const struct mpr_connection_status *item) {
    char read[32], written[32], latency[32], opens[16];
    const char *const cells[] = {
        item->device,
        wnet_connection_state(item),
        size_text(item->bytes_read, read, sizeof read),
        size_text(item->bytes_written, written, sizeof written),
        latency_text(item->latency_us, latency, sizeof latency),
        opens,
        item->remote,
    };

    snprintf(opens, sizeof opens, "%u", item->open_files);
    wnet_table_row(&table, cells);
}

/* Above what is said of it: "Z:", "//server/share:". */
static void put_heading(const struct mpr_connection_status *item) {
    const char *name = wnet_connection_name(item);
    size_t length = strlen(name);

    putchar('\n');
    wnet_text_put(stdout, name);
    puts(length && name[length - 1] == ':' ? "" : ":");
}

static void put_reason(const struct mpr_connection_status *item) {
    if (!*item->reason)
        return;
    put_heading(item);
    wnet_text_put_lines(stdout, "    ", item->reason);
    if (item->retry_s)
        printf("    It is tried again in %u s.\n", item->retry_s);
}

/* What else is to be said of it: figures that are not of now. */
static void put_age(const struct mpr_connection_status *item) {
    if (!item->age_ms)
        return;
    put_heading(item);
    printf("    The process that serves its files does not answer. The figures are those of %.*f s "
           "ago.\n",
           item->age_ms < 10000 ? 1 : 0, item->age_ms / 1000.0);
}

static void put_list(const struct wnet_connections *connections) {
    if (!connections->count) {
        puts("There are no entries in the list.\n");
        return;
    }
    wnet_table_head(&table);
    for (size_t i = 0; i < connections->count; i++)
        put_row(&connections->items[i]);
    for (size_t i = 0; i < connections->count; i++) {
        put_reason(&connections->items[i]);
        put_age(&connections->items[i]);
    }
}

static void put_fact(const char *name, const char *value) {
    if (*value)
        wnet_table_fact(name, value);
}

static void put_details(const struct mpr_connection_status *item,
                        const struct wnet_holders *holders) {
    char text[32];

    put_fact("Local name", item->device);
    wnet_table_fact("Remote name", item->remote);
    wnet_table_fact("Status", wnet_connection_state(item));
    wnet_table_fact("Network", item->provider);
    put_fact("User name", item->user);
    put_fact("Directory", item->directory);
    wnet_table_fact("Remembered", item->persistent ? "Yes" : "No");
    wnet_table_fact("Read", size_text(item->bytes_read, text, sizeof text));
    wnet_table_fact("Written", size_text(item->bytes_written, text, sizeof text));
    wnet_table_count("Operations", item->operations);
    put_fact("Latency", latency_text(item->latency_us, text, sizeof text));
    wnet_table_count("# Opens", item->open_files);
    put_reason(item);
    put_age(item);
    if (!holders->count)
        return;
    puts("\nIt is used by:\n");
    wnet_holders_put(holders);
}

static void put_json(const struct wnet_connections *connections,
                     const struct wnet_holders *holders) {
    struct wnet_json json;

    wnet_json_begin(&json, stdout);
    wnet_connections_json(&json, connections, holders);
    wnet_json_end(&json);
}

/* Of each; who uses one that is gone meanwhile, or not there yet, is nobody. */
static struct wnet_holders *read_holders(const struct wnet_connections *connections) {
    struct wnet_holders *holders = NULL;

    for (size_t i = 0; i < connections->count; i++) {
        const struct mpr_connection_status *item = &connections->items[i];

        holders = wnet_grow(holders, i, sizeof *holders);
        if (item->state == MPR_STATE_CONNECTED || item->state == MPR_STATE_RECONNECTING)
            (void)wnet_holders_read(wnet_connection_name(item), &holders[i]);
    }
    return holders;
}

static void put(const struct wnet_options *options, const struct wnet_connections *connections,
                const struct wnet_holders *holders) {
    if (options->json) {
        put_json(connections, holders);
        return;
    }
    if (!options->count) {
        put_list(connections);
        return;
    }
    for (size_t i = 0; i < connections->count; i++) {
        if (i)
            putchar('\n');
        put_details(&connections->items[i], &holders[i]);
    }
}

int wnet_status(const struct wnet_options *options) {
    struct wnet_connections connections = {0};
    struct wnet_holders *holders;
    DWORD rc;

    if (options->count > 1)
        return wnet_error_syntax("wnet status takes one device or remote name.");
    rc = wnet_connections_read(options->count ? options->words[0] : NULL, &connections);
    if (rc != NO_ERROR)
        return wnet_error_system(rc);
    holders = options->count || options->json ? read_holders(&connections) : NULL;
    put(options, &connections, holders);
    for (size_t i = 0; holders && i < connections.count; i++)
        wnet_holders_clear(&holders[i]);
    free(holders);
    wnet_connections_clear(&connections);
    wnet_connections_warn();
    return wnet_error_none();
}
