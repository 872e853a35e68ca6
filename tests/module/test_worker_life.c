/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_worker_life.c: worker processes come and go; what their host notices.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_worker_drive.h"
#include "router/mpr_worker_session.h"
#include "tests/module/worker_lab.h"

static struct lab lab;
static struct lab_call call;
static void *session;

static void set_up(void) {
    lab_deadly = true;
    cr_assert_eq(lab_start(&lab, "rogue", NULL), NO_ERROR);
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\share", NULL, &session), NO_ERROR, "%s",
                 call.data.failure.text);
}

static void tear_down(void) {
    if (session)
        cr_expect_eq(lab.table->disconnect(session, lab_call(&call, 20000), 0), NO_ERROR);
    if (lab.state)
        lab_stop(&lab);
}

TestSuite(worker_life, .init = set_up, .fini = tear_down, .timeout = 120);
static void be_deadly(void) {
    lab_deadly = true;
}

TestSuite(worker_start, .init = be_deadly, .fini = tear_down, .timeout = 120);

static bool said(const char *words) {
    return call.data.failure.set && strstr(call.data.failure.text, words);
}

static int stat_within(const char *path, int ms) {
    struct mpr_stat facts;

    return lab.table->stat(session, lab_call(&call, ms), path, &facts);
}

/* ---- sudden deaths */

Test(worker_life, killed_worker_is_replaced) {
    int pid = lab_kill_worker(session);

    cr_assert(pid > 1);
    cr_expect(lab_gone(pid, 10000));
    cr_expect_eq(stat_within("steady", 20000), 0);
    cr_expect_neq(lab_worker_pid(session), pid);
}

/* A descriptor that is none cannot be sent, and another worker could not be sent it either. */
Test(worker_life, command_that_cannot_be_sent_ends_no_worker) {
    static const int none[MPR_WIRE_FDS] = {-1, -1, -1};
    int pid = lab_worker_pid(session);

    cr_expect_neq(mpr_worker_drive_attach(session, lab_call(&call, 20000), none, 70000), NO_ERROR);
    cr_expect(said("could not be told to do attach: Bad file descriptor"), "%s",
              call.data.failure.text);
    cr_expect_eq(stat_within("steady", 20000), 0);
    cr_expect_eq(lab_worker_pid(session), pid);
}

Test(worker_life, spare_becomes_the_next_worker) {
    int spare = lab_spare_pid(&lab);
    void *other, *third;

    cr_assert(spare > 1);
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\other", NULL, &other), NO_ERROR);
    cr_expect_eq(lab_worker_pid(other), spare);
    spare = lab_spare_pid(&lab);
    cr_assert(spare > 1);
    kill(spare, SIGKILL);
    cr_expect(lab_gone(spare, 10000));
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\third", NULL, &third), NO_ERROR, "%s",
                 call.data.failure.text);
    cr_expect_eq(lab.table->disconnect(other, lab_call(&call, 20000), 0), NO_ERROR);
    cr_expect_eq(lab.table->disconnect(third, lab_call(&call, 20000), 0), NO_ERROR);
}

Test(worker_life, killed_zygote_takes_its_workers_along_and_is_replaced) {
    int zygote = lab_zygote_pid(&lab), pid = lab_worker_pid(session);
    void *other;

    cr_assert(zygote > 1 && pid > 1);
    kill(zygote, SIGKILL);
    cr_expect(lab_gone(zygote, 10000));
    cr_expect(lab_gone(pid, 10000));
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\other", NULL, &other), NO_ERROR);
    cr_expect_neq(lab_zygote_pid(&lab), zygote);
    cr_expect_eq(lab.table->disconnect(other, lab_call(&call, 20000), 0), NO_ERROR);
    cr_expect_eq(stat_within("steady", 20000), 0);
}

Test(worker_life, stopped_zygote_does_not_hold_anybody_for_long) {
    int zygote = lab_zygote_pid(&lab);
    struct mpr_connect args = {.size = sizeof args, .remote = "\\\\rogue\\other"};
    int64_t begun = lab_ms();
    uint32_t code = 0;
    void *other;

    kill(zygote, SIGSTOP);
    cr_expect_neq(lab.table->connect(lab.state, lab_call(&call, 300), &args, &other, &code),
                  MPR_DONE);
    cr_expect(lab_ms() - begun < 10000);
    cr_expect(said("No worker process"), "%s", call.data.failure.text);
    kill(zygote, SIGCONT);
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\other", NULL, &other), NO_ERROR);
    cr_expect_eq(lab.table->disconnect(other, lab_call(&call, 20000), 0), NO_ERROR);
}

/* Connects, loses the worker, and lets a stat fail again and again. Returns the connects. */
static int connect_once(const char *password, int stats) {
    char log[] = "/tmp/mpr-test-XXXXXX";
    const struct mpr_option options[] = {{"log", log}, {NULL, NULL}};
    struct lab own;
    struct stat facts;
    void *once;

    close(mkostemp(log, O_CLOEXEC));
    cr_assert_eq(lab_start(&own, "rogue", options), NO_ERROR);
    cr_assert_eq(lab_connect(&own, &call, "\\\\rogue\\once", password, &once), NO_ERROR);
    lab_kill_worker(once);
    for (int i = 0; i < stats; i++)
        cr_expect_eq(own.table->stat(once, lab_call(&call, 20000), "steady", &(struct mpr_stat){0}),
                     -EACCES);
    cr_assert_eq(stat(log, &facts), 0);
    cr_expect_eq(own.table->disconnect(once, lab_call(&call, 20000), 0), NO_ERROR);
    lab_stop(&own);
    unlink(log);
    return (int)facts.st_size;
}

Test(worker_life, password_that_fails_is_not_tried_again) {
    cr_expect_eq(connect_once("geheim", 3), 2);
}

/* A ticket may be new. */
Test(worker_life, logon_without_a_password_is_tried_again_after_a_pause) {
    int connects = connect_once(NULL, 30);

    cr_expect(connects > 2 && connects < 10, "%d connects", connects);
}

Test(worker_life, worker_that_keeps_dying_is_not_made_again_and_again) {
    char log[] = "/tmp/mpr-test-XXXXXX";
    const struct mpr_option options[] = {{"log", log}, {NULL, NULL}};
    int64_t begun = lab_ms();
    struct stat facts = {.st_size = 0};
    int64_t took = 0;
    struct lab own;
    void *weak;

    close(mkostemp(log, O_CLOEXEC));
    cr_assert_eq(lab_start(&own, "rogue", options), NO_ERROR);
    cr_assert_eq(lab_connect(&own, &call, "\\\\rogue\\weak", NULL, &weak), NO_ERROR);
    while (took < 2500) {
        cr_expect_eq(own.table->stat(weak, lab_call(&call, 20000), "crash", &(struct mpr_stat){0}),
                     -EIO);
        cr_assert_eq(stat(log, &facts), 0);
        took = lab_ms() - begun;
    }
    cr_expect(facts.st_size >= 3 && facts.st_size <= 5 + took / 900, "connected %d times in %d ms",
              (int)facts.st_size, (int)took);
    cr_expect_eq(own.table->disconnect(weak, lab_call(&call, 20000), 0), NO_ERROR);
    lab_stop(&own);
    unlink(log);
}

/* ---- starting */

static void expect_no_start(const char *program, const char *words) {
    char module[4096];
    void *none;

    snprintf(module, sizeof module, "%s/rogue.so", secure_getenv("MPR_TEST_MODULES"));
    cr_assert_eq(lab_start_with(&lab, program, module, NULL), NO_ERROR);
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\share", NULL, &none), ERROR_DLL_INIT_FAILED);
    cr_expect(said(words), "%s: %s", program, call.data.failure.text);
    lab_stop(&lab);
    lab = (struct lab){.front = NULL};
}

Test(worker_start, program_that_cannot_be_run_is_named_with_the_reason) {
    expect_no_start("/nowhere/mpr-worker", "/nowhere/mpr-worker");
    expect_no_start("/nowhere/mpr-worker", "No such file or directory");
    expect_no_start("/etc/passwd", "Permission denied");
    expect_no_start("/bin/true", "ended before it had loaded");
}

Test(worker_start, module_that_cannot_be_loaded_is_named_with_the_reason) {
    void *none;

    cr_assert_eq(lab_start(&lab, "rogue", NULL), NO_ERROR);
    lab_stop(&lab);
    cr_assert_eq(
        lab_start_with(&lab, secure_getenv("MPR_WORKER_PROGRAM"), "/nowhere/rogue.so", NULL),
        NO_ERROR);
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\share", NULL, &none), ERROR_MOD_NOT_FOUND);
    cr_expect(said("/nowhere/rogue.so"), "%s", call.data.failure.text);
    cr_expect(said("No such file"), "%s", call.data.failure.text);
}

Test(worker_start, module_that_refuses_to_start_says_why) {
    const struct mpr_option refuse[] = {{"refuse", "1"}, {NULL, NULL}};
    const struct mpr_option crash[] = {{"crash", "1"}, {NULL, NULL}};
    void *none;

    cr_assert_eq(lab_start(&lab, "rogue", refuse), NO_ERROR);
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\share", NULL, &none), ERROR_INVALID_DATA);
    cr_expect(said("the option refuse says so."), "%s", call.data.failure.text);
    lab_stop(&lab);
    cr_assert_eq(lab_start(&lab, "rogue", crash), NO_ERROR);
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\share", NULL, &none), ERROR_DLL_INIT_FAILED);
    cr_expect(said("SIGSEGV) during its start"), "%s", call.data.failure.text);
}

/* One connect; with a limit of so many descriptors more than there are. Returns its answer. */
static enum mpr_answer connect_within(int more, uint32_t *ret_code, void **ret_session) {
    const struct mpr_connect args = {.size = sizeof args, .remote = "\\\\rogue\\share"};
    struct rlimit before, within;
    enum mpr_answer answer;

    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    within =
        (struct rlimit){.rlim_cur = (rlim_t)(lab_count_fds() + more), .rlim_max = before.rlim_max};
    lab_call(&call, 20000);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &within), 0);
    answer = lab.table->connect(lab.state, &call.call, &args, ret_session, ret_code);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    return answer;
}

/* Whichever descriptor is one too many: it is said so, and nobody else is asked. */
Test(worker_start, want_of_descriptors_is_told_as_that) {
    enum mpr_answer answer = MPR_NOT_MINE;
    uint32_t code;
    int failed = 0;

    for (int more = 0; answer != MPR_DONE; more++) {
        cr_assert_lt(more, 40);
        cr_assert_eq(lab_start(&lab, "rogue", NULL), NO_ERROR);
        code = NO_ERROR;
        answer = connect_within(more, &code, &session);
        if (answer != MPR_DONE) {
            failed++;
            cr_expect_eq(answer, MPR_MINE_FAILED, "%d more: %s", more, call.data.failure.text);
            cr_expect_eq(code, ERROR_TOO_MANY_OPEN_FILES, "%d more: %u, %s", more, code,
                         call.data.failure.text);
            cr_expect(said("Too many open files"), "%d more: %s", more, call.data.failure.text);
            cr_expect(said("limit of "), "%d more: %s", more, call.data.failure.text);
            lab_stop(&lab);
            lab = (struct lab){.front = NULL};
        }
    }
    cr_expect_gt(failed, 6, "%d", failed);
}

/* ---- the embedding program */

static volatile sig_atomic_t signals_seen;

static void count_signal(int number) {
    (void)number;
    signals_seen++;
}

static void use_workers(int times) {
    for (int i = 0; i < times; i++) {
        void *other;

        cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\other", NULL, &other), NO_ERROR, "%s",
                     call.data.failure.text);
        cr_expect_eq(lab.table->stat(other, lab_call(&call, 20000), i % 2 ? "crash" : "steady",
                                     &(struct mpr_stat){0}),
                     i % 2 ? -EIO : 0);
        cr_expect_eq(lab.table->disconnect(other, lab_call(&call, 20000), i % 3 == 0), NO_ERROR);
    }
}

Test(worker_start, host_sees_no_child_and_no_signal) {
    struct sigaction handler = {.sa_handler = count_signal};
    sigset_t before, after;
    int status;

    sigemptyset(&handler.sa_mask);
    for (int number = 1; number < NSIG; number++)
        if (number == SIGCHLD || number == SIGPIPE || number == SIGUSR1)
            sigaction(number, &handler, NULL);
    sigprocmask(SIG_SETMASK, NULL, &before);
    cr_assert_eq(lab_start(&lab, "rogue", NULL), NO_ERROR);
    use_workers(7);
    lab_stop(&lab);
    lab.state = NULL;
    sigprocmask(SIG_SETMASK, NULL, &after);
    for (int number = 1; number < NSIG; number++)
        cr_expect_eq(sigismember(&before, number), sigismember(&after, number));
    cr_expect_eq(signals_seen, 0);
    cr_expect_eq(waitpid(-1, &status, WNOHANG), -1);
    cr_expect_eq(errno, ECHILD);
    cr_expect_eq(waitpid(-1, &status, WNOHANG | __WALL), -1);
    cr_expect_eq(errno, ECHILD);
}

Test(worker_life, descriptors_and_threads_are_as_many_as_before) {
    int fds, threads;

    use_workers(2);
    fds = lab_count_fds();
    threads = lab_count_threads();
    use_workers(10);
    for (int64_t end = lab_ms() + 10000; lab_count_threads() != threads && lab_ms() < end;)
        usleep(5000); /* joined is not yet gone */
    cr_expect_eq(lab_count_fds(), fds);
    cr_expect_eq(lab_count_threads(), threads);
}

Test(worker_start, ending_the_provider_ends_all_its_processes) {
    int zygote, pids[3], fds = lab_count_fds();
    void *sessions[3];

    cr_assert_eq(lab_start(&lab, "rogue", NULL), NO_ERROR);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\s", NULL, &sessions[i]), NO_ERROR);
        pids[i] = lab_worker_pid(sessions[i]);
    }
    zygote = lab_zygote_pid(&lab);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(lab.table->disconnect(sessions[i], lab_call(&call, 20000), 0), NO_ERROR);
    lab_stop(&lab);
    lab.state = NULL;
    cr_expect(lab_gone(zygote, 10000));
    for (int i = 0; i < 3; i++)
        cr_expect(lab_gone(pids[i], 10000));
    cr_expect_eq(lab_count_fds(), fds);
}

enum host {
    LONE_HOST,
    PARENT_HOST, /* of a child that has its descriptors */
    BARE_HOST,   /* it was started without the standard descriptors */
};

struct report {
    int zygote, worker, child;
};

/* In a child that is to be killed: connects, tells, and sits there. */
static void be_host(int out, enum host kind) {
    struct report report = {0};
    void *own;

    if (kind == BARE_HOST)
        close_range(STDIN_FILENO, STDERR_FILENO, 0);
    if (lab_start(&lab, "rogue", NULL) != NO_ERROR
        || lab_connect(&lab, &call, "\\\\rogue\\share", NULL, &own) != NO_ERROR)
        _exit(1);
    report = (struct report){.zygote = lab_zygote_pid(&lab), .worker = lab_worker_pid(own)};
    /* One that inherits every descriptor, and lives on until it is killed. */
    if (kind == PARENT_HOST && (report.child = fork()) == 0)
        sleep(60);
    else if (write(out, &report, sizeof report) == sizeof report)
        sleep(60);
    _exit(0);
}

static void expect_orphans_to_end(enum host kind) {
    struct report report = {0};
    int ends[2], status;
    pid_t host;

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    host = fork();
    if (host == 0)
        be_host(ends[1], kind);
    cr_assert_eq(read(ends[0], &report, sizeof report), sizeof report);
    cr_assert(report.zygote > 1 && report.worker > 1);
    kill(host, SIGKILL);
    waitpid(host, &status, 0);
    cr_expect(lab_gone(report.zygote, 10000));
    cr_expect(lab_gone(report.worker, 10000));
    if (kind == PARENT_HOST) {
        cr_expect(!lab_gone(report.child, 0));
        kill(report.child, SIGKILL);
    }
    close(ends[0]);
    close(ends[1]);
}

Test(worker_start, death_of_the_host_ends_zygote_and_workers) {
    expect_orphans_to_end(LONE_HOST);
}

Test(worker_start, death_of_the_host_counts_though_a_child_has_its_descriptors) {
    expect_orphans_to_end(PARENT_HOST);
}

Test(worker_start, death_of_a_host_without_standard_descriptors_ends_them_too) {
    expect_orphans_to_end(BARE_HOST);
}

/* In a forked child: what the parent has is dead there, and stays alive in the parent. */
static int use_as_child(void) {
    struct lab_call mine;
    struct mpr_stat facts;
    void *none;

    if (lab.table->stat(session, lab_call(&mine, 20000), "steady", &facts) != -ENOTCONN)
        return 1;
    if (lab_connect(&lab, &mine, "\\\\rogue\\x", NULL, &none) != ERROR_NO_NETWORK)
        return 2;
    lab.table->abort(session);
    if (lab.table->disconnect(session, lab_call(&mine, 20000), 1) != NO_ERROR)
        return 3;
    lab_stop(&lab);
    if (lab_start(&lab, "rogue", NULL) != NO_ERROR
        || lab_connect(&lab, &mine, "\\\\rogue\\x", NULL, &none) != NO_ERROR)
        return 4;
    lab.table->disconnect(none, lab_call(&mine, 20000), 0);
    lab_stop(&lab);
    return 0;
}

Test(worker_life, forked_child_leaves_the_parents_workers_alone) {
    int pid = lab_worker_pid(session), status = -1;
    pid_t child = fork();

    if (child == 0)
        _exit(use_as_child());
    waitpid(child, &status, 0);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", status);
    cr_expect_eq(stat_within("steady", 20000), 0);
    cr_expect_eq(lab_worker_pid(session), pid);
}

/* ---- memory */

static size_t resident_pages(const struct mpr_worker_process *process) {
    size_t pages = process->data_size / 4096, count = 0;
    unsigned char *which = calloc(pages, 1);

    cr_assert(which && mincore(process->data, process->data_size, which) == 0);
    for (size_t i = 0; i < pages; i++)
        count += which[i] & 1;
    free(which);
    return count;
}

Test(worker_life, memory_of_a_big_transfer_is_given_back_when_it_is_idle) {
    const struct mpr_worker_process *process = ((struct mpr_worker_session *)session)->process;
    const size_t size = 16 << 20;
    unsigned char *data = malloc(size);
    int64_t end;
    void *file;

    cr_assert(data);
    cr_assert_eq(lab.table->open(session, lab_call(&call, 20000), "endless", O_RDONLY, 0, &file),
                 0);
    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), file, data, size, 0),
                 (int64_t)size);
    cr_expect_geq(resident_pages(process), size / 4096);
    end = lab_ms() + 20000;
    while (resident_pages(process) > 256 && lab_ms() < end)
        usleep(50000);
    cr_expect_leq(resident_pages(process), 256);
    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), file, data, size, 0),
                 (int64_t)size);
    cr_expect_eq(lab.table->close(session, lab_call(&call, 20000), file), 0);
    free(data);
}
