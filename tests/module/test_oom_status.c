/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_oom_status.c: every allocation of the router fails once while it says what the
 * connections are doing, explains, and remembers where passwords come from.
 *
 * Linked with the router's objects, so that its own allocations fail.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <mpr/file.h>
#include <mpr/session.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"
#include "tests/unit/fail_alloc.h"

#define DEMO "\\\\memory\\demo"

static HANDLE file;

static void begin(void) {
    world_make();
    world_memory("");
    world_scripted("10-closed", "\"takes\": \"//closed/\", \"answer\": \"failed\", \"code\": 1326, "
                                "\"endpoint\": \"127.0.0.1:0\", \"text\": \"Keep out.\"");
    world_start();
    cr_assert_eq(add("H:", DEMO, CONNECT_UPDATE_PROFILE), NO_ERROR);
    cr_assert_eq(add("Z:", "//closed/a", 0), ERROR_LOGON_FAILURE);
    cr_assert_eq(MprFileOpen("H:/a", O_CREAT | O_RDWR, 0600, &file), 0);
}

static void end(void) {
    MprFileClose(file);
    world_end();
}

TestSuite(oom_status, .timeout = 120, .init = begin, .fini = end);

static void fail_each(DWORD (*run)(void *), void (*check)(void *)) {
    const struct fail_alloc_case all = {run, NULL, check, NULL};

    cr_expect_gt(fail_alloc_each(&all), 0);
}

static void expect_unchanged(void *context) {
    (void)context;
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
    cr_expect_str_eq(remote_of("H:"), DEMO);
}

static unsigned told;

static int take_status(void *context, const struct mpr_connection_status *status) {
    (void)context;
    told += *status->remote != '\0';
    return 0;
}

static DWORD ask_status(void *context) {
    (void)context;
    return MprStatus(NULL, take_status, NULL);
}

static int take_holder(void *context, const struct mpr_holder *holder) {
    (void)context;
    told += holder->pid != 0;
    return 0;
}

static DWORD ask_holders(void *context) {
    (void)context;
    return MprHolders("H:", take_holder, NULL);
}

static int take_step(void *context, const struct mpr_step *step) {
    (void)context;
    told += *step->words != '\0';
    return 0;
}

static DWORD explain(void *context) {
    (void)context;
    return MprExplain("//closed/a", take_step, NULL);
}

static DWORD set_command(void *context) {
    (void)context;
    return MprSetCredentials("H:", MPR_CREDENTIALS_COMMAND, "true");
}

Test(oom_status, states_and_holders) {
    fail_each(ask_status, expect_unchanged);
    fail_each(ask_holders, expect_unchanged);
    cr_expect_eq(told, 2, "nothing is told before all is there");
}

Test(oom_status, explaining) {
    fail_each(explain, expect_unchanged);
    cr_expect_eq(told, 6);
}

Test(oom_status, where_passwords_come_from) {
    fail_each(set_command, expect_unchanged);
}
