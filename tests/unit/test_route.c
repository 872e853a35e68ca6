/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_route.c: which of several providers' failures counts, and whose words.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_route.h"
#include "router/mpr_status.h"

TestSuite(route, .timeout = 60);

struct step {
    enum mpr_answer answer;
    DWORD code;
};

/* Asks providers "0", "1", ... until one ends it; how many were asked. */
static size_t ask(struct mpr_route *route, const struct step *steps, size_t count) {
    static struct mpr_np providers[8];
    static char names[8][24];

    *route = (struct mpr_route){0};
    for (size_t i = 0; i < count; i++) {
        struct mpr_failure failure = {.set = false};

        snprintf(names[i], sizeof names[i], "%zu", i);
        providers[i].name = names[i];
        mpr_failure_set(&failure, (uint32_t)(1000 + i), "words of %zu", i);
        if (mpr_route_note(route, &providers[i], steps[i].answer, steps[i].code, &failure))
            return i + 1;
    }
    return count;
}

/* The result, and that code, words and name are of one provider. */
static void expect(const struct step *steps, size_t count, size_t asked, size_t winner,
                   DWORD code) {
    struct mpr_route route;
    const char *text, *provider;
    char wanted[48];
    DWORD native;

    cr_expect_eq(ask(&route, steps, count), asked);
    cr_expect_eq(mpr_route_result(&route, 4711, "connect to", "//s/x"), code);
    mpr_error_get(&native, &text, &provider);
    snprintf(wanted, sizeof wanted, "words of %zu", winner);
    cr_expect_eq(native, 1000 + winner);
    cr_expect_str_eq(text, wanted);
    snprintf(wanted, sizeof wanted, "%zu", winner);
    cr_expect_str_eq(provider, wanted);
}

#define EXPECT(asked, winner, code, ...)                                                           \
    do {                                                                                           \
        static const struct step steps[] = {__VA_ARGS__};                                          \
                                                                                                   \
        expect(steps, sizeof steps / sizeof *steps, asked, winner, code);                          \
    } while (0)

Test(route, whose_failure_counts) {
    EXPECT(1, 0, ERROR_LOGON_FAILURE, {MPR_MINE_FAILED, ERROR_LOGON_FAILURE},
           {MPR_MINE_FAILED, ERROR_ACCESS_DENIED});
    EXPECT(2, 1, ERROR_ACCESS_DENIED, {MPR_NOT_MINE, ERROR_BAD_NETPATH},
           {MPR_MINE_FAILED, ERROR_ACCESS_DENIED}, {MPR_MINE_FAILED, ERROR_BUSY});
    EXPECT(2, 0, ERROR_BAD_NETPATH, {MPR_NOT_MINE, ERROR_BAD_NETPATH},
           {MPR_NOT_MINE, ERROR_BAD_NETPATH});
    EXPECT(2, 0, ERROR_BAD_NETPATH, {MPR_NOT_MINE, ERROR_BAD_NETPATH},
           {MPR_NOT_MINE, ERROR_BAD_NET_NAME});
    /* Who could not be asked might have been the owner. */
    EXPECT(2, 0, ERROR_DLL_INIT_FAILED, {MPR_NOT_MINE, ERROR_DLL_INIT_FAILED},
           {MPR_NOT_MINE, ERROR_BAD_NETPATH});
    EXPECT(2, 1, ERROR_MOD_NOT_FOUND, {MPR_NOT_MINE, ERROR_BAD_NETPATH},
           {MPR_NOT_MINE, ERROR_MOD_NOT_FOUND});
    /* "Mine" counts though its code by itself says little. */
    EXPECT(2, 1, ERROR_BAD_NET_NAME, {MPR_NOT_MINE, ERROR_BUSY},
           {MPR_MINE_FAILED, ERROR_BAD_NET_NAME});
}

Test(route, contradictions) {
    EXPECT(1, 0, ERROR_UNEXP_NET_ERR, {MPR_MINE_FAILED, NO_ERROR});
    EXPECT(1, 0, ERROR_UNEXP_NET_ERR, {MPR_NOT_MINE, NO_ERROR});
    EXPECT(1, 0, ERROR_UNEXP_NET_ERR, {MPR_MINE_FAILED, ERROR_CONNECTED_OTHER_PASSWORD});
    EXPECT(1, 0, ERROR_ACCESS_DENIED, {(enum mpr_answer)99, ERROR_ACCESS_DENIED},
           {MPR_MINE_FAILED, ERROR_BUSY});
}

Test(route, nobody_was_asked) {
    struct mpr_route route = {0};

    cr_expect_eq(mpr_route_result(&route, ERROR_BAD_NET_NAME, "connect to", "//s/x"),
                 ERROR_BAD_NET_NAME);
}

/* Whatever the code: what was tried, on what, by whom, and what to do. */
static void expect_words(DWORD code, bool empty) {
    static const struct mpr_np np = {.name = "A Network"};
    const struct mpr_failure failure = {.set = empty, .code = 4711};
    struct mpr_route route = {0};
    const char *text, *provider;
    char wanted[256];
    DWORD native;

    mpr_route_note(&route, &np, MPR_MINE_FAILED, code, &failure);
    mpr_route_result(&route, NO_ERROR, "connect to", "//s/x");
    mpr_error_get(&native, &text, &provider);
    snprintf(wanted, sizeof wanted, "A Network cannot connect to //s/x. %s ",
             mpr_status_text(route.code));
    cr_expect(strncmp(text, wanted, strlen(wanted)) == 0, "%u: %s", code, text);
    cr_expect(strlen(text) > strlen(wanted) && text[strlen(text) - 1] == '.', "%u: %s", code, text);
    cr_expect_str_eq(provider, "A Network");
    cr_expect_eq(native, empty ? 4711 : code == ERROR_EXTENDED_ERROR ? 0 : route.code);
}

Test(route, a_failure_without_words_gets_some) {
    for (DWORD code = 0; code < 3000; code++) {
        expect_words(code, false);
        expect_words(code, true);
    }
}

static void says(const char *remote, const char *shown) {
    const char *text, *provider;
    char wanted[256];
    DWORD code;

    cr_expect_eq(mpr_route_nobodys(remote), ERROR_BAD_NET_NAME);
    mpr_error_get(&code, &text, &provider);
    cr_expect_eq(code, ERROR_BAD_NET_NAME);
    snprintf(wanted, sizeof wanted, "No provider takes %s as a name of its own.", shown);
    cr_expect(strncmp(text, wanted, strlen(wanted)) == 0, "%s: %s", remote, text);
}

Test(route, a_password_in_a_name_is_not_shown) {
    says("sftp://anna:secret@host/rw", "sftp://anna:***@host/rw");
    says("x://anna:se:c@ret@host", "x://anna:***@host");
    says("x://:secret@[::1]:22/a", "x://:***@[::1]:22/a");
    says("x://anna:@host/a@b", "x://anna:***@host/a@b");
    says("sftp://anna@host:22/a:b@c", "sftp://anna@host:22/a:b@c");
    says("//host/a:b@c", "//host/a:b@c");
    says("x://", "x://");
    says("", "");
}
