/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_information.c: information and parent: what a name is, and what it lies in.
 */
#include "config.h"

#include <string.h>

#include <mpr/winnetwk.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_browse.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_recognise.h"
#include "tools/conformance/kit_watch.h"

/* The entry of a good name, whose rest is rest. */
static const struct kit_entry *known(const struct kit_answer *about, const char *remote,
                                     const char *rest) {
    const struct kit_entry *entry = kit_one(about);

    kit_entry_sound(entry);
    kit_expect(about->rest <= strlen(remote), kit_text("a rest within \"%s\"", remote),
               "it begins at byte %zu", about->rest);
    kit_expect(strcmp(remote + about->rest, rest) == 0, kit_text("the rest \"%s\"", rest), "\"%s\"",
               remote + about->rest);
    return entry;
}

static void good_names(void) {
    kit_native_open();
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        const char *remote = kit_lab.good.items[i];
        struct kit_answer about = kit_about(remote, RESOURCETYPE_ANY);
        const struct kit_entry *entry = kit_one(&about);

        kit_entry_sound(entry);
        kit_expect(strcmp(entry->key, kit_key(remote)) == 0,
                   kit_text("the resource itself: \"%s\"", remote), "\"%s\"", entry->remote);
        kit_expect(entry->usage & RESOURCEUSAGE_CONNECTABLE, "a connectable resource", "usage %u",
                   (unsigned)entry->usage);
        kit_expect(!(entry->type & RESOURCETYPE_PRINT), "no printer", "type %u",
                   (unsigned)entry->type);
    }
}

static void no_rest(void) {
    kit_native_open();
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        const char *remote = kit_lab.good.items[i];
        struct kit_answer about = kit_about(remote, RESOURCETYPE_ANY);

        known(&about, remote, "");
    }
}

static void with_rest(void) {
    unsigned tried = 0;

    kit_native_open();
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        const char *remote = kit_lab.good.items[i], *separator, *name;
        const char *below = kit_below(remote, "d");
        struct kit_answer about;

        if (!below || !kit_recognise(below).taken)
            continue; /* a name with arguments has nothing below it */
        separator = strstr(remote, "\\") ? "\\" : "/";
        name = kit_text("%s%sd%sf", remote, separator, separator);
        if (!kit_recognise(name).taken)
            continue;
        tried++;
        about = kit_about(name, RESOURCETYPE_ANY);
        kit_expect(strcmp(known(&about, name, name + strlen(remote))->key, kit_key(remote)) == 0,
                   kit_text("the resource \"%s\"", remote), "\"%s\"", about.entries[0].remote);
    }
    if (!tried)
        kit_skip("no good name can have anything below it");
}

static void failing(const struct kit_answer *about) {
    kit_expect(about->answer != MPR_DONE, "a failure", "MPR_DONE");
    kit_expect(about->count == 0, "no entry with a failure", "%zu", about->count);
    kit_expect(about->rest == KIT_REST, "*ret_rest untouched on failure", "%zu", about->rest);
}

static void foreign(void) {
    kit_native_open();
    for (size_t i = 0; i < kit_lab.foreign.count; i++) {
        unsigned calls = kit_network_calls();
        int64_t began = kit_ms();
        struct kit_answer about = kit_about(kit_lab.foreign.items[i], RESOURCETYPE_ANY);

        failing(&about);
        kit_expect(about.answer == MPR_NOT_MINE, "MPR_NOT_MINE", "%s", kit_answer_name(&about));
        kit_within(began, KIT_AT_ONCE);
        kit_expect(kit_network_calls() == calls, "no network for a name that is not the provider's",
                   "%s", kit_network_call());
    }
}

static void missing(void) {
    struct kit_answer about;

    kit_native_open();
    about = kit_about(kit_need(kit_lab.missing, "missing"), RESOURCETYPE_ANY);
    failing(&about);
    kit_answer_is(&about, MPR_MINE_FAILED, ERROR_BAD_NET_NAME);
}

static void unknown(void) {
    const char *host, *remote;
    struct kit_answer about;
    int64_t began;

    kit_native_open();
    remote = kit_need(kit_lab.unknown, "unknown");
    host = kit_host_of(remote);
    if (strcmp(host, remote) == 0)
        kit_skip("the lab has one server, and \"unknown\" is a name on it");
    began = kit_ms();
    about = kit_about(remote, RESOURCETYPE_ANY);
    failing(&about);
    kit_answer_is(&about, MPR_NOT_MINE, ERROR_BAD_NETPATH);
    kit_within(began, kit_connect_ms() + 1000);
}

static void other_type(void) {
    struct kit_answer about;

    kit_native_open();
    about = kit_about(kit_good(0), RESOURCETYPE_PRINT);
    if (about.answer == MPR_DONE) {
        kit_expect(kit_one(&about)->type == RESOURCETYPE_DISK,
                   "ERROR_BAD_DEV_TYPE, or what it is: a disk", "type %u",
                   (unsigned)about.entries[0].type);
        return;
    }
    failing(&about);
    KIT_CODES(about.code, ERROR_BAD_DEV_TYPE);
}

static void printers(void) {
    const char *remote = kit_need(kit_lab.printer, "printer");
    struct kit_answer about;

    kit_native_open();
    about = kit_about(remote, RESOURCETYPE_PRINT);
    known(&about, remote, "");
    kit_expect(about.entries[0].type == RESOURCETYPE_PRINT, "type RESOURCETYPE_PRINT (2)", "%u",
               (unsigned)about.entries[0].type);
}

static void silent(void) {
    struct kit_answer about;
    int64_t began;

    kit_need(kit_lab.silent, "silent");
    kit_browse_cancel_ms = 200;
    began = kit_ms();
    about = kit_about(kit_lab.silent, RESOURCETYPE_ANY);
    failing(&about);
    KIT_CODES(about.code, ERROR_CANCELLED);
    kit_within(began, 2000);
}

/* ---- parent */

static void parents_of_good(void) {
    kit_native_open();
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        char remote[MPR_KEY_MAX];
        unsigned depth = 0;

        memcpy(remote, kit_lab.good.items[i], strlen(kit_lab.good.items[i]) + 1);
        for (;;) {
            struct kit_answer above = kit_parent(remote);
            const struct kit_entry *entry = kit_one(&above);
            const char *key = kit_key(remote);

            if (!entry->named)
                break;
            kit_entry_sound(entry);
            kit_expect(strlen(entry->key) < strlen(key)
                           && strncmp(key, entry->key, strlen(entry->key)) == 0,
                       kit_text("a name above \"%s\"", remote), "\"%s\"", entry->remote);
            kit_expect(entry->usage & (RESOURCEUSAGE_CONTAINER | RESOURCEUSAGE_CONNECTABLE),
                       "usage of what contains something", "%u", (unsigned)entry->usage);
            kit_expect(++depth < 32, "a root", "32 levels without one");
            memcpy(remote, entry->remote, sizeof remote);
        }
    }
}

static void parent_of_server(void) {
    struct kit_answer above;

    kit_native_open();
    above = kit_parent(kit_need(kit_lab.server, "server"));
    kit_expect(!kit_one(&above)->named, "an entry with NULL remote", "\"%s\"",
               above.entries[0].remote);
}

static void parent_by_syntax(void) {
    const char *names[] = {kit_lab.silent, kit_lab.unknown, kit_lab.missing, kit_lab.refused};

    kit_native_open();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unsigned calls = kit_network_calls();
        int64_t began = kit_ms();
        struct kit_answer above;

        if (!names[i])
            continue;
        above = kit_parent(names[i]);
        kit_one(&above);
        kit_within(began, KIT_AT_ONCE);
        kit_expect(kit_network_calls() == calls, "no network: parent is a matter of syntax", "%s",
                   kit_network_call());
    }
    for (size_t i = 0; i < kit_lab.foreign.count; i++) {
        struct kit_answer above = kit_parent(kit_lab.foreign.items[i]);

        kit_expect(above.answer == MPR_NOT_MINE && above.count == 0, "MPR_NOT_MINE and no entry",
                   "%s, %zu entries", kit_answer_name(&above), above.count);
    }
}

const struct kit_check kit_checks_native_information[] = {
    {"RES-01", KIT_CAPABILITY, good_names,
     "information of a good name is that resource: connectable, with sound numbers",
     "A program shows what the user typed before it connects.",
     "Windows: NPGetResourceInformation; mpr/provider.h, information"},
    {"RES-02", KIT_CAPABILITY, with_rest,
     "Of a name that goes on, information gives the resource, and where the rest begins",
     "This is how a path is taken apart.", "mpr/provider.h, information: *ret_rest, in bytes"},
    {"RES-03", KIT_CAPABILITY, no_rest, "Of a resource's own name nothing is left",
     "A program takes a rest for a file.", "Windows: NPGetResourceInformation, lplpSystem"},
    {"RES-05", KIT_CAPABILITY, foreign,
     "information about a name that is not the provider's is MPR_NOT_MINE at once, without a look "
     "at the network",
     "Each provider is asked before the right one.",
     "Windows: NPGetResourceInformation, WN_BAD_NETNAME"},
    {"RES-06", KIT_CAPABILITY, other_type,
     "A disk that is asked for as a printer is ERROR_BAD_DEV_TYPE, or still a disk",
     "Nobody is to print on a disk.", "Windows: NPGetResourceInformation, WN_BAD_DEV_TYPE"},
    {"RES-08", KIT_CAPABILITY, parents_of_good,
     "parent leads from each good name up to the root, and each name is above the one before",
     "A program walks up as well as down.",
     "mpr/provider.h, parent: an entry with NULL remote if there is none"},
    {"LST-20", KIT_CAPABILITY, parent_of_server, "Nothing is above a server: its parent is NULL",
     "This ends the walk up.",
     "mpr/provider.h, parent: an entry with NULL remote if there is none"},
    {"LST-21", KIT_CAPABILITY, parent_by_syntax,
     "parent answers at once, without a look at the network, also for servers that are silent or "
     "do not exist, and MPR_NOT_MINE for others' names",
     "It is asked for every line of a window.", "mpr/provider.h, parent: by syntax"},
    {"LST-22", KIT_CAPABILITY, missing,
     "information about what a good server does not have is MPR_MINE_FAILED with "
     "ERROR_BAD_NET_NAME, and writes no result",
     "The server is there and has spoken: nobody else need be asked.",
     "mpr/provider.h, rule 2 and MPR_MINE_FAILED"},
    {"LST-23", KIT_CAPABILITY, unknown,
     "information about a server that does not exist is MPR_NOT_MINE with ERROR_BAD_NETPATH",
     "Another provider may know it.", "mpr/provider.h, MPR_NOT_MINE"},
    {"LST-24", KIT_CAPABILITY, printers, "information of a printer says that it is one",
     "A program offers it for printing.", "mpr/provider.h, mpr_resource.type"},
    {"LST-25", KIT_CAPABILITY, silent,
     "information about a silent server ends with ERROR_CANCELLED when it is cancelled",
     "Who gave up does not wait.", "mpr/provider.h, rule 1"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
