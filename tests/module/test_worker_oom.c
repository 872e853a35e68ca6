/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_worker_oom.c: every allocation for a provider in worker processes fails
 * once, in this process.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>

#include <mpr/winerror.h>

#include "router/mpr_call.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"
#include "router/mpr_worker.h"
#include "tests/module/worker_lab.h"
#include "tests/unit/fail_alloc.h"

TestSuite(worker_oom, .timeout = 120);

static struct lab lab;
static const struct mpr_provider *table;
static void *state, *session;

static void begin(struct lab_call *call) {
    mpr_call_begin(&call->call, &call->data, "test", mpr_deadline_in_ms(10000), -1,
                   MPR_SECRET_NONE);
}

static DWORD code_of(int rc) {
    return rc == -ENOMEM ? ERROR_NOT_ENOUGH_MEMORY : rc ? ERROR_EXTENDED_ERROR : NO_ERROR;
}

static int count(void *context, const char *name, const struct mpr_stat *attributes) {
    (void)name;
    (void)attributes;
    ++*(int *)context;
    return 0;
}

static DWORD use_session(struct lab_call *call) {
    void *file = NULL;
    int seen = 0;
    DWORD code = code_of(table->open(session, &call->call, "steady", O_RDONLY, 0, &file));

    if (code != NO_ERROR)
        return code;
    code = code_of(table->readdir(session, &call->call, "many-10", count, &seen));
    cr_expect(code != NO_ERROR || seen == 10);
    cr_expect_eq(table->close(session, &call->call, file), 0);
    return code;
}

static DWORD run(void *context) {
    static const struct mpr_option options[] = {{"key", "value"}, {NULL, NULL}};
    struct mpr_worker_setup setup = {.program = lab.program,
                                     .module = lab.module,
                                     .name = lab.front->name,
                                     .options = options,
                                     .front = lab.front};
    struct mpr_connect args = {.size = sizeof args, .remote = "\\\\rogue\\x", .device = "Z:"};
    struct lab_call call;
    DWORD code = mpr_worker_new(&setup, &table, &state);

    (void)context;
    if (code != NO_ERROR)
        return code;
    begin(&call);
    args.user = "anna";
    if (table->connect(state, &call.call, &args, &session, &code) == MPR_DONE) {
        code = use_session(&call);
        cr_expect_eq(table->disconnect(session, &call.call, 0), NO_ERROR);
    }
    table->fini(state);
    return code;
}

Test(worker_oom, each_allocation_may_fail) {
    const struct fail_alloc_case c = {.run = run};
    static struct mpr_provider front;

    lab_deadly = true;
    cr_assert_eq(lab_start(&lab, "rogue", NULL), NO_ERROR);
    lab_stop(&lab);
    front = *lab.front;
    front.fini = NULL;
    lab.front = &front;
    cr_expect_geq(fail_alloc_each(&c), 8);
}
