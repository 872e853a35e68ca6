/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_end.c: the end of the connections, when the service ends.
 */
#include "config.h"

#include "service/mprd.h"

#include <pthread.h>
#include <stdlib.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_time.h"

#define GENTLE_MS 5000 /* for what is not yet written */

/* A connection that is being broken. */
struct parting {
    const struct mpr_driver *driver;
    void *state;
    const char *name;
    pthread_t thread;
    bool has_thread;
};

static bool list(const struct mpr_driver *driver, void *state, struct mpr_enumerate_ret *ret) {
    const struct mpr_enumerate_args args = {.scope = RESOURCE_CONNECTED, .type = RESOURCETYPE_ANY};

    mpr_error_enter();
    return mpr_error_leave(driver->enumerate(state, &args, ret)) == NO_ERROR;
}

bool mprd_end_is_used(const struct mpr_driver *driver, void *state) {
    struct mpr_enumerate_ret ret = {0};
    bool used = !list(driver, state, &ret) || ret.list.count > 0;

    mpr_enumerate_ret_clear(&ret);
    return used;
}

static void *part(void *context) {
    const struct parting *parting = context;
    const struct mpr_cancel_args args = {.name = parting->name};
    struct mpr_cancel_ret ret = {0};

    mpr_error_enter();
    mpr_error_leave(parting->driver->cancel(parting->state, &args, &ret));
    mpr_cancel_ret_clear(&ret);
    return NULL;
}

/* True: nobody is at it any more. */
static bool part_gently(struct parting *partings, size_t count, int64_t deadline) {
    const struct timespec until = mpr_timespec(deadline);
    bool all = true;

    for (size_t i = 0; i < count; i++)
        partings[i].has_thread = pthread_create(&partings[i].thread, NULL, part, &partings[i]) == 0;
    for (size_t i = 0; i < count; i++)
        if (partings[i].has_thread
            && pthread_clockjoin_np(partings[i].thread, NULL, CLOCK_MONOTONIC, &until)) {
            pthread_detach(partings[i].thread);
            all = false;
        }
    return all;
}

/* What a thread that is not waited for still uses is left to the end of the process. */
void mprd_end_break(const struct mpr_driver *driver, void *state) {
    struct mpr_enumerate_ret *ret = calloc(1, sizeof *ret);
    struct parting *partings = NULL;
    bool over = true;

    if (ret && list(driver, state, ret)) {
        partings = calloc(ret->list.count + 1, sizeof *partings);
        for (size_t i = 0; partings && i < ret->list.count; i++) {
            const struct mpr_item *item = &ret->list.items[i];

            partings[i] = (struct parting){
                .driver = driver, .state = state, .name = item->local ? item->local : item->remote};
        }
        if (partings)
            over = part_gently(partings, ret->list.count, mpr_deadline_in_ms(GENTLE_MS));
    }
    driver->clear(state, true);
    if (!over)
        return;
    if (ret)
        mpr_enumerate_ret_clear(ret);
    free(ret);
    free(partings);
}
