/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_error.c: each thread has its last failure, in a code and in words that
 * belong to it.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/mpr.h>
#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_status.h"
#include "router/mpr_utf.h"

TestSuite(error, .timeout = 60);

static void expect_error(DWORD code, const char *text, const char *provider) {
    const char *has_text, *has_provider;
    DWORD has_code;

    mpr_error_get(&has_code, &has_text, &has_provider);
    cr_expect_eq(has_code, code, "%u, not %u", has_code, code);
    cr_expect_str_eq(has_text, text);
    cr_expect_str_eq(has_provider, provider);
}

Test(error, of_a_new_thread_is_nothing) {
    expect_error(0, "", "");
    cr_expect_eq(MprGetLastError(), 0);
}

Test(error, explained_by_the_router_bears_its_name) {
    cr_expect_eq(mpr_error_say(ERROR_BAD_DEVICE, "\"%s\" is no device.", "ZZ:"), ERROR_BAD_DEVICE);
    expect_error(ERROR_BAD_DEVICE, "\"ZZ:\" is no device.", MPR_ERROR_SELF);
}

Test(error, explained_for_a_provider_has_its_code_and_name) {
    cr_expect_eq(mpr_error_explain(ERROR_EXTENDED_ERROR, 0xC000006D, "SMB Network", "%d", 7),
                 ERROR_EXTENDED_ERROR);
    expect_error(0xC000006D, "7", "SMB Network");
}

Test(error, carried_about_arrives_as_it_was) {
    struct mpr_failure failure = {0};

    mpr_failure_set(&failure, 70, "stale %s", "handle");
    cr_expect(failure.set);
    cr_expect_eq(mpr_error_carry(ERROR_EXTENDED_ERROR, &failure, "NFS Network"),
                 ERROR_EXTENDED_ERROR);
    expect_error(70, "stale handle", "NFS Network");
}

Test(error, carried_without_words_gets_the_standard_ones) {
    struct mpr_failure nothing = {0};

    cr_expect_eq(mpr_error_carry(ERROR_EXTENDED_ERROR, &nothing, "P"), ERROR_EXTENDED_ERROR);
    expect_error(0, "The provider gave no description.", "P");
    cr_expect_eq(mpr_error_carry(ERROR_ACCESS_DENIED, &nothing, "P"), ERROR_ACCESS_DENIED);
    expect_error(ERROR_ACCESS_DENIED, mpr_status_text(ERROR_ACCESS_DENIED), "P");
}

Test(error, that_nobody_explained_replaces_a_stale_text) {
    mpr_error_say(ERROR_BAD_DEVICE, "old");
    mpr_error_enter();
    expect_error(ERROR_BAD_DEVICE, "old", MPR_ERROR_SELF);
    cr_expect_eq(mpr_error_leave(ERROR_NOT_CONNECTED), ERROR_NOT_CONNECTED);
    expect_error(ERROR_NOT_CONNECTED, mpr_status_text(ERROR_NOT_CONNECTED), MPR_ERROR_SELF);
    cr_expect_eq(MprGetLastError(), (DWORD)ERROR_NOT_CONNECTED);
}

Test(error, that_was_explained_keeps_its_words) {
    mpr_error_enter();
    mpr_error_say(ERROR_BAD_PROFILE, "line 3");
    cr_expect_eq(mpr_error_leave(ERROR_BAD_PROFILE), ERROR_BAD_PROFILE);
    expect_error(ERROR_BAD_PROFILE, "line 3", MPR_ERROR_SELF);
}

Test(error, outlives_success) {
    mpr_error_enter();
    mpr_error_say(ERROR_BAD_PROFILE, "line 3");
    mpr_error_leave(ERROR_BAD_PROFILE);
    mpr_error_enter();
    cr_expect_eq(mpr_error_leave(NO_ERROR), NO_ERROR);
    expect_error(ERROR_BAD_PROFILE, "line 3", MPR_ERROR_SELF);
    cr_expect_eq(MprGetLastError(), (DWORD)NO_ERROR);
}

Test(error, set_from_outside_may_lack_everything) {
    mpr_error_set(5, NULL, NULL);
    expect_error(5, "", "");
    MprSetLastError(12345);
    cr_expect_eq(MprGetLastError(), 12345);
    expect_error(5, "", "");
}

/* Room for all but the last byte of the last of the characters. */
static void expect_cut(const char *text, size_t room) {
    cr_expect(mpr_utf_valid(text), "cut within a character");
    cr_expect_lt(strlen(text), room);
    cr_expect_geq(strlen(text), room - 4);
}

Test(error, that_is_too_long_is_cut_between_characters) {
    char text[3 * MPR_ERROR_TEXT_MAX + 1];
    const char *has_text, *has_provider;
    struct mpr_failure failure = {0};
    DWORD code;

    for (size_t i = 0; i < MPR_ERROR_TEXT_MAX; i++)
        memcpy(text + 3 * i, "\xE2\x82\xAC", 4);
    mpr_error_set(1, text, text);
    mpr_error_get(&code, &has_text, &has_provider);
    expect_cut(has_text, MPR_ERROR_TEXT_MAX);
    expect_cut(has_provider, MPR_ERROR_NAME_MAX);
    mpr_failure_set_text(&failure, 1, text);
    expect_cut(failure.text, MPR_ERROR_TEXT_MAX);
}

Test(error, formatted_and_too_long_is_cut_between_characters) {
    char text[3 * MPR_ERROR_TEXT_MAX + 1];
    const char *has_text, *has_provider;
    struct mpr_failure failure = {0};
    DWORD code;

    for (size_t i = 0; i < MPR_ERROR_TEXT_MAX; i++)
        memcpy(text + 3 * i, "\xE2\x82\xAC", 4);
    /* One, two and three bytes before, so that every place in a character is hit. */
    for (int i = 1; i <= 3; i++) {
        mpr_error_say(1, "%.*s%s", i, "xxx", text);
        mpr_error_get(&code, &has_text, &has_provider);
        expect_cut(has_text, MPR_ERROR_TEXT_MAX);
        cr_expect_null(strchr(has_text, '?'), "a piece of a character became '?'");
        mpr_failure_set(&failure, 1, "%.*s%s", i, "xxx", text);
        cr_expect_null(strchr(failure.text, '?'), "a piece of a character became '?'");
    }
}

static void *fail_in_thread(void *context) {
    char text[32];
    const char *has_text, *has_provider;
    DWORD code, mine = *(DWORD *)context;

    mpr_error_get(&code, &has_text, &has_provider);
    if (code || *has_text || *has_provider)
        return context;
    snprintf(text, sizeof text, "failure %u", mine);
    mpr_error_enter();
    mpr_error_say(mine, "%s", text);
    mpr_error_leave(mine);
    mpr_error_get(&code, &has_text, &has_provider);
    return code == mine && strcmp(has_text, text) == 0 && MprGetLastError() == mine ? NULL
                                                                                    : context;
}

Test(error, of_one_thread_is_not_that_of_another) {
    DWORD numbers[200];
    pthread_t threads[200];
    void *result;

    mpr_error_say(1, "mine");
    for (DWORD i = 0; i < 200; i++) {
        numbers[i] = i + 1000;
        cr_assert_eq(pthread_create(&threads[i], NULL, fail_in_thread, &numbers[i]), 0);
    }
    for (DWORD i = 0; i < 200; i++) {
        cr_assert_eq(pthread_join(threads[i], &result), 0);
        cr_expect_null(result, "thread %u", i);
    }
    expect_error(1, "mine", MPR_ERROR_SELF);
}
