/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_status.c: what the connections are doing, and who uses them.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_drive.h"
#include "router/mpr_error.h"
#include "router/mpr_status.h"
#include "router/mpr_time.h"
#include "router/mpr_unavailable.h"
#include "router/mpr_utf.h"

/* Of all connections and remembered ones, those that a name means. */
struct selection {
    struct mpr_router *router;
    const char *name;                         /* NULL: all */
    struct mpr_device device;                 /* of the name; index -1: it is none */
    struct mpr_conn *conns[MPR_DEVICE_COUNT]; /* of the list below */
    const struct mpr_profile_entry *entries[MPR_DEVICE_COUNT]; /* likewise */
    struct mpr_conn **list;
    size_t count;
    struct mpr_profile_list profile;
    DWORD unread;                  /* why the profile is not known, or NO_ERROR */
    struct mpr_error_state words;  /* of that */
    struct mpr_unavailable *notes; /* of what could not be restored */
    size_t note_count;
    int64_t asked_ns; /* when the drives were asked for their facts */
};

/* All of them together: who has not answered by then is told of as he was. */
#define FACTS_WAIT_NS (200 * MPR_NS_PER_MS)

static bool is_meant(const struct selection *selection, int index, const char *remote) {
    if (!selection->name)
        return true;
    if (selection->device.index >= 0)
        return index == selection->device.index;
    return remote && mpr_router_is_same_resource(selection->router, remote, selection->name);
}

/* What a connection is to; NULL while it is on its way, when nobody may look. */
static const char *remote_of(struct mpr_conn *conn) {
    return mpr_conntab_state(conn) == MPR_CONN_CONNECTING ? NULL : conn->facts.remote;
}

static void end_selection(struct selection *selection) {
    if (selection->list)
        mpr_conntab_list_free(selection->list, selection->count);
    mpr_unavailable_free(selection->notes, selection->note_count);
    mpr_profile_list_clear(&selection->profile);
}

/* A profile that cannot be read hides no connection. */
static DWORD read_profile(struct selection *selection) {
    struct mpr_error_state before;
    DWORD rc;

    mpr_error_keep(&before);
    rc = mpr_profile_read(selection->router->paths, &selection->profile);
    if (rc == NO_ERROR || rc == ERROR_NOT_ENOUGH_MEMORY)
        return rc;
    mpr_error_keep(&selection->words);
    mpr_error_put_back(&before);
    selection->unread = rc;
    return NO_ERROR;
}

static DWORD find_selection(struct mpr_router *router, const char *name, struct selection *ret) {
    DWORD rc;

    *ret = (struct selection){.router = router, .name = name, .device = {.index = -1}};
    if (name)
        mpr_name_device(name, &ret->device);
    rc = read_profile(ret);
    if (rc == NO_ERROR)
        rc = mpr_conntab_list(true, NULL, &ret->list, &ret->count);
    if (rc == NO_ERROR)
        rc = mpr_unavailable_list(&ret->notes, &ret->note_count);
    if (rc != NO_ERROR) {
        end_selection(ret);
        return rc;
    }
    for (size_t i = 0; i < ret->profile.count; i++) {
        const struct mpr_profile_entry *entry = &ret->profile.entries[i];
        struct mpr_device device;

        if (mpr_name_device(entry->device, &device) && is_meant(ret, device.index, entry->remote))
            ret->entries[device.index] = entry;
    }
    for (size_t i = 0; i < ret->count; i++) {
        struct mpr_conn *conn = ret->list[i];

        if (conn->device.index >= 0 && is_meant(ret, conn->device.index, remote_of(conn)))
            ret->conns[conn->device.index] = conn;
    }
    return NO_ERROR;
}

/* Nothing is connected: what the profile remembers would be the answer. */
static DWORD say_unknown(const struct selection *selection) {
    const char *name = selection->name;

    if (selection->unread != NO_ERROR)
        mpr_error_put_back(&selection->words);
    if (selection->unread != NO_ERROR || !name)
        return selection->unread;
    return mpr_error_say(ERROR_NOT_CONNECTED, "%s is neither connected nor remembered.", name);
}

/* --- status --- */

/* The structure may be half full afterwards: the caller clears the list. */
static DWORD copy_texts(struct mpr_status_item *item, const char *device, const char *remote,
                        const char *provider, const char *user) {
    item->device = device && *device ? strdup(device) : NULL;
    item->remote = strdup(remote);
    item->provider = strdup(provider);
    item->user = strdup(user ? user : "");
    item->directory = strdup("");
    item->reason = strdup("");
    return item->remote && item->provider && item->user && item->directory && item->reason
                   && (item->device || !device || !*device)
               ? NO_ERROR
               : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD replace_text(char **text, const char *by) {
    char *copy = strdup(by);

    if (!copy)
        return ERROR_NOT_ENOUGH_MEMORY;
    free(*text);
    *text = copy;
    return NO_ERROR;
}

static uint32_t state_of(enum mpr_conn_state state) {
    return state == MPR_CONN_CONNECTED ? MPR_STATE_CONNECTED : MPR_STATE_CANCELLING;
}

/* Why a remembered connection is not there, if that is known. */
static const struct mpr_unavailable *find_note(const struct selection *selection,
                                               const struct mpr_profile_entry *entry) {
    for (size_t i = 0; i < selection->note_count; i++)
        if (strcmp(selection->notes[i].device, entry->device) == 0
            && strcmp(selection->notes[i].remote, entry->remote) == 0)
            return &selection->notes[i];
    return NULL;
}

static DWORD take_note(const struct mpr_unavailable *note, struct mpr_status_item *item) {
    const char *words = note->refusal.words;
    int64_t left_ns = note->retry_at_ns - mpr_now_ns();

    item->state = MPR_STATE_UNAVAILABLE;
    item->code = note->refusal.code;
    if (note->retry_at_ns)
        item->retry_s = left_ns > 0 ? (uint32_t)(left_ns / MPR_NS_PER_S) + 1 : 1;
    return replace_text(&item->reason, words && *words ? words : mpr_status_text(item->code));
}

/* It is not there. */
static DWORD describe_entry(const struct selection *selection,
                            const struct mpr_profile_entry *entry, struct mpr_status_item *item) {
    const struct mpr_unavailable *note = find_note(selection, entry);
    DWORD rc = copy_texts(item, entry->device, entry->remote, entry->provider, entry->user);

    item->state = MPR_STATE_REMEMBERED;
    item->type = entry->type;
    item->persistent = 1;
    return rc == NO_ERROR && note ? take_note(note, item) : rc;
}

/* What it is to nobody may know yet, but the profile. */
static DWORD describe_connecting(const struct mpr_conn *conn, const struct mpr_profile_entry *entry,
                                 struct mpr_status_item *item) {
    item->state = MPR_STATE_CONNECTING;
    item->type = mpr_name_device_type(&conn->device);
    item->persistent = entry != NULL;
    return copy_texts(item, conn->device.name, entry ? entry->remote : "",
                      entry ? entry->provider : "", entry ? entry->user : NULL);
}

/* What its drive says of itself, if it is one. */
static DWORD take_facts(const struct selection *selection, const struct mpr_conn *conn,
                        struct mpr_status_item *item) {
    struct mpr_drive_facts facts;
    const char *reason;
    DWORD rc;

    if (!mpr_drive_get_facts(conn, selection->asked_ns, selection->asked_ns + FACTS_WAIT_NS,
                             &facts))
        return NO_ERROR;
    item->open_files += facts.open_files;
    item->latency_us = facts.latency_us;
    item->age_ms = facts.age_ms;
    item->bytes_read = facts.bytes_read;
    item->bytes_written = facts.bytes_written;
    item->operations = facts.operations;
    reason = facts.reason;
    if ((facts.lost || !facts.alive) && item->state == MPR_STATE_CONNECTED) {
        item->state = MPR_STATE_RECONNECTING;
        item->code = ERROR_NETNAME_DELETED;
        if (!*reason)
            reason = "The server does not answer at present.";
    }
    rc = replace_text(&item->directory, facts.mounted ? facts.directory : "");
    if (rc == NO_ERROR)
        rc = replace_text(&item->reason, reason);
    mpr_drive_facts_clear(&facts);
    return rc;
}

static DWORD describe_conn(const struct selection *selection, struct mpr_conn *conn,
                           const struct mpr_profile_entry *entry, struct mpr_status_item *item) {
    const struct mpr_conn_facts *facts = &conn->facts;
    enum mpr_conn_state state = mpr_conntab_state(conn);
    DWORD rc;

    /* Also one that has just come to nothing, and never was anything. */
    if (state == MPR_CONN_CONNECTING || !facts->remote)
        return describe_connecting(conn, entry, item);
    item->state = state_of(state);
    item->type = facts->type;
    item->open_files = mpr_conntab_open_files(conn);
    item->persistent =
        entry && mpr_router_is_same_resource(selection->router, entry->remote, facts->remote);
    rc = copy_texts(item, conn->device.name, facts->remote, facts->np->name, facts->user);
    return rc == NO_ERROR ? take_facts(selection, conn, item) : rc;
}

static DWORD list_statuses(const struct selection *selection, struct mpr_status_list *list) {
    DWORD rc = NO_ERROR;

    for (int i = 0; i < MPR_DEVICE_COUNT && rc == NO_ERROR; i++) {
        if (selection->conns[i])
            rc = describe_conn(selection, selection->conns[i], selection->entries[i],
                               &list->items[list->count++]);
        else if (selection->entries[i])
            rc = describe_entry(selection, selection->entries[i], &list->items[list->count++]);
    }
    for (size_t i = 0; i < selection->count && rc == NO_ERROR; i++) {
        struct mpr_conn *conn = selection->list[i];

        if (conn->device.index < 0 && remote_of(conn) && is_meant(selection, -1, remote_of(conn)))
            rc = describe_conn(selection, conn, NULL, &list->items[list->count++]);
    }
    return rc;
}

DWORD mpr_router_status(struct mpr_router *router, const struct mpr_status_args *args,
                        struct mpr_status_ret *ret) {
    struct mpr_status_list list = {0};
    struct selection selection;
    DWORD rc = find_selection(router, args->name, &selection);

    if (rc != NO_ERROR)
        return rc;
    selection.asked_ns = mpr_now_ns();
    mpr_drive_ask_all();
    list.items = calloc(selection.count + MPR_DEVICE_COUNT, sizeof *list.items);
    rc = list.items ? list_statuses(&selection, &list) : ERROR_NOT_ENOUGH_MEMORY;
    end_selection(&selection);
    if (rc == NO_ERROR && !list.count)
        rc = say_unknown(&selection);
    if (rc == NO_ERROR)
        ret->list = list;
    else
        mpr_status_list_clear(&list);
    return rc;
}

/* --- holders --- */

static DWORD make_room(struct mpr_holder_list *list, size_t more) {
    struct mpr_holder_item *items =
        reallocarray(list->items, list->count + more + 1, sizeof *items);

    if (!items)
        return ERROR_NOT_ENOUGH_MEMORY;
    list->items = items;
    return NO_ERROR;
}

/* Of a connection of this process: itself, if it has files open. There is room for it. */
static DWORD hold_by_us(struct mpr_conn *conn, struct mpr_holder_list *list) {
    struct mpr_holder_item *item = &list->items[list->count];
    unsigned files = mpr_conntab_open_files(conn);
    char command[MPR_USER_MAX];

    if (!files)
        return NO_ERROR;
    mpr_utf_copy(command, sizeof command, program_invocation_short_name);
    *item = (struct mpr_holder_item){
        .kind = MPR_HOLDER_FILE,
        .pid = (uint32_t)getpid(),
        .more = files - 1,
        .command = strdup(command),
        .path = strdup(""),
    };
    list->count++;
    return item->command && item->path ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD add_holders(struct mpr_conn *conn, struct mpr_holder_list *list) {
    struct mpr_holder_list more = {0};
    DWORD rc = mpr_drive_list_holders(conn, &more);

    if (rc != NO_ERROR && rc != ERROR_NOT_CONNECTED)
        return rc;
    rc = make_room(list, more.count + 1);
    if (rc != NO_ERROR) {
        mpr_holder_list_clear(&more);
        return rc;
    }
    if (more.count)
        memcpy(&list->items[list->count], more.items, more.count * sizeof *more.items);
    list->count += more.count;
    free(more.items);
    return hold_by_us(conn, list);
}

static DWORD list_holders(const struct selection *selection, struct mpr_holder_list *list,
                          bool *ret_known) {
    DWORD rc = NO_ERROR;

    *ret_known = false;
    for (int i = 0; i < MPR_DEVICE_COUNT; i++)
        *ret_known |= selection->conns[i] || selection->entries[i];
    for (size_t i = 0; i < selection->count && rc == NO_ERROR; i++) {
        struct mpr_conn *conn = selection->list[i];
        const char *remote = remote_of(conn);

        if (!remote || !is_meant(selection, conn->device.index, remote))
            continue;
        *ret_known = true;
        rc = add_holders(conn, list);
    }
    return rc;
}

DWORD mpr_router_holders(struct mpr_router *router, const struct mpr_holders_args *args,
                         struct mpr_holders_ret *ret) {
    struct mpr_holder_list list = {0};
    struct selection selection;
    bool known = false;
    DWORD rc = find_selection(router, args->name, &selection);

    if (rc != NO_ERROR)
        return rc;
    rc = list_holders(&selection, &list, &known);
    end_selection(&selection);
    if (rc == NO_ERROR && !known)
        rc = say_unknown(&selection);
    if (rc == NO_ERROR)
        ret->list = list;
    else
        mpr_holder_list_clear(&list);
    return rc;
}
