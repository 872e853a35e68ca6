/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_classic_own.c: the classic adapter by itself: which of the module's
 * connections are the router's own.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/classic.h"
#include "router/mpr_call.h"
#include "router/mpr_time.h"

#define CALL_NS INT64_C(10000000000)

static struct mpr_classic *classic;
static const struct mpr_provider *table;
static struct mpr_call call;
static struct mpr_call_data data;

static void begin(void) {
    const char *build = secure_getenv("abs_top_builddir");
    struct mpr_failure failure = {0};
    char path[512];

    cr_assert_not_null(build);
    snprintf(path, sizeof path, "%s/tests/module/providers/.libs/classic_stuck.so", build);
    cr_assert_eq(mpr_classic_new(path, "stuck", 5000, &failure, &table, &classic), NO_ERROR, "%s",
                 failure.text);
    mpr_call_begin(&call, &data, "stuck", mpr_now_ns() + CALL_NS, -1, -1);
}

static void end(void) {
    table->fini(classic);
}

TestSuite(classic_own, .timeout = 60, .init = begin, .fini = end);

static void *connect_z(void) {
    const struct mpr_connect args = {
        .size = sizeof args,
        .type = RESOURCETYPE_DISK,
        .remote = "\\\\STUCK\\more",
        .device = "Z:",
    };
    void *session = NULL;
    uint32_t code = 0;

    cr_assert_eq(table->connect(classic, &call, &args, &session, &code), MPR_DONE, "%u", code);
    return session;
}

static DWORD connection(void) {
    bool disconnected;
    char *remote = NULL;
    DWORD rc = mpr_classic_connection(classic, &call, "Z:", &remote, &disconnected);

    free(remote);
    return rc;
}

/* A cancel that found no connection in the router's table may come after a connect. */
Test(classic_own, is_not_cancelled_as_a_foreign_one) {
    void *session = connect_z();

    cr_expect_eq(mpr_classic_cancel(classic, &call, "Z:", true, false), ERROR_NOT_CONNECTED);
    cr_expect_eq(mpr_classic_cancel(classic, &call, "Z:", true, true), ERROR_NOT_CONNECTED);
    cr_expect_eq(connection(), NO_ERROR, "it is there");
    cr_expect_eq(table->disconnect(session, &call, 0), NO_ERROR);
    cr_expect_eq(connection(), ERROR_NOT_CONNECTED);
}

Test(classic_own, is_nobodys_after_a_forced_end) {
    cr_expect_eq(table->disconnect(connect_z(), &call, 1), NO_ERROR);
    cr_expect_eq(table->disconnect(connect_z(), &call, 0), NO_ERROR);
    cr_expect_eq(mpr_classic_cancel(classic, &call, "Z:", true, false), ERROR_NOT_CONNECTED);
}
