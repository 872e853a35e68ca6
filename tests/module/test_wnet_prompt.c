/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_prompt.c: when the user is asked, and what becomes of the answer.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define DEMO "\\\\memory\\demo"

static struct {
    unsigned calls;
    DWORD code, code_inside;
    const char *answer;
    char question[256];
    BOOL echo;
} asked;

static DWORD prompt(void *context, LPCSTR question, BOOL echo, LPSTR buffer, size_t size) {
    HANDLE list;

    cr_expect_eq(context, &asked);
    asked.calls++;
    asked.echo = echo;
    asked.code_inside = WNetOpenEnumA(RESOURCE_CONNECTED, 0, 0, NULL, &list);
    snprintf(asked.question, sizeof asked.question, "%s", question);
    snprintf(buffer, size, "%s", asked.answer);
    return asked.code;
}

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo\", \"user\": \"anna\", \"password\": \"geheim\"");
    world_scripted("10-asks", "\"takes\": \"//asks/\", \"asks\": true");
    world_start();
    asked.answer = "geheim";
    EXPECT_CODE(NO_ERROR, MprSetPrompt(prompt, &asked));
}

TestSuite(prompt, .timeout = 60, .init = begin, .fini = world_end);

static DWORD add_as_anna(const char *password, DWORD flags) {
    NETRESOURCEA resource = {.lpRemoteName = (LPSTR)(uintptr_t)DEMO};

    return WNetAddConnection2A(&resource, password, "anna", flags);
}

Test(prompt, the_user_is_asked_when_he_may_be) {
    EXPECT_CODE(ERROR_INVALID_PASSWORD, add_as_anna(NULL, 0));
    EXPECT_CODE(ERROR_INVALID_PASSWORD, add_as_anna("falsch", 0));
    cr_expect_eq(asked.calls, 0);
    EXPECT_CODE(NO_ERROR, add_as_anna(NULL, CONNECT_INTERACTIVE));
    cr_expect_eq(asked.calls, 1);
    cr_expect(!asked.echo);
    cr_expect_not_null(strstr(asked.question, "anna"));
    cr_expect_eq(asked.code_inside, ERROR_BUSY, "no WNet function from inside a prompt");
}

Test(prompt, who_says_nothing_is_not_connected) {
    asked.code = ERROR_CANCELLED;
    EXPECT_CODE(ERROR_CANCELLED, add_as_anna(NULL, CONNECT_INTERACTIVE));
    asked.code = 4711; /* counts as cancelled */
    EXPECT_CODE(ERROR_CANCELLED, add_as_anna(NULL, CONNECT_INTERACTIVE));
    EXPECT_WORDS("given up at the prompt");
    cr_expect_eq(asked.calls, 2);
    asked.code = NO_ERROR;
    asked.answer = "falsch";
    EXPECT_CODE(ERROR_INVALID_PASSWORD, add_as_anna(NULL, CONNECT_INTERACTIVE));
    cr_expect_eq(asked.calls, 6, "once by the provider, then three times by the router");
    EXPECT_CODE(NO_ERROR, MprSetPrompt(NULL, NULL));
    EXPECT_CODE(ERROR_INVALID_PASSWORD, add_as_anna(NULL, CONNECT_INTERACTIVE));
    EXPECT_WORDS("Nobody can be asked");
    cr_expect_eq(asked.calls, 6);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
}

/* The provider sees three outcomes, whatever the callback returns. */
Test(prompt, an_answer_a_refusal_or_nobody) {
    asked.answer = "Well!";
    EXPECT_CODE(NO_ERROR, add(NULL, "//asks/a", CONNECT_INTERACTIVE));
    cr_expect(asked.echo);
    asked.code = 4711;
    EXPECT_CODE(ERROR_CANCELLED, add(NULL, "//asks/b", CONNECT_INTERACTIVE));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, add(NULL, "//asks/c", 0));
    MprSetPrompt(NULL, NULL);
    EXPECT_CODE(ERROR_NOT_SUPPORTED, add(NULL, "//asks/d", CONNECT_INTERACTIVE));
}
