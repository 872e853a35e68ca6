/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_thread.c: a native module in a program that has threads and signals.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mpr/mpr.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_relay.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_stress.h"

#define SMALL_STACK (128 * 1024)

static void open_for_threads(void) {
    kit_native_load();
    if (!(kit_table->flags & MPR_PROVIDER_THREADSAFE))
        kit_skip("the provider is called by one thread at a time: it is not THREADSAFE");
    kit_native_open();
}

static void open_in_program(void) {
    kit_native_load();
    if ((kit_front->flags | kit_table->flags) & MPR_PROVIDER_OWN_PROCESS)
        kit_skip("the provider runs in a process of its own, with one thread and without signals");
    kit_native_open();
}

static void recognise(const char *remote, int mine) {
    struct mpr_recognised found = {.size = sizeof found};
    int got;

    kit_doing("recognise(\"%s\")", remote);
    got = kit_front->recognise(kit_front_state, remote, &found);
    kit_expect(got == mine, mine ? "1: the name is the provider's" : "0: it is not", "%d", got);
}

static void ask_user(void *session) {
    char user[MPR_USER_MAX];
    struct mpr_call call;

    if (!kit_table->user)
        return;
    call = kit_call(5000);
    kit_doing("user");
    KIT_CODES(kit_table->user(session, &call, user, sizeof user), NO_ERROR);
    close(call.cancel_fd);
}

/* One thread's life: what it connected it has, whatever the others do. */
static void live(void *context, unsigned number) {
    const char *remote = kit_lab.good.items[number % kit_lab.good.count];
    unsigned seed = number * 7919 + 1;
    void *session = NULL;

    (void)context;
    for (unsigned i = 0; i < kit_rounds(50); i++) {
        seed = seed * 1103515245 + 12345;
        switch (seed >> 16 & 3) {
        case 0:
            if (session)
                kit_disconnect(session);
            session = session ? NULL : kit_connect_good(remote);
            break;
        case 1:
            if (session)
                ask_user(session);
            break;
        case 2:
            recognise(remote, 1);
            break;
        default:
            recognise(kit_lab.foreign.items[i % kit_lab.foreign.count], 0);
            break;
        }
    }
    if (session)
        kit_disconnect(session);
}

static void follows_a_model(void) {
    struct kit_state before;

    open_for_threads();
    kit_disconnect(kit_connect_good(kit_good(0)));
    before = kit_state();
    kit_threads(8, live, NULL);
    kit_state_same(&before, "after eight threads were done");
}

static void use_session(void *context, unsigned number) {
    (void)number;
    for (unsigned i = 0; i < kit_rounds(100); i++)
        ask_user(context);
}

static void shares_a_session(void) {
    void *session;

    open_for_threads();
    KIT_NEEDS(user);
    session = kit_connect_good(kit_good(0));
    kit_threads(4, use_session, session);
    kit_disconnect(session);
}

static void connect_or_wait(void *context, unsigned number) {
    atomic_int *waiting = context;
    int64_t began = kit_ms(), longest = 0;

    if (number == 0) {
        kit_connect(kit_lab.silent, kit_lab.user, kit_lab.password);
        atomic_store(waiting, 0);
        return;
    }
    while (atomic_load(waiting) && kit_ms() - began < kit_connect_ms() / 2) {
        int64_t start = kit_ms();

        recognise(kit_good(0), 1);
        kit_disconnect(kit_connect_good(kit_good(0)));
        if (kit_ms() - start > longest)
            longest = kit_ms() - start;
    }
    if (longest > kit_connect_ms() / 2)
        kit_fail("connects to another server meanwhile",
                 "one took %lld ms, as if it had waited too", (long long)longest);
}

static void waits_alone(void) {
    atomic_int waiting = 1;

    open_for_threads();
    kit_need(kit_lab.silent, "silent");
    kit_threads(2, connect_or_wait, &waiting);
}

static void *connect_once(void *context) {
    (void)context;
    kit_disconnect(kit_connect_good(kit_good(0)));
    return NULL;
}

static void be_short(void *context) {
    pthread_t thread;

    (void)context;
    if (pthread_create(&thread, NULL, connect_once, NULL))
        kit_broken("no thread can be started");
    pthread_join(thread, NULL);
}

static void keeps_nothing_of_threads(void) {
    struct kit_state before;
    size_t leak;

    open_in_program();
    be_short(NULL);
    before = kit_state();
    leak = kit_leak(be_short, NULL, kit_rounds(100));
    /* What kit_connect makes read-only stays on purpose, outside the heap. */
    kit_expect(leak < 16, "no memory of threads that have ended", "%zu bytes each", leak);
    kit_state_same(&before, "after many short threads");
}

static void bears_signals(void) {
    open_in_program();
    kit_storm_begin();
    for (unsigned i = 0; i < kit_rounds(30); i++) {
        void *session = kit_connect_good(kit_good(i % kit_lab.good.count));

        ask_user(session);
        kit_disconnect(session);
    }
    kit_storm_end();
}

static void connect_and_fail(void *context) {
    void *session = kit_connect_good(kit_good(0));

    (void)context;
    ask_user(session);
    kit_disconnect(session);
    if (kit_lab.missing)
        kit_connect(kit_lab.missing, kit_lab.user, kit_lab.password);
}

static void bears_small_stacks(void) {
    open_in_program();
    kit_on_stack(SMALL_STACK, connect_and_fail, NULL);
}

static void begin_together(void *context, unsigned number) {
    void *session;

    (void)context;
    recognise(kit_good(0), 1);
    session = kit_connect_good(kit_lab.good.items[number % kit_lab.good.count]);
    kit_disconnect(session);
}

static void begins_once(void) {
    open_for_threads();
    kit_threads(16, begin_together, NULL);
}

static void bears_resets(void) {
    const char *remote = kit_relay_name();
    struct mpr_call call;
    void *session;

    kit_native_open();
    session = kit_connect_good(remote);
    kit_relay_cut();
    kit_sleep(50);
    kit_doing("stat(\"\") after the server reset the connection");
    call = kit_call(kit_connect_ms());
    if (kit_table->stat) {
        struct mpr_stat facts = {.size = sizeof facts};

        kit_table->stat(session, &call, "", &facts);
    }
    close(call.cancel_fd);
    call = kit_call(kit_connect_ms());
    kit_doing("disconnect, forced");
    kit_table->disconnect(session, &call, 1);
    close(call.cancel_fd);
}

static void calls_no_wnet(void) {
    kit_native_open();
    kit_np_mark();
    recognise(kit_good(0), 1);
    kit_expect(!kit_np_touched_last_error(), "no call of a WNet function", "recognise made one");
    connect_and_fail(NULL);
    kit_expect(!kit_np_touched_last_error(), "no call of a WNet function",
               "connect, user or disconnect made one");
    kit_expect(!kit_np_explained(NULL, NULL), "set_error of the host's table for words",
               "a call of WNetSetLastError");
}

const struct kit_check kit_checks_native_thread[] = {
    {"THR-01", KIT_MUST, follows_a_model, "Threads that do different things see what they did",
     "Programs are not told when others use the same provider.",
     "mpr/provider.h, threads; MPR_PROVIDER_THREADSAFE"},
    {"TRD-01", KIT_MUST, shares_a_session, "One session may be used by several threads at a time",
     "That is what THREADSAFE promises.", "mpr/provider.h, threads"},
    {"THR-03", KIT_MUST, waits_alone, "Who waits for a silent server delays nobody else",
     "ms-nfs41 held a lock during a call on the network, and all programs waited.",
     "mpr-provider-guide(7), threads and processes"},
    {"THR-04", KIT_MUST, keeps_nothing_of_threads,
     "Threads that came and went leave nothing behind", "A server makes a thread for each request.",
     "own decision"},
    {"THR-05", KIT_MUST, bears_signals, "Calls that signals interrupt succeed all the same",
     "EINTR is no failure of the network.", "own decision"},
    {"THR-06", KIT_SHOULD, bears_small_stacks, "A stack of 128 KiB is enough",
     "Programs with many threads make their stacks small.", "own decision"},
    {"THR-07", KIT_MUST, calls_no_wnet, "The provider calls no WNet function",
     "The router would ask it again: a deadlock on Windows, ERROR_BUSY here.",
     "mpr/provider.h, rule 6; Windows: implementing a network provider"},
    {"THR-08", KIT_MUST, begins_once, "The first calls may come from sixteen threads at once",
     "Nobody says which thread of a program comes first.", "mpr/provider.h, threads"},
    {"THR-09", KIT_MUST, bears_resets, "A server that resets its connections ends no program",
     "SIGPIPE does, unless the provider asks for no signal.", "mpr/provider.h, rule 6"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
