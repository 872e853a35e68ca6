/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_sftp_feed.c: a stream of packets, cut at every place, reaches the requests
 * that wait for it; what makes no sense breaks the line.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "providers/sftp/sftp_call.h"
#include "providers/sftp/sftp_feed.h"

TestSuite(sftp_feed, .timeout = 60);

/* A line without a server. */
static struct sftp_line *make_line(struct sftp_wait *wait) {
    struct sftp_line *line = calloc(1, sizeof *line);

    cr_assert(line != NULL);
    pthread_mutex_init(&line->lock, NULL);
    line->requests_end = &line->requests;
    line->parcels_end = &line->parcels;
    line->wake_fd = -1;
    *wait = (struct sftp_wait){.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    return line;
}

static void free_line(struct sftp_line *line, struct sftp_wait *wait) {
    while (line->parcels) {
        struct sftp_parcel *parcel = line->parcels;

        line->parcels = parcel->next;
        free(parcel->data);
        free(parcel);
    }
    free(line->arrival.body);
    pthread_mutex_destroy(&line->lock);
    close(wait->event_fd);
    free(line);
}

static void put_on_its_way(struct sftp_line *line, struct sftp_wait *wait,
                           struct sftp_request *request, enum sftp_type type) {
    struct sftp_out packet;

    sftp_call_begin(line, request, &packet, type, 16);
    request->wait = wait;
    cr_assert_eq(sftp_line_send_locked(line, request, &packet), 0);
}

static const uint8_t stream[] = {
    0, 0, 0, 13, 103, 0, 0, 0, 0, 0, 0, 0, 4, 'd', 'a', 't', 'a', /* DATA for 0 */
    0, 0, 0, 9,  101, 0, 0, 0, 1, 0, 0, 0, 4,                     /* STATUS for 1 */
    0, 0, 0, 13, 101, 0, 0, 0, 9, 0, 0, 0, 0, 0,   0,   0,   0,   /* for nobody */
    0, 0, 0, 10, 102, 0, 0, 0, 2, 0, 0, 0, 1, 'h',                /* HANDLE for 2 */
    0, 0, 0, 10, 102, 0, 0, 0, 8, 0, 0, 0, 1, 'o',                /* HANDLE for nobody */
    0, 0, 0, 5,  201, 0, 0, 0, 3,                                 /* an empty reply for 3 */
};

static void feed_in_two(size_t cut) {
    struct sftp_request requests[4];
    struct sftp_wait wait;
    struct sftp_line *line = make_line(&wait);
    struct sftp_handle handle;
    struct sftp_in reply;
    uint8_t into[8] = "";

    for (size_t i = 0; i < 4; i++)
        put_on_its_way(line, &wait, &requests[i], SFTP_READ);
    requests[0].into = into;
    requests[0].room = 4;
    sftp_feed(line, stream, cut);
    sftp_feed(line, stream + cut, sizeof stream - cut);
    cr_assert(!line->broken, "cut at %zu", cut);
    for (size_t i = 0; i < 4; i++)
        cr_assert(requests[i].done, "%zu, cut at %zu", i, cut);
    cr_expect(requests[0].result == 0 && requests[0].length == 4 && memcmp(into, "data", 5) == 0);
    cr_expect_eq(requests[1].result, SFTP_FAILURE);
    reply = sftp_reply(&requests[2], SFTP_HANDLE);
    sftp_in_handle(&reply, &handle);
    cr_expect(!reply.bad && handle.length == 1 && handle.data[0] == 'h');
    cr_expect(requests[3].result == 0 && requests[3].length == 0);
    cr_expect_eq(wait.outstanding, 0u);
    /* Four requests were queued, and the fifth closes what nobody wanted any more. */
    cr_expect_eq(line->parcels->next->next->next->next->data[4], SFTP_CLOSE);
    for (size_t i = 0; i < 4; i++)
        free(requests[i].reply);
    free_line(line, &wait);
}

Test(sftp_feed, a_stream_may_be_cut_anywhere) {
    for (size_t cut = 0; cut <= sizeof stream; cut++)
        feed_in_two(cut);
}

Test(sftp_feed, what_makes_no_sense_breaks_the_line) {
    static const struct {
        const char *what;
        uint8_t bytes[17];
        size_t size;
    } rows[] = {
        {"a packet without an id", {0, 0, 0, 4, 101, 0, 0, 0, 0}, 9},
        {"a packet of 16 MiB", {1, 0, 0, 0, 101, 0, 0, 0, 0}, 9},
        {"more data than asked for", {0, 0, 0, 14, 103, 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4}, 17},
        {"data of two lengths", {0, 0, 0, 13, 103, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4}, 17},
        {"a second version", {0, 0, 0, 5, 2, 0, 0, 0, 3}, 9},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sftp_request request;
        struct sftp_wait wait;
        struct sftp_line *line = make_line(&wait);
        uint8_t into[4];

        put_on_its_way(line, &wait, &request, SFTP_READ);
        request.into = into;
        request.room = sizeof into;
        sftp_feed(line, rows[i].bytes, rows[i].size);
        cr_expect(line->broken, "%s", rows[i].what);
        cr_expect(!request.done, "%s", rows[i].what);
        free_line(line, &wait);
    }
}

Test(sftp_feed, extensions_are_noted) {
    static const uint8_t version[] = "\0\0\0\x28\x02\0\0\0\x03\0\0\0\x11"
                                     "fsync@openssh.com\0\0\0\x01"
                                     "1\0\0\0\x01x\0\0\0\0";
    struct sftp_wait wait;
    struct sftp_line *line = make_line(&wait);

    atomic_store(&line->stage, SFTP_AT_VERSION);
    sftp_feed(line, version, 44);
    cr_expect(!line->broken);
    cr_expect_eq(line->extensions, SFTP_CAN_FSYNC);
    cr_expect_eq(atomic_load(&line->stage), SFTP_AT_WORK);
    free_line(line, &wait);
}
