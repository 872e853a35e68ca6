/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_logon.c: who connects: users, passwords and questions.
 */
#include "config.h"

#include <string.h>

#include <mpr/winnetwk.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_attempt.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_relay.h"
#include "tools/conformance/kit_state.h"

/* The lab's name that wants a password. */
static struct kit_attempt as_user(const char *password) {
    kit_need(kit_lab.user, "user");
    kit_need(kit_lab.password, "password");
    return (struct kit_attempt){
        .remote = kit_lab.login, .user = kit_lab.user, .password = password};
}

static struct kit_attempt with_wrong_password(void) {
    return as_user(kit_need(kit_lab.wrong_password, "wrong_password"));
}

/* Nobody gets in: a failure of the provider's own, by a code of refused logons. */
static void must_be_refused(const struct kit_attempt *attempt, const char *who) {
    struct kit_connected got = kit_attempt(attempt);

    kit_expect(got.answer != MPR_DONE, kit_text("a refused logon: %s", who), "MPR_DONE");
    kit_expect(got.answer == MPR_MINE_FAILED, "MPR_MINE_FAILED: the server is there",
               "answer %d with %s", (int)got.answer, kit_code_name(got.code));
    KIT_CODES(got.code, ERROR_ACCESS_DENIED, ERROR_INVALID_PASSWORD, ERROR_LOGON_FAILURE);
    kit_expect(kit_told().errors > 0, "set_error, which says that the logon was refused",
               "it was not called");
}

static void refuses_wrong_password(void) {
    struct kit_attempt attempt;
    struct kit_state before;

    kit_native_open();
    attempt = with_wrong_password();
    must_be_refused(&attempt, "the password is wrong");
    before = kit_state_settled();
    must_be_refused(&attempt, "the password is wrong");
    kit_state_same(&before, "after a refused logon");
}

static void refuses_no_password(void) {
    static const char *const passwords[] = {NULL, ""};

    kit_native_open();
    for (size_t i = 0; i < 2; i++) {
        struct kit_attempt attempt = as_user(passwords[i]);

        must_be_refused(&attempt, i ? "the password is empty" : "no password was given");
    }
}

static void refuses_strangers(void) {
    struct kit_attempt attempt;

    kit_native_open();
    attempt = as_user(kit_lab.password);
    attempt.user = "kit-nobody-of-that-name";
    must_be_refused(&attempt, "there is no such user");
}

static void tries_once(void) {
    struct kit_attempt good, bad;
    struct kit_connected got;
    unsigned asked;

    kit_native_open();
    good = as_user(kit_lab.password);
    bad = with_wrong_password();
    got = kit_attempt(&good);
    asked = kit_told().secrets;
    if (got.answer != MPR_DONE)
        kit_fail("MPR_DONE with the lab's password", "%s", kit_code_name(got.code));
    kit_disconnect(got.session);
    kit_attempt(&bad);
    kit_expect(kit_told().secrets <= asked,
               kit_text("the password asked for as often as for a logon that succeeds: %u", asked),
               "%u times: a failed logon is not repeated", kit_told().secrets);
}

static void connects_once(void) {
    struct kit_attempt good, bad;
    struct kit_connected got;
    int first, second;

    kit_native_open();
    good = as_user(kit_lab.password);
    bad = with_wrong_password();
    good.remote = bad.remote = kit_relay_name();
    got = kit_attempt(&good);
    if (got.answer != MPR_DONE)
        kit_fail("MPR_DONE with the lab's password", "%s", kit_code_name(got.code));
    kit_disconnect(got.session);
    first = kit_relay_connections();
    kit_attempt(&bad);
    second = kit_relay_connections() - first;
    kit_expect(
        second <= first,
        kit_text("as many connections to the server as for a logon that succeeds: %d", first),
        "%d: a failed logon is not repeated", second);
}

/* ---- users */

static void must_be_user(void *session, const char *user) {
    struct mpr_call call = kit_call(5000);
    char said[MPR_USER_MAX] = "";
    size_t length, wanted = strlen(user);

    if (!kit_table->user)
        return;
    kit_doing("user of a session that was connected as %s", user);
    KIT_CODES(kit_table->user(session, &call, said, sizeof said), NO_ERROR);
    length = strlen(said); /* a domain may stand before it, or numbers behind */
    kit_expect(
        length >= wanted
            && (strncmp(said, user, wanted) == 0 || strcmp(said + length - wanted, user) == 0),
        user, "%s", said);
}

static void separates_users(void) {
    struct kit_attempt attempt;
    struct kit_connected got;
    void *first;

    kit_native_open();
    kit_need(kit_lab.user, "user");
    first = kit_connect_good(kit_lab.login);
    attempt = (struct kit_attempt){.remote = kit_lab.login,
                                   .user = kit_need(kit_lab.user2, "user2"),
                                   .password = kit_lab.password2};
    got = kit_attempt(&attempt);
    kit_answer_sound(got.answer, got.code);
    must_be_user(first, kit_lab.user);
    if (got.answer == MPR_DONE) {
        kit_expect(got.session != first, "a session of the second user's own", "the first user's");
        must_be_user(got.session, kit_lab.user2);
        kit_disconnect(got.session);
        must_be_user(first, kit_lab.user);
    }
    kit_disconnect(first);
}

static void takes_any_user(void) {
    static char longest[MPR_USER_MAX];
    const char *const users[] = {NULL,      "",           "u",        "DOM\\u",
                                 "u@realm", "two words",  "\\",       "@",
                                 "%s%n",    "4294967295", "\xd0\xbe", "-1",
                                 longest,   "a:b:c",      "DOM\\",    "\xf0\x9d\x84\x9e"};

    kit_native_open();
    memset(longest, 'u', sizeof longest - 1);
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        struct kit_attempt attempt = {
            .remote = kit_lab.login, .user = users[i], .password = "kit-not-the-words"};
        struct kit_connected got = kit_attempt(&attempt);

        kit_answer_sound(got.answer, got.code);
        kit_expect(!got.touched, "*ret_session untouched by a failure", "it was written");
        if (got.answer == MPR_DONE)
            kit_disconnect(got.session);
    }
}

/* ---- questions */

static void asks_nobody(void) {
    static const uint32_t flags[] = {0, CONNECT_PROMPT, CONNECT_COMMANDLINE,
                                     CONNECT_PROMPT | CONNECT_COMMANDLINE};

    kit_native_open();
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        for (int user = 0; user < 2; user++) {
            struct kit_attempt attempt = {
                .remote = kit_lab.login, .user = user ? kit_lab.user : NULL, .flags = flags[i]};
            struct kit_connected got = kit_attempt(&attempt);

            kit_expect(kit_told().prompts == 0, "no question without CONNECT_INTERACTIVE",
                       "prompt was called");
            if (got.answer == MPR_DONE)
                kit_disconnect(got.session);
        }
}

/* A session or failure of an interactive connect; skips if nobody was asked. */
static struct kit_connected ask(const char *const *answers) {
    struct kit_attempt attempt = as_user(NULL);
    struct kit_connected got;

    attempt.flags = CONNECT_INTERACTIVE;
    kit_answers = answers;
    got = kit_attempt(&attempt);
    kit_answer_sound(got.answer, got.code);
    if (!kit_told().prompts)
        kit_skip("the provider asks the user nothing");
    return got;
}

static void takes_no_for_an_answer(void) {
    static const char *const none[] = {NULL};
    struct kit_state before;
    struct kit_connected got;

    kit_native_open();
    before = kit_state_settled();
    got = ask(none);
    kit_expect(got.answer == MPR_MINE_FAILED, "MPR_MINE_FAILED: the user cancelled", "answer %d",
               (int)got.answer);
    KIT_CODES(got.code, ERROR_CANCELLED);
    kit_expect(kit_told().prompts == 1, "one question, which was answered by cancelling", "%u",
               kit_told().prompts);
    kit_state_same(&before, "after the user cancelled");
}

static void takes_the_users_answer(void) {
    const char *answers[] = {NULL, NULL};
    struct kit_connected got;

    kit_native_open();
    answers[0] = kit_lab.password;
    got = ask(answers);
    kit_expect(got.answer == MPR_DONE, "MPR_DONE with the password that the user gave",
               "answer %d, %s", (int)got.answer, kit_code_name(got.code));
    kit_disconnect(got.session);
}

/* ---- the password's way */

static void asks_for_it_once(void) {
    struct kit_attempt attempt;
    struct kit_connected got;

    kit_native_open();
    attempt = as_user(kit_lab.password);
    got = kit_attempt(&attempt);
    kit_expect(kit_told().secrets <= 1, "secret() called once", "%u times", kit_told().secrets);
    if (got.answer == MPR_DONE)
        kit_disconnect(got.session);
}

static void asks_only_if_it_says_so(void) {
    struct kit_attempt attempt;
    struct kit_connected got;

    kit_native_open();
    if ((kit_table->flags | kit_front->flags) & MPR_PROVIDER_CREDENTIALS)
        kit_skip("the provider connects with passwords, and says so");
    attempt = (struct kit_attempt){.remote = kit_good(0), .user = kit_lab.user, .password = ""};
    got = kit_attempt(&attempt);
    kit_expect(kit_told().secrets == 0,
               "no call of secret() by a provider without MPR_PROVIDER_CREDENTIALS", "%u",
               kit_told().secrets);
    if (got.answer == MPR_DONE)
        kit_disconnect(got.session);
}

#define CONNECT "mpr/provider.h, connect"
#define PROMPT  "mpr/provider.h, mpr_host.prompt"
#define SECRET  "mpr/provider.h, mpr_host.secret"

const struct kit_check kit_checks_native_logon[] = {
    {"ADD-15", KIT_MUST, refuses_wrong_password,
     "A wrong password is refused as one, explained, and leaves nothing",
     "The user must learn that it is the password, and nothing else.", CONNECT},
    {"ADD-16", KIT_MUST, refuses_no_password,
     "A user without his password, or with an empty one, is not let in as somebody else",
     "Who is connected as a guest unknowingly reads and writes what he did not mean.", CONNECT},
    {"CON-20", KIT_MUST, refuses_strangers, "A user whom the server does not know is refused",
     "Falling back to another identity is never right.", CONNECT},
    {"CON-21", KIT_MUST, tries_once,
     "A failed logon is not repeated: the password is asked for once",
     "A second try locks the account out twice as fast.", CONNECT},
    {"CON-22", KIT_MUST, connects_once,
     "A failed logon is not repeated: it makes no more connections than one that succeeds",
     "A second try locks the account out twice as fast.", CONNECT},
    {"ADD-28", KIT_MUST, separates_users,
     "A second user of one resource gets a session of his own, or a failure",
     "Nobody may work as another user because that one came first.", CONNECT},
    {"ADD-17", KIT_MUST, takes_any_user, "Any user name gets a sound answer",
     "Names of users come from users.", "mpr/provider.h, struct mpr_connect"},
    {"AD3-06", KIT_MUST, asks_nobody, "Nobody is asked anything without CONNECT_INTERACTIVE",
     "A service has nobody whom it could ask.", PROMPT},
    {"AD3-03", KIT_MUST, takes_no_for_an_answer,
     "A question that the user cancels ends the connect with ERROR_CANCELLED, and leaves nothing",
     "Who cancels does not want to read of a wrong password.", PROMPT},
    {"CON-23", KIT_MUST, takes_the_users_answer, "The password that the user gives is used",
     "What is asked for must matter.", PROMPT},
    {"SES-02", KIT_SHOULD, asks_for_it_once, "A connect asks its host for the password once",
     "Each copy is one more to be wiped.", SECRET},
    {"CON-24", KIT_MUST, asks_only_if_it_says_so,
     "A provider without MPR_PROVIDER_CREDENTIALS asks for no password",
     "Passwords go to nobody who has not said that he wants them.",
     "mpr/provider.h, MPR_PROVIDER_CREDENTIALS"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
