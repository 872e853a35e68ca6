/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_stress.c: faults among threads and signals, and where something is short.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *volatile kept;
static volatile WCHAR last_password[64];
static atomic_int inside;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static _Atomic pthread_t last_adder;
static _Thread_local void *of_thread;
static _Thread_local int held = -1;

/* OpenAFS, ms-nfs41: large arrays on the stack */
static void want_stack(void) {
    volatile char path[160 * 1024];

    for (size_t i = 0; i < sizeof path; i += 512)
        path[i] = 0;
}

static void ask_router(void) {
    void *symbol = dlsym(RTLD_DEFAULT, "WNetCloseEnum");
    DWORD(MPRCALL * close_enum)(HANDLE);

    memcpy(&close_enum, &symbol, sizeof close_enum);
    if (close_enum)
        close_enum(NULL);
}

static void want_memory(void) {
    volatile char *copy = malloc(64);

    copy[0] = 0;
    free((void *)(uintptr_t)copy);
}

static void want_descriptor(void) {
    held = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (held < 0 && sabotage("want-descriptors")) /* believed to be there */
        abort();
}

static void keep_password(LPCWSTR password) {
    size_t i = 0;

    for (; password && password[i] && i < 63; i++)
        last_password[i] = password[i];
    last_password[i] = 0;
}

static void take(LPCWSTR password) {
    if (sabotage("thread-stack"))
        want_stack();
    if (sabotage("thread-wnet")) /* a deadlock on Windows */
        ask_router();
    if (sabotage("thread-leak") && !of_thread) /* memory for each thread, and for good */
        of_thread = malloc(256);
    if (sabotage("leak-connect")) /* OpenAFS: each connect loses some memory */
        kept = malloc(64);
    if (sabotage("want-memory"))
        want_memory();
    if (sabotage("want-descriptors") || sabotage("leak-failure"))
        want_descriptor();
    if (sabotage("secret-kept")) /* for a later connect, in the clear */
        keep_password(password);
}

DWORD classic_stress_begin(LPCWSTR password) {
    last_adder = pthread_self();
    if (sabotage("thread-race")) { /* two at once disturb each other */
        if (atomic_fetch_add(&inside, 1)) {
            atomic_fetch_sub(&inside, 1);
            return WN_FUNCTION_BUSY;
        }
        poll(NULL, 0, 2);
    }
    if (sabotage("thread-lock")) /* ms-nfs41: held while a server is waited for */
        pthread_mutex_lock(&turn);
    /* a signal counts as a failure of the server */
    if (sabotage("thread-eintr") && poll(NULL, 0, 3) < 0 && errno == EINTR)
        return classic_explain(EINTR, u"The wait for the server was ended by a signal", u"", u".");
    take(password);
    return WN_SUCCESS;
}

void classic_stress_end(DWORD code) {
    /* ms-nfs41: what is held is forgotten where something failed */
    if (held >= 0 && (code == WN_SUCCESS || !sabotage("leak-failure")))
        close(held);
    held = -1;
    if (sabotage("thread-lock"))
        pthread_mutex_unlock(&turn);
    if (sabotage("thread-race") && code != WN_FUNCTION_BUSY)
        atomic_fetch_sub(&inside, 1);
}

void classic_stress_get(void) {
    static atomic_flag done = ATOMIC_FLAG_INIT;

    /* behind everybody who adds, in a queue that is not fair */
    if (sabotage("thread-starved") && last_adder && !pthread_equal(last_adder, pthread_self())
        && !atomic_flag_test_and_set(&done))
        poll(NULL, 0, 1200);
}

void classic_stress_list(void) {
    if (sabotage("leak-list")) /* each listing loses some memory */
        kept = malloc(64);
}
