/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_np_connect.c: connections to this machine that come up, are refused, take
 * too long, or are given up.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "providers/common/np_connect.h"
#include "providers/common/np_errand.h"
#include "providers/common/np_time.h"

TestSuite(np_connect, .timeout = 60);

static struct mpr_call call_of(int ms, int cancel_fd) {
    return (struct mpr_call){.size = sizeof(struct mpr_call),
                             .cancel_fd = cancel_fd,
                             .deadline_ns = np_now_ns() + ms * NP_MS};
}

static int listen_somewhere(int backlog, uint16_t *ret_port) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&name, sizeof name), 0);
    cr_assert_eq(listen(fd, backlog), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&name, &length), 0);
    *ret_port = ntohs(name.sin_port);
    return fd;
}

/* A port that accepts no more: its queue is full, and nobody takes from it. */
static int fill_queue(uint16_t port, int *fds, size_t count) {
    struct sockaddr_in name = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    for (size_t i = 0; i < count; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (connect(fds[i], (const struct sockaddr *)&name, sizeof name) && errno != EINPROGRESS)
            return -1;
    }
    return 0;
}

static void close_all(int *fds, size_t count) {
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

Test(np_connect, by_address_and_by_name) {
    struct mpr_call call = call_of(20000, -1);
    static const char *const hosts[] = {"127.0.0.1", "localhost"};
    uint16_t port;
    int listener = listen_somewhere(4, &port);

    for (size_t i = 0; i < 2; i++) {
        struct np_address address = {.length = 0};
        struct np_failure failure = {0};
        int fd = np_connect_tcp(hosts[i], port, &call, &address, &failure);

        cr_assert_geq(fd, 0, "%s: %d", hosts[i], fd);
        cr_expect(fcntl(fd, F_GETFL) & O_NONBLOCK);
        cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        cr_expect_eq(((struct sockaddr_in *)&address.address)->sin_port, htons(port));
        cr_expect_eq(failure.error, 0);
        close(fd);
    }
    close(listener);
}

Test(np_connect, from_a_reserved_port_if_that_is_allowed) {
    struct mpr_call call = call_of(20000, -1);
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    uint16_t port;
    int listener = listen_somewhere(4, &port);
    int fd = np_connect_tcp_reserved("127.0.0.1", port, &call, NULL, NULL);

    cr_assert_geq(fd, 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&name, &length), 0);
    if (geteuid() == 0)
        cr_expect(ntohs(name.sin_port) >= 512 && ntohs(name.sin_port) < 1024);
    close(fd);
    close(listener);
}

Test(np_connect, refused) {
    struct mpr_call call = call_of(20000, -1);
    struct np_failure failure = {0};
    uint16_t port;
    int listener = listen_somewhere(4, &port);

    close(listener);
    cr_expect_eq(np_connect_tcp("127.0.0.1", port, &call, NULL, &failure), -ECONNREFUSED);
    cr_expect_eq(failure.error, ECONNREFUSED);
    cr_expect_eq(failure.gai, 0);
}

Test(np_connect, a_name_that_is_none) {
    struct mpr_call call = call_of(20000, -1);
    struct np_failure failure = {0};

    cr_expect_eq(np_connect_tcp("", 80, &call, NULL, &failure), -ENXIO);
    cr_expect_neq(failure.gai, 0);
}

Test(np_connect, ends_by_the_deadline) {
    struct mpr_call call;
    int64_t began = np_now_ns();
    uint16_t port;
    int listener = listen_somewhere(0, &port), fds[8];

    cr_assert_eq(fill_queue(port, fds, 8), 0);
    call = call_of(300, -1);
    cr_expect_eq(np_connect_tcp("127.0.0.1", port, &call, NULL, NULL), -ETIMEDOUT);
    cr_expect(np_now_ns() - began >= 290 * NP_MS && np_now_ns() - began < 10000 * NP_MS);
    close_all(fds, 8);
    close(listener);
}

Test(np_connect, ends_when_cancelled) {
    int cancel = eventfd(1, EFD_CLOEXEC), fds[8];
    struct mpr_call call = call_of(20000, cancel);
    int64_t began = np_now_ns();
    uint16_t port;
    int listener = listen_somewhere(0, &port);

    cr_assert_eq(fill_queue(port, fds, 8), 0);
    cr_expect_eq(np_connect_tcp("127.0.0.1", port, &call, NULL, NULL), -ECANCELED);
    cr_expect_lt(np_now_ns() - began, 10000 * NP_MS);
    close_all(fds, 8);
    close(listener);
    close(cancel);
}

struct slow {
    struct np_errand errand;
    int result;
};

static atomic_bool let_go;
static atomic_int destroyed;

static void run_slow(struct np_errand *errand) {
    usleep(200000);
    while (!atomic_load(&let_go))
        usleep(1000);
    ((struct slow *)(void *)errand)->result = 7;
}

static void destroy_slow(struct np_errand *errand) {
    free(errand);
    atomic_fetch_add(&destroyed, 1);
}

static struct slow *make_slow(void) {
    struct slow *slow = calloc(1, sizeof *slow);

    cr_assert_not_null(slow);
    slow->errand.run = run_slow;
    slow->errand.destroy = destroy_slow;
    return slow;
}

/* Who of the two lets go last frees it: here or in its thread. */
static void wait_destroyed(int wanted) {
    for (int i = 0; i < 20000 && atomic_load(&destroyed) < wanted; i++)
        usleep(1000);
    cr_expect_eq(atomic_load(&destroyed), wanted);
}

Test(np_connect, an_errand_is_waited_for_or_left_behind) {
    struct mpr_call enough = call_of(20000, -1), little;
    struct slow *slow = make_slow();

    atomic_store(&let_go, true);
    cr_expect_eq(np_errand_run(&slow->errand, &enough), 0);
    cr_expect_eq(slow->result, 7);
    np_errand_drop(&slow->errand);
    wait_destroyed(1);
    atomic_store(&let_go, false);
    slow = make_slow();
    little = call_of(20, -1);
    cr_expect_eq(np_errand_run(&slow->errand, &little), -ETIMEDOUT);
    np_errand_drop(&slow->errand);
    atomic_store(&let_go, true);
    wait_destroyed(2);
}
