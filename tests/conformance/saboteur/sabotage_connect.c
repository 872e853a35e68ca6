/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_connect.c: faults of connect.
 */
#include "config.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "tests/conformance/saboteur/saboteur.h"

#define NS_PER_MS 1000000ll
#define LATE_MS   21000 /* later than any patience of the kit's own tests */

#define CONNECT                                                                                    \
    void *state, const struct mpr_call *call, const struct mpr_connect *args, void **ret_session,  \
        uint32_t *ret_code
#define PASS_ON honest->connect(state, call, args, ret_session, ret_code)

#define FAULT(name, function)                                                                      \
    static void name(struct mpr_provider *table) {                                                 \
        table->connect = function;                                                                 \
    }

static enum mpr_answer refuse(uint32_t *ret_code, uint32_t code) {
    *ret_code = code;
    return MPR_MINE_FAILED;
}

static enum mpr_answer touching(CONNECT) {
    enum mpr_answer answer = PASS_ON;

    if (answer != MPR_DONE)
        *ret_session = NULL;
    return answer;
}

FAULT(touch, touching)

static enum mpr_answer flattening(CONNECT) {
    return PASS_ON == MPR_DONE ? MPR_DONE : refuse(ret_code, ERROR_BAD_NET_NAME);
}

FAULT(flatten, flattening)

static enum mpr_answer without_network(CONNECT) {
    enum mpr_answer answer = PASS_ON;

    if (answer == MPR_MINE_FAILED && *ret_code == ERROR_BAD_NET_NAME)
        *ret_code = ERROR_NO_NETWORK;
    return answer;
}

FAULT(lose_network, without_network)

static enum mpr_answer claiming(CONNECT) {
    enum mpr_answer answer = PASS_ON;

    return answer == MPR_NOT_MINE ? MPR_MINE_FAILED : answer;
}

FAULT(claim, claiming)

static enum mpr_answer late(CONNECT) {
    struct mpr_call later = *call;

    later.deadline_ns += LATE_MS * NS_PER_MS;
    return honest->connect(state, &later, args, ret_session, ret_code);
}

FAULT(be_late, late)

static enum mpr_answer deaf(CONNECT) {
    struct mpr_call uncancelled = *call;

    uncancelled.cancel_fd = -1;
    return honest->connect(state, &uncancelled, args, ret_session, ret_code);
}

FAULT(be_deaf, deaf)

static enum mpr_answer misunderstanding(CONNECT) {
    enum mpr_answer answer = PASS_ON;

    if (answer == MPR_DONE || *ret_code != ERROR_CANCELLED)
        return answer;
    *ret_code = ERROR_BAD_NETPATH;
    return MPR_NOT_MINE;
}

FAULT(misunderstand, misunderstanding)

static enum mpr_answer leaving_descriptor(CONNECT) {
    enum mpr_answer answer = PASS_ON;
    int left = answer == MPR_DONE ? -1 : eventfd(0, EFD_CLOEXEC);

    (void)left;
    return answer;
}

FAULT(leave_descriptor, leaving_descriptor)

static enum mpr_answer leaving_memory(CONNECT) {
    static void *volatile last;
    enum mpr_answer answer = PASS_ON;

    if (answer != MPR_DONE)
        last = calloc(1, 4000);
    (void)last;
    return answer;
}

FAULT(leave_memory, leaving_memory)

static enum mpr_answer of_any_type(CONNECT) {
    struct mpr_connect any = *args;

    any.type = RESOURCETYPE_ANY;
    return honest->connect(state, call, &any, ret_session, ret_code);
}

FAULT(take_any_type, of_any_type)

static enum mpr_answer strict(CONNECT) {
    const uint32_t known = CONNECT_INTERACTIVE | CONNECT_PROMPT | CONNECT_DEFERRED;

    return args->flags & ~known ? refuse(ret_code, ERROR_INVALID_PARAMETER) : PASS_ON;
}

FAULT(be_strict, strict)

static enum mpr_answer by_device(CONNECT) {
    return args->device && args->device[0] == 'A' ? refuse(ret_code, ERROR_BAD_DEVICE) : PASS_ON;
}

FAULT(judge_device, by_device)

static enum mpr_answer writing(CONNECT) {
    if (args->device)
        *(char *)(uintptr_t)args->device = 'Z';
    return PASS_ON;
}

FAULT(write_device, writing)

static enum mpr_answer careless(CONNECT) {
    const volatile unsigned char *options = args->use_options;

    if (options && options[63] == 1)
        return refuse(ret_code, ERROR_INVALID_PARAMETER);
    return PASS_ON;
}

FAULT(read_options, careless)

static enum mpr_answer for_owner(CONNECT) {
    return call->uid != geteuid() ? refuse(ret_code, (uint32_t)-1) : PASS_ON;
}

FAULT(know_owner, for_owner)

static enum mpr_answer polling(CONNECT) {
    return call->cancel_fd < 0 ? refuse(ret_code, ERROR_INVALID_HANDLE) : PASS_ON;
}

FAULT(poll_blindly, polling)

static enum mpr_answer of_shares(CONNECT) {
    return strstr(args->remote, "kit-below") ? refuse(ret_code, ERROR_BAD_NET_NAME) : PASS_ON;
}

FAULT(know_shares, of_shares)

static enum mpr_answer deferring(CONNECT) {
    struct mpr_connect there = *args;

    there.remote = "\\\\memory\\demo";
    return PASS_ON == MPR_DONE ? MPR_DONE
           : args->flags & CONNECT_DEFERRED
               ? honest->connect(state, call, &there, ret_session, ret_code)
               : MPR_MINE_FAILED;
}

static enum mpr_answer maybe_deferring(CONNECT) {
    return args->flags & CONNECT_DEFERRED ? deferring(state, call, args, ret_session, ret_code)
                                          : PASS_ON;
}

FAULT(defer, maybe_deferring)

/* ---- one session for all connections of a resource */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char shared_name[256];
static void *shared_session;
static unsigned sharers;

static enum mpr_answer sharing(CONNECT) {
    enum mpr_answer answer;

    pthread_mutex_lock(&lock);
    if (sharers && strcmp(shared_name, args->remote) == 0) {
        sharers++;
        *ret_session = shared_session;
        pthread_mutex_unlock(&lock);
        return MPR_DONE;
    }
    answer = PASS_ON;
    if (answer == MPR_DONE && !sharers && strlen(args->remote) < sizeof shared_name) {
        memcpy(shared_name, args->remote, strlen(args->remote) + 1);
        shared_session = *ret_session;
        sharers = 1;
    }
    pthread_mutex_unlock(&lock);
    return answer;
}

static uint32_t unsharing(void *session, const struct mpr_call *call, int force) {
    bool last;

    pthread_mutex_lock(&lock);
    last = session != shared_session || !sharers || --sharers == 0;
    pthread_mutex_unlock(&lock);
    return last ? honest->disconnect(session, call, force) : NO_ERROR;
}

static void share(struct mpr_provider *table) {
    table->connect = sharing;
    table->disconnect = unsharing;
}

/* clang-format off */
const struct sabotage sabotage_connect[] = {
    {"connect-touches", "*ret_session is cleared by a failure", touch},
    {"connect-67", "sshfs-win #17: every cause is 67, the network name cannot be found", flatten},
    {"connect-1222", "sshfs-win #178: no network, where a share is missing", lose_network},
    {"connect-claims", "a host that is not there is its failure, and nobody else is asked", claim},
    {"connect-late", "libsmbclient: the library's time-out, not the caller's", be_late},
    {"connect-deaf", "libnfs: nobody can interrupt it", be_deaf},
    {"connect-misunderstands", "who gives up reads that the server is silent", misunderstand},
    {"connect-descriptor", "each failure leaves a descriptor", leave_descriptor},
    {"connect-memory", "each failure leaves some memory", leave_memory},
    {"connect-any-type", "a disk is connected as a printer", take_any_type},
    {"connect-strict", "flags of tomorrow are refused", be_strict},
    {"connect-device", "the provider judges devices, which are the router's", judge_device},
    {"connect-writes", "ms-nfs, AFS: arguments are changed in place", write_device},
    {"connect-options", "use_options are read without a look at their size", read_options},
    {"connect-owner", "callers are told apart, and get an errno", know_owner},
    {"connect-polls", "a call without a cancel descriptor fails", poll_blindly},
    {"connect-shares", "a share connects, a directory in it does not", know_shares},
    {"connect-defers", "sshfs-win #155: success first, the failure when the drive is used", defer},
    {"connect-once", "OpenAFS: a second connection takes the place of the first", share},
    {NULL, NULL, NULL},
};
