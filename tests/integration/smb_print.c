/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_print: jobs that are printed on a real server, whose printer keeps what
 * it is given; and what a printer is not.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define QUEUE    "\\\\smbhost\\queue"
#define PUB      "\\\\smbhost\\pub"
#define JOB_SIZE (3000017u) /* not in whole pages */

static unsigned char *job_bytes;

static DWORD add(const char *device, const char *remote, DWORD type) {
    char local[8], name[64];
    NETRESOURCEA resource = {.dwType = type, .lpRemoteName = name};

    snprintf(name, sizeof name, "%s", remote);
    snprintf(local, sizeof local, "%s", device ? device : "");
    resource.lpLocalName = device ? local : NULL;
    return WNetAddConnection2A(&resource, "secret-words", "anna", 0);
}

/* The one job that the printer has printed, or "" after so many milliseconds without one. */
static const char *printed(int ms) {
    static char path[4096];
    double end = stage_ms() + ms;

    do {
        char folder[2048];
        struct dirent *entry;
        DIR *jobs;

        snprintf(folder, sizeof folder, "%s/jobs", stage_env("MPR_LAB_SMB_DIR"));
        path[0] = '\0';
        jobs = opendir(folder);
        while (jobs && (entry = readdir(jobs)))
            if (entry->d_name[0] != '.')
                snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (jobs)
            closedir(jobs);
        usleep(path[0] ? 0 : 10000);
    } while (!path[0] && stage_ms() < end);
    return path;
}

/* Waits for the job, and holds it against what was sent. Takes it off the printer's desk. */
static void expect_printed(size_t size) {
    const char *path = printed(5000);
    unsigned char *paper = malloc(JOB_SIZE + 1);
    size_t have = 0;
    ssize_t got = 1;
    int fd;

    tap_ok(path[0], "a job is printed");
    for (int tries = 0; have < size && tries < 200; tries++) { /* it is copied there */
        fd = open(path, O_RDONLY | O_CLOEXEC);
        for (have = 0; fd >= 0 && (got = read(fd, paper + have, JOB_SIZE + 1 - have)) > 0;)
            have += (size_t)got;
        if (fd >= 0)
            close(fd);
        usleep(have < size ? 10000 : 0);
    }
    tap_ok(have == size && memcmp(paper, job_bytes, size) == 0,
           "it has the bytes that were sent (%zu)", have);
    unlink(path);
    free(paper);
}

/* What a server does with half a job is its affair; but it has no more than that. */
static void expect_no_more_than(size_t size) {
    const char *path = printed(1000);
    unsigned char *paper = malloc(JOB_SIZE + 1);
    int fd = path[0] ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got = 0;

    usleep(fd >= 0 ? 200000 : 0);
    if (fd >= 0)
        got = read(fd, paper, JOB_SIZE + 1);
    tap_ok(got >= 0 && (size_t)got <= size && memcmp(paper, job_bytes, (size_t)got) == 0,
           "no more is printed than was sent (%zd)", got);
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    free(paper);
}

static HANDLE begin_job(const char *name, size_t size) {
    HANDLE job = NULL;
    size_t done = 0;

    tap_file(MprPrintOpen(name, "a letter: \xc3\xa4/b", &job), 0, "open a job");
    while (done < size) {
        size_t part = size - done < 100000 ? size - done : 100000;
        ssize_t n = MprFileWrite(job, job_bytes + done, part);

        if (n <= 0)
            break;
        done += (size_t)n;
    }
    tap_ok(done == size, "write it (%zu)", done);
    return job;
}

static void jobs(void) {
    static const char *const names[] = {"LPT1", "lpt1:", QUEUE, "smb://SMBHOST/queue"};
    HANDLE job;

    tap_group("printing");
    tap_code(add("LPT1:", QUEUE, RESOURCETYPE_PRINT), NO_ERROR, "connect");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        tap_group("a job on %s", names[i]);
        job = begin_job(names[i], JOB_SIZE >> i);
        tap_ok(!printed(0)[0], "nothing is printed before it is closed");
        tap_file(MprFileClose(job), 0, "close it");
        expect_printed(JOB_SIZE >> i);
    }
    tap_group("an untitled job");
    tap_file(MprPrintOpen("LPT1", NULL, &job), 0, "open");
    tap_ok(MprFileWrite(job, job_bytes, 1) == 1, "write");
    tap_file(MprFileClose(job), 0, "close it");
    expect_printed(1);
}

static void two_at_a_time(void) {
    HANDLE one, two;

    tap_group("two jobs at a time");
    one = begin_job("LPT1", 1000);
    two = begin_job("LPT1", 2000);
    tap_file(MprFileClose(two), 0, "close the second");
    expect_printed(2000);
    tap_ok(MprFileWrite(one, job_bytes + 1000, 500) == 500, "go on with the first");
    tap_file(MprFileClose(one), 0, "close it");
    expect_printed(1500);
}

static void open_jobs(void) {
    HANDLE job;

    tap_group("an open job");
    job = begin_job("LPT1", 1000);
    tap_code(WNetCancelConnection2A("LPT1:", 0, FALSE), ERROR_OPEN_FILES, "blocks a cancel");
    tap_code(WNetCancelConnection2A(QUEUE, 0, FALSE), ERROR_OPEN_FILES, "by remote name, too");
    tap_ok(MprFileWrite(job, job_bytes + 1000, 1000) == 1000, "and goes on");
    tap_file(MprFileClose(job), 0, "close it");
    expect_printed(2000);
}

static void force(void) {
    double begun;
    HANDLE job;

    tap_group("a cancel by force");
    job = begin_job("LPT1", 1000000);
    begun = stage_ms();
    tap_code(WNetCancelConnection2A("LPT1", 0, TRUE), NO_ERROR, "ends the connection");
    tap_ok(stage_ms() - begun < 10000, "in time (%.0f ms)", stage_ms() - begun);
    tap_file((int)MprFileWrite(job, job_bytes, 10), -ENOTCONN, "the job is over");
    tap_file(MprFileClose(job), -ENOTCONN, "and close says that");
    expect_no_more_than(1000000);
    tap_file(MprPrintOpen("LPT1", "x", &job), -ENOTCONN, "LPT1 is connected to nothing");
}

static void kinds(void) {
    HANDLE job;

    tap_group("what is no printer");
    tap_code(add("LPT2", PUB, RESOURCETYPE_PRINT), ERROR_BAD_DEV_TYPE, "LPT2: to a share of files");
    expect_words("\\\\smbhost\\pub", "not a print queue");
    tap_code(add(NULL, PUB, RESOURCETYPE_PRINT), ERROR_BAD_DEV_TYPE, "the same without a device");
    tap_code(add("Z:", PUB, RESOURCETYPE_DISK), NO_ERROR, "Z: to a share of files");
    tap_file(MprPrintOpen("Z:", "x", &job), -ENOTSUP, "no job there");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
    tap_group("what is no disk");
    tap_code(add("Z:", QUEUE, RESOURCETYPE_DISK), ERROR_BAD_DEV_TYPE, "Z: to a printer");
    expect_words(QUEUE, "print queue");
    tap_code(add(NULL, QUEUE, RESOURCETYPE_DISK), ERROR_BAD_DEV_TYPE, "the same without a device");
    tap_group("of any kind, without a device");
    tap_code(add(NULL, QUEUE, RESOURCETYPE_ANY), NO_ERROR, "connect");
    job = begin_job(QUEUE, 777);
    tap_file(MprFileClose(job), 0, "close it");
    expect_printed(777);
    tap_code(WNetCancelConnection2A(QUEUE, 0, FALSE), NO_ERROR, "cancel");
}

static void server_dies(void) {
    HANDLE job;
    ssize_t n;

    tap_group("the server dies with a job");
    tap_code(add("LPT3", QUEUE, RESOURCETYPE_PRINT), NO_ERROR, "connect");
    job = begin_job("LPT3", 1000);
    stage_ctl("smb", "restart", NULL);
    n = MprFileWrite(job, job_bytes, 1000);
    tap_ok(n < 0, "the next write fails (%zd)", n);
    tap_ok(MprFileClose(job) < 0, "and close says that it may not be printed");
    expect_no_more_than(1000);
    job = begin_job("LPT3", 1000);
    tap_file(MprFileClose(job), 0, "the next job is");
    expect_printed(1000);
    tap_code(WNetCancelConnection2A("LPT3", 0, FALSE), NO_ERROR, "cancel");
}

int main(void) {
    stage_set(NULL, "\"connect_timeout_ms\": 5000, \"io_timeout_ms\": 5000", NULL);
    job_bytes = malloc(JOB_SIZE);
    srandom(4711);
    for (size_t i = 0; i < JOB_SIZE; i++)
        job_bytes[i] = (unsigned char)random();
    jobs();
    two_at_a_time();
    open_jobs();
    force();
    kinds();
    server_dies();
    free(job_bytes);
    stage_strike();
    return tap_done();
}
