/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_np_progress.c: what moves the end of a wait, and what does not.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "providers/common/np_progress.h"
#include "providers/common/np_time.h"

#define BOUND_NS (5000 * NP_MS)
#define LONG     (NP_PROGRESS_SHORT + 1u)

static int near = -1, far = -1; /* the two ends of a connection */

static void set_up(void) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof name;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(listener >= 0 && near >= 0);
    cr_assert_eq(bind(listener, (const struct sockaddr *)&name, sizeof name), 0);
    cr_assert_eq(listen(listener, 1), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&name, &length), 0);
    cr_assert_eq(connect(near, (const struct sockaddr *)&name, sizeof name), 0);
    far = accept(listener, NULL, NULL);
    cr_assert_geq(far, 0);
    close(listener);
}

static void tear_down(void) {
    close(near);
    close(far);
}

TestSuite(np_progress, .timeout = 60, .init = set_up, .fini = tear_down);

static int64_t deadline;

/* A wait that has looked once; the deadline is near, the bound is not. */
static struct np_progress begin(size_t bytes, bool sending) {
    struct np_progress progress;

    deadline = np_now_ns() + BOUND_NS;
    np_progress_begin(&progress, deadline, BOUND_NS, bytes);
    np_progress_look(&progress, near, false, sending);
    cr_expect_eq(np_progress_end_ns(&progress), deadline);
    cr_expect_leq(np_progress_wake_ns(&progress), deadline);
    return progress;
}

/* Has a byte go from one end to the other. */
static void move(int from, int to) {
    char byte = 1;

    cr_assert_eq(send(from, &byte, 1, MSG_NOSIGNAL), 1);
    cr_assert_eq(recv(to, &byte, 1, 0), 1);
    usleep(20000); /* the kernel counts in milliseconds */
}

static bool is_moved(struct np_progress *progress, bool shared, bool sending) {
    np_progress_look(progress, near, shared, sending);
    return np_progress_end_ns(progress) > deadline;
}

/* The other end says that it has them when it likes, and the kernel counts in milliseconds. */
static bool moves_soon(struct np_progress *progress) {
    bool moved = false;

    for (int i = 0; i < 100 && !moved; i++) {
        move(near, far);
        moved = is_moved(progress, false, true);
    }
    return moved;
}

Test(np_progress, bytes_move_the_end_of_what_is_large) {
    struct np_progress progress = begin(LONG, true);

    cr_expect(!is_moved(&progress, false, true), "nothing has moved");
    move(far, near);
    cr_expect(is_moved(&progress, false, true));
    cr_expect_lt(np_progress_end_ns(&progress), np_now_ns() + BOUND_NS, "it was a while ago");
}

Test(np_progress, and_of_what_is_short_where_it_stands_behind_others) {
    struct np_progress progress = begin(0, true);

    move(far, near);
    cr_expect(!is_moved(&progress, false, true), "it has the line for itself");
    move(far, near);
    cr_expect(is_moved(&progress, true, true));
}

Test(np_progress, bytes_that_are_sent_count_until_all_are) {
    struct np_progress progress = begin(LONG, true), sent = begin(LONG, false);

    cr_expect(moves_soon(&progress));
    cr_expect(!is_moved(&sent, false, false), "those are another's");
    np_progress_answered(&sent);
    deadline = np_progress_end_ns(&sent);
    cr_expect(moves_soon(&sent), "after an answer there may be more to send");
}

Test(np_progress, nobody_waits_for_ever_without_an_answer) {
    struct np_progress progress = begin(LONG, true);

    progress.answered_ns -= 5 * BOUND_NS;
    move(far, near);
    cr_expect(!is_moved(&progress, true, true));
}

Test(np_progress, what_is_short_keeps_to_its_deadline) {
    struct np_progress progress;

    deadline = np_now_ns() + 100 * NP_MS;
    np_progress_begin(&progress, deadline, BOUND_NS, 0);
    cr_expect_leq(progress.bound_ns, 100 * NP_MS);
    np_progress_answered(&progress);
    cr_expect_eq(np_progress_end_ns(&progress), deadline);
    np_progress_begin(&progress, deadline, 0, LONG);
    np_progress_answered(&progress);
    cr_expect_eq(np_progress_end_ns(&progress), deadline);
    cr_expect(!np_progress_is_due(&progress));
}
