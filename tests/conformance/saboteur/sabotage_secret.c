/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_secret.c: passwords that get where they do not belong.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/saboteur/saboteur.h"

#define CONNECT                                                                                    \
    void *state, const struct mpr_call *call, const struct mpr_connect *args, void **ret_session,  \
        uint32_t *ret_code
#define PASS_ON honest->connect(state, call, args, ret_session, ret_code)

#define FAULT(name, function)                                                                      \
    static void name(struct mpr_provider *table) {                                                 \
        table->connect = function;                                                                 \
    }

/* The password, wiped by the caller; "" if there is none. */
static void fetch(const struct mpr_call *call, char *buffer) {
    if (saboteur_host->secret(call, buffer, MPR_SECRET_MAX) != 1)
        buffer[0] = '\0';
}

static enum mpr_answer telling(CONNECT) {
    char password[MPR_SECRET_MAX], text[MPR_SECRET_MAX + 64];
    enum mpr_answer answer = PASS_ON;

    fetch(call, password);
    if (answer != MPR_DONE) {
        snprintf(text, sizeof text, "\"%s\" was refused by \\\\memory.", password);
        saboteur_host->set_error(call, 13, text);
        explicit_bzero(text, sizeof text);
    }
    explicit_bzero(password, sizeof password);
    return answer;
}

FAULT(tell, telling)

static enum mpr_answer logging(CONNECT) {
    char password[MPR_SECRET_MAX];

    fetch(call, password);
    saboteur_host->log(MPR_LOG_DEBUG, "connect %s %s", args->user ? args->user : "", password);
    explicit_bzero(password, sizeof password);
    return PASS_ON;
}

FAULT(write_log, logging)

static enum mpr_answer exporting(CONNECT) {
    char password[MPR_SECRET_MAX];

    fetch(call, password);
    setenv("PASSWD", password, 1);
    explicit_bzero(password, sizeof password);
    return PASS_ON;
}

FAULT(set_environment, exporting)

static enum mpr_answer keeping(CONNECT) {
    static char *volatile kept;
    char password[MPR_SECRET_MAX];

    fetch(call, password);
    kept = strdup(password);
    free(kept); /* but not wiped */
    kept = strdup(password);
    explicit_bzero(password, sizeof password);
    return PASS_ON;
}

FAULT(keep, keeping)

static enum mpr_answer leaving(CONNECT) {
    static char password[MPR_SECRET_MAX];
    enum mpr_answer answer = PASS_ON;

    fetch(call, password);
    return answer;
}

FAULT(leave, leaving)

static int stat_asking(void *session, const struct mpr_call *call, const char *path,
                       struct mpr_stat *ret) {
    char password[MPR_SECRET_MAX];

    fetch(call, password);
    explicit_bzero(password, sizeof password);
    return honest->stat(session, call, path, ret);
}

static void ask_on(struct mpr_provider *table) {
    table->stat = stat_asking;
}

/* clang-format off */
const struct sabotage sabotage_secret[] = {
    {"secret-text", "the password is in the text of a failure", tell},
    {"secret-log", "the password is in the log", write_log},
    {"secret-environment", "the password is in the environment", set_environment},
    {"secret-kept", "NPPSpy: a copy of the password is kept", keep},
    {"secret-left", "the buffer of the password is not wiped", leave},
    {"secret-asked", "operations on files ask for the password", ask_on},
    {NULL, NULL, NULL},
};
