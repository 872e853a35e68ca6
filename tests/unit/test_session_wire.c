/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_session_wire.c: every operation there and back, field by field, and what is no
 * call or no reply.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_secret.h"
#include "router/mpr_session_fields.h"
#include "router/mpr_session_wire.h"

TestSuite(session_wire, .timeout = 60);

/* ---- values: each field gets another, made of a seed; 0 gives NULL and 0 */

static unsigned seed;

static char *text_of(const char *field) {
    char *text = NULL;

    if (!seed)
        return NULL;
    cr_assert(asprintf(&text, "%s \"%u\" \\ \x01 \xc3\xa4 \xf0\x9f\x98\x80", field, seed) > 0);
    return text;
}

static void expect_text(const char *field, const char *text) {
    char *expected = text_of(field);

    if (expected)
        cr_expect_str_eq(text, expected, "%s", field);
    else
        cr_expect_null(text, "%s", field);
    free(expected);
}

static size_t length_of(const char *field) {
    return strlen(field);
}

static uint32_t u32_of(const char *field) {
    return seed ? UINT32_MAX - (uint32_t)length_of(field) - seed : 0;
}

static uint64_t u64_of(const char *field) {
    return seed ? UINT64_MAX - length_of(field) - seed : 0;
}

static bool flag_of(const char *field) {
    return seed && (length_of(field) + seed) % 2;
}

static int same_file(int a, int b) {
    struct stat facts[2];

    return fstat(a, &facts[0]) == 0 && fstat(b, &facts[1]) == 0
           && facts[0].st_ino == facts[1].st_ino;
}

/* ---- structures in lists */

#define FILL_str(name)     value->name = text_of(#name);
#define FILL_u32(name)     value->name = u32_of(#name);
#define FILL_late(name)    FILL_u32(name)
#define FILL_u64(name)     value->name = u64_of(#name);
#define FILL_flag(name)    value->name = flag_of(#name);
#define FILL_refusal(name) fill_refusal(&value->name);
#define FILL(type, name)   FILL_##type(name)

#define SAME_str(name)     expect_text(#name, value->name);
#define SAME_u32(name)     cr_expect_eq(value->name, u32_of(#name), #name);
#define SAME_late(name)    SAME_u32(name)
#define SAME_u64(name)     cr_expect_eq(value->name, u64_of(#name), #name);
#define SAME_flag(name)    cr_expect_eq(value->name, flag_of(#name), #name);
#define SAME_refusal(name) expect_refusal(&value->name);
#define SAME(type, name)   SAME_##type(name)

static void fill_refusal(struct mpr_refusal *value);
static void expect_refusal(const struct mpr_refusal *value);
#define STRUCTURE(name, structure, FIELDS)                                                         \
    static void fill_##name(struct mpr_##structure *value) {                                       \
        FIELDS(FILL)                                                                               \
    }                                                                                              \
    static void expect_##name(const struct mpr_##structure *value) {                               \
        FIELDS(SAME)                                                                               \
    }
MPR_SESSION_STRUCTURES(STRUCTURE)

/* Two entries, one of them without texts; with seed 0 none. */
#define LIST(type, entry, structure)                                                               \
    static void fill_##type##_list(struct mpr_##structure *list) {                                 \
        unsigned was = seed;                                                                       \
                                                                                                   \
        if (!seed)                                                                                 \
            return;                                                                                \
        list->items = calloc(2, sizeof *list->items);                                              \
        cr_assert(list->items);                                                                    \
        list->count = 2;                                                                           \
        fill_##entry(&list->items[0]);                                                             \
        seed = 0;                                                                                  \
        fill_##entry(&list->items[1]);                                                             \
        seed = was;                                                                                \
    }                                                                                              \
    static void expect_##type##_list(const struct mpr_##structure *list) {                         \
        unsigned was = seed;                                                                       \
                                                                                                   \
        cr_assert_eq(list->count, seed ? 2 : 0);                                                   \
        if (!seed)                                                                                 \
            return;                                                                                \
        expect_##entry(&list->items[0]);                                                           \
        seed = 0;                                                                                  \
        expect_##entry(&list->items[1]);                                                           \
        seed = was;                                                                                \
    }
MPR_SESSION_LISTS(LIST)

#define FILL_items(name)      fill_items_list(&value->name);
#define FILL_providers(name)  fill_providers_list(&value->name);
#define FILL_restored(name)   fill_restored_list(&value->name);
#define FILL_statuses(name)   fill_statuses_list(&value->name);
#define FILL_holders(name)    fill_holders_list(&value->name);
#define FILL_steps(name)      fill_steps_list(&value->name);
#define SAME_items(name)      expect_items_list(&value->name);
#define SAME_providers(name)  expect_providers_list(&value->name);
#define SAME_restored(name)   expect_restored_list(&value->name);
#define SAME_statuses(name)   expect_statuses_list(&value->name);
#define SAME_holders(name)    expect_holders_list(&value->name);
#define SAME_steps(name)      expect_steps_list(&value->name);

/* ---- arguments */

#define FILL_ARG_str(name)    value->name = text_of(#name);
#define FILL_ARG_secret(name) value->name = text_of(#name);
#define FILL_ARG_bytes(name)                                                                       \
    value->name = text_of(#name);                                                                  \
    value->name##_size = value->name ? strlen(value->name) : 0;
#define FILL_ARG_u32(name)    value->name = u32_of(#name);
#define FILL_ARG_u64(name)    value->name = u64_of(#name);
#define FILL_ARG_flag(name)   value->name = flag_of(#name);
#define FILL_ARG_fds(name)    fill_fds(value->name);
#define FILL_ARG(type, name)  FILL_ARG_##type(name)

#define SAME_ARG_str(name)    expect_text(#name, value->name);
#define SAME_ARG_secret(name) expect_text(#name, value->name);
#define SAME_ARG_bytes(name)                                                                       \
    cr_expect_eq(value->name != NULL, seed != 0);                                                  \
    if (value->name)                                                                               \
        expect_bytes(#name, value->name, value->name##_size);
#define SAME_ARG_u32(name)    SAME_u32(name)
#define SAME_ARG_u64(name)    SAME_u64(name)
#define SAME_ARG_flag(name)   SAME_flag(name)
#define SAME_ARG_fds(name)    expect_fds(value->name);
#define SAME_ARG(type, name)  SAME_ARG_##type(name)

#define DROP_ARG_str(name)    drop_text(value->name);
#define DROP_ARG_secret(name) drop_text(value->name);
#define DROP_ARG_bytes(name)  drop_text(value->name);
#define DROP_ARG_u32(name)
#define DROP_ARG_u64(name)
#define DROP_ARG_flag(name)
#define DROP_ARG_fds(name)
#define DROP_ARG(type, name) DROP_ARG_##type(name)

static int kept_fds[MPR_OPS_FDS] = {-1, -1, -1};

static void fill_fds(int *fds) {
    for (size_t i = 0; i < MPR_OPS_FDS; i++) {
        if (kept_fds[i] < 0)
            kept_fds[i] = memfd_create("test", MFD_CLOEXEC);
        /* with seed 0 the first only */
        fds[i] = i == 0 || seed ? kept_fds[i] : -1;
    }
}

static void expect_fds(const int *fds) {
    for (size_t i = 0; i < MPR_OPS_FDS; i++)
        if (i == 0 || seed)
            cr_expect(same_file(fds[i], kept_fds[i]), "descriptor %zu", i);
        else
            cr_expect_eq(fds[i], -1, "descriptor %zu", i);
}

static void expect_bytes(const char *field, const void *bytes, size_t size) {
    char *expected = text_of(field);

    cr_expect_eq(size, strlen(expected));
    cr_expect_arr_eq(bytes, expected, size);
    free(expected);
}

static void drop_text(const void *text) {
    union {
        const void *given;
        void *text;
    } ours = {.given = text};

    free(ours.text);
}

/* ---- a driver that looks at what it is asked, and answers; and each operation there and back */

static DWORD answer;

#define ECHO(id, op, ARGS, RET)                                                                    \
    static DWORD echo_##op(void *state, const struct mpr_##op##_args *value,                       \
                           struct mpr_##op##_ret *ret) {                                           \
        (void)state;                                                                               \
        (void)value;                                                                               \
        ARGS(SAME_ARG)                                                                             \
        if (answer != NO_ERROR)                                                                    \
            return mpr_error_explain(answer, 4711, "Somebody", "It is %s.", #op);                  \
        {                                                                                          \
            struct mpr_##op##_ret *value = ret;                                                    \
                                                                                                   \
            (void)value;                                                                           \
            RET(FILL)                                                                              \
        }                                                                                          \
        return NO_ERROR;                                                                           \
    }                                                                                              \
    static void fill_##op##_args(void *structure) {                                                \
        struct mpr_##op##_args *value = structure;                                                 \
                                                                                                   \
        (void)value;                                                                               \
        ARGS(FILL_ARG)                                                                             \
    }                                                                                              \
    static void drop_##op##_args(void *structure) {                                                \
        struct mpr_##op##_args *value = structure;                                                 \
                                                                                                   \
        (void)value;                                                                               \
        ARGS(DROP_ARG)                                                                             \
    }                                                                                              \
    static void expect_##op##_ret(void *structure) {                                               \
        struct mpr_##op##_ret *value = structure;                                                  \
                                                                                                   \
        (void)value;                                                                               \
        RET(SAME)                                                                                  \
        mpr_##op##_ret_clear(value);                                                               \
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
MPR_OPS(ECHO)
#pragma GCC diagnostic pop

static const struct mpr_driver echo = {
#define SLOT(id, op, ARGS, RET) .op = echo_##op,
    MPR_OPS(SLOT)};

static const struct operation {
    enum mpr_op op;
    const char *name;
    size_t args_size, ret_size;
    void (*fill)(void *args);
    void (*drop)(void *args);
    void (*expect)(void *ret);
} operations[] = {
#define OPERATION(id, op, ARGS, RET)                                                               \
    {MPR_OP_##op,                                                                                  \
     #op,                                                                                          \
     sizeof(struct mpr_##op##_args),                                                               \
     sizeof(struct mpr_##op##_ret),                                                                \
     fill_##op##_args,                                                                             \
     drop_##op##_args,                                                                             \
     expect_##op##_ret},
    MPR_OPS(OPERATION)};
#define OPERATIONS (sizeof operations / sizeof *operations)

/* The reply to the call of an operation, and what it says. */
static DWORD go_there_and_back(const struct operation *operation, void *args, void *ret) {
    struct mpr_session_message sent = {0}, back = {0};
    struct mpr_session_fault fault = {0};
    struct mpr_session_call *call = NULL;
    DWORD rc = mpr_session_wire_call(operation->op, args, &sent);

    cr_assert_eq(rc, NO_ERROR, "%s: %u", operation->name, rc);
    cr_assert_eq(strlen(sent.text), sent.size);
    rc = mpr_session_wire_read(sent.text, sent.size, sent.fds, sent.fd_count, &call, &fault);
    cr_assert_eq(rc, NO_ERROR, "%s: %s", sent.text, fault.words);
    cr_assert_eq(call->op, operation->op);
    rc = mpr_session_call_run(call, &echo, NULL);
    cr_assert_eq(mpr_session_wire_reply(call, rc, &back), NO_ERROR);
    mpr_session_call_free(call);
    mpr_session_message_clear(&sent);
    mpr_error_set(0, "", "");
    rc = mpr_session_wire_result(operation->op, back.text, back.size, ret);
    mpr_session_message_clear(&back);
    return rc;
}

static void try_all(DWORD with) {
    answer = with;
    for (size_t i = 0; i < OPERATIONS; i++) {
        void *args = calloc(1, operations[i].args_size), *ret = calloc(1, operations[i].ret_size);
        const char *text, *provider;
        DWORD rc, code;

        operations[i].fill(args);
        rc = go_there_and_back(&operations[i], args, ret);
        cr_expect_eq(rc, with, "%s: %u", operations[i].name, rc);
        mpr_error_get(&code, &text, &provider);
        if (rc == NO_ERROR) {
            operations[i].expect(ret);
        } else {
            cr_expect_eq(code, 4711);
            cr_expect_str_eq(provider, "Somebody");
            cr_expect(strstr(text, operations[i].name));
        }
        operations[i].drop(args);
        free(args);
        free(ret);
    }
}

Test(session_wire, every_field_comes_through) {
    seed = 1;
    try_all(NO_ERROR);
    seed = 2; /* the other flags */
    try_all(NO_ERROR);
}

Test(session_wire, nothing_comes_through_as_nothing) {
    seed = 0;
    try_all(NO_ERROR);
}

Test(session_wire, a_failure_comes_through_in_this_thread) {
    seed = 1;
    try_all(ERROR_EXTENDED_ERROR);
    try_all(ERROR_OPEN_FILES);
}

/* ---- calls that are none */

static const struct {
    const char *text;
    DWORD rc;
    const char *words;
} bad_calls[] = {
    {"", ERROR_INVALID_DATA, "nothing in it"},
    {"{", ERROR_INVALID_DATA, "is missing"},
    {"[]", ERROR_INVALID_DATA, "does not start with '{'"},
    {"{}", ERROR_INVALID_DATA, "names no method"},
    {"{\"method\":1}", ERROR_INVALID_DATA, "names no method"},
    {"{\"method\":\"a.b\",\"method\":\"a.b\"}", ERROR_INVALID_DATA, "a key occurs twice"},
    {"{\"method\":\"a.b\",\"parameters\":[]}", ERROR_INVALID_DATA, "no object"},
    {"{\"method\":\"a.b\",\"more\":1}", ERROR_INVALID_DATA, "neither true nor false"},
    {"{\"method\":\"a.b\",\"oneway\":\"\"}", ERROR_INVALID_DATA, "neither true nor false"},
    {"{\"method\":\"org.libmpr.Session.Nothing\"}", ERROR_INVALID_PARAMETER, "is no method"},
    {"{\"method\":\"org.libmpr.Session.add\"}", ERROR_INVALID_PARAMETER, "is no method"},
    {"{\"method\":\"org.libmpr.Session.Cancel\"}", ERROR_INVALID_PARAMETER, "\"flags\" is missing"},
    {"{\"method\":\"org.libmpr.Session.Cancel\",\"parameters\":{\"name\":1}}",
     ERROR_INVALID_PARAMETER, "\"name\" is no string"},
    {"{\"method\":\"org.libmpr.Session.Cancel\",\"parameters\":{\"flags\":-1}}",
     ERROR_INVALID_PARAMETER, "\"flags\" is no number"},
    {"{\"method\":\"org.libmpr.Session.Cancel\",\"parameters\":{\"flags\":4294967296}}",
     ERROR_INVALID_PARAMETER, "\"flags\" is no number"},
    {"{\"method\":\"org.libmpr.Session.Cancel\",\"parameters\":{\"flags\":0,\"force\":0}}",
     ERROR_INVALID_PARAMETER, "\"force\" is neither"},
    {"{\"method\":\"org.libmpr.Session.Status\",\"parameters\":{\"name\":\"\",\"nome\":\"\"}}",
     ERROR_INVALID_PARAMETER, "\"nome\" is no parameter of the method"},
    {"{\"method\":\"org.libmpr.Session.Restore\",\"parameters\":{\"password\":0}}",
     ERROR_INVALID_PARAMETER, "\"password\" names a descriptor that did not come"},
    {"{\"method\":\"org.libmpr.Session.Restore\",\"parameters\":{\"password\":\"x\"}}",
     ERROR_INVALID_PARAMETER, "\"password\" is no number of a descriptor"},
    {"{\"method\":\"org.libmpr.Session.Serve\",\"parameters\":{\"fds\":1}}",
     ERROR_INVALID_PARAMETER, "\"fds\" names a descriptor that did not come"},
    {"{\"method\":\"org.libmpr.Session.Channel\",\"parameters\":{\"number\":\"x\"}}",
     ERROR_INVALID_PARAMETER, "\"number\" is no string of the digits"},
};

Test(session_wire, bad_calls_are_refused_by_name) {
    for (size_t i = 0; i < sizeof bad_calls / sizeof *bad_calls; i++) {
        struct mpr_session_fault fault = {0};
        struct mpr_session_message message = {0};
        struct mpr_session_call *call = NULL;
        DWORD rc = mpr_session_wire_read(bad_calls[i].text, strlen(bad_calls[i].text), NULL, 0,
                                         &call, &fault);

        cr_expect_eq(rc, bad_calls[i].rc, "%s: %u", bad_calls[i].text, rc);
        cr_expect(strstr(fault.words, bad_calls[i].words), "%s: %s", bad_calls[i].text,
                  fault.words);
        cr_expect_null(call);
        if (rc != ERROR_INVALID_PARAMETER)
            continue;
        cr_assert_eq(mpr_session_wire_refuse(&fault, &message), NO_ERROR);
        cr_expect(strstr(message.text, "{\"error\":\"org.varlink.service."), "%s", message.text);
        mpr_session_message_clear(&message);
    }
}

Test(session_wire, a_secret_is_a_sealed_memory_file) {
    static const char text[] = "{\"method\":\"org.libmpr.Session.Restore\",\"parameters\":"
                               "{\"password\":0,\"flags\":0,\"asked\":false}}";
    struct mpr_session_fault fault = {0};
    struct mpr_session_call *call = NULL;
    int ends[2], unsealed = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING), sealed;

    cr_assert_eq(pipe(ends), 0);
    cr_expect_eq(mpr_session_wire_read(text, strlen(text), ends, 1, &call, &fault),
                 ERROR_INVALID_PARAMETER);
    cr_expect(strstr(fault.words, "is no sealed memory file"), "%s", fault.words);
    cr_expect_eq(mpr_session_wire_read(text, strlen(text), &unsealed, 1, &call, &fault),
                 ERROR_INVALID_PARAMETER);
    cr_assert_eq(mpr_secret_seal("geheim", &sealed), NO_ERROR);
    cr_expect_eq(mpr_session_wire_read(text, strlen(text), &sealed, 1, &call, &fault), NO_ERROR);
    mpr_session_call_free(call);
    close(ends[0]);
    close(ends[1]);
    close(unsealed);
    close(sealed);
}

Test(session_wire, a_password_is_in_no_text) {
    struct mpr_session_message message = {0};
    struct mpr_add_args args = {.remote = "//s/p", .password = "unsichtbar"};

    cr_assert_eq(mpr_session_wire_call(MPR_OP_add, &args, &message), NO_ERROR);
    cr_expect_null(strstr(message.text, "unsichtbar"));
    cr_expect_eq(message.fd_count, 1);
    mpr_session_message_clear(&message);
}

Test(session_wire, a_call_that_cannot_be_told_says_why) {
    struct mpr_session_message message = {0};
    struct mpr_add_args args = {.remote = "\xff"};
    char *large = malloc(MPR_SESSION_CALL_MAX + 1);
    const char *text, *provider;
    DWORD code;

    cr_assert_eq(mpr_session_wire_call(MPR_OP_add, &args, &message), ERROR_NO_UNICODE_TRANSLATION);
    mpr_error_get(&code, &text, &provider);
    cr_expect(strstr(text, "remote is no UTF-8"), "%s", text);
    memset(large, 'x', MPR_SESSION_CALL_MAX);
    large[MPR_SESSION_CALL_MAX] = '\0';
    args.remote = large;
    cr_assert_eq(mpr_session_wire_call(MPR_OP_add, &args, &message), ERROR_INVALID_DATA);
    mpr_error_get(&code, &text, &provider);
    cr_expect(strstr(text, "over 1048576 bytes"), "%s", text);
    free(large);
}

/* ---- replies that are none */

static const struct {
    const char *text, *words;
} bad_replies[] = {
    {"", "no JSON"},
    {"{}", "neither parameters nor an error"},
    {"{\"parameters\":1}", "parameters that are no object"},
    {"{\"error\":1}", "an error that has no name"},
    {"{\"error\":\"org.libmpr.Session.Failed\"}", "without its code"},
    {"{\"error\":\"org.libmpr.Session.Failed\",\"parameters\":{\"code\":0,\"native\":1}}",
     "without its code"},
    {"{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":\"flags\"}"
     "}",
     "refuses the parameter \"flags\""},
    {"{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{\"method\":\"x\"}}",
     "no method \"x\""},
    {"{\"error\":\"other\"}", "the error \"other\""},
    {"{\"parameters\":{\"list\":[1]}}", "\"list\" has an element that is no object"},
    {"{\"parameters\":{\"list\":{}}}", "\"list\" is no array"},
    {"{\"parameters\":{}}", "\"list\" is missing"},
    {"{\"parameters\":{\"list\":[{\"outcome\":1}]}}", "\"milliseconds\" is missing"},
};

Test(session_wire, bad_replies_are_no_network) {
    for (size_t i = 0; i < sizeof bad_replies / sizeof *bad_replies; i++) {
        struct mpr_explain_ret ret = {0};
        const char *text, *provider;
        DWORD code;

        cr_expect_eq(mpr_session_wire_result(MPR_OP_explain, bad_replies[i].text,
                                             strlen(bad_replies[i].text), &ret),
                     ERROR_NO_NETWORK, "%s", bad_replies[i].text);
        mpr_error_get(&code, &text, &provider);
        cr_expect(strstr(text, bad_replies[i].words), "%s: %s", bad_replies[i].text, text);
        mpr_explain_ret_clear(&ret);
    }
}

/* ---- long lists */

/* state: how many entries to give. */
static DWORD explain_long(void *state, const struct mpr_explain_args *args,
                          struct mpr_explain_ret *ret) {
    const size_t *count = state;

    (void)args;
    ret->list.items = calloc(*count, sizeof *ret->list.items);
    cr_assert(ret->list.items);
    ret->list.count = *count;
    for (size_t i = 0; i < *count; i++)
        cr_assert(asprintf(&ret->list.items[i].words, "%0100zu", i) > 0);
    return NO_ERROR;
}

static DWORD explain_with(size_t count, struct mpr_explain_ret *ret) {
    static const char text[] = "{\"method\":\"org.libmpr.Session.Explain\"}";
    static const struct mpr_driver driver = {.explain = explain_long};
    struct mpr_session_message back = {0};
    struct mpr_session_fault fault;
    struct mpr_session_call *call = NULL;
    DWORD rc;

    cr_assert_eq(mpr_session_wire_read(text, strlen(text), NULL, 0, &call, &fault), NO_ERROR);
    rc = mpr_session_call_run(call, &driver, &count);
    cr_assert_eq(mpr_session_wire_reply(call, rc, &back), NO_ERROR);
    mpr_session_call_free(call);
    rc = mpr_session_wire_result(MPR_OP_explain, back.text, back.size, ret);
    mpr_session_message_clear(&back);
    return rc;
}

Test(session_wire, a_long_list_comes_through) {
    struct mpr_explain_ret ret = {0};

    cr_assert_eq(explain_with(50000, &ret), NO_ERROR);
    cr_assert_eq(ret.list.count, 50000);
    cr_expect_eq(atoi(ret.list.items[49999].words + 90), 49999);
    mpr_explain_ret_clear(&ret);
}

Test(session_wire, a_list_that_is_too_long_is_a_failure_that_says_so) {
    struct mpr_explain_ret ret = {0};
    const char *text, *provider;
    DWORD code;

    cr_assert_eq(explain_with(150000, &ret), ERROR_NOT_ENOUGH_MEMORY);
    mpr_error_get(&code, &text, &provider);
    cr_expect(strstr(text, "over the 16777216 bytes"), "%s", text);
    cr_expect_null(ret.list.items);
}

/* ---- events */

Test(session_wire, an_event_comes_through) {
    const struct mpr_event event = {.size = sizeof event,
                                    .kind = MPR_EVENT_LOST,
                                    .code = 53,
                                    .initial = 1,
                                    .time_ns = 1700000000123456789,
                                    .device = "Z:",
                                    .remote = "//s/p",
                                    .provider = "P",
                                    .text = "why"};
    struct mpr_session_message message = {0};
    struct mpr_session_event got = {0};
    bool last = true;

    cr_assert_eq(mpr_session_wire_reply_event(&event, false, &message), NO_ERROR);
    cr_assert_eq(mpr_session_wire_event(message.text, message.size, &got, &last), NO_ERROR);
    cr_expect_not(last);
    cr_expect_eq(got.kind, MPR_EVENT_LOST);
    cr_expect_eq(got.code, 53);
    cr_expect_eq(got.initial, 1);
    cr_expect_eq(got.time_ns, 1700000000123456789);
    cr_expect_str_eq(got.device, "Z:");
    cr_expect_str_eq(got.remote, "//s/p");
    cr_expect_str_eq(got.provider, "P");
    cr_expect_str_eq(got.text, "why");
    mpr_session_event_clear(&got);
    mpr_session_message_clear(&message);
}

Test(session_wire, the_interface_is_described) {
    char *text = mpr_session_wire_describe();

    cr_assert(text);
    cr_expect(strstr(text, "interface org.libmpr.Session\n"));
    cr_expect(strstr(text, "\nmethod SetPersistent(name: ?string, persistent: bool) -> ()\n"));
    cr_expect(strstr(text, "\ntype Step (outcome: int, "));
    cr_expect(strstr(text, "\nmethod Subscribe() -> (kind: int, "));
    free(text);
}
