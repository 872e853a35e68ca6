/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_browse: what the NFS provider finds on a real server: exports, what a name
 * begins with, what it is in, and what files on it are called elsewhere.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "tests/integration/table.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

static struct mpr_call current;

static const struct mpr_call *now(void) {
    current = table_call(20000);
    return &current;
}

struct found {
    int count;
    struct mpr_resource last;
    char names[8][128];
    char comment[256];
};

static int take_resource(void *context, const struct mpr_resource *entry) {
    struct found *found = context;

    if (found->count < 8)
        snprintf(found->names[found->count], sizeof found->names[0], "%s",
                 entry->remote ? entry->remote : "(none)");
    snprintf(found->comment, sizeof found->comment, "%s", entry->comment ? entry->comment : "");
    found->count++;
    found->last = *entry;
    return 0;
}

static bool has_name(const struct found *found, const char *name) {
    for (int i = 0; i < found->count && i < 8; i++)
        if (strcmp(found->names[i], name) == 0)
            return true;
    return false;
}

static void listing_of(const char *container, const char *wanted) {
    struct found found = {0};
    uint32_t code = 0;

    tap_group("list of %s", container);
    tap_ok(table_ops->list(table_state, now(), container, RESOURCETYPE_DISK, 0, take_resource,
                           &found, &code)
               == MPR_DONE,
           "is done (%u)", code);
    tap_ok(has_name(&found, wanted), "has %s", wanted);
    tap_ok(found.last.usage == RESOURCEUSAGE_CONNECTABLE
               && found.last.display_type == RESOURCEDISPLAYTYPE_SHARE,
           "can be connected");
}

static void parent_of(const char *remote, const char *wanted, uint32_t display) {
    struct found found = {0};
    uint32_t code = 0;

    tap_group("parent of %s", remote);
    tap_ok(table_ops->parent(table_state, now(), remote, take_resource, &found, &code) == MPR_DONE
               && found.count == 1,
           "is done (%u)", code);
    tap_text(found.names[0], wanted, "is it");
    tap_ok(found.last.display_type == display, "of its kind");
}

static void information_of(const char *remote, const char *wanted, const char *rest) {
    struct found found = {0};
    uint32_t code = 0;
    size_t at = 0;

    tap_group("information on %s", remote);
    tap_ok(table_ops->information(table_state, now(), remote, 0, take_resource, &found, &at, &code)
                   == MPR_DONE
               && found.count == 1,
           "is done (%u)", code);
    tap_text(found.names[0], wanted, "is it");
    tap_text(remote + at, rest, "and the rest");
}

static void refused(enum mpr_answer answer, uint32_t code, enum mpr_answer wanted,
                    uint32_t wanted_code) {
    tap_ok(answer == wanted && code == wanted_code, "%s (%d %u)", stage_code(wanted_code),
           (int)answer, code);
}

static void lists(void) {
    listing_of("nfshost:", "nfshost:/rw");
    listing_of("\\\\NFSHOST", "\\\\nfshost\\ro");
    listing_of("nfs://nfshost", "nfs://nfshost/full");
}

/* How many entries a filter leaves. */
static void filtered(const char *container, uint32_t type, uint32_t usage, int wanted) {
    struct found found = {0};
    uint32_t code = 0;
    enum mpr_answer answer =
        table_ops->list(table_state, now(), container, type, usage, take_resource, &found, &code);

    tap_ok(answer == MPR_DONE && found.count == wanted, "%s, type %u, usage %u: %d entries (%d)",
           container ? container : "the network", type, usage, wanted, found.count);
}

static void filters(void) {
    tap_group("filters");
    /* one of the six is another client's, which this server does not tell */
    filtered("nfshost:", 0, 0, 5);
    filtered("nfshost:", RESOURCETYPE_DISK | RESOURCETYPE_PRINT, RESOURCEUSAGE_ALL, 5);
    filtered("nfshost:", RESOURCETYPE_PRINT, 0, 0);
    filtered("nfshost:", 0, RESOURCEUSAGE_CONTAINER, 0);
    filtered(NULL, 0, 0, 2);
    filtered("", RESOURCETYPE_DISK, RESOURCEUSAGE_CONTAINER, 2);
    filtered(NULL, 0, RESOURCEUSAGE_CONNECTABLE, 0);
}

static void servers(void) {
    struct found found = {0};
    uint32_t code;

    tap_group("the network");
    table_ops->list(table_state, now(), NULL, 0, 0, take_resource, &found, &code);
    tap_text(found.names[0], "nfshost:", "has the servers of the options");
    tap_text(found.names[1], "[::1]:", "spelt as they are listed below");
    tap_ok(found.last.usage == RESOURCEUSAGE_CONTAINER
               && found.last.display_type == RESOURCEDISPLAYTYPE_SERVER,
           "as containers");
}

static void refusal_of_list(const char *container, uint32_t wanted, int within_ms) {
    struct found found = {0};
    double begun = stage_ms();
    uint32_t code = 0;
    enum mpr_answer answer =
        table_ops->list(table_state, now(), container, 0, 0, take_resource, &found, &code);

    refused(answer, code, MPR_NOT_MINE, wanted);
    if (wanted == ERROR_BAD_NET_NAME)
        tap_ok(!strstr(table_told().text, container), "nothing is said of another's name");
    else
        tap_ok(strstr(table_told().text, container) || wanted == ERROR_BAD_NETPATH,
               "the words name it: %s", table_told().text);
    tap_ok(!found.count && stage_ms() - begun < within_ms, "in time (%.0f ms)", stage_ms() - begun);
}

static void refusals(void) {
    tap_group("no containers");
    refusal_of_list("nfshost:/rw", ERROR_NOT_CONTAINER, 1900);
    refusal_of_list("Z:", ERROR_BAD_NET_NAME, 1900);
    refusal_of_list("nohost.invalid:", ERROR_BAD_NETPATH, 1900);
    refusal_of_list("refused:", ERROR_BAD_NETPATH, 1900);
    refusal_of_list("silent:", ERROR_BAD_NETPATH, 10000);
    refusal_of_list("dropped:", ERROR_BAD_NETPATH, 10000);
}

static void parents(void) {
    parent_of("nfshost:/rw/sub/x", "nfshost:/rw/sub", RESOURCEDISPLAYTYPE_SHARE);
    parent_of("nfs://nfshost/rw", "nfs://nfshost", RESOURCEDISPLAYTYPE_SERVER);
    parent_of("\\\\nfshost\\rw", "\\\\nfshost", RESOURCEDISPLAYTYPE_SERVER);
    parent_of("nfshost:/", "nfshost:", RESOURCEDISPLAYTYPE_SERVER);
    parent_of("nfshost:", "(none)", RESOURCEDISPLAYTYPE_SERVER);
}

static void information(void) {
    struct found found = {0};
    enum mpr_answer answer;
    uint32_t code = 0;
    size_t rest = 4711;

    information_of("nfshost:/rw/sub/x", "nfshost:/rw", "/sub/x");
    information_of("nfshost:/rw/", "nfshost:/rw", "");
    information_of("\\\\nfshost\\rw", "\\\\nfshost\\rw", "");
    information_of("\\\\NFSHOST\\rw\\sub\\", "\\\\nfshost\\rw", "\\sub\\");
    information_of("nfs://nfshost//rw/sub?uid=3", "nfs://nfshost/rw", "/sub?uid=3");
    information_of("nfs://nfshost/rw?uid=3", "nfs://nfshost/rw", "");
    information_of("nfshost:", "nfshost:", "");
    tap_group("information on what is not there");
    answer = table_ops->information(table_state, now(), "nfshost:/none", 0, take_resource, &found,
                                    &rest, &code);
    refused(answer, code, MPR_MINE_FAILED, ERROR_BAD_NET_NAME);
    answer = table_ops->information(table_state, now(), "nfshost:/rw", RESOURCETYPE_PRINT,
                                    take_resource, &found, &rest, &code);
    refused(answer, code, MPR_NOT_MINE, ERROR_BAD_DEV_TYPE);
    answer = table_ops->information(table_state, now(), "refused:/rw", 0, take_resource, &found,
                                    &rest, &code);
    refused(answer, code, MPR_NOT_MINE, ERROR_BAD_NETPATH);
    tap_ok(!found.count && rest == 4711, "nothing is given");
}

static void names_of_files(void) {
    static const struct {
        const char *remote, *path, *wanted;
        uint32_t code;
    } rows[] = {
        {"nfshost:/rw", "\\dir\\f", "\\\\nfshost\\rw\\dir\\f", NO_ERROR},
        {"nfs://NFShost:2050/a/b%20c?uid=3", "/x", "\\\\nfshost:2050\\a\\b c\\x", NO_ERROR},
        {"[::1]:/rw", "", "\\\\[::1]\\rw", NO_ERROR},
        {"\\\\NfsHost\\rw\\", "\\", "\\\\NfsHost\\rw\\", NO_ERROR},
        {"nfshost:/", "\\x", "untouched", ERROR_NOT_SUPPORTED},
        {"nfshost:/a\\b", "\\x", "untouched", ERROR_NOT_SUPPORTED},
        {"Z:", "", "untouched", ERROR_BAD_NET_NAME},
    };

    tap_group("names of files for others");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64] = "untouched";
        uint32_t code = table_ops->universal(table_state, now(), "Z:", rows[i].remote, rows[i].path,
                                             text, sizeof text);

        tap_ok(code == rows[i].code, "%s: %s (%u)", rows[i].remote, stage_code(rows[i].code), code);
        tap_text(text, rows[i].wanted, "is it");
        if (code != NO_ERROR)
            continue;
        memset(text, 0, sizeof text);
        code = table_ops->universal(table_state, now(), "Z:", rows[i].remote, rows[i].path, text,
                                    strlen(rows[i].wanted));
        tap_ok(code == ERROR_MORE_DATA && !text[0], "a byte too small");
    }
}

int main(void) {
    static const char *const options[] = {"servers", "nfshost, [::1]", "connect_timeout_ms", "2000",
                                          NULL};

    table_open("nfs", options);
    lists();
    filters();
    servers();
    refusals();
    parents();
    information();
    names_of_files();
    table_close();
    return tap_done();
}
