/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_events.c: events from whoever has one to the listener, in their order.
 */
#include "config.h"

#include "router/mpr_events.h"

#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "router/mpr_time.h"

struct mpr_lock mpr_events_lock = MPR_LOCK_INIT;
static mpr_events_fn listener GUARDED_BY(mpr_events_lock);
static void *listener_context GUARDED_BY(mpr_events_lock);
static atomic_bool is_heard; /* most processes have no listener: then a look is all it costs */

void mpr_events_listen(mpr_events_fn fn, void *context) {
    mpr_lock(&mpr_events_lock);
    listener = fn;
    listener_context = context;
    atomic_store(&is_heard, fn != NULL);
    mpr_unlock(&mpr_events_lock);
}

static const char *text_or_empty(const char *text) {
    return text ? text : "";
}

void mpr_events_publish(uint32_t kind, DWORD code, const char *device, const char *remote,
                        const char *provider, const char *text) {
    struct mpr_event event = {
        .size = sizeof event,
        .kind = kind,
        .code = code,
        .device = text_or_empty(device),
        .remote = text_or_empty(remote),
        .provider = text_or_empty(provider),
        .text = text_or_empty(text),
    };
    struct timespec now;

    if (!atomic_load(&is_heard))
        return;
    mpr_lock(&mpr_events_lock);
    clock_gettime(CLOCK_REALTIME, &now);
    event.time_ns = (int64_t)now.tv_sec * MPR_NS_PER_S + now.tv_nsec;
    if (listener)
        listener(listener_context, &event);
    mpr_unlock(&mpr_events_lock);
}
