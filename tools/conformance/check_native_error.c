/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_error.c: codes and texts of what failed.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_attempt.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_recognise.h"

#define TEXT_MAX 1023 /* bytes that every host keeps */

/* What one failure came to, and what was said of it. */
struct failure {
    const char *kind;
    struct kit_attempt attempt;
    struct kit_connected got;
    struct kit_told told;
};

/* Makes every failure that the lab has, and looks at each. */
static void each_failure(void (*look)(const struct failure *failure)) {
    struct kit_failing failing[KIT_FAILING_MAX];
    size_t count;

    kit_native_open();
    count = kit_failing(failing);
    for (size_t i = 0; i < count; i++) {
        struct failure failure = {.kind = failing[i].kind, .attempt = failing[i].attempt};

        failure.got = kit_must_fail(&failing[i]);
        failure.told = kit_told();
        look(&failure);
    }
}

static void explain_code(const struct failure *failure, uint32_t code) {
    if (failure->got.code != code)
        return;
    kit_expect(failure->told.errors > 0, "set_error before this code is returned", "%s without it",
               kit_code_name(code));
    kit_expect(failure->told.code != 0, "the provider's own code in set_error", "0");
    kit_expect(failure->told.text[0] != '\0', "a text in set_error", "an empty one");
}

static void look_extended(const struct failure *failure) {
    explain_code(failure, ERROR_EXTENDED_ERROR);
}

static void look_unexpected(const struct failure *failure) {
    explain_code(failure, ERROR_UNEXP_NET_ERR);
    explain_code(failure, ERROR_GEN_FAILURE);
}

static void explains_extended_errors(void) {
    each_failure(look_extended);
}

static void explains_unexpected_errors(void) {
    each_failure(look_unexpected);
}

static void look_native_code(const struct failure *failure) {
    if (failure->told.errors)
        kit_expect(failure->told.code != 0, "the provider's own code, which is not 0",
                   "0 with \"%s\"", failure->told.text);
}

static void gives_native_codes(void) {
    each_failure(look_native_code);
}

/* ---- texts */

static void look_sentence(const struct failure *failure) {
    const char *text = failure->told.text;
    size_t length = strlen(text);

    if (!failure->told.errors)
        return;
    kit_expect(length > 0, "a sentence", "an empty text (%s)", failure->kind);
    kit_expect(length <= TEXT_MAX, kit_text("at most %d bytes", TEXT_MAX), "%zu", length);
    kit_expect(kit_is_utf8(text), "UTF-8", "\"%s\"", text);
    for (const char *at = text; *at; at++)
        kit_expect((unsigned char)*at >= 0x20 && *at != 0x7f,
                   "one line, without control characters", "\"%s\"", text);
    kit_expect(text[length - 1] == '.' || text[length - 1] == '!' || text[length - 1] == '?',
               "a sentence, which ends as one", "\"%s\"", text);
    kit_expect(strchr(text, ' ') != NULL, "a sentence, which has words", "\"%s\"", text);
}

static void speaks_in_sentences(void) {
    each_failure(look_sentence);
}

/* Does the text have a component of the name that is no more than punctuation? */
static bool names(const char *text, const char *remote) {
    char part[256];

    for (const char *at = remote; *at;) {
        size_t length = strcspn(at, "\\/:");

        if (length >= 3 && length < sizeof part) {
            memcpy(part, at, length);
            part[length] = '\0';
            if (strstr(text, part))
                return true;
        }
        at += length + (at[length] != '\0');
    }
    return false;
}

static void look_names(const struct failure *failure) {
    if (failure->told.errors)
        kit_expect(names(failure->told.text, failure->attempt.remote),
                   kit_text("a text that names \"%s\"", failure->attempt.remote), "\"%s\"",
                   failure->told.text);
}

static void names_the_resource(void) {
    each_failure(look_names);
}

static void names_the_user(void) {
    struct kit_attempt attempt;

    kit_native_open();
    attempt = (struct kit_attempt){.remote = kit_lab.login,
                                   .user = kit_need(kit_lab.user, "user"),
                                   .password = kit_need(kit_lab.wrong_password, "wrong_password")};
    kit_attempt(&attempt);
    kit_expect(strstr(kit_told().text, kit_lab.user) != NULL,
               kit_text("a text that says who was refused: %s", kit_lab.user), "\"%s\"",
               kit_told().text);
}

/* ---- whom it is told to */

static void look_here(const struct failure *failure) {
    kit_expect(failure->told.anywhere == failure->told.errors,
               "set_error in the thread that called, during the call",
               "%u of %u calls came from other threads",
               failure->told.anywhere - failure->told.errors, failure->told.anywhere);
}

static void tells_the_calling_thread(void) {
    each_failure(look_here);
    kit_told_clear();
    kit_sleep(50);
    kit_expect(kit_told().anywhere == 0, "no set_error after the call", "%u calls",
               kit_told().anywhere);
}

static void look_call(const struct failure *failure) {
    kit_expect(!failure->told.errors || failure->told.host_data == failure->got.call->host_data,
               "set_error with the call that fails, or a copy of it", "with another");
}

static void tells_of_the_call(void) {
    each_failure(look_call);
}

/* ---- what needs no words */

static int take_entry(void *context, const struct mpr_resource *entry) {
    (void)context;
    (void)entry;
    return 0;
}

static void must_be_silent(enum mpr_answer answer, uint32_t code, const char *what) {
    kit_expect(answer == MPR_NOT_MINE, kit_text("MPR_NOT_MINE: %s", what), "answer %d with %s",
               (int)answer, kit_code_name(code));
    kit_expect(kit_told().errors == 0,
               "no set_error: another provider is asked, and what he says counts", "\"%s\"",
               kit_told().text);
}

static void leaves_foreign_names_silently(void) {
    kit_native_open();
    if (!kit_front->parent)
        kit_skip("the provider has no parent, and is asked only about names that it takes");
    for (size_t i = 0; i < kit_lab.foreign.count; i++) {
        struct mpr_call call = kit_call(2000);
        enum mpr_answer answer;
        uint32_t code = 0;

        kit_doing("parent(\"%s\")", kit_lab.foreign.items[i]);
        answer = kit_front->parent(kit_front_state, &call, kit_lab.foreign.items[i], take_entry,
                                   NULL, &code);
        must_be_silent(answer, code, "a foreign name");
        close(call.cancel_fd);
    }
}

static void says_nothing_of_success(void) {
    struct kit_connected got;
    struct kit_attempt attempt;

    kit_native_open();
    attempt = kit_attempt_good(kit_good(0));
    got = kit_attempt(&attempt);
    if (got.answer != MPR_DONE)
        kit_fail("MPR_DONE", "%s", kit_code_name(got.code));
    kit_expect(kit_told().anywhere == 0, "no set_error by a connect that succeeds", "\"%s\"",
               kit_told().text);
    kit_ailment(got.session);
    kit_disconnect(got.session);
    kit_expect(kit_told().anywhere == 0, "no set_error by operations that succeed", "\"%s\"",
               kit_told().text);
}

static void keeps_the_text(void) {
    struct kit_failing failing[KIT_FAILING_MAX];
    struct kit_told before, after;
    void *session;

    kit_native_open();
    session = kit_connect_good(kit_good(0));
    kit_disconnect(session);
    kit_failing(failing);
    session = kit_table->flags & MPR_PROVIDER_OWN_PROCESS ? NULL : kit_connect_good(kit_good(0));
    kit_must_fail(&failing[0]);
    before = kit_told();
    if (session) {
        kit_ailment(session);
        kit_disconnect(session);
    } else {
        kit_recognise(kit_good(0));
    }
    after = kit_told();
    kit_expect(after.errors == before.errors && strcmp(after.text, before.text) == 0,
               kit_text("the text of the failure, until the next one: \"%s\"", before.text),
               "\"%s\"", after.text);
}

/* ---- codes */

static void look_code(const struct failure *failure) {
    kit_answer_sound(failure->got.answer, failure->got.code);
}

static void gives_win32_codes(void) {
    each_failure(look_code);
}

/* Causes that a user must be able to tell apart. */
static struct failure missing, unknown, wrong;

static void note(const struct failure *failure) {
    if (strcmp(failure->kind, "missing") == 0)
        missing = *failure;
    else if (strcmp(failure->kind, "unknown") == 0)
        unknown = *failure;
    else if (strcmp(failure->kind, "wrong password") == 0)
        wrong = *failure;
}

static void must_differ(const struct failure *a, const struct failure *b) {
    if (!a->kind || !b->kind)
        return;
    kit_expect(a->got.code != b->got.code,
               kit_text("another code for \"%s\" than for \"%s\"", a->kind, b->kind), "%s for both",
               kit_code_name(a->got.code));
    kit_expect(strcmp(a->told.text, b->told.text) != 0,
               kit_text("another text for \"%s\" than for \"%s\"", a->kind, b->kind),
               "\"%s\" for both", a->told.text);
}

static void tells_causes_apart(void) {
    each_failure(note);
    must_differ(&missing, &unknown);
    must_differ(&missing, &wrong);
    must_differ(&unknown, &wrong);
}

#define RULE4 "mpr/provider.h, rule 4"
#define RULE5 "mpr/provider.h, rule 5"
#define ERROR "mpr/provider.h, mpr_host.set_error"

const struct kit_check kit_checks_native_error[] = {
    {"ERR-01", KIT_MUST, explains_extended_errors,
     "ERROR_EXTENDED_ERROR comes with a code of the provider's own and a text",
     "That code says that there is more to read.", "Windows: WNetGetLastError; " RULE5},
    {"ERR-02", KIT_MUST, explains_unexpected_errors,
     "ERROR_UNEXP_NET_ERR and ERROR_GEN_FAILURE come with a text",
     "By themselves they say nothing at all.", "own decision"},
    {"TXT-01", KIT_MUST, gives_native_codes, "A text comes with the provider's own code",
     "It is what a search engine knows.", ERROR},
    {"ERR-03", KIT_MUST, leaves_foreign_names_silently,
     "A name of somebody else's is left without set_error",
     "The text would hide that of the provider whose name it is.", RULE5},
    {"ERR-04", KIT_MUST, says_nothing_of_success, "Success comes without set_error",
     "A text that no failure belongs to misleads.", ERROR},
    {"ERR-06", KIT_SHOULD, speaks_in_sentences,
     "A text is a sentence: UTF-8, one line, with words, and an end", "Users read it.", RULE5},
    {"TXT-02", KIT_SHOULD, names_the_resource, "A text names the resource",
     "Who has three drives must know which it was.", RULE5},
    {"TXT-03", KIT_SHOULD, names_the_user, "The text of a refused logon names the user",
     "It is often the wrong user rather than the wrong password.", RULE5},
    {"TXT-04", KIT_MUST, tells_the_calling_thread,
     "set_error is called in the thread of the call, and before it returns",
     "The text belongs to that thread, and would otherwise meet another failure.", ERROR},
    {"TXT-05", KIT_MUST, tells_of_the_call, "set_error gets the call that fails",
     "The host finds by it whose text it is.", ERROR},
    {"ERR-08", KIT_MUST, gives_win32_codes,
     "A failure has an answer and a Win32 code, never an errno or NTSTATUS",
     "\"error 1450\" helps nobody, and routing goes by codes.", RULE4},
    {"ERR-10", KIT_MUST, tells_causes_apart,
     "No such share, no such host and a wrong password have their own codes and texts",
     "One code for all causes is what users of other providers complain of most.",
     "mpr/provider.h, connect"},
    {"ERR-11", KIT_MUST, keeps_the_text, "A success leaves the text of an earlier failure alone",
     "A program may clean up before it asks what went wrong.", "Windows: WNetGetLastError"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
