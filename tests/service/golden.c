/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * golden.c: what is said on the wire, byte for byte: one call and one reply of each
 * operation, with something in every field, against wire.golden.
 *
 * Programs and services of different versions meet. If a line changes, the operation
 * needs a new name, or what is new must be one that an older side can do without; then
 * "golden.tap print" writes the new file.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_session_fields.h"
#include "router/mpr_session_wire.h"

static FILE *out;

static void check(bool good, const char *what) {
    if (good)
        return;
    printf("Bail out! %s\n", what);
    exit(99);
}

static char *copy(const char *text) {
    char *same = strdup(text);

    check(same != NULL, "memory");
    return same;
}

static void print(const char *name, DWORD rc, struct mpr_session_message *message) {
    check(rc == NO_ERROR, name);
    check(message->text[message->size] == '\0', "no NUL at the end");
    fprintf(out, "%s%s\n", message->text, message->fd_count ? " and descriptors" : "");
    mpr_session_message_clear(message);
}

/* --- something in every field; its name, if it has room for that --- */

#define FILL_str(name)     value->name = copy(#name " \\ \xc3\xa4");
#define FILL_u32(name)     value->name = 4000000000u;
#define FILL_late(name)    value->name = 4000000001u;
#define FILL_u64(name)     value->name = 1ull << 60;
#define FILL_flag(name)    value->name = true;
#define FILL_refusal(name) fill_refusal(&value->name);
#define FILL(type, name)   FILL_##type(name)

static void fill_refusal(struct mpr_refusal *value);
#define STRUCTURE(name, structure, FIELDS)                                                         \
    static void fill_##name(struct mpr_##structure *value) {                                       \
        FIELDS(FILL)                                                                               \
    }
MPR_SESSION_STRUCTURES(STRUCTURE)

#define LIST(type, entry, structure)                                                               \
    static void fill_##type##_list(struct mpr_##structure *list) {                                 \
        list->items = calloc(1, sizeof *list->items);                                              \
        check(list->items != NULL, "memory");                                                      \
        list->count = 1;                                                                           \
        fill_##entry(list->items);                                                                 \
    }
MPR_SESSION_LISTS(LIST)

#define FILL_items(name)      fill_items_list(&value->name);
#define FILL_providers(name)  fill_providers_list(&value->name);
#define FILL_restored(name)   fill_restored_list(&value->name);
#define FILL_statuses(name)   fill_statuses_list(&value->name);
#define FILL_holders(name)    fill_holders_list(&value->name);
#define FILL_steps(name)      fill_steps_list(&value->name);

#define FILL_ARG_str(name)    value->name = #name " \\ \xc3\xa4";
#define FILL_ARG_secret(name) value->name = "not to be seen";
#define FILL_ARG_bytes(name)                                                                       \
    value->name = "\0\1\xff";                                                                      \
    value->name##_size = 3;
#define FILL_ARG_u32(name)  value->name = 4000000000u;
#define FILL_ARG_u64(name)  value->name = 1ull << 60;
#define FILL_ARG_flag(name) value->name = true;
#define FILL_ARG_fds(name)                                                                         \
    for (int i = 0; i < MPR_OPS_FDS; i++)                                                          \
        value->name[i] = i;
#define FILL_ARG(type, name) FILL_ARG_##type(name)

#define OPERATION(id, op, ARGS, RET)                                                               \
    static void fill_##op##_args(struct mpr_##op##_args *value) {                                  \
        value->end_ = 0;                                                                           \
        ARGS(FILL_ARG)                                                                             \
    }                                                                                              \
    static void fill_##op##_ret(struct mpr_##op##_ret *value) {                                    \
        value->end_ = 0;                                                                           \
        RET(FILL)                                                                                  \
    }
MPR_OPS(OPERATION)

/* --- messages --- */

/* The reply to a call that was written: what the operation would give is put there by fill. */
static void print_reply(const struct mpr_session_message *message, void (*fill)(void *ret)) {
    struct mpr_session_message reply;
    struct mpr_session_call *call;
    struct mpr_session_fault fault;
    DWORD rc = mpr_session_wire_read(message->text, message->size, message->fds, message->fd_count,
                                     &call, &fault);

    check(rc == NO_ERROR, "a call cannot be read again");
    fill(call->ret);
    rc = mpr_session_wire_reply(call, NO_ERROR, &reply);
    print("reply", rc, &reply);
    mpr_session_call_free(call);
}

#define FILLER(id, op, ARGS, RET)                                                                  \
    static void give_##op(void *ret) {                                                             \
        fill_##op##_ret(ret);                                                                      \
    }
MPR_OPS(FILLER)

static void print_operation(enum mpr_op op, const void *args, void (*fill)(void *ret)) {
    struct mpr_session_message message, again;

    fprintf(out, "%d\n", (int)op);
    check(mpr_session_wire_call(op, args, &message) == NO_ERROR, "a call cannot be written");
    check(mpr_session_wire_call(op, args, &again) == NO_ERROR, "a call cannot be written");
    print("call", NO_ERROR, &again);
    print_reply(&message, fill);
    mpr_session_message_clear(&message);
}

static void print_failure(void) {
    static const char text[] = "{\"method\":\"org.libmpr.Session.Providers\"}";
    struct mpr_session_message reply;
    struct mpr_session_call *call;
    struct mpr_session_fault fault;
    DWORD rc;

    rc = mpr_session_wire_read(text, sizeof text - 1, NULL, 0, &call, &fault);
    check(rc == NO_ERROR, "a call without parameters cannot be read");
    mpr_error_enter();
    rc =
        mpr_error_leave(mpr_error_explain(ERROR_EXTENDED_ERROR, 0xc00000ccu, "Provider", "Words."));
    rc = mpr_session_wire_reply(call, rc, &reply);
    print("failure", rc, &reply);
    mpr_session_call_free(call);
}

static void print_others(void) {
    const struct mpr_session_fault fault = {
        .error = MPR_VARLINK_INVALID, .what = "flags", .words = "words"};
    const struct mpr_event event = {.size = sizeof event,
                                    .kind = MPR_EVENT_FAILED,
                                    .code = ERROR_BAD_NETPATH,
                                    .initial = 1,
                                    .time_ns = INT64_MAX,
                                    .device = "Z:",
                                    .remote = "\\\\s\\p",
                                    .provider = "Provider",
                                    .text = "Words."};
    struct mpr_session_message message;
    char *description = mpr_session_wire_describe();
    DWORD rc;

    print_failure();
    rc = mpr_session_wire_refuse(&fault, &message);
    print("refusal", rc, &message);
    rc = mpr_session_wire_call_plain(MPR_SESSION_SUBSCRIBE, true, &message);
    print("subscription", rc, &message);
    rc = mpr_session_wire_reply_event(&event, false, &message);
    print("event", rc, &message);
    rc = mpr_session_wire_reply_event(&event, true, &message);
    print("last event", rc, &message);
    check(description != NULL, "memory");
    fputs(description, out);
    free(description);
}

#define PRINT(id, op, ARGS, RET)                                                                   \
    static void print_##op(void) {                                                                 \
        struct mpr_##op##_args args = {.end_ = 0};                                                 \
                                                                                                   \
        fill_##op##_args(&args);                                                                   \
        print_operation(MPR_OP_##op, &args, give_##op);                                            \
    }
MPR_OPS(PRINT)

/* Everything that can be said, to be freed. */
static char *say_all(void) {
    char *said = NULL;
    size_t size;

    out = open_memstream(&said, &size);
    check(out != NULL, "memory");
#define CALL(id, op, ARGS, RET) print_##op();
    MPR_OPS(CALL)
    print_others();
    fclose(out);
    return said;
}

/* --- against the file --- */

static char *read_golden(void) {
    const char *source = secure_getenv("abs_top_srcdir");
    char path[4096], *text = calloc(1, 0x100000);
    FILE *file;

    snprintf(path, sizeof path, "%s/tests/service/wire.golden", source ? source : ".");
    file = fopen(path, "re");
    check(text && file, path);
    check(fread(text, 1, 0xfffff, file) > 0, path);
    fclose(file);
    return text;
}

/* One result a line, so that what has changed is seen. */
static int compare(char *golden, char *said) {
    int number = 0, failed = 0;
    char *golden_rest, *said_rest;
    const char *wanted = strtok_r(golden, "\n", &golden_rest);
    const char *got = strtok_r(said, "\n", &said_rest);

    for (; wanted || got; wanted = wanted ? strtok_r(NULL, "\n", &golden_rest) : NULL,
                          got = got ? strtok_r(NULL, "\n", &said_rest) : NULL) {
        bool same = wanted && got && strcmp(wanted, got) == 0;

        printf("%sok %d - %.60s\n", same ? "" : "not ", ++number, wanted ? wanted : got);
        if (!same)
            printf("# is    %s\n# wants %s\n", got ? got : "nothing", wanted ? wanted : "nothing");
        failed += !same;
    }
    printf("1..%d\n", number);
    return failed ? 1 : 0;
}

int main(int argc, char **argv) {
    char *said = say_all(), *golden;
    int status;

    if (argc == 2 && strcmp(argv[1], "print") == 0) {
        fputs(said, stdout);
        free(said);
        return 0;
    }
    golden = read_golden();
    status = compare(golden, said);
    free(golden);
    free(said);
    return status;
}
