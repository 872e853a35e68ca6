/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_session_oom.c: a call and its reply, with every allocation failing once.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_session_wire.h"
#include "tests/unit/fail_alloc.h"

TestSuite(session_oom, .timeout = 60);

static DWORD restore(void *state, const struct mpr_restore_args *args,
                     struct mpr_restore_ret *ret) {
    struct mpr_restored *item = calloc(1, sizeof *item);

    (void)state;
    if (!item)
        return ERROR_NOT_ENOUGH_MEMORY;
    cr_expect_str_eq(args->password, "geheim");
    ret->list = (struct mpr_restored_list){item, 1};
    item->local = strdup(args->local);
    item->refusal.words = strdup("no \xff");
    return item->local && item->refusal.words ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD add(void *state, const struct mpr_add_args *args, struct mpr_add_ret *ret) {
    (void)state;
    cr_expect_eq(args->use_options_size, 3);
    ret->redirected = true;
    return NO_ERROR;
}

static const struct mpr_driver driver = {.restore = restore, .add = add};

/* Carries out a call that was read, and reads the reply. */
static DWORD answer(struct mpr_session_call *call, void *ret) {
    struct mpr_session_message reply = {0};
    enum mpr_op op = call->op;
    DWORD rc = mpr_session_wire_reply(call, mpr_session_call_run(call, &driver, NULL), &reply);

    if (rc == NO_ERROR)
        rc = mpr_session_wire_result(op, reply.text, reply.size, ret);
    mpr_session_message_clear(&reply);
    return rc;
}

static DWORD go(enum mpr_op op, const void *args, void *ret) {
    struct mpr_session_message sent = {0};
    struct mpr_session_fault fault = {0};
    struct mpr_session_call *call = NULL;
    DWORD rc = mpr_session_wire_call(op, args, &sent);

    if (rc == NO_ERROR)
        rc = mpr_session_wire_read(sent.text, sent.size, sent.fds, sent.fd_count, &call, &fault);
    if (rc == NO_ERROR)
        rc = answer(call, ret);
    mpr_session_call_free(call);
    mpr_session_message_clear(&sent);
    return rc;
}

static DWORD run_restore(void *context) {
    const struct mpr_restore_args args = {.local = "Z:", .password = "geheim"};
    struct mpr_restore_ret ret = {0};
    DWORD rc = go(MPR_OP_restore, &args, &ret);

    (void)context;
    if (rc == NO_ERROR) {
        cr_expect_eq(ret.list.count, 1);
        cr_expect_str_eq(ret.list.items[0].refusal.words, "no ?");
    }
    mpr_restore_ret_clear(&ret);
    return rc;
}

static DWORD run_add(void *context) {
    const struct mpr_add_args args = {.use_options = "abc", .use_options_size = 3};
    struct mpr_add_ret ret = {0};
    DWORD rc = go(MPR_OP_add, &args, &ret);

    (void)context;
    mpr_add_ret_clear(&ret);
    return rc;
}

static DWORD run_event(void *context) {
    const struct mpr_event event = {
        .size = sizeof event, .device = "Z:", .remote = "", .provider = "", .text = ""};
    struct mpr_session_message message = {0};
    struct mpr_session_event got = {0};
    bool last;
    DWORD rc = mpr_session_wire_reply_event(&event, true, &message);

    (void)context;
    if (rc == NO_ERROR)
        rc = mpr_session_wire_event(message.text, message.size, &got, &last);
    mpr_session_event_clear(&got);
    mpr_session_message_clear(&message);
    return rc;
}

static DWORD run_describe(void *context) {
    char *text = mpr_session_wire_describe();

    (void)context;
    if (!text)
        return ERROR_NOT_ENOUGH_MEMORY;
    free(text);
    return NO_ERROR;
}

Test(session_oom, calls_and_replies) {
    static DWORD (*const runs[])(void *) = {run_restore, run_add, run_event, run_describe};

    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct fail_alloc_case c = {.run = runs[i]};

        cr_expect_gt(fail_alloc_each(&c), 10, "%zu", i);
    }
}
