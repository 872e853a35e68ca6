/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_lab.c: what the tests of worker processes share.
 */
#include "config.h"

#include "tests/module/worker_lab.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_loader.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"
#include "router/mpr_worker_session.h"

bool lab_deadly;

/* A worker that is to crash should not have a sanitizer explain it. */
static void quiet_sanitizers(void) {
    const char *before = secure_getenv("ASAN_OPTIONS");
    char options[4096];

    if (before && strstr(before, "handle_segv=0"))
        return;
    snprintf(options, sizeof options, "%s%shandle_segv=0:detect_leaks=%d", before ? before : "",
             before ? ":" : "", !lab_deadly);
    setenv("ASAN_OPTIONS", options, 1);
    before = secure_getenv("TSAN_OPTIONS");
    snprintf(options, sizeof options, "%s%shandle_segv=0", before ? before : "", before ? ":" : "");
    setenv("TSAN_OPTIONS", options, 1);
}

DWORD lab_start_with(struct lab *lab, const char *program, const char *module,
                     const struct mpr_option *options) {
    struct mpr_worker_setup setup = {.program = lab->program, .module = lab->module};
    struct mpr_failure failure = {.set = false};
    DWORD code;

    quiet_sanitizers();
    snprintf(lab->program, sizeof lab->program, "%s", program);
    snprintf(lab->module, sizeof lab->module, "%s", module);
    if (!lab->front) {
        code = mpr_loader_open(module, &failure, &lab->front);
        if (code != NO_ERROR)
            return code;
    }
    setup.name = lab->front->name;
    setup.options = options;
    setup.front = lab->front;
    return mpr_worker_new(&setup, &lab->table, &lab->state);
}

DWORD lab_start(struct lab *lab, const char *module, const struct mpr_option *options) {
    const char *modules = secure_getenv("MPR_TEST_MODULES");
    const char *program = secure_getenv("MPR_WORKER_PROGRAM");
    char path[4096];

    *lab = (struct lab){.front = NULL};
    snprintf(path, sizeof path, "%s/%s.so", modules ? modules : ".libs", module);
    return lab_start_with(lab, program ? program : "mpr-worker", path, options);
}

/* State and parent, from /proc; 0 = there is none such. */
static char state_of(int pid, int *ret_parent) {
    char path[64], line[512] = "", *rest;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    file = fopen(path, "re");
    if (!file)
        return 0;
    rest = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    if (!rest || strlen(rest) < 5)
        return 0;
    *ret_parent = (int)strtol(rest + 4, NULL, 10);
    return rest[2];
}

int lab_parent_of(int pid) {
    int parent = 0;

    state_of(pid, &parent);
    return parent;
}

/* A zombie is gone too: it is up to its parent, which is not this process. */
static bool is_there(int pid) {
    int parent;
    char state = state_of(pid, &parent);

    return state && state != 'Z' && state != 'X';
}

static bool is_named(int pid, const char *name) {
    char path[64], line[32] = "";
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    file = fopen(path, "re");
    if (file && !fgets(line, sizeof line, file))
        line[0] = '\0';
    if (file)
        fclose(file);
    return strncmp(line, name, strlen(name)) == 0;
}

/* A child of a process that is not yet dead; 0 = none. */
static int find_child(int pid, const char *name) {
    DIR *directory = opendir("/proc");
    int found = 0, parent;

    for (const struct dirent *entry; directory && (entry = readdir(directory)) && !found;) {
        int other = (int)strtol(entry->d_name, NULL, 10);

        if (other > 0 && is_there(other) && state_of(other, &parent) && parent == pid
            && is_named(other, name))
            found = other;
    }
    if (directory)
        closedir(directory);
    return found;
}

int lab_spare_pid(const struct lab *lab) {
    int zygote = lab_zygote_pid(lab), pid = 0;
    int64_t end = lab_ms() + 20000;
    struct timespec moment = {0, 2000000};

    while (zygote > 0 && !(pid = find_child(zygote, "mpr-spare")) && lab_ms() < end)
        nanosleep(&moment, NULL);
    return pid;
}

/*
 * Workers whose session has ended may take a moment; under a sanitizer, which
 * looks for leaks then, it is a long one.
 */
static void await_workers(const struct lab *lab) {
    int zygote = lab_zygote_pid(lab);
    int64_t end = lab_ms() + 20000;
    struct timespec moment = {0, 2000000};

    while (zygote > 0 && find_child(zygote, "mpr-worker") && lab_ms() < end)
        nanosleep(&moment, NULL);
}

/* The front was never initialised here, so it must not be ended. */
void lab_stop(struct lab *lab) {
    static struct mpr_provider mute;
    struct mpr_worker_provider *provider = lab->state;

    await_workers(lab);
    mute = *provider->front;
    mute.fini = NULL;
    provider->front = &mute;
    lab->table->fini(lab->state);
}

struct mpr_call *lab_call(struct lab_call *call, int ms) {
    mpr_call_begin(&call->call, &call->data, "test", mpr_deadline_in_ms((uint32_t)ms), -1,
                   MPR_SECRET_NONE);
    return &call->call;
}

uint32_t lab_connect(struct lab *lab, struct lab_call *call, const char *remote,
                     const char *password, void **ret_session) {
    struct mpr_connect args = {.size = sizeof args, .remote = remote};
    uint32_t code = NO_ERROR;
    int secret = MPR_SECRET_NONE;

    lab_call(call, 20000);
    if (mpr_secret_seal(password, &secret) != NO_ERROR)
        return ERROR_NOT_ENOUGH_MEMORY;
    call->data.secret_fd = secret;
    if (lab->table->connect(lab->state, &call->call, &args, ret_session, &code) == MPR_DONE)
        code = NO_ERROR;
    mpr_secret_close(secret);
    return code;
}

int lab_pid_of(int pidfd) {
    char path[64], line[256];
    int pid = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "Pid:", 4) == 0)
            pid = (int)strtol(line + 4, NULL, 10);
    if (file)
        fclose(file);
    return pid;
}

int lab_worker_pid(void *session) {
    const struct mpr_worker_process *process = ((struct mpr_worker_session *)session)->process;

    return process ? lab_pid_of(process->pidfd) : 0;
}

int lab_kill_worker(void *session) {
    const struct mpr_worker_process *process = ((struct mpr_worker_session *)session)->process;
    struct pollfd closed = {.fd = process->command, .events = POLLIN};
    int pid = lab_pid_of(process->pidfd);

    mpr_worker_process_kill(process);
    poll(&closed, 1, 5000);
    return pid;
}

int lab_zygote_pid(const struct lab *lab) {
    return lab_pid_of(((struct mpr_worker_provider *)lab->state)->zygote.pidfd);
}

bool lab_gone(int pid, int ms) {
    int64_t end = lab_ms() + ms;
    struct timespec moment = {0, 2000000};

    while (is_there(pid)) {
        if (lab_ms() > end)
            return false;
        nanosleep(&moment, NULL);
    }
    return true;
}

static int count_entries(const char *path) {
    DIR *directory = opendir(path);
    int count = 0;

    for (const struct dirent *entry; directory && (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    if (directory)
        closedir(directory);
    return count;
}

int lab_count_fds(void) {
    return count_entries("/proc/self/fd");
}

int lab_count_threads(void) {
    return count_entries("/proc/self/task");
}

int64_t lab_ms(void) {
    return mpr_now_ns() / MPR_NS_PER_MS;
}

void lab_pattern(unsigned char *data, size_t size, uint64_t offset) {
    for (size_t i = 0; i < size; i++)
        data[i] = (unsigned char)((offset + i) * 2654435761u >> 13);
}
