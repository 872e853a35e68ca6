/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_force.c: NPCancelConnection of what is in use, of what does not
 * answer, and of what others cancel or connect meanwhile.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_relay.h"

/* ---- open files */

static void keeps_open_files(void) {
    const char *remote = kit_need(kit_lab.busy, "busy");

    kit_classic_open();
    kit_np_add_good("Z:", remote);
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_OPEN_FILES);
    kit_np_expect_at("Z:", remote);
    kit_np_expect_listed("Z:", remote, 1);
    kit_np_add_good(NULL, remote);
    KIT_CODES(kit_np_cancel(remote, FALSE), WN_OPEN_FILES);
    kit_np_expect_listed("", remote, 1);
}

static void force_away(const char *remote, BOOL force) {
    LPWSTR name = kit_wide("Z:");

    kit_np_add_good("Z:", remote);
    kit_doing("NPCancelConnection(\"Z:\", %d)", (int)force);
    KIT_CODES(kit_np.CancelConnection(name, force), WN_SUCCESS);
    kit_np_nothing_left("Z:", remote);
}

static void forces_open_files(void) {
    const char *remote = kit_need(kit_lab.busy, "busy");

    kit_classic_open();
    KIT_NP_NEEDS(CancelConnection);
    force_away(remote, TRUE);
    kit_np_add_good(NULL, remote);
    KIT_CODES(kit_np_cancel(remote, TRUE), WN_SUCCESS);
    kit_np_nothing_left(NULL, remote);
}

static void takes_any_truth(void) {
    static const BOOL values[] = {1, 2, 256, 0x10000, -1};

    kit_classic_open();
    KIT_NP_NEEDS(CancelConnection);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        force_away(kit_lab.busy ? kit_lab.busy : kit_good(0), values[i]);
}

/* ---- servers that do not answer, or no longer */

static void forces_silent_server(void) {
    const char *remote;
    int64_t began;

    kit_classic_open();
    remote = kit_np_add_silenced("Z:");
    began = kit_ms();
    KIT_CODES(kit_np_cancel("Z:", TRUE), WN_SUCCESS);
    kit_within(began, 2000);
    kit_np_nothing_left("Z:", remote);
}

static void cancels_dead_server(void) {
    const char *remote = kit_relay_name();

    kit_classic_open();
    kit_np_add_good("Z:", remote);
    kit_relay_refuse();
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    kit_np_nothing_left("Z:", remote);
}

static void *cut_soon(void *unused) {
    (void)unused;
    kit_sleep(100);
    kit_relay_cut();
    return NULL;
}

static void ends_wholly_or_not(void) {
    const char *remote = kit_relay_name();
    pthread_t cutter;
    DWORD code;

    kit_classic_open();
    kit_np_add_good("Z:", remote);
    kit_relay_silence();
    if (pthread_create(&cutter, NULL, cut_soon, NULL))
        kit_broken("no thread can be started");
    code = kit_np_cancel("Z:", FALSE);
    pthread_join(cutter, NULL);
    kit_relay_resume();
    kit_expect(kit_code_known(code), "success or a Win32 code", "%s", kit_code_name(code));
    if (code == WN_SUCCESS) {
        kit_np_nothing_left("Z:", remote);
    } else {
        kit_np_expect_at("Z:", remote);
        kit_np_expect_listed("Z:", remote, 1);
    }
}

/* ---- several threads: Windows' router is called by any, ours calls one at a time */

struct race {
    atomic_uint successes, others, connected;
    LPNETRESOURCEW resource;
    LPWSTR name, user, password;
    unsigned rounds;
};

static void cancel_once(void *context, unsigned number) {
    struct race *race = context;
    DWORD code = kit_np.CancelConnection(race->name, FALSE);

    (void)number;
    if (code == WN_SUCCESS)
        atomic_fetch_add(&race->successes, 1);
    else if (code != WN_NOT_CONNECTED)
        atomic_store(&race->others, code);
}

static DWORD add_to_race(const struct race *race) {
    return kit_np.AddConnection3
               ? kit_np.AddConnection3(NULL, race->resource, race->password, race->user, 0)
               : kit_np.AddConnection(race->resource, race->password, race->user);
}

static void begin_race(struct race *race) {
    kit_classic_open();
    KIT_NP_NEEDS(CancelConnection);
    if (!kit_np.AddConnection3 && !kit_np.AddConnection)
        kit_skip("the module connects nothing");
    *race = (struct race){.resource = kit_resource("Z:", kit_good(0), RESOURCETYPE_DISK),
                          .name = kit_wide("Z:"),
                          .user = kit_wide(kit_lab.user),
                          .password = kit_wide(kit_lab.password)};
}

static void ends_for_one(void) {
    struct race race;

    begin_race(&race);
    for (unsigned i = 0; i < kit_rounds(100); i++) {
        kit_doing("NPAddConnection(Z:), then NPCancelConnection(Z:) by 8 threads at once");
        KIT_CODES(add_to_race(&race), WN_SUCCESS);
        atomic_store(&race.successes, 0);
        kit_threads(8, cancel_once, &race);
        kit_expect(atomic_load(&race.successes) == 1, "success for one of 8 threads", "for %u",
                   atomic_load(&race.successes));
        if (atomic_load(&race.others))
            kit_fail("WN_NOT_CONNECTED for the others", "%s",
                     kit_code_name(atomic_load(&race.others)));
    }
}

static void race_on(void *context, unsigned number) {
    struct race *race = context;
    DWORD code;

    for (unsigned i = 0; i < race->rounds; i++) {
        if (number % 2) {
            cancel_once(race, number);
            continue;
        }
        code = add_to_race(race);
        if (code == WN_SUCCESS)
            atomic_fetch_add(&race->connected, 1);
        else if (code != WN_ALREADY_CONNECTED)
            atomic_store(&race->others, code);
    }
}

static void keeps_order(void) {
    struct race race;
    unsigned left;
    DWORD code;

    begin_race(&race);
    race.rounds = kit_rounds(500);
    kit_doing("NPAddConnection(Z:) and NPCancelConnection(Z:) by 4 threads at once");
    kit_threads(4, race_on, &race);
    if (atomic_load(&race.others))
        kit_fail("success, WN_ALREADY_CONNECTED or WN_NOT_CONNECTED", "%s",
                 kit_code_name(atomic_load(&race.others)));
    left = atomic_load(&race.connected) - atomic_load(&race.successes);
    (void)kit_np_get("Z:", &code);
    kit_expect(left == (code == WN_SUCCESS),
               kit_text("%u connections left after %u were made and %u ended", left,
                        atomic_load(&race.connected), atomic_load(&race.successes)),
               "Z: is %s", code == WN_SUCCESS ? "connected" : kit_code_name(code));
    kit_np_expect_listed("Z:", NULL, left);
}

static void *add_silent(void *context) {
    struct race *race = context;

    atomic_store(&race->others, add_to_race(race));
    return NULL;
}

static void cancels_what_is_made(void) {
    const char *remote = kit_need(kit_lab.silent, "silent");
    struct race race;
    pthread_t adding;
    DWORD code;

    begin_race(&race);
    race.resource = kit_resource("Z:", remote, RESOURCETYPE_DISK);
    if (pthread_create(&adding, NULL, add_silent, &race))
        kit_broken("no thread can be started");
    kit_sleep(100);
    code = kit_np_cancel("Z:", TRUE);
    pthread_join(adding, NULL);
    KIT_CODES(code, WN_NOT_CONNECTED, WN_SUCCESS);
    kit_expect(code == WN_NOT_CONNECTED || atomic_load(&race.others) == WN_CANCEL,
               "WN_CANCEL from the connect that was cancelled", "%s",
               kit_code_name(atomic_load(&race.others)));
    kit_np_nothing_left("Z:", remote);
}

#define CANCEL  "Windows: NPCancelConnection"
#define THREADS "Windows: its router is called by any thread; ours calls one at a time"

const struct kit_check kit_checks_classic_force[] = {
    {"CAN-15", KIT_CAPABILITY, keeps_open_files,
     "With open files and without force it is WN_OPEN_FILES, and the connection stays",
     "The user is asked whether he wants to lose what is not saved.",
     CANCEL ", fForce; dokany #875"},
    {"CAN-16", KIT_CAPABILITY, forces_open_files, "With open files and force the connection ends",
     "The user has been asked.", CANCEL ", fForce; ms-nfs41 refuses"},
    {"CAN-18", KIT_MUST, forces_silent_server,
     "With force the connection of a silent server ends within two seconds",
     "That server is the reason why force is wanted.", CANCEL ", fForce; ms-nfs41 waits for it"},
    {"CAN-20", KIT_SHOULD, ends_for_one, "Of 8 threads that cancel the same device one has success",
     "The others would believe that they had ended something.", THREADS},
    {"CAN-21", KIT_SHOULD, keeps_order,
     "Connecting and cancelling at once ends as if one had come after the other",
     "What is neither connected nor free is lost.", THREADS},
    {"CAN-23", KIT_MUST, cancels_dead_server,
     "The connection of a server that is gone ends without force",
     "There is nothing left that could be lost.", "own decision"},
    {"CAN-24", KIT_SHOULD, cancels_what_is_made,
     "A cancel while the name is being connected leaves nothing, whichever wins",
     "A connection that comes after its cancel is nobody's.", THREADS},
    {"CAN-25", KIT_MUST, ends_wholly_or_not,
     "When the network fails during a cancel the connection is there or gone, never half",
     "Half a connection can neither be used nor be cancelled.",
     "VirtualBox and ms-nfs41 leave half of it"},
    {"CAN-31", KIT_SHOULD, takes_any_truth, "Every fForce that is not 0 is TRUE",
     "A BOOL is a number, and programs pass any.", "Windows: BOOL"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
