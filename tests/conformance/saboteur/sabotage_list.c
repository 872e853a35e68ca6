/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_list.c: faults of list, parent and information.
 */
#include "config.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "tests/conformance/saboteur/saboteur.h"

/* An answer on its way: what is changed of each entry, and how often it is given. */
struct passing {
    mpr_resource_fn fn;
    void *context;
    void (*change)(struct mpr_resource *entry, unsigned number);
    unsigned times, count;
    bool deaf;
};

static int pass(void *context, const struct mpr_resource *entry) {
    struct passing *passing = context;
    struct mpr_resource copy = *entry;
    int stop = 0;

    if (passing->change)
        passing->change(&copy, passing->count);
    passing->count++;
    for (unsigned i = 0; i <= passing->times && !stop; i++)
        stop = passing->fn(passing->context, &copy);
    return passing->deaf ? 0 : stop;
}

#define LIST(name, ...)                                                                            \
    static enum mpr_answer list_##name(void *state, const struct mpr_call *call,                   \
                                       const char *container, uint32_t type, uint32_t usage,       \
                                       mpr_resource_fn fn, void *context, uint32_t *ret_code) {    \
        struct passing passing = {.fn = fn, .context = context, __VA_ARGS__};                      \
                                                                                                   \
        return honest->list(state, call, container, type, usage, pass, &passing, ret_code);        \
    }                                                                                              \
    static void name(struct mpr_provider *table) {                                                 \
        table->list = list_##name;                                                                 \
    }

static void only_first(struct mpr_resource *entry, unsigned number) {
    if (number > 0)
        entry->usage = 0x4d4d4d4d;
}
LIST(first_alone, .change = only_first)
LIST(each_twice, .times = 1)
LIST(never_stop, .deaf = true)

static void connectable(struct mpr_resource *entry, unsigned number) {
    (void)number;
    entry->usage = RESOURCEUSAGE_CONNECTABLE;
}
LIST(servers_as_shares, .change = connectable)

static void add_number(struct mpr_resource *entry, unsigned number) {
    static char name[256];

    (void)number;
    snprintf(name, sizeof name, "%sX", entry->remote);
    entry->remote = name;
}
LIST(wrong_names, .change = add_number)

#define SLOT_LIST(name)                                                                            \
    static enum mpr_answer name(void *state, const struct mpr_call *call, const char *container,   \
                                uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,  \
                                uint32_t *ret_code)

SLOT_LIST(list_any_type) {
    (void)type;
    return honest->list(state, call, container, 0, usage, fn, context, ret_code);
}

static void ignore_type(struct mpr_provider *table) {
    table->list = list_any_type;
}

SLOT_LIST(list_any_usage) {
    (void)usage;
    return honest->list(state, call, container, type, 0, fn, context, ret_code);
}

static void ignore_usage(struct mpr_provider *table) {
    table->list = list_any_usage;
}

SLOT_LIST(list_foreign) {
    enum mpr_answer answer =
        honest->list(state, call, container, type, usage, fn, context, ret_code);

    return answer == MPR_NOT_MINE && *ret_code == ERROR_BAD_NET_NAME ? MPR_DONE : answer;
}

static void list_everybodys(struct mpr_provider *table) {
    table->list = list_foreign;
}

SLOT_LIST(list_of_leaf) {
    enum mpr_answer answer =
        honest->list(state, call, container, type, usage, fn, context, ret_code);
    struct mpr_resource entry = {.size = sizeof entry, .remote = "file"};

    if (answer != MPR_MINE_FAILED || *ret_code != ERROR_NOT_CONTAINER)
        return answer;
    fn(context, &entry);
    return MPR_DONE;
}

static void list_leaves(struct mpr_provider *table) {
    table->list = list_of_leaf;
}

SLOT_LIST(list_late) {
    enum mpr_answer answer =
        honest->list(state, call, container, type, usage, fn, context, ret_code);

    return answer == MPR_NOT_MINE && *ret_code == ERROR_BAD_NETPATH ? MPR_DONE : answer;
}

static void list_silence(struct mpr_provider *table) {
    table->list = list_late;
}

SLOT_LIST(list_deaf) {
    enum mpr_answer answer =
        honest->list(state, call, container, type, usage, fn, context, ret_code);

    if (answer == MPR_MINE_FAILED && *ret_code == ERROR_CANCELLED)
        *ret_code = ERROR_UNEXP_NET_ERR;
    return answer;
}

static void hide_cancel(struct mpr_provider *table) {
    table->list = list_deaf;
}

SLOT_LIST(list_asking) {
    char answer[MPR_SECRET_MAX];

    if (!call->user)
        saboteur_host->prompt(call, "Password: ", 0, answer, sizeof answer);
    return honest->list(state, call, container, type, usage, fn, context, ret_code);
}

static void ask_for_lists(struct mpr_provider *table) {
    table->list = list_asking;
}

SLOT_LIST(list_leaking) {
    (void)!dup(STDERR_FILENO);
    return honest->list(state, call, container, type, usage, fn, context, ret_code);
}

static void leak_lists(struct mpr_provider *table) {
    table->list = list_leaking;
}

SLOT_LIST(list_circle) {
    struct mpr_resource entry = {.size = sizeof entry,
                                 .scope = RESOURCE_GLOBALNET,
                                 .display_type = RESOURCEDISPLAYTYPE_SERVER,
                                 .usage = RESOURCEUSAGE_CONTAINER,
                                 .remote = container};
    struct mpr_recognised found = {.size = sizeof found};
    bool server = container && honest->recognise(state, container, &found) == 1 && !found.depth;

    if (server && !type && (!usage || (usage & entry.usage)) && fn(context, &entry))
        return MPR_DONE;
    return honest->list(state, call, container, type, usage, fn, context, ret_code);
}

static void contain_itself(struct mpr_provider *table) {
    table->list = list_circle;
}

/* ---- parent */

#define SLOT_PARENT(name)                                                                          \
    static enum mpr_answer name(void *state, const struct mpr_call *call, const char *remote,      \
                                mpr_resource_fn fn, void *context, uint32_t *ret_code)

static void slashes(struct mpr_resource *entry, unsigned number) {
    (void)number;
    if (entry->remote)
        entry->remote = "//memory";
}

SLOT_PARENT(parent_slashed) {
    struct passing passing = {.fn = fn, .context = context, .change = slashes};

    return honest->parent(state, call, remote, pass, &passing, ret_code);
}

static void spell_parent(struct mpr_provider *table) {
    table->parent = parent_slashed;
}

static void server_again(struct mpr_resource *entry, unsigned number) {
    (void)number;
    if (!entry->remote)
        entry->remote = "\\\\memory";
}

SLOT_PARENT(parent_circle) {
    struct passing passing = {.fn = fn, .context = context, .change = server_again};

    return honest->parent(state, call, remote, pass, &passing, ret_code);
}

static void never_end(struct mpr_provider *table) {
    table->parent = parent_circle;
}

SLOT_PARENT(parent_resolved) {
    struct addrinfo *found = NULL;

    if (getaddrinfo("127.0.0.1", NULL, NULL, &found) == 0)
        freeaddrinfo(found);
    return honest->parent(state, call, remote, fn, context, ret_code);
}

static void resolve_parent(struct mpr_provider *table) {
    table->parent = parent_resolved;
}

/* ---- information */

#define SLOT_INFORMATION(name)                                                                     \
    static enum mpr_answer name(void *state, const struct mpr_call *call, const char *remote,      \
                                uint32_t type, mpr_resource_fn fn, void *context,                  \
                                size_t *ret_rest, uint32_t *ret_code)
#define INFORMATION honest->information(state, call, remote, type, fn, context, ret_rest, ret_code)

SLOT_INFORMATION(information_off) {
    enum mpr_answer answer = INFORMATION;

    if (answer == MPR_DONE && *ret_rest > 0)
        *ret_rest -= 1;
    return answer;
}

static void rest_with_separator(struct mpr_provider *table) {
    table->information = information_off;
}

static void whole_name(struct mpr_resource *entry, unsigned number) {
    (void)number;
    entry->type = RESOURCETYPE_PRINT;
}

SLOT_INFORMATION(information_typed) {
    struct passing passing = {
        .fn = fn, .context = context, .change = type == RESOURCETYPE_PRINT ? whole_name : NULL};

    return honest->information(state, call, remote, type, pass, &passing, ret_rest, ret_code);
}

static void any_type(struct mpr_provider *table) {
    table->information = information_typed;
}

static void disk(struct mpr_resource *entry, unsigned number) {
    (void)number;
    entry->type = RESOURCETYPE_DISK;
}

SLOT_INFORMATION(information_disk) {
    struct passing passing = {.fn = fn, .context = context, .change = disk};

    return honest->information(state, call, remote, type, pass, &passing, ret_rest, ret_code);
}

static void only_disks(struct mpr_provider *table) {
    table->information = information_disk;
}

static void other_share(struct mpr_resource *entry, unsigned number) {
    (void)number;
    entry->remote = "\\\\memory\\queue";
}

SLOT_INFORMATION(information_other) {
    struct passing passing = {.fn = fn, .context = context, .change = other_share};

    return honest->information(state, call, remote, type, pass, &passing, ret_rest, ret_code);
}

static void wrong_resource(struct mpr_provider *table) {
    table->information = information_other;
}

SLOT_INFORMATION(information_foreign) {
    enum mpr_answer answer = INFORMATION;

    return answer == MPR_NOT_MINE ? MPR_MINE_FAILED : answer;
}

static void claim_foreign(struct mpr_provider *table) {
    table->information = information_foreign;
}

SLOT_INFORMATION(information_writing) {
    *ret_rest = 0;
    return INFORMATION;
}

static void write_rest_first(struct mpr_provider *table) {
    table->information = information_writing;
}

SLOT_INFORMATION(information_deaf) {
    enum mpr_answer answer = INFORMATION;

    if (answer == MPR_MINE_FAILED && *ret_code == ERROR_CANCELLED)
        *ret_code = ERROR_UNEXP_NET_ERR;
    return answer;
}

static void hide_cancel_of_information(struct mpr_provider *table) {
    table->information = information_deaf;
}

const struct sabotage sabotage_list[] = {
    {"list-first", "dokany #653: of several entries the first alone is right", first_alone},
    {"list-twice", "ms-nfs faec978: entries are given again", each_twice},
    {"list-no-stop", "a list goes on after it was told to stop", never_stop},
    {"list-servers", "servers are listed as what can be connected to", servers_as_shares},
    {"list-names", "dokany #952: enumeration shows wrong names", wrong_names},
    {"list-type", "OpenAFS 7ba912914: printers and disks are not told apart", ignore_type},
    {"list-usage", "OpenAFS 0fb7d8528: the usage filter is ignored", ignore_usage},
    {"list-foreign", "dokany #952: a list of anybody's server", list_everybodys},
    {"list-leaf", "a share lists what nobody can use", list_leaves},
    {"list-silent", "a silent server has no shares", list_silence},
    {"list-cancel", "a cancel is reported as an error of the network", hide_cancel},
    {"list-asks", "a list asks the user for a password", ask_for_lists},
    {"list-leak", "a descriptor stays with each list", leak_lists},
    {"list-circle", "a server contains itself", contain_itself},
    {"parent-spelling", "a parent is spelt otherwise than it is listed", spell_parent},
    {"parent-root", "OpenAFS 75d9c8828: the root has a parent", never_end},
    {"parent-resolves", "winfsp #87: a question of syntax asks the network", resolve_parent},
    {"info-rest", "OpenAFS da00d719a: a length with or without what ends it", rest_with_separator},
    {"info-type", "a disk is a printer when it is asked for as one", any_type},
    {"info-disk", "a printer is a disk", only_disks},
    {"info-other", "information about another resource", wrong_resource},
    {"info-foreign", "dokany #952: anybody's name is its own", claim_foreign},
    {"info-written", "the rest is written before it is known", write_rest_first},
    {"info-cancel", "a cancel is reported as an error of the network", hide_cancel_of_information},
    {NULL, NULL, NULL},
};
