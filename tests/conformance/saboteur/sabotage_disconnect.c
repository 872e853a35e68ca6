/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_disconnect.c: faults of disconnect.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "tests/conformance/saboteur/saboteur.h"

#define NS_PER_S  1000000000ll
#define LATE_S    21 /* later than any patience of the kit's own tests */
#define FILES_MAX 64

#define FAULT(name, function)                                                                      \
    static void name(struct mpr_provider *table) {                                                 \
        table->disconnect = function;                                                              \
    }

static uint32_t leaving_descriptor(void *session, const struct mpr_call *call, int force) {
    int left = eventfd(0, EFD_CLOEXEC);

    (void)left;
    return honest->disconnect(session, call, force);
}

FAULT(leave_descriptor, leaving_descriptor)

static uint32_t leaving_memory(void *session, const struct mpr_call *call, int force) {
    static void *volatile last;

    last = calloc(1, 4000);
    (void)last;
    return honest->disconnect(session, call, force);
}

FAULT(leave_memory, leaving_memory)

/* Does the server answer within a moment? */
static bool is_silent(void *session, const struct mpr_call *call) {
    struct mpr_call moment = *call;
    struct timespec now;
    struct mpr_stat found;

    clock_gettime(CLOCK_MONOTONIC, &now);
    moment.deadline_ns = now.tv_sec * NS_PER_S + now.tv_nsec + NS_PER_S / 50;
    return honest->stat(session, &moment, "", &found) == -ETIMEDOUT;
}

static uint32_t keeping_silent(void *session, const struct mpr_call *call, int force) {
    if (!force && is_silent(session, call))
        return ERROR_BAD_NETPATH;
    return honest->disconnect(session, call, force);
}

FAULT(keep_silent, keeping_silent)

static uint32_t forcing_slowly(void *session, const struct mpr_call *call, int force) {
    struct timespec time = {.tv_sec = LATE_S};

    if (force && is_silent(session, call))
        nanosleep(&time, NULL);
    return honest->disconnect(session, call, force);
}

FAULT(force_slowly, forcing_slowly)

static uint32_t ending_anyway(void *session, const struct mpr_call *call, int force) {
    static void *ended;
    uint32_t code;

    if (session == ended) { /* what a session that is gone would do to the process */
        ended = NULL;
        abort();
    }
    code = honest->disconnect(session, call, force);
    if (code == ERROR_CANCELLED) {
        honest->disconnect(session, call, 1);
        ended = session;
    }
    return code;
}

FAULT(end_anyway, ending_anyway)

static uint32_t giving_errno(void *session, const struct mpr_call *call, int force) {
    uint32_t code = honest->disconnect(session, call, force);

    return code == NO_ERROR ? NO_ERROR : (uint32_t)-ECANCELED;
}

FAULT(give_errno, giving_errno)

/* ---- open files: each has a descriptor */

static void *files[FILES_MAX];
static int descriptors[FILES_MAX];

static int open_counted(void *session, const struct mpr_call *call, const char *path, int flags,
                        uint32_t mode, void **ret_file) {
    int rc = honest->open(session, call, path, flags, mode, ret_file);

    for (int i = 0; rc == 0 && i < FILES_MAX; i++)
        if (!files[i]) {
            files[i] = *ret_file;
            descriptors[i] = eventfd(0, EFD_CLOEXEC);
            break;
        }
    return rc;
}

static int close_counted(void *session, const struct mpr_call *call, void *file) {
    for (int i = 0; i < FILES_MAX; i++)
        if (files[i] == file) {
            files[i] = NULL;
            close(descriptors[i]);
        }
    return honest->close(session, call, file);
}

static void drop_files(void) {
    for (int i = 0; i < FILES_MAX; i++)
        if (files[i]) {
            files[i] = NULL;
            close(descriptors[i]);
        }
}

static uint32_t keeping_files(void *session, const struct mpr_call *call, int force) {
    if (!force)
        drop_files();
    return honest->disconnect(session, call, force);
}

static void keep_files(struct mpr_provider *table) {
    table->open = open_counted;
    table->close = close_counted;
    table->disconnect = keeping_files;
}

static uint32_t spoiling_files(void *session, const struct mpr_call *call, int force) {
    for (int i = 0; !force && i < FILES_MAX; i++)
        if (files[i]) {
            honest->truncate(session, call, NULL, files[i], 0);
            return ERROR_OPEN_FILES;
        }
    drop_files();
    return honest->disconnect(session, call, force);
}

static void spoil_files(struct mpr_provider *table) {
    table->open = open_counted;
    table->close = close_counted;
    table->disconnect = spoiling_files;
}

/* clang-format off */
const struct sabotage sabotage_disconnect[] = {
    {"disconnect-descriptor", "winfsp #90: success, and something goes on running", leave_descriptor},
    {"disconnect-memory", "AFS: each disconnect leaves some memory", leave_memory},
    {"disconnect-refuses", "a drive is kept because its server is silent", keep_silent},
    {"disconnect-force-waits", "ms-nfs: force waits for the server too", force_slowly},
    {"disconnect-half", "given up, and ended all the same", end_anyway},
    {"disconnect-errno", "ms-nfs #1: an errno where a code belongs", give_errno},
    {"disconnect-force-keeps", "ms-nfs: force leaves open files behind", keep_files},
    {"disconnect-spoils", "dokany #836: refused for open files, which are of no use any more", spoil_files},
    {NULL, NULL, NULL},
};
