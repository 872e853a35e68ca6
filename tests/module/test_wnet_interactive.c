/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_interactive.c: asking for user name and password when a connection is
 * refused for want of them.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"
#include "tests/unit/pty.h"

#define DEMO     "\\\\memory\\demo"
#define ASKING   CONNECT_INTERACTIVE
#define FIRST    (CONNECT_INTERACTIVE | CONNECT_PROMPT)
#define TERMINAL (CONNECT_INTERACTIVE | CONNECT_COMMANDLINE)

/* What the user says, in this order; NULL is giving up. */
static struct {
    const char *answers[8];
    unsigned asked;
    char questions[4096]; /* each with '|' behind it */
    bool echoed[8];
    DWORD code_inside;
} user;

static DWORD prompt(void *context, LPCSTR question, BOOL echo, LPSTR buffer, size_t size) {
    const char *answer = user.answers[user.asked];
    size_t length = strlen(user.questions);

    cr_expect_eq(context, &user);
    user.echoed[user.asked++] = echo;
    snprintf(user.questions + length, sizeof user.questions - length, "%s|", question);
    user.code_inside = WNetCancelConnection2A("Z:", 0, FALSE);
    if (!answer)
        return ERROR_CANCELLED;
    snprintf(buffer, size, "%s", answer);
    return NO_ERROR;
}

/* A worker process cannot ask anybody, so it is all the router's doing. */
static void begin(void) {
    world_make();
    world_isolated_memory("\"shares\": \"demo\", \"user\": \"anna\", \"password\": \"geheim\"");
    world_scripted("10-closed", "\"takes\": \"//closed/\", \"answer\": \"failed\", \"code\": 5, "
                                "\"credentials\": true, \"tells\": true, \"text\": \"Keep out.\", "
                                "\"native\": 4711, \"provider\": \"Closed Network\"");
    world_scripted("20-plain", "\"takes\": \"//plain/\", \"answer\": \"failed\", \"code\": 1326, "
                               "\"text\": \"Nobody knows you.\"");
    world_scripted("30-open", "\"takes\": \"//open/\", \"credentials\": true, \"tells\": true");
    world_start();
    EXPECT_CODE(NO_ERROR, MprSetPrompt(prompt, &user));
}

TestSuite(interactive, .timeout = 60, .init = begin, .fini = world_end);

static DWORD connect(const char *remote, const char *name, const char *password, DWORD flags) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t) "Z:",
                             .lpRemoteName = (LPSTR)(uintptr_t)remote};

    return WNetAddConnection2A(&resource, password, name, flags);
}

static void say(const char *first, const char *second, const char *third, const char *fourth) {
    memset(&user, 0, sizeof user);
    user.answers[0] = first;
    user.answers[1] = second;
    user.answers[2] = third;
    user.answers[3] = fourth;
}

Test(interactive, nobody_is_asked_without_the_flag) {
    say("anna", "geheim", NULL, NULL);
    EXPECT_CODE(ERROR_LOGON_FAILURE, connect(DEMO, NULL, NULL, 0));
    EXPECT_CODE(ERROR_LOGON_FAILURE, connect(DEMO, NULL, NULL, CONNECT_PROMPT));
    EXPECT_CODE(ERROR_LOGON_FAILURE, connect(DEMO, NULL, NULL, CONNECT_COMMANDLINE));
    EXPECT_CODE(ERROR_INVALID_PASSWORD, connect(DEMO, "anna", "falsch", 0));
    cr_expect_eq(user.asked, 0);
}

Test(interactive, who_named_nobody_is_asked_for_both) {
    char name[64];
    DWORD size = sizeof name;

    say("anna", "geheim", NULL, NULL);
    EXPECT_CODE(NO_ERROR, connect(DEMO, NULL, NULL, ASKING));
    cr_expect_eq(user.asked, 2);
    cr_expect(user.echoed[0]);
    cr_expect(!user.echoed[1], "a password is not shown");
    cr_expect_not_null(strstr(user.questions, "no such user"), "%s", user.questions);
    cr_expect_not_null(strstr(user.questions, "\nUser name for " DEMO ": |"), "%s", user.questions);
    cr_expect_not_null(strstr(user.questions, "|Password for anna on " DEMO ": |"));
    cr_expect_eq(user.code_inside, ERROR_BUSY);
    EXPECT_CODE(NO_ERROR, WNetGetUserA("Z:", name, &size));
    cr_expect_str_eq(name, "anna");
}

Test(interactive, who_named_a_user_is_asked_for_the_password) {
    say("geheim", NULL, NULL, NULL);
    EXPECT_CODE(NO_ERROR, connect(DEMO, "anna", "falsch", ASKING));
    cr_expect_eq(user.asked, 1);
    cr_expect_null(strstr(user.questions, "falsch"), "no password in a question");
    cr_expect_not_null(strstr(user.questions, "\nPassword for anna on " DEMO ": |"));
}

Test(interactive, what_is_remembered_is_who_it_was_in_the_end) {
    say("anna", "geheim", NULL, NULL);
    EXPECT_CODE(NO_ERROR, connect(DEMO, NULL, NULL, ASKING | CONNECT_UPDATE_PROFILE));
    cr_expect_not_null(strstr(world_read(WORLD_PROFILE), "\"anna\""));
    cr_expect_null(strstr(world_read(WORLD_PROFILE), "geheim"));
}

Test(interactive, three_times_and_then_the_last_failure) {
    say("a", "b", "c", "geheim");
    EXPECT_CODE(ERROR_INVALID_PASSWORD, connect(DEMO, "anna", "falsch", ASKING));
    cr_expect_eq(user.asked, 3);
    EXPECT_WORDS("the password is wrong");
    cr_expect_str_eq(last_provider(), "Memory Network");
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    say("berta", "x", "anna", "geheim");
    EXPECT_CODE(NO_ERROR, connect(DEMO, NULL, NULL, ASKING));
    cr_expect_eq(user.asked, 4, "a name may be mistyped");
}

Test(interactive, a_name_typed_before_is_left_by_typing_nothing) {
    char name[64];
    DWORD size = sizeof name;

    say("anna", "falsch", "", "geheim");
    EXPECT_CODE(NO_ERROR, connect(DEMO, NULL, NULL, ASKING));
    cr_expect_eq(user.asked, 4);
    cr_expect_not_null(
        strstr(user.questions, "\nUser name for " DEMO " (anna): |Password for anna"), "%s",
        user.questions);
    EXPECT_CODE(NO_ERROR, WNetGetUserA("Z:", name, &size));
    cr_expect_str_eq(name, "anna");
}

Test(interactive, giving_up_says_why_it_was_asked) {
    say("anna", NULL, NULL, NULL);
    EXPECT_CODE(ERROR_CANCELLED, connect(DEMO, NULL, NULL, ASKING | CONNECT_UPDATE_PROFILE));
    cr_expect_eq(user.asked, 2);
    EXPECT_WORDS("given up at the prompt");
    EXPECT_WORDS("no such user");
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
    say(NULL, NULL, NULL, NULL);
    EXPECT_CODE(ERROR_CANCELLED, connect(DEMO, NULL, NULL, ASKING));
    cr_expect_eq(user.asked, 1);
    say("\xff", NULL, NULL, NULL);
    EXPECT_CODE(ERROR_CANCELLED, connect(DEMO, NULL, NULL, ASKING));
}

Test(interactive, where_nobody_can_be_asked_it_is_the_providers_code) {
    MprSetPrompt(NULL, NULL);
    EXPECT_CODE(ERROR_INVALID_PASSWORD, connect(DEMO, "anna", "falsch", ASKING));
    EXPECT_WORDS("the password is wrong");
    EXPECT_WORDS("Nobody can be asked");
    EXPECT_CODE(ERROR_INVALID_PASSWORD, connect(DEMO, "anna", "falsch", FIRST));
    EXPECT_CODE(NO_ERROR, connect(DEMO, "anna", "geheim", FIRST));
}

/* --- CONNECT_PROMPT --- */

Test(interactive, prompt_asks_before_the_first_try) {
    say("", "", NULL, NULL);
    EXPECT_CODE(NO_ERROR, connect("//open/a", NULL, NULL, FIRST));
    cr_expect_str_eq(user.questions, "User name for //open/a: |Password for //open/a: |");
    cr_expect(strstr(world_read("log"), "Scripted Network connect //open/a\n"
                                        "Scripted Network as nobody\n"));
}

Test(interactive, prompt_offers_another_user) {
    say("anna", "geheim", NULL, NULL);
    EXPECT_CODE(NO_ERROR, connect(DEMO, "berta", "falsch", FIRST));
    cr_expect_str_eq(user.questions,
                     "User name for " DEMO " (berta): |Password for anna on " DEMO ": |");
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    say("", "geheim", NULL, NULL);
    EXPECT_CODE(NO_ERROR, connect(DEMO, "anna", "falsch", FIRST));
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    say(NULL, NULL, NULL, NULL);
    EXPECT_CODE(ERROR_CANCELLED, connect(DEMO, "anna", "geheim", FIRST));
}

/* --- who is asked about what --- */

Test(interactive, access_denied_is_asked_about_only_if_nobody_was_named) {
    say("anna", "x", NULL, NULL);
    EXPECT_CODE(ERROR_ACCESS_DENIED, connect("//closed/a", NULL, NULL, ASKING));
    cr_expect_eq(user.asked, 2, "now somebody is named");
    cr_expect_not_null(strstr(user.questions, "Keep out.\nUser name"), "%s", user.questions);
    cr_expect_eq(world_count(world_read("log"), " as nobody\n"), 1);
    cr_expect_eq(world_count(world_read("log"), " as anna\n"), 1);
    cr_expect_eq(last_native(), 4711);
    EXPECT_CODE(ERROR_ACCESS_DENIED, connect("//closed/a", "anna", NULL, ASKING));
    cr_expect_eq(user.asked, 2);
}

Test(interactive, a_provider_without_users_is_not_asked_for) {
    say("anna", "x", NULL, NULL);
    EXPECT_CODE(ERROR_LOGON_FAILURE, connect("//plain/a", NULL, NULL, ASKING));
    EXPECT_CODE(ERROR_LOGON_FAILURE, connect("//plain/a", NULL, NULL, FIRST));
    EXPECT_CODE(ERROR_BAD_NET_NAME, connect("\\\\memory\\demo\\nosuch", "anna", "geheim", ASKING));
    EXPECT_CODE(ERROR_BAD_NET_NAME, connect("nobody's", NULL, NULL, FIRST));
    cr_expect_eq(user.asked, 0);
}

/* --- through WNetUseConnection, and in UTF-16 --- */

Test(interactive, a_chosen_device_is_told_in_the_end) {
    NETRESOURCEW resource = {.dwType = RESOURCETYPE_DISK, .lpRemoteName = wide(DEMO)};
    WCHAR access[4] = u"";
    DWORD size = 4;

    say("anna", "geheim", NULL, NULL);
    EXPECT_CODE(NO_ERROR, WNetUseConnectionW(NULL, &resource, NULL, NULL, ASKING | CONNECT_REDIRECT,
                                             access, &size, NULL));
    cr_expect_eq(access[0], u'Z');
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
}

/* --- on the terminal --- */

static int connect_on_terminal(void *context) {
    const char *name = context;

    MprShutdown();
    MprInitialize(NULL); /* a forked child begins anew */
    MprSetPrompt(NULL, NULL);
    return (int)(connect(DEMO, name, NULL, TERMINAL) & 0xff);
}

Test(interactive, on_the_terminal_where_no_prompt_is_set) {
    static struct pty terminal;

    pty_start(&terminal, connect_on_terminal, NULL);
    cr_assert(pty_expect(&terminal, "User name for"));
    pty_type(&terminal, "anna\n");
    cr_assert(pty_expect(&terminal, "Password for anna"));
    pty_type(&terminal, "geheim\n");
    cr_expect_eq(pty_end(&terminal), NO_ERROR);
    cr_expect_null(strstr(terminal.shown, "geheim"));

    pty_start(&terminal, connect_on_terminal, (void *)(uintptr_t) "anna");
    cr_assert(pty_expect(&terminal, "Password for anna"));
    pty_type(&terminal, "ge\x03");
    cr_expect_eq(pty_end(&terminal), (int)(ERROR_CANCELLED & 0xff));
}
