/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_errand.h: blocking functions of the C library, with a bound.
 *
 * getaddrinfo and getpwnam wait for name servers as long as these please. An
 * errand does such a thing in a thread of its own, and the caller waits for
 * it, for the cancel descriptor and for the deadline at the same time. A
 * caller that stops waiting leaves the errand to its thread.
 */
#ifndef NP_ERRAND_H
#define NP_ERRAND_H

#include <stdatomic.h>

#include <mpr/provider.h>

/**
 * First member of a structure on the heap that holds arguments and results.
 * The thread and the caller own it together; who leaves last destroys it.
 */
struct np_errand {
    void (*run)(struct np_errand *errand);     /**< in the thread */
    void (*destroy)(struct np_errand *errand); /**< frees all of it */
    atomic_int references;
    int done_fd;
};

/**
 * Runs an errand whose run and destroy are set, and waits for it. The caller
 * drops it afterwards in every case; results may be looked at before that if
 * this returned 0.
 *
 * Returns 0 when run has returned, or -ECANCELED, -ETIMEDOUT, -EMFILE, -EAGAIN, -ENOMEM.
 */
int np_errand_run(struct np_errand *errand, const struct mpr_call *call);

/** The caller is done with it. */
void np_errand_drop(struct np_errand *errand);

#endif
