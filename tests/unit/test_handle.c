/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_handle.c: handles that can be told from garbage.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <mpr/winerror.h>

#include "router/mpr_handle.h"
#include "router/mpr_time.h"

TestSuite(handle, .timeout = 60);

static int destroyed;

static void destroy(void *object) {
    ++*(int *)object;
    destroyed++;
}

static HANDLE new (enum mpr_handle_kind kind, int *object) {
    HANDLE handle = NULL;

    cr_assert_eq(mpr_handle_new(kind, object, destroy, &handle), NO_ERROR);
    return handle;
}

static DWORD close_now(HANDLE handle, enum mpr_handle_kind kind, void **ret_object) {
    return mpr_handle_close(handle, kind, mpr_deadline_in_ms(20), ret_object);
}

Test(handle, found_and_closed) {
    int object = 0;
    HANDLE handle = new (MPR_HANDLE_FILE, &object);
    void *closed = NULL;

    cr_expect_not_null(handle);
    cr_expect_neq(handle, (HANDLE)-1);
    cr_expect_eq(mpr_handle_acquire(handle, MPR_HANDLE_FILE), &object);
    mpr_handle_release(handle);
    cr_expect_null(mpr_handle_acquire(handle, MPR_HANDLE_DIR), "of another kind");
    cr_expect_eq(close_now(handle, MPR_HANDLE_ENUM, &closed), ERROR_INVALID_HANDLE);
    cr_expect_eq(close_now(handle, MPR_HANDLE_FILE, &closed), NO_ERROR);
    cr_expect_eq(closed, &object);
    cr_expect_null(mpr_handle_acquire(handle, MPR_HANDLE_FILE));
    closed = NULL;
    cr_expect_eq(close_now(handle, MPR_HANDLE_FILE, &closed), ERROR_INVALID_HANDLE);
    cr_expect_null(closed);
    cr_expect_eq(destroyed, 0, "who closes it has it");
}

/* What is on its way is for nobody, until it has become something. */
Test(handle, reserved) {
    int object = 0;
    HANDLE handle = new (MPR_HANDLE_RESERVED, &object);
    void *closed = NULL;

    cr_expect_null(mpr_handle_acquire(handle, MPR_HANDLE_FILE));
    cr_expect_eq(close_now(handle, MPR_HANDLE_FILE, &closed), ERROR_INVALID_HANDLE);
    mpr_handle_become(handle, MPR_HANDLE_FILE);
    cr_expect_null(mpr_handle_acquire(handle, MPR_HANDLE_RESERVED));
    cr_expect_eq(close_now(handle, MPR_HANDLE_FILE, &closed), NO_ERROR);
    cr_expect_eq(closed, &object);
}

Test(handle, garbage) {
    static const uintptr_t values[] = {
        0, 1, 2, 0xFFFFFF, 0x1000000, 0x1000041, (uintptr_t)-1, (uintptr_t)-2, (uintptr_t)1 << 63};
    int object = 0;
    HANDLE handle = new (MPR_HANDLE_FILE, &object);
    void *closed = NULL;

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (int kind = MPR_HANDLE_RESERVED; kind <= MPR_HANDLE_DIR; kind++) {
            cr_expect_null(mpr_handle_acquire((HANDLE)values[i], kind), "%zx", values[i]);
            cr_expect_eq(close_now((HANDLE)values[i], kind, &closed), ERROR_INVALID_HANDLE);
        }
    cr_expect_eq(close_now(handle, MPR_HANDLE_FILE, &closed), NO_ERROR);
}

/* A slot is used again, its handle is not. */
Test(handle, never_the_same) {
    HANDLE before[1000];
    int object = 0;
    void *closed;

    for (size_t i = 0; i < 1000; i++) {
        before[i] = new (MPR_HANDLE_ENUM, &object);
        for (size_t j = i > 10 ? i - 10 : 0; j < i; j++)
            cr_assert_neq(before[i], before[j]);
        cr_assert_eq(close_now(before[i], MPR_HANDLE_ENUM, &closed), NO_ERROR);
        cr_assert_null(mpr_handle_acquire(before[i / 2], MPR_HANDLE_ENUM));
    }
}

Test(handle, many_at_a_time) {
    enum { MANY = 10000 };
    static HANDLE handles[MANY];
    static int objects[MANY];
    void *closed;

    for (int i = 0; i < MANY; i++)
        handles[i] = new (MPR_HANDLE_FILE, &objects[i]);
    for (int i = 0; i < MANY; i++) {
        cr_assert_eq(mpr_handle_acquire(handles[i], MPR_HANDLE_FILE), &objects[i]);
        mpr_handle_release(handles[i]);
    }
    for (int i = 0; i < MANY; i++) {
        cr_assert_eq(close_now(handles[i], MPR_HANDLE_FILE, &closed), NO_ERROR);
        cr_assert_eq(closed, &objects[i]);
    }
}

struct user {
    HANDLE handle;
    int hold_ms;
    const atomic_bool *until; /* or until this is set */
    pthread_t thread;
};

static void *use(void *context) {
    struct user *user = context;
    struct timespec time = {.tv_nsec = user->hold_ms * 1000000L};

    do
        nanosleep(&time, NULL);
    while (user->until && !atomic_load(user->until));
    mpr_handle_release(user->handle);
    return NULL;
}

static void start(struct user *user) {
    cr_assert_not_null(mpr_handle_acquire(user->handle, MPR_HANDLE_FILE));
    cr_assert_eq(pthread_create(&user->thread, NULL, use, user), 0);
}

Test(handle, a_close_waits_for_users) {
    int object = 0;
    struct user user = {.handle = new (MPR_HANDLE_FILE, &object), .hold_ms = 100};
    void *closed = NULL;
    int64_t before = mpr_now_ns();

    start(&user);
    cr_expect_eq(mpr_handle_close(user.handle, MPR_HANDLE_FILE, mpr_deadline_in_ms(10000), &closed),
                 NO_ERROR);
    cr_expect_geq(mpr_now_ns() - before, 90 * MPR_NS_PER_MS);
    cr_expect_eq(closed, &object);
    pthread_join(user.thread, NULL);
    cr_expect_eq(destroyed, 0);
}

/* But not for ever: then the last user destroys what was closed. */
Test(handle, a_close_that_waited_in_vain) {
    atomic_bool over = false;
    int object = 0, next_object = 0;
    struct user user = {.handle = new (MPR_HANDLE_FILE, &object), .hold_ms = 1, .until = &over};
    void *closed = NULL;
    HANDLE next;

    start(&user);
    cr_expect_eq(close_now(user.handle, MPR_HANDLE_FILE, &closed), ERROR_BUSY);
    cr_expect_null(closed);
    cr_expect_null(mpr_handle_acquire(user.handle, MPR_HANDLE_FILE), "it is no handle any more");
    cr_expect_eq(close_now(user.handle, MPR_HANDLE_FILE, &closed), ERROR_INVALID_HANDLE);
    next = new (MPR_HANDLE_FILE, &next_object);
    atomic_store(&over, true);
    pthread_join(user.thread, NULL);
    cr_expect_eq(object, 1);
    cr_expect_eq(destroyed, 1);
    cr_expect_eq(mpr_handle_acquire(next, MPR_HANDLE_FILE), &next_object);
    mpr_handle_release(next);
    cr_expect_eq(close_now(next, MPR_HANDLE_FILE, &closed), NO_ERROR);
}

/* In the child of a fork nobody uses them. */
Test(handle, users_that_are_not_here) {
    int object = 0;
    HANDLE handle = new (MPR_HANDLE_FILE, &object);
    void *closed = NULL;

    cr_assert_not_null(mpr_handle_acquire(handle, MPR_HANDLE_FILE));
    mpr_handle_forget_users();
    cr_expect_eq(close_now(handle, MPR_HANDLE_FILE, &closed), NO_ERROR);
    cr_expect_eq(closed, &object);
}
