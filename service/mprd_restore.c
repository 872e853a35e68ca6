/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_restore.c: connects what is remembered, each device for itself, and tries again
 * what could not be reached: after five seconds, then after twice as long each time.
 *
 * What needs another user name or password is not tried again: that would only lock an
 * account. The notes of what is not there are the router's (mpr_unavailable.h).
 */
#include "config.h"

#include "service/mprd.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_gate.h"
#include "router/mpr_name.h"
#include "router/mpr_status.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"
#include "router/mpr_unavailable.h"

#define FIRST_DELAY_S 5
#define LAST_DELAY_S  300
#define YIELD_MS      500  /* for an attempt to come to its end by itself */
#define ABORT_MS      3000 /* for one that was told to */

/* A device on its way back. */
struct attempt {
    char device[MPR_DEVICE_MAX];
    pthread_t thread;
    bool has_thread;
};

static struct mpr_lock lock = MPR_LOCK_INIT;
static pthread_cond_t changed;
static bool stopping GUARDED_BY(lock), running GUARDED_BY(lock), trying GUARDED_BY(lock);
static bool looking GUARDED_BY(lock);                     /* there may be new notes */
static bool under_way[MPR_DEVICE_COUNT] GUARDED_BY(lock); /* a device, just now */
/* Of the keeper's thread alone, but for the driver, which is constant. */
static const struct mpr_driver *driver;
static void *driver_state;
static unsigned delays_s[MPR_DEVICE_COUNT];
static DWORD said[MPR_DEVICE_COUNT]; /* why it is not there, as was said last */

/* --- one round --- */

static void set_under_way(const char *name, bool is) {
    struct mpr_device device;

    if (!mpr_name_device(name, &device))
        return;
    mpr_lock(&lock);
    under_way[device.index] = is;
    pthread_cond_broadcast(&changed);
    mpr_unlock(&lock);
}

static void restore(const char *device) {
    const struct mpr_restore_args args = {.local = device};
    struct mpr_restore_ret ret = {0};
    DWORD rc;

    set_under_way(device, true);
    mpr_error_enter();
    rc = mpr_error_leave(driver->restore(driver_state, &args, &ret));
    if (rc == ERROR_NOT_CONNECTED) /* it is remembered no more */
        mpr_unavailable_forget(device);
    mpr_restore_ret_clear(&ret);
    set_under_way(device, false);
}

static void *run_attempt(void *attempt) {
    restore(((const struct attempt *)attempt)->device);
    return NULL;
}

/* All at the same time: who is silent keeps nobody else waiting. */
static void restore_all(struct attempt *attempts, size_t count) {
    for (size_t i = 0; i < count; i++)
        attempts[i].has_thread =
            pthread_create(&attempts[i].thread, NULL, run_attempt, &attempts[i]) == 0;
    for (size_t i = 0; i < count; i++)
        if (!attempts[i].has_thread)
            restore(attempts[i].device);
    for (size_t i = 0; i < count; i++)
        if (attempts[i].has_thread)
            pthread_join(attempts[i].thread, NULL);
}

static void add_attempt(const char *device, struct attempt *attempts, size_t *count) {
    struct mpr_device found;

    if (!device || !mpr_name_device(device, &found) || *count == MPR_DEVICE_COUNT)
        return;
    memcpy(attempts[*count].device, found.name, sizeof found.name);
    ++*count;
}

static size_t list_remembered(struct attempt *attempts) {
    const struct mpr_enumerate_args args = {.scope = RESOURCE_REMEMBERED, .type = RESOURCETYPE_ANY};
    struct mpr_enumerate_ret ret = {0};
    size_t count = 0;
    DWORD rc;

    mpr_error_enter();
    rc = mpr_error_leave(driver->enumerate(driver_state, &args, &ret));
    if (rc != NO_ERROR)
        mpr_trace("service", "what is remembered cannot be read: %u", rc);
    for (size_t i = 0; i < ret.list.count; i++)
        add_attempt(ret.list.items[i].local, attempts, &count);
    mpr_enumerate_ret_clear(&ret);
    return count;
}

/* --- what is next --- */

/* Once, until there is another reason; not to the user who did not want it any more. */
static void say(const struct mpr_unavailable *item, int index) {
    if (said[index] == item->refusal.code || item->refusal.code == ERROR_CANCELLED)
        return;
    said[index] = item->refusal.code;
    mprd_log("%s (%s) cannot be restored: %s %s", item->device, item->remote,
             item->refusal.words ? item->refusal.words : mpr_status_text(item->refusal.code),
             item->asks ? "It is not tried again by itself." : "It is tried again.");
}

static int64_t plan_retry(const struct mpr_unavailable *item, int64_t now) {
    struct mpr_device device;
    unsigned *delay;

    if (!mpr_name_device(item->device, &device))
        return INT64_MAX;
    delay = &delays_s[device.index];
    *delay = *delay == 0 ? FIRST_DELAY_S : *delay * 2u > LAST_DELAY_S ? LAST_DELAY_S : *delay * 2u;
    mpr_unavailable_retry(item->device, now + *delay * MPR_NS_PER_S);
    return now + *delay * MPR_NS_PER_S;
}

/*
 * Of what is not there: what is due comes to attempts, if there are any; the rest is
 * planned. Returns when the next is due.
 */
static int64_t look_through(struct attempt *attempts, size_t *ret_count) {
    struct mpr_unavailable *items;
    int64_t now = mpr_now_ns(), next = INT64_MAX;
    bool noted[MPR_DEVICE_COUNT] = {false};
    struct mpr_device device;
    size_t count;

    *ret_count = 0;
    if (mpr_unavailable_list(&items, &count) != NO_ERROR)
        return now + FIRST_DELAY_S * MPR_NS_PER_S;
    for (size_t i = 0; i < count; i++) {
        int64_t at = items[i].retry_at_ns;

        if (mpr_name_device(items[i].device, &device)) {
            noted[device.index] = true;
            say(&items[i], device.index);
        }
        if (items[i].asks)
            continue;
        if (at == 0)
            at = plan_retry(&items[i], now);
        if (at <= now) {
            add_attempt(items[i].device, attempts, ret_count);
            mpr_unavailable_retry(items[i].device, 0);
        }
        next = at < next ? at : next;
    }
    for (size_t i = 0; i < MPR_DEVICE_COUNT; i++)
        if (!noted[i])
            delays_s[i] = said[i] = 0;
    mpr_unavailable_free(items, count);
    return next;
}

/* Until something is due. False: it is over. */
static bool wait_until(int64_t due) {
    bool go_on;

    mpr_lock(&lock);
    trying = false;
    while (!stopping && mpr_now_ns() < due) {
        if (looking) {
            int64_t soon = mpr_now_ns() + FIRST_DELAY_S * MPR_NS_PER_S;

            due = soon < due ? soon : due;
            looking = false;
        }
        mpr_cond_wait(&changed, &lock, due);
    }
    go_on = !stopping;
    trying = go_on;
    mpr_unlock(&lock);
    return go_on;
}

static bool is_over(void) {
    bool over;

    mpr_lock(&lock);
    over = stopping;
    mpr_unlock(&lock);
    return over;
}

static void *keep(void *nothing) {
    struct attempt attempts[MPR_DEVICE_COUNT];
    size_t count = list_remembered(attempts);
    int64_t due;

    do {
        restore_all(attempts, count);
        due = look_through(attempts, &count);
    } while ((count && !is_over()) || wait_until(due));
    mpr_lock(&lock);
    running = trying = false;
    pthread_cond_broadcast(&changed);
    mpr_unlock(&lock);
    return nothing;
}

/* --- whoever wants the device himself --- */

/* True: no attempt is under way. */
static bool await_attempt(int index, int64_t deadline) {
    bool over;

    mpr_lock(&lock);
    while (under_way[index] && mpr_cond_wait(&changed, &lock, deadline))
        ;
    over = !under_way[index];
    mpr_unlock(&lock);
    return over;
}

void mprd_restore_yield(const char *name) {
    struct mpr_device device;
    const struct mpr_cancel_args args = {.name = device.name, .force = true};
    struct mpr_cancel_ret ret = {0};

    if (!name || !mpr_name_device(name, &device)
        || await_attempt(device.index, mpr_deadline_in_ms(YIELD_MS)))
        return;
    mpr_error_enter();
    mpr_error_leave(driver->cancel(driver_state, &args, &ret));
    mpr_cancel_ret_clear(&ret);
    await_attempt(device.index, mpr_deadline_in_ms(ABORT_MS));
}

/* --- its life --- */

void mprd_restore_start(const struct mpr_driver *with, void *state) {
    pthread_t thread;

    mpr_cond_init(&changed);
    driver = with;
    driver_state = state;
    mpr_lock(&lock);
    running = trying = pthread_create(&thread, NULL, keep, NULL) == 0;
    if (running)
        pthread_detach(thread);
    mpr_unlock(&lock);
}

void mprd_restore_look(void) {
    mpr_lock(&lock);
    looking = true;
    if (running)
        pthread_cond_broadcast(&changed);
    mpr_unlock(&lock);
}

void mprd_restore_stop(void) {
    mpr_lock(&lock);
    stopping = true;
    if (running)
        pthread_cond_broadcast(&changed);
    mpr_unlock(&lock);
}

bool mprd_restore_wait(int64_t deadline_ns) {
    bool ended;

    mpr_lock(&lock);
    while (running && mpr_cond_wait(&changed, &lock, deadline_ns))
        ;
    ended = !running;
    mpr_unlock(&lock);
    return ended;
}

bool mprd_restore_is_busy(void) {
    struct mpr_unavailable *items;
    bool busy;
    size_t count;

    mpr_lock(&lock);
    busy = trying;
    mpr_unlock(&lock);
    if (busy || mpr_unavailable_list(&items, &count) != NO_ERROR)
        return true;
    for (size_t i = 0; i < count; i++)
        busy |= items[i].retry_at_ns != 0;
    mpr_unavailable_free(items, count);
    return busy;
}
