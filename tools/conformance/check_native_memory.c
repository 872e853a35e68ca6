/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_memory.c: a native module gives back what it took, and bears it
 * when there is no more.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_stress.h"

#define FAILURES_MAX 400
#define LEAK_MAX     16 /* bytes a round that an allocator may be off by */

/* A connect whose own arguments cost nothing each time. */
static struct mpr_connect arguments;
static struct mpr_call call;

static void prepare(const char *remote, const char *password) {
    static char connection;

    call = kit_call(kit_connect_ms());
    arguments = (struct mpr_connect){
        .size = sizeof arguments,
        .type = RESOURCETYPE_ANY,
        .remote = kit_ro(remote),
        .user = kit_ro(kit_lab.user),
        .host_connection = &connection,
    };
    kit_secret = password;
}

static struct kit_connected try(void) {
    call.deadline_ns = kit_ms() * 1000000 + (int64_t)kit_connect_ms() * 1000000;
    return kit_connect_with(&arguments, &call);
}

static void connect_once(void *context) {
    struct kit_connected got = try();

    (void)context;
    if (got.answer == MPR_DONE)
        kit_table->disconnect(got.session, &call, 0);
}

static int take_none(void *context, const struct mpr_resource *entry) {
    (void)context;
    (void)entry;
    return 0;
}

static void list_once(void *context) {
    uint32_t code = 0;

    call.deadline_ns = kit_ms() * 1000000 + (int64_t)kit_connect_ms() * 1000000;
    kit_table->list(kit_state_of_table, &call, context, 0, 0, take_none, NULL, &code);
}

static void leak_none(void (*fn)(void *context), void *context, const char *after) {
    struct kit_state before;
    size_t leak;

    fn(context);
    before = kit_state();
    leak = kit_leak(fn, context, kit_rounds(40));
    kit_state_same(&before, after);
    if ((kit_front->flags | kit_table->flags) & MPR_PROVIDER_OWN_PROCESS)
        kit_note("%zu bytes each, which go with the provider's process", leak);
    else
        kit_expect(leak < LEAK_MAX, kit_text("no memory left behind %s", after), "%zu bytes each",
                   leak);
}

static void leaks_nothing(void) {
    kit_native_open();
    prepare(kit_good(0), kit_lab.password);
    leak_none(connect_once, NULL, "after connects and disconnects");
}

static void leaks_nothing_on_failure(void) {
    kit_native_open();
    if (!kit_lab.missing && !kit_lab.refused && !kit_lab.wrong_password)
        kit_skip("the lab file has neither \"missing\" nor \"refused\" nor \"wrong_password\"");
    if (kit_lab.missing) {
        prepare(kit_lab.missing, kit_lab.password);
        leak_none(connect_once, NULL, "after connects to what is missing");
    }
    if (kit_lab.refused) {
        prepare(kit_lab.refused, kit_lab.password);
        leak_none(connect_once, NULL, "after connects that were refused");
    }
    if (kit_lab.wrong_password) {
        prepare(kit_lab.login, kit_lab.wrong_password);
        leak_none(connect_once, NULL, "after connects with a wrong password");
    }
}

static void leaks_no_list(void) {
    kit_native_open();
    KIT_NEEDS(list);
    prepare(kit_good(0), kit_lab.password);
    leak_none(list_once, kit_ro(kit_need(kit_lab.server, "server")), "after lists");
}

/* A failure for want of something: said, and without a trace. */
static void judge(struct kit_connected got, const struct kit_state *before, const char *after) {
    if (got.answer == MPR_DONE) {
        kit_expect(got.session, "a session", "NULL");
        kit_disconnect(got.session);
    } else {
        kit_answer_sound(got.answer, got.code);
    }
    kit_state_same(before, after);
}

static void bears_want_of_memory(void) {
    struct kit_state before;
    unsigned n = 0;
    bool was_short = true;

    kit_alloc_needed();
    kit_native_open();
    if ((kit_front->flags | kit_table->flags) & MPR_PROVIDER_OWN_PROCESS)
        kit_skip("the provider runs in a process of its own, whose end harms no program");
    prepare(kit_good(0), kit_lab.password);
    connect_once(NULL);
    before = kit_state();
    while (was_short && n < FAILURES_MAX) {
        struct kit_connected got;

        kit_alloc_fail(++n);
        got = try();
        was_short = kit_alloc_end();
        judge(got, &before, kit_text("after allocation %u of a connect failed", n));
    }
    kit_note("%u allocations", n - 1);
    kit_disconnect(kit_connect_good(kit_good(0)));
}

static void bears_want_of_descriptors(void) {
    struct kit_state before;

    kit_native_open();
    prepare(kit_good(0), kit_lab.password);
    connect_once(NULL);
    before = kit_state();
    for (unsigned left = 0; left < 4; left++) {
        struct kit_connected got;

        kit_descriptors_take(left);
        kit_doing("connect with %u descriptors left", left);
        got = try();
        kit_descriptors_give();
        judge(got, &before, kit_text("after a connect with %u descriptors left", left));
    }
    kit_disconnect(kit_connect_good(kit_good(0)));
}

const struct kit_check kit_checks_native_memory[] = {
    {"MEM-02", KIT_MUST, leaks_nothing, "Connects and disconnects leave nothing behind",
     "A program may run for months.", "mpr/provider.h, disconnect"},
    {"MMY-01", KIT_MUST, leaks_nothing_on_failure, "Connects that fail leave nothing behind",
     "Who has something to give back forgets it first where something failed.",
     "mpr/provider.h, connect"},
    {"MMY-02", KIT_MUST, leaks_no_list, "Lists leave nothing behind",
     "File managers ask for them again and again.", "mpr/provider.h, list"},
    {"MEM-03", KIT_MUST, bears_want_of_memory,
     "A connect during which an allocation fails succeeds, or says so and leaves nothing",
     "Want of memory is an ordinary failure, in a program that has other things to do.",
     "mpr-provider-guide(7); own decision"},
    {"MEM-04", KIT_MUST, bears_want_of_descriptors,
     "A connect for which there are no descriptors fails in words, and later ones work",
     "Servers run out of descriptors, and recover.", "own decision"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
