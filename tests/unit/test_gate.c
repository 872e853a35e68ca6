/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_gate.c: one at a time, and no waiting beyond the deadline.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "router/mpr_gate.h"
#include "router/mpr_time.h"

TestSuite(gate, .timeout = 60);

static struct mpr_gate gate;
static atomic_int inside, passed, refused;

static void nap(long ms) {
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static void *pass(void *context) {
    (void)context;
    for (int i = 0; i < 20; i++) {
        if (!mpr_gate_enter(&gate, mpr_deadline_in_ms(15000))) {
            atomic_fetch_add(&refused, 1);
            continue;
        }
        cr_expect_eq(atomic_fetch_add(&inside, 1), 0);
        nap(1);
        atomic_fetch_sub(&inside, 1);
        atomic_fetch_add(&passed, 1);
        mpr_gate_leave(&gate);
    }
    return NULL;
}

Test(gate, one_at_a_time) {
    pthread_t threads[6];

    mpr_gate_init(&gate);
    for (int i = 0; i < 6; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, pass, NULL), 0);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(passed, 120);
    cr_expect_eq(refused, 0);
    mpr_gate_clear(&gate);
}

Test(gate, the_waiting_ends) {
    int64_t start = mpr_now_ns(), waited;

    mpr_gate_init(&gate);
    cr_assert(mpr_gate_enter(&gate, start + 100 * MPR_NS_PER_MS));
    cr_expect(!mpr_gate_enter(&gate, start + 100 * MPR_NS_PER_MS));
    waited = mpr_now_ns() - start;
    cr_expect(waited >= 99 * MPR_NS_PER_MS && waited < 5 * MPR_NS_PER_S, "%ld", (long)waited);
    cr_expect(!mpr_gate_enter(&gate, start), "a deadline that has passed");
    mpr_gate_leave(&gate);
    cr_expect(mpr_gate_enter(&gate, start), "what is free needs no time");
    mpr_gate_leave(&gate);
    mpr_gate_clear(&gate);
}
