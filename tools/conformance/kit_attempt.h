/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_attempt.h: connects under all sorts of circumstances, and what becomes of
 * calls that have to wait.
 */
#ifndef KIT_ATTEMPT_H
#define KIT_ATTEMPT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "tools/conformance/kit_native.h"

/** Makes a call give up at some time: from another thread, as a host does. */
struct kit_timer {
    pthread_t thread;
    struct mpr_call call;
    int64_t cancel_at, end_at; /* as kit_ms; INT64_MAX = never */
    int over;                  /* a descriptor: readable when the call is over */
    bool cut;                  /* connections are cut when it is to end: see below */
};

/**
 * A call is about to be made. cancel_ms: so long from now it is given up; -1 never.
 * A module that wants a process of its own (MPR_PROVIDER_OWN_PROCESS) may count on
 * the process's host to cut its TCP connections when the call is to end: so it is.
 */
void kit_timer_begin(struct kit_timer *timer, const struct mpr_call *call, int cancel_ms);
void kit_timer_end(struct kit_timer *timer);

/** What is not said is NULL or 0. */
struct kit_attempt {
    const char *remote, *device, *user, *password;
    uint32_t type, flags;
    const void *use_options; /* read-only */
    size_t use_options_size;
    int ms;         /* until the deadline; 0: the lab's time for a connect; negative: it is past */
    int cancel_ms;  /* given up so long after the begin; 0 never, negative before it */
    bool no_cancel; /* there is no descriptor by which it could be given up */
    bool as_nobody; /* the caller is another user of the system */
};

/** Connects. Whatever the provider is given can only be read. */
struct kit_connected kit_attempt(const struct kit_attempt *attempt);
/** The same as the lab's user. */
struct kit_attempt kit_attempt_good(const char *remote);

/** The attempts that must fail, as far as the lab file names them, but for silent servers. */
struct kit_failing {
    const char *kind; /* "missing" */
    struct kit_attempt attempt;
};
/** Fills ret, which has room for KIT_FAILING_MAX; returns how many. 0: the check does not apply. */
#define KIT_FAILING_MAX 8
size_t kit_failing(struct kit_failing *ret);
/** Makes one; a success is a finding. */
struct kit_connected kit_must_fail(const struct kit_failing *failing);

/** A name whose server says nothing, from the lab or through the relay. */
const char *kit_silent_name(void);

/**
 * A session whose server says nothing from kit_stall_begin on: through the relay, or
 * the lab's "stalls".
 */
void *kit_stall_connect(void);
void kit_stall_begin(void);

/** Another session beside one. A module that runs once for each connection has none: skips. */
void *kit_connect_beside(const char *remote);

/** Does an operation on it succeed? What was tried, and its result, in words; NULL if it does. */
const char *kit_ailment(void *session);

#endif
