/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lone_counts: after many connections, failures, files and cancels the service, a drive and
 * the program have as many descriptors, threads, processes and mounts as before, and the
 * memory of service and drive grows no more.
 */
#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/session.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/session/drive.h"

#define WARM_UP   2
#define FILES     40
#define SETTLE_MS 15000
#define BATCHES   30
#define RESTS     3 /* so many batches without growth: one may be that memory was given back */

/* ---- what is counted */

struct counts {
    unsigned fds, threads;      /* of a process; descriptors of FUSE come with its threads */
    unsigned processes, mounts; /* in the laboratory, whose they all are */
};

static unsigned count_entries(const char *path,
                              bool (*counts)(const char *path, const char *name)) {
    DIR *names = opendir(path);
    const struct dirent *entry;
    unsigned count = 0;

    while (names && (entry = readdir(names)))
        count +=
            isdigit((unsigned char)entry->d_name[0]) && (!counts || counts(path, entry->d_name));
    if (names)
        closedir(names);
    return count;
}

static bool is_not_fuse(const char *path, const char *name) {
    char link[300], target[64] = "";

    snprintf(link, sizeof link, "%s/%s", path, name);
    return readlink(link, target, sizeof target - 1) < 0 || strcmp(target, "/dev/fuse") != 0;
}

static unsigned count_mounts(void) {
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    char line[4096];
    unsigned count = 0;

    while (mounts && fgets(line, sizeof line, mounts))
        count += strstr(line, " - fuse.mpr ") != NULL;
    if (mounts)
        fclose(mounts);
    return count;
}

static struct counts count_of(pid_t pid) {
    struct counts counts = {.mounts = count_mounts()};
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    counts.fds = count_entries(path, is_not_fuse);
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    counts.threads = count_entries(path, NULL);
    counts.processes = count_entries("/proc", NULL);
    return counts;
}

static bool is_within(const struct counts *now, const struct counts *before) {
    return now->fds <= before->fds && now->threads <= before->threads
           && now->processes <= before->processes && now->mounts <= before->mounts;
}

/* What has ended just now may still be there. */
static void expect_as_before(pid_t pid, const char *name, const struct counts *before) {
    double end = stage_ms() + SETTLE_MS;
    struct counts now = count_of(pid);

    while (!is_within(&now, before) && stage_ms() < end) {
        usleep(20000);
        now = count_of(pid);
    }
    tap_ok(is_within(&now, before),
           "%s: descriptors %u, %u before; threads %u, %u; processes %u, %u; mounts %u, %u", name,
           now.fds, before->fds, now.threads, before->threads, now.processes, before->processes,
           now.mounts, before->mounts);
}

/* What it has allocated; 0: the tools of a build with sanitizers keep what is freed. */
static unsigned long memory_of(pid_t pid) {
    unsigned long kb = 0;
#ifndef __SANITIZE_ADDRESS__
    char path[64], line[128];
    FILE *status;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status) && sscanf(line, "RssAnon: %lu", &kb) != 1)
        ;
    if (status)
        fclose(status);
#else
    (void)pid;
#endif
    return kb;
}

/* ---- what is done */

static unsigned wrong;
static int connections = 2, mounts = 25; /* how often each is used in a batch */

static void want(bool good, const char *what) {
    if (!good) {
        printf("# %s: %s\n", what, strerror(errno));
        wrong++;
    }
}

static const char *at(const char *directory, const char *name, int number) {
    static char paths[2][4200];
    static unsigned turn;
    char *path = paths[turn++ % 2];

    snprintf(path, sizeof paths[0], "%s/%s%d", directory, name, number);
    return path;
}

/* Files through the mount: made, written, listed, renamed, removed, some of them while open. */
static void use_mount(const char *directory) {
    struct stat facts;
    int fd;

    for (int i = 0; i < FILES; i++) {
        fd = open(at(directory, "file", i), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        want(fd >= 0 && write(fd, "text", 4) == 4, "a file is written");
        if (i % 4 == 0)
            want(unlink(at(directory, "file", i)) == 0, "it is removed while it is open");
        close(fd);
    }
    want(count_entries(directory, NULL) == 0, "none begins with a digit");
    for (int i = 0; i < FILES; i++) {
        if (i % 4 == 1)
            want(rename(at(directory, "file", i), at(directory, "other", i)) == 0, "rename");
        want(stat(at(directory, "none", i), &facts) < 0, "there is no such file");
        if (i % 4 != 0)
            want(unlink(at(directory, i % 4 == 1 ? "other" : "file", i)) == 0, "unlink");
    }
    want(mkdir(at(directory, "dir", 0), 0755) == 0 && rmdir(at(directory, "dir", 0)) == 0, "mkdir");
}

static int MPRCALL take_nothing(void *context, const struct mpr_connection_status *status) {
    (void)context;
    (void)status;
    return 0;
}

static HANDLE open_through_channel(const char *path) {
    HANDLE file = NULL;
    char text[4];

    want(MprFileOpen(path, O_RDWR | O_CREAT, 0644, &file) == 0
             && MprFilePwrite(file, "text", 4, 0) == 4 && MprFilePread(file, text, 4, 0) == 4,
         "a file through a channel");
    return file;
}

static void connect_and_cancel(void) {
    char directory[4096];
    HANDLE file;

    want(call_add("Z:", "\\\\memory\\a", NULL, 0) == NO_ERROR, "connect");
    snprintf(directory, sizeof directory, "%s", drive_directory("Z:"));
    use_mount(directory);
    want(MprFileClose(open_through_channel("Z:/channel")) == 0, "close");
    file = open_through_channel("Z:/channel");
    want(WNetCancelConnection2A("Z:", 0, FALSE) == ERROR_OPEN_FILES, "a file is open");
    want(MprFileClose(file) == 0 && MprFileUnlink("Z:/channel") == 0, "close and remove");
    want(WNetCancelConnection2A("Z:", 0, FALSE) == NO_ERROR, "cancel");
}

static void cancel_by_force(void) {
    char directory[4096];
    HANDLE file;
    int fd;

    want(call_add("Y:", "\\\\memory\\a", NULL, 0) == NO_ERROR, "connect");
    snprintf(directory, sizeof directory, "%s", drive_directory("Y:"));
    file = open_through_channel("Y:/channel");
    fd = open(at(directory, "file", 0), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    want(fd >= 0 && write(fd, "text", 4) == 4, "a file is written");
    want(WNetCancelConnection2A("Y:", 0, TRUE) == NO_ERROR, "cancel by force");
    close(fd);
    MprFileClose(file);
}

static void fail(void) {
    want(call_add("X:", "\\\\memory\\none", NULL, 0) == ERROR_BAD_NET_NAME, "no such share");
    want(call_add("Z:", "\\\\nobody\\none", NULL, 0) != NO_ERROR, "no such server");
    want(WNetCancelConnection2A("X:", 0, FALSE) == ERROR_NOT_CONNECTED, "not connected");
}

static void do_everything(void) {
    connect_and_cancel();
    cancel_by_force();
    fail();
    want(call_add(NULL, "\\\\memory\\b", NULL, 0) == NO_ERROR, "connect without a device");
    want(MprFileClose(open_through_channel("\\\\memory\\b\\file")) == 0, "close");
    want(call_count(RESOURCE_CONNECTED) == 1, "one is connected");
    want(MprStatus(NULL, take_nothing, NULL) == NO_ERROR, "status");
    want(WNetCancelConnection2A("\\\\memory\\b", 0, FALSE) == NO_ERROR, "cancel");
}

static void use_mounts(void) {
    char directory[4096];

    snprintf(directory, sizeof directory, "%s", drive_directory("Z:"));
    for (int i = 0; i < mounts; i++)
        use_mount(directory);
    MprFileClose(open_through_channel("Z:/channel"));
}

static void use_connections(void) {
    for (int i = 0; i < connections; i++)
        do_everything();
}

/*
 * A leak shows in every batch; the allocator's own growth, with threads that come and go by the
 * load, does not.
 */
static void expect_memory_to_rest(pid_t pid, const char *name, void (*batch)(void),
                                  unsigned long spare_kb) {
    unsigned long before = memory_of(pid), now = before;
    int rests = 0, batches = 0;
    char course[BATCHES * 8] = "";

    while (rests < RESTS && batches < BATCHES) {
        size_t length = strlen(course);

        before = now;
        batch();
        now = memory_of(pid);
        rests += now <= before + spare_kb;
        batches++;
        snprintf(course + length, sizeof course - length, " %lu", now);
    }
    tap_ok(rests == RESTS, "%s: memory comes to rest, KB:%s", name, course);
}

static void count_service_and_client(void) {
    struct counts service, client;

    tap_group("connections");
    for (int i = 0; i < WARM_UP; i++)
        do_everything();
    usleep(500000); /* the processes that wait to be wanted are made */
    service = count_of(stage_service());
    client = count_of(getpid());
    expect_memory_to_rest(stage_service(), "the service", use_connections, 4);
    tap_ok(wrong == 0, "everything, again and again");
    expect_as_before(stage_service(), "the service", &service);
    expect_as_before(getpid(), "the program", &client);
}

static void count_drive(void) {
    struct counts before;
    double end = stage_ms() + SETTLE_MS;
    size_t found;
    pid_t pid = 0;

    tap_group("files");
    tap_code(call_add("Z:", "\\\\memory\\a", NULL, 0), NO_ERROR, "connect");
    /* Those from before may take their time to end. */
    while ((found = drive_processes("mpr-drive", &pid, 1)) != 1 && stage_ms() < end)
        usleep(20000);
    tap_ok(found == 1, "there is its process");
    use_mounts();
    before = count_of(pid);
    before.threads += 8; /* libfuse keeps so many that are idle */
    expect_memory_to_rest(pid, "the drive", use_mounts, 12);
    tap_ok(wrong == 0, "files, again and again");
    expect_as_before(pid, "the drive", &before);
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
}

int main(void) {
    drive_need_fuse();
    setenv("MPR_SESSION", "1", 1);
    /* Else each thread's share of the memory grows for itself, for a long time. */
    setenv("MALLOC_ARENA_MAX", "1", 1);
    stage_set("\"shares\": \"a,b\"", NULL, NULL);
    if (secure_getenv("MPR_TEST_LONG")) {
        connections = 20;
        mounts = 400;
    }
    count_service_and_client();
    count_drive();
    stage_strike();
    return tap_done();
}
