/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_logon.c: faults of users, passwords and questions.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "tests/conformance/saboteur/saboteur.h"

#define CONNECT                                                                                    \
    void *state, const struct mpr_call *call, const struct mpr_connect *args, void **ret_session,  \
        uint32_t *ret_code
#define PASS_ON honest->connect(state, call, args, ret_session, ret_code)

#define FAULT(name, function)                                                                      \
    static void name(struct mpr_provider *table) {                                                 \
        table->connect = function;                                                                 \
    }

static int is_refused(enum mpr_answer answer, uint32_t code) {
    return answer == MPR_MINE_FAILED
           && (code == ERROR_INVALID_PASSWORD || code == ERROR_LOGON_FAILURE);
}

/* ---- another identity: the host that the honest provider sees gives the right password */

static struct mpr_host lenient;
static _Thread_local int as_guest;

static int guest_secret(const struct mpr_call *call, char *buffer, size_t size) {
    if (!as_guest)
        return saboteur_host->secret(call, buffer, size);
    snprintf(buffer, size, "secret-words");
    return 1;
}

static uint32_t init_lenient(const struct mpr_host *host, const struct mpr_option *options,
                             char *error, size_t error_size, void **ret_state) {
    saboteur_host = host;
    lenient = *host;
    lenient.secret = guest_secret;
    return honest->init(&lenient, options, error, error_size, ret_state);
}

static enum mpr_answer falling_back(CONNECT) {
    struct mpr_connect guest = *args;
    enum mpr_answer answer = PASS_ON;

    if (!is_refused(answer, *ret_code))
        return answer;
    guest.user = "anna";
    as_guest = 1;
    answer = honest->connect(state, call, &guest, ret_session, ret_code);
    as_guest = 0;
    return answer;
}

static void fall_back(struct mpr_provider *table) {
    table->init = init_lenient;
    table->connect = falling_back;
}

/* ---- the password's way */

static enum mpr_answer retrying(CONNECT) {
    enum mpr_answer answer = PASS_ON;

    return is_refused(answer, *ret_code) ? PASS_ON : answer;
}

FAULT(retry, retrying)

static enum mpr_answer asking_twice(CONNECT) {
    char password[MPR_SECRET_MAX];

    saboteur_host->secret(call, password, sizeof password);
    explicit_bzero(password, sizeof password);
    return PASS_ON;
}

FAULT(ask_twice, asking_twice)

static void say_nothing(struct mpr_provider *table) {
    table->flags &= ~MPR_PROVIDER_CREDENTIALS;
}

static enum mpr_answer prompting(CONNECT) {
    char password[MPR_SECRET_MAX];

    if (!(args->flags & CONNECT_INTERACTIVE))
        saboteur_host->prompt(call, "Password: ", 0, password, sizeof password);
    return PASS_ON;
}

FAULT(prompt_always, prompting)

static enum mpr_answer going_on(CONNECT) {
    enum mpr_answer answer = PASS_ON;

    if (answer == MPR_MINE_FAILED && *ret_code == ERROR_CANCELLED
        && args->flags & CONNECT_INTERACTIVE)
        *ret_code = ERROR_INVALID_PASSWORD;
    return answer;
}

FAULT(go_on, going_on)

static enum mpr_answer not_listening(CONNECT) {
    char password[MPR_SECRET_MAX];

    if (!(args->flags & CONNECT_INTERACTIVE))
        return PASS_ON;
    if (saboteur_host->prompt(call, "Password: ", 0, password, sizeof password) == NO_ERROR)
        *ret_code = ERROR_INVALID_PASSWORD;
    else
        *ret_code = ERROR_CANCELLED;
    return MPR_MINE_FAILED;
}

FAULT(listen_to_nobody, not_listening)

static enum mpr_answer overflowing(CONNECT) {
    char *volatile user = malloc(256);

    if (args->user && strlen(args->user) >= 256)
        abort(); /* what a full buffer leads to */
    if (args->user)
        memcpy(user, args->user, strlen(args->user) + 1);
    free(user);
    return PASS_ON;
}

FAULT(overflow, overflowing)

/* clang-format off */
const struct sabotage sabotage_logon[] = {
    {"logon-guest", "who is refused goes on as a guest, unknowingly", fall_back},
    {"logon-retries", "a failed logon is repeated", retry},
    {"logon-twice", "the password is asked for twice", ask_twice},
    {"logon-unsaid", "passwords are asked for without MPR_PROVIDER_CREDENTIALS", say_nothing},
    {"logon-prompts", "the user is asked though nobody allowed it", prompt_always},
    {"logon-goes-on", "who cancels the question reads of a wrong password", go_on},
    {"logon-deaf", "the user's answer is not used", listen_to_nobody},
    {"logon-overflow", "a user name is as long as the buffer for it", overflow},
    {NULL, NULL, NULL},
};
