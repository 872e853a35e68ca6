/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive.c: the process of a drive, with many channels that come, work and go, while its
 * service asks for facts and holds it. What a sanitizer finds in that process it writes
 * into the test's directory, where it is looked for. Speaks TAP.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "tests/module/drive_lab.h"

#define THREADS 6
#define ROUNDS  6
#define BYTES   100000

static struct drive_lab lab;
static char directory[] = "/tmp/mpr-drive-threads-XXXXXX";
static pthread_mutex_t service = PTHREAD_MUTEX_INITIALIZER; /* asks one thing at a time */
static _Atomic int wrong, over;
static int number;

static void report(bool good, const char *what) {
    printf("%sok %d - %s\n", good ? "" : "not ", ++number, what);
    if (!good)
        printf("# wrong %d\n", atomic_load(&wrong));
    fflush(stdout);
    atomic_store(&wrong, 0);
}

static void expect(bool good) {
    if (!good)
        atomic_fetch_add(&wrong, 1);
}

static int64_t move(struct lab_channel *channel, uint64_t file, void *data, bool write) {
    struct mpr_wire_pwrite_args out = {.file = file, .size = BYTES};
    struct mpr_wire_pwrite_ret written;
    struct mpr_wire_pread_args in = {.file = file, .size = BYTES};
    struct mpr_wire_pread_ret got;

    if (write)
        return LAB_CHANNEL_RUN(channel, 20000, pwrite, &out, &written, .out = data,
                               .out_size = BYTES);
    return LAB_CHANNEL_RUN(channel, 20000, pread, &in, &got, .in = data, .in_size = BYTES);
}

static void use(struct lab_channel *channel, int thread, int round) {
    unsigned char *data = malloc(BYTES), *back = malloc(BYTES);
    struct mpr_wire_close_args args = {.file = 0};
    struct mpr_wire_close_ret ret;
    char path[32];
    int64_t file;

    if (!data || !back)
        abort();
    snprintf(path, sizeof path, "file-%d", thread);
    lab_pattern(data, BYTES, (uint64_t)round);
    do {
        file = lab_channel_file(channel, path, O_RDWR | O_CREAT);
    } while (file == -EBUSY);
    expect(file > 0);
    args.file = (uint64_t)file;
    expect(move(channel, args.file, data, true) == BYTES);
    expect(move(channel, args.file, back, false) == BYTES);
    expect(memcmp(data, back, BYTES) == 0);
    /* The others are left to the drive. */
    if (round % 2)
        expect(LAB_CHANNEL_RUN(channel, 20000, close, &args, &ret) == 0);
    free(data);
    free(back);
}

static void *work(void *context) {
    int thread = (int)(intptr_t)context;

    for (int round = 0; round < ROUNDS; round++) {
        struct lab_channel channel;
        int rc;

        pthread_mutex_lock(&service);
        rc = lab_channel_open(&lab, &channel);
        pthread_mutex_unlock(&service);
        expect(rc == 0);
        if (rc)
            continue;
        use(&channel, thread, round);
        lab_channel_close(&channel);
    }
    return NULL;
}

/* The service, meanwhile. */
static void *ask(void *nothing) {
    struct mpr_wire_facts_args facts_args = {.end_ = 0};
    struct mpr_wire_facts_ret facts;
    struct mpr_wire_hold_args hold_args = {.end_ = 0};
    struct mpr_wire_hold_ret held;
    struct mpr_wire_release_args release_args = {.end_ = 0};
    struct mpr_wire_release_ret released;

    while (!atomic_load(&over)) {
        int64_t rc;

        pthread_mutex_lock(&service);
        expect(LAB_DRIVE_RUN(&lab, facts, &facts_args, &facts) == 0);
        rc = LAB_DRIVE_RUN(&lab, hold, &hold_args, &held);
        expect(rc == NO_ERROR || rc == ERROR_OPEN_FILES || rc == ERROR_DEVICE_IN_USE);
        if (rc == NO_ERROR)
            expect(LAB_DRIVE_RUN(&lab, release, &release_args, &released) == 0);
        pthread_mutex_unlock(&service);
        usleep(2000);
    }
    return nothing;
}

static void run_all(void) {
    pthread_t threads[THREADS], asker;

    atomic_store(&over, 0);
    if (pthread_create(&asker, NULL, ask, NULL))
        abort();
    for (intptr_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)i))
            abort();
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&over, 1);
    pthread_join(asker, NULL);
}

static void test(bool isolate, bool force, const char *what) {
    /* In workers there is one session only: each has a memory of its own. */
    bool connected = drive_lab_start(&lab, directory, isolate, "\"sessions\": 1") == NO_ERROR
                     && drive_lab_connect(&lab, "\\\\memory\\demo", NULL) == NO_ERROR;
    int pid = connected ? lab_worker_pid(lab.session) : 0;

    expect(connected);
    if (connected) {
        run_all();
        expect(drive_lab_disconnect(&lab, force) == NO_ERROR);
        expect(lab_gone(pid, 60000));
    }
    drive_lab_stop(&lab);
    report(atomic_load(&wrong) == 0, what);
}

/* A sanitizer's reports, shown and removed. Returns how many. */
static int take_reports(void) {
    DIR *entries = opendir(directory);
    int found = 0;

    for (const struct dirent *entry; entries && (entry = readdir(entries));) {
        char path[4096], line[1024];
        FILE *file;

        if (strncmp(entry->d_name, "report", 6) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        file = fopen(path, "re");
        while (file && fgets(line, sizeof line, file))
            printf("# %s", line);
        if (file)
            fclose(file);
        unlink(path);
        found++;
    }
    if (entries)
        closedir(entries);
    return found;
}

static void ask_for_reports(const char *variable) {
    const char *before = secure_getenv(variable);
    char options[4096];

    snprintf(options, sizeof options, "%s%slog_path=%s/report", before ? before : "",
             before ? ":" : "", directory);
    setenv(variable, options, 1);
}

int main(void) {
    char path[4096];

    if (!mkdtemp(directory))
        return 99;
    ask_for_reports("TSAN_OPTIONS");
    printf("1..4\n");
    test(false, false, "channels, facts and holds at a time; an end that waits");
    test(false, true, "the same, and a forced end");
    test(true, false, "the same with the provider in a worker");
    report(take_reports() == 0, "no sanitizer has anything to say about the drive");
    snprintf(path, sizeof path, "%s/providers.d/10-memory.json", directory);
    unlink(path);
    snprintf(path, sizeof path, "%s/providers.d", directory);
    rmdir(path);
    return rmdir(directory) == 0 ? 0 : 99;
}
