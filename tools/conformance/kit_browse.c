/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_browse.c: see kit_browse.h.
 */
#include "config.h"

#include "tools/conformance/kit_browse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "router/mpr_utf.h"
#include "tools/conformance/kit.h"
#include "tools/conformance/kit_attempt.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"

#define NO_CODE 0xfeedbeefu /* what is returned where the provider said nothing */

const char *kit_browse_user = "";
int kit_browse_cancel_ms;

/* The host's part in a call: see kit_timer. */
static struct kit_timer timer;
static bool timed;

/* A call under way. */
struct taking {
    struct kit_answer *answer;
    size_t stop;
    bool stopped;
};

const char *kit_key(const char *remote) {
    static char keys[8][MPR_KEY_MAX];
    static unsigned turn;
    struct mpr_recognised found = {.size = sizeof found};
    char *key = keys[turn++ % 8];

    key[0] = '\0';
    if (kit_front->recognise(kit_front_state, kit_ro(remote), &found) == 1)
        memcpy(key, found.key, sizeof found.key);
    return key;
}

static int take(void *context, const struct mpr_resource *entry) {
    struct taking *taking = context;
    struct kit_answer *answer = taking->answer;
    struct kit_entry *copy;

    if (taking->stopped)
        kit_fail("no entry after the function returned 1", "\"%s\"",
                 entry && entry->remote ? entry->remote : "NULL");
    if (!entry || entry->size < sizeof *entry)
        kit_fail(kit_text("an entry with its size, %zu", sizeof *entry), "%s, size %u",
                 entry ? "an entry" : "NULL", entry ? (unsigned)entry->size : 0);
    if ((entry->remote && !mpr_utf_valid(entry->remote))
        || (entry->comment && !mpr_utf_valid(entry->comment)))
        kit_fail("texts in UTF-8", "bytes that are not");
    answer->entries = reallocarray(answer->entries, answer->count + 1, sizeof *answer->entries);
    if (!answer->entries)
        kit_broken("there is no memory");
    copy = &answer->entries[answer->count++];
    *copy = (struct kit_entry){.scope = entry->scope,
                               .type = entry->type,
                               .display_type = entry->display_type,
                               .usage = entry->usage,
                               .named = entry->remote != NULL};
    if (entry->remote) {
        if (strlen(entry->remote) >= sizeof copy->remote)
            kit_fail("a remote name of less than MPR_KEY_MAX bytes", "%zu bytes",
                     strlen(entry->remote));
        memcpy(copy->remote, entry->remote, strlen(entry->remote) + 1);
        memcpy(copy->key, kit_key(copy->remote), sizeof copy->key);
    }
    taking->stopped = answer->count == taking->stop;
    return taking->stopped;
}

/* The table that has the slot, and its state: questions of syntax may be the front's. */
#define PICK(slot)                                                                                 \
    const struct mpr_provider *table = kit_table->slot ? kit_table : kit_front;                    \
    void *state = kit_table->slot ? kit_state_of_table : kit_front_state;                          \
                                                                                                   \
    if (!table->slot)                                                                              \
    kit_skip("the provider has no " #slot)

static void begin(struct mpr_call *call) {
    if (!kit_table)
        kit_native_open();
    *call = kit_call(kit_browse_cancel_ms ? 60000 : kit_connect_ms());
    timed = kit_browse_cancel_ms || kit_table->flags & MPR_PROVIDER_OWN_PROCESS;
    if (timed)
        kit_timer_begin(&timer, call, kit_browse_cancel_ms ? kit_browse_cancel_ms : -1);
    call->user = kit_browse_user && !*kit_browse_user ? kit_lab.user : kit_browse_user;
    kit_secret = call->user ? kit_lab.password : NULL;
    kit_told_clear();
}

static struct kit_answer end(const struct mpr_call *call, struct kit_answer *answer,
                             int64_t began) {
    answer->ms = kit_ms() - began;
    if (timed)
        kit_timer_end(&timer);
    close(call->cancel_fd);
    kit_answer_sound(answer->answer, answer->code);
    return *answer;
}

struct kit_answer kit_children(const char *container, uint32_t type, uint32_t usage, size_t stop) {
    struct kit_answer ret = {.code = NO_CODE};
    struct taking taking = {.answer = &ret, .stop = stop};
    struct mpr_call call;
    int64_t began;

    begin(&call);
    PICK(list);
    kit_doing("list(%s%s%s, type %u, usage %u)", container ? "\"" : "",
              container ? container : "NULL", container ? "\"" : "", (unsigned)type,
              (unsigned)usage);
    began = kit_ms();
    ret.answer =
        table->list(state, &call, kit_ro(container), type, usage, take, &taking, &ret.code);
    return end(&call, &ret, began);
}

struct kit_answer kit_parent(const char *remote) {
    struct kit_answer ret = {.code = NO_CODE};
    struct taking taking = {.answer = &ret};
    struct mpr_call call;
    int64_t began;

    begin(&call);
    PICK(parent);
    kit_doing("parent(\"%s\")", remote);
    began = kit_ms();
    ret.answer = table->parent(state, &call, kit_ro(remote), take, &taking, &ret.code);
    return end(&call, &ret, began);
}

struct kit_answer kit_about(const char *remote, uint32_t type) {
    struct kit_answer ret = {.code = NO_CODE, .rest = KIT_REST};
    struct taking taking = {.answer = &ret};
    struct mpr_call call;
    int64_t began;

    begin(&call);
    PICK(information);
    kit_doing("information(\"%s\", type %u)", remote, (unsigned)type);
    began = kit_ms();
    ret.answer =
        table->information(state, &call, kit_ro(remote), type, take, &taking, &ret.rest, &ret.code);
    return end(&call, &ret, began);
}

static const char *spell(enum mpr_answer answer, uint32_t code) {
    if (answer == MPR_DONE)
        return "MPR_DONE";
    return kit_text("%s, %s", answer == MPR_NOT_MINE ? "MPR_NOT_MINE" : "MPR_MINE_FAILED",
                    kit_code_name(code));
}

const char *kit_answer_name(const struct kit_answer *answer) {
    return spell(answer->answer, answer->code);
}

void kit_answer_is(const struct kit_answer *got, enum mpr_answer answer, uint32_t code) {
    if (got->answer != answer || (answer != MPR_DONE && got->code != code))
        kit_fail(spell(answer, code), "%s", kit_answer_name(got));
}

void kit_done(const struct kit_answer *answer) {
    if (answer->answer != MPR_DONE)
        kit_fail("MPR_DONE", "%s, and the words: %s", kit_answer_name(answer), kit_told().text);
}

const struct kit_entry *kit_one(const struct kit_answer *answer) {
    kit_done(answer);
    if (answer->count != 1)
        kit_fail("one entry", "%zu", answer->count);
    return answer->entries;
}

void kit_entry_sound(const struct kit_entry *entry) {
    const uint32_t usages = RESOURCEUSAGE_CONNECTABLE | RESOURCEUSAGE_CONTAINER
                            | RESOURCEUSAGE_NOLOCALDEVICE | RESOURCEUSAGE_SIBLING
                            | RESOURCEUSAGE_ATTACHED;

    kit_expect(entry->named && entry->key[0], "a remote name that recognise takes", "\"%s\"",
               entry->named ? entry->remote : "NULL");
    kit_expect(entry->scope == RESOURCE_GLOBALNET, "scope RESOURCE_GLOBALNET (2)", "%u for \"%s\"",
               (unsigned)entry->scope, entry->remote);
    kit_expect(entry->type <= (RESOURCETYPE_DISK | RESOURCETYPE_PRINT),
               "type RESOURCETYPE_ANY, _DISK, _PRINT or both", "%u for \"%s\"",
               (unsigned)entry->type, entry->remote);
    kit_expect(entry->display_type <= RESOURCEDISPLAYTYPE_NDSCONTAINER,
               "one of the RESOURCEDISPLAYTYPE_ numbers", "%u for \"%s\"",
               (unsigned)entry->display_type, entry->remote);
    kit_expect((entry->usage & (RESOURCEUSAGE_CONNECTABLE | RESOURCEUSAGE_CONTAINER))
                   && !(entry->usage & ~usages),
               "usage with CONNECTABLE or CONTAINER, of RESOURCEUSAGE_ bits", "%u for \"%s\"",
               (unsigned)entry->usage, entry->remote);
}

const char *kit_host_of(const char *remote) {
    struct kit_answer above = kit_parent(remote);
    const struct kit_entry *entry = kit_one(&above);

    if (!entry->named || (kit_lab.server && strcmp(entry->key, kit_key(kit_lab.server)) == 0))
        return remote;
    return entry->remote;
}
