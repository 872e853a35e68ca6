/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_browse.c: what can be found on the network: one server, its shares
 * and its printers.
 */
#include "config.h"

#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SERVER "\\\\memory"

static struct mpr_resource server_entry(void) {
    return (struct mpr_resource){
        .size = sizeof(struct mpr_resource),
        .scope = RESOURCE_GLOBALNET,
        .type = RESOURCETYPE_ANY,
        .display_type = RESOURCEDISPLAYTYPE_SERVER,
        .usage = RESOURCEUSAGE_CONTAINER,
        .remote = SERVER,
        .comment = "Shares in the memory of this process",
    };
}

/* remote is kept, not copied. */
static struct mpr_resource share_entry(const char *remote, bool printer) {
    return (struct mpr_resource){
        .size = sizeof(struct mpr_resource),
        .scope = RESOURCE_GLOBALNET,
        .type = printer ? RESOURCETYPE_PRINT : RESOURCETYPE_DISK,
        .display_type = RESOURCEDISPLAYTYPE_SHARE,
        .usage = RESOURCEUSAGE_CONNECTABLE,
        .remote = remote,
    };
}

static int give_share(const char *name, bool printer, mpr_resource_fn fn, void *context) {
    char remote[sizeof(SERVER) + MEMORY_NAME_MAX + 1];
    struct mpr_resource entry = share_entry(remote, printer);

    snprintf(remote, sizeof(remote), SERVER "\\%s", name);
    return fn(context, &entry);
}

/* The wanted ones of a list; "*" is no name. Returns what fn returned last. */
static int give_shares(const struct memory_setting *list, bool printer, mpr_resource_fn fn,
                       void *context) {
    int stop = 0;

    for (; list && !stop; list = list->next)
        if (strcmp(list->share, "*") != 0)
            stop = give_share(list->share, printer, fn, context);
    return stop;
}

/* Everything that is wanted below the network (server false), or below the server. */
static void give_all(const struct memory_options *options, bool server, uint32_t type,
                     uint32_t usage, mpr_resource_fn fn, void *context) {
    struct mpr_resource entry = server_entry();
    uint32_t kind = server ? RESOURCEUSAGE_CONNECTABLE : RESOURCEUSAGE_CONTAINER;
    int stop = 0;

    if (usage && !(usage & kind))
        return;
    if (!server) {
        fn(context, &entry);
        return;
    }
    if (type == RESOURCETYPE_ANY || (type & RESOURCETYPE_DISK))
        stop = give_shares(options->shares, false, fn, context);
    if (!stop && (type == RESOURCETYPE_ANY || (type & RESOURCETYPE_PRINT)))
        give_shares(options->printers, true, fn, context);
}

enum mpr_answer memory_list(void *data, const struct mpr_call *call, const char *container,
                            uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                            uint32_t *ret_code) {
    struct memory_state *state = data;
    struct memory_name name = {.share = ""};
    uint32_t code;

    if (container && !memory_name_parse(container, &name)) {
        *ret_code = ERROR_BAD_NET_NAME;
        return MPR_NOT_MINE;
    }
    code = memory_enter_network(state, NULL, call, MEMORY_LIST, name.share);
    if (!code && name.share[0]) {
        memory_explain(state, call, ENOTDIR, "Cannot list %s: it is no server.", container);
        code = ERROR_NOT_CONTAINER;
    }
    if (code) {
        *ret_code = code;
        return code == ERROR_BAD_NETPATH ? MPR_NOT_MINE : MPR_MINE_FAILED;
    }
    give_all(&state->options, container != NULL, type, usage, fn, context);
    return MPR_DONE;
}

/* remote without its last component. */
static void cut_last(const char *remote, char *buffer, size_t size) {
    size_t length = strlen(remote) - 1; /* without the last one, perhaps a separator */

    while (!strchr("\\/", remote[length - 1]))
        length--;
    length--;
    snprintf(buffer, size, "%.*s", (int)length, remote);
}

enum mpr_answer memory_parent(void *data, const struct mpr_call *call, const char *remote,
                              mpr_resource_fn fn, void *context, uint32_t *ret_code) {
    struct memory_state *state = data;
    struct mpr_resource entry = server_entry();
    struct memory_name name;
    char above[MPR_KEY_MAX];
    uint32_t code;

    if (!memory_name_parse(remote, &name)) {
        *ret_code = ERROR_BAD_NET_NAME;
        return MPR_NOT_MINE;
    }
    code = memory_enter_network(state, NULL, call, MEMORY_PARENT, name.share);
    if (code) {
        *ret_code = code;
        return MPR_MINE_FAILED;
    }
    if (!name.share[0]) {
        entry.remote = NULL; /* nothing is above the server */
        entry.comment = NULL;
    } else if (*name.path) {
        cut_last(remote, above, sizeof(above));
        entry = share_entry(above, memory_setting_find(state->options.printers, name.share));
    }
    fn(context, &entry);
    return MPR_DONE;
}

enum mpr_answer memory_information(void *data, const struct mpr_call *call, const char *remote,
                                   uint32_t type, mpr_resource_fn fn, void *context,
                                   size_t *ret_rest, uint32_t *ret_code) {
    struct memory_state *state = data;
    struct mpr_resource entry = server_entry();
    const struct memory_share *share;
    struct memory_name name;
    char resource[MPR_KEY_MAX];
    uint32_t code;

    (void)type;
    if (!memory_name_parse(remote, &name)) {
        *ret_code = ERROR_BAD_NET_NAME;
        return MPR_NOT_MINE;
    }
    code = memory_enter_network(state, NULL, call, MEMORY_INFORMATION, name.share);
    if (!code && name.share[0]) {
        share = memory_share_get(state, name.share);
        snprintf(resource, sizeof(resource), "%.*s", (int)name.share_end, remote);
        if (share)
            entry = share_entry(resource, share->printer);
        else
            code = ERROR_BAD_NET_NAME;
    }
    if (code) {
        *ret_code = code;
        return MPR_MINE_FAILED;
    }
    *ret_rest = name.share_end;
    fn(context, &entry);
    return MPR_DONE;
}
