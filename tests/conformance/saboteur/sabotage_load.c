/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_load.c: faults of loading, of init and of fini.
 */
#include "config.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "tests/conformance/saboteur/saboteur.h"

static bool forked;

static uint32_t init_resolving(const struct mpr_host *host, const struct mpr_option *options,
                               char *error, size_t error_size, void **ret_state) {
    struct addrinfo *found = NULL;

    if (getaddrinfo("127.0.0.1", NULL, NULL, &found) == 0)
        freeaddrinfo(found);
    return honest->init(host, options, error, error_size, ret_state);
}

static uint32_t init_masking(const struct mpr_host *host, const struct mpr_option *options,
                             char *error, size_t error_size, void **ret_state) {
    umask(0);
    signal(SIGPIPE, SIG_IGN);
    return honest->init(host, options, error, error_size, ret_state);
}

static uint32_t init_strict(const struct mpr_host *host, const struct mpr_option *options,
                            char *error, size_t error_size, void **ret_state) {
    for (const struct mpr_option *option = options; option->name; option++)
        if (strncmp(option->name, "x-", 2) == 0) {
            snprintf(error, error_size, "The option %s is unknown.", option->name);
            return ERROR_INVALID_PARAMETER;
        }
    return honest->init(host, options, error, error_size, ret_state);
}

static uint32_t init_mute(const struct mpr_host *host, const struct mpr_option *options,
                          char *error, size_t error_size, void **ret_state) {
    char words[512] = "";

    (void)error;
    (void)error_size;
    return honest->init(host, options, words, sizeof words, ret_state);
}

static uint32_t init_overflowing(const struct mpr_host *host, const struct mpr_option *options,
                                 char *error, size_t error_size, void **ret_state) {
    static const char words[] = "The value of the option latency_ms is wrong.";
    uint32_t code = honest->init(host, options, error, error_size, ret_state);

    if (code)
        memcpy(error, words, sizeof words);
    return code;
}

static uint32_t init_lenient(const struct mpr_host *host, const struct mpr_option *options,
                             char *error, size_t error_size, void **ret_state) {
    static const struct mpr_option none[] = {{NULL, NULL}};

    return honest->init(host, options, error, error_size, ret_state)
               ? honest->init(host, none, error, error_size, ret_state)
               : NO_ERROR;
}

static uint32_t init_once(const struct mpr_host *host, const struct mpr_option *options,
                          char *error, size_t error_size, void **ret_state) {
    static bool done;

    if (done) {
        snprintf(error, error_size, "The provider was started already.");
        return ERROR_ALREADY_EXISTS;
    }
    done = true;
    return honest->init(host, options, error, error_size, ret_state);
}

static void fini_nothing(void *state) {
    (void)state;
}

static void *wait_for_ever(void *context) {
    (void)context;
    for (;;)
        pause();
    return NULL;
}

static uint32_t init_with_thread(const struct mpr_host *host, const struct mpr_option *options,
                                 char *error, size_t error_size, void **ret_state) {
    pthread_t thread;

    if (pthread_create(&thread, NULL, wait_for_ever, NULL) == 0)
        pthread_detach(thread);
    return honest->init(host, options, error, error_size, ret_state);
}

static void note_fork(void) {
    forked = true;
}

static enum mpr_answer connect_unforked(void *state, const struct mpr_call *call,
                                        const struct mpr_connect *args, void **ret_session,
                                        uint32_t *ret_code) {
    if (!forked)
        return honest->connect(state, call, args, ret_session, ret_code);
    saboteur_host->set_error(call, 1, "This process was forked.");
    *ret_code = ERROR_EXTENDED_ERROR;
    return MPR_MINE_FAILED;
}

static void stop_after_fork(struct mpr_provider *table) {
    pthread_atfork(NULL, note_fork, note_fork);
    table->connect = connect_unforked;
}

#define REPLACE(name, slot, function)                                                              \
    static void name(struct mpr_provider *table) {                                                 \
        table->slot = function;                                                                    \
    }
REPLACE(resolve_in_init, init, init_resolving)
REPLACE(mask_in_init, init, init_masking)
REPLACE(be_strict, init, init_strict)
REPLACE(be_mute, init, init_mute)
REPLACE(overflow, init, init_overflowing)
REPLACE(be_lenient, init, init_lenient)
REPLACE(start_once, init, init_once)
REPLACE(keep_thread, init, init_with_thread)
REPLACE(free_nothing, fini, fini_nothing)

const struct sabotage sabotage_load[] = {
    {"load-resolves", "winfsp #87: a name is resolved where nobody asked for one", resolve_in_init},
    {"load-process", "a library that changes umask and signals of the program", mask_in_init},
    {"load-fork", "a fork ends it in the parent too", stop_after_fork},
    {"init-strict", "options of a newer version are refused", be_strict},
    {"init-mute", "a bad option is refused without a word", be_mute},
    {"init-overflow", "the error text is longer than its buffer: OpenAFS da89855b4", overflow},
    {"init-lenient", "a bad option gets its default in silence", be_lenient},
    {"init-once", "it cannot be started a second time", start_once},
    {"fini-thread", "a thread is left when it ends", keep_thread},
    {"fini-leak", "nothing is freed when it ends", free_nothing},
    {NULL, NULL, NULL},
};
