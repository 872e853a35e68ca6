/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_names.c: faults of recognise.
 */
#include "config.h"

#include <netdb.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mpr/winnetwk.h>

#include "tests/conformance/saboteur/saboteur.h"

#define CUT_AT 60

static int recognise_nothing(void *state, const char *remote, struct mpr_recognised *ret) {
    (void)state;
    (void)remote;
    (void)ret;
    return 0;
}

static void take_nothing(struct mpr_provider *table) {
    table->recognise = recognise_nothing;
}

/* A name that the honest provider leaves, taken as it stands. */
static int take_raw(const char *remote, struct mpr_recognised *ret) {
    if (!*remote || strlen(remote) >= sizeof ret->key - 8)
        return 0;
    ret->type = RESOURCETYPE_DISK;
    ret->depth = 1;
    snprintf(ret->key, sizeof ret->key, "raw%s.", remote);
    return 1;
}

static int recognise_everything(void *state, const char *remote, struct mpr_recognised *ret) {
    return honest->recognise(state, remote, ret) || take_raw(remote, ret);
}

static void take_everything(struct mpr_provider *table) {
    table->recognise = recognise_everything;
}

static int recognise_resolving(void *state, const char *remote, struct mpr_recognised *ret) {
    struct addrinfo *found = NULL;

    if (honest->recognise(state, remote, ret))
        return 1;
    if (getaddrinfo("127.0.0.1", NULL, NULL, &found) == 0)
        freeaddrinfo(found);
    return 0;
}

static void resolve(struct mpr_provider *table) {
    table->recognise = recognise_resolving;
}

static int recognise_slowly(void *state, const char *remote, struct mpr_recognised *ret) {
    struct timespec moment = {.tv_nsec = 300000};

    nanosleep(&moment, NULL);
    return honest->recognise(state, remote, ret);
}

static void take_time(struct mpr_provider *table) {
    table->recognise = recognise_slowly;
}

static int recognise_by_case(void *state, const char *remote, struct mpr_recognised *ret) {
    int taken = honest->recognise(state, remote, ret);
    size_t length = taken ? strlen(ret->key) : 0, end = strlen(remote);

    /* What the name ends in, as it was written. */
    if (length > 8 && end > length - 7 && remote[end - 1] != '\\')
        memcpy(ret->key + 7, remote + end - (length - 7), length - 7);
    return taken;
}

static void keep_case(struct mpr_provider *table) {
    table->recognise = recognise_by_case;
}

static int recognise_share(void *state, const char *remote, struct mpr_recognised *ret) {
    int taken = honest->recognise(state, remote, ret);
    char *slash = taken ? strchr(ret->key, '/') : NULL;

    if (slash && (slash = strchr(slash + 1, '/')))
        *slash = '\0';
    return taken;
}

static void forget_path(struct mpr_provider *table) {
    table->recognise = recognise_share;
}

static int recognise_cut(void *state, const char *remote, struct mpr_recognised *ret) {
    int taken = honest->recognise(state, remote, ret);

    if (taken)
        ret->key[CUT_AT] = '\0';
    return taken;
}

static void cut_keys(struct mpr_provider *table) {
    table->recognise = recognise_cut;
}

static int recognise_early(void *state, const char *remote, struct mpr_recognised *ret) {
    ret->type = RESOURCETYPE_DISK;
    return honest->recognise(state, remote, ret);
}

static void write_early(struct mpr_provider *table) {
    table->recognise = recognise_early;
}

static int recognise_far(void *state, const char *remote, struct mpr_recognised *ret) {
    const volatile char *text = remote;

    return text[0] && text[8] == '\0' ? 0 : honest->recognise(state, remote, ret);
}

static void read_far(struct mpr_provider *table) {
    table->recognise = recognise_far;
}

static int recognise_in_turn(void *state, const char *remote, struct mpr_recognised *ret) {
    static atomic_uint turn;
    int taken = honest->recognise(state, remote, ret);

    if (taken && ret->depth)
        ret->depth = 1 + atomic_fetch_add(&turn, 1) % 2;
    return taken;
}

static void take_turns(struct mpr_provider *table) {
    table->recognise = recognise_in_turn;
}

static int recognise_leaking(void *state, const char *remote, struct mpr_recognised *ret) {
    static void *volatile last;

    last = malloc(64);
    (void)last;
    return honest->recognise(state, remote, ret);
}

static void leak(struct mpr_provider *table) {
    table->recognise = recognise_leaking;
}

static int recognise_shared(void *state, const char *remote, struct mpr_recognised *ret) {
    static char key[MPR_KEY_MAX];
    int taken = honest->recognise(state, remote, ret);

    if (taken) {
        memcpy(key, ret->key, sizeof key);
        sched_yield();
        memcpy(ret->key, key, sizeof key);
    }
    return taken;
}

static void share_buffer(struct mpr_provider *table) {
    table->recognise = recognise_shared;
}

static int recognise_bytes(void *state, const char *remote, struct mpr_recognised *ret) {
    if (honest->recognise(state, remote, ret))
        return 1;
    return strncmp(remote, "\\\\memory\\", 9) == 0 && strpbrk(remote, "\x80\xff\xc0")
           && take_raw(remote, ret);
}

static void take_bytes(struct mpr_provider *table) {
    table->recognise = recognise_bytes;
}

static int recognise_controls(void *state, const char *remote, struct mpr_recognised *ret) {
    if (honest->recognise(state, remote, ret))
        return 1;
    return strncmp(remote, "\\\\memory\\", 9) == 0 && strpbrk(remote, "\t\n\x7f")
           && take_raw(remote, ret);
}

static void take_controls(struct mpr_provider *table) {
    table->recognise = recognise_controls;
}

static int recognise_flat(void *state, const char *remote, struct mpr_recognised *ret) {
    int taken = honest->recognise(state, remote, ret);

    if (taken && !ret->depth)
        ret->depth = 1;
    return taken;
}

static void flatten(struct mpr_provider *table) {
    table->recognise = recognise_flat;
}

/* clang-format off */
const struct sabotage sabotage_names[] = {
    {"names-nothing", "a provider that recognises none of its own names", take_nothing},
    {"names-everything", "dokany #952: a provider answers for any name", take_everything},
    {"names-resolves", "winfsp #87: each name's server is looked up before others are asked", resolve},
    {"names-slow", "a look-up of a third of a millisecond where microseconds do", take_time},
    {"names-case", "one resource has two keys: as it is written", keep_case},
    {"names-share", "two resources have one key: what follows the share is forgotten", forget_path},
    {"names-cut", "VirtualBox, AFS: fixed buffers cut long names", cut_keys},
    {"names-early", "the answer is written before the name is understood", write_early},
    {"names-far", "VirtualBox: a name is read past its end", read_far},
    {"names-turns", "the answer to one name is not always the same", take_turns},
    {"names-leak", "each question leaves some bytes behind", leak},
    {"names-shared", "a static buffer, used by all threads", share_buffer},
    {"names-bytes", "what is no UTF-8 becomes part of a key", take_bytes},
    {"names-controls", "control characters become part of a key", take_controls},
    {"names-flat", "a server is taken for a share", flatten},
    {NULL, NULL, NULL},
};
