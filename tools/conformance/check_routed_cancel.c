/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_routed_cancel.c: WNetCancelConnection2 through the router.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <mpr/file.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_relay.h"
#include "tools/conformance/kit_routed.h"

#define FORCED_MS 2000

static void breaks_the_connection(void) {
    struct kit_state before;

    kit_routed_start(KIT_ALONE, NULL);
    before = kit_warm_up();
    kit_add_good("Z:", kit_good(0));
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
    kit_nothing_left("Z:", &before, "after the cancel");
    KIT_CODES(kit_cancel("Z:", FALSE), ERROR_NOT_CONNECTED);
    KIT_CODES(kit_cancel(kit_good(0), FALSE), ERROR_NOT_CONNECTED);
}

static void takes_small_letters(void) {
    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good("z:", kit_good(0));
    kit_expect(kit_get("Z:", NULL), "Z: connected", "it is free");
    KIT_CODES(kit_cancel("z:", FALSE), NO_ERROR);
}

/* The name as it is given back cancels, too. */
static void takes_its_own_names(void) {
    const char *remote;

    kit_routed_start(KIT_ALONE, NULL);
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        kit_add_good("Z:", kit_lab.good.items[i]);
        remote = kit_get("Z:", NULL);
        kit_expect(remote, "a remote name", "none");
        KIT_CODES(kit_cancel(remote, FALSE), NO_ERROR);
        kit_expect(!kit_get("Z:", NULL), "Z: free", "it is connected");
    }
}

static void takes_other_spellings(void) {
    kit_routed_start(KIT_ALONE, NULL);
    if (!kit_lab.same.count)
        kit_skip("the lab file has no \"same\"");
    for (size_t i = 0; i + 1 < kit_lab.same.count; i += 2) {
        kit_add_good(NULL, kit_lab.same.items[i]);
        KIT_CODES(kit_cancel(kit_lab.same.items[i + 1], FALSE), NO_ERROR);
    }
    for (size_t i = 0; i + 1 < kit_lab.different.count; i += 2) {
        kit_add_good(NULL, kit_lab.different.items[i]);
        KIT_CODES(kit_cancel(kit_lab.different.items[i + 1], FALSE), ERROR_NOT_CONNECTED);
        KIT_CODES(kit_cancel(kit_lab.different.items[i], FALSE), NO_ERROR);
    }
}

/* A file on Z:, which stays open. */
static HANDLE open_file(void) {
    HANDLE file = NULL;
    int rc;

    if (!(kit_routed_can() & MPR_CAN_WRITE))
        kit_skip("the provider serves no files that can be written");
    kit_doing("MprFileOpen(\"Z:/mpr-conformance\", O_RDWR | O_CREAT)");
    rc = MprFileOpen("Z:/mpr-conformance", O_RDWR | O_CREAT, 0600, &file);
    kit_expect(rc == 0, "0", "%s", strerror(-rc));
    return file;
}

static void keeps_open_files(void) {
    char data[4] = "";
    HANDLE file;

    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good("Z:", kit_good(0));
    file = open_file();
    KIT_CODES(kit_cancel("Z:", FALSE), ERROR_OPEN_FILES);
    kit_doing("writing and reading the file that was open");
    kit_expect(MprFilePwrite(file, "abc", 3, 0) == 3, "3 bytes written", "fewer");
    kit_expect(MprFilePread(file, data, 3, 0) == 3 && memcmp(data, "abc", 3) == 0,
               "the 3 bytes back", "\"%.3s\"", data);
    kit_expect(MprFileClose(file) == 0, "0 from close", "an error");
    MprFileUnlink("Z:/mpr-conformance");
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
}

static void forces_open_files(void) {
    struct kit_state before;
    char data[4];
    HANDLE file;
    ssize_t rc;

    kit_routed_start(KIT_ALONE, NULL);
    before = kit_warm_up();
    kit_add_good("Z:", kit_good(0));
    file = open_file();
    MprFileUnlink("Z:/mpr-conformance"); /* where a server allows it */
    KIT_CODES(kit_cancel("Z:", TRUE), NO_ERROR);
    kit_doing("reading a file after the forced cancel");
    rc = MprFilePread(file, data, 3, 0);
    kit_expect(rc == -ENOTCONN, "-ENOTCONN", "%zd", rc);
    MprFileClose(file);
    kit_nothing_left("Z:", &before, "after the forced cancel");
    kit_add_good("Z:", kit_good(0));
    MprFileUnlink("Z:/mpr-conformance");
}

static void read_on(void *context, unsigned number) {
    HANDLE file = context;
    char data[16];
    int64_t began;
    ssize_t rc = 0;

    if (number) {
        for (int i = 0; i < 10000 && rc >= 0; i++)
            rc = MprFilePread(file, data, sizeof data, 0);
        kit_expect(rc < 0, "an error once the connection was cut", "reads went on");
        return;
    }
    kit_sleep(50);
    kit_relay_silence();
    kit_sleep(50);
    began = kit_ms();
    KIT_CODES(kit_cancel("Z:", TRUE), NO_ERROR);
    kit_within(began, FORCED_MS);
}

static void forces_a_silent_server(void) {
    const char *name = kit_relay_name();
    struct kit_state before;
    HANDLE file;

    kit_routed_start(KIT_ALONE, NULL);
    before = kit_warm_up();
    kit_add_good("Z:", name);
    file = open_file();
    kit_threads(3, read_on, file);
    MprFileClose(file);
    kit_relay_cut();
    kit_nothing_left("Z:", &before, "after the forced cancel");
}

static void cancels_a_dead_connection(void) {
    const char *name = kit_relay_name();
    struct kit_state before;

    kit_routed_start(KIT_ALONE, NULL);
    before = kit_warm_up();
    kit_add_good("Z:", name);
    kit_relay_refuse();
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
    kit_nothing_left("Z:", &before, "after the cancel");
}

static atomic_uint successes;

static void cancel_once(void *context, unsigned number) {
    DWORD code = WNetCancelConnection2A(context, 0, FALSE);

    (void)number;
    KIT_CODES(code, NO_ERROR, ERROR_NOT_CONNECTED);
    atomic_fetch_add(&successes, code == NO_ERROR);
}

static void is_cancelled_by_one(void) {
    char device[] = "Z:";

    kit_routed_start(KIT_ALONE, NULL);
    for (unsigned i = 0; i < kit_rounds(20); i++) {
        kit_add_good("Z:", kit_good(0));
        atomic_store(&successes, 0);
        kit_doing("WNetCancelConnection2(\"Z:\") by 8 threads");
        kit_threads(8, cancel_once, device);
        kit_expect(atomic_load(&successes) == 1, "one thread that cancelled", "%u did",
                   atomic_load(&successes));
    }
}

/* By number: adds or cancels; the balance is what must be connected. */
static atomic_int balance;

static void add_or_cancel(void *context, unsigned number) {
    unsigned rounds = kit_rounds(40);

    (void)context;
    for (unsigned i = 0; i < rounds; i++) {
        if (number % 2 == 0) {
            DWORD code = kit_add("Z:", kit_lab.good.items[0]);

            KIT_CODES(code, NO_ERROR, ERROR_ALREADY_ASSIGNED);
            atomic_fetch_add(&balance, code == NO_ERROR);
        } else {
            DWORD code = WNetCancelConnection2A("Z:", 0, FALSE);

            KIT_CODES(code, NO_ERROR, ERROR_NOT_CONNECTED, ERROR_DEVICE_IN_USE);
            atomic_fetch_sub(&balance, code == NO_ERROR);
        }
    }
}

static void survives_races(void) {
    int left;

    kit_routed_start(KIT_ALONE, NULL);
    kit_threads(4, add_or_cancel, NULL);
    left = atomic_load(&balance);
    kit_expect(left == 0 || left == 1, "a serial order that explains the results",
               "%d more connects than cancels succeeded", left);
    kit_expect((kit_get("Z:", NULL) != NULL) == (left == 1), "a device as the results say", "%s",
               left ? "it is free" : "it is connected");
}

static void add_silent(void *context, unsigned number) {
    int64_t began;
    DWORD code;

    (void)context;
    if (number == 0) {
        began = kit_ms();
        code = kit_add("Z:", kit_lab.silent);
        kit_within(began, kit_connect_ms() + 1000);
        kit_expect(code != NO_ERROR, "a failure", "NO_ERROR");
        return;
    }
    kit_sleep(100);
    code = WNetCancelConnection2A("Z:", 0, TRUE);
    KIT_CODES(code, NO_ERROR, ERROR_NOT_CONNECTED);
}

static void stops_a_connect(void) {
    kit_need(kit_lab.silent, "silent");
    kit_routed_start(KIT_ALONE, NULL);
    kit_threads(2, add_silent, NULL);
    kit_expect(!kit_get("Z:", NULL), "Z: free", "it is connected");
}

static void connects_again_at_once(void) {
    kit_routed_start(KIT_ALONE, NULL);
    for (unsigned i = 0; i < kit_rounds(50); i++) {
        kit_add_good("Z:", kit_good(0));
        KIT_CODES(kit_cancel("Z:", i % 2 ? TRUE : FALSE), NO_ERROR);
    }
}

static void matches_devices_exactly(void) {
    static const char *const names[] = {"Z", "Zat", "Z:\\dir", "Z:x", "\\\\.\\Z:", ":", "Z::"};

    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good("Z:", kit_good(0));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        kit_expect(kit_cancel(names[i], FALSE) != NO_ERROR, "no success", "NO_ERROR");
    kit_expect(kit_get("Z:", NULL), "Z: connected", "it is free");
}

static void add_and_cancel(void *context) {
    (void)context;
    kit_add_good("Z:", kit_good(0));
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
}

static void leaks_nothing(void) {
    struct kit_state before;
    size_t leak;

    kit_routed_start(KIT_ALONE, NULL);
    before = kit_warm_up();
    leak = kit_leak(add_and_cancel, NULL, kit_rounds(100));
    kit_note("%zu bytes a connect and cancel", leak);
    kit_expect(leak < 256, "less than 256 bytes left by a connect and cancel", "%zu", leak);
    kit_nothing_left("Z:", &before, "after many connects and cancels");
}

static void ends_with_the_router(void) {
    struct kit_state before;

    kit_routed_start(KIT_ALONE, NULL);
    kit_warm_up();
    kit_routed_restart(NULL);
    kit_routed_end();
    before = kit_state();
    kit_routed_restart(NULL);
    kit_add_good("Z:", kit_good(0));
    kit_add_good(NULL, kit_good(0));
    kit_routed_end();
    kit_state_same(&before, "after MprShutdown");
}

const struct kit_check kit_checks_routed_cancel[] = {
    {"CAN-01", KIT_MUST, breaks_the_connection,
     "A cancelled connection is gone when the call returns: device, entry and session",
     "Drives that were \"deleted successfully\" stayed, or went seconds later.",
     "WNetCancelConnection(3)"},
    {"CAN-10", KIT_MUST, takes_small_letters, "z: is Z:", "Devices have no case.",
     "WNetCancelConnection(3), lpName"},
    {"CAN-11", KIT_MUST, takes_its_own_names,
     "The remote name that is given back cancels the connection",
     "Programs pass on what they were told.", "WNetCancelConnection(3), lpName"},
    {"CAN-12", KIT_MUST, takes_other_spellings,
     "Another spelling of a resource cancels it, another resource's name does not",
     "Two names with one key are one resource.", "mpr-provider(7), recognise"},
    {"CAN-15", KIT_CAPABILITY, keeps_open_files,
     "With a file open an unforced cancel is refused, and the file works on",
     "Whoever has unsaved work must be asked first.", "WNetCancelConnection(3), ERROR_OPEN_FILES"},
    {"CAN-16", KIT_CAPABILITY, forces_open_files,
     "A forced cancel succeeds with a file open, whose handle answers ENOTCONN",
     "Force must reach the place where files are held.", "WNetCancelConnection(3), fForce"},
    {"CAN-18", KIT_CAPABILITY, forces_a_silent_server,
     "A forced cancel of a silent server with reads under way returns within 2 s",
     "A dead server must not keep a drive.", "mpr-provider(7), abort"},
    {"CAN-20", KIT_MUST, is_cancelled_by_one, "Of eight cancels at once one succeeds",
     "Two successes for one connection mean that somebody else's was cut.",
     "WNetCancelConnection(3), ERROR_NOT_CONNECTED"},
    {"CAN-21", KIT_MUST, survives_races,
     "Connects and cancels of one device by four threads end as some serial order of them would",
     "A half connection can be neither used nor cancelled.", "mpr(7), threads"},
    {"CAN-22", KIT_MUST, leaks_nothing, "Connecting and cancelling leaves no memory behind",
     "Services do it for months.", "own decision"},
    {"CAN-23", KIT_MUST, cancels_a_dead_connection,
     "A connection whose server is gone can be cancelled without force",
     "There is nothing left to lose.", "mpr/provider.h, disconnect"},
    {"CAN-24", KIT_MUST, stops_a_connect,
     "A forced cancel of a device that is being connected ends the connect",
     "The user may change his mind.", "mpr(7), cancel"},
    {"CAN-28", KIT_MUST, matches_devices_exactly, "What begins like a device is no device",
     "A provider that followed prefixes cut the wrong drive.", "WNetCancelConnection(3), lpName"},
    {"CAN-30", KIT_MUST, connects_again_at_once, "A device can be connected again at once",
     "A cancel is complete when it returns.", "WNetCancelConnection(3)"},
    {"MEM-06", KIT_MUST, ends_with_the_router,
     "After MprShutdown descriptors, threads and sessions are as before",
     "A program that ends the router has nothing of it left.", "MprInitialize(3)"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
