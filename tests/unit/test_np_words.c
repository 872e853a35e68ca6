/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_np_words.c: options that are lists of words; and whether a peer is on a
 * network of this machine's.
 */
#include "config.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "providers/common/np_route.h"
#include "providers/common/np_words.h"

TestSuite(np_words, .timeout = 60);

Test(np_words, are_between_commas) {
    static const char *const wanted[] = {"nas", "file server", "[::1]:445", "x"};
    const char *list = " nas,file server\t, ,,[::1]:445 ,x,";
    struct np_span word;

    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        cr_assert_eq(np_words_next(&list, &word), 1);
        cr_expect(word.length == strlen(wanted[i])
                      && memcmp(word.text, wanted[i], word.length) == 0,
                  "%.*s", (int)word.length, word.text);
    }
    cr_expect_eq(np_words_next(&list, &word), 0);
    cr_expect_eq(np_words_next(&list, &word), 0, "and again");
    list = " , ";
    cr_expect_eq(np_words_next(&list, &word), 0);
}

/* A datagram socket sends nothing when it connects. */
static int socket_to(const char *address) {
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    inet_pton(AF_INET, address, &peer.sin_addr);
    if (connect(fd, (struct sockaddr *)&peer, sizeof peer)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

Test(np_route, knows_who_is_near) {
    int near = socket_to("127.0.0.1"), far = socket_to("203.0.113.77");

    cr_assert_geq(near, 0);
    cr_expect(np_route_is_direct(near));
    /* Without any way there, nothing can be asked about it. */
    if (far >= 0)
        cr_expect_not(np_route_is_direct(far));
    cr_expect_not(np_route_is_direct(-1));
    close(near);
    if (far >= 0)
        close(far);
}
