/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_memory.c: the memory provider: names, options, connections, browsing.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "memory_rig.h"

TestSuite(memory, .timeout = 60);

/* ---- names */

static void expect_name(const char *remote, const char *key, uint32_t depth) {
    struct mpr_recognised got = {.size = sizeof(got)};

    cr_assert_eq(provider->recognise(state, remote, &got), 1, "%s", remote);
    cr_expect_str_eq(got.key, key, "%s: %s", remote, got.key);
    cr_expect_eq(got.depth, depth, "%s: %u", remote, got.depth);
}

Test(memory, recognises_its_names) {
    static const char *const foreign[] = {"",
                                          "memory",
                                          "\\memory",
                                          "\\\\memoryx\\demo",
                                          "\\\\mem",
                                          "\\\\server\\demo",
                                          "memory:/demo",
                                          "\\\\memory\\\\demo",
                                          "memory:demo",
                                          "//memory/demo/..",
                                          "//memory/./demo",
                                          "//memory/de\nmo",
                                          "//memory/de\xffmo",
                                          "memory:///demo"};
    struct mpr_recognised got = {.size = sizeof(got)};
    char overlong[2000] = "//memory/";

    must_start(NULL);
    expect_name("\\\\memory", "memory", 0);
    expect_name("memory://", "memory", 0);
    expect_name("\\\\memory\\", "memory", 0);
    expect_name("\\\\memory\\demo", "memory/demo", 2);
    expect_name("//MEMORY/Demo/", "memory/demo", 2);
    expect_name("memory://DEMO", "memory/demo", 2);
    expect_name("\\\\memory\\demo\\Dir/file", "memory/demo/dir/file", 2);
    expect_name("memory://demo/dir", "memory/demo/dir", 2);
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        cr_expect_eq(provider->recognise(state, foreign[i], &got), 0, "%s", foreign[i]);
    memset(overlong + 9, 'a', 256);
    cr_expect_eq(provider->recognise(state, overlong, &got), 0, "a component of 256 bytes");
    for (size_t i = 0; i < 1200; i++)
        overlong[9 + i] = i % 100 == 99 ? '/' : 'a';
    cr_expect_eq(provider->recognise(state, overlong, &got), 0, "a key of 1200 bytes");
    overlong[1000] = '\0';
    cr_expect_eq(provider->recognise(state, overlong, &got), 1);
    stop();
}

Test(memory, tells_printers_by_name) {
    static const struct mpr_option options[] = {{"printers", "queue"}, {NULL, NULL}};
    struct mpr_recognised got = {.size = sizeof(got)};

    must_start(options);
    cr_assert(provider->recognise(state, "\\\\memory\\Queue", &got));
    cr_expect_eq(got.type, (uint32_t)RESOURCETYPE_PRINT);
    cr_assert(provider->recognise(state, "\\\\memory\\demo", &got));
    cr_expect_eq(got.type, (uint32_t)RESOURCETYPE_DISK);
    stop();
}

/* ---- options */

Test(memory, refuses_bad_options) {
    static const struct mpr_option bad[] = {
        {"latency_ms", "soon"}, {"latency_ms", "-1"},      {"fail", "connect"},
        {"fail", "connect=-5"}, {"fail", "pread=5"},       {"fail", "pread=-5x"},
        {"fail", "eat=-5"},     {"hang", "pread=1"},       {"hang", "prea"},
        {"crash", "eat"},       {"size_limit", "plenty"},  {"size_limit", "demo="},
        {"shares", "a=b"},      {"read_only", "demo=yes"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mpr_option options[] = {bad[i], {NULL, NULL}};
        char error[256] = "";

        cr_expect_eq(start(options, error, sizeof(error)), (uint32_t)ERROR_INVALID_DATA, "%s=%s",
                     bad[i].name, bad[i].value);
        cr_expect(strstr(error, bad[i].name), "the text names the option: %s", error);
    }
}

Test(memory, ignores_unknown_options) {
    static const struct mpr_option options[] = {{"colour", "blue"}, {NULL, NULL}};

    must_start(options);
    stop();
}

/* ---- connections */

Test(memory, connects_to_shares_that_are_there) {
    static const struct mpr_option options[] = {
        {"shares", "demo,Second"}, {"printers", "queue"}, {NULL, NULL}};
    void *session;

    must_start(options);
    leave(must_connect("\\\\memory\\demo"));
    leave(must_connect("memory://second"));
    leave(must_connect("\\\\memory\\queue"));
    must_fail("\\\\memory\\third", RESOURCETYPE_ANY, ERROR_BAD_NET_NAME);
    must_fail("\\\\memory", RESOURCETYPE_ANY, ERROR_BAD_NET_NAME);
    must_fail("\\\\memory\\demo\\nodir", RESOURCETYPE_ANY, ERROR_BAD_NET_NAME);
    must_fail("\\\\memory\\queue", RESOURCETYPE_DISK, ERROR_BAD_DEV_TYPE);
    must_fail("\\\\memory\\demo", RESOURCETYPE_PRINT, ERROR_BAD_DEV_TYPE);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(PATH_OP(mkdir, session, "Dir", 0755), 0);
    cr_expect_eq(write_file(session, "dir/file", "inside"), 0);
    leave(session);
    session = must_connect("\\\\MEMORY\\DEMO\\DIR");
    expect_file(session, "file", "inside");
    leave(session);
    must_fail("\\\\memory\\demo\\dir\\file", RESOURCETYPE_ANY, ERROR_BAD_NET_NAME);
    stop();
}

Test(memory, makes_shares_on_the_spot) {
    static const struct mpr_option options[] = {{"shares", "*"}, {NULL, NULL}};
    void *session;

    must_start(options);
    session = must_connect("\\\\memory\\anything");
    cr_expect_eq(write_file(session, "file", "kept"), 0);
    leave(session);
    leave(must_connect("\\\\memory\\else"));
    session = must_connect("\\\\memory\\ANYTHING");
    expect_file(session, "file", "kept");
    leave(session);
    stop();
}

Test(memory, wants_user_and_password) {
    static const struct mpr_option options[] = {
        {"user", "anna"}, {"password", "secret-words"}, {NULL, NULL}};
    struct mpr_call call = call_for(1000);
    struct mpr_connect args = {.size = sizeof(args),
                               .remote = "\\\\memory\\demo",
                               .user = "anna",
                               .flags = CONNECT_INTERACTIVE};
    void *session;
    uint32_t code;

    must_start(options);
    must_fail("\\\\memory\\demo", RESOURCETYPE_ANY, ERROR_LOGON_FAILURE);
    cr_expect_eq(try_connect("\\\\memory\\demo", "bert", 0, &session, &code), MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_LOGON_FAILURE);
    cr_expect(strstr(error_text, "bert"), "%s", error_text);
    secret_text = "wrong-words";
    cr_expect_eq(try_connect("\\\\memory\\demo", "anna", 0, &session, &code), MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_INVALID_PASSWORD);
    cr_expect(strstr(error_text, "anna"), "%s", error_text);
    cr_expect_null(strstr(error_text, "words"), "no password in a text: %s", error_text);
    secret_text = NULL;
    cr_expect_eq(try_connect("\\\\memory\\demo", "anna", 0, &session, &code), MPR_MINE_FAILED);
    cr_expect_eq(provider->connect(state, &call, &args, &session, &code), MPR_MINE_FAILED,
                 "nobody can be asked");
    prompt_text = "secret-words";
    cr_assert_eq(provider->connect(state, &call, &args, &session, &code), MPR_DONE);
    leave(session);
    prompt_text = NULL;
    secret_text = "secret-words";
    cr_assert_eq(try_connect("\\\\memory\\demo", "anna", 0, &session, &code), MPR_DONE);
    leave(session);
    stop();
}

Test(memory, tells_its_user) {
    struct mpr_call call = call_for(1000);
    char user[MPR_USER_MAX] = "";
    void *session;
    uint32_t code;

    must_start(NULL);
    cr_assert_eq(try_connect("\\\\memory\\demo", "anna", 0, &session, &code), MPR_DONE);
    cr_expect_eq(provider->user(session, &call, user, sizeof(user)), NO_ERROR);
    cr_expect_str_eq(user, "anna");
    cr_expect_eq(provider->user(session, &call, user, 4), (uint32_t)ERROR_MORE_DATA);
    leave(session);
    call.uid = 0;
    {
        struct mpr_connect args = {.size = sizeof(args), .remote = "\\\\memory\\demo"};

        cr_assert_eq(provider->connect(state, &call, &args, &session, &code), MPR_DONE);
    }
    cr_expect_eq(provider->user(session, &call, user, sizeof(user)), NO_ERROR);
    cr_expect_str_eq(user, "root");
    leave(session);
    stop();
}

Test(memory, connects_a_hundred_thousand_times) {
    enum { many = 100000 };
    static const struct mpr_option options[] = {{"shares", "*"}, {NULL, NULL}};
    void **sessions = calloc(many, sizeof(*sessions));
    char remote[64];
    int64_t begun;

    must_start(options);
    cr_assert(sessions);
    begun = now_ns();
    for (int i = 0; i < many; i++) {
        snprintf(remote, sizeof(remote), "\\\\memory\\share%d", i);
        sessions[i] = must_connect(remote);
    }
    for (int i = 0; i < many; i++)
        leave(sessions[i]);
    cr_log_info("%d connects and disconnects: %lld ms", many,
                (long long)(now_ns() - begun) / 1000000);
    free(sessions);
    stop();
}

/* ---- browsing */

static char listing[1024];

static int collect(void *context, const struct mpr_resource *entry) {
    size_t length = strlen(listing);

    snprintf(listing + length, sizeof(listing) - length, "%s:%u:%u:%u ",
             entry->remote ? entry->remote : "(none)", entry->type, entry->display_type,
             entry->usage);
    return context != NULL;
}

static void expect_list(const char *container, uint32_t type, uint32_t usage, const char *wanted) {
    struct mpr_call call = call_for(1000);
    uint32_t code = NO_ERROR;

    listing[0] = '\0';
    cr_expect_eq(provider->list(state, &call, container, type, usage, collect, NULL, &code),
                 MPR_DONE, "%u", code);
    cr_expect_str_eq(listing, wanted, "%s", listing);
}

Test(memory, lists_server_shares_and_printers) {
    static const struct mpr_option options[] = {
        {"shares", "demo,*,second"}, {"printers", "queue"}, {NULL, NULL}};
    struct mpr_call call = call_for(1000);
    uint32_t code;

    must_start(options);
    expect_list(NULL, 0, 0, "\\\\memory:0:2:2 ");
    expect_list(NULL, 0, RESOURCEUSAGE_CONNECTABLE, "");
    expect_list("\\\\memory", RESOURCETYPE_ANY, 0,
                "\\\\memory\\demo:1:3:1 \\\\memory\\second:1:3:1 \\\\memory\\queue:2:3:1 ");
    expect_list("memory://", RESOURCETYPE_PRINT, 0, "\\\\memory\\queue:2:3:1 ");
    expect_list("\\\\memory", RESOURCETYPE_DISK, RESOURCEUSAGE_CONTAINER, "");
    cr_expect_eq(provider->list(state, &call, "\\\\memory\\demo", 0, 0, collect, NULL, &code),
                 MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_NOT_CONTAINER);
    cr_expect_eq(provider->list(state, &call, "\\\\other", 0, 0, collect, NULL, &code),
                 MPR_NOT_MINE);
    listing[0] = '\0';
    provider->list(state, &call, "\\\\memory", 0, 0, collect, &code, &code);
    cr_expect_str_eq(listing, "\\\\memory\\demo:1:3:1 ", "stops when it is told to");
    stop();
}

static void expect_parent(const char *remote, const char *wanted) {
    struct mpr_call call = call_for(1000);
    uint32_t code;

    listing[0] = '\0';
    cr_expect_eq(provider->parent(state, &call, remote, collect, NULL, &code), MPR_DONE);
    cr_expect_str_eq(listing, wanted, "%s: %s", remote, listing);
}

Test(memory, knows_parents) {
    must_start(NULL);
    expect_parent("\\\\memory", "(none):0:2:2 ");
    expect_parent("\\\\memory\\demo", "\\\\memory:0:2:2 ");
    expect_parent("\\\\memory\\demo\\dir", "\\\\memory\\demo:1:3:1 ");
    expect_parent("memory://demo/dir/sub/", "memory://demo/dir:1:3:1 ");
    stop();
}

Test(memory, tells_resource_and_rest) {
    struct mpr_call call = call_for(1000);
    uint32_t code;
    size_t rest;

    must_start(NULL);
    listing[0] = '\0';
    cr_expect_eq(provider->information(state, &call, "\\\\memory\\Demo\\dir\\file", 0, collect,
                                       NULL, &rest, &code),
                 MPR_DONE);
    cr_expect_str_eq(listing, "\\\\memory\\Demo:1:3:1 ");
    cr_expect_eq(rest, strlen("\\\\memory\\Demo"));
    cr_expect_eq(
        provider->information(state, &call, "memory://no/dir", 0, collect, NULL, &rest, &code),
        MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_BAD_NET_NAME);
    stop();
}
