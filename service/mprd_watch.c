/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_watch.c: events from the router's threads to the loop, as messages.
 */
#include "config.h"

#include "service/mprd.h"

#include <sys/eventfd.h>

#include "router/mpr_events.h"
#include "router/mpr_lock.h"

#define WAITING_MAX 0x100000u

static struct mpr_lock lock = MPR_LOCK_INIT;
static struct mprd_buffer messages GUARDED_BY(lock);
static bool lost GUARDED_BY(lock);

static void hear(void *context, const struct mpr_event *event) {
    const int *wake_fd = context;
    struct mprd_buffer message = {0};

    if (event->kind == MPR_EVENT_FAILED)
        mprd_restore_look();
    mprd_log_event(event);
    mprd_answer_event(event, &message);
    mpr_lock(&lock);
    lost |= !message.size || !mprd_buffer_add(&messages, message.bytes, message.size, WAITING_MAX);
    mpr_unlock(&lock);
    mprd_buffer_clear(&message);
    eventfd_write(*wake_fd, 1);
}

void mprd_watch_start(int wake_fd) {
    static int wake;

    wake = wake_fd;
    mpr_events_listen(hear, &wake);
}

void mprd_watch_stop(void) {
    bool any;
    struct mprd_buffer left;

    mpr_events_listen(NULL, NULL);
    left = mprd_watch_take(&any);
    mprd_buffer_clear(&left);
}

struct mprd_buffer mprd_watch_take(bool *ret_lost) {
    struct mprd_buffer all;

    mpr_lock(&lock);
    all = messages;
    messages = (struct mprd_buffer){0};
    *ret_lost = lost;
    lost = false;
    mpr_unlock(&lock);
    return all;
}
