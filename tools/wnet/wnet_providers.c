/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_providers.c: "wnet providers": who speaks what, and who could not be loaded.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/mpr.h>

#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_json.h"
#include "tools/wnet/wnet_options.h"
#include "tools/wnet/wnet_table.h"
#include "tools/wnet/wnet_text.h"

static const struct {
    uint32_t bit;
    const char *name;
} abilities[] = {
    {MPR_CAN_USER, "user"},
    {MPR_CAN_LIST, "list"},
    {MPR_CAN_PARENT, "parent"},
    {MPR_CAN_INFORMATION, "information"},
    {MPR_CAN_PERFORMANCE, "performance"},
    {MPR_CAN_READ, "read"},
    {MPR_CAN_WRITE, "write"},
    {MPR_CAN_PRINT, "print"},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct wnet_table table = {
    .columns = 5,
    .titles = {"Name", "Network", "Order", "Runs in", "Files"},
    .widths = {14, 28, 8, 14},
};

static const char *files_of(const struct mpr_provider_info *info) {
    if (info->capabilities & MPR_CAN_WRITE)
        return "read, write";
    return info->capabilities & MPR_CAN_READ ? "read" : "none";
}

static int put_row(void *context, const struct mpr_provider_info *info) {
    char order[16];
    bool good = info->state == MPR_PROVIDER_LOADED;
    const char *const cells[] = {info->name, good ? info->provider : "(failed)", order,
                                 good ? info->isolated ? "a process" : "the router" : "",
                                 good ? files_of(info) : ""};

    (void)context;
    snprintf(order, sizeof order, "%u", info->order);
    wnet_table_row(&table, cells);
    if (!good)
        wnet_text_put_lines(stdout, "    ", info->error);
    return 0;
}

static int put_object(void *context, const struct mpr_provider_info *info) {
    struct wnet_json *json = context;

    wnet_json_open(json, NULL, '{');
    wnet_json_text(json, "name", info->name);
    wnet_json_name(json, "provider", info->provider);
    wnet_json_text(json, "state", info->state == MPR_PROVIDER_LOADED ? "loaded" : "failed");
    wnet_json_number(json, "order", info->order);
    wnet_json_number(json, "net_type", info->net_type);
    wnet_json_flag(json, "isolated", info->isolated != 0);
    wnet_json_open(json, "capabilities", '[');
    for (size_t i = 0; i < COUNT(abilities); i++)
        if (info->capabilities & abilities[i].bit)
            wnet_json_text(json, NULL, abilities[i].name);
    wnet_json_close(json, ']');
    wnet_json_name(json, "drop_in", info->drop_in);
    wnet_json_name(json, "module", info->module);
    wnet_json_name(json, "error", info->error);
    wnet_json_close(json, '}');
    return 0;
}

/* Into memory first: after a failure there is to be nothing but the failure. */
static DWORD put_json(void) {
    struct wnet_json json;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    DWORD rc;

    if (!file)
        return ERROR_NOT_ENOUGH_MEMORY;
    wnet_json_begin(&json, file);
    wnet_json_open(&json, "providers", '[');
    rc = MprListProviders(put_object, &json);
    wnet_json_close(&json, ']');
    wnet_json_end(&json);
    fclose(file);
    if (rc == NO_ERROR)
        fputs(text, stdout);
    free(text);
    return rc;
}

static DWORD put_table(void) {
    wnet_table_head(&table);
    return MprListProviders(put_row, NULL);
}

int wnet_providers(const struct wnet_options *options) {
    DWORD rc;

    if (options->count)
        return wnet_error_syntax("wnet providers takes no words.");
    rc = options->json ? put_json() : put_table();
    return rc == NO_ERROR ? wnet_error_none() : wnet_error_system(rc);
}
