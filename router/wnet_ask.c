/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_ask.c: asking for user name and password.
 */
#include "config.h"

#include "router/wnet_ask.h"

#include <stdio.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "router/mpr_error.h"
#include "router/mpr_prompt.h"
#include "router/wnet_text.h"

/* Who has not got it right by then will not. */
#define ROUNDS       3u

#define QUESTION_MAX (MPR_ERROR_TEXT_MAX + MPR_KEY_MAX + MPR_USER_MAX + 64)

void wnet_asking_init(struct wnet_asking *asking, const char *remote, const char *user,
                      const char *password, DWORD flags) {
    *asking = (struct wnet_asking){
        .remote = remote,
        .flags = flags,
        .names_user = user && *user,
        .user = user,
        .password = password,
    };
}

void wnet_asking_clear(struct wnet_asking *asking) {
    explicit_bzero(asking, sizeof *asking);
}

static const char *words_of(const struct mpr_refusal *refusal) {
    return refusal->words ? refusal->words : "";
}

DWORD wnet_ask_explain(const struct mpr_refusal *refusal) {
    return mpr_error_explain(refusal->code, refusal->native, refusal->provider, "%s",
                             words_of(refusal));
}

/*
 * What the failure was stands above the question. user may be what was typed the
 * last time, in user_room: nothing typed leaves it.
 */
static DWORD ask_user(struct wnet_asking *asking, const char *why) {
    char question[QUESTION_MAX], typed[sizeof asking->user_room] = "";
    const char *break_ = *why ? "\n" : "";
    DWORD rc;

    if (asking->user && *asking->user)
        snprintf(question, sizeof question, "%s%sUser name for %s (%s): ", why, break_,
                 asking->remote, asking->user);
    else
        snprintf(question, sizeof question, "%s%sUser name for %s: ", why, break_, asking->remote);
    rc = mpr_prompt_ask(asking->flags, question, true, typed, sizeof typed);
    if (rc == NO_ERROR && *typed)
        asking->user = memcpy(asking->user_room, typed, sizeof typed);
    explicit_bzero(typed, sizeof typed); /* some type a password there */
    return rc;
}

static DWORD ask_password(struct wnet_asking *asking, const char *why) {
    char question[QUESTION_MAX];
    const char *break_ = *why ? "\n" : "";
    DWORD rc;

    if (asking->user && *asking->user)
        snprintf(question, sizeof question, "%s%sPassword for %s on %s: ", why, break_,
                 asking->user, asking->remote);
    else
        snprintf(question, sizeof question, "%s%sPassword for %s: ", why, break_, asking->remote);
    rc = mpr_prompt_ask(asking->flags, question, false, asking->password_room,
                        sizeof asking->password_room);
    if (rc == NO_ERROR)
        asking->password = asking->password_room;
    return rc;
}

static DWORD ask_both(struct wnet_asking *asking, bool with_user, const char *why) {
    DWORD rc = NO_ERROR;

    if (with_user) {
        rc = ask_user(asking, why);
        why = "";
    }
    return rc == NO_ERROR ? ask_password(asking, why) : rc;
}

DWORD wnet_ask(struct wnet_asking *asking, const struct mpr_refusal *refusal) {
    bool first = !asking->rounds++ && (asking->flags & CONNECT_PROMPT) != 0;
    DWORD rc;

    if (asking->rounds > ROUNDS)
        return wnet_ask_explain(refusal);
    rc = ask_both(asking, first || !asking->names_user, first ? "" : words_of(refusal));
    if (rc == NO_ERROR || (rc == ERROR_NOT_SUPPORTED && first))
        return NO_ERROR;
    if (rc == ERROR_NOT_SUPPORTED)
        return mpr_error_explain(refusal->code, refusal->native, refusal->provider,
                                 "%s (Nobody can be asked: the program has set no prompt, and "
                                 "there is no terminal that it may use.)",
                                 words_of(refusal));
    if (first)
        return mpr_error_say(ERROR_CANCELLED, "Connecting to %s was given up at the prompt.",
                             asking->remote);
    return mpr_error_say(ERROR_CANCELLED,
                         "Connecting to %s was given up at the prompt. It was asked because: %s",
                         asking->remote, words_of(refusal));
}
