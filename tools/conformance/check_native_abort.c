/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_abort.c: operations on a server that says nothing: aborts,
 * deadlines and calls that are given up; and what a broken connection makes of data.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_attempt.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_ops.h"
#include "tools/conformance/kit_relay.h"
#include "tools/conformance/kit_state.h"

#define BLOCKED   8
#define ABORT_MS  2000
#define LATE_MS   1000
#define SOON_MS   100   /* until an operation waits, and the deadline of one */
#define LONG_MS   30000 /* a deadline that never comes */
#define DATA_SIZE 0x40000
#define PIECE     0x4000

/* A session whose server is about to be silent, and what there is in it. */
static struct kit_ops stalled;

static void stall(void) {
    kit_native_open();
    kit_ops_open(&stalled, kit_stall_connect());
    kit_stall_begin();
}

/* The session is of no more use. */
static void leave(void *session) {
    struct mpr_call call = kit_call(2000);

    kit_doing("disconnect, forced");
    kit_table->disconnect(session, &call, 1);
    close(call.cancel_fd);
}

static const struct kit_op *find(const char *name) {
    const struct kit_op *op = kit_all_ops;

    while (op->name && strcmp(op->name, name) != 0)
        op++;
    return op;
}

/* One that waits for the server. */
static const struct kit_op *waiting(void) {
    const char *const names[] = {"pread", "stat", "readdir", "performance"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (kit_op_applies(find(names[i]), &stalled))
            return find(names[i]);
    kit_skip("the provider has no operation that waits for the server");
}

static int64_t run(const struct kit_op *op, int ms, int cancel_ms, int64_t *ret_took) {
    struct mpr_call call = kit_call(ms);
    struct kit_timer timer;
    int64_t began = kit_ms(), result;

    kit_doing("%s of a silent server, with %d ms%s", op->name, ms,
              cancel_ms >= 0 ? ", to be given up" : "");
    kit_timer_begin(&timer, &call, cancel_ms);
    result = op->run(&stalled, &call);
    *ret_took = kit_ms() - began;
    kit_timer_end(&timer);
    close(call.cancel_fd);
    return result;
}

/* ---- abort */

static atomic_int blocked_begun, blocked_over;

static void block(void *context, unsigned number) {
    const struct kit_op *op = waiting();
    int64_t took, result;

    if (!number) {
        int64_t began;

        while (atomic_load(&blocked_begun) < *(int *)context)
            kit_sleep(1);
        kit_sleep(SOON_MS);
        kit_expect(!atomic_load(&blocked_over), "operations that wait for a silent server",
                   "%d of them returned before abort", atomic_load(&blocked_over));
        kit_doing("abort, while %d operations wait", *(int *)context);
        began = kit_ms();
        kit_table->abort(stalled.session);
        kit_within(began, KIT_AT_ONCE * 4);
        return;
    }
    atomic_fetch_add(&blocked_begun, 1);
    result = run(op, LONG_MS, -1, &took);
    atomic_fetch_add(&blocked_over, 1);
    kit_expect(took < kit_limit(ABORT_MS) + 1000, "a return within two seconds after abort",
               "%s after %lld ms", kit_op_result(op, result), (long long)took);
    kit_expect(kit_op_ended(op, result), "-ENOTCONN or -ECANCELED", "%s",
               kit_op_result(op, result));
}

static void wakes_all(void) {
    int count;

    stall();
    KIT_NEEDS(abort);
    waiting();
    count = kit_table->flags & MPR_PROVIDER_THREADSAFE ? BLOCKED : 1;
    kit_threads((unsigned)count + 1, block, &count);
    leave(stalled.session);
}

/* Each must fail now, and so that it is known why. */
static void expect_dead(const struct kit_ops *ops) {
    for (const struct kit_op *op = kit_all_ops; op->name; op++) {
        struct mpr_call call;
        int64_t began = kit_ms(), result;

        if (op->network || !kit_op_applies(op, ops))
            continue;
        call = kit_call(LONG_MS);
        kit_doing("%s, after abort", op->name);
        result = op->run(ops, &call);
        kit_within(began, ABORT_MS);
        kit_expect(kit_op_ended(op, result), "-ENOTCONN or -ECANCELED: the session was aborted",
                   "%s", kit_op_result(op, result));
        close(call.cancel_fd);
    }
}

static void later_ones_fail(void) {
    struct kit_state before;
    struct kit_ops ops;

    kit_native_open();
    KIT_NEEDS(abort);
    kit_disconnect(kit_connect_good(kit_good(0)));
    before = kit_state_settled();
    kit_ops_open(&ops, kit_connect_good(kit_good(0)));
    kit_doing("abort");
    kit_table->abort(ops.session);
    expect_dead(&ops);
    leave(ops.session);
    kit_state_same(&before, "after abort and a forced disconnect");
    kit_disconnect(kit_connect_good(kit_good(0)));
}

static void ends_after_abort(void) {
    struct kit_state before;
    void *session;

    kit_native_open();
    KIT_NEEDS(abort);
    kit_disconnect(kit_connect_good(kit_good(0)));
    before = kit_state_settled();
    session = kit_connect_good(kit_good(0));
    kit_doing("abort");
    kit_table->abort(session);
    kit_disconnect(session);
    kit_state_same(&before, "after abort and a disconnect");
}

static void aborts_twice(void) {
    int64_t began;

    stall();
    KIT_NEEDS(abort);
    began = kit_ms();
    for (int i = 0; i < 2; i++) {
        kit_doing("abort, time %d, with a silent server", i + 1);
        kit_table->abort(stalled.session);
    }
    kit_within(began, KIT_AT_ONCE * 4);
    leave(stalled.session);
}

static void aborts_one_session(void) {
    const char *ailment;
    void *first, *second;

    kit_native_open();
    KIT_NEEDS(abort);
    first = kit_connect_good(kit_good(0));
    second = kit_connect_beside(kit_good(0));
    kit_doing("abort of one of two sessions with a resource");
    kit_table->abort(first);
    ailment = kit_ailment(second);
    kit_expect(!ailment, "the other session as before", "%s", ailment);
    leave(first);
    kit_disconnect(second);
}

/* ---- deadlines, and calls that are given up */

static void each_stalled(int ms, int cancel_ms, int wanted) {
    unsigned waited = 0;

    stall();
    for (const struct kit_op *op = kit_all_ops; op->name; op++) {
        int64_t took, result;
        int end = cancel_ms >= 0 ? cancel_ms : ms;

        if (!kit_op_applies(op, &stalled))
            continue;
        result = run(op, ms, cancel_ms, &took);
        kit_expect(took <= end + kit_limit(LATE_MS),
                   kit_text("a return within %lld ms", (long long)(end + kit_limit(LATE_MS))),
                   "%s after %lld ms", kit_op_result(op, result), (long long)took);
        if (op->network) {
            kit_expect(kit_code_known((uint32_t)result), "a Win32 code", "%s",
                       kit_code_name((uint32_t)result));
            continue;
        }
        kit_expect(result >= -4095, "a result, or -errno", "%lld", (long long)result);
        if (took >= end - 1 && result < 0 && !waited++)
            kit_expect(result == wanted, kit_text("%d (%s)", wanted, strerror(-wanted)), "%s",
                       kit_op_result(op, result));
    }
    kit_expect(waited > 0, "operations that wait for the server", "none did");
    leave(stalled.session);
}

static void keep_deadlines(void) {
    each_stalled(SOON_MS, -1, -ETIMEDOUT);
}

static void can_be_given_up(void) {
    each_stalled(LONG_MS, SOON_MS, -ECANCELED);
}

static void give_up_looking_round(bool cancel) {
    struct mpr_call call;
    struct kit_timer timer;
    enum mpr_answer answer;
    int64_t began;
    uint32_t code = 0;
    size_t rest = 0;

    kit_native_open();
    if (!kit_table->list && !kit_table->information)
        kit_skip("the provider lists nothing");
    kit_need(kit_lab.silent, "silent");
    call = kit_call(cancel ? LONG_MS : SOON_MS);
    kit_timer_begin(&timer, &call, cancel ? SOON_MS : -1);
    began = kit_ms();
    kit_doing("%s(\"%s\")", kit_table->list ? "list" : "information", kit_lab.silent);
    if (kit_table->list)
        answer =
            kit_table->list(kit_state_of_table, &call, kit_lab.silent, 0, 0, NULL, NULL, &code);
    else
        answer = kit_table->information(kit_state_of_table, &call, kit_lab.silent, 0, NULL, NULL,
                                        &rest, &code);
    kit_within(began, SOON_MS + LATE_MS);
    kit_timer_end(&timer);
    kit_answer_sound(answer, code);
}

static void lists_keep_deadlines(void) {
    give_up_looking_round(false);
}

static void lists_can_be_given_up(void) {
    give_up_looking_round(true);
}

/* ---- the server is back */

static void recovers(void) {
    struct mpr_call call;
    int64_t took, result;
    const struct kit_op *op;

    kit_native_open();
    kit_relay_name();
    kit_ops_open(&stalled, kit_stall_connect());
    kit_stall_begin();
    op = waiting();
    run(op, SOON_MS, -1, &took);
    kit_relay_resume();
    call = kit_call(5000);
    kit_doing("%s, after the server was silent for a while", op->name);
    result = op->run(&stalled, &call);
    kit_expect(result >= 0 || result == -ENOTCONN || result == -ETIMEDOUT || result == -EIO
                   || result == -ESTALE || result == -ECONNRESET,
               "success, or an errno that says that the connection is lost", "%s",
               kit_op_result(op, result));
    close(call.cancel_fd);
    kit_ops_close(&stalled);
    leave(stalled.session);
    kit_disconnect(kit_connect_good(kit_good(0)));
}

static unsigned char pattern_at(uint64_t offset) {
    return (unsigned char)(offset * 7 + (offset >> 8) * 13 + (offset >> 16));
}

/* Writes pieces of the pattern; returns how far all of them were said to be written. */
static uint64_t write_pattern(const struct kit_ops *ops) {
    static unsigned char piece[PIECE];
    uint64_t at = 0;
    int64_t rc;

    while (at < DATA_SIZE) {
        struct mpr_call call = kit_call(2000);

        for (size_t i = 0; i < PIECE; i++)
            piece[i] = pattern_at(at + i);
        kit_doing("pwrite of %u bytes at %llu", PIECE, (unsigned long long)at);
        rc = kit_table->pwrite(ops->session, &call, ops->file, piece, PIECE, at);
        close(call.cancel_fd);
        if (rc <= 0)
            break;
        kit_expect(rc <= PIECE, "at most what was given", "%lld bytes written", (long long)rc);
        at += (uint64_t)rc;
    }
    return at;
}

/* Reads as much as can be; what comes must be right, and all of it if whole. */
static void read_pattern(const struct kit_ops *ops, uint64_t size, bool whole) {
    static unsigned char piece[PIECE];
    uint64_t at = 0;

    while (at < size) {
        struct mpr_call call = kit_call(2000);
        int64_t rc;

        kit_doing("pread of %u bytes at %llu", PIECE, (unsigned long long)at);
        rc = kit_table->pread(ops->session, &call, ops->file, piece, PIECE, at);
        close(call.cancel_fd);
        if (rc < 0 && !whole)
            return;
        kit_expect(rc > 0 && rc <= PIECE, "bytes: the file does not end here", "%s",
                   kit_op_result(find("pread"), rc));
        for (int64_t i = 0; i < rc && at + (uint64_t)i < size; i++)
            kit_expect(piece[i] == pattern_at(at + (uint64_t)i), "the bytes that were written",
                       "another byte at %llu", (unsigned long long)at + (unsigned long long)i);
        at += (uint64_t)rc;
    }
}

static void *cut_now_and_then(void *count) {
    for (int i = 0; i < *(int *)count; i++) {
        kit_sleep(2);
        kit_relay_cut();
    }
    return NULL;
}

static void with_cuts(int count, void (*fn)(void)) {
    pthread_t thread;

    if (pthread_create(&thread, NULL, cut_now_and_then, &count))
        kit_broken("no thread can be started");
    fn();
    pthread_join(thread, NULL);
}

static uint64_t written;

static void write_cut(void) {
    written = write_pattern(&stalled);
}

static void read_cut(void) {
    read_pattern(&stalled, DATA_SIZE, false);
}

/* The file through a connection that nobody disturbs. */
static void reopen(struct kit_ops *ops, const char *name) {
    struct mpr_call call = kit_call(5000);

    memset(ops, 0, sizeof *ops);
    ops->session = kit_connect_good(kit_good(0));
    memcpy(ops->name, name, sizeof ops->name);
    kit_doing("opening \"%s\"", name);
    if (kit_table->open(ops->session, &call, ops->name, O_RDONLY, 0, &ops->file))
        ops->file = NULL;
    close(call.cancel_fd);
}

/* A file by way of the relay, which leads to what the first good name is. */
static void open_through_relay(void) {
    kit_native_open();
    KIT_NEEDS(pwrite);
    kit_ops_open(&stalled, kit_connect_good(kit_relay_name()));
    if (!stalled.file)
        kit_skip("no file can be opened for writing");
}

static void reads_nothing_wrong(void) {
    struct kit_ops whole;

    open_through_relay();
    if (write_pattern(&stalled) != DATA_SIZE)
        kit_fail("a file that can be written", "%s", "less was");
    with_cuts(3, read_cut);
    leave(stalled.session);
    reopen(&whole, stalled.name);
    kit_expect(whole.file != NULL, "the file, in another session", "it cannot be opened");
    read_pattern(&whole, DATA_SIZE, true);
    kit_ops_close(&whole);
    kit_disconnect(whole.session);
}

static void writes_nothing_wrong(void) {
    struct kit_ops whole;

    open_through_relay();
    with_cuts(3, write_cut);
    leave(stalled.session);
    reopen(&whole, stalled.name);
    kit_expect(whole.file != NULL, "the file, in another session", "it cannot be opened");
    read_pattern(&whole, written, true);
    kit_ops_close(&whole);
    kit_disconnect(whole.session);
}

#define ABORT "mpr/provider.h, abort"
#define RULE1 "mpr/provider.h, rule 1"
#define FILES "own decision"

const struct kit_check kit_checks_native_abort[] = {
    {"IO-04", KIT_MUST, wakes_all,
     "abort returns at once, and what waits for the server returns within two seconds with "
     "ENOTCONN or ECANCELED",
     "A forced cancel waits for nobody.", ABORT},
    {"ABT-01", KIT_MUST, later_ones_fail,
     "After abort every operation on files fails with ENOTCONN or ECANCELED",
     "What comes late must not begin to wait anew.", ABORT},
    {"ABT-02", KIT_MUST, ends_after_abort,
     "A session that was aborted can be disconnected, and leaves nothing",
     "abort ends operations; the session is ended by disconnect.", ABORT},
    {"ABT-03", KIT_MUST, aborts_twice, "abort may be called twice, and returns at once",
     "Two threads may have lost their patience.", ABORT},
    {"ABT-04", KIT_MUST, aborts_one_session, "abort ends the operations of its session alone",
     "Another drive on the same server goes on.", ABORT},
    {"IO-05", KIT_MUST, keep_deadlines,
     "Every operation on a silent server ends within a second after its deadline, with ETIMEDOUT",
     "A program that reads from a dead drive must get an error, not stand still.", RULE1},
    {"ABT-05", KIT_MUST, can_be_given_up,
     "Every operation on a silent server can be given up: it ends within a second with ECANCELED",
     "Who interrupts a program wants it to end.", RULE1},
    {"ABT-06", KIT_MUST, lists_keep_deadlines,
     "Listing a silent server ends within a second after the deadline",
     "A window of the network's servers must not stand still for one of them.", RULE1},
    {"ABT-07", KIT_MUST, lists_can_be_given_up,
     "Listing a silent server can be given up, and ends within a second",
     "Who closes the window does not wait.", RULE1},
    {"ABT-08", KIT_MUST, recovers,
     "After a time of silence a session works again, or says honestly that it is lost",
     "Cables are plugged in again.", FILES},
    {"IO-07", KIT_MUST, reads_nothing_wrong,
     "Reads while the connection breaks give the right bytes or an error",
     "Wrong data are worse than none.", FILES},
    {"ABT-09", KIT_MUST, writes_nothing_wrong,
     "What a write said that it wrote is there, though the connection broke",
     "A program deletes its copy when the write succeeded.", "mpr/provider.h, pwrite"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
