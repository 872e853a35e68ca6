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
#include "router/mpr_gate.h"
#include "router/mpr_time.h"

#define GENTLE_MS 5000 /* for what is not yet written */

/* A connection that is being broken. */
struct parting {
    const struct mpr_driver *driver;
    void *state;
    const char *name;
};

static struct mpr_lock lock = MPR_LOCK_INIT;
static pthread_cond_t changed;
static size_t under_way GUARDED_BY(lock);

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
    mpr_lock(&lock);
    under_way--;
    pthread_cond_broadcast(&changed);
    mpr_unlock(&lock);
    return NULL;
}

static void begin(struct parting *parting) {
    pthread_t thread;
    bool begun;

    mpr_lock(&lock);
    begun = pthread_create(&thread, NULL, part, parting) == 0;
    under_way += begun;
    mpr_unlock(&lock);
    if (begun)
        pthread_detach(thread);
}

/* True: nobody is at it any more. */
static bool part_gently(struct parting *partings, size_t count, int64_t deadline) {
    bool all;

    mpr_cond_init(&changed);
    for (size_t i = 0; i < count; i++)
        begin(&partings[i]);
    mpr_lock(&lock);
    while (under_way && mpr_cond_wait(&changed, &lock, deadline))
        ;
    all = under_way == 0;
    mpr_unlock(&lock);
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
