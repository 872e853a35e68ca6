/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_thread.c: faults that show among threads and signals.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "tests/conformance/saboteur/saboteur.h"

#define CONNECT(name)                                                                              \
    static enum mpr_answer name(void *state, const struct mpr_call *call,                          \
                                const struct mpr_connect *args, void **ret_session,                \
                                uint32_t *ret_code)
#define CONNECT_HONESTLY honest->connect(state, call, args, ret_session, ret_code)

static enum mpr_answer fail(const struct mpr_call *call, uint32_t *ret_code, const char *text) {
    saboteur_host->set_error(call, 4, text);
    *ret_code = ERROR_EXTENDED_ERROR;
    return MPR_MINE_FAILED;
}

CONNECT(connect_alone) {
    static atomic_int inside;
    enum mpr_answer answer;

    if (atomic_fetch_add(&inside, 1)) {
        atomic_fetch_sub(&inside, 1);
        return fail(call, ret_code, "Another connect has not ended yet.");
    }
    poll(NULL, 0, 2);
    answer = CONNECT_HONESTLY;
    atomic_fetch_sub(&inside, 1);
    return answer;
}

CONNECT(connect_in_turn) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    enum mpr_answer answer;

    pthread_mutex_lock(&lock);
    answer = CONNECT_HONESTLY;
    pthread_mutex_unlock(&lock);
    return answer;
}

static uint32_t user_alone(void *session, const struct mpr_call *call, char *buffer, size_t size) {
    static atomic_int inside;
    uint32_t code = ERROR_BUSY;

    if (atomic_fetch_add(&inside, 1) == 0) {
        poll(NULL, 0, 1);
        code = honest->user(session, call, buffer, size);
    }
    atomic_fetch_sub(&inside, 1);
    return code;
}

CONNECT(connect_uninterrupted) {
    if (poll(NULL, 0, 3) < 0 && errno == EINTR)
        return fail(call, ret_code, "The wait for the server failed: interrupted system call.");
    return CONNECT_HONESTLY;
}

CONNECT(connect_deep) {
    volatile char path[160 * 1024];

    for (size_t i = 0; i < sizeof path; i += 512)
        path[i] = 0;
    return path[0] ? MPR_NOT_MINE : CONNECT_HONESTLY;
}

CONNECT(connect_per_thread) {
    static _Thread_local void *mine;

    if (!mine)
        mine = malloc(256);
    return mine ? CONNECT_HONESTLY : fail(call, ret_code, "There is no memory.");
}

CONNECT(connect_asking) {
    void *symbol = dlsym(RTLD_DEFAULT, "WNetCloseEnum");
    DWORD(MPRCALL * close_enum)(HANDLE);

    memcpy(&close_enum, &symbol, sizeof close_enum);
    if (close_enum)
        close_enum(NULL);
    return CONNECT_HONESTLY;
}

#define REPLACE(name, slot, function)                                                              \
    static void name(struct mpr_provider *table) {                                                 \
        table->slot = function;                                                                    \
    }
REPLACE(be_alone, connect, connect_alone)
REPLACE(lock_connects, connect, connect_in_turn)
REPLACE(tell_alone, user, user_alone)
REPLACE(be_interrupted, connect, connect_uninterrupted)
REPLACE(want_stack, connect, connect_deep)
REPLACE(keep_per_thread, connect, connect_per_thread)
REPLACE(ask_router, connect, connect_asking)

const struct sabotage sabotage_thread[] = {
    {"thread-race", "two connects at once disturb each other", be_alone},
    {"thread-lock", "ms-nfs41: a lock is held while a server is waited for", lock_connects},
    {"thread-session", "a session serves one thread only, against its flag", tell_alone},
    {"thread-eintr", "a signal counts as a failure of the server", be_interrupted},
    {"thread-stack", "OpenAFS, ms-nfs41: large arrays on the stack", want_stack},
    {"thread-leak", "each thread costs memory for good", keep_per_thread},
    {"thread-wnet", "a WNet function is called from inside: deadlock on Windows", ask_router},
    {NULL, NULL, NULL},
};
