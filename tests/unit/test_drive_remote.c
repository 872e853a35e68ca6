/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_drive_remote.c: a drive's sessions and operations, on a provider that is told what
 * its server does.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mpr/winerror.h>

#include "router/mpr_time.h"
#include "service/drive_remote.h"

#define BOUND_MS 400
#define SLACK_MS 2000

void drive_explain(const struct mpr_call *call, uint32_t code, const char *format, ...) {
    (void)call;
    (void)code;
    (void)format;
}

/* ---- the provider */

static struct {
    atomic_int sessions, connects, inside, most_inside, asked;
    atomic_int answer;  /* of every operation: 0 or -errno */
    atomic_bool silent; /* the server does not answer */
    atomic_bool full;   /* it wants no more sessions */
    atomic_bool hold;   /* reads do not end */
    atomic_bool aborted;
    const char *path; /* that is to be asked for; NULL: "" */
} server;

struct fake {
    pthread_mutex_t one_at_a_time;
};

static void nap(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

static enum mpr_answer fake_connect(void *state, const struct mpr_call *call,
                                    const struct mpr_connect *args, void **ret_session,
                                    uint32_t *ret_code) {
    struct fake *fake;

    (void)state;
    (void)call;
    cr_expect_str_eq(args->remote, "fake");
    if (atomic_fetch_add(&server.connects, 1) && server.full) {
        *ret_code = ERROR_REQ_NOT_ACCEP;
        return MPR_MINE_FAILED;
    }
    fake = calloc(1, sizeof *fake);
    pthread_mutex_init(&fake->one_at_a_time, NULL);
    atomic_fetch_add(&server.sessions, 1);
    *ret_session = fake;
    return MPR_DONE;
}

static uint32_t fake_disconnect(void *session, const struct mpr_call *call, int force) {
    (void)call;
    (void)force;
    free(session);
    atomic_fetch_sub(&server.sessions, 1);
    return NO_ERROR;
}

static void fake_abort(void *session) {
    (void)session;
    server.aborted = true;
}

/* As a session of a worker: one at a time, until the deadline. */
static int operate(struct fake *fake, const struct mpr_call *call, const atomic_bool *wait) {
    struct timespec until = {0, 0};
    int64_t left_ns = call->deadline_ns - mpr_now_ns();
    int inside, rc = server.answer;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += left_ns / MPR_NS_PER_S + 1;
    if (pthread_mutex_timedlock(&fake->one_at_a_time, &until))
        return -ETIMEDOUT;
    inside = atomic_fetch_add(&server.inside, 1) + 1;
    if (inside > server.most_inside)
        server.most_inside = inside;
    while ((*wait || server.silent) && rc == 0) {
        if (server.aborted)
            rc = -ECONNABORTED;
        else if (mpr_now_ns() > call->deadline_ns)
            rc = -ETIMEDOUT;
        nap(2);
    }
    atomic_fetch_sub(&server.inside, 1);
    pthread_mutex_unlock(&fake->one_at_a_time);
    return rc;
}

static int fake_stat(void *session, const struct mpr_call *call, const char *path,
                     struct mpr_stat *ret) {
    static const atomic_bool never;

    cr_expect_str_eq(path, server.path ? server.path : "", "%s", path);
    atomic_fetch_add(&server.asked, 1);
    ret->size = 7;
    return operate(session, call, &never);
}

static int fake_open(void *session, const struct mpr_call *call, const char *path, int flags,
                     uint32_t mode, void **ret_file) {
    (void)call;
    (void)path;
    (void)flags;
    (void)mode;
    *ret_file = session;
    return 0;
}

static int fake_close(void *session, const struct mpr_call *call, void *file) {
    (void)call;
    cr_expect_eq(session, file, "it is closed in the session that opened it");
    return 0;
}

static int64_t fake_pread(void *session, const struct mpr_call *call, void *file, void *data,
                          size_t size, uint64_t offset) {
    int rc = operate(session, call, &server.hold);

    (void)offset;
    cr_expect_eq(session, file);
    memset(data, 'x', size);
    return rc ? rc : (int64_t)size;
}

static const struct mpr_provider table = {
    .magic = MPR_PROVIDER_MAGIC,
    .abi_major = MPR_PROVIDER_ABI_MAJOR,
    .abi_minor = MPR_PROVIDER_ABI_MINOR,
    .size = sizeof table,
    .flags = MPR_PROVIDER_THREADSAFE,
    .name = "Fake",
    .max_io = 65536,
    .connect = fake_connect,
    .disconnect = fake_disconnect,
    .abort = fake_abort,
    .stat = fake_stat,
    .open = fake_open,
    .close = fake_close,
    .pread = fake_pread,
};

/* ---- a drive */

static struct mpr_np np;
static struct drive drive;

static void start(uint32_t sessions, uint32_t bound_ms) {
    struct mpr_connect args = {.size = sizeof args, .remote = "fake"};
    struct mpr_call call = {.cancel_fd = -1, .deadline_ns = mpr_deadline_in_ms(20000)};
    uint32_t code = NO_ERROR;

    np = (struct mpr_np){.table = &table, .name = "Fake"};
    drive.np = &np;
    drive.options = (struct drive_options){
        .io_timeout_ms = bound_ms, .connect_timeout_ms = 20000, .sessions = sessions};
    cr_assert_eq(drive_remote_connect(&drive, &call, &args, &code), MPR_DONE);
}

static void stop(bool force) {
    struct mpr_call call = {.cancel_fd = -1, .deadline_ns = mpr_deadline_in_ms(20000)};
    bool freed;

    /* What is under way ends in a moment, which on a busy machine may be a long one. */
    do {
        drive_remote_disconnect(&drive, &call, force);
        freed = drive_remote_free(&drive);
    } while (!freed && mpr_now_ns() < call.deadline_ns);
    cr_expect(freed);
    cr_expect_eq(server.sessions, 0);
}

static int64_t now_ms(void) {
    return mpr_now_ns() / MPR_NS_PER_MS;
}

static int ask(void) {
    struct mpr_stat facts = {.size = 0};

    return drive_remote_stat(&drive, "", &facts);
}

static void *read_thread(void *context) {
    struct drive_file *file = context;
    static char data[65536];

    return (void *)(intptr_t)drive_remote_pread(&drive, file, data, sizeof data, 0);
}

static pthread_t begin_read(struct drive_file *file) {
    pthread_t thread;

    server.hold = true;
    pthread_create(&thread, NULL, read_thread, file);
    while (server.inside == 0)
        nap(1);
    return thread;
}

static intptr_t end_thread(pthread_t thread) {
    void *result;

    pthread_join(thread, &result);
    return (intptr_t)result;
}

TestSuite(drive_remote, .timeout = 120);

Test(drive_remote, a_transfer_does_not_delay_other_operations) {
    struct drive_file *file, *other;
    pthread_t thread;

    start(4, 60000);
    cr_assert_eq(drive_remote_open(&drive, "f", O_RDONLY, 0, &file), 0);
    thread = begin_read(file);
    /* The read does not end; so these are answered by another session, made for them. */
    cr_expect_eq(ask(), 0);
    cr_expect_eq(ask(), 0);
    cr_expect_eq(server.sessions, 2);
    cr_assert_eq(drive_remote_open(&drive, "g", O_RDONLY, 0, &other), 0);
    cr_expect_neq(other->session, file->session);
    cr_expect_eq(drive_remote_close(&drive, other), 0);
    server.hold = false;
    cr_expect_eq(end_thread(thread), 65536);
    cr_expect_eq(drive.bytes_read, 65536);
    cr_expect_eq(drive_remote_close(&drive, file), 0);
    stop(false);
}

Test(drive_remote, a_server_that_wants_one_session_only_is_waited_for) {
    struct drive_file *file;
    pthread_t thread;

    start(4, BOUND_MS);
    server.full = true;
    cr_assert_eq(drive_remote_open(&drive, "f", O_RDONLY, 0, &file), 0);
    server.hold = true;
    drive.options.io_timeout_ms = 60000;
    thread = begin_read(file);
    drive.options.io_timeout_ms = BOUND_MS;
    cr_expect_eq(ask(), -ETIMEDOUT);
    cr_expect_not(drive.lost, "it is we who were slow");
    server.hold = false;
    cr_expect_eq(end_thread(thread), 65536);
    cr_expect_eq(ask(), 0);
    cr_expect_eq(server.sessions, 1);
    cr_expect_eq(drive_remote_close(&drive, file), 0);
    stop(false);
}

Test(drive_remote, one_waits_for_a_silent_server_and_others_are_told_at_once) {
    int64_t began;
    int told = 0;

    start(1, BOUND_MS);
    server.silent = true;
    began = now_ms();
    cr_expect_eq(ask(), -ETIMEDOUT);
    cr_expect_geq(now_ms() - began, BOUND_MS - 50);
    cr_expect_lt(now_ms() - began, BOUND_MS + SLACK_MS);
    cr_expect(drive.lost);
    server.asked = 0;
    for (int i = 0; i < 1000; i++)
        told += ask() == -EHOSTUNREACH;
    /* On a busy machine it may be time for another try. */
    cr_expect_geq(told, 990);
    cr_expect_leq(server.asked, 10);
    stop(true);
}

static void *ask_for_a_while(void *until) {
    const int64_t *end = until;
    intptr_t answers = 0;

    while (mpr_now_ns() < *end) {
        int rc = ask();

        cr_expect(rc == -EHOSTUNREACH || rc == -ETIMEDOUT, "%d", rc);
        answers++;
    }
    return (void *)answers;
}

Test(drive_remote, threads_do_not_pile_up_at_a_silent_server) {
    pthread_t threads[16];
    int64_t end;

    start(1, BOUND_MS);
    server.silent = true;
    cr_expect_eq(ask(), -ETIMEDOUT);
    server.most_inside = 0;
    end = mpr_now_ns() + MPR_NS_PER_S;
    for (int i = 0; i < 16; i++)
        pthread_create(&threads[i], NULL, ask_for_a_while, &end);
    for (int i = 0; i < 16; i++)
        cr_expect_gt(end_thread(threads[i]), 0);
    cr_expect_leq(server.most_inside, 1);
    stop(true);
}

Test(drive_remote, a_server_that_is_back_is_asked_again) {
    int64_t began;
    int rc;

    start(1, BOUND_MS);
    server.answer = -ECONNREFUSED;
    cr_expect_eq(ask(), -EHOSTUNREACH);
    cr_expect(drive.lost);
    server.answer = 0;
    began = now_ms();
    while ((rc = ask()) == -EHOSTUNREACH && now_ms() - began < 20000)
        nap(1);
    cr_expect_eq(rc, 0);
    cr_expect_not(drive.lost);
    stop(false);
}

Test(drive_remote, operations_wait_for_a_server_that_is_back_within_the_bound) {
    start(1, 60000);
    server.answer = -ECONNREFUSED;
    cr_expect_eq(ask(), -EHOSTUNREACH);
    cr_expect(drive.lost);
    server.answer = 0;
    cr_expect_eq(ask(), 0, "it waited for the one that tries");
    cr_expect_not(drive.lost);
    stop(false);
}

static atomic_int sessions_asked;

/* The first session that is asked hangs, the others are well; but it is slow to be made anew. */
static int stat_of_many(void *session, const struct mpr_call *call, const char *path,
                        struct mpr_stat *ret) {
    static void *_Atomic hangs;
    void *none = NULL;

    (void)path;
    ret->size = 7;
    atomic_compare_exchange_strong(&hangs, &none, session);
    if (session != hangs)
        return 0;
    if (atomic_fetch_add(&sessions_asked, 1) > 0) {
        nap(100);
        return 0;
    }
    nap((call->deadline_ns - mpr_now_ns()) / MPR_NS_PER_MS + 1);
    return -ETIMEDOUT;
}

static atomic_bool has_answer;

static void *ask_and_say_so(void *context) {
    int rc = ask();

    (void)context;
    has_answer = true;
    return (void *)(intptr_t)rc;
}

Test(drive_remote, a_session_that_hangs_is_not_the_server) {
    const struct mpr_provider *before;
    struct mpr_provider many;
    pthread_t thread;

    start(2, 2000);
    before = drive.np->table;
    many = *before;
    many.stat = stat_of_many;
    drive.np->table = &many;
    pthread_create(&thread, NULL, ask_and_say_so, NULL);
    while (!sessions_asked)
        nap(1);
    while (!has_answer) {
        cr_expect_eq(ask(), 0);
        nap(1);
    }
    cr_expect_eq(ask(), 0);
    cr_expect_eq(end_thread(thread), -ETIMEDOUT);
    drive.np->table = before;
    stop(false);
}

Test(drive_remote, an_answer_is_a_sign_of_life) {
    start(1, BOUND_MS);
    server.answer = -ENOTCONN;
    cr_expect_eq(ask(), -EHOSTUNREACH);
    cr_expect(drive.lost);
    nap(5);
    server.answer = -ENOENT;
    cr_expect_eq(ask(), -ENOENT);
    cr_expect_not(drive.lost);
    server.answer = -EIO;
    cr_expect_eq(ask(), -EIO);
    cr_expect_not(drive.lost);
    stop(false);
}

static void *ask_once(void *nothing) {
    (void)nothing;
    return (void *)(intptr_t)ask();
}

Test(drive_remote, an_abort_ends_what_is_under_way) {
    pthread_t thread;
    int64_t began;

    start(1, 60000);
    server.silent = true;
    pthread_create(&thread, NULL, ask_once, NULL);
    while (server.inside == 0)
        nap(1);
    began = now_ms();
    drive_remote_abort(&drive);
    cr_expect_eq(end_thread(thread), -ENOTCONN);
    cr_expect_eq(ask(), -ENOTCONN);
    stop(true);
    cr_expect_lt(now_ms() - began, SLACK_MS);
}

Test(drive_remote, an_abort_ends_the_waiting_for_a_session) {
    struct drive_file *file;
    pthread_t reader, thread;

    start(4, 60000);
    server.full = true;
    cr_assert_eq(drive_remote_open(&drive, "f", O_RDONLY, 0, &file), 0);
    reader = begin_read(file);
    pthread_create(&thread, NULL, ask_once, NULL);
    nap(20);
    drive_remote_abort(&drive);
    cr_expect_eq(end_thread(thread), -ENOTCONN);
    cr_expect_eq(end_thread(reader), -ENOTCONN);
    cr_expect_eq(drive_remote_close(&drive, file), -ENOTCONN);
    stop(true);
}

Test(drive_remote, what_a_provider_lacks_is_not_supported) {
    start(1, BOUND_MS);
    cr_expect_eq(drive_remote_mkdir(&drive, "d", 0755), -ENOTSUP);
    cr_expect_eq(drive_remote_link(&drive, "a", "b"), -ENOTSUP);
    cr_expect_eq(ask(), 0, "lstat is not there, stat is");
    cr_expect_eq(drive.operations, 1);
    stop(false);
}

Test(drive_remote, another_process_is_answered_before_it_gives_up) {
    struct mpr_call call = {.cancel_fd = -1, .deadline_ns = mpr_deadline_in_ms(BOUND_MS)};
    int64_t left_ns;

    start(1, 60000);
    server.silent = true;
    drive_turn_for(&call);
    cr_expect_eq(ask(), -ETIMEDOUT);
    left_ns = call.deadline_ns - mpr_now_ns();
    drive_turn_for(NULL);
    cr_expect_gt(left_ns, -SLACK_MS * MPR_NS_PER_MS);
    stop(true);
}

Test(drive_remote, a_provider_gets_paths_as_it_wants_them) {
    struct mpr_stat facts;

    start(1, BOUND_MS);
    cr_expect_eq(drive_remote_stat(&drive, "/", &facts), 0);
    server.path = "dir/file";
    cr_expect_eq(drive_remote_stat(&drive, "/dir/file", &facts), 0);
    cr_expect_eq(drive_remote_stat(&drive, "dir/file", &facts), 0);
    stop(false);
}
