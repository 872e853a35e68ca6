/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_memory.c: what is not given back, and what is believed to be there.
 */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/conformance/saboteur/saboteur.h"

static void *volatile kept;

#define CONNECT(name)                                                                              \
    static enum mpr_answer name(void *state, const struct mpr_call *call,                          \
                                const struct mpr_connect *args, void **ret_session,                \
                                uint32_t *ret_code)
#define CONNECT_HONESTLY honest->connect(state, call, args, ret_session, ret_code)

CONNECT(connect_keeping) {
    kept = malloc(64);
    return CONNECT_HONESTLY;
}

CONNECT(connect_losing) {
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    enum mpr_answer answer = CONNECT_HONESTLY;

    if (answer == MPR_DONE)
        close(fd);
    return answer;
}

static enum mpr_answer list_keeping(void *state, const struct mpr_call *call, const char *container,
                                    uint32_t type, uint32_t usage, mpr_resource_fn fn,
                                    void *context, uint32_t *ret_code) {
    kept = malloc(64);
    return honest->list(state, call, container, type, usage, fn, context, ret_code);
}

CONNECT(connect_trusting) {
    volatile char *copy = malloc(64);

    copy[0] = args->remote[0];
    free((void *)(uintptr_t)copy);
    return CONNECT_HONESTLY;
}

CONNECT(connect_opening) {
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        abort();
    close(fd);
    return CONNECT_HONESTLY;
}

#define REPLACE(name, slot, function)                                                              \
    static void name(struct mpr_provider *table) {                                                 \
        table->slot = function;                                                                    \
    }
REPLACE(keep, connect, connect_keeping)
REPLACE(lose, connect, connect_losing)
REPLACE(keep_lists, list, list_keeping)
REPLACE(trust, connect, connect_trusting)
REPLACE(open_always, connect, connect_opening)

const struct sabotage sabotage_memory[] = {
    {"leak-connect", "OpenAFS: each connect loses some memory", keep},
    {"leak-failure", "ms-nfs41: what is held is forgotten where something fails", lose},
    {"leak-list", "each list loses some memory", keep_lists},
    {"want-memory", "an allocation that is not checked", trust},
    {"want-descriptors", "a descriptor that is not checked", open_always},
    {NULL, NULL, NULL},
};
