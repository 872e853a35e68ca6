/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_thread.c: a classic module in a program that has threads and signals.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_relay.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_stress.h"

#define SMALL_STACK (128 * 1024)

static void open_complete(void) {
    kit_classic_open();
    KIT_NP_NEEDS(GetConnection);
    KIT_NP_NEEDS(CancelConnection);
}

static const char *device_of(unsigned number) {
    static const char *const devices[] = {"D:", "E:", "F:", "G:", "H:", "I:", "J:", "K:",
                                          "L:", "M:", "N:", "O:", "P:", "Q:", "R:", "S:"};

    return devices[number % 16];
}

static const char *remote_of(unsigned number) {
    return kit_lab.good.items[number % kit_lab.good.count];
}

/* Each thread has a device of its own: what it sees there must be what it did. */
static void live(void *context, unsigned number) {
    const char *device = device_of(number), *found;
    unsigned seed = number * 7919 + 1;
    bool connected = false;
    DWORD code;

    (void)context;
    for (unsigned i = 0; i < kit_rounds(100); i++) {
        seed = seed * 1103515245 + 12345;
        switch (seed >> 16 & 3) {
        case 0:
            KIT_CODES(kit_np_add(device, remote_of(number)),
                      connected ? WN_ALREADY_CONNECTED : WN_SUCCESS);
            connected = true;
            break;
        case 1:
            KIT_CODES(kit_np_cancel(device, FALSE), connected ? WN_SUCCESS : WN_NOT_CONNECTED);
            connected = false;
            break;
        case 2:
            kit_np_listed(NULL);
            break;
        default:
            found = kit_np_get(device, &code);
            kit_expect((found != NULL) == connected,
                       connected ? kit_text("%s connected, as this thread left it", device)
                                 : kit_text("%s free, as this thread left it", device),
                       "%s", found ? found : kit_code_name(code));
            break;
        }
    }
    if (connected)
        KIT_CODES(kit_np_cancel(device, FALSE), WN_SUCCESS);
}

static void follows_a_model(void) {
    open_complete();
    kit_threads(8, live, NULL);
    kit_expect(kit_np_listed(NULL) == 0, "nothing connected in the end", "%u", kit_np_listed(NULL));
}

static void get_meanwhile(void *context, unsigned number) {
    int64_t longest = 0;

    (void)context;
    for (unsigned i = 0; i < kit_rounds(100); i++) {
        int64_t began = kit_ms();

        if (number) {
            kit_np_add(device_of(number), remote_of(number));
            kit_np_cancel(device_of(number), FALSE);
            continue;
        }
        kit_expect(kit_np_get("Z:", NULL), "the remote name of Z:", "none");
        if (kit_ms() - began > longest)
            longest = kit_ms() - began;
    }
    if (longest > kit_limit(100))
        kit_fail(kit_text("an answer within %lld ms each time", (long long)kit_limit(100)),
                 "NPGetConnection took %lld ms", (long long)longest);
}

static void answers_meanwhile(void) {
    open_complete();
    kit_np_add_good("Z:", kit_good(0));
    kit_threads(5, get_meanwhile, NULL);
}

static void add_or_wait(void *context, unsigned number) {
    atomic_int *waiting = context;
    int64_t began = kit_ms(), longest = 0;

    if (number == 0) {
        DWORD code = kit_np_add("X:", kit_lab.silent);

        atomic_store(waiting, 0);
        kit_expect(code != WN_SUCCESS && code != WN_FUNCTION_BUSY,
                   "the code of a server that is not reached", "%s", kit_code_name(code));
        return;
    }
    /* As long as the other one waits: 100 rounds of it, or some. */
    for (unsigned i = 0; i < 100 && atomic_load(waiting); i++) {
        int64_t start = kit_ms();

        KIT_CODES(kit_np_add("Y:", kit_good(0)), WN_SUCCESS);
        kit_expect(kit_np_get("Y:", NULL), "the remote name of Y:", "none");
        KIT_CODES(kit_np_cancel("Y:", FALSE), WN_SUCCESS);
        if (kit_ms() - start > longest)
            longest = kit_ms() - start;
        kit_sleep(2);
    }
    if (atomic_load(waiting))
        return;
    if (longest > (kit_ms() - began) / 2)
        kit_fail("add, get and cancel of another server meanwhile",
                 "they took %lld of the %lld ms that the silent server took", (long long)longest,
                 (long long)(kit_ms() - began));
}

static void waits_alone(void) {
    atomic_int waiting = 1;

    open_complete();
    kit_need(kit_lab.silent, "silent");
    kit_threads(2, add_or_wait, &waiting);
}

static void use_once(void *context) {
    (void)context;
    kit_np_add_good("Z:", kit_good(0));
    kit_np_get("Z:", NULL);
    kit_np_listed(NULL);
    if (kit_lab.missing)
        kit_np_add("Y:", kit_lab.missing);
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
}

static void *be_thread(void *context) {
    use_once(context);
    return NULL;
}

static void be_short(void *context) {
    pthread_t thread;

    if (pthread_create(&thread, NULL, be_thread, context))
        kit_broken("no thread can be started");
    pthread_join(thread, NULL);
}

static void keeps_nothing_of_threads(void) {
    struct kit_state before;
    size_t leak;

    open_complete();
    be_short(NULL);
    before = kit_state();
    leak = kit_leak(be_short, NULL, kit_rounds(100));
    kit_expect(leak < 16, "no memory of threads that have ended", "%zu bytes each", leak);
    kit_state_same(&before, "after many short threads");
}

static void bears_signals(void) {
    open_complete();
    kit_storm_begin();
    for (unsigned i = 0; i < kit_rounds(100); i++)
        use_once(NULL);
    kit_storm_end();
    kit_expect(kit_np_listed(NULL) == 0, "nothing connected in the end", "%u", kit_np_listed(NULL));
}

static void bears_small_stacks(void) {
    open_complete();
    kit_on_stack(SMALL_STACK, use_once, NULL);
}

static void calls_no_wnet(void) {
    open_complete();
    kit_np_mark();
    use_once(NULL);
    kit_expect(!kit_np_touched_last_error(), "no call of a WNet function and none of SetLastError",
               "the thread's last error was changed");
}

static void begin_together(void *context, unsigned number) {
    (void)context;
    kit_np_add_good(device_of(number), remote_of(number));
    kit_expect(kit_np_get(device_of(number), NULL), kit_text("%s connected", device_of(number)),
               "it is not");
}

static void begins_once(void) {
    kit_classic_load();
    KIT_NP_NEEDS(GetConnection);
    kit_threads(16, begin_together, NULL);
    if (kit_np.OpenEnum)
        kit_expect(kit_np_listed(NULL) == 16, "16 connections", "%u", kit_np_listed(NULL));
}

static void bears_resets(void) {
    const char *remote = kit_relay_name();

    open_complete();
    kit_np_add_good("Z:", remote);
    kit_relay_cut();
    kit_sleep(50);
    kit_np_get("Z:", NULL);
    KIT_CODES(kit_np_cancel("Z:", TRUE), WN_SUCCESS, WN_NOT_CONNECTED);
}

const struct kit_check kit_checks_classic_thread[] = {
    {"THR-01", KIT_MUST, follows_a_model, "Threads that do different things see what they did",
     "On Windows programs call a provider from as many threads as they like.",
     "Windows: WNetAddConnection2; own decision"},
    {"THR-02", KIT_MUST, answers_meanwhile, "NPGetConnection answers while others add and cancel",
     "A prompt or a window asks for it each time that it is shown.", "own decision"},
    {"THR-03", KIT_MUST, waits_alone, "Who waits for a silent server delays nobody else",
     "ms-nfs41 held a lock during a call on the network, and all programs waited.",
     "ms-nfs41-client, NPCancelConnection"},
    {"THR-04", KIT_MUST, keeps_nothing_of_threads,
     "Threads that came and went leave nothing behind", "A server makes a thread for each request.",
     "own decision"},
    {"THR-05", KIT_MUST, bears_signals, "Calls that signals interrupt succeed all the same",
     "EINTR is no failure of the network.", "own decision"},
    {"THR-06", KIT_SHOULD, bears_small_stacks, "A stack of 128 KiB is enough",
     "Programs with many threads make their stacks small.", "OpenAFS, ms-nfs41-client"},
    {"THR-07", KIT_MUST, calls_no_wnet, "The provider calls no WNet function but WNetSetLastError",
     "The router would ask it again: a deadlock on Windows, ERROR_BUSY here.",
     "npapi.h, rule 5; Windows: implementing a network provider"},
    {"THR-08", KIT_MUST, begins_once, "The first calls may come from sixteen threads at once",
     "Nobody says which thread of a program comes first.", "OpenAFS"},
    {"THR-09", KIT_MUST, bears_resets, "A server that resets its connections ends no program",
     "SIGPIPE does, unless the provider asks for no signal.", "own decision"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
