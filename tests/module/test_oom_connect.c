/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_oom_connect.c: every allocation of the router fails once while it connects
 * with buffers, restores, remembers and asks: the code says so, and nothing has
 * changed.
 *
 * Linked with the router's objects, so that its own allocations fail and those
 * of the provider do not.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <mpr/file.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"
#include "tests/unit/fail_alloc.h"

#define DEMO   "\\\\memory\\demo"
#define UPDATE CONNECT_UPDATE_PROFILE

static char profile_before[8192];

static const char *profile_now(void) {
    const char *connections = strstr(world_read(WORLD_PROFILE), "\"connections\"");

    return connections ? connections : "none";
}

static DWORD prompt(void *context, LPCSTR question, BOOL echo, LPSTR buffer, size_t size) {
    (void)context;
    (void)question;
    snprintf(buffer, size, "%s", echo ? "anna" : "geheim");
    return NO_ERROR;
}

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo,held\"");
    world_scripted("10-closed", "\"takes\": \"//closed/\", \"answer\": \"failed\", \"code\": 1326, "
                                "\"credentials\": true, \"text\": \"Keep out.\"");
    world_start();
    cr_assert_eq(MprSetPrompt(prompt, NULL), NO_ERROR);
    cr_assert_eq(add("H:", "\\\\memory\\held", UPDATE), NO_ERROR);
    snprintf(profile_before, sizeof profile_before, "%s", profile_now());
}

TestSuite(oom_connect, .timeout = 120, .init = begin, .fini = world_end);

static void expect_unchanged(void *context) {
    (void)context;
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
    cr_expect_str_eq(remote_of("H:"), "\\\\memory\\held");
    cr_expect_str_eq(profile_now(), profile_before);
}

static void fail_each(DWORD (*run)(void *), void (*clean)(void *), void (*check)(void *),
                      void *context) {
    const struct fail_alloc_case all = {run, clean, check, context};
    unsigned count = fail_alloc_each(&all);

    cr_expect_gt(count, 0);
    check(context);
}

/* --- WNetAddConnection4 --- */

static DWORD add4(void *context) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t) "Z:",
                             .lpRemoteName = (LPSTR)(uintptr_t)DEMO};
    SEC_WINNT_AUTH_IDENTITY_A identity = {
        .User = (unsigned char *)(uintptr_t) "anna",
        .UserLength = 4,
        .Domain = (unsigned char *)(uintptr_t) "DOM",
        .DomainLength = 3,
        .Password = (unsigned char *)(uintptr_t) "secret",
        .PasswordLength = 6,
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };
    BYTE options[] = {1, 2, 3};

    (void)context;
    return WNetAddConnection4A(NULL, &resource, &identity, sizeof identity, UPDATE, options,
                               sizeof options);
}

static void cancel_z(void *context) {
    (void)context;
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", UPDATE, FALSE));
}

Test(oom_connect, buffers) {
    fail_each(add4, cancel_z, expect_unchanged, NULL);
}

/* --- asking: what cannot be kept to ask about is the failure that it was --- */

static DWORD add_closed(void *context) {
    DWORD rc = add("Z:", context, CONNECT_INTERACTIVE);

    return rc == ERROR_LOGON_FAILURE ? NO_ERROR : rc;
}

Test(oom_connect, asking) {
    cr_assert_eq(add_closed((char[]){"//closed/a"}), NO_ERROR); /* from now on it is noted */
    fail_each(add_closed, NULL, expect_unchanged, (char[]){"//closed/a"});
}

/* --- restoring --- */

static DWORD restore(void *context) {
    return WNetRestoreConnectionA(NULL, context);
}

static void break_h(void *context) {
    (void)context;
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("H:", 0, FALSE));
}

static void expect_remembered(void *context) {
    (void)context;
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_str_eq(remote_of("H:"), "1201");
    cr_expect_str_eq(profile_now(), profile_before);
}

Test(oom_connect, restoring_one) {
    break_h(NULL);
    fail_each(restore, break_h, expect_remembered, (char[]){"H:"});
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "H:"));
    fail_each(restore, NULL, expect_unchanged, (char[]){"H:"});
}

Test(oom_connect, restoring_all) {
    break_h(NULL);
    fail_each(restore, break_h, expect_remembered, NULL);
}

static DWORD restore_refused(void *context) {
    DWORD rc = WNetRestoreConnectionA(NULL, context);

    return rc == ERROR_LOGON_FAILURE ? NO_ERROR : rc;
}

static void expect_refused(void *context) {
    (void)context;
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
}

Test(oom_connect, restoring_what_is_refused) {
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//closed/a\", \"user_name\": "
                  "\"anna\", \"use_options\": \"AAEC\"}}}");
    cr_assert_eq(restore_refused((char[]){"Z:"}), NO_ERROR); /* from now on it is noted */
    fail_each(restore_refused, NULL, expect_refused, (char[]){"Z:"});
    fail_each(restore_refused, NULL, expect_refused, NULL);
}

/* --- WNetSetConnection --- */

static DWORD yes = TRUE, no = FALSE;

static DWORD set(void *context) {
    return WNetSetConnectionW(context, NETPROPERTY_PERSISTENT, &yes);
}

static DWORD unset(void *context) {
    return WNetSetConnectionW(context, NETPROPERTY_PERSISTENT, &no);
}

static void forget(void *context) {
    EXPECT_CODE(NO_ERROR, WNetSetConnectionW(context, NETPROPERTY_PERSISTENT, &no));
}

static void remember(void *context) {
    EXPECT_CODE(NO_ERROR, WNetSetConnectionW(context, NETPROPERTY_PERSISTENT, &yes));
}

static void expect_forgotten(void *context) {
    (void)context;
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
}

Test(oom_connect, setting) {
    fail_each(unset, remember, expect_unchanged, (WCHAR[]){u"H:"});
    forget((WCHAR[]){u"H:"});
    fail_each(set, forget, expect_forgotten, (WCHAR[]){u"H:"});
}

/* --- the dialog --- */

static HANDLE file;

static DWORD part(void *context) {
    DISCDLGSTRUCTA structure = {.cbStructure = sizeof structure, .lpLocalName = context};
    DWORD rc = WNetDisconnectDialog1A(&structure);

    return rc == ERROR_CANCELLED ? NO_ERROR : rc; /* "anna" is no yes */
}

Test(oom_connect, parting) {
    cr_assert_eq(MprFileOpen("H:\\file", O_RDWR | O_CREAT, 0600, &file), 0);
    fail_each(part, NULL, expect_unchanged, (char[]){"H:"});
    MprFileClose(file);
}
