/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_list.c: list: what is below the network and below a server.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_browse.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_watch.h"

#define DEEPEST  8
#define CONNECTS 8
#define ROUNDS   50

static const char *server(void) {
    return kit_need(kit_lab.server, "server");
}

static struct kit_answer all_of(const char *container) {
    struct kit_answer all = kit_children(container, RESOURCETYPE_ANY, 0, 0);

    kit_done(&all);
    return all;
}

static bool contains(const struct kit_answer *list, const char *key) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->entries[i].key, key) == 0)
            return true;
    return false;
}

static void each_once(const struct kit_answer *list) {
    for (size_t i = 0; i < list->count; i++) {
        kit_entry_sound(&list->entries[i]);
        for (size_t j = 0; j < i; j++)
            kit_expect(strcmp(list->entries[i].key, list->entries[j].key) != 0,
                       kit_text("\"%s\" once", list->entries[i].remote), "twice, once as \"%s\"",
                       list->entries[j].remote);
    }
}

static void network(void) {
    struct kit_answer list = all_of(NULL);

    each_once(&list);
    for (size_t i = 0; i < list.count; i++)
        kit_expect(list.entries[i].usage & RESOURCEUSAGE_CONTAINER, "containers: servers",
                   "\"%s\", of usage %u", list.entries[i].remote, (unsigned)list.entries[i].usage);
    kit_note("the network has %zu servers", list.count);
}

static void below_server(void) {
    struct kit_answer list = all_of(server());
    const char *key = kit_key(server());

    kit_expect(list.count > 0, "what the server offers", "nothing");
    each_once(&list);
    for (size_t i = 0; i < list.count; i++)
        kit_expect(strncmp(list.entries[i].key, key, strlen(key)) == 0
                       && strcmp(list.entries[i].key, key) != 0,
                   "names below the server", "\"%s\"", list.entries[i].remote);
    kit_note("%s has %zu resources", server(), list.count);
}

static void by_type(void) {
    static const uint32_t types[] = {RESOURCETYPE_DISK, RESOURCETYPE_PRINT};
    struct kit_answer all = all_of(server());

    for (size_t t = 0; t < 2; t++) {
        struct kit_answer some = kit_children(server(), types[t], 0, 0);

        kit_done(&some);
        for (size_t i = 0; i < some.count; i++) {
            uint32_t type = some.entries[i].type;

            kit_expect(type == RESOURCETYPE_ANY || (type & types[t]),
                       kit_text("entries of type %u", (unsigned)types[t]), "\"%s\" of type %u",
                       some.entries[i].remote, (unsigned)type);
            kit_expect(contains(&all, some.entries[i].key), "entries of the whole list", "\"%s\"",
                       some.entries[i].remote);
        }
        for (size_t i = 0; i < all.count; i++)
            kit_expect(!(all.entries[i].type & types[t]) || contains(&some, all.entries[i].key),
                       kit_text("all of type %u", (unsigned)types[t]), "\"%s\" is missing",
                       all.entries[i].remote);
    }
}

static void by_usage(void) {
    static const uint32_t usages[] = {RESOURCEUSAGE_CONNECTABLE, RESOURCEUSAGE_CONTAINER};
    const char *containers[] = {NULL, server()};

    for (size_t c = 0; c < 2; c++) {
        struct kit_answer all = all_of(containers[c]);

        for (size_t u = 0; u < 2; u++) {
            struct kit_answer some = kit_children(containers[c], RESOURCETYPE_ANY, usages[u], 0);

            kit_done(&some);
            for (size_t i = 0; i < some.count; i++)
                kit_expect(some.entries[i].usage & usages[u],
                           kit_text("entries of usage %u", (unsigned)usages[u]),
                           "\"%s\" of usage %u", some.entries[i].remote,
                           (unsigned)some.entries[i].usage);
            for (size_t i = 0; i < all.count; i++)
                kit_expect(!(all.entries[i].usage & usages[u])
                               || contains(&some, all.entries[i].key),
                           kit_text("all of usage %u", (unsigned)usages[u]), "\"%s\" is missing",
                           all.entries[i].remote);
        }
    }
}

static void stops(void) {
    struct kit_answer all = all_of(server());

    for (size_t stop = 1; stop < all.count; stop++) {
        struct kit_answer some = kit_children(server(), RESOURCETYPE_ANY, 0, stop);

        kit_done(&some);
        kit_expect(some.count == stop, kit_text("%zu entries", stop), "%zu", some.count);
    }
}

static void foreign(void) {
    int64_t began;
    unsigned calls;

    kit_native_open();
    for (size_t i = 0; i < kit_lab.foreign.count; i++) {
        struct kit_answer list;

        if (!kit_lab.foreign.items[i][0])
            continue; /* "" is the network for some */
        calls = kit_network_calls();
        began = kit_ms();
        list = kit_children(kit_lab.foreign.items[i], RESOURCETYPE_ANY, 0, 0);
        kit_expect(list.answer == MPR_NOT_MINE && list.count == 0, "MPR_NOT_MINE and no entry",
                   "%s, %zu entries", kit_answer_name(&list), list.count);
        kit_within(began, KIT_AT_ONCE);
        kit_expect(kit_network_calls() == calls, "no network for a name that is not the provider's",
                   "%s", kit_network_call());
    }
}

static void leaf(void) {
    struct kit_answer list = kit_children(kit_good(0), RESOURCETYPE_ANY, 0, 0);

    if (list.answer == MPR_DONE) /* a share that has something below it */
        each_once(&list);
    else
        kit_expect(list.count == 0, "no entry with a failure", "%zu", list.count);
}

/* A server that is not there, and no other answers for it. */
static void no_server(const char *remote, const char *field) {
    struct kit_answer list;
    const char *host;

    kit_native_open();
    host = kit_host_of(kit_need(remote, field));
    if (strcmp(host, remote) == 0)
        kit_skip("the lab has one server, and \"%s\" is a name on it", field);
    list = kit_children(host, RESOURCETYPE_ANY, 0, 0);
    kit_answer_is(&list, MPR_NOT_MINE, ERROR_BAD_NETPATH);
    kit_expect(list.count == 0, "no entry", "%zu", list.count);
    kit_expect(kit_told().errors > 0 && kit_told().text[0], "words for the failure", "none");
}

static void unknown_server(void) {
    no_server(kit_lab.unknown, "unknown");
}

static void refusing_server(void) {
    no_server(kit_lab.refused, "refused");
}

static void silent_server(void) {
    int64_t began;
    struct kit_answer list;
    const char *host;

    kit_native_open();
    host = kit_host_of(kit_need(kit_lab.silent, "silent"));
    began = kit_ms();
    list = kit_children(host, RESOURCETYPE_ANY, 0, 0);
    kit_expect(list.answer != MPR_DONE, "a failure", "MPR_DONE");
    kit_within(began, kit_connect_ms() + 1000);
}

static void cancelled(void) {
    struct kit_answer list;
    int64_t began;
    const char *host;

    kit_native_open();
    host = kit_host_of(kit_need(kit_lab.silent, "silent"));
    kit_browse_cancel_ms = 200;
    began = kit_ms();
    list = kit_children(host, RESOURCETYPE_ANY, 0, 0);
    kit_answer_is(&list, MPR_MINE_FAILED, ERROR_CANCELLED);
    kit_within(began, 2000);
}

/* ---- the whole tree */

static void walk(const char *container, unsigned depth, unsigned *visited) {
    struct kit_answer list = kit_children(container, RESOURCETYPE_ANY, 0, 0);

    kit_expect(depth <= DEEPEST, kit_text("a network of %d levels at most", DEEPEST),
               "\"%s\" is deeper", container);
    if (list.answer != MPR_DONE && depth > 0)
        return; /* a server that is in the list need not be there */
    kit_done(&list);
    for (size_t i = 0; i < list.count; i++) {
        const struct kit_entry *entry = &list.entries[i];

        kit_expect(!container || strcmp(entry->key, kit_key(container)) != 0,
                   "another name than the container's", "\"%s\"", entry->remote);
        kit_expect(++*visited < 5000, "a network that ends", "5000 entries");
        if (entry->usage & RESOURCEUSAGE_CONTAINER)
            walk(entry->remote, depth + 1, visited);
    }
}

static void tree(void) {
    unsigned visited = 0;

    walk(NULL, 0, &visited);
    kit_note("%u entries in all", visited);
}

/* Is one name exactly one component below the other? */
static bool is_child(const char *key, const char *of) {
    size_t length = strlen(of);

    return strncmp(key, of, length) == 0 && key[length] == '/' && !strchr(key + length + 1, '/');
}

static void parents(void) {
    struct kit_answer network_list = all_of(NULL);

    for (size_t s = 0; s <= network_list.count; s++) {
        const char *container = s < network_list.count ? network_list.entries[s].remote : server();
        struct kit_answer list = kit_children(container, RESOURCETYPE_ANY, 0, 0);

        for (size_t i = 0; list.answer == MPR_DONE && i < list.count; i++) {
            struct kit_answer above;
            const struct kit_entry *parent;

            if (!is_child(list.entries[i].key, kit_key(container)))
                continue;
            above = kit_parent(list.entries[i].remote);
            parent = kit_one(&above);
            kit_expect(strcmp(parent->remote, container) == 0,
                       kit_text("\"%s\", byte for byte", container), "\"%s\"", parent->remote);
            kit_expect(parent->usage & RESOURCEUSAGE_CONTAINER, "a container", "usage %u",
                       (unsigned)parent->usage);
        }
    }
}

static void usable(void) {
    struct kit_answer list = all_of(server());
    unsigned connects = 0;

    for (size_t i = 0; i < list.count && connects < CONNECTS; i++) {
        struct kit_connected got;

        if (!(list.entries[i].usage & RESOURCEUSAGE_CONNECTABLE)
            || list.entries[i].type == RESOURCETYPE_ANY)
            continue;
        connects++;
        got = kit_connect(list.entries[i].remote, kit_lab.user, kit_lab.password);
        if (got.answer == MPR_DONE)
            kit_disconnect(got.session);
        else /* it may not be for this user */
            kit_expect(got.answer == MPR_MINE_FAILED && got.code != ERROR_BAD_NET_NAME
                           && got.code != ERROR_BAD_NETPATH,
                       "a connection, or a refusal by the resource itself", "answer %d, %s",
                       (int)got.answer, kit_code_name(got.code));
    }
    kit_expect(connects > 0, "something that can be connected to", "nothing");
}

static void as_nobody(void) {
    static const uint32_t usages[] = {0, RESOURCEUSAGE_ATTACHED};

    kit_browse_user = NULL;
    for (size_t i = 0; i < 2; i++) {
        struct kit_answer list = kit_children(server(), RESOURCETYPE_ANY, usages[i], 0);

        kit_expect(list.answer != MPR_NOT_MINE, "the server's own answer", "MPR_NOT_MINE");
        kit_expect(list.answer == MPR_DONE || list.count == 0, "no entry with a failure", "%zu",
                   list.count);
    }
    kit_expect(kit_told().prompts == 0, "no question to the user", "%u prompts",
               kit_told().prompts);
}

static void list_once(void *context) {
    struct kit_answer list = kit_children(server(), RESOURCETYPE_ANY, 0, 0);

    (void)context;
    kit_done(&list);
}

static void leaves_nothing(void) {
    struct kit_state before;

    list_once(NULL);
    before = kit_state();
    for (unsigned i = 0; i < kit_rounds(ROUNDS); i++)
        list_once(NULL);
    kit_state_same(&before, "after lists were read");
}

const struct kit_check kit_checks_native_list[] = {
    {"LST-01", KIT_CAPABILITY, network,
     "The network's entries are containers, each once, with sound numbers and names that are "
     "recognised",
     "A user walks down from here.", "mpr/provider.h, list: NULL is the network"},
    {"LST-02", KIT_CAPABILITY, below_server,
     "A server's entries are each once, with sound numbers and names that are recognised",
     "What is shown is what can be connected to.", "mpr/provider.h, list, mpr_resource"},
    {"LST-03", KIT_CAPABILITY, by_type, "A type mask gives all entries of that type, and no others",
     "Who looks for a printer is not shown disks.",
     "mpr/provider.h, list: type and usage are masks; Windows: NPOpenEnum"},
    {"LST-04", KIT_CAPABILITY, by_usage,
     "A usage mask gives all entries of that usage, and no others",
     "A tree of containers is drawn from this.",
     "mpr/provider.h, list: type and usage are masks; Windows: NPOpenEnum"},
    {"LST-05", KIT_CAPABILITY, stops, "list ends when the function returns something other than 0",
     "A caller with a small buffer takes a few at a time.", "mpr/provider.h, mpr_resource_fn"},
    {"LST-06", KIT_CAPABILITY, leaf,
     "What holds no resources is refused, or what it lists is sound", "A share is no server.",
     "Windows: NPOpenEnum, leaf objects"},
    {"LST-07", KIT_CAPABILITY, unknown_server,
     "A server that does not exist is MPR_NOT_MINE with ERROR_BAD_NETPATH, in words",
     "Another provider may know it.", "mpr/provider.h, MPR_NOT_MINE"},
    {"LST-08", KIT_CAPABILITY, refusing_server,
     "A server that refuses is MPR_NOT_MINE with ERROR_BAD_NETPATH, in words",
     "Another protocol may be spoken there.", "mpr/provider.h, MPR_NOT_MINE"},
    {"LST-09", KIT_CAPABILITY, silent_server,
     "The list of a server that is silent fails by its deadline",
     "A window that lists the network must not hang.", "mpr/provider.h, rule 1"},
    {"LST-10", KIT_CAPABILITY, cancelled,
     "The list of a server that is silent ends with ERROR_CANCELLED when it is cancelled",
     "Who closes the window does not wait.", "mpr/provider.h, rule 1"},
    {"LST-11", KIT_CAPABILITY, as_nobody,
     "A list as nobody is answered or refused by the server, and asks the user nothing",
     "There is not always a connection whose password can be lent.",
     "mpr/provider.h, mpr_call.user and list, RESOURCEUSAGE_ATTACHED"},
    {"LST-12", KIT_CAPABILITY, leaves_nothing,
     "Lists leave neither descriptors nor sessions on the server behind",
     "A file manager reads them again and again.", "own decision"},
    {"ENU-13", KIT_CAPABILITY, tree,
     "The network, walked down from its root, ends after eight levels at most, without a circle",
     "Programs walk it without looking back.", "Windows: WNetOpenEnum, RESOURCE_GLOBALNET"},
    {"RES-09", KIT_CAPABILITY, parents,
     "The parent of a listed entry is its container, byte for byte",
     "A tree is put together by comparing names.",
     "Windows: NPGetResourceParent; mpr/provider.h, parent"},
    {"ENU-14", KIT_CAPABILITY, foreign,
     "A container that is not the provider's is MPR_NOT_MINE at once, without a look at the "
     "network",
     "Each provider is asked before the right one.", "Windows: NPOpenEnum, WN_BAD_NETNAME"},
    {"ENU-28", KIT_CAPABILITY, usable, "What is listed as connectable can be connected to as it is",
     "Users click on it.", "mpr/provider.h, mpr_resource.remote: full name, fit for connect"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
