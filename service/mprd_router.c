/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_router.c: the router of the service, which lives longer than what it was made of: if
 * drop-ins or mpr.json have changed, and there is no connection, the next operation has a new
 * one made.
 *
 * An operation goes in and comes out; a new router is made when nobody is inside. Whoever
 * comes meanwhile waits for that.
 */
#include "config.h"

#include "service/mprd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_gate.h"
#include "router/mpr_ops.h"
#include "router/mpr_paths.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"
#include "router/mpr_unavailable.h"

#define CONFIG  "mpr.json"
#define MAKE_MS 30000 /* providers start and end with bounds of their own */
#define PRIME   0x100000001b3u

static struct mpr_lock lock = MPR_LOCK_INIT;
static pthread_cond_t changed;
static unsigned inside GUARDED_BY(lock);
static bool making GUARDED_BY(lock);
/* Of whoever is making one, or constant while somebody is inside. */
static void *state; /* of the driver "local"; NULL: it could not be made */
static const char *root;
static struct mpr_paths *paths;
static uint64_t mark; /* of the files that it was made of */

/* --- what it is made of --- */

/* A change of contents, owner or mode is one of ctime. */
static uint64_t mix(const struct stat *facts) {
    uint64_t hash = (uint64_t)facts->st_ino * PRIME;

    hash = (hash ^ (uint64_t)facts->st_ctim.tv_sec) * PRIME;
    return (hash ^ (uint64_t)facts->st_ctim.tv_nsec) * PRIME;
}

/* The sum of all is the same in whatever order they are found. */
static void add_file(int directory, const char *name, uint64_t *sum) {
    struct stat facts;

    if (fstatat(directory, name, &facts, 0) == 0)
        *sum += mix(&facts);
}

/* False: for want of descriptors or memory it cannot be told. */
static bool add_directory(const char *path, uint64_t *sum) {
    DIR *directory = opendir(path);
    const struct dirent *entry;

    if (!directory)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    while ((entry = readdir(directory)))
        if (strcmp(entry->d_name, "..") != 0)
            add_file(dirfd(directory), entry->d_name, sum);
    closedir(directory);
    return true;
}

static void add_config(const char *directory, uint64_t *sum) {
    char *path = mpr_paths_join(directory, CONFIG);

    if (path)
        add_file(AT_FDCWD, path, sum);
    free(path);
}

/* Who cannot look sees no change. */
static uint64_t look(void) {
    uint64_t sum = 0;

    for (char **at = paths->drop_ins; *at; at++)
        if (!add_directory(*at, &sum))
            return mark;
    add_config(paths->system_config, &sum);
    add_config(paths->user_config, &sum);
    return sum;
}

/* --- making a new one --- */

static DWORD make(void) {
    DWORD rc;

    mprd_start_loading(true);
    rc = mpr_local_driver.open(root, &state);
    mprd_start_loading(false);
    return rc;
}

/* What the old one could not restore is still not there. */
static void replace(void) {
    struct mpr_unavailable *notes = NULL;
    size_t count = 0;

    if (mpr_unavailable_list(&notes, &count) != NO_ERROR)
        return;
    if (state) {
        mpr_local_driver.clear(state, true);
        mpr_local_driver.close(state);
    }
    mark = look();
    state = NULL;
    if (make() != NO_ERROR)
        mark = 0;
    for (size_t i = 0; i < count; i++) {
        mpr_unavailable_note(&notes[i]);
        mpr_unavailable_retry(notes[i].device, notes[i].retry_at_ns);
    }
    mpr_unavailable_free(notes, count);
    mpr_trace("service", "drop-ins or " CONFIG " have changed: they are read anew%s",
              state ? "" : ", which failed");
}

static void look_again(void) {
    struct mpr_error_state before;

    mpr_error_keep(&before);
    if (!state || (look() != mark && !mprd_end_is_used(&mpr_local_driver, state)))
        replace();
    mpr_error_put_back(&before);
}

/* --- operations --- */

/* The first to come looks, while the others wait. */
static DWORD enter(void) {
    int64_t deadline_ns = mpr_deadline_in_ms(MAKE_MS);
    bool first;

    mpr_lock(&lock);
    while (making && mpr_cond_wait(&changed, &lock, deadline_ns))
        ;
    if (making) {
        mpr_unlock(&lock);
        return mpr_error_say(ERROR_BUSY, "The service has been loading its providers for %d s.",
                             MAKE_MS / 1000);
    }
    first = inside++ == 0;
    making = first;
    mpr_unlock(&lock);
    if (!first)
        return NO_ERROR;
    look_again();
    mpr_lock(&lock);
    making = false;
    pthread_cond_broadcast(&changed);
    mpr_unlock(&lock);
    return NO_ERROR;
}

static void leave(void) {
    mpr_lock(&lock);
    inside--;
    mpr_unlock(&lock);
}

static DWORD say_none(void) {
    return mpr_error_say(ERROR_NOT_ENOUGH_MEMORY,
                         "The service could not load its providers anew; the next call tries it "
                         "again.");
}

#define RUN(id, op, ARGS, RET)                                                                     \
    static DWORD router_##op(void *nothing, const struct mpr_##op##_args *args,                    \
                             struct mpr_##op##_ret *ret) {                                         \
        DWORD rc = enter();                                                                        \
                                                                                                   \
        (void)nothing;                                                                             \
        if (rc != NO_ERROR)                                                                        \
            return rc;                                                                             \
        rc = state ? mpr_local_driver.op(state, args, ret) : say_none();                           \
        leave();                                                                                   \
        return rc;                                                                                 \
    }
MPR_OPS(RUN)

/* --- life --- */

static DWORD router_open(const char *given_root, void **ret_state) {
    DWORD rc = mpr_paths_new(given_root, &paths);

    if (rc != NO_ERROR)
        return rc;
    mpr_cond_init(&changed);
    root = given_root;
    mark = look();
    rc = make();
    if (rc == NO_ERROR)
        *ret_state = &state;
    else
        mpr_paths_free(paths);
    return rc;
}

static void router_clear(void *nothing, bool connecting) {
    (void)nothing;
    if (state)
        mpr_local_driver.clear(state, connecting);
}

static void router_close(void *nothing) {
    (void)nothing;
    if (state)
        mpr_local_driver.close(state);
    mpr_paths_free(paths);
}

const struct mpr_driver mprd_router_driver = {.name = "service",
                                              .open = router_open,
                                              .clear = router_clear,
                                              .close = router_close,
#define SLOT(id, op, ARGS, RET) .op = router_##op,
                                              MPR_OPS(SLOT)
#undef SLOT
};
