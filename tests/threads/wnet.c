/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet.c: the public functions from many threads at once, on the memory
 * provider. A plain program that speaks TAP, so that ThreadSanitizer can watch.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "tests/module/world.h"

#define THREADS 8
#define ROUNDS  100

struct worker {
    pthread_t thread;
    int number;
    char device[3]; /* its own */
    char remote[64];
    char word[64]; /* what was wrong, or "" */
};

static pthread_barrier_t barrier;
static atomic_bool stop;

static void note(struct worker *worker, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct worker *worker, const char *format, ...) {
    va_list arguments;

    if (worker->word[0])
        return;
    va_start(arguments, format);
    vsnprintf(worker->word, sizeof worker->word, format, arguments);
    va_end(arguments);
}

static DWORD add(char *device, char *remote) {
    NETRESOURCEA resource = {
        .dwType = RESOURCETYPE_DISK, .lpLocalName = device, .lpRemoteName = remote};

    return WNetAddConnection2A(&resource, NULL, NULL, CONNECT_TEMPORARY);
}

/* One case: so many threads run it after a common start. */
static void run(const char *title, void *(*body)(void *), int threads) {
    static int count;
    static struct worker workers[THREADS];
    const char *word = "";

    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    atomic_store(&stop, false);
    memset(workers, 0, sizeof workers);
    for (int i = 0; i < threads; i++) {
        workers[i].number = i;
        snprintf(workers[i].device, sizeof workers[i].device, "%c:", 'G' + i);
        snprintf(workers[i].remote, sizeof workers[i].remote, "\\\\memory\\share%d", i);
        if (pthread_create(&workers[i].thread, NULL, body, &workers[i]))
            word = "no thread";
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        if (workers[i].word[0])
            word = workers[i].word;
    }
    pthread_barrier_destroy(&barrier);
    printf("%sok %d - %s%s%s\n", *word ? "not " : "", ++count, title, *word ? " # " : "", word);
}

/* Nobody has started the router before: one of them does. */
static void *first_call(void *data) {
    struct worker *worker = data;
    DWORD code;

    pthread_barrier_wait(&barrier);
    code = add(worker->device, worker->remote);
    if (code)
        note(worker, "add: %u", code);
    code = WNetCancelConnection2A(worker->device, 0, FALSE);
    if (code)
        note(worker, "cancel: %u", code);
    return NULL;
}

static void *own_device(void *data) {
    struct worker *worker = data;

    pthread_barrier_wait(&barrier);
    for (int i = 0; i < ROUNDS; i++) {
        char remote[64] = "";
        DWORD size = sizeof remote, code = add(worker->device, worker->remote);

        if (code)
            note(worker, "add: %u", code);
        code = WNetGetConnectionA(worker->device, remote, &size);
        if (code || strcmp(remote, worker->remote) != 0)
            note(worker, "get: %u %s", code, remote);
        code = WNetCancelConnection2A(worker->device, 0, FALSE);
        if (code)
            note(worker, "cancel: %u", code);
        code = WNetGetConnectionA(worker->device, remote, &size);
        if (code != ERROR_NOT_CONNECTED)
            note(worker, "get after cancel: %u", code);
    }
    return NULL;
}

static void *one_device(void *data) {
    static atomic_int holders;
    struct worker *worker = data;
    char device[] = "Z:";

    pthread_barrier_wait(&barrier);
    for (int i = 0; i < ROUNDS; i++) {
        DWORD code = add(device, worker->remote);

        if (code == ERROR_ALREADY_ASSIGNED)
            continue;
        if (code)
            note(worker, "add: %u", code);
        if (atomic_fetch_add(&holders, 1) != 0)
            note(worker, "two threads have connected one device");
        atomic_fetch_sub(&holders, 1);
        code = WNetCancelConnection2A(device, 0, FALSE);
        if (code)
            note(worker, "cancel: %u", code);
    }
    return NULL;
}

/*
 * Whoever loses the race for a cancel is told that there is nothing to cancel. In
 * odd rounds some use force, which takes over: then more than one may have done it.
 */
static void *cancelled_by_all(void *data) {
    static atomic_int winners;
    struct worker *worker = data;

    for (int i = 0; i < ROUNDS; i++) {
        DWORD code;

        if (worker->number == 0) {
            char device[] = "Y:";

            atomic_store(&winners, 0);
            code = add(device, worker->remote);
            if (code)
                note(worker, "add: %u", code);
        }
        pthread_barrier_wait(&barrier);
        code = WNetCancelConnection2A("Y:", 0, i % 2 && worker->number % 2);
        if (code == NO_ERROR)
            atomic_fetch_add(&winners, 1);
        else if (code != ERROR_NOT_CONNECTED)
            note(worker, "cancel: %u", code);
        pthread_barrier_wait(&barrier);
        if (atomic_load(&winners) < 1 || (i % 2 == 0 && atomic_load(&winners) > 1))
            note(worker, "%d threads have cancelled it", atomic_load(&winners));
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static void *own_error(void *data) {
    struct worker *worker = data;
    char remote[64];

    snprintf(remote, sizeof remote, "nobody's name %d", worker->number);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < ROUNDS; i++) {
        char text[512] = "", name[64] = "";
        DWORD code = add(worker->device, remote), error = 0;

        if (code == NO_ERROR || MprGetLastError() != code)
            note(worker, "add: %u, last error %u", code, MprGetLastError());
        code = WNetGetLastErrorA(&error, text, sizeof text, name, sizeof name);
        if (code || !strstr(text, remote))
            note(worker, "%u, text: %.40s", code, text);
    }
    return NULL;
}

/* The first thread takes the connection away from those who use files on it. */
static void *files_and_force(void *data) {
    struct worker *worker = data;
    char device[] = "X:", block[64], path[32];

    if (worker->number == 0 && add(device, worker->remote))
        note(worker, "add failed");
    snprintf(path, sizeof path, "X:\\file%d", worker->number);
    memset(block, 'a' + worker->number, sizeof block);
    pthread_barrier_wait(&barrier);
    if (worker->number == 0) {
        world_sleep(50);
        if (WNetCancelConnection2A(device, 0, TRUE))
            note(worker, "forced cancel failed");
        atomic_store(&stop, true);
        return NULL;
    }
    while (!atomic_load(&stop)) {
        HANDLE file;
        char got[sizeof block];
        int rc = MprFileOpen(path, O_RDWR | O_CREAT, 0600, &file);
        ssize_t n;

        if (rc) {
            if (rc != -ENOTCONN)
                note(worker, "open: %d", rc);
            continue;
        }
        n = MprFilePwrite(file, block, sizeof block, 0);
        if (n == (ssize_t)sizeof block)
            n = MprFilePread(file, got, sizeof got, 0);
        if (n < 0 ? n != -ENOTCONN && n != -ECANCELED : memcmp(got, block, sizeof got) != 0)
            note(worker, "read and write: %zd", n);
        rc = MprFileClose(file);
        if (rc && rc != -ENOTCONN)
            note(worker, "close: %d", rc);
    }
    return NULL;
}

/* One thread lists what the others connect and cancel. */
static void *listing(void *data) {
    struct worker *worker = data;

    if (worker->number != 0)
        return own_device(data);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < ROUNDS; i++) {
        union {
            NETRESOURCEA entries[16384 / sizeof(NETRESOURCEA)];
            char bytes[16384];
        } buffer;
        DWORD count = UINT32_MAX, size = sizeof buffer;
        HANDLE list;
        DWORD code = WNetOpenEnumA(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &list);

        if (code) {
            note(worker, "open enum: %u", code);
            continue;
        }
        code = WNetEnumResourceA(list, &count, &buffer, &size);
        if (code != NO_ERROR && code != ERROR_NO_MORE_ITEMS)
            note(worker, "enum: %u", code);
        for (DWORD at = 0; code == NO_ERROR && at < count; at++)
            if (!strstr(buffer.entries[at].lpRemoteName, "\\\\memory\\"))
                note(worker, "entry: %s", buffer.entries[at].lpRemoteName);
        WNetCloseEnum(list);
    }
    return NULL;
}

/* All are restored while others restore and break them: each is there once, or not. */
static void *restoring(void *data) {
    struct worker *worker = data;

    pthread_barrier_wait(&barrier);
    for (int i = 0; i < ROUNDS / 10; i++) {
        DWORD code = worker->number % 2 ? WNetRestoreConnectionA(NULL, NULL)
                                        : WNetCancelConnection2A("R:", 0, TRUE);

        if (code != NO_ERROR && code != ERROR_NOT_CONNECTED && code != ERROR_ALREADY_ASSIGNED
            && code != ERROR_CANCELLED)
            note(worker, "%s: %u", worker->number % 2 ? "restore" : "cancel", code);
    }
    return NULL;
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    world_make();
    world_memory("\"shares\": \"*\"");
    puts("1..8");
    run("the first call starts the router once", first_call, THREADS);
    run("each thread has its own device", own_device, THREADS);
    run("one device belongs to one thread at a time", one_device, THREADS);
    run("one of many cancels breaks a connection", cancelled_by_all, THREADS);
    run("each thread has its own error text", own_error, THREADS);
    run("a forced cancel takes files away from their users", files_and_force, THREADS);
    run("a list is whole while connections come and go", listing, THREADS);
    world_profile("{\"connections\": {\"Q:\": {\"remote_path\": \"//memory/q\"}, \"R:\": "
                  "{\"remote_path\": \"//memory/r\"}, \"S:\": {\"remote_path\": \"//memory/s\"}}}");
    run("what is remembered is restored by many at a time", restoring, THREADS);
    world_end();
    return 0;
}
