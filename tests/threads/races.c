/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * races.c: threads that get into each other's way on purpose: the same names,
 * the same handles, and the start and end of the router under all of them. What
 * each call answers depends on who was first; only that it is one of the answers
 * that there are, and that nothing is left, is looked at.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
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
#define RUN_MS  1500
#define DEMO    "\\\\memory\\demo"

static atomic_bool stop;
static atomic_uint surprises;
static atomic_uintptr_t shared_file;
static char first_surprise[128]; /* written by who is first */

/* Is the answer one of those that are possible? The list ends with -1. */
static void expect_one_of(const char *what, int64_t got, const int64_t *possible) {
    for (; *possible != -1; possible++)
        if (got == *possible)
            return;
    if (atomic_fetch_add(&surprises, 1) == 0)
        snprintf(first_surprise, sizeof first_surprise, "%s: %lld", what, (long long)got);
}

#define ONE_OF(call, ...) expect_one_of(#call, (call), (const int64_t[]){__VA_ARGS__, -1})

/* While the router ends or has ended: these may be the answer to anything. */
#define ENDING            NO_ERROR, ERROR_NO_NETWORK, ERROR_CANCELLED, ERROR_BUSY

static DWORD add(const char *device) {
    NETRESOURCEA resource = {.dwType = RESOURCETYPE_DISK,
                             .lpLocalName = (LPSTR)(uintptr_t)device,
                             .lpRemoteName = (LPSTR)(uintptr_t)DEMO};

    return WNetAddConnection2A(&resource, NULL, NULL, 0);
}

static void list(void) {
    union {
        NETRESOURCEA entries[1];
        char bytes[4096];
    } room;
    DWORD count = UINT32_MAX, size = sizeof room;
    HANDLE handle;

    if (WNetOpenEnumA(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &handle) != NO_ERROR)
        return;
    ONE_OF(WNetEnumResourceA(handle, &count, &room, &size), ENDING, ERROR_NO_MORE_ITEMS);
    ONE_OF(WNetCloseEnum(handle), ENDING);
}

static void use_a_file(int number) {
    char path[64], text[8];
    HANDLE file;

    snprintf(path, sizeof path, number % 2 ? DEMO "\\f%d" : "Z:\\f%d", number);
    if (MprFileOpen(path, O_RDWR | O_CREAT, 0600, &file))
        return;
    ONE_OF(MprFilePwrite(file, "text", 4, 0), 4, -ENOTCONN);
    ONE_OF(MprFilePread(file, text, 4, 0), 4, -ENOTCONN);
    ONE_OF(MprFileClose(file), 0, -ENOTCONN);
}

/* Connects, cancels, lists and reads, all on one device and one name. */
static void *everything(void *context) {
    int number = (int)(intptr_t)context;
    char name[64];
    DWORD size;

    for (int i = 0; !atomic_load(&stop); i++) {
        size = sizeof name;
        switch ((i + number) % 6) {
        case 0:
            ONE_OF(add(number % 2 ? NULL : "Z:"), ENDING, ERROR_ALREADY_ASSIGNED);
            break;
        case 1:
            use_a_file(number);
            break;
        case 2:
            ONE_OF(WNetGetConnectionA("Z:", name, &size), ENDING, ERROR_NOT_CONNECTED);
            break;
        case 3:
            list();
            break;
        case 4:
            ONE_OF(WNetGetUserA(DEMO, name, &size), ENDING, ERROR_NOT_CONNECTED);
            break;
        default:
            ONE_OF(WNetCancelConnection2A(i % 4 < 2 ? "Z:" : DEMO, 0, i % 3 == 0), ENDING,
                   ERROR_NOT_CONNECTED, ERROR_OPEN_FILES, ERROR_DEVICE_IN_USE);
        }
    }
    return NULL;
}

static void *end_and_begin(void *context) {
    (void)context;
    while (!atomic_load(&stop)) {
        ONE_OF(MprShutdown(), NO_ERROR);
        ONE_OF(MprInitialize(world_path("")), NO_ERROR, ERROR_ALREADY_INITIALIZED);
    }
    return NULL;
}

/* One handle for all: some read, some write, some seek, and one closes it now and then. */
static void *one_handle(void *context) {
    int number = (int)(intptr_t)context;
    char text[16] = "0123456789";

    while (!atomic_load(&stop)) {
        HANDLE file = (HANDLE)atomic_load(&shared_file);
        struct mpr_stat facts;

        switch (number % 4) {
        case 0:
            ONE_OF(MprFileClose(file), 0, -EBADF, -EBUSY);
            ONE_OF(MprFileOpen("Y:\\shared", O_RDWR | O_CREAT, 0600, &file), 0);
            if (atomic_exchange(&shared_file, (uintptr_t)file) == 0)
                return NULL;
            break;
        case 1:
            ONE_OF(MprFileWrite(file, text, 10), 10, -EBADF);
            break;
        case 2:
            ONE_OF(MprFileSeek(file, 0, SEEK_SET), 0, -EBADF);
            break;
        default:
            ONE_OF(MprFileFstat(file, &facts), 0, -EBADF);
        }
    }
    return NULL;
}

/* One case: what went wrong, or NULL, is told by check when all have ended. */
static void run(const char *title, void *(*body)(void *), void *(*last)(void *), int ms) {
    static int count;
    pthread_t threads[THREADS];

    atomic_store(&stop, false);
    atomic_store(&surprises, 0);
    for (intptr_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, last && i == THREADS - 1 ? last : body, (void *)i))
            atomic_fetch_add(&surprises, 1);
    world_sleep(ms);
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("%sok %d - %s%s%s\n", atomic_load(&surprises) ? "not " : "", ++count, title,
           atomic_load(&surprises) ? " # " : "", atomic_load(&surprises) ? first_surprise : "");
}

static void share_a_file(void) {
    HANDLE file = NULL;

    add("Y:");
    MprFileOpen("Y:\\shared", O_RDWR | O_CREAT, 0600, &file);
    atomic_store(&shared_file, (uintptr_t)file);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    world_make();
    world_memory("\"shares\": \"*\"");
    puts("1..3");
    run("all on one device and one name", everything, NULL, RUN_MS);
    run("the router ends and begins under all of them", everything, end_and_begin, RUN_MS);
    MprShutdown();
    share_a_file();
    run("one handle, closed while it is used", one_handle, NULL, RUN_MS);
    MprFileClose((HANDLE)atomic_load(&shared_file));
    world_end();
    return 0;
}
