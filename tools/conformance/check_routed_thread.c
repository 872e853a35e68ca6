/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_routed_thread.c: threads, processes and words: what programs do with a
 * provider without knowing it.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_routed.h"

/* Each thread has two devices of its own: what it sees there must be what it did. */
static void live(void *context, unsigned number) {
    char device[] = "A:";
    unsigned seed = number * 7919 + 1;
    bool connected = false;

    (void)context;
    device[0] = (char)('D' + number);
    for (unsigned i = 0; i < kit_rounds(60); i++) {
        const char *found;

        seed = seed * 1103515245 + 12345;
        switch (seed >> 16 & 3) {
        case 0:
            KIT_CODES(kit_add(device, kit_lab.good.items[number % kit_lab.good.count]),
                      connected ? ERROR_ALREADY_ASSIGNED : NO_ERROR);
            connected = true;
            break;
        case 1:
            KIT_CODES(kit_cancel(device, seed >> 20 & 1),
                      connected ? NO_ERROR : ERROR_NOT_CONNECTED);
            connected = false;
            break;
        case 2:
            kit_listed(NULL);
            break;
        default:
            found = kit_get(device, NULL);
            kit_expect((found != NULL) == connected, connected ? "a connection" : "none", "%s",
                       found ? found : "none");
            break;
        }
    }
}

static void follows_a_model(void) {
    kit_routed_start(KIT_DECOY_AFTER, NULL);
    kit_threads(8, live, NULL);
}

static void make_or_look(void *context, unsigned number) {
    int64_t longest = 0;

    (void)context;
    for (unsigned i = 0; i < kit_rounds(40); i++) {
        if (number) {
            KIT_CODES(kit_add("Y:", kit_lab.good.items[0]), NO_ERROR, ERROR_ALREADY_ASSIGNED);
            KIT_CODES(kit_cancel("Y:", FALSE), NO_ERROR, ERROR_NOT_CONNECTED, ERROR_DEVICE_IN_USE);
        } else {
            int64_t began = kit_ms();

            kit_expect(kit_get("Z:", NULL), "Z: connected", "it is free");
            longest = kit_ms() - began > longest ? kit_ms() - began : longest;
        }
    }
    if (!number)
        kit_expect(longest <= kit_limit(100), "WNetGetConnection within 100 ms", "%lld ms",
                   (long long)longest);
}

static void looks_meanwhile(void) {
    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good("Z:", kit_good(0));
    kit_threads(3, make_or_look, NULL);
}

/* Each thread makes a failure of its own and reads its own words. */
static void fail_and_read(void *context, unsigned number) {
    const char *remote = kit_text("%s%u", (const char *)context, number);
    char name[512];

    snprintf(name, sizeof name, "%s", remote);
    for (unsigned i = 0; i < kit_rounds(20); i++) {
        DWORD code = kit_add(NULL, name), said;
        const char *words = kit_text("%s", kit_words(&said, NULL));

        kit_expect(code != NO_ERROR, "a failure: there is no such resource", "success");
        kit_expect(strstr(words, name), kit_text("words that name %s", name), "%s", words);
    }
}

static void keeps_words_apart(void) {
    const char *missing = kit_need(kit_lab.missing, "missing");

    kit_routed_start(KIT_ALONE, NULL);
    kit_threads(8, fail_and_read, (void *)(uintptr_t)missing);
}

static void keeps_words_over_success(void) {
    const char *missing = kit_need(kit_lab.missing, "missing");
    const char *provider, *words, *later;
    DWORD code, said, said_later;

    kit_routed_start(KIT_DECOY_AFTER, NULL);
    code = kit_add(NULL, missing);
    kit_expect(code != NO_ERROR, "a failure", "success");
    words = kit_words(&said, &provider);
    kit_expect(words[0], "words of the failure", "none");
    kit_expect(said != NO_ERROR, "a code other than 0", "0");
    kit_expect(strcmp(provider, kit_routed_provider()) == 0, kit_routed_provider(), "%s", provider);
    kit_expect(words[strlen(words) - 1] != '\n', "no newline at the end of the words", "%s", words);
    kit_add_good(NULL, kit_good(0));
    later = kit_words(&said_later, NULL);
    kit_expect(said == said_later && strcmp(words, later) == 0, words, "%s", later);
}

static void hides_the_password(void) {
    const char *login = kit_need(kit_lab.login, "login");
    const char *wrong = kit_need(kit_lab.wrong_password, "wrong_password");
    const char *words;

    kit_routed_start(KIT_ALONE, NULL);
    KIT_CODES(kit_add_as(NULL, login, kit_lab.user, wrong, 0), ERROR_INVALID_PASSWORD,
              ERROR_ACCESS_DENIED, ERROR_LOGON_FAILURE);
    words = kit_words(NULL, NULL);
    kit_expect(!strstr(words, wrong), "words without the password", "%s", words);
}

static void bears_a_fork(void) {
    int status = 0;
    pid_t child;

    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good("Z:", kit_good(0));
    kit_doing("fork, then WNet functions in the child");
    child = fork();
    if (child == 0) {
        DWORD code;

        alarm(20);
        kit_get("Z:", &code);
        KIT_CODES(code, ERROR_NO_NETWORK, NO_ERROR);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        kit_broken("no process can be started: %s", strerror(errno));
    kit_expect(WIFEXITED(status), "a child that ends by itself", "signal %d", WTERMSIG(status));
    kit_expect(kit_get("Z:", NULL), "the parent's connection as it was", "it is gone");
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
}

static void leaves_the_process(void) {
    char *before, *after;

    kit_routed_start(KIT_ALONE, NULL);
    before = kit_process_state();
    kit_add_good("Z:", kit_good(0));
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
    after = kit_process_state();
    kit_expect(strcmp(before, after) == 0,
               "signals, limits, locale, umask, directory and environment as before", "%s", after);
    free(before);
    free(after);
}

const struct kit_check kit_checks_routed_thread[] = {
    {"THR-01", KIT_MUST, follows_a_model,
     "Eight threads that connect, look and cancel at random see what they did themselves",
     "Every program may have threads, and none knows of the others.", "mpr(7), threads"},
    {"THR-02", KIT_MUST, looks_meanwhile,
     "A look at a connection takes under 100 ms while others come and go",
     "Providers that hold a lock over the network stop every look.", "mpr-provider(7), threads"},
    {"ERR-05", KIT_MUST, keeps_words_apart, "Each thread reads the words of its own failure",
     "WNetGetLastError is per thread.", "WNetGetLastError(3)"},
    {"ERR-11", KIT_MUST, keeps_words_over_success,
     "The words of a failure name the provider, and stay until the next failure",
     "Programs clean up before they ask what happened.", "WNetGetLastError(3)"},
    {"ERR-06", KIT_MUST, hides_the_password, "The words of a refused logon lack the password",
     "They end in logs and on screens.", "mpr/provider.h, rule 5"},
    {"LOAD-10", KIT_MUST, bears_a_fork,
     "After a fork the child gets an answer, and the parent's connections stay",
     "Programs start others all the time.", "mpr(7), fork"},
    {"LOAD-11", KIT_MUST, leaves_the_process,
     "Connecting changes nothing of the process that does not belong to the provider",
     "Signals, locale and directory are the program's.", "mpr/provider.h, rule 6"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
