/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_get.c: NPGetConnection and NPGetConnection3.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_watch.h"

#define UNTOUCHED 0xA5A5u
#define ROOM      2048

static void open_connected(void) {
    kit_classic_open();
    KIT_NP_NEEDS(GetConnection);
    kit_np_add_good("Z:", kit_good(0));
}

static DWORD get(const char *local, LPWSTR buffer, LPDWORD size) {
    LPWSTR wide = kit_wide(local);

    kit_doing("NPGetConnection(%s, %s, a size of %u)", local ? local : "NULL",
              buffer ? "a buffer" : "NULL", size ? (unsigned)*size : 0);
    return kit_np.GetConnection(wide, buffer, size);
}

static void gives_name(void) {
    open_connected();
    kit_np_expect_at("Z:", kit_good(0));
}

/* ---- sizes */

static uint32_t get_sized(void *context, void *buffer, DWORD *size) {
    return get(context, buffer, size);
}

static void expect_name(void *context, const void *buffer, size_t bytes) {
    const char *found = kit_narrow(buffer, bytes / sizeof(WCHAR));

    (void)context;
    kit_expect(strcmp(found, kit_good(0)) == 0, kit_good(0), "\"%s\"", found);
}

static DWORD length_of_name(void) {
    DWORD n = 0;

    for (LPCWSTR at = kit_wide(kit_good(0)); *at; at++)
        n++;
    return n + 1;
}

static void counts_characters(void) {
    char device[] = "Z:";
    DWORD n;

    open_connected();
    n = kit_sweep(get_sized, expect_name, device, sizeof(WCHAR));
    kit_expect(n == length_of_name(), kit_text("%u, in characters", (unsigned)length_of_name()),
               "%u", (unsigned)n);
}

static void tells_size(void) {
    LPWSTR buffers[] = {NULL, kit_room(0)};

    open_connected();
    for (size_t i = 0; i < 2; i++) {
        DWORD size = 0;

        KIT_CODES(get("Z:", buffers[i], &size), WN_MORE_DATA);
        kit_expect(size == length_of_name(), kit_text("a size of %u", (unsigned)length_of_name()),
                   "%u", (unsigned)size);
    }
}

static void ends_with_nul(void) {
    DWORD n, size = ROOM;
    LPWSTR buffer = kit_room(ROOM * sizeof *buffer);

    open_connected();
    KIT_CODES(get("Z:", buffer, &size), WN_SUCCESS);
    for (n = 0; n < ROOM && buffer[n] && buffer[n] != UNTOUCHED; n++)
        ;
    kit_expect(n < ROOM && buffer[n] == 0, "a NUL behind the name", "none");
    kit_expect(n + 1 == length_of_name(), kit_text("%u characters", (unsigned)length_of_name()),
               "%u", (unsigned)n + 1);
    kit_expect(kit_good(0)[0] != '\\' || (buffer[0] == '\\' && buffer[1] == '\\'),
               "a name that begins with two backslashes", "\"%s\"", kit_narrow(buffer, ROOM));
    for (n++; n < ROOM && buffer[n] == UNTOUCHED; n++)
        ;
    kit_expect(n == ROOM, "nothing written behind the name", "character %u was", (unsigned)n);
}

/* ---- other devices */

static void expect_none(const char *local) {
    unsigned calls = kit_network_calls();
    int64_t began = kit_ms();
    DWORD size = ROOM;
    LPWSTR buffer = kit_room(ROOM * sizeof *buffer);

    KIT_CODES(get(local, buffer, &size), WN_NOT_CONNECTED);
    kit_within(began, 10);
    kit_expect(kit_network_calls() == calls, "no network", "%s", kit_network_call());
}

static void leaves_other_devices(void) {
    char device[] = "A:";

    open_connected();
    for (device[0] = 'A'; device[0] < 'Z'; device[0]++)
        expect_none(device);
    expect_none("LPT1");
}

static void knows_free_device(void) {
    kit_classic_open();
    KIT_NP_NEEDS(GetConnection);
    expect_none("Z:");
    expect_none("C:");
}

static void takes_small_letters(void) {
    open_connected();
    kit_np_expect_at("z:", kit_good(0));
}

static void refuses_null(void) {
    LPWSTR buffer = kit_room(ROOM * sizeof *buffer);
    DWORD size = ROOM;

    open_connected();
    KIT_CODES(get(NULL, buffer, &size), WN_BAD_LOCALNAME, WN_BAD_VALUE, WN_BAD_POINTER);
    KIT_CODES(get("Z:", buffer, NULL), WN_BAD_VALUE, WN_BAD_POINTER);
    KIT_CODES(get("Z:", NULL, &size), WN_BAD_VALUE, WN_BAD_POINTER);
}

static void gives_no_empty_name(void) {
    static const char *const devices[] = {"Z:", "Y:", "C:", "LPT1", "z:", "", "Z"};

    open_connected();
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        LPWSTR buffer = kit_room(ROOM * sizeof *buffer);
        DWORD size = ROOM, code;

        buffer[0] = 0;
        code = get(devices[i], buffer, &size);
        kit_expect(code != WN_SUCCESS || buffer[0], "a failure, or success and a name",
                   "success, and the name \"\"");
    }
}

/* ---- one account */

static const char *universal_connection(void) {
    static uint64_t buffer[ROOM];
    const REMOTE_NAME_INFOW *info = (const REMOTE_NAME_INFOW *)buffer;
    DWORD size = sizeof buffer;

    kit_doing("NPGetUniversalName(\"Z:\\dir\", REMOTE_NAME_INFO_LEVEL)");
    KIT_CODES(kit_np.GetUniversalName(kit_wide("Z:\\dir"), REMOTE_NAME_INFO_LEVEL, buffer, &size),
              WN_SUCCESS);
    kit_expect(info->lpConnectionName != NULL, "a connection name", "NULL");
    return kit_narrow(info->lpConnectionName, ROOM);
}

static void agrees_with_others(void) {
    char found[1024];

    open_connected();
    snprintf(found, sizeof found, "%s", kit_np_get("Z:", NULL));
    kit_np_expect_listed("Z:", found, 1);
    if (kit_np.GetUniversalName)
        kit_expect(strcmp(universal_connection(), found) == 0, found, "\"%s\"",
                   universal_connection());
}

static void get_once(void *context) {
    static WCHAR buffer[ROOM];
    DWORD size = ROOM;

    (void)kit_np.GetConnection(context, buffer, &size);
    size = 1;
    (void)kit_np.GetConnection(context, buffer, &size);
}

static void leaks_nothing(void) {
    static const char *const devices[] = {"Z:", "Y:"};

    open_connected();
    for (size_t i = 0; i < 2; i++) {
        size_t leak;

        kit_doing("NPGetConnection(%s) again and again", devices[i]);
        leak = kit_leak(get_once, kit_wide(devices[i]), kit_rounds(5000));
        kit_expect(leak == 0, "no memory left behind by a call", "%zu bytes", leak);
    }
}

static void asks_no_server(void) {
    const char *remote;
    unsigned calls;
    int64_t began;

    kit_classic_open();
    KIT_NP_NEEDS(GetConnection);
    remote = kit_np_add_silenced("Z:");
    calls = kit_network_calls();
    began = kit_ms();
    kit_np_expect_at("Z:", remote);
    kit_within(began, 10);
    kit_expect(kit_network_calls() == calls, "no network", "%s", kit_network_call());
}

static void leaves_buffer(void) {
    LPWSTR buffer = kit_room(ROOM * sizeof *buffer);
    DWORD size = ROOM;

    open_connected();
    KIT_CODES(get("Y:", buffer, &size), WN_NOT_CONNECTED);
    kit_expect(size == ROOM, kit_text("the size left at %u", ROOM), "%u", (unsigned)size);
    for (size_t i = 0; i < ROOM; i++)
        kit_expect(buffer[i] == UNTOUCHED, "the buffer left alone", "character %zu was written", i);
}

/* A program connected, was told to remember, cancelled, and ended. */
static void be_former_program(void) {
    kit_classic_open();
    if (kit_np.AddConnection3)
        KIT_CODES(kit_np_connect3(kit_resource("Z:", kit_good(0), RESOURCETYPE_DISK), kit_lab.user,
                                  kit_lab.password, CONNECT_UPDATE_PROFILE),
                  WN_SUCCESS);
    else
        kit_np_add_good("Z:", kit_good(0));
    KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    _exit(0);
}

static void remembers_nothing(void) {
    const char *home = kit_ro(kit_path("home"));
    pid_t former;
    int status = 0;

    kit_write("home/empty", "");
    setenv("HOME", home, 1);
    setenv("XDG_STATE_HOME", home, 1);
    setenv("XDG_CONFIG_HOME", home, 1);
    former = fork();
    if (former == 0)
        be_former_program();
    if (former < 0 || waitpid(former, &status, 0) != former)
        kit_broken("no process can be started");
    kit_expect(WIFEXITED(status), "a process that ends", "it died by signal %d", WTERMSIG(status));
    kit_classic_open();
    KIT_NP_NEEDS(GetConnection);
    expect_none("Z:");
    kit_np_expect_listed(NULL, NULL, 0);
}

static void claims_no_odd_device(void) {
    static const char *const devices[] = {
        "Z", "Z:\\", "Z:\\x", "Z:x", "ZZ:", "Zoo", "", "\\\\.\\Z:", ":", "Z::"};

    open_connected();
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        DWORD size = ROOM, code;

        code = get(devices[i], kit_room(ROOM * sizeof(WCHAR)), &size);
        kit_expect(code != WN_SUCCESS, "a failure: that is no device", "success");
    }
}

static void writes_no_input(void) {
    static const char *const devices[] = {"Z:", "z:", "Y:", "lpt1", "z:\\dir", "/"};

    open_connected();
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        DWORD size = ROOM;

        (void)get(devices[i], kit_room(ROOM * sizeof(WCHAR)), &size);
    }
}

/* ---- NPGetConnection3 */

static DWORD get3(const char *local, DWORD level, void *buffer, LPDWORD size) {
    LPWSTR wide = kit_wide(local);

    kit_doing("NPGetConnection3(%s, level %u, a size of %u)", local, (unsigned)level,
              (unsigned)*size);
    return kit_np.GetConnection3(wide, level, buffer, size);
}

static void need_state(void) {
    kit_classic_open();
    KIT_NP_NEEDS(GetConnection3);
    kit_np_add_good("Z:", kit_good(0));
}

static void gives_state(void) {
    DWORD *state = kit_room(sizeof *state), size = sizeof *state;

    need_state();
    KIT_CODES(get3("Z:", 1, state, &size), WN_SUCCESS);
    kit_expect(*state == WNGETCON_CONNECTED, "WNGETCON_CONNECTED (0)", "%u", (unsigned)*state);
    size = sizeof *state;
    KIT_CODES(get3("Y:", 1, state, &size), WN_NOT_CONNECTED);
}

static uint32_t get3_sized(void *context, void *buffer, DWORD *size) {
    return get3(context, 1, buffer, size);
}

static void counts_state(void) {
    char device[] = "Z:";
    DWORD n;

    need_state();
    n = kit_sweep(get3_sized, NULL, device, 1);
    kit_expect(n == sizeof(DWORD), "a size of 4", "%u", (unsigned)n);
}

static void knows_levels(void) {
    static const DWORD levels[] = {2, 99, 0xFFFFFFFF};

    need_state();
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        DWORD buffer[64], size = sizeof buffer;

        KIT_CODES(get3("Z:", levels[i], buffer, &size), WN_BAD_LEVEL);
    }
}

static void finds_others(void) {
    static const char *const devices[] = {"X:", "Y:", "Z:"};

    kit_classic_open();
    KIT_NP_NEEDS(GetConnection);
    for (size_t gone = 0; gone < 3; gone++) {
        for (size_t i = 0; i < 3; i++)
            kit_np_add_good(devices[i], kit_good(i % kit_lab.good.count));
        KIT_CODES(kit_np_cancel(devices[gone], FALSE), WN_SUCCESS);
        expect_none(devices[gone]);
        for (size_t i = 0; i < 3; i++)
            if (i != gone) {
                kit_np_expect_at(devices[i], kit_good(i % kit_lab.good.count));
                KIT_CODES(kit_np_cancel(devices[i], FALSE), WN_SUCCESS);
            }
    }
}

#define GET  "Windows: NPGetConnection"
#define GET3 "Windows: NPGetConnection3; OpenAFS: level 1 alone is asked"

const struct kit_check kit_checks_classic_get[] = {
    {"GET-01", KIT_MUST, gives_name, "NPGetConnection gives the remote name as it was connected",
     "The user must find what he asked for.", GET},
    {"GET-02", KIT_MUST, counts_characters,
     "The buffer of NPGetConnection is counted in characters, the NUL among them",
     "Who counts bytes refuses what fits, or writes beyond it.",
     GET "; OpenAFS da89855b4, dokany f460dda"},
    {"GET-03", KIT_MUST, tells_size,
     "A size of 0 is ERROR_MORE_DATA and the size that is needed, with a buffer or without",
     "Programs ask for the size so.", GET "; dokany f460dda crashed"},
    {"GET-04", KIT_MUST, leaves_other_devices,
     "A device that is not the provider's is WN_NOT_CONNECTED at once",
     "Every provider is asked; who claims a local disk hides it.", GET "; dokany #867"},
    {"GET-05", KIT_MUST, knows_free_device, "A device without connection is WN_NOT_CONNECTED",
     "Another code ends the search for its owner, or is told to the user.", GET},
    {"GET-06", KIT_MUST, takes_small_letters, "Devices are the same in small and capital letters",
     "Users type z: and Z: for the same drive.", GET},
    {"GET-07", KIT_MUST, refuses_null, "NULL for device, buffer or size is refused",
     "A wrong call must be told, not crash the caller.", "own decision"},
    {"GET-08", KIT_MUST, ends_with_nul, "The name ends with NUL, with nothing written behind",
     "What follows is the caller's.", GET "; dokany d3ecfb0, 36fd146, d3e518a"},
    {"GET-09", KIT_MUST, gives_no_empty_name, "Success never comes with an empty name",
     "A drive that leads to \"\" can neither be used nor be asked about.",
     GET "; Dokany gave one for volumes without UNC"},
    {"GET-10", KIT_MUST, agrees_with_others,
     "Get, enumeration and universal name say the same remote name",
     "They are one account of one state.", "dokany #199, #201"},
    {"GET-11", KIT_MUST, leaks_nothing, "NPGetConnection leaves no memory behind",
     "File managers ask for every drive, every few seconds.", "Dokany leaked its list of mounts"},
    {"GET-12", KIT_MUST, asks_no_server,
     "NPGetConnection answers at once when the server is silent",
     "A file manager that asks for its drives must not hang with one of them.", GET},
    {"GET-13", KIT_SHOULD, leaves_buffer, "With WN_NOT_CONNECTED buffer and size are left alone",
     "The next provider is asked with the same ones.", "Windows: network provider, buffers"},
    {"GET-14", KIT_MUST, remembers_nothing,
     "A connection that a program ended is not there in the next one",
     "What is remembered is the router's affair.", GET "; npapi.h, rule 4"},
    {"GET-15", KIT_SHOULD, claims_no_odd_device, "A path or a letter alone is no device",
     "Success would make a connection of any file on the drive.", GET},
    {"GET-16", KIT_MUST, writes_no_input, "The local name is not written to",
     "It is the caller's: a constant, or shared with other threads.", GET},
    {"GT3-01", KIT_CAPABILITY, gives_state,
     "NPGetConnection3 gives the state of a device at level 1", "The router asks no other level.",
     GET3},
    {"GT3-02", KIT_CAPABILITY, counts_state, "The state of NPGetConnection3 is 4 bytes",
     "Who writes more writes beyond the caller's number.", GET3},
    {"GT3-03", KIT_CAPABILITY, knows_levels,
     "A level of NPGetConnection3 that is not known is ERROR_INVALID_LEVEL",
     "Success with nothing written is a random answer.", GET3 "; ms-nfs41 does that"},
    {"GT3-04", KIT_MUST, finds_others,
     "After one of three connections is cancelled the two others are found",
     "A gap in the table is not its end.", "ms-nfs41 stops at the first free entry"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
