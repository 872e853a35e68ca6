/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_error.c: faults of codes and texts.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "tests/conformance/saboteur/saboteur.h"

#define NTSTATUS_LOGON_FAILURE 0xc000006du

/* What the honest provider is told to be its host. */
static struct mpr_host between;

/* The fault's set_error; it goes on to saboteur_host's. */
static void (*spoken)(const struct mpr_call *call, uint32_t code, const char *text);

static uint32_t init_between(const struct mpr_host *host, const struct mpr_option *options,
                             char *error, size_t error_size, void **ret_state) {
    saboteur_host = host;
    between = *host;
    if (spoken)
        between.set_error = spoken;
    return honest->init(&between, options, error, error_size, ret_state);
}

#define SPEECH(name, function)                                                                     \
    static void name(struct mpr_provider *table) {                                                 \
        spoken = function;                                                                         \
        table->init = init_between;                                                                \
    }

static void say_nothing(const struct mpr_call *call, uint32_t code, const char *text) {
    (void)text;
    saboteur_host->set_error(call, code, "");
}

SPEECH(be_empty, say_nothing)

static void say_line(const struct mpr_call *call, uint32_t code, const char *text) {
    char line[1024];

    snprintf(line, sizeof line, "%.1000s\n", text);
    saboteur_host->set_error(call, code, line);
}

SPEECH(be_a_line, say_line)

static void say_vaguely(const struct mpr_call *call, uint32_t code, const char *text) {
    (void)text;
    saboteur_host->set_error(call, code, "An error occurred.");
}

SPEECH(be_vague, say_vaguely)

static void say_zero(const struct mpr_call *call, uint32_t code, const char *text) {
    (void)code;
    saboteur_host->set_error(call, 0, text);
}

SPEECH(be_zero, say_zero)

struct speech {
    const struct mpr_call *call;
    uint32_t code;
    const char *text;
};

static void *speak(void *argument) {
    const struct speech *speech = argument;

    saboteur_host->set_error(speech->call, speech->code, speech->text);
    return NULL;
}

static void say_elsewhere(const struct mpr_call *call, uint32_t code, const char *text) {
    struct speech speech = {call, code, text};
    pthread_t thread;

    if (pthread_create(&thread, NULL, speak, &speech) == 0)
        pthread_join(thread, NULL);
}

SPEECH(be_elsewhere, say_elsewhere)

static void say_of_another(const struct mpr_call *call, uint32_t code, const char *text) {
    struct mpr_call another = {.size = sizeof another, .cancel_fd = -1};

    if (call->host_data)
        saboteur_host->set_error(&another, code, text);
}

SPEECH(be_of_another, say_of_another)

static void keep_quiet(const struct mpr_call *call, uint32_t code, const char *text) {
    (void)call;
    (void)code;
    (void)text;
}

/* ---- codes */

#define CONNECT                                                                                    \
    void *state, const struct mpr_call *call, const struct mpr_connect *args, void **ret_session,  \
        uint32_t *ret_code
#define PASS_ON honest->connect(state, call, args, ret_session, ret_code)

static uint32_t instead;

/* What is missing has another code, and no words. */
static enum mpr_answer connect_instead(CONNECT) {
    enum mpr_answer answer = PASS_ON;

    if (answer == MPR_MINE_FAILED && *ret_code == ERROR_BAD_NET_NAME)
        *ret_code = instead;
    return answer;
}

static void give_extended(struct mpr_provider *table) {
    instead = ERROR_EXTENDED_ERROR;
    spoken = keep_quiet;
    table->init = init_between;
    table->connect = connect_instead;
}

static void give_unexpected(struct mpr_provider *table) {
    give_extended(table);
    instead = ERROR_UNEXP_NET_ERR;
}

static void give_errno(struct mpr_provider *table) {
    instead = (uint32_t)-ENOENT;
    table->connect = connect_instead;
}

static enum mpr_answer connect_status(CONNECT) {
    enum mpr_answer answer = PASS_ON;

    if (answer == MPR_MINE_FAILED
        && (*ret_code == ERROR_INVALID_PASSWORD || *ret_code == ERROR_LOGON_FAILURE))
        *ret_code = NTSTATUS_LOGON_FAILURE;
    return answer;
}

static void give_status(struct mpr_provider *table) {
    table->connect = connect_status;
}

/* ---- words where none belong */

static enum mpr_answer connect_proudly(CONNECT) {
    enum mpr_answer answer = PASS_ON;

    if (answer == MPR_DONE)
        saboteur_host->set_error(call, 1, "The operation completed successfully.");
    return answer;
}

static void be_proud(struct mpr_provider *table) {
    table->connect = connect_proudly;
}

static int stat_clearing(void *session, const struct mpr_call *call, const char *path,
                         struct mpr_stat *ret) {
    int rc = honest->stat(session, call, path, ret);

    if (rc == 0)
        saboteur_host->set_error(call, 0, "");
    return rc;
}

static void clear(struct mpr_provider *table) {
    table->stat = stat_clearing;
}

static enum mpr_answer parent_explaining(void *state, const struct mpr_call *call,
                                         const char *remote, mpr_resource_fn fn, void *context,
                                         uint32_t *ret_code) {
    enum mpr_answer answer = honest->parent(state, call, remote, fn, context, ret_code);

    if (answer == MPR_NOT_MINE)
        saboteur_host->set_error(call, EINVAL, "That is no name of the memory network.");
    return answer;
}

static void explain_foreign(struct mpr_provider *table) {
    table->parent = parent_explaining;
}

/* clang-format off */
const struct sabotage sabotage_error[] = {
    {"text-empty", "set_error with no text", be_empty},
    {"text-line", "a text that ends in a new line", be_a_line},
    {"text-vague", "sshfs-win #467: a text that says nothing", be_vague},
    {"text-zero", "a text without the provider's own code", be_zero},
    {"text-elsewhere", "the text is given in another thread", be_elsewhere},
    {"text-other", "the text is given for another call", be_of_another},
    {"text-proud", "success is explained", be_proud},
    {"text-clears", "success clears the text of an earlier failure", clear},
    {"text-foreign", "what is somebody else's is explained", explain_foreign},
    {"error-extended", "ERROR_EXTENDED_ERROR, and nothing to read", give_extended},
    {"error-unexpected", "ERROR_UNEXP_NET_ERR, and nothing to read", give_unexpected},
    {"error-errno", "ms-nfs #1: an errno where a code belongs", give_errno},
    {"error-status", "ms-nfs #2: an NTSTATUS where a code belongs", give_status},
    {NULL, NULL, NULL},
};
