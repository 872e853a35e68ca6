/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wire.c: what is said to a worker process comes out as it went in, and
 * nothing that is malformed is believed.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "router/mpr_wire.h"

TestSuite(wire, .timeout = 60);

static unsigned char buffer[MPR_WIRE_MAX];

Test(wire, every_type_comes_out_as_it_went_in) {
    struct mpr_wire_chown_args chown = {.path = "a path", .uid = 1, .gid = UINT32_MAX}, chown2;
    struct mpr_wire_utimens_args times = {.path = "", .atime_ns = INT64_MIN, .mtime_ns = -1};
    struct mpr_wire_utimens_args times2;
    struct mpr_wire_stat_ret facts = {.facts = {.size = UINT64_MAX, .rdev = 9}}, facts2;
    struct mpr_wire wire = mpr_wire_into(buffer, sizeof buffer);

    MPR_WIRE_CODE(&wire, chown_args, &chown);
    MPR_WIRE_CODE(&wire, utimens_args, &times);
    MPR_WIRE_CODE(&wire, stat_ret, &facts);
    cr_assert(!wire.bad);
    wire = mpr_wire_from(buffer, wire.at, 0);
    MPR_WIRE_CODE(&wire, chown_args, &chown2);
    MPR_WIRE_CODE(&wire, utimens_args, &times2);
    MPR_WIRE_CODE(&wire, stat_ret, &facts2);
    cr_assert(mpr_wire_ended(&wire));
    cr_expect_str_eq(chown2.path, "a path");
    cr_expect(chown2.uid == 1 && chown2.gid == UINT32_MAX);
    cr_expect_str_eq(times2.path, "");
    cr_expect(times2.atime_ns == INT64_MIN && times2.mtime_ns == -1);
    cr_expect_eq(memcmp(&facts2.facts, &facts.facts, sizeof facts.facts), 0);
}

Test(wire, no_text_is_not_an_empty_one) {
    struct mpr_wire_connect_args args = {.remote = "r", .user = ""}, got;
    struct mpr_wire wire = mpr_wire_into(buffer, sizeof buffer);

    MPR_WIRE_CODE(&wire, connect_args, &args);
    wire = mpr_wire_from(buffer, wire.at, 0);
    MPR_WIRE_CODE(&wire, connect_args, &got);
    cr_assert(mpr_wire_ended(&wire));
    cr_expect_null(got.device);
    cr_expect_str_eq(got.user, "");
}

/* Zeros among them, none at all, and as many as WNetAddConnection4 takes. */
Test(wire, bytes_come_out_as_they_went_in) {
    static unsigned char bytes[65536], text[] = "\\\\server\\share";
    static const size_t sizes[] = {0, 1, 3, sizeof bytes};

    memset(bytes, 'b', sizeof bytes);
    bytes[0] = '\0';
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct mpr_wire_connect_args args = {.remote = (char *)text,
                                             .use_options = {bytes, sizes[i]}};
        struct mpr_wire_connect_args got = {.use_options = {text, 4711}};
        struct mpr_wire wire = mpr_wire_into(buffer, sizeof buffer);

        MPR_WIRE_CODE(&wire, connect_args, &args);
        cr_assert(!wire.bad);
        wire = mpr_wire_from(buffer, wire.at, 0);
        MPR_WIRE_CODE(&wire, connect_args, &got);
        cr_assert(mpr_wire_ended(&wire));
        cr_assert_eq(got.use_options.size, sizes[i]);
        cr_expect_eq(got.use_options.data != NULL, sizes[i] != 0);
        cr_expect(!sizes[i] || memcmp(got.use_options.data, bytes, sizes[i]) == 0);
    }
}

Test(wire, bytes_that_are_cut_anywhere_are_malformed) {
    struct mpr_wire_connect_args args = {.remote = "r", .use_options = {"bytes", 5}}, got;
    struct mpr_wire wire = mpr_wire_into(buffer, sizeof buffer);
    uint32_t too_many = 6;
    size_t size;

    MPR_WIRE_CODE(&wire, connect_args, &args);
    size = wire.at;
    for (size_t cut = 0; cut < size; cut++) {
        wire = mpr_wire_from(buffer, cut, 0);
        MPR_WIRE_CODE(&wire, connect_args, &got);
        cr_expect(!mpr_wire_ended(&wire), "%zu of %zu", cut, size);
    }
    memcpy(buffer + size - 5 - sizeof too_many, &too_many, sizeof too_many);
    wire = mpr_wire_from(buffer, size, 0);
    MPR_WIRE_CODE(&wire, connect_args, &got);
    cr_expect(wire.bad, "more than there are");
    wire = mpr_wire_into(buffer, size - 1);
    MPR_WIRE_CODE(&wire, connect_args, &args);
    cr_expect(wire.bad, "no room for them");
}

Test(wire, message_that_is_cut_anywhere_is_malformed) {
    struct mpr_wire_rename_args args = {.from = "from", .to = "to"}, got;
    struct mpr_wire wire = mpr_wire_into(buffer, sizeof buffer);
    size_t size;

    MPR_WIRE_CODE(&wire, rename_args, &args);
    size = wire.at;
    for (size_t cut = 0; cut < size; cut++) {
        wire = mpr_wire_from(buffer, cut, 0);
        MPR_WIRE_CODE(&wire, rename_args, &got);
        cr_expect(!mpr_wire_ended(&wire), "%zu of %zu", cut, size);
    }
    wire = mpr_wire_from(buffer, size + 1, 0);
    MPR_WIRE_CODE(&wire, rename_args, &got);
    cr_expect(!wire.bad && !mpr_wire_ended(&wire), "what is too much is seen");
}

Test(wire, text_without_its_nul_or_with_two_is_malformed) {
    struct mpr_wire_stat_args args = {.path = "path"}, got;
    struct mpr_wire wire = mpr_wire_into(buffer, sizeof buffer);
    size_t size;

    MPR_WIRE_CODE(&wire, stat_args, &args);
    size = wire.at;
    buffer[size - 1] = 'x';
    wire = mpr_wire_from(buffer, size, 0);
    MPR_WIRE_CODE(&wire, stat_args, &got);
    cr_expect(wire.bad);
    buffer[size - 1] = '\0';
    buffer[size - 3] = '\0';
    wire = mpr_wire_from(buffer, size, 0);
    MPR_WIRE_CODE(&wire, stat_args, &got);
    cr_expect(wire.bad);
}

Test(wire, bulk_is_never_more_than_there_is_memory) {
    struct mpr_wire_pread_args args = {.file = 1, .size = 4096}, got;
    struct mpr_wire wire = mpr_wire_into(buffer, sizeof buffer);
    size_t size;

    MPR_WIRE_CODE(&wire, pread_args, &args);
    size = wire.at;
    wire = mpr_wire_from(buffer, size, 4096);
    MPR_WIRE_CODE(&wire, pread_args, &got);
    cr_expect(mpr_wire_ended(&wire));
    wire = mpr_wire_from(buffer, size, 4095);
    MPR_WIRE_CODE(&wire, pread_args, &got);
    cr_expect(wire.bad);
}

Test(wire, message_that_does_not_fit_is_not_sent) {
    struct mpr_wire_stat_args args = {.path = "a long path"};
    unsigned char small[8];
    struct mpr_wire wire = mpr_wire_into(small, sizeof small);
    int ends[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    MPR_WIRE_CODE(&wire, stat_args, &args);
    cr_expect_eq(mpr_wire_send(ends[0], &wire, NULL, 0), -EMSGSIZE);
    cr_expect_eq(mpr_wire_receive(ends[1], buffer, sizeof buffer, NULL, false), -EAGAIN);
    close(ends[0]);
    close(ends[1]);
}

Test(wire, unknown_kind_is_none) {
    uint32_t kind = MPR_WIRE_SHAPES;
    struct mpr_wire wire = mpr_wire_from(&kind, sizeof kind, 0);

    cr_expect_eq(mpr_wire_get_kind(&wire), MPR_WIRE_SHAPES);
    wire = mpr_wire_from(&kind, 3, 0);
    cr_expect_eq(mpr_wire_get_kind(&wire), MPR_WIRE_SHAPES);
}

Test(wire, operations_have_names) {
    cr_expect_str_eq(mpr_wire_op_name(MPR_WIRE_OP_pread), "pread");
    cr_expect_str_eq(mpr_wire_op_name((enum mpr_wire_op)0), "?");
    cr_expect_str_eq(mpr_wire_op_name((enum mpr_wire_op)4711), "?");
}

static void make_pair(int ends[2]) {
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

static int count_open(void) {
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

Test(wire, descriptors_go_with_a_message_and_nowhere_else) {
    struct mpr_wire wire = mpr_wire_into(buffer, sizeof buffer);
    int ends[2], sent[2] = {0, 1}, got[MPR_WIRE_FDS], before;

    make_pair(ends);
    before = count_open();
    MPR_WIRE_SAY(&wire, abort, .serial = 1);
    cr_assert_eq(mpr_wire_send(ends[0], &wire, sent, 2), 0);
    cr_assert_eq(mpr_wire_receive(ends[1], buffer, sizeof buffer, got, false), 8);
    cr_expect(got[0] >= 0 && got[1] >= 0 && got[2] == -1);
    cr_expect(fcntl(got[0], F_GETFD) & FD_CLOEXEC);
    mpr_wire_close(got, MPR_WIRE_FDS);
    cr_expect_eq(got[0], -1);
    cr_assert_eq(mpr_wire_send(ends[0], &wire, sent, 2), 0);
    cr_assert_eq(mpr_wire_receive(ends[1], buffer, sizeof buffer, NULL, false), 8);
    cr_assert_eq(mpr_wire_send(ends[0], &wire, sent, 2), 0);
    cr_assert_eq(mpr_wire_receive(ends[1], buffer, 4, got, false), -EBADMSG, "too long");
    cr_expect_eq(count_open(), before);
    close(ends[0]);
    close(ends[1]);
}

Test(wire, descriptors_for_which_there_is_no_number_are_told) {
    struct mpr_wire wire = mpr_wire_into(buffer, sizeof buffer);
    struct rlimit before, none;
    int ends[2], sent[2] = {0, 1}, got[MPR_WIRE_FDS];

    make_pair(ends);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    MPR_WIRE_SAY(&wire, abort, .serial = 1);
    cr_assert_eq(mpr_wire_send(ends[0], &wire, sent, 2), 0);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    cr_expect_eq(mpr_wire_receive(ends[1], buffer, sizeof buffer, got, false), 8);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    cr_expect_eq(got[0], -EMFILE);
    mpr_wire_close(got, MPR_WIRE_FDS);
    cr_expect_eq(got[0], -1);
    close(ends[0]);
    close(ends[1]);
}

Test(wire, what_was_said_before_the_end_is_heard) {
    struct mpr_wire wire = mpr_wire_into(buffer, sizeof buffer);
    int ends[2];

    make_pair(ends);
    MPR_WIRE_SAY(&wire, abort, .serial = 1);
    cr_assert_eq(mpr_wire_send(ends[1], &wire, NULL, 0), 0);
    cr_assert_eq(mpr_wire_send(ends[0], &wire, NULL, 0), 0);
    close(ends[1]); /* without having read: the other end is reset */
    cr_expect_eq(mpr_wire_receive(ends[0], buffer, sizeof buffer, NULL, true), 8);
    cr_expect_eq(mpr_wire_receive(ends[0], buffer, sizeof buffer, NULL, true), -EPIPE);
    cr_expect_eq(mpr_wire_send(ends[0], &wire, NULL, 0), -EPIPE);
    close(ends[0]);
}
