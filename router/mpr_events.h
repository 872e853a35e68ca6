/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_events.h: what happens to the connections of this process, told to one
 * listener: the service, which passes it on. Nobody else listens.
 */
#ifndef MPR_EVENTS_H
#define MPR_EVENTS_H

#include <mpr/session.h>

#include "router/mpr_lock.h"

extern struct mpr_lock mpr_events_lock;

/** The event is good during the call. One call at a time; it must not block or publish. */
typedef void (*mpr_events_fn)(void *context, const struct mpr_event *event);

/** Begins to listen; fn NULL: ends. When it returns, the fn before it is not called any more. */
void mpr_events_listen(mpr_events_fn fn, void *context) EXCLUDES(mpr_events_lock);

/**
 * Tells that something has happened now. kind: MPR_EVENT_; the strings may be NULL.
 * Called without any lock. Never fails, and touches no thread's error.
 */
void mpr_events_publish(uint32_t kind, DWORD code, const char *device, const char *remote,
                        const char *provider, const char *text) EXCLUDES(mpr_events_lock);

#endif
