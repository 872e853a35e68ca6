/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_worker_gate.c: one thread at a time, and every wait ends.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "router/mpr_time.h"
#include "router/mpr_worker_gate.h"

TestSuite(worker_gate, .timeout = 60);

#define TURNS 10000

static struct mpr_worker_gate gate;
static _Atomic int inside, turns, wrong;

static struct mpr_worker_wait in_ms(uint32_t ms) {
    return (struct mpr_worker_wait){mpr_deadline_in_ms(ms), -1, -1};
}

Test(worker_gate, wait_ends_by_what_comes_first) {
    int ready = eventfd(1, EFD_CLOEXEC), silent = eventfd(0, EFD_CLOEXEC);
    struct mpr_worker_wait wait = in_ms(50);
    int64_t begun = mpr_now_ns();

    cr_expect_eq(mpr_worker_wait_for(&wait, silent), -ETIMEDOUT);
    cr_expect_geq(mpr_now_ns() - begun, 49 * MPR_NS_PER_MS);
    cr_expect_eq(mpr_worker_wait_for(&wait, ready), 0, "ready counts, though it is late");
    wait = in_ms(20000);
    cr_expect_eq(mpr_worker_wait_for(&wait, ready), 0);
    wait.cancel_fd = ready;
    cr_expect_eq(mpr_worker_wait_for(&wait, ready), -ECANCELED);
    wait.abort_fd = ready;
    cr_expect_eq(mpr_worker_wait_for(&wait, ready), -ENOTCONN);
    wait = (struct mpr_worker_wait){mpr_deadline_in_ms(20), silent, silent};
    cr_expect_eq(mpr_worker_wait_for(&wait, -1), -ETIMEDOUT);
    close(ready);
    close(silent);
}

Test(worker_gate, who_gives_up_leaves_it_usable) {
    struct mpr_worker_wait wait = in_ms(20000);

    cr_assert_eq(mpr_worker_gate_init(&gate), 0);
    cr_expect_eq(mpr_worker_gate_enter(&gate, &wait), 0);
    wait = in_ms(10);
    cr_expect_eq(mpr_worker_gate_enter(&gate, &wait), -ETIMEDOUT);
    cr_expect_eq(mpr_worker_gate_enter(&gate, &wait), -ETIMEDOUT);
    mpr_worker_gate_leave(&gate);
    cr_expect_eq(mpr_worker_gate_enter(&gate, &wait), 0);
    mpr_worker_gate_leave(&gate);
    mpr_worker_gate_clear(&gate);
}

static void *wait_and_cancel(void *cancel) {
    struct mpr_worker_wait wait = in_ms(20000);

    wait.cancel_fd = *(int *)cancel;
    inside = 1;
    if (mpr_worker_gate_enter(&gate, &wait) == 0)
        mpr_worker_gate_leave(&gate);
    return NULL;
}

Test(worker_gate, is_not_lost_with_one_who_gives_up_when_he_gets_it) {
    int cancel = eventfd(0, EFD_CLOEXEC);
    eventfd_t value;

    cr_assert_eq(mpr_worker_gate_init(&gate), 0);
    for (int i = 0; i < 200; i++) {
        struct mpr_worker_wait wait = in_ms(20000);
        pthread_t thread;

        cr_assert_eq(mpr_worker_gate_enter(&gate, &wait), 0, "round %d", i);
        inside = 0;
        cr_assert_eq(pthread_create(&thread, NULL, wait_and_cancel, &cancel), 0);
        while (!inside)
            sched_yield();
        usleep(200);
        eventfd_write(cancel, 1);
        mpr_worker_gate_leave(&gate);
        pthread_join(thread, NULL);
        eventfd_read(cancel, &value);
    }
    close(cancel);
    mpr_worker_gate_clear(&gate);
}

static void *take_turns(void *patience) {
    for (int i = 0; i < TURNS; i++) {
        struct mpr_worker_wait wait = in_ms(patience ? 20000 : 0);
        int rc = mpr_worker_gate_enter(&gate, &wait);

        if (rc) {
            wrong += patience || rc != -ETIMEDOUT;
            continue;
        }
        wrong += atomic_fetch_add(&inside, 1) != 0;
        turns++;
        sched_yield();
        atomic_fetch_sub(&inside, 1);
        mpr_worker_gate_leave(&gate);
    }
    return NULL;
}

Test(worker_gate, lets_one_in_and_forgets_nobody) {
    pthread_t threads[8];

    cr_assert_eq(mpr_worker_gate_init(&gate), 0);
    for (int i = 0; i < 8; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, take_turns, i < 4 ? &gate : NULL), 0);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(wrong, 0);
    cr_expect_geq(turns, 4 * TURNS);
    mpr_worker_gate_clear(&gate);
}
