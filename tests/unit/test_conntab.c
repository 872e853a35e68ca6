/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_conntab.c: the connection table by itself: look-up, states, and the
 * order in which connections are held.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_conntab.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"

TestSuite(conntab, .timeout = 60);

static struct mpr_np provider = {.name = "One"}, other = {.name = "Other"};
static char session_of_all[] = "session";

static struct mpr_device device(const char *name) {
    struct mpr_device found = {.index = -1};

    if (name)
        cr_assert(mpr_name_device(name, &found));
    return found;
}

/* Key, user and remote name in one block, as the table wants them. */
static struct mpr_conn_facts facts(struct mpr_np *np, const char *key, const char *user) {
    size_t length = strlen(key) + 1;
    char *block = malloc(length + (user ? strlen(user) + 1 : 0));
    char *its_user = user ? block + length : NULL;

    cr_assert(block);
    memcpy(block, key, length);
    if (user)
        memcpy(its_user, user, strlen(user) + 1);
    return (struct mpr_conn_facts){
        .np = np,
        .key = block,
        .remote = block,
        .user = its_user,
        .type = RESOURCETYPE_DISK,
        .secret_fd = MPR_SECRET_NONE,
    };
}

static struct mpr_conn *connect_as(const char *name, struct mpr_np *np, const char *key,
                                   const char *user) {
    struct mpr_device reserved = device(name);
    struct mpr_conn_facts its = facts(np, key, user);
    struct mpr_conn *conn;
    bool exists;

    cr_assert_eq(mpr_conntab_reserve(&reserved, &conn), NO_ERROR);
    cr_assert(mpr_conntab_commit(conn, &its, session_of_all, &exists));
    cr_assert(!exists);
    return conn;
}

static struct mpr_conn *connect(const char *name, const char *key) {
    return connect_as(name, &provider, key, NULL);
}

/* Gone, as by a cancel; the reference goes, too. */
static void cancel(struct mpr_conn *conn) {
    cr_assert_eq(mpr_conntab_hold(conn, true, mpr_deadline_in_ms(1000)), MPR_HOLD_HELD);
    cr_expect_eq(mpr_conntab_detach(conn), session_of_all);
    mpr_conntab_unref(conn);
}

Test(conntab, found_by_device_and_by_name) {
    struct mpr_conn *conn = connect("Z:", "a/b");
    struct mpr_conn *found = mpr_conntab_find_device(25);

    cr_expect_eq(found, conn);
    mpr_conntab_unref(found);
    found = mpr_conntab_find_remote(&provider, "a/b");
    cr_expect_eq(found, conn);
    mpr_conntab_unref(found);
    cr_expect_null(mpr_conntab_find_remote(&provider, "a/B"));
    cr_expect_null(mpr_conntab_find_remote(&other, "a/b"), "a key is one provider's");
    cr_expect_null(mpr_conntab_find_device(24));
    cancel(conn);
    cr_expect_null(mpr_conntab_find_device(25));
    cr_expect_null(mpr_conntab_find_remote(&provider, "a/b"));
}

/* However many there are, each is found; the buckets grow meanwhile. */
Test(conntab, found_among_many) {
    enum { MANY = 5000 };
    static struct mpr_conn *conns[MANY];
    char key[32];

    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof key, "server/share%d", i);
        conns[i] = connect(NULL, key);
    }
    for (int i = 0; i < MANY; i++) {
        struct mpr_conn *found;

        snprintf(key, sizeof key, "server/share%d", i);
        found = mpr_conntab_find_remote(&provider, key);
        cr_assert_eq(found, conns[i], "%s", key);
        mpr_conntab_unref(found);
    }
    for (int i = 0; i < MANY; i++)
        cancel(conns[(i * 7) % MANY]);
    cr_expect_null(mpr_conntab_find_remote(&provider, "server/share7"));
}

Test(conntab, a_reserved_device_is_taken) {
    struct mpr_device z = device("Z:");
    struct mpr_conn *conn, *second, *found;

    cr_assert_eq(mpr_conntab_reserve(&z, &conn), NO_ERROR);
    cr_expect_eq(mpr_conntab_reserve(&z, &second), ERROR_ALREADY_ASSIGNED);
    cr_expect(!mpr_conntab_is_connected(conn));
    found = mpr_conntab_find_device(25);
    cr_expect_eq(found, conn);
    mpr_conntab_unref(found);
    mpr_conntab_remove(conn);
    mpr_conntab_unref(conn);
    cr_expect_eq(mpr_conntab_reserve(&z, &second), NO_ERROR);
    mpr_conntab_remove(second);
    mpr_conntab_unref(second);
}

Test(conntab, free_devices) {
    struct mpr_conn *conn, *conns[3], *z = connect("Z:", "a");

    cr_assert_eq(mpr_conntab_reserve_free(25, 2, UINT64_C(1) << 24, &conns[0]), NO_ERROR);
    cr_expect_str_eq(conns[0]->device.name, "X:");
    cr_assert_eq(mpr_conntab_reserve_free(26, 34, 0, &conns[1]), NO_ERROR);
    cr_expect_str_eq(conns[1]->device.name, "LPT1");
    cr_assert_eq(mpr_conntab_reserve_free(26, 34, 0, &conns[2]), NO_ERROR);
    cr_expect_str_eq(conns[2]->device.name, "LPT2");
    cr_expect_eq(mpr_conntab_reserve_free(25, 2, UINT64_MAX, &conn), ERROR_NO_MORE_ITEMS);
    cr_expect_eq(mpr_conntab_reserve_free(26, 27, 0, &conn), ERROR_NO_MORE_ITEMS);
    for (size_t i = 0; i < 3; i++) {
        mpr_conntab_remove(conns[i]);
        mpr_conntab_unref(conns[i]);
    }
    cancel(z);
}

Test(conntab, deviceless_ones_do_not_stack) {
    struct mpr_conn *first = connect_as(NULL, &provider, "a", "anna");
    struct mpr_device none = device(NULL);
    struct mpr_conn_facts its = facts(&provider, "a", "anna");
    struct mpr_conn *second;
    bool exists;

    cr_expect(mpr_conntab_has_deviceless(&provider, "a", "anna"));
    cr_expect(mpr_conntab_has_deviceless(&provider, "a", NULL));
    cr_expect(!mpr_conntab_has_deviceless(&provider, "a", "otto"));
    cr_expect(!mpr_conntab_has_deviceless(&provider, "b", NULL));
    cr_expect(!mpr_conntab_has_deviceless(&other, "a", NULL));
    cr_assert_eq(mpr_conntab_reserve(&none, &second), NO_ERROR);
    cr_expect(!mpr_conntab_commit(second, &its, session_of_all, &exists));
    cr_expect(exists);
    free(its.key);
    mpr_conntab_remove(second);
    mpr_conntab_unref(second);
    cancel(first);
}

/* --- cancelling --- */

Test(conntab, held_back_by_files_and_operations) {
    struct mpr_conn *conn = connect("Z:", "a");
    void *session = NULL;

    cr_assert_eq(mpr_conntab_begin(conn, mpr_deadline_in_ms(1000), &session), 0);
    cr_expect_eq(session, session_of_all);
    cr_expect_eq(mpr_conntab_hold(conn, false, mpr_deadline_in_ms(1000)), MPR_HOLD_IN_USE);
    cr_expect_null(mpr_conntab_end(conn, 1));
    cr_expect_eq(mpr_conntab_open_files(conn), 1);
    cr_expect_eq(mpr_conntab_hold(conn, false, mpr_deadline_in_ms(1000)), MPR_HOLD_OPEN_FILES);
    cr_assert_eq(mpr_conntab_begin(conn, mpr_deadline_in_ms(1000), &session), 0);
    cr_expect_null(mpr_conntab_end(conn, -1));
    cr_expect_eq(mpr_conntab_hold(conn, false, mpr_deadline_in_ms(1000)), MPR_HOLD_HELD);
    cr_expect_null(mpr_conntab_release(conn));
    cr_assert_eq(mpr_conntab_begin(conn, mpr_deadline_in_ms(1000), &session), 0);
    cr_expect_null(mpr_conntab_end(conn, 0));
    cancel(conn);
}

/* While it is held no operation begins: it waits, and is told which way it went. */
Test(conntab, an_operation_waits) {
    struct mpr_conn *conn = connect("Z:", "a");
    void *session = NULL;

    cr_assert_eq(mpr_conntab_hold(conn, false, mpr_deadline_in_ms(1000)), MPR_HOLD_HELD);
    cr_expect_eq(mpr_conntab_begin(conn, mpr_deadline_in_ms(20), &session), -ETIMEDOUT);
    cr_expect_null(session);
    cr_expect_eq(mpr_conntab_hold(conn, false, mpr_deadline_in_ms(20)), MPR_HOLD_TIMEOUT);
    cr_expect(mpr_conntab_is_connected(conn));
    cr_expect_null(mpr_conntab_release(conn));
    cr_assert_eq(mpr_conntab_hold(conn, true, mpr_deadline_in_ms(20)), MPR_HOLD_HELD);
    cr_expect_eq(mpr_conntab_begin(conn, mpr_deadline_in_ms(10000), &session), -ENOTCONN);
    cr_expect_eq(mpr_conntab_detach(conn), session_of_all);
    cr_expect_eq(mpr_conntab_begin(conn, mpr_deadline_in_ms(10000), &session), -ENOTCONN);
    cr_expect_eq(mpr_conntab_hold(conn, true, mpr_deadline_in_ms(20)), MPR_HOLD_GONE);
    cr_expect(!mpr_conntab_is_connected(conn));
    mpr_conntab_unref(conn);
}

static bool is_signalled(struct mpr_conn *conn) {
    struct pollfd poll_fd = {.fd = mpr_conn_cancel_fd(conn), .events = POLLIN};

    cr_assert_geq(poll_fd.fd, 0);
    return poll(&poll_fd, 1, 0) == 1;
}

/* Force tells the gentle one to give up; whoever does not loses the connection to nobody. */
Test(conntab, force_over_a_gentle_one) {
    struct mpr_conn *conn = connect("Z:", "a");
    struct mpr_device z = device("Z:");
    struct mpr_conn *next;

    cr_assert_eq(mpr_conntab_hold(conn, false, mpr_deadline_in_ms(1000)), MPR_HOLD_HELD);
    cr_expect(!is_signalled(conn));
    cr_expect_eq(mpr_conntab_hold(conn, true, mpr_deadline_in_ms(20)), MPR_HOLD_GONE);
    cr_expect(is_signalled(conn));
    cr_expect_null(mpr_conntab_find_remote(&provider, "a"));
    cr_assert_eq(mpr_conntab_reserve(&z, &next), NO_ERROR, "the device is free");
    cr_expect_eq(mpr_conntab_release(conn), session_of_all, "now the gentle one's to end");
    cr_expect_null(mpr_conntab_release(conn), "once");
    mpr_conntab_remove(next);
    mpr_conntab_unref(next);
    mpr_conntab_unref(conn);
}

/* A forced one ends it within a bound of its own: nobody takes the session from under it. */
Test(conntab, force_beside_force) {
    struct mpr_conn *conn = connect("Z:", "a");
    void *session;

    cr_assert_eq(mpr_conntab_begin(conn, mpr_deadline_in_ms(1000), &session), 0);
    cr_assert_eq(mpr_conntab_hold(conn, true, mpr_deadline_in_ms(1000)), MPR_HOLD_HELD);
    cr_expect_eq(mpr_conntab_hold(conn, true, mpr_deadline_in_ms(20)), MPR_HOLD_TIMEOUT);
    cr_expect_null(mpr_conntab_end(conn, 0), "the session is the holder's to end");
    cr_expect_eq(conn->session, session_of_all);
    cr_expect_eq(mpr_conntab_detach(conn), session_of_all);
    mpr_conntab_unref(conn);
}

/* Nobody waits, so nobody had his chance: he is told, and keeps what he has. */
Test(conntab, force_that_does_not_wait) {
    struct mpr_conn *conn = connect("Z:", "a"), *found;

    cr_assert_eq(mpr_conntab_hold(conn, false, mpr_deadline_in_ms(1000)), MPR_HOLD_HELD);
    cr_expect_eq(mpr_conntab_hold(conn, true, 0), MPR_HOLD_TIMEOUT);
    cr_expect(is_signalled(conn));
    found = mpr_conntab_find_device(25);
    cr_expect_eq(found, conn);
    mpr_conntab_unref(found);
    cr_expect_null(mpr_conntab_release(conn));
    cancel(conn);
}

/* A signal that was meant for the cancel is no signal for what comes after it. */
Test(conntab, a_release_takes_the_signal_back) {
    struct mpr_conn *conn = connect("Z:", "a");

    cr_assert_eq(mpr_conntab_hold(conn, false, mpr_deadline_in_ms(1000)), MPR_HOLD_HELD);
    mpr_conn_signal_cancel(conn);
    cr_expect(is_signalled(conn));
    cr_expect_null(mpr_conntab_release(conn));
    cr_expect(!is_signalled(conn));
    cancel(conn);
}

Test(conntab, an_add_that_was_aborted) {
    struct mpr_device z = device("Z:");
    struct mpr_conn_facts its = facts(&provider, "a", NULL);
    struct mpr_conn *conn;
    bool exists;

    cr_assert_eq(mpr_conntab_reserve(&z, &conn), NO_ERROR);
    cr_expect_eq(mpr_conntab_hold(conn, false, mpr_deadline_in_ms(1000)), MPR_HOLD_IN_USE);
    cr_expect(!mpr_conntab_was_forced(conn));
    cr_expect_eq(mpr_conntab_hold(conn, true, mpr_deadline_in_ms(20)), MPR_HOLD_GONE);
    cr_expect(mpr_conntab_was_forced(conn));
    cr_expect(is_signalled(conn));
    cr_expect(!mpr_conntab_commit(conn, &its, session_of_all, &exists));
    cr_expect(!exists);
    free(its.key);
    mpr_conntab_remove(conn); /* it is out already */
    mpr_conntab_unref(conn);
    cr_expect_null(mpr_conntab_find_device(25));
}

/* The last of those under way gets the session to end, and only the last. */
Test(conntab, what_does_not_end_in_time) {
    struct mpr_conn *conn = connect("Z:", "a");
    void *session;

    for (int i = 0; i < 2; i++)
        cr_assert_eq(mpr_conntab_begin(conn, mpr_deadline_in_ms(1000), &session), 0);
    cr_assert_eq(mpr_conntab_hold(conn, true, mpr_deadline_in_ms(1000)), MPR_HOLD_HELD);
    cr_expect(!mpr_conntab_drain(conn, mpr_deadline_in_ms(20)));
    cr_expect_null(mpr_conntab_detach(conn));
    cr_expect_null(mpr_conntab_end(conn, 0));
    cr_expect_eq(mpr_conntab_end(conn, 0), session_of_all);
    mpr_conntab_unref(conn); /* with a session the reference is left to the caller */
    mpr_conntab_unref(conn);
}

/* --- lists --- */

/* Oldest first, whatever the buckets did: who holds them all holds them in one order. */
Test(conntab, lists_are_by_age) {
    enum { SAME = 9, OTHERS = 300 };
    static struct mpr_conn *same[SAME], *others[OTHERS];
    char name[] = "A:", key[32];
    struct mpr_conn **list;
    size_t count;
    int next = 0;

    for (int i = 0; i < SAME; i++) {
        name[0] = (char)('A' + i);
        same[i] = connect(name, "same");
        for (; next < (i + 1) * OTHERS / SAME; next++) { /* the buckets grow in between */
            snprintf(key, sizeof key, "other%d", next);
            others[next] = connect(NULL, key);
        }
    }
    cr_assert_eq(mpr_conntab_list_remote(&provider, "same", false, &list, &count), NO_ERROR);
    cr_assert_eq(count, SAME);
    for (size_t i = 0; i < count; i++)
        cr_expect_eq(list[i], same[i], "%zu", i);
    mpr_conntab_list_free(list, count);
    cr_assert_eq(mpr_conntab_list_remote(&provider, "same", true, &list, &count), NO_ERROR);
    cr_expect_eq(count, 0);
    mpr_conntab_list_free(list, count);
    cr_assert_eq(mpr_conntab_list_remote(&provider, "none", false, &list, &count), NO_ERROR);
    cr_expect_eq(count, 0);
    mpr_conntab_list_free(list, count);
    cr_assert_eq(mpr_conntab_list(false, NULL, &list, &count), NO_ERROR);
    cr_expect_eq(count, SAME + OTHERS);
    for (size_t i = 1; i < count; i++)
        cr_assert_lt(list[i - 1]->age, list[i]->age);
    mpr_conntab_list_free(list, count);
    for (int i = 0; i < SAME; i++)
        cancel(same[i]);
    for (int i = 0; i < OTHERS; i++)
        cancel(others[i]);
}

Test(conntab, those_on_their_way_are_listed_only_if_asked) {
    struct mpr_device z = device("Z:");
    struct mpr_conn *conn, **list;
    size_t count;

    cr_assert_eq(mpr_conntab_reserve(&z, &conn), NO_ERROR);
    cr_assert_eq(mpr_conntab_list(false, NULL, &list, &count), NO_ERROR);
    cr_expect_eq(count, 0);
    mpr_conntab_list_free(list, count);
    cr_assert_eq(mpr_conntab_list(true, NULL, &list, &count), NO_ERROR);
    cr_expect_eq(count, 1);
    mpr_conntab_list_free(list, count);
    mpr_conntab_remove(conn);
    mpr_conntab_unref(conn);
}

/* A child of a fork has none, and whoever still has one of the parent's has a dead one. */
Test(conntab, forgotten) {
    struct mpr_conn *conn = connect("Z:", "a");
    struct mpr_device z = device("Z:");
    struct mpr_conn *next;

    mpr_conntab_forget_all();
    cr_expect(!mpr_conntab_is_connected(conn));
    cr_expect_null(mpr_conntab_find_device(25));
    cr_expect_null(mpr_conntab_find_remote(&provider, "a"));
    cr_assert_eq(mpr_conntab_reserve(&z, &next), NO_ERROR);
    mpr_conntab_remove(next);
    mpr_conntab_unref(next);
    mpr_conntab_unref(conn);
}
