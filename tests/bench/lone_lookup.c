/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lone_lookup.c: what a look-up, an add and a cancel cost with 10, 1 000 and
 * 100 000 connections. The provider is in memory, so this is the router alone.
 */
#include <stdio.h>
#include <stdlib.h>

#include <mpr/winnetwk.h>

#include "tests/bench/bench.h"

#define LOOKUPS 200000
#define CANCELS 2000

static void name_of(int number, char *ret, size_t size) {
    snprintf(ret, size, "\\\\memory\\share%d", number);
}

static void connect_number(int number) {
    char remote[64];
    NETRESOURCEA resource = {.dwType = RESOURCETYPE_DISK, .lpRemoteName = remote};
    DWORD rc;

    name_of(number, remote, sizeof remote);
    rc = WNetAddConnection2A(&resource, NULL, "anna", 0);
    bench_need(rc == NO_ERROR, remote, (long)rc);
}

static double by_device(void) {
    char buffer[64];
    double begin = bench_now();

    for (int i = 0; i < LOOKUPS; i++) {
        DWORD size = sizeof buffer;

        bench_need(WNetGetConnectionA("Z:", buffer, &size) == NO_ERROR, "look-up by device", i);
    }
    return (bench_now() - begin) / LOOKUPS;
}

/* Names out of the first ones, in an order that is no help to the processor. */
static double by_remote(int count) {
    char remote[64], buffer[64];
    double begin = bench_now();

    for (int i = 0; i < LOOKUPS; i++) {
        DWORD size = sizeof buffer;

        name_of((int)((i * 7919L) % count), remote, sizeof remote);
        bench_need(WNetGetUserA(remote, buffer, &size) == NO_ERROR, "look-up by name", i);
    }
    return (bench_now() - begin) / LOOKUPS;
}

/* Breaks some and makes them again. */
static double cancel_and_add(int count, double *ret_add) {
    int some = count < CANCELS ? count : CANCELS;
    char remote[64];
    double begin = bench_now(), middle;

    for (int i = 0; i < some; i++) {
        name_of(i, remote, sizeof remote);
        bench_need(WNetCancelConnection2A(remote, 0, FALSE) == NO_ERROR, remote, i);
    }
    middle = bench_now();
    for (int i = 0; i < some; i++)
        connect_number(i);
    *ret_add = (bench_now() - middle) / some;
    return (middle - begin) / some;
}

int main(void) {
    static const int counts[] = {10, 1000, 100000};
    static char local[] = "Z:", remote[] = "\\\\memory\\demo";
    NETRESOURCEA device = {
        .dwType = RESOURCETYPE_DISK, .lpLocalName = local, .lpRemoteName = remote};
    int connected = 0;

    bench_begin_router("memory", NULL, "{\"shares\": \"*\"}");
    bench_need(WNetAddConnection2A(&device, NULL, "anna", 0) == NO_ERROR, "adding Z:", 0);
    printf("%12s %12s %14s %14s %12s %12s\n", "connections", "by device", "by name, of",
           "by name, of", "cancel", "add");
    printf("%12s %12s %14s %14s\n", "", "", "10 in use", "all");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        double add, cancel, device_ns, some_ns, all_ns;

        for (; connected < counts[i]; connected++)
            connect_number(connected);
        device_ns = by_device() * 1e9;
        some_ns = by_remote(10) * 1e9;
        all_ns = by_remote(connected) * 1e9;
        cancel = cancel_and_add(connected, &add);
        printf("%12d %9.0f ns %11.0f ns %11.0f ns %9.0f ns %9.0f ns\n", connected, device_ns,
               some_ns, all_ns, cancel * 1e9, add * 1e9);
    }
    printf("goal: look-ups flat and under 1000 ns; whole calls of WNetGetConnection and "
           "WNetGetUser\n");
    bench_end_router();
    return 0;
}
