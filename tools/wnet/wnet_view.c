/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_view.c: "wnet view": servers, or what a server shares.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "tools/wnet/wnet_alloc.h"
#include "tools/wnet/wnet_connections.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_json.h"
#include "tools/wnet/wnet_options.h"
#include "tools/wnet/wnet_progress.h"
#include "tools/wnet/wnet_table.h"
#include "tools/wnet/wnet_text.h"

#define FIRST_SIZE 16384u
#define DEEPEST    4 /* a network, a domain, a group: then the servers come */

/* What a listing gave. */
struct resource {
    DWORD type, display_type, usage;
    char *remote, *comment, *provider;
};

struct resources {
    struct resource *items;
    size_t count;
};

static const struct wnet_table server_table = {
    .columns = 3, .titles = {"Server Name", "Network", "Remark"}, .widths = {32, 24}};
static const struct wnet_table share_table = {
    .columns = 4, .titles = {"Share name", "Type", "Used as", "Comment"}, .widths = {24, 7, 10}};

/* --- listing --- */

static char *copy_or_none(const char *text) {
    return wnet_copy(text ? text : "");
}

static void take(struct resources *list, const NETRESOURCEA *resource) {
    list->items = wnet_grow(list->items, list->count, sizeof *list->items);
    list->items[list->count++] = (struct resource){
        .type = resource->dwType,
        .display_type = resource->dwDisplayType,
        .usage = resource->dwUsage,
        .remote = copy_or_none(resource->lpRemoteName),
        .comment = copy_or_none(resource->lpComment),
        .provider = copy_or_none(resource->lpProvider),
    };
}

static void clear(struct resources *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].remote);
        free(list->items[i].comment);
        free(list->items[i].provider);
    }
    free(list->items);
}

static DWORD read_handle(HANDLE handle, struct resources *list) {
    DWORD size = FIRST_SIZE, rc;
    NETRESOURCEA *buffer = wnet_grow(NULL, size, 1);

    do {
        DWORD count = UINT32_MAX, room = size;

        rc = WNetEnumResourceA(handle, &count, buffer, &room);
        for (DWORD i = 0; rc == NO_ERROR && i < count; i++)
            take(list, &buffer[i]);
        if (rc == ERROR_MORE_DATA && room > size) {
            free(buffer);
            size = room;
            buffer = wnet_grow(NULL, size, 1);
            rc = NO_ERROR;
        }
    } while (rc == NO_ERROR);
    free(buffer);
    return rc == ERROR_NO_MORE_ITEMS ? NO_ERROR : rc;
}

/* What is below a name of a provider; both may be NULL. */
static DWORD list_below(const char *remote, const char *provider, struct resources *list) {
    NETRESOURCEA container = {
        .dwUsage = RESOURCEUSAGE_CONTAINER,
        .lpRemoteName = (LPSTR)(uintptr_t)remote,
        .lpProvider = (LPSTR)(uintptr_t)provider,
    };
    HANDLE handle;
    DWORD rc = WNetOpenEnumA(RESOURCE_GLOBALNET, RESOURCETYPE_ANY, 0,
                             remote || provider ? &container : NULL, &handle);

    if (rc != NO_ERROR)
        return rc;
    rc = read_handle(handle, list);
    WNetCloseEnum(handle);
    return rc;
}

/* --- servers --- */

static bool leads_on(const struct resource *item) {
    return item->display_type == RESOURCEDISPLAYTYPE_NETWORK
           || item->display_type == RESOURCEDISPLAYTYPE_DOMAIN
           || item->display_type == RESOURCEDISPLAYTYPE_GROUP
           || item->display_type == RESOURCEDISPLAYTYPE_ROOT;
}

/* A network that cannot be listed does not keep the others. The first failure is returned. */
static DWORD find_servers(const char *remote, const char *provider, int depth,
                          struct resources *servers) {
    struct resources here = {0};
    DWORD first = list_below(remote, provider, &here);

    for (size_t i = 0; i < here.count; i++) {
        const struct resource *item = &here.items[i];
        DWORD rc = NO_ERROR;

        if (leads_on(item) && depth < DEEPEST) {
            rc = find_servers(item->remote, item->provider, depth + 1, servers);
        } else {
            take(servers, &(NETRESOURCEA){.dwType = item->type,
                                          .dwDisplayType = item->display_type,
                                          .dwUsage = item->usage,
                                          .lpRemoteName = item->remote,
                                          .lpComment = item->comment,
                                          .lpProvider = item->provider});
        }
        first = first == NO_ERROR ? rc : first;
    }
    clear(&here);
    return first;
}

static void put_servers(const struct resources *servers) {
    if (!servers->count) {
        puts("There are no entries in the list.\n");
        return;
    }
    wnet_table_head(&server_table);
    for (size_t i = 0; i < servers->count; i++) {
        const struct resource *item = &servers->items[i];
        const char *const cells[] = {item->remote, item->provider, item->comment};

        wnet_table_row(&server_table, cells);
    }
}

/* --- shares --- */

static const char *type_of(const struct resource *item) {
    return item->type == RESOURCETYPE_PRINT  ? "Print"
           : item->type == RESOURCETYPE_DISK ? "Disk"
                                             : "";
}

/*
 * What follows a beginning as one types and lists names: capitals do not matter, nor which way
 * a slash leans. NULL: it begins otherwise.
 */
static const char *skip_same(const char *name, const char *beginning) {
    for (; *beginning; name++, beginning++) {
        int first = *name == '/' ? '\\' : tolower((unsigned char)*name);
        int second = *beginning == '/' ? '\\' : tolower((unsigned char)*beginning);

        if (first != second)
            return NULL;
    }
    return name;
}

static bool is_same_name(const char *a, const char *b) {
    const char *rest = skip_same(a, b);

    return rest && !*rest;
}

/* The device of a connection to it, or "". */
static const char *used_as(const struct wnet_connections *connections, const char *remote) {
    for (size_t i = 0; i < connections->count; i++) {
        const struct mpr_connection_status *item = &connections->items[i];

        if (*item->device && item->state != MPR_STATE_REMEMBERED
            && item->state != MPR_STATE_UNAVAILABLE && is_same_name(item->remote, remote))
            return item->device;
    }
    return "";
}

/* "pub" of "\\server\pub", "/srv/pub" of "server:/srv/pub". */
static const char *share_of(const char *remote, const char *server) {
    const char *rest = skip_same(remote, server);

    if (!rest || !*rest)
        return remote;
    return *rest == '\\' || *rest == ':' ? rest + (rest[1] != '\0') : rest;
}

static void put_shares(const char *server, const struct resources *shares,
                       const struct wnet_connections *connections) {
    fputs("Shared resources at ", stdout);
    wnet_text_put(stdout, server);
    puts("\n");
    if (!shares->count) {
        puts("There are no entries in the list.\n");
        return;
    }
    wnet_table_head(&share_table);
    for (size_t i = 0; i < shares->count; i++) {
        const struct resource *item = &shares->items[i];
        const char *const cells[] = {share_of(item->remote, server), type_of(item),
                                     used_as(connections, item->remote), item->comment};

        wnet_table_row(&share_table, cells);
    }
}

/* --- JSON --- */

static const char *kind_of(const struct resource *item) {
    switch (item->display_type) {
    case RESOURCEDISPLAYTYPE_SERVER:
        return "server";
    case RESOURCEDISPLAYTYPE_SHARE:
        return "share";
    case RESOURCEDISPLAYTYPE_SHAREADMIN:
        return "hidden share";
    case RESOURCEDISPLAYTYPE_DIRECTORY:
        return "directory";
    case RESOURCEDISPLAYTYPE_NETWORK:
        return "network";
    default:
        return "resource";
    }
}

static void put_json(const struct resources *list, const struct wnet_connections *connections) {
    struct wnet_json json;

    wnet_json_begin(&json, stdout);
    wnet_json_open(&json, "resources", '[');
    for (size_t i = 0; i < list->count; i++) {
        const struct resource *item = &list->items[i];

        wnet_json_open(&json, NULL, '{');
        wnet_json_text(&json, "remote", item->remote);
        wnet_json_text(&json, "kind", kind_of(item));
        wnet_json_text(&json, "type",
                       item->type == RESOURCETYPE_PRINT  ? "print"
                       : item->type == RESOURCETYPE_DISK ? "disk"
                                                         : "any");
        wnet_json_name(&json, "provider", item->provider);
        wnet_json_name(&json, "comment", item->comment);
        wnet_json_name(&json, "used_as", used_as(connections, item->remote));
        wnet_json_flag(&json, "container", (item->usage & RESOURCEUSAGE_CONTAINER) != 0);
        wnet_json_flag(&json, "connectable", (item->usage & RESOURCEUSAGE_CONNECTABLE) != 0);
        wnet_json_close(&json, '}');
    }
    wnet_json_close(&json, ']');
    wnet_json_end(&json);
}

static void put(const struct wnet_options *options, const char *server,
                const struct resources *list) {
    struct wnet_connections connections = {0};

    /* Only for the devices beside the shares. */
    if (server)
        (void)wnet_connections_read(NULL, &connections);
    if (options->json)
        put_json(list, &connections);
    else if (server)
        put_shares(server, list, &connections);
    else
        put_servers(list);
    wnet_connections_clear(&connections);
}

int wnet_view(const struct wnet_options *options) {
    const char *server = options->count ? options->words[0] : NULL;
    struct resources list = {0};
    DWORD rc;

    if (options->count > 1)
        return wnet_error_syntax("wnet view takes one name of a server.");
    wnet_progress_begin("Looking at %s", server ? server : "the network");
    rc = server ? list_below(server, options->provider, &list)
                : find_servers(NULL, options->provider, 0, &list);
    wnet_progress_end();
    /* Where some network was listed, one that was not does not count. */
    if (rc != NO_ERROR && (server || !list.count)) {
        clear(&list);
        return wnet_error_system(rc);
    }
    put(options, server, &list);
    clear(&list);
    return wnet_error_none();
}
