/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic.c: a classic provider called from many threads at once: its jobs,
 * its thread, what is given up meanwhile, and the router that ends and begins.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <mpr/mpr.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "tests/module/world.h"

#define THREADS 6
#define ROUNDS  60

static atomic_int unexpected; /* the last code that should not have been */
static atomic_bool stop;

static DWORD add(char *device, const char *remote) {
    char name[64];
    NETRESOURCEA resource = {.dwType = RESOURCETYPE_DISK, .lpLocalName = device};

    snprintf(name, sizeof name, "%s", remote);
    resource.lpRemoteName = name;
    return WNetAddConnection2A(&resource, NULL, NULL, CONNECT_TEMPORARY);
}

static void expect(DWORD code, DWORD one, DWORD other) {
    if (code != one && code != other)
        atomic_store(&unexpected, (int)code);
}

static void *connect_and_cancel(void *data) {
    char device[3] = {(char)('G' + *(int *)data), ':', 0}, remote[64];

    for (int i = 0; i < ROUNDS; i++) {
        DWORD size = sizeof remote;

        expect(add(device, "\\\\STUCK\\more"), NO_ERROR, NO_ERROR);
        expect(WNetGetConnectionA(device, remote, &size), NO_ERROR, NO_ERROR);
        size = sizeof remote;
        expect(WNetGetConnectionA("B:", remote, &size), ERROR_NOT_CONNECTED, ERROR_NOT_CONNECTED);
        expect(WNetCancelConnection2A(device, 0, i % 2), NO_ERROR, NO_ERROR);
    }
    return NULL;
}

/* All want one device; connects less cancels that succeeded is what must be left. */
static atomic_int balance;

static void *fight_for_a_device(void *data) {
    char device[] = "F:";

    for (int i = 0; i < 10 * ROUNDS; i++) {
        bool adds = *(int *)data % 2 == 0;
        DWORD rc = adds ? add(device, "\\\\STUCK\\more") : WNetCancelConnection2A(device, 0, FALSE);

        if (rc == NO_ERROR)
            atomic_fetch_add(&balance, adds ? 1 : -1);
        else if (adds || rc != ERROR_DEVICE_IN_USE)
            expect(rc, adds ? ERROR_ALREADY_ASSIGNED : ERROR_NOT_CONNECTED, NO_ERROR);
    }
    return NULL;
}

/* The router's account and the module's are that of the results. */
static bool is_settled(void) {
    char remote[64];
    DWORD size = sizeof remote;
    void *symbol = world_classic_symbol("10-stuck", "classic_count");
    int (*count)(void), left = atomic_load(&balance);
    bool connected = WNetGetConnectionA("F:", remote, &size) == NO_ERROR;

    memcpy(&count, &symbol, sizeof count);
    printf("# %d left, the router has %d, the module %d\n", left, connected, count());
    return connected == left && count() == left;
}

/* While one of them hangs, the others are refused, or connected if they came before. */
static void *connect_while_it_hangs(void *data) {
    int number = *(int *)data;
    char device[3] = {(char)('G' + number), ':', 0};

    for (int i = 0; i < 10; i++) {
        DWORD rc = add(device, number ? "\\\\STUCK\\more" : "\\\\STUCK\\late");

        expect(rc, NO_ERROR, ERROR_BUSY);
        if (rc == NO_ERROR)
            expect(WNetCancelConnection2A(device, 0, TRUE), NO_ERROR, NO_ERROR);
    }
    return NULL;
}

/* The router ends and begins under it. */
static void *connect_while_it_ends(void *data) {
    char device[3] = {(char)('G' + *(int *)data), ':', 0};

    while (!atomic_load(&stop)) {
        add(device, "\\\\STUCK\\more");
        WNetCancelConnection2A(device, 0, TRUE);
    }
    return NULL;
}

static void *end_and_begin(void *data) {
    (void)data;
    for (int i = 0; i < 15; i++) {
        MprShutdown();
        world_sleep(10);
    }
    atomic_store(&stop, true);
    return NULL;
}

static void run(int number, const char *title, void *(*body)(void *), void *(*first)(void *)) {
    pthread_t threads[THREADS];
    int numbers[THREADS];

    atomic_store(&unexpected, 0);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, i ? body : first, &numbers[i]))
            atomic_store(&unexpected, -1);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("%sok %d - %s # last unexpected code: %d\n", atomic_load(&unexpected) ? "not " : "",
           number, title, atomic_load(&unexpected));
}

int main(void) {
    atomic_int *released;

    printf("1..5\n");
    world_make();
    world_config("{\"connect_timeout_ms\": 20000}");
    world_classic("10-stuck", "");
    world_start();
    run(1, "connecting and cancelling", connect_and_cancel, connect_and_cancel);
    run(2, "fighting for a device", fight_for_a_device, fight_for_a_device);
    printf("%sok 3 - what is left is what they were told\n", is_settled() ? "" : "not ");
    WNetCancelConnection2A("F:", 0, TRUE);
    world_config("{\"connect_timeout_ms\": 50, \"cancel_timeout_ms\": 50}");
    world_restart();
    run(4, "while the module hangs", connect_while_it_hangs, connect_while_it_hangs);
    released = world_classic_symbol("10-stuck", "classic_released");
    atomic_store(released, 1);
    world_config("{\"connect_timeout_ms\": 20000}");
    MprShutdown();
    world_sleep(100);
    world_start();
    run(5, "while the router ends and begins", connect_while_it_ends, end_and_begin);
    world_end();
    return 0;
}
