/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_memory.c: a classic module gives back what it took, bears it when
 * there is no more, and keeps no password.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "router/mpr_utf.h"
#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_module.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_stress.h"

#define FAILURES_MAX 400
#define LEAK_MAX     16 /* bytes a round that an allocator may be off by */

/* What is connected, prepared beforehand: it costs nothing while it is measured. */
static LPNETRESOURCEW resource;
static LPWSTR device, user, password;

static void prepare(const char *remote, const char *secret) {
    resource = kit_resource("Z:", remote, RESOURCETYPE_DISK);
    device = kit_wide("Z:");
    user = kit_wide(kit_lab.user);
    password = kit_wide(secret);
    kit_doing("connect to \"%s\" as Z:, and cancel", remote);
}

static void open_complete(void) {
    kit_classic_open();
    KIT_NP_NEEDS(CancelConnection);
    if (!kit_np.AddConnection && !kit_np.AddConnection3)
        kit_skip("the module connects nothing");
}

static DWORD add(void) {
    return kit_np.AddConnection3 ? kit_np.AddConnection3(NULL, resource, password, user, 0)
                                 : kit_np.AddConnection(resource, password, user);
}

static void connect_once(void *context) {
    DWORD size = 0;

    (void)context;
    if (add() != WN_SUCCESS)
        return;
    if (kit_np.GetConnection)
        kit_np.GetConnection(device, NULL, &size);
    kit_np.CancelConnection(device, FALSE);
}

static void list_once(void *context) {
    static uint64_t buffer[1024];
    HANDLE handle = NULL;
    DWORD count = 1, size = sizeof buffer;

    (void)context;
    if (kit_np.OpenEnum(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &handle) != WN_SUCCESS)
        return;
    kit_np.EnumResource(handle, &count, buffer, &size);
    kit_np.CloseEnum(handle);
}

static void leak_none(void (*fn)(void *context), const char *after) {
    struct kit_state before;
    size_t leak;

    fn(NULL);
    before = kit_state();
    leak = kit_leak(fn, NULL, kit_rounds(200));
    kit_state_same(&before, after);
    kit_expect(leak < LEAK_MAX, kit_text("no memory left behind %s", after), "%zu bytes each",
               leak);
}

static void leaks_nothing(void) {
    open_complete();
    prepare(kit_good(0), kit_lab.password);
    leak_none(connect_once, "after connects and cancels");
}

static void leaks_nothing_on_failure(void) {
    open_complete();
    prepare(kit_lab.foreign.items[0], kit_lab.password);
    leak_none(connect_once, "after connects to foreign names");
    if (kit_lab.missing) {
        prepare(kit_lab.missing, kit_lab.password);
        leak_none(connect_once, "after connects to what is missing");
    }
    if (kit_lab.refused) {
        prepare(kit_lab.refused, kit_lab.password);
        leak_none(connect_once, "after connects that were refused");
    }
    if (kit_lab.wrong_password) {
        prepare(kit_lab.login, kit_lab.wrong_password);
        leak_none(connect_once, "after connects with a wrong password");
    }
}

static void leaks_no_list(void) {
    open_complete();
    KIT_NP_NEEDS(OpenEnum);
    prepare(kit_good(0), kit_lab.password);
    KIT_CODES(add(), WN_SUCCESS);
    kit_doing("NPOpenEnum(RESOURCE_CONNECTED), NPEnumResource, NPCloseEnum");
    leak_none(list_once, "after enumerations");
}

/* After a call that failed for want of something: said, and nothing is connected. */
static void judge(DWORD code, const struct kit_state *before, const char *after) {
    if (code == WN_SUCCESS)
        code = kit_np_cancel("Z:", FALSE);
    else
        KIT_CODES(code, WN_OUT_OF_MEMORY, WN_NET_ERROR, WN_EXTENDED_ERROR);
    kit_np_nothing_left("Z:", kit_good(0));
    kit_state_same(before, after);
}

static void bears_want_of_memory(void) {
    struct kit_state before;
    unsigned n = 0;
    bool was_short = true;

    kit_alloc_needed();
    open_complete();
    prepare(kit_good(0), kit_lab.password);
    connect_once(NULL);
    before = kit_state();
    while (was_short && n < FAILURES_MAX) {
        DWORD code;

        kit_doing("connect to \"%s\", in which allocation %u fails", kit_good(0), n + 1);
        kit_alloc_fail(++n);
        code = add();
        was_short = kit_alloc_end();
        judge(code, &before, kit_text("after allocation %u of a connect failed", n));
    }
    kit_note("%u allocations", n - 1);
    kit_np_add_good("Z:", kit_good(0));
}

/* ENU-32 is the same of NPOpenEnum. */
static void opens_no_half_list(void) {
    bool was_short = true;

    kit_alloc_needed();
    open_complete();
    KIT_NP_NEEDS(OpenEnum);
    kit_np_add_good("Z:", kit_good(0));
    for (unsigned n = 1; was_short && n < FAILURES_MAX; n++) {
        HANDLE handle = NULL;
        DWORD code;

        kit_doing("NPOpenEnum(RESOURCE_CONNECTED), in which allocation %u fails", n);
        kit_alloc_fail(n);
        code = kit_np.OpenEnum(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &handle);
        was_short = kit_alloc_end();
        KIT_CODES(code, WN_SUCCESS, WN_OUT_OF_MEMORY, WN_NET_ERROR, WN_EXTENDED_ERROR);
        kit_doing("NPCloseEnum of it");
        KIT_CODES(kit_np.CloseEnum(handle), code == WN_SUCCESS ? WN_SUCCESS : WN_BAD_HANDLE);
    }
    kit_expect(kit_np_listed(NULL) == 1, "one connection listed afterwards", "%u",
               kit_np_listed(NULL));
}

static void bears_want_of_descriptors(void) {
    struct kit_state before;

    open_complete();
    prepare(kit_good(0), kit_lab.password);
    connect_once(NULL);
    before = kit_state();
    for (unsigned left = 0; left < 4; left++) {
        DWORD code;

        kit_descriptors_take(left);
        kit_doing("connect to \"%s\" with %u descriptors left", kit_good(0), left);
        code = add();
        kit_descriptors_give();
        judge(code, &before, kit_text("after a connect with %u descriptors left", left));
    }
    kit_np_add_good("Z:", kit_good(0));
}

static unsigned count_secrets(const char *secret) {
    size_t units = mpr_utf_wide_size(secret);
    LPWSTR wide = calloc(units, sizeof *wide);
    unsigned count;

    if (!wide)
        kit_broken("there is no memory");
    mpr_utf_to_wide(secret, wide, units);
    count = kit_copies(wide, (units - 1) * sizeof *wide) + kit_copies(secret, strlen(secret));
    memset(wide, 0, units * sizeof *wide);
    free(wide);
    return count;
}

static void keep_no_secret(const char *remote, const char *secret, const char *what) {
    char *before_state;
    unsigned before, after;

    prepare(remote, secret);
    before = count_secrets(secret);
    before_state = kit_process_state();
    add();
    after = count_secrets(secret);
    kit_expect(after <= before,
               kit_text("no copy of the password in memory after a connect %s", what), "%u more",
               after - before);
    kit_process_same(before_state, "after a connect");
    kit_np.CancelConnection(device, TRUE);
}

static void keeps_no_secret(void) {
    if (kit_sanitized())
        kit_skip("memory cannot be searched in a build with a sanitizer");
    open_complete();
    kit_need(kit_lab.password, "password");
    keep_no_secret(kit_lab.login, kit_lab.password, "that succeeded");
    keep_no_secret(kit_lab.login, "conformance-wrong-word-7f3a", "with a wrong one");
    keep_no_secret(kit_lab.foreign.items[0], "conformance-other-word-9b1c", "to a foreign name");
}

const struct kit_check kit_checks_classic_memory[] = {
    {"MEM-02", KIT_MUST, leaks_nothing, "Connects and cancels leave nothing behind",
     "OpenAFS lost some memory with each of them.", "OpenAFS, NPCancelConnection"},
    {"MMY-01", KIT_MUST, leaks_nothing_on_failure, "Connects that fail leave nothing behind",
     "ms-nfs41 forgot what it held where something failed.", "ms-nfs41-client"},
    {"MMY-02", KIT_MUST, leaks_no_list, "Enumerations leave nothing behind",
     "File managers ask for them again and again.", "Windows: NPCloseEnum"},
    {"MEM-03", KIT_MUST, bears_want_of_memory,
     "A connect in which an allocation fails succeeds, or says so and leaves nothing",
     "Want of memory is an ordinary failure, in a program that has other things to do.",
     "Windows: WN_OUT_OF_MEMORY; own decision"},
    {"MMY-03", KIT_MUST, opens_no_half_list,
     "NPOpenEnum in which an allocation fails gives no handle that works",
     "The router closes only what it was told to be open.", "Windows: NPOpenEnum; own decision"},
    {"MEM-04", KIT_MUST, bears_want_of_descriptors,
     "A connect for which there are no descriptors fails properly, and later ones work",
     "Servers run out of descriptors, and recover.", "own decision"},
    {"MEM-05", KIT_SHOULD, keeps_no_secret,
     "No copy of a password is left in memory after a connect",
     "Memory is swapped, dumped and read by others; Windows' page tells to wipe copies.",
     "Windows: NPAddConnection, SecureZeroMemory"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
