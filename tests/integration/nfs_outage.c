/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_outage.c: NFS servers that are killed, stopped and started again, networks
 * that cut and crawl, callers that give up: what the provider answers, when, and
 * that no byte is lost without a word.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/integration/proxy.h"
#include "tests/integration/table.h"
#include "tests/lab/asleep.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define MIB   1048576
#define BIG   (32 * MIB)
#define BOUND 2000  /* io_timeout_ms of this test; the machine may stand still for less */
#define SOON  10000 /* what does not wait is done by then; it would have to wait longer */

static char *pattern, *buffer; /* BIG bytes each */

/* One operation in a thread of its own. */
struct job {
    pthread_t thread;
    atomic_int id;
    void *session, *file;
    int ms, cancel_fd;
    size_t size;
    uint64_t offset;
    enum { READ, WRITE, MKDIR, STAT } kind;
    int64_t result;
    double took;
};

static void *run_job(void *argument) {
    struct job *job = argument;
    struct mpr_call call = table_call_cancel(job->ms, job->cancel_fd);
    double began = stage_ms();
    struct mpr_stat stat;

    atomic_store(&job->id, gettid());
    switch (job->kind) {
    case READ:
        job->result =
            table_ops->pread(job->session, &call, job->file, buffer, job->size, job->offset);
        break;
    case WRITE:
        job->result =
            table_ops->pwrite(job->session, &call, job->file, pattern, job->size, job->offset);
        break;
    case MKDIR:
        job->result = table_ops->mkdir(job->session, &call, "made", 0755);
        break;
    case STAT:
        job->result = table_ops->stat(job->session, &call, "", &stat);
        break;
    default:
        break;
    }
    job->took = stage_ms() - began;
    return NULL;
}

static void start(struct job *job) {
    if (pthread_create(&job->thread, NULL, run_job, job))
        exit(99);
}

/* Until it waits for the server. */
static void let_it_wait(const struct job *job) {
    tap_ok(asleep_wait(&job->id), "it waits");
}

static void join(struct job *job) {
    pthread_join(job->thread, NULL);
}

static void pause_ms(int ms) {
    usleep((useconds_t)ms * 1000);
}

static void *open_file(void *session, const char *path, int flags) {
    struct mpr_call call = table_call(20000);
    void *file = NULL;

    tap_file(table_ops->open(session, &call, path, flags, 0644, &file), 0, "open %s", path);
    return file;
}

static int fsync_file(void *session, void *file, int ms) {
    struct mpr_call call = table_call(ms);

    return table_ops->fsync(session, &call, file);
}

static int close_file(void *session, void *file) {
    struct mpr_call call = table_call(20000);

    return table_ops->close(session, &call, file);
}

static int stat_root(void *session, int ms) {
    struct job job = {.session = session, .ms = ms, .cancel_fd = -1, .kind = STAT};

    run_job(&job);
    return (int)job.result;
}

static void end_session(void *session, int force, double most) {
    struct mpr_call call = table_call(20000);
    double began = stage_ms();

    tap_ok(table_ops->disconnect(session, &call, force) == 0 && stage_ms() - began < most,
           "disconnect(%d) within %.0f ms (%.0f)", force, most, stage_ms() - began);
}

static const char *local_path(const char *name) {
    static char path[512];

    snprintf(path, sizeof path, "%s/rw/%s", stage_env("MPR_LAB_NFS_DIR"), name);
    return path;
}

/* Whether the server's file holds the first size bytes of the pattern. */
static bool holds_pattern(const char *name, size_t size) {
    int fd = open(local_path(name), O_RDONLY | O_CLOEXEC);
    struct stat stat;
    bool same;

    if (fd < 0)
        return false;
    memset(buffer, 0, size);
    same = fstat(fd, &stat) == 0 && (size_t)stat.st_size == size
           && pread(fd, buffer, size, 0) == (ssize_t)size && memcmp(buffer, pattern, size) == 0;
    close(fd);
    return same;
}

static void killed_and_restarted(void) {
    void *session = table_need("nfshost:/rw", NULL), *file = open_file(session, "big", O_RDWR);
    struct job job = {.session = session, .file = file, .ms = 20000, .cancel_fd = -1};
    struct rusage before, after;
    int lost = table_told().lost;
    double spent;

    tap_group("server killed");
    stage_ctl("nfs", "kill", NULL);
    getrusage(RUSAGE_SELF, &before);
    job.ms = BOUND;
    run_job(&job);
    getrusage(RUSAGE_SELF, &after);
    job.size = 4096;
    run_job(&job);
    tap_file(job.result, -ETIMEDOUT, "a read ends by its bound");
    tap_ok(job.took > BOUND * 0.9 && job.took < SOON, "then, not sooner (%.0f ms)", job.took);
    spent = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1e3
            + (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e3;
    tap_ok(spent < 500, "waiting costs no time of the processor (%.0f ms)", spent);
    tap_ok(table_told().lost > lost, "the host is told of the loss");
    job = (struct job){.session = session, .file = file, .ms = 20000, .cancel_fd = -1, .size = BIG};
    start(&job);
    pause_ms(300);
    stage_ctl("nfs", "start", NULL);
    join(&job);
    tap_file(job.result, BIG, "a read that waited is carried out after the restart");
    tap_ok(memcmp(buffer, pattern, BIG) == 0, "and is right");
    tap_file(stat_root(session, 20000), 0, "the session works");
    tap_file(close_file(session, file), 0, "the handle can be closed");
    end_session(session, 0, SOON);
}

static void killed_in_transfer(void) {
    void *session = table_need("nfshost:/rw", NULL);
    void *file = open_file(session, "written", O_RDWR | O_CREAT | O_TRUNC);
    struct job job = {
        .session = session, .file = file, .ms = 20000, .cancel_fd = -1, .size = BIG, .kind = WRITE};

    tap_group("server killed in mid-transfer");
    for (int round = 0; round < 5; round++) {
        start(&job);
        pause_ms(3 + 4 * round);
        stage_ctl("nfs", "restart", NULL);
        join(&job);
        tap_file(job.result, BIG, "write, round %d", round);
    }
    tap_file(fsync_file(session, file, 20000), 0, "fsync");
    tap_ok(holds_pattern("written", BIG), "the server has every byte");
    job.kind = READ;
    for (int round = 0; round < 3; round++) {
        memset(buffer, 0, BIG);
        start(&job);
        pause_ms(3 + 4 * round);
        stage_ctl("nfs", "restart", NULL);
        join(&job);
        tap_file(job.result, BIG, "read, round %d", round);
        tap_ok(memcmp(buffer, pattern, BIG) == 0, "is right");
    }
    tap_file(close_file(session, file), 0, "close");
    end_session(session, 0, SOON);
}

/* This server's verifier is the second in which it was started. */
static void lose_file(size_t left) {
    pause_ms(1100);
    stage_ctl("nfs", "kill", NULL);
    tap_ok(truncate(local_path("forgotten"), (off_t)left) == 0, "it is gone from the disk");
    stage_ctl("nfs", "start", NULL);
}

/* What a power failure does to data that was not promised. */
static void forgotten_data(void) {
    void *session = table_need("nfshost:/rw", NULL);
    void *file = open_file(session, "forgotten", O_RDWR | O_CREAT | O_TRUNC);
    struct job job = {.session = session,
                      .file = file,
                      .ms = 20000,
                      .cancel_fd = -1,
                      .size = 5 * MIB,
                      .kind = WRITE};

    tap_group("server that forgets");
    run_job(&job);
    tap_file(job.result, 5 * MIB, "write without fsync");
    lose_file(MIB / 2);
    job.offset = 0;
    job.kind = READ;
    memset(buffer, 0, BIG);
    run_job(&job);
    tap_file(job.result, 5 * MIB, "is read all the same");
    tap_ok(memcmp(buffer, pattern, 5 * MIB) == 0, "as it was written");
    tap_file(fsync_file(session, file, 20000), 0, "fsync");
    tap_ok(holds_pattern("forgotten", 5 * MIB), "the server has it again");
    job.kind = WRITE;
    run_job(&job);
    lose_file(0);
    tap_file(close_file(session, file), 0, "close, without fsync");
    tap_ok(holds_pattern("forgotten", 5 * MIB), "the server has it again");
    end_session(session, 0, SOON);
}

static void stopped(void) {
    void *session = table_need("nfshost:/rw", NULL);
    void *file = open_file(session, "big", O_RDWR);
    struct job job = {
        .session = session, .file = file, .ms = BOUND, .cancel_fd = -1, .size = 4 * MIB};

    tap_group("server stopped");
    stage_ctl("nfs", "stop", NULL);
    run_job(&job);
    tap_file(job.result, -ETIMEDOUT, "a read ends by the bound");
    tap_ok(job.took < SOON, "in time (%.0f ms)", job.took);
    tap_file(stat_root(session, 300), -ETIMEDOUT, "stat, too");
    job.kind = WRITE;
    run_job(&job);
    tap_file(job.result, -ETIMEDOUT, "a write ends by the bound");
    /* The kernel takes some bytes for the stopped server: that is progress. */
    tap_ok(job.took < 2 * SOON, "in time (%.0f ms)", job.took);
    stage_ctl("nfs", "cont", NULL);
    tap_file(stat_root(session, 20000), 0, "continued: stat");
    job = (struct job){.session = session, .file = file, .ms = 20000, .cancel_fd = -1, .size = BIG};
    start(&job);
    pause_ms(5);
    stage_ctl("nfs", "stop", NULL);
    pause_ms(500);
    stage_ctl("nfs", "cont", NULL);
    join(&job);
    tap_file(job.result, BIG, "a read over a short stop");
    tap_ok(memcmp(buffer, pattern, BIG) == 0, "is right");
    tap_file(close_file(session, file), 0, "close");
    end_session(session, 0, SOON);
}

static void nobody_knows(void) {
    void *session = table_need("nfshost:/rw", NULL);
    struct job job = {.session = session, .ms = 20000, .cancel_fd = -1, .kind = MKDIR};

    tap_group("server killed during mkdir");
    stage_ctl("nfs", "stop", NULL);
    start(&job);
    let_it_wait(&job);
    pause_ms(100);
    stage_ctl("nfs", "kill", NULL);
    join(&job);
    tap_file(job.result, -EIO, "nobody knows whether it was carried out");
    tap_ok(job.took < SOON, "is said at once (%.0f ms)", job.took);
    stage_ctl("nfs", "start", NULL);
    run_job(&job);
    tap_file(job.result, 0, "another one, on the same session");
    end_session(session, 1, SOON);
}

static void cancelled(void) {
    void *session = table_need("nfshost:/rw", NULL), *file = open_file(session, "big", O_RDONLY);
    int fds[2], none[2];
    struct job leader = {.session = session, .file = file, .ms = 20000, .size = 4 * MIB};
    struct job follower = {.session = session, .ms = 20000, .cancel_fd = -1, .kind = STAT};

    if (pipe2(fds, O_CLOEXEC) || pipe2(none, O_CLOEXEC))
        exit(99);
    tap_group("cancel");
    leader.cancel_fd = fds[0];
    follower.cancel_fd = none[0];
    stage_ctl("nfs", "stop", NULL);
    start(&leader);
    let_it_wait(&leader);
    start(&follower);
    let_it_wait(&follower);
    if (write(fds[1], "x", 1) != 1)
        exit(99);
    join(&leader);
    tap_file(leader.result, -ECANCELED, "a read is cancelled");
    tap_ok(leader.took < SOON, "at once (%.0f ms)", leader.took);
    stage_ctl("nfs", "cont", NULL);
    join(&follower);
    tap_file(follower.result, 0, "another call of the session goes on");
    run_job(&leader);
    tap_file(leader.result, -ECANCELED, "a call that is cancelled already");
    stage_ctl("nfs", "kill", NULL);
    start(&leader);
    join(&leader);
    tap_file(leader.result, -ECANCELED, "cancelled without a server");
    stage_ctl("nfs", "start", NULL);
    tap_file(close_file(session, file), 0, "close");
    end_session(session, 0, SOON);
    close(fds[0]);
    close(fds[1]);
    close(none[0]);
    close(none[1]);
}

static void aborted(void) {
    void *session = table_need("nfshost:/rw", NULL);
    void *clean = open_file(session, "big", O_RDWR),
         *dirty = open_file(session, "dirty", O_RDWR | O_CREAT);
    struct job jobs[4];
    struct job write = {.session = session,
                        .file = dirty,
                        .ms = 20000,
                        .cancel_fd = -1,
                        .size = 2 * MIB,
                        .kind = WRITE};

    tap_group("abort");
    run_job(&write);
    tap_file(write.result, 2 * MIB, "write without fsync");
    stage_ctl("nfs", "stop", NULL);
    for (size_t i = 0; i < 4; i++) {
        jobs[i] = (struct job){.session = session,
                               .file = clean,
                               .ms = 20000,
                               .cancel_fd = -1,
                               .size = 4096,
                               .kind = i ? STAT : READ};
        start(&jobs[i]);
        let_it_wait(&jobs[i]);
    }
    table_ops->abort(session);
    for (size_t i = 0; i < 4; i++) {
        join(&jobs[i]);
        tap_file(jobs[i].result, -ENOTCONN, "call %zu under way ends", i);
        tap_ok(jobs[i].took < SOON, "at once (%.0f ms)", jobs[i].took);
    }
    tap_file(stat_root(session, 20000), -ENOTCONN, "a later one, too");
    tap_file(close_file(session, clean), 0, "close of what was only read");
    tap_file(close_file(session, dirty), -ENOTCONN, "close of what was written and not stable");
    end_session(session, 1, SOON);
    session = NULL;
    stage_ctl("nfs", "cont", NULL);
    session = table_need("nfshost:/rw", NULL);
    stage_ctl("nfs", "kill", NULL);
    jobs[0] = (struct job){.session = session, .ms = 20000, .cancel_fd = -1, .kind = STAT};
    start(&jobs[0]);
    let_it_wait(&jobs[0]);
    pause_ms(250);
    table_ops->abort(session);
    join(&jobs[0]);
    tap_file(jobs[0].result, -ENOTCONN, "a call that waits for the server to come back");
    tap_ok(jobs[0].took < SOON, "at once (%.0f ms)", jobs[0].took);
    end_session(session, 1, SOON);
    stage_ctl("nfs", "start", NULL);
}

static void end_without_server(void) {
    void *session = table_need("nfshost:/rw", NULL);

    tap_group("disconnect without a server");
    stage_ctl("nfs", "stop", NULL);
    end_session(session, 0, SOON);
    stage_ctl("nfs", "cont", NULL);
    session = table_need("nfshost:/rw", NULL);
    stage_ctl("nfs", "kill", NULL);
    end_session(session, 0, SOON);
    stage_ctl("nfs", "start", NULL);
}

/* --- a network in between: session and file are good from one to the next --- */

static struct proxy *proxy;
static void *far_session, *far_file;

static void enter_network(void) {
    char remote[128];

    tap_group("slow network");
    proxy = proxy_start(2049);
    snprintf(remote, sizeof remote, "nfs://nfshost/rw?nfsport=%u&mountport=20048", proxy->port);
    far_session = table_need(remote, NULL);
    far_file = open_file(far_session, "slow", O_RDWR | O_CREAT | O_TRUNC);
}

static struct job far_job(int ms) {
    return (struct job){
        .session = far_session, .file = far_file, .ms = ms, .cancel_fd = -1, .size = 4 * MIB};
}

/* A short request stands behind a long read, which the line needs longer for than the bound. */
static void behind_others(void) {
    void *big = open_file(far_session, "big", O_RDONLY);
    struct job job = {.session = far_session,
                      .file = big,
                      .ms = BOUND,
                      .cancel_fd = -1,
                      .size = 2 * MIB,
                      .kind = READ};
    struct job behind = {.session = far_session, .ms = BOUND, .cancel_fd = -1, .kind = STAT};

    atomic_store(&proxy->bytes_per_ms, 700);
    start(&job);
    pause_ms(100);
    run_job(&behind);
    join(&job);
    tap_file(job.result, 2 * MIB, "a long read");
    tap_file(behind.result, 0, "a stat waits behind it as long as bytes move");
    tap_ok(behind.took > BOUND, "beyond the bound (%.0f ms)", behind.took);
    atomic_store(&proxy->bytes_per_ms, 0);
    tap_file(close_file(far_session, big), 0, "close");
}

static void slow_network(void) {
    struct job job = far_job(BOUND);

    atomic_store(&proxy->bytes_per_ms, 1100);
    job.kind = WRITE;
    run_job(&job);
    tap_file(job.result, 4 * MIB, "a write goes on as long as bytes move");
    tap_ok(job.took > 1.5 * BOUND, "beyond the bound (%.0f ms)", job.took);
    tap_file(fsync_file(far_session, far_file, 20000), 0, "fsync");
    tap_ok(holds_pattern("slow", 4 * MIB), "the server has every byte");
    job.kind = READ;
    memset(buffer, 0, 4 * MIB);
    run_job(&job);
    tap_file(job.result, 4 * MIB, "so does a read");
    tap_ok(job.took > 1.5 * BOUND, "beyond the bound (%.0f ms)", job.took);
    tap_ok(memcmp(buffer, pattern, 4 * MIB) == 0, "and is right");
    start(&job);
    pause_ms(500);
    atomic_store(&proxy->stalled, 1);
    join(&job);
    tap_file(job.result, -ETIMEDOUT, "nothing moves: a read ends by the bound");
    tap_ok(job.took > BOUND && job.took < SOON, "after it (%.0f ms)", job.took);
    atomic_store(&proxy->stalled, 0);
    atomic_store(&proxy->bytes_per_ms, 0);
}

static void abandoned_requests(void) {
    int made = atomic_load(&proxy->connections);

    tap_group("requests that nobody waits for");
    atomic_store(&proxy->stalled, 1);
    for (int i = 0; i < 5; i++)
        tap_file(stat_root(far_session, 50), -ETIMEDOUT, "stat %d", i);
    atomic_store(&proxy->stalled, 0);
    tap_file(stat_root(far_session, 20000), 0, "a stat that is answered");
    made = atomic_load(&proxy->connections) - made;
    tap_ok(made >= 2, "they went with their connections (%d)", made);
}

static void cutting_network(void) {
    struct job job = far_job(20000);

    tap_group("network that cuts");
    atomic_store(&proxy->cut_after, 3 * MIB);
    for (int round = 0; round < 8; round++) {
        memset(buffer, 0, 4 * MIB);
        run_job(&job);
        if (job.result != 4 * MIB || memcmp(buffer, pattern, 4 * MIB))
            break;
    }
    tap_file(job.result, 4 * MIB, "reads are completed on new connections");
    tap_ok(memcmp(buffer, pattern, 4 * MIB) == 0, "and are right");
    tap_ok(atomic_load(&proxy->connections) >= 8, "there were %d connections",
           atomic_load(&proxy->connections));
}

static void hanging_up(void) {
    tap_group("server that takes connections and closes them");
    atomic_store(&proxy->cut_after, 1);
    atomic_store(&proxy->refusing, 1);
    pause_ms(100);
    tap_file(stat_root(far_session, BOUND), -ETIMEDOUT, "stat ends by its bound");
    tap_ok(atomic_load(&proxy->refused) > 1 && atomic_load(&proxy->refused) < 20,
           "after a few attempts (%d)", atomic_load(&proxy->refused));
    atomic_store(&proxy->cut_after, 0);
    atomic_store(&proxy->refusing, 0);
    tap_file(stat_root(far_session, 20000), 0, "and goes on when it serves again");
    tap_file(close_file(far_session, far_file), 0, "close");
    end_session(far_session, 0, SOON);
    proxy_stop(proxy);
}

int main(void) {
    static const char *const options[] = {"io_timeout_ms", "2000", NULL};
    void *session, *file;
    struct job job;

    pattern = malloc(BIG);
    buffer = malloc(BIG);
    if (!pattern || !buffer)
        return 99;
    for (uint32_t i = 0, state = 12345; i < BIG; i++) {
        state = state * 1664525 + 1013904223;
        pattern[i] = (char)(state >> 24);
    }
    table_open("nfs", options);
    session = table_need("nfshost:/rw", NULL);
    tap_group("beginning");
    file = open_file(session, "big", O_RDWR | O_CREAT);
    job = (struct job){
        .session = session, .file = file, .ms = 20000, .cancel_fd = -1, .size = BIG, .kind = WRITE};
    run_job(&job);
    tap_file(job.result, BIG, "a file");
    tap_file(close_file(session, file), 0, "close");
    end_session(session, 0, SOON);
    killed_and_restarted();
    killed_in_transfer();
    forgotten_data();
    stopped();
    nobody_knows();
    cancelled();
    aborted();
    end_without_server();
    enter_network();
    behind_others();
    slow_network();
    abandoned_requests();
    cutting_network();
    hanging_up();
    table_close();
    free(pattern);
    free(buffer);
    return tap_done();
}
